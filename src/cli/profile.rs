//! `hitflop profile`: the statistics of real files that a sample is simulated from.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::print;
use super::progress::TerminalProgress;
use super::settings::{GlobalArgs, Settings};
use hitflop::pipeline;
use hitflop_report::format::plural;

/// Measure the profile of real decade files: quantiles and rank correlations by decade and label, without tracks
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  hitflop profile --data archive.zip --out my-profile.json")]
pub struct ProfileArgs {
    /// Decade files: a directory, a glob, files, or the downloaded archive.zip
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    data: Vec<PathBuf>,
    /// File for the profile
    #[arg(long, value_name = "FILE", default_value = "data/sample-profile.json")]
    out: PathBuf,
}

pub fn execute(global: GlobalArgs, args: ProfileArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(global, &[])? else { return Ok(()) };
    let progress = TerminalProgress::new(settings.program.quiet);
    let rows = pipeline::write_profile(&args.data, &args.out, &progress)?;
    let json = json!({ "rows": rows, "written": [args.out] });
    print::of_command("profile", &settings.program, json, || {
        format!("Profile of {}: {}\n", plural(rows, "track", "tracks"), args.out.display())
    })
}
