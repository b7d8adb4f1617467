//! Scores parameters and features by several validation schemes, and measures leakage.

use std::path::PathBuf;

use serde::Serialize;

use super::analyse::features;
use super::fit::FinalModel;
use super::options::{DataOptions, LearnOptions, OutputOptions, SelectionOptions};
use super::prepare::{prepare, Prepared};
use super::progress::Progress;
use super::read::{read, TrackSet};
use hitflop_core::error::Result;
use hitflop_model::artifact;
use hitflop_model::estimator::EstimatorParams;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::{
    self, cross_decade, leakage, learning_curve, ModelSpec, ValidationBudget, ValidationScheme,
};
use hitflop_report::write;

/// Where parameters and features come from.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelSource {
    /// Those of a saved model.
    File(PathBuf),
    /// These parameters, their seed among them. The features are those of the options; by default the selected ones.
    Params(EstimatorParams),
}

/// Which validation schemes are used, and how often fits are repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValidationOptions {
    /// Validation schemes. Default: all.
    pub schemes: Vec<ValidationScheme>,
    /// Number of random and of grouped splits. Default: 2, or 10 if thorough.
    pub repeats: Option<usize>,
    /// Whether all fits are of the model itself instead of a lighter one, and more of them are made.
    pub thorough: bool,
}

impl Default for ValidationOptions {
    fn default() -> ValidationOptions {
        ValidationOptions { schemes: ValidationScheme::ALL.to_vec(), repeats: None, thorough: false }
    }
}

impl ValidationOptions {
    fn budget(&self) -> ValidationBudget {
        let budget = if self.thorough { ValidationBudget::thorough() } else { ValidationBudget::standard() };
        ValidationBudget { repeats: self.repeats.unwrap_or(budget.repeats), ..budget }
    }
}

/// Options of [`evaluate()`].
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluateOptions {
    /// Decade files and seed.
    pub data: DataOptions,
    /// Where results are written.
    pub output: OutputOptions,
    /// How features are selected, for the set of selected features.
    pub selection: SelectionOptions,
    /// Features, duplicates and the seed of the first split.
    pub learn: LearnOptions,
    /// What is evaluated.
    pub model: ModelSource,
    /// Schemes and repetitions.
    pub validation: ValidationOptions,
}

/// Result of [`evaluate()`].
#[derive(Debug)]
pub struct EvaluateResult {
    /// The tracks that were read.
    pub tracks: TrackSet,
    /// Scores by scheme, across decades and by number of tracks; leakage.
    pub robustness: Robustness,
    /// Files of the evaluation.
    pub written: Vec<PathBuf>,
}

/// Evaluates parameters and features on decade files, and writes `evaluation.json`, charts and tables.
///
/// # Errors
/// The model file is invalid; a parameter is outside its range; those of [`read()`].
pub fn evaluate(options: &EvaluateOptions, progress: &dyn Progress) -> Result<EvaluateResult> {
    let EvaluateOptions { data, output, selection, learn, model, validation } = options;
    selection.check()?;
    let (params, own_features) = match model {
        ModelSource::File(path) => {
            let model = progress.stage("read the model", || artifact::read(path))?.model;
            (model.params.clone(), Some(model.features()))
        }
        ModelSource::Params(params) => {
            params.check()?;
            (params.clone(), None)
        }
    };
    let source = read(data, output, progress)?;
    let features = match own_features {
        Some(features) => features,
        None => features(learn.features.unwrap_or(FeatureSet::Selected), &source, selection, progress)?,
    };
    let prepared = prepare(&source, learn, progress)?;
    let robustness = validate(&prepared, &ModelSpec { params, features }, None, validation, progress)?;
    let written = progress.stage("write the evaluation", || write::robustness(&robustness, &output.reports))?;
    Ok(EvaluateResult { tracks: source, robustness, written })
}

/// Scores parameters and features by validation schemes, across decades and by the number of tracks, and measures leakage. A model
/// that is `fitted` with them is not fitted again on its own split.
///
/// # Errors
/// A parameter is outside its range. What the tracks do not allow is left out of the result instead.
pub fn validate(
    prepared: &Prepared,
    spec: &ModelSpec,
    fitted: Option<&FinalModel>,
    options: &ValidationOptions,
    progress: &dyn Progress,
) -> Result<Robustness> {
    let (tracks, hold_out, budget) = (&prepared.tracks, prepared.hold_out(), options.budget());
    let prefit = fitted.map(FinalModel::prefit);
    let fits = validation::fits(tracks, &options.schemes, &budget);
    let schemes = progress.counted("score by validation schemes", fits, |step| {
        validation::compare_schemes(spec, tracks, &options.schemes, hold_out, &budget, prefit, step)
    })?;
    let fits = cross_decade::fits(tracks, &budget);
    let cross_decade = progress.counted("score across decades", fits, |step| {
        cross_decade::cross_decade_scores(spec, tracks, hold_out.seed, &budget, step)
    })?;
    let fits = learning_curve::fits(tracks, hold_out, &budget);
    let learning_curve = progress.counted("measure the learning curve", fits, |step| {
        learning_curve::learning_curve(spec, tracks, hold_out, &budget, step)
    })?;
    let leakage = progress.counted("measure leakage", leakage::fits(), |step| {
        leakage::measure_leakage(spec, tracks, hold_out, &budget, step)
    })?;
    Ok(Robustness { duplicates: *tracks.duplicates(), schemes, cross_decade, learning_curve, leakage })
}
