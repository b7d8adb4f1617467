//! One tree and its leaves.

use super::node::TreeNode;
use crate::binning::{BinnedRecords, MISSING_BIN};

/// What the training rows left in the leaves of a tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Leaves {
    /// Counts of the negative and the positive class (a row sampled twice counts twice). A leaf's value is the share of positives, each class weighted
    /// by [`Trees::class_weights`](crate::Trees::class_weights).
    Frequencies(Vec<[u32; 2]>),
    /// A value, and the number of training rows.
    Values(Vec<(f64, u32)>),
}

impl Leaves {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Leaves::Frequencies(leaves) => leaves.len(),
            Leaves::Values(leaves) => leaves.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Value of a leaf: the share of positives, each class weighted, or the value that it holds.
    ///
    /// # Panics
    /// There is no such leaf.
    pub(crate) fn value(&self, class_weights: [f64; 2], leaf: usize) -> f64 {
        match self {
            Leaves::Frequencies(leaves) => frequency(class_weights, leaves[leaf]),
            Leaves::Values(leaves) => leaves[leaf].0,
        }
    }

    /// Training rows in a leaf, those sampled twice counted twice.
    ///
    /// # Panics
    /// There is no such leaf.
    pub fn rows(&self, leaf: usize) -> u64 {
        match self {
            Leaves::Frequencies(leaves) => leaves[leaf].iter().map(|&count| u64::from(count)).sum(),
            Leaves::Values(leaves) => u64::from(leaves[leaf].1),
        }
    }
}

/// One tree by itself. Its root is the first node; children come after their parent, side by side. [`Trees`](crate::Trees) puts nodes and
/// leaves in one order: the pairs of children in preorder of their parents, the leaves from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Questions and leaves, the root first.
    pub nodes: Vec<TreeNode>,
    /// In the order of the indices of [`TreeNode::Leaf`].
    pub leaves: Leaves,
}

impl Tree {
    /// Most splits between the root and a leaf.
    pub fn depth(&self) -> usize {
        let mut depths = vec![0; self.nodes.len()];
        // Children come after their parents, so that a node's own depth is known when it is met.
        for (index, node) in self.nodes.iter().enumerate() {
            if let TreeNode::Split { left, .. } = node {
                depths[*left as usize] = depths[index] + 1;
                depths[*left as usize + 1] = depths[index] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// The leaf that a binned row falls into: a value is at most a cut if its bin is at most the cut's index.
    pub(crate) fn binned_leaf(&self, records: &BinnedRecords, row: usize) -> usize {
        let mut index = 0;
        loop {
            match self.nodes[index] {
                TreeNode::Leaf(leaf) => return leaf as usize,
                TreeNode::Split { column, cut, left } => {
                    let bin = records.column(column.feature())[row];
                    let goes_left = if bin == MISSING_BIN { column.missing_left() } else { u16::from(bin) <= cut };
                    index = left as usize + usize::from(!goes_left);
                }
            }
        }
    }
}

/// The share of positives, each class weighted.
fn frequency(class_weights: [f64; 2], counts: [u32; 2]) -> f64 {
    let [negatives, positives] = [0, 1].map(|class| class_weights[class] * f64::from(counts[class]));
    positives / (negatives + positives)
}
