//! The stages that learn: one model, or several compared.

use std::path::PathBuf;

use anyhow::Result;

use super::checkpoint::Checkpoint;
use super::progress::Progress;
use super::settings::Settings;
use crate::artifact::{self, known_tracks, Artifact, DataFile, Metrics, Origin};
use crate::disk;
use crate::ingest::Ingested;
use crate::learn::boosting::GradientBoostingParams;
use crate::learn::comparison::{ChosenBy, Comparison, Contender, Cost, FeatureSet};
use crate::learn::contest::{Contest, Entry};
use crate::learn::cross_validation::CrossValidation;
use crate::learn::dataset::Dataset;
use crate::learn::estimator::Kind;
use crate::learn::evaluation::Evaluation;
use crate::learn::reference::Reference;
use crate::learn::search::boosting::{self, BoostingSearch, Budget};
use crate::learn::search::grid::{self, Grid, GridSearch, UnitScores};
use crate::learn::train::{Timing, Trained};
use crate::track::Feature;

/// Folds that the models of a comparison are scored on.
const FOLDS: usize = 5;
/// Folds that the points of the grid are scored on, as the notebook did.
const GRID_FOLDS: usize = 3;

/// What the user wants the final model to be; `None` leaves it to the scores.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    pub kind: Option<Kind>,
    pub feature_set: Option<FeatureSet>,
}

/// A model on disk.
pub struct Saved {
    pub path: PathBuf,
    pub metrics_path: PathBuf,
    /// The tracks that the server compares a new one with.
    pub tracks_path: PathBuf,
    pub bytes: u64,
}

/// All tracks with all features.
pub fn dataset(ingested: &Ingested) -> Result<Dataset> {
    Ok(Dataset::from_frame(&ingested.tracks.numbers()?, &Feature::ALL)?)
}

/// A trained model with its origin.
pub fn artifact(
    settings: &Settings,
    ingested: &Ingested,
    trained: Trained,
    feature_set: FeatureSet,
    cross_validation: Option<CrossValidation>,
    reference: Reference,
) -> Artifact {
    Artifact {
        origin: Origin {
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            created: settings.created.clone(),
            feature_set,
            hold_out: settings.hold_out(),
            metrics: Metrics::new(&trained.evaluation, cross_validation),
            data: DataFile::of(&ingested.sources),
        },
        model: trained.model,
        reference,
    }
}

/// Writes the model, and beside it its metrics and the tracks that it comes from.
pub fn save(settings: &Settings, progress: &mut Progress, ingested: &Ingested, artifact: &Artifact) -> Result<Saved> {
    let path = settings.models.join("hitflop.model");
    let metrics_path = settings.models.join("metrics.json");
    let tracks_path = known_tracks::beside(&path);
    progress.stage("save the model", || {
        let model = artifact::to_bytes(artifact)?;
        let metrics = artifact::metrics_json(artifact, &model)?;
        disk::write_whole(&path, &model)?;
        disk::write_whole(&metrics_path, &metrics)?;
        known_tracks::write(&ingested.tracks, &tracks_path)?;
        Ok(Saved { path, metrics_path, tracks_path, bytes: model.len() as u64 })
    })
}

/// Scores the notebook's grid on folds of `train`. Every forest that is scored is kept in a file beside the report until the
/// search is done, so that a search that was stopped goes on where it was.
pub fn search_grid(settings: &Settings, progress: &mut Progress, train: &Dataset) -> Result<(GridSearch, Checkpoint)> {
    let grid = Grid::notebook();
    let fingerprint = grid::fingerprint(train, &grid, GRID_FOLDS, settings.seed);
    // A name of its own for each search, so that one never stands in the way of another.
    let path = settings.reports.join(format!("grid_search.{}.checkpoint", &fingerprint[..12]));
    let (mut checkpoint, done) = Checkpoint::open::<UnitScores>(&path, &fingerprint)?;
    let forests = (grid.bootstrap.len() * grid.min_samples_leaf.len() * GRID_FOLDS) as u64;
    let search = progress.counted("search the notebook's grid", forests, |bar| {
        bar.set_position(done.len() as u64);
        bar.reset_eta();
        grid::search(train, &grid, GRID_FOLDS, settings.seed, &done, &mut |unit, so_far| {
            checkpoint.append(unit)?;
            bar.set_position(so_far.done as u64);
            Ok(())
        })
    })?;
    Ok((search, checkpoint))
}

/// Looks for parameters of the boosting on the folds of the contest, with the features that are selected.
fn search_boosting(
    settings: &Settings,
    progress: &mut Progress,
    contest: &Contest,
) -> Result<(BoostingSearch, GradientBoostingParams)> {
    let train = contest.train_rows(FeatureSet::Selected)?;
    let budget = Budget::default();
    progress.counted("search the boosting's parameters", budget.fits(FOLDS), |bar| {
        Ok(boosting::search(&train, contest.folds(), &budget, settings.seed, &|| bar.inc(1))?)
    })
}

/// Models compared, and the best of them.
pub struct Compared {
    pub comparison: Comparison,
    pub best: Artifact,
    pub timing: Timing,
    /// Of the grid search, to be removed once its table is written.
    pub checkpoint: Option<Checkpoint>,
}

impl Compared {
    /// The scores of the best on the test rows.
    pub fn final_evaluation(&self) -> &Evaluation {
        &self.comparison.contenders[self.comparison.chosen].evaluation
    }
}

/// An entry with its scores on the folds.
struct Scored {
    entry: Entry,
    cross_validation: CrossValidation,
}

