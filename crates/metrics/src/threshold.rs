//! At which probability a track is predicted as a hit: the threshold that is best for a stated objective.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::scores::{self, Confusion, ScoreStep};
use crate::{MetricsError, Result};

/// What a threshold is chosen for. Written as on the command line: `accuracy`, `f1`, `precision:0.75`, `cost:5:1`, `0.5`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Objective {
    /// The greatest accuracy. The default.
    #[default]
    Accuracy,
    /// The greatest F1.
    F1,
    /// The greatest recall with at least this precision, which is above 0 and at most 1.
    Precision(f64),
    /// The least cost of the wrong answers; both prices are finite and above 0, and only their ratio matters.
    Cost {
        /// Cost of a flop that is predicted as a hit.
        false_positive: f64,
        /// Cost of a hit that is predicted as a flop.
        false_negative: f64,
    },
    /// This threshold, from 0 to 1, whatever the tracks say.
    Fixed(f64),
}

impl Objective {
    /// Whether the tracks have a say.
    pub fn is_fixed(self) -> bool {
        matches!(self, Objective::Fixed(_))
    }

    /// In a sentence: `the greatest accuracy`.
    pub fn in_words(self) -> String {
        match self {
            Objective::Accuracy => "the greatest accuracy".to_owned(),
            Objective::F1 => "the greatest F1".to_owned(),
            Objective::Precision(floor) => format!("the greatest recall with a precision of at least {floor}"),
            Objective::Cost { false_positive, false_negative } => format!(
                "the least cost, {false_positive} for a flop predicted as a hit and {false_negative} for a hit predicted as a flop"
            ),
            Objective::Fixed(_) => "set by hand".to_owned(),
        }
    }

    /// How the threshold came about: `chosen for the greatest accuracy`, `set by hand`.
    pub fn choice_in_words(self) -> String {
        match self {
            Objective::Fixed(_) => self.in_words(),
            _ => format!("chosen for {}", self.in_words()),
        }
    }

    /// The best threshold where probabilities are what they say: FP / (FP + FN) for costs FP and FN (C. Elkan, “The Foundations of
    /// Cost-Sensitive Learning”, IJCAI 2001), which is 0.5 for accuracy. For the others, where it depends on the tracks, 0.5.
    fn expected(self) -> f64 {
        match self {
            Objective::Cost { false_positive, false_negative } => 1.0 / (1.0 + false_negative / false_positive),
            _ => 0.5,
        }
    }

    /// Score to maximise; the second number breaks ties.
    fn merit(self, confusion: &Confusion) -> (f64, f64) {
        match self {
            Objective::Accuracy => (confusion.accuracy(), 0.0),
            Objective::F1 => (confusion.f1(), 0.0),
            Objective::Precision(floor) if confusion.precision() >= floor => {
                (confusion.recall(), confusion.precision())
            }
            Objective::Precision(_) => (f64::NEG_INFINITY, 0.0),
            Objective::Cost { false_positive, false_negative } => {
                let (wrong_hits, wrong_flops) = (confusion.false_positives as f64, confusion.false_negatives as f64);
                (-(false_positive * wrong_hits + false_negative * wrong_flops), 0.0)
            }
            Objective::Fixed(_) => (0.0, 0.0),
        }
    }
}

const SPELLINGS: &str =
    "expected accuracy, f1, precision:FLOOR such as precision:0.75, cost:FP:FN such as cost:5:1, or a number from 0 to 1";

