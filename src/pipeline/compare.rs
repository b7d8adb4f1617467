//! Compares models on the same folds and test rows, and fits the best of them.

use std::path::PathBuf;

use super::analyse::check_any;
use super::checkpoint::Checkpoint;
use super::fit::{with_fallbacks, CalibratedDecision, FinalModel, FOLDS};
use super::prepare::Prepared;
use super::progress::Progress;
use super::tune::{search_boosting, search_grid};
use hitflop_core::error::{Error, Result};
use hitflop_core::track::Feature;
use hitflop_model::artifact::{self, Artifact, EvaluationMetrics};
use hitflop_model::blend::BlendRecipe;
use hitflop_model::estimator::{EstimatorKind, EstimatorParams};
use hitflop_model::evaluation::Evaluation;
use hitflop_model::reference::FeatureQuantiles;
use hitflop_model::selection::blend::{BlendMemberScores, CrossValidatedBlend};
use hitflop_model::selection::comparison::{CandidateModel, ModelComparison};
use hitflop_model::selection::cross_validation::CrossValidated;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::leaderboard::{max_behind, ChoiceReason, Cost, Leaderboard, LeaderboardRow, FIRST_FOLDS};
use hitflop_model::selection::search::boosting::FoundBoosting;
use hitflop_model::selection::search::grid::GridSearch;
use hitflop_model::selection::train::{FittedModel, Timing};
use hitflop_trees::GradientBoostingParams;

/// Restricts the final model; `None` leaves a property to the cross-validation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModelChoice {
    /// Kind of the estimator.
    pub kind: Option<EstimatorKind>,
    /// Set of features.
    pub feature_set: Option<FeatureSet>,
}

/// How many models are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchBudget {
    /// Whether the notebook's grid of forests is searched, instead of taking the forest that the notebook found. Takes minutes.
    pub grid: bool,
    /// Whether the boosting is compared with every set of features, a forest with the selected ones and a blend with a distilled boosting,
    /// all on all folds, and 24 instead of 8 candidates for the boosting's parameters are tried.
    pub thorough: bool,
}

/// Options of [`compare()`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompareOptions {
    /// What the final model must be.
    pub choice: ModelChoice,
    /// How many models are compared.
    pub budget: SearchBudget,
    /// Directory of the checkpoint of a grid search.
    pub checkpoints: PathBuf,
}

/// Result of [`compare()`].
#[derive(Debug)]
pub struct Comparison {
    /// All models, at a threshold of 0.5 and without calibration, so that they are comparable; best first.
    pub leaderboard: Leaderboard,
    /// The chosen model, calibrated and with its threshold.
    pub model: FinalModel,
    /// Finished parts of the grid search, if there was one; to be removed once the results are saved.
    pub checkpoint: Option<Checkpoint>,
}

/// A candidate with its results on the folds.
struct ScoredCandidate {
    candidate: CandidateModel,
    cross_validated: CrossValidated,
}

/// Scores the notebook's models and this program's on the same folds, fits all of them on the training rows, and scores them on
/// the test rows. A model that is clearly behind on the first two folds is not tried on the others, unless the budget is thorough. The final
/// model is the best by mean ROC AUC over the folds of those that the choice allows. `kept` are the
/// features that the selection keeps. Of many training rows, all of this is done on a sample, and the final model is fitted once more,
/// on all training rows.
///
/// # Errors
/// The tracks have too few hits or flops, or groups of them; no threshold fulfils the objective; a checkpoint is invalid.
pub fn compare(
    prepared: &Prepared,
    kept: &[Feature],
    options: &CompareOptions,
    progress: &dyn Progress,
) -> Result<Comparison> {
    let seed = prepared.seed();
    let comparison =
        ModelComparison::new(&prepared.tracks, prepared.hold_out(), FOLDS, seed, kept, prepared.max_sample)?;
    if let Some(set) = options.choice.feature_set {
        check_any(set, &comparison.features(set))?;
    }
    let (grid, checkpoint) = if options.budget.grid {
        let rows = comparison.train_rows(FeatureSet::Notebook)?;
        let (grid, checkpoint) = search_grid(&rows, seed, &options.checkpoints, progress)?;
        (Some(grid), Some(checkpoint))
    } else {
        (None, None)
    };
    let feature_set = options.choice.feature_set.unwrap_or(FeatureSet::All);
    let found = search_boosting(&comparison, feature_set, options.budget.thorough, seed, progress)?;
    let FoundBoosting { search, params, cross_validated } = found;
    let own = CandidateModel::boosting(params.clone(), feature_set);
    let mut candidates = candidates(seed, grid.as_ref(), &params, options)?;
    candidates.retain(|candidate| !comparison.features(candidate.feature_set).is_empty());
    let known = cross_validated.map(|found| (own.clone(), found));
    let mut scored = cross_validate(&comparison, candidates, known, options, progress)?;
    let blend = add_blend(&comparison, (own, params), &mut scored, options, progress)?;
    // An allowed model is among the candidates; the first of them is the best.
    let chosen = scored.iter().position(|scored| options.choice.allows(&scored.candidate)).unwrap_or(0);
    let cross_validated = scored[chosen].cross_validated.clone();
    let (truth, folds) = (comparison.train_targets(), comparison.folds());
    let rows = comparison.compared_rows().clone();
    let decision = CalibratedDecision::choose(prepared, cross_validated, truth, (rows, folds), progress)?;
    let (rows, model) = fit_all(prepared, &comparison, &scored, (chosen, decision), progress)?;
    let leaderboard = Leaderboard {
        protocol: comparison.description(),
        sample: comparison.sample(),
        folds: FOLDS as u64,
        baseline: comparison.baseline(),
        rows,
        chosen,
        chosen_by: options.choice.reason(),
        boosting_search: Some(search),
        blend,
        grid,
    };
    Ok(Comparison { leaderboard, model, checkpoint })
}

