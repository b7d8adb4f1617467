//! The closing summary of a job: its main results, for people and programs.

use std::path::PathBuf;

use serde::{Serialize, Serializer};

use super::evaluate::EvaluateResult;
use super::findings::{FindingsResult, SummedIngest};
use super::fit::FinalModel;
use super::outputs::ReplacedModel;
use super::read::{IngestResult, TrackSet};
use super::report::rejected;
use super::run::{ExploreResult, ModelOutcome, RunResult};
use super::save::SavedModel;
use super::train::TrainResult;
use hitflop_core::fingerprint::Fingerprint;
use hitflop_core::track::{Feature, Label};
use hitflop_data::explore::mutual_information::MutualInformation;
use hitflop_data::explore::selection::FeatureSelection;
use hitflop_data::explore::summary::{GroupSummary, Summary};
use hitflop_data::ingest::quality::{MissingValues, OutOfRange, Quality};
use hitflop_data::ingest::MappedFile;
use hitflop_metrics::calibration::{CalibrationSelection, CalibratorKind};
use hitflop_metrics::curves::ThresholdPoint;
use hitflop_metrics::split::SampleSize;
use hitflop_metrics::threshold::Objective;
use hitflop_model::estimator::EstimatorParams;
use hitflop_model::evaluation::{Confusion, Evaluation, Importance, Scores};
use hitflop_model::probabilities::{CalibrationScores, ProbabilityQuality};
use hitflop_model::selection::leaderboard::Leaderboard;
use hitflop_model::selection::search::grid::GridSearch;
use hitflop_model::validation::robustness::Robustness;
use hitflop_report::Report;

/// Main results of a job. Members that a job has no result for are left out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RunSummary<'a> {
    /// Seed of every random draw.
    pub seed: u64,
    /// Whether the tracks are a simulated sample.
    pub simulated: bool,
    /// Whether that sample was made because no input was named or found.
    #[serde(skip)]
    pub is_default_sample: bool,
    /// Number of tracks.
    pub rows: u64,
    /// The files that they were read from.
    pub sources: &'a [Fingerprint],
    /// Notices that need no action.
    pub notices: &'a [String],
    /// What the columns of files were used as that are not in the plain form of a decade file.
    #[serde(skip_serializing_if = "<[MappedFile]>::is_empty")]
    pub mappings: &'a [MappedFile],
    /// Values outside their documented range, which are kept.
    pub out_of_range: &'a [OutOfRange],
    /// Features with missing values.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub missing: &'a [MissingValues],
    /// Duplicates and contradictions.
    pub quality: Quality,
    /// Rows set aside, by reason.
    #[serde(serialize_with = "as_object")]
    pub rejected: Vec<(String, u64)>,
    /// Counts and means by decade and label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<&'a [GroupSummary]>,
    /// Number of hits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hits: Option<u64>,
    /// Mutual information of each feature with the label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutual_information: Option<&'a MutualInformation>,
    /// Features kept and dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<&'a FeatureSelection>,
    /// The grid search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grid: Option<&'a GridSearch>,
    /// Scores of all compared models.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<&'a Leaderboard>,
    /// The final model; null where the tracks do not allow one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Option<ModelSummary<'a>>>,
    /// Why there is no model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_model: Option<&'a str>,
    /// Calibration and threshold of the final model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<ProbabilitySummary<'a>>,
    /// Scores by validation scheme, and leakage.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "assessment")]
    pub robustness: Option<&'a Robustness>,
    /// All files written.
    pub written: Vec<PathBuf>,
}

