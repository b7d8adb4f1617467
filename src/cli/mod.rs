//! The command line: one file a sub-command, each a short story told with the library.

mod assess;
mod card;
mod checkpoint;
mod evaluate;
mod explain;
mod explaining;
mod explore;
mod ingest;
mod learning;
mod model;
mod options;
mod predict;
mod print;
mod profile;
mod progress;
mod run;
mod sample;
mod serve;
mod settings;
mod stages;
mod story;
mod train;
mod tune;
mod waterfall;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use hitflop_core::error::Place;
use options::GlobalArgs;

/// Explore the Spotify Hit Predictor decade files and learn to tell hits from flops.
#[derive(Parser, Debug)]
#[command(
    version,
    about,
    propagate_version = true,
    after_help = "Exit codes: 0 done, 2 bad input or arguments, 1 anything else.\n\
                  Settings that several commands share may stand in hitflop.toml, under the flags' names; flags win\n\
                  (hitflop run --print-config shows them all)."
)]
pub struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Run(run::RunArgs),
    Ingest(ingest::IngestArgs),
    Explore(explore::ExploreArgs),
    Train(train::TrainArgs),
    Tune(tune::TuneArgs),
    Evaluate(evaluate::EvaluateArgs),
    Predict(predict::PredictArgs),
    Explain(explain::ExplainArgs),
    Model(model::ModelArgs),
    Serve(serve::ServeArgs),
    Sample(sample::SampleArgs),
    Profile(profile::ProfileArgs),
}

/// Does what the command line says.
///
/// # Errors
/// Whatever stopped it; [`exit_code`] gives the code that goes with it.
pub fn execute(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Run(args) => run::execute(cli.global, args),
        Command::Ingest(args) => ingest::execute(cli.global, args),
        Command::Explore(args) => explore::execute(cli.global, args),
        Command::Train(args) => train::execute(cli.global, args),
        Command::Tune(args) => tune::execute(cli.global, args),
        Command::Evaluate(args) => evaluate::execute(cli.global, args),
        Command::Predict(args) => predict::execute(cli.global, args),
        Command::Explain(args) => explain::execute(cli.global, args),
        Command::Model(args) => model::execute(cli.global, args),
        Command::Serve(args) => serve::execute(cli.global, args),
        Command::Sample(args) => sample::execute(cli.global, args),
        Command::Profile(args) => profile::execute(cli.global, args),
    }
}

/// The message of an error or of one of its causes. A setting is shown as its flag.
pub fn message(error: &(dyn std::error::Error + 'static)) -> String {
    let flag = |place: &Place| match place {
        Place::Setting(name) => format!("--{name}"),
        other => other.to_string(),
    };
    match error.downcast_ref::<hitflop_core::error::Error>() {
        Some(error) => error.message(flag),
        None => error.to_string(),
    }
}

/// 2 for bad input or arguments, 1 for anything else.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let is_input =
        error.chain().any(|cause| cause.downcast_ref::<hitflop_core::error::Error>().is_some_and(|e| e.is_input()));
    ExitCode::from(if is_input { 2 } else { 1 })
}
