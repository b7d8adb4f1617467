//! Folds for cross-validation, of single rows or of whole groups.

use rand::seq::SliceRandom;

use super::{check_folds, RowGroups, TrainTestSplit};
use crate::seed::Seed;
use crate::{MetricsError, Result};

const TRAINING_ROWS: &str = "training rows";

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
        Folds::stratified_within(&vec![0; targets.len()], targets, folds, seed)
    }

    /// As [`Folds::stratified`], and the rows of a label that have the same one of `strata`, such as a decade, are dealt out one after
    /// the other, so that folds differ by at most one of them too.
    ///
    /// # Errors
    /// As [`Folds::stratified`].
    ///
    /// # Panics
    /// There is not one stratum a row.
    pub fn stratified_within(strata: &[u32], targets: &[bool], folds: usize, seed: u64) -> Result<Folds> {
        assert_eq!(strata.len(), targets.len(), "one stratum a row");
        check_folds(folds)?;
        let mut fold_of_row = vec![0; targets.len()];
        for label in [false, true] {
            let mut rows: Vec<usize> = (0..targets.len()).filter(|&row| targets[row] == label).collect();
            if rows.len() < folds {
                let what = if label { "hit" } else { "flop" };
                let rule = format!("expected at least {folds} {what}s, one for each fold");
                return Err(MetricsError::Rows { rows: TRAINING_ROWS, rule, value: rows.len().to_string() });
            }
            rows.shuffle(&mut Seed(seed).rng("folds", &[u64::from(label)]));
            // Stable, so that the rows of a stratum stay shuffled.
            rows.sort_by_key(|&row| strata[row]);
            // Flops are dealt from the first fold on, hits from the last one back, so that no fold gets both remainders.
            for (position, row) in rows.into_iter().enumerate() {
                let fold = position % folds;
                fold_of_row[row] = if label { folds - 1 - fold } else { fold };
            }
        }
        Ok(Folds { fold_of_row, folds })
    }

    /// Parts the rows into `folds` folds of whole groups, with hits and flops as evenly spread over the folds as the groups allow.
    ///
    /// As scikit-learn's `StratifiedGroupKFold`: groups are shuffled by the seed, those of the most uneven labels come first, and
    /// each goes to the fold where it leaves the shares of hits and of flops over the folds least spread (the mean of the two
    /// standard deviations); of equal folds to the one of fewer rows, then to the first.
    ///
    /// # Errors
    /// There are fewer than two folds, or a fold would be without hits or without flops.
    ///
    /// # Panics
    /// There is not one target a row of the groups.
    pub fn grouped(targets: &[bool], groups: &RowGroups, folds: usize, seed: u64) -> Result<Folds> {
        assert_eq!(targets.len(), groups.rows(), "one target a row");
        check_folds(folds)?;
        let counts: Vec<[u64; 2]> =
            groups.members().iter().map(|rows| counts(rows.iter().map(|&row| targets[row]))).collect();
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.shuffle(&mut Seed(seed).rng("grouped folds", &[]));
        // Stable, so that equal groups stay shuffled.
        order.sort_by_key(|&group| std::cmp::Reverse(counts[group][0].abs_diff(counts[group][1])));
        let mut spread = Spread::new(counts_of(targets), folds);
        let mut fold_of_group = vec![0; groups.len()];
        for group in order {
            fold_of_group[group] = spread.add(counts[group]);
        }
        spread.check(groups)?;
        Ok(Folds { fold_of_row: groups.of_rows().iter().map(|&group| fold_of_group[group]).collect(), folds })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.folds
    }

    /// Never: there are at least two.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The fold of each row, from 0.
    pub fn of_rows(&self) -> &[usize] {
        &self.fold_of_row
    }

    /// The rows to fit on and the rows held out in one round.
    ///
    /// # Panics
    /// There is no such fold.
    pub fn split(&self, fold: usize) -> TrainTestSplit {
        assert!(fold < self.folds, "fold {fold} of {}", self.folds);
        let (test, train) = (0..self.fold_of_row.len()).partition(|&row| self.fold_of_row[row] == fold);
        TrainTestSplit { train, test }
    }
}

/// Flops and hits.
fn counts(targets: impl Iterator<Item = bool>) -> [u64; 2] {
    let mut counts = [0; 2];
    targets.for_each(|hit| counts[usize::from(hit)] += 1);
    counts
}

fn counts_of(targets: &[bool]) -> [u64; 2] {
    counts(targets.iter().copied())
}

/// How flops and hits are spread over folds that are being filled.
struct Spread {
    all: [u64; 2],
    folds: Vec<[u64; 2]>,
}

impl Spread {
    fn new(all: [u64; 2], folds: usize) -> Spread {
        Spread { all, folds: vec![[0; 2]; folds] }
    }

