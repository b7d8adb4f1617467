//! The model for tracks that lack features.

use serde::{Deserialize, Serialize};

use super::mask::FeatureMask;
use crate::decision::Decision;
use crate::estimator::{Estimator, EstimatorParams};
use crate::explain::local::ContributionScale;
use hitflop_metrics::calibration::Calibration;

/// Scores of a model on its test rows, some of whose features were hidden.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatternScores {
    /// Share of right answers at the threshold.
    pub accuracy: f64,
    /// Area under the ROC curve. NaN (null in JSON) where only one label occurs.
    #[serde(deserialize_with = "hitflop_metrics::scores::nan_if_null")]
    pub roc_auc: f64,
    /// Expected calibration error over ten bins of equal width.
    pub expected_calibration_error: f64,
}

/// Calibration, threshold and scores where certain features are missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissingPattern {
    /// The features that are missing.
    pub missing: FeatureMask,
    /// Calibration and threshold.
    pub decision: Decision,
    /// On the test rows with these features hidden.
    pub scores: PatternScores,
}

/// Calibration, threshold and scores where a number of features is missing at random.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RandomPatterns {
    /// Calibration and threshold.
    pub decision: Decision,
    /// Scores on test rows with that many features hidden at random.
    pub scores: PatternScores,
}

/// A model that was fitted to rows with hidden features. It answers tracks that lack a listed set, all features of
/// [`FallbackModel::hidden`], or at least [`FallbackModel::min_missing`] features.
#[derive(Clone, Debug, PartialEq)]
pub struct FallbackModel {
    /// Features that were hidden in all rows that it was fitted to; may be none.
    pub hidden: FeatureMask,
    /// Least number of features that were hidden in all rows that it was fitted to: it answers tracks that lack at least so many.
    pub min_missing: usize,
    /// With what it was fitted.
    pub params: EstimatorParams,
    /// What was fitted.
    pub estimator: Estimator,
    /// Sets of missing features with a calibration and a threshold of their own.
    pub patterns: Vec<MissingPattern>,
    /// Calibration, threshold and scores for all other sets, by the number of features that are missing beside those that are always
    /// hidden, from 0 on.
    pub others: Vec<RandomPatterns>,
}

/// The estimator that answers a track, with its calibration and threshold.
#[derive(Clone, Copy, Debug)]
pub struct Answering<'a> {
    /// Which one: 0 is the model of complete tracks, 1 the first fallback model.
    pub index: usize,
    /// The estimator.
    pub estimator: &'a Estimator,
    /// From the estimator's probability to the model's.
    pub calibration: &'a Calibration,
    /// The track is predicted as a hit if its calibrated probability is greater than this.
    pub threshold: f64,
}

impl Answering<'_> {
    /// The calibrated probability at a sum of the values of the estimator's leaves.
    pub fn probability_of_sum(&self, sum: f64) -> f64 {
        self.calibration.apply(self.estimator.probability_of_sum(sum))
    }

    /// The scale in which contributions to the answer add up.
    pub fn scale(&self) -> ContributionScale {
        ContributionScale::of(self.estimator)
    }
}

impl FallbackModel {
    /// Whether it was fitted for tracks that lack these features.
    pub(crate) fn is_for(&self, missing: FeatureMask) -> bool {
        self.hidden.is_subset(missing) && self.min_missing <= missing.len()
    }

    /// The listed set that is `missing`.
    pub fn pattern(&self, missing: FeatureMask) -> Option<&MissingPattern> {
        self.patterns.iter().find(|pattern| pattern.missing == missing)
    }

    /// Calibration and threshold for tracks that lack these features: of the set itself if it is listed, else of as many features at
    /// random, or of the most that were tried. None if there is neither, as in no fallback model that was fitted.
    pub fn decision(&self, missing: FeatureMask) -> Option<&Decision> {
        let at_random = || self.others(missing).or(self.others.last()).map(|others| &others.decision);
        self.pattern(missing).map(|pattern| &pattern.decision).or_else(at_random)
    }

    /// Scores for tracks that lack these features: of the set itself if it is listed, else of as many features at random. None if
    /// nothing of the kind was scored.
    pub fn scores(&self, missing: FeatureMask) -> Option<PatternScores> {
        let at_random = || self.others(missing).map(|others| others.scores);
        self.pattern(missing).map(|pattern| pattern.scores).or_else(at_random)
    }

    fn others(&self, missing: FeatureMask) -> Option<&RandomPatterns> {
        self.others.get(missing.difference(self.hidden).len())
    }
}
