//! The native part of the Python package `hitflop`: models and tables of tracks, and the estimators behind `hitflop.sklearn`.
//!
//! Everything that depends on a Python library (pandas, scikit-learn, Spark, MLflow) is in the package's Python files; this
//! module takes NumPy arrays, Arrow data and plain objects.

mod arrow_columns;
mod errors;
mod estimator;
mod export;
mod loaded_model;
mod objects;
mod reading;
mod settings;
mod track_columns;
mod track_summer;

use pyo3::prelude::*;

use errors::HitflopError;
use estimator::FittedTrees;
use loaded_model::LoadedModel;
use settings::ReadingSettings;
use track_columns::TrackColumns;
use track_summer::TrackSummer;

/// The native module.
#[pymodule]
fn _hitflop(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("HitflopError", module.py().get_type::<HitflopError>())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<LoadedModel>()?;
    module.add_class::<TrackColumns>()?;
    module.add_class::<ReadingSettings>()?;
    module.add_class::<FittedTrees>()?;
    module.add_class::<TrackSummer>()?;
    module.add_function(wrap_pyfunction!(track_columns::is_read, module)?)?;
    module.add_function(wrap_pyfunction!(export::model_onnx, module)?)?;
    module.add_function(wrap_pyfunction!(export::model_lightgbm, module)?)?;
    module.add_function(wrap_pyfunction!(export::model_mlflow, module)?)?;
    module.add_function(wrap_pyfunction!(export::trees_lightgbm, module)?)?;
    module.add_function(wrap_pyfunction!(export::trees_onnx, module)?)
}
