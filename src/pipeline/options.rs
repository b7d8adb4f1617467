//! Options that several functions share. Serialised, they have the names of the settings in `hitflop.toml`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde::Serialize;

use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::mapping::MappingOptions;
use hitflop_core::seed::Seed;
use hitflop_data::explore::mutual_information::MutualInformationSettings;
use hitflop_data::explore::selection::Thresholds;
use hitflop_data::ingest::SourceOptions;
use hitflop_data::track_files::TrackFileOptions;
use hitflop_metrics::calibration::CalibrationMethod;
use hitflop_metrics::threshold::Objective;
use hitflop_model::artifact;
use hitflop_model::dataset::duplicates::Duplicates;
use hitflop_model::decision::DecisionRule;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::hold_out::{HoldOut, HoldOutBy};

/// The input files.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DataOptions {
    /// Seed of every random draw, including those of a simulated sample. Default: 42.
    pub seed: u64,
    /// Decade files: directories, globs, files or the downloaded archive. Empty, the default, means the directory `data`; if that has
    /// none, [`run()`](super::run()) and [`explore()`](super::explore()) simulate a sample.
    pub data: Vec<PathBuf>,
    /// Whether a sample is simulated instead of reading files. Default: false.
    pub simulated: bool,
    /// Whether rows that break a rule are set aside instead of being an error. Default: false.
    pub lenient: bool,
    /// How the label is made: a column of 0 and 1, `COLUMN=VALUE` or a comparison such as `popularity>=60`. Then a table needs the label
    /// and an audio feature only. Default: the column `target` of decade files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Name of the encoding of texts, such as `latin1`. Default: UTF-8, or what the bytes show to be certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Columns for features and texts, such as `tempo=bpm`. Default: those that are recognised.
    pub map: Vec<String>,
    /// Units of features' columns, such as `duration_ms=s`. Default: those that names and values show.
    pub unit: Vec<String>,
    /// Whether only the documented names and units are recognised. Default: false.
    pub no_mapping: bool,
}

impl Default for DataOptions {
    fn default() -> DataOptions {
        DataOptions {
            seed: 42,
            data: Vec::new(),
            simulated: false,
            lenient: false,
            label: None,
            encoding: None,
            map: Vec::new(),
            unit: Vec::new(),
            no_mapping: false,
        }
    }
}

impl DataOptions {
    /// How tables are read, by the options for encoding, columns and units.
    ///
    /// # Errors
    /// An option names no feature, no unit, or a feature twice, or the rule for the label is none.
    pub fn reading(&self, allow_missing: bool) -> Result<TrackFileOptions> {
        let mut mapping = MappingOptions { is_enabled: !self.no_mapping, ..MappingOptions::default() };
        self.map.iter().try_for_each(|text| mapping.add_map(text))?;
        self.unit.iter().try_for_each(|text| mapping.add_unit(text))?;
        mapping.label = self.label.as_deref().map(str::parse).transpose()?;
        Ok(TrackFileOptions { encoding: self.encoding.clone(), mapping, allow_missing, ..TrackFileOptions::default() })
    }

    /// How input files are read, by the same options.
    ///
    /// # Errors
    /// As [`DataOptions::reading`].
    pub(super) fn source_options(&self) -> Result<SourceOptions> {
        let TrackFileOptions { encoding, mapping, .. } = self.reading(false)?;
        Ok(SourceOptions { encoding, mapping })
    }
}

/// Where results are written. Results of simulated tracks go to `simulated` below each default directory instead, so that they replace
/// none of real tracks: `reports/simulated`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct OutputOptions {
    /// The union of all input files, as Parquet. Default: `data/processed/tracks.parquet`.
    pub processed: PathBuf,
    /// Directory of report, charts, tables and the list of rejected rows. Default: `reports`.
    pub reports: PathBuf,
    /// Directory of models. Default: `models`.
    pub models: PathBuf,
}

impl Default for OutputOptions {
    fn default() -> OutputOptions {
        OutputOptions {
            processed: "data/processed/tracks.parquet".into(),
            reports: "reports".into(),
            models: "models".into(),
        }
    }
}

