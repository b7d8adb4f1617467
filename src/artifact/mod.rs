//! A fitted model as a file: versioned JSON that this program, and people, can read.
//!
//! It holds all that is needed to score a track and to know where the model comes from: features with kind, unit,
//! documented range and range in training; the standardisation; the tree; the threshold; the parameters; scores with their
//! protocol; the seed; name and SHA-256 of every file that it learned from. It holds no time and no path, so that the same
//! data and settings give the same bytes.

mod format;
mod read;
#[cfg(test)]
mod tests;
mod write;

use serde::{Deserialize, Serialize};

pub use read::{from_json, read};
pub use write::{to_json, write};

use crate::ingest::source::Fingerprint;
use crate::learn::evaluation::{Confusion, Scores};
use crate::learn::model::Model;
use crate::learn::{TrainSettings, Trained};

/// A model with its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact {
    /// Version of the program that fitted it.
    pub program_version: String,
    /// What scores a track.
    pub model: Model,
    /// How it was fitted and scored.
    pub settings: TrainSettings,
    /// How well it does.
    pub metrics: Metrics,
    /// The files that it learned from.
    pub data: Vec<DataFile>,
}

/// Scores with the protocol that they were measured by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// How rows were split: `random 80/20, seed 42`.
    pub protocol: String,
    /// Rows fitted on.
    pub train_rows: u64,
    /// Rows scored on.
    pub test_rows: u64,
    /// Accuracy on the test rows of always naming the label that is commoner in training.
    pub majority_accuracy: f64,
    /// Scores on the test rows.
    pub scores: Scores,
    /// Answers on the test rows.
    pub confusion: Confusion,
}

/// A file that a model learned from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Name as the user knows it.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Artifact {
    /// What [`write()`] saves of a fit with `settings` on the files `sources`.
    pub fn new(trained: Trained, settings: &TrainSettings, sources: &[Fingerprint]) -> Artifact {
        let evaluation = trained.evaluation;
        Artifact {
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            model: trained.model,
            settings: *settings,
            metrics: Metrics {
                protocol: evaluation.protocol,
                train_rows: evaluation.train_rows,
                test_rows: evaluation.test_rows,
                majority_accuracy: evaluation.majority_accuracy,
                scores: evaluation.scores,
                confusion: evaluation.confusion,
            },
            data: sources
                .iter()
                .map(|source| DataFile { name: source.name.clone(), sha256: source.sha256.clone() })
                .collect(),
        }
    }
}
