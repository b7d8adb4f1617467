//! The command line: one file a sub-command. Each parses its flags, calls one function of the pipeline, and prints a summary.

mod compare;
mod comparison;
mod completions;
mod evaluate;
mod explain;
mod explore;
mod export;
mod flags;
mod ingest;
mod mapping;
mod model;
mod page;
mod predict;
mod print;
mod profile;
mod progress;
mod report;
mod run;
mod sample;
mod scores;
mod serve;
mod settings;
mod signals;
mod summary;
mod train;
mod tune;
mod validation_summary;
mod waterfall;

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use hitflop::{Error, Place};
use settings::GlobalArgs;

/// Explore the Spotify Hit Predictor decade files and learn to predict hits and flops
#[derive(Parser, Debug)]
#[command(
    name = "hitflop",
    bin_name = "hitflop",
    version,
    about,
    propagate_version = true,
    after_help = "Exit codes: 0 success, 2 invalid input or arguments, 3 drift above the threshold of compare, 1 any other failure.\n\n\
                  Settings that several commands share can be set in hitflop.toml under the names of the flags, those of serve in \
                  its section [serve]. Flags take precedence. The settings of serve, and the flags of every command, can also be \
                  set by the environment: HITFLOP_THREADS, HITFLOP_QUIET, HITFLOP_JSON, HITFLOP_CONFIG. --print-config prints \
                  all settings."
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
    Compare(compare::CompareArgs),
    Predict(predict::PredictArgs),
    Report(report::FindingsArgs),
    Explain(explain::ExplainArgs),
    Export(export::ExportArgs),
    Model(model::ModelArgs),
    Serve(serve::ServeArgs),
    Sample(sample::SampleArgs),
    Profile(profile::ProfileArgs),
    Completions(completions::CompletionsArgs),
}

/// Parses the command line. With `--print-config`, which uses no argument of the command itself, none is required.
pub fn parse() -> Cli {
    let is_printed = std::env::args_os().any(|argument| argument == "--print-config");
    let command = Cli::command();
    let matches = if is_printed { nothing_required(command) } else { command }.get_matches();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// The command, each required argument of which has some value.
fn nothing_required(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|argument| {
        if !argument.is_required_set() {
            return argument;
        }
        // clap takes a text that lives as long as the program.
        let first = argument.get_possible_values().first().map(|value| &*value.get_name().to_owned().leak());
        argument.required(false).default_value(first.unwrap_or("-"))
    });
    command.mut_subcommands(nothing_required)
}

/// Executes the command.
///
/// # Errors
/// Those of the command; [`exit_code`] gives the exit code.
pub fn execute(cli: Cli) -> Result<()> {
    // The service has its own way to stop.
    if !matches!(cli.command, Command::Serve(_)) {
        signals::remove_temporaries_at_signals();
    }
    match cli.command {
        Command::Run(args) => run::execute(cli.global, args),
        Command::Ingest(args) => ingest::execute(cli.global, args),
        Command::Explore(args) => explore::execute(cli.global, args),
        Command::Train(args) => train::execute(cli.global, args),
        Command::Tune(args) => tune::execute(cli.global, args),
        Command::Evaluate(args) => evaluate::execute(cli.global, args),
        Command::Compare(args) => compare::execute(cli.global, args),
        Command::Report(args) => report::execute(cli.global, args),
        Command::Predict(args) => predict::execute(cli.global, args),
        Command::Explain(args) => explain::execute(cli.global, args),
        Command::Export(args) => export::execute(cli.global, args),
        Command::Model(args) => model::execute(cli.global, args),
        Command::Serve(args) => serve::execute(cli.global, args),
        Command::Sample(args) => sample::execute(cli.global, args),
        Command::Profile(args) => profile::execute(cli.global, args),
        Command::Completions(args) => completions::execute(cli.global, args),
    }
}

/// Prints an error or one of its causes. A setting is shown as its flag.
pub fn print_error(lead: &str, error: &(dyn std::error::Error + 'static)) {
    let message = match error.downcast_ref::<Error>() {
        Some(error) => error.message(place),
        None => error.to_string(),
    };
    print::to_stderr(&format!("{lead}{message}"));
}

fn place(place: &Place) -> String {
    match place {
        Place::Setting(name) => format!("--{name}"),
        other => other.to_string(),
    }
}

/// 2 for invalid input or arguments, 3 for drift above a threshold, 1 for any other failure.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    if error.is::<compare::DriftAboveThreshold>() {
        return ExitCode::from(3);
    }
    let is_input = error.chain().any(|cause| cause.downcast_ref::<Error>().is_some_and(|e| e.is_input()));
    ExitCode::from(if is_input { 2 } else { 1 })
}
