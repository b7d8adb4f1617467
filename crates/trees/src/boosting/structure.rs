//! A tree before its leaves have values.

use crate::TreeNode;

/// A grown tree without values.
pub(super) struct GrownStructure {
    /// Splits and leaves, the root first.
    pub nodes: Vec<TreeNode>,
    /// In the order of their indices.
    pub leaves: Vec<NodeRows>,
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
