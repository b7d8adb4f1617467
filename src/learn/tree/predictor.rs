//! A tree that was grown: where a row ends up, and what the training rows there were.

use std::fmt;

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// A node. A leaf has no split.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Training rows in it: flops, hits.
    pub counts: [u64; 2],
    /// How its rows are divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
}

/// A row goes left if its value is at most the threshold, and right otherwise (a NaN too).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// Column of the records.
    pub feature: usize,
    /// Where it is divided, in the unit of the records.
    pub threshold: f64,
    /// Index of the node for the smaller values.
    pub left: usize,
    /// Index of the node for the greater values.
    pub right: usize,
}

/// Nodes that form a tree, the root first, every child after its parent.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    n_features: usize,
    nodes: Vec<Node>,
}

/// What is wrong with nodes that form no tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {rule}, found {value}")]
pub struct InvalidTree {
    /// Where: `nodes[3].split.left`.
    pub member: String,
    /// What was expected.
    pub rule: String,
    /// What was found.
    pub value: String,
}

impl Tree {
    /// A tree for rows of `n_features` columns.
    ///
    /// # Errors
    /// There is no node; a child does not come after its parent, does not exist, or is another's child too; a node is
    /// nobody's child; a feature is not below `n_features`; a threshold is not finite; a node has no training rows, or a
    /// number of them that is not the sum of its children's.
    pub fn new(n_features: usize, nodes: Vec<Node>) -> Result<Tree, InvalidTree> {
        if nodes.is_empty() {
            return Err(invalid("nodes".to_owned(), "expected at least one node", 0));
        }
        let mut parents = vec![0usize; nodes.len()];
        for (index, node) in nodes.iter().enumerate() {
            check_counts(index, node)?;
            if let Some(split) = &node.split {
                check_split(&nodes, n_features, index, split)?;
                parents[split.left] += 1;
                parents[split.right] += 1;
            }
        }
        match (1..nodes.len()).find(|&index| parents[index] != 1) {
            Some(index) => {
                Err(invalid(format!("nodes[{index}]"), "expected to be the child of one node", parents[index]))
            }
            None => Ok(Tree { n_features, nodes }),
        }
    }

    /// Number of columns that a row must have.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// The nodes, the root first.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Share of hits among the training rows of the leaf that `row` falls into.
    ///
    /// # Panics
    /// `row` has fewer than [`Tree::n_features`] values.
    pub fn predict_proba(&self, row: ArrayView1<f64>) -> f64 {
        let mut node = &self.nodes[0];
        while let Some(split) = &node.split {
            node = &self.nodes[if row[split.feature] <= split.threshold { split.left } else { split.right }];
        }
        node.counts[1] as f64 / node.rows()
    }

