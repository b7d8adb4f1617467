//! `hitflop run`: the whole job.

use anyhow::Result;
use clap::Args;

use super::options::{DataArgs, GlobalArgs, ModelArgs, ReportArgs, SeedArgs, SelectionArgs};
use super::print;
use super::progress::Progress;
use super::settings::{to_table, Settings};
use super::stages;
use super::story::Story;

/// Do the main job: read, explore, draw, report, fit a first model
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop run                       the files under data/, or a simulated sample\n  \
    hitflop run --data archive.zip    the download from Kaggle as it is\n  \
    hitflop run --data 'in/dataset-of-*.csv' --reports out/reports --models out/models --json")]
pub struct RunArgs {
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

pub fn execute(global: GlobalArgs, args: RunArgs) -> Result<()> {
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
    let fitted = stages::fit_if_possible(&settings, &mut progress, &ingested, &features)?;
    let evaluation = fitted.as_ref().ok().map(|fitted| fitted.evaluation.clone());
    let report = stages::compose(&settings, &mut progress, "run", &ingested, relations, evaluation)?;
    let written = stages::publish(&settings, &mut progress, &report)?;

    let mut story = Story::new("run", &settings, drawn, &ingested);
    story.explored(&report);
    match &fitted {
        Ok(fitted) => story.fitted(&fitted.evaluation, &fitted.path),
        Err(reason) => story.not_fitted(reason),
    }
    story.written(&written);
    print::summary(&settings, &story.json(&progress), || story.text(&progress))
}
