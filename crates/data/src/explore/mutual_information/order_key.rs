//! Floating-point numbers as integers of the same order, for integers sort and merge faster.

/// The integer whose order among integers is that of `value` among numbers (`f64::total_cmp`).
#[inline]
pub(crate) fn key_of(value: f64) -> i64 {
    flip(value.to_bits() as i64)
}

/// The number of which this is the key.
#[inline]
pub(crate) fn value_of(key: i64) -> f64 {
    f64::from_bits(flip(key) as u64)
}

/// Turns the magnitude of negative numbers round, whose bits grow as they fall. Done twice, it does nothing.
#[inline]
fn flip(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_the_order_and_lead_back() {
        let ascending = [f64::NEG_INFINITY, -2.5, -1e-300, -0.0, 0.0, 5e-324, 1.0, 1.0 + f64::EPSILON, f64::INFINITY];
        assert!(ascending.map(key_of).is_sorted());
        for value in ascending {
            assert_eq!(value_of(key_of(value)).to_bits(), value.to_bits());
        }
    }
}
