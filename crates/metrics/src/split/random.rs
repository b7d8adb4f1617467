//! A share of the rows at random.

use rand::seq::SliceRandom;

use super::{check_share, TrainTestSplit};
use crate::seed::Seed;
use crate::{MetricsError, Result};

/// Draws `test_share` of `rows` rows at random, without replacement, for the test; the rest is for training.
///
/// The number of test rows is rounded up, as scikit-learn's `train_test_split` does: 41,106 rows and a share of 0.2 give
/// 8,222 test rows. The same seed gives the same split on every platform.
///
/// # Errors
/// `test_share` is not between 0 and 1 (both excluded), or one of the parts would be empty.
pub fn random_split(rows: usize, test_share: f64, seed: u64) -> Result<TrainTestSplit> {
    check_share(test_share)?;
    let test_rows = (rows as f64 * test_share).ceil() as usize;
    if test_rows == 0 || test_rows >= rows {
        let rule = format!("expected enough tracks to hold out a share of {test_share} and fit on the others");
        return Err(MetricsError::Rows { rows: "tracks", rule, value: rows.to_string() });
    }
    let mut train: Vec<usize> = (0..rows).collect();
    train.shuffle(&mut Seed(seed).rng("split", &[]));
    let mut test = train.split_off(rows - test_rows);
    train.sort_unstable();
    test.sort_unstable();
    Ok(TrainTestSplit { train, test })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_test_share_is_rounded_up_as_scikit_learn_does() {
        let split = random_split(41_106, 0.2, 42).expect("a split");
        assert_eq!((split.train.len(), split.test.len()), (32_884, 8_222));
    }

    #[test]
    fn what_cannot_be_split_is_refused() {
        for rows in [0, 1] {
            let error = random_split(rows, 0.2, 42).expect_err("too few rows");
            assert!(matches!(error, MetricsError::Rows { rows: "tracks", .. }), "{error}");
        }
        for share in [0.0, 1.0, -0.5, 2.0, f64::NAN] {
            let error = random_split(100, share, 42).expect_err("no share");
            assert!(matches!(error, MetricsError::Parameter { name: "test_share", .. }), "{error}");
        }
        assert!(random_split(3, 0.99, 42).is_err());
    }

    /// A split is a function of its seed alone. What this one is came from an earlier run: a model made again from the
    /// same tracks has to be the same, so a change of generator must not go unnoticed.
    #[test]
    fn a_seed_gives_one_split() {
        assert_eq!(random_split(12, 0.25, 42).expect("a split").test, [0, 3, 7]);
        assert_ne!(random_split(1000, 0.2, 1).expect("a split"), random_split(1000, 0.2, 2).expect("a split"));
    }

    proptest! {
        #[test]
        fn parts_are_disjoint_and_complete(rows in 2usize..2000, share in 0.01f64..0.5, seed: u64) {
            let split = random_split(rows, share, seed).expect("a split");
            let mut all = [split.train.clone(), split.test.clone()].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..rows).collect::<Vec<_>>());
            prop_assert!(split.train.is_sorted() && split.test.is_sorted());
            prop_assert_eq!(split.test.len(), (rows as f64 * share).ceil() as usize);
        }
    }
}
