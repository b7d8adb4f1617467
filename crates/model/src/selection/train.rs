//! From a dataset to one model and its scores: split, fit, evaluate.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::decision::Decision;
use crate::estimator::EstimatorParams;
use crate::evaluation::{evaluate_predicted, Evaluation};
use crate::model::Model;
use crate::selection::hold_out::HoldOut;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;

/// How long a fit and a prediction took, by the clock on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// The fit on all training rows, in seconds.
    pub fit_seconds: f64,
    /// The prediction of all test rows, in seconds.
    pub predict_seconds: f64,
}

/// A fitted model and its scores on the rows held out.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedModel {
    /// Fitted on the training rows.
    pub model: Model,
    /// Scored on the test rows.
    pub evaluation: Evaluation,
    /// The estimator's probabilities of the test rows, before any calibration.
    pub raw: Vec<f64>,
    /// What it took.
    pub timing: Timing,
}

/// Fits a model on `train` and scores it on `test`, two parts of a dataset made by `hold_out`. The model is not calibrated, and
/// its threshold is 0.5; see [`FittedModel::with_decision`].
///
/// # Errors
/// A parameter is outside its range, there is no feature, or the training rows are not of both labels.
pub fn train(params: EstimatorParams, train: &Dataset, test: &Dataset, hold_out: HoldOut) -> Result<FittedModel> {
    let started = Instant::now();
    let model = Model::fit(params, train)?;
    let fit_seconds = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let probabilities = model.predict_proba(test.records())?.to_vec();
    let predict_seconds = started.elapsed().as_secs_f64();
    let evaluation = evaluate_predicted(&model, hold_out, train, test, &probabilities);
    Ok(FittedModel { model, evaluation, raw: probabilities, timing: Timing { fit_seconds, predict_seconds } })
}

impl FittedModel {
    /// The same fit under another calibration and threshold, scored anew on `test`, the rows that it was scored on.
    pub fn with_decision(self, decision: &Decision, test: &[bool]) -> FittedModel {
        let evaluation = self.evaluation.with_decision(decision, test, &self.raw);
        FittedModel { model: self.model.with_decision(decision), evaluation, ..self }
    }
}

/// As [`train()`], on the two parts that a split at random, stratified by label, makes of the dataset.
///
/// # Errors
/// Those of [`train()`], and a share that leaves a part empty.
#[cfg(test)]
pub(crate) fn train_held_out(params: EstimatorParams, dataset: &Dataset, hold_out: &HoldOut) -> Result<FittedModel> {
    let labels: Vec<u32> = dataset.targets().iter().map(|&hit| u32::from(hit)).collect();
    let split = hitflop_metrics::split::random_split(&labels, hold_out.test_share, hold_out.seed)?;
    train(params, &dataset.select(&split.train), &dataset.select(&split.test), *hold_out)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::estimator::EstimatorKind;
    use crate::fixtures::tracks;
    use hitflop_core::track::Feature;

    #[test]
    fn a_model_learns_from_the_training_rows_and_is_scored_on_the_others() {
        let dataset = tracks(1001);
        for kind in EstimatorKind::SINGLE {
            let trained = train_held_out(EstimatorParams::of(kind), &dataset, &HoldOut::default()).expect("a model");
            let evaluation = &trained.evaluation;
            assert_eq!((evaluation.params.kind(), evaluation.hold_out), (kind, HoldOut::default()));
            assert_eq!((evaluation.train_rows, evaluation.test_rows), (800, 201));
            assert!(evaluation.scores.accuracy > evaluation.majority_accuracy + 0.2);
            assert!(evaluation.scores.roc_auc > 0.85, "{kind:?}: {}", evaluation.scores.roc_auc);
            assert_eq!(evaluation.features, dataset.features());
            assert_ne!(evaluation.importances[0].feature, Feature::Key);
            assert!((evaluation.importances.iter().map(|one| one.share).sum::<f64>() - 1.0).abs() < 1e-9);
            let again = train_held_out(EstimatorParams::of(kind), &dataset, &HoldOut::default()).expect("a model");
            assert!(again.model == trained.model && again.evaluation == trained.evaluation);
        }
    }

    #[test]
    fn settings_and_rows_are_checked() {
        let refused = |params: EstimatorParams, dataset: &Dataset, test_share| {
            let error =
                train_held_out(params, dataset, &HoldOut { test_share, ..HoldOut::default() }).expect_err("refused");
            assert!(error.is_input(), "{error}");
            error.to_string()
        };
        let tree = || EstimatorParams::of(EstimatorKind::Tree);
        let flat = tree().with("max_depth", "0").expect("a number");
        assert!(refused(flat, &tracks(50), 0.2).starts_with("max_depth: "));
        assert!(refused(tree(), &tracks(50), 1.0).starts_with("test_share: "));
        let hits: Vec<usize> = (0..50).filter(|&row| tracks(50).targets()[row]).collect();
        for kind in EstimatorKind::SINGLE {
            let message = refused(EstimatorParams::of(kind), &tracks(50).select(&hits), 0.2);
            assert!(message.starts_with("training rows: expected both hits and flops, found"), "{message}");
            for rows in 0..2 {
                refused(EstimatorParams::of(kind), &tracks(rows), 0.2);
            }
            let featureless =
                Dataset::new(vec![], Array2::zeros((9, 0)), tracks(9).targets().to_owned()).expect("rows");
            refused(EstimatorParams::of(kind), &featureless, 0.2);
        }
    }
}
