//! The matrix that estimators learn from.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::error::{Error, Fault, Place, Reason, Result};
use crate::track::Feature;

/// What a place in the matrix is called in a message.
const TABLE: &str = "tracks";

/// Feature values and labels, one row a track. A missing value is NaN; all others are finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    features: Vec<Feature>,
    records: Array2<f64>,
    targets: Array1<bool>,
}

impl Dataset {
    /// A dataset of `records` (tracks × `features`, in the features' units) and `targets` (whether a track is a hit).
    ///
    /// # Errors
    /// A value is infinite (named by row and column), a feature occurs twice, or the shapes disagree.
    pub fn new(features: Vec<Feature>, records: Array2<f64>, targets: Array1<bool>) -> Result<Dataset> {
        if records.dim() != (targets.len(), features.len()) {
            let (rows, columns) = records.dim();
            return Err(Error::Failed(format!(
                "the matrix is {rows} x {columns}, but there are {} labels and {} features",
                targets.len(),
                features.len()
            )));
        }
        if let Some(position) = (1..features.len()).find(|&i| features[..i].contains(&features[i])) {
            let place = Place::table(TABLE).column(features[position].name());
            return Err(Error::input(Fault::new(place, Reason::DuplicateColumn, "expected each feature once")));
        }
        check_not_infinite(TABLE, records.view(), &features)?;
        Ok(Dataset { features, records, targets })
    }

    /// Number of tracks.
    pub fn rows(&self) -> usize {
        self.targets.len()
    }

    /// What the columns are.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Feature values, tracks × features, in the features' units; NaN is missing.
    pub fn records(&self) -> ArrayView2<'_, f64> {
        self.records.view()
    }

    /// Whether each track is a hit.
    pub fn targets(&self) -> ArrayView1<'_, bool> {
        self.targets.view()
    }

    /// Number of hits.
    pub fn hits(&self) -> usize {
        self.targets.iter().filter(|&&hit| hit).count()
    }

    /// Tracks without a value of each feature, in the order of the features.
    pub fn missing(&self) -> Vec<u64> {
        let missing = |column: ArrayView1<f64>| column.iter().filter(|value| value.is_nan()).count() as u64;
        self.records.columns().into_iter().map(missing).collect()
    }

    /// The features of which at least one track has a value, in their order.
    pub fn known_features(&self) -> Vec<Feature> {
        let is_known = |column: ArrayView1<f64>| column.iter().any(|value| !value.is_nan());
        let columns = self.features.iter().zip(self.records.columns());
        columns.filter(|(_, column)| is_known(*column)).map(|(feature, _)| *feature).collect()
    }

    /// The same tracks with these features only, in this order.
    ///
    /// # Errors
    /// The dataset lacks one of them.
    pub fn with_features(&self, features: &[Feature]) -> Result<Dataset> {
        let position = |feature: &Feature| {
            self.features.iter().position(|own| own == feature).ok_or_else(|| {
                let place = Place::table(TABLE).column(feature.name());
                Error::input(Fault::new(place, Reason::MissingColumn, "the column is missing"))
            })
        };
        let columns = features.iter().map(position).collect::<Result<Vec<usize>>>()?;
        Ok(Dataset {
            features: features.to_vec(),
            records: self.records.select(Axis(1), &columns),
            targets: self.targets.clone(),
        })
    }

    /// The tracks with other labels, one a track.
    ///
    /// # Errors
    /// There are more or fewer labels than tracks.
    pub fn with_targets(self, targets: Array1<bool>) -> Result<Dataset> {
        Dataset::new(self.features, self.records, targets)
    }

    /// The tracks of these row indices, which ascend, in the memory of all tracks.
    ///
    /// # Panics
    /// The indices do not ascend, or one is not below [`Dataset::rows`].
    pub fn into_rows(mut self, rows: &[usize]) -> Dataset {
        assert!(rows.is_sorted_by(|one, next| one < next), "ascending rows");
        let columns = self.records.ncols();
        let records = match self.records.as_slice_mut() {
            Some(values) => {
                for (to, &from) in rows.iter().enumerate() {
                    values.copy_within(from * columns..(from + 1) * columns, to * columns);
                }
                self.records.slice_axis_inplace(Axis(0), (0..rows.len()).into());
                self.records
            }
            None => self.records.select(Axis(0), rows),
        };
        Dataset { features: self.features, records, targets: self.targets.select(Axis(0), rows) }
    }

    /// The tracks of these row indices, in their order.
    ///
    /// # Panics
    /// An index is not below [`Dataset::rows`].
    pub fn select(&self, rows: &[usize]) -> Dataset {
        Dataset {
            features: self.features.clone(),
            records: self.records.select(Axis(0), rows),
            targets: self.targets.select(Axis(0), rows),
        }
    }
}