/// Scores the notebook's models and this program's on the same folds and test rows, and fits the best of them. With
/// `search_grid`, the notebook's forest is the best of its whole grid, searched anew, instead of the one that it found.
pub fn compare(
    settings: &Settings,
    progress: &mut Progress,
    ingested: &Ingested,
    kept: &[Feature],
    wanted: Wanted,
    with_grid: bool,
) -> Result<Compared> {
    let contest = Contest::new(&dataset(ingested)?, settings.hold_out(), FOLDS, settings.seed, kept)?;
    let (grid, checkpoint) = match with_grid {
        true => {
            let (grid, checkpoint) = search_grid(settings, progress, &contest.train_rows(FeatureSet::Notebook)?)?;
            (Some(grid), Some(checkpoint))
        }
        false => (None, None),
    };
    let (boosting_search, boosting) = search_boosting(settings, progress, &contest)?;
    let mut entries = Entry::notebook(settings.seed, grid.as_ref().map(GridSearch::best))?;
    entries.extend(Entry::own(&entries[entries.len() - 1].params, boosting));
    let entries = with_wanted(entries, wanted);
    let scored = score(progress, &contest, entries)?;
    // What is wanted takes part, and the first of it is the best.
    let chosen = scored.iter().position(|scored| wanted.is(&scored.entry)).unwrap_or(0);
    let Fitted { contenders, best, timing } = fit(settings, progress, ingested, &contest, scored, chosen)?;
    let comparison = Comparison {
        protocol: contest.protocol(),
        folds: FOLDS as u64,
        baseline: contest.baseline(),
        contenders,
        chosen,
        chosen_by: wanted.chosen_by(),
        boosting_search: Some(boosting_search),
        grid,
    };
    Ok(Compared { comparison, best, timing, checkpoint })
}

/// Scores every entry on the folds; the best stands first.
fn score(progress: &mut Progress, contest: &Contest, entries: Vec<Entry>) -> Result<Vec<Scored>> {
    let mut scored = progress.counted("cross-validate the models", entries.len() as u64, |bar| {
        let score = |entry: Entry| {
            let cross_validation = contest.cross_validate(&entry)?;
            bar.inc(1);
            Ok(Scored { entry, cross_validation })
        };
        entries.into_iter().map(score).collect::<Result<Vec<Scored>>>()
    })?;
    // Stable, so that equal scores stay in the order of the entries.
    scored.sort_by(|a, b| mean_roc_auc(b).total_cmp(&mean_roc_auc(a)));
    Ok(scored)
}

/// All entries fitted on all training rows, of which only the chosen model is kept.
struct Fitted {
    contenders: Vec<Contender>,
    best: Artifact,
    timing: Timing,
}

/// Fits every entry and scores it on the test rows, one after the other, as each is timed with all threads.
fn fit(
    settings: &Settings,
    progress: &mut Progress,
    ingested: &Ingested,
    contest: &Contest,
    scored: Vec<Scored>,
    chosen: usize,
) -> Result<Fitted> {
    let reference = contest.reference()?;
    progress.counted("fit and score the models", scored.len() as u64, |bar| {
        let mut best = None;
        let mut contenders = Vec::new();
        for (index, Scored { entry, cross_validation }) in scored.into_iter().enumerate() {
            let Entry { title, params, feature_set } = entry.clone();
            let trained = contest.train(&entry)?;
            let (evaluation, timing) = (trained.evaluation.clone(), trained.timing);
            let (folds, reference) = (Some(cross_validation.clone()), reference.clone());
            let artifact = artifact(settings, ingested, trained, feature_set, folds, reference);
            let cost = cost(&artifact, &timing)?;
            if index == chosen {
                best = Some((artifact, timing));
            }
            let params = params.entries();
            contenders.push(Contender { title, params, feature_set, cross_validation, evaluation, cost });
            bar.inc(1);
        }
        // The chosen index is one of the contenders', each of which was fitted.
        let (best, timing) = best.expect("the chosen model was fitted");
        Ok(Fitted { contenders, best, timing })
    })
}

fn cost(artifact: &Artifact, timing: &Timing) -> Result<Cost> {
    Ok(Cost {
        fit_seconds: timing.fit_seconds,
        predict_seconds_per_row: timing.predict_seconds / artifact.origin.metrics.test_rows as f64,
        artifact_bytes: artifact::to_bytes(artifact)?.len() as u64,
    })
}

fn mean_roc_auc(scored: &Scored) -> f64 {
    scored.cross_validation.mean().roc_auc
}

/// Adds what is wanted, if it does not take part yet: the first entry of that kind, with those features.
fn with_wanted(mut entries: Vec<Entry>, wanted: Wanted) -> Vec<Entry> {
    if !entries.iter().any(|entry| wanted.is(entry)) {
        let of_kind = |entry: &&Entry| wanted.kind.is_none_or(|kind| entry.params.kind() == kind);
        // Every kind takes part with some features, so that only these can be what is missing.
        if let (Some(model), Some(set)) = (entries.iter().find(of_kind), wanted.feature_set) {
            let name = model.title.split(" (").next().unwrap_or_default();
            entries.push(Entry {
                title: format!("{name} ({} features)", set.name()),
                feature_set: set,
                ..model.clone()
            });
        }
    }
    entries
}

impl Wanted {
    fn is(&self, entry: &Entry) -> bool {
        self.kind.is_none_or(|kind| entry.params.kind() == kind)
            && self.feature_set.is_none_or(|set| entry.feature_set == set)
    }

    /// Who chooses the final model.
    fn chosen_by(&self) -> ChosenBy {
        match (self.kind, self.feature_set) {
            (None, None) => ChosenBy::CrossValidation,
            _ => ChosenBy::User,
        }
    }
}
