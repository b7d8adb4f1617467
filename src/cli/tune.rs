//! `hitflop tune`: the notebook's whole grid of random forests.

use anyhow::Result;
use clap::Args;

use super::flags::{LearningArgs, ModelFileArgs};
use super::print;
use super::progress::TerminalProgress;
use super::settings::{GlobalArgs, Settings};
use hitflop::pipeline::{self, TuneOptions};

/// Score the notebook's grid of 144 random forests by cross-validation, fit the best one, and save it as
/// models/tune-forest.model
#[derive(Args, Debug)]
#[command(
    after_help = "An interrupted search is resumed by the same command with the same settings, because every scored \
    forest is kept in a file (18 forests contain all 144 points on 3 folds).\n\n\
    Examples:\n  \
    hitflop tune --data archive.zip\n  \
    hitflop tune --data data --features all --seed 7 --reports out --json"
)]
pub struct TuneArgs {
    #[command(flatten)]
    file: ModelFileArgs,
    #[command(flatten)]
    learning: LearningArgs,
}

pub fn execute(global: GlobalArgs, args: TuneArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[&args.learning])? else { return Ok(()) };
    let model = args.file.target(&settings)?;
    let Settings { program, data, output, selection, learn, .. } = settings;
    let progress = TerminalProgress::of_job(program.quiet);
    let result = pipeline::tune(&TuneOptions { data, output, selection, learn, model }, &progress)?;
    print::summary("tune", &program, &progress, &result.summary())
}
