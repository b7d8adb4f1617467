//! Which tracks a model is fitted on, and which it is scored on.
//!
//! | way | measures a model on | function |
//! |---|---|---|
//! | random | more tracks of the same labels and decades, by much the same artists | [`random_split`] |
//! | grouped | tracks of artists that it has never met | [`grouped_split`] |
//! | forward | the decade after those that it has learned from | [`forward_splits`] |
//! | folds | either of the first two, each row once | [`Folds`] |
//!
//! Of many rows, [`stratified_sample`] draws some that have the labels, periods and groups of all of them.

mod folds;
mod forward;
mod grouped;
mod groups;
mod random;
mod sample;

pub use folds::Folds;
pub use forward::{forward_splits, ForwardSplit};
pub use grouped::grouped_split;
pub use groups::{codes_of_rows, codes_of_texts, GroupFigures, RowGroups, SizeClass};
pub use random::random_split;
pub use sample::{stratified_sample, SampleSize};

use crate::{MetricsError, Result};

/// Row indices of the two parts, each ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainTestSplit {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to score on.
    pub test: Vec<usize>,
}

/// Whether both classes occur among some rows of `targets`.
///
/// # Panics
/// There is no such row.
pub fn has_both_classes(targets: &[bool], rows: &[usize]) -> bool {
    rows.iter().any(|&row| targets[row]) && rows.iter().any(|&row| !targets[row])
}

/// Fails unless `test_share` is a share of something.
fn check_share(test_share: f64) -> Result<()> {
    if test_share > 0.0 && test_share < 1.0 {
        return Ok(());
    }
    let rule = "expected a share above 0 and below 1".to_owned();
    Err(MetricsError::Parameter { name: "test_share", rule, value: test_share.to_string() })
}

/// Fails unless there are at least two folds.
fn check_folds(folds: usize) -> Result<()> {
    if folds >= 2 {
        return Ok(());
    }
    let rule = "expected a whole number of at least 2".to_owned();
    Err(MetricsError::Parameter { name: "folds", rule, value: folds.to_string() })
}