/// Fails at the first value of `records` that is infinite; NaN is a missing value. The columns are `features`, the matrix is
/// called `table`.
///
/// # Errors
/// A value is infinite; it is named by row and column.
pub fn check_not_infinite(table: &str, records: ArrayView2<f64>, features: &[Feature]) -> Result<()> {
    match records.indexed_iter().find(|(_, value)| value.is_infinite()) {
        None => Ok(()),
        Some(((row, column), value)) => {
            let rule = "expected a finite number, or NaN for a missing one";
            let place = Place::table(table).row(row as u64 + 1).column(features[column].name());
            Err(Error::input(Fault::new(place, Reason::NotFinite, rule).found(value.to_string())))
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn features() -> Vec<Feature> {
        vec![Feature::Energy, Feature::Tempo]
    }

    #[test]
    fn an_infinite_value_is_named() {
        let records = array![[0.1, 100.0], [0.2, f64::INFINITY]];
        let error = Dataset::new(features(), records, array![true, false]).expect_err("infinity is refused");
        assert!(error.is_input());
        let rule = "expected a finite number, or NaN for a missing one";
        assert_eq!(error.to_string(), format!(r#"tracks, row 2, column tempo: {rule}, found "inf""#));
    }

    #[test]
    fn missing_values_are_counted_and_kept() {
        let nan = f64::NAN;
        let records = array![[0.1, nan], [0.2, nan], [nan, nan]];
        let dataset = Dataset::new(features(), records, array![true, false, true]).expect("values may be missing");
        assert_eq!(dataset.missing(), [1, 3]);
        assert_eq!(dataset.known_features(), [Feature::Energy]);
        assert_eq!(dataset.select(&[2]).missing(), [1, 1]);
    }

    #[test]
    fn shapes_and_features_are_checked() {
        assert!(Dataset::new(features(), array![[0.1, 100.0]], array![true, false]).is_err());
        let twice = vec![Feature::Energy, Feature::Energy];
        let error = Dataset::new(twice, array![[0.1, 0.1]], array![true]).expect_err("a repeated feature is refused");
        assert_eq!(error.to_string(), "tracks, column energy: expected each feature once");
    }

    #[test]
    fn rows_are_selected_in_order() {
        let records = array![[0.1, 100.0], [0.2, 90.0], [0.3, 80.0]];
        let dataset = Dataset::new(features(), records, array![true, false, false]).expect("valid");
        let selected = dataset.select(&[2, 0]);
        assert_eq!(selected.records(), array![[0.3, 80.0], [0.1, 100.0]]);
        assert_eq!(selected.targets(), array![false, true]);
        assert_eq!((selected.rows(), selected.hits(), selected.features()), (2, 1, &features()[..]));
        for rows in [&[0, 2][..], &[1], &[], &[0, 1, 2]] {
            assert_eq!(dataset.clone().into_rows(rows), dataset.select(rows));
        }
        // Columns one after the other in memory.
        let turned = dataset.records.t().as_standard_layout().to_owned().reversed_axes();
        assert_eq!(Dataset { records: turned, ..dataset.clone() }.into_rows(&[1, 2]), dataset.select(&[1, 2]));
    }

    #[test]
    fn features_are_selected_in_order() {
        let dataset = Dataset::new(features(), array![[0.1, 100.0], [0.2, 90.0]], array![true, false]).expect("valid");
        let turned = dataset.with_features(&[Feature::Tempo, Feature::Energy]).expect("both are there");
        assert_eq!(turned.records(), array![[100.0, 0.1], [90.0, 0.2]]);
        let error = dataset.with_features(&[Feature::Key]).expect_err("it is not there");
        assert_eq!(error.to_string(), "tracks, column key: the column is missing");
    }
}
