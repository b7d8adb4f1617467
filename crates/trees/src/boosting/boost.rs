//! Tree after tree: gradients, a tree on them, its values, the margins.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::gradients::Gradients;
use super::grower::{BoostGrower, BLOCK_ROWS};
use super::histogram::PackedWord;
use super::loss::{baseline, log_loss};
use super::minimal_variance::{self, MinimalVariance};
use super::options::{EarlyStopping, RowSampling, SplitCriterion};
use super::params::GradientBoostingValidParams;
use super::sampling::{draw_features, draw_rows, sampled_rows};
use super::splitting::SplitConstraints;
use super::structure::GrownStructure;
use super::symmetric;
use crate::binning::{BinnedRecords, Binning, MISSING_BIN};
use crate::{Leaves, Result, Tree, Trees};

/// What a boosting is fitted on, checked.
pub(super) struct BoostInput<'a> {
    /// Where features are cut.
    pub binning: &'a Binning,
    /// Bins of all rows, those of validation included.
    pub records: &'a BinnedRecords,
    /// Of all rows: 1 in the positive class, 0 in the negative, or a probability that is to be learned.
    pub truths: &'a [f64],
    /// Weights of all rows, in training and in validation.
    pub weights: &'a [f64],
    /// Rows to train on, ascending; at least one, of a weight above 0 each.
    pub rows: Vec<u32>,
    /// Rows to follow the loss on, ascending; none to follow none.
    pub validation: Vec<u32>,
}

impl BoostInput<'_> {
    /// Whether the rows to train on are all of one class.
    pub(super) fn is_pure(&self) -> bool {
        let is_all = |truth: f64| self.rows.iter().all(|&row| self.truths[row as usize] == truth);
        is_all(0.0) || is_all(1.0)
    }
}

/// The trees of a fit, and what describes them.
pub struct BoostedEnsemble {
    /// All trees up to the best.
    pub trees: Trees,
    /// Log odds before the first tree.
    pub baseline: f64,
    /// Shares of the total gain.
    pub importances: Vec<f64>,
    /// Loss on the validation rows before the first tree and after every one; empty without such rows.
    pub validation_losses: Vec<f64>,
}

/// Fits with words as narrow as rows and weights permit.
pub(super) fn fit(training: &BoostInput, params: &GradientBoostingValidParams) -> Result<BoostedEnsemble> {
    // Entered once, as every parallel loop begun outside the pool would wake it and sleep.
    rayon::scope(|_| match fits_narrow(training, params) {
        true => BoostLoop::<u64>::new(training, params).run(),
        false => BoostLoop::<u128>::new(training, params).run(),
    })
}

/// Whether 64 bits hold every row's share exactly enough: a tree is grown on few enough rows, and weights are near each other.
fn fits_narrow(training: &BoostInput, params: &GradientBoostingValidParams) -> bool {
    const MAX_WEIGHT_RATIO: f64 = 8.0;
    let weights = training.rows.iter().map(|&row| training.weights[row as usize]);
    let (least, most) =
        weights.fold((f64::INFINITY, 0.0_f64), |(least, most), weight| (least.min(weight), most.max(weight)));
    let sampled = match params.sampling() {
        RowSampling::Uniform => sampled_rows(training.rows.len(), params.subsample()),
        RowSampling::MinimalVariance => minimal_variance::most_rows(training.rows.len(), params.subsample()),
    };
    // What sampled rows are multiplied by is bounded by their derivatives, but not by the weights in the place of hessians.
    let is_bounded = params.sampling() == RowSampling::Uniform || params.criterion() == SplitCriterion::Newton;
    sampled <= u64::MAX_ROWS_PER_WORD && most <= MAX_WEIGHT_RATIO * least && is_bounded
}

