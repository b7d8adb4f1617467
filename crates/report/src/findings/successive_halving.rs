//! Numbers of a search by successive halving that its sentences need: each candidate's score at the end of each round.

use std::iter;

use serde::Serialize;

use crate::format::{fixed, significant};
use hitflop_metrics::moments::{deviation, mean};
use hitflop_model::param_value::ParamValue;
use hitflop_model::selection::search::boosting::{BoostingSearch, HalvingRound, SearchCandidate};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct CandidateFigures {
    /// Mean ROC AUC over all folds that it was tried on.
    pub(crate) roc_auc: f64,
    /// Its standard deviation over them; NaN of one fold.
    pub(crate) roc_auc_deviation: f64,
    /// Mean log loss over all folds that it was tried on.
    pub(crate) log_loss: f64,
    /// Mean ROC AUC over the folds tried by the end of each round that it took part in.
    pub(crate) by_round: Vec<f64>,
}

/// The candidates whose trees have one shape, in the first round, where all were tried on the same folds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct ShapeFigures {
    /// Whether the trees are symmetric, rather than leaf-wise.
    pub(crate) symmetric: bool,
    /// How many candidates; at least 1.
    pub(crate) candidates: u64,
    /// Greatest ROC AUC.
    pub(crate) best: f64,
    /// Median ROC AUC.
    pub(crate) median: f64,
}

/// A round, with the scores of its candidates by its end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct RoundFigures {
    /// From 1.
    pub(crate) round: u64,
    /// Candidates in it.
    pub(crate) candidates: u64,
    /// Folds that each has been scored on by its end.
    pub(crate) folds: u64,
    /// Fits that it adds.
    pub(crate) fits: u64,
    /// Greatest, median and least mean ROC AUC over these folds; NaN without candidates.
    pub(crate) best: f64,
    pub(crate) median: f64,
    pub(crate) worst: f64,
}

/// The whole search.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct HalvingFigures {
    /// The candidates, in the order of the search.
    pub(crate) candidates: Vec<CandidateFigures>,
    /// The rounds, in their order.
    pub(crate) rounds: Vec<RoundFigures>,
    /// Greatest minus least ROC AUC of the candidates in the last round; NaN if none is.
    pub(crate) last_round_range: f64,
    /// Symmetric trees, then leaf-wise ones; without what was not tried.
    pub(crate) shapes: Vec<ShapeFigures>,
    /// How many times as many trees the lower learning rate of the final setting takes.
    pub(crate) slower: f64,
    /// How many times as many rows the final setting is for as those outside a fold.
    pub(crate) more_rows: f64,
}

impl HalvingFigures {
    /// Derives the numbers.
    pub(crate) fn of(search: &BoostingSearch) -> HalvingFigures {
        let figures = |candidate: &SearchCandidate| CandidateFigures {
            roc_auc: mean(&candidate.roc_auc),
            roc_auc_deviation: deviation_of_several(&candidate.roc_auc),
            log_loss: mean(&candidate.log_loss),
            by_round: by_round(search, candidate),
        };
        let candidates: Vec<CandidateFigures> = search.candidates.iter().map(figures).collect();
        let finalists =
            search.candidates.iter().zip(&candidates).filter(|(candidate, _)| is_finalist(search, candidate));
        let last: Vec<f64> = finalists.map(|(_, figures)| figures.roc_auc).collect();
        HalvingFigures {
            shapes: shapes(search, &candidates),
            rounds: rounds(search, &candidates),
            candidates,
            last_round_range: range(&last),
            slower: search.learning_rate / search.final_learning_rate,
            more_rows: search.rows as f64 / search.rows_per_fit,
        }
    }
}

fn rounds(search: &BoostingSearch, figures: &[CandidateFigures]) -> Vec<RoundFigures> {
    let folds_before = iter::once(0).chain(search.rounds.iter().map(|round| round.folds));
    let figures = |(at, (round, before)): (usize, (&HalvingRound, u64))| {
        let scores: Vec<f64> = figures.iter().filter_map(|candidate| candidate.by_round.get(at).copied()).collect();
        RoundFigures {
            round: at as u64 + 1,
            candidates: round.candidates,
            folds: round.folds,
            fits: round.candidates * (round.folds - before),
            best: scores.iter().copied().reduce(f64::max).unwrap_or(f64::NAN),
            worst: scores.iter().copied().reduce(f64::min).unwrap_or(f64::NAN),
            median: median(scores),
        }
    };
    search.rounds.iter().zip(folds_before).enumerate().map(figures).collect()
}

fn shapes(search: &BoostingSearch, figures: &[CandidateFigures]) -> Vec<ShapeFigures> {
    let of = |symmetric: bool| {
        let having = search.candidates.iter().zip(figures);
        let having = having.filter(|(candidate, _)| is_symmetric(candidate) == Some(symmetric));
        let scores: Vec<f64> = having.filter_map(|(_, figures)| figures.by_round.first().copied()).collect();
        let best = scores.iter().copied().reduce(f64::max)?;
        Some(ShapeFigures { symmetric, candidates: scores.len() as u64, best, median: median(scores) })
    };
    [true, false].into_iter().filter_map(of).collect()
}

/// Whether a candidate's trees are symmetric, if it says so.
pub(crate) fn is_symmetric(candidate: &SearchCandidate) -> Option<bool> {
    match value(candidate, "symmetric")? {
        ParamValue::Flag(symmetric) => Some(*symmetric),
        _ => None,
    }
}

/// What trees of a shape are called.
pub(crate) fn shape(symmetric: bool) -> &'static str {
    if symmetric {
        "symmetric trees"
    } else {
        "leaf-wise trees"
    }
}

