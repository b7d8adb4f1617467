//! Trees over few features as nodes of four bytes, so that a tree of thousands of nodes fits into a core's first-level cache.

use rayon::prelude::*;

use super::check::in_order;
use super::frequencies::DistinctFrequencies;
use super::{Leaves, SplitColumn, Tree, TreeNode, Trees};

/// Levels at the top of a tree that are side by side, as all walks meet them. Below, those of a subtree are: a walk meets few
/// lines of memory.
pub(crate) const TOP_LEVELS: usize = 7;
/// Most columns, two for each feature.
pub(crate) const MAX_COLUMNS: usize = 1 << COLUMN_BITS;
/// Most cuts of a feature: the greatest byte marks a leaf.
const MAX_PACKED_CUTS: usize = u8::MAX as usize;
/// Most nodes of a tree.
const MAX_PACKED_NODES: usize = 1 << LEFT_BITS;
/// Most leaves that differ.
pub(crate) const MAX_PACKED_LEAVES: usize = 1 << (COLUMN_BITS + LEFT_BITS);
/// Fewer nodes in all are not worth it.
const MIN_PACKED_NODES: usize = 1 << 10;
/// In the place of a cut.
const LEAF: u32 = u8::MAX as u32;
const CUT_BITS: u32 = 8;
const COLUMN_BITS: u32 = 5;
const LEFT_BITS: u32 = u32::BITS - CUT_BITS - COLUMN_BITS;

/// A split: cut, column, and index of the left child in its tree, from the lowest bit on. Or a leaf: a mark in the place of the cut, which no
/// code of a value exceeds, and an index among the leaves that differ.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PackedNode(u32);

impl PackedNode {
    pub(crate) fn split(column: u16, cut: u8, left: usize) -> PackedNode {
        PackedNode(u32::from(cut) | u32::from(column) << CUT_BITS | (left as u32) << (CUT_BITS + COLUMN_BITS))
    }

    pub(crate) fn leaf(leaf: u32) -> PackedNode {
        PackedNode(LEAF | leaf << CUT_BITS)
    }

    #[inline(always)]
    pub(crate) fn is_leaf(self) -> bool {
        self.0 & LEAF == LEAF
    }

    /// Index of the leaf, if it is one.
    #[inline(always)]
    pub(crate) fn leaf_index(self) -> usize {
        (self.0 >> CUT_BITS) as usize
    }

    /// The column, if it is a split; below 32 in any case.
    #[inline(always)]
    pub(crate) fn column(self) -> usize {
        (self.0 >> CUT_BITS) as usize % MAX_COLUMNS
    }

    /// The cut of a split; of a leaf, the greatest byte.
    #[inline(always)]
    pub(crate) fn cut(self) -> u8 {
        self.0 as u8
    }

    /// The left child of a split.
    #[inline(always)]
    pub(crate) fn left(self) -> usize {
        (self.0 >> (CUT_BITS + COLUMN_BITS)) as usize
    }
}

/// Visits the nodes of a tree in the order of storage: level by level at the top, then in preorder below each node of the next level.
/// The children of a split are side by side, after those of all splits visited before, so that a left child that is a split has
/// its children next to it.
///
/// `is_split` is called with the place of a node and that of its left child, if it has one. `pending` is memory for places. Returns the
/// number of places.
#[inline(always)]
pub(crate) fn visit_in_order(pending: &mut Vec<u32>, mut is_split: impl FnMut(usize, usize) -> bool) -> usize {
    let (mut at, mut next) = (0, 1);
    for _ in 0..TOP_LEVELS {
        let end = next;
        while at < end {
            next += 2 * usize::from(is_split(at, next));
            at += 1;
        }
    }
    pending.clear();
    pending.extend((at as u32..next as u32).rev());
    let mut count = pending.len();
    while count > 0 {
        if pending.len() < count + 1 {
            pending.resize(2 * count + 2, 0);
        }
        let place = pending[count - 1] as usize;
        // Without a branch, as nothing predicts which nodes are splits; what is written for a leaf is written over.
        pending[count - 1] = next as u32 + 1;
        pending[count] = next as u32;
        let is_split = usize::from(is_split(place, next));
        next += 2 * is_split;
        count = count + 2 * is_split - 1;
    }
    next
}

/// Calls `see` with the nodes of a tree in the order of [`visit_in_order`], each with its place and that of its left child.
pub(crate) fn see_in_order(tree: &Tree, mut see: impl FnMut(usize, TreeNode, usize)) {
    let mut sources = Vec::with_capacity(tree.nodes.len());
    sources.push(0);
    visit_in_order(&mut Vec::new(), |place, left| {
        let node = tree.nodes[sources[place] as usize];
        see(place, node, left);
        match node {
            TreeNode::Split { left, .. } => {
                sources.extend([left, left + 1]);
                true
            }
            TreeNode::Leaf(_) => false,
        }
    });
}

/// All trees of an ensemble.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PackedForest {
    /// Tree after tree, each in the order of [`visit_in_order`].
    nodes: Vec<PackedNode>,
    /// Where each tree ends.
    ends: Vec<usize>,
    /// The leaves that differ.
    leaves: Leaves,
    /// Their values.
    values: Vec<f64>,
}

impl PackedForest {
    pub(crate) fn new(
        nodes: Vec<PackedNode>,
        ends: Vec<usize>,
        leaves: Leaves,
        class_weights: [f64; 2],
    ) -> PackedForest {
        let values = (0..leaves.len()).map(|leaf| leaves.value(class_weights, leaf)).collect();
        PackedForest { nodes, ends, leaves, values }
    }

