//! The whole main job, and the analysis alone.

use std::path::PathBuf;

use super::analyse::{analyse, Analysis};
use super::checkpoint::Checkpoint;
use super::compare::{compare, CompareOptions, Comparison, ModelChoice, SearchBudget};
use super::evaluate::{validate, ValidationOptions};
use super::explain::explain;
use super::fit::FinalModel;
use super::options::{DataOptions, LearnOptions, OutputOptions, SelectionOptions};
use super::outputs::{ModelTarget, Outputs};
use super::prepare::{prepare, Prepared};
use super::progress::Progress;
use super::read::{read, TrackSet};
use super::report::{provenance, publish, recorded, report, ModelFindings};
use super::save::{save, SavedModel};
use hitflop_core::error::{Error, Result};
use hitflop_model::estimator::EstimatorKind;
use hitflop_report::{Provenance, Report, Setting, SettingValue};

/// Name of the model of a run, in the directory of models.
pub const FINAL_MODEL: &str = "hitflop.model";

/// Options of [`explore()`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExploreOptions {
    /// Files of tracks; by default the decade files in `data/`, else a simulated sample.
    pub data: DataOptions,
    /// Where results are written.
    pub output: OutputOptions,
    /// How features are selected.
    pub selection: SelectionOptions,
}

/// Result of [`explore()`].
#[derive(Debug)]
pub struct ExploreResult {
    /// The union of the files, with what was found while they were read.
    pub tracks: TrackSet,
    /// The report, without a model.
    pub report: Report,
    /// Files of the report.
    pub written: Vec<PathBuf>,
}

/// Options of [`run()`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunOptions {
    /// Files of tracks; by default the decade files in `data/`, else a simulated sample.
    pub data: DataOptions,
    /// Where results are written.
    pub output: OutputOptions,
    /// How features are selected.
    pub selection: SelectionOptions,
    /// How models learn. Default of the features: those of the best model.
    pub learn: LearnOptions,
    /// Kind of the final model. Default: that of the best model.
    pub kind: Option<EstimatorKind>,
    /// Whether the notebook's grid of forests is searched.
    pub grid: bool,
    /// Whether more models are compared, and evaluation and explanations use more fits and rows.
    pub thorough: bool,
}

/// Result of [`run()`].
#[derive(Debug)]
pub struct RunResult {
    /// The union of the files, with what was found while they were read.
    pub tracks: TrackSet,
    /// All findings, as `report.json` has them.
    pub report: Report,
    /// The final model, or why there is none.
    pub outcome: ModelOutcome,
    /// All files that were written beside those of the tracks.
    pub written: Vec<PathBuf>,
}

/// What came of fitting models.
#[derive(Debug)]
pub enum ModelOutcome {
    /// The final model, saved.
    Saved(Box<FinalModel>, Box<SavedModel>),
    /// The tracks do not allow a model, for this reason: they are too few, or of one label.
    Impossible(String),
}

/// Reads the tracks, analyses them and writes a report without a model.
///
/// # Errors
/// Those of [`read()`] and [`analyse()`]; a file cannot be written.
pub fn explore(options: &ExploreOptions, progress: &dyn Progress) -> Result<ExploreResult> {
    let ExploreOptions { data, output, selection } = options;
    selection.check()?;
    let mut outputs = Outputs::open(data, output, None)?;
    let mut tracks = read(data, &mut outputs, progress)?;
    let analysis = analyse(&tracks, selection, progress)?;
    let provenance = provenance("explore", &tracks, recorded(data, selection, None)?);
    let report = report(provenance, &tracks, analysis, None);
    let written = publish(&report, &mut outputs, progress)?;
    tracks.commit(outputs, progress)?;
    Ok(ExploreResult { tracks, report, written })
}

