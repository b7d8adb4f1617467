//! From the rows of a tree to its nodes.

use super::binned_layout::{are_together, lane, BinnedBlock, LANES};
use super::counts::{float, Counts, TrainingSample};
use super::criterion::Impurity;
use super::histogram::{fill, BinPrefixSums, NodeHistogram, WIDTH};
use super::options::Splitter;
use super::random_cut::BinRanges;
use super::rng::{FeatureSampler, SplitRng};
use super::splitting::{SplitCandidate, SplitSearch};
use super::training::ForestTraining;
use crate::binning::MISSING_BIN;
use crate::{Leaves, Tree, TreeNode};

/// A grown tree with statistics that are known only during growth.
#[derive(Clone, Debug, PartialEq)]
pub struct GrownTree {
    /// The tree. Its cuts are those of the binning; an index one past the last stands for a cut above all numbers, by which
    /// missing values are parted from them.
    pub tree: Tree,
    /// Training rows of each node, a row sampled twice counted once: what `min_samples_split` counts.
    pub rows: Vec<u32>,
    /// Decrease of impurity by feature, times the weight of the rows, as shares of their sum; all 0 without a split.
    pub importances: Vec<f64>,
}

/// What a thread uses again for one tree after another.
pub(super) struct GrowerWorkspace<R: TrainingSample> {
    /// How often each row was sampled.
    pub times: Vec<u32>,
    /// The rows of all nodes, those of a node together: of nodes of even depth in the first, of odd depth in the second.
    pub rows: [Vec<R>; 2],
    urn: FeatureSampler,
    sampled: Vec<u16>,
    histograms: [NodeHistogram<R>; WIDTH],
    profile: BinPrefixSums<R>,
    pending: Vec<PendingNode>,
    nodes: Vec<TreeNode>,
    node_rows: Vec<u32>,
    leaves: Vec<Counts>,
}

impl<R: TrainingSample> GrowerWorkspace<R> {
    pub(super) fn new(features: usize) -> GrowerWorkspace<R> {
        GrowerWorkspace {
            times: Vec::new(),
            rows: [Vec::new(), Vec::new()],
            urn: FeatureSampler::new(features),
            sampled: Vec::with_capacity(features),
            histograms: std::array::from_fn(|_| NodeHistogram::new()),
            profile: BinPrefixSums::new(),
            pending: Vec::new(),
            nodes: Vec::new(),
            node_rows: Vec::new(),
            leaves: Vec::new(),
        }
    }
}

/// A node that is split if it can be.
#[derive(Clone, Copy)]
struct PendingNode {
    node: usize,
    /// Where its rows begin; there are `counts.rows` of them.
    start: usize,
    depth: usize,
    counts: Counts,
    stream: SplitRng,
    /// A bit for each of the first 64 features that is known not to vary here.
    constant: u64,
}

/// A tree while it grows, depth first, so that the rows of a node are still in the cache when it is their turn.
pub(super) struct TreeGrowth<'a, R: TrainingSample, I> {
    training: &'a ForestTraining<'a>,
    rule: SplitSearch<'a, I>,
    workspace: &'a mut GrowerWorkspace<R>,
    decreases: Vec<f64>,
}

