//! One column made ready for the nearest-neighbour estimator: scaled, ordered, and its ties broken by noise.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::nearest_neighbour::Ordered;
use super::order_key::{key_of, value_of};
use crate::explore::columns::constant;
use hitflop_core::track::Label;

/// Size of the noise, relative to max(1, mean |x|) of the scaled values, as Kraskov et al. (2004) advise and scikit-learn has it.
const RELATIVE_NOISE: f64 = 1e-10;

/// Least standard deviation by which a column is divided; one below it (a constant column) is left as it is, as scikit-learn does.
const MIN_SCALE: f64 = 10.0 * f64::EPSILON;

/// A column divided by its standard deviation, kept by label in ascending order.
///
/// Rows of equal value and label are interchangeable, so nothing computed from this depends on the order of the rows.
#[derive(Clone, Debug)]
pub(crate) struct Scaled {
    /// Flops' values, then hits', each ascending. A label that only one row has is left out, as scikit-learn does.
    by_label: [Vec<f64>; 2],
    /// Standard deviation of the noise.
    noise: f64,
    is_constant: bool,
}

impl Scaled {
    /// Scales a column by its population standard deviation (n in the denominator) without centring it. Rows whose value is not
    /// finite are left out.
    pub(crate) fn new(values: &[f64], labels: &[Label]) -> Scaled {
        let mut keys = [Vec::new(), Vec::new()];
        for (&value, &label) in values.iter().zip(labels).filter(|(value, _)| value.is_finite()) {
            keys[label as usize].push(key_of(value));
        }
        let mut by_label = keys.map(|mut keys| {
            keys.sort_unstable();
            keys.into_iter().map(value_of).collect::<Vec<f64>>()
        });

        let is_constant = constant(values).is_some();
        let std = match population_std(&by_label) {
            std if std < MIN_SCALE => 1.0,
            std => std,
        };
        by_label.iter_mut().flatten().for_each(|value| *value /= std);
        let size = mean(&by_label, f64::abs).max(1.0);
        by_label.iter_mut().filter(|group| group.len() == 1).for_each(Vec::clear);
        Scaled { by_label, noise: RELATIVE_NOISE * size, is_constant }
    }

    /// Whether all values are equal, so that only the noise would be estimated.
    pub(crate) fn is_constant(&self) -> bool {
        self.is_constant
    }

    /// Rows of each label.
    pub(crate) fn counts(&self) -> [usize; 2] {
        [self.by_label[0].len(), self.by_label[1].len()]
    }

    /// One draw of the noise: every value plus a normal deviate, merged in ascending order into `drawn`.
    pub(crate) fn draw(&self, rng: &mut impl Rng, drawn: &mut Ordered) {
        for (group, keys) in self.by_label.iter().zip(drawn.keys_mut()) {
            keys.clear();
            keys.extend(group.iter().map(|value| {
                let deviate: f64 = StandardNormal.sample(rng);
                key_of(value + self.noise * deviate)
            }));
            sort_within_ties(keys, group);
        }
        drawn.merge();
    }
}

/// Sorts the keys of noised values, whose values before the noise, `ascending`, are in order already: the noise is far smaller than the gap
/// between most distinct values, so that sorting runs of equal values is enough, and a tenth of the work. Where it is not
/// enough, the whole is sorted.
fn sort_within_ties(keys: &mut [i64], ascending: &[f64]) {
    let mut start = 0;
    for run in ascending.chunk_by(|a, b| a == b) {
        if run.len() > 1 {
            keys[start..start + run.len()].sort_unstable();
        }
        start += run.len();
    }
    if !keys.is_sorted() {
        keys.sort_unstable();
    }
}

fn mean(groups: &[Vec<f64>; 2], of: impl Fn(f64) -> f64) -> f64 {
    let count = groups.iter().map(Vec::len).sum::<usize>();
    groups.iter().flatten().map(|&value| of(value)).sum::<f64>() / count.max(1) as f64
}

fn population_std(groups: &[Vec<f64>; 2]) -> f64 {
    let centre = mean(groups, |value| value);
    mean(groups, |value| (value - centre).powi(2)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_core::seed::Seed;

    fn labels(count: usize) -> Vec<Label> {
        (0..count).map(|row| if row % 2 == 0 { Label::Flop } else { Label::Hit }).collect()
    }

    /// The witness is `sklearn.preprocessing.scale(x, with_mean=False)`.
    #[test]
    fn values_are_divided_by_their_standard_deviation() {
        let scaled = Scaled::new(&[1.0, 2.0, 3.0, 6.0], &labels(4));
        let std = 3.5_f64.sqrt();
        assert_eq!(scaled.by_label, [vec![1.0 / std, 3.0 / std], vec![2.0 / std, 6.0 / std]]);
        // The mean of the scaled values, 3 / std, is above 1.
        assert!((scaled.noise - 1e-10 * 3.0 / std).abs() < 1e-24);
    }

    #[test]
    fn a_constant_column_is_not_divided() {
        let scaled = Scaled::new(&[0.1; 6], &labels(6));
        assert_eq!(scaled.by_label, [vec![0.1; 3], vec![0.1; 3]]);
        assert_eq!(scaled.noise, 1e-10);
        assert!(scaled.is_constant() && !Scaled::new(&[0.1, 0.2], &labels(2)).is_constant());
    }

    #[test]
    fn a_label_of_one_row_and_values_that_are_not_finite_are_left_out() {
        let values = [1.0, 2.0, f64::NAN, f64::INFINITY, 3.0];
        assert_eq!(Scaled::new(&values, &labels(5)).counts(), [2, 0]);
        assert_eq!(Scaled::new(&[], &[]).counts(), [0, 0]);
    }

    #[test]
    fn noise_that_reorders_distinct_values_is_sorted_too() {
        // Values closer than the noise is large: neighbouring floating-point numbers.
        let values: Vec<f64> =
            (0..500).map(|row| if row == 0 { 9.0 } else { 1.0 + f64::EPSILON * f64::from(row) }).collect();
        let scaled = Scaled::new(&values, &labels(500));
        let mut drawn = Ordered::default();
        scaled.draw(&mut Seed(1).rng("test", &[]), &mut drawn);
        assert!(drawn.points().is_sorted());
        assert!(drawn.ranks().iter().all(|ranks| ranks.is_sorted() && ranks.len() == 250));
    }
}
