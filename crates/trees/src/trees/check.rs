//! What nodes and leaves must be to be trees, and their order.

use std::fmt;

use super::node::{TreeNode, MAX_FEATURES};
use super::tree::{Leaves, Tree};

/// Most cuts of one feature.
pub(super) const MAX_CUTS: usize = (1 << 16) - 2;

/// Why nodes and leaves are not trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTree {
    /// Which part: `trees[3].nodes[7].left`.
    pub member: String,
    /// What was expected.
    pub rule: String,
    /// What was found.
    pub value: String,
}

impl fmt::Display for InvalidTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, found {}", self.member, self.rule, self.value)
    }
}

impl std::error::Error for InvalidTree {}

pub(super) fn check_cuts(cuts: &[Vec<f64>]) -> Result<(), InvalidTree> {
    if cuts.is_empty() || cuts.len() > MAX_FEATURES {
        return Err(invalid("cuts".to_owned(), format!("expected 1 to {MAX_FEATURES} features"), cuts.len()));
    }
    for (feature, cuts) in cuts.iter().enumerate() {
        if cuts.len() > MAX_CUTS {
            return Err(invalid(format!("cuts[{feature}]"), format!("expected at most {MAX_CUTS} cuts"), cuts.len()));
        }
        if let Some(index) = cuts.iter().position(|cut| !cut.is_finite()) {
            return Err(invalid(format!("cuts[{feature}][{index}]"), "expected a finite number", cuts[index]));
        }
        if let Some(index) = (1..cuts.len()).find(|&index| cuts[index - 1] >= cuts[index]) {
            let rule = format!("expected more than {}", cuts[index - 1]);
            return Err(invalid(format!("cuts[{feature}][{index}]"), rule, cuts[index]));
        }
    }
    Ok(())
}

/// Checks a tree and puts it in order.
pub(super) fn prepare(tree: Tree, cuts: &[Vec<f64>]) -> Result<Tree, InvalidTree> {
    if is_in_order(&tree, cuts) {
        check_leaves(&tree.leaves)?;
        return Ok(tree);
    }
    check_tree(&tree, cuts)?;
    Ok(in_order(&tree))
}

/// Whether nodes and leaves are in order. If they do, each is reached exactly once, and no index is out of range.
pub(super) fn is_in_order(tree: &Tree, cuts: &[Vec<f64>]) -> bool {
    let (mut next_left, mut next_leaf) = (1, 0);
    let mut pending = vec![0];
    while let Some(index) = pending.pop() {
        match tree.nodes.get(index as usize) {
            Some(&TreeNode::Split { column, cut, left }) => {
                let has_cut = cuts.get(column.feature()).is_some_and(|cuts| usize::from(cut) < cuts.len());
                if left != next_left || !has_cut {
                    return false;
                }
                pending.extend([left + 1, left]);
                next_left += 2;
            }
            Some(&TreeNode::Leaf(leaf)) if leaf == next_leaf => next_leaf += 1,
            _ => return false,
        }
    }
    next_left as usize == tree.nodes.len() && next_leaf as usize == tree.leaves.len()
}

/// A right tree, with its nodes and leaves in order.
pub(crate) fn in_order(tree: &Tree) -> Tree {
    let mut nodes = Vec::with_capacity(tree.nodes.len());
    nodes.push(TreeNode::Leaf(0));
    let mut leaves = Vec::with_capacity(tree.leaves.len());
    // The place of a node, and where it is expected.
    let mut pending = vec![(0, 0)];
    while let Some((from, to)) = pending.pop() {
        nodes[to] = match tree.nodes[from] {
            TreeNode::Split { column, cut, left } => {
                let (from, to) = (left as usize, nodes.len());
                nodes.extend([TreeNode::Leaf(0); 2]);
                pending.extend([(from + 1, to + 1), (from, to)]);
                TreeNode::Split { column, cut, left: to as u32 }
            }
            TreeNode::Leaf(leaf) => {
                leaves.push(leaf as usize);
                TreeNode::Leaf(leaves.len() as u32 - 1)
            }
        };
    }
    let leaves = match &tree.leaves {
        Leaves::Frequencies(old) => Leaves::Frequencies(leaves.into_iter().map(|leaf| old[leaf]).collect()),
        Leaves::Values(old) => Leaves::Values(leaves.into_iter().map(|leaf| old[leaf]).collect()),
    };
    Tree { nodes, leaves }
}

fn check_tree(tree: &Tree, cuts: &[Vec<f64>]) -> Result<(), InvalidTree> {
    let (nodes, leaves) = (tree.nodes.len(), tree.leaves.len());
    if nodes == 0 {
        return Err(invalid("nodes".to_owned(), "expected at least one node", 0));
    }
    let mut is_child = vec![false; nodes];
    let mut is_reached = vec![false; leaves];
    for (index, node) in tree.nodes.iter().enumerate() {
        let member = |name: &str| format!("nodes[{index}].{name}");
        match *node {
            TreeNode::Leaf(leaf) => match is_reached.get_mut(leaf as usize) {
                Some(reached) if !*reached => *reached = true,
                Some(_) => return Err(invalid(member("leaf"), "expected a leaf of its own", leaf)),
                None => return Err(invalid(member("leaf"), format!("expected a leaf's index, below {leaves}"), leaf)),
            },
            TreeNode::Split { column, cut, left } => {
                let Some(cuts) = cuts.get(column.feature()) else {
                    let rule = format!("expected a feature's index, below {}", cuts.len());
                    return Err(invalid(member("feature"), rule, column.feature()));
                };
                if usize::from(cut) >= cuts.len() {
                    return Err(invalid(member("cut"), format!("expected a cut's index, below {}", cuts.len()), cut));
                }
                let left = left as usize;
                if left <= index || left + 1 >= nodes {
                    let rule = format!("expected a later node's index, from {} to below {}", index + 1, nodes - 1);
                    return Err(invalid(member("left"), rule, left));
                }
                for child in [left, left + 1] {
                    if std::mem::replace(&mut is_child[child], true) {
                        return Err(invalid(member("left"), "expected children of its own", left));
                    }
                }
            }
        }
    }
    if let Some(index) = (1..nodes).find(|&index| !is_child[index]) {
        return Err(invalid(format!("nodes[{index}]"), "expected the child of a node", "none"));
    }
    if let Some(leaf) = is_reached.iter().position(|reached| !reached) {
        return Err(invalid(format!("leaves[{leaf}]"), "expected a node that leads to it", "none"));
    }
    check_leaves(&tree.leaves)
}

pub(super) fn check_leaves(leaves: &Leaves) -> Result<(), InvalidTree> {
    match leaves {
        Leaves::Frequencies(leaves) => match leaves.iter().position(|counts| *counts == [0, 0]) {
            Some(leaf) => Err(invalid(format!("leaves[{leaf}]"), "expected at least one training row", 0)),
            None => Ok(()),
        },
        Leaves::Values(leaves) => match leaves.iter().position(|(value, _)| !value.is_finite()) {
            Some(leaf) => Err(invalid(format!("leaves[{leaf}].value"), "expected a finite number", leaves[leaf].0)),
            None => Ok(()),
        },
    }
}

pub(super) fn invalid(member: String, rule: impl Into<String>, value: impl fmt::Display) -> InvalidTree {
    InvalidTree { member, rule: rule.into(), value: value.to_string() }
}
