//! Features on a common scale.

use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::dataset::Dataset;
use crate::error::{Error, Fault, Place, Reason, Result};

/// Takes each feature's mean away and divides by its population standard deviation, as scikit-learn's `StandardScaler`.
///
/// A tree does not need it, for only the order of values matters there; models that do can be compared with it on the
/// same matrix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standardiser {
    /// Mean of each feature, in its unit.
    pub means: Vec<f64>,
    /// Population standard deviation of each feature, in its unit; 1 for a feature that does not vary.
    pub scales: Vec<f64>,
}

impl Standardiser {
    /// Means and standard deviations of the dataset's columns. Fit it on training rows only.
    ///
    /// # Errors
    /// There is no row, or values are so large that their square overflows.
    pub fn fit(dataset: &Dataset) -> Result<Standardiser> {
        if dataset.rows() == 0 {
            let rule = "expected at least one track to standardise by";
            return Err(Error::input(Fault::new(Place::file("tracks"), Reason::TooFewRows, rule)));
        }
        let moments: Vec<(f64, f64)> = dataset.records().columns().into_iter().map(moments).collect();
        let wrong = moments.iter().position(|(mean, scale)| !(mean.is_finite() && scale.is_finite()));
        if let Some(column) = wrong {
            let place = Place::file("tracks").column(dataset.features()[column].name());
            let rule = "expected values whose variance is a finite number";
            return Err(Error::input(Fault::new(place, Reason::NotFinite, rule)));
        }
        let (means, scales) = moments.into_iter().unzip();
        Ok(Standardiser { means, scales })
    }

    /// The standardised values of `records` (rows × features).
    ///
    /// # Panics
    /// `records` has another number of columns than there are means.
    pub fn transform(&self, records: ArrayView2<f64>) -> Array2<f64> {
        let means = ArrayView1::from(&self.means);
        let scales = ArrayView1::from(&self.scales);
        (&records - &means) / scales
    }
}

/// Mean, and population standard deviation or 1 if the column is constant up to rounding.
///
/// The bound on rounding is scikit-learn's `_is_constant_feature`.
fn moments(column: ArrayView1<f64>) -> (f64, f64) {
    let count = column.len() as f64;
    let mean = column.sum() / count;
    let deviations = column.mapv(|value| value - mean);
    // The second term takes away what rounding left in the mean (Chan, Golub and LeVeque 1983).
    let variance = (deviations.dot(&deviations) - deviations.sum().powi(2) / count) / count;
    let rounding = count * f64::EPSILON * variance + (count * mean * f64::EPSILON).powi(2);
    let constant = variance.is_finite() && variance <= rounding;
    (mean, if constant { 1.0 } else { variance.sqrt() })
}

#[cfg(test)]
mod tests {
    use ndarray::{array, Array1};
    use serde::Deserialize;

    use super::*;
    use crate::track::Feature;

    fn fitted(records: Array2<f64>) -> Result<Standardiser> {
        let features = Feature::ALL[..records.ncols()].to_vec();
        let targets = Array1::from_elem(records.nrows(), true);
        Standardiser::fit(&Dataset::new(features, records, targets).expect("a dataset"))
    }

    #[derive(Deserialize)]
    struct Witness {
        records: Vec<Vec<f64>>,
        means: Vec<f64>,
        scales: Vec<f64>,
    }

    /// `tests/fixtures/make_tree.py`: StandardScaler's mean_ and scale_, to 1e-12 relative.
    #[test]
    fn it_is_scikit_learns_standard_scaler() {
        let witness: Witness = serde_json::from_str(include_str!("../../tests/fixtures/tree.json")).expect("a fixture");
        let shape = (witness.records.len(), witness.means.len());
        let records = Array2::from_shape_vec(shape, witness.records.concat()).expect("a matrix");
        let standardiser = fitted(records).expect("fitted");
        let pairs =
            standardiser.means.iter().zip(&witness.means).chain(standardiser.scales.iter().zip(&witness.scales));
        for (found, expected) in pairs {
            assert!((found - expected).abs() <= 1e-12 * expected.abs(), "found {found}, expected {expected}");
        }
    }

    #[test]
    fn a_constant_feature_keeps_its_scale() {
        // 0.1 has no finite binary expansion, so that its mean over three rows is off by rounding.
        let records = array![[0.1, 1.0], [0.1, 2.0], [0.1, 6.0]];
        let standardiser = fitted(records.clone()).expect("fitted");
        assert_eq!(standardiser.scales[0], 1.0);
        let standardised = standardiser.transform(records.view());
        assert!(standardised.column(0).iter().all(|value| value.abs() < 1e-15));
        assert!((standardised.column(1).sum()).abs() < 1e-14);
        assert!((standardised.column(1).mapv(|value| value * value).sum() / 3.0 - 1.0).abs() < 1e-14);
    }

    #[test]
    fn no_rows_and_overflow_are_refused() {
        assert!(fitted(Array2::zeros((0, 2))).expect_err("no rows").is_input());
        let told = fitted(array![[1e308], [-1e308]]).expect_err("an overflow").to_string();
        assert_eq!(told, "tracks, column danceability: expected values whose variance is a finite number");
    }
}
