//! Deep trees over few features: a node of four bytes, so that a tree of thousands of nodes fits into a core's first-level cache.
//!
//! The walks are those of [`walk`](super::walk), several at a time. A node is a copy of the stored one: its cut (8 bits), its
//! column (5), and the index of its left child (19). A leaf leads to itself by a cut that no code exceeds; which leaf it is
//! is beside the nodes, and read at the end of a walk only.

use std::ops::Range;

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::byte_codes::{row_codes, RowCodes, CODED_CUTS, ROW_COLUMNS};
use super::encoding::Encoder;
use crate::{Tree, TreeNode, Trees};

/// Walks side by side.
const LANES: usize = 8;
/// Trees that one row walks down at the same time. More, since their nodes come from memory further away.
const TREES: usize = 16;
/// Steps that all lanes take before those that have reached a leaf are set aside.
const STEPS: usize = 4;
/// Most nodes of a tree: their indices have 19 bits.
const MAX_NODES: usize = 1 << 19;
/// Fewer nodes in all are not worth a copy.
const MIN_NODES: usize = 1 << 10;
/// The cut of a leaf, which no code exceeds; a split has a lower one.
const NO_CUT: u32 = u8::MAX as u32;
const CUT_BITS: u32 = 8;
const COLUMN_BITS: u32 = 5;

/// Whether trees are of the shape that this is fast for.
pub(super) fn suit(trees: &Trees) -> bool {
    2 * trees.n_features() <= ROW_COLUMNS
        && trees.cuts().iter().all(|cuts| cuts.len() <= CODED_CUTS)
        && trees.trees().iter().all(|tree| tree.nodes.len() <= MAX_NODES)
        && trees.trees().iter().map(|tree| tree.nodes.len()).sum::<usize>() >= MIN_NODES
}

/// Copies of trees.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PackedTrees(Vec<PackedTree>);

/// A copy of a tree.
#[derive(Clone, Debug, PartialEq)]
struct PackedTree {
    nodes: Vec<PackedNode>,
    /// The leaf at a node; 0 for a split.
    leaves: Vec<u32>,
}

/// Cut, column and left child.
#[derive(Clone, Copy, Debug, PartialEq)]
struct PackedNode(u32);

impl PackedNode {
    fn new(node: &TreeNode, at: usize) -> PackedNode {
        // Trees that suit have few enough nodes, columns and cuts.
        let (column, cut, left) = match *node {
            TreeNode::Split { column, cut, left } => (u32::from(column.index()), u32::from(cut), left),
            TreeNode::Leaf(_) => (0, NO_CUT, at as u32),
        };
        PackedNode(cut | column << CUT_BITS | left << (CUT_BITS + COLUMN_BITS))
    }

    fn is_leaf(self) -> bool {
        self.0 & NO_CUT == NO_CUT
    }

    /// Where a row goes; from a leaf to itself.
    #[inline(always)]
    fn next(self, codes: &RowCodes) -> u32 {
        let code = codes[(self.0 >> CUT_BITS) as usize % ROW_COLUMNS];
        (self.0 >> (CUT_BITS + COLUMN_BITS)) + u32::from(code > self.0 as u8)
    }
}

impl PackedTree {
    fn new(tree: &Tree) -> PackedTree {
        let leaf = |node: &TreeNode| match *node {
            TreeNode::Split { .. } => 0,
            TreeNode::Leaf(leaf) => leaf,
        };
        PackedTree {
            nodes: tree.nodes.iter().enumerate().map(|(at, node)| PackedNode::new(node, at)).collect(),
            leaves: tree.nodes.iter().map(leaf).collect(),
        }
    }
}

/// Memory for the walks of many rows, to be used again for the next tree.
#[derive(Default)]
struct PackedScratch {
    /// Rows that have not reached a leaf, and the node at which they are.
    active: Vec<(u32, u32)>,
    /// The node of the leaf of every row.
    ends: Vec<u32>,
}

