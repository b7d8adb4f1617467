//! A sample of the rows that has the labels, periods and groups of all of them.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::random::apportioned;
use super::RowGroups;
use crate::seed::Seed;

/// Size of a sample that [`stratified_sample`] draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleSize {
    /// Rows of the sample.
    pub rows: u64,
    /// Rows that it was drawn from.
    pub of: u64,
    /// Seed of the draw.
    pub seed: u64,
}

/// Draws `size` of the rows without replacement, ascending; all rows if there are no more. Every stratum has the same share of its
/// rows in the sample, up to one row; `strata` has a number for each row, equal for the rows of a stratum.
///
/// Each stratum gives its rows in one random order of the groups, so that nearly all groups are in the sample as a whole or not at
/// all. Only groups at the end of a stratum's share are cut.
///
/// # Panics
/// There is not one stratum a row of the groups.
pub fn stratified_sample(strata: &[u32], groups: &RowGroups, size: usize, seed: u64) -> Vec<usize> {
    assert_eq!(strata.len(), groups.rows(), "one stratum a row");
    if strata.len() <= size {
        return (0..strata.len()).collect();
    }
    let shuffled = |task: &str, length: usize| {
        let mut order: Vec<usize> = (0..length).collect();
        order.shuffle(&mut Seed(seed).rng(task, &[]));
        order
    };
    // Shuffled first, so that a group that is cut is cut at random.
    let mut rows = shuffled("sampled rows", strata.len());
    let rank = shuffled("sampled groups", groups.len());
    rows.sort_by_key(|&row| rank[groups.of_rows()[row]]);
    let mut rows_of: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    rows.into_iter().for_each(|row| rows_of.entry(strata[row]).or_default().push(row));
    let sizes: Vec<usize> = rows_of.values().map(Vec::len).collect();
    let taken = rows_of.into_values().zip(apportioned(&sizes, size));
    let mut sample: Vec<usize> = taken.flat_map(|(rows, taken)| rows.into_iter().take(taken)).collect();
    sample.sort_unstable();
    sample
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nearly_all_groups_are_whole() {
        let strata: Vec<u32> = (0..6000).map(|row| row % 6).collect();
        let groups = RowGroups::from_labels(&(0..6000).map(|row| row / 12).collect::<Vec<usize>>());
        let sample = stratified_sample(&strata, &groups, 1500, 42);
        assert_eq!(sample, stratified_sample(&strata, &groups, 1500, 42));
        assert_ne!(sample, stratified_sample(&strata, &groups, 1500, 43));
        let sizes: Vec<usize> = groups.select(&sample).members().iter().map(Vec::len).collect();
        assert_eq!((sample.len(), sizes.len(), sizes.iter().all(|&size| size == 12)), (1500, 125, true));
    }

    /// One group of all rows is no reason for an empty sample, nor for its first rows.
    #[test]
    fn a_large_group_is_cut_at_random() {
        let groups = RowGroups::from_labels(&[0; 1000]);
        let sample = stratified_sample(&[0; 1000], &groups, 100, 42);
        assert_eq!(sample.len(), 100);
        let mean = sample.iter().sum::<usize>() as f64 / 100.0;
        assert!((400.0..600.0).contains(&mean), "{mean}");
        assert_eq!(stratified_sample(&[0, 1], &RowGroups::from_labels(&[0, 0]), 2, 42), [0, 1]);
    }

    proptest! {
        #[test]
        fn samples_are_stratified_and_of_few_cut_groups(
            rows in prop::collection::vec((0u32..4, 0u32..40), 1..800),
            share in 0.05f64..0.95,
            seed: u64,
        ) {
            let (strata, labels): (Vec<u32>, Vec<u32>) = rows.into_iter().unzip();
            let size = (strata.len() as f64 * share) as usize;
            let sample = stratified_sample(&strata, &RowGroups::from_labels(&labels), size, seed);
            prop_assert_eq!(sample.len(), size);
            prop_assert!(sample.windows(2).all(|pair| pair[0] < pair[1]));
            for stratum in 0..4 {
                let of = |rows: &mut dyn Iterator<Item = usize>| rows.filter(|&row| strata[row] == stratum).count() as f64;
                let expected = of(&mut (0..strata.len())) * size as f64 / strata.len() as f64;
                prop_assert!((of(&mut sample.iter().copied()) - expected).abs() < 1.0);
                let parts = |label: u32| {
                    let own = |row: &usize| strata[*row] == stratum && labels[*row] == label;
                    ((0..strata.len()).filter(own).count(), sample.iter().copied().filter(|row| own(row)).count())
                };
                let cut = (0..40).map(parts).filter(|&(all, taken)| taken > 0 && taken < all).count();
                prop_assert!(cut <= 1, "{} groups of stratum {} are cut", cut, stratum);
            }
        }
    }
}
