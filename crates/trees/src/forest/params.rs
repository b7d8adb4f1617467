//! What can be set about a random forest.

use std::fmt;
use std::ops::RangeInclusive;

use linfa::ParamGuard;
use serde::{Deserialize, Serialize};

use crate::binning::MAX_BINS;
use crate::MAX_TREES;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};

/// Least and greatest weight of a class that can be set: between them no share of weighted counts loses its digits.
const CLASS_WEIGHTS: RangeInclusive<f64> = 1e-6..=1e6;

/// What a split should lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Criterion {
    /// Gini impurity, 2 p (1 - p) for a share p of hits.
    Gini,
    /// Entropy, -p ln p - (1 - p) ln(1 - p).
    Entropy,
}

/// How many features are drawn for a split.
///
/// Written as `"sqrt"`, `"log2"`, `"all"`, a whole number or a fraction; nothing (`null`) is read as all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "MaxFeaturesText", into = "MaxFeaturesText")]
pub enum MaxFeatures {
    /// The square root of their number, rounded down.
    Sqrt,
    /// The binary logarithm of their number, rounded down.
    Log2,
    /// All of them.
    All,
    /// This many, at most all.
    Number(usize),
    /// This share, above 0 and at most 1, rounded down.
    Fraction(f64),
}

impl MaxFeatures {
    /// How many of `features` features; at least one if there is any.
    pub fn of(self, features: usize) -> usize {
        let number = match self {
            MaxFeatures::Sqrt => features.isqrt(),
            MaxFeatures::Log2 => features.max(1).ilog2() as usize,
            MaxFeatures::All => features,
            MaxFeatures::Number(number) => number,
            MaxFeatures::Fraction(fraction) => (fraction * features as f64) as usize,
        };
        number.clamp(1, features.max(1))
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"sqrt\", \"log2\", \"all\", a number of features or a fraction of them")]
enum MaxFeaturesText {
    Name(MaxFeaturesName),
    Number(usize),
    Fraction(f64),
    Nothing(()),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MaxFeaturesName {
    Sqrt,
    Log2,
    All,
}

impl From<MaxFeaturesText> for MaxFeatures {
    fn from(text: MaxFeaturesText) -> MaxFeatures {
        match text {
            MaxFeaturesText::Name(MaxFeaturesName::Sqrt) => MaxFeatures::Sqrt,
            MaxFeaturesText::Name(MaxFeaturesName::Log2) => MaxFeatures::Log2,
            MaxFeaturesText::Name(MaxFeaturesName::All) | MaxFeaturesText::Nothing(()) => MaxFeatures::All,
            MaxFeaturesText::Number(number) => MaxFeatures::Number(number),
            MaxFeaturesText::Fraction(fraction) => MaxFeatures::Fraction(fraction),
        }
    }
}

impl From<MaxFeatures> for MaxFeaturesText {
    fn from(value: MaxFeatures) -> MaxFeaturesText {
        match value {
            MaxFeatures::Sqrt => MaxFeaturesText::Name(MaxFeaturesName::Sqrt),
            MaxFeatures::Log2 => MaxFeaturesText::Name(MaxFeaturesName::Log2),
            MaxFeatures::All => MaxFeaturesText::Name(MaxFeaturesName::All),
            MaxFeatures::Number(number) => MaxFeaturesText::Number(number),
            MaxFeatures::Fraction(fraction) => MaxFeaturesText::Fraction(fraction),
        }
    }
}

/// How many rows are drawn for a tree. Written as a whole number or a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number of rows or a fraction of them")]
pub enum MaxSamples {
    /// This many, at most as many as there are.
    Number(usize),
    /// This share, above 0 and at most 1, rounded; at least one row.
    Fraction(f64),
}

impl fmt::Display for MaxSamples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MaxSamples::Number(number) => number.fmt(f),
            MaxSamples::Fraction(fraction) => fraction.fmt(f),
        }
    }
}

