//! Words for the choice of the final model.

use crate::format::count;
use hitflop_model::selection::leaderboard::{ChoiceReason, Leaderboard};

/// Why the final model is the final one: `chosen by the folds alone, …`.
pub(crate) fn reason(chosen_by: ChoiceReason) -> &'static str {
    match chosen_by {
        ChoiceReason::CrossValidation => "chosen by the folds, before any model was scored on the test rows",
        ChoiceReason::User => "as requested",
    }
}

/// `the first 2 for models that are clearly behind on these`, unless every model was tried on all folds.
pub(crate) fn first_folds(comparison: &Leaderboard) -> Option<String> {
    let folds = comparison.dropped().first().map(|row| row.cross_validation.folds.len() as u64)?;
    Some(format!("the first {} for models that are clearly behind on these", count(folds)))
}
