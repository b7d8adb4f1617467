//! What is known of a model's probabilities and of its threshold, for the report.

use serde::{Deserialize, Serialize};

use super::decision::{Decision, OutOfFold};
use hitflop_metrics::calibration::{Calibration, CalibrationSelection};
use hitflop_metrics::curves::{self, PrecisionRecallPoint, ThresholdPoint};
use hitflop_metrics::reliability::{
    bins_of_equal_count, bins_of_equal_width, histogram, Frequency, ProbabilityScores, ReliabilityBin, BINS,
};
use hitflop_metrics::threshold::Objective;
use hitflop_trees::THRESHOLD;

/// Scores of the same tracks' probabilities before and after calibration; the same twice where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationEffect {
    /// Of the estimator's probabilities.
    pub before: ProbabilityScores,
    /// Of the calibrated ones.
    pub after: ProbabilityScores,
}

/// The scores that are kept with a model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationScores {
    /// On the training rows, each under an estimator and a calibration that were fitted without it; absent where the model was
    /// not cross-validated.
    pub out_of_fold: Option<CalibrationEffect>,
    /// On the test rows.
    pub test: CalibrationEffect,
}

/// How well some tracks' probabilities mean what they say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityCurves {
    /// Brier score, log loss and calibration error.
    pub scores: ProbabilityScores,
    /// The curve over ten bins of equal width.
    pub bins: Vec<ReliabilityBin>,
    /// The curve over ten bins that hold about equally many tracks.
    pub bins_of_equal_count: Vec<ReliabilityBin>,
    /// How often probabilities lie in each of forty bins of equal width.
    pub histogram: Vec<Frequency>,
}

/// How the answers of some tracks change with the threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdSweep {
    /// Number of tracks.
    pub rows: u64,
    /// Scores at the model's threshold.
    pub chosen: ThresholdPoint,
    /// Scores at a threshold of 0.5, with the same probabilities.
    pub at_half: ThresholdPoint,
    /// Scores at 0, 0.01, … 1.
    pub curve: Vec<ThresholdPoint>,
}

/// Probabilities and threshold of the final model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbabilityQuality {
    /// From the estimator's probability to the model's.
    pub calibration: Calibration,
    /// Which calibrations were tried; absent where the model was not cross-validated.
    pub study: Option<CalibrationSelection>,
    /// A track is predicted as a hit if its probability is greater than this.
    pub threshold: f64,
    /// What it was chosen for.
    pub objective: Objective,
    /// Before and after, on training and on test rows.
    pub scores: CalibrationScores,
    /// The test rows' probabilities by the estimator.
    pub before: ReliabilityCurves,
    /// The same after calibration.
    pub after: ReliabilityCurves,
    /// The precision-recall curve of the test rows, without points closer than 0.002 in both.
    pub precision_recall: Vec<PrecisionRecallPoint>,
    /// Share of hits among the test rows, which is the precision of calling all of them hits.
    pub hit_share: f64,
    /// Answers on the training rows, out of fold, by which the threshold was chosen.
    pub out_of_fold: Option<ThresholdSweep>,
    /// Answers on the test rows.
    pub test: ThresholdSweep,
}

impl ProbabilityQuality {
    /// `raw` are the estimator's probabilities of the test rows, of which `truth` says whether they are hits.
    ///
    /// # Panics
    /// The slices differ in length.
    pub fn of(decision: &Decision, evidence: Option<&OutOfFold>, truth: &[bool], raw: &[f64]) -> ProbabilityQuality {
        let calibrated = decision.calibration.apply_to(raw);
        let (before, after) = (ReliabilityCurves::of(truth, raw), ReliabilityCurves::of(truth, &calibrated));
        let out_of_fold = evidence.map(|evidence| CalibrationEffect {
            before: ProbabilityScores::of(&evidence.truth, &evidence.raw),
            after: ProbabilityScores::of(&evidence.truth, &evidence.calibrated),
        });
        let threshold = decision.threshold;
        ProbabilityQuality {
            calibration: decision.calibration.clone(),
            study: evidence.map(|evidence| evidence.study.clone()),
            threshold,
            objective: decision.objective,
            scores: CalibrationScores {
                out_of_fold,
                test: CalibrationEffect { before: before.scores, after: after.scores },
            },
            before,
            after,
            precision_recall: curves::thinned_precision_recall(curves::precision_recall_curve(truth, &calibrated)),
            hit_share: truth.iter().filter(|&&hit| hit).count() as f64 / truth.len() as f64,
            out_of_fold: evidence.map(|evidence| ThresholdSweep::of(threshold, &evidence.truth, &evidence.calibrated)),
            test: ThresholdSweep::of(threshold, truth, &calibrated),
        }
    }
}

impl ReliabilityCurves {
    /// The curves of probabilities of tracks of which `truth` says whether they are hits.
    pub(crate) fn of(truth: &[bool], probabilities: &[f64]) -> ReliabilityCurves {
        ReliabilityCurves {
            scores: ProbabilityScores::of(truth, probabilities),
            bins: bins_of_equal_width(truth, probabilities, BINS),
            bins_of_equal_count: bins_of_equal_count(truth, probabilities, BINS),
            histogram: histogram(truth, probabilities),
        }
    }
}

impl ThresholdSweep {
    fn of(threshold: f64, truth: &[bool], probabilities: &[f64]) -> ThresholdSweep {
        ThresholdSweep {
            rows: truth.len() as u64,
            chosen: ThresholdPoint::at(threshold, truth, probabilities),
            at_half: ThresholdPoint::at(THRESHOLD, truth, probabilities),
            curve: curves::threshold_curve(truth, probabilities),
        }
    }
}
