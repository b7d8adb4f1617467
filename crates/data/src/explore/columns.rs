//! The tracks as columns of numbers, which is what the estimators read.

use hitflop_core::track::{Decade, Feature, Label};

/// Numeric columns of all tracks, row by row in the same order. Every column is as long as `labels`.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// One column a feature, in the order of [`Feature::ALL`] (the decade, as its first year, is the last of them), in the units
    /// of the decade files. A missing value is NaN; an estimator leaves out the rows in which a value that it needs is missing.
    pub features: Vec<Vec<f64>>,
    /// The decade of each row; none where it is not known.
    pub decades: Vec<Option<Decade>>,
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

    /// The features of which at least one track has a value, in the order of [`Feature::ALL`].
    pub fn known_features(&self) -> Vec<Feature> {
        let is_known = |feature: &Feature| self.column(*feature).iter().any(|value| !value.is_nan());
        Feature::ALL.into_iter().filter(is_known).collect()
    }
}

/// The value that all values but the missing ones equal; `None` if two of them differ, or there is none.
pub(super) fn constant(values: &[f64]) -> Option<f64> {
    let mut known = values.iter().copied().filter(|value| value.is_finite());
    let first = known.next()?;
    known.all(|value| value == first).then_some(first)
}