/// Adds a blend of the boosting with other learners to the scored candidates, and returns what its members add. On request or with more
/// time, one of the learners is a distilled boosting, which takes several times the fits of the boosting. Else the blend only stays if
/// its ROC AUC on the folds is greater than that of the boosting by more than the standard error.
fn add_blend(
    comparison: &ModelComparison,
    (own, params): (CandidateModel, GradientBoostingParams),
    scored: &mut Vec<ScoredCandidate>,
    options: &CompareOptions,
    progress: &dyn Progress,
) -> Result<Vec<BlendMemberScores>> {
    let requested = options.choice.kind == Some(EstimatorKind::Blend);
    let distilled = options.budget.thorough || requested;
    if !distilled && options.choice.kind.is_some() {
        return Ok(Vec::new());
    }
    let found = progress.stage("cross-validate a blend", || {
        let known = scored.iter().find(|scored| scored.candidate == own).map(|scored| scored.cross_validated.clone());
        let boosting = comparison.cross_validate(&own, known, FOLDS)?;
        let with = if distilled { BlendRecipe::with } else { BlendRecipe::with_few_trees };
        let blend = comparison.cross_validate_blend(&own, with(params, comparison.seed()), &boosting.out_of_fold)?;
        let stays = distilled || blend.cross_validated.is_clearly_better_than(&boosting);
        Ok::<_, Error>(stays.then_some(blend))
    })?;
    let Some(CrossValidatedBlend { recipe, cross_validated, members }) = found else { return Ok(Vec::new()) };
    let candidate = CandidateModel { params: EstimatorParams::Blend(recipe), ..own };
    scored.push(ScoredCandidate { candidate, cross_validated });
    sort(scored);
    Ok(members)
}

/// The notebook's models, this program's, and one that the choice demands if none of them is allowed.
fn candidates(
    seed: u64,
    grid: Option<&GridSearch>,
    boosting: &GradientBoostingParams,
    options: &CompareOptions,
) -> Result<Vec<CandidateModel>> {
    let CompareOptions { choice, budget, .. } = options;
    let mut candidates = CandidateModel::notebook(seed, grid.map(GridSearch::best));
    let with_forest = budget.thorough || choice.kind == Some(EstimatorKind::Forest);
    let forest = candidates.last().filter(|_| with_forest);
    let forest = forest.map(|forest| forest.with_features(FeatureSet::Selected));
    candidates.extend(forest);
    let sets = match budget.thorough {
        true => &[FeatureSet::Notebook, FeatureSet::Selected, FeatureSet::All][..],
        false => &[choice.feature_set.unwrap_or(FeatureSet::All)],
    };
    candidates.extend(sets.iter().map(|&set| CandidateModel::boosting(boosting.clone(), set)));
    let is_blend = choice.kind == Some(EstimatorKind::Blend);
    if !is_blend && !candidates.iter().any(|candidate| choice.allows(candidate)) {
        // Every kind is compared with some features, and the last one of a kind is the most elaborate.
        let of_kind = |candidate: &&CandidateModel| choice.kind.is_none_or(|kind| candidate.params.kind() == kind);
        let last = candidates.iter().rfind(of_kind).zip(choice.feature_set);
        candidates.extend(last.map(|(candidate, set)| candidate.with_features(set)));
    }
    Ok(candidates)
}

