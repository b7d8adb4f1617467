//! Fits one model, calibrates it and chooses its threshold.

use super::prepare::Prepared;
use super::progress::Progress;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::{Error, Result};
use hitflop_core::track::Feature;
use hitflop_metrics::split::{Folds, TrainTestSplit};
use hitflop_metrics::threshold::Objective;
use hitflop_model::artifact::{Artifact, EvaluationMetrics};
use hitflop_model::dataset::row_sample::RowSample;
use hitflop_model::decision::{self, Decision, OutOfFold};
use hitflop_model::estimator::EstimatorParams;
use hitflop_model::evaluation::Evaluation;
use hitflop_model::missing::{fit_fallbacks, FallbackRows};
use hitflop_model::predictions::{HeldOutProbabilities, OutOfFoldProbabilities, TrackPredictions};
use hitflop_model::probabilities::ProbabilityQuality;
use hitflop_model::reference::FeatureQuantiles;
use hitflop_model::selection::blend::cross_validate_blend;
use hitflop_model::selection::cross_validation::{cross_validate, CrossValidated, CrossValidation};
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::train::{train, FittedModel, Timing};
use hitflop_model::validation::{ModelSpec, PrefitModel};

/// Folds that models are cross-validated on.
pub(super) const FOLDS: usize = 5;
/// Rows by which calibrations and thresholds of tracks that lack features are chosen, at least, as far as there are so many.
const CALIBRATION_ROWS: usize = 6000;

/// A model to fit.
#[derive(Clone, Debug, PartialEq)]
pub struct FitRequest {
    /// Parameters of the estimator.
    pub params: EstimatorParams,
    /// Name of the set that the features are of.
    pub feature_set: FeatureSet,
    /// The features, in the order of the columns.
    pub features: Vec<Feature>,
}

/// A model that is fitted, calibrated and scored on test rows.
#[derive(Clone, Debug)]
pub struct FinalModel {
    /// The model with its origin, as it is saved.
    pub artifact: Artifact,
    /// Scores on the test rows, calibrated and at the model's threshold.
    pub evaluation: Evaluation,
    /// Calibration, threshold, and their effect on training and test rows.
    pub probabilities: ProbabilityQuality,
    /// The probability of each training and test row by a model that has not seen it.
    pub held_out: HeldOutProbabilities,
    /// Duration of the fit and of the prediction of the test rows.
    pub timing: Timing,
}

/// Calibration and threshold, with the out-of-fold results that they were chosen by.
pub(super) struct CalibratedDecision {
    pub decision: Decision,
    pub out_of_fold: Option<OutOfFold>,
    /// The rows of the tracks that it was chosen by.
    pub rows: RowSample,
    /// The fold of each of these rows, if they were cross-validated.
    pub folds: Option<Vec<usize>>,
    pub cross_validation: Option<CrossValidation>,
}

/// Fits a model on the training rows, calibrates it and chooses its threshold by cross-validation on the same rows, and scores
/// it on the test rows. There is no cross-validation if the threshold is a number and there is no calibration.
///
/// # Errors
/// A parameter is outside its range; the training rows are not of both labels or too few; no threshold fulfils the objective.
pub fn fit(prepared: &Prepared, request: FitRequest, progress: &dyn Progress) -> Result<FinalModel> {
    let split = train_test_split(prepared)?;
    fit_on_split(prepared, &split, request, progress)
}

pub(super) fn train_test_split(prepared: &Prepared) -> Result<TrainTestSplit> {
    prepared.hold_out().split(&prepared.tracks)
}

pub(super) fn fit_on_split(
    prepared: &Prepared,
    split: &TrainTestSplit,
    request: FitRequest,
    progress: &dyn Progress,
) -> Result<FinalModel> {
    let FitRequest { params, feature_set, features } = request;
    let tracks = &prepared.tracks;
    let dataset = tracks.dataset().with_features(&features)?;
    let held_out = dataset.select(&split.test);
    let reference = FeatureQuantiles::of(&tracks.dataset().select(&split.train))?;
    let sample = prepared.sample(split.train.clone());
    let sampled = dataset.select(&sample.rows);
    let folds = folds(prepared, &sample.rows)?;
    let (params, calibrated) =
        cross_validated_decision(prepared, params, (&sampled, sample), folds.as_ref(), progress)?;
    let fitted = progress.stage("fit and score the model", || {
        train(params, &dataset.select(&split.train), &held_out, prepared.hold_out())
    })?;
    let fitted = with_fallbacks(prepared, fitted, (&sampled, &held_out), folds.as_ref(), progress)?;
    Ok(FinalModel::new(prepared, fitted, calibrated, feature_set, reference, &held_out.targets().to_vec()))
}

/// Folds of the training rows or of their sample; none if calibration and threshold need none.
fn folds(prepared: &Prepared, rows: &[usize]) -> Result<Option<Folds>> {
    let folds = || prepared.learn.split.folds(&prepared.tracks, rows, FOLDS, prepared.seed());
    prepared.learn.decision_rule().needs_folds().then(folds).transpose()
}

