//! Searches for parameters: the notebook's grid of random forests, and the boosting's.

use std::path::Path;

use super::analyse::features;
use super::checkpoint::Checkpoint;
use super::fit::{fit_on_split, train_test_split, FitRequest, FOLDS};
use super::options::{DataOptions, LearnOptions, OutputOptions, SelectionOptions};
use super::outputs::{ModelTarget, Outputs};
use super::prepare::prepare;
use super::progress::{Progress, Stage};
use super::read::read_named;
use super::report::{provenance, recorded};
use super::save::save;
use super::train::TrainResult;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_model::selection::comparison::ModelComparison;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::search::boosting::{self, FoundBoosting, HalvingBudget};
use hitflop_model::selection::search::grid::{self, FoldScores, Grid, GridSearch};
use hitflop_report::write;

/// Candidates of a thorough search of the boosting's parameters.
const THOROUGH_CANDIDATES: usize = 24;
/// Learning rate of the boosting that a thorough search finds.
const THOROUGH_RATE: f64 = 0.04;
/// Folds that the points of the grid are scored on, as in the notebook.
const GRID_FOLDS: usize = 3;

/// Name of the model, in the directory of models.
const MODEL: &str = "tune-forest.model";

/// Options of [`tune()`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TuneOptions {
    /// Files of tracks; by default the decade files in `data/`.
    pub data: DataOptions,
    /// Where results are written.
    pub output: OutputOptions,
    /// How features are selected, for the set of selected features.
    pub selection: SelectionOptions,
    /// How the forest learns. Default of the features: the notebook's.
    pub learn: LearnOptions,
    /// The model file. Default: `tune-forest.model` in the directory of models, so that no other command's model is replaced.
    pub model: Option<ModelTarget>,
}

/// Scores the notebook's grid of random forests by cross-validation, fits the best one and saves it, its model card, and the
/// grid as table and chart. An interrupted search is resumed by the next call with the same tracks and options.
///
/// # Errors
/// Those of [`read_named()`] and [`fit()`](super::fit()); a checkpoint of another search is in the way.
pub fn tune(options: &TuneOptions, progress: &dyn Progress) -> Result<TrainResult> {
    let TuneOptions { data, output, selection, learn, .. } = options;
    selection.check()?;
    learn.check()?;
    let target = options.model.clone().unwrap_or_else(|| ModelTarget::InModels(MODEL.to_owned()));
    let mut outputs = Outputs::open(data, output, Some(target))?;
    let mut source = read_named(data, &mut outputs, progress)?;
    let feature_set = learn.features.unwrap_or(FeatureSet::Notebook);
    let prepared = prepare(&source, learn, progress)?;
    let split = train_test_split(&prepared)?;
    let features = features(feature_set, &prepared.known_features(&split.train), &source, selection, progress)?;
    let sample = prepared.sample(split.train.clone());
    let rows = prepared.tracks.dataset().select(&sample.rows).with_features(&features)?;
    let (search, checkpoint) = search_grid(&rows, data.seed, &outputs.places().reports, progress)?;
    let request = FitRequest { params: search.best().params(data.seed), feature_set, features };
    let mut model = fit_on_split(&prepared, &split, request, progress)?;
    let (set, directory) = outputs.reports();
    let written = progress.stage("write the grid", || write::grid(&search, set, directory))?;
    let provenance = provenance("tune", &source, recorded(data, selection, Some(learn))?);
    let mut saved = save(&prepared, &mut model, &provenance, None, &mut outputs, progress)?;
    saved.replaced = source.commit(outputs, progress)?;
    checkpoint.remove()?;
    Ok(TrainResult { written: [saved.files(), written].concat(), tracks: source, search: Some(search), model, saved })
}

/// Scores the notebook's grid on folds of `train`. Every forest that is scored is kept in a checkpoint in `directory`, which
/// the caller removes once the result is written.
pub(super) fn search_grid(
    train: &Dataset,
    seed: u64,
    directory: &Path,
    progress: &dyn Progress,
) -> Result<(GridSearch, Checkpoint)> {
    let grid = Grid::notebook();
    let fingerprint = grid::fingerprint(train, &grid, GRID_FOLDS, seed);
    // Each search has a file of its own, so that none is in the way of another.
    let path = directory.join(format!("grid_search.{}.checkpoint", &fingerprint[..12]));
    let (mut checkpoint, done) = Checkpoint::open::<FoldScores>(&path, &fingerprint)?;
    let forests = (grid.bootstrap.len() * grid.min_samples_leaf.len() * GRID_FOLDS) as u64;
    let stage = Stage { name: "search the notebook's grid", steps: Some(forests), resumed: done.len() as u64 };
    let search = progress.observe(stage, || {
        grid::search(train, &grid, GRID_FOLDS, seed, &done, &mut |fold_scores, _| {
            checkpoint.append(fold_scores)?;
            progress.step();
            Ok(())
        })
    })?;
    Ok((search, checkpoint))
}

/// Searches for parameters of the boosting on the folds of a comparison, with a set of features.
pub(super) fn search_boosting(
    comparison: &ModelComparison,
    feature_set: FeatureSet,
    thorough: bool,
    seed: u64,
    progress: &dyn Progress,
) -> Result<FoundBoosting> {
    let train = comparison.train_rows(feature_set)?;
    let standard = HalvingBudget::default();
    let budget = match thorough {
        true => HalvingBudget { candidates: THOROUGH_CANDIDATES, final_learning_rate: THOROUGH_RATE, ..standard },
        false => standard,
    };
    progress.counted("search the boosting's parameters", budget.fits(FOLDS), |step| {
        boosting::search(&train, comparison.folds(), &budget, seed, step)
    })
}
