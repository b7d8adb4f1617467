//! What can be set about a random forest.

use std::ops::RangeInclusive;

use linfa::ParamGuard;
use serde::{Deserialize, Deserializer, Serialize};

use super::options::{ClassWeight, Criterion, MaxFeatures, MaxSamples, Splitter};
use crate::binning::MAX_BINS;
use crate::checks::{check_at_least, check_parameter};
use crate::seed::DEFAULT_SEED;
use crate::trees::MAX_TREES;
use crate::{Result, TreesError};

/// Least and greatest weight of a class that can be set: between them no share of weighted counts loses its digits.
const CLASS_WEIGHTS: RangeInclusive<f64> = 1e-6..=1e6;

/// The parameters as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "RandomForestParams")]
struct RandomForestFields {
    n_estimators: usize,
    criterion: Criterion,
    // Left out where it is the default, so that the parameters of a random forest are written as before there were others.
    #[serde(skip_serializing_if = "Splitter::is_best")]
    splitter: Splitter,
    max_depth: Option<usize>,
    max_features: MaxFeatures,
    min_samples_split: usize,
    min_samples_leaf: usize,
    bootstrap: bool,
    max_samples: Option<MaxSamples>,
    oob_score: bool,
    class_weight: Option<ClassWeight>,
    max_bins: usize,
    seed: u64,
}

impl Default for RandomForestFields {
    fn default() -> RandomForestFields {
        RandomForestFields {
            n_estimators: 100,
            criterion: Criterion::Gini,
            splitter: Splitter::Best,
            max_depth: None,
            max_features: MaxFeatures::Sqrt,
            min_samples_split: 2,
            min_samples_leaf: 1,
            bootstrap: true,
            max_samples: None,
            oob_score: false,
            class_weight: None,
            max_bins: MAX_BINS,
            seed: DEFAULT_SEED,
        }
    }
}

/// Checked parameters of a [`RandomForest`](crate::RandomForest), which implement linfa's `Fit`. Only
/// [`RandomForestParams::check`](linfa::ParamGuard::check) makes them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct RandomForestValidParams(RandomForestFields);

impl RandomForestValidParams {
    /// Number of trees.
    pub fn n_estimators(&self) -> usize {
        self.0.n_estimators
    }

    /// What a split should lower.
    pub fn criterion(&self) -> Criterion {
        self.0.criterion
    }

    /// Which cut of a sampled feature is a candidate for a split.
    pub fn splitter(&self) -> Splitter {
        self.0.splitter
    }

    /// Most splits between the root and a leaf; `None` for no limit.
    pub fn max_depth(&self) -> Option<usize> {
        self.0.max_depth
    }

    /// How many features are sampled for a split.
    pub fn max_features(&self) -> MaxFeatures {
        self.0.max_features
    }

    /// Fewest training rows in a node that is split; a row sampled twice is one row.
    pub fn min_samples_split(&self) -> usize {
        self.0.min_samples_split
    }

    /// Fewest training rows in a leaf; a row sampled twice is one row.
    pub fn min_samples_leaf(&self) -> usize {
        self.0.min_samples_leaf
    }

    /// Whether each tree has rows of its own, sampled with replacement.
    pub fn bootstrap(&self) -> bool {
        self.0.bootstrap
    }

    /// How many rows are sampled for a tree; `None` for as many as there are.
    pub fn max_samples(&self) -> Option<MaxSamples> {
        self.0.max_samples
    }

    /// Whether the forest is scored on the rows that its trees did not draw.
    pub fn oob_score(&self) -> bool {
        self.0.oob_score
    }

    /// How much a row counts by its class; `None` for all alike.
    pub fn class_weight(&self) -> Option<ClassWeight> {
        self.0.class_weight
    }

    /// Most bins of a feature.
    pub fn max_bins(&self) -> usize {
        self.0.max_bins
    }

    /// Seed of all random draws.
    pub fn seed(&self) -> u64 {
        self.0.seed
    }
}

