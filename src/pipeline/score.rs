//! A saved model on the tracks of files: its reading, and explanations.

use std::borrow::Cow;
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::progress::Progress;
use super::track_selector::TrackSelector;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::mapping::ColumnMapping;
use hitflop_core::track::{Decade, Feature, TARGET};
use hitflop_data::table::write::{self, AppendedColumn, AppendedValues, TableFormat};
use hitflop_data::track_files::{self, TrackFileOptions, TrackFiles};
use hitflop_model::artifact::{self, Artifact};
use hitflop_model::explain::counterfactual::Counterfactuals;
use hitflop_model::explain::local::Explanation;
use hitflop_model::missing::{FeatureCoverage, FeatureCoverageSummary};
use hitflop_model::scoring::counts::ScoringCounts;
use hitflop_model::scoring::drift::DriftReport;
use hitflop_model::scoring::warnings::WarningSummary;
use hitflop_model::scoring::Scorer;

/// A model file and files of tracks.
#[derive(Clone, Debug)]
pub struct FileOptions {
    /// The model file.
    pub model: PathBuf,
    /// Tables with a column for each feature of the model: files, globs, directories, archives, or `-` for standard input.
    pub inputs: Vec<PathBuf>,
    /// How the tables are read.
    pub reading: TrackFileOptions,
}

impl FileOptions {
    /// Reads the model.
    pub(super) fn scorer(&self, progress: &dyn Progress) -> Result<Scorer> {
        Ok(Scorer::new(progress.stage("read the model", || artifact::read(&self.model))?))
    }

    /// The same options to score labels: with the checksum of each file and, unless they have a rule for labels, that of the model.
    pub(super) fn for_labels(&self, model: &Artifact) -> FileOptions {
        let mut options = self.clone();
        options.reading.with_checksums = true;
        let own = model.origin.label.as_deref().filter(|label| *label != TARGET);
        let label = &mut options.reading.mapping.label;
        *label = label.take().or_else(|| own?.parse().ok());
        options
    }

    /// Reads the tracks.
    pub(super) fn tracks(&self, features: &[Feature], progress: &dyn Progress) -> Result<TrackFiles> {
        progress.stage("read the tracks", || track_files::read(&self.inputs, features, &self.reading))
    }
}

/// How tracks compare with those that the model learned from.
#[derive(Clone, Debug, Serialize)]
pub struct TrainingComparison {
    /// Reasons to doubt predictions, by kind and feature.
    pub warnings: Vec<WarningSummary>,
    /// What tracks lack, and how good the answers to such tracks are; nothing of complete tracks.
    pub missing_features: Vec<FeatureCoverageSummary>,
    /// How far the distributions of the features are from those of training; none of few tracks.
    pub drift: Option<DriftReport>,
}

impl TrainingComparison {
    pub(super) fn of(tracks: &TrackFiles, scorer: &Scorer, progress: &dyn Progress) -> Result<TrainingComparison> {
        progress.stage("compare with the training tracks", || {
            let warnings = scorer.warning_summary(&tracks.rows);
            let missing_features = FeatureCoverageSummary::of(scorer.artifact(), &tracks.rows);
            let drift = DriftReport::of(tracks.rows.iter(), scorer.artifact());
            Ok(TrainingComparison { warnings, missing_features, drift })
        })
    }

    /// Of rows that were counted while they were scored.
    pub(super) fn of_counts(counts: &ScoringCounts, scorer: &Scorer) -> TrainingComparison {
        TrainingComparison {
            warnings: counts.warnings().to_vec(),
            missing_features: counts.missing_features(scorer),
            drift: counts.drift(scorer),
        }
    }
}

/// Tracks with their explanations.
#[derive(Clone, Debug)]
pub struct ExplainedTracks {
    /// The tracks as they were read.
    pub tracks: TrackFiles,
    /// One explanation a track.
    pub explanations: Vec<Explanation>,
    /// Whether the model learned from simulated tracks; None if that is unknown.
    pub model_simulated: Option<bool>,
    /// How the tracks compare with those of training.
    pub comparison: TrainingComparison,
    features: Vec<Feature>,
}

/// Explains the predictions of all tracks of files.
///
/// # Errors
/// A file is invalid, lacks a feature, or has a column that would be appended.
pub fn explain_file(options: &FileOptions, progress: &dyn Progress) -> Result<ExplainedTracks> {
    let scorer = options.scorer(progress)?;
    let features = scorer.features().to_vec();
    let tracks = options.tracks(&features, progress)?;
    let mappings = tracks.files.iter().map(|file| (file.file.as_str(), &file.mapping));
    refuse_taken_columns(mappings, &ExplainedTracks::columns(&features))?;
    let records = tracks.matrix(&features);
    let explanations = progress.stage("explain", || scorer.explain_all(records.view(), &tracks.decades()))?;
    let comparison = TrainingComparison::of(&tracks, &scorer, progress)?;
    let model_simulated = scorer.artifact().origin.simulated;
    Ok(ExplainedTracks { tracks, explanations, model_simulated, comparison, features })
}

