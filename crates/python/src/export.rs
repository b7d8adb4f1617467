//! Models and estimators in the formats of other programs.

use std::path::PathBuf;

use hitflop_metrics::calibration::Calibration;
use hitflop_model::export::{self, OnnxDecision, OnnxModel, TreeSum};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::exception;
use crate::estimator::FittedTrees;
use crate::loaded_model::LoadedModel;

/// A model as ONNX.
#[pyfunction]
pub(crate) fn model_onnx<'py>(py: Python<'py>, model: &LoadedModel) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = py.detach(|| export::onnx(model.scorer().artifact())).map_err(exception)?;
    Ok(PyBytes::new(py, &bytes))
}

/// The trees of a model in LightGBM's text format.
#[pyfunction]
pub(crate) fn model_lightgbm(py: Python<'_>, model: &LoadedModel) -> String {
    py.detach(|| export::lightgbm(&TreeSum::of_model(&model.scorer().artifact().model)))
}

/// Writes the directory of an MLflow model.
#[pyfunction]
pub(crate) fn model_mlflow(py: Python<'_>, model: &LoadedModel, directory: PathBuf) -> PyResult<()> {
    py.detach(|| export::write_mlflow(model.scorer().artifact(), model.bytes(), &directory)).map_err(exception)
}

/// The trees of an estimator in LightGBM's text format.
#[pyfunction]
pub(crate) fn trees_lightgbm(py: Python<'_>, trees: &FittedTrees, features: Vec<String>) -> String {
    py.detach(|| export::lightgbm(&TreeSum::of(trees.estimator(), features)))
}

/// An estimator as ONNX; `classes` is a JSON list.
#[pyfunction]
pub(crate) fn trees_onnx<'py>(
    py: Python<'py>,
    trees: &FittedTrees,
    features: Vec<String>,
    classes: String,
) -> PyResult<Bound<'py, PyBytes>> {
    let model = OnnxModel {
        sum: TreeSum::of(trees.estimator(), features),
        decision: OnnxDecision { calibration: &Calibration::None, threshold: hitflop_trees::THRESHOLD },
        fallbacks: Vec::new(),
        learned: Vec::new(),
        name: trees.description(),
        metadata: vec![("classes".to_owned(), classes)],
    };
    let bytes = py.detach(|| model.to_bytes()).map_err(exception)?;
    Ok(PyBytes::new(py, &bytes))
}
