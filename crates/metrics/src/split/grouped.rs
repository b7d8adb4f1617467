//! A share of the rows, by whole groups.

use rand::seq::SliceRandom;

use super::{check_share, has_both_classes, RowGroups, TrainTestSplit};
use crate::seed::Seed;
use crate::{MetricsError, Result};

/// Holds out about `test_share` of the hits and as much of the flops, in whole groups: no group is in both parts.
///
/// The groups are taken in the order of a shuffle by the seed, and each goes to the test if its hits and its flops still have room
/// there. Then, in the same order, those of the others go that bring the numbers of hits and flops nearer to the requested share. With
/// many small groups the shares are met to a row or two.
///
/// # Errors
/// `test_share` is not between 0 and 1 (both excluded), or a part would be empty or without hits or flops, as where the groups
/// are too few or too large.
///
/// # Panics
/// There is not one target a row of the groups.
pub fn grouped_split(targets: &[bool], groups: &RowGroups, test_share: f64, seed: u64) -> Result<TrainTestSplit> {
    assert_eq!(targets.len(), groups.rows(), "one target a row");
    check_share(test_share)?;
    let requested = counts(targets.iter().copied()).map(|rows| rows * test_share);
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.shuffle(&mut Seed(seed).rng("grouped split", &[]));
    let mut held_out = vec![false; groups.len()];
    let mut missing = requested;
    let has_room = |_: [f64; 2], left: [f64; 2]| left.iter().all(|rows| *rows >= 0.0);
    let is_nearer = |missing: [f64; 2], left: [f64; 2]| square(left) < square(missing);
    for goes in [&has_room as &dyn Fn([f64; 2], [f64; 2]) -> bool, &is_nearer] {
        for &group in &order {
            let brings = counts(groups.members()[group].iter().map(|&row| targets[row]));
            let left = [missing[0] - brings[0], missing[1] - brings[1]];
            if !held_out[group] && goes(missing, left) {
                held_out[group] = true;
                missing = left;
            }
        }
    }
    let (test, train) = (0..targets.len()).partition(|&row| held_out[groups.of_rows()[row]]);
    let split = TrainTestSplit { train, test };
    check_parts(targets, groups, &split)?;
    Ok(split)
}

/// Flops and hits.
fn counts(targets: impl Iterator<Item = bool>) -> [f64; 2] {
    let mut counts = [0.0; 2];
    targets.for_each(|hit| counts[usize::from(hit)] += 1.0);
    counts
}

fn square([flops, hits]: [f64; 2]) -> f64 {
    flops * flops + hits * hits
}

fn check_parts(targets: &[bool], groups: &RowGroups, split: &TrainTestSplit) -> Result<()> {
    if has_both_classes(targets, &split.train) && has_both_classes(targets, &split.test) {
        return Ok(());
    }
    let rule =
        "expected enough groups of tracks (one artist, URI or audio) to have hits and flops in either part".to_owned();
    Err(MetricsError::Rows {
        rows: "tracks",
        rule,
        value: format!("{} groups of {} tracks", groups.len(), groups.rows()),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    /// Groups 0 to 4 of two rows each, a hit and a flop: a fifth is one group.
    #[test]
    fn a_fifth_of_five_equal_groups_is_one_group() {
        let labels = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4];
        let targets = [true, true, true, true, true, false, false, false, false, false];
        let groups = RowGroups::from_labels(&labels);
        let mut seen = HashSet::new();
        for seed in 0..40 {
            let split = grouped_split(&targets, &groups, 0.2, seed).expect("a split");
            assert_eq!(split.test.len(), 2);
            assert_eq!(split.test[1], split.test[0] + 5, "the two rows of one group");
            assert_eq!(grouped_split(&targets, &groups, 0.2, seed).expect("a split"), split);
            seen.insert(split.test[0]);
        }
        assert_eq!(seen.len(), 5, "any of the groups may be held out");
    }

    #[test]
    fn what_cannot_be_split_is_refused() {
        let groups = RowGroups::from_labels(&[0, 0, 0, 0]);
        let message = |targets: &[bool], groups: &RowGroups, share| {
            grouped_split(targets, groups, share, 42).expect_err("refused").to_string()
        };
        let targets = [true, false, true, false];
        let rule =
            "tracks: expected enough groups of tracks (one artist, URI or audio) to have hits and flops in either part";
        assert_eq!(message(&targets, &groups, 0.2), format!(r#"{rule}, found "1 groups of 4 tracks""#));
        let apart = RowGroups::from_labels(&[0, 1, 2, 3]);
        assert!(message(&[true; 4], &apart, 0.5).starts_with(rule));
        for share in [0.0, 1.0, -0.5, f64::NAN] {
            assert!(message(&targets, &apart, share).starts_with("test_share: "));
        }
        assert!(message(&[], &RowGroups::from_labels::<u32>(&[]), 0.2).starts_with(rule));
    }

    proptest! {
        /// No planted group is in both parts, every row is in one, and hits and flops are as frequent as the groups allow.
        #[test]
        fn a_planted_group_never_straddles_a_split(
            planted in prop::collection::vec((0u32..150, any::<bool>()), 60..600),
            share in 0.1f64..0.5,
            seed: u64,
        ) {
            let (labels, targets): (Vec<u32>, Vec<bool>) = planted.into_iter().unzip();
            let groups = RowGroups::from_labels(&labels);
            let Ok(split) = grouped_split(&targets, &groups, share, seed) else { return Ok(()) };
            let of = |rows: &[usize]| rows.iter().map(|&row| labels[row]).collect::<HashSet<u32>>();
            prop_assert!(of(&split.train).is_disjoint(&of(&split.test)));
            let mut all = [split.train.clone(), split.test.clone()].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..targets.len()).collect::<Vec<_>>());
            prop_assert!(split.train.is_sorted() && split.test.is_sorted());
            let largest = groups.members().iter().map(Vec::len).max().unwrap_or(0) as f64;
            for label in [true, false] {
                let count = |rows: &mut dyn Iterator<Item = usize>| rows.filter(|&row| targets[row] == label).count() as f64;
                let requested = count(&mut (0..targets.len())) * share;
                let found = count(&mut split.test.iter().copied());
                prop_assert!((found - requested).abs() <= 2.0 * largest + 1.0, "{found} of {requested}");
            }
        }
    }
}
