//! Numbers to at most 255 bins a feature, once, before anything is grown.

use ndarray::{ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

/// Most bins of numbers a feature can have.
pub const MAX_BINS: usize = 255;

/// The bin of a missing value (NaN); bins of numbers are below it.
pub(crate) const MISSING_BIN: u8 = 255;

/// Where each feature's values are cut into bins.
///
/// A feature with at most `max_bins` distinct values has a bin for each, so that nothing is lost. Otherwise bins hold about
/// as many rows as each other, and a value that fills a bin by itself has one by itself (as LightGBM's greedy binning:
/// Ke et al. 2017). A cut lies midway between the neighbouring values that it parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Binning {
    cuts: Vec<Vec<f64>>,
    centres: Vec<Vec<f64>>,
}

impl Binning {
    /// Cuts for the columns of `records` (rows × features), whose missing values are NaN.
    ///
    /// # Panics
    /// `max_bins` is not from 2 to [`MAX_BINS`].
    pub fn fit(records: ArrayView2<f64>, max_bins: usize) -> Binning {
        assert!((2..=MAX_BINS).contains(&max_bins), "bins are numbered by a byte");
        let columns: Vec<ArrayView1<f64>> = records.columns().into_iter().collect();
        let (cuts, centres) = columns.into_par_iter().map(|column| cuts_and_centres(column, max_bins)).unzip();
        Binning { cuts, centres }
    }

    /// As [`Binning::fit`], by the rows of a weight above 0 alone.
    pub(crate) fn fit_weighted(records: ArrayView2<f64>, weights: Option<&[f32]>, max_bins: usize) -> Binning {
        match weights {
            Some(weights) if weights.contains(&0.0) && weights.len() == records.nrows() => {
                let used: Vec<usize> = (0..weights.len()).filter(|&row| weights[row] > 0.0).collect();
                Binning::fit(records.select(Axis(0), &used).view(), max_bins)
            }
            _ => Binning::fit(records, max_bins),
        }
    }

    /// A feature's cuts, ascending: bin `b` holds values greater than `cuts[b - 1]` and at most `cuts[b]`.
    pub fn cuts(&self, feature: usize) -> &[f64] {
        &self.cuts[feature]
    }

    /// The middles of a feature's bins, ascending: of the least and the greatest value that the bin was fitted on. Empty for a
    /// feature without a number.
    pub(crate) fn centres(&self, feature: usize) -> &[f64] {
        &self.centres[feature]
    }

    /// The cuts of all features.
    pub(crate) fn into_cuts(self) -> Vec<Vec<f64>> {
        self.cuts
    }

    /// Number of bins of numbers of a feature; 1 for a feature that does not vary.
    pub fn bins(&self, feature: usize) -> usize {
        self.cuts[feature].len() + 1
    }

    /// The bins of `records`' values.
    ///
    /// # Panics
    /// `records` has another number of columns than were fitted.
    pub fn transform(&self, records: ArrayView2<f64>) -> BinnedRecords {
        assert_eq!(records.ncols(), self.cuts.len(), "binned on another number of features");
        let columns: Vec<ArrayView1<f64>> = records.columns().into_iter().collect();
        let bin = |(column, cuts): (ArrayView1<f64>, &Vec<f64>)| column.iter().map(|&value| bin(cuts, value)).collect();
        BinnedRecords { rows: records.nrows(), columns: columns.into_par_iter().zip(&self.cuts).map(bin).collect() }
    }
}

/// Bins of all values, feature by feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinnedRecords {
    rows: usize,
    columns: Vec<Vec<u8>>,
}

