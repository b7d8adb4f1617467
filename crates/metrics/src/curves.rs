//! How a model's answers change with the threshold: the precision-recall curve, and each score over thresholds.

use serde::{Deserialize, Serialize};

use super::scores::{confusion, share, steps, RocPoint, ScoreStep};

/// Points of a curve that are closer than this in both directions are kept as one; on a chart they would coincide.
const CURVE_STEP: f64 = 0.002;
/// Parts into which the thresholds from 0 to 1 are cut.
const THRESHOLD_STEPS: u32 = 100;

/// A point of the precision-recall curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecallPoint {
    /// Share of the hits called hits.
    pub recall: f64,
    /// Share of hits among the tracks called hits; 1 at the first point, where none is.
    pub precision: f64,
    /// Tracks whose probability is at least this are called hits; none at the first point, where no track is.
    pub threshold: Option<f64>,
}

/// The precision-recall curve, from no track predicted as a hit (recall 0, precision 1 by convention) to all, a point at each distinct
/// probability: scikit-learn's `precision_recall_curve`, the other way round. Recall is 1 where there is no hit.
///
/// # Panics
/// The slices differ in length (as in all functions here).
pub fn precision_recall_curve(truth: &[bool], probabilities: &[f64]) -> Vec<PrecisionRecallPoint> {
    let steps = steps(truth, probabilities);
    let all_hits = steps.last().map_or(0, |last| last.hits);
    let point = |step: &ScoreStep| PrecisionRecallPoint {
        recall: if all_hits == 0 { 1.0 } else { share(step.hits, all_hits) },
        precision: share(step.hits, step.hits + step.flops),
        threshold: Some(step.probability),
    };
    let none = PrecisionRecallPoint { recall: 0.0, precision: 1.0, threshold: None };
    std::iter::once(none).chain(steps.iter().map(point)).collect()
}

/// Points of a curve without those that are close to the point kept before them, as `is_far` (before, point) says. The first and
/// the last point are kept.
pub fn thinned<T>(curve: impl IntoIterator<Item = T>, is_far: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut curve = curve.into_iter().peekable();
    let mut kept: Vec<T> = Vec::new();
    while let Some(point) = curve.next() {
        if kept.last().is_none_or(|before| is_far(before, &point)) || curve.peek().is_none() {
            kept.push(point);
        }
    }
    kept
}

/// Points of a precision-recall curve that are at least 0.002 apart in recall or in precision, and the last.
pub fn thinned_precision_recall(curve: Vec<PrecisionRecallPoint>) -> Vec<PrecisionRecallPoint> {
    thinned(curve, |before, point| {
        (point.recall - before.recall).abs() >= CURVE_STEP || (point.precision - before.precision).abs() >= CURVE_STEP
    })
}

/// Points of a ROC curve that are at least 0.002 apart in one of the rates, and the last.
pub fn thinned_roc(curve: Vec<RocPoint>) -> Vec<RocPoint> {
    thinned(curve, |before, point| {
        point.false_positive_rate - before.false_positive_rate >= CURVE_STEP
            || point.true_positive_rate - before.true_positive_rate >= CURVE_STEP
    })
}

/// Scores at one threshold; a track is predicted as a hit if its probability is greater than it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdPoint {
    /// Probability above which a track is predicted as a hit.
    pub threshold: f64,
    /// Share of right answers.
    pub accuracy: f64,
    /// Share of hits among the tracks called hits; none where no track is.
    pub precision: Option<f64>,
    /// Share of the hits that are called hits; 0 if there is none.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Share of the tracks that are called hits.
    pub called_hits: f64,
}

impl ThresholdPoint {
    /// The scores at a threshold.
    pub fn at(threshold: f64, truth: &[bool], probabilities: &[f64]) -> ThresholdPoint {
        let counts = confusion(truth, probabilities, threshold);
        let called = counts.true_positives + counts.false_positives;
        ThresholdPoint {
            threshold,
            accuracy: counts.accuracy(),
            precision: (called > 0).then(|| counts.precision()),
            recall: counts.recall(),
            f1: counts.f1(),
            called_hits: share(called, truth.len() as u64),
        }
    }
}

/// The scores at the thresholds 0, 0.01, … 1.
pub fn threshold_curve(truth: &[bool], probabilities: &[f64]) -> Vec<ThresholdPoint> {
    let threshold = |step: u32| f64::from(step) / f64::from(THRESHOLD_STEPS);
    (0..=THRESHOLD_STEPS).map(|step| ThresholdPoint::at(threshold(step), truth, probabilities)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct CurveCase {
        name: String,
        truth: Vec<u8>,
        probability: Vec<f64>,
        precision_recall: PrecisionRecallFixture,
    }

    #[derive(Deserialize)]
    struct PrecisionRecallFixture {
        precision: Vec<f64>,
        recall: Vec<f64>,
        thresholds: Vec<f64>,
    }

    /// `tests/fixtures/make_calibration.py`, to 1e-12; there the curve runs from the least threshold to the greatest.
    #[test]
    fn precision_recall_curves_are_scikit_learns() {
        let cases: Vec<CurveCase> =
            serde_json::from_str(include_str!("../../../tests/fixtures/calibration.json")).expect("a fixture");
        for CurveCase { name, truth, probability, precision_recall } in cases {
            let truth: Vec<bool> = truth.iter().map(|&label| label == 1).collect();
            let PrecisionRecallFixture { precision, recall, thresholds } = precision_recall;
            let curve = precision_recall_curve(&truth, &probability);
            assert_eq!(curve.len(), precision.len(), "{name}");
            for (index, point) in curve.iter().rev().enumerate() {
                assert!((point.precision - precision[index]).abs() <= 1e-12, "{name}, {index}");
                assert!((point.recall - recall[index]).abs() <= 1e-12, "{name}, {index}");
                assert_eq!(point.threshold, thresholds.get(index).copied(), "{name}, {index}");
            }
        }
    }

    #[test]
    fn scores_over_thresholds_are_those_found_by_hand() {
        let (truth, probabilities) = ([true, false, true, false], [0.9, 0.6, 0.5, 0.1]);
        let curve = threshold_curve(&truth, &probabilities);
        assert_eq!(curve.len(), 101);
        // A track at the threshold is predicted as a flop.
        let half = curve[50];
        assert_eq!((half.threshold, half.accuracy, half.precision, half.recall), (0.5, 0.5, Some(0.5), 0.5));
        assert_eq!((half.f1, half.called_hits), (0.5, 0.5));
        assert_eq!((curve[0].recall, curve[0].precision, curve[0].called_hits), (1.0, Some(0.5), 1.0));
        assert_eq!((curve[100].recall, curve[100].precision, curve[100].accuracy), (0.0, None, 0.5));
        assert_eq!(ThresholdPoint::at(0.3, &truth, &probabilities).f1, 0.8);
    }

    #[test]
    fn a_thinned_curve_keeps_its_ends_and_its_shape() {
        let truth: Vec<bool> = (0..4000).map(|row| row % 3 != 0).collect();
        let probabilities: Vec<f64> = (0..4000).map(|row| f64::from(row * 7919 % 4000) / 4000.0).collect();
        let whole = precision_recall_curve(&truth, &probabilities);
        let thin = thinned_precision_recall(whole.clone());
        assert!(thin.len() < 1000 && thin.len() > 100, "{}", thin.len());
        assert_eq!((thin[0], thin[thin.len() - 1]), (whole[0], whole[whole.len() - 1]));
        assert!(precision_recall_curve(&[], &[]).len() == 1);
    }
}
