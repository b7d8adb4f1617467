//! Values that parameters of a gradient boosting take.

use serde::{Deserialize, Deserializer, Serialize};

/// When to stop before all trees are grown: judged by the log loss of training rows that are held out.
///
/// As a parameter it may also be read from a whole number, the rounds; from `true`, the defaults; and from `false`, none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EarlyStopping {
    /// Share of the rows of either class that is held out; above 0 and below 1. Default: 0.1.
    pub validation_share: f64,
    /// Stop after so many trees in a row that did not lower the loss; at least 1. Default: 20.
    pub rounds: usize,
}

impl Default for EarlyStopping {
    fn default() -> EarlyStopping {
        EarlyStopping { validation_share: 0.1, rounds: 20 }
    }
}

/// The ways to write [`EarlyStopping`].
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected none or {\"validation_share\": 0.1, \"rounds\": 20}")]
enum EarlyStoppingText {
    Nothing(()),
    Enabled(bool),
    Rounds(usize),
    Whole(EarlyStopping),
}

/// Reads any of the ways to write [`EarlyStopping`].
pub(super) fn early_stopping<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<EarlyStopping>, D::Error> {
    Ok(match EarlyStoppingText::deserialize(deserializer)? {
        EarlyStoppingText::Nothing(()) | EarlyStoppingText::Enabled(false) => None,
        EarlyStoppingText::Enabled(true) => Some(EarlyStopping::default()),
        EarlyStoppingText::Rounds(rounds) => Some(EarlyStopping { rounds, ..EarlyStopping::default() }),
        EarlyStoppingText::Whole(stopping) => Some(stopping),
    })
}

/// Trees that learn the probabilities of neural networks instead of the classes (see [`GradientBoosting`](crate::GradientBoosting)).
///
/// As a parameter it may also be read from `true`, the defaults; and from `false`, none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Distillation {
    /// Networks that are fitted, from different first weights; the mean of their log odds is learned. 1 to 64. Default: 4.
    pub networks: usize,
    /// Units of each hidden layer, of one to four layers; 1 to 1024 each. Default: 128, 128, 64.
    pub hidden_layer_sizes: Vec<usize>,
    /// Passes of a network's fit over all rows, 1 to 10000, in 300 to 10,000 steps of 512 rows. Default: 20.
    pub epochs: usize,
    /// Synthetic rows for each training row, 0 to 64; none if no feature has more than 16 bins. Default: 3.
    pub copies: usize,
    /// By which share of the way, on average, a synthetic row is moved towards another training row; 0 to 0.5. Default: 0.1.
    pub shift: f64,
}

impl Default for Distillation {
    fn default() -> Distillation {
        Distillation { networks: 4, hidden_layer_sizes: vec![128, 128, 64], epochs: 20, copies: 3, shift: 0.1 }
    }
}

/// The ways to write [`Distillation`].
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected none, true or {\"networks\": 4, \"hidden_layer_sizes\": [128, 128, 64], \"epochs\": 20, \"copies\": 3, \"shift\": 0.1}"
)]
enum DistillationText {
    Nothing(()),
    Enabled(bool),
    Whole(Distillation),
}

/// Reads any of the ways to write [`Distillation`].
pub(super) fn distillation<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Distillation>, D::Error> {
    Ok(match DistillationText::deserialize(deserializer)? {
        DistillationText::Nothing(()) | DistillationText::Enabled(false) => None,
        DistillationText::Enabled(true) => Some(Distillation::default()),
        DistillationText::Whole(distillation) => Some(distillation),
    })
}

/// By what a split is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitCriterion {
    /// The fall of the loss's second-order approximation, as in XGBoost and LightGBM.
    #[default]
    Newton,
    /// Friedman's improvement of a least-squares fit to the gradients, as in scikit-learn's `GradientBoostingClassifier`: a row's
    /// weight stands for its second derivative, also where `min_child_weight` counts them. Leaf values are Newton steps all
    /// the same. Better in shallow trees that are few.
    FriedmanMse,
}

/// How the share of the rows that a tree is grown on is sampled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowSampling {
    /// Every row with the same probability, without replacement.
    #[default]
    Uniform,
    /// Rows of greater derivatives with a greater probability, and weighted by its inverse, so that the sums by which splits are
    /// chosen vary least (minimal variance sampling; Ibragimov and Gusev 2019). The values of the leaves are those of all
    /// rows. Smaller shares do as well as larger ones that are sampled uniformly.
    MinimalVariance,
}