    /// Puts a group into the fold where it fits best, and returns its index.
    fn add(&mut self, group: [u64; 2]) -> usize {
        let rows = |fold: &[u64; 2]| fold[0] + fold[1];
        let with = |fold: usize| {
            let mut tried = self.folds.clone();
            add(&mut tried[fold], group);
            (self.unevenness(&tried), rows(&tried[fold]), fold)
        };
        let better = |a: (f64, u64, usize), b: (f64, u64, usize)| {
            let order = a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2));
            if order.is_le() {
                a
            } else {
                b
            }
        };
        // There are at least two folds.
        let (_, _, fold) = (0..self.folds.len()).map(with).reduce(better).unwrap_or_default();
        add(&mut self.folds[fold], group);
        fold
    }

    /// Mean over the labels of the standard deviation over the folds of a fold's share of the label. Both sums are of whole numbers, so
    /// that equal folds are equal to the bit.
    fn unevenness(&self, folds: &[[u64; 2]]) -> f64 {
        let of_label = |label: usize| {
            let sum: u64 = folds.iter().map(|fold| fold[label]).sum();
            let squares: u64 = folds.iter().map(|fold| fold[label] * fold[label]).sum();
            let number = folds.len() as f64;
            let variance = (squares as f64 - sum as f64 * sum as f64 / number) / number;
            variance.max(0.0).sqrt() / self.all[label].max(1) as f64
        };
        (of_label(0) + of_label(1)) / 2.0
    }

    fn check(&self, groups: &RowGroups) -> Result<()> {
        if self.folds.iter().all(|fold| fold[0] > 0 && fold[1] > 0) {
            return Ok(());
        }
        let rule = format!(
            "expected enough groups of tracks (one artist, URI or audio) to have hits and flops in each of {} folds",
            self.folds.len()
        );
        let value = format!("{} groups of {} tracks", groups.len(), groups.rows());
        Err(MetricsError::Rows { rows: TRAINING_ROWS, rule, value })
    }
}

fn add(fold: &mut [u64; 2], group: [u64; 2]) {
    fold[0] += group[0];
    fold[1] += group[1];
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

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
    fn folds_have_as_many_rows_of_each_stratum() {
        // Strata of 1 to 46 rows of either label.
        let strata: Vec<u32> = (0..20).flat_map(|stratum| vec![stratum; 5 * stratum as usize + 2]).collect();
        let targets: Vec<bool> = (0..strata.len()).map(|row| row % 3 == 0).collect();
        let folds = Folds::stratified_within(&strata, &targets, 5, 42).expect("folds");
        let of = |stratum: Option<u32>, label: bool| {
            let mut counts = [0_usize; 5];
            let rows = (0..strata.len()).filter(|&row| targets[row] == label);
            rows.filter(|&row| stratum.is_none_or(|stratum| strata[row] == stratum))
                .for_each(|row| counts[folds.of_rows()[row]] += 1);
            counts
        };
        for (stratum, label) in (0..20).map(Some).chain([None]).flat_map(|stratum| [(stratum, false), (stratum, true)])
        {
            let counts = of(stratum, label);
            let spread = counts.iter().max().zip(counts.iter().min()).map(|(most, least)| most - least);
            assert!(spread <= Some(1), "stratum {stratum:?}, {label}: {counts:?}");
        }
        let shuffled = Folds::stratified_within(&strata, &targets, 5, 43).expect("folds");
        assert_ne!(shuffled, folds);
        assert_ne!(Folds::stratified(&targets, 5, 42).expect("folds"), folds);
        let one = Folds::stratified_within(&vec![7; strata.len()], &targets, 5, 42).expect("folds");
        assert_eq!(Folds::stratified(&targets, 5, 42).expect("folds"), one);
    }

    #[test]
    fn folds_that_cannot_be_are_refused() {
        let message = |targets: &[bool], folds| Folds::stratified(targets, folds, 1).expect_err("refused").to_string();
        assert_eq!(message(&[true, false], 1), r#"folds: expected a whole number of at least 2, found "1""#);
        let rule = "training rows: expected at least 3 hits, one for each fold";
        assert_eq!(message(&[true, false, false, false, true], 3), format!(r#"{rule}, found "2""#));
    }

    /// Four groups of a hit and a flop each, in two folds: two groups a fold.
    #[test]
    fn grouped_folds_of_equal_groups_are_equal() {
        let targets = [true, false, true, false, true, false, true, false];
        let groups = RowGroups::from_labels(&[0, 0, 1, 1, 2, 2, 3, 3]);
        let folds = Folds::grouped(&targets, &groups, 2, 42).expect("folds");
        for fold in 0..2 {
            let split = folds.split(fold);
            assert_eq!(split.test.len(), 4);
            assert_eq!(split.test.iter().filter(|&&row| targets[row]).count(), 2);
        }
        assert_eq!(Folds::grouped(&targets, &groups, 2, 42).expect("folds"), folds);
        let message = Folds::grouped(&targets, &groups, 5, 42).expect_err("four groups are no five folds").to_string();
        let rule =
            "expected enough groups of tracks (one artist, URI or audio) to have hits and flops in each of 5 folds";
        assert_eq!(message, format!(r#"training rows: {rule}, found "4 groups of 8 tracks""#));
        assert!(Folds::grouped(&targets, &groups, 1, 42).is_err());
    }

    proptest! {
        #[test]
        fn a_planted_group_never_straddles_folds(
            planted in prop::collection::vec((0u32..100, any::<bool>()), 100..500),
            folds in 2usize..6,
            seed: u64,
        ) {
            let (labels, targets): (Vec<u32>, Vec<bool>) = planted.into_iter().unzip();
            let groups = RowGroups::from_labels(&labels);
            let Ok(folds) = Folds::grouped(&targets, &groups, folds, seed) else { return Ok(()) };
            let mut held_out = vec![0; targets.len()];
            let largest = groups.members().iter().map(Vec::len).max().unwrap_or(0);
            for fold in 0..folds.len() {
                let split = folds.split(fold);
                let of = |rows: &[usize]| rows.iter().map(|&row| labels[row]).collect::<HashSet<u32>>();
                prop_assert!(of(&split.train).is_disjoint(&of(&split.test)));
                split.test.iter().for_each(|&row| held_out[row] += 1);
                prop_assert!(split.test.len().abs_diff(targets.len() / folds.len()) <= 2 * largest + 1);
            }
            prop_assert!(held_out.iter().all(|&times| times == 1));
        }
    }
}
