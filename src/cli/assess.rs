//! The stages that ask how good a recipe is, and what leaks.

use anyhow::Result;

use super::progress::Progress;
use crate::learn::assessment::Assessment;
use crate::learn::leaks;
use crate::learn::population::Population;
use crate::learn::protocols::{self, learning_curve, transfer, Effort, Fitted, Protocol, Recipe};
use crate::learn::train::HoldOut;

/// What is asked, and how often.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub protocols: &'a [Protocol],
    /// Seed and share of the splits.
    pub hold_out: HoldOut,
    pub effort: Effort,
    /// An estimator that need not be fitted again.
    pub at_hand: Option<Fitted<'a>>,
}

/// Asks a recipe everything, each question a stage.
pub fn assess(progress: &mut Progress, tracks: &Population, recipe: &Recipe, asked: Asked) -> Result<Assessment> {
    let Asked { protocols, hold_out, effort, at_hand } = asked;
    let fits = protocols::fits(tracks, protocols, &effort);
    let side_by_side = progress.counted("score by several protocols", fits, |bar| {
        let on_fit = || bar.inc(1);
        protocols::side_by_side(recipe, tracks, protocols, hold_out, &effort, at_hand, &on_fit)
    })?;
    let transfer = progress.counted("score from decade to decade", transfer::fits(tracks, &effort), |bar| {
        transfer::transfer(recipe, tracks, hold_out.seed, &effort, &|| bar.inc(1))
    })?;
    let fits = learning_curve::fits(tracks, hold_out, &effort);
    let learning_curve = progress.counted("draw the learning curve", fits, |bar| {
        learning_curve::learning_curve(recipe, tracks, hold_out, &effort, &|| bar.inc(1))
    })?;
    let leaks = progress.counted("measure the leaks", leaks::fits(), |bar| {
        leaks::leaks(recipe, tracks, hold_out, &effort, &|| bar.inc(1))
    })?;
    Ok(Assessment { duplicates: *tracks.duplicates(), protocols: side_by_side, transfer, learning_curve, leaks })
}
