//! Scores parameters and features by several validation schemes, and measures leakage.

use std::borrow::Cow;
use std::path::PathBuf;

use serde::Serialize;

use super::analyse::features;
use super::fit::FinalModel;
use super::options::{DataOptions, LearnOptions, OutputOptions, SelectionOptions};
use super::outputs::Outputs;
use super::prepare::{prepare, Prepared};
use super::progress::Progress;
use super::read::{read_named, TrackSet};
use super::report::{provenance, recorded};
use hitflop_core::error::Result;
use hitflop_model::artifact::{self, Artifact};
use hitflop_model::dataset::grouped_dataset::GroupedDataset;
use hitflop_model::dataset::row_sample::RowSample;
use hitflop_model::estimator::EstimatorParams;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::{
    self, cross_decade, leakage, learning_curve, ModelSpec, ValidationBudget, ValidationScheme,
};
use hitflop_report::{write, Setting, SettingValue};

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
    /// Names and values of what a result depends on.
    fn recorded(&self, spec: &ModelSpec) -> Vec<Setting> {
        let parameters = spec.params.entries().into_iter().map(|(name, value)| ("param", format!("{name}={value}")));
        let features = spec.features.iter().map(|feature| ("feature", feature.name().to_owned()));
        let schemes = self.schemes.iter().map(|scheme| ("protocol", scheme.name().to_owned()));
        let repeats = self.repeats.map(|repeats| ("repeats", repeats.to_string()));
        let thorough = self.thorough.then(|| ("thorough", "true".to_owned()));
        let kind = ("kind", spec.params.kind().name().to_owned());
        let all = [kind].into_iter().chain(parameters).chain(features).chain(schemes).chain(repeats).chain(thorough);
        all.map(|(name, value)| Setting::new(name, SettingValue::Text(value))).collect()
    }

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
    /// Whether the saved model that gave parameters and features learned from simulated tracks; None without one, or if unknown.
    pub model_simulated: Option<bool>,
    /// Scores by scheme, across decades and by number of tracks; leakage.
    pub robustness: Robustness,
    /// Files of the evaluation.
    pub written: Vec<PathBuf>,
}

/// Evaluates parameters and features on decade files, and writes `evaluation.json`, charts and tables.
///
/// # Errors
/// The model file is invalid; a parameter is outside its range; those of [`read_named()`].
pub fn evaluate(options: &EvaluateOptions, progress: &dyn Progress) -> Result<EvaluateResult> {
    let EvaluateOptions { data, output, selection, learn, model, validation } = options;
    selection.check()?;
    let (params, own_features, model_simulated) = match model {
        ModelSource::File(path) => {
            let Artifact { model, origin, .. } = progress.stage("read the model", || artifact::read(path))?;
            (model.params.clone(), Some(model.features()), origin.simulated)
        }
        ModelSource::Params(params) => {
            params.check()?;
            (params.clone(), None, None)
        }
    };
    let mut outputs = Outputs::open(data, output, None)?;
    let mut source = read_named(data, &mut outputs, progress)?;
    let prepared = prepare(&source, learn, progress)?;
    let features = match own_features {
        Some(features) => features,
        None => {
            let known = prepared.tracks.dataset().features();
            features(learn.features.unwrap_or(FeatureSet::Selected), known, &source, selection, progress)?
        }
    };
    let spec = ModelSpec { params, features };
    let robustness = validate(&prepared, &spec, None, validation, progress)?;
    let mut settings = recorded(data, selection, Some(learn))?;
    settings.extend(validation.recorded(&spec));
    let provenance = provenance("evaluate", &source, settings);
    let (set, directory) = outputs.reports();
    let written =
        progress.stage("write the evaluation", || write::robustness(&provenance, &robustness, set, directory))?;
    source.commit(outputs, progress)?;
    Ok(EvaluateResult { tracks: source, model_simulated, robustness, written })
}

/// Scores parameters and features by validation schemes, across decades and by the number of tracks, and measures leakage. A model
/// that is `fitted` with them is not fitted again on its own split. Of many tracks, all of this is done on a sample, and every model is
/// fitted.
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
    let RowSample { rows, size: sample } = prepared.sample((0..prepared.tracks.rows()).collect());
    let tracks = match sample {
        Some(_) => Cow::Owned(prepared.tracks.select(&rows)),
        None => Cow::Borrowed(&prepared.tracks),
    };
    let tracks: &GroupedDataset = &tracks;
    let (hold_out, budget) = (prepared.hold_out(), options.budget());
    let prefit = fitted.filter(|_| sample.is_none()).map(FinalModel::prefit);
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
    let leakage = progress.counted("measure leakage", leakage::fits(tracks), |step| {
        leakage::measure_leakage(spec, tracks, hold_out, &budget, step)
    })?;
    Ok(Robustness { sample, duplicates: *tracks.duplicates(), schemes, cross_decade, learning_curve, leakage })
}
