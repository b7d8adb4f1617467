//! The distribution of the values of a table.

/// Different values in ascending order, each with the number of values at most as great.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ValueDistribution {
    values: Vec<f64>,
    at_most: Vec<u64>,
}

/// A value of a distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub value: f64,
    /// Number of smaller values.
    pub below: u64,
    /// Number of values at most as great.
    pub at_most: u64,
}

impl ValueDistribution {
    /// Of ascending values, each with its number.
    pub(super) fn of_sorted(values: impl Iterator<Item = (f64, u64)>) -> ValueDistribution {
        let mut distribution = ValueDistribution::default();
        for (value, count) in values {
            let at_most = distribution.rows() + count;
            match distribution.values.last() {
                // 0 and -0 are one value.
                Some(last) if *last == value => distribution.at_most.pop(),
                _ => {
                    distribution.values.push(value);
                    None
                }
            };
            distribution.at_most.push(at_most);
        }
        distribution
    }

    /// Number of values, repeated ones included.
    pub(super) fn rows(&self) -> u64 {
        self.at_most.last().copied().unwrap_or(0)
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        let below = std::iter::once(0).chain(self.at_most.iter().copied());
        let steps = self.values.iter().zip(&self.at_most).zip(below);
        steps.map(|((value, at_most), below)| Step { value: *value, below, at_most: *at_most })
    }

    /// Number of values at most as great as `edge`.
    pub(super) fn at_most(&self, edge: f64) -> u64 {
        let above = self.values.partition_point(|value| *value <= edge);
        above.checked_sub(1).map_or(0, |last| self.at_most[last])
    }

    /// The median: the mean of the two in the middle of an even number.
    pub(super) fn median(&self) -> Option<f64> {
        let last = self.rows().checked_sub(1)?;
        let nth = |index: u64| self.values[self.at_most.partition_point(|at_most| *at_most <= index)];
        let (low, high) = (nth(last / 2), nth(last.div_ceil(2)));
        Some(low + (high - low) * 0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_is_that_of_the_sorted_values() {
        let sorted = [-1.5, -0.0, 0.0, 0.25, 0.25, 0.25, 7.0, 9.0];
        for end in 1..=sorted.len() {
            let values = &sorted[..end];
            let found = ValueDistribution::of_sorted(values.iter().map(|value| (*value, 1)));
            assert_eq!(found.rows(), end as u64);
            assert_eq!(found.median(), hitflop_metrics::quantile::quantile(values, 0.5), "{values:?}");
            for edge in [-2.0, -1.5, 0.0, 0.3, 7.0, 10.0] {
                let expected = values.partition_point(|value| *value <= edge) as u64;
                assert_eq!(found.at_most(edge), expected, "{values:?} {edge}");
            }
            let last = found.steps().last().expect("a value");
            assert_eq!((last.value, last.at_most), (values[end - 1], end as u64));
        }
        assert_eq!(ValueDistribution::default().median(), None);
    }
}
