//! What can be set about a gradient boosting.

use std::ops::RangeInclusive;

use linfa::ParamGuard;
use serde::{Deserialize, Deserializer, Serialize};

use super::options::{distillation, early_stopping, Distillation, EarlyStopping, RowSampling, SplitCriterion};
use crate::binning::MAX_BINS;
use crate::checks::{check_at_least, check_parameter};
use crate::seed::DEFAULT_SEED;
use crate::trees::MAX_TREES;
use crate::{Result, TreesError};

/// Most levels of a symmetric tree, as in CatBoost: it may have a leaf for each sequence of answers.
const MAX_SYMMETRIC_DEPTH: usize = 16;

/// The parameters as they are written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "GradientBoostingParams")]
struct GradientBoostingFields {
    n_estimators: usize,
    learning_rate: f64,
    symmetric: bool,
    max_depth: Option<usize>,
    num_leaves: Option<usize>,
    criterion: SplitCriterion,
    min_samples_leaf: usize,
    min_child_weight: f64,
    l2_regularization: f64,
    subsample: f64,
    sampling: RowSampling,
    colsample_bytree: f64,
    max_bins: usize,
    #[serde(deserialize_with = "early_stopping")]
    early_stopping: Option<EarlyStopping>,
    // Not written where there is none, so that earlier versions read the model.
    #[serde(deserialize_with = "distillation", skip_serializing_if = "Option::is_none")]
    distillation: Option<Distillation>,
    seed: u64,
}

impl Default for GradientBoostingFields {
    fn default() -> GradientBoostingFields {
        GradientBoostingFields {
            n_estimators: 100,
            learning_rate: 0.1,
            symmetric: false,
            max_depth: None,
            num_leaves: Some(31),
            criterion: SplitCriterion::Newton,
            min_samples_leaf: 20,
            min_child_weight: 1e-3,
            l2_regularization: 0.0,
            subsample: 1.0,
            sampling: RowSampling::Uniform,
            colsample_bytree: 1.0,
            max_bins: MAX_BINS,
            early_stopping: None,
            distillation: None,
            seed: DEFAULT_SEED,
        }
    }
}

/// Checked parameters of a [`GradientBoosting`](crate::GradientBoosting), which implement linfa's `Fit`. Only
/// [`GradientBoostingParams::check`](linfa::ParamGuard::check) makes them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct GradientBoostingValidParams(GradientBoostingFields);

impl GradientBoostingValidParams {
    /// Number of trees (the most, with early stopping).
    pub fn n_estimators(&self) -> usize {
        self.0.n_estimators
    }

    /// What every tree's values are multiplied by.
    pub fn learning_rate(&self) -> f64 {
        self.0.learning_rate
    }

    /// Whether all nodes of a level have the same condition.
    pub fn symmetric(&self) -> bool {
        self.0.symmetric
    }

    /// Most splits between the root and a leaf.
    pub fn max_depth(&self) -> Option<usize> {
        self.0.max_depth
    }

    /// Most leaves of a tree that is not symmetric.
    pub fn num_leaves(&self) -> Option<usize> {
        self.0.num_leaves
    }

    /// By what a split is judged.
    pub fn criterion(&self) -> SplitCriterion {
        self.0.criterion
    }

    /// Fewest training rows in a leaf, whatever their weights.
    pub fn min_samples_leaf(&self) -> usize {
        self.0.min_samples_leaf
    }

    /// Least sum of second derivatives in a leaf.
    pub fn min_child_weight(&self) -> f64 {
        self.0.min_child_weight
    }

    /// What is added to a leaf's sum of second derivatives.
    pub fn l2_regularization(&self) -> f64 {
        self.0.l2_regularization
    }

    /// Share of the rows that a tree is grown on.
    pub fn subsample(&self) -> f64 {
        self.0.subsample
    }

    /// How that share is sampled.
    pub fn sampling(&self) -> RowSampling {
        self.0.sampling
    }

    /// Share of the features that a tree may split on.
    pub fn colsample_bytree(&self) -> f64 {
        self.0.colsample_bytree
    }

    /// Most bins of a feature's numbers.
    pub fn max_bins(&self) -> usize {
        self.0.max_bins
    }

    /// Whether and when to stop early.
    pub fn early_stopping(&self) -> Option<EarlyStopping> {
        self.0.early_stopping
    }

    /// The networks that the trees learn from, if any.
    pub fn distillation(&self) -> Option<&Distillation> {
        self.0.distillation.as_ref()
    }

