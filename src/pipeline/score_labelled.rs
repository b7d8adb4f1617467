//! Scores of a saved model on labelled tracks of files.

use ndarray::Axis;
use serde::Serialize;

use super::progress::Progress;
use super::score::{FileOptions, TrainingComparison};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::FeatureRow;
use hitflop_core::reader::Table;
use hitflop_core::track::Label;
use hitflop_data::track_files::{LabelledRows, TrackFile, TrackFiles};
use hitflop_metrics::bootstrap::{intervals, ResampledPredictions, ScoreIntervals};
use hitflop_metrics::scores::{self, Confusion, Scores};
use hitflop_metrics::split::{codes_of_texts, RowGroups};
use hitflop_model::artifact::{known_tracks, Artifact};
use hitflop_model::scoring::overlap::known_rows;
use hitflop_model::scoring::Prediction;
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
    /// Number of rows that were scored: all, or those of the part `test`.
    pub rows: u64,
    /// Whether only the rows `test` of the column `split` were scored.
    pub test_rows_only: bool,
    /// Rows that are hits.
    pub hits: u64,
    /// Probability above which a track is predicted as a hit; none if tracks lack different features, and the thresholds differ.
    pub threshold: Option<f64>,
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
    /// Rows that are tracks of the model's data.
    pub training_overlap: TrainingOverlap,
    /// How the tracks compare with those of training.
    #[serde(flatten)]
    pub comparison: TrainingComparison,
    /// The tracks as they were read.
    #[serde(skip)]
    pub tracks: TrackFiles,
}

/// Rows that are tracks of the data that the model learned from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TrainingOverlap {
    /// Input files, also of directories and archives, whose bytes are those of a file that the model learned from.
    pub files: Vec<String>,
    /// Rows scored that are known tracks, by URI or by all audio values; none if the known tracks of the model are not beside it.
    pub known_rows: Option<u64>,
}

impl TrainingOverlap {
    fn of(options: &FileOptions, artifact: &Artifact, tracks: &TrackFiles, rows: &[usize]) -> Result<TrainingOverlap> {
        let data = known_tracks::checksums(&artifact.origin.data);
        let is_training_file = |file: &&TrackFile| file.sha256.as_ref().is_some_and(|sha256| data.contains(sha256));
        let files = tracks.files.iter().filter(is_training_file).map(|file| file.file.clone()).collect();
        let beside = known_tracks::beside(&options.model);
        let known = known_tracks::read(&beside).ok().filter(|known| known.data == data);
        let known_rows = known.map(|known| {
            let uris = uris(tracks);
            let scored = rows.iter().map(|&row| (uris[row].as_str(), &tracks.rows[row] as &FeatureRow));
            known_rows(&known, scored)
        });
        Ok(TrainingOverlap { files, known_rows })
    }
}

/// The URI of each row of all files; empty where there is none.
fn uris(tracks: &TrackFiles) -> Vec<String> {
    let of_file = |file: &TrackFile| -> Vec<String> {
        let uri = |row| file.mapping.texts(&file.table, row).uri.unwrap_or_default().into_owned();
        (0..file.table.rows()).map(uri).collect()
    };
    tracks.files.iter().flat_map(of_file).collect()
}

/// Scores a saved model on the labelled tracks of files; if they have a column `split`, on their rows `test`.
///
/// # Errors
/// A file is invalid, lacks a feature or the label, or has no rows to score.
pub fn evaluate_file(options: &FileOptions, seed: u64, progress: &dyn Progress) -> Result<FileScores> {
    let scorer = options.scorer(progress)?;
    let tracks = options.for_labels(scorer.artifact()).tracks(scorer.features(), progress)?;
    let labelled = tracks.labelled()?;
    if labelled.rows.is_empty() {
        let rule = if labelled.test_rows_only { "expected rows whose split is `test`" } else { "expected rows" };
        return Err(Error::input(Fault::new(Place::file(names(&tracks)), Reason::TooFewRows, rule).found("none")));
    }
    let records = tracks.matrix(scorer.features()).select(Axis(0), &labelled.rows);
    let predictions = progress.stage("score", || scorer.score(records.view()))?;
    let comparison = TrainingComparison::of(&tracks, &scorer, progress)?;
    let overlap = progress.stage("look for training tracks", || {
        TrainingOverlap::of(options, scorer.artifact(), &tracks, &labelled.rows)
    })?;
    progress.stage("resample", || {
        Ok(file_scores(scorer.artifact(), tracks, (comparison, overlap), &labelled, &predictions, seed))
    })
}

fn names(tracks: &TrackFiles) -> String {
    tracks.files.iter().map(|file| file.file.as_str()).collect::<Vec<_>>().join(", ")
}

fn file_scores(
    artifact: &Artifact,
    tracks: TrackFiles,
    (comparison, training_overlap): (TrainingComparison, TrainingOverlap),
    labelled: &LabelledRows,
    predictions: &[Prediction],
    seed: u64,
) -> FileScores {
    let truth = &labelled.targets;
    let probabilities: Vec<f64> = predictions.iter().map(|prediction| prediction.probability).collect();
    let labels: Vec<bool> = predictions.iter().map(|prediction| prediction.label == Label::Hit).collect();
    // Tracks that lack different features have different thresholds.
    let threshold = predictions[0].threshold;
    let threshold = predictions.iter().all(|prediction| prediction.threshold == threshold).then_some(threshold);
    let (groups, resampled) = match &labelled.artists {
        Some(artists) => (RowGroups::connected(truth.len(), &[&codes_of_texts(artists)]), "artists"),
        None => (RowGroups::connected(truth.len(), &[]), "tracks"),
    };
    let resamples = ValidationBudget::standard().resamples;
    let predictions = ResampledPredictions::of_labels(truth, &probabilities, groups.of_rows(), &labels);
    let hits = truth.iter().filter(|&&hit| hit).count();
    FileScores {
        model: artifact.model.name(),
        model_simulated: artifact.origin.simulated,
        input: names(&tracks),
        rows: truth.len() as u64,
        test_rows_only: labelled.test_rows_only,
        hits: hits as u64,
        threshold,
        confusion: Confusion::of_labels(truth, &labels),
        scores: scores::scores_of_labels(truth, &probabilities, &labels),
        majority_accuracy: hits.max(truth.len() - hits) as f64 / truth.len() as f64,
        intervals: intervals(&[predictions], groups.len(), resamples, seed),
        resampled,
        resamples: resamples as u64,
        training_overlap,
        comparison,
        tracks,
    }
}
