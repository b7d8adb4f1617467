//! A file to an artifact, with everything checked that a later step relies on.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::envelope;
use super::header::{FeatureEntry, MissingFeatures, ModelHeader, Preprocessing};
use super::model_file::{IntoError, ModelFileReader};
use super::time::is_time;
use super::{reference_codec, Artifact, DataFile, EvaluationMetrics, ModelOrigin};
use crate::model::{Model, ModelInput};
use crate::probabilities::CalibrationEffect;
use crate::reference::FeatureQuantiles;
use crate::selection::feature_set::FeatureSet;
use hitflop_core::disk;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::Feature;
use hitflop_metrics::scores::{Confusion, Scores};

/// Reads an artifact that [`super::write()`] saved.
///
/// # Errors
/// There is no such file, or it cannot be read; it is no model, of a newer version, cut short or damaged; something in it is
/// missing, out of its range, or in contradiction to something else. The message says which member of the file, and why.
pub fn read(path: impl AsRef<Path>) -> Result<Artifact> {
    let path = path.as_ref();
    from_bytes(&path.display().to_string(), &read_bytes(path)?)
}

/// The bytes of the file of a model.
///
/// # Errors
/// There is no such file, or it cannot be read.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    let name = path.display().to_string();
    // A set of files that a killed process had committed is finished first. Where that is not possible, as in a directory that
    // cannot be written to, each file is whole all the same.
    let _ = disk::complete_pending(path.parent().unwrap_or(Path::new("")));
    match fs::read(path) {
        Ok(bytes) => Ok(bytes),
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
pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Artifact> {
    let file = ModelFileReader { name };
    let OpenedModel { header, inputs, trees, reference, fallbacks } = file.open(bytes)?;
    let estimator = file.estimator("", header.fit(), trees, inputs.len())?;
    let MissingFeatures { learned, fallbacks: entries } = header.missing_features;
    let model = Model {
        fallbacks: file.fallbacks(entries, &fallbacks, &inputs)?,
        inputs,
        params: header.params,
        estimator,
        calibration: header.calibration,
        threshold: header.threshold,
        objective: header.threshold_objective,
        learned_missing: learned,
    };
    Ok(Artifact { model, origin: header.origin, reference })
}

/// A file of which all but the trees is read and checked.
pub(super) struct OpenedModel<'a> {
    pub(super) header: ModelHeader,
    pub(super) inputs: Vec<ModelInput>,
    pub(super) trees: &'a [u8],
    pub(super) reference: FeatureQuantiles,
    /// Trees of each fallback model.
    pub(super) fallbacks: Vec<&'a [u8]>,
}

