//! The settings in force: defaults, under `hitflop.toml`, under flags.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use toml::Table;

use super::options::{CalibrationKind, DuplicatesKind, Features, GlobalArgs, LearningArgs, SplitKind};
use hitflop_core::error::{Error, Fault, Place, Reason};
use hitflop_data::explore::mutual_information;
use hitflop_data::explore::selection::Thresholds;
use hitflop_metrics::threshold::Objective;
use hitflop_model::artifact;
use hitflop_model::dataset::duplicates::Duplicates;
use hitflop_model::decision::DecisionRule;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::hold_out::HoldOut;

/// The file that is read if no other is named.
const CONFIG_FILE: &str = "hitflop.toml";

/// Every setting, with the names that flags and the configuration file share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// Threads; 0 in here means one a processor.
    pub threads: usize,
    pub quiet: bool,
    pub json: bool,
    pub seed: u64,
    /// Empty means the default directory, or else the simulated sample.
    pub data: Vec<PathBuf>,
    pub lenient: bool,
    pub processed: PathBuf,
    pub reports: PathBuf,
    pub models: PathBuf,
    pub max_correlation: f64,
    pub min_mutual_information: f64,
    pub draws: NonZeroUsize,
    pub permutations: NonZeroUsize,
    /// None leaves the choice to the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Features>,
    pub split: SplitKind,
    /// None means the seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_seed: Option<u64>,
    pub calibration: CalibrationKind,
    pub threshold: Objective,
    pub duplicates: DuplicatesKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let thresholds = Thresholds::default();
        let information = mutual_information::MutualInformationSettings::default();
        Settings {
            threads: 0,
            quiet: false,
            json: false,
            seed: 42,
            data: Vec::new(),
            lenient: false,
            processed: "data/processed/tracks.parquet".into(),
            reports: "reports".into(),
            models: "models".into(),
            max_correlation: thresholds.max_correlation,
            min_mutual_information: thresholds.min_mutual_information,
            draws: information.draws,
            permutations: information.permutations,
            features: None,
            split: SplitKind::Random,
            split_seed: None,
            calibration: CalibrationKind::Auto,
            threshold: Objective::default(),
            duplicates: DuplicatesKind::Resolve,
            created: None,
        }
    }
}

impl Settings {
    /// Resolves flags over the configuration file over the defaults, and applies the number of threads.
    ///
    /// `groups` are the flag groups of the sub-command, serialised. `None` if the settings were only to be printed.
    ///
    /// # Errors
    /// A configuration file that is missing though named, is not TOML or has an unknown key; a value out of range.
    pub fn resolve(global: &GlobalArgs, print_config: bool, groups: &[Table]) -> Result<Option<Settings>> {
        let mut table = read_config(global.config.as_deref())?;
        for group in groups.iter().chain([&to_table(global)?]) {
            table.extend(group.clone());
        }
        let settings: Settings =
            table.try_into().map_err(|error: toml::de::Error| setting("the settings", error.message()))?;
        settings.check()?;
        if print_config {
            super::print::text(&toml::to_string(&settings)?)?;
            return Ok(None);
        }
        settings.apply_threads()?;
        Ok(Some(settings))
    }

    /// As [`Settings::resolve`], of a command that learns.
    pub fn resolve_learning(global: &GlobalArgs, args: &LearningArgs) -> Result<Option<Settings>> {
        let groups = [
            to_table(&args.data)?,
            to_table(&args.seed)?,
            to_table(&args.learn)?,
            to_table(&args.decision)?,
            to_table(&args.report)?,
            to_table(&args.models)?,
            to_table(&args.selection)?,
        ];
        Settings::resolve(global, args.data.print_config, &groups)
    }

