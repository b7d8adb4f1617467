//! `hitflop run`: the whole job.

use anyhow::Result;
use clap::Args;

use super::assess::{assess, Asked};
use super::card::{self, Finished};
use super::evaluate;
use super::explaining;
use super::learning::{self, Best, Compared, Extent, Wanted};
use super::options::{GlobalArgs, GridKind, LearningArgs, ModelKind};
use super::print;
use super::progress::Progress;
use super::settings::Settings;
use super::stages;
use super::story::Story;
use hitflop_core::error::Error;
use hitflop_model::artifact::Artifact;
use hitflop_model::estimator::EstimatorKind;
use hitflop_model::validation::{ModelSpec, PrefitModel, ValidationScheme};
use hitflop_report::Report;

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
    /// Take more care: compare the boosting with every set of features and a forest with those selected; try 24 candidates for the
    /// boosting's parameters instead of 8; ask how good it is by 10 splits instead of 2, 5,000 resamples, 5 folds from decade to decade,
    /// 5 learning curves, and no lighter recipe anywhere; explain all held-out rows. Takes some minutes
    #[arg(long)]
    thorough: bool,
    #[command(flatten)]
    learning: LearningArgs,
}

impl RunArgs {
    /// Its own flags as settings of a report.
    fn asked(&self) -> Vec<(String, String)> {
        let model = self.model.map(|kind| ("model".to_owned(), EstimatorKind::from(kind).name().to_owned()));
        let grid = self.grid.map(|GridKind::Notebook| ("grid".to_owned(), "notebook".to_owned()));
        let thorough = self.thorough.then(|| ("thorough".to_owned(), "true".to_owned()));
        model.into_iter().chain(grid).chain(thorough).collect()
    }
}

pub fn execute(global: GlobalArgs, args: RunArgs) -> Result<()> {
    let Some(settings) = Settings::resolve_learning(&global, &args.learning)? else { return Ok(()) };
    let wanted = Wanted { kind: args.model.map(Into::into), feature_set: settings.features.map(Into::into) };
    let mut progress = Progress::new(settings.quiet);

    let (ingested, drawn) = stages::read(&settings, &mut progress)?;
    let relations = stages::relate(&settings, &mut progress, &ingested.tracks)?;
    let kept = relations.selection.kept.clone();
    let tracks = learning::population(&settings, &mut progress, &ingested)?;
    let extent = Extent { grid: args.grid.is_some(), thorough: args.thorough };
    let compared = if_possible(learning::compare(&settings, &mut progress, &ingested, &tracks, &kept, wanted, extent))?;
    let (evaluation, comparison) = match &compared {
        Ok(compared) => (Some(compared.best.evaluation.clone()), Some(compared.comparison.clone())),
        Err(_) => (None, None),
    };
    let assessment = match &compared {
        Ok(compared) => {
            let Artifact { model, origin, .. } = &compared.best.artifact;
            let recipe = ModelSpec { params: model.params.clone(), features: model.features() };
            let at_hand = Some(PrefitModel { estimator: &model.estimator, hold_out: origin.hold_out });
            let effort = evaluate::effort(args.thorough, None);
            let asked = Asked { protocols: &ValidationScheme::ALL, hold_out: origin.hold_out, effort, at_hand };
            Some(assess(&mut progress, &tracks, &recipe, asked)?)
        }
        Err(_) => None,
    };
    let explanations = match &compared {
        Ok(compared) => {
            let best = &compared.best.artifact;
            if_possible(explaining::explain(&settings, &mut progress, &tracks, best, args.thorough))?.ok()
        }
        Err(_) => None,
    };
    let probabilities = compared.as_ref().ok().map(|compared| compared.best.probabilities.clone());
    let report = stages::compose(&settings, &mut progress, "run", &ingested, relations, evaluation, comparison)?;
    let mut report = Report { probabilities, assessment, explanations, ..report };
    report.provenance.settings.extend(args.asked());
    let written = stages::publish(&settings, &mut progress, &report)?;

    let mut story = Story::new("run", &settings, drawn, &ingested);
    story.explored(&report);
    match &compared {
        Ok(compared) => {
            let Compared { comparison, best, .. } = compared;
            let Best { artifact, evaluation, probabilities, timing } = best;
            let saved = learning::save(&settings, &mut progress, &tracks, artifact)?;
            let finished = Finished { artifact, evaluation, probabilities, saved: &saved, report: Some(&report) };
            let card = card::write(&settings, &mut progress, &ingested, &report.provenance, &finished)?;
            story.compared(comparison);
            story.fitted(artifact, evaluation, timing, saved.bytes);
            story.answers(probabilities);
            report.assessment.iter().for_each(|assessment| story.assessed(assessment));
            story.written(&[saved.path, saved.metrics_path, saved.tracks_path, card]);
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
            // What a flag asks for in vain is an error still.
            Some(fault) if fault.is_input() && !fault.is_of_setting() => Ok(Err(fault.to_string())),
            _ => Err(error),
        },
    }
}
