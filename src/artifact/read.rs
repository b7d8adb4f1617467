//! A file to an artifact, with everything checked that a later step relies on.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use linfa::ParamGuard;
use serde_json::Value;

use super::format::{Document, Preprocessing, ESTIMATOR, FORMAT, PREPROCESSING, VERSION};
use super::{Artifact, Metrics};
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::learn::model::{Input, Model};
use crate::learn::standardise::Standardiser;
use crate::learn::tree::{DecisionTree, DecisionTreeParams, DecisionTreeValidParams, Tree};
use crate::learn::TrainSettings;
use crate::track::Feature;

/// Reads an artifact that [`super::write()`] saved.
///
/// # Errors
/// There is no such file, or it cannot be read; it is not JSON, not a model, or of a newer version; something is missing,
/// out of its range, or in contradiction to something else. The message says which member of the file, and why.
pub fn read(path: impl AsRef<Path>) -> Result<Artifact> {
    let path = path.as_ref();
    let name = path.display().to_string();
    match fs::read(path) {
        Ok(bytes) => from_json(&name, &bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(Error::input(Fault::new(Place::file(name), Reason::NoSuchFile, "no such file")))
        }
        Err(_) if path.is_dir() => {
            let rule = "expected a model file, found a directory";
            Err(Error::input(Fault::new(Place::file(name), Reason::Unreadable, rule)))
        }
        Err(error) => Err(Error::io("read", path, error)),
    }
}

/// Reads an artifact from the bytes of its file, which messages call `name`.
///
/// # Errors
/// As [`read`], apart from the file's absence.
pub fn from_json(name: &str, bytes: &[u8]) -> Result<Artifact> {
    let file = File { name };
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| file.fault("", format!("expected JSON, but {error}")).into_error())?;
    file.check_header(&value)?;
    // Parsed from the bytes again, for a message with line and column.
    let document: Document = serde_json::from_slice(bytes).map_err(|error| {
        file.fault("", format!("expected a model of format version {VERSION}, but {error}")).into_error()
    })?;
    file.artifact(document)
}

/// A file that is being checked.
struct File<'a> {
    name: &'a str,
}

