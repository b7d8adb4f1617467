//! One tree, grown best first: the leaf whose split gains most is split next (Shi 2007; LightGBM's "leaf-wise").

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::histogram::{add_rows, subtract, Histogram, Word, ENTRIES};
use super::splitting::{best_cut, Cut, Limits};
use crate::learn::tree::binning::{BinnedRecords, MISSING_BIN};
use crate::learn::tree::Node as Question;

/// Row-features in a histogram from which on threads share the features.
const SHARED_WORK: usize = 1 << 15;

/// Features that a thread takes at a time.
const FEATURES_AT_A_TIME: usize = 2;

/// What a tree is grown from.
pub struct Grower<'a, W> {
    /// Bins of all rows.
    pub records: &'a BinnedRecords,
    /// Number of bins of numbers of every feature.
    pub bins: &'a [usize],
    /// Features that may be asked about, ascending.
    pub features: &'a [usize],
    /// Gradient and hessian of all rows.
    pub words: &'a [W],
    /// What a split must keep to.
    pub limits: Limits,
    /// Most splits between the root and a leaf.
    pub max_depth: usize,
    /// Most leaves.
    pub max_leaves: usize,
}

/// A grown tree without values.
pub struct Grown {
    /// Questions and leaves, the root first.
    pub nodes: Vec<Question>,
    /// In the order of their indices.
    pub leaves: Vec<Rows>,
    /// Feature and gain of every split, in the units of the words.
    pub gains: Vec<(usize, f64)>,
}

/// Rows of a node, each ascending.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Those that the tree is grown on.
    pub drawn: Vec<u32>,
    /// Those that only follow the splits, for their margins.
    pub others: Vec<u32>,
}

/// A node that is not split yet.
struct Node<W> {
    depth: usize,
    rows: Rows,
    total: W,
    /// One a feature of the grower's; none if the node cannot be split.
    histograms: Vec<Histogram<W>>,
    split: Option<Split<W>>,
}

#[derive(Clone, Copy)]
struct Split<W> {
    /// Position among the grower's features.
    position: usize,
    cut: Cut<W>,
}

/// A node that can be split.
struct Candidate<W> {
    index: usize,
    split: Split<W>,
    content: Content<W>,
}

enum Content<W> {
    Closed(Node<W>),
    /// Its children are known.
    Open(Box<[Node<W>; 2]>),
}

