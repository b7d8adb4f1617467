//! `hitflop train`: decade files to one model.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::learning::{self, Saved};
use super::options::{GlobalArgs, LearningArgs, ModelKind};
use super::print;
use super::progress::Progress;
use super::settings::Settings;
use super::stages;
use super::story::Story;
use crate::error::{Error, Fault, Place, Reason};
use crate::learn::comparison::FeatureSet;
use crate::learn::estimator::Params;
use crate::learn::reference::Reference;
use crate::learn::train::train;

/// Fit one model with any parameters, score it on held-out rows and save it
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop train --data archive.zip\n  \
    hitflop train --data data --model forest --param n_estimators=500 --param min_samples_leaf=2 --features notebook\n  \
    hitflop train --data data --model boosting --param symmetric=true --param max_depth=7 --param early_stopping=20\n  \
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
    let params = params(&args, settings.seed)?;
    let mut progress = Progress::new(settings.quiet);

    let (ingested, drawn) = stages::read(&settings, &mut progress)?;
    let set = settings.features.map_or(FeatureSet::Selected, FeatureSet::from);
    let features = stages::features(set, &settings, &mut progress, &ingested)?;
    let tracks = learning::dataset(&ingested)?;
    let dataset = tracks.with_features(&features)?;
    let split = settings.hold_out().split(dataset.rows())?;
    if let Some(path) = &args.write_split {
        progress.stage("write the split", || stages::write_split(&ingested, &features, &split, path))?;
    }
    let (rows, held_out) = (dataset.select(&split.train), dataset.select(&split.test));
    let reference = Reference::of(&tracks.select(&split.train))?;
    let trained = progress
        .stage("fit and score the model", || train(params, &rows, &held_out, settings.hold_out().protocol()))?;
    let (evaluation, timing) = (trained.evaluation.clone(), trained.timing);
    let artifact = learning::artifact(&settings, &ingested, trained, set, None, reference);
    let Saved { path, metrics_path, tracks_path, bytes } =
        learning::save(&settings, &mut progress, &ingested, &artifact)?;

    let mut story = Story::new("train", &settings, drawn, &ingested);
    story.fitted(&artifact, &evaluation, &timing, bytes);
    story.written(&[path, metrics_path, tracks_path]);
    story.written(args.write_split.as_slice());
    print::summary(&settings, &story.json(&progress), || story.text(&progress))
}

/// The defaults of the kind under what the flags say, checked before anything is read.
fn params(args: &TrainArgs, seed: u64) -> Result<Params> {
    let mut params = Params::of(args.model.into()).seeded(seed);
    for assignment in &args.params {
        let Some((name, value)) = assignment.split_once('=') else {
            let fault = Fault::new(Place::file("--param"), Reason::Setting, "expected NAME=VALUE").found(assignment);
            return Err(Error::input(fault).into());
        };
        params = params.with(name.trim(), value.trim()).map_err(as_flag)?;
    }
    params.check().map_err(as_flag)?;
    Ok(params)
}

/// A fault of a parameter, placed at its flag.
fn as_flag(error: Error) -> Error {
    match error {
        Error::Input(faults, total) => {
            let placed = |fault: Fault| Fault { place: Place::file(format!("--param {}", fault.place)), ..fault };
            Error::inputs(faults.into_iter().map(placed).collect(), total)
        }
        other => other,
    }
}
