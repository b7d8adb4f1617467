//! The stages that learn: one model, or several compared.

use std::path::PathBuf;

use anyhow::Result;

use super::checkpoint::Checkpoint;
use super::progress::Progress;
use super::settings::Settings;
use hitflop_core::dataset::Dataset;
use hitflop_core::disk;
use hitflop_core::error::{Error, Fault, Place, Reason};
use hitflop_core::track::Feature;
use hitflop_data::ingest::Ingested;
use hitflop_data::matrix;
use hitflop_metrics::split::{Folds, RowGroups, TrainTestSplit};
use hitflop_metrics::threshold::Objective;
use hitflop_model::artifact::known_tracks::{self, KnownTracks};
use hitflop_model::artifact::{self, Artifact, DataFile, EvaluationMetrics, ModelOrigin};
use hitflop_model::dataset::grouped_dataset::GroupedDataset;
use hitflop_model::decision::{self, Decision, DecisionRule, OutOfFold};
use hitflop_model::estimator::{EstimatorKind, EstimatorParams};
use hitflop_model::evaluation::Evaluation;
use hitflop_model::probabilities::ProbabilityQuality;
use hitflop_model::reference::FeatureQuantiles;
use hitflop_model::selection::comparison::{CandidateModel, ModelComparison};
use hitflop_model::selection::cross_validation::{cross_validate, CrossValidated, CrossValidation};
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::hold_out::HoldOutBy;
use hitflop_model::selection::leaderboard::{ChoiceReason, Cost, Leaderboard, LeaderboardRow};
use hitflop_model::selection::search::boosting::{self, BoostingSearch, HalvingBudget};
use hitflop_model::selection::search::grid::{self, FoldScores, Grid, GridSearch};
use hitflop_model::selection::train::{train, FittedModel, Timing};
use hitflop_trees::GradientBoostingParams;

/// Folds that the models of a comparison are scored on.
const FOLDS: usize = 5;
/// Candidates of a thorough search of the boosting's parameters.
const THOROUGH_CANDIDATES: usize = 24;
/// Folds that the points of the grid are scored on, as the notebook did.
const GRID_FOLDS: usize = 3;

/// What the user wants the final model to be; `None` leaves it to the scores.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    pub kind: Option<EstimatorKind>,
    pub feature_set: Option<FeatureSet>,
}

/// A model on disk.
pub struct Saved {
    pub path: PathBuf,
    pub metrics_path: PathBuf,
    /// The tracks that the server compares a new one with.
    pub tracks_path: PathBuf,
    pub bytes: u64,
    pub sha256: String,
}

/// The tracks to learn from, with all features; repeats resolved as the settings say.
pub fn population(settings: &Settings, progress: &mut Progress, ingested: &Ingested) -> Result<GroupedDataset> {
    progress.stage("group the tracks", || {
        let dataset = matrix::dataset(&ingested.tracks.numbers()?, &Feature::ALL)?;
        let identity = matrix::identity(&ingested.tracks.texts()?)?;
        Ok(GroupedDataset::new(&dataset, &identity, &ingested.extra, settings.duplicates())?)
    })
}

/// How a model answers, on which grounds, and what its cross-validation showed; the latter two where it was cross-validated.
pub struct Settled {
    pub decision: Decision,
    pub evidence: Option<OutOfFold>,
    pub cross_validation: Option<CrossValidation>,
}

/// Settles how a model that is fitted with `params` to `train` answers: by its out-of-fold probabilities on folds of these rows,
/// of whole `groups` if whole groups are held out for the test, unless the settings leave nothing to be found out.
fn settle(
    settings: &Settings,
    progress: &mut Progress,
    params: &EstimatorParams,
    train: &Dataset,
    groups: &RowGroups,
) -> Result<Settled> {
    let wish = settings.wish();
    if let (Objective::Fixed(threshold), false) = (wish.objective, wish.needs_folds()) {
        return Ok(Settled { decision: Decision::fixed(threshold), evidence: None, cross_validation: None });
    }
    let targets = train.targets().to_vec();
    let folds = match settings.hold_out().by {
        HoldOutBy::Random => Folds::stratified(&targets, FOLDS, settings.seed).map_err(Error::from)?,
        HoldOutBy::Grouped => Folds::grouped(&targets, groups, FOLDS, settings.seed).map_err(Error::from)?,
    };
    let CrossValidated { scores, out_of_fold } =
        progress.stage("cross-validate the model", || cross_validate(params, train, &folds))?;
    let (decision, evidence) = decide(&wish, progress, targets, out_of_fold, &folds)?;
    Ok(Settled { decision, evidence: Some(evidence), cross_validation: Some(scores) })
}