    /// What draws rows, features, the held-out rows, networks and synthetic rows.
    pub fn seed(&self) -> u64 {
        self.0.seed
    }
}

/// Parameters of a [`GradientBoosting`](crate::GradientBoosting), not yet checked; made by
/// [`GradientBoosting::params`](crate::GradientBoosting::params). Their names are those of scikit-learn and LightGBM, the
/// defaults LightGBM's.
///
/// | parameter | default | legal |
/// |---|---|---|
/// | `n_estimators` | 100 | 1 to 1000000 |
/// | `learning_rate` | 0.1 | above 0, at most 1 |
/// | `symmetric` | false | true, false |
/// | `max_depth` | none | at least 1; needed if there is no `num_leaves`; with `symmetric` needed, and at most 16 |
/// | `num_leaves` | 31 | at least 2; needed if there is no `max_depth`; ignored with `symmetric` |
/// | `criterion` | `newton` | `newton`, `friedman_mse` |
/// | `min_samples_leaf` | 20 | at least 1; of the rows that a tree is grown on |
/// | `min_child_weight` | 0.001 | at least 0 |
/// | `l2_regularization` | 0 | at least 0 |
/// | `subsample` | 1 | above 0, at most 1 |
/// | `sampling` | `uniform` | `uniform`, `minimal_variance` |
/// | `colsample_bytree` | 1 | above 0, at most 1 |
/// | `max_bins` | 255 | 2 to 255 |
/// | `early_stopping` | none | a share above 0 and below 1, at least 1 round |
/// | `distillation` | none | see [`Distillation`] |
/// | `seed` | 42 | any |
///
/// serde reads and writes them as a map by these names. Parameters that are left out have their defaults, others than these
/// are refused.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct GradientBoostingParams(GradientBoostingValidParams);

impl Default for GradientBoostingParams {
    fn default() -> GradientBoostingParams {
        GradientBoostingParams(GradientBoostingValidParams(GradientBoostingFields::default()))
    }
}

impl<'de> Deserialize<'de> for GradientBoostingParams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<GradientBoostingParams, D::Error> {
        let fields = GradientBoostingFields::deserialize(deserializer)?;
        Ok(GradientBoostingParams(GradientBoostingValidParams(fields)))
    }
}

impl GradientBoostingParams {
    /// LightGBM's defaults: 100 trees, 31 leaves, rate 0.1.
    pub fn new() -> GradientBoostingParams {
        GradientBoostingParams::default()
    }

    /// Sets the number of trees (the most, with early stopping).
    pub fn n_estimators(mut self, n_estimators: usize) -> GradientBoostingParams {
        self.0 .0.n_estimators = n_estimators;
        self
    }

    /// Sets what every tree's values are multiplied by.
    pub fn learning_rate(mut self, learning_rate: f64) -> GradientBoostingParams {
        self.0 .0.learning_rate = learning_rate;
        self
    }

    /// Sets whether trees are symmetric: all nodes of a level have the same condition (oblivious trees, as in CatBoost). They take a `max_depth`,
    /// and `num_leaves` is ignored.
    pub fn symmetric(mut self, symmetric: bool) -> GradientBoostingParams {
        self.0 .0.symmetric = symmetric;
        self
    }

    /// Sets the most splits between the root and a leaf; `None` for no limit.
    pub fn max_depth(mut self, max_depth: impl Into<Option<usize>>) -> GradientBoostingParams {
        self.0 .0.max_depth = max_depth.into();
        self
    }

    /// Sets the most leaves of a tree; `None` for no limit but that of `max_depth`. Symmetric trees ignore it.
    pub fn num_leaves(mut self, num_leaves: impl Into<Option<usize>>) -> GradientBoostingParams {
        self.0 .0.num_leaves = num_leaves.into();
        self
    }

    /// Sets by what a split is judged.
    pub fn criterion(mut self, criterion: SplitCriterion) -> GradientBoostingParams {
        self.0 .0.criterion = criterion;
        self
    }

    /// Sets the fewest training rows in a leaf, whatever their weights.
    pub fn min_samples_leaf(mut self, min_samples_leaf: usize) -> GradientBoostingParams {
        self.0 .0.min_samples_leaf = min_samples_leaf;
        self
    }

    /// Sets the least sum of second derivatives in a leaf.
    pub fn min_child_weight(mut self, min_child_weight: f64) -> GradientBoostingParams {
        self.0 .0.min_child_weight = min_child_weight;
        self
    }