impl<W: Word> Grower<'_, W> {
    /// Grows a tree on `rows`.
    ///
    /// Leaves are split one at a time, in the order of their gains. But what the children of a leaf are does not depend on that
    /// order; so those of several leaves that stand next in line are found in parallel before they are needed.
    pub fn grow(&self, rows: Rows) -> Grown {
        let mut tree =
            Growing { nodes: vec![Question::Leaf(0)], leaves: vec![], gains: vec![], frontier: BinaryHeap::new() };
        tree.place(0, self.root(rows));
        loop {
            let leaves = self.split_open(&mut tree);
            let left = self.max_leaves - leaves;
            let ripe = tree.take_ripe(left);
            if ripe.is_empty() {
                return tree.finish();
            }
            // The last split's children are never split.
            let is_last = left == 1;
            let opened: Vec<Candidate<W>> = match ripe.len() {
                1 => ripe.into_iter().map(|candidate| self.open(candidate, is_last)).collect(),
                _ => ripe.into_par_iter().with_max_len(1).map(|candidate| self.open(candidate, is_last)).collect(),
            };
            tree.frontier.extend(opened);
        }
    }

    /// Splits while the next in line is open, and returns the number of leaves.
    fn split_open(&self, tree: &mut Growing<W>) -> usize {
        loop {
            let leaves = tree.gains.len() + 1;
            let is_open = |candidate: &Candidate<W>| matches!(candidate.content, Content::Open(_));
            if leaves == self.max_leaves || !tree.frontier.peek().is_some_and(is_open) {
                return leaves;
            }
            let candidate = tree.frontier.pop().expect("it was seen");
            let Candidate { index, split: Split { position, cut }, content: Content::Open(children) } = candidate
            else {
                unreachable!("it was seen to be open")
            };
            let left = tree.nodes.len();
            tree.nodes[index] = Question::Split {
                feature: self.features[position] as u16,
                cut: u16::from(cut.cut),
                missing_left: cut.missing_left,
                left: left as u32,
            };
            tree.gains.push((self.features[position], cut.gain));
            tree.nodes.extend([Question::Leaf(0); 2]);
            for (side, child) in children.into_iter().enumerate() {
                tree.place(left + side, child);
            }
        }
    }

    fn root(&self, rows: Rows) -> Node<W> {
        let total = rows.drawn.iter().fold(W::ZERO, |sum, &row| sum.plus(self.words[row as usize]));
        let mut node = Node { depth: 0, rows, total, histograms: vec![], split: None };
        if self.can_be_split(&node) {
            let words: Vec<W> = node.rows.drawn.iter().map(|&row| self.words[row as usize]).collect();
            node.histograms = self.empty();
            let jobs = node.histograms.chunks_mut(FEATURES_AT_A_TIME).zip(self.features.chunks(FEATURES_AT_A_TIME));
            let cuts = self.for_features(words.len(), jobs.collect(), |(histograms, features)| {
                add_rows(histograms, &self.columns(features), &node.rows.drawn, &words);
                self.cuts(histograms, features, total)
            });
            node.split = best_split(cuts.into_iter().flatten());
        }
        node
    }

    fn can_be_split(&self, node: &Node<W>) -> bool {
        node.depth < self.max_depth && node.total.count() / 2 >= self.limits.min_rows
    }

    fn empty(&self) -> Vec<Histogram<W>> {
        vec![[W::ZERO; ENTRIES]; self.features.len()]
    }

    fn columns(&self, features: &[usize]) -> Vec<&[u8]> {
        features.iter().map(|&feature| self.records.column(feature)).collect()
    }

    fn cuts(&self, histograms: &[Histogram<W>], features: &[usize], total: W) -> Vec<Option<Cut<W>>> {
        let cut = |(histogram, &feature)| best_cut(histogram, self.bins[feature], total, &self.limits);
        histograms.iter().zip(features).map(cut).collect()
    }

    /// Finds the children of a candidate.
    fn open(&self, candidate: Candidate<W>, is_last: bool) -> Candidate<W> {
        let Content::Closed(node) = candidate.content else { return candidate };
        let split = candidate.split;
        let Node { depth, rows, total, histograms, .. } = node;
        let [left, right] = self.partition(&rows, &split);
        let child = |rows, total| Node { depth: depth + 1, rows, total, histograms: vec![], split: None };
        let left_total = split.cut.left;
        let mut children = [child(left, left_total), child(right, total.minus(left_total))];
        if !is_last && children.iter().any(|child| self.can_be_split(child)) {
            self.evaluate(&mut children, histograms);
        }
        Candidate { content: Content::Open(Box::new(children)), ..candidate }
    }

    /// Gives the children histograms, made of their parent's, and the splits that are best by them.
    fn evaluate(&self, children: &mut [Node<W>; 2], mut of_parent: Vec<Histogram<W>>) {
        let is_left_smaller = children[0].rows.drawn.len() <= children[1].rows.drawn.len();
        let [left, right] = children;
        let (smaller, larger) = if is_left_smaller { (left, right) } else { (right, left) };
        let words: Vec<W> = smaller.rows.drawn.iter().map(|&row| self.words[row as usize]).collect();
        let mut of_smaller = self.empty();
        let jobs = of_smaller
            .chunks_mut(FEATURES_AT_A_TIME)
            .zip(of_parent.chunks_mut(FEATURES_AT_A_TIME))
            .zip(self.features.chunks(FEATURES_AT_A_TIME));
        let splittable = [self.can_be_split(smaller), self.can_be_split(larger)];
        let cuts = self.for_features(words.len(), jobs.collect(), |((of_smaller, of_parent), features)| {
            add_rows(of_smaller, &self.columns(features), &smaller.rows.drawn, &words);
            for (parent, child) in of_parent.iter_mut().zip(&*of_smaller) {
                subtract(parent, child);
            }
            let none = || vec![None; features.len()];
            [
                if splittable[0] { self.cuts(of_smaller, features, smaller.total) } else { none() },
                if splittable[1] { self.cuts(of_parent, features, larger.total) } else { none() },
            ]
        });
        let (of_smaller_cuts, of_larger_cuts): (Vec<_>, Vec<_>) = cuts.into_iter().map(|[a, b]| (a, b)).unzip();
        smaller.split = best_split(of_smaller_cuts.into_iter().flatten());
        larger.split = best_split(of_larger_cuts.into_iter().flatten());
        smaller.histograms = of_smaller;
        larger.histograms = of_parent;
    }

    /// Does `job` for all, on several threads if there is much to do; results are in the order of `jobs`.
    fn for_features<J: Send, R: Send>(&self, rows: usize, jobs: Vec<J>, job: impl Fn(J) -> R + Sync + Send) -> Vec<R> {
        if rows * self.features.len() >= SHARED_WORK {
            jobs.into_par_iter().map(job).collect()
        } else {
            jobs.into_iter().map(job).collect()
        }
    }

    fn partition(&self, rows: &Rows, split: &Split<W>) -> [Rows; 2] {
        let column = self.records.column(self.features[split.position]);
        let Cut { cut, missing_left, .. } = split.cut;
        // Indexed by bin, as missing values may go either way.
        let goes_left: [bool; ENTRIES] =
            std::array::from_fn(
                |bin| if bin == usize::from(MISSING_BIN) { missing_left } else { bin <= usize::from(cut) },
            );
        let [left, right] = divide(&rows.drawn, column, &goes_left);
        let [others_left, others_right] = divide(&rows.others, column, &goes_left);
        [Rows { drawn: left, others: others_left }, Rows { drawn: right, others: others_right }]
    }
}

