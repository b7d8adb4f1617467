//! `hitflop run`: the whole job.

use anyhow::Result;
use clap::Args;

use super::explaining;
use super::learning::{self, Compared, Saved, Wanted};
use super::options::{GlobalArgs, GridKind, LearningArgs, ModelKind};
use super::print;
use super::progress::Progress;
use super::settings::Settings;
use super::stages;
use super::story::Story;
use crate::error::Error;

/// Do the main job: read, explore, draw, report, compare models and keep the best
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop run                       the files under data/, or a simulated sample\n  \
    hitflop run --data archive.zip    the download from Kaggle as it is\n  \
    hitflop run --data 'in/dataset-of-*.csv' --reports out/reports --models out/models --json\n  \
    hitflop run --data archive.zip --model forest --features notebook    what the final model shall be\n  \
    hitflop run --data archive.zip --grid notebook    the notebook's grid search too; goes on where it was stopped")]
pub struct RunArgs {
    /// Kind of the final model [default: the best cross-validated one]
    #[arg(long, value_enum, value_name = "KIND")]
    model: Option<ModelKind>,
    /// Search this grid of random forests too: the notebook's 144 points on three folds, which takes a while
    #[arg(long, value_enum, value_name = "GRID")]
    grid: Option<GridKind>,
    #[command(flatten)]
    learning: LearningArgs,
}

pub fn execute(global: GlobalArgs, args: RunArgs) -> Result<()> {
    let Some(settings) = Settings::resolve_learning(&global, &args.learning)? else { return Ok(()) };
    let wanted = Wanted { kind: args.model.map(Into::into), feature_set: settings.features.map(Into::into) };
    let mut progress = Progress::new(settings.quiet);

    let (ingested, drawn) = stages::read(&settings, &mut progress)?;
    let relations = stages::relate(&settings, &mut progress, &ingested.tracks)?;
    let kept = relations.selection.kept.clone();
    let compared =
        if_possible(learning::compare(&settings, &mut progress, &ingested, &kept, wanted, args.grid.is_some()))?;
    let (evaluation, comparison) = match &compared {
        Ok(compared) => (Some(compared.final_evaluation().clone()), Some(compared.comparison.clone())),
        Err(_) => (None, None),
    };
    let explanations = match &compared {
        Ok(compared) => {
            if_possible(explaining::explain(&settings, &mut progress, &ingested, &compared.best, false))?.ok()
        }
        Err(_) => None,
    };
    let mut report = stages::compose(&settings, &mut progress, "run", &ingested, relations, evaluation, comparison)?;
    report.explanations = explanations;
    let written = stages::publish(&settings, &mut progress, &report)?;

    let mut story = Story::new("run", &settings, drawn, &ingested);
    story.explored(&report);
    match &compared {
        Ok(compared) => {
            let Compared { comparison, best, timing, .. } = compared;
            let Saved { path, metrics_path, tracks_path, bytes } =
                learning::save(&settings, &mut progress, &ingested, best)?;
            story.compared(comparison);
            story.fitted(best, compared.final_evaluation(), timing, bytes);
            story.written(&[path, metrics_path, tracks_path]);
        }
        Err(reason) => story.not_fitted(reason),
    }
    story.written(&written);
    if let Some(checkpoint) = compared.ok().and_then(|compared| compared.checkpoint) {
        checkpoint.remove()?;
    }
    print::summary(&settings, &story.json(&progress), || story.text(&progress))
}

/// Where the tracks do not allow a model (one label only, too few of them), the reason why not instead of an error.
fn if_possible<T>(result: Result<T>) -> Result<std::result::Result<T, String>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => match error.downcast_ref::<Error>() {
            Some(fault) if fault.is_input() => Ok(Err(fault.to_string())),
            _ => Err(error),
        },
    }
}
