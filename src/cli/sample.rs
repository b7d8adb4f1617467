//! `hitflop sample`: simulated decade files.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use super::flags::SeedArgs;
use super::print;
use super::progress::TerminalProgress;
use super::settings::{GlobalArgs, Settings};
use hitflop::pipeline;

/// Write six decade files, simulated from a profile of the real ones
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop sample --out simulated\n  \
    hitflop sample --out simulated --seed 7 --profile my-profile.json --force")]
pub struct SampleArgs {
    /// Directory for the files
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Profile to simulate from [default: the one that ships with the program]
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Replace existing files of simulated tracks; files of real tracks are never replaced
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    seed: SeedArgs,
}

pub fn execute(global: GlobalArgs, args: SampleArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[&args.seed])? else { return Ok(()) };
    let Settings { program, data, .. } = settings;
    let progress = TerminalProgress::new(program.quiet);
    let files = pipeline::write_sample(args.profile.as_deref(), data.seed, &args.out, args.force, &progress)
        .with_context(|| match args.force {
            true => "the sample was not written",
            false => "the sample was not written; --force replaces files of simulated tracks",
        })?;
    print::of_command("sample", &program, json!({ "seed": data.seed, "written": files }), || {
        let lines: String = files.iter().map(|file| format!("  {}\n", file.display())).collect();
        format!("Simulated decade files, seed {}:\n{lines}", data.seed)
    })
}
