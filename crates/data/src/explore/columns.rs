//! The tracks as columns of numbers, which is what the estimators read.

use hitflop_core::track::{Decade, Feature, Label};

/// Numeric columns of all tracks, row by row in the same order. Every column is as long as `labels`.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// One column a feature, in the order of [`Feature::ALL`] (the decade, as its first year, is the last of them), in the units
    /// of the decade files. Ingest lets finite values only through; an estimator that meets another leaves that row out.
    pub features: Vec<Vec<f64>>,
    /// The decade of each row.
    pub decades: Vec<Decade>,
    /// The label of each row.
    pub labels: Vec<Label>,
}

impl Columns {
    /// Number of tracks.
    pub fn rows(&self) -> usize {
        self.labels.len()
    }

    /// The values of one feature; empty if the feature was not given.
    pub fn column(&self, feature: Feature) -> &[f64] {
        self.features.get(feature as usize).map_or(&[], Vec::as_slice)
    }
}
