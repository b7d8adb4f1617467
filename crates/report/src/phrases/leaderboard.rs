//! Words for the choice of the final model.

use hitflop_model::selection::leaderboard::ChoiceReason;

/// Why the final model is the final one: `chosen by the folds alone, …`.
pub(crate) fn reason(chosen_by: ChoiceReason) -> &'static str {
    match chosen_by {
        ChoiceReason::CrossValidation => "chosen by the folds, before any model was scored on the test rows",
        ChoiceReason::User => "as requested",
    }
}
