//! Selects, validates, explains, saves and applies models of tracks.

#![deny(unreachable_pub)]

pub mod artifact;
pub mod blend;
pub mod dataset;
pub mod decision;
pub mod estimator;
mod estimator_text;
pub mod evaluation;
pub mod explain;
pub mod export;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
pub mod missing;
pub mod model;
mod param_rule;
pub mod param_value;
pub mod predictions;
pub mod probabilities;
pub mod reference;
pub mod scoring;
pub mod selection;
pub mod validation;
