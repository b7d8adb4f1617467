//! `hitflop sample`: simulated decade files.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::options::{GlobalArgs, SeedArgs};
use super::print;
use super::progress::Progress;
use super::settings::{to_table, Settings};
use hitflop_data::simulate::{self, SampleProfile};

/// Write six simulated decade files, drawn from a profile of the real ones
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop sample --out simulated\n  \
    hitflop sample --out simulated --seed 7 --profile my-profile.json --force")]
pub struct SampleArgs {
    /// Directory that the files go to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Profile to draw from [default: the one that ships with the program]
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Overwrite decade files that are there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    seed: SeedArgs,
}

pub fn execute(global: GlobalArgs, args: SampleArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(&global, false, &[to_table(&args.seed)?])? else { return Ok(()) };
    let mut progress = Progress::new(settings.quiet);
    let profile = match &args.profile {
        Some(path) => SampleProfile::read(path)?,
        None => SampleProfile::committed()?,
    };
    let files =
        progress.stage("simulate a sample", || simulate::draw(&profile, settings.seed).write(&args.out, args.force))?;
    print::summary(&settings, &json!({ "command": "sample", "seed": settings.seed, "written": files }), || {
        let mut text = format!("Simulated decade files, seed {}:\n", settings.seed);
        files.iter().for_each(|file| text += &format!("  {}\n", file.display()));
        text
    })
}
