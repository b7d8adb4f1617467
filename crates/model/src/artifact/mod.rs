//! A fitted model as one file, `hitflop.model`.
//!
//! ```text
//! magic "hitflop\0" | version u32 | header length u32 | trees length u64 | reference length u32 | fallbacks length u64
//! | header (JSON) | trees (binary, zstd) | reference (JSON, zstd) | fallbacks | SHA-256
//! ```
//!
//! The fallbacks are the trees of the models for tracks that lack features, each (binary, zstd) with its length (u64) before it. Files
//! of versions 3 to 5 are read; those of version 3 have neither fallbacks nor their length.
//!
//! Numbers are little-endian; the checksum is of everything before it. The header describes what the model
//! is and where it comes from: features with kind, unit, documented range and range in training; preprocessing; parameters;
//! scores with their protocol; calibration; threshold and what it was chosen for; seed; name and SHA-256 of every file that it
//! learned from. The trees are in the compact form of [`hitflop_trees::codec`]. The reference holds the quantiles of each feature among the
//! hits and the flops of each decade in training ([`FeatureQuantiles`]). The file holds no path, and no time but the one that it was
//! given, so that the same data
//! and settings give the same bytes.
//!
//! Reading executes nothing, checks everything, and takes memory in proportion to the file.

mod describe;
mod envelope;
mod header;
pub mod known_tracks;
mod model_file;
mod paths;
mod read;
mod read_estimator;
mod reference_codec;
#[cfg(test)]
mod tests;
mod time;
mod write;

use serde::{Deserialize, Serialize};

pub use describe::describe;
pub use paths::ModelPaths;
pub use read::{from_bytes, read, read_bytes};
pub use time::is_time;
pub use write::{metrics_json, sha256, to_bytes, write};

use crate::evaluation::{Confusion, Evaluation, Scores};
use crate::missing::{CoverageRows, FeatureMask};
use crate::model::Model;
use crate::probabilities::CalibrationScores;
use crate::reference::FeatureQuantiles;
use crate::selection::cross_validation::CrossValidation;
use crate::selection::feature_set::FeatureSet;
use crate::selection::hold_out::HoldOut;
use hitflop_core::fingerprint::Fingerprint;
use hitflop_core::track::TARGET;
use hitflop_metrics::split::SampleSize;

/// A model with its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact {
    /// What scores a track.
    pub model: Model,
    /// Where it comes from and how good it is.
    pub origin: ModelOrigin,
    /// Where all features, also those that it was not given, lie in the rows that it learned from.
    pub reference: FeatureQuantiles,
}

impl Artifact {
    /// Accuracy and ROC AUC of the answers to tracks that lack these features of the model: of the test rows with the same features
    /// hidden, if these were tried together, else with as many features hidden at random. None if the file does not say.
    pub fn scores_without(&self, missing: FeatureMask) -> Option<(f64, f64)> {
        if missing.is_subset(self.model.learned_missing) {
            let Scores { accuracy, roc_auc, .. } = self.origin.metrics.scores;
            return Some((accuracy, roc_auc));
        }
        let scores = self.model.fallback(missing)?.scores(missing)?;
        Some((scores.accuracy, scores.roc_auc))
    }

    /// The test rows of [`Artifact::scores_without`].
    pub(crate) fn rows_without(&self, missing: FeatureMask) -> CoverageRows {
        let has_pattern = || self.model.fallback(missing).is_some_and(|model| model.pattern(missing).is_some());
        match missing.is_subset(self.model.learned_missing) {
            true => CoverageRows::All,
            false if has_pattern() => CoverageRows::SameMissing,
            false => CoverageRows::AsManyMissing,
        }
    }
}

/// Where a model comes from and how good it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelOrigin {
    /// Version of the program that fitted it.
    pub program_version: String,
    /// Identifies the run that made it, as report, card, metrics and known tracks of that run do: equal data, settings and version
    /// give an equal one. None in files of older programs.
    #[serde(default)]
    pub run_id: Option<String>,
    /// Whether it learned from simulated tracks. None, hence unknown, in files of older programs.
    #[serde(default)]
    pub simulated: Option<bool>,
    /// The column of which 1 is a hit, or the rule that makes one, such as `popularity>=60`, without control characters. None in files of older programs,
    /// which know `target` only.
    #[serde(default)]
    pub label: Option<String>,
    /// When it was made, as whoever had it made says: RFC 3339 in UTC, to the second (`2026-01-31T12:00:00Z`).
    pub created: Option<String>,
    /// Which features it was given.
    pub feature_set: FeatureSet,
    /// How rows were held out.
    pub hold_out: HoldOut,
    /// How well it does.
    pub metrics: EvaluationMetrics,
    /// The files that it learned from.
    pub data: Vec<DataFile>,
}

/// Scores with the protocol that they were measured by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluationMetrics {
    /// How rows were split: `random 80/20, seed 42`.
    pub protocol: String,
    /// Rows fitted on.
    pub train_rows: u64,
    /// Rows scored on.
    pub test_rows: u64,
    /// Accuracy on the test rows of always naming the label that is more frequent in training.
    pub majority_accuracy: f64,
    /// Scores on the test rows.
    pub scores: Scores,
    /// Answers on the test rows.
    pub confusion: Confusion,
    /// Scores on folds of the training rows, if it was cross-validated: at a threshold of 0.5 and without calibration.
    pub cross_validation: Option<CrossValidation>,
    /// Scores of the probabilities before and after calibration.
    pub calibration: Option<CalibrationScores>,
    /// Size of the sample of the training rows that folds, calibration, threshold and fallback models are of; absent if they are of all
    /// training rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleSize>,
}

/// A file that a model learned from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Name as the user knows it, without control characters.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// What people have to know of a model of simulated tracks.
pub const SIMULATED_NOTICE: &str =
    "this model learned from simulated tracks; its predictions do not apply to real tracks";

impl ModelOrigin {
    /// The column of which 1 is a hit, or the rule that makes one.
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(TARGET)
    }

    /// [`SIMULATED_NOTICE`], if it is true.
    pub fn notice(&self) -> Option<&'static str> {
        (self.simulated == Some(true)).then_some(SIMULATED_NOTICE)
    }
}

impl EvaluationMetrics {
    /// What is kept of an evaluation.
    pub fn new(evaluation: &Evaluation, cross_validation: Option<CrossValidation>) -> EvaluationMetrics {
        EvaluationMetrics {
            protocol: evaluation.hold_out.description(),
            train_rows: evaluation.train_rows,
            test_rows: evaluation.test_rows,
            majority_accuracy: evaluation.majority_accuracy,
            scores: evaluation.scores,
            confusion: evaluation.confusion,
            cross_validation,
            calibration: None,
            sample: None,
        }
    }

    /// The same with scores of the probabilities before and after calibration.
    pub fn calibrated(self, scores: CalibrationScores) -> EvaluationMetrics {
        EvaluationMetrics { calibration: Some(scores), ..self }
    }
}

impl DataFile {
    /// Name and checksum of the files that were read; control characters in a name are escaped.
    pub fn of(sources: &[Fingerprint]) -> Vec<DataFile> {
        let file = |source: &Fingerprint| DataFile { name: printable(&source.name), sha256: source.sha256.clone() };
        sources.iter().map(file).collect()
    }
}

/// A text with its control characters escaped, as those of model files are.
pub fn printable(text: &str) -> String {
    let shown = |letter: char| match letter.is_control() {
        true => letter.escape_default().collect(),
        false => letter.to_string(),
    };
    text.chars().map(shown).collect()
}
