//! An artifact to bytes, and the bytes to disk.

use std::path::Path;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::envelope::{self, EnvelopeParts};
use super::header::ModelHeader;
use super::model_file::ModelFileReader;
use super::{reference_codec, Artifact};
use crate::estimator::Estimator;
use hitflop_core::digest::hex;
use hitflop_core::disk;
use hitflop_core::error::{Error, Result};
use hitflop_trees::codec;

/// The artifact as the bytes of its file: the same for the same artifact, with every number exact. They are read back before
/// they are given out, so that no model is replaced by one that is lost.
///
/// # Errors
/// The header cannot be written as JSON, or the bytes do not read as the same model.
pub fn to_bytes(artifact: &Artifact) -> Result<Vec<u8>> {
    let header = header_json(artifact)?;
    let bytes = sealed(artifact, &header)?;
    let unreadable = |why: String| Error::Failed(format!("the model is not saved, as it cannot be read back: {why}"));
    match reads_back(&bytes, artifact, &header) {
        Ok(true) => Ok(bytes),
        Ok(false) => Err(unreadable("it would not be the same".to_owned())),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

fn sealed(artifact: &Artifact, header: &[u8]) -> Result<Vec<u8>> {
    let estimator = &artifact.model.estimator;
    let reference = reference_codec::encode(&artifact.reference)?;
    let fallbacks = &artifact.model.fallbacks;
    let fallback_trees: Vec<Vec<u8>> = fallbacks.iter().map(|one| encode(&one.estimator)).collect();
    let parts = EnvelopeParts {
        header,
        trees: &encode(estimator),
        reference: &reference,
        fallbacks: &envelope::pack(&fallback_trees),
    };
    Ok(envelope::seal(parts))
}

/// Whether the bytes read as the same model. One estimator is read after the other, so that only one is in memory twice.
fn reads_back(bytes: &[u8], artifact: &Artifact, header: &[u8]) -> Result<bool> {
    let file = ModelFileReader { name: "model" };
    let back = file.open(bytes)?;
    let fallbacks = &artifact.model.fallbacks;
    let is_described = to_json(&back.header)? == header && back.reference == artifact.reference;
    let features = back.inputs.len();
    if !is_described
        || !is_same(&artifact.model.estimator, &file.estimator("", back.header.fit(), back.trees, features)?)
    {
        return Ok(false);
    }
    let entries = back.header.missing_features.fallbacks;
    if [entries.len(), back.fallbacks.len()] != [fallbacks.len(); 2] {
        return Ok(false);
    }
    for (index, (entry, one)) in entries.into_iter().zip(fallbacks).enumerate() {
        let same = file.fallback(index, entry, back.fallbacks[index], &back.inputs)?;
        if same.estimator.trees() != one.estimator.trees() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The trees of an estimator, and of a blend its weights, as bytes.
fn encode(estimator: &Estimator) -> Vec<u8> {
    match estimator {
        Estimator::Blend(fitted) => codec::encode_blend(fitted.blend()),
        single => codec::encode(single.trees()),
    }
}

/// Whether two estimators have the same trees, and as blends the same weights.
fn is_same(one: &Estimator, other: &Estimator) -> bool {
    match (one, other) {
        (Estimator::Blend(one), Estimator::Blend(other)) => one == other,
        (Estimator::Blend(_), _) | (_, Estimator::Blend(_)) => false,
        (one, other) => one.trees() == other.trees(),
    }
}

fn header_json(artifact: &Artifact) -> Result<Vec<u8>> {
    to_json(&ModelHeader::from(artifact))
}

fn to_json(header: &ModelHeader) -> Result<Vec<u8>> {
    serde_json::to_vec(header)
        .map_err(|error| Error::Failed(format!("the model's header cannot be written as JSON: {error}")))
}

/// How good the model is, for programs that do not read models: name, parameters, features and scores as JSON, with the
/// SHA-256 of `bytes`, those of the model's file, which shows whether the two belong together.
///
/// # Errors
/// It cannot be written as JSON.
pub fn metrics_json(artifact: &Artifact, bytes: &[u8]) -> Result<Vec<u8>> {
    let Artifact { model, origin, .. } = artifact;
    let document = json!({
        "name": model.name(),
        "model_sha256": sha256(bytes),
        "run_id": origin.run_id,
        "simulated": origin.simulated,
        "params": model.params,
        "features": model.features(),
        "feature_set": origin.feature_set,
        "calibration": model.calibration.method(),
        "threshold": model.threshold,
        "threshold_objective": model.objective,
        "metrics": origin.metrics,
        "oob_score": model.estimator.oob_score(),
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

/// SHA-256 of bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Writes the artifact to `path`, whole or not at all, creating the directories above it. Returns the size in bytes.
///
/// # Errors
/// Those of [`to_bytes`]; the file cannot be written: a former file is unchanged then.
pub fn write(artifact: &Artifact, path: impl AsRef<Path>) -> Result<u64> {
    let bytes = to_bytes(artifact)?;
    disk::write_whole(path.as_ref(), &bytes)?;
    Ok(bytes.len() as u64)
}
