//! Bins of the population stability index.

use crate::quantile::quantile;

/// Bins of about equal shares of the reference, if no value is frequent.
const BINS: usize = 10;

/// Upper ends, ascending, of the bins of a quantity; the last bin has none. A value that equals an end belongs below it.
///
/// The ends are the deciles of the reference, each once. A value that is several deciles has a bin of its own, so that a frequent or
/// the only value of the reference is told from the smaller ones. `sorted` is ascending; of nothing there is one bin.
pub(super) fn decile_ends(sorted: &[f64]) -> Vec<f64> {
    let deciles = (1..BINS).filter_map(|decile| quantile(sorted, decile as f64 / BINS as f64));
    let mut deciles: Vec<f64> = deciles.collect();
    // Interpolation between two equal values may round below them.
    deciles.sort_unstable_by(f64::total_cmp);
    let mut ends = Vec::new();
    for tied in deciles.chunk_by(|a, b| a == b) {
        if tied.len() > 1 && ends.last() != Some(&tied[0].next_down()) {
            ends.push(tied[0].next_down());
        }
        ends.push(tied[0]);
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_deciles() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        assert_eq!(decile_ends(&values), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]);
        assert!(decile_ends(&[]).is_empty());
    }

    #[test]
    fn a_frequent_value_has_a_bin_of_its_own() {
        assert_eq!(decile_ends(&[5.0; 20]), [5.0f64.next_down(), 5.0]);
        let mut values = vec![0.0; 50];
        values.extend((1..=50).map(f64::from));
        let ends = decile_ends(&values);
        assert_eq!(ends[..2], [0.0f64.next_down(), 0.0]);
        assert!(ends[2..].len() >= 4 && ends.is_sorted_by(|a, b| a < b), "{ends:?}");
    }
}
