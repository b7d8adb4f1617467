//! From tracks to fitted, scored models.
//!
//! ```text
//! table ──frame──▶ Dataset ──split──▶ train ──estimator──▶ Model ──evaluation──▶ Evaluation
//!                      │     └──────▶ test ──────────────────────────▲
//!                      └──▶ folds ──cross_validation, search──▶ Comparison
//!                                         └──out-of-fold probabilities──decision──▶ calibration and threshold of the Model
//! ```
//!
//! The estimators ([`decision_tree`], [`forest`], [`boosting`]) are on linfa's contract: parameters are checked
//! (`ParamGuard`) before they fit (`Fit`) a model that predicts (`PredictInplace`, and `predict_proba`). What they share is in
//! [`tree`].

pub mod assessment;
pub mod boosting;
pub mod calibration;
mod checks;
pub mod comparison;
pub mod contest;
pub mod cross_validation;
pub mod curves;
pub mod dataset;
pub mod decision;
pub mod decision_tree;
pub mod duplicates;
pub mod estimator;
pub mod evaluation;
#[cfg(test)]
pub(crate) mod examples;
pub mod forest;
pub mod frame;
pub mod identity;
pub mod leaks;
pub mod metrics;
pub mod model;
pub mod population;
pub mod probabilities;
pub mod protocols;
pub mod reference;
pub mod reliability;
pub mod search;
pub mod split;
pub mod threshold;
pub mod train;
pub mod tree;
