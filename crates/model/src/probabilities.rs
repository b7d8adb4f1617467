//! What is known of a model's probabilities and of its threshold, for the report.

use serde::{Deserialize, Serialize};

use super::decision::{Decision, Evidence};
use hitflop_metrics::calibration::{Calibration, Study};
use hitflop_metrics::curves::{self, PrecisionRecallPoint, ThresholdPoint};
use hitflop_metrics::reliability::{
    bins_of_equal_count, bins_of_equal_width, histogram, Frequency, ProbabilityScores, ReliabilityBin, BINS,
};
use hitflop_metrics::threshold::Objective;
use hitflop_trees::THRESHOLD;

/// Scores of the same tracks' probabilities before and after calibration; the same twice where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BeforeAndAfter {
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
    pub out_of_fold: Option<BeforeAndAfter>,
    /// On the test rows.
    pub test: BeforeAndAfter,
}

/// How well some tracks' probabilities mean what they say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// Scores.
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
pub struct Answers {
    /// Tracks.
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
pub struct Probabilities {
    /// From the estimator's probability to the model's.
    pub calibration: Calibration,
    /// Which calibrations were tried; absent where the model was not cross-validated.
    pub study: Option<Study>,
    /// A track is called a hit if its probability is greater than this.
    pub threshold: f64,
    /// What it was chosen for.
    pub objective: Objective,
    /// Before and after, on training and on test rows.
    pub scores: CalibrationScores,
    /// The test rows' probabilities by the estimator.
    pub before: Reliability,
    /// The same after calibration.
    pub after: Reliability,
    /// The precision-recall curve of the test rows, without points closer than 0.002 in both.
    pub precision_recall: Vec<PrecisionRecallPoint>,
    /// Share of hits among the test rows, which is the precision of calling all of them hits.
    pub hit_share: f64,
    /// Answers on the training rows, out of fold, by which the threshold was chosen.
    pub out_of_fold: Option<Answers>,
    /// Answers on the test rows.
    pub test: Answers,
}

impl Probabilities {
    /// `raw` are the estimator's probabilities of the test rows, of which `truth` says whether they are hits.
    ///
    /// # Panics
    /// The slices differ in length.
    pub fn of(decision: &Decision, evidence: Option<&Evidence>, truth: &[bool], raw: &[f64]) -> Probabilities {
        let calibrated = decision.calibration.apply_to(raw);
        let (before, after) = (Reliability::of(truth, raw), Reliability::of(truth, &calibrated));
        let out_of_fold = evidence.map(|evidence| BeforeAndAfter {
            before: ProbabilityScores::of(&evidence.truth, &evidence.raw),
            after: ProbabilityScores::of(&evidence.truth, &evidence.calibrated),
        });
        let threshold = decision.threshold;
        Probabilities {
            calibration: decision.calibration.clone(),
            study: evidence.map(|evidence| evidence.study.clone()),
            threshold,
            objective: decision.objective,
            scores: CalibrationScores {
                out_of_fold,
                test: BeforeAndAfter { before: before.scores, after: after.scores },
            },
            before,
            after,
            precision_recall: curves::thinned(curves::precision_recall_curve(truth, &calibrated)),
            hit_share: truth.iter().filter(|&&hit| hit).count() as f64 / truth.len() as f64,
            out_of_fold: evidence.map(|evidence| Answers::of(threshold, &evidence.truth, &evidence.calibrated)),
            test: Answers::of(threshold, truth, &calibrated),
        }
    }
}

impl Reliability {
    fn of(truth: &[bool], probabilities: &[f64]) -> Reliability {
        Reliability {
            scores: ProbabilityScores::of(truth, probabilities),
            bins: bins_of_equal_width(truth, probabilities, BINS),
            bins_of_equal_count: bins_of_equal_count(truth, probabilities, BINS),
            histogram: histogram(truth, probabilities),
        }
    }
}

impl Answers {
    fn of(threshold: f64, truth: &[bool], probabilities: &[f64]) -> Answers {
        Answers {
            rows: truth.len() as u64,
            chosen: ThresholdPoint::at(threshold, truth, probabilities),
            at_half: ThresholdPoint::at(THRESHOLD, truth, probabilities),
            curve: curves::threshold_curve(truth, probabilities),
        }
    }
}
