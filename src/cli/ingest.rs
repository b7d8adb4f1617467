//! `hitflop ingest`: decade files to one table.

use anyhow::Result;
use clap::Args;

use super::options::{DataArgs, GlobalArgs, ReportArgs, SeedArgs};
use super::print;
use super::progress::Progress;
use super::settings::{to_table, Settings};
use super::stages;
use super::story::Story;
use hitflop_data::explore::summary;

/// Read and check the decade files, write their union as Parquet, and count
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop ingest --data archive.zip\n  \
    hitflop ingest --data 'in/*.csv' --lenient --processed out/tracks.parquet")]
pub struct IngestArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    seed: SeedArgs,
    #[command(flatten)]
    report: ReportArgs,
}

pub fn execute(global: GlobalArgs, args: IngestArgs) -> Result<()> {
    let groups = [to_table(&args.data)?, to_table(&args.seed)?, to_table(&args.report)?];
    let Some(settings) = Settings::resolve(&global, args.data.print_config, &groups)? else { return Ok(()) };
    let mut progress = Progress::new(settings.quiet);

    let (ingested, drawn) = stages::read(&settings, &mut progress)?;
    let summary = progress.stage("summarise", || summary::summarise(&ingested.tracks))?;

    let mut story = Story::new("ingest", &settings, drawn, &ingested);
    story.summarised(&summary);
    print::summary(&settings, &story.json(&progress), || story.text(&progress))
}