impl BinnedRecords {
    /// Rows of these columns, which have one length.
    pub(crate) fn from_columns(columns: Vec<Vec<u8>>) -> BinnedRecords {
        BinnedRecords { rows: columns.first().map_or(0, Vec::len), columns }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of features.
    pub fn features(&self) -> usize {
        self.columns.len()
    }

    /// The bins of a feature, one a row.
    pub fn column(&self, feature: usize) -> &[u8] {
        &self.columns[feature]
    }

    /// These rows, then the others, which have as many features.
    pub(crate) fn followed_by(mut self, others: &BinnedRecords) -> BinnedRecords {
        self.rows += others.rows;
        self.columns.iter_mut().zip(&others.columns).for_each(|(column, others)| column.extend_from_slice(others));
        self
    }

    /// These rows' bins, in their order.
    pub fn select(&self, rows: &[usize]) -> BinnedRecords {
        let select = |column: &Vec<u8>| rows.iter().map(|&row| column[row]).collect();
        BinnedRecords { rows: rows.len(), columns: self.columns.iter().map(select).collect() }
    }
}

fn bin(cuts: &[f64], value: f64) -> u8 {
    if value.is_nan() {
        MISSING_BIN
    } else {
        // At most 254 cuts.
        cuts.partition_point(|&cut| cut < value) as u8
    }
}

/// The cuts between a feature's bins and the middles of the bins.
fn cuts_and_centres(column: ArrayView1<f64>, max_bins: usize) -> (Vec<f64>, Vec<f64>) {
    let mut values: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    let distinct: Vec<(f64, usize)> = values.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect();
    let last_of_bin = if distinct.len() <= max_bins {
        (0..distinct.len()).collect()
    } else {
        last_of_equal_bins(&distinct, values.len(), max_bins)
    };
    let inner = &last_of_bin[..last_of_bin.len().saturating_sub(1)];
    let first_of_bin = std::iter::once(0).chain(inner.iter().map(|&last| last + 1));
    let centres = first_of_bin.zip(&last_of_bin).map(|(first, &last)| midway(distinct[first].0, distinct[last].0));
    (inner.iter().map(|&last| midway(distinct[last].0, distinct[last + 1].0)).collect(), centres.collect())
}

/// The last distinct value of each bin, for bins of about as many rows as each other.
fn last_of_equal_bins(distinct: &[(f64, usize)], rows: usize, max_bins: usize) -> Vec<usize> {
    // Values that fill a bin by themselves get one; the others share what is left.
    let fair = rows as f64 / max_bins as f64;
    let is_large = |count: usize| count as f64 >= fair;
    let large = distinct.iter().filter(|&&(_, count)| is_large(count)).count();
    let large_rows: usize = distinct.iter().filter(|&&(_, count)| is_large(count)).map(|&(_, count)| count).sum();
    let mut bins_left = max_bins - large;
    let mut rows_left = rows - large_rows;
    let mut fill = 0;
    let mut ends = Vec::with_capacity(max_bins);
    for (index, &(_, count)) in distinct.iter().enumerate() {
        let before_large = distinct.get(index + 1).is_some_and(|&(_, next)| is_large(next));
        if is_large(count) {
            ends.push(index);
            continue;
        }
        fill += count;
        rows_left -= count;
        let share = (rows_left + fill) as f64 / bins_left.max(1) as f64;
        if fill as f64 >= share || before_large {
            if ends.len() + 1 < max_bins {
                ends.push(index);
            }
            fill = 0;
            bins_left = bins_left.saturating_sub(1);
        }
    }
    if ends.last() != Some(&(distinct.len() - 1)) {
        ends.push(distinct.len() - 1);
    }
    ends.truncate(max_bins);
    // The last bin reaches to the end, however many were cut before.
    *ends.last_mut().expect("there is a distinct value") = distinct.len() - 1;
    ends
}

/// Midway between neighbours; the lower one where no number lies between, so that the upper one is still above it.
pub(crate) fn midway(low: f64, high: f64) -> f64 {
    // Halved before they are added, since the sum of two large numbers may overflow.
    let middle = low / 2.0 + high / 2.0;
    if middle > low && middle < high {
        middle
    } else {
        low
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;

    fn column(values: &[f64]) -> Array2<f64> {
        Array2::from_shape_vec((values.len(), 1), values.to_vec()).expect("a column")
    }

    #[test]
    fn few_values_keep_a_bin_each_and_nan_has_its_own() {
        let records = column(&[3.0, f64::NAN, -1.0, 3.0, 0.5]);
        let binning = Binning::fit(records.view(), 255);
        assert_eq!(binning.cuts(0), [-0.25, 1.75]);
        assert_eq!(binning.centres(0), [-1.0, 0.5, 3.0]);
        assert_eq!(binning.transform(records.view()).column(0), [2, MISSING_BIN, 0, 2, 1]);
        assert_eq!(Binning::fit(column(&[f64::NAN; 3]).view(), 255).bins(0), 1);
        assert_eq!(Binning::fit(column(&[7.0; 3]).view(), 255).bins(0), 1);
    }

    proptest! {
        #[test]
        fn bins_keep_the_order_and_never_exceed_their_number(
            values in prop::collection::vec(prop_oneof![(0u32..30).prop_map(f64::from), 0.0..1.0f64, Just(f64::NAN)], 1..400),
            max_bins in 2usize..40,
        ) {
            let records = column(&values);
            let binning = Binning::fit(records.view(), max_bins);
            let binned = binning.transform(records.view());
            prop_assert!(binning.bins(0) <= max_bins);
            prop_assert!(binning.cuts(0).is_sorted_by(|a, b| a < b));
            let bin_of_centre: Vec<usize> = binning.centres(0).iter().map(|&centre| usize::from(bin(binning.cuts(0), centre))).collect();
            let numbers = values.iter().any(|value| !value.is_nan());
            prop_assert_eq!(bin_of_centre, if numbers { (0..binning.bins(0)).collect() } else { Vec::new() });
            for (a, &bin_a) in values.iter().zip(binned.column(0)) {
                prop_assert_eq!(a.is_nan(), bin_a == MISSING_BIN);
                prop_assert!(bin_a == MISSING_BIN || usize::from(bin_a) < binning.bins(0));
                for (b, &bin_b) in values.iter().zip(binned.column(0)) {
                    if a < b {
                        prop_assert!(bin_a <= bin_b);
                    }
                }
            }
        }
    }
}