/// How much a row counts by its class. Written as `"balanced"` or the weights of a flop and of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "ClassWeightText", into = "ClassWeightText")]
pub enum ClassWeight {
    /// Rows / (2 × rows of the class), so that both classes weigh the same.
    Balanced,
    /// Of a flop and of a hit; from 0.000001 to 1000000.
    Weights([f64; 2]),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected none, balanced or [1, 2]")]
enum ClassWeightText {
    Name(ClassWeightName),
    Weights([f64; 2]),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ClassWeightName {
    Balanced,
}

impl From<ClassWeightText> for ClassWeight {
    fn from(text: ClassWeightText) -> ClassWeight {
        match text {
            ClassWeightText::Name(ClassWeightName::Balanced) => ClassWeight::Balanced,
            ClassWeightText::Weights(weights) => ClassWeight::Weights(weights),
        }
    }
}

impl From<ClassWeight> for ClassWeightText {
    fn from(value: ClassWeight) -> ClassWeightText {
        match value {
            ClassWeight::Balanced => ClassWeightText::Name(ClassWeightName::Balanced),
            ClassWeight::Weights(weights) => ClassWeightText::Weights(weights),
        }
    }
}

/// Parameters of a random forest that were checked; [`RandomForestParams`] makes them.
///
/// What is read by serde has not been checked: fields left out have their defaults, unknown ones are refused, and a fit refuses
/// values that are not legal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomForestValidParams {
    n_estimators: usize,
    criterion: Criterion,
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

impl Default for RandomForestValidParams {
    fn default() -> RandomForestValidParams {
        RandomForestValidParams {
            n_estimators: 100,
            criterion: Criterion::Gini,
            max_depth: None,
            max_features: MaxFeatures::Sqrt,
            min_samples_split: 2,
            min_samples_leaf: 1,
            bootstrap: true,
            max_samples: None,
            oob_score: false,
            class_weight: None,
            max_bins: MAX_BINS,
            seed: 42,
        }
    }
}

impl RandomForestValidParams {
    /// Number of trees.
    pub fn n_estimators(&self) -> usize {
        self.n_estimators
    }

    /// What a split should lower.
    pub fn criterion(&self) -> Criterion {
        self.criterion
    }

    /// Most splits between the root and a leaf; `None` for no limit.
    pub fn max_depth(&self) -> Option<usize> {
        self.max_depth
    }

    /// How many features are drawn for a split.
    pub fn max_features(&self) -> MaxFeatures {
        self.max_features
    }

    /// Fewest training rows in a node that is split; a row drawn twice is one row.
    pub fn min_samples_split(&self) -> usize {
        self.min_samples_split
    }

    /// Fewest training rows in a leaf; a row drawn twice is one row.
    pub fn min_samples_leaf(&self) -> usize {
        self.min_samples_leaf
    }

    /// Whether each tree has rows of its own, drawn with replacement.
    pub fn bootstrap(&self) -> bool {
        self.bootstrap
    }

    /// How many rows are drawn for a tree; `None` for as many as there are.
    pub fn max_samples(&self) -> Option<MaxSamples> {
        self.max_samples
    }

    /// Whether the forest is scored on the rows that its trees did not draw.
    pub fn oob_score(&self) -> bool {
        self.oob_score
    }

    /// How much a row counts by its class; `None` for all alike.
    pub fn class_weight(&self) -> Option<ClassWeight> {
        self.class_weight
    }

    /// Most bins of a feature.
    pub fn max_bins(&self) -> usize {
        self.max_bins
    }

    /// Seed of all random draws.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Refuses the first value that is not legal.
    pub(super) fn validate(&self) -> Result<()> {
        if !(1..=MAX_TREES).contains(&self.n_estimators) {
            refuse("n_estimators", &format!("expected a whole number from 1 to {MAX_TREES}"), self.n_estimators)?;
        }
        at_least("min_samples_split", self.min_samples_split, 2)?;
        at_least("min_samples_leaf", self.min_samples_leaf, 1)?;
        if let Some(max_depth) = self.max_depth {
            at_least("max_depth", max_depth, 1)?;
        }
        match self.max_features {
            MaxFeatures::Number(number) => at_least("max_features", number, 1)?,
            MaxFeatures::Fraction(fraction) => fraction_of_one("max_features", fraction)?,
            MaxFeatures::Sqrt | MaxFeatures::Log2 | MaxFeatures::All => (),
        }
        match self.max_samples {
            Some(samples) if !self.bootstrap => {
                refuse("max_samples", "expected none where bootstrap is false", samples)?;
            }
            Some(MaxSamples::Number(number)) => at_least("max_samples", number, 1)?,
            Some(MaxSamples::Fraction(fraction)) => fraction_of_one("max_samples", fraction)?,
            None => (),
        }
        if self.oob_score && !self.bootstrap {
            refuse("oob_score", "expected false where bootstrap is false", true)?;
        }
        if let Some(ClassWeight::Weights(weights)) = self.class_weight {
            if let Some(weight) = weights.iter().find(|weight| !CLASS_WEIGHTS.contains(weight)) {
                let (least, most) = CLASS_WEIGHTS.into_inner();
                // With an exponent, as hundreds of zeros tell nothing.
                let found = format!("{weight:?}");
                refuse("class_weight", &format!("expected numbers from {least} to {most}"), found)?;
            }
        }
        if !(2..=MAX_BINS).contains(&self.max_bins) {
            refuse("max_bins", &format!("expected a whole number from 2 to {MAX_BINS}"), self.max_bins)?;
        }
        Ok(())
    }
}

fn at_least(name: &str, value: usize, least: usize) -> Result<()> {
    match value >= least {
        true => Ok(()),
        false => refuse(name, &format!("expected a whole number of at least {least}"), value),
    }
}

fn fraction_of_one(name: &str, value: f64) -> Result<()> {
    match value > 0.0 && value <= 1.0 {
        true => Ok(()),
        false => refuse(name, "expected a fraction above 0 and at most 1", value),
    }
}

fn refuse(name: &str, rule: &str, value: impl fmt::Display) -> Result<()> {
    Err(Error::input(Fault::new(Place::parameter(name), Reason::Setting, rule).found(value.to_string())))
}

/// Parameters of a random forest, not yet checked. Their names and defaults are scikit-learn's.
///
/// | parameter | default | legal |
/// |---|---|---|
/// | `n_estimators` | 100 | 1 to 1000000 |
/// | `criterion` | gini | gini, entropy |
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RandomForestParams(RandomForestValidParams);

impl RandomForestParams {
    /// The defaults.
    pub fn new() -> RandomForestParams {
        RandomForestParams::default()
    }

