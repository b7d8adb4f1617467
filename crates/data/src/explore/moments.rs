//! Count, mean and standard deviation, the same to the last digit however the work is shared among threads.

/// Running count, sum and sum of squares of values about a fixed pivot near their mean.
///
/// Sums are compensated (Neumaier, 1974), and taken row by row in the order of the tracks, so that a result does not
/// depend on how an engine cuts the rows into parts; the pivot keeps the variance from losing digits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moments {
    count: u64,
    sum: Compensated,
    squares: Compensated,
}

impl Moments {
    /// Adds a value's deviation from the pivot.
    pub(crate) fn add(&mut self, deviation: f64) {
        self.count += 1;
        self.sum.add(deviation);
        self.squares.add(deviation * deviation);
    }

    /// The moments of both together, about the same pivot.
    pub(crate) fn merge(mut self, other: &Moments) -> Moments {
        self.count += other.count;
        self.sum.add(other.sum.total());
        self.squares.add(other.squares.total());
        self
    }

    /// Arithmetic mean; NaN of no value.
    pub(crate) fn mean(&self, pivot: f64) -> f64 {
        pivot + self.sum.total() / self.count as f64
    }

    /// Sample standard deviation (n - 1 in the denominator); NaN of fewer than two values.
    pub(crate) fn std(&self) -> f64 {
        if self.count < 2 {
            return f64::NAN;
        }
        let (count, sum) = (self.count as f64, self.sum.total());
        // Rounding may leave a constant's variance a little below zero.
        ((self.squares.total() - sum * sum / count) / (count - 1.0)).max(0.0).sqrt()
    }
}

/// A sum that keeps what rounding loses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Compensated {
    sum: f64,
    lost: f64,
}

impl Compensated {
    fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() { (self.sum - sum) + value } else { (value - sum) + self.sum };
        self.sum = sum;
    }

    fn total(&self) -> f64 {
        self.sum + self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moments(values: &[f64], pivot: f64) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|value| moments.add(value - pivot));
        moments
    }

    #[test]
    fn small_cases_by_hand() {
        let found = moments(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0], 5.0);
        assert_eq!((found.count, found.mean(5.0)), (8, 5.0));
        assert_eq!(found.std(), (32.0f64 / 7.0).sqrt());
        assert!(moments(&[], 0.0).mean(0.0).is_nan());
        assert!(moments(&[3.0], 0.0).std().is_nan());
        assert_eq!(moments(&[0.1; 9], 0.3).std(), 0.0);
    }

    #[test]
    fn small_values_beside_large_ones_are_not_lost() {
        let mut values = vec![1e16, -1e16];
        values.splice(1..1, vec![1.0; 1000]);
        assert_eq!(moments(&values, 0.0).sum.total(), 1000.0);
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole(values in prop::collection::vec(-1e3f64..1e3, 2..200), cut in 0usize..200) {
            let cut = cut.min(values.len());
            let whole = moments(&values, 1.0);
            let merged = moments(&values[..cut], 1.0).merge(&moments(&values[cut..], 1.0));
            let naive_mean = values.iter().sum::<f64>() / values.len() as f64;
            let naive_variance =
                values.iter().map(|x| (x - naive_mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64;
            for found in [whole, merged] {
                prop_assert!((found.mean(1.0) - naive_mean).abs() < 1e-10);
                prop_assert!((found.std() - naive_variance.sqrt()).abs() < 1e-7);
            }
        }
    }
}
