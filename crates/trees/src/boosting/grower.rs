//! What a tree is grown from, and one tree grown best first: the leaf whose split gains most is split next (Shi 2007; LightGBM's "leaf-wise").

use std::sync::atomic::Ordering::Relaxed;

use rayon::prelude::*;

use super::frontier::{FrontierContent, FrontierNode, LeafWiseGrowth, OpenNode, PositionedSplit};
use super::histogram::{add_rows, subtract, BinSums, PackedWord, ENTRIES};
use super::splitting::{best_cut, SplitConstraints};
use super::structure::{GrownStructure, LeafOfRows, NodeRows};
use crate::TreeNode;

/// Row-features in a histogram from which on threads share the features.
const SHARED_WORK: usize = 1 << 15;

/// Rows that a thread takes at a time.
pub(super) const BLOCK_ROWS: usize = 2048;

/// Features that a thread takes at a time.
const FEATURES_AT_A_TIME: usize = 4;

/// What a tree is grown from.
pub(super) struct BoostGrower<'a, W> {
    /// Number of bins of numbers of every feature.
    pub bins: &'a [usize],
    /// Features that may be split on, ascending.
    pub features: &'a [usize],
    /// Bins of all rows, for each of these.
    pub columns: Vec<&'a [u8]>,
    /// Gradient and hessian of all rows.
    pub words: &'a [W],
    /// What a split must keep to.
    pub limits: SplitConstraints,
    /// Most splits between the root and a leaf.
    pub max_depth: usize,
    /// Most leaves.
    pub max_leaves: usize,
}

