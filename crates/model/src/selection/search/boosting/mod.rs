//! A search for the parameters of the boosting, of bounded cost.
//!
//! Candidates are sampled at random (Bergstra and Bengio 2012: of a grid's points, most differ in what hardly matters), and
//! halved successively with folds as the resource (Jamieson and Talwalkar 2016): all are tried on one fold, the better ones on
//! more, the best on all. What was scored in an earlier round is not scored again.
//!
//! - The number of trees is searched along the way, as a fit of many trees is one of fewer trees too: of the stages of its
//!   fits, a candidate has the one with the greatest mean over the folds. Number and candidate are chosen by the folds that
//!   score them, so that the best scores are a little too good, as those of any search are; the rows held out for
//!   the test have no part in it.
//! - All candidates learn at one rate. By default it is that of the parameters that are found, whose scores on the folds are then
//!   those of the search. Parameters with a lower rate take as many more trees: to shrink the steps mostly helps, and costs in
//!   proportion (Friedman 2001). That the order of candidates is the same at both rates is an assumption, and fails if the fast one
//!   is too fast: of the one pair that was compared on the real tracks, the candidate that was better at 0.04 was so at 0.1, but not
//!   at 0.15.
//! - Trees of both shapes are tried: three draws of four are symmetric, and one is leaf-wise.
//! - The default parameters, which are leaf-wise, are the first candidate, and symmetric trees that were good on tracks before are the
//!   second. They are treated like any other, and may fall out after the first round: what is found is the best of what came to the
//!   last round, not proven better than the default.

mod space;
mod trial;

use linfa::ParamGuard;
use rayon::prelude::*;
use serde::Serialize;

use crate::param_value::ParamValue;
use crate::selection::cross_validation::CrossValidated;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_metrics::moments::mean;
use hitflop_metrics::split::Folds;
use hitflop_trees::GradientBoostingParams;
use trial::{stages, BinnedFold, SearchTrial};

/// Parameters that were tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchCandidate {
    /// Those that are searched, by name, in a fixed order; with the number of trees at which the mean ROC AUC is greatest.
    pub params: Vec<(String, ParamValue)>,
    /// Trees at which the ROC AUC is greatest, on each fold that it was tried on.
    pub trees: Vec<u64>,
    /// ROC AUC on each fold that it was tried on.
    pub roc_auc: Vec<f64>,
    /// Log loss on each fold that it was tried on.
    pub log_loss: Vec<f64>,
    /// The last round that it took part in, the first being 0.
    pub last_round: u64,
}

/// A round of successive halving.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HalvingRound {
    /// Candidates in it.
    pub candidates: u64,
    /// Folds that each has been tried on by its end.
    pub folds: u64,
}

/// Everything that was tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BoostingSearch {
    /// Seed of the candidates and fits.
    pub seed: u64,
    /// Learning rate of the fits.
    pub learning_rate: f64,
    /// Trees of each fit, the most that a candidate can be given.
    pub n_estimators: u64,
    /// The rounds, in order.
    pub rounds: Vec<HalvingRound>,
    /// All candidates: the default parameters, symmetric trees that were good before, then those sampled.
    pub candidates: Vec<SearchCandidate>,
    /// Index of the best: of those in the last round, the one of the greatest mean ROC AUC, the first of equals.
    pub best: usize,
    /// Rows outside a fold, which the best was fitted to: the mean over the folds that it was tried on.
    pub rows_per_fit: f64,
    /// Rows that the parameters found are for: all of the dataset.
    pub rows: u64,
    /// Learning rate of the parameters found.
    pub final_learning_rate: f64,
    /// Trees of the parameters found: those of the best, times the ratio of the learning rates, times that of the rows, rounded.
    pub final_n_estimators: u64,
}

/// What a search may cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HalvingBudget {
    /// Candidates of the first round, each tried on one fold; at least 1. Default: 8. A third of them is tried on half of the
    /// folds, and an eighth on all.
    pub candidates: usize,
    /// Learning rate of the fits; above 0, at most 1. Default: 0.08.
    pub learning_rate: f64,
    /// Trees of each fit; at least 1. Default: 500.
    pub n_estimators: usize,
    /// Learning rate of the parameters that are found; above 0, at most that of the fits. Default: 0.08.
    pub final_learning_rate: f64,
}

/// What a search finds.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundBoosting {
    /// Everything that was tried.
    pub search: BoostingSearch,
    /// The parameters that are found.
    pub params: GradientBoostingParams,
    /// Scores and probabilities of the best candidate's fits on the folds, which have fewer trees than `params` in proportion to their rows; none
    /// if `params` learn at another rate than these fits, or there are no trees.
    pub cross_validated: Option<CrossValidated>,
}