impl PackedTrees {
    /// Copies of trees that [`suit`].
    pub(super) fn new(trees: &Trees) -> PackedTrees {
        PackedTrees(trees.trees().par_iter().map(PackedTree::new).collect())
    }

    /// Bytes that prediction reads.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|tree| size_of_val(&tree.nodes[..]) + size_of_val(&tree.leaves[..])).sum()
    }

    /// Adds to each row's sum its values in some of the `trees`.
    pub(super) fn add(
        &self,
        trees: &Trees,
        some: &Range<usize>,
        encoder: &Encoder,
        records: ArrayView2<f64>,
        sums: &mut [f64],
    ) {
        let codes = row_codes(encoder, records);
        if sums.len() < LANES {
            let rows = codes.iter().zip(sums);
            return rows.for_each(|(codes, sum)| self.add_row(trees, some, codes, sum));
        }
        let mut scratch = PackedScratch::default();
        for (tree, packed) in trees.trees()[some.clone()].iter().zip(&self.0[some.clone()]) {
            packed.walk(&codes, &mut scratch);
            for (sum, &end) in sums.iter_mut().zip(&scratch.ends) {
                *sum += trees.value(&tree.leaves, packed.leaves[end as usize] as usize);
            }
        }
    }

    /// As [`PackedTrees::add`], of one row, down several trees at the same time.
    fn add_row(&self, trees: &Trees, some: &Range<usize>, codes: &RowCodes, sum: &mut f64) {
        for (packed, trees_here) in self.0[some.clone()].chunks(TREES).zip(trees.trees()[some.clone()].chunks(TREES)) {
            // The last trees are walked down together with one of them again.
            let lanes: [&[PackedNode]; TREES] =
                std::array::from_fn(|lane| &packed[lane.min(packed.len() - 1)].nodes[..]);
            let mut at = [0; TREES];
            while lanes.iter().zip(&at).fold(false, |going, (nodes, &at)| going | !nodes[at as usize].is_leaf()) {
                for _ in 0..STEPS {
                    for (at, nodes) in at.iter_mut().zip(&lanes) {
                        *at = nodes[*at as usize].next(codes);
                    }
                }
            }
            for ((packed, tree), &at) in packed.iter().zip(trees_here).zip(&at) {
                *sum += trees.value(&tree.leaves, packed.leaves[at as usize] as usize);
            }
        }
    }
}

impl PackedTree {
    /// Finds the leaf of every row.
    fn walk(&self, codes: &[RowCodes], scratch: &mut PackedScratch) {
        let PackedScratch { active, ends } = scratch;
        ends.resize(codes.len(), 0);
        active.clear();
        active.extend((0..codes.len() as u32).map(|row| (row, 0)));
        while let Some(&last) = active.last() {
            // A row that walks twice arrives twice at the same leaf.
            active.resize(active.len().next_multiple_of(LANES), last);
            let kept = self.advance(codes, active, ends);
            active.truncate(kept);
        }
    }

    /// Takes a few steps with every active row and keeps those that are not at a leaf in front; returns their number.
    fn advance(&self, codes: &[RowCodes], active: &mut [(u32, u32)], ends: &mut [u32]) -> usize {
        let nodes = &self.nodes[..];
        let mut kept = 0;
        for first in (0..active.len()).step_by(LANES) {
            let lanes: [(u32, u32); LANES] = active[first..first + LANES].try_into().expect("a multiple of the lanes");
            let rows = lanes.map(|(row, _)| &codes[row as usize]);
            let mut at = lanes.map(|(_, at)| at);
            for _ in 0..STEPS {
                for (at, row) in at.iter_mut().zip(&rows) {
                    *at = nodes[*at as usize].next(row);
                }
            }
            for (&(row, _), &at) in lanes.iter().zip(&at) {
                ends[row as usize] = at;
                active[kept] = (row, at);
                kept += usize::from(!nodes[at as usize].is_leaf());
            }
        }
        kept
    }
}