impl RandomForestFields {
    /// Fails at the first value that is not legal.
    fn check(&self) -> Result<()> {
        let rule = format!("expected a whole number from 1 to {MAX_TREES}");
        check_parameter((1..=MAX_TREES).contains(&self.n_estimators), "n_estimators", &rule, self.n_estimators)?;
        check_at_least("min_samples_split", self.min_samples_split, 2)?;
        check_at_least("min_samples_leaf", self.min_samples_leaf, 1)?;
        self.max_depth.map_or(Ok(()), |max_depth| check_at_least("max_depth", max_depth, 1))?;
        match self.max_features {
            MaxFeatures::Number(number) => check_at_least("max_features", number, 1)?,
            MaxFeatures::Fraction(fraction) => check_fraction("max_features", fraction)?,
            MaxFeatures::Sqrt | MaxFeatures::Log2 | MaxFeatures::All => (),
        }
        self.check_draws()?;
        if let Some(ClassWeight::Weights(weights)) = self.class_weight {
            check_class_weights(weights)?;
        }
        let rule = format!("expected a whole number from 2 to {MAX_BINS}");
        check_parameter((2..=MAX_BINS).contains(&self.max_bins), "max_bins", &rule, self.max_bins)
    }

    fn check_draws(&self) -> Result<()> {
        match self.max_samples {
            Some(samples) if !self.bootstrap => {
                check_parameter(false, "max_samples", "expected none where bootstrap is false", samples)?;
            }
            Some(MaxSamples::Number(number)) => check_at_least("max_samples", number, 1)?,
            Some(MaxSamples::Fraction(fraction)) => check_fraction("max_samples", fraction)?,
            None => (),
        }
        let is_scored = self.oob_score && !self.bootstrap;
        check_parameter(!is_scored, "oob_score", "expected false where bootstrap is false", true)
    }
}

fn check_fraction(name: &'static str, value: f64) -> Result<()> {
    check_parameter(value > 0.0 && value <= 1.0, name, "expected a fraction above 0 and at most 1", value)
}

fn check_class_weights(weights: [f64; 2]) -> Result<()> {
    let Some(weight) = weights.iter().find(|weight| !CLASS_WEIGHTS.contains(weight)) else { return Ok(()) };
    let (least, most) = CLASS_WEIGHTS.into_inner();
    // With an exponent, as hundreds of zeros tell nothing.
    let found = format!("{weight:?}");
    Err(TreesError::parameter("class_weight", format!("expected numbers from {least} to {most}"), found))
}

/// Parameters of a [`RandomForest`](crate::RandomForest), not yet checked; made by
/// [`RandomForest::params`](crate::RandomForest::params). Their names and defaults are those of scikit-learn's
/// `RandomForestClassifier`.
///
/// | parameter | default | legal |
/// |---|---|---|
/// | `n_estimators` | 100 | 1 to 1000000 |
/// | `criterion` | gini | gini, entropy |
/// | `splitter` | best | best, random |
/// | `max_depth` | no limit | at least 1 |
/// | `max_features` | sqrt | sqrt, log2, all, a number of at least 1, a fraction above 0 and at most 1 |
/// | `min_samples_split` | 2 | at least 2 |
/// | `min_samples_leaf` | 1 | at least 1 |
/// | `bootstrap` | true | |
/// | `max_samples` | as many as there are | a number of at least 1, a fraction above 0 and at most 1; only with `bootstrap` |
/// | `oob_score` | false | only with `bootstrap` |
/// | `class_weight` | all alike | balanced, two numbers from 0.000001 to 1000000 |
/// | `max_bins` | 255 | 2 to 255 |
/// | `seed` | 42 | |
///
/// serde reads and writes them as a map by these names, `splitter` only where it is random. Parameters that are left out have
/// their defaults, others than these are refused.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct RandomForestParams(RandomForestValidParams);

