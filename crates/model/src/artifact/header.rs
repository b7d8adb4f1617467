//! What the file says of its model in JSON. Nothing in it is checked yet; `read.rs` does that.

use serde::{Deserialize, Serialize};

use super::{Artifact, ModelOrigin};
use crate::decision::Decision;
use crate::estimator::EstimatorParams;
use crate::missing::{FallbackModel, FeatureMask, MissingPattern, RandomPatterns};
use crate::model::ModelInput;
use hitflop_core::track::{Feature, FeatureKind, FeatureRange};
use hitflop_metrics::calibration::Calibration;
use hitflop_metrics::threshold::Objective;

/// The header, in the order of its keys.
#[derive(Serialize, Deserialize)]
pub(crate) struct ModelHeader {
    /// `random forest, 500 trees, leaf 2`: for people.
    pub name: String,
    pub params: EstimatorParams,
    pub features: Vec<FeatureEntry>,
    pub preprocessing: Preprocessing,
    /// From the trees' probability to the model's: `{"method": "none"}`, `platt` with `slope` and `intercept`, or `isotonic` with the
    /// knots `probabilities` and `calibrated`.
    pub calibration: Calibration,
    /// Threshold of the calibrated probability above which a track is predicted as a hit.
    pub threshold: f64,
    /// What it was chosen for, as on the command line: `accuracy`, `f1`, `precision:0.75`, `cost:5:1`, or the number itself.
    pub threshold_objective: Objective,
    /// Each feature's share of what the splits on it bring, in the order of the features.
    pub importances: Vec<f64>,
    /// Log odds before the first tree; of a boosting.
    pub baseline: Option<f64>,
    /// Accuracy on the training rows that a tree was not given; of a forest with the option `oob_score`.
    pub oob_score: Option<f64>,
    /// Models for tracks that lack features.
    #[serde(default, skip_serializing_if = "MissingFeatures::is_empty")]
    pub missing_features: MissingFeatures,
    #[serde(flatten)]
    pub origin: ModelOrigin,
}

impl ModelHeader {
    /// Calibration and threshold.
    pub(crate) fn decision(&self) -> Decision {
        Decision {
            calibration: self.calibration.clone(),
            threshold: self.threshold,
            objective: self.threshold_objective,
        }
    }

    /// The estimator without its trees.
    pub(crate) fn fit(&self) -> EstimatorEntry {
        EstimatorEntry {
            params: self.params.clone(),
            importances: self.importances.clone(),
            baseline: self.baseline,
            oob_score: self.oob_score,
        }
    }
}

/// How tracks that lack features are answered. Empty in files of older programs: the trees of the model answer them then.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct MissingFeatures {
    /// Features that the trees of the model have learned without.
    pub learned: FeatureMask,
    /// In the order in which they are considered. Their trees follow the reference in the same order.
    pub fallbacks: Vec<FallbackEntry>,
}

impl MissingFeatures {
    fn is_empty(&self) -> bool {
        self.learned.is_empty() && self.fallbacks.is_empty()
    }
}

/// A fallback model without its trees.
#[derive(Serialize, Deserialize)]
pub(crate) struct FallbackEntry {
    /// The features that a track must lack to be answered by it.
    pub hidden: FeatureMask,
    /// Least number of features that a track must lack.
    pub min_missing: usize,
    #[serde(flatten)]
    pub fit: EstimatorEntry,
    /// Calibration, threshold and scores by set of missing features.
    pub patterns: Vec<MissingPattern>,
    /// The same with 0, 1, … features missing at random beside the hidden ones, for all other sets.
    pub others: Vec<RandomPatterns>,
}

/// What is kept of an estimator beside its trees.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct EstimatorEntry {
    pub params: EstimatorParams,
    /// Each feature's share of what the splits on it bring, in the order of the features.
    pub importances: Vec<f64>,
    /// Log odds before the first tree; of a boosting.
    pub baseline: Option<f64>,
    /// Accuracy on the training rows that a tree was not given; of a forest with the option `oob_score`.
    pub oob_score: Option<f64>,
}

/// A feature, in the order of the columns.
#[derive(Serialize, Deserialize)]
pub(crate) struct FeatureEntry {
    pub name: Feature,
    pub kind: FeatureKind,
    pub unit: String,
    pub documented_range: FeatureRange,
    pub training_min: f64,
    pub training_max: f64,
    /// Training rows without a value.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub training_missing: u64,
}

/// Models of training rows without missing values have no such member.
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What is done to a value before a tree sees it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Preprocessing {
    /// `none`: a tree goes by the order of values, which no scale changes.
    pub scaling: String,
    /// `learned_or_larger_side`: nothing is imputed. At a split where rows with a missing value were in training, one goes
    /// the way that lowered the loss or the impurity most (a decision tree takes it as less than every number); at any other, to the
    /// child with more of the training (rows; by their weights in a forest).
    pub missing_values: String,
}

impl Preprocessing {
    /// The only one so far.
    pub(crate) fn known() -> Preprocessing {
        Preprocessing { scaling: "none".to_owned(), missing_values: "learned_or_larger_side".to_owned() }
    }
}

impl From<&Artifact> for ModelHeader {
    fn from(artifact: &Artifact) -> ModelHeader {
        let model = &artifact.model;
        ModelHeader {
            name: model.name(),
            params: model.params.clone(),
            missing_features: MissingFeatures {
                learned: model.learned_missing,
                fallbacks: model.fallbacks.iter().map(FallbackEntry::from).collect(),
            },
            features: model.inputs.iter().map(FeatureEntry::from).collect(),
            preprocessing: Preprocessing::known(),
            calibration: model.calibration.clone(),
            threshold: model.threshold,
            threshold_objective: model.objective,
            importances: model.estimator.importances(),
            baseline: model.estimator.baseline(),
            oob_score: model.estimator.oob_score(),
            origin: artifact.origin.clone(),
        }
    }
}

impl From<&FallbackModel> for FallbackEntry {
    fn from(fallback: &FallbackModel) -> FallbackEntry {
        FallbackEntry {
            hidden: fallback.hidden,
            min_missing: fallback.min_missing,
            fit: EstimatorEntry {
                params: fallback.params.clone(),
                importances: fallback.estimator.importances(),
                baseline: fallback.estimator.baseline(),
                oob_score: fallback.estimator.oob_score(),
            },
            patterns: fallback.patterns.clone(),
            others: fallback.others.clone(),
        }
    }
}

impl From<&ModelInput> for FeatureEntry {
    fn from(input: &ModelInput) -> FeatureEntry {
        let info = input.feature.info();
        FeatureEntry {
            name: input.feature,
            kind: info.kind,
            unit: info.unit.to_owned(),
            documented_range: info.range,
            training_min: input.training_min,
            training_max: input.training_max,
            training_missing: input.training_missing,
        }
    }
}
