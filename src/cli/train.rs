//! `hitflop train`: decade files to one model.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::card::{self, Finished};
use super::learning::{self, Best, Order};
use super::options::{GlobalArgs, LearningArgs, ModelKind};
use super::print;
use super::progress::Progress;
use super::settings::Settings;
use super::stages;
use super::story::Story;
use hitflop_model::selection::feature_set::FeatureSet;

/// Fit one model with any parameters, score it on held-out rows and save it
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop train --data archive.zip\n  \
    hitflop train --data data --model forest --param n_estimators=500 --param min_samples_leaf=2 --features notebook\n  \
    hitflop train --data data --model boosting --param symmetric=true --param max_depth=7 --param early_stopping=20\n  \
    hitflop train --data data --calibration isotonic --threshold precision:0.75\n  \
    hitflop train --data data --calibration none --threshold 0.5    no folds, as fast as can be\n  \
    hitflop train --data data --split-seed 7 --write-split split.parquet --json")]
pub struct TrainArgs {
    /// Which kind of model
    #[arg(long, value_enum, default_value = "boosting", value_name = "KIND")]
    model: ModelKind,
    /// A parameter by scikit-learn's name; `none` is no limit. May be given many times. A wrong name lists all
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// Write the rows with their features, target and a column `split` (train or test) to a Parquet file
    #[arg(long, value_name = "FILE")]
    write_split: Option<PathBuf>,
    #[command(flatten)]
    learning: LearningArgs,
}

pub fn execute(global: GlobalArgs, args: TrainArgs) -> Result<()> {
    let Some(settings) = Settings::resolve_learning(&global, &args.learning)? else { return Ok(()) };
    let params = learning::params(args.model.into(), &args.params, settings.seed)?;
    let mut progress = Progress::new(settings.quiet);

    let (ingested, drawn) = stages::read(&settings, &mut progress)?;
    let set = settings.features.map_or(FeatureSet::Selected, FeatureSet::from);
    let features = stages::features(set, &settings, &mut progress, &ingested)?;
    let tracks = learning::population(&settings, &mut progress, &ingested)?;
    let dataset = tracks.dataset().with_features(&features)?;
    let split = settings.hold_out().split(&tracks.targets(), tracks.groups())?;
    if let Some(path) = &args.write_split {
        progress.stage("write the split", || stages::write_split(&dataset, &split, path))?;
    }
    let order = Order { tracks: &tracks, split: &split, features: &features, feature_set: set, params };
    let best = learning::fit_one(&settings, &mut progress, &ingested, order, "fit and score the model")?;
    let Best { artifact, evaluation, probabilities, timing } = &best;
    let saved = learning::save(&settings, &mut progress, &tracks, artifact)?;
    let mut provenance = stages::provenance(&settings, "train", &ingested);
    provenance.settings.push(("model".to_owned(), artifact.model.params.kind().name().to_owned()));
    provenance.settings.extend(args.params.iter().map(|assignment| ("param".to_owned(), assignment.clone())));
    let finished = Finished { artifact, evaluation, probabilities, saved: &saved, report: None };
    let card = card::write(&settings, &mut progress, &ingested, &provenance, &finished)?;

    let mut story = Story::new("train", &settings, drawn, &ingested);
    story.fitted(artifact, evaluation, timing, saved.bytes);
    story.answers(probabilities);
    story.written(&[saved.path, saved.metrics_path, saved.tracks_path, card]);
    story.written(args.write_split.as_slice());
    print::summary(&settings, &story.json(&progress), || story.text(&progress))
}