    /// Sets the number of trees.
    pub fn n_estimators(mut self, n_estimators: usize) -> RandomForestParams {
        self.0.n_estimators = n_estimators;
        self
    }

    /// Sets what a split should lower.
    pub fn criterion(mut self, criterion: Criterion) -> RandomForestParams {
        self.0.criterion = criterion;
        self
    }

    /// Sets the most splits between the root and a leaf; `None` for no limit.
    pub fn max_depth(mut self, max_depth: impl Into<Option<usize>>) -> RandomForestParams {
        self.0.max_depth = max_depth.into();
        self
    }

    /// Sets how many features are drawn for a split.
    pub fn max_features(mut self, max_features: MaxFeatures) -> RandomForestParams {
        self.0.max_features = max_features;
        self
    }

    /// Sets the fewest training rows in a node that is split.
    pub fn min_samples_split(mut self, min_samples_split: usize) -> RandomForestParams {
        self.0.min_samples_split = min_samples_split;
        self
    }

    /// Sets the fewest training rows in a leaf.
    pub fn min_samples_leaf(mut self, min_samples_leaf: usize) -> RandomForestParams {
        self.0.min_samples_leaf = min_samples_leaf;
        self
    }

    /// Sets whether each tree has rows of its own, drawn with replacement.
    pub fn bootstrap(mut self, bootstrap: bool) -> RandomForestParams {
        self.0.bootstrap = bootstrap;
        self
    }

    /// Sets how many rows are drawn for a tree; `None` for as many as there are.
    pub fn max_samples(mut self, max_samples: impl Into<Option<MaxSamples>>) -> RandomForestParams {
        self.0.max_samples = max_samples.into();
        self
    }

    /// Sets whether the forest is scored on the rows that its trees did not draw.
    pub fn oob_score(mut self, oob_score: bool) -> RandomForestParams {
        self.0.oob_score = oob_score;
        self
    }

    /// Sets how much a row counts by its class; `None` for all alike.
    pub fn class_weight(mut self, class_weight: impl Into<Option<ClassWeight>>) -> RandomForestParams {
        self.0.class_weight = class_weight.into();
        self
    }

    /// Sets the most bins of a feature.
    pub fn max_bins(mut self, max_bins: usize) -> RandomForestParams {
        self.0.max_bins = max_bins;
        self
    }

