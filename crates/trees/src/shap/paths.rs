//! A tree as the walk that explains it reads it: each node knows what a Shapley value needs of the path above it.

use crate::{Leaves, Tree, TreeNode, Trees};

/// Code of a missing value; the code of any other is the number of its feature's cuts below it.
pub(super) const MISSING: u16 = u16::MAX;
/// Features that have a bit of their own in [`PathNode::features`]; all others share the last bit.
pub(super) const MASKED: usize = 31;

/// A node, and the edge from its parent. The parent's split is the edge's.
#[derive(Clone, Copy, Debug)]
pub(super) struct PathNode {
    /// The share of the rows that would pass all edges of this edge's feature from the root to here if they parted at each as
    /// the training rows did: the product of the shares of the training rows ("zero fraction"). 1 at the root.
    pub zero_fraction: f64,
    /// Mean of the leaves below, weighted by training rows; a leaf's value.
    pub mean: f64,
    /// Features of the splits here and below, by bits; none for a leaf.
    pub features: u32,
    /// Index of the left child; the right one comes next.
    pub left: u32,
    /// The last node on the path whose edge is of the feature that is split on here; 0, the root, if there is none.
    pub above: u32,
    /// Twice the feature that is split on, and whether a missing value goes left.
    split: u16,
    /// Greatest code that goes left.
    cut: u16,
}

impl PathNode {
    /// Feature that is split on.
    pub(super) fn feature(&self) -> usize {
        usize::from(self.split >> 1)
    }

    /// Index of the cut.
    pub(super) fn cut(&self) -> u16 {
        self.cut
    }

    /// Whether a row with these codes, one a feature, goes left.
    pub(super) fn goes_left(&self, codes: &[u16]) -> bool {
        match codes[self.feature()] {
            MISSING => self.split & 1 == 1,
            code => code <= self.cut,
        }
    }
}

/// The bit of a feature in [`PathNode::features`].
pub(super) fn bit(feature: usize) -> u32 {
    1 << feature.min(MASKED)
}

#[derive(Clone, Debug)]
pub(super) struct PathTree {
    /// The root first, children after their parents.
    pub nodes: Vec<PathNode>,
    /// Most features on a path.
    pub most_features: usize,
    /// Most splits on a path.
    pub depth: usize,
}

impl PathTree {
    /// Prepares a tree of `trees`.
    pub(super) fn new(trees: &Trees, tree: &Tree) -> PathTree {
        let covers = covers(trees, tree);
        let mut nodes: Vec<PathNode> = tree.nodes.iter().map(plain).collect();
        summarise(trees, tree, &covers, &mut nodes);
        let most_features = number_paths(tree, &covers, &mut nodes, trees.n_features());
        PathTree { nodes, most_features, depth: tree.depth() }
    }

    /// Mean of the leaves, weighted by training rows.
    pub(super) fn mean(&self) -> f64 {
        self.nodes[0].mean
    }
}

fn plain(node: &TreeNode) -> PathNode {
    let (split, cut, left) = match *node {
        TreeNode::Leaf(_) => (0, 0, 0),
        TreeNode::Split { column, cut, left } => (column.index(), cut, left),
    };
    PathNode { zero_fraction: 1.0, mean: 0.0, features: 0, left, above: 0, split, cut }
}

/// The weight of the training rows of each node: their number, or, where a leaf holds its classes, the sum of the weights of
/// their classes. So the mean of a forest's leaves is the share of positives in its root, as everywhere in it, and what
/// scikit-learn calls `weighted_n_node_samples` and shap takes for cover.
fn covers(trees: &Trees, tree: &Tree) -> Vec<f64> {
    let mut covers = vec![0.0; tree.nodes.len()];
    // Children come after their parents.
    for (index, node) in tree.nodes.iter().enumerate().rev() {
        covers[index] = match *node {
            TreeNode::Split { left, .. } => covers[left as usize] + covers[left as usize + 1],
            TreeNode::Leaf(leaf) => match &tree.leaves {
                Leaves::Frequencies(leaves) => {
                    let weigh = |class: usize| trees.class_weights()[class] * f64::from(leaves[leaf as usize][class]);
                    weigh(0) + weigh(1)
                }
                Leaves::Values(_) => tree.leaves.rows(leaf as usize) as f64,
            },
        };
    }
    covers
}

/// The share of the training rows of a node that go left; half of none.
fn share_left(covers: &[f64], index: usize, left: usize) -> f64 {
    match covers[index] > 0.0 {
        true => covers[left] / covers[index],
        false => 0.5,
    }
}

/// Sets what a node knows of those below.
fn summarise(trees: &Trees, tree: &Tree, covers: &[f64], nodes: &mut [PathNode]) {
    for (index, node) in tree.nodes.iter().enumerate().rev() {
        match *node {
            TreeNode::Leaf(leaf) => nodes[index].mean = trees.value(&tree.leaves, leaf as usize),
            TreeNode::Split { column, left, .. } => {
                let left = left as usize;
                let share = share_left(covers, index, left);
                nodes[index].mean = share * nodes[left].mean + (1.0 - share) * nodes[left + 1].mean;
                nodes[index].features = bit(column.feature()) | nodes[left].features | nodes[left + 1].features;
            }
        }
    }
}

/// What is left to do of a tree.
enum PathStep {
    /// A node is reached over an edge of a feature, with so many features on the path.
    Visit { node: usize, edge: Option<usize>, features: usize },
    /// Both children of a node have been seen: the last edge of its feature is the one above it again.
    Leave { feature: usize, above: u32 },
}

/// Sets what a node knows of those above. Tells most features on a path.
fn number_paths(tree: &Tree, covers: &[f64], nodes: &mut [PathNode], n_features: usize) -> usize {
    let mut most = 0;
    // Of each feature, the node at the end of its last edge on the path.
    let mut last = vec![0; n_features];
    let mut steps = vec![PathStep::Visit { node: 0, edge: None, features: 0 }];
    while let Some(step) = steps.pop() {
        match step {
            PathStep::Leave { feature, above } => last[feature] = above,
            PathStep::Visit { node, edge, features } => {
                edge.into_iter().for_each(|feature| last[feature] = node as u32);
                most = most.max(features);
                let TreeNode::Split { column, left, .. } = tree.nodes[node] else { continue };
                let (feature, left) = (column.feature(), left as usize);
                let above = last[feature];
                set_zero_fractions(nodes, node, left, above, share_left(covers, node, left));
                let features = features + usize::from(above == 0);
                let visit = |node| PathStep::Visit { node, edge: Some(feature), features };
                steps.extend([PathStep::Leave { feature, above }, visit(left + 1), visit(left)]);
            }
        }
    }
    most
}

fn set_zero_fractions(nodes: &mut [PathNode], node: usize, left: usize, above: u32, share_left: f64) {
    let zero_fraction = nodes[above as usize].zero_fraction;
    nodes[node].above = above;
    nodes[left].zero_fraction = zero_fraction * share_left;
    nodes[left + 1].zero_fraction = zero_fraction * (1.0 - share_left);
}
