//! Figures of the values of one feature.

use serde::Serialize;

use super::alerts::{AlertThresholds, FeatureAlert};
use super::bins::{FeatureBins, LabelHistogram};
use super::drift::{drift, DecadeDrift, DecadeRows};
use crate::explore::columns::Columns;
use crate::explore::density::DensityView;
use hitflop_core::track::Feature;
use hitflop_metrics::quantile::quantile;

/// Tukey's factor: values further than this many interquartile ranges from the quartiles are outliers.
const TUKEY: f64 = 1.5;
/// Most bins of a histogram.
const MAX_BINS: usize = 20;
/// Fewest.
const MIN_BINS: usize = 4;

/// A number of rows, and their share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RowShare {
    /// Number of rows.
    pub rows: u64,
    /// The same as a share; NaN of nothing.
    pub share: f64,
}

impl RowShare {
    pub(in crate::explore) fn of(rows: u64, all: u64) -> RowShare {
        RowShare { rows, share: rows as f64 / all as f64 }
    }
}

/// Figures of the values of one feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureProfile {
    /// Which feature.
    pub feature: Feature,
    /// Number of values.
    pub values: u64,
    /// Rows without a value, and their share of all rows.
    pub missing: RowShare,
    /// Values that are 0, and their share of the values. In a category, 0 is a category.
    pub zeros: RowShare,
    /// Number of distinct values.
    pub distinct: u64,
    /// Adjusted Fisher-Pearson skewness G₁ (pandas' `skew`, SciPy's with `bias=False`); none of a category, of equal values, and of
    /// fewer than three.
    pub skewness: Option<f64>,
    /// Tukey's fences: the quartiles less and plus 1.5 interquartile ranges; none of a category.
    pub fences: Option<[f64; 2]>,
    /// Values outside the fences, and their share of the values; none of a category.
    pub outliers: Option<RowShare>,
    /// Values outside the documented range.
    pub out_of_range: u64,
    /// The two decades whose distributions differ most; none if fewer than two have enough values.
    pub drift: Option<DecadeDrift>,
    /// How the values of each label are distributed.
    pub histogram: LabelHistogram,
    /// What is unusual.
    pub alerts: Vec<FeatureAlert>,
}

impl FeatureProfile {
    /// The figures of a feature, without alerts; its values are also given ascending, without missing ones.
    pub(super) fn of(
        feature: Feature,
        columns: &Columns,
        sorted: &[f64],
        view: Option<DensityView>,
        decades: &DecadeRows,
        thresholds: &AlertThresholds,
    ) -> FeatureProfile {
        let values = sorted.len() as u64;
        let missing = columns.rows() as u64 - values;
        let zeros = sorted.partition_point(|value| *value <= 0.0) - sorted.partition_point(|value| *value < 0.0);
        let fences = fences(sorted).filter(|_| feature.is_quantity());
        let outside = |[low, high]: [f64; 2]| {
            let inside = sorted.partition_point(|value| *value <= high) - sorted.partition_point(|value| *value < low);
            RowShare::of(values - inside as u64, values)
        };
        let range = feature.info().range;
        let bins = (values as f64).sqrt() as usize;
        let bins = FeatureBins::of(feature, view, sorted, bins.clamp(MIN_BINS, MAX_BINS));
        FeatureProfile {
            feature,
            values,
            missing: RowShare::of(missing, columns.rows() as u64),
            zeros: RowShare::of(zeros as u64, values),
            distinct: sorted.chunk_by(|a, b| a == b).count() as u64,
            skewness: feature.is_quantity().then(|| skewness(sorted)).flatten(),
            fences,
            outliers: fences.map(outside),
            out_of_range: sorted.iter().filter(|value| !range.contains(**value)).count() as u64,
            drift: drift(feature, columns.column(feature), sorted, decades, thresholds.decade_values),
            histogram: LabelHistogram::of(bins, columns.column(feature), &columns.labels),
            alerts: Vec::new(),
        }
    }
}

impl FeatureProfile {
    /// Tukey's fences of the quartiles.
    pub(in crate::explore) fn fences_of([lower, upper]: [f64; 2]) -> [f64; 2] {
        let reach = TUKEY * (upper - lower);
        [lower - reach, upper + reach]
    }
}

fn fences(sorted: &[f64]) -> Option<[f64; 2]> {
    Some(FeatureProfile::fences_of([quantile(sorted, 0.25)?, quantile(sorted, 0.75)?]))
}

/// G₁ = g₁ √(n (n − 1)) / (n − 2), g₁ being the third central moment over that of the second to the power of 3/2 (D. N. Joanes and C.
/// A. Gill, *Comparing measures of sample skewness and kurtosis*, The Statistician 47, 1998). The values are summed in ascending order,
/// so that no order of the rows matters.
fn skewness(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len() as f64;
    if sorted.len() < 3 || sorted.first() == sorted.last() {
        return None;
    }
    let mean = sorted.iter().map(|value| value / n).sum::<f64>();
    // A unit of the size of the deviations, so that no power of them overflows.
    let unit = sorted.iter().map(|value| (value - mean).abs()).fold(0.0, f64::max);
    let (squares, cubes) = sorted
        .iter()
        .map(|value| (value - mean) / unit)
        .fold((0.0, 0.0), |(squares, cubes), part| (squares + part * part, cubes + part * part * part));
    let biased = (cubes / n) / (squares / n).powf(1.5);
    Some(biased * (n * (n - 1.0)).sqrt() / (n - 2.0)).filter(|skewness| skewness.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The witness is `scipy.stats.skew(values, bias=False)`, equal to pandas' `skew`.
    #[test]
    fn skewness_is_scipys() {
        let sorted = [0.0, 0.0, 1.0, 2.0, 2.0, 3.0, 5.0, 12.0];
        assert!((skewness(&sorted).expect("it varies") - SCIPY).abs() < 1e-12, "{:?}", skewness(&sorted));
        let mirrored: Vec<f64> = sorted.iter().rev().map(|value| -value).collect();
        assert!((skewness(&mirrored).expect("it varies") + SCIPY).abs() < 1e-12);
        let large: Vec<f64> = sorted.iter().map(|value| value * 1e200).collect();
        assert!((skewness(&large).expect("it varies") - SCIPY).abs() < 1e-12);
    }

    const SCIPY: f64 = 1.962_998_377_638_251_1;

    #[test]
    fn equal_and_few_values_have_no_skewness() {
        assert_eq!([skewness(&[]), skewness(&[1.0, 2.0]), skewness(&[0.1; 9])], [None; 3]);
    }

    /// Quartiles 2 and 4 by hand.
    #[test]
    fn fences_are_one_and_a_half_interquartile_ranges_away() {
        assert_eq!(fences(&[1.0, 2.0, 3.0, 4.0, 50.0]), Some([-1.0, 7.0]));
        assert_eq!(fences(&[]), None);
    }
}
