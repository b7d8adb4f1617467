//! Scores on rows that a model has not seen, fold by fold.

use ndarray::ArrayView1;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::estimator::EstimatorParams;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_metrics::moments::{deviation, mean};
use hitflop_metrics::scores::{self, Scores};
use hitflop_metrics::split::Folds;
use hitflop_trees::THRESHOLD;

/// The scores of one model on each fold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CrossValidation {
    /// One for each fold that was tried: the first ones, in order.
    pub folds: Vec<Scores>,
}

impl CrossValidation {
    /// Mean of each score over the folds.
    pub fn mean(&self) -> Scores {
        self.summarise(mean)
    }

    /// Standard deviation of each score over the folds (divisor folds − 1): how much it moves with the rows.
    pub fn deviation(&self) -> Scores {
        self.summarise(deviation)
    }

    /// The scores on the first folds only.
    pub fn first(&self, folds: usize) -> CrossValidation {
        CrossValidation { folds: self.folds.iter().take(folds).copied().collect() }
    }

    fn summarise(&self, of: fn(&[f64]) -> f64) -> Scores {
        let each = |score: fn(&Scores) -> f64| of(&self.folds.iter().map(score).collect::<Vec<f64>>());
        Scores {
            accuracy: each(|scores| scores.accuracy),
            precision: each(|scores| scores.precision),
            recall: each(|scores| scores.recall),
            f1: each(|scores| scores.f1),
            roc_auc: each(|scores| scores.roc_auc),
            average_precision: each(|scores| scores.average_precision),
            brier: each(|scores| scores.brier),
            log_loss: each(|scores| scores.log_loss),
        }
    }
}

/// Result of the cross-validation of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidated {
    /// Scores on each fold, at a threshold of 0.5 and without calibration, so that models can be compared by them.
    pub scores: CrossValidation,
    /// Each row's probability by the fit that it was held out of, in the order of the rows; NaN in a fold that was not tried.
    pub out_of_fold: Vec<f64>,
}

impl CrossValidated {
    /// Whether the mean ROC AUC over the folds is greater than that of another by more than the standard error of the difference.
    pub fn is_clearly_better_than(&self, other: &CrossValidated) -> bool {
        let pairs = self.scores.folds.iter().zip(&other.scores.folds);
        let gains: Vec<f64> = pairs.map(|(own, other)| own.roc_auc - other.roc_auc).collect();
        mean(&gains) > deviation(&gains) / (gains.len() as f64).sqrt()
    }

    /// No fold tried yet.
    pub(super) fn none(rows: usize) -> CrossValidated {
        CrossValidated { scores: CrossValidation { folds: Vec::new() }, out_of_fold: vec![f64::NAN; rows] }
    }

    /// The scores of probabilities of all rows, each by a fit that has not seen the row's fold.
    pub(super) fn of(targets: ArrayView1<bool>, out_of_fold: Vec<f64>, folds: &Folds) -> CrossValidated {
        let mut found = CrossValidated::none(out_of_fold.len());
        for fold in 0..folds.len() {
            let rows = folds.split(fold).test;
            found.add_fold(targets, folds, &rows.iter().map(|&row| out_of_fold[row]).collect::<Vec<f64>>());
        }
        found
    }

    /// Adds the probabilities of the rows of the next fold, in their order.
    pub(super) fn add_fold(&mut self, targets: ArrayView1<bool>, folds: &Folds, probabilities: &[f64]) {
        let rows = folds.split(self.scores.folds.len()).test;
        let targets: Vec<bool> = rows.iter().map(|&row| targets[row]).collect();
        rows.iter().zip(probabilities).for_each(|(&row, &probability)| self.out_of_fold[row] = probability);
        self.scores.folds.push(scores::scores(&targets, probabilities, THRESHOLD));
    }

    /// Fits `params` once for each of the first `end` folds that is not tried yet, on the rows outside it, and scores the fits on the
    /// rows inside.
    ///
    /// # Errors
    /// A parameter is outside its range, or the rows are none that the kind can be fitted to.
    pub(super) fn extend(
        &mut self,
        params: &EstimatorParams,
        dataset: &Dataset,
        folds: &Folds,
        end: usize,
    ) -> Result<()> {
        let predict = |fold| {
            let split = folds.split(fold);
            let (train, test) = (dataset.select(&split.train), dataset.select(&split.test));
            Ok(params.fit(&train)?.predict_proba(test.records()).to_vec())
        };
        // Several fits side by side keep more threads busy than one fit does. Collected before the first error is looked for, so
        // that it is the same one at any number of threads.
        let tried = self.scores.folds.len();
        let predicted: Vec<Result<Vec<f64>>> =
            (tried..end.min(folds.len())).into_par_iter().with_max_len(1).map(predict).collect();
        for probabilities in predicted {
            self.add_fold(dataset.targets(), folds, &probabilities?);
        }
        Ok(())
    }
}

/// Fits `params` once for each fold, on the rows outside it, and scores the fits on the rows inside.
///
/// # Errors
/// A parameter is outside its range, or the rows are none that the kind can be fitted to.
pub fn cross_validate(params: &EstimatorParams, dataset: &Dataset, folds: &Folds) -> Result<CrossValidated> {
    let mut found = CrossValidated::none(dataset.rows());
    found.extend(params, dataset, folds, folds.len())?;
    Ok(found)
}

/// The scores on each fold of always giving the share of hits among the rows outside it.
pub fn baseline(targets: &[bool], folds: &Folds) -> CrossValidation {
    let scores = |fold| {
        let split = folds.split(fold);
        let label = |rows: &[usize]| rows.iter().map(|&row| targets[row]).collect::<Vec<bool>>();
        baseline_scores(&label(&split.train), &label(&split.test))
    };
    CrossValidation { folds: (0..folds.len()).map(scores).collect() }
}

/// The scores on `test` of always giving the share of hits among `train`.
pub(crate) fn baseline_scores(train: &[bool], test: &[bool]) -> Scores {
    let share = train.iter().filter(|&&hit| hit).count() as f64 / train.len().max(1) as f64;
    scores::scores(test, &vec![share; test.len()], THRESHOLD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::EstimatorKind;
    use crate::fixtures::tracks;

    #[test]
    fn every_fold_is_scored_by_a_model_that_has_not_seen_it() {
        let dataset = tracks(600);
        let targets = dataset.targets().to_vec();
        let folds = Folds::stratified(&targets, 4, 7).expect("folds");
        let params = EstimatorParams::of(EstimatorKind::Tree);
        let CrossValidated { scores: found, out_of_fold } =
            cross_validate(&params, &dataset, &folds).expect("predictions");
        assert_eq!(found.folds.len(), 4);
        let split = folds.split(2);
        let tree = params.fit(&dataset.select(&split.train)).expect("a tree");
        let test = dataset.select(&split.test);
        let probabilities = tree.predict_proba(test.records()).to_vec();
        assert_eq!(found.folds[2], scores::scores(&test.targets().to_vec(), &probabilities, 0.5));
        assert_eq!(split.test.iter().map(|&row| out_of_fold[row]).collect::<Vec<f64>>(), probabilities);
        let baseline = baseline(&targets, &folds).mean();
        assert_eq!(baseline.roc_auc, 0.5);
        let majority = dataset.hits().max(dataset.rows() - dataset.hits()) as f64 / 600.0;
        assert!((baseline.accuracy - majority).abs() < 0.01 && found.mean().accuracy > baseline.accuracy + 0.1);
    }
}
