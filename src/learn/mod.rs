//! From tracks to a fitted, scored model.
//!
//! ```text
//! table ──frame──▶ Dataset ──split──▶ train ──standardise──▶ tree ──▶ Model ──evaluation──▶ Evaluation
//!                              └────▶ test ──────────────────────────────────────▲
//! ```

pub mod boosting;
pub mod dataset;
pub mod decision_tree;
pub mod evaluation;
#[cfg(test)]
pub(crate) mod examples;
mod frame;
pub mod metrics;
pub mod model;
pub mod split;
mod train;
pub mod tree;

pub use train::{train, TrainSettings, Trained};