fn decide(
    wish: &DecisionRule,
    progress: &mut Progress,
    truth: Vec<bool>,
    out_of_fold: Vec<f64>,
    folds: &Folds,
) -> Result<(Decision, OutOfFold)> {
    Ok(progress.stage("calibrate and set the threshold", || decision::decide(wish, truth, out_of_fold, folds))?)
}

/// A fitted model that answers as was settled, and what is to be told of its probabilities.
pub struct Answering {
    pub trained: FittedModel,
    pub probabilities: ProbabilityQuality,
    pub cross_validation: Option<CrossValidation>,
}

impl Answering {
    /// `test` says which of the rows that `trained` was scored on are hits.
    pub fn new(trained: FittedModel, settled: Settled, test: &[bool]) -> Answering {
        let Settled { decision, evidence, cross_validation } = settled;
        let probabilities = ProbabilityQuality::of(&decision, evidence.as_ref(), test, &trained.raw);
        Answering { trained: trained.deciding(&decision, test), probabilities, cross_validation }
    }
}

/// One model to be fitted.
pub struct Order<'a> {
    pub tracks: &'a GroupedDataset,
    pub split: &'a TrainTestSplit,
    pub features: &'a [Feature],
    pub feature_set: FeatureSet,
    pub params: EstimatorParams,
}

/// Settles how a model answers, fits it to the training rows and scores it on the test rows; the last two are `stage`.
pub fn fit_one(
    settings: &Settings,
    progress: &mut Progress,
    ingested: &Ingested,
    order: Order,
    stage: &str,
) -> Result<Best> {
    let Order { tracks, split, features, feature_set, params } = order;
    let dataset = tracks.dataset().with_features(features)?;
    let (rows, held_out) = (dataset.select(&split.train), dataset.select(&split.test));
    let reference = FeatureQuantiles::of(&tracks.dataset().select(&split.train))?;
    let settled = settle(settings, progress, &params, &rows, &tracks.groups().select(&split.train))?;
    let trained = progress.stage(stage, || train(params, &rows, &held_out, settings.hold_out()))?;
    let answering = Answering::new(trained, settled, &held_out.targets().to_vec());
    let (evaluation, timing) = (answering.trained.evaluation.clone(), answering.trained.timing);
    let probabilities = answering.probabilities.clone();
    let artifact = answering_artifact(settings, ingested, answering, feature_set, reference);
    Ok(Best { artifact, evaluation, probabilities, timing })
}

/// A model that answers as was settled, with its origin.
fn answering_artifact(
    settings: &Settings,
    ingested: &Ingested,
    answering: Answering,
    feature_set: FeatureSet,
    reference: FeatureQuantiles,
) -> Artifact {
    let Answering { trained, probabilities, cross_validation } = answering;
    let mut artifact = artifact(settings, ingested, trained, feature_set, cross_validation, reference);
    artifact.origin.metrics = artifact.origin.metrics.calibrated(probabilities.scores);
    artifact
}

/// A trained model with its origin.
fn artifact(
    settings: &Settings,
    ingested: &Ingested,
    trained: FittedModel,
    feature_set: FeatureSet,
    cross_validation: Option<CrossValidation>,
    reference: FeatureQuantiles,
) -> Artifact {
    Artifact {
        origin: ModelOrigin {
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            created: settings.created.clone(),
            feature_set,
            hold_out: settings.hold_out(),
            metrics: EvaluationMetrics::new(&trained.evaluation, cross_validation),
            data: DataFile::of(&ingested.sources),
        },
        model: trained.model,
        reference,
    }
}

/// Writes the model, and beside it its metrics and the tracks that it comes from.
pub fn save(
    settings: &Settings,
    progress: &mut Progress,
    tracks: &GroupedDataset,
    artifact: &Artifact,
) -> Result<Saved> {
    let path = settings.models.join("hitflop.model");
    let metrics_path = settings.models.join("metrics.json");
    let tracks_path = known_tracks::beside(&path);
    progress.stage("save the model", || {
        let model = artifact::to_bytes(artifact)?;
        let metrics = artifact::metrics_json(artifact, &model)?;
        disk::write_whole(&path, &model)?;
        disk::write_whole(&metrics_path, &metrics)?;
        known_tracks::write(
            &KnownTracks::new(tracks.dataset(), tracks.identity(), &artifact.origin.data)?,
            &tracks_path,
        )?;
        let (bytes, sha256) = (model.len() as u64, artifact::sha256(&model));
        Ok(Saved { path, metrics_path, tracks_path, bytes, sha256 })
    })
}

