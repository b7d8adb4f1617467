//! The stages that ask how good a recipe is, and what leaks.

use anyhow::Result;

use super::progress::Progress;
use hitflop_model::dataset::grouped_dataset::GroupedDataset;
use hitflop_model::selection::hold_out::HoldOut;
use hitflop_model::validation::leakage;
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::{
    self, cross_decade, learning_curve, ModelSpec, PrefitModel, ValidationBudget, ValidationScheme,
};

/// What is asked, and how often.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub protocols: &'a [ValidationScheme],
    /// Seed and share of the splits.
    pub hold_out: HoldOut,
    pub effort: ValidationBudget,
    /// An estimator that need not be fitted again.
    pub at_hand: Option<PrefitModel<'a>>,
}

/// Asks a recipe everything, each question a stage.
pub fn assess(
    progress: &mut Progress,
    tracks: &GroupedDataset,
    recipe: &ModelSpec,
    asked: Asked,
) -> Result<Robustness> {
    let Asked { protocols, hold_out, effort, at_hand } = asked;
    let fits = validation::fits(tracks, protocols, &effort);
    let side_by_side = progress.counted("score by several protocols", fits, |bar| {
        let on_fit = || bar.inc(1);
        validation::side_by_side(recipe, tracks, protocols, hold_out, &effort, at_hand, &on_fit)
    })?;
    let transfer = progress.counted("score from decade to decade", cross_decade::fits(tracks, &effort), |bar| {
        cross_decade::transfer(recipe, tracks, hold_out.seed, &effort, &|| bar.inc(1))
    })?;
    let fits = learning_curve::fits(tracks, hold_out, &effort);
    let learning_curve = progress.counted("draw the learning curve", fits, |bar| {
        learning_curve::learning_curve(recipe, tracks, hold_out, &effort, &|| bar.inc(1))
    })?;
    let leaks = progress.counted("measure the leaks", leakage::fits(), |bar| {
        leakage::leaks(recipe, tracks, hold_out, &effort, &|| bar.inc(1))
    })?;
    Ok(Robustness { duplicates: *tracks.duplicates(), protocols: side_by_side, transfer, learning_curve, leaks })
}
