//! Histograms whose bins are the same for every table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Bits of the fraction of a number that tell its bin from others of the same power of two: 256 bins a power of two.
const BITS: u32 = 8;
/// Bits of a number below those.
const BELOW: u32 = f64::MANTISSA_DIGITS - 1 - BITS;

/// Counts of values by bins of fixed ends.
///
/// A bin holds the values that agree in sign, power of two and the next eight binary digits, so that it is at most 1/256 (0.4 %) of its
/// values wide: 0.5 BPM at 120 BPM, 0.002 at 0.5. Whole numbers below 512 in size have a bin each, and so has 0. Bins that no value is in take no
/// memory, and no table has more than a few thousand, whatever its rows.
///
/// It serialises as pairs of the number of a bin and its count, ascending. The bin of a number above 0 is its 64 bits (IEEE 754) less the
/// last 44; of one below 0, that of its size with a minus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(i32, u64)>", into = "Vec<(i32, u64)>")]
pub struct Histogram {
    counts: BTreeMap<i32, u64>,
}

impl Histogram {
    /// Counts a value; one that is not finite is left out.
    pub fn add(&mut self, value: f64) {
        if value.is_finite() {
            *self.counts.entry(bin(value)).or_default() += 1;
        }
    }

    /// Adds the counts of another histogram.
    pub fn merge(&mut self, other: &Histogram) {
        other.counts.iter().for_each(|(bin, count)| *self.counts.entry(*bin).or_default() += count);
    }

    /// Number of values of 0 (and of those below 1e-307 in size).
    pub fn zeros(&self) -> u64 {
        self.counts.get(&0).copied().unwrap_or(0)
    }

    /// The middle of each bin and its count, ascending; of whole numbers below 512, the number.
    pub fn bins(&self, is_whole: bool) -> impl Iterator<Item = (f64, u64)> + '_ {
        self.counts.iter().map(move |(bin, count)| (middle(*bin, is_whole), *count))
    }
}

impl From<Vec<(i32, u64)>> for Histogram {
    fn from(pairs: Vec<(i32, u64)>) -> Histogram {
        let mut histogram = Histogram::default();
        pairs.into_iter().for_each(|(bin, count)| *histogram.counts.entry(bin).or_default() += count);
        histogram
    }
}

impl From<Histogram> for Vec<(i32, u64)> {
    fn from(histogram: Histogram) -> Vec<(i32, u64)> {
        histogram.counts.into_iter().collect()
    }
}

fn bin(value: f64) -> i32 {
    // At most 20 bits are left.
    let size = (value.abs().to_bits() >> BELOW) as i32;
    if value < 0.0 {
        -size
    } else {
        size
    }
}

fn middle(bin: i32, is_whole: bool) -> f64 {
    let end = |size: u64| f64::from_bits(size << BELOW);
    let size = u64::from(bin.unsigned_abs());
    let (low, high) = (end(size), end(size + 1));
    let is_number = bin == 0 || is_whole && high - low <= 1.0;
    let size = match (is_number, high.is_finite()) {
        (true, _) => low.ceil(),
        (false, true) => low + (high - low) / 2.0,
        (false, false) => low,
    };
    if bin < 0 {
        -size
    } else {
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Histogram {
        let mut histogram = Histogram::default();
        values.iter().for_each(|value| histogram.add(*value));
        histogram
    }

    #[test]
    fn whole_numbers_below_512_are_exact() {
        for number in -511..=511 {
            let bins: Vec<(f64, u64)> = of(&[f64::from(number)]).bins(true).collect();
            assert_eq!(bins, [(f64::from(number), 1)]);
        }
        let neighbours = of(&[510.0, 511.0, 512.0]);
        assert_eq!(neighbours.bins(true).count(), 3);
    }

    #[test]
    fn zeros_have_a_bin_and_what_is_no_number_none() {
        let histogram = of(&[0.0, -0.0, 1e-300, f64::NAN, f64::INFINITY, -3.0]);
        assert_eq!((histogram.zeros(), histogram.bins(false).map(|(_, count)| count).sum::<u64>()), (2, 4));
        assert!(of(&[f64::MAX, f64::MIN]).bins(false).all(|(value, _)| value.is_finite()));
    }

    proptest! {
        #[test]
        fn a_bin_is_at_most_one_part_in_256_wide(value in prop::num::f64::NORMAL) {
            let (middle, _) = of(&[value]).bins(false).next().expect("a bin");
            prop_assert!((middle - value).abs() <= value.abs() / 512.0 * 1.000_001 || value.abs() > 1e308);
        }

        #[test]
        fn bins_are_in_the_order_of_their_values(values in prop::collection::vec(-1e3..1e3_f64, 2..40), cut in 0_usize..40) {
            let whole = of(&values);
            prop_assert!(whole.bins(false).map(|(value, _)| value).is_sorted());
            let cut = cut.min(values.len());
            let mut parts = of(&values[..cut]);
            parts.merge(&of(&values[cut..]));
            let text = serde_json::to_string(&parts).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Histogram>(&text).expect("a histogram"), whole);
        }
    }
}