/// Scores the notebook's grid on folds of `train`. Every forest that is scored is kept in a file beside the report until the
/// search is done, so that a search that was stopped goes on where it was.
pub fn search_grid(settings: &Settings, progress: &mut Progress, train: &Dataset) -> Result<(GridSearch, Checkpoint)> {
    let grid = Grid::notebook();
    let fingerprint = grid::fingerprint(train, &grid, GRID_FOLDS, settings.seed);
    // A name of its own for each search, so that one never stands in the way of another.
    let path = settings.reports.join(format!("grid_search.{}.checkpoint", &fingerprint[..12]));
    let (mut checkpoint, done) = Checkpoint::open::<FoldScores>(&path, &fingerprint)?;
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
    contest: &ModelComparison,
    thorough: bool,
) -> Result<(BoostingSearch, GradientBoostingParams)> {
    let train = contest.train_rows(FeatureSet::Selected)?;
    let candidates = if thorough { THOROUGH_CANDIDATES } else { HalvingBudget::default().candidates };
    let budget = HalvingBudget { candidates, ..HalvingBudget::default() };
    progress.counted("search the boosting's parameters", budget.fits(FOLDS), |bar| {
        Ok(boosting::search(&train, contest.folds(), &budget, settings.seed, &|| bar.inc(1))?)
    })
}

/// Models compared, and the best of them.
pub struct Compared {
    /// All at a threshold of 0.5 and without calibration, so that they can be compared.
    pub comparison: Leaderboard,
    pub best: Best,
    /// Of the grid search, to be removed once its table is written.
    pub checkpoint: Option<Checkpoint>,
}

/// The final model.
pub struct Best {
    pub artifact: Artifact,
    /// Its scores on the test rows, calibrated and at its own threshold.
    pub evaluation: Evaluation,
    pub probabilities: ProbabilityQuality,
    pub timing: Timing,
}

/// An entry with its scores and probabilities on the folds.
struct Scored {
    entry: CandidateModel,
    cross_validated: CrossValidated,
}

/// How much is compared.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Whether the notebook's forest is the best of its whole grid, searched anew, instead of the one that it found.
    pub grid: bool,
    /// Whether the boosting takes part with every set of features and the notebook's best forest with those selected, and more
    /// parameters of the boosting are tried.
    pub thorough: bool,
}

/// Scores the notebook's models and this program's on the same folds and test rows, and fits the best of them.
pub fn compare(
    settings: &Settings,
    progress: &mut Progress,
    ingested: &Ingested,
    tracks: &GroupedDataset,
    kept: &[Feature],
    wanted: Wanted,
    extent: Extent,
) -> Result<Compared> {
    let contest = ModelComparison::new(tracks, settings.hold_out(), FOLDS, settings.seed, kept)?;
    let (grid, checkpoint) = match extent.grid {
        true => {
            let (grid, checkpoint) = search_grid(settings, progress, &contest.train_rows(FeatureSet::Notebook)?)?;
            (Some(grid), Some(checkpoint))
        }
        false => (None, None),
    };
    let (boosting_search, boosting) = search_boosting(settings, progress, &contest, extent.thorough)?;
    let mut entries = CandidateModel::notebook(settings.seed, grid.as_ref().map(GridSearch::best));
    entries.extend(own(&entries, boosting, extent, wanted));
    let entries = with_wanted(entries, wanted);
    let scored = score(progress, &contest, entries)?;
    // What is wanted takes part, and the first of it is the best.
    let chosen = scored.iter().position(|scored| wanted.is(&scored.entry)).unwrap_or(0);
    let CrossValidated { scores, out_of_fold } = scored[chosen].cross_validated.clone();
    let (decision, evidence) =
        decide(&settings.wish(), progress, contest.train_targets(), out_of_fold, contest.folds())?;
    let settled = Settled { decision, evidence: Some(evidence), cross_validation: Some(scores) };
    let (contenders, best) = fit(settings, progress, ingested, &contest, scored, (chosen, settled))?;
    let comparison = Leaderboard {
        protocol: contest.protocol(),
        folds: FOLDS as u64,
        baseline: contest.baseline(),
        contenders,
        chosen,
        chosen_by: wanted.chosen_by(),
        boosting_search: Some(boosting_search),
        grid,
    };
    Ok(Compared { comparison, best, checkpoint })
}

/// Scores every entry on the folds; the best stands first.
fn score(progress: &mut Progress, contest: &ModelComparison, entries: Vec<CandidateModel>) -> Result<Vec<Scored>> {
    let mut scored = progress.counted("cross-validate the models", entries.len() as u64, |bar| {
        let score = |entry: CandidateModel| {
            let cross_validated = contest.cross_validate(&entry)?;
            bar.inc(1);
            Ok(Scored { entry, cross_validated })
        };
        entries.into_iter().map(score).collect::<Result<Vec<Scored>>>()
    })?;
    // Stable, so that equal scores stay in the order of the entries.
    scored.sort_by(|a, b| mean_roc_auc(b).total_cmp(&mean_roc_auc(a)));
    Ok(scored)
}

