//! Leaf values as 32-bit floats whose sums are exact.
//!
//! `TreeEnsembleRegressor` adds up 32-bit floats, in an order that depends on the runtime, its version and the number of rows.
//! Probabilities of 1,000 trees would be off by 1e-6, and a label of a track near the threshold would depend on the batch. So
//! each value is split into three parts. The first is a multiple of a power of two that is coarse enough for sums over all
//! trees to have at most 24 bits: every partial sum is a 32-bit float, in any order. So is every sum of the second parts, which
//! are multiples of a finer power. The third is what is left, less than 2^-30 of the greatest sum for 1,000 trees.

/// The parts of leaf values, and the tree's targets that they are added to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ExactSum {
    coarse: f64,
    fine: f64,
}

/// Number of parts.
pub(super) const PARTS: usize = 3;

/// Bits of a sum of multiples, of which rounding to multiples may add one; a 32-bit float has 24.
const SUM_BITS: i32 = 23;

impl ExactSum {
    /// For `trees` trees the greatest absolute values of whose leaves add up to `greatest`.
    pub(super) fn new(trees: usize, greatest: f64) -> ExactSum {
        let coarse = unit_of(greatest);
        ExactSum { coarse, fine: unit_of(trees as f64 * coarse / 2.0) }
    }

    /// The parts of a value, which add up to it but for its last bits.
    pub(super) fn parts(self, value: f64) -> [f32; PARTS] {
        let first = (value / self.coarse).round() * self.coarse;
        let second = ((value - first) / self.fine).round() * self.fine;
        [first, second, value - first - second].map(|part| part as f32)
    }
}

/// The least power of two by which sums up to `greatest` are whole numbers of at most [`SUM_BITS`] bits.
fn unit_of(greatest: f64) -> f64 {
    let exponent = if greatest > 0.0 { greatest.log2().ceil() as i32 - SUM_BITS } else { 0 };
    // Below this a 32-bit float has no bits left.
    f64::from(exponent.max(-126)).exp2()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Sums of 32-bit floats forwards, backwards and in halves are the same number, and it is the sum of the values.
        #[test]
        fn sums_of_parts_are_exact_in_any_order(values in prop::collection::vec(-3.0f64..3.0, 1..2000), shift in -40i32..20) {
            let values: Vec<f64> = values.iter().map(|value| value * f64::from(shift).exp2()).collect();
            let greatest: f64 = values.iter().map(|value| value.abs()).sum();
            let exact = ExactSum::new(values.len(), greatest);
            let parts: Vec<[f32; PARTS]> = values.iter().map(|&value| exact.parts(value)).collect();
            let mut total = 0.0;
            for part in 0..PARTS {
                let forwards: f32 = parts.iter().fold(0.0, |sum, parts| sum + parts[part]);
                let backwards: f32 = parts.iter().rev().fold(0.0, |sum, parts| sum + parts[part]);
                let halves: f32 = parts.chunks(values.len().div_ceil(2))
                    .map(|half| half.iter().fold(0.0, |sum, parts| sum + parts[part])).fold(0.0, |sum, half: f32| sum + half);
                if part < 2 {
                    prop_assert_eq!((forwards, forwards), (backwards, halves));
                }
                total += f64::from(forwards);
            }
            let sum: f64 = values.iter().sum();
            prop_assert!((total - sum).abs() <= 1e-12 * greatest, "{} {}", total, sum);
        }
    }
}
