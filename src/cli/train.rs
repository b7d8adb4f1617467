//! `hitflop train`: decade files to a model.

use anyhow::Result;
use clap::Args;

use super::options::{DataArgs, GlobalArgs, ModelArgs, ReportArgs, SeedArgs, SelectionArgs};
use super::print;
use super::progress::Progress;
use super::settings::{to_table, Settings};
use super::stages;
use super::story::Story;

/// Read the decade files, select features, fit the decision tree and save it
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop train --data archive.zip\n  \
    hitflop train --data data --seed 7 --models out --json")]
pub struct TrainArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    seed: SeedArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    selection: SelectionArgs,
}

pub fn execute(global: GlobalArgs, args: TrainArgs) -> Result<()> {
    let groups = [
        to_table(&args.data)?,
        to_table(&args.seed)?,
        to_table(&args.report)?,
        to_table(&args.models)?,
        to_table(&args.selection)?,
    ];
    let Some(settings) = Settings::resolve(&global, args.data.print_config, &groups)? else { return Ok(()) };
    let mut progress = Progress::new(settings.quiet);

    let (ingested, drawn) = stages::read(&settings, &mut progress)?;
    let relations = stages::relate(&settings, &mut progress, &ingested.tracks)?;
    let features = stages::model_features(&relations.selection);
    let fitted = stages::fit(&settings, &mut progress, &ingested, &features)?;

    let mut story = Story::new("train", &settings, drawn, &ingested);
    story.selected(&relations.selection);
    story.fitted(&fitted.evaluation, &fitted.path);
    print::summary(&settings, &story.json(&progress), || story.text(&progress))
}
