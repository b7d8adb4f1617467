//! An artifact to bytes, and the bytes to disk.

use std::path::Path;

use serde_json::json;

use super::envelope;
use super::header::Header;
use super::{trees_codec, Artifact};
use crate::disk;
use crate::error::{Error, Result};

/// The artifact as the bytes of its file: the same for the same artifact, with every number exact.
///
/// # Errors
/// The header cannot be written as JSON.
pub fn to_bytes(artifact: &Artifact) -> Result<Vec<u8>> {
    let header = serde_json::to_vec(&Header::from(artifact))
        .map_err(|error| Error::Failed(format!("the model's header cannot be written as JSON: {error}")))?;
    Ok(envelope::seal(&header, &trees_codec::encode(artifact.model.estimator.trees())))
}

/// How good the model is, for programs that do not read models: name, parameters, features and scores as JSON.
///
/// # Errors
/// It cannot be written as JSON.
pub fn metrics_json(artifact: &Artifact) -> Result<Vec<u8>> {
    let Artifact { model, origin } = artifact;
    let document = json!({
        "name": model.name(),
        "params": model.params,
        "features": model.features(),
        "feature_set": origin.feature_set,
        "threshold": model.threshold,
        "metrics": origin.metrics,
        "cross_validation": origin.metrics.cross_validation.as_ref().map(|folds| json!({
            "mean": folds.mean(),
            "deviation": folds.deviation(),
        })),
    });
    let mut bytes = serde_json::to_vec_pretty(&document)
        .map_err(|error| Error::Failed(format!("the metrics cannot be written as JSON: {error}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes the artifact to `path`, whole or not at all, creating the directories above it. Tells the size in bytes.
///
/// # Errors
/// The operating system refuses.
pub fn write(artifact: &Artifact, path: impl AsRef<Path>) -> Result<u64> {
    let bytes = to_bytes(artifact)?;
    disk::write_whole(path.as_ref(), &bytes)?;
    Ok(bytes.len() as u64)
}