    /// Sets what is added to a leaf's sum of second derivatives.
    pub fn l2_regularization(mut self, l2_regularization: f64) -> GradientBoostingParams {
        self.0 .0.l2_regularization = l2_regularization;
        self
    }

    /// Sets the share of the rows that a tree is grown on, sampled anew for each.
    pub fn subsample(mut self, subsample: f64) -> GradientBoostingParams {
        self.0 .0.subsample = subsample;
        self
    }

    /// Sets how that share is sampled.
    pub fn sampling(mut self, sampling: RowSampling) -> GradientBoostingParams {
        self.0 .0.sampling = sampling;
        self
    }

    /// Sets the share of the features that a tree may split on, sampled anew for each.
    pub fn colsample_bytree(mut self, colsample_bytree: f64) -> GradientBoostingParams {
        self.0 .0.colsample_bytree = colsample_bytree;
        self
    }

    /// Sets the most bins of a feature's numbers.
    pub fn max_bins(mut self, max_bins: usize) -> GradientBoostingParams {
        self.0 .0.max_bins = max_bins;
        self
    }

    /// Sets whether and when to stop early.
    pub fn early_stopping(mut self, early_stopping: impl Into<Option<EarlyStopping>>) -> GradientBoostingParams {
        self.0 .0.early_stopping = early_stopping.into();
        self
    }

    /// Sets whether the trees learn the probabilities of neural networks instead of the classes.
    pub fn distillation(mut self, distillation: impl Into<Option<Distillation>>) -> GradientBoostingParams {
        self.0 .0.distillation = distillation.into();
        self
    }

    /// Sets what draws rows, features, the held-out rows, networks and synthetic rows.
    pub fn seed(mut self, seed: u64) -> GradientBoostingParams {
        self.0 .0.seed = seed;
        self
    }
}

impl ParamGuard for GradientBoostingParams {
    type Checked = GradientBoostingValidParams;
    type Error = TreesError;

    fn check_ref(&self) -> Result<&GradientBoostingValidParams> {
        let fields = &self.0 .0;
        check_size(fields)?;
        check_learning(fields)?;
        check_draws(fields)?;
        fields.distillation.as_ref().map_or(Ok(()), check_distillation)?;
        Ok(&self.0)
    }

    fn check(self) -> Result<GradientBoostingValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}

fn check_size(params: &GradientBoostingFields) -> Result<()> {
    check_parameter(
        (1..=MAX_TREES).contains(&params.n_estimators),
        "n_estimators",
        &format!("expected a whole number from 1 to {MAX_TREES}"),
        params.n_estimators,
    )?;
    check_at_least("min_samples_leaf", params.min_samples_leaf, 1)?;
    params.max_depth.map_or(Ok(()), |depth| check_at_least("max_depth", depth, 1))?;
    params.num_leaves.map_or(Ok(()), |leaves| check_at_least("num_leaves", leaves, 2))?;
    if params.symmetric {
        check_symmetric_depth(params.max_depth)?;
    }
    let is_limited = params.num_leaves.is_some() || params.max_depth.is_some();
    check_parameter(is_limited, "num_leaves", "expected a number, or one for max_depth", "none")?;
    check_parameter(
        (2..=MAX_BINS).contains(&params.max_bins),
        "max_bins",
        "expected a whole number from 2 to 255",
        params.max_bins,
    )
}

fn check_symmetric_depth(max_depth: Option<usize>) -> Result<()> {
    let rule = format!("expected a whole number from 1 to {MAX_SYMMETRIC_DEPTH} for symmetric trees");
    let found = max_depth.map_or("none".to_owned(), |depth| depth.to_string());
    check_parameter(max_depth.is_some_and(|depth| depth <= MAX_SYMMETRIC_DEPTH), "max_depth", &rule, found)
}

fn check_learning(params: &GradientBoostingFields) -> Result<()> {
    check_share("learning_rate", params.learning_rate)?;
    for (name, value) in
        [("min_child_weight", params.min_child_weight), ("l2_regularization", params.l2_regularization)]
    {
        check_parameter(value.is_finite() && value >= 0.0, name, "expected a number of at least 0", value)?;
    }
    Ok(())
}

fn check_draws(params: &GradientBoostingFields) -> Result<()> {
    check_share("subsample", params.subsample)?;
    check_share("colsample_bytree", params.colsample_bytree)?;
    let Some(EarlyStopping { validation_share, rounds }) = params.early_stopping else { return Ok(()) };
    let is_part = validation_share > 0.0 && validation_share < 1.0;
    check_parameter(
        is_part,
        "early_stopping.validation_share",
        "expected a number above 0 and below 1",
        validation_share,
    )?;
    check_at_least("early_stopping.rounds", rounds, 1)
}

