//! From tracks to fitted, scored models.
//!
//! ```text
//! table ──frame──▶ Dataset ──split──▶ train ──estimator──▶ Model ──evaluation──▶ Evaluation
//!                      │     └──────▶ test ──────────────────────────▲
//!                      └──▶ folds ──cross_validation, search──▶ Comparison
//! ```
//!
//! The estimators ([`decision_tree`], [`forest`], [`boosting`]) are on linfa's contract: parameters are checked
//! (`ParamGuard`) before they fit (`Fit`) a model that predicts (`PredictInplace`, and `predict_proba`). What they share is in
//! [`tree`].

pub mod boosting;
mod checks;
pub mod comparison;
pub mod contest;
pub mod cross_validation;
pub mod dataset;
pub mod decision_tree;
pub mod estimator;
pub mod evaluation;
#[cfg(test)]
pub(crate) mod examples;
pub mod forest;
pub mod frame;
pub mod metrics;
pub mod model;
pub mod reference;
pub mod search;
pub mod split;
pub mod train;
pub mod tree;