impl FromStr for Objective {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Objective, String> {
        let number = |text: &str| text.parse::<f64>().map_err(|_| SPELLINGS.to_owned());
        match text.split_once(':') {
            None if text == "accuracy" => Ok(Objective::Accuracy),
            None if text == "f1" => Ok(Objective::F1),
            None => fixed(number(text)?),
            Some(("precision", floor)) => match number(floor)? {
                floor if floor > 0.0 && floor <= 1.0 => Ok(Objective::Precision(floor)),
                _ => Err("expected a precision above 0 and at most 1, such as precision:0.75".to_owned()),
            },
            Some(("cost", prices)) => {
                let (false_positive, false_negative) = prices.split_once(':').ok_or(SPELLINGS)?;
                let (false_positive, false_negative) = (number(false_positive)?, number(false_negative)?);
                let is_price = |price: f64| price > 0.0 && price.is_finite();
                match is_price(false_positive) && is_price(false_negative) {
                    true => Ok(Objective::Cost { false_positive, false_negative }),
                    false => Err("expected two costs above 0, of a false positive and of a false negative".to_owned()),
                }
            }
            Some(_) => Err(SPELLINGS.to_owned()),
        }
    }
}

fn fixed(threshold: f64) -> std::result::Result<Objective, String> {
    match (0.0..=1.0).contains(&threshold) {
        true => Ok(Objective::Fixed(threshold)),
        false => Err("expected a threshold from 0 to 1".to_owned()),
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Objective::Accuracy => f.write_str("accuracy"),
            Objective::F1 => f.write_str("f1"),
            Objective::Precision(floor) => write!(f, "precision:{floor}"),
            Objective::Cost { false_positive, false_negative } => write!(f, "cost:{false_positive}:{false_negative}"),
            Objective::Fixed(threshold) => write!(f, "{threshold}"),
        }
    }
}

impl Serialize for Objective {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Objective {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Objective, D::Error> {
        deserializer.deserialize_any(ObjectiveVisitor)
    }
}

/// Reads an objective: as text, or, as one would write a threshold in a configuration file, a bare number.
struct ObjectiveVisitor;

impl Visitor<'_> for ObjectiveVisitor {
    type Value = Objective;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(SPELLINGS.trim_start_matches("expected "))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Objective, E> {
        text.parse().map_err(|rule| E::custom(format!("threshold: {rule}, found {text:?}")))
    }

    fn visit_f64<E: de::Error>(self, threshold: f64) -> std::result::Result<Objective, E> {
        fixed(threshold).map_err(|rule| E::custom(format!("threshold: {rule}, found {threshold}")))
    }

    fn visit_u64<E: de::Error>(self, threshold: u64) -> std::result::Result<Objective, E> {
        self.visit_f64(threshold as f64)
    }

    fn visit_i64<E: de::Error>(self, threshold: i64) -> std::result::Result<Objective, E> {
        self.visit_f64(threshold as f64)
    }
}

/// The best threshold for `objective` on `probabilities` of tracks with the labels `truth`. A track is
/// predicted as a hit if its probability is greater than it.
///
/// All thresholds between two neighbouring probabilities give the same answers, so every such interval is tried, exactly, and
/// the middle of the best one is taken: new tracks lie on either side of it. Among equally good ones,
/// it is the one whose middle is nearest to the best threshold of calibrated probabilities, then the lower one.
///
/// # Errors
/// No threshold reaches the precision that is requested; the message contains the greatest possible precision.
///
/// # Panics
/// The slices differ in length.
pub fn choose(objective: Objective, truth: &[bool], probabilities: &[f64]) -> Result<f64> {
    if let Objective::Fixed(threshold) = objective {
        return Ok(threshold);
    }
    let answers = answers(truth, probabilities);
    let merit = |answer: &ThresholdInterval| objective.merit(&answer.confusion);
    let best =
        answers.iter().map(merit).fold(
            (f64::NEG_INFINITY, f64::NEG_INFINITY),
            |best, found| {
                if found > best {
                    found
                } else {
                    best
                }
            },
        );
    if best.0 == f64::NEG_INFINITY {
        return Err(unreachable(objective, &answers));
    }
    let distance = |answer: &ThresholdInterval| (answer.middle() - objective.expected()).abs();
    // From the lowest up, since the first of equals is taken.
    let equals = answers.iter().rev().filter(|answer| merit(answer) == best);
    let nearest = equals.min_by(|a, b| distance(a).total_cmp(&distance(b)));
    Ok(nearest.map_or(objective.expected(), ThresholdInterval::middle))
}

