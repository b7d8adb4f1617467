//! `hitflop train`: decade files to one model.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::flags::{estimator_params, parameter, LearningArgs, ModelFileArgs};
use super::print;
use super::progress::TerminalProgress;
use super::settings::{GlobalArgs, Settings};
use hitflop::pipeline::{self, TrainOptions};
use hitflop_model::estimator::EstimatorKind;
use hitflop_model::param_value::ParamValue;

/// Fit one model with given parameters, score it on held-out rows, and save it as models/train-KIND.model
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop train --data archive.zip\n  \
    hitflop train --data data --model forest --param n_estimators=500 --param min_samples_leaf=2 --features notebook\n  \
    hitflop train --data data --model boosting --param symmetric=true --param max_depth=7 --param early_stopping=20\n  \
    hitflop train --data data --calibration isotonic --threshold precision:0.75\n  \
    hitflop train --data data --calibration none --threshold 0.5    no cross-validation: the fastest way\n  \
    hitflop train --data data --model tree --output models/hitflop.model    replace the model of `hitflop run`, which is kept\n  \
    hitflop train --data data --split-seed 7 --write-split split.parquet --json")]
pub struct TrainArgs {
    /// Kind of the model
    #[arg(long = "model", value_enum, default_value = "boosting", value_name = "KIND")]
    kind: EstimatorKind,
    /// A parameter by scikit-learn's name; `none` means no limit. Can be repeated. An unknown name lists all names
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    params: Vec<(String, String)>,
    /// Write the rows with their features, target and a column `split` (train or test) to a Parquet file
    #[arg(long, value_name = "FILE")]
    write_split: Option<PathBuf>,
    #[command(flatten)]
    file: ModelFileArgs,
    #[command(flatten)]
    learning: LearningArgs,
}

pub fn execute(global: GlobalArgs, args: TrainArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[&args.learning])? else { return Ok(()) };
    pipeline::check_files(settings.config.as_slice(), args.write_split.as_slice())?;
    let model = args.file.target(&settings)?;
    let Settings { program, data, output, selection, learn, .. } = settings;
    let params = estimator_params(args.kind, &args.params, data.seed)?;
    let recorded_params = args.params.iter().map(|(name, value)| (name.clone(), ParamValue::parse(value))).collect();
    let progress = TerminalProgress::of_job(program.quiet);
    let (recorded_params, write_split) = (Some(recorded_params), args.write_split);
    let options = TrainOptions { data, output, selection, learn, params, model, recorded_params, write_split };
    let result = pipeline::train(&options, &progress)?;
    print::summary("train", &program, &progress, &result.summary())
}
