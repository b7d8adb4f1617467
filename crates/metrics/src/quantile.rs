//! Quantiles of sorted values, and bins between them.

/// The `q`-quantile (0 to 1) of values in ascending order, interpolated linearly between the two nearest (definition 7 of
/// Hyndman and Fan, 1996; the default of NumPy and pandas). `None` if there are no values.
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = q.clamp(0.0, 1.0) * last as f64;
    let below = (position.floor() as usize).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    Some(low + (high - low) * (position - below as f64))
}

/// Upper ends, ascending, of `bins` bins of about equal shares of the values; the last bin has none. A value that equals an end
/// belongs below it.
///
/// The ends are quantiles, each once. A value that is several of them has a bin of its own, so that a frequent or the only value is
/// separated from the smaller ones; there may be fewer bins. `sorted` is ascending; of nothing there is one bin.
///
/// ```
/// use hitflop_metrics::quantile::bin_ends;
///
/// assert_eq!(bin_ends(&[1.0, 2.0, 3.0, 4.0, 5.0], 4), [2.0, 3.0, 4.0]);
/// ```
pub fn bin_ends(sorted: &[f64], bins: usize) -> Vec<f64> {
    let ends = (1..bins).filter_map(|bin| quantile(sorted, bin as f64 / bins as f64));
    let mut quantiles: Vec<f64> = ends.collect();
    // Interpolation between two equal values may round below them.
    quantiles.sort_unstable_by(f64::total_cmp);
    let mut ends = Vec::new();
    for tied in quantiles.chunk_by(|a, b| a == b) {
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
    fn ends_are_quantiles() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        assert_eq!(bin_ends(&values, 10), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]);
        assert_eq!(bin_ends(&values, 2), [50.0]);
        assert!(bin_ends(&[], 10).is_empty() && bin_ends(&values, 1).is_empty());
    }

    #[test]
    fn a_frequent_value_has_a_bin_of_its_own() {
        assert_eq!(bin_ends(&[5.0; 20], 10), [5.0f64.next_down(), 5.0]);
        let mut values = vec![0.0; 50];
        values.extend((1..=50).map(f64::from));
        let ends = bin_ends(&values, 10);
        assert_eq!(ends[..2], [0.0f64.next_down(), 0.0]);
        assert!(ends[2..].len() >= 4 && ends.is_sorted_by(|a, b| a < b), "{ends:?}");
    }

    /// The witness is `numpy.quantile`.
    #[test]
    fn quantiles_are_numpys() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        for (q, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.9, 6.8), (0.95, 7.4), (1.0, 8.0)] {
            let found = quantile(&sorted, q).expect("there are values");
            assert!((found - expected).abs() < 1e-12, "{q}: {found} is not {expected}");
        }
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3.0], 0.9), Some(3.0));
    }
}
