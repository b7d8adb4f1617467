//! The report of a comparison of two tables, or of two models on one table: findings, then charts, tables, text and page.

mod figure_tables;
mod page;
mod tables;
mod text;
mod verdict;
mod write;

#[cfg(test)]
mod tests;

pub use verdict::{drift_level, DriftEntry, DriftGate, DriftVerdict};
pub use write::write;

use serde::Serialize;

use crate::provenance::Setting;
use hitflop_core::track::{Feature, Label};
use hitflop_data::explore::comparison::{CorrelationChange, ResampledUnit, TableComparison};
use hitflop_model::scoring::score_comparison::{PredictionChange, ScoreComparison};

/// Everything that was found by a comparison; serialised, it is `compare.json`.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonFindings {
    /// Where the numbers come from.
    pub provenance: ComparisonProvenance,
    /// The reference and, if there are two tables, the current one.
    pub tables: Vec<TableDescription>,
    /// The models: that of the scores, or the old and the new one.
    pub models: Vec<ModelDescription>,
    /// What is resampled for intervals.
    pub resampled: ResampledUnit,
    /// Number of resamples; 0 if neither table has a second group.
    pub resamples: u64,
    /// How the tables differ; absent of one table.
    pub comparison: Option<TableComparison>,
    /// The pairs of columns whose correlation differs, the greatest difference first.
    pub correlation_changes: Vec<CorrelationChange>,
    /// Scores of each model on both tables.
    pub scores: Vec<ScoreComparison>,
    /// How predictions change from the old to the new model, a table each.
    pub changes: Vec<ChangedPredictions>,
    /// What has drifted, and whether it is above the threshold.
    pub verdict: DriftVerdict,
}

/// Where the numbers of a comparison come from.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonProvenance {
    /// Version of this program.
    pub version: String,
    /// Seed of the resamples.
    pub seed: u64,
    /// Whether a table has simulated tracks, or a model learned from them.
    pub simulated: bool,
    /// Settings of reading and comparing.
    pub settings: Vec<Setting>,
    /// The day on which the page was made. It is no part of `compare.json`.
    #[serde(skip)]
    pub date: String,
    /// The command that reproduces the report. It is no part of `compare.json`.
    #[serde(skip)]
    pub command: String,
}

/// A table as it was read.
#[derive(Clone, Debug, Serialize)]
pub struct TableDescription {
    /// As the user named it.
    pub name: String,
    /// Its files: name, and SHA-256 of the bytes.
    pub files: Vec<(String, Option<String>)>,
    /// Rows.
    pub rows: u64,
    /// Whether its tracks are simulated.
    pub simulated: bool,
    /// Whether it has labels.
    pub labelled: bool,
    /// Features that it has no column for.
    pub absent: Vec<Feature>,
}

/// A model of a comparison.
#[derive(Clone, Debug, Serialize)]
pub struct ModelDescription {
    /// As the user named its file.
    pub name: String,
    /// The model in a phrase.
    pub model: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Whether it learned from simulated tracks; none if that is unknown.
    pub simulated: Option<bool>,
    /// Rows of each table that are tracks of its data, by URI or audio values; none if its known tracks are not beside it.
    pub known_rows: Vec<Option<u64>>,
}

/// How predictions of a table change from the old to the new model.
#[derive(Clone, Debug, Serialize)]
pub struct ChangedPredictions {
    /// The change.
    #[serde(flatten)]
    pub change: PredictionChange,
    /// The tracks whose probability changes most, the greatest change first.
    pub tracks: Vec<ChangedTrack>,
}

/// A track whose predictions differ.
#[derive(Clone, Debug, Serialize)]
pub struct ChangedTrack {
    /// File of the track.
    pub file: String,
    /// Number of the row in its file, from 1.
    pub row: u64,
    /// Title, if there is one.
    pub title: Option<String>,
    /// Artist, if there is one.
    pub artist: Option<String>,
    /// Its label, if it is known.
    pub label: Option<Label>,
    /// Probabilities by the old and by the new model.
    pub probabilities: [f64; 2],
    /// Predicted labels.
    pub predicted: [Label; 2],
}

impl ComparisonFindings {
    /// What the tables are called in legends, headings and sentences: `A` and `B`.
    pub(crate) const TABLES: [&'static str; 2] = ["A", "B"];
    /// What two models are called.
    pub(crate) const MODELS: [&'static str; 2] = ["old", "new"];

    /// At most six sentences of what was found, with typographic signs.
    pub fn key_points(&self) -> Vec<String> {
        text::key_points(self)
    }

    /// What limits the comparison.
    pub fn warnings(&self) -> Vec<String> {
        text::warnings(self)
    }

    /// Tables and models in a phrase.
    pub(crate) fn subject(&self) -> String {
        let tables = self.table_names();
        match (&tables[..], &self.model_names()[..]) {
            ([table], [old, new]) => format!("{old} and {new} on {table}"),
            _ => tables.join(" and "),
        }
    }

    /// The tables without their directories, if they are told apart so.
    pub(crate) fn table_names(&self) -> Vec<&str> {
        short(self.tables.iter().map(|table| table.name.as_str()).collect())
    }

    /// The models without their directories, if they are told apart so.
    pub(crate) fn model_names(&self) -> Vec<&str> {
        short(self.models.iter().map(|model| model.name.as_str()).collect())
    }
}

/// The last parts of paths; the whole paths if two of them would be alike.
fn short(paths: Vec<&str>) -> Vec<&str> {
    let last =
        |path: &&'_ str| -> usize { path.trim_end_matches(['/', '\\']).rfind(['/', '\\']).map_or(0, |at| at + 1) };
    let names: Vec<&str> = paths.iter().map(|path| &path[last(path)..]).collect();
    let is_alike = names.iter().enumerate().any(|(index, name)| names[..index].contains(name));
    if is_alike {
        paths
    } else {
        names
    }
}
