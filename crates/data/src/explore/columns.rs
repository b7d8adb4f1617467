//! The tracks as columns of numbers, which is what the estimators read.

use hitflop_core::track::{Decade, Feature, Label};
use hitflop_metrics::split::{stratified_sample, RowGroups, SampleSize};

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

    /// At most `most` of the tracks, stratified by label and decade, with the size of the sample; `None` if there are no more.
    pub fn sample(&self, most: usize, seed: u64) -> Option<(Columns, SampleSize)> {
        if self.rows() <= most {
            return None;
        }
        let years = self.decades.iter().map(|decade| decade.map_or(0, |decade| decade.year() as u32));
        let strata: Vec<u32> =
            years.zip(&self.labels).map(|(year, &label)| 2 * year + u32::from(label == Label::Hit)).collect();
        let alone = RowGroups::from_labels(&(0..self.rows()).collect::<Vec<usize>>());
        let rows = stratified_sample(&strata, &alone, most, seed);
        let column = |values: &Vec<f64>| rows.iter().map(|&row| values[row]).collect();
        let sampled = Columns {
            features: self.features.iter().map(column).collect(),
            decades: rows.iter().map(|&row| self.decades[row]).collect(),
            labels: rows.iter().map(|&row| self.labels[row]).collect(),
        };
        Some((sampled, SampleSize { rows: rows.len() as u64, of: self.rows() as u64, seed }))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_tracks_are_sampled_by_label_and_decade() {
        let columns = Columns {
            features: vec![(0..1000).map(f64::from).collect()],
            decades: (0..1000).map(|row| Decade::from_year(1960 + 10 * (row % 2))).collect(),
            labels: (0..1000).map(|row| if row < 200 { Label::Hit } else { Label::Flop }).collect(),
        };
        assert_eq!(columns.sample(1000, 42), None);
        let (sampled, size) = columns.sample(100, 42).expect("a sample");
        assert_eq!(size, SampleSize { rows: 100, of: 1000, seed: 42 });
        let hits = |year| {
            let of_decade =
                sampled.decades.iter().zip(&sampled.labels).filter(|(own, _)| **own == Decade::from_year(year));
            of_decade.filter(|(_, label)| **label == Label::Hit).count()
        };
        assert_eq!((sampled.rows(), hits(1960), hits(1970)), (100, 10, 10));
        let rows = sampled.features[0].iter().map(|&row| row as usize);
        assert!(rows.zip(&sampled.labels).all(|(row, label)| columns.labels[row] == *label));
        assert_ne!(sampled, columns.sample(100, 43).expect("a sample").0);
    }
}