/// What all thresholds of an interval answer.
struct ThresholdInterval {
    /// Thresholds from this on …
    low: f64,
    /// … to below this.
    high: f64,
    confusion: Confusion,
}

impl ThresholdInterval {
    fn middle(&self) -> f64 {
        let middle = self.low + (self.high - self.low) / 2.0;
        // Between two neighbouring numbers there is none, and rounding may lead to the greater.
        if middle < self.high {
            middle
        } else {
            self.low
        }
    }
}

/// The answers at all thresholds from 0 to 1, the greatest first: from one that calls no track a hit to one that calls all hits,
/// but for those of probability 0.
fn answers(truth: &[bool], probabilities: &[f64]) -> Vec<ThresholdInterval> {
    let steps = scores::steps(truth, probabilities);
    let all = steps.last().map_or((0, 0), |last| (last.flops, last.hits));
    let none = ScoreStep { probability: 1.0, flops: 0, hits: 0 };
    let ends: Vec<f64> = steps.iter().map(|step| step.probability).chain([0.0]).collect();
    let highs = std::iter::once(1.0).chain(steps.iter().map(|step| step.probability));
    let called = std::iter::once(&none).chain(&steps);
    let answer = |((called, high), &low): ((&ScoreStep, f64), &f64)| ThresholdInterval {
        low,
        high,
        confusion: Confusion {
            true_negatives: all.0 - called.flops,
            false_positives: called.flops,
            false_negatives: all.1 - called.hits,
            true_positives: called.hits,
        },
    };
    // A track of probability 0 is predicted as a hit by no threshold.
    let exists = |answer: &ThresholdInterval| answer.low < answer.high || answer.low == 1.0;
    called.zip(highs).zip(&ends).map(answer).filter(exists).collect()
}

