//! Numbers of a search by successive halving that its sentences need: each candidate's score at the end of each round.

use serde::Serialize;

use super::words::{fixed, significant};
use crate::learn::cross_validation::{deviation, mean};
use crate::learn::search::boosting::{BoostingSearch, Candidate};

/// One candidate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CandidateFigures {
    /// Mean ROC AUC over all folds that it was tried on.
    pub roc_auc: f64,
    /// Its standard deviation over them.
    pub roc_auc_deviation: f64,
    /// Mean log loss over all folds that it was tried on.
    pub log_loss: f64,
    /// Mean ROC AUC over the folds tried by the end of each round that it took part in.
    pub by_round: Vec<f64>,
}

/// The whole search.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HalvingFigures {
    /// The candidates, in the order of the search.
    pub candidates: Vec<CandidateFigures>,
    /// Median over all candidates of the ROC AUC by the end of the first round; NaN without candidates.
    pub first_round_median: f64,
    /// Greatest minus least ROC AUC of the candidates in the last round; NaN if none is.
    pub last_round_range: f64,
}

impl HalvingFigures {
    /// Derives the numbers.
    pub fn of(search: &BoostingSearch) -> HalvingFigures {
        let figures = |candidate: &Candidate| CandidateFigures {
            roc_auc: mean(&candidate.roc_auc),
            roc_auc_deviation: deviation(&candidate.roc_auc),
            log_loss: mean(&candidate.log_loss),
            by_round: by_round(search, candidate),
        };
        let candidates: Vec<CandidateFigures> = search.candidates.iter().map(figures).collect();
        let first: Vec<f64> = candidates.iter().filter_map(|candidate| candidate.by_round.first().copied()).collect();
        let finalists =
            search.candidates.iter().zip(&candidates).filter(|(candidate, _)| is_finalist(search, candidate));
        let last: Vec<f64> = finalists.map(|(_, figures)| figures.roc_auc).collect();
        HalvingFigures { candidates, first_round_median: median(first), last_round_range: range(&last) }
    }
}

/// Whether a candidate takes part in the last round.
pub fn is_finalist(search: &BoostingSearch, candidate: &Candidate) -> bool {
    candidate.last_round + 1 >= search.rounds.len() as u64
}

/// Names of the parameters in which candidates differ, in the order of the search.
pub fn varied(search: &BoostingSearch) -> Vec<&str> {
    let Some((first, others)) = search.candidates.split_first() else { return Vec::new() };
    let differs = |name: &str| others.iter().any(|other| value(other, name) != value(first, name));
    first.params.iter().map(|(name, _)| name.as_str()).filter(|name| differs(name)).collect()
}

/// A candidate's value of a parameter.
pub fn value<'a>(candidate: &'a Candidate, name: &str) -> Option<&'a str> {
    candidate.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// A parameter's value as a reader wants it: whole numbers whole, others to two significant digits; names as they are.
pub fn shown(value: &str) -> String {
    value.parse::<f64>().map_or(value.to_owned(), number)
}

/// A number likewise.
pub fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        fixed(value, 0)
    } else {
        significant(value, 2)
    }
}

fn by_round(search: &BoostingSearch, candidate: &Candidate) -> Vec<f64> {
    let took_part = search.rounds.iter().take(candidate.last_round as usize + 1);
    let tried = |folds: u64| &candidate.roc_auc[..candidate.roc_auc.len().min(folds as usize)];
    took_part.map(|round| mean(tried(round.folds))).collect()
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
    use crate::report::fixture;

    #[test]
    fn scores_by_round_are_means_over_the_folds_so_far() {
        let figures = HalvingFigures::of(&fixture::boosting_search());
        // Tried on 0.88 in the first round of one fold, then on 0.86 and 0.87 too.
        assert!((figures.candidates[0].by_round[0] - 0.88).abs() < 1e-12);
        assert!((figures.candidates[0].by_round[1] - 0.87).abs() < 1e-12);
        assert_eq!(figures.candidates[2].by_round.len(), 1);
        assert!((figures.first_round_median - 0.875).abs() < 1e-12, "of 0.88, 0.89, 0.87 and 0.80");
        assert!((figures.last_round_range - 0.005).abs() < 1e-12);
    }

    #[test]
    fn only_what_differs_is_varied() {
        assert_eq!(varied(&fixture::boosting_search()), ["learning_rate", "num_leaves"]);
    }

    #[test]
    fn values_are_rounded_but_names_are_not() {
        assert_eq!(["63", "0.123456", "12.6", "none"].map(shown), ["63", "0.12", "13", "none"]);
    }

    #[test]
    fn a_search_of_nothing_has_no_numbers() {
        let mut search = fixture::boosting_search();
        search.candidates.clear();
        let figures = HalvingFigures::of(&search);
        assert!(figures.first_round_median.is_nan() && figures.last_round_range.is_nan());
        assert!(varied(&search).is_empty());
    }
}
