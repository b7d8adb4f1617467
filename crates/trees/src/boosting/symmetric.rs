//! One symmetric (oblivious) tree, grown level by level: all nodes of a level ask one question (Kohavi 1994), the one whose
//! gains in all of them add up to most (CatBoost: Prokhorenkova et al. 2018).

use rayon::prelude::*;

use super::grower::{Grower, Grown, Rows};
use super::histogram::{add_rows, subtract, Histogram, Word, ENTRIES};
use super::oblivious_split::{best_shared_cut, SharedCut};
use crate::Node as Question;

/// Grows a symmetric tree on `rows`; the grower's number of leaves does not matter.
///
/// A node that the question of its level may not split, for its limits or because all its rows go one way, is asked the
/// question of the next level in its stead. So no leaf is empty.
pub fn grow<W: Word>(grower: &Grower<W>, rows: Rows) -> Grown {
    let mut tree = Growing::new(grower, rows);
    for depth in 1..=grower.max_depth {
        let Some(split) = tree.best_split() else { break };
        tree.split(split, depth == grower.max_depth);
    }
    tree.finish()
}

/// A node of the level that is grown.
struct Node<W> {
    /// Index among the tree's nodes.
    index: usize,
    /// Where its histograms stand in each [`Share`].
    slot: usize,
    rows: Rows,
    total: W,
    pending: Option<Pending<W>>,
}

/// What to sum a node's histograms from.
struct Pending<W> {
    /// Those of the rows that the tree is grown on.
    words: Vec<W>,
    /// Where the parent's histograms stand, which become the sibling's.
    parent: Option<usize>,
}

/// Histograms of some features that stand side by side.
struct Share<W> {
    /// Position of the first among the grower's features.
    first: usize,
    features: usize,
    /// Slot by slot.
    histograms: Vec<Histogram<W>>,
}

#[derive(Clone, Copy)]
struct Split {
    /// Position among the grower's features.
    position: usize,
    cut: SharedCut,
}

/// The two parts of a node.
struct Parts<W> {
    rows: [Rows; 2],
    totals: [W; 2],
    /// Index of the part of fewer rows, the first of equals.
    smaller: usize,
    /// The smaller part's.
    words: Vec<W>,
}

/// A tree and its last level.
struct Growing<'a, W> {
    grower: &'a Grower<'a, W>,
    shares: Vec<Share<W>>,
    slots: usize,
    level: Vec<Node<W>>,
    nodes: Vec<Question>,
    gains: Vec<(usize, f64)>,
}

