//! The fitted estimator: trees that predict.

use linfa::traits::PredictInplace;
use ndarray::{Array1, ArrayBase, ArrayView2, Data, Ix2};
use rayon::prelude::*;

use super::boost::BoostedEnsemble;
use super::loss::sigmoid;
use crate::binning::{BinnedRecords, MISSING_BIN};
use crate::{Predictor, Tree, TreeNode, Trees, THRESHOLD};

/// Rows that a thread takes at a time.
const BLOCK_ROWS: usize = 1024;

/// A fitted gradient boosting for two classes.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientBoosting {
    predictor: Predictor,
    baseline: f64,
    importances: Vec<f64>,
    validation_losses: Option<Vec<f64>>,
}

impl From<BoostedEnsemble> for GradientBoosting {
    fn from(fitted: BoostedEnsemble) -> GradientBoosting {
        let validation_losses = Some(fitted.validation_losses).filter(|losses| !losses.is_empty());
        let model = GradientBoosting::from_parts(fitted.trees, fitted.baseline, fitted.importances);
        GradientBoosting { validation_losses, ..model }
    }
}

impl GradientBoosting {
    /// An estimator around trees that were fitted before: what [`GradientBoosting::trees`], [`GradientBoosting::baseline`] and
    /// [`GradientBoosting::importances`] gave.
    pub fn from_parts(trees: Trees, baseline: f64, importances: Vec<f64>) -> GradientBoosting {
        GradientBoosting { predictor: Predictor::new(trees), baseline, importances, validation_losses: None }
    }

    /// Its trees, whose leaves hold log odds, already multiplied by the learning rate, and numbers of training rows.
    pub fn trees(&self) -> &Trees {
        self.predictor.trees()
    }

    /// Log odds of a hit before the first tree: those of the training rows, by weight.
    pub fn baseline(&self) -> f64 {
        self.baseline
    }

    /// Each feature's share of the gain of all splits; they add up to 1, or are all 0 if there is no split.
    pub fn importances(&self) -> &[f64] {
        &self.importances
    }

    /// Log loss (nats a row, by weight) on the validation rows: entry k with the first k trees, the first with the baseline alone.
    /// With early stopping there are more than there are trees, as those after the best were grown and dropped. `None`
    /// without validation rows, and for a model from its parts.
    pub fn validation_losses(&self) -> Option<&[f64]> {
        self.validation_losses.as_deref()
    }

    /// Probability of a hit for each row of `records` (rows × features; NaN is missing).
    ///
    /// # Panics
    /// `records` has another number of columns than the trees were fitted on.
    pub fn predict_proba(&self, records: ArrayView2<f64>) -> Array1<f64> {
        self.predictor.sum(records).mapv(|sum| sigmoid(self.baseline + sum))
    }

    /// As [`GradientBoosting::predict_proba`] with the first tree only, with the first two, and so on to all; each costs one tree.
    ///
    /// # Panics
    /// `records` has another number of columns than the trees were fitted on.
    pub fn staged_predict_proba<'a>(&'a self, records: ArrayView2<'a, f64>) -> impl Iterator<Item = Array1<f64>> + 'a {
        assert_eq!(records.ncols(), self.trees().n_features(), "fitted on another number of features");
        self.staged(records.nrows(), move |tree, row| self.trees().leaf(tree, records.row(row)))
    }

    /// As [`GradientBoosting::staged_predict_proba`], on rows binned by the binning that the trees were fitted on.
    ///
    /// # Panics
    /// `records` has another number of features than the trees were fitted on.
    pub fn staged_predict_proba_binned<'a>(
        &'a self,
        records: &'a BinnedRecords,
    ) -> impl Iterator<Item = Array1<f64>> + 'a {
        assert_eq!(records.features(), self.trees().n_features(), "fitted on another number of features");
        self.staged(records.rows(), move |tree, row| binned_leaf(&self.trees().trees()[tree], records, row))
    }

    fn staged<'a>(
        &'a self,
        rows: usize,
        leaf: impl Fn(usize, usize) -> usize + Sync + 'a,
    ) -> impl Iterator<Item = Array1<f64>> + 'a {
        let mut sums = vec![0.0; rows];
        self.trees().trees().iter().enumerate().map(move |(index, tree)| {
            sums.par_iter_mut().with_min_len(BLOCK_ROWS).enumerate().for_each(|(row, sum)| {
                *sum += self.trees().value(&tree.leaves, leaf(index, row));
            });
            sums.iter().map(|sum| sigmoid(self.baseline + sum)).collect()
        })
    }
}

/// [`Trees::leaf`] by bins: a value is at most a cut if its bin is at most the cut's index.
fn binned_leaf(tree: &Tree, records: &BinnedRecords, row: usize) -> usize {
    let mut index = 0;
    loop {
        match tree.nodes[index] {
            TreeNode::Leaf(leaf) => return leaf as usize,
            TreeNode::Split { column, cut, left } => {
                let bin = records.column(column.feature())[row];
                let goes_left = if bin == MISSING_BIN { column.missing_left() } else { u16::from(bin) <= cut };
                index = left as usize + usize::from(!goes_left);
            }
        }
    }
}

impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<bool>> for GradientBoosting {
    /// Whether each row's probability is greater than one half.
    ///
    /// # Panics
    /// `targets` and `records` differ in rows, or `records` has another number of columns than the trees were fitted on.
    fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, targets: &mut Array1<bool>) {
        assert_eq!(records.nrows(), targets.len(), "one target a row");
        targets.assign(&self.predict_proba(records.view()).mapv(|probability| probability > THRESHOLD));
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<bool> {
        Array1::default(records.nrows())
    }
}