fn check_distillation(distillation: &Distillation) -> Result<()> {
    let Distillation { networks, hidden_layer_sizes, epochs, copies, shift } = distillation;
    let check = |name, range: RangeInclusive<usize>, value: usize| {
        let rule = format!("expected a whole number from {} to {}", range.start(), range.end());
        check_parameter(range.contains(&value), name, &rule, value)
    };
    check("distillation.networks", 1..=64, *networks)?;
    check_parameter(
        (1..=4).contains(&hidden_layer_sizes.len()) && hidden_layer_sizes.iter().all(|size| (1..=1024).contains(size)),
        "distillation.hidden_layer_sizes",
        "expected one to four whole numbers from 1 to 1024",
        format!("{hidden_layer_sizes:?}"),
    )?;
    check("distillation.epochs", 1..=10_000, *epochs)?;
    check("distillation.copies", 0..=64, *copies)?;
    check_parameter((0.0..=0.5).contains(shift), "distillation.shift", "expected a number from 0 to 0.5", shift)
}

fn check_share(name: &'static str, value: f64) -> Result<()> {
    check_parameter(value > 0.0 && value <= 1.0, name, "expected a number above 0 and at most 1", value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_state_rule_and_value() {
        let new = GradientBoostingParams::new;
        let stopping = |validation_share, rounds| Some(EarlyStopping { validation_share, rounds });
        let whole = "expected a whole number of at least";
        let share = "expected a number above 0 and at most 1";
        for (params, message) in [
            (new().n_estimators(0), r#"n_estimators: expected a whole number from 1 to 1000000, found "0""#.to_owned()),
            (
                new().n_estimators(1_000_001),
                r#"n_estimators: expected a whole number from 1 to 1000000, found "1000001""#.to_owned(),
            ),
            (new().min_samples_leaf(0), format!(r#"min_samples_leaf: {whole} 1, found "0""#)),
            (new().max_depth(Some(0)), format!(r#"max_depth: {whole} 1, found "0""#)),
            (new().num_leaves(Some(1)), format!(r#"num_leaves: {whole} 2, found "1""#)),
            (new().num_leaves(None), r#"num_leaves: expected a number, or one for max_depth, found "none""#.to_owned()),
            (
                new().symmetric(true),
                r#"max_depth: expected a whole number from 1 to 16 for symmetric trees, found "none""#.to_owned(),
            ),
            (
                new().symmetric(true).max_depth(Some(17)),
                r#"max_depth: expected a whole number from 1 to 16 for symmetric trees, found "17""#.to_owned(),
            ),
            (new().max_bins(1), r#"max_bins: expected a whole number from 2 to 255, found "1""#.to_owned()),
            (new().max_bins(256), r#"max_bins: expected a whole number from 2 to 255, found "256""#.to_owned()),
            (new().learning_rate(0.0), format!(r#"learning_rate: {share}, found "0""#)),
            (new().learning_rate(f64::NAN), format!(r#"learning_rate: {share}, found "NaN""#)),
            (new().subsample(1.1), format!(r#"subsample: {share}, found "1.1""#)),
            (new().colsample_bytree(-0.5), format!(r#"colsample_bytree: {share}, found "-0.5""#)),
            (
                new().min_child_weight(-1.0),
                r#"min_child_weight: expected a number of at least 0, found "-1""#.to_owned(),
            ),
            (
                new().l2_regularization(f64::INFINITY),
                r#"l2_regularization: expected a number of at least 0, found "inf""#.to_owned(),
            ),
            (
                new().early_stopping(stopping(1.0, 5)),
                r#"early_stopping.validation_share: expected a number above 0 and below 1, found "1""#.to_owned(),
            ),
            (new().early_stopping(stopping(0.2, 0)), format!(r#"early_stopping.rounds: {whole} 1, found "0""#)),
        ] {
            let error = params.check().expect_err("refused");
            assert_eq!(error.to_string(), message);
        }
        assert!(new().num_leaves(None).max_depth(Some(3)).check().is_ok());
        for leaves in [None, Some(31)] {
            assert!(new().symmetric(true).num_leaves(leaves).max_depth(Some(16)).check().is_ok());
        }
    }

    #[test]
    fn messages_about_distillation_state_rule_and_value() {
        let new = GradientBoostingParams::new;
        for (params, message) in [
            (
                new().distillation(Distillation { networks: 0, ..Distillation::default() }),
                r#"distillation.networks: expected a whole number from 1 to 64, found "0""#,
            ),
            (
                new().distillation(Distillation { hidden_layer_sizes: vec![8, 0], ..Distillation::default() }),
                r#"distillation.hidden_layer_sizes: expected one to four whole numbers from 1 to 1024, found "[8, 0]""#,
            ),
            (
                new().distillation(Distillation { epochs: 0, ..Distillation::default() }),
                r#"distillation.epochs: expected a whole number from 1 to 10000, found "0""#,
            ),
            (
                new().distillation(Distillation { copies: 65, ..Distillation::default() }),
                r#"distillation.copies: expected a whole number from 0 to 64, found "65""#,
            ),
            (
                new().distillation(Distillation { shift: f64::NAN, ..Distillation::default() }),
                r#"distillation.shift: expected a number from 0 to 0.5, found "NaN""#,
            ),
        ] {
            assert_eq!(params.check().expect_err("refused").to_string(), message);
        }
    }

    #[test]
    fn parameters_are_read_from_json_by_name() {
        let read = serde_json::from_str::<GradientBoostingParams>;
        assert_eq!(read("{}").expect("the defaults"), GradientBoostingParams::new());
        let text = r#"{"symmetric": true, "num_leaves": null, "max_depth": 3, "criterion": "friedman_mse", "sampling": "minimal_variance", "early_stopping": {"rounds": 5}, "seed": 7}"#;
        let stopping = EarlyStopping { rounds: 5, ..EarlyStopping::default() };
        let expected = GradientBoostingParams::new().symmetric(true).num_leaves(None).max_depth(Some(3));
        let expected = expected.sampling(RowSampling::MinimalVariance);
        let expected = expected.criterion(SplitCriterion::FriedmanMse).early_stopping(Some(stopping)).seed(7);
        assert_eq!(read(text).expect("parameters"), expected);
        let written = serde_json::to_string(&expected).expect("JSON");
        assert_eq!(read(&written).expect("parameters"), expected);
        let stopping = |value: &str| {
            let text = format!(r#"{{"early_stopping": {value}}}"#);
            serde_json::from_str::<GradientBoostingParams>(&text).map(|read| read.0.early_stopping())
        };
        for (text, expected) in [
            ("null", None),
            ("false", None),
            ("true", Some(EarlyStopping { validation_share: 0.1, rounds: 20 })),
            ("5", Some(EarlyStopping { validation_share: 0.1, rounds: 5 })),
            (r#"{"validation_share": 0.2}"#, Some(EarlyStopping { validation_share: 0.2, rounds: 20 })),
        ] {
            assert_eq!(stopping(text).expect("legal"), expected, "{text}");
        }
        for text in ["-1", "0.5", r#""soon""#, r#"{"round": 5}"#] {
            let message = stopping(text).expect_err("refused").to_string();
            assert!(
                message.starts_with(r#"expected none or {"validation_share": 0.1, "rounds": 20}"#),
                "{text}: {message}"
            );
        }
        let distillation = |value: &str| {
            let text = format!(r#"{{"distillation": {value}}}"#);
            serde_json::from_str::<GradientBoostingParams>(&text).map(|read| read.0.distillation().cloned())
        };
        let networks = Distillation { networks: 2, ..Distillation::default() };
        for (text, expected) in [
            ("null", None),
            ("false", None),
            ("true", Some(Distillation::default())),
            (r#"{"networks": 2}"#, Some(networks.clone())),
        ] {
            assert_eq!(distillation(text).expect("legal"), expected, "{text}");
        }
        for text in ["3", r#"{"network": 2}"#] {
            let message = distillation(text).expect_err("refused").to_string();
            assert!(message.starts_with("expected none, true or {\"networks\": 4, "), "{text}: {message}");
        }
        let written = serde_json::to_string(&expected.distillation(networks.clone())).expect("JSON");
        assert_eq!(read(&written).expect("parameters").0.distillation(), Some(&networks));
        assert!(!serde_json::to_string(&GradientBoostingParams::new()).expect("JSON").contains("distillation"));
        assert!(read(r#"{"sampling": "goss"}"#).expect_err("refused").to_string().contains("unknown variant `goss`"));
        assert!(read(r#"{"leaves": 3}"#).expect_err("refused").to_string().contains("unknown field `leaves`"));
    }
}
