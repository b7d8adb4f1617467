//! Scores of one specification by all validations, and leakage.

use serde::Serialize;

use super::cross_decade::CrossDecadeScores;
use super::leakage::Leakage;
use super::learning_curve::LearningCurve;
use super::SchemeComparison;
use crate::dataset::duplicates::DuplicateFigures;
use hitflop_metrics::split::SampleSize;

/// Scores of parameters and features on some tracks by every validation. A validation that the tracks do not allow is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Robustness {
    /// Size of the sample of the tracks that all validations use; absent if they use all tracks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleSize>,
    /// Rows of one URI and decade, among all tracks.
    pub duplicates: DuplicateFigures,
    /// At random, by groups, forward in time.
    #[serde(rename = "protocols")]
    pub schemes: SchemeComparison,
    /// From decade to decade; absent where there are no two decades of both labels, or no grouped folds.
    #[serde(rename = "transfer")]
    pub cross_decade: Option<CrossDecadeScores>,
    /// Over the number of training rows; absent where there are too few.
    pub learning_curve: Option<LearningCurve>,
    /// What leaks the label; absent where no groups can be held out.
    #[serde(rename = "leaks")]
    pub leakage: Option<Leakage>,
}
