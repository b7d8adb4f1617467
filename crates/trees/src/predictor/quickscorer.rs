//! Many small trees: no walk at all, but the leaves that each feature leaves possible, of all trees at once.
//!
//! After QuickScorer (Lucchese, Nardini, Orlando, Perego, Tonellotto, Venturini: "QuickScorer: A Fast Algorithm to Rank
//! Documents with Additive Ensembles of Regression Trees", SIGIR 2015). A tree's leaves are bits, from left to right. A split
//! that sends a row right rules out the leaves on its left; of the leaves that no split rules out, the row falls into the
//! leftmost. Here the splits on a feature are joined beforehand: one row of masks for each interval between cuts.

use std::ops::Range;

use super::encoding::EncodedRecords;
use super::in_use::CutsInUse;
use crate::{SplitColumn, Tree, TreeNode, Trees};

/// Most leaves of a tree: the bits of a mask.
const MAX_MASK_LEAVES: usize = u32::BITS as usize;
/// Trees whose masks are stored side by side: as many as one pass over the features of a row serves.
const MANY_LANES: usize = 32;
/// The same for what is left, so that few masks are empty.
const FEW_LANES: usize = 8;
/// Rows whose masks are at hand at the same time; they shall fit into a core's first-level cache beside those of a feature.
const ROWS: usize = 64;
/// With fewer trees most masks would be empty.
const MIN_MASK_TREES: usize = FEW_LANES;
/// With more features a walk meets fewer splits than there are masks.
const MAX_MASK_FEATURES: usize = 64;

/// Whether trees are of the shape that this is fast for.
pub(super) fn suit(trees: &Trees) -> bool {
    let is_small = |tree: &Tree| tree.leaves.len() <= MAX_MASK_LEAVES;
    trees.trees().len() >= MIN_MASK_TREES
        && trees.n_features() <= MAX_MASK_FEATURES
        && trees.trees().iter().all(is_small)
}

/// All trees, in their order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct QuickScorer {
    many: Vec<MaskGroup<MANY_LANES>>,
    few: Vec<MaskGroup<FEW_LANES>>,
}

impl QuickScorer {
    /// Masks of trees that [`suit`], for codes by the cuts `in_use`.
    pub(super) fn new(trees: &Trees, in_use: &CutsInUse) -> QuickScorer {
        let (many, few) = trees.trees().split_at(trees.trees().len() / MANY_LANES * MANY_LANES);
        QuickScorer {
            many: many.chunks(MANY_LANES).map(|group| MaskGroup::new(trees, group, in_use)).collect(),
            few: few.chunks(FEW_LANES).map(|group| MaskGroup::new(trees, group, in_use)).collect(),
        }
    }

    /// Adds to each row's sum the values of its leaves in some of the trees.
    pub(super) fn add(&self, trees: &Range<usize>, codes: &EncodedRecords, sums: &mut [f64]) {
        for (group, masks) in self.many.iter().enumerate() {
            masks.add(group * MANY_LANES, trees, codes, sums);
        }
        let first = self.many.len() * MANY_LANES;
        for (group, masks) in self.few.iter().enumerate() {
            masks.add(first + group * FEW_LANES, trees, codes, sums);
        }
    }
}

/// Up to `LANES` trees.
#[derive(Clone, Debug, PartialEq)]
struct MaskGroup<const LANES: usize> {
    /// The features that these trees split on.
    features: Vec<MaskedFeature>,
    /// Leaves that are possible, one mask a tree.
    rows: Vec<[u32; LANES]>,
    /// Of each tree, the values of its leaves from left to right.
    values: Vec<[f64; MAX_MASK_LEAVES]>,
}

#[derive(Clone, Debug, PartialEq)]
struct MaskedFeature {
    column: u16,
    /// By code: which row of masks.
    rows: Vec<u16>,
}

/// A split with what it rules out.
struct MaskedSplit {
    lane: usize,
    feature: usize,
    /// Index among the cuts in use.
    cut: usize,
    missing_left: bool,
    /// All leaves but those on its left.
    right: u32,
}

impl<const LANES: usize> MaskGroup<LANES> {
    /// Masks of `trees`, neighbours of `all`, for codes by the cuts `in_use`.
    fn new(all: &Trees, trees: &[Tree], in_use: &CutsInUse) -> MaskGroup<LANES> {
        let splits: Vec<MaskedSplit> =
            trees.iter().enumerate().flat_map(|(lane, tree)| splits(lane, tree, in_use)).collect();
        let mut masks = MaskGroup { features: Vec::new(), rows: Vec::new(), values: Vec::new() };
        for (feature, cuts) in in_use.counts().enumerate() {
            let splits: Vec<&MaskedSplit> = splits.iter().filter(|split| split.feature == feature).collect();
            if !splits.is_empty() {
                masks.push_feature(feature, cuts, splits);
            }
        }
        masks.values = trees.iter().map(|tree| values(all, tree)).collect();
        masks
    }