/// Calibration and threshold by the folds, and the parameters of the final fit.
fn cross_validated_decision(
    prepared: &Prepared,
    params: EstimatorParams,
    (rows, sample): (&Dataset, RowSample),
    folds: Option<&Folds>,
    progress: &dyn Progress,
) -> Result<(EstimatorParams, CalibratedDecision)> {
    let rule = prepared.learn.decision_rule();
    match (rule.objective, folds) {
        (_, Some(folds)) => {
            let (params, cross_validated) =
                progress.stage("cross-validate the model", || cross_validate_params(params, rows, folds))?;
            let truth = rows.targets().to_vec();
            Ok((params, CalibratedDecision::choose(prepared, cross_validated, truth, (sample, folds), progress)?))
        }
        (Objective::Fixed(threshold), None) => {
            let decision = Decision::fixed(threshold);
            let none =
                CalibratedDecision { decision, out_of_fold: None, rows: sample, folds: None, cross_validation: None };
            Ok((params, none))
        }
        (_, None) => Err(Error::Failed("a threshold is chosen on folds, and there are none".to_owned())),
    }
}

/// Results on the folds. A blend whose weights are not given has those that are found on the same folds, as finding them on folds
/// of each fit's own rows takes several times as long.
fn cross_validate_params(
    params: EstimatorParams,
    rows: &Dataset,
    folds: &Folds,
) -> Result<(EstimatorParams, CrossValidated)> {
    match params {
        EstimatorParams::Blend(recipe) if recipe.weights.is_none() => {
            let found = cross_validate_blend(recipe, None, rows, folds)?;
            Ok((EstimatorParams::Blend(found.recipe), found.cross_validated))
        }
        params => {
            let cross_validated = cross_validate(&params, rows, folds)?;
            Ok((params, cross_validated))
        }
    }
}

/// The fitted model with models for tracks that lack features, which are fitted to `train`: the training rows or their sample.
pub(super) fn with_fallbacks(
    prepared: &Prepared,
    fitted: FittedModel,
    (train, test): (&Dataset, &Dataset),
    folds: Option<&Folds>,
    progress: &dyn Progress,
) -> Result<FittedModel> {
    let rule = prepared.learn.decision_rule();
    let rows = FallbackRows { train, folds, calibration_rows: CALIBRATION_ROWS, test };
    let fallbacks = progress.stage("fit models for missing features", || {
        fit_fallbacks(&fitted.model, &fitted.model.params.single(), &rule, rows, prepared.seed())
    })?;
    Ok(FittedModel { model: fitted.model.with_fallbacks(fallbacks), ..fitted })
}

impl CalibratedDecision {
    /// Chooses calibration and threshold by out-of-fold probabilities of the rows that the folds part; `truth` says which are hits.
    pub(super) fn choose(
        prepared: &Prepared,
        cross_validated: CrossValidated,
        truth: Vec<bool>,
        (rows, folds): (RowSample, &Folds),
        progress: &dyn Progress,
    ) -> Result<CalibratedDecision> {
        let CrossValidated { scores, out_of_fold } = cross_validated;
        let rule = prepared.learn.decision_rule();
        let (decision, out_of_fold) =
            progress.stage("calibrate and set the threshold", || decision::decide(&rule, truth, out_of_fold, folds))?;
        Ok(CalibratedDecision {
            decision,
            out_of_fold: Some(out_of_fold),
            rows,
            folds: Some(folds.of_rows().to_vec()),
            cross_validation: Some(scores),
        })
    }
}

impl FinalModel {
    /// Its parameters and features.
    pub fn spec(&self) -> ModelSpec {
        let model = &self.artifact.model;
        ModelSpec { params: model.params.clone(), features: model.features() }
    }

    /// The prediction of each track by a model that has not seen it; none if the model was not cross-validated.
    ///
    /// # Errors
    /// The model was not fitted to these tracks.
    pub fn track_predictions(&self, prepared: &Prepared) -> Result<Option<TrackPredictions>> {
        let split = train_test_split(prepared)?;
        TrackPredictions::new(&prepared.tracks, &split, &self.held_out, self.artifact.model.threshold)
    }

    pub(super) fn prefit(&self) -> PrefitModel<'_> {
        PrefitModel { estimator: &self.artifact.model.estimator, hold_out: self.artifact.origin.hold_out }
    }

    /// A fitted model under a decision, scored again on its test rows, of which `test` says which are hits.
    pub(super) fn new(
        prepared: &Prepared,
        fitted: FittedModel,
        calibrated: CalibratedDecision,
        feature_set: FeatureSet,
        reference: FeatureQuantiles,
        test: &[bool],
    ) -> FinalModel {
        let CalibratedDecision { decision, out_of_fold, rows: RowSample { rows, size }, folds, cross_validation } =
            calibrated;
        let probabilities = ProbabilityQuality::of(&decision, out_of_fold.as_ref(), test, &fitted.raw);
        let held_out = HeldOutProbabilities {
            train: folds.zip(out_of_fold).map(|(folds, out_of_fold)| OutOfFoldProbabilities {
                rows,
                folds,
                probabilities: out_of_fold.calibrated,
            }),
            test: decision.calibration.apply_to(&fitted.raw),
        };
        let FittedModel { model, evaluation, timing, .. } = fitted.with_decision(&decision, test);
        let metrics = EvaluationMetrics::new(&evaluation, cross_validation).calibrated(probabilities.scores);
        let metrics = EvaluationMetrics { sample: size, ..metrics };
        let artifact = prepared.artifact(model, feature_set, metrics, reference);
        FinalModel { artifact, evaluation, probabilities, held_out, timing }
    }
}
