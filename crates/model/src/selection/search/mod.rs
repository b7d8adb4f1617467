//! Searching for parameters by cross-validation.

pub mod boosting;
pub mod grid;
