//! How well probabilities and labels agree, as scikit-learn's `metrics` defines it. A hit is the positive class.

use serde::{Deserialize, Deserializer, Serialize};

use crate::normal::upper_tail;

/// Counts of right and wrong answers; a hit is the positive class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Flops called flops.
    pub true_negatives: u64,
    /// Flops called hits.
    pub false_positives: u64,
    /// Hits called flops.
    pub false_negatives: u64,
    /// Hits called hits.
    pub true_positives: u64,
}

/// Scores of a binary classifier, as scikit-learn defines them; a hit is the positive class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Share of right answers.
    pub accuracy: f64,
    /// Share of hits among the tracks called hits; 0 if none is.
    pub precision: f64,
    /// Share of the hits that are called hits; 0 if there is none.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Area under the ROC curve; a tie counts one half. NaN (null in JSON) where only one label occurs: it is undefined.
    #[serde(deserialize_with = "nan_if_null")]
    pub roc_auc: f64,
    /// Area under the precision-recall curve, as a sum of steps. NaN (null in JSON) where there is no hit: it is undefined.
    #[serde(deserialize_with = "nan_if_null")]
    pub average_precision: f64,
    /// Mean squared difference of probability and label; 0 is best.
    pub brier: f64,
    /// Mean negative log likelihood of the labels, in nats; 0 is best.
    pub log_loss: f64,
}

/// A point of the ROC curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// Share of the flops called hits.
    pub false_positive_rate: f64,
    /// Share of the hits called hits.
    pub true_positive_rate: f64,
    /// Tracks whose probability is at least this are called hits; infinite at the first point, where none is (written as null).
    #[serde(deserialize_with = "infinite_if_null")]
    pub threshold: f64,
}

/// JSON has no infinity.
fn infinite_if_null<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::INFINITY))
}

/// JSON has no NaN.
///
/// # Errors
/// It is neither a number nor null.
pub fn nan_if_null<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// Whether a probability, 0 to 1, is predicted as the positive class: it is greater than `threshold`.
pub fn is_positive(probability: f64, threshold: f64) -> bool {
    probability > threshold
}

/// Counts right and wrong answers; a track is predicted as a hit if its probability is greater than `threshold`.
///
/// # Panics
/// The slices differ in length (as in all functions here).
pub fn confusion(truth: &[bool], probabilities: &[f64], threshold: f64) -> Confusion {
    Confusion::of_labels(truth, &labels(probabilities, threshold))
}

fn labels(probabilities: &[f64], threshold: f64) -> Vec<bool> {
    probabilities.iter().map(|&probability| is_positive(probability, threshold)).collect()
}

impl Confusion {
    /// Counts right and wrong answers; `labels` says which tracks are predicted as hits.
    pub fn of_labels(truth: &[bool], labels: &[bool]) -> Confusion {
        assert_eq!(truth.len(), labels.len(), "one label a track");
        let mut counts = Confusion { true_negatives: 0, false_positives: 0, false_negatives: 0, true_positives: 0 };
        for answer in truth.iter().zip(labels) {
            let count = match answer {
                (false, false) => &mut counts.true_negatives,
                (false, true) => &mut counts.false_positives,
                (true, false) => &mut counts.false_negatives,
                (true, true) => &mut counts.true_positives,
            };
            *count += 1;
        }
        counts
    }

    /// Share of right answers; 0 if there is no track.
    pub fn accuracy(&self) -> f64 {
        let right = self.true_negatives + self.true_positives;
        share(right, right + self.false_positives + self.false_negatives)
    }

    /// Share of hits among the tracks called hits; 0 if none is.
    pub fn precision(&self) -> f64 {
        share(self.true_positives, self.true_positives + self.false_positives)
    }