/// Scores every candidate on the folds, and sorts them, best first. The results of one may be known.
fn cross_validate(
    comparison: &ModelComparison,
    candidates: Vec<CandidateModel>,
    known: Option<(CandidateModel, CrossValidated)>,
    options: &CompareOptions,
    progress: &dyn Progress,
) -> Result<Vec<ScoredCandidate>> {
    let mut scored = progress.counted("cross-validate the models", candidates.len() as u64, |step| {
        let first = if options.budget.thorough { FOLDS } else { FIRST_FOLDS };
        let on_first = |candidate: CandidateModel| {
            let found = known.as_ref().filter(|(known, _)| *known == candidate).map(|(_, found)| found.clone());
            let cross_validated = comparison.cross_validate(&candidate, found, first)?;
            Ok(ScoredCandidate { candidate, cross_validated })
        };
        let scored = candidates.into_iter().map(on_first).collect::<Result<Vec<ScoredCandidate>>>()?;
        let roc_auc = |scored: &ScoredCandidate| scored.cross_validated.scores.first(first).mean().roc_auc;
        // The blend comes later.
        let choice = if options.choice.kind == Some(EstimatorKind::Blend) {
            ModelChoice { kind: None, ..options.choice }
        } else {
            options.choice
        };
        let allowed = |scored: &&ScoredCandidate| choice.allows(&scored.candidate);
        let best = scored.iter().filter(allowed).map(roc_auc).fold(f64::NEG_INFINITY, f64::max);
        let least = best - max_behind(comparison.compared_rows().rows.len() as f64 / FOLDS as f64);
        let on_all = |scored: ScoredCandidate| {
            let end = if roc_auc(&scored) < least { first } else { FOLDS };
            let ScoredCandidate { candidate, cross_validated } = scored;
            let cross_validated = comparison.cross_validate(&candidate, Some(cross_validated), end)?;
            step();
            Ok(ScoredCandidate { candidate, cross_validated })
        };
        scored.into_iter().map(on_all).collect::<Result<Vec<ScoredCandidate>>>()
    })?;
    sort(&mut scored);
    Ok(scored)
}

/// Sorts candidates by ROC AUC, best first, those that were tried on all folds before others. Equals stay in their order.
fn sort(scored: &mut [ScoredCandidate]) {
    let folds = |scored: &ScoredCandidate| scored.cross_validated.scores.folds.len();
    let roc_auc = |scored: &ScoredCandidate| scored.cross_validated.scores.mean().roc_auc;
    scored.sort_by(|a, b| folds(b).cmp(&folds(a)).then(roc_auc(b).total_cmp(&roc_auc(a))));
}

/// Fits every candidate and scores it on the test rows, one after the other, since each is timed with all threads. Only the
/// chosen model is kept, fitted on all training rows.
fn fit_all(
    prepared: &Prepared,
    comparison: &ModelComparison,
    scored: &[ScoredCandidate],
    (chosen, decision): (usize, CalibratedDecision),
    progress: &dyn Progress,
) -> Result<(Vec<LeaderboardRow>, FinalModel)> {
    let reference = comparison.reference(&prepared.tracks)?;
    progress.counted("fit and score the models", scored.len() as u64, |step| {
        let mut rows = Vec::with_capacity(scored.len());
        for (index, one) in scored.iter().enumerate() {
            // Without a sample, the fit of the final model is that of the comparison.
            if index != chosen || comparison.sample().is_some() {
                rows.push(fitted_row(prepared, one, comparison.train(&one.candidate)?, &reference)?);
                step();
            }
        }
        let ScoredCandidate { candidate, .. } = &scored[chosen];
        let (train, test) =
            (comparison.train_rows(candidate.feature_set)?, comparison.test_rows(candidate.feature_set)?);
        let fitted = comparison.train_on_all(candidate, &prepared.tracks)?;
        let fitted = with_fallbacks(prepared, fitted, (&train, &test), Some(comparison.folds()), &())?;
        let plain = fitted.evaluation.clone();
        let truth = comparison.test_targets();
        let model = FinalModel::new(prepared, fitted, decision, candidate.feature_set, reference, &truth);
        if comparison.sample().is_none() {
            rows.insert(chosen, row(&scored[chosen], plain, cost(&model.artifact, &model.timing)?));
            step();
        }
        Ok((rows, model))
    })
}

/// The row of a model that is not kept. The size is that of the file that would be saved, metrics included.
fn fitted_row(
    prepared: &Prepared,
    scored: &ScoredCandidate,
    fitted: FittedModel,
    reference: &FeatureQuantiles,
) -> Result<LeaderboardRow> {
    let FittedModel { model, evaluation, timing, .. } = fitted;
    let metrics = EvaluationMetrics::new(&evaluation, Some(scored.cross_validated.scores.clone()));
    let artifact = prepared.artifact(model, scored.candidate.feature_set, metrics, reference.clone());
    Ok(row(scored, evaluation, cost(&artifact, &timing)?))
}