impl ModelFileReader<'_> {
    /// Reads and checks all but the trees.
    pub(super) fn open<'a>(&self, bytes: &'a [u8]) -> Result<OpenedModel<'a>> {
        let parts = envelope::open(self, bytes)?;
        let header: ModelHeader = serde_json::from_slice(parts.header).map_err(|error| {
            self.fault("header", format!("expected the description of a model, but {error}")).into_error()
        })?;
        let reference = reference_codec::decode(parts.reference).map_err(|error| {
            let fault = self.fault(&error.member, error.rule);
            fault.found(error.value).into_error()
        })?;
        reference.check().map_err(|error| self.within("reference", error))?;
        let fallbacks = envelope::unpack(parts.fallbacks)
            .ok_or_else(|| self.fault("fallbacks", "expected trees, each with its length before it").into_error())?;
        header.params.check().map_err(|error| self.within("params", error))?;
        self.check_preprocessing(&header.preprocessing)?;
        self.check_decision("", &header.decision())?;
        self.check_origin(&header.origin)?;
        self.check_metrics(&header.origin.metrics)?;
        let inputs = self.inputs(&header.features)?;
        self.check_feature_set(header.origin.feature_set, &inputs)?;
        Ok(OpenedModel { header, inputs, trees: parts.trees, reference, fallbacks })
    }

    fn check_preprocessing(&self, found: &Preprocessing) -> Result<()> {
        let known = Preprocessing::known();
        for (member, known, found) in [
            ("scaling", known.scaling, &found.scaling),
            ("missing_values", known.missing_values, &found.missing_values),
        ] {
            if *found != known {
                let fault = self.fault(&format!("preprocessing.{member}"), format!("expected {known:?}"));
                return Err(fault.found(found).into_error());
            }
        }
        Ok(())
    }

    fn check_origin(&self, origin: &ModelOrigin) -> Result<()> {
        self.text("program_version", &origin.program_version)?;
        for (member, text) in [("run_id", &origin.run_id), ("label", &origin.label)] {
            text.iter().try_for_each(|text| self.text(member, text))?;
        }
        if let Some(time) = origin.created.as_ref().filter(|time| !is_time(time)) {
            let fault = self.fault("created", "expected a time in UTC such as 2026-01-31T12:00:00Z").found(time);
            return Err(fault.into_error());
        }
        self.share("hold_out.test_share", origin.hold_out.test_share)?;
        for (index, DataFile { name, sha256 }) in origin.data.iter().enumerate() {
            self.text(&format!("data[{index}].name"), name)?;
            if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                let fault =
                    self.fault(&format!("data[{index}].sha256"), "expected 64 hexadecimal digits").found(sha256);
                return Err(fault.into_error());
            }
        }
        Ok(())
    }

    /// Which features are selected depends on the data; of the other sets a model has those that the data have.
    fn check_feature_set(&self, set: FeatureSet, inputs: &[ModelInput]) -> Result<()> {
        let features: Vec<Feature> = inputs.iter().map(|input| input.feature).collect();
        if set == FeatureSet::Selected || features == set.features(&[], &features) {
            return Ok(());
        }
        let names: Vec<&str> = features.iter().map(|feature| feature.name()).collect();
        let rule = format!("expected features of the set {:?}, in order", set.name());
        Err(self.fault("features", rule).found(names.join(", ")).into_error())
    }

    fn check_metrics(&self, metrics: &EvaluationMetrics) -> Result<()> {
        self.text("metrics.protocol", &metrics.protocol)?;
        self.check_counts(metrics)?;
        self.share("metrics.majority_accuracy", metrics.majority_accuracy)?;
        self.check_scores("metrics.scores", &metrics.scores)?;
        for (index, scores) in metrics.cross_validation.iter().flat_map(|folds| &folds.folds).enumerate() {
            self.check_scores(&format!("metrics.cross_validation.folds[{index}]"), scores)?;
        }
        let Some(calibration) = &metrics.calibration else { return Ok(()) };
        self.check_before_and_after("metrics.calibration.test", &calibration.test)?;
        match &calibration.out_of_fold {
            Some(scores) => self.check_before_and_after("metrics.calibration.out_of_fold", scores),
            None => Ok(()),
        }
    }

    fn check_before_and_after(&self, member: &str, scores: &CalibrationEffect) -> Result<()> {
        for (part, scores) in [("before", &scores.before), ("after", &scores.after)] {
            for (name, value) in [
                ("brier", scores.brier),
                ("expected_calibration_error", scores.expected_calibration_error),
                ("expected_calibration_error_equal_count", scores.expected_calibration_error_equal_count),
            ] {
                self.share(&format!("{member}.{part}.{name}"), value)?;
            }
            self.share_or_undefined(&format!("{member}.{part}.roc_auc"), scores.roc_auc)?;
            self.loss(&format!("{member}.{part}.log_loss"), scores.log_loss)?;
        }
        Ok(())
    }

    fn check_counts(&self, metrics: &EvaluationMetrics) -> Result<()> {
        let folds = metrics.cross_validation.as_ref().map_or(1, |scores| scores.folds.len() as u64);
        for (member, count) in [
            ("metrics.train_rows", metrics.train_rows),
            ("metrics.test_rows", metrics.test_rows),
            ("metrics.cross_validation.folds", folds),
        ] {
            if count == 0 {
                return Err(self.fault(member, "expected at least one").found("0").into_error());
            }
        }
        let Confusion { true_negatives, false_positives, false_negatives, true_positives } = metrics.confusion;
        let answers = [true_negatives, false_positives, false_negatives, true_positives];
        // Counts that a file makes up may overflow; they are added as wider numbers.
        let sum: u128 = answers.into_iter().map(u128::from).sum();
        if sum == u128::from(metrics.test_rows) {
            return Ok(());
        }
        let rule = format!("expected counts that add up to test_rows, {}", metrics.test_rows);
        Err(self.fault("metrics.confusion", rule).found(sum.to_string()).into_error())
    }

    fn check_scores(&self, member: &str, scores: &Scores) -> Result<()> {
        for (name, value) in [
            ("accuracy", scores.accuracy),
            ("precision", scores.precision),
            ("recall", scores.recall),
            ("f1", scores.f1),
            ("brier", scores.brier),
        ] {
            self.share(&format!("{member}.{name}"), value)?;
        }
        self.share_or_undefined(&format!("{member}.roc_auc"), scores.roc_auc)?;
        self.share_or_undefined(&format!("{member}.average_precision"), scores.average_precision)?;
        self.loss(&format!("{member}.log_loss"), scores.log_loss)
    }

    fn inputs(&self, entries: &[FeatureEntry]) -> Result<Vec<ModelInput>> {
        if entries.is_empty() {
            return Err(self.fault("features", "expected at least one feature").into_error());
        }
        let mut seen = BTreeSet::new();
        for (index, entry) in entries.iter().enumerate() {
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
        let input = |entry: &FeatureEntry| ModelInput {
            feature: entry.name,
            training_min: entry.training_min,
            training_max: entry.training_max,
            training_missing: entry.training_missing,
        };
        Ok(entries.iter().map(input).collect())
    }
}