impl Default for HalvingBudget {
    fn default() -> HalvingBudget {
        HalvingBudget { candidates: 8, learning_rate: 0.08, n_estimators: 500, final_learning_rate: 0.08 }
    }
}

impl HalvingBudget {
    /// The rounds of a search on so many folds.
    pub fn rounds(&self, folds: usize) -> Vec<HalvingRound> {
        let share = |parts: usize| self.candidates.div_ceil(parts);
        let all = [(share(1), 1), (share(3), folds.div_ceil(2)), (share(8), folds)];
        let mut rounds: Vec<HalvingRound> = Vec::new();
        for (candidates, folds) in all.map(|(candidates, folds)| (candidates as u64, folds as u64)) {
            // With few folds there is no half of them.
            if rounds.last().is_none_or(|last| last.folds < folds) {
                rounds.push(HalvingRound { candidates, folds });
            }
        }
        rounds
    }

    /// How many fits a search on so many folds makes.
    pub fn fits(&self, folds: usize) -> u64 {
        let rounds = self.rounds(folds);
        let before = std::iter::once(0).chain(rounds.iter().map(|round| round.folds));
        rounds.iter().zip(before).map(|(round, before)| round.candidates * (round.folds - before)).sum()
    }

    fn check(&self) -> Result<()> {
        let refuse = |name: &str, rule: &str, value: String| {
            Err(Error::input(Fault::new(Place::parameter(name), Reason::Setting, rule).found(value)))
        };
        if self.candidates < 1 {
            refuse("candidates", "expected a whole number of at least 1", self.candidates.to_string())?;
        }
        if !(self.final_learning_rate > 0.0 && self.final_learning_rate <= self.learning_rate) {
            let rule = format!("expected a number above 0, at most {}", self.learning_rate);
            refuse("final_learning_rate", &rule, self.final_learning_rate.to_string())?;
        }
        Ok(())
    }

    /// What all candidates share.
    fn base(&self, seed: u64) -> GradientBoostingParams {
        GradientBoostingParams::new().n_estimators(self.n_estimators).learning_rate(self.learning_rate).seed(seed)
    }
}

/// Searches for parameters by the ROC AUC on `folds` of the dataset, and gives them with all that was tried. `on_fit` is called
/// after each of [`HalvingBudget::fits`] fits, from whatever thread.
///
/// The parameters learn at [`HalvingBudget::final_learning_rate`]. Their number of trees is that of the best candidate, in inverse
/// proportion to the rates, and in proportion to the rows: all of the dataset's to those outside a fold.
///
/// The result does not depend on the number of threads.
///
/// # Errors
/// A number of the budget is not legal, there is no feature, or the dataset no rows.
///
/// # Panics
/// The folds are of another number of rows.
pub fn search(
    dataset: &Dataset,
    folds: &Folds,
    budget: &HalvingBudget,
    seed: u64,
    on_fit: &(dyn Fn() + Sync),
) -> Result<FoundBoosting> {
    let base = budget.base(seed);
    base.check_ref()?;
    budget.check()?;
    let params = space::candidates(&base, budget.candidates, seed);
    let rounds = budget.rounds(folds.len());
    let mut trials: Vec<Vec<SearchTrial>> = vec![Vec::new(); params.len()];
    let mut last_round = vec![0; params.len()];
    let mut alive: Vec<usize> = (0..params.len()).collect();
    let mut binned: Vec<BinnedFold> = Vec::with_capacity(folds.len());
    for (index, round) in rounds.iter().enumerate() {
        alive = best_of(alive, &trials, round.candidates as usize);
        alive.iter().for_each(|&candidate| last_round[candidate] = index as u64);
        let tried = binned.len();
        binned.extend((tried..round.folds as usize).map(|fold| BinnedFold::new(dataset, folds, fold)));
        let fresh = &binned[tried..];
        let jobs: Vec<(usize, &BinnedFold)> =
            alive.iter().flat_map(|&candidate| fresh.iter().map(move |fold| (candidate, fold))).collect();
        let fit = |&(candidate, fold): &(usize, &BinnedFold)| {
            let trial = fold.try_out(&params[candidate])?;
            on_fit();
            Ok((candidate, trial))
        };
        // Jobs are scheduled one by one, because their durations differ.
        let found: Vec<Result<(usize, SearchTrial)>> = jobs.par_iter().with_max_len(1).map(fit).collect();
        for result in found {
            let (candidate, trial) = result?;
            trials[candidate].push(trial);
        }
    }
    let best = best_of(alive, &trials, 1)[0];
    let chosen = slowed(&params[best], &trials[best], dataset.rows(), budget);
    let candidates = (0..params.len())
        .map(|index| search_candidate(&params[index], &trials[index], last_round[index], budget))
        .collect();
    let tried = BoostingSearch {
        seed,
        learning_rate: budget.learning_rate,
        n_estimators: budget.n_estimators as u64,
        rounds,
        candidates,
        best,
        rows_per_fit: rows_per_fit(&trials[best]),
        rows: dataset.rows() as u64,
        final_learning_rate: budget.final_learning_rate,
        final_n_estimators: chosen.check_ref()?.n_estimators() as u64,
    };
    let same_rate = budget.learning_rate == budget.final_learning_rate;
    let cross_validated = same_rate.then(|| out_of_fold(dataset, folds, &binned, &trials[best], budget)).flatten();
    Ok(FoundBoosting { search: tried, params: chosen, cross_validated })
}

