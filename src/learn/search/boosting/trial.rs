//! One candidate on one fold.

use linfa::ParamGuard;

use super::VALIDATION_SHARE;
use crate::error::Result;
use crate::learn::boosting::{BinnedDataset, GradientBoostingParams};
use crate::learn::dataset::Dataset;
use crate::learn::metrics;
use crate::learn::split::Folds;
use crate::learn::tree::binning::{BinnedRecords, Binning, MAX_BINS};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Trees with which the validation loss was least.
    pub trees: usize,
    /// Rows that they were grown on: those outside the fold, but for those of validation.
    pub rows: usize,
    /// On the fold.
    pub roc_auc: f64,
    /// On the fold.
    pub log_loss: f64,
}

/// The rows of a fold, those outside it in bins, which all candidates share.
pub struct BinnedFold {
    binning: Binning,
    train: BinnedRecords,
    train_targets: Vec<bool>,
    held_out: Dataset,
}

impl BinnedFold {
    /// Bins the rows outside a fold.
    pub fn new(dataset: &Dataset, folds: &Folds, fold: usize) -> BinnedFold {
        let split = folds.split(fold);
        let (train, held_out) = (dataset.select(&split.train), dataset.select(&split.test));
        let binning = Binning::fit(train.records(), MAX_BINS);
        let train_targets = train.targets().to_vec();
        BinnedFold { train: binning.transform(train.records()), train_targets, held_out, binning }
    }

    /// Fits on the rows outside the fold and scores on those inside.
    pub fn try_out(&self, params: &GradientBoostingParams) -> Result<Trial> {
        let model = params.check_ref()?.fit_binned(BinnedDataset {
            binning: &self.binning,
            records: &self.train,
            targets: &self.train_targets,
            weights: None,
            validation: None,
        })?;
        let probabilities = model.predict_proba(self.held_out.records()).to_vec();
        let truth = self.held_out.targets().to_vec();
        Ok(Trial {
            trees: model.trees().trees().len(),
            rows: (self.train.rows() as f64 * (1.0 - VALIDATION_SHARE)).round() as usize,
            roc_auc: metrics::roc_auc(&truth, &probabilities).unwrap_or(0.5),
            log_loss: metrics::log_loss(&truth, &probabilities),
        })
    }
}
