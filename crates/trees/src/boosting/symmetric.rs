//! One symmetric (oblivious) tree, grown level by level: all nodes of a level have one condition (Kohavi 1994), the one whose
//! gains in all of them add up to most (CatBoost: Prokhorenkova et al. 2018).

use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;

use fearless_simd::{dispatch, Level};
use rayon::prelude::*;

use super::grower::{BoostGrower, ColumnSplit, BLOCK_ROWS};
use super::histogram::{add_rows, subtract, BinSums, PackedWord, ENTRIES};
use super::oblivious_split::{best_shared_cut, ObliviousSplit};
use super::structure::{GrownStructure, LeafOfRows};
use crate::binning::MISSING_BIN;
use crate::TreeNode;

/// Grows a symmetric tree on the sampled `rows`, and notes the leaf of all rows; the grower's number of leaves does not matter.
///
/// A node that cannot use the condition of its level, for its limits or because all its rows go one way, uses that of the next
/// level. So no leaf is empty.
///
/// Rows are parted by node only for the histograms of the next level: at the end, the answers of a row to the conditions of all
/// levels, one bit each, are the index into a table of leaves.
pub(super) fn grow<W: PackedWord>(grower: &BoostGrower<W>, rows: &[u32], leaf_of: &LeafOfRows) -> GrownStructure {
    let mut tree = LevelWiseGrowth::new(grower, rows.to_vec());
    for depth in 1..=grower.max_depth {
        let Some(split) = tree.best_split() else { break };
        tree.split(split, depth == grower.max_depth);
    }
    tree.finish(leaf_of)
}

/// A node of the level that is grown.
struct LevelNode<W> {
    /// Index among the tree's nodes.
    index: usize,
    /// Where its histograms stand in each [`HistogramBlock`].
    slot: usize,
    /// Where its rows stand among those of the level, which are in the order of the nodes.
    rows: Range<usize>,
    total: W,
    pending: Option<HistogramSource<W>>,
}

/// What to sum a node's histograms from.
struct HistogramSource<W> {
    /// Those of the rows that the tree is grown on.
    words: Vec<W>,
    /// Where the parent's histograms stand, which become the sibling's.
    parent: Option<usize>,
}

/// Histograms of some features that stand side by side.
struct HistogramBlock<W> {
    /// Position of the first among the grower's features.
    first: usize,
    features: usize,
    /// Slot by slot.
    histograms: Vec<BinSums<W>>,
}

#[derive(Clone, Copy)]
struct LevelSplit {
    /// Position among the grower's features.
    position: usize,
    cut: ObliviousSplit,
}

/// A tree and its last level.
struct LevelWiseGrowth<'a, W> {
    grower: &'a BoostGrower<'a, W>,
    shares: Vec<HistogramBlock<W>>,
    slots: usize,
    level: Vec<LevelNode<W>>,
    /// The sampled rows, node by node; not kept up after the last level.
    rows: Vec<u32>,
    /// As many, to part rows into.
    spare: Vec<u32>,
    nodes: Vec<TreeNode>,
    gains: Vec<(usize, f64)>,
    /// The conditions of the levels so far.
    conditions: Vec<ColumnSplit<'a>>,
    /// The node of each combination of answers to them: bit by bit, from the lowest, 0 is left.
    node_of_answers: Vec<u32>,
}

