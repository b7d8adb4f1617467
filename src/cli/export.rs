//! `hitflop export`: a model in the formats of other programs.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::predict::warn_of_simulation;
use super::print;
use super::settings::{GlobalArgs, Settings};
use hitflop::pipeline::{self, ExportFormat};

/// Write a model in a format of other programs: ONNX, LightGBM's text format, MLflow
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop export --model models/hitflop.model --to onnx --output hitflop.onnx\n  \
    hitflop export --model models/hitflop.model --to lightgbm --output hitflop.txt\n  \
    hitflop export --model models/hitflop.model --to mlflow --output hitflop-mlflow")]
pub struct ExportArgs {
    /// Model file of `hitflop run` or `hitflop train`
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Format
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: ExportTarget,
    /// File to write; a directory for MLflow
    #[arg(long, value_name = "PATH")]
    output: PathBuf,
}

/// Formats of `--to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExportTarget {
    /// ONNX, without loss: trees, missing values, calibration and threshold. The input is the features in documented units as
    /// 32-bit floats
    Onnx,
    /// LightGBM's text format, which LightGBM, treelite and shap read: the trees, without
    /// calibration, threshold and the models of tracks that lack features
    Lightgbm,
    /// A directory that `mlflow.pyfunc.load_model` loads with the Python package
    Mlflow,
}

impl From<ExportTarget> for ExportFormat {
    fn from(target: ExportTarget) -> ExportFormat {
        match target {
            ExportTarget::Onnx => ExportFormat::Onnx,
            ExportTarget::Lightgbm => ExportFormat::Lightgbm,
            ExportTarget::Mlflow => ExportFormat::Mlflow,
        }
    }
}

pub fn execute(global: GlobalArgs, args: ExportArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[])? else { return Ok(()) };
    let done = pipeline::export(&args.model, args.to.into(), &args.output)?;
    warn_of_simulation(&settings, &args.model, done.model_simulated);
    if done.lacks_decision {
        let words =
            "the format has no calibration and no threshold; the exported trees predict uncalibrated probabilities";
        print::warning(&settings.program, &format!("{}: {words}", args.output.display()));
    }
    let json = json!({
        "written": [done.written],
        "lacks_decision": done.lacks_decision,
        "model_simulated": done.model_simulated,
    });
    print::of_command("export", &settings.program, json, || format!("written: {}\n", args.output.display()))
}
