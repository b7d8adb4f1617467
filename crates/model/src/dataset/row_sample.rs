//! A sample of many tracks, for work that fits models again and again.

use serde::{Deserialize, Serialize};

/// Tracks that a search, a comparison, a cross-validation, fallback models and validations use at most. A model that is saved is
/// fitted on all training tracks.
pub const MAX_SAMPLE: usize = 100_000;

/// Tracks that are used, as row indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSample {
    /// The rows, ascending.
    pub rows: Vec<usize>,
    /// How they were sampled; `None` if they are all rows.
    pub size: Option<SampleSize>,
}

/// Size of a sample that is stratified by label and decade and sampled by whole groups, as far as the strata allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleSize {
    /// Tracks of the sample.
    pub rows: u64,
    /// Tracks that it was drawn from.
    pub of: u64,
    /// Seed of the draw.
    pub seed: u64,
}