impl<'a, W: PackedWord> LevelWiseGrowth<'a, W> {
    fn new(grower: &'a BoostGrower<W>, rows: Vec<u32>) -> LevelWiseGrowth<'a, W> {
        let words = grower.words_of(&rows);
        let total = words.iter().fold(W::ZERO, |sum, &word| sum.plus(word));
        let features = grower.features.len();
        let width = features.div_ceil(rayon::current_num_threads()).max(1);
        let share = |first| HistogramBlock { first, features: width.min(features - first), histograms: Vec::new() };
        LevelWiseGrowth {
            grower,
            shares: (0..features).step_by(width).map(share).collect(),
            slots: 1,
            level: vec![LevelNode {
                index: 0,
                slot: 0,
                rows: 0..rows.len(),
                total,
                pending: Some(HistogramSource { words, parent: None }),
            }],
            spare: vec![0; rows.len()],
            rows,
            nodes: vec![TreeNode::Leaf(0)],
            gains: Vec::new(),
            conditions: Vec::new(),
            node_of_answers: vec![0],
        }
    }

    /// Whether the level is worth the attention of several threads.
    fn is_shared(&self) -> bool {
        let rows: usize = self.level.iter().map(|node| node.rows.len()).sum();
        self.grower.is_shared(rows + self.level.len() * ENTRIES)
    }

    /// Sums what histograms are missing, and finds the condition of the level.
    fn best_split(&mut self) -> Option<LevelSplit> {
        let (grower, level, rows, slots) = (self.grower, &self.level, &self.rows, self.slots);
        let job = |share: &mut HistogramBlock<W>| {
            share.sum_pending(grower, level, rows, slots);
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

    /// Splits the nodes of the level; of the last, the children's rows and histograms are not needed.
    fn split(&mut self, split: LevelSplit, is_last: bool) {
        let grower = self.grower;
        self.gains.push((grower.features[split.position], split.cut.gain));
        let condition = ColumnSplit::new(grower.columns[split.position], split.cut.cut, split.cut.missing_left);
        let is_shared = self.is_shared();
        let level = std::mem::take(&mut self.level);
        let totals: Vec<Option<[W; 2]>> = level.iter().map(|node| self.children_totals(node, &split)).collect();
        let words =
            if is_last { vec![Vec::new(); level.len()] } else { self.part(&level, &totals, condition, is_shared) };
        for ((node, totals), words) in level.into_iter().zip(totals).zip(words) {
            match totals {
                None => self.level.push(node),
                Some(totals) => self.place(node, totals, words, &split, is_last),
            }
        }
        self.note_answers(condition);
    }

    /// Parts the rows of the nodes that are split, and gives the words of the smaller part of each.
    fn part(
        &mut self,
        level: &[LevelNode<W>],
        totals: &[Option<[W; 2]>],
        condition: ColumnSplit,
        is_shared: bool,
    ) -> Vec<Vec<W>> {
        let (grower, rows) = (self.grower, &self.rows);
        let mut rest = &mut self.spare[..];
        let places = level.iter().zip(totals).map(|(node, totals)| {
            let (place, others) = std::mem::take(&mut rest).split_at_mut(node.rows.len());
            rest = others;
            (&rows[node.rows.clone()], place, totals)
        });
        let part = |(rows, place, totals): (&[u32], &mut [u32], &Option<[W; 2]>)| match totals {
            None => {
                place.copy_from_slice(rows);
                Vec::new()
            }
            Some(totals) => {
                condition.divide_into(rows, place);
                let parts = place.split_at(totals[0].count() as usize);
                grower.words_of([parts.0, parts.1][smaller(totals)])
            }
        };
        let words = match is_shared {
            true => places.collect::<Vec<_>>().into_par_iter().map(part).collect(),
            false => places.map(part).collect(),
        };
        std::mem::swap(&mut self.rows, &mut self.spare);
        words
    }

    /// Sums of the children of a node; `None` if it may not be split so.
    fn children_totals(&self, node: &LevelNode<W>, split: &LevelSplit) -> Option<[W; 2]> {
        if !self.grower.has_rows_to_split(node.total) {
            return None;
        }
        let share = self.shares.iter().rfind(|share| share.first <= split.position)?;
        let histogram = &share.histograms[node.slot * share.features + split.position - share.first];
        let missing = if split.cut.missing_left { histogram[usize::from(MISSING_BIN)] } else { W::ZERO };
        let left = histogram[..=usize::from(split.cut.cut)].iter().fold(missing, |sum, &bin| sum.plus(bin));
        let totals = [left, node.total.minus(left)];
        self.grower.limits.allow(totals[0], totals[1]).then_some(totals)
    }

    /// Doubles the table of answers by those to one more condition.
    fn note_answers(&mut self, condition: ColumnSplit<'a>) {
        self.conditions.push(condition);
        let child = |node: u32, side: u32| match self.nodes[node as usize] {
            TreeNode::Split { left, .. } => left + side,
            TreeNode::Leaf(_) => node,
        };
        let table = &self.node_of_answers;
        self.node_of_answers =
            [0, 1].iter().flat_map(|&side| table.iter().map(move |&node| child(node, side))).collect();
    }

    /// Puts two children in the place of a node; `words` are those of the smaller one.
    fn place(&mut self, node: LevelNode<W>, totals: [W; 2], words: Vec<W>, split: &LevelSplit, is_last: bool) {
        let left = self.nodes.len();
        let feature = self.grower.features[split.position];
        self.nodes[node.index] = TreeNode::split(feature, u16::from(split.cut.cut), split.cut.missing_left, left);
        self.nodes.extend([TreeNode::Leaf(0); 2]);
        let middle = node.rows.start + totals[0].count() as usize;
        let rows = [node.rows.start..middle, middle..node.rows.end];
        let mut children = [0, 1].map(|side| LevelNode {
            index: left + side,
            slot: node.slot,
            rows: rows[side].clone(),
            total: totals[side],
            pending: None,
        });
        let smaller = smaller(&totals);
        if !is_last && self.grower.has_rows_to_split(totals[1 - smaller]) {
            // The larger child's histograms will be what is left of the parent's.
            let smaller = &mut children[smaller];
            smaller.pending = Some(HistogramSource { words, parent: Some(node.slot) });
            smaller.slot = self.slots;
            self.slots += 1;
        }
        self.level.extend(children);
    }

    /// Numbers the leaves in the order of the nodes, and notes the leaf of every row.
    fn finish(mut self, leaf_of: &LeafOfRows) -> GrownStructure {
        self.level.sort_unstable_by_key(|node| node.index);
        for (leaf, node) in self.level.iter().enumerate() {
            self.nodes[node.index] = TreeNode::Leaf(leaf as u32);
        }
        let leaf = |&node: &u32| match self.nodes[node as usize] {
            TreeNode::Leaf(leaf) => leaf,
            TreeNode::Split { .. } => unreachable!("a node that is split is not in the table"),
        };
        let leaf_of_answers: Vec<u32> = self.node_of_answers.iter().map(leaf).collect();
        leaf_of.par_chunks(BLOCK_ROWS).enumerate().for_each(|(block, leaves)| {
            let mut answers = [0_u16; BLOCK_ROWS];
            dispatch!(Level::new(), _ => add_answers(&self.conditions, block * BLOCK_ROWS, &mut answers[..leaves.len()]));
            for (leaf, &answers) in leaves.iter().zip(&answers) {
                leaf.store(leaf_of_answers[usize::from(answers)], Relaxed);
            }
        });
        GrownStructure { leaves: self.level.len(), nodes: self.nodes, gains: self.gains }
    }
}

impl<W: PackedWord> HistogramBlock<W> {
    /// Gives the nodes that wait for them histograms, and takes these from their parents', which leaves their siblings'.
    fn sum_pending(&mut self, grower: &BoostGrower<W>, level: &[LevelNode<W>], rows: &[u32], slots: usize) {
        let columns = grower.columns_at(self.first, self.features);
        self.histograms.resize(slots * self.features, [W::ZERO; ENTRIES]);
        for node in level {
            let Some(HistogramSource { words, parent }) = &node.pending else { continue };
            let (before, from_own) = self.histograms.split_at_mut(node.slot * self.features);
            let own = &mut from_own[..self.features];
            add_rows(own, columns, &rows[node.rows.clone()], words);
            if let Some(parent) = parent {
                before[parent * self.features..].iter_mut().zip(own).for_each(|(parent, own)| subtract(parent, own));
            }
        }
    }

    fn best_split(&self, grower: &BoostGrower<W>, level: &[LevelNode<W>]) -> Option<LevelSplit> {
        let splits = (0..self.features).map(|feature| {
            let position = self.first + feature;
            let histogram = |node: &LevelNode<W>| &self.histograms[node.slot * self.features + feature];
            let open = level.iter().filter(|node| grower.has_rows_to_split(node.total));
            let nodes: Vec<(&BinSums<W>, W)> = open.map(|node| (histogram(node), node.total)).collect();
            let cut = best_shared_cut(&nodes, grower.bins[grower.features[position]], &grower.limits)?;
            Some(LevelSplit { position, cut })
        });
        splits.fold(None, better)
    }
}

/// Index of the part of fewer rows, the first of equals.
fn smaller<W: PackedWord>(totals: &[W; 2]) -> usize {
    usize::from(totals[1].count() < totals[0].count())
}

/// Sets the answers of rows to all conditions, from the lowest bit on; the first row has the number `first`.
#[inline(always)]
fn add_answers(conditions: &[ColumnSplit], first: usize, answers: &mut [u16]) {
    for (level, condition) in conditions.iter().enumerate() {
        for (answers, &bin) in answers.iter_mut().zip(&condition.column()[first..]) {
            *answers |= u16::from(!condition.is_left(bin)) << level;
        }
    }
}

/// The split of the greater gain, the first of equals.
fn better(first: Option<LevelSplit>, second: Option<LevelSplit>) -> Option<LevelSplit> {
    match (&first, &second) {
        (Some(a), Some(b)) if b.cut.gain > a.cut.gain => second,
        _ => first.or(second),
    }
}
