//! A tree that grows leaf by leaf, and the leaves of it that can be split.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::histogram::{BinSums, PackedWord};
use super::splitting::BestCut;
use super::structure::NodeRows;
use crate::TreeNode;

/// A node that is not split yet.
pub(super) struct OpenNode<W> {
    pub depth: usize,
    pub rows: NodeRows,
    pub total: W,
    /// One a feature of the grower's; none if the node cannot be split.
    pub histograms: Vec<BinSums<W>>,
    pub split: Option<PositionedSplit<W>>,
}

#[derive(Clone, Copy)]
pub(super) struct PositionedSplit<W> {
    /// Position among the grower's features.
    pub position: usize,
    pub cut: BestCut<W>,
}

/// A node that can be split.
pub(super) struct FrontierNode<W> {
    pub index: usize,
    pub split: PositionedSplit<W>,
    pub content: FrontierContent<W>,
}

pub(super) enum FrontierContent<W> {
    Closed(OpenNode<W>),
    /// Its children are known.
    Open(Box<[OpenNode<W>; 2]>),
}

/// A tree and the leaves of it that can be split.
pub(super) struct LeafWiseGrowth<W> {
    pub nodes: Vec<TreeNode>,
    /// Nodes that stay leaves.
    leaves: Vec<(usize, NodeRows)>,
    pub gains: Vec<(usize, f64)>,
    pub frontier: BinaryHeap<FrontierNode<W>>,
}

impl<W: PackedWord> LeafWiseGrowth<W> {
    /// A tree of a root that is not known yet.
    pub(super) fn new() -> LeafWiseGrowth<W> {
        LeafWiseGrowth { nodes: vec![TreeNode::Leaf(0)], leaves: vec![], gains: vec![], frontier: BinaryHeap::new() }
    }

    pub(super) fn place(&mut self, index: usize, node: OpenNode<W>) {
        match node.split {
            Some(split) => self.frontier.push(FrontierNode { index, split, content: FrontierContent::Closed(node) }),
            None => self.leaves.push((index, node.rows)),
        }
    }

    /// Of the next in line those that are not open: no more than will almost surely be split, if `left` splits may still be
    /// made. The tree is the same however many they are.
    pub(super) fn take_ripe(&mut self, left: usize) -> Vec<FrontierNode<W>> {
        let most = rayon::current_num_threads().max(left / 32).min(left);
        let next = (0..most).map_while(|_| self.frontier.pop());
        let (ripe, open): (Vec<_>, Vec<_>) =
            next.partition(|candidate| matches!(candidate.content, FrontierContent::Closed(_)));
        self.frontier.extend(open);
        ripe
    }

    /// Numbers the leaves in the order of the nodes: nodes, rows of each leaf, and gains.
    pub(super) fn finish(mut self) -> (Vec<TreeNode>, Vec<NodeRows>, Vec<(usize, f64)>) {
        self.leaves.extend(self.frontier.into_iter().map(|candidate| match candidate.content {
            FrontierContent::Closed(node) => (candidate.index, node.rows),
            FrontierContent::Open(children) => (candidate.index, join(*children)),
        }));
        self.leaves.sort_unstable_by_key(|&(index, _)| index);
        for (leaf, &(index, _)) in self.leaves.iter().enumerate() {
            self.nodes[index] = TreeNode::Leaf(leaf as u32);
        }
        (self.nodes, self.leaves.into_iter().map(|(_, rows)| rows).collect(), self.gains)
    }
}

/// The rows of a node whose children were found in vain.
fn join<W>(children: [OpenNode<W>; 2]) -> NodeRows {
    let [left, right] = children.map(|child| child.rows);
    NodeRows { sampled: [left.sampled, right.sampled].concat(), others: [left.others, right.others].concat() }
}

/// By gain; of equals the earlier node is the greater.
impl<W> Ord for FrontierNode<W> {
    fn cmp(&self, other: &FrontierNode<W>) -> Ordering {
        self.split.cut.gain.total_cmp(&other.split.cut.gain).then(other.index.cmp(&self.index))
    }
}

impl<W> PartialOrd for FrontierNode<W> {
    fn partial_cmp(&self, other: &FrontierNode<W>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<W> PartialEq for FrontierNode<W> {
    fn eq(&self, other: &FrontierNode<W>) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<W> Eq for FrontierNode<W> {}