/// Whether a candidate takes part in the last round.
pub(crate) fn is_finalist(search: &BoostingSearch, candidate: &SearchCandidate) -> bool {
    candidate.last_round + 1 >= search.rounds.len() as u64
}

/// The parameter that is not sampled: of the stages of its fits, a candidate has the one that scores best.
pub(crate) const STAGE: &str = "n_estimators";

/// Names of the parameters in which candidates were sampled, in the order of the search.
pub(crate) fn varied(search: &BoostingSearch) -> Vec<&str> {
    let Some((first, others)) = search.candidates.split_first() else { return Vec::new() };
    let differs = |name: &str| name != STAGE && others.iter().any(|other| value(other, name) != value(first, name));
    first.params.iter().map(|(name, _)| name.as_str()).filter(|name| differs(name)).collect()
}

/// A candidate's value of a parameter.
pub(crate) fn value<'a>(candidate: &'a SearchCandidate, name: &str) -> Option<&'a ParamValue> {
    candidate.params.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// Trees of the stage that a candidate has.
pub(crate) fn stage(candidate: &SearchCandidate) -> Option<u64> {
    value(candidate, STAGE)?.number().map(|trees| trees as u64)
}

/// A parameter's value as a reader wants it: whole numbers whole, others to two significant digits; names as they are.
pub(crate) fn shown(value: &ParamValue) -> String {
    value.number().map_or_else(|| value.to_string(), number)
}

/// A number likewise.
pub(crate) fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        fixed(value, 0)
    } else {
        significant(value, 2)
    }
}

fn by_round(search: &BoostingSearch, candidate: &SearchCandidate) -> Vec<f64> {
    let took_part = search.rounds.iter().take(candidate.last_round as usize + 1);
    let tried = |folds: u64| &candidate.roc_auc[..candidate.roc_auc.len().min(folds as usize)];
    took_part.map(|round| mean(tried(round.folds))).collect()
}

/// The standard deviation, which one value has none of.
fn deviation_of_several(values: &[f64]) -> f64 {
    match values.len() {
        0 | 1 => f64::NAN,
        _ => deviation(values),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

fn range(values: &[f64]) -> f64 {
    let ends = values.iter().copied().fold(None, |ends: Option<(f64, f64)>, value| {
        let (low, high) = ends.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    });
    ends.map_or(f64::NAN, |(low, high)| high - low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    #[test]
    fn scores_by_round_are_means_over_the_folds_so_far() {
        let figures = HalvingFigures::of(&small::boosting_search());
        // Tried on 0.88 in the first round of one fold, then on 0.86 and 0.87 too.
        assert!((figures.candidates[0].by_round[0] - 0.88).abs() < 1e-12);
        assert!((figures.candidates[0].by_round[1] - 0.87).abs() < 1e-12);
        assert_eq!(figures.candidates[2].by_round.len(), 1);
        let [first, last] = figures.rounds[..] else { panic!("there were two rounds") };
        assert_eq!(
            (first.candidates, first.folds, first.fits, last.candidates, last.folds, last.fits),
            (4, 1, 4, 2, 3, 4)
        );
        assert!((first.median - 0.879).abs() < 1e-12, "of 0.88, 0.89, 0.80 and 0.878");
        assert_eq!((first.best, first.worst), (0.89, 0.80));
        assert!((last.best - 0.875).abs() < 1e-12 && (last.worst - 0.87).abs() < 1e-12);
        assert!((figures.last_round_range - 0.005).abs() < 1e-12);
        assert!((figures.slower - 2.5).abs() < 1e-12 && (figures.more_rows - 1.5).abs() < 1e-12);
    }

    #[test]
    fn one_fold_has_no_deviation() {
        let figures = HalvingFigures::of(&small::boosting_search());
        assert!((figures.candidates[0].roc_auc_deviation - 0.01).abs() < 1e-12, "of 0.88, 0.86 and 0.87");
        assert!(figures.candidates[2].roc_auc_deviation.is_nan());
    }

    #[test]
    fn shapes_are_compared_in_the_first_round() {
        let mut search = small::boosting_search();
        let [symmetric, leaf_wise] = HalvingFigures::of(&search).shapes[..] else { panic!("two shapes were tried") };
        assert!(symmetric.symmetric && symmetric.candidates == 2 && symmetric.best == 0.89);
        assert!((symmetric.median - 0.884).abs() < 1e-12 && (leaf_wise.median - 0.84).abs() < 1e-12);
        search.candidates.retain(|candidate| is_symmetric(candidate) == Some(false));
        assert_eq!(HalvingFigures::of(&search).shapes.len(), 1);
    }

    #[test]
    fn only_what_differs_is_varied() {
        assert_eq!(varied(&small::boosting_search()), ["max_depth", "num_leaves", "symmetric"]);
        assert_eq!(stage(&small::boosting_search().candidates[1]), Some(240), "the stage is not drawn");
    }

    #[test]
    fn values_are_rounded_but_names_are_not() {
        assert_eq!(
            ["63", "0.123456", "12.6", "none"].map(|value| shown(&ParamValue::parse(value))),
            ["63", "0.12", "13", "none"]
        );
    }

    #[test]
    fn a_search_of_nothing_has_no_numbers() {
        let mut search = small::boosting_search();
        search.candidates.clear();
        let figures = HalvingFigures::of(&search);
        assert!(figures.rounds.iter().all(|round| round.median.is_nan()) && figures.last_round_range.is_nan());
        assert!(varied(&search).is_empty());
    }
}
