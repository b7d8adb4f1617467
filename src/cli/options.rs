//! Groups of flags that several sub-commands share. Each may stand in `hitflop.toml` under the same name.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use hitflop_metrics::calibration::CalibrationMethod;
use hitflop_metrics::threshold::Objective;
use hitflop_model::dataset::duplicates::Duplicates;
use hitflop_model::estimator::EstimatorKind;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::hold_out::HoldOutBy;

/// How the program behaves, whatever it does.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Program")]
pub struct GlobalArgs {
    /// Threads to use [default: one a processor]
    #[arg(long, global = true, value_name = "N", allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// Print errors only
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<bool>,
    /// Print the summary as JSON on standard output
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<bool>,
    /// Read settings from FILE [default: hitflop.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

/// The seed.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Data")]
pub struct SeedArgs {
    /// Seed of every random draw, those of a simulated sample included [default: 42]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// What is read and where the union goes.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Data")]
pub struct DataArgs {
    /// Decade files: a directory, a glob, files, or the downloaded archive.zip [default: data]
    #[arg(long, value_name = "PATH", num_args = 1..)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<PathBuf>,
    /// Set rows that break a rule aside (into rejected_rows.csv) instead of stopping
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lenient: Option<bool>,
    /// Where the union of all files is written [default: data/processed/tracks.parquet]
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processed: Option<PathBuf>,
    /// Print the settings in force as a configuration file, and stop
    #[arg(long)]
    #[serde(skip)]
    pub print_config: bool,
}

/// Where the report goes.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Output")]
pub struct ReportArgs {
    /// Where report, charts, tables and the list of rejected rows are written [default: reports]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reports: Option<PathBuf>,
}

/// Where models go.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Output")]
pub struct ModelArgs {
    /// Where models are written [default: models]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<PathBuf>,
}

/// How mutual information is estimated and features are selected.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Estimation")]
pub struct SelectionArgs {
    /// Of two features with |r| above R, drop the one that tells less of the label [default: 0.8]
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_correlation: Option<f64>,
    /// Drop features whose mutual information with the label is below NATS [default: 0]
    #[arg(long, value_name = "NATS", allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_mutual_information: Option<f64>,
    /// Draws of tie-breaking noise that a mutual information averages [default: 10]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draws: Option<NonZeroUsize>,
    /// Permutations of the label behind the null of a mutual information, at least 19 [default: 30]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permutations: Option<NonZeroUsize>,
}

/// Which features, which rows, and what is written into the model.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Learning")]
pub struct LearnArgs {
    /// Features that a model is given: the notebook's 14, those selected and the decade, or all 16
    /// [default: selected; of tune: notebook; of run: those of the best model]
    #[arg(long, value_name = "SET")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Features>,
    /// How the rows that a model is scored on are held out, a fifth of all: at random, or by whole groups of one artist, URI or
    /// audio, so that the test is of new artists [default: random]
    #[arg(long, value_name = "HOW")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitKind>,
    /// Seed of that split [default: the seed]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_seed: Option<u64>,
    /// Rows of one URI and decade: made one row, a hit if any of them is, or kept as the notebook did [default: resolve]
    #[arg(long, value_name = "HOW")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<DuplicatesKind>,
    /// Time to write into the model, such as 2026-01-31T12:00:00Z; without it the same data gives the same bytes
    #[arg(long, value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
}

/// How a model comes from its trees' probability to an answer.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Answers")]
pub struct DecisionArgs {
    /// How probabilities are calibrated on out-of-fold predictions; kept only if the Brier score improves there [default: auto]
    #[arg(long, value_name = "HOW")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationKind>,
    /// What the threshold above which a track is called a hit is chosen for, on out-of-fold predictions: accuracy, f1,
    /// precision:0.75 (the greatest recall with at least that precision), cost:5:1 (what a flop called a hit costs, and a hit
    /// called a flop), or a number such as 0.5, which is taken as it is [default: accuracy]
    #[arg(long, value_name = "OBJECTIVE", allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Objective>,
}

/// The flags of every command that learns from the tracks.
#[derive(Args, Debug)]
pub struct LearningArgs {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub seed: SeedArgs,
    #[command(flatten)]
    pub learn: LearnArgs,
    #[command(flatten)]
    pub decision: DecisionArgs,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub models: ModelArgs,
    #[command(flatten)]
    pub selection: SelectionArgs,
}

/// A set of features, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Features {
    /// The notebook's 14
    Notebook,
    /// What the selection keeps, and the decade
    Selected,
    /// All 16
    All,
}

impl From<Features> for FeatureSet {
    fn from(features: Features) -> FeatureSet {
        match features {
            Features::Notebook => FeatureSet::Notebook,
            Features::Selected => FeatureSet::Selected,
            Features::All => FeatureSet::All,
        }
    }
}

/// How probabilities are calibrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalibrationKind {
    /// By the better of the two, if either improves the Brier score
    Auto,
    /// Not at all
    None,
    /// By a logistic curve over the log odds, if that improves it
    Platt,
    /// By isotonic regression, if that improves it
    Isotonic,
}

impl From<CalibrationKind> for CalibrationMethod {
    fn from(kind: CalibrationKind) -> CalibrationMethod {
        match kind {
            CalibrationKind::Auto => CalibrationMethod::Auto,
            CalibrationKind::None => CalibrationMethod::None,
            CalibrationKind::Platt => CalibrationMethod::Platt,
            CalibrationKind::Isotonic => CalibrationMethod::Isotonic,
        }
    }
}

/// How rows are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitKind {
    /// Single rows at random
    Random,
    /// Whole groups of rows of one artist, URI or audio
    Grouped,
}

impl From<SplitKind> for HoldOutBy {
    fn from(kind: SplitKind) -> HoldOutBy {
        match kind {
            SplitKind::Random => HoldOutBy::Random,
            SplitKind::Grouped => HoldOutBy::Grouped,
        }
    }
}

/// What to do with rows of one URI and decade, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicatesKind {
    /// One row, a hit if any of them is
    Resolve,
    /// All rows as they are
    Keep,
}

impl From<DuplicatesKind> for Duplicates {
    fn from(kind: DuplicatesKind) -> Duplicates {
        match kind {
            DuplicatesKind::Resolve => Duplicates::Resolve,
            DuplicatesKind::Keep => Duplicates::Keep,
        }
    }
}

/// A kind of model, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModelKind {
    /// Decision tree by linfa-trees
    Tree,
    /// Random forest
    Forest,
    /// Gradient boosting
    Boosting,
}

impl From<ModelKind> for EstimatorKind {
    fn from(kind: ModelKind) -> EstimatorKind {
        match kind {
            ModelKind::Tree => EstimatorKind::Tree,
            ModelKind::Forest => EstimatorKind::Forest,
            ModelKind::Boosting => EstimatorKind::Boosting,
        }
    }
}

/// A grid of random forests, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GridKind {
    /// The notebook's
    Notebook,
}
