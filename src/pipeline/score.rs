//! A saved model on the tracks of a file: predictions, explanations, scores.

use std::borrow::Cow;
use std::path::Path;

use ndarray::ArrayView2;
use serde::Serialize;

use super::options::invalid;
use super::progress::Progress;
use super::read::csv_bytes;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_data::ingest::labelled::{self, Labelled};
use hitflop_data::ingest::unlabelled::{self, Missing, Unlabelled};
use hitflop_metrics::bootstrap::{intervals, ResampledPredictions, ScoreIntervals};
use hitflop_metrics::scores::{self, Confusion, Scores};
use hitflop_metrics::split::{codes_of_texts, RowGroups};
use hitflop_model::artifact::{self, Artifact};
use hitflop_model::explain::counterfactual::Counterfactuals;
use hitflop_model::explain::local::Explanation;
use hitflop_model::scoring::{Prediction, Scorer};
use hitflop_model::validation::ValidationBudget;

/// A model file and a file of tracks.
#[derive(Clone, Copy, Debug)]
pub struct FileOptions<'a> {
    /// The model.
    pub model: &'a Path,
    /// CSV or, for [`evaluate_file()`], Parquet file with a column for each feature of the model.
    pub input: &'a Path,
    /// Whether empty fields and absent columns are missing values instead of an error.
    pub allow_missing: bool,
}

impl FileOptions<'_> {
    fn missing(&self) -> Missing {
        match self.allow_missing {
            true => Missing::Allowed,
            false => Missing::Refused,
        }
    }

    fn scorer(&self, progress: &dyn Progress) -> Result<Scorer> {
        Ok(Scorer::new(progress.stage("read the model", || artifact::read(self.model))?))
    }
}

/// Tracks with their predictions.
#[derive(Clone, Debug)]
pub struct ScoredTracks {
    /// The tracks as they were read.
    pub tracks: Unlabelled,
    /// One prediction a track.
    pub predictions: Vec<Prediction>,
    /// Whether the model learned from simulated tracks; None if that is unknown.
    pub model_simulated: Option<bool>,
}

/// Predicts the tracks of a CSV file.
///
/// # Errors
/// A file is invalid, lacks a feature, or has a column `label` or `probability`.
pub fn predict_file(options: FileOptions, progress: &dyn Progress) -> Result<ScoredTracks> {
    let scorer = options.scorer(progress)?;
    let tracks =
        progress.stage("read the tracks", || unlabelled::read(options.input, scorer.features(), options.missing()))?;
    refuse_taken_columns(&tracks, &ScoredTracks::COLUMNS.map(str::to_owned), options.input)?;
    let records = matrix(&tracks.values, tracks.records.len(), scorer.features())?;
    let predictions = progress.stage("score", || scorer.score(records))?;
    Ok(ScoredTracks { tracks, predictions, model_simulated: scorer.artifact().origin.simulated })
}

impl ScoredTracks {
    const COLUMNS: [&'static str; 2] = ["label", "probability"];

    /// Number of tracks that are predicted as hits.
    pub fn hits(&self) -> u64 {
        self.predictions.iter().filter(|prediction| prediction.label == Label::Hit).count() as u64
    }

    /// The tracks as CSV with all their columns, and `label` (1 hit, 0 flop) and `probability` of a hit appended.
    ///
    /// # Errors
    /// The CSV writer fails.
    pub fn csv(&self) -> Result<Vec<u8>> {
        // Borrowed where they are as they were read: a catalogue has millions of fields.
        let borrowed = |text| Cow::Borrowed(str::as_bytes(text));
        let columns = self.tracks.columns.iter().map(String::as_str);
        let header: Vec<Cow<[u8]>> = columns.chain(Self::COLUMNS).map(borrowed).collect();
        let rows = self.tracks.records.iter().zip(&self.predictions);
        let rows = rows.map(|(record, prediction)| scored_record(record, prediction));
        csv_bytes(std::iter::once(header).chain(rows))
    }
}

/// A record with label and probability appended.
fn scored_record<'a>(record: &'a csv::StringRecord, prediction: &Prediction) -> Vec<Cow<'a, [u8]>> {
    let appended = [(prediction.label as i32).to_string(), prediction.probability.to_string()];
    let appended = appended.map(|text| Cow::Owned(text.into_bytes()));
    record.iter().map(|field| Cow::Borrowed(field.as_bytes())).chain(appended).collect()
}