    fn push_feature(&mut self, feature: usize, cuts: usize, mut splits: Vec<&MaskedSplit>) {
        splits.sort_by_key(|split| split.cut);
        let mut rows = Vec::with_capacity(cuts + 2);
        let mut masks = [u32::MAX; LANES];
        let mut splits_left = splits.iter().peekable();
        // The code of a value is the number of cuts below it, so that it passes those of smaller index.
        for code in 0..=cuts {
            let mut is_new = code == 0;
            while let Some(split) = splits_left.next_if(|split| split.cut < code) {
                masks[split.lane] &= split.right;
                is_new = true;
            }
            if is_new {
                self.rows.push(masks);
            }
            rows.push(self.rows.len() as u16 - 1);
        }
        let mut of_missing = [u32::MAX; LANES];
        for split in splits.iter().filter(|split| !split.missing_left) {
            of_missing[split.lane] &= split.right;
        }
        self.rows.push(of_missing);
        rows.push(self.rows.len() as u16 - 1);
        self.features.push(MaskedFeature { column: SplitColumn::new(feature, false).index(), rows });
    }

    /// Adds to each row's sum the values of its leaves in those of these trees, the first of which has the number `first`, that are
    /// among `trees`.
    fn add(&self, first: usize, trees: &Range<usize>, codes: &EncodedRecords, sums: &mut [f64]) {
        let lane = |tree: usize| tree.saturating_sub(first).min(self.values.len());
        let lanes = lane(trees.start)..lane(trees.end);
        if lanes.is_empty() {
            return;
        }
        let values = &self.values[lanes.clone()];
        // On the heap, since the compiler takes a small array apart and then joins no two masks in one instruction.
        let mut possible = vec![[u32::MAX; LANES]; ROWS.min(sums.len())];
        for (index, sums) in sums.chunks_mut(ROWS).enumerate() {
            let possible = &mut possible[..sums.len()];
            self.find_possible(codes, index * ROWS, possible);
            for (sum, possible) in sums.iter_mut().zip(possible) {
                for (values, possible) in values.iter().zip(&possible[lanes.clone()]) {
                    // The last leaf is only reached where no other is possible, so that this bit changes nothing.
                    let leaf = (*possible | 1 << (MAX_MASK_LEAVES - 1)).trailing_zeros();
                    *sum += values[leaf as usize % MAX_MASK_LEAVES];
                }
            }
        }
    }

    /// The leaves of each tree that no feature rules out, for the rows from `first`.
    fn find_possible(&self, codes: &EncodedRecords, first: usize, possible: &mut [[u32; LANES]]) {
        possible.fill([u32::MAX; LANES]);
        for feature in &self.features {
            for (row, possible) in possible.iter_mut().enumerate() {
                let code = codes.get(codes.start((first + row) as u32), feature.column);
                rule_out(possible, &self.rows[usize::from(feature.rows[usize::from(code)])]);
            }
        }
    }
}

/// All masks at once, so that the compiler may join several in one instruction.
fn rule_out<const LANES: usize>(possible: &mut [u32; LANES], masks: &[u32; LANES]) {
    *possible = std::array::from_fn(|lane| possible[lane] & masks[lane]);
}

/// The splits of a tree. Its leaves are numbered from left to right.
fn splits(lane: usize, tree: &Tree, in_use: &CutsInUse) -> Vec<MaskedSplit> {
    let mut leaves = vec![0u32; tree.nodes.len()];
    let mut splits = Vec::new();
    // Children come after their parents, so that backwards theirs are known.
    for (index, node) in tree.nodes.iter().enumerate().rev() {
        match *node {
            TreeNode::Leaf(leaf) => leaves[index] = 1 << leaf,
            TreeNode::Split { column, cut, left } => {
                let left = left as usize;
                leaves[index] = leaves[left] | leaves[left + 1];
                let (feature, missing_left) = (column.feature(), column.missing_left());
                let cut = in_use.position(feature, cut);
                splits.push(MaskedSplit { lane, feature, cut, missing_left, right: !leaves[left] });
            }
        }
    }
    splits
}

fn values(trees: &Trees, tree: &Tree) -> [f64; MAX_MASK_LEAVES] {
    let leaves = tree.leaves.len();
    std::array::from_fn(|leaf| if leaf < leaves { trees.value(&tree.leaves, leaf) } else { 0.0 })
}