impl<'a, W: Word> Growing<'a, W> {
    fn new(grower: &'a Grower<W>, rows: Rows) -> Growing<'a, W> {
        let words = grower.words_of(&rows.drawn);
        let total = sum(&words);
        let features = grower.features.len();
        let width = features.div_ceil(rayon::current_num_threads()).max(1);
        let share = |first| Share { first, features: width.min(features - first), histograms: Vec::new() };
        Growing {
            grower,
            shares: (0..features).step_by(width).map(share).collect(),
            slots: 1,
            level: vec![Node { index: 0, slot: 0, rows, total, pending: Some(Pending { words, parent: None }) }],
            nodes: vec![Question::Leaf(0)],
            gains: Vec::new(),
        }
    }

    /// Whether the level is worth the attention of several threads.
    fn is_shared(&self) -> bool {
        let rows: usize = self.level.iter().map(|node| node.rows.drawn.len()).sum();
        self.grower.is_shared(rows + self.level.len() * ENTRIES)
    }

    /// Sums what histograms are missing, and finds the question that the level is to ask.
    fn best_split(&mut self) -> Option<Split> {
        let (grower, level, slots) = (self.grower, &self.level, self.slots);
        let job = |share: &mut Share<W>| {
            share.sum_pending(grower, level, slots);
            share.best_split(grower, level)
        };
        let split = if self.is_shared() {
            self.shares.par_iter_mut().map(job).reduce(|| None, better)
        } else {
            self.shares.iter_mut().map(job).fold(None, better)
        };
        self.level.iter_mut().for_each(|node| node.pending = None);
        split
    }

    /// Splits the nodes of the level; of the last, the children's histograms are not needed.
    fn split(&mut self, split: Split, is_last: bool) {
        let grower = self.grower;
        self.gains.push((grower.features[split.position], split.cut.gain));
        let is_shared = self.is_shared();
        let level = std::mem::take(&mut self.level);
        let part = |node| part(grower, node, &split);
        let parts: Vec<Option<Parts<W>>> =
            if is_shared { level.par_iter().map(part).collect() } else { level.iter().map(part).collect() };
        for (node, parts) in level.into_iter().zip(parts) {
            match parts {
                None => self.level.push(node),
                Some(parts) => self.place(&node, parts, &split, is_last),
            }
        }
    }

    /// Puts two children in the place of a node.
    fn place(&mut self, node: &Node<W>, parts: Parts<W>, split: &Split, is_last: bool) {
        let left = self.nodes.len();
        let feature = self.grower.features[split.position];
        self.nodes[node.index] = Question::split(feature, u16::from(split.cut.cut), split.cut.missing_left, left);
        self.nodes.extend([Question::Leaf(0); 2]);
        let [left_rows, right_rows] = parts.rows;
        let child =
            |side, rows| Node { index: left + side, slot: node.slot, rows, total: parts.totals[side], pending: None };
        let mut children = [child(0, left_rows), child(1, right_rows)];
        if !is_last && self.grower.has_rows_to_split(parts.totals[1 - parts.smaller]) {
            // The larger child's histograms will be what is left of the parent's.
            let smaller = &mut children[parts.smaller];
            smaller.pending = Some(Pending { words: parts.words, parent: Some(node.slot) });
            smaller.slot = self.slots;
            self.slots += 1;
        }
        self.level.extend(children);
    }

    /// Numbers the leaves in the order of the nodes.
    fn finish(mut self) -> Grown {
        self.level.sort_unstable_by_key(|node| node.index);
        for (leaf, node) in self.level.iter().enumerate() {
            self.nodes[node.index] = Question::Leaf(leaf as u32);
        }
        let leaves = self.level.into_iter().map(|node| node.rows).collect();
        Grown { nodes: self.nodes, leaves, gains: self.gains }
    }
}

impl<W: Word> Share<W> {
    /// Gives the nodes that wait for them histograms, and takes these from their parents', which leaves their siblings'.
    fn sum_pending(&mut self, grower: &Grower<W>, level: &[Node<W>], slots: usize) {
        let columns = grower.columns_at(self.first, self.features);
        self.histograms.resize(slots * self.features, [W::ZERO; ENTRIES]);
        for node in level {
            let Some(Pending { words, parent }) = &node.pending else { continue };
            let (before, from_own) = self.histograms.split_at_mut(node.slot * self.features);
            let own = &mut from_own[..self.features];
            add_rows(own, columns, &node.rows.drawn, words);
            if let Some(parent) = parent {
                before[parent * self.features..].iter_mut().zip(own).for_each(|(parent, own)| subtract(parent, own));
            }
        }
    }

    fn best_split(&self, grower: &Grower<W>, level: &[Node<W>]) -> Option<Split> {
        let splits = (0..self.features).map(|feature| {
            let position = self.first + feature;
            let histogram = |node: &Node<W>| &self.histograms[node.slot * self.features + feature];
            let open = level.iter().filter(|node| grower.has_rows_to_split(node.total));
            let nodes: Vec<(&Histogram<W>, W)> = open.map(|node| (histogram(node), node.total)).collect();
            let cut = best_shared_cut(&nodes, grower.bins[grower.features[position]], &grower.limits)?;
            Some(Split { position, cut })
        });
        splits.fold(None, better)
    }
}

/// Parts a node's rows; `None` if that is not allowed.
fn part<W: Word>(grower: &Grower<W>, node: &Node<W>, split: &Split) -> Option<Parts<W>> {
    if !grower.has_rows_to_split(node.total) {
        return None;
    }
    let rows = grower.partition(&node.rows, split.position, split.cut.cut, split.cut.missing_left);
    let smaller = usize::from(rows[1].drawn.len() < rows[0].drawn.len());
    let words = grower.words_of(&rows[smaller].drawn);
    let mut totals = [sum(&words); 2];
    totals[1 - smaller] = node.total.minus(totals[smaller]);
    grower.limits.allow(totals[0], totals[1]).then_some(Parts { rows, totals, smaller, words })
}

fn sum<W: Word>(words: &[W]) -> W {
    words.iter().fold(W::ZERO, |sum, &word| sum.plus(word))
}

/// The split of the greater gain, the first of equals.
fn better(first: Option<Split>, second: Option<Split>) -> Option<Split> {
    match (&first, &second) {
        (Some(a), Some(b)) if b.cut.gain > a.cut.gain => second,
        _ => first.or(second),
    }
}
