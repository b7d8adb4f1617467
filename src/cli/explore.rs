//! `hitflop explore`: the analysis without a model.

use anyhow::Result;
use clap::Args;

use super::options::{DataArgs, GlobalArgs, ReportArgs, SeedArgs, SelectionArgs};
use super::print;
use super::progress::Progress;
use super::settings::{to_table, Settings};
use super::stages;
use super::story::Story;

/// Read the decade files and write the report without a model
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop explore --data archive.zip\n  \
    hitflop explore --data data --reports out --max-correlation 0.7 --permutations 100")]
pub struct ExploreArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    seed: SeedArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    selection: SelectionArgs,
}

pub fn execute(global: GlobalArgs, args: ExploreArgs) -> Result<()> {
    let groups = [to_table(&args.data)?, to_table(&args.seed)?, to_table(&args.report)?, to_table(&args.selection)?];
    let Some(settings) = Settings::resolve(&global, args.data.print_config, &groups)? else { return Ok(()) };
    let mut progress = Progress::new(settings.quiet);

    let (ingested, drawn) = stages::read(&settings, &mut progress)?;
    let relations = stages::relate(&settings, &mut progress, &ingested.tracks)?;
    let report = stages::compose(&settings, &mut progress, "explore", &ingested, relations, None, None)?;
    let written = stages::publish(&settings, &mut progress, &report)?;

    let mut story = Story::new("explore", &settings, drawn, &ingested);
    story.explored(&report);
    story.written(&written);
    print::summary(&settings, &story.json(&progress), || story.text(&progress))
}
