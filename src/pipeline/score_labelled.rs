//! Scores of a saved model on labelled tracks of files.

use ndarray::Axis;
use serde::Serialize;

use super::progress::Progress;
use super::score::{FileOptions, TrainingComparison};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_data::track_files::{LabelledRows, TrackFiles};
use hitflop_metrics::bootstrap::{intervals, ResampledPredictions, ScoreIntervals};
use hitflop_metrics::scores::{self, Confusion, Scores};
use hitflop_metrics::split::{codes_of_texts, RowGroups};
use hitflop_model::artifact::Artifact;
use hitflop_model::validation::ValidationBudget;

/// Scores of a saved model on the rows of a file.
#[derive(Clone, Debug, Serialize)]
pub struct FileScores {
    /// The model in a phrase.
    pub model: String,
    /// Whether it learned from simulated tracks; None if that is unknown.
    pub model_simulated: Option<bool>,
    /// The files of tracks, separated by commas.
    pub input: String,
    /// Rows scored.
    pub rows: u64,
    /// Whether only the rows `test` of the column `split` were scored.
    pub test_rows_only: bool,
    /// Rows that are hits.
    pub hits: u64,
    /// Threshold of the model.
    pub threshold: f64,
    /// Labels against predictions.
    pub confusion: Confusion,
    /// Scores at that threshold.
    pub scores: Scores,
    /// Accuracy of always predicting the more frequent label.
    pub majority_accuracy: f64,
    /// 95 % intervals by resampling; none where only one label occurs.
    pub intervals: Option<ScoreIntervals>,
    /// What is resampled: `artists` or `tracks`.
    pub resampled: &'static str,
    /// Number of resamples.
    pub resamples: u64,
    /// How the tracks compare with those of training.
    #[serde(flatten)]
    pub comparison: TrainingComparison,
    /// The tracks as they were read.
    #[serde(skip)]
    pub tracks: TrackFiles,
}

/// Scores a saved model on the labelled tracks of files; if they have a column `split`, on their rows `test`.
///
/// # Errors
/// A file is invalid, lacks a feature or the label, or has no rows to score.
pub fn evaluate_file(options: &FileOptions, seed: u64, progress: &dyn Progress) -> Result<FileScores> {
    let scorer = options.scorer(progress)?;
    let tracks = options.tracks(scorer.features(), progress)?;
    let labelled = tracks.labelled()?;
    if labelled.rows.is_empty() {
        let rule = if labelled.test_rows_only { "expected rows whose split is `test`" } else { "expected rows" };
        return Err(Error::input(Fault::new(Place::file(names(&tracks)), Reason::TooFewRows, rule).found("none")));
    }
    let records = tracks.matrix(scorer.features()).select(Axis(0), &labelled.rows);
    let model = &scorer.artifact().model;
    let probabilities = progress.stage("score", || model.predict_proba(records.view()))?.to_vec();
    let comparison = TrainingComparison::of(&tracks, &scorer, progress)?;
    progress
        .stage("resample", || Ok(file_scores(scorer.artifact(), tracks, comparison, &labelled, &probabilities, seed)))
}

fn names(tracks: &TrackFiles) -> String {
    tracks.files.iter().map(|file| file.file.as_str()).collect::<Vec<_>>().join(", ")
}

fn file_scores(
    artifact: &Artifact,
    tracks: TrackFiles,
    comparison: TrainingComparison,
    labelled: &LabelledRows,
    probabilities: &[f64],
    seed: u64,
) -> FileScores {
    let (truth, threshold) = (&labelled.targets, artifact.model.threshold);
    let (groups, resampled) = match &labelled.artists {
        Some(artists) => (RowGroups::connected(truth.len(), &[&codes_of_texts(artists)]), "artists"),
        None => (RowGroups::connected(truth.len(), &[]), "tracks"),
    };
    let resamples = ValidationBudget::standard().resamples;
    let predictions = ResampledPredictions::new(truth, probabilities, groups.of_rows(), threshold);
    let hits = truth.iter().filter(|&&hit| hit).count();
    FileScores {
        model: artifact.model.name(),
        model_simulated: artifact.origin.simulated,
        input: names(&tracks),
        rows: truth.len() as u64,
        test_rows_only: labelled.test_rows_only,
        hits: hits as u64,
        threshold,
        confusion: scores::confusion(truth, probabilities, threshold),
        scores: scores::scores(truth, probabilities, threshold),
        majority_accuracy: hits.max(truth.len() - hits) as f64 / truth.len() as f64,
        intervals: intervals(&[predictions], groups.len(), resamples, seed),
        resampled,
        resamples: resamples as u64,
        comparison,
        tracks,
    }
}