    /// Sets the seed of all random draws.
    pub fn seed(mut self, seed: u64) -> RandomForestParams {
        self.0.seed = seed;
        self
    }
}

impl From<RandomForestValidParams> for RandomForestParams {
    /// To change some of them, or to check what was read from a file.
    fn from(params: RandomForestValidParams) -> RandomForestParams {
        RandomForestParams(params)
    }
}

impl ParamGuard for RandomForestParams {
    type Checked = RandomForestValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&RandomForestValidParams> {
        self.0.validate().map(|()| &self.0)
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
        let told = |params: RandomForestParams| params.check().expect_err("refused").to_string();
        let params = RandomForestParams::new();
        let whole = "expected a whole number of at least";
        for value in [0, 1_000_001, usize::MAX] {
            let rule = "expected a whole number from 1 to 1000000";
            assert_eq!(told(params.n_estimators(value)), format!("n_estimators: {rule}, found \"{value}\""));
        }
        assert!(params.n_estimators(1_000_000).check().is_ok());
        assert_eq!(told(params.max_depth(0)), format!("max_depth: {whole} 1, found \"0\""));
        assert_eq!(told(params.min_samples_split(1)), format!("min_samples_split: {whole} 2, found \"1\""));
        assert_eq!(told(params.min_samples_leaf(0)), format!("min_samples_leaf: {whole} 1, found \"0\""));
        assert_eq!(told(params.max_features(MaxFeatures::Number(0))), format!("max_features: {whole} 1, found \"0\""));
        assert_eq!(told(params.max_samples(MaxSamples::Number(0))), format!("max_samples: {whole} 1, found \"0\""));
        let fraction = "expected a fraction above 0 and at most 1";
        for value in [0.0, 1.5, f64::NAN] {
            let features = params.max_features(MaxFeatures::Fraction(value));
            assert_eq!(told(features), format!("max_features: {fraction}, found \"{value}\""));
            let samples = params.max_samples(MaxSamples::Fraction(value));
            assert_eq!(told(samples), format!("max_samples: {fraction}, found \"{value}\""));
        }
        for value in [0.0, -1.0, 1e-320, 9e-7, 1.1e6, 1e308, f64::INFINITY, f64::NAN] {
            let rule = "expected numbers from 0.000001 to 1000000";
            for weights in [[1.0, value], [value, 1.0], [value, value]] {
                let weighted = params.class_weight(ClassWeight::Weights(weights));
                assert_eq!(told(weighted), format!("class_weight: {rule}, found \"{value:?}\""));
            }
        }
        for value in [1, 256] {
            let rule = "expected a whole number from 2 to 255";
            assert_eq!(told(params.max_bins(value)), format!("max_bins: {rule}, found \"{value}\""));
        }
        let whole_sample = params.bootstrap(false);
        assert!(told(whole_sample.oob_score(true)).starts_with("oob_score: expected false where bootstrap is false"));
        for (samples, value) in [(MaxSamples::Number(9), "9"), (MaxSamples::Fraction(0.5), "0.5")] {
            let rule = "expected none where bootstrap is false";
            assert_eq!(told(whole_sample.max_samples(samples)), format!("max_samples: {rule}, found \"{value}\""));
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
        for params in [params, RandomForestParams::new().bootstrap(false).class_weight(ClassWeight::Balanced)] {
            let text = serde_json::to_string(&params).expect("plain values");
            assert_eq!(serde_json::from_str::<RandomForestParams>(&text).expect("as written"), params, "{text}");
        }
        assert_eq!(serde_json::from_str::<RandomForestParams>("{}").expect("defaults"), RandomForestParams::new());
    }

    #[test]
    fn every_spelling_is_read_and_others_are_refused() {
        let features = |text: &str| serde_json::from_str::<MaxFeatures>(text);
        for (text, expected) in [
            (r#""sqrt""#, MaxFeatures::Sqrt),
            (r#""log2""#, MaxFeatures::Log2),
            (r#""all""#, MaxFeatures::All),
            ("null", MaxFeatures::All),
            ("3", MaxFeatures::Number(3)),
            ("0.5", MaxFeatures::Fraction(0.5)),
            ("1.0", MaxFeatures::Fraction(1.0)),
        ] {
            assert_eq!(features(text).expect("legal"), expected, "{text}");
        }
        assert!(features(r#""cube""#).expect_err("refused").to_string().starts_with("expected \"sqrt\", \"log2\""));
        let samples = |text: &str| serde_json::from_str::<Option<MaxSamples>>(text).expect("legal");
        assert_eq!([samples("null"), samples("9")], [None, Some(MaxSamples::Number(9))]);
        assert_eq!(samples("0.9"), Some(MaxSamples::Fraction(0.9)));
        let weight = |text: &str| serde_json::from_str::<ClassWeight>(text);
        assert_eq!(weight(r#""balanced""#).expect("legal"), ClassWeight::Balanced);
        assert_eq!(weight("[1, 2]").expect("legal"), ClassWeight::Weights([1.0, 2.0]));
        assert!(weight("3").expect_err("refused").to_string().starts_with("expected none, balanced or [1, 2]"));
        let unknown = serde_json::from_str::<RandomForestParams>(r#"{"depth": 3}"#).expect_err("refused").to_string();
        assert!(unknown.starts_with("unknown field `depth`"), "{unknown}");
    }

    #[test]
    fn the_number_of_features_is_between_one_and_all() {
        let number = |max_features: MaxFeatures, features| max_features.of(features);
        assert_eq!([1, 3, 4, 14, 16].map(|features| number(MaxFeatures::Sqrt, features)), [1, 1, 2, 3, 4]);
        assert_eq!([1, 3, 4, 14, 16].map(|features| number(MaxFeatures::Log2, features)), [1, 1, 2, 3, 4]);
        assert_eq!((number(MaxFeatures::All, 14), number(MaxFeatures::Number(99), 14)), (14, 14));
        assert_eq!([0.01, 0.5, 1.0].map(|fraction| number(MaxFeatures::Fraction(fraction), 14)), [1, 7, 14]);
    }
}