impl File<'_> {
    fn artifact(&self, document: Document) -> Result<Artifact> {
        self.expect("estimator", &document.estimator, ESTIMATOR)?;
        let params = self.params(&document.settings)?;
        self.check_metrics(&document.metrics)?;
        let inputs = self.inputs(&document)?;
        let standardiser = self.standardiser(document.preprocessing, inputs.len())?;
        let tree = Tree::new(inputs.len(), document.nodes)
            .map_err(|error| self.fault(&error.member, error.rule).found(error.value).into_error())?;
        if tree.depth() > params.max_depth() {
            let rule = format!("expected a tree no deeper than settings.max_depth, {}", params.max_depth());
            return Err(self.fault("nodes", rule).found(tree.depth().to_string()).into_error());
        }
        self.share("threshold", document.threshold)?;
        let threshold = document.threshold;
        Ok(Artifact {
            program_version: document.program_version,
            model: Model { inputs, standardiser, params, tree: DecisionTree::from_tree(tree), threshold },
            settings: document.settings,
            metrics: document.metrics,
            data: document.data,
        })
    }

    /// Before the shape, so that a file of another kind or a newer version is called that.
    fn check_header(&self, value: &Value) -> Result<()> {
        let format = &value["format"];
        if format != FORMAT {
            let fault = self.fault("format", format!("expected a model of this program, whose format is {FORMAT:?}"));
            return Err(match format {
                Value::Null => fault,
                other => fault.found(other.as_str().map_or_else(|| other.to_string(), str::to_owned)),
            }
            .into_error());
        }
        let version = &value["version"];
        match version.as_u64() {
            Some(1..=VERSION) => {}
            Some(newer) if newer > VERSION => {
                let rule = format!("expected at most {VERSION}; the model was written by a newer program");
                return Err(self.fault("version", rule).found(newer.to_string()).into_error());
            }
            _ => {
                let rule = format!("expected a whole number from 1 to {VERSION}");
                return Err(self.fault("version", rule).found(version.to_string()).into_error());
            }
        }
        self.check_feature_names(value)
    }

    fn check_feature_names(&self, value: &Value) -> Result<()> {
        for (index, entry) in value["features"].as_array().into_iter().flatten().enumerate() {
            if let Some(name) = entry["name"].as_str().filter(|name| Feature::from_name(name).is_none()) {
                let rule = "expected a feature that this program knows";
                return Err(self.fault(&format!("features[{index}].name"), rule).found(name).into_error());
            }
        }
        Ok(())
    }

    fn params(&self, settings: &TrainSettings) -> Result<DecisionTreeValidParams> {
        self.share("settings.test_share", settings.test_share)?;
        let params =
            DecisionTreeParams::new().max_depth(settings.max_depth).min_samples_leaf(settings.min_samples_leaf);
        params.check().map_err(|error| match error {
            Error::Input(faults, total) => {
                Error::inputs(faults.into_iter().map(|fault| self.within(fault)).collect(), total)
            }
            other => other,
        })
    }

    /// A setting's fault, placed in this file.
    fn within(&self, fault: Fault) -> Fault {
        let place = self.place(&format!("settings.{}", fault.place));
        Fault { place, reason: Reason::NotAModel, ..fault }
    }

    fn check_metrics(&self, metrics: &Metrics) -> Result<()> {
        let scores = &metrics.scores;
        for (member, value) in [
            ("majority_accuracy", metrics.majority_accuracy),
            ("scores.accuracy", scores.accuracy),
            ("scores.precision", scores.precision),
            ("scores.recall", scores.recall),
            ("scores.f1", scores.f1),
            ("scores.roc_auc", scores.roc_auc),
        ] {
            self.share(&format!("metrics.{member}"), value)?;
        }
        Ok(())
    }

    fn inputs(&self, document: &Document) -> Result<Vec<Input>> {
        if document.features.is_empty() {
            return Err(self.fault("features", "expected at least one feature").into_error());
        }
        let mut seen = BTreeSet::new();
        for (index, entry) in document.features.iter().enumerate() {
            let member = |name: &str| format!("features[{index}].{name}");
            if !seen.insert(entry.name) {
                let fault = self.fault(&member("name"), "expected each feature once").found(entry.name.name());
                return Err(fault.into_error());
            }
            if entry.training_min > entry.training_max {
                let rule = format!("expected at most training_max, {}", entry.training_max);
                let fault = self.fault(&member("training_min"), rule).found(entry.training_min.to_string());
                return Err(fault.into_error());
            }
        }
        let input = |entry: &super::format::FeatureEntry| Input {
            feature: entry.name,
            training_min: entry.training_min,
            training_max: entry.training_max,
        };
        Ok(document.features.iter().map(input).collect())
    }

    fn standardiser(&self, preprocessing: Preprocessing, features: usize) -> Result<Standardiser> {
        self.expect("preprocessing.method", &preprocessing.method, PREPROCESSING)?;
        let Preprocessing { means, scales, .. } = preprocessing;
        for (member, values) in [("means", &means), ("scales", &scales)] {
            if values.len() != features {
                let fault = self
                    .fault(&format!("preprocessing.{member}"), format!("expected {features} numbers, one a feature"));
                return Err(fault.found(values.len().to_string()).into_error());
            }
        }
        if let Some(index) = scales.iter().position(|&scale| scale <= 0.0) {
            let fault = self.fault(&format!("preprocessing.scales[{index}]"), "expected a number above 0");
            return Err(fault.found(scales[index].to_string()).into_error());
        }
        Ok(Standardiser { means, scales })
    }

    fn expect(&self, member: &str, found: &str, expected: &str) -> Result<()> {
        if found == expected {
            return Ok(());
        }
        Err(self.fault(member, format!("expected {expected:?}")).found(found).into_error())
    }

    fn share(&self, member: &str, value: f64) -> Result<()> {
        if (0.0..=1.0).contains(&value) {
            return Ok(());
        }
        Err(self.fault(member, "expected a number from 0 to 1").found(value.to_string()).into_error())
    }

    fn fault(&self, member: &str, rule: impl Into<String>) -> Fault {
        Fault::new(self.place(member), Reason::NotAModel, rule)
    }

    fn place(&self, member: &str) -> Place {
        Place::file(if member.is_empty() { self.name.to_owned() } else { format!("{}, {member}", self.name) })
    }
}

/// Reads better at the end of a chain than around it.
trait IntoError {
    fn into_error(self) -> Error;
}

impl IntoError for Fault {
    fn into_error(self) -> Error {
        Error::input(self)
    }
}
