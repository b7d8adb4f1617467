//! Values replaced by their order.

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut1};
use rayon::prelude::*;

/// The dense rank of every value within its column: 0 for the least, equal values sharing a rank, without gaps.
///
/// A split only depends on the order of values. Ranks keep that order on a scale where neighbours differ by at least 1, so
/// that a tolerance in comparing them does no harm. A missing value (NaN) ranks below every number; no value may be infinite.
pub(super) fn dense_ranks(records: ArrayView2<f64>) -> Array2<f64> {
    let mut ranks = Array2::zeros(records.raw_dim());
    let columns: Vec<_> = records.columns().into_iter().zip(ranks.columns_mut()).collect();
    columns.into_par_iter().for_each(|(values, ranks)| rank_column(values, ranks));
    ranks
}

fn rank_column(values: ArrayView1<f64>, mut ranks: ArrayViewMut1<f64>) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let key = |row: usize| if values[row].is_nan() { f64::NEG_INFINITY } else { values[row] };
    order.sort_unstable_by(|&a, &b| key(a).total_cmp(&key(b)));
    for (rank, tied) in order.chunk_by(|&a, &b| key(a) == key(b)).enumerate() {
        for &row in tied {
            ranks[row] = rank as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn equal_values_share_a_rank_and_no_rank_is_left_out() {
        let records = array![[5e-7, 3.0], [-0.0, 3.0], [1e300, -7.0], [0.0, 3.0], [5e-7, 4.0]];
        let expected = array![[1.0, 1.0], [0.0, 1.0], [2.0, 0.0], [0.0, 1.0], [1.0, 2.0]];
        assert_eq!(dense_ranks(records.view()), expected);
        let missing = array![[f64::NAN], [-f64::MAX], [f64::NAN], [2.0], [-f64::NAN]];
        assert_eq!(dense_ranks(missing.view()), array![[0.0], [1.0], [0.0], [2.0], [0.0]]);
        assert_eq!(dense_ranks(Array2::zeros((0, 2)).view()).dim(), (0, 2));
    }
}
