//! Trees of any size, as they are stored: several rows walk down a tree at the same time, or one row down several trees, so that
//! one walk need not wait for the memory of another.

use std::hint::black_box;
use std::ops::Range;

use super::encoding::EncodedRecords;
use crate::{Leaves, Tree, TreeNode, Trees};

/// Walks side by side. Enough to cover the time that a node takes to arrive from the second-level cache.
const LANES: usize = 8;
/// Trees that one row walks down at the same time. More, since their nodes come from memory further away.
const TREES: usize = 16;
/// Steps that all lanes take before those that have reached a leaf are set aside. A leaf leads to itself, so that a step too
/// many does no harm and no step needs a branch.
const STEPS: usize = 4;
/// Nodes that a row meets, about. Where all rows meet fewer than a tree has, most of it need not be fetched.
const NODES_MET: usize = 16;
/// Bytes in a line of the cache.
const LINE: usize = 64;
/// A cut above every code, as a leaf has one.
const NO_CUT: u16 = u16::MAX;

/// Memory for [`add`], to be used again for the next tree.
#[derive(Default)]
pub(super) struct WalkScratch {
    /// Rows that have not reached a leaf, and the node at which they are.
    active: Vec<(u32, u32)>,
    /// The leaf of every row: index of the node.
    ends: Vec<u32>,
}

/// Bytes that prediction reads.
pub(super) fn bytes(trees: &Trees) -> usize {
    let leaves = |leaves: &Leaves| match leaves {
        Leaves::Frequencies(leaves) => size_of_val(&leaves[..]),
        Leaves::Values(leaves) => size_of_val(&leaves[..]),
    };
    trees.trees().iter().map(|tree| size_of_val(&tree.nodes[..]) + leaves(&tree.leaves)).sum()
}

/// Adds to each row's sum the value of its leaf in one of the `trees`.
pub(super) fn add(trees: &Trees, tree: &Tree, codes: &EncodedRecords, sums: &mut [f64], scratch: &mut WalkScratch) {
    if sums.len() * NODES_MET >= tree.nodes.len() {
        fetch(tree);
    }
    let WalkScratch { active, ends } = scratch;
    ends.resize(sums.len(), 0);
    active.clear();
    active.extend((0..sums.len() as u32).map(|row| (row, 0)));
    while let Some(&last) = active.last() {
        // A row that walks twice arrives twice at the same leaf.
        active.resize(active.len().next_multiple_of(LANES), last);
        let kept = advance(&tree.nodes, codes, active, ends);
        active.truncate(kept);
    }
    for (sum, &end) in sums.iter_mut().zip(ends.iter()) {
        *sum += value(trees, tree, end);
    }
}

/// Reads the tree from end to end. The processor fetches a sequence ahead of its use, which it cannot do for walks that
/// jump about; a forest comes from memory in half the time.
fn fetch(tree: &Tree) {
    fn lines<T: Copy>(of: &[T], number: impl Fn(T) -> u64) -> u64 {
        of.iter().step_by(LINE / size_of::<T>()).fold(0, |all, &one| all ^ number(one))
    }
    let number = |node| match node {
        TreeNode::Split { left, .. } => u64::from(left),
        TreeNode::Leaf(leaf) => u64::from(leaf),
    };
    let leaves = match &tree.leaves {
        Leaves::Frequencies(leaves) => lines(leaves, |[negatives, _]| u64::from(negatives)),
        Leaves::Values(leaves) => lines(leaves, |(value, _)| value.to_bits()),
    };
    black_box((lines(&tree.nodes, number), leaves));
}

/// Takes a few steps with every active row and keeps those that are not at a leaf in front; returns their number.
fn advance(nodes: &[TreeNode], codes: &EncodedRecords, active: &mut [(u32, u32)], ends: &mut [u32]) -> usize {
    let mut kept = 0;
    for first in (0..active.len()).step_by(LANES) {
        let rows: [u32; LANES] = std::array::from_fn(|lane| active[first + lane].0);
        let mut at: [u32; LANES] = std::array::from_fn(|lane| active[first + lane].1);
        let starts = rows.map(|row| codes.start(row));
        for _ in 0..STEPS {
            for (at, &start) in at.iter_mut().zip(&starts) {
                *at = next(nodes, codes, start, *at);
            }
        }
        for (&row, &at) in rows.iter().zip(&at) {
            ends[row as usize] = at;
            active[kept] = (row, at);
            kept += usize::from(!is_leaf(nodes, at));
        }
    }
    kept
}

/// Where a row goes from a node; from a leaf to itself.
fn next(nodes: &[TreeNode], codes: &EncodedRecords, start: usize, at: u32) -> u32 {
    let (column, cut, left) = match nodes[at as usize] {
        TreeNode::Split { column, cut, left } => (column.index(), cut, left),
        TreeNode::Leaf(_) => (0, NO_CUT, at),
    };
    left + u32::from(codes.get(start, column) > cut)
}

fn is_leaf(nodes: &[TreeNode], at: u32) -> bool {
    matches!(nodes[at as usize], TreeNode::Leaf(_))
}

/// Value of the leaf at a node.
fn value(trees: &Trees, tree: &Tree, at: u32) -> f64 {
    match tree.nodes[at as usize] {
        TreeNode::Leaf(leaf) => trees.value(&tree.leaves, leaf as usize),
        TreeNode::Split { .. } => unreachable!("a walk ends at a leaf"),
    }
}

/// Sum of the values of the leaves that one row falls into in the first `count` of the `trees`: several trees are walked down at
/// the same time.
pub(super) fn sum_row(trees: &Trees, some: &Range<usize>, codes: &EncodedRecords, row: u32) -> f64 {
    let start = codes.start(row);
    let mut sum = 0.0;
    for group in trees.trees()[some.clone()].chunks(TREES) {
        // The last trees are walked down together with one of them again.
        let lanes: [&[TreeNode]; TREES] = std::array::from_fn(|lane| &group[lane.min(group.len() - 1)].nodes[..]);
        let mut at = [0; TREES];
        while lanes.iter().zip(&at).fold(false, |going, (nodes, &at)| going | !is_leaf(nodes, at)) {
            for _ in 0..STEPS {
                for (at, nodes) in at.iter_mut().zip(&lanes) {
                    *at = next(nodes, codes, start, *at);
                }
            }
        }
        for (tree, &at) in group.iter().zip(&at) {
            sum += value(trees, tree, at);
        }
    }
    sum
}