/// Tracks with their explanations.
#[derive(Clone, Debug)]
pub struct ExplainedTracks {
    /// The tracks as they were read.
    pub tracks: Unlabelled,
    /// One explanation a track.
    pub explanations: Vec<Explanation>,
    /// Whether the model learned from simulated tracks; None if that is unknown.
    pub model_simulated: Option<bool>,
    features: Vec<Feature>,
}

/// Explains the predictions of all tracks of a CSV file.
///
/// # Errors
/// A file is invalid, lacks a feature, or has a column that would be appended.
pub fn explain_file(options: FileOptions, progress: &dyn Progress) -> Result<ExplainedTracks> {
    let scorer = options.scorer(progress)?;
    let features = scorer.features().to_vec();
    let tracks = progress.stage("read the tracks", || DatedTracks::read(options, &features))?;
    refuse_taken_columns(&tracks.file, &ExplainedTracks::columns(&features), options.input)?;
    let records = matrix(&tracks.values, tracks.file.records.len(), &features)?;
    let explanations = progress.stage("explain", || scorer.explain_all(records, &tracks.decades))?;
    let model_simulated = scorer.artifact().origin.simulated;
    Ok(ExplainedTracks { tracks: tracks.file, explanations, model_simulated, features })
}

impl ExplainedTracks {
    /// `base`, a column for each feature, and their sum with the prediction.
    fn columns(features: &[Feature]) -> Vec<String> {
        let contributions = features.iter().map(|feature| format!("contribution_{feature}"));
        let last = ["answer", "probability", "label"].map(str::to_owned);
        std::iter::once("base".to_owned()).chain(contributions).chain(last).collect()
    }

    /// The tracks as CSV with all their columns, and the contributions of the features appended.
    ///
    /// # Errors
    /// The CSV writer fails.
    pub fn csv(&self) -> Result<Vec<u8>> {
        let header = self.tracks.columns.iter().cloned().chain(Self::columns(&self.features)).collect();
        let row = |(record, explanation): (&csv::StringRecord, &Explanation)| {
            let contributions = explanation.contributions.iter().map(|part| part.contribution);
            let numbers = std::iter::once(explanation.base).chain(contributions);
            let numbers = numbers.chain([explanation.output, explanation.probability]).map(|number| number.to_string());
            let appended = numbers.chain([(explanation.label as i32).to_string()]);
            record.iter().map(str::to_owned).chain(appended).collect::<Vec<String>>()
        };
        csv_bytes(std::iter::once(header).chain(self.tracks.records.iter().zip(&self.explanations).map(row)))
    }
}

/// The explanation of one track.
#[derive(Clone, Debug, Serialize)]
pub struct TrackExplanation {
    /// Number of the track in its file, from 1.
    pub row: u64,
    /// Contributions of the features.
    pub explanation: Explanation,
    /// The smallest changes of one or two features with which the predicted label changes.
    pub alternatives: Counterfactuals,
    /// Whether the model learned from simulated tracks; None if that is unknown.
    pub model_simulated: Option<bool>,
    /// Features that the file has no column of.
    #[serde(skip)]
    pub absent: Vec<Feature>,
}

/// Explains the prediction of the track in a row of a CSV file, the first row being 1.
///
/// # Errors
/// A file is invalid or lacks a feature, or there is no such row.
pub fn explain_track(options: FileOptions, row: u64, progress: &dyn Progress) -> Result<TrackExplanation> {
    let scorer = options.scorer(progress)?;
    let features = scorer.features();
    let tracks = progress.stage("read the tracks", || DatedTracks::read(options, features))?;
    let index = (row as usize).checked_sub(1).filter(|&index| index < tracks.decades.len()).ok_or_else(|| {
        let rule = format!("expected from 1 to {}, the tracks of {}", tracks.decades.len(), options.input.display());
        invalid("row", rule, row.to_string())
    })?;
    let values = &tracks.values[index * features.len()..][..features.len()];
    let (explanation, alternatives) = progress.stage("explain", || {
        let explanation = scorer.explain(values, tracks.decades[index])?;
        Ok::<_, Error>((explanation, scorer.counterfactuals(values, tracks.decades[index])?))
    })?;
    let model_simulated = scorer.artifact().origin.simulated;
    Ok(TrackExplanation { row, explanation, alternatives, model_simulated, absent: tracks.file.absent })
}

/// Tracks with the decade of each, even if it is no feature of the model.
struct DatedTracks {
    file: Unlabelled,
    /// The model's features, row by row.
    values: Vec<f64>,
    decades: Vec<Option<Decade>>,
}