    fn check(&self) -> Result<()> {
        within("max-correlation", self.max_correlation, 0.0, 1.0)?;
        within("min-mutual-information", self.min_mutual_information, 0.0, f64::MAX)?;
        // Fewer permutations cannot tell a feature from chance at the level of 5 %.
        within("permutations", self.permutations.get() as f64, 19.0, 1e6)?;
        within("draws", self.draws.get() as f64, 1.0, 1e6)?;
        within("threads", self.threads as f64, 0.0, 1024.0)?;
        self.created.as_deref().map_or(Ok(()), check_time)
    }

    /// Both thread pools, Polars' and rayon's, are made at their first use, which comes after this.
    fn apply_threads(&self) -> Result<()> {
        if self.threads > 0 {
            std::env::set_var("POLARS_MAX_THREADS", self.threads.to_string());
            rayon::ThreadPoolBuilder::new().num_threads(self.threads).build_global()?;
        }
        Ok(())
    }

    /// How rows are held out to score models on.
    pub fn hold_out(&self) -> HoldOut {
        let seed = self.split_seed.unwrap_or(self.seed);
        HoldOut { by: self.split.into(), seed, ..HoldOut::default() }
    }

    /// What becomes of rows of one URI and decade.
    pub fn duplicates(&self) -> Duplicates {
        self.duplicates.into()
    }

    /// How models shall answer.
    pub fn wish(&self) -> DecisionRule {
        DecisionRule { calibration: self.calibration.into(), objective: self.threshold }
    }

    /// Name and value of what shapes the results of a command, for the report: each of them a flag of that command.
    pub fn for_report(&self, command: &str) -> Vec<(String, String)> {
        let explored = [
            ("max-correlation", self.max_correlation.to_string()),
            ("min-mutual-information", self.min_mutual_information.to_string()),
            ("draws", self.draws.to_string()),
            ("permutations", self.permutations.to_string()),
            ("lenient", self.lenient.to_string()),
        ];
        let learned = [
            ("split", self.hold_out().by.name().to_owned()),
            ("split-seed", self.hold_out().seed.to_string()),
            ("duplicates", self.duplicates().name().to_owned()),
            ("calibration", self.wish().calibration.name().to_owned()),
            ("threshold", self.threshold.to_string()),
        ];
        let features = self.features.map(|features| ("features", FeatureSet::from(features).name().to_owned()));
        let created = self.created.clone().map(|time| ("created", time));
        let learned = learned.into_iter().chain(features).chain(created).filter(|_| command != "explore");
        explored.into_iter().chain(learned).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// A group of flags as the part of a configuration file that it overrides.
pub fn to_table(group: &impl Serialize) -> Result<Table> {
    // A path that is not UTF-8 is what can go wrong here.
    Table::try_from(group).map_err(|error| setting("the flags", &error.to_string()).into())
}

fn read_config(named: Option<&Path>) -> Result<Table> {
    let path = match named {
        Some(path) => path,
        None if Path::new(CONFIG_FILE).is_file() => Path::new(CONFIG_FILE),
        None => return Ok(Table::new()),
    };
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| setting(&name, &format!("cannot be read: {error}")))?;
    // Read as settings first, so that an unknown key or a wrong type is told with its line.
    toml::from_str::<Settings>(&text).map_err(|error| setting(&name, error.to_string().trim_end()))?;
    Ok(toml::from_str(&text).map_err(|error| setting(&name, error.to_string().trim_end()))?)
}

fn within(name: &str, value: f64, low: f64, high: f64) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    let rule = match high {
        f64::MAX => format!("expected a number of at least {low}"),
        _ => format!("expected a number from {low} to {high}"),
    };
    Err(Error::input(Fault::new(Place::setting(name), Reason::Setting, rule).found(value.to_string())).into())
}

fn check_time(time: &str) -> Result<()> {
    if artifact::is_time(time) {
        return Ok(());
    }
    let rule = "expected a time in UTC such as 2026-01-31T12:00:00Z";
    Err(Error::input(Fault::new(Place::setting("created"), Reason::Setting, rule).found(time)).into())
}

fn setting(place: &str, rule: &str) -> Error {
    Error::input(Fault::new(Place::file(place), Reason::Setting, rule))
}