impl ExplainedTracks {
    /// `base`, a column for each feature, and their sum with the prediction.
    fn columns(features: &[Feature]) -> Vec<String> {
        let contributions = features.iter().map(|feature| format!("contribution_{feature}"));
        let last = ["answer", "probability", "label"].map(str::to_owned);
        std::iter::once("base".to_owned()).chain(contributions).chain(last).collect()
    }

    /// Writes the tracks with all their columns, and the contributions of the features appended.
    ///
    /// # Errors
    /// The target refuses.
    pub fn write(&self, format: TableFormat, target: &mut dyn Write) -> std::io::Result<()> {
        let real =
            |value: &dyn Fn(&Explanation) -> f64| AppendedValues::Real(self.explanations.iter().map(value).collect());
        let contributions =
            (0..self.features.len()).map(|at| real(&|explanation| explanation.contributions[at].contribution));
        let labels = self.explanations.iter().map(|explanation| explanation.label as i32).collect();
        let values = std::iter::once(real(&|explanation| explanation.base)).chain(contributions).chain([
            real(&|explanation| explanation.output),
            real(&|explanation| explanation.probability),
            AppendedValues::Whole(labels),
        ]);
        let names = Self::columns(&self.features).into_iter();
        let appended: Vec<AppendedColumn> =
            names.zip(values).map(|(name, values)| AppendedColumn { name, values }).collect();
        write::write(&self.tracks.tables(), &appended, format, target)
    }
}

/// The explanation of one track.
#[derive(Clone, Debug, Serialize)]
pub struct TrackExplanation {
    /// File of the track.
    pub file: String,
    /// Number of the track in its file, from 1.
    pub row: u64,
    /// Title, if the file has one.
    pub title: Option<String>,
    /// Artist, if the file has one.
    pub artist: Option<String>,
    /// Spotify URI, if the file has one.
    pub uri: Option<String>,
    /// Contributions of the features.
    pub explanation: Explanation,
    /// The smallest changes of one or two features with which the predicted label changes.
    pub alternatives: Counterfactuals,
    /// Why no such changes were searched for.
    pub alternatives_not_searched: Option<NotSearched>,
    /// Reasons to doubt the prediction.
    pub warnings: Vec<String>,
    /// What the track lacks, and how good the answers to such tracks are.
    pub missing_features: FeatureCoverage,
    /// Whether the model learned from simulated tracks; None if that is unknown.
    pub model_simulated: Option<bool>,
    /// The tracks as they were read.
    #[serde(skip)]
    pub tracks: TrackFiles,
}

/// Why no alternatives of a track were searched for, which have to be within the range of its decade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotSearched {
    /// The decade of the track is not known.
    DecadeUnknown,
    /// Training had no track of its decade.
    DecadeNotInTraining(Decade),
}

/// Explains the prediction of one track of files.
///
/// # Errors
/// A file is invalid or lacks a feature, or there is no such track, or more than one.
pub fn explain_track(
    options: &FileOptions,
    selector: &TrackSelector,
    progress: &dyn Progress,
) -> Result<TrackExplanation> {
    let scorer = options.scorer(progress)?;
    let features = scorer.features();
    let tracks = options.tracks(features, progress)?;
    let index = selector.index(&tracks)?;
    let values: Vec<f64> = features.iter().map(|feature| tracks.rows[index][*feature as usize]).collect();
    let decade = tracks.decades()[index];
    let (explanation, alternatives) = progress.stage("explain", || {
        let explanation = scorer.explain(&values, decade)?;
        Ok::<_, Error>((explanation, scorer.counterfactuals(&values, decade)?))
    })?;
    let alternatives_not_searched = match (scorer.artifact().reference.group(decade), decade) {
        (Some(_), _) => None,
        (None, None) => Some(NotSearched::DecadeUnknown),
        (None, Some(decade)) => Some(NotSearched::DecadeNotInTraining(decade)),
    };
    let warnings = scorer.warnings(&tracks.rows[index]).iter().map(ToString::to_string).collect();
    let missing_features = scorer.coverage(&tracks.rows[index]);
    let (file, row) = tracks.locate(index);
    let file = file.file.clone();
    let texts = tracks.texts(index);
    let [title, artist, uri] = [texts.title, texts.artist, texts.uri].map(|text| text.map(Cow::into_owned));
    let model_simulated = scorer.artifact().origin.simulated;
    Ok(TrackExplanation {
        file,
        row,
        title,
        artist,
        uri,
        explanation,
        alternatives,
        alternatives_not_searched,
        warnings,
        missing_features,
        model_simulated,
        tracks,
    })
}

/// Checks that no file has a column of a name that is appended.
pub(super) fn refuse_taken_columns<'a>(
    files: impl Iterator<Item = (&'a str, &'a ColumnMapping)> + Clone,
    appended: &[String],
) -> Result<()> {
    let mut faults = Vec::new();
    for name in appended {
        for (file, mapping) in files.clone() {
            if mapping.columns().iter().any(|column| column.column == *name) {
                let place = Place::file(file).column(name.as_str());
                let rule = "expected no such column, because it is appended; rename or remove it";
                faults.push(Fault::new(place, Reason::DuplicateColumn, rule));
            }
        }
    }
    match faults.len() as u64 {
        0 => Ok(()),
        total => Err(Error::inputs(faults, total)),
    }
}