impl DatedTracks {
    fn read(options: FileOptions, features: &[Feature]) -> Result<DatedTracks> {
        let undated = || {
            let file = unlabelled::read(options.input, features, options.missing())?;
            Ok(DatedTracks { values: file.values.clone(), decades: vec![None; file.records.len()], file })
        };
        if features.contains(&Feature::Decade) {
            return undated();
        }
        // Percentile ranks are within the decade if the file has it.
        let with_decade: Vec<Feature> = features.iter().copied().chain([Feature::Decade]).collect();
        let Ok(mut file) = unlabelled::read(options.input, &with_decade, options.missing()) else { return undated() };
        file.absent.retain(|feature| *feature != Feature::Decade);
        let rows = file.values.chunks_exact(with_decade.len());
        let decades = rows.clone().map(|row| Decade::from_year(row[features.len()] as i32)).collect();
        let values = rows.flat_map(|row| row[..features.len()].iter().copied()).collect();
        Ok(DatedTracks { file, values, decades })
    }
}

/// Scores of a saved model on the rows of a file.
#[derive(Clone, Debug, Serialize)]
pub struct FileScores {
    /// The model in a phrase.
    pub model: String,
    /// Whether it learned from simulated tracks; None if that is unknown.
    pub model_simulated: Option<bool>,
    /// The file of tracks.
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
}

/// Scores a saved model on the labelled tracks of a CSV or Parquet file; if it has a column `split`, on its rows `test`.
///
/// # Errors
/// A file is invalid, lacks a feature or the label, or has no rows to score.
pub fn evaluate_file(options: FileOptions, seed: u64, progress: &dyn Progress) -> Result<FileScores> {
    let artifact = progress.stage("read the model", || artifact::read(options.model))?;
    let features = artifact.model.features();
    let tracks = progress.stage("read the tracks", || labelled::read(options.input, &features, options.missing()))?;
    let records = matrix(&tracks.values, tracks.targets.len(), &features)?;
    let probabilities = progress.stage("score", || artifact.model.predict_proba(records))?.to_vec();
    progress.stage("resample", || file_scores(&artifact, options.input, &tracks, &probabilities, seed))
}

fn file_scores(
    artifact: &Artifact,
    input: &Path,
    tracks: &Labelled,
    probabilities: &[f64],
    seed: u64,
) -> Result<FileScores> {
    let (truth, threshold) = (&tracks.targets, artifact.model.threshold);
    if truth.is_empty() {
        let rule = if tracks.test_rows_only { "expected rows whose split is `test`" } else { "expected rows" };
        let place = Place::file(input.display().to_string());
        return Err(Error::input(Fault::new(place, Reason::TooFewRows, rule).found("none")));
    }
    let (groups, resampled) = match &tracks.artists {
        Some(artists) => (RowGroups::connected(truth.len(), &[&codes_of_texts(artists)]), "artists"),
        None => (RowGroups::connected(truth.len(), &[]), "tracks"),
    };
    let resamples = ValidationBudget::standard().resamples;
    let predictions = ResampledPredictions::new(truth, probabilities, groups.of_rows(), threshold);
    let hits = truth.iter().filter(|&&hit| hit).count();
    Ok(FileScores {
        model: artifact.model.name(),
        model_simulated: artifact.origin.simulated,
        input: input.display().to_string(),
        rows: truth.len() as u64,
        test_rows_only: tracks.test_rows_only,
        hits: hits as u64,
        threshold,
        confusion: scores::confusion(truth, probabilities, threshold),
        scores: scores::scores(truth, probabilities, threshold),
        majority_accuracy: hits.max(truth.len() - hits) as f64 / truth.len() as f64,
        intervals: intervals(&[predictions], groups.len(), resamples, seed),
        resampled,
        resamples: resamples as u64,
    })
}

fn matrix<'a>(values: &'a [f64], rows: usize, features: &[Feature]) -> Result<ArrayView2<'a, f64>> {
    ArrayView2::from_shape((rows, features.len()), values)
        .map_err(|error| Error::Failed(format!("the tracks are no matrix: {error}")))
}

fn refuse_taken_columns(tracks: &Unlabelled, appended: &[String], input: &Path) -> Result<()> {
    match appended.iter().find(|name| tracks.columns.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let place = Place::file(input.display().to_string()).column(name.as_str());
            let rule = "expected no such column, because it is appended; rename or remove it";
            Err(Error::input(Fault::new(place, Reason::DuplicateColumn, rule)))
        }
    }
}