fn unreachable(objective: Objective, answers: &[ThresholdInterval]) -> MetricsError {
    let greatest = answers.iter().map(|answer| answer.confusion.precision()).fold(0.0, f64::max);
    MetricsError::UnreachablePrecision { objective, greatest }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scores::confusion;

    /// From the greatest down: hit, hit, flop, hit, flop, flop.
    const TRUTH: [bool; 6] = [false, false, true, false, true, true];
    const PROBABILITIES: [f64; 6] = [0.1, 0.2, 0.4, 0.6, 0.8, 0.9];

    fn chosen(objective: &str) -> f64 {
        choose(objective.parse().expect(objective), &TRUTH, &PROBABILITIES).expect(objective)
    }

    #[test]
    fn thresholds_are_those_found_by_hand() {
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        // Five of six are right between 0.2 and 0.4 and between 0.6 and 0.8; 0.3 and 0.7 are equally far from 0.5.
        close(chosen("accuracy"), 0.3);
        // F1 is 6/7 with three hits found and one flop taken for one, and 4/5 with two found and none.
        close(chosen("f1"), 0.3);
        // All hits are found with a precision of 3/4; a greater one costs recall.
        close(chosen("precision:0.75"), 0.3);
        close(chosen("precision:0.76"), 0.7);
        close(chosen("precision:1"), 0.7);
        // One flop taken for a hit costs more than one hit missed, and the other way round.
        close(chosen("cost:3:1"), 0.7);
        close(chosen("cost:1:3"), 0.3);
        assert_eq!(chosen("0.25"), 0.25);
    }

    #[test]
    fn costs_count_by_their_ratio() {
        for (one, other) in [("cost:5:1", "cost:10:2"), ("cost:1:1", "accuracy")] {
            assert_eq!(chosen(one), chosen(other));
        }
    }

    #[test]
    fn a_precision_out_of_reach_is_reported_with_the_greatest() {
        let error =
            choose(Objective::Precision(0.7), &[true, false, true], &[0.2, 0.9, 0.5]).expect_err("out of reach");
        let message = error.to_string();
        assert!(message.starts_with("threshold: expected a precision that some threshold reaches"), "{message}");
        assert!(message.ends_with("the greatest is 0.6667, found \"precision:0.7\""), "{message}");
    }

    #[test]
    fn one_probability_for_all_has_two_answers() {
        let at = |truth: &[bool]| choose(Objective::Accuracy, truth, &vec![0.4; truth.len()]).expect("a threshold");
        assert_eq!(at(&[true, true, false]), 0.2);
        assert_eq!(at(&[true, false, false]), 0.7);
        assert_eq!(choose(Objective::Accuracy, &[], &[]).expect("a threshold"), 0.5);
        // Certain flops can't be called hits.
        assert_eq!(choose(Objective::F1, &[true, true], &[0.0, 0.0]).expect("a threshold"), 0.5);
        assert_eq!(choose(Objective::Accuracy, &[false], &[1.0]).expect("a threshold"), 1.0);
    }

    #[test]
    fn objectives_are_read_as_they_are_written() {
        for text in ["accuracy", "f1", "precision:0.75", "cost:5:1", "cost:0.5:2", "0.5", "0", "1"] {
            let objective: Objective = text.parse().expect(text);
            assert_eq!(objective.to_string(), text);
            let json = serde_json::to_string(&objective).expect("serialised");
            assert_eq!(json, format!("{text:?}"));
            assert_eq!(serde_json::from_str::<Objective>(&json).expect("read back"), objective);
        }
        assert_eq!(serde_json::from_str::<Objective>("0.25").expect("a bare number"), Objective::Fixed(0.25));
        let refused = |text: &str| text.parse::<Objective>().expect_err(text);
        for text in
            ["", "recall", "precision", "precision:", "precision:x", "cost:1", "cost:1:", "F1", "accuracy:1", "nan:"]
        {
            assert_eq!(refused(text), SPELLINGS, "{text}");
        }
        for text in ["precision:0", "precision:1.1", "precision:NaN"] {
            assert_eq!(refused(text), "expected a precision above 0 and at most 1, such as precision:0.75");
        }
        for text in ["cost:0:1", "cost:1:-1", "cost:inf:1", "cost:NaN:1"] {
            assert_eq!(refused(text), "expected two costs above 0, of a false positive and of a false negative");
        }
        for text in ["-0.1", "1.5", "NaN", "inf"] {
            assert_eq!(refused(text), "expected a threshold from 0 to 1");
        }
    }

    proptest! {
        /// No threshold at all is better, those at and around each probability included.
        #[test]
        fn nothing_is_better(rows in prop::collection::vec((any::<bool>(), 0u8..=20), 1..60), prices in (1u8..9, 1u8..9)) {
            let (truth, probabilities): (Vec<bool>, Vec<f64>) =
                rows.into_iter().map(|(hit, twentieths)| (hit, f64::from(twentieths) / 20.0)).unzip();
            let cost = Objective::Cost { false_positive: f64::from(prices.0), false_negative: f64::from(prices.1) };
            for objective in [Objective::Accuracy, Objective::F1, Objective::Precision(0.6), cost] {
                let merit = |threshold: f64| objective.merit(&confusion(&truth, &probabilities, threshold));
                let tried = (0..=400).map(|step| f64::from(step) / 400.0);
                let best = tried.map(merit).fold((f64::NEG_INFINITY, f64::NEG_INFINITY), |a, b| if b > a { b } else { a });
                match choose(objective, &truth, &probabilities) {
                    Ok(threshold) => prop_assert_eq!(merit(threshold), best, "{} at {}", objective, threshold),
                    Err(_) => prop_assert_eq!(best.0, f64::NEG_INFINITY),
                }
            }
        }
    }
}