/// How mutual information is estimated and features are selected.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SelectionOptions {
    /// Greatest |r| (Pearson) of two features that are both kept, 0 to 1. Default: 0.8.
    pub max_correlation: f64,
    /// Smallest mutual information with the label of a feature that is kept, in nats. Default: 0.
    pub min_mutual_information: f64,
    /// Draws of tie-breaking noise that a mutual information averages, at most 1,000,000. Default: 10.
    pub draws: NonZeroUsize,
    /// Permutations of the label behind the null of a mutual information, 19 to 1,000,000. Default: 30.
    pub permutations: NonZeroUsize,
}

impl Default for SelectionOptions {
    fn default() -> SelectionOptions {
        let thresholds = Thresholds::default();
        let information = MutualInformationSettings::default();
        SelectionOptions {
            max_correlation: thresholds.max_correlation,
            min_mutual_information: thresholds.min_mutual_information,
            draws: information.draws,
            permutations: information.permutations,
        }
    }
}

impl SelectionOptions {
    /// Checks every value.
    ///
    /// # Errors
    /// A value is outside its range.
    pub fn check(&self) -> Result<()> {
        within("max-correlation", self.max_correlation, 0.0, 1.0)?;
        within("min-mutual-information", self.min_mutual_information, 0.0, f64::MAX)?;
        // With fewer permutations no feature can differ from chance at the level of 5 %.
        within("permutations", self.permutations.get() as f64, 19.0, 1e6)?;
        within("draws", self.draws.get() as f64, 1.0, 1e6)
    }

    pub(super) fn thresholds(&self) -> Thresholds {
        Thresholds { max_correlation: self.max_correlation, min_mutual_information: self.min_mutual_information }
    }

    pub(super) fn estimator(&self, seed: u64) -> MutualInformationSettings {
        MutualInformationSettings {
            draws: self.draws,
            permutations: self.permutations,
            seed: Seed(seed),
            ..MutualInformationSettings::default()
        }
    }
}

/// Which features and rows a model learns from, and how its probabilities become labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LearnOptions {
    /// How test rows are held out. Default: single rows at random.
    pub split: HoldOutBy,
    /// Seed of the split. Default: the seed of the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_seed: Option<u64>,
    /// Rows of one URI and decade. Default: one row is made of them.
    pub duplicates: Duplicates,
    /// Calibrations to try on out-of-fold probabilities. Default: all.
    pub calibration: CalibrationMethod,
    /// What the threshold is chosen for. Default: accuracy.
    pub threshold: Objective,
    /// Features of the model. The default depends on the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<FeatureSet>,
    /// Time to write into the model, such as `2026-01-31T12:00:00Z`. Default: none, so that equal data gives equal bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
}

impl LearnOptions {
    /// Checks every value.
    ///
    /// # Errors
    /// The time is not in UTC to the second.
    pub fn check(&self) -> Result<()> {
        match &self.created {
            Some(time) if !artifact::is_time(time) => {
                Err(invalid("created", "expected a time in UTC such as 2026-01-31T12:00:00Z", time))
            }
            _ => Ok(()),
        }
    }

    /// How test rows are held out; `seed` is that of the data.
    pub(super) fn hold_out(&self, seed: u64) -> HoldOut {
        HoldOut { by: self.split, seed: self.split_seed.unwrap_or(seed), ..HoldOut::default() }
    }

    pub(super) fn decision_rule(&self) -> DecisionRule {
        DecisionRule { calibration: self.calibration, objective: self.threshold }
    }
}

/// An error about the value of an option.
pub(super) fn invalid(name: &str, rule: impl Into<String>, value: impl Into<String>) -> Error {
    Error::input(Fault::new(Place::setting(name), Reason::Setting, rule).found(value))
}

fn within(name: &str, value: f64, low: f64, high: f64) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    let rule = match high {
        f64::MAX => format!("expected a number of at least {low}"),
        _ => format!("expected a number from {low} to {high}"),
    };
    Err(invalid(name, rule, value.to_string()))
}