impl Default for RandomForestParams {
    fn default() -> RandomForestParams {
        RandomForestParams(RandomForestValidParams(RandomForestFields::default()))
    }
}

impl<'de> Deserialize<'de> for RandomForestParams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<RandomForestParams, D::Error> {
        RandomForestFields::deserialize(deserializer).map(|fields| RandomForestParams(RandomForestValidParams(fields)))
    }
}

impl RandomForestParams {
    /// The defaults of scikit-learn's `RandomForestClassifier`.
    pub fn new() -> RandomForestParams {
        RandomForestParams::default()
    }

    /// The defaults of scikit-learn's `ExtraTreesClassifier`: those of a forest, but for random cuts and no bootstrap.
    pub fn extra_trees() -> RandomForestParams {
        RandomForestParams::new().splitter(Splitter::Random).bootstrap(false)
    }

    /// Sets the number of trees.
    pub fn n_estimators(mut self, n_estimators: usize) -> RandomForestParams {
        self.0 .0.n_estimators = n_estimators;
        self
    }

    /// Sets what a split should lower.
    pub fn criterion(mut self, criterion: Criterion) -> RandomForestParams {
        self.0 .0.criterion = criterion;
        self
    }

    /// Sets which cut of a sampled feature is a candidate for a split.
    pub fn splitter(mut self, splitter: Splitter) -> RandomForestParams {
        self.0 .0.splitter = splitter;
        self
    }

    /// Sets the most splits between the root and a leaf; `None` for no limit.
    pub fn max_depth(mut self, max_depth: impl Into<Option<usize>>) -> RandomForestParams {
        self.0 .0.max_depth = max_depth.into();
        self
    }

    /// Sets how many features are sampled for a split.
    pub fn max_features(mut self, max_features: MaxFeatures) -> RandomForestParams {
        self.0 .0.max_features = max_features;
        self
    }

    /// Sets the fewest training rows in a node that is split.
    pub fn min_samples_split(mut self, min_samples_split: usize) -> RandomForestParams {
        self.0 .0.min_samples_split = min_samples_split;
        self
    }

    /// Sets the fewest training rows in a leaf.
    pub fn min_samples_leaf(mut self, min_samples_leaf: usize) -> RandomForestParams {
        self.0 .0.min_samples_leaf = min_samples_leaf;
        self
    }

    /// Sets whether each tree has rows of its own, sampled with replacement.
    pub fn bootstrap(mut self, bootstrap: bool) -> RandomForestParams {
        self.0 .0.bootstrap = bootstrap;
        self
    }

    /// Sets how many rows are sampled for a tree; `None` for as many as there are.
    pub fn max_samples(mut self, max_samples: impl Into<Option<MaxSamples>>) -> RandomForestParams {
        self.0 .0.max_samples = max_samples.into();
        self
    }

    /// Sets whether the forest is scored on the rows that its trees did not draw.
    pub fn oob_score(mut self, oob_score: bool) -> RandomForestParams {
        self.0 .0.oob_score = oob_score;
        self
    }

    /// Sets how much a row counts by its class; `None` for all alike.
    pub fn class_weight(mut self, class_weight: impl Into<Option<ClassWeight>>) -> RandomForestParams {
        self.0 .0.class_weight = class_weight.into();
        self
    }

    /// Sets the most bins of a feature.
    pub fn max_bins(mut self, max_bins: usize) -> RandomForestParams {
        self.0 .0.max_bins = max_bins;
        self
    }

    /// Sets the seed of all random draws.
    pub fn seed(mut self, seed: u64) -> RandomForestParams {
        self.0 .0.seed = seed;
        self
    }
}

impl ParamGuard for RandomForestParams {
    type Checked = RandomForestValidParams;
    type Error = TreesError;

    fn check_ref(&self) -> Result<&RandomForestValidParams> {
        self.0 .0.check().map(|()| &self.0)
    }