/// A final model and its scores on the test rows.
#[derive(Clone, Debug, Serialize)]
pub struct ModelSummary<'a> {
    /// The model in a phrase.
    pub model: String,
    /// Parameters of its estimator.
    pub params: &'a EstimatorParams,
    /// Its features, in the order of the model's columns.
    pub features: &'a [Feature],
    /// How test rows were held out.
    pub protocol: String,
    /// Rows fitted on.
    pub train_rows: u64,
    /// Size of the sample of the training rows that folds, calibration, threshold and models for missing features used; absent if they
    /// used all training rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleSize>,
    /// Rows scored on.
    pub test_rows: u64,
    /// A track with a greater probability is predicted as a hit.
    pub threshold: f64,
    /// Scores on the test rows.
    pub scores: Scores,
    /// The run, as report, card, metrics and known tracks name it.
    pub run_id: Option<&'a str>,
    /// The model that it replaced.
    pub replaced: Option<&'a ReplacedModel>,
    /// Accuracy of always predicting the label that is more frequent in training.
    pub majority_accuracy: f64,
    /// Labels against predictions.
    pub confusion: Confusion,
    /// Why the model gives every track the same probability; absent if it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_split: Option<String>,
    /// Importances of the features, greatest first.
    pub importances: &'a [Importance],
    /// Duration of the fit.
    pub fit_seconds: f64,
    /// Duration of the prediction of all test rows.
    pub predict_seconds: f64,
    /// Size of the model file.
    pub bytes: u64,
    /// Accuracy on the training rows that a tree was not fitted on; of a forest that measures it.
    pub oob_score: Option<f64>,
}

/// Calibration and threshold of a final model.
#[derive(Clone, Debug, Serialize)]
pub struct ProbabilitySummary<'a> {
    /// The calibration that was kept.
    pub calibration: CalibratorKind,
    /// The calibrations that were tried.
    pub study: Option<&'a CalibrationSelection>,
    /// Scores before and after calibration.
    pub scores: CalibrationScores,
    /// Probability above which a track is predicted as a hit.
    pub threshold: f64,
    /// What it was chosen for.
    pub objective: Objective,
    /// Scores of the training rows at that threshold, out of fold.
    pub out_of_fold: Option<ThresholdPoint>,
    /// Scores of the test rows at that threshold.
    pub test: ThresholdPoint,
}

fn as_object<S: Serializer>(entries: &[(String, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(name, value)| (name, value)))
}

impl<'a> RunSummary<'a> {
    fn of_tracks(tracks: &'a TrackSet, written: &[PathBuf]) -> RunSummary<'a> {
        let ingested = &tracks.ingested;
        RunSummary {
            seed: tracks.data.seed,
            simulated: ingested.simulated,
            is_default_sample: tracks.is_default_sample,
            rows: ingested.rows,
            sources: &ingested.sources,
            notices: &ingested.notices,
            mappings: &ingested.mappings,
            out_of_range: &ingested.out_of_range,
            missing: &ingested.missing,
            quality: ingested.quality,
            rejected: rejected(ingested),
            written: [&tracks.written, written].concat(),
            ..RunSummary::default()
        }
    }

    fn with_report(self, report: &'a Report) -> RunSummary<'a> {
        let of_hits = report.summary.by_label.iter().filter(|group| group.label == Some(Label::Hit));
        RunSummary {
            hits: Some(of_hits.map(|group| group.rows).sum()),
            mutual_information: Some(&report.mutual_information),
            selection: Some(&report.selection),
            grid: report.comparison.as_ref().and_then(|comparison| comparison.grid.as_ref()),
            comparison: report.comparison.as_ref(),
            robustness: report.robustness.as_ref(),
            ..self
        }
    }

    fn with_model(self, model: &'a FinalModel, saved: &'a SavedModel) -> RunSummary<'a> {
        let probabilities = ProbabilitySummary::of(&model.probabilities);
        RunSummary { model: Some(Some(ModelSummary::of(model, saved))), probabilities: Some(probabilities), ..self }
    }
}

impl<'a> ModelSummary<'a> {
    fn of(model: &'a FinalModel, saved: &'a SavedModel) -> ModelSummary<'a> {
        let FinalModel { artifact, evaluation, timing, .. } = model;
        let Evaluation { train_rows, test_rows, threshold, scores, majority_accuracy, confusion, .. } = *evaluation;
        ModelSummary {
            model: evaluation.params.describe(),
            params: &artifact.model.params,
            features: &evaluation.features,
            protocol: evaluation.hold_out.description(),
            train_rows,
            sample: artifact.origin.metrics.sample,
            test_rows,
            threshold,
            scores,
            majority_accuracy,
            confusion,
            without_split: evaluation.without_split(),
            importances: &evaluation.importances,
            fit_seconds: timing.fit_seconds,
            predict_seconds: timing.predict_seconds,
            bytes: saved.bytes,
            run_id: artifact.origin.run_id.as_deref(),
            replaced: saved.replaced.as_ref(),
            oob_score: artifact.model.estimator.oob_score(),
        }
    }
}