impl<W: PackedWord> BoostGrower<'_, W> {
    /// Grows a tree on the `sampled` rows, and notes the leaf of all rows.
    ///
    /// Leaves are split one at a time, in the order of their gains. But what the children of a leaf are does not depend on that
    /// order; so those of several leaves that stand next in line are found in parallel before they are needed.
    pub(super) fn grow(&self, sampled: &[u32], leaf_of: &LeafOfRows) -> GrownStructure {
        let mut tree = LeafWiseGrowth::new();
        tree.place(0, self.root(NodeRows::of_root(sampled, leaf_of.len())));
        loop {
            let leaves = self.split_open(&mut tree);
            let left = self.max_leaves - leaves;
            let ripe = tree.take_ripe(left);
            if ripe.is_empty() {
                let (nodes, leaves, gains) = tree.finish();
                leaves.par_iter().enumerate().for_each(|(leaf, rows)| {
                    let rows = rows.sampled.iter().chain(&rows.others);
                    rows.for_each(|&row| leaf_of[row as usize].store(leaf as u32, Relaxed));
                });
                return GrownStructure { nodes, leaves: leaves.len(), gains };
            }
            // The last split's children are never split.
            let is_last = left == 1;
            let opened: Vec<FrontierNode<W>> = match ripe.len() {
                1 => ripe.into_iter().map(|candidate| self.open(candidate, is_last)).collect(),
                _ => ripe.into_par_iter().with_max_len(1).map(|candidate| self.open(candidate, is_last)).collect(),
            };
            tree.frontier.extend(opened);
        }
    }

    /// Splits while the next in line is open, and returns the number of leaves.
    fn split_open(&self, tree: &mut LeafWiseGrowth<W>) -> usize {
        loop {
            let leaves = tree.gains.len() + 1;
            let is_open = |candidate: &FrontierNode<W>| matches!(candidate.content, FrontierContent::Open(_));
            if leaves == self.max_leaves || !tree.frontier.peek().is_some_and(is_open) {
                return leaves;
            }
            let candidate = tree.frontier.pop().expect("it was seen");
            let FrontierNode {
                index,
                split: PositionedSplit { position, cut },
                content: FrontierContent::Open(children),
            } = candidate
            else {
                unreachable!("it was seen to be open")
            };
            let left = tree.nodes.len();
            let feature = self.features[position];
            tree.nodes[index] = TreeNode::split(feature, u16::from(cut.cut), cut.missing_left, left);
            tree.gains.push((feature, cut.gain));
            tree.nodes.extend([TreeNode::Leaf(0); 2]);
            for (side, child) in children.into_iter().enumerate() {
                tree.place(left + side, child);
            }
        }
    }

    fn root(&self, rows: NodeRows) -> OpenNode<W> {
        let words = self.words_of(&rows.sampled);
        let total = words.iter().fold(W::ZERO, |sum, &word| sum.plus(word));
        let mut node = OpenNode { depth: 0, rows, total, histograms: vec![], split: None };
        if self.can_be_split(&node) {
            node.histograms = self.empty();
            let job = |first: usize, histograms: &mut [BinSums<W>]| {
                add_rows(histograms, self.columns_at(first, histograms.len()), &node.rows.sampled, &words);
                self.best_split(first, histograms, total)
            };
            node.split = if self.is_shared(words.len()) {
                let chunks = node.histograms.par_chunks_mut(FEATURES_AT_A_TIME).enumerate();
                let splits = chunks.map(|(chunk, histograms)| job(chunk * FEATURES_AT_A_TIME, histograms));
                splits.reduce(|| None, better)
            } else {
                job(0, &mut node.histograms)
            };
        }
        node
    }

    fn can_be_split(&self, node: &OpenNode<W>) -> bool {
        node.depth < self.max_depth && self.has_rows_to_split(node.total)
    }

    /// Whether a node of this sum has rows enough for two children.
    pub(super) fn has_rows_to_split(&self, total: W) -> bool {
        total.count() / 2 >= self.limits.min_rows
    }

    fn empty(&self) -> Vec<BinSums<W>> {
        vec![[W::ZERO; ENTRIES]; self.features.len()]
    }

    /// The columns of so many features, the first of them at `first`.
    pub(super) fn columns_at(&self, first: usize, features: usize) -> &[&[u8]] {
        &self.columns[first..first + features]
    }

    /// What these rows enter a histogram with.
    pub(super) fn words_of(&self, rows: &[u32]) -> Vec<W> {
        rows.iter().map(|&row| self.words[row as usize]).collect()
    }

    /// Whether histograms of so many rows are faster on several threads.
    pub(super) fn is_shared(&self, rows: usize) -> bool {
        rows * self.features.len() >= SHARED_WORK
    }

    /// The best split by the features that `histograms` are of, the first of them at `first`.
    fn best_split(&self, first: usize, histograms: &[BinSums<W>], total: W) -> Option<PositionedSplit<W>> {
        let splits = histograms.iter().zip(first..).map(|(histogram, position)| {
            let cut = best_cut(histogram, self.bins[self.features[position]], total, &self.limits)?;
            Some(PositionedSplit { position, cut })
        });
        splits.fold(None, better)
    }

    /// Finds the children of a candidate.
    fn open(&self, candidate: FrontierNode<W>, is_last: bool) -> FrontierNode<W> {
        let FrontierContent::Closed(OpenNode { depth, rows, total, histograms, .. }) = candidate.content else {
            return candidate;
        };
        let split = candidate.split;
        let [left, right] = self.divide(&rows, &split);
        let child = |rows, total| OpenNode { depth: depth + 1, rows, total, histograms: vec![], split: None };
        let left_total = split.cut.left;
        let mut children = [child(left, left_total), child(right, total.minus(left_total))];
        if !is_last && children.iter().any(|child| self.can_be_split(child)) {
            self.evaluate(&mut children, histograms);
        }
        FrontierNode { content: FrontierContent::Open(Box::new(children)), ..candidate }
    }

    /// Gives the children histograms, made of their parent's, and the splits that are best by them.
    fn evaluate(&self, children: &mut [OpenNode<W>; 2], mut of_parent: Vec<BinSums<W>>) {
        let is_left_smaller = children[0].rows.sampled.len() <= children[1].rows.sampled.len();
        let [left, right] = children;
        let (smaller, larger) = if is_left_smaller { (left, right) } else { (right, left) };
        let words = self.words_of(&smaller.rows.sampled);
        let mut of_smaller = self.empty();
        let is_splittable = [self.can_be_split(smaller), self.can_be_split(larger)];
        let job = |first: usize, of_smaller: &mut [BinSums<W>], of_parent: &mut [BinSums<W>]| {
            add_rows(of_smaller, self.columns_at(first, of_smaller.len()), &smaller.rows.sampled, &words);
            for (parent, child) in of_parent.iter_mut().zip(&*of_smaller) {
                subtract(parent, child);
            }
            [
                is_splittable[0].then(|| self.best_split(first, of_smaller, smaller.total)).flatten(),
                is_splittable[1].then(|| self.best_split(first, of_parent, larger.total)).flatten(),
            ]
        };
        let [split_of_smaller, split_of_larger] = if self.is_shared(words.len()) {
            let smaller = of_smaller.par_chunks_mut(FEATURES_AT_A_TIME);
            let pairs = smaller.zip(of_parent.par_chunks_mut(FEATURES_AT_A_TIME)).enumerate();
            let splits = pairs.map(|(chunk, (smaller, parent))| job(chunk * FEATURES_AT_A_TIME, smaller, parent));
            splits.reduce(|| [None, None], |[a, b], [c, d]| [better(a, c), better(b, d)])
        } else {
            job(0, &mut of_smaller, &mut of_parent)
        };
        (smaller.split, smaller.histograms) = (split_of_smaller, of_smaller);
        (larger.split, larger.histograms) = (split_of_larger, of_parent);
    }

    /// Rows that go left and those that go right.
    fn divide(&self, rows: &NodeRows, split: &PositionedSplit<W>) -> [NodeRows; 2] {
        let condition = ColumnSplit::new(self.columns[split.position], split.cut.cut, split.cut.missing_left);
        let (sampled, others) = (|| condition.divide(&rows.sampled), || condition.divide(&rows.others));
        let ([left, right], [others_left, others_right]) = match self.is_shared(rows.sampled.len()) {
            true => rayon::join(sampled, others),
            false => (sampled(), others()),
        };
        [NodeRows { sampled: left, others: others_left }, NodeRows { sampled: right, others: others_right }]
    }
}

