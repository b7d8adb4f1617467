//! What is known of the training rows as bytes: JSON, which every number survives, compressed.

use crate::reference::FeatureQuantiles;
use hitflop_core::error::{Error, Result};
use hitflop_trees::codec::bytes::{SectionReader, SectionWriter};
use hitflop_trees::codec::DecodeError;

/// The member that messages name.
const MEMBER: &str = "reference";

/// The reference as bytes, the same for the same reference.
///
/// # Errors
/// It cannot be written as JSON.
pub(crate) fn encode(reference: &FeatureQuantiles) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(reference)
        .map_err(|error| Error::Failed(format!("the model's reference cannot be written as JSON: {error}")))?;
    let mut writer = SectionWriter::default();
    writer.section(&json);
    Ok(writer.into_bytes())
}

/// Bytes to the reference that was encoded; what it says is checked by [`FeatureQuantiles::check`].
///
/// # Errors
/// The bytes are not what [`encode`] writes.
pub(crate) fn decode(bytes: &[u8]) -> std::result::Result<FeatureQuantiles, DecodeError> {
    let mut reader = SectionReader::new(bytes);
    let json = reader.section(MEMBER)?;
    reader.end(MEMBER)?;
    serde_json::from_slice(&json)
        .map_err(|error| DecodeError::new(MEMBER, "expected quantiles by decade and label", error))
}