/// Rows that go left and those that go right, in their order.
fn divide(rows: &[u32], column: &[u8], goes_left: &[bool; ENTRIES]) -> [Vec<u32>; 2] {
    let mut left = vec![0; rows.len()];
    let mut right = vec![0; rows.len()];
    let mut lefts = 0;
    // Both are written and one is kept, as no branch can foretell which.
    for (index, &row) in rows.iter().enumerate() {
        left[lefts] = row;
        right[index - lefts] = row;
        lefts += usize::from(goes_left[usize::from(column[row as usize])]);
    }
    left.truncate(lefts);
    right.truncate(rows.len() - lefts);
    [left, right]
}

/// The split of the greatest gain, the first of equals.
fn best_split<W: Word>(cuts: impl Iterator<Item = Option<Cut<W>>>) -> Option<Split<W>> {
    let splits = cuts.enumerate().filter_map(|(position, cut)| cut.map(|cut| Split { position, cut }));
    splits.reduce(|best, split| if split.cut.gain > best.cut.gain { split } else { best })
}

/// A tree and the leaves of it that can be split.
struct Growing<W> {
    nodes: Vec<Question>,
    /// Nodes that stay leaves.
    leaves: Vec<(usize, Rows)>,
    gains: Vec<(usize, f64)>,
    frontier: BinaryHeap<Candidate<W>>,
}

impl<W: Word> Growing<W> {
    fn place(&mut self, index: usize, node: Node<W>) {
        match node.split {
            Some(split) => self.frontier.push(Candidate { index, split, content: Content::Closed(node) }),
            None => self.leaves.push((index, node.rows)),
        }
    }

    /// Of the next in line those that are not open: as many as will almost surely be split, half of what is `left`.
    fn take_ripe(&mut self, left: usize) -> Vec<Candidate<W>> {
        let next = (0..left.div_ceil(2)).map_while(|_| self.frontier.pop());
        let (ripe, open): (Vec<_>, Vec<_>) =
            next.partition(|candidate| matches!(candidate.content, Content::Closed(_)));
        self.frontier.extend(open);
        ripe
    }

    /// Numbers the leaves in the order of the nodes.
    fn finish(mut self) -> Grown {
        self.leaves.extend(self.frontier.into_iter().map(|candidate| match candidate.content {
            Content::Closed(node) => (candidate.index, node.rows),
            Content::Open(children) => (candidate.index, join(*children)),
        }));
        self.leaves.sort_unstable_by_key(|&(index, _)| index);
        for (leaf, &(index, _)) in self.leaves.iter().enumerate() {
            self.nodes[index] = Question::Leaf(leaf as u32);
        }
        let leaves = self.leaves.into_iter().map(|(_, rows)| rows).collect();
        Grown { nodes: self.nodes, leaves, gains: self.gains }
    }
}

/// The rows of a node whose children were found in vain.
fn join<W>([left, right]: [Node<W>; 2]) -> Rows {
    let mut rows = left.rows;
    rows.drawn.extend(right.rows.drawn);
    rows.others.extend(right.rows.others);
    rows.drawn.sort_unstable();
    rows.others.sort_unstable();
    rows
}

/// By gain; of equals the earlier node is the greater.
impl<W> Ord for Candidate<W> {
    fn cmp(&self, other: &Candidate<W>) -> Ordering {
        self.split.cut.gain.total_cmp(&other.split.cut.gain).then(other.index.cmp(&self.index))
    }
}

impl<W> PartialOrd for Candidate<W> {
    fn partial_cmp(&self, other: &Candidate<W>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<W> PartialEq for Candidate<W> {
    fn eq(&self, other: &Candidate<W>) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<W> Eq for Candidate<W> {}
