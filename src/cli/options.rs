//! Groups of flags that several sub-commands share. Each may stand in `hitflop.toml` under the same name.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

fn is_false(flag: &bool) -> bool {
    !flag
}

/// How the program behaves, whatever it does.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct GlobalArgs {
    /// Threads to use [default: one a processor]
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// Print errors only
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "is_false")]
    pub quiet: bool,
    /// Print the summary as JSON on standard output
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "is_false")]
    pub json: bool,
    /// Read settings from FILE [default: hitflop.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Print the settings in force as a configuration file, and stop
    #[arg(long, global = true)]
    #[serde(skip)]
    pub print_config: bool,
}

/// The seed.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SeedArgs {
    /// Seed of every random draw [default: 42]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// What is read and where the union goes.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DataArgs {
    /// Decade files: a directory, a glob, files, or the downloaded archive.zip [default: data]
    #[arg(long, value_name = "PATH", num_args = 1..)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<PathBuf>,
    /// Set rows that break a rule aside (into rejected_rows.csv) instead of stopping
    #[arg(long)]
    #[serde(skip_serializing_if = "is_false")]
    pub lenient: bool,
    /// Where the union of all files is written [default: data/processed/tracks.parquet]
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processed: Option<PathBuf>,
}

/// Where the report goes.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReportArgs {
    /// Where report, charts and tables are written [default: reports]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reports: Option<PathBuf>,
}

/// Where models go.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ModelArgs {
    /// Where models are written [default: models]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<PathBuf>,
}

/// How mutual information is estimated and features are selected.
#[derive(Args, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SelectionArgs {
    /// Of two features with |r| above R, drop the one that tells less of the label [default: 0.8]
    #[arg(long, value_name = "R")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_correlation: Option<f64>,
    /// Drop features whose mutual information with the label is below NATS [default: 0]
    #[arg(long, value_name = "NATS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_mutual_information: Option<f64>,
    /// Draws of tie-breaking noise that a mutual information averages [default: 10]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draws: Option<NonZeroUsize>,
    /// Permutations of the label behind the null of a mutual information [default: 30]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permutations: Option<NonZeroUsize>,
}
