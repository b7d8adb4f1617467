//! An artifact to bytes, and the bytes to disk.

use std::path::Path;

use super::format::Document;
use super::Artifact;
use crate::disk;
use crate::error::{Error, Result};

/// The artifact as the bytes of its file: the same for the same artifact, with every number exact.
///
/// # Errors
/// It cannot be written as JSON.
pub fn to_json(artifact: &Artifact) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(&Document::from(artifact))
        .map_err(|error| Error::Failed(format!("the model cannot be written as JSON: {error}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes the artifact to `path`, whole or not at all, creating the directories above it.
///
/// # Errors
/// The operating system refuses.
pub fn write(artifact: &Artifact, path: impl AsRef<Path>) -> Result<()> {
    disk::write_whole(path.as_ref(), &to_json(artifact)?)
}
