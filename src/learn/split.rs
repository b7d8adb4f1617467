//! Which tracks a model is fitted on, and which it is scored on.

use rand::seq::SliceRandom;

use crate::error::{Error, Fault, Place, Reason, Result};
use crate::seed::Seed;

/// Row indices of the two parts, each ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to score on.
    pub test: Vec<usize>,
}

/// Draws `test_share` of `rows` rows at random, without replacement, for the test; the rest is for training.
///
/// The number of test rows is rounded up, as scikit-learn's `train_test_split` does: 41,106 rows and a share of 0.2 give
/// 8,222 test rows. The same seed gives the same split on every platform.
///
/// # Errors
/// `test_share` is not between 0 and 1 (both excluded), or one of the parts would be empty.
pub fn random_split(rows: usize, test_share: f64, seed: u64) -> Result<Split> {
    if !(test_share > 0.0 && test_share < 1.0) {
        let fault = Fault::new(Place::file("test_share"), Reason::Setting, "expected a share above 0 and below 1");
        return Err(Error::input(fault.found(test_share.to_string())));
    }
    let test_rows = (rows as f64 * test_share).ceil() as usize;
    if test_rows == 0 || test_rows >= rows {
        let rule = format!("expected enough tracks to hold out a share of {test_share} and fit on the others");
        let fault = Fault::new(Place::file("tracks"), Reason::TooFewRows, rule).found(rows.to_string());
        return Err(Error::input(fault));
    }
    let mut train: Vec<usize> = (0..rows).collect();
    train.shuffle(&mut Seed(seed).rng("split", &[]));
    let mut test = train.split_off(rows - test_rows);
    train.sort_unstable();
    test.sort_unstable();
    Ok(Split { train, test })
}

/// Which rows are held out in each of several rounds of cross-validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    /// Each row's fold.
    fold_of_row: Vec<usize>,
    folds: usize,
}

impl Folds {
    /// Parts the rows into `folds` folds in which hits and flops are as frequent as in all of them: each label's rows are
    /// shuffled by the seed and dealt out in turn, so that folds differ by at most one row of a label.
    ///
    /// # Errors
    /// There are fewer than two folds, or a label has fewer rows than there are folds.
    pub fn stratified(targets: &[bool], folds: usize, seed: u64) -> Result<Folds> {
        if folds < 2 {
            let fault = Fault::new(Place::file("folds"), Reason::Setting, "expected a whole number of at least 2");
            return Err(Error::input(fault.found(folds.to_string())));
        }
        let mut fold_of_row = vec![0; targets.len()];
        for label in [false, true] {
            let mut rows: Vec<usize> = (0..targets.len()).filter(|&row| targets[row] == label).collect();
            if rows.len() < folds {
                let what = if label { "hit" } else { "flop" };
                let rule = format!("expected at least {folds} {what}s, one for each fold");
                let fault = Fault::new(Place::file("training rows"), Reason::TooFewRows, rule);
                return Err(Error::input(fault.found(rows.len().to_string())));
            }
            rows.shuffle(&mut Seed(seed).rng("folds", &[u64::from(label)]));
            // Flops are dealt from the first fold on, hits from the last one back, so that no fold gets both remainders.
            for (position, row) in rows.into_iter().enumerate() {
                let fold = position % folds;
                fold_of_row[row] = if label { folds - 1 - fold } else { fold };
            }
        }
        Ok(Folds { fold_of_row, folds })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.folds
    }

    /// Never: there are at least two.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The rows to fit on and the rows held out in one round.
    ///
    /// # Panics
    /// There is no such fold.
    pub fn split(&self, fold: usize) -> Split {
        assert!(fold < self.folds, "fold {fold} of {}", self.folds);
        let (test, train) = (0..self.fold_of_row.len()).partition(|&row| self.fold_of_row[row] == fold);
        Split { train, test }
    }
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
            assert!(random_split(rows, 0.2, 42).expect_err("too few rows").is_input());
        }
        for share in [0.0, 1.0, -0.5, 2.0, f64::NAN] {
            assert!(random_split(100, share, 42).expect_err("no share").is_input());
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

    #[test]
    fn folds_part_the_rows_and_keep_the_share_of_hits() {
        let targets: Vec<bool> = (0..103).map(|row| row % 3 == 0).collect();
        let folds = Folds::stratified(&targets, 5, 42).expect("folds");
        let mut held_out = vec![0; targets.len()];
        for fold in 0..folds.len() {
            let split = folds.split(fold);
            assert_eq!(split.train.len() + split.test.len(), targets.len());
            let hits = split.test.iter().filter(|&&row| targets[row]).count();
            assert!(
                (20..=21).contains(&split.test.len()) && (7..=7).contains(&hits),
                "{} rows, {hits} hits",
                split.test.len()
            );
            split.test.iter().for_each(|&row| held_out[row] += 1);
        }
        assert_eq!(held_out, vec![1; targets.len()]);
        assert_eq!(Folds::stratified(&targets, 5, 42).expect("folds"), folds);
        assert_ne!(Folds::stratified(&targets, 5, 43).expect("folds"), folds);
    }

    #[test]
    fn folds_that_cannot_be_are_refused() {
        let told = |targets: &[bool], folds| Folds::stratified(targets, folds, 1).expect_err("refused").to_string();
        assert_eq!(told(&[true, false], 1), r#"folds: expected a whole number of at least 2, found "1""#);
        let rule = "training rows: expected at least 3 hits, one for each fold";
        assert_eq!(told(&[true, false, false, false, true], 3), format!(r#"{rule}, found "2""#));
    }
}
