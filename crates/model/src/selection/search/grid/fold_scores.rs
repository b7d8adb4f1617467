//! One forest, and the scores of its parts.

use std::ops::Range;

use linfa::ParamGuard;
use rayon::prelude::*;

use super::leaf_assignment::LeafAssignment;
use super::truncation::{values_at_cuts, Truncation};
use super::{FoldScores, Forest, Grid, TestSetScores};
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_metrics::scores;
use hitflop_metrics::split::Folds;
use hitflop_trees::search::{BinnedRecords, Binning, MAX_BINS};
use hitflop_trees::search::{ForestGrower, GrownTree};
use hitflop_trees::THRESHOLD;
use hitflop_trees::{MaxFeatures, RandomForestParams};

/// Trees that are in memory at a time.
const BATCH: usize = 32;

/// Held-out rows that a thread takes at a time.
const BLOCK_ROWS: usize = 256;

/// The rows of a fold, in bins that were cut on the rows outside it.
pub(crate) struct FoldData {
    index: usize,
    binning: Binning,
    train: BinnedRecords,
    train_targets: Vec<bool>,
    held_out: BinnedRecords,
    held_out_targets: Vec<bool>,
}

impl FoldData {
    /// Bins the rows of a fold as a fit on the rows outside it does.
    pub(crate) fn new(dataset: &Dataset, folds: &Folds, index: usize) -> FoldData {
        let split = folds.split(index);
        let (train, held_out) = (dataset.select(&split.train), dataset.select(&split.test));
        let binning = Binning::fit(train.records(), MAX_BINS);
        FoldData {
            index,
            train: binning.transform(train.records()),
            train_targets: train.targets().to_vec(),
            held_out: binning.transform(held_out.records()),
            held_out_targets: held_out.targets().to_vec(),
            binning,
        }
    }

    /// Grows a forest on the rows outside the fold, and scores all its parts on the rows inside.
    pub(crate) fn score(&self, grid: &Grid, forest: Forest, seed: u64) -> Result<FoldScores> {
        let sizes = sorted(&grid.n_estimators);
        let params = widest(grid, forest, seed).check()?;
        let grower = ForestGrower::new(&params, &self.train, &self.binning, &self.train_targets, None)?;
        let mut sums = TruncatedSums::new(self.held_out.rows(), cuts(grid, forest));
        let mut parts = Vec::new();
        let mut grown = 0;
        for &size in &sizes {
            while grown < size {
                let batch = grown..size.min(grown + BATCH);
                sums.add(&grower, batch.clone(), &self.held_out);
                grown = batch.end;
            }
            parts.push(self.scores(&sums, size));
        }
        Ok(self.unit(grid, forest, &sums.cuts, &sizes, &parts))
    }

    /// Accuracy and ROC AUC of the first `size` trees at each cut.
    fn scores(&self, sums: &TruncatedSums, size: usize) -> Vec<(f64, f64)> {
        let score = |cut| {
            let probabilities = sums.probabilities(cut, size);
            let scores = scores::scores(&self.held_out_targets, &probabilities, THRESHOLD);
            (scores.accuracy, scores.roc_auc)
        };
        (0..sums.cuts.len()).into_par_iter().map(score).collect()
    }

    fn unit(
        &self,
        grid: &Grid,
        forest: Forest,
        cuts: &[Truncation],
        sizes: &[usize],
        scores: &[Vec<(f64, f64)>],
    ) -> FoldScores {
        let mut parts = Vec::new();
        for &max_depth in &grid.max_depth {
            for &min_samples_split in &grid.min_samples_split {
                for &n_estimators in &grid.n_estimators {
                    let cut = cut(forest, max_depth, min_samples_split);
                    // `sizes` are all of `grid.n_estimators`, and `cuts` those of every depth and split of the grid.
                    let find = "among those that were scored";
                    let at_size = sizes.iter().position(|&size| size == n_estimators).expect(find);
                    let at_cut = cuts.iter().position(|&other| other == cut).expect(find);
                    let (accuracy, roc_auc) = scores[at_size][at_cut];
                    parts.push(TestSetScores { max_depth, min_samples_split, n_estimators, accuracy, roc_auc });
                }
            }
        }
        FoldScores { bootstrap: forest.bootstrap, min_samples_leaf: forest.min_samples_leaf, fold: self.index, parts }
    }
}