impl<'a> ProbabilitySummary<'a> {
    fn of(probabilities: &'a ProbabilityQuality) -> ProbabilitySummary<'a> {
        ProbabilitySummary {
            calibration: probabilities.calibration.method(),
            study: probabilities.study.as_ref(),
            scores: probabilities.scores,
            threshold: probabilities.threshold,
            objective: probabilities.objective,
            out_of_fold: probabilities.out_of_fold.as_ref().map(|sweep| sweep.chosen),
            test: probabilities.test.chosen,
        }
    }
}

/// The groups by decade and label, or by label if no track has a decade.
fn groups(summary: &Summary) -> &[GroupSummary] {
    match summary.by_decade_and_label.as_slice() {
        [] => &summary.by_label,
        by_decade => by_decade,
    }
}

impl IngestResult {
    /// The main results.
    pub fn summary(&self) -> RunSummary<'_> {
        RunSummary { groups: Some(groups(&self.summary)), ..RunSummary::of_tracks(&self.tracks, &[]) }
    }
}

impl SummedIngest {
    /// The main results.
    pub fn summary(&self) -> RunSummary<'_> {
        let found = &self.found;
        RunSummary {
            seed: self.seed,
            simulated: self.simulated,
            rows: found.summary.rows,
            sources: &self.sources,
            notices: &self.notices,
            out_of_range: &found.out_of_range,
            missing: &found.missing,
            quality: found.quality,
            groups: Some(groups(&found.summary)),
            written: self.written.clone(),
            ..RunSummary::default()
        }
    }
}

impl ExploreResult {
    /// The main results.
    pub fn summary(&self) -> RunSummary<'_> {
        RunSummary::of_tracks(&self.tracks, &self.written).with_report(&self.report)
    }
}

impl FindingsResult {
    /// The main results.
    pub fn summary(&self) -> RunSummary<'_> {
        let report = &self.report;
        let summary = RunSummary {
            seed: report.provenance.seed,
            rows: report.summary.rows,
            sources: &report.provenance.sources,
            notices: &self.notices,
            out_of_range: &report.out_of_range,
            missing: &report.missing,
            quality: report.quality,
            written: self.written.clone(),
            ..RunSummary::default()
        };
        summary.with_report(report)
    }
}

impl RunResult {
    /// The main results.
    pub fn summary(&self) -> RunSummary<'_> {
        let summary = RunSummary::of_tracks(&self.tracks, &self.written).with_report(&self.report);
        match &self.outcome {
            ModelOutcome::Saved(model, saved) => summary.with_model(model, saved),
            ModelOutcome::Impossible(reason) => RunSummary { model: Some(None), no_model: Some(reason), ..summary },
        }
    }
}

impl TrainResult {
    /// The main results.
    pub fn summary(&self) -> RunSummary<'_> {
        let summary = RunSummary::of_tracks(&self.tracks, &self.written).with_model(&self.model, &self.saved);
        RunSummary { grid: self.search.as_ref(), ..summary }
    }
}

impl EvaluateResult {
    /// The main results.
    pub fn summary(&self) -> RunSummary<'_> {
        RunSummary { robustness: Some(&self.robustness), ..RunSummary::of_tracks(&self.tracks, &self.written) }
    }
}