    /// Trees as nodes of four bytes; `None` if they do not fit, or are too few to be worth it.
    pub(super) fn pack(trees: &Trees) -> Option<PackedForest> {
        let of = trees.trees();
        if !suits(trees.cuts(), of.iter().map(|tree| tree.nodes.len())) {
            return None;
        }
        if of.iter().all(|tree| matches!(tree.leaves, Leaves::Frequencies(_))) {
            let distinct = DistinctFrequencies::of(trees);
            let leaves = Leaves::Frequencies(distinct.as_slice().to_vec());
            let index = |tree: usize, leaf: usize| match &of[tree].leaves {
                Leaves::Frequencies(leaves) => distinct.index(leaves[leaf]),
                Leaves::Values(_) => unreachable!("all hold frequencies"),
            };
            return PackedForest::with_leaves(trees, leaves, index);
        }
        let mut leaves = Vec::new();
        let mut starts = Vec::with_capacity(of.len());
        for tree in of {
            let Leaves::Values(values) = &tree.leaves else { return None };
            starts.push(leaves.len());
            leaves.extend_from_slice(values);
        }
        PackedForest::with_leaves(trees, Leaves::Values(leaves), |tree, leaf| (starts[tree] + leaf) as u32)
    }

    /// `index` is that of a leaf of a tree among `leaves`.
    fn with_leaves(trees: &Trees, leaves: Leaves, index: impl Fn(usize, usize) -> u32 + Sync) -> Option<PackedForest> {
        if leaves.len() > MAX_PACKED_LEAVES {
            return None;
        }
        let ends = ends(trees.trees().iter().map(|tree| tree.nodes.len()));
        let mut nodes = vec![PackedNode::default(); ends.last().copied().unwrap_or(0)];
        parts(&mut nodes, &ends).into_par_iter().zip(trees.trees()).enumerate().for_each(|(number, (nodes, tree))| {
            see_in_order(tree, |place, node, left| {
                nodes[place] = match node {
                    TreeNode::Split { column, cut, .. } => PackedNode::split(column.index(), cut as u8, left),
                    TreeNode::Leaf(leaf) => PackedNode::leaf(index(number, leaf as usize)),
                }
            });
        });
        Some(PackedForest::new(nodes, ends, leaves, trees.class_weights()))
    }

    /// All trees as they are otherwise, in order.
    pub(super) fn unpack(&self) -> Vec<Tree> {
        (0..self.len()).into_par_iter().map(|tree| self.unpack_in_order(tree)).collect()
    }

    /// A tree as it is otherwise.
    pub(super) fn unpack_in_order(&self, tree: usize) -> Tree {
        in_order(&self.unpack_tree(tree))
    }

    fn unpack_tree(&self, tree: usize) -> Tree {
        let mut indices = Vec::with_capacity(self.tree(tree).len() / 2 + 1);
        let unpacked = |node: &PackedNode| match node.is_leaf() {
            true => {
                indices.push(node.leaf_index());
                TreeNode::Leaf(indices.len() as u32 - 1)
            }
            false => TreeNode::Split {
                column: SplitColumn::of_index(node.column() as u16),
                cut: node.cut().into(),
                left: node.left() as u32,
            },
        };
        let nodes = self.tree(tree).iter().map(unpacked).collect();
        let leaves = match &self.leaves {
            Leaves::Frequencies(leaves) => Leaves::Frequencies(indices.iter().map(|&leaf| leaves[leaf]).collect()),
            Leaves::Values(leaves) => Leaves::Values(indices.iter().map(|&leaf| leaves[leaf]).collect()),
        };
        Tree { nodes, leaves }
    }

    /// Number of trees.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The leaves that differ.
    pub(crate) fn leaves(&self) -> &Leaves {
        &self.leaves
    }

    /// Number of leaves of all trees that are equal to each of those that differ.
    pub(super) fn leaf_uses(&self) -> Vec<u32> {
        let mut uses = vec![0; self.leaves.len()];
        self.nodes.iter().filter(|node| node.is_leaf()).for_each(|node| uses[node.leaf_index()] += 1);
        uses
    }

    fn start(&self, tree: usize) -> usize {
        if tree == 0 {
            0
        } else {
            self.ends[tree - 1]
        }
    }

    /// The nodes of a tree.
    pub(crate) fn tree(&self, tree: usize) -> &[PackedNode] {
        &self.nodes[self.start(tree)..self.ends[tree]]
    }

    /// The values of the leaves that differ.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }
}

/// Whether nodes of four bytes can hold trees of as many nodes as `sizes` says, and are worth it.
pub(crate) fn suits(cuts: &[Vec<f64>], sizes: impl Iterator<Item = usize> + Clone) -> bool {
    2 * cuts.len() <= MAX_COLUMNS
        && cuts.iter().all(|cuts| cuts.len() <= MAX_PACKED_CUTS)
        && sizes.clone().all(|nodes| nodes <= MAX_PACKED_NODES)
        && sizes.sum::<usize>() >= MIN_PACKED_NODES
}

/// Running sums.
pub(crate) fn ends(sizes: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut end = 0;
    sizes
        .map(|size| {
            end += size;
            end
        })
        .collect()
}

/// The parts of a sequence that end there.
pub(crate) fn parts<'a, T>(mut sequence: &'a mut [T], ends: &[usize]) -> Vec<&'a mut [T]> {
    let mut start = 0;
    let part = |&end: &usize| {
        let (part, rest) = std::mem::take(&mut sequence).split_at_mut(end - start);
        (start, sequence) = (end, rest);
        part
    };
    ends.iter().map(part).collect()
}
