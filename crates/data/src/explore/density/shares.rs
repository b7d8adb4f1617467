//! Shares of categories.

use super::kernel::Density;
use super::GroupDistribution;

/// The distinct finite values, ascending.
pub(crate) fn categories(values: &[f64]) -> Vec<f64> {
    let mut categories: Vec<f64> = Vec::new();
    for &value in values.iter().filter(|value| value.is_finite()) {
        // There are a few categories and many rows, so most values are found.
        let place = categories.partition_point(|&category| category < value);
        if categories.get(place) != Some(&value) {
            categories.insert(place, value);
        }
    }
    categories
}

/// The shares of some values in place of a density.
pub(super) fn distribution(values: &[f64], categories: &[f64]) -> GroupDistribution {
    GroupDistribution { zero_share: None, density: Density { bandwidth: 0.0, values: shares(values, categories) } }
}

/// Share of the finite values that are of each of the ascending categories; all 0 if there are none.
fn shares(values: &[f64], categories: &[f64]) -> Vec<f64> {
    let mut counts = vec![0_u64; categories.len()];
    for value in values {
        let place = categories.partition_point(|category| category < value);
        if categories.get(place) == Some(value) {
            counts[place] += 1;
        }
    }
    let total = counts.iter().sum::<u64>().max(1) as f64;
    counts.into_iter().map(|count| count as f64 / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_by_hand() {
        let values = [3.0, 4.0, 4.0, f64::NAN, 0.0, 4.0];
        let categories = categories(&values);
        assert_eq!(categories, [0.0, 3.0, 4.0]);
        assert_eq!(shares(&values, &categories), [0.2, 0.2, 0.6]);
        assert_eq!(shares(&[4.0], &categories), [0.0, 0.0, 1.0]);
        assert_eq!(shares(&[], &categories), [0.0; 3]);
    }
}
