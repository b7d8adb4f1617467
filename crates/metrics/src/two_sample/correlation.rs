//! The difference of Pearson's correlation of two quantities in two tables.

use super::resampling::{percentile_interval, ClusterBootstrap, GroupWeights, LANES};
use crate::bootstrap::ConfidenceInterval;

/// Sums of the rows of a group that have both values: their number, x, y, x², y² and x y.
type Moments = [f64; 6];

/// Two quantities in the rows of two tables, summed by group.
#[derive(Clone, Debug)]
pub struct GroupedCorrelation {
    moments: Vec<[Moments; 2]>,
}

impl GroupedCorrelation {
    /// Both quantities of each row of each table (a value that is not finite is missing, and the row is left out); `groups` as of
    /// [`ClusterBootstrap::new`].
    ///
    /// # Panics
    /// A group is none of the bootstrap's.
    pub fn new(x: [&[f64]; 2], y: [&[f64]; 2], groups: [&[u32]; 2], bootstrap: &ClusterBootstrap) -> Self {
        let mut moments = vec![[[0.0; 6]; 2]; bootstrap.rows().len()];
        for table in 0..2 {
            // Correlations do not change with the origin, and sums of squares about the mean are more exact.
            let (x_mean, y_mean) = (mean(x[table]), mean(y[table]));
            for ((x, y), &group) in x[table].iter().zip(y[table]).zip(groups[table]) {
                let (x, y) = (x - x_mean, y - y_mean);
                if x.is_finite() && y.is_finite() {
                    let sums = &mut moments[group as usize][table];
                    let terms = [1.0, x, y, x * x, y * y, x * y];
                    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
                }
            }
        }
        GroupedCorrelation { moments }
    }

    /// The 95 % interval of the correlation in the current table minus that in the reference: percentiles of the resamples. None without
    /// resamples, or where a correlation is not defined.
    pub fn difference_interval(&self, bootstrap: &ClusterBootstrap) -> Option<ConfidenceInterval> {
        percentile_interval(bootstrap.blocks(|weights| self.differences(weights)))
    }

    fn differences(&self, weights: &[GroupWeights]) -> [f64; LANES] {
        let mut sums = [[[0.0; LANES]; 6]; 2];
        for (moments, weights) in self.moments.iter().zip(weights) {
            for (sums, moments) in sums.iter_mut().zip(moments).filter(|(_, moments)| moments[0] > 0.0) {
                for (sums, &moment) in sums.iter_mut().zip(moments) {
                    sums.iter_mut().zip(weights).for_each(|(sum, &weight)| *sum += f64::from(weight) * moment);
                }
            }
        }
        std::array::from_fn(|lane| {
            let [reference, current] = sums.map(|sums| correlation(sums.map(|lanes| lanes[lane])));
            current - reference
        })
    }
}

fn mean(values: &[f64]) -> f64 {
    let known = || values.iter().filter(|value| value.is_finite());
    let count = known().count().max(1) as f64;
    // Parts, so that the sum of great values is none that is infinite.
    known().map(|value| value / count).sum()
}

/// NaN if it is not defined.
fn correlation([count, x, y, xx, yy, xy]: Moments) -> f64 {
    let (x_squares, y_squares) = (xx - x * x / count, yy - y * y / count);
    (xy - x * y / count) / (x_squares * y_squares).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use rand::RngExt;

    /// Rows of two quantities with a correlation of `share`: the second is that share of the first and noise.
    fn rows(count: usize, share: f64, key: u64) -> [Vec<f64>; 2] {
        let mut rng = Seed(7).rng("correlated rows", &[key]);
        let mut uniform = || rng.random_range(-1.0..1.0f64);
        let pairs: Vec<(f64, f64)> = (0..count).map(|_| (uniform(), uniform())).collect();
        let second = pairs.iter().map(|(x, noise)| share * x + (1.0 - share * share).sqrt() * noise);
        [pairs.iter().map(|(x, _)| 1e3 + x).collect(), second.collect()]
    }

    fn interval(reference: f64, current: f64, size: u32) -> Option<ConfidenceInterval> {
        let (a, b) = (rows(600, reference, 0), rows(600, current, 1));
        let groups = [0, 600].map(|first| (0..600).map(|row| (first + row) / size).collect::<Vec<u32>>());
        let groups = [&groups[0][..], &groups[1][..]];
        let bootstrap = ClusterBootstrap::new(groups, 400, 1);
        GroupedCorrelation::new([&a[0], &b[0]], [&a[1], &b[1]], groups, &bootstrap).difference_interval(&bootstrap)
    }

    #[test]
    fn an_interval_has_the_difference_of_the_populations() {
        let equal = interval(0.5, 0.5, 1).expect("an interval");
        assert!(equal.low < 0.0 && equal.high > 0.0, "{equal:?}");
        let other = interval(0.0, 0.8, 1).expect("an interval");
        assert!(other.low > 0.65 && other.low < 0.8 && other.high > 0.8 && other.high < 0.95, "{other:?}");
    }

    /// With each row a group, the standard error of r = 0 is 1 / √n, and that of the difference √2 times as much.
    #[test]
    fn the_width_is_that_of_theory() {
        let ConfidenceInterval { low, high } = interval(0.0, 0.0, 1).expect("an interval");
        let expected = 2.0 * 1.96 * (2.0f64 / 600.0).sqrt();
        assert!((high - low) / expected > 0.85 && (high - low) / expected < 1.15, "{low} {high} {expected}");
    }

    #[test]
    fn what_is_not_defined_has_no_interval() {
        let groups: [&[u32]; 2] = [&[0, 1, 2], &[3, 4, 5]];
        let bootstrap = ClusterBootstrap::new(groups, 100, 1);
        let (rising, constant) = ([1.0, 2.0, 4.0], [1.0; 3]);
        let found = GroupedCorrelation::new([&rising, &constant], [&rising, &rising], groups, &bootstrap);
        assert_eq!(found.difference_interval(&bootstrap), None);
        let none = ClusterBootstrap::new([&[0, 0, 0], &[1, 1, 1]], 100, 1);
        let found = GroupedCorrelation::new([&rising, &rising], [&rising, &rising], [&[0, 0, 0], &[1, 1, 1]], &none);
        assert_eq!(found.difference_interval(&none), None, "no resamples");
    }
}