/// Fits every entry and scores it on the test rows, one after the other, as each is timed with all threads. Of the fitted models
/// only the chosen one is kept, and made to answer as was settled for it.
fn fit(
    settings: &Settings,
    progress: &mut Progress,
    ingested: &Ingested,
    contest: &ModelComparison,
    scored: Vec<Scored>,
    (chosen, settled): (usize, Settled),
) -> Result<(Vec<LeaderboardRow>, Best)> {
    let reference = contest.reference()?;
    progress.counted("fit and score the models", scored.len() as u64, |bar| {
        let mut settled = Some(settled);
        let mut best = None;
        let mut contenders = Vec::new();
        for (index, Scored { entry, cross_validated }) in scored.into_iter().enumerate() {
            let cross_validation = cross_validated.scores;
            let trained = contest.train(&entry)?;
            let title = entry.title();
            let CandidateModel { params, feature_set, .. } = entry;
            let (evaluation, timing) = (trained.evaluation.clone(), trained.timing);
            let reference = reference.clone();
            let cost = match settled.take_if(|_| index == chosen) {
                None => {
                    let folds = Some(cross_validation.clone());
                    cost(&artifact(settings, ingested, trained, feature_set, folds, reference), &timing)?
                }
                Some(settled) => {
                    let answering = Answering::new(trained, settled, &contest.test_targets());
                    let (evaluation, probabilities) =
                        (answering.trained.evaluation.clone(), answering.probabilities.clone());
                    let artifact = answering_artifact(settings, ingested, answering, feature_set, reference);
                    let cost = cost(&artifact, &timing)?;
                    best = Some(Best { artifact, evaluation, probabilities, timing });
                    cost
                }
            };
            let params = params.entries();
            contenders.push(LeaderboardRow { title, params, feature_set, cross_validation, evaluation, cost });
            bar.inc(1);
        }
        // The chosen index is one of the contenders', each of which was fitted.
        Ok((contenders, best.expect("the chosen model was fitted")))
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
    scored.cross_validated.scores.mean().roc_auc
}

/// This program's models beside the `notebooks`: the boosting that was found; of a thorough comparison the boosting with the other
/// sets of features; and, if that or a forest is wanted, the notebook's best forest with the features that are selected.
fn own(
    notebooks: &[CandidateModel],
    boosting: GradientBoostingParams,
    extent: Extent,
    wanted: Wanted,
) -> Vec<CandidateModel> {
    let with_forest = extent.thorough || wanted.kind == Some(EstimatorKind::Forest);
    let forest = notebooks.last().filter(|_| with_forest).map(|forest| CandidateModel::forest(forest.params.clone()));
    let others = [FeatureSet::Notebook, FeatureSet::Selected].into_iter().filter(|_| extent.thorough);
    let boostings = others.chain([FeatureSet::All]).map(|set| CandidateModel::boosting(boosting.clone(), set));
    forest.into_iter().chain(boostings).collect()
}

/// Adds what is wanted, if it does not take part yet: the last entry of that kind, which is the most careful one, with those features.
fn with_wanted(mut entries: Vec<CandidateModel>, wanted: Wanted) -> Vec<CandidateModel> {
    if !entries.iter().any(|entry| wanted.is(entry)) {
        let of_kind = |entry: &&CandidateModel| wanted.kind.is_none_or(|kind| entry.params.kind() == kind);
        // Every kind takes part with some features, so that only these can be what is missing.
        if let (Some(model), Some(set)) = (entries.iter().rfind(of_kind), wanted.feature_set) {
            entries.push(model.with_features(set));
        }
    }
    entries
}

impl Wanted {
    fn is(&self, entry: &CandidateModel) -> bool {
        self.kind.is_none_or(|kind| entry.params.kind() == kind)
            && self.feature_set.is_none_or(|set| entry.feature_set == set)
    }

    /// Who chooses the final model.
    fn chosen_by(&self) -> ChoiceReason {
        match (self.kind, self.feature_set) {
            (None, None) => ChoiceReason::CrossValidation,
            _ => ChoiceReason::User,
        }
    }
}

/// The defaults of the kind under what the flags say, checked before anything is read.
pub fn params(kind: EstimatorKind, assignments: &[String], seed: u64) -> Result<EstimatorParams> {
    let mut params = EstimatorParams::of(kind).seeded(seed);
    for assignment in assignments {
        let Some((name, value)) = assignment.split_once('=') else {
            let fault = Fault::new(Place::setting("param"), Reason::Setting, "expected NAME=VALUE").found(assignment);
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
            let placed = |fault: Fault| Fault { place: Place::setting(format!("param {}", fault.place)), ..fault };
            Error::inputs(faults.into_iter().map(placed).collect(), total)
        }
        other => other,
    }
}
