//! A saved model in the formats of other programs.

use std::path::{Path, PathBuf};

use super::check_files;
use hitflop_core::disk;
use hitflop_core::error::Result;
use hitflop_metrics::calibration::Calibration;
use hitflop_model::artifact;
use hitflop_model::export::{lightgbm, onnx, write_mlflow, TreeSum};

/// A format of another program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// ONNX: a file with trees, calibration and threshold.
    Onnx,
    /// LightGBM's text format: a file with the trees.
    Lightgbm,
    /// MLflow: a directory with the model file.
    Mlflow,
}

/// What was written of a model.
#[derive(Clone, Debug)]
pub struct ExportResult {
    /// The file, or the directory of MLflow.
    pub written: PathBuf,
    /// Whether the model has a calibration, a threshold other than one half, or models of tracks that lack features, that the
    /// format cannot hold.
    pub lacks_decision: bool,
    /// Whether the model learned from simulated tracks; None if that is unknown.
    pub model_simulated: Option<bool>,
}

/// Writes a model file in another format, whole or not at all.
///
/// # Errors
/// The model file is invalid, is the output itself, is too large for the format, or the output cannot be written.
pub fn export(model: &Path, format: ExportFormat, output: &Path) -> Result<ExportResult> {
    check_files(&[model.to_owned()], &[output.to_owned()])?;
    let bytes = artifact::read_bytes(model)?;
    let artifact = artifact::from_bytes(&model.display().to_string(), &bytes)?;
    match format {
        ExportFormat::Onnx => disk::write_whole(output, &onnx(&artifact)?)?,
        ExportFormat::Lightgbm => {
            disk::write_whole(output, lightgbm(&TreeSum::of_model(&artifact.model)).as_bytes())?;
        }
        ExportFormat::Mlflow => write_mlflow(&artifact, &bytes, output)?,
    }
    let model = &artifact.model;
    let has_decision = model.calibration != Calibration::None
        || model.threshold != hitflop_trees::THRESHOLD
        || !model.fallbacks.is_empty();
    Ok(ExportResult {
        written: output.to_owned(),
        lacks_decision: format == ExportFormat::Lightgbm && has_decision,
        model_simulated: artifact.origin.simulated,
    })
}