struct BoostLoop<'a, W> {
    training: &'a BoostInput<'a>,
    params: &'a GradientBoostingValidParams,
    bins: Vec<usize>,
    /// Features that vary.
    features: Vec<usize>,
    baseline: f64,
    /// Log odds of every row by the trees so far.
    margins: Vec<f64>,
    gradients: Gradients<W>,
    /// None if rows are sampled in another way, or all are used.
    minimal_variance: Option<MinimalVariance<'a>>,
    /// The last tree's leaf of every row; atomic, as leaves are written by several threads, each row once.
    leaf_of: Vec<AtomicU32>,
    trees: Vec<Tree>,
    /// Gain by feature, tree by tree.
    gains: Vec<Vec<(usize, f64)>>,
    losses: Vec<f64>,
}

impl<'a, W: PackedWord> BoostLoop<'a, W> {
    fn new(training: &'a BoostInput, params: &'a GradientBoostingValidParams) -> BoostLoop<'a, W> {
        let rows = training.records.rows();
        let mut of_class = [0.0; 2];
        for &row in &training.rows {
            let (truth, weight) = (training.truths[row as usize], training.weights[row as usize]);
            of_class = [of_class[0] + (1.0 - truth) * weight, of_class[1] + truth * weight];
        }
        let baseline = baseline(of_class[0], of_class[1]);
        let bins: Vec<usize> = (0..training.records.features()).map(|feature| training.binning.bins(feature)).collect();
        let varies = |&feature: &usize| bins[feature] > 1 || training.records.column(feature).contains(&MISSING_BIN);
        BoostLoop {
            training,
            params,
            features: (0..bins.len()).filter(varies).collect(),
            bins,
            baseline,
            margins: vec![baseline; rows],
            gradients: Gradients::new(&training.rows, training.weights, training.truths, params.criterion()),
            minimal_variance: MinimalVariance::of(params, &training.rows),
            leaf_of: (0..rows).map(|_| AtomicU32::new(0)).collect(),
            trees: Vec::new(),
            gains: Vec::new(),
            losses: Vec::new(),
        }
    }

    fn run(mut self) -> Result<BoostedEnsemble> {
        self.follow();
        let n_estimators = if self.training.is_pure() { 0 } else { self.params.n_estimators() };
        for tree in 0..n_estimators {
            self.add_tree(tree as u64);
            self.follow();
            if self.is_over() {
                break;
            }
        }
        self.finish()
    }

    /// Draws the rows to grow a tree on, and packs their derivatives.
    fn draw(&mut self, tree: u64) -> Vec<u32> {
        let (training, params, gradients) = (self.training, self.params, &mut self.gradients);
        if let Some(sampler) = &mut self.minimal_variance {
            gradients.derive(&self.margins);
            let sample = sampler.draw(gradients.of_rows(), tree);
            gradients.pack_sampled(&sample);
            return sample.iter().flat_map(|block| block.rows.iter().map(|&(row, _)| row)).collect();
        }
        let draw = || match params.subsample() {
            1.0 => training.rows.clone(),
            share => draw_rows(&training.rows, share, params.seed(), tree),
        };
        let derive = || {
            let sums = gradients.derive(&self.margins);
            gradients.pack(sums, sampled_rows(training.rows.len(), params.subsample()));
        };
        rayon::join(draw, derive).0
    }

    /// Grows a tree, gives its leaves values, and adds them to the margins.
    fn add_tree(&mut self, index: u64) {
        let (training, params) = (self.training, self.params);
        let rows = self.draw(index);
        let features = match params.colsample_bytree() {
            1.0 => self.features.clone(),
            share => draw_features(&self.features, share, params.seed(), index),
        };
        let grower = BoostGrower {
            bins: &self.bins,
            features: &features,
            columns: features.iter().map(|&feature| training.records.column(feature)).collect(),
            words: self.gradients.words(),
            limits: self.limits(),
            max_depth: params.max_depth().unwrap_or(usize::MAX),
            max_leaves: params.num_leaves().unwrap_or(usize::MAX),
        };
        let grown = if params.symmetric() {
            symmetric::grow(&grower, &rows, &self.leaf_of)
        } else {
            grower.grow(&rows, &self.leaf_of)
        };
        // Derivatives of the rows that were not drawn are known, and make the values of the leaves more exact.
        self.add_values(grown, if self.minimal_variance.is_some() { &training.rows } else { &rows });
    }

    fn limits(&self) -> SplitConstraints {
        SplitConstraints {
            min_rows: u32::try_from(self.params.min_samples_leaf()).unwrap_or(u32::MAX),
            min_hessian: self.params.min_child_weight() * self.gradients.scales().1,
            l2: self.params.l2_regularization() * self.gradients.scales().1,
        }
    }

    /// Gives the leaves of a tree values by these rows, and adds them to the margins.
    fn add_values(&mut self, grown: GrownStructure, rows: &[u32]) {
        let leaves = self.leaf_values(grown.leaves, rows);
        self.margins
            .par_iter_mut()
            .with_min_len(BLOCK_ROWS)
            .zip(&self.leaf_of)
            .for_each(|(margin, leaf)| *margin += leaves[leaf.load(Relaxed) as usize].0);
        self.trees.push(Tree { nodes: grown.nodes, leaves: Leaves::Values(leaves) });
        let (gradient, hessian) = self.gradients.scales();
        let scale = hessian / (gradient * gradient);
        self.gains.push(grown.gains.into_iter().map(|(feature, gain)| (feature, gain * scale)).collect());
    }

    /// Newton steps of the leaves, from the derivatives as they are, not as they were rounded; and numbers of rows.
    fn leaf_values(&self, leaves: usize, rows: &[u32]) -> Vec<(f64, u32)> {
        let mut sums = vec![(0.0, 0.0, 0); leaves];
        let derivatives = self.gradients.of_rows();
        for &row in rows {
            let (gradient, hessian) = derivatives[row as usize];
            let sum = &mut sums[self.leaf_of[row as usize].load(Relaxed) as usize];
            *sum = (sum.0 + gradient, sum.1 + hessian, sum.2 + 1);
        }
        let (rate, l2) = (self.params.learning_rate(), self.params.l2_regularization());
        sums.into_iter().map(|(gradient, hessian, rows)| (-rate * gradient / (hessian + l2), rows)).collect()
    }

    /// Notes the loss on the validation rows.
    fn follow(&mut self) {
        let validation = &self.training.validation;
        if validation.is_empty() {
            return;
        }
        let (mut loss, mut weights) = (0.0, 0.0);
        for &row in validation {
            let row = row as usize;
            loss += self.training.weights[row] * log_loss(self.margins[row], self.training.truths[row] > 0.5);
            weights += self.training.weights[row];
        }
        self.losses.push(loss / weights);
    }

    fn is_over(&self) -> bool {
        let Some(EarlyStopping { rounds, .. }) = self.params.early_stopping() else { return false };
        !self.losses.is_empty() && self.losses.len() > self.best().saturating_add(rounds)
    }

    /// Number of trees with the least loss.
    fn best(&self) -> usize {
        let least = |best: usize, at: usize| if self.losses[at] < self.losses[best] { at } else { best };
        (1..self.losses.len()).fold(0, least)
    }

    fn finish(mut self) -> Result<BoostedEnsemble> {
        if self.params.early_stopping().is_some() && !self.losses.is_empty() {
            let best = self.best();
            self.trees.truncate(best);
            self.gains.truncate(best);
        }
        let mut importances = vec![0.0; self.bins.len()];
        for &(feature, gain) in self.gains.iter().flatten() {
            importances[feature] += gain;
        }
        let total: f64 = importances.iter().sum();
        if total > 0.0 {
            importances.iter_mut().for_each(|gain| *gain /= total);
        }
        let trees = Trees::from_binned(self.training.binning.clone(), [1.0, 1.0], self.trees)?;
        Ok(BoostedEnsemble { trees, baseline: self.baseline, importances, validation_losses: self.losses })
    }
}
