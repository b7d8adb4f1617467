//! The class frequencies of leaves that differ: of millions of leaves of deep trees, some thousands do.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{Leaves, Trees};

/// Frequencies below this are found without a search.
const SMALL: usize = 1 << 6;

/// Class frequencies, each once, the most frequent ones first.
pub(crate) struct DistinctFrequencies {
    all: Vec<[u32; 2]>,
    /// Index of those whose two counts are small; by the first, then by the second.
    small: Vec<u32>,
    others: HashMap<[u32; 2], u32>,
}

fn small(counts: [u32; 2]) -> Option<usize> {
    let [negatives, positives] = counts.map(|count| count as usize);
    (negatives < SMALL && positives < SMALL).then_some(negatives * SMALL + positives)
}

impl DistinctFrequencies {
    /// Those of all leaves that hold frequencies.
    pub(crate) fn of(trees: &Trees) -> DistinctFrequencies {
        let mut times_small = vec![0u32; SMALL * SMALL];
        let mut times: HashMap<[u32; 2], u32> = HashMap::new();
        let mut add = |counts, leaves| match small(counts) {
            Some(index) => times_small[index] += leaves,
            None => *times.entry(counts).or_default() += leaves,
        };
        match trees.ready_packed().map(|packed| (packed, packed.leaves())) {
            Some((packed, Leaves::Frequencies(leaves))) => {
                leaves.iter().zip(packed.leaf_uses()).for_each(|(&counts, uses)| add(counts, uses));
            }
            Some((_, Leaves::Values(_))) => {}
            None => {
                for tree in trees.trees() {
                    let Leaves::Frequencies(leaves) = &tree.leaves else { continue };
                    leaves.iter().for_each(|&counts| add(counts, 1));
                }
            }
        }
        let of_small = |(index, &times)| ([index / SMALL, index % SMALL].map(|count| count as u32), times);
        times.extend(times_small.iter().enumerate().map(of_small));
        times.retain(|_, &mut times| times > 0);
        let mut all: Vec<[u32; 2]> = times.keys().copied().collect();
        all.sort_unstable_by_key(|counts| (Reverse(times[counts]), *counts));
        let (mut indices, mut others) = (times_small, HashMap::new());
        for (&counts, index) in all.iter().zip(0..) {
            match small(counts) {
                Some(place) => indices[place] = index,
                None => _ = others.insert(counts, index),
            }
        }
        DistinctFrequencies { all, small: indices, others }
    }

    /// Index of frequencies that a leaf holds.
    pub(crate) fn index(&self, counts: [u32; 2]) -> u32 {
        match small(counts) {
            Some(place) => self.small[place],
            None => self.others[&counts],
        }
    }

    pub(crate) fn as_slice(&self) -> &[[u32; 2]] {
        &self.all
    }
}
