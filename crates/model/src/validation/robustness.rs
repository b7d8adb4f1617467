//! How good a recipe is and what would flatter it, all in one.

use serde::Serialize;

use super::cross_decade::CrossDecadeScores;
use super::leakage::Leakage;
use super::learning_curve::LearningCurve;
use super::SchemeComparison;
use crate::dataset::duplicates::DuplicateFigures;

/// What was asked of a recipe on some tracks, and the answers. What the tracks do not allow is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Robustness {
    /// Rows of one URI and decade.
    pub duplicates: DuplicateFigures,
    /// At random, by groups, forward in time.
    pub protocols: SchemeComparison,
    /// From decade to decade; absent where there are no two decades of both labels, or no grouped folds.
    pub transfer: Option<CrossDecadeScores>,
    /// Over the number of training rows; absent where there are too few.
    pub learning_curve: Option<LearningCurve>,
    /// What gives the label away; absent where no groups can be held out.
    pub leaks: Option<Leakage>,
}
