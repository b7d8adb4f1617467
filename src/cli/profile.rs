//! `hitflop profile`: the statistics of real files that a sample is drawn from.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::options::GlobalArgs;
use super::print;
use super::progress::Progress;
use super::settings::Settings;
use super::stages;
use hitflop_core::disk;
use hitflop_data::ingest::{self, source};
use hitflop_data::simulate::SampleProfile;
use hitflop_report::format::plural;

/// Take the profile of real decade files: quantiles and rank correlations by decade and label, no track
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  hitflop profile --data archive.zip --out my-profile.json")]
pub struct ProfileArgs {
    /// Decade files: a directory, a glob, files, or the downloaded archive.zip
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    data: Vec<PathBuf>,
    /// File that the profile goes to
    #[arg(long, value_name = "FILE", default_value = "data/sample-profile.json")]
    out: PathBuf,
}

pub fn execute(global: GlobalArgs, args: ProfileArgs) -> Result<()> {
    let Some(settings) = Settings::resolve(&global, false, &[])? else { return Ok(()) };
    let mut progress = Progress::new(settings.quiet);
    stages::refuse_to_overwrite(&args.data, &args.out)?;
    let sources = progress.stage("find decade files", || source::resolve(&args.data))?;
    let scratch = source::temporary_directory()?;
    let ingested = progress.stage("read and check the tracks", || {
        ingest::ingest(&sources, &scratch.path().join("tracks.parquet"), false)
    })?;
    let profile = progress.stage("take the profile", || -> Result<_> {
        Ok(SampleProfile::from_frame(&ingested.tracks.scan()?.collect()?)?)
    })?;
    disk::write_whole(&args.out, profile.to_json().as_bytes())?;
    let json = json!({ "command": "profile", "rows": ingested.rows, "written": [args.out] });
    print::summary(&settings, &json, || {
        format!("Profile of {}: {}\n", plural(ingested.rows, "track", "tracks"), args.out.display())
    })
}
