//! The shape of the file. Nothing in it is checked yet; `read.rs` does that.

use serde::{Deserialize, Serialize};

use super::{Artifact, DataFile, Metrics};
use crate::learn::tree::Node;
use crate::learn::TrainSettings;
use crate::track::{Feature, Kind, Range};

/// What a file says that it is.
pub const FORMAT: &str = "hitflop-model";
/// The version written, and the newest that is read.
pub const VERSION: u64 = 1;
/// The only estimator so far.
pub const ESTIMATOR: &str = "decision_tree";
/// The only preprocessing so far.
pub const PREPROCESSING: &str = "standardise";

/// The whole file, in the order of its keys.
#[derive(Serialize, Deserialize)]
pub struct Document {
    pub format: String,
    pub version: u64,
    pub program_version: String,
    pub estimator: String,
    /// Threshold of the probability above which a track is called a hit.
    pub threshold: f64,
    pub settings: TrainSettings,
    pub metrics: Metrics,
    pub data: Vec<DataFile>,
    pub features: Vec<FeatureEntry>,
    pub preprocessing: Preprocessing,
    pub nodes: Vec<Node>,
}

/// A feature, in the order of the tree's columns.
#[derive(Serialize, Deserialize)]
pub struct FeatureEntry {
    pub name: Feature,
    pub kind: Kind,
    pub unit: String,
    pub documented_range: Range,
    pub training_min: f64,
    pub training_max: f64,
}

/// Mean and population standard deviation of each feature.
#[derive(Serialize, Deserialize)]
pub struct Preprocessing {
    pub method: String,
    pub means: Vec<f64>,
    pub scales: Vec<f64>,
}

impl From<&Artifact> for Document {
    fn from(artifact: &Artifact) -> Document {
        let model = &artifact.model;
        let entry = |input: &crate::learn::model::Input| {
            let info = input.feature.info();
            FeatureEntry {
                name: input.feature,
                kind: info.kind,
                unit: info.unit.to_owned(),
                documented_range: info.range,
                training_min: input.training_min,
                training_max: input.training_max,
            }
        };
        Document {
            format: FORMAT.to_owned(),
            version: VERSION,
            program_version: artifact.program_version.clone(),
            estimator: ESTIMATOR.to_owned(),
            threshold: model.threshold,
            settings: artifact.settings,
            metrics: artifact.metrics.clone(),
            data: artifact.data.clone(),
            features: model.inputs.iter().map(entry).collect(),
            preprocessing: Preprocessing {
                method: PREPROCESSING.to_owned(),
                means: model.standardiser.means.clone(),
                scales: model.standardiser.scales.clone(),
            },
            nodes: model.tree.tree().nodes().to_vec(),
        }
    }
}