fn sorted(values: &[usize]) -> Vec<usize> {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.dedup();
    values
}

/// The forest that all points of `forest` are parts of.
fn widest(grid: &Grid, forest: Forest, seed: u64) -> RandomForestParams {
    let least_split = grid.min_samples_split.iter().copied().min().unwrap_or(2);
    // Without a limit if one point has none.
    let most_depth =
        grid.max_depth.iter().copied().collect::<Option<Vec<usize>>>().and_then(|depths| depths.into_iter().max());
    let most_trees = grid.n_estimators.iter().copied().max().unwrap_or(1);
    RandomForestParams::new()
        .n_estimators(most_trees)
        .max_features(MaxFeatures::Sqrt)
        .max_depth(most_depth)
        .min_samples_split(least_split)
        .min_samples_leaf(forest.min_samples_leaf)
        .bootstrap(forest.bootstrap)
        .seed(seed)
}

/// The cut of a point. A node of fewer rows than two leaves must have is not split anyway, so that smaller limits are one.
fn cut(forest: Forest, max_depth: Option<usize>, min_samples_split: usize) -> Truncation {
    Truncation { max_depth, min_samples_split: min_samples_split.max(forest.min_samples_leaf.saturating_mul(2)) }
}

/// The cuts of all points, each once.
fn cuts(grid: &Grid, forest: Forest) -> Vec<Truncation> {
    let mut cuts = Vec::new();
    for &max_depth in &grid.max_depth {
        for &min_samples_split in &grid.min_samples_split {
            let cut = cut(forest, max_depth, min_samples_split);
            if !cuts.contains(&cut) {
                cuts.push(cut);
            }
        }
    }
    cuts
}

/// Of each held-out row, the sums of the trees' values at each cut.
struct TruncatedSums {
    cuts: Vec<Truncation>,
    /// Rows × cuts.
    sums: Vec<f64>,
}

impl TruncatedSums {
    fn new(rows: usize, cuts: Vec<Truncation>) -> TruncatedSums {
        TruncatedSums { sums: vec![0.0; rows * cuts.len()], cuts }
    }

    /// Grows trees and adds what they give. Each row's values are added in the order of the trees, as a forest's own
    /// prediction adds them.
    fn add(&mut self, grower: &ForestGrower, trees: Range<usize>, rows: &BinnedRecords) {
        let cuts = &self.cuts;
        let answer = |descent: &mut LeafAssignment, grown: &GrownTree| {
            (descent.leaves(grown, rows), values_at_cuts(grown, cuts))
        };
        let answers: Vec<(Vec<u32>, Vec<f64>)> =
            grower.grow(trees).par_iter().map_init(LeafAssignment::default, answer).collect();
        let blocks = self.sums.par_chunks_mut(BLOCK_ROWS * cuts.len()).enumerate();
        blocks.for_each(|(block, sums)| {
            for (leaves, values) in &answers {
                for (sums, &leaf) in sums.chunks_exact_mut(cuts.len()).zip(&leaves[block * BLOCK_ROWS..]) {
                    let values = &values[leaf as usize * cuts.len()..][..cuts.len()];
                    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                }
            }
        });
    }

    /// What a forest of the first `size` trees, cut so, gives each row.
    fn probabilities(&self, cut: usize, size: usize) -> Vec<f64> {
        self.sums.iter().skip(cut).step_by(self.cuts.len()).map(|sum| sum / size as f64).collect()
    }
}