/// Reads the tracks, analyses them, compares models, evaluates and explains the best one, and writes report, model and model
/// card. If the tracks do not allow a model, the report has the analysis only.
///
/// # Errors
/// Those of [`read()`], [`analyse()`] and [`compare()`], but not that the tracks do not allow a model; a file cannot be written.
pub fn run(options: &RunOptions, progress: &dyn Progress) -> Result<RunResult> {
    options.selection.check()?;
    options.learn.check()?;
    let model = ModelTarget::InModels(FINAL_MODEL.to_owned());
    let mut outputs = Outputs::open(&options.data, &options.output, Some(model))?;
    let mut tracks = read(&options.data, &mut outputs, progress)?;
    let analysis = analyse(&tracks, &options.selection, progress)?;
    let prepared = prepare(&tracks, &options.learn, progress)?;
    let compare_options = CompareOptions {
        choice: ModelChoice { kind: options.kind, feature_set: options.learn.features },
        budget: SearchBudget { grid: options.grid, thorough: options.thorough },
        checkpoints: outputs.places().reports.clone(),
    };
    let found = match compare(&prepared, &analysis.selection.kept, &compare_options, progress) {
        Ok(comparison) => with_model(options, &prepared, analysis, comparison, &mut outputs, progress)?,
        Err(error) if is_of_tracks(&error) => {
            let report = report(options.provenance(&tracks)?, &tracks, analysis, None);
            let written = publish(&report, &mut outputs, progress)?;
            FoundModel { report, outcome: ModelOutcome::Impossible(error.to_string()), written, checkpoint: None }
        }
        Err(error) => return Err(error),
    };
    let FoundModel { report, mut outcome, mut written, checkpoint } = found;
    let replaced = tracks.commit(outputs, progress)?;
    if let ModelOutcome::Saved(_, saved) = &mut outcome {
        saved.replaced = replaced;
        written = [saved.files(), written].concat();
    }
    checkpoint.map_or(Ok(()), Checkpoint::remove)?;
    Ok(RunResult { tracks, report, outcome, written })
}

/// Results that are staged and not yet committed.
struct FoundModel {
    report: Report,
    outcome: ModelOutcome,
    /// Files of the report.
    written: Vec<PathBuf>,
    checkpoint: Option<Checkpoint>,
}

fn with_model(
    options: &RunOptions,
    prepared: &Prepared,
    analysis: Analysis,
    comparison: Comparison,
    outputs: &mut Outputs,
    progress: &dyn Progress,
) -> Result<FoundModel> {
    let Comparison { leaderboard, mut model, checkpoint } = comparison;
    let validation = ValidationOptions { thorough: options.thorough, ..ValidationOptions::default() };
    let robustness = validate(prepared, &model.spec(), Some(&model), &validation, progress)?;
    let explanations = match explain(prepared, &model, options.thorough, progress) {
        Ok(explanations) => Some(explanations),
        Err(error) if is_of_tracks(&error) => None,
        Err(error) => return Err(error),
    };
    let predictions = model.track_predictions(prepared)?;
    let findings = ModelFindings { leaderboard, robustness, explanations, predictions };
    let provenance = options.provenance(prepared.source)?;
    let report = report(provenance, prepared.source, analysis, Some((&model, findings)));
    let written = publish(&report, outputs, progress)?;
    let saved = save(prepared, &mut model, &report.provenance, Some(&report), outputs, progress)?;
    Ok(FoundModel { report, outcome: ModelOutcome::Saved(Box::new(model), Box::new(saved)), written, checkpoint })
}

impl RunOptions {
    /// Where the results of a run with these options come from.
    ///
    /// # Errors
    /// The options cannot be recorded, which would be a fault of this program.
    pub fn provenance(&self, tracks: &TrackSet) -> Result<Provenance> {
        let mut settings = recorded(&self.data, &self.selection, Some(&self.learn))?;
        let own = [
            ("model", self.kind.map(|kind| SettingValue::Text(kind.name().to_owned()))),
            ("grid", self.grid.then(|| SettingValue::Text("notebook".to_owned()))),
            ("thorough", self.thorough.then_some(SettingValue::Flag(true))),
        ];
        settings.extend(own.into_iter().filter_map(|(name, value)| Some(Setting::new(name, value?))));
        Ok(provenance("run", tracks, settings))
    }
}

/// Whether the tracks are at fault, and not an option or the machine.
fn is_of_tracks(error: &Error) -> bool {
    error.is_input() && !error.is_of_setting()
}