    /// Share of the hits that are called hits; 0 if there is none.
    pub fn recall(&self) -> f64 {
        share(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); 0 where no track is a hit or called one.
    pub fn f1(&self) -> f64 {
        let twice = 2 * self.true_positives;
        share(twice, twice + self.false_positives + self.false_negatives)
    }
}

pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// All scores at a threshold. Where only one label occurs no ranking can be right or wrong, and `roc_auc` is NaN; `average_precision` is
/// NaN where there is no hit.
pub fn scores(truth: &[bool], probabilities: &[f64], threshold: f64) -> Scores {
    scores_of_labels(truth, probabilities, &labels(probabilities, threshold))
}

/// As [`scores`], where `labels` says which tracks are predicted as hits.
pub fn scores_of_labels(truth: &[bool], probabilities: &[f64], labels: &[bool]) -> Scores {
    let confusion = Confusion::of_labels(truth, labels);
    Scores {
        accuracy: confusion.accuracy(),
        precision: confusion.precision(),
        recall: confusion.recall(),
        f1: confusion.f1(),
        roc_auc: roc_auc(truth, probabilities).unwrap_or(f64::NAN),
        average_precision: average_precision(truth, probabilities),
        brier: brier(truth, probabilities),
        log_loss: log_loss(truth, probabilities),
    }
}

/// Tracks that share a probability: flops and hits at it or above.
pub(super) struct ScoreStep {
    pub probability: f64,
    pub flops: u64,
    pub hits: u64,
}

/// Cumulative counts at each distinct probability, from the greatest down.
pub(super) fn steps(truth: &[bool], probabilities: &[f64]) -> Vec<ScoreStep> {
    assert_eq!(truth.len(), probabilities.len(), "one probability a track");
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_unstable_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
    let mut steps = Vec::new();
    let (mut flops, mut hits) = (0, 0);
    for tied in order.chunk_by(|&a, &b| probabilities[a] == probabilities[b]) {
        let tied_hits = tied.iter().filter(|&&row| truth[row]).count() as u64;
        hits += tied_hits;
        flops += tied.len() as u64 - tied_hits;
        steps.push(ScoreStep { probability: probabilities[tied[0]], flops, hits });
    }
    steps
}

/// Area under the ROC curve: the probability that a random hit has a greater probability than a random flop, a tie counting
/// one half (the Mann-Whitney statistic; Hanley and McNeil 1982). `None` if only one label occurs.
pub fn roc_auc(truth: &[bool], probabilities: &[f64]) -> Option<f64> {
    let steps = steps(truth, probabilities);
    let last = steps.last()?;
    // Twice the number of pairs in order: whole, so that no rounding gathers.
    let mut twice = 0u128;
    let (mut flops, mut hits) = (0, 0);
    for step in &steps {
        twice += u128::from(step.flops - flops) * u128::from(step.hits + hits);
        (flops, hits) = (step.flops, step.hits);
    }
    let pairs = u128::from(last.flops) * u128::from(last.hits);
    (pairs > 0).then(|| twice as f64 / (2 * pairs) as f64)
}

/// The probability that a ranking which says nothing of the label has at least this area under the ROC curve, on so many hits and flops:
/// the one-sided Mann-Whitney test by its normal approximation, without a correction for ties, which would make it smaller. 1 if there is
/// only one label.
pub fn roc_auc_p_value(roc_auc: f64, hits: u64, flops: u64) -> f64 {
    let (hits, flops) = (hits as f64, flops as f64);
    if hits == 0.0 || flops == 0.0 || roc_auc.is_nan() {
        return 1.0;
    }
    let standard_error = ((hits + flops + 1.0) / (12.0 * hits * flops)).sqrt();
    upper_tail((roc_auc - 0.5) / standard_error)
}

/// Σ (Rₖ − Rₖ₋₁) Pₖ over the distinct probabilities from the greatest down, with precision P and recall R of calling hits what
/// has at least that probability (scikit-learn's `average_precision_score`). NaN if there is no hit; at most 1, which the sum may
/// exceed by rounding.
pub fn average_precision(truth: &[bool], probabilities: &[f64]) -> f64 {
    let steps = steps(truth, probabilities);
    let all_hits = steps.last().map_or(0, |last| last.hits);
    if all_hits == 0 {
        return f64::NAN;
    }
    let mut hits = 0;
    let mut sum = 0.0;
    for step in &steps {
        sum += share(step.hits - hits, all_hits) * share(step.hits, step.hits + step.flops);
        hits = step.hits;
    }
    sum.min(1.0)
}

/// Mean of (probability − label)², the label being 1 for a hit (Brier 1950); 0 if there is no track.
pub fn brier(truth: &[bool], probabilities: &[f64]) -> f64 {
    mean(truth, probabilities, |hit, probability| (probability - f64::from(u8::from(hit))).powi(2))
}

/// Mean of −log(probability given to the true label), in nats; 0 if there is no track. As in scikit-learn, a probability is
/// kept 2⁻⁵² away from 0 and 1, so that one wrong certainty does not make the mean infinite.
pub fn log_loss(truth: &[bool], probabilities: &[f64]) -> f64 {
    let loss = |hit, probability: f64| {
        let hit_probability = probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        -(if hit { hit_probability } else { 1.0 - hit_probability }).ln()
    };
    mean(truth, probabilities, loss)
}

fn mean(truth: &[bool], probabilities: &[f64], loss: impl Fn(bool, f64) -> f64) -> f64 {
    assert_eq!(truth.len(), probabilities.len(), "one probability a track");
    let sum: f64 = truth.iter().zip(probabilities).map(|(&hit, &probability)| loss(hit, probability)).sum();
    sum / truth.len().max(1) as f64
}

/// The ROC curve from (0, 0) to (1, 1), as scikit-learn's `roc_curve`: a point at each distinct probability, less those
/// that lie midway between their neighbours. The rate of a label that does not occur is 0.
///
/// It has at most one point more than there are distinct probabilities: for a tree, than it has leaves.
pub fn roc_curve(truth: &[bool], probabilities: &[f64]) -> Vec<RocPoint> {
    let steps = steps(truth, probabilities);
    let (all_flops, all_hits) = steps.last().map_or((0, 0), |last| (last.flops, last.hits));
    let point = |step: &ScoreStep| RocPoint {
        false_positive_rate: share(step.flops, all_flops),
        true_positive_rate: share(step.hits, all_hits),
        threshold: step.probability,
    };
    let origin = ScoreStep { probability: f64::INFINITY, flops: 0, hits: 0 };
    let corner = |i: usize| i == 0 || i + 1 == steps.len() || !is_midway(&steps[i - 1..=i + 1]);
    let corners = (0..steps.len()).filter(|&i| corner(i)).map(|i| &steps[i]);
    std::iter::once(&origin).chain(corners).map(point).collect()
}

fn is_midway(three: &[ScoreStep]) -> bool {
    let [before, here, after] = three else { return false };
    2 * here.flops == before.flops + after.flops && 2 * here.hits == before.hits + after.hits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct MetricsCase {
        name: String,
        truth: Vec<u8>,
        probability: Vec<f64>,
        confusion: Confusion,
        scores: Scores,
        roc: RocFixture,
    }

    #[derive(Deserialize)]
    struct RocFixture {
        fpr: Vec<f64>,
        tpr: Vec<f64>,
        thresholds: Vec<Option<f64>>,
    }

    /// `tests/fixtures/make_metrics.py`, to 1e-12.
    #[test]
    fn scores_and_curves_are_scikit_learns() {
        let cases: Vec<MetricsCase> =
            serde_json::from_str(include_str!("../../../tests/fixtures/metrics.json")).expect("a fixture");
        assert!(cases.len() >= 8);
        for case in cases {
            let truth: Vec<bool> = case.truth.iter().map(|&label| label == 1).collect();
            let close = |what: &str, found: f64, expected: f64| {
                assert!((found - expected).abs() <= 1e-12, "{}, {what}: found {found}, expected {expected}", case.name);
            };
            assert_eq!(confusion(&truth, &case.probability, 0.5), case.confusion, "{}", case.name);
            let found = scores(&truth, &case.probability, 0.5);
            close("accuracy", found.accuracy, case.scores.accuracy);
            close("precision", found.precision, case.scores.precision);
            close("recall", found.recall, case.scores.recall);
            close("F1", found.f1, case.scores.f1);
            close("ROC AUC", found.roc_auc, case.scores.roc_auc);
            close("average precision", found.average_precision, case.scores.average_precision);
            close("Brier", found.brier, case.scores.brier);
            close("log loss", found.log_loss, case.scores.log_loss);
            let curve = roc_curve(&truth, &case.probability);
            assert_eq!(curve.len(), case.roc.fpr.len(), "{}", case.name);
            for (i, point) in curve.iter().enumerate() {
                close("false positive rate", point.false_positive_rate, case.roc.fpr[i]);
                close("true positive rate", point.true_positive_rate, case.roc.tpr[i]);
                assert_eq!(point.threshold, case.roc.thresholds[i].unwrap_or(f64::INFINITY), "{}", case.name);
            }
        }
    }

    #[test]
    fn what_needs_both_labels_is_undefined_without_them() {
        for truth in [vec![], vec![true; 3], vec![false; 3]] {
            let probabilities = &[0.2, 0.7, 0.7][..truth.len()];
            assert_eq!(roc_auc(&truth, probabilities), None);
            assert!(scores(&truth, probabilities, 0.5).roc_auc.is_nan());
            let curve = roc_curve(&truth, probabilities);
            assert!(curve.iter().all(|point| point.false_positive_rate.is_finite() && point.true_positive_rate <= 1.0));
        }
        let scores = scores(&[false, false], &[0.1, 0.2], 0.5);
        assert_eq!((scores.accuracy, scores.precision, scores.recall, scores.f1), (1.0, 0.0, 0.0, 0.0));
        assert!(scores.average_precision.is_nan());
        assert_eq!(scores.brier, (0.1f64.powi(2) + 0.2f64.powi(2)) / 2.0);
        let json = serde_json::to_string(&scores).expect("JSON");
        assert!(json.contains(r#""roc_auc":null,"average_precision":null"#), "{json}");
        let back: Scores = serde_json::from_str(&json).expect("scores");
        assert!(back.roc_auc.is_nan() && back.average_precision.is_nan() && back.brier == scores.brier);
        assert_eq!((brier(&[], &[]), log_loss(&[], &[])), (0.0, 0.0));
    }

    /// 0.5 of 6 hits and 6 flops has a standard error of 0.17, so that 0.85 is two of them away.
    #[test]
    fn the_same_area_means_less_on_fewer_rows() {
        assert!((roc_auc_p_value(0.85, 6, 6) - 0.0218).abs() < 1e-3, "{}", roc_auc_p_value(0.85, 6, 6));
        assert!(roc_auc_p_value(0.85, 60, 60) < 1e-10);
        assert!((roc_auc_p_value(0.5, 9, 4) - 0.5).abs() < 1e-6);
        assert_eq!((roc_auc_p_value(1.0, 9, 0), roc_auc_p_value(f64::NAN, 9, 9)), (1.0, 1.0));
    }

    proptest! {
        /// Against the definition, pair by pair; and the area under the curve's points by trapezia.
        #[test]
        fn roc_auc_counts_pairs(rows in prop::collection::vec((any::<bool>(), 0u8..12), 1..80)) {
            let (truth, probabilities): (Vec<bool>, Vec<f64>) =
                rows.into_iter().map(|(hit, tenths)| (hit, f64::from(tenths) / 11.0)).unzip();
            let of = |label: bool| {
                let rows = truth.iter().zip(&probabilities);
                rows.filter(|(&hit, _)| hit == label).map(|(_, &p)| p).collect::<Vec<f64>>()
            };
            let (hits, flops) = (of(true), of(false));
            prop_assume!(!hits.is_empty() && !flops.is_empty());
            let mut won = 0.0;
            for hit in &hits {
                won += flops.iter().map(|flop| if hit > flop { 1.0 } else if hit == flop { 0.5 } else { 0.0 }).sum::<f64>();
            }
            let expected = won / (hits.len() * flops.len()) as f64;
            let found = roc_auc(&truth, &probabilities).expect("both labels occur");
            prop_assert!((found - expected).abs() < 1e-12);
            let area: f64 = roc_curve(&truth, &probabilities)
                .windows(2)
                .map(|pair| {
                    let width = pair[1].false_positive_rate - pair[0].false_positive_rate;
                    width * (pair[0].true_positive_rate + pair[1].true_positive_rate) / 2.0
                })
                .sum();
            prop_assert!((area - expected).abs() < 1e-12);
        }
    }

    /// Nine times 1/9 adds up to more than 1.
    #[test]
    fn average_precision_is_at_most_one() {
        for hits in 1..200 {
            let truth: Vec<bool> = (0..hits + 3).map(|row| row < hits).collect();
            let probabilities: Vec<f64> = (0..hits + 3).map(|row| 1.0 - row as f64 / 1000.0).collect();
            let found = average_precision(&truth, &probabilities);
            assert!((1.0 - 1e-12..=1.0).contains(&found), "{hits} hits: {found}");
        }
    }
}