impl<'a, R: TrainingSample, I: Impurity> TreeGrowth<'a, R, I> {
    /// A tree on the rows of even depth in `workspace`.
    pub(super) fn new(
        training: &'a ForestTraining<'a>,
        rule: SplitSearch<'a, I>,
        workspace: &'a mut GrowerWorkspace<R>,
    ) -> TreeGrowth<'a, R, I> {
        workspace.nodes.clear();
        workspace.node_rows.clear();
        workspace.leaves.clear();
        TreeGrowth { training, rule, workspace, decreases: vec![0.0; training.binned.features()] }
    }

    /// Grows the tree whose root draws from `stream`.
    pub(super) fn grow(mut self, stream: SplitRng) -> GrownTree {
        let counts = R::counts(self.workspace.rows[0].iter().fold(R::Sum::default(), |sum, row| sum + row.sum()));
        self.push(counts);
        self.workspace.pending.push(PendingNode { node: 0, start: 0, depth: 0, counts, stream, constant: 0 });
        while let Some(pending) = self.workspace.pending.pop() {
            match self.may_split(pending.depth, pending.counts) {
                true => self.divide(pending),
                false => self.close(&pending),
            }
        }
        self.finish()
    }

    /// Makes a node, for now a leaf.
    fn push(&mut self, counts: Counts) {
        self.workspace.nodes.push(TreeNode::Leaf(0));
        self.workspace.node_rows.push(counts.rows);
    }

    fn may_split(&self, depth: usize, counts: Counts) -> bool {
        let params = &self.training.params;
        let rows = counts.rows as usize;
        params.max_depth().is_none_or(|most| depth < most)
            && rows >= params.min_samples_split()
            && rows / 2 >= params.min_samples_leaf()
            && !counts.is_pure()
    }

    fn close(&mut self, leaf: &PendingNode) {
        self.workspace.nodes[leaf.node] = TreeNode::Leaf(self.workspace.leaves.len() as u32);
        self.workspace.leaves.push(leaf.counts);
    }

    fn divide(&mut self, mut parent: PendingNode) {
        let streams = parent.stream.children();
        let Some(split) = self.best_split(&mut parent) else {
            return self.close(&parent);
        };
        let cut = self.cut(&split);
        let counts = [split.left, parent.counts - split.left];
        let missing_left = split.missing_left.unwrap_or(counts[0].weight > counts[1].weight);
        let left = self.workspace.nodes.len();
        self.workspace.nodes[parent.node] =
            TreeNode::split(usize::from(split.feature), u16::from(cut), missing_left, left);
        self.decreases[usize::from(split.feature)] += self.rule.impurity.decrease(split.score, parent.counts);
        let starts = [parent.start, parent.start + counts[0].rows as usize];
        let child = |side: usize| PendingNode {
            node: left + side,
            start: starts[side],
            depth: parent.depth + 1,
            counts: counts[side],
            stream: streams[side],
            constant: parent.constant,
        };
        counts.into_iter().for_each(|counts| self.push(counts));
        if counts.into_iter().any(|counts| self.may_split(parent.depth + 1, counts)) {
            self.part(&parent, &split, cut);
        }
        // The left child comes off the stack first, so that nodes and leaves are in the order of `Trees`.
        self.workspace.pending.extend([child(1), child(0)]);
    }

    /// The best split by the features sampled; more are sampled until one of them varies.
    fn best_split(&mut self, parent: &mut PendingNode) -> Option<SplitCandidate> {
        let mut best = None;
        let mut varies = self.try_features(parent, self.training.max_features, &mut best);
        while !varies && self.workspace.urn.left() > 0 {
            varies = self.try_features(parent, 1, &mut best);
        }
        self.workspace.urn.refill();
        best
    }

    /// Draws `number` features and puts the best split by them into `best` if it is better. Whether one of them varies.
    fn try_features(&mut self, parent: &mut PendingNode, number: usize, best: &mut Option<SplitCandidate>) -> bool {
        let GrowerWorkspace { rows, urn, sampled, histograms, profile, .. } = &mut *self.workspace;
        let rows = &rows[parent.depth % 2][parent.start..][..parent.counts.rows as usize];
        sampled.clear();
        for _ in 0..number {
            let feature = urn.draw(&mut parent.stream);
            sampled.extend(feature.filter(|&feature| parent.constant & bit(feature) == 0));
        }
        let mut varies = false;
        let of_blocks = sampled.chunk_by(|&one, &next| are_together(one, next));
        if self.training.params.splitter() == Splitter::Random {
            for sampled in of_blocks {
                let block = self.training.blocks.of(sampled[0]);
                let ranges = BinRanges::of(rows, block);
                for &feature in sampled {
                    match ranges.varies(feature) {
                        true => varies = true,
                        false => parent.constant |= bit(feature),
                    }
                }
                let node = (parent.counts, self.training.binning);
                self.rule.improve_at_random(best, sampled, (rows, block, &ranges), node, &mut parent.stream);
            }
            return varies;
        }
        for sampled in of_blocks.flat_map(|same| same.chunks(WIDTH)) {
            fill(histograms, rows, self.training.blocks.of(sampled[0]), sampled);
            for (&feature, histogram) in sampled.iter().zip(&mut *histograms) {
                histogram.drain(rows.len(), profile);
                if profile.bins().len() < 2 {
                    parent.constant |= bit(feature);
                } else {
                    varies = true;
                    self.rule.improve(best, feature, profile, parent.counts);
                }
            }
        }
        varies
    }

    /// The cut nearest to the middle between the bins on both sides.
    fn cut(&self, split: &SplitCandidate) -> u8 {
        let cuts = self.training.binning.cuts(usize::from(split.feature));
        if split.high == MISSING_BIN {
            // At most 254 cuts.
            return cuts.len() as u8;
        }
        let (first, last) = (usize::from(split.low), usize::from(split.high) - 1);
        let middle = cuts[first] / 2.0 + cuts[last] / 2.0;
        let above = first + cuts[first..last].partition_point(|&cut| cut < middle);
        let below = above.saturating_sub(1).max(first);
        let nearest = if middle - cuts[below] < cuts[above] - middle { below } else { above };
        nearest as u8
    }

    /// Hands the rows on to the children's depth.
    fn part(&mut self, parent: &PendingNode, split: &SplitCandidate, cut: u8) {
        let block = self.training.blocks.of(split.feature);
        let lane = lane(split.feature);
        let [even, odd] = &mut self.workspace.rows;
        let (from, to) = if parent.depth.is_multiple_of(2) { (even, odd) } else { (odd, even) };
        let range = parent.start..parent.start + parent.counts.rows as usize;
        let (from, to) = (&from[range.clone()], &mut to[range]);
        if split.missing_left == Some(true) {
            // One more turns the bin of missing values, the last, into the first.
            part(from, to, block, |record| record[lane % LANES].wrapping_add(1) <= cut + 1);
        } else {
            part(from, to, block, |record| record[lane % LANES] <= cut);
        }
    }

    fn finish(self) -> GrownTree {
        let TreeGrowth {
            training,
            workspace: GrowerWorkspace { nodes, node_rows, leaves, .. },
            decreases: mut importances,
            ..
        } = self;
        let total: f64 = importances.iter().sum();
        if total > 0.0 {
            importances.iter_mut().for_each(|importance| *importance /= total);
        }
        let leaves = match training.weights {
            // Fewer than 2^32 rows are sampled.
            None => Leaves::Frequencies(
                leaves.iter().map(|leaf| [leaf.negatives() as u32, leaf.positives as u32]).collect(),
            ),
            Some(_) => {
                Leaves::Values(leaves.iter().map(|leaf| (share(training.class_weights, leaf), leaf.rows)).collect())
            }
        };
        GrownTree { tree: Tree { nodes: nodes.clone(), leaves }, rows: node_rows.clone(), importances }
    }
}

/// The bit of one of the first 64 features.
fn bit(feature: u16) -> u64 {
    1u64.checked_shl(u32::from(feature)).unwrap_or(0)
}

/// The share of positives, each class weighted.
fn share(class_weights: [f64; 2], counts: &Counts) -> f64 {
    let positives = class_weights[1] * float(counts.positives);
    positives / (class_weights[0] * float(counts.negatives()) + positives)
}

/// Writes the rows that go left to the front of `to`, in their order, the others to the back, in reverse.
#[inline(never)]
fn part<R: TrainingSample>(from: &[R], to: &mut [R], block: BinnedBlock, goes_left: impl Fn(&[u8; LANES]) -> bool) {
    let mut left = 0;
    let mut behind = from.len();
    for &row in from {
        behind -= 1;
        let goes_left = goes_left(&block[row.index()]);
        // Without a branch, which would often be mispredicted.
        to[if goes_left { left } else { left + behind }] = row;
        left += usize::from(goes_left);
    }
}