    fn check(self) -> Result<RandomForestValidParams> {
        self.check_ref().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_state_rule_and_value() {
        let message = |params: RandomForestParams| params.check().expect_err("refused").to_string();
        let params = RandomForestParams::new();
        let whole = "expected a whole number of at least";
        for value in [0, 1_000_001, usize::MAX] {
            let rule = "expected a whole number from 1 to 1000000";
            assert_eq!(message(params.n_estimators(value)), format!("n_estimators: {rule}, found \"{value}\""));
        }
        assert!(params.n_estimators(1_000_000).check().is_ok());
        assert_eq!(message(params.max_depth(0)), format!("max_depth: {whole} 1, found \"0\""));
        assert_eq!(message(params.min_samples_split(1)), format!("min_samples_split: {whole} 2, found \"1\""));
        assert_eq!(message(params.min_samples_leaf(0)), format!("min_samples_leaf: {whole} 1, found \"0\""));
        assert_eq!(
            message(params.max_features(MaxFeatures::Number(0))),
            format!("max_features: {whole} 1, found \"0\"")
        );
        assert_eq!(message(params.max_samples(MaxSamples::Number(0))), format!("max_samples: {whole} 1, found \"0\""));
        let fraction = "expected a fraction above 0 and at most 1";
        for value in [0.0, 1.5, f64::NAN] {
            let features = params.max_features(MaxFeatures::Fraction(value));
            assert_eq!(message(features), format!("max_features: {fraction}, found \"{value}\""));
            let samples = params.max_samples(MaxSamples::Fraction(value));
            assert_eq!(message(samples), format!("max_samples: {fraction}, found \"{value}\""));
        }
        for value in [0.0, -1.0, 1e-320, 9e-7, 1.1e6, 1e308, f64::INFINITY, f64::NAN] {
            let rule = "expected numbers from 0.000001 to 1000000";
            for weights in [[1.0, value], [value, 1.0], [value, value]] {
                let weighted = params.class_weight(ClassWeight::Weights(weights));
                assert_eq!(message(weighted), format!("class_weight: {rule}, found \"{value:?}\""));
            }
        }
        for value in [1, 256] {
            let rule = "expected a whole number from 2 to 255";
            assert_eq!(message(params.max_bins(value)), format!("max_bins: {rule}, found \"{value}\""));
        }
        let whole_sample = params.bootstrap(false);
        assert!(message(whole_sample.oob_score(true)).starts_with("oob_score: expected false where bootstrap is false"));
        for (samples, value) in [(MaxSamples::Number(9), "9"), (MaxSamples::Fraction(0.5), "0.5")] {
            let rule = "expected none where bootstrap is false";
            assert_eq!(message(whole_sample.max_samples(samples)), format!("max_samples: {rule}, found \"{value}\""));
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let params = RandomForestParams::new()
            .n_estimators(7)
            .criterion(Criterion::Entropy)
            .max_depth(3)
            .max_features(MaxFeatures::Fraction(0.5))
            .min_samples_split(5)
            .min_samples_leaf(2)
            .max_samples(MaxSamples::Fraction(0.25))
            .oob_score(true)
            .class_weight(ClassWeight::Weights([1.0, 2.5]))
            .max_bins(31)
            .seed(1);
        let balanced = RandomForestParams::new().bootstrap(false).class_weight(ClassWeight::Balanced);
        for params in [params, balanced, RandomForestParams::extra_trees()] {
            let text = serde_json::to_string(&params).expect("plain values");
            assert_eq!(text.contains(r#""splitter":"random""#), params == RandomForestParams::extra_trees(), "{text}");
            assert_eq!(serde_json::from_str::<RandomForestParams>(&text).expect("as written"), params, "{text}");
        }
        assert_eq!(serde_json::from_str::<RandomForestParams>("{}").expect("defaults"), RandomForestParams::new());
        let unknown = serde_json::from_str::<RandomForestParams>(r#"{"depth": 3}"#).expect_err("refused").to_string();
        assert!(unknown.starts_with("unknown field `depth`"), "{unknown}");
    }
}
