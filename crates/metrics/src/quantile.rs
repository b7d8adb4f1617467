//! Quantiles of sorted values.

/// The `q`-quantile (0 to 1) of values in ascending order, interpolated linearly between the two nearest (definition 7 of
/// Hyndman and Fan, 1996; the default of NumPy and pandas). `None` if there are no values.
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = q.clamp(0.0, 1.0) * last as f64;
    let below = (position.floor() as usize).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    Some(low + (high - low) * (position - below as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

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
