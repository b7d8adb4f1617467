//! What identifies a file that was read.

use serde::Serialize;

use crate::track::Decade;

/// One decade file that was read: its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fingerprint {
    /// Name as the user knows it: `dataset-of-60s.csv`, `archive.zip/dataset-of-60s.csv`.
    pub name: String,
    /// The decades of its rows, in order.
    pub decades: Vec<Decade>,
    /// Rows kept.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}