/// The results of a candidate's trials on all folds, with the trees of its best stage; none if there are no trees.
fn out_of_fold(
    dataset: &Dataset,
    folds: &Folds,
    binned: &[BinnedFold],
    trials: &[SearchTrial],
    budget: &HalvingBudget,
) -> Option<CrossValidated> {
    if trials.iter().any(|trial| trial.stages.is_empty()) {
        return None;
    }
    let trees = stages(budget.n_estimators)[best_stage(trials).0];
    let mut found = CrossValidated::none(dataset.rows());
    for (fold, trial) in binned.iter().zip(trials) {
        found.add_fold(dataset.targets(), folds, &fold.out_of_fold(trial, trees));
    }
    Some(found)
}

/// The `number` candidates of the greatest mean ROC AUC, the first of equals, in their order. All were tried on the same folds.
fn best_of(mut candidates: Vec<usize>, trials: &[Vec<SearchTrial>], number: usize) -> Vec<usize> {
    if candidates.len() > number {
        let scores: Vec<f64> = trials.iter().map(|trials| best_stage(trials).1).collect();
        candidates.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        candidates.truncate(number);
        candidates.sort_unstable();
    }
    candidates
}

/// Index of the stage of the greatest mean ROC AUC over a candidate's trials, the first of equals, and that mean.
fn best_stage(trials: &[SearchTrial]) -> (usize, f64) {
    // One label only makes no trees, and no stages.
    let stages = trials.iter().map(|trial| trial.stages.len()).min().unwrap_or(0);
    let at = |stage: usize| mean(&trials.iter().map(|trial| trial.stages[stage].roc_auc).collect::<Vec<f64>>());
    let greater = |best: (usize, f64), stage: (usize, f64)| if stage.1 > best.1 { stage } else { best };
    (0..stages).map(|stage| (stage, at(stage))).fold((0, f64::NEG_INFINITY), greater)
}

/// The parameters of a candidate for a fit on `rows` rows.
fn slowed(
    params: &GradientBoostingParams,
    trials: &[SearchTrial],
    rows: usize,
    budget: &HalvingBudget,
) -> GradientBoostingParams {
    let trees = stages(budget.n_estimators)[best_stage(trials).0] as f64;
    let slower = budget.learning_rate / budget.final_learning_rate;
    let n_estimators = (trees * slower * rows as f64 / rows_per_fit(trials)).round() as usize;
    params.clone().n_estimators(n_estimators).learning_rate(budget.final_learning_rate)
}

/// Mean number of rows that trials were fitted to.
fn rows_per_fit(trials: &[SearchTrial]) -> f64 {
    mean(&trials.iter().map(|trial| trial.rows as f64).collect::<Vec<f64>>())
}

fn search_candidate(
    params: &GradientBoostingParams,
    trials: &[SearchTrial],
    last_round: u64,
    budget: &HalvingBudget,
) -> SearchCandidate {
    let stages = stages(budget.n_estimators);
    let best = best_stage(trials).0;
    let own_best = |trial: &SearchTrial| stages[best_stage(std::slice::from_ref(trial)).0] as u64;
    SearchCandidate {
        params: space::searched(&params.clone().n_estimators(stages[best])),
        trees: trials.iter().map(own_best).collect(),
        roc_auc: trials.iter().map(|trial| trial.stages[best].roc_auc).collect(),
        log_loss: trials.iter().map(|trial| trial.stages[best].log_loss).collect(),
        last_round,
    }
}

#[cfg(test)]
mod tests;