fn row(scored: &ScoredCandidate, evaluation: Evaluation, cost: Cost) -> LeaderboardRow {
    let candidate = &scored.candidate;
    LeaderboardRow {
        title: candidate.title(),
        params: candidate.params.clone(),
        feature_set: candidate.feature_set,
        cross_validation: scored.cross_validated.scores.clone(),
        evaluation,
        cost,
    }
}

fn cost(artifact: &Artifact, timing: &Timing) -> Result<Cost> {
    Ok(Cost {
        fit_seconds: timing.fit_seconds,
        predict_seconds_per_row: timing.predict_seconds / artifact.origin.metrics.test_rows as f64,
        artifact_bytes: artifact::to_bytes(artifact)?.len() as u64,
    })
}

impl ModelChoice {
    fn allows(&self, candidate: &CandidateModel) -> bool {
        self.kind.is_none_or(|kind| candidate.params.kind() == kind)
            && self.feature_set.is_none_or(|set| candidate.feature_set == set)
    }

    fn reason(&self) -> ChoiceReason {
        match (self.kind, self.feature_set) {
            (None, None) => ChoiceReason::CrossValidation,
            _ => ChoiceReason::User,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::evaluate::{validate, ValidationOptions};
    use crate::pipeline::options::{DataOptions, LearnOptions, OutputOptions};
    use crate::pipeline::outputs::Outputs;
    use crate::pipeline::prepare::prepare;
    use crate::pipeline::read::read;
    use hitflop_core::disk::TemporaryDirectory;
    use hitflop_metrics::split::SampleSize;

    fn only_those_clearly_behind_are_tried_on_the_first_folds_alone(leaderboard: &Leaderboard) {
        let first = |row: &LeaderboardRow| row.cross_validation.first(FIRST_FOLDS).mean().roc_auc;
        let of_candidates = leaderboard.rows.iter().filter(|row| row.params.kind() != EstimatorKind::Blend);
        let best = of_candidates.clone().map(first).fold(f64::NEG_INFINITY, f64::max);
        for row in of_candidates {
            let expected = if first(row) < best - leaderboard.max_behind() { FIRST_FOLDS } else { FOLDS };
            assert_eq!(row.cross_validation.folds.len(), expected, "{}", row.title);
        }
        assert!(!leaderboard.dropped().is_empty(), "{:?}", leaderboard.rows.iter().map(first).collect::<Vec<f64>>());
        assert_eq!(leaderboard.rows[leaderboard.chosen].cross_validation.folds.len(), FOLDS);
    }

    /// Of the simulated 41,106 tracks, all but the final fit uses 1,000.
    #[test]
    fn all_but_the_final_fit_uses_a_sample() {
        let directory = TemporaryDirectory::new().expect("a directory");
        let data = DataOptions { simulated: true, seed: 7, ..DataOptions::default() };
        let place = |name: &str| directory.path().join(name);
        let output =
            OutputOptions { processed: place("tracks.parquet"), reports: place("reports"), models: place("models") };
        let mut outputs = Outputs::open(&data, &output, None).expect("outputs");
        let source = read(&data, &mut outputs, &()).expect("tracks");
        let learn = LearnOptions::default();
        let prepared = Prepared { max_sample: 1_000, ..prepare(&source, &learn, &()).expect("tracks") };
        let tracks = prepared.tracks.rows() as u64;
        let found = compare(&prepared, &[Feature::Energy, Feature::Danceability], &CompareOptions::default(), &());
        let Comparison { leaderboard, model, .. } = found.expect("a comparison");
        let train = model.evaluation.train_rows;
        assert!(train > 30_000 && train + model.evaluation.test_rows == tracks);
        let sample = Some(SampleSize { rows: 1_000, of: train, seed: 7 });
        assert_eq!((leaderboard.sample, model.artifact.origin.metrics.sample), (sample, sample));
        for row in &leaderboard.rows {
            let evaluation = &row.evaluation;
            assert_eq!((evaluation.train_rows, evaluation.test_rows), (1_000, model.evaluation.test_rows));
        }
        only_those_clearly_behind_are_tried_on_the_first_folds_alone(&leaderboard);
        let predictions = model.track_predictions(&prepared).expect("predictions").expect("a cross-validation");
        assert_eq!(predictions.rows.len() as u64, 1_000 + model.evaluation.test_rows);
        let found = validate(&prepared, &model.spec(), Some(&model), &ValidationOptions::default(), &());
        let robustness = found.expect("validations");
        assert_eq!(robustness.sample, Some(SampleSize { rows: 1_000, of: tracks, seed: 7 }));
        assert_eq!(robustness.schemes.groups.rows, 1_000);
    }
}
