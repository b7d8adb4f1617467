//! Values that parameters of a random forest take.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a split should lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Criterion {
    /// Gini impurity, 2 p (1 - p) for a share p of positives.
    Gini,
    /// Entropy, -p ln p - (1 - p) ln(1 - p).
    Entropy,
}

/// Which cut of a sampled feature is a candidate for a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Splitter {
    /// All of them (a random forest: Breiman 2001).
    Best,
    /// One, drawn at random between the least and the greatest value in the node (extremely randomised trees: Geurts, Ernst and
    /// Wehenkel 2006).
    Random,
}

impl Splitter {
    pub(super) fn is_best(&self) -> bool {
        *self == Splitter::Best
    }
}

/// How many features are sampled for a split.
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

/// How many rows are sampled for a tree. Written as a whole number or a fraction.
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

/// How much a row counts by its class. Written as `"balanced"` or the weights of the negative and the positive class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "ClassWeightText", into = "ClassWeightText")]
pub enum ClassWeight {
    /// Rows / (2 × rows of the class), so that both classes weigh the same.
    Balanced,
    /// Of the negative and of the positive class; from 0.000001 to 1000000.
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

#[cfg(test)]
mod tests {
    use super::*;

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