    /// Most splits between the root and a leaf.
    pub fn depth(&self) -> usize {
        let mut depths = vec![0; self.nodes.len()];
        // Children come after their parents, so that a node's own depth is known when it is met.
        for (index, node) in self.nodes.iter().enumerate() {
            for child in node.split.iter().flat_map(|split| [split.left, split.right]) {
                depths[child] = depths[index] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// Number of leaves.
    pub fn leaves(&self) -> usize {
        self.nodes.iter().filter(|node| node.split.is_none()).count()
    }

    /// Each feature's share of the decrease of Gini impurity, weighted by training rows (scikit-learn's
    /// `feature_importances_`). The shares sum to 1; in a tree without a split they are all 0.
    pub fn importances(&self) -> Vec<f64> {
        let mut decreases = vec![0.0; self.n_features];
        for node in &self.nodes {
            if let Some(split) = &node.split {
                let below = self.nodes[split.left].impurity() + self.nodes[split.right].impurity();
                decreases[split.feature] += (node.impurity() - below).max(0.0);
            }
        }
        let total: f64 = decreases.iter().sum();
        if total > 0.0 {
            decreases.iter_mut().for_each(|decrease| *decrease /= total);
        }
        decreases
    }
}

impl Node {
    fn rows(&self) -> f64 {
        self.counts[0] as f64 + self.counts[1] as f64
    }

    /// Gini impurity times rows: 2 × flops × hits / rows.
    fn impurity(&self) -> f64 {
        2.0 * self.counts[0] as f64 * self.counts[1] as f64 / self.rows()
    }
}

fn check_counts(index: usize, node: &Node) -> Result<(), InvalidTree> {
    match node.counts[0].checked_add(node.counts[1]) {
        Some(rows) if rows > 0 => Ok(()),
        _ => {
            let rule = "expected at least one training row, and no more than can be counted";
            Err(invalid(format!("nodes[{index}].counts"), rule, format!("{:?}", node.counts)))
        }
    }
}

fn check_split(nodes: &[Node], n_features: usize, index: usize, split: &Split) -> Result<(), InvalidTree> {
    let member = |name: &str| format!("nodes[{index}].split.{name}");
    if split.feature >= n_features {
        let rule = format!("expected a feature's index, below {n_features}");
        return Err(invalid(member("feature"), rule, split.feature));
    }
    if !split.threshold.is_finite() {
        return Err(invalid(member("threshold"), "expected a finite number", split.threshold));
    }
    for (name, child) in [("left", split.left), ("right", split.right)] {
        if child <= index || child >= nodes.len() {
            let rule = format!("expected a later node's index, {} to {}", index + 1, nodes.len() - 1);
            return Err(invalid(member(name), rule, child));
        }
    }
    for label in 0..2 {
        let below = nodes[split.left].counts[label].checked_add(nodes[split.right].counts[label]);
        if below != Some(nodes[index].counts[label]) {
            let rule = "expected the sum of the children's counts";
            return Err(invalid(format!("nodes[{index}].counts[{label}]"), rule, nodes[index].counts[label]));
        }
    }
    Ok(())
}

fn invalid(member: String, rule: impl Into<String>, value: impl fmt::Display) -> InvalidTree {
    InvalidTree { member, rule: rule.into(), value: value.to_string() }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn leaf(flops: u64, hits: u64) -> Node {
        Node { counts: [flops, hits], split: None }
    }

    fn inner(counts: [u64; 2], feature: usize, threshold: f64, left: usize, right: usize) -> Node {
        Node { counts, split: Some(Split { feature, threshold, left, right }) }
    }

    /// Feature 1 at 0.5; on the right feature 0 at -1.
    fn nodes() -> Vec<Node> {
        vec![inner([6, 6], 1, 0.5, 1, 2), leaf(5, 1), inner([1, 5], 0, -1.0, 3, 4), leaf(1, 0), leaf(0, 5)]
    }

    #[test]
    fn a_row_at_the_threshold_goes_left() {
        let tree = Tree::new(2, nodes()).expect("valid");
        assert_eq!(tree.predict_proba(array![9.0, 0.5].view()), 1.0 / 6.0);
        assert_eq!(tree.predict_proba(array![-1.0, 0.6].view()), 0.0);
        assert_eq!(tree.predict_proba(array![-0.9, 0.6].view()), 1.0);
        assert_eq!((tree.depth(), tree.leaves(), tree.n_features()), (2, 3, 2));
    }

    /// By hand: the root's impurity 2·6·6/12 = 6; left 2·5·1/6 = 5/3, right the same, whose leaves are pure.
    #[test]
    fn importances_are_shares_of_the_decrease() {
        let found = Tree::new(3, nodes()).expect("valid").importances();
        for (found, expected) in found.iter().zip([5.0 / 13.0, 8.0 / 13.0, 0.0]) {
            assert!((found - expected).abs() < 1e-15, "found {found}, expected {expected}");
        }
        assert_eq!(Tree::new(2, vec![leaf(3, 4)]).expect("valid").importances(), [0.0, 0.0]);
    }

    #[test]
    fn what_is_no_tree_is_refused_by_name() {
        let told = |change: fn(&mut Vec<Node>)| {
            let mut nodes = nodes();
            change(&mut nodes);
            Tree::new(2, nodes).expect_err("refused").to_string()
        };
        assert_eq!(told(|nodes| nodes.clear()), "nodes: expected at least one node, found 0");
        let later = "expected a later node's index";
        assert_eq!(
            told(|nodes| nodes[0] = inner([6, 6], 1, 0.5, 1, 5)),
            format!("nodes[0].split.right: {later}, 1 to 4, found 5")
        );
        assert_eq!(
            told(|nodes| nodes[2] = inner([1, 5], 0, -1.0, 2, 4)),
            format!("nodes[2].split.left: {later}, 3 to 4, found 2")
        );
        assert_eq!(
            told(|nodes| nodes[4] = inner([0, 5], 0, -1.0, 3, 3)),
            format!("nodes[4].split.left: {later}, 5 to 4, found 3")
        );
        assert_eq!(
            told(|nodes| nodes[2] = inner([1, 5], 2, -1.0, 3, 4)),
            "nodes[2].split.feature: expected a feature's index, below 2, found 2"
        );
        assert_eq!(
            told(|nodes| nodes[2] = inner([1, 5], 0, f64::INFINITY, 3, 4)),
            "nodes[2].split.threshold: expected a finite number, found inf"
        );
        assert_eq!(
            told(|nodes| nodes[3] = leaf(2, 0)),
            "nodes[2].counts[0]: expected the sum of the children's counts, found 1"
        );
        for empty in [leaf(0, 0), leaf(u64::MAX, 1)] {
            let told = Tree::new(1, vec![empty]).expect_err("refused").to_string();
            assert!(told.starts_with("nodes[0].counts: expected at least one training row"), "{told}");
        }
        assert_eq!(told(|nodes| nodes.push(leaf(1, 1))), "nodes[5]: expected to be the child of one node, found 0");
        let shared = vec![inner([0, 4], 0, 0.0, 1, 1), leaf(0, 2)];
        let error = Tree::new(1, shared).expect_err("one node twice a child");
        assert_eq!(error.to_string(), "nodes[1]: expected to be the child of one node, found 2");
    }
}
