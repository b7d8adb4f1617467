//! Where limits on a tree would have stopped its growing.

use hitflop_trees::search::GrownTree;
use hitflop_trees::{Leaves, TreeNode};

/// Limits at which a tree is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Truncation {
    /// Most splits between the root and a leaf; none for no limit.
    pub max_depth: Option<usize>,
    /// Fewest rows that are split.
    pub min_samples_split: usize,
}

impl Truncation {
    /// Whether a node is a leaf of the tree cut off, unless one above it is.
    fn stops(self, depth: usize, rows: u32) -> bool {
        self.max_depth.is_some_and(|most| depth >= most) || (rows as usize) < self.min_samples_split
    }
}

/// For each leaf of a tree, in the order of their indices, the share of hits at the node where each of `cuts` ends the path to it:
/// leaves × cuts.
///
/// A forest fitted with such limits would have that node for a leaf, of the same counts and thus the same share.
pub(crate) fn values_at_cuts(grown: &GrownTree, cuts: &[Truncation]) -> Vec<f64> {
    let nodes = &grown.tree.nodes;
    let shares = shares_of_hits(grown);
    let mut depths = vec![0; nodes.len()];
    // Of each node, the values of the cuts that ended above it, or at it.
    let mut ended: Vec<Option<f64>> = vec![None; nodes.len() * cuts.len()];
    let mut values = vec![0.0; grown.tree.leaves.len() * cuts.len()];
    for (index, node) in nodes.iter().enumerate() {
        let of_node = index * cuts.len()..(index + 1) * cuts.len();
        for (end, cut) in ended[of_node.clone()].iter_mut().zip(cuts) {
            if end.is_none() && cut.stops(depths[index], grown.rows[index]) {
                *end = Some(shares[index]);
            }
        }
        match *node {
            // Children come after their parents, the right one next to the left.
            TreeNode::Split { left, .. } => {
                for child in [left as usize, left as usize + 1] {
                    depths[child] = depths[index] + 1;
                    ended.copy_within(of_node.clone(), child * cuts.len());
                }
            }
            TreeNode::Leaf(leaf) => {
                let of_leaf = &mut values[leaf as usize * cuts.len()..][..cuts.len()];
                for (value, end) in of_leaf.iter_mut().zip(&ended[of_node]) {
                    *value = end.unwrap_or(shares[index]);
                }
            }
        }
    }
    values
}

/// The share of hits among the rows of each node, a row sampled twice counted twice.
fn shares_of_hits(grown: &GrownTree) -> Vec<f64> {
    // The folds are grown without sample weights, and without them a leaf of a forest counts its rows.
    let Leaves::Frequencies(leaves) = &grown.tree.leaves else {
        unreachable!("rows without weights of their own are counted");
    };
    let mut counts = vec![[0; 2]; grown.tree.nodes.len()];
    // Children come after their parents, so backwards every node's counts are the sum of two that are known.
    for (index, node) in grown.tree.nodes.iter().enumerate().rev() {
        counts[index] = match *node {
            TreeNode::Leaf(leaf) => leaves[leaf as usize],
            TreeNode::Split { left, .. } => {
                let (left, right) = (counts[left as usize], counts[left as usize + 1]);
                [left[0] + right[0], left[1] + right[1]]
            }
        };
    }
    let share = |[flops, hits]: [u32; 2]| f64::from(hits) / (f64::from(flops) + f64::from(hits));
    counts.into_iter().map(share).collect()
}
