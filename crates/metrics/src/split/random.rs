//! A share of the rows at random.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rand::seq::SliceRandom;

use super::{check_share, TrainTestSplit};
use crate::seed::Seed;
use crate::{MetricsError, Result};

/// Draws `test_share` of the rows at random, without replacement, for the test; the rest is for training. Every stratum has the same
/// share of its rows in the test, up to one row; `strata` has a number for each row, equal for the rows of a stratum.
///
/// The number of test rows is rounded up, as scikit-learn's `train_test_split` does: 41,106 rows and a share of 0.2 give
/// 8,222 test rows. What is left of the strata's shares after rounding down goes to those that lost most by it. The same seed gives
/// the same split on every platform.
///
/// # Errors
/// `test_share` is not between 0 and 1 (both excluded), or one of the parts would be empty.
pub fn random_split(strata: &[u32], test_share: f64, seed: u64) -> Result<TrainTestSplit> {
    check_share(test_share)?;
    let rows = strata.len();
    let test_rows = (rows as f64 * test_share).ceil() as usize;
    if test_rows == 0 || test_rows >= rows {
        let rule = format!("expected enough tracks to hold out a share of {test_share} and fit on the others");
        return Err(MetricsError::Rows { rows: "tracks", rule, value: rows.to_string() });
    }
    let mut rows_of: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    strata.iter().enumerate().for_each(|(row, &stratum)| rows_of.entry(stratum).or_default().push(row));
    let sizes: Vec<usize> = rows_of.values().map(Vec::len).collect();
    let mut split = TrainTestSplit { train: Vec::new(), test: Vec::new() };
    for ((stratum, mut train), test_rows) in rows_of.into_iter().zip(apportioned(&sizes, test_rows)) {
        train.shuffle(&mut Seed(seed).rng("split", &[u64::from(stratum)]));
        split.test.extend(train.split_off(train.len() - test_rows));
        split.train.extend(train);
    }
    split.train.sort_unstable();
    split.test.sort_unstable();
    Ok(split)
}

/// How many of `total` are drawn from each of the strata of these sizes: in proportion, by the method of the largest remainders, of
/// equal ones the first.
pub(super) fn apportioned(sizes: &[usize], total: usize) -> Vec<usize> {
    let rows: usize = sizes.iter().sum();
    // Whole numbers, as remainders must compare exactly; 128 bits hold the product of any two lengths.
    let product = |size: usize| size as u128 * total as u128;
    let mut drawn: Vec<usize> = sizes.iter().map(|&size| (product(size) / rows as u128) as usize).collect();
    let mut by_remainder: Vec<usize> = (0..sizes.len()).collect();
    by_remainder.sort_by_key(|&stratum| Reverse(product(sizes[stratum]) % rows as u128));
    let left = total - drawn.iter().sum::<usize>();
    by_remainder.into_iter().take(left).for_each(|stratum| drawn[stratum] += 1);
    drawn
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_test_share_is_rounded_up_as_scikit_learn_does() {
        let split = random_split(&[0; 41_106], 0.2, 42).expect("a split");
        assert_eq!((split.train.len(), split.test.len()), (32_884, 8_222));
    }

    #[test]
    fn what_cannot_be_split_is_refused() {
        for rows in [0, 1] {
            let error = random_split(&vec![0; rows], 0.2, 42).expect_err("too few rows");
            assert!(matches!(error, MetricsError::Rows { rows: "tracks", .. }), "{error}");
        }
        for share in [0.0, 1.0, -0.5, 2.0, f64::NAN] {
            let error = random_split(&[0; 100], share, 42).expect_err("no share");
            assert!(matches!(error, MetricsError::Parameter { name: "test_share", .. }), "{error}");
        }
        assert!(random_split(&[0; 3], 0.99, 42).is_err());
    }

    /// A split is a function of its seed alone. What this one is came from an earlier run: a model made again from the
    /// same tracks has to be the same, so a change of generator must not go unnoticed.
    #[test]
    fn a_seed_gives_one_split() {
        assert_eq!(random_split(&[0; 12], 0.25, 42).expect("a split").test, [2, 3, 7]);
        assert_ne!(
            random_split(&[0; 1000], 0.2, 1).expect("a split"),
            random_split(&[0; 1000], 0.2, 2).expect("a split")
        );
    }

    proptest! {
        #[test]
        fn parts_are_disjoint_complete_and_stratified(
            strata in prop::collection::vec(0u32..7, 2..2000),
            share in 0.01f64..0.5,
            seed: u64,
        ) {
            let split = random_split(&strata, share, seed).expect("a split");
            let mut all = [split.train.clone(), split.test.clone()].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..strata.len()).collect::<Vec<_>>());
            prop_assert!(split.train.is_sorted() && split.test.is_sorted());
            let test_rows = (strata.len() as f64 * share).ceil();
            prop_assert_eq!(split.test.len() as f64, test_rows);
            for stratum in 0..7 {
                let expected = test_rows / strata.len() as f64 * strata.iter().filter(|&&one| one == stratum).count() as f64;
                let found = split.test.iter().filter(|&&row| strata[row] == stratum).count() as f64;
                prop_assert!((found - expected).abs() < 1.0, "{} rows of stratum {}, expected {}", found, stratum, expected);
            }
        }
    }
}
