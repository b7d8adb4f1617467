//! Nodes of a tree.

use std::fmt;
use std::num::NonZeroU16;

/// Most features that a tree can split by: a [`SplitColumn`] holds a feature's index, a bit and a mark in 16 bits.
pub(crate) const MAX_FEATURES: usize = (1 << 15) - 1;

/// A split, or a leaf: eight bytes, since trees of millions of nodes are walked as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeNode {
    /// Left if the value is at most the feature's cut; a missing value (NaN) goes where the column says.
    Split {
        /// Which feature, and where a missing value of it goes.
        column: SplitColumn,
        /// Index among the feature's cuts.
        cut: u16,
        /// Index of the left child among the tree's nodes; the right child comes next.
        left: u32,
    },
    /// Where a row ends: index among the tree's leaves.
    Leaf(u32),
}

impl TreeNode {
    /// A split of `feature` at the cut of index `cut`, with its left child at index `left`.
    ///
    /// # Panics
    /// `feature` is 32,767 or greater.
    pub fn split(feature: usize, cut: u16, missing_left: bool, left: usize) -> TreeNode {
        TreeNode::Split { column: SplitColumn::new(feature, missing_left), cut, left: left as u32 }
    }
}

/// The feature of a split, and where its missing values go.
///
/// Never 0 within, so that a node needs no further byte to tell a split from a leaf.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SplitColumn(NonZeroU16);

impl SplitColumn {
    /// The column of a feature whose missing values go left, or right.
    ///
    /// # Panics
    /// `feature` is 32,767 or greater.
    pub fn new(feature: usize, missing_left: bool) -> SplitColumn {
        assert!(feature < MAX_FEATURES, "feature {feature} is none of {MAX_FEATURES}");
        SplitColumn(NonZeroU16::MIN.saturating_add(2 * feature as u16 + u16::from(missing_left)))
    }

    /// The column of a number, below 65,534.
    pub(crate) fn of_index(index: u16) -> SplitColumn {
        SplitColumn::new(usize::from(index / 2), index % 2 == 1)
    }

    /// Index of the feature.
    pub fn feature(self) -> usize {
        usize::from(self.index() / 2)
    }

    /// Where a missing value goes.
    pub fn missing_left(self) -> bool {
        self.index() % 2 == 1
    }

    /// Number of the column: two a feature, that whose missing values go right first.
    pub fn index(self) -> u16 {
        self.0.get() - 1
    }
}

impl fmt::Debug for SplitColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.missing_left() { "left" } else { "right" };
        write!(f, "feature {}, missing {side}", self.feature())
    }
}
