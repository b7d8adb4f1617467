//! One candidate on one fold.

use linfa::ParamGuard;

use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_metrics::scores;
use hitflop_metrics::split::Folds;
use hitflop_trees::search::BinnedDataset;
use hitflop_trees::search::{BinnedRecords, Binning, MAX_BINS};
use hitflop_trees::{GradientBoosting, GradientBoostingParams};

/// How often a fit is scored while it grows.
pub(crate) const STAGES: usize = 20;

/// Scores on the held-out rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TrialStage {
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Mean log loss of the fold, in nats.
    pub log_loss: f64,
}

/// What came of a fit, stage by stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SearchTrial {
    /// One for each of [`stages`].
    pub stages: Vec<TrialStage>,
    /// Rows that the trees were grown on.
    pub rows: usize,
    /// All trees.
    pub model: GradientBoosting,
}

/// The numbers of trees at which fits of `n_estimators` trees are scored: evenly spaced, ascending, the last being all.
pub(crate) fn stages(n_estimators: usize) -> Vec<usize> {
    let mut stages: Vec<usize> = (1..=STAGES).map(|stage| (n_estimators * stage).div_ceil(STAGES)).collect();
    stages.dedup();
    stages
}

/// The rows of a fold, those outside it in bins, which all candidates share.
pub(crate) struct BinnedFold {
    binning: Binning,
    train: BinnedRecords,
    train_targets: Vec<bool>,
    held_out: Dataset,
    held_out_targets: Vec<bool>,
}

impl BinnedFold {
    /// Bins the rows of a fold by those outside it.
    pub(crate) fn new(dataset: &Dataset, folds: &Folds, fold: usize) -> BinnedFold {
        let split = folds.split(fold);
        let (train, held_out) = (dataset.select(&split.train), dataset.select(&split.test));
        let binning = Binning::fit(train.records(), MAX_BINS);
        BinnedFold {
            train: binning.transform(train.records()),
            train_targets: train.targets().to_vec(),
            held_out_targets: held_out.targets().to_vec(),
            held_out,
            binning,
        }
    }

    /// Fits on the rows outside the fold and scores on those inside, at each of the stages.
    pub(crate) fn try_out(&self, params: &GradientBoostingParams) -> Result<SearchTrial> {
        let params = params.check_ref()?;
        let model = params.fit_binned(BinnedDataset {
            binning: &self.binning,
            records: &self.train,
            targets: &self.train_targets,
            weights: None,
            validation: None,
        })?;
        // One label only makes fewer trees, none.
        let grown = stages(params.n_estimators()).into_iter().filter(|&trees| trees <= model.trees().trees().len());
        let staged = model.staged_predict_proba(self.held_out.records(), grown);
        let stages = staged.map(|probabilities| self.score(&probabilities.to_vec())).collect();
        Ok(SearchTrial { stages, rows: self.train.rows(), model })
    }

    /// Probabilities of the rows inside the fold, by the first `trees` trees of a fit on those outside it.
    pub(crate) fn out_of_fold(&self, trial: &SearchTrial, trees: usize) -> Vec<f64> {
        let staged = trial.model.staged_predict_proba(self.held_out.records(), [trees]);
        staged.last().map_or_else(Vec::new, |probabilities| probabilities.to_vec())
    }

    fn score(&self, probabilities: &[f64]) -> TrialStage {
        TrialStage {
            roc_auc: scores::roc_auc(&self.held_out_targets, probabilities).unwrap_or(f64::NAN),
            log_loss: scores::log_loss(&self.held_out_targets, probabilities),
        }
    }
}
