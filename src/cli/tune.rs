//! `hitflop tune`: the notebook's whole grid of random forests.

use anyhow::Result;
use clap::Args;

use super::card::{self, Finished};
use super::learning::{self, Best, Order};
use super::options::{GlobalArgs, LearningArgs};
use super::print;
use super::progress::Progress;
use super::settings::Settings;
use super::stages;
use super::story::Story;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_report::write;

/// Score the notebook's grid of 144 random forests by cross-validation, and fit the best
#[derive(Args, Debug)]
#[command(
    after_help = "A search that was stopped goes on where it was when it is called again with the same settings: every\n\
    forest is kept once it is scored (18 forests hold all 144 points on 3 folds).\n\n\
    Examples:\n  \
    hitflop tune --data archive.zip\n  \
    hitflop tune --data data --features all --seed 7 --reports out --json"
)]
pub struct TuneArgs {
    #[command(flatten)]
    learning: LearningArgs,
}

pub fn execute(global: GlobalArgs, args: TuneArgs) -> Result<()> {
    let Some(settings) = Settings::resolve_learning(&global, &args.learning)? else { return Ok(()) };
    let mut progress = Progress::new(settings.quiet);

    let (ingested, drawn) = stages::read(&settings, &mut progress)?;
    let set = settings.features.map_or(FeatureSet::Notebook, FeatureSet::from);
    let features = stages::features(set, &settings, &mut progress, &ingested)?;
    let tracks = learning::population(&settings, &mut progress, &ingested)?;
    let dataset = tracks.dataset().with_features(&features)?;
    let split = settings.hold_out().split(&tracks.targets(), tracks.groups())?;
    let rows = dataset.select(&split.train);
    let (search, checkpoint) = learning::search_grid(&settings, &mut progress, &rows)?;
    let params = search.best().params(settings.seed);
    let order = Order { tracks: &tracks, split: &split, features: &features, feature_set: set, params };
    let best = learning::fit_one(&settings, &mut progress, &ingested, order, "fit and score the best forest")?;
    let Best { artifact, evaluation, probabilities, timing } = &best;
    let written = progress.stage("write the grid", || write::grid(&search, &settings.reports))?;
    let saved = learning::save(&settings, &mut progress, &tracks, artifact)?;
    let provenance = stages::provenance(&settings, "tune", &ingested);
    let finished = Finished { artifact, evaluation, probabilities, saved: &saved, report: None };
    let card = card::write(&settings, &mut progress, &ingested, &provenance, &finished)?;
    checkpoint.remove()?;

    let mut story = Story::new("tune", &settings, drawn, &ingested);
    story.searched(&search);
    story.fitted(artifact, evaluation, timing, saved.bytes);
    story.answers(probabilities);
    story.written(&[saved.path, saved.metrics_path, saved.tracks_path, card]);
    story.written(&written);
    print::summary(&settings, &story.json(&progress), || story.text(&progress))
}
