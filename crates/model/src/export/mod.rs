//! Models in the formats of other programs.
//!
//! | format | what it holds | what it lacks |
//! |---|---|---|
//! | [`onnx()`] | trees, calibration, threshold, missing values: labels and probabilities | the reader of values: the input is the features in documented units |
//! | [`lightgbm()`] | trees of a forest or a boosting, with numbers of training rows, so that SHAP values can be computed | calibration, threshold, and the models of tracks that lack features |
//! | [`mlflow()`] | the model file in a directory that MLflow loads with the Python package | nothing |
//!
//! An estimator is exported as a [`TreeSum`]: sums of leaf values, and the way from a sum to a probability.

mod lightgbm;
mod mlflow;
mod onnx;
mod tree_sum;

pub use lightgbm::lightgbm;
pub use mlflow::{mlflow, write_mlflow, MlflowFile};
pub use onnx::{onnx, OnnxDecision, OnnxFallback, OnnxModel};
pub use tree_sum::{SumLink, TreeSum};