/// A cut of a feature's bins, and where missing values go.
#[derive(Clone, Copy)]
pub(super) struct ColumnSplit<'a> {
    column: &'a [u8],
    /// What is added to a bin, with wrap-around: where missing values go left, their bin becomes the first.
    turn: u8,
    /// Numbers of turned bins up to this one go left.
    last_left: u8,
}

impl<'a> ColumnSplit<'a> {
    pub(super) fn new(column: &'a [u8], cut: u8, missing_left: bool) -> ColumnSplit<'a> {
        let turn = u8::from(missing_left);
        ColumnSplit { column, turn, last_left: cut + turn }
    }

    /// Bins of all rows.
    pub(super) fn column(&self) -> &'a [u8] {
        self.column
    }

    #[inline(always)]
    pub(super) fn is_left(&self, bin: u8) -> bool {
        bin.wrapping_add(self.turn) <= self.last_left
    }

    /// Puts rows that go left at the start of `to`, in their order, and those that go right at its end, in the opposite order.
    pub(super) fn divide_into(&self, rows: &[u32], to: &mut [u32]) {
        let (mut left, mut right) = (0, to.len());
        // Both places are written and one is kept, as no branch can foretell which.
        for &row in rows {
            to[left] = row;
            to[right - 1] = row;
            let is_left = self.is_left(self.column[row as usize]);
            left += usize::from(is_left);
            right -= usize::from(!is_left);
        }
    }

    /// Rows that go left and those that go right, in their order.
    fn divide(&self, rows: &[u32]) -> [Vec<u32>; 2] {
        let mut left = vec![0; rows.len()];
        let mut right = vec![0; rows.len()];
        let mut lefts = 0;
        // Both are written and one is kept, as no branch can foretell which.
        for (index, &row) in rows.iter().enumerate() {
            left[lefts] = row;
            right[index - lefts] = row;
            lefts += usize::from(self.is_left(self.column[row as usize]));
        }
        left.truncate(lefts);
        right.truncate(rows.len() - lefts);
        [left, right]
    }
}

/// The split of the greater gain, the first of equals.
fn better<W: PackedWord>(
    first: Option<PositionedSplit<W>>,
    second: Option<PositionedSplit<W>>,
) -> Option<PositionedSplit<W>> {
    match (&first, &second) {
        (Some(a), Some(b)) if b.cut.gain > a.cut.gain => second,
        _ => first.or(second),
    }
}
