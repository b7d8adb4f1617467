//! A sample of many tracks, for work that fits models again and again.

use hitflop_metrics::split::SampleSize;

/// Maximum number of tracks that mutual information, searches, comparisons, cross-validation, fallback models and validations use. A
/// model that is saved is fitted on all training tracks.
pub const MAX_SAMPLE: usize = 50_000;

/// Tracks that are used, as row indices. A sample is stratified by label and decade, and of whole groups as far as the strata allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSample {
    /// The rows, ascending.
    pub rows: Vec<usize>,
    /// How they were sampled; `None` if they are all rows.
    pub size: Option<SampleSize>,
}
