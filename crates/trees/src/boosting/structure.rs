//! A tree before its leaves have values.

use std::sync::atomic::AtomicU32;

use crate::TreeNode;

/// The leaf of every row, sampled or not. Atomic, as leaves are written by several threads, each row once.
pub(super) type LeafOfRows = [AtomicU32];

/// A grown tree without values.
pub(super) struct GrownStructure {
    /// Splits and leaves, the root first; leaves are numbered in the order of their indices.
    pub nodes: Vec<TreeNode>,
    /// Number of leaves.
    pub leaves: usize,
    /// Feature and gain of every split, in the units of the words.
    pub gains: Vec<(usize, f64)>,
}

/// Rows of a node, in an order that splits keep.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeRows {
    /// Those that the tree is grown on.
    pub sampled: Vec<u32>,
    /// Those that only follow the splits, for their margins.
    pub others: Vec<u32>,
}

impl NodeRows {
    /// Those of a root: `sampled`, ascending, and all others of so many rows.
    pub(super) fn of_root(sampled: &[u32], rows: usize) -> NodeRows {
        let mut next = sampled.iter().copied().peekable();
        let others = (0..rows as u32).filter(|row| next.next_if_eq(row).is_none()).collect();
        NodeRows { sampled: sampled.to_vec(), others }
    }
}
