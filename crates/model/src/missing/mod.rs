//! Tracks of which features are missing: fallback models that answer them, and how good these answers are.
//!
//! | module | what it is |
//! |---|---|
//! | `mask` | a set of features: those that a track lacks |
//! | `pattern` | sets of features that providers of audio features leave out; random sets |
//! | `fallback` | the model for tracks that lack features, with a calibration and a threshold a set |
//! | `fit` | how fallback models are fitted, calibrated and scored |
//! | `coverage` | what a track lacks, and how good the answers to such tracks are |
//!
//! A model of complete rows answers a track without the decade far worse than a model that was fitted without the decade: each
//! split sends a missing value one way, whatever the rest of the track says. A fallback model is fitted to the training rows with
//! features hidden at random, three copies a row, so that its splits learn what to do without a value. One model learns from rows
//! that all lack the decade, one from rows that have it, one from rows that lack many features; if that is a boosting, from eight
//! copies (`benches/missing_features.rs` compares this with one model a set). Each set is hidden in rows that are balanced by label and
//! probability, so that a model is calibrated for sets that have no calibration of their own.

mod coverage;
mod fallback;
mod fit;
mod mask;
mod pattern;
#[cfg(test)]
mod tests;

pub use coverage::{BetterIfKnown, CoverageRows, FeatureCoverage, FeatureCoverageSummary, MissingSetCounts};
pub use fallback::{Answering, FallbackModel, MissingPattern, PatternScores, RandomPatterns};
pub use fit::{fit_fallbacks, hide, FallbackRows};
pub use mask::FeatureMask;
pub use pattern::{listed_patterns, pattern_name, random_masks};
