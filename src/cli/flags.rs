//! Flags that several sub-commands share, each declared once: name, type, help, and the group of options that it belongs to.
//!
//! Every flag is also a setting of `hitflop.toml` under the same name. The default of each is that of the library's option of the
//! same name.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::serve::options::ServeSection;
use super::settings::Settings;
use hitflop::pipeline::{check_files, FileOptions, ModelTarget, FINAL_MODEL};
use hitflop::{Error, EstimatorKind, EstimatorParams, Fault, Place, Reason};
use hitflop_metrics::calibration::CalibrationMethod;
use hitflop_metrics::threshold::Objective;
use hitflop_model::dataset::duplicates::Duplicates;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::hold_out::HoldOutBy;

/// Flags that override settings.
pub trait Flags {
    fn apply(&self, settings: &mut Settings);
}

/// Declares a configuration file, or a section of one, with its sections, and groups of flags that are settings of it.
macro_rules! flags {
    (
        $(#[$file_attribute:meta])*
        struct $file:ident { $($section:ident: $section_type:ty,)* }
        $(
            $(#[$group_attribute:meta])*
            struct $group:ident => $options:ident { $($(#[$attribute:meta])* $name:ident: $type:ty,)* }
        )*
    ) => {
        $(
            #[derive(Args, Debug)]
            $(#[$group_attribute])*
            pub struct $group { $($(#[$attribute])* pub(super) $name: Option<$type>,)* }

            impl Flags for $group {
                fn apply(&self, settings: &mut Settings) {
                    $(if let Some(value) = self.$name.clone() {
                        settings.$options.$name = value.into();
                    })*
                }
            }
        )*

        $(#[$file_attribute])*
        #[derive(Debug, Default, Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
        pub struct $file { $($section: $section_type,)* $($($name: Option<$type>,)*)* }

        impl $file {
            pub fn apply(self, settings: &mut Settings) {
                $(self.$section.apply(settings);)*
                $($(if let Some(value) = self.$name {
                    settings.$options.$name = value.into();
                })*)*
            }
        }
    };
}
pub(super) use flags;

flags! {
    /// `hitflop.toml`.
    struct ConfigFile { serve: ServeSection, }

    #[command(next_help_heading = "Program")]
    struct ProgramArgs => program {
        /// Number of threads; 0 is one per processor [default: 0]
        #[arg(long, global = true, env = "HITFLOP_THREADS", hide_env = true, value_name = "N", allow_negative_numbers = true)]
        threads: usize,
        /// Print errors only
        #[arg(long, global = true, env = "HITFLOP_QUIET", hide_env = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
        quiet: bool,
        /// Print the summary as JSON to standard output
        #[arg(long, global = true, env = "HITFLOP_JSON", hide_env = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
        json: bool,
    }

    #[command(next_help_heading = "Data")]
    struct SeedArgs => data {
        /// Seed of every random draw, including those of a simulated sample [default: 42]
        #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
        seed: u64,
    }

    #[command(next_help_heading = "Data")]
    struct InputArgs => data {
        /// Decade files: a directory, a glob, files, or the downloaded archive.zip [default: data]
        #[arg(long, value_name = "PATH", num_args = 1..)]
        data: Vec<PathBuf>,
        /// Simulate a sample instead of reading files. Its results go to places of their own, such as reports/simulated
        #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true, conflicts_with = "data")]
        simulated: bool,
        /// Set rows that break a rule aside (into rejected_rows.csv) instead of stopping
        #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
        lenient: bool,
        /// Rule for the label of another table: COLUMN of 0 and 1, COLUMN=VALUE, or a comparison such as popularity>=60.
        /// The table then needs the label and one audio feature only [default: the column target of decade files]
        #[arg(long, value_name = "COLUMN[=VALUE]")]
        label: String,
    }

    #[command(next_help_heading = "Columns")]
    struct ReadingArgs => data {
        /// Encoding of the files, such as latin1, windows-1252 or utf-16le [default: UTF-8, or another one if it is certain]
        #[arg(long, value_name = "NAME")]
        encoding: String,
        /// Read a feature, or title, artist or uri, from this column, such as tempo=BPM. Can be repeated
        /// [default: the columns whose names are recognised]
        #[arg(long, value_name = "FEATURE=COLUMN")]
        map: Vec<String>,
        /// Unit of a feature's column, such as duration_ms=s or energy=percent. Can be repeated
        /// [default: what the column's name and all its values show]
        #[arg(long, value_name = "FEATURE=UNIT")]
        unit: Vec<String>,
        /// Recognise the documented names and units only
        #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
        no_mapping: bool,
    }

    #[command(next_help_heading = "Output")]
    struct ProcessedArgs => output {
        /// File for the union of all input files [default: data/processed/tracks.parquet]
        #[arg(long, value_name = "FILE")]
        processed: PathBuf,
    }

    #[command(next_help_heading = "Output")]
    struct ReportArgs => output {
        /// Directory for report, charts, tables and the list of rejected rows [default: reports]
        #[arg(long, value_name = "DIR")]
        reports: PathBuf,
    }

    #[command(next_help_heading = "Output")]
    struct ModelDirArgs => output {
        /// Directory for models [default: models]
        #[arg(long, value_name = "DIR")]
        models: PathBuf,
    }

    #[command(next_help_heading = "Feature selection")]
    struct SelectionRuleArgs => selection {
        /// Drop one of two features with |r| above R: the one with the lower mutual information with the label [default: 0.8]
        #[arg(long, value_name = "R", allow_negative_numbers = true)]
        max_correlation: f64,
        /// Drop features whose mutual information with the label is below NATS [default: 0]
        #[arg(long, value_name = "NATS", allow_negative_numbers = true)]
        min_mutual_information: f64,
    }

    #[command(next_help_heading = "Feature selection")]
    struct InformationArgs => selection {
        /// Draws of tie-breaking noise that each mutual information averages [default: 10]
        #[arg(long, value_name = "N", allow_negative_numbers = true)]
        draws: NonZeroUsize,
        /// Permutations of the label for the null distribution of each mutual information, at least 19 [default: 30]
        #[arg(long, value_name = "N", allow_negative_numbers = true)]
        permutations: NonZeroUsize,
    }

    #[command(next_help_heading = "Learning")]
    struct TracksArgs => learn {
        /// Features of the model [default: selected; of tune: notebook; of run: those of the best model]
        #[arg(long, value_name = "SET")]
        features: FeatureSet,
        /// Seed of the split into training and test rows [default: the seed]
        #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
        split_seed: u64,
        /// Treatment of rows of one URI and decade [default: resolve]
        #[arg(long, value_name = "HOW")]
        duplicates: Duplicates,
    }

    #[command(next_help_heading = "Learning")]
    struct SplitArgs => learn {
        /// How the test rows, a fifth of all, are held out [default: random]
        #[arg(long, value_name = "HOW")]
        split: HoldOutBy,
        /// Time to write into the model, such as 2026-01-31T12:00:00Z; without it, equal data gives an equal file
        #[arg(long, value_name = "TIME")]
        created: String,
    }

    #[command(next_help_heading = "Decision")]
    struct DecisionArgs => learn {
        /// How probabilities are calibrated, on out-of-fold predictions [default: auto]
        #[arg(long, value_name = "HOW")]
        calibration: CalibrationMethod,
        /// What the threshold of the probability is chosen for, on out-of-fold predictions: accuracy, f1, precision:0.75 (greatest
        /// recall with at least that precision), or cost:5:1 (costs of a flop predicted as a hit, and of a hit predicted as a flop).
        /// A number such as 0.5 is used as the threshold [default: accuracy]
        #[arg(long, value_name = "OBJECTIVE", allow_negative_numbers = true)]
        threshold: Objective,
    }
}

/// The flags of every command that selects features by their tracks.
#[derive(Args, Debug)]
pub struct SelectionArgs {
    #[command(flatten)]
    rule: SelectionRuleArgs,
    #[command(flatten)]
    information: InformationArgs,
}

impl Flags for SelectionArgs {
    fn apply(&self, settings: &mut Settings) {
        self.rule.apply(settings);
        self.information.apply(settings);
    }
}

/// The flags of every command that reads decade files.
#[derive(Args, Debug)]
#[command(next_help_heading = "Data")]
pub struct DataArgs {
    /// The same as --data
    #[arg(value_name = "PATH", conflicts_with_all = ["data", "simulated"])]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    seed: SeedArgs,
    #[command(flatten)]
    processed: ProcessedArgs,
    #[command(flatten)]
    report: ReportArgs,
}

impl Flags for DataArgs {
    fn apply(&self, settings: &mut Settings) {
        // A flag for the input takes the place of both settings for it.
        if self.input.data.is_some() || self.input.simulated.is_some() {
            settings.data.data.clear();
            settings.data.simulated = false;
        }
        if !self.paths.is_empty() {
            settings.data.data.clone_from(&self.paths);
            settings.data.simulated = false;
        }
        let groups: [&dyn Flags; 5] = [&self.input, &self.reading, &self.seed, &self.processed, &self.report];
        groups.iter().for_each(|group| group.apply(settings));
    }
}

/// The model and the tables of every command that scores tracks.
#[derive(Args, Debug)]
pub struct ScoringArgs {
    /// Tables with columns for the features of the model: CSV, TSV, Parquet, JSON or NDJSON files (also gzip, Zstandard or zip),
    /// globs, directories, or - for standard input. Other columns are kept
    #[arg(value_name = "PATH", required_unless_present_any = ["input", "print_config"])]
    paths: Vec<PathBuf>,
    /// The same as PATH. Can be repeated
    #[arg(long, value_name = "PATH", num_args = 1..)]
    input: Vec<PathBuf>,
    /// Model file of `hitflop run` or `hitflop train` [default: hitflop.model in the directory of models]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Treat empty fields and absent columns as missing values. Nothing is imputed: a fallback model predicts
    /// these tracks, and its accuracy with the known features is reported
    #[arg(long)]
    allow_missing: bool,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

impl ScoringArgs {
    /// The model, the tables and how they are read.
    ///
    /// # Errors
    /// A setting of the columns is invalid, or no model is named and there is none in the usual place.
    pub fn options(self, settings: &Settings) -> hitflop::Result<FileOptions> {
        let model = self.model.map_or_else(|| usual_model(settings), Ok)?;
        let inputs = [self.paths, self.input].concat();
        Ok(FileOptions { model, inputs, reading: settings.data.reading(self.allow_missing)? })
    }
}

/// The model of `hitflop run`.
///
/// # Errors
/// There is none.
pub fn usual_model(settings: &Settings) -> hitflop::Result<PathBuf> {
    let model = settings.output.models.join(FINAL_MODEL);
    if model.exists() {
        return Ok(model);
    }
    let rule = format!("is needed, because there is no {} (`hitflop run` makes it)", model.display());
    Err(Error::input(Fault::new(Place::setting("model"), Reason::Setting, rule)))
}

/// The flags of every command that fits models.
#[derive(Args, Debug)]
pub struct LearningArgs {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    tracks: TracksArgs,
    #[command(flatten)]
    split: SplitArgs,
    #[command(flatten)]
    decision: DecisionArgs,
    #[command(flatten)]
    models: ModelDirArgs,
    #[command(flatten)]
    selection: SelectionArgs,
}

impl Flags for LearningArgs {
    fn apply(&self, settings: &mut Settings) {
        let groups: [&dyn Flags; 6] =
            [&self.data, &self.tracks, &self.split, &self.decision, &self.models, &self.selection];
        groups.iter().for_each(|group| group.apply(settings));
    }
}

/// Where `train` and `tune` write their model.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct ModelFileArgs {
    /// File for the model; metrics, known tracks and model card are written beside it. A model that is there already is kept under a
    /// name with its version [default: a name of the command's own in the directory of models]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl ModelFileArgs {
    /// The file, if it is named and is not the configuration file.
    pub fn target(self, settings: &Settings) -> hitflop::Result<Option<ModelTarget>> {
        check_files(settings.config.as_slice(), self.output.as_slice())?;
        Ok(self.output.map(ModelTarget::File))
    }
}

/// A parameter of an estimator.
pub fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err("expected NAME=VALUE".to_owned()),
    }
}

/// The defaults of a kind with this seed and some parameters changed. Faults of them name the flag.
pub fn estimator_params(
    kind: EstimatorKind,
    changes: &[(String, String)],
    seed: u64,
) -> hitflop::Result<EstimatorParams> {
    let as_flag = |fault: Fault| Fault { place: Place::setting(format!("param {}", fault.place)), ..fault };
    let change = |params: EstimatorParams, (name, value): &(String, String)| params.with(name, value);
    let changed = changes.iter().try_fold(EstimatorParams::of(kind).seeded(seed), change);
    match changed.and_then(|params| params.check().map(|()| params)) {
        Err(Error::Input(faults, total)) => Err(Error::Input(faults.into_iter().map(as_flag).collect(), total)),
        result => result,
    }
}
