//! What the search for the boosting's hyperparameters tried and found.

use askama::Template;

use super::template::sentences;
use super::{filters, Derived};
use crate::findings::successive_halving::{is_finalist, shape, stage, HalvingFigures, ShapeFigures};
use crate::format::{fixed, plural, verb, with_deviation};
use crate::phrases::search::candidate_in_words;
use crate::Report;
use hitflop_model::selection::search::boosting::BoostingSearch;

#[derive(Template)]
#[template(path = "text/boosting_search.txt")]
struct BoostingSearchText<'a> {
    search: &'a BoostingSearch,
    figures: &'a HalvingFigures,
    sampled: usize,
    best: Option<BestCandidate>,
    /// What symmetric and leaf-wise trees reach in the first round, if both were tried.
    shapes: Option<(String, String)>,
    better: Option<&'static str>,
    finalists: usize,
    finalists_are_close: bool,
    final_stage: Option<u64>,
    /// Whether the best candidate has the maximum number of trees in any fold, and in all.
    at_maximum: bool,
    all_at_maximum: bool,
    slower: String,
    more_rows: String,
}

struct BestCandidate {
    words: String,
    score: String,
    folds: usize,
    stage: Option<u64>,
    /// Fewest and most trees that single folds would choose, if they differ.
    stages: Option<(u64, u64)>,
}

/// What was tried, what is best, and what became of it; empty where there was no search.
pub(crate) fn findings(report: &Report, derived: &Derived) -> Vec<String> {
    let search = report.comparison.as_ref().and_then(|comparison| comparison.boosting_search.as_ref());
    let (Some(search), Some(figures)) = (search, &derived.boosting_search) else { return Vec::new() };
    let candidate = search.candidates.get(search.best);
    let finalists = search.candidates.iter().filter(|candidate| is_finalist(search, candidate)).count();
    let spread = figures.candidates.get(search.best).map(|best| best.roc_auc_deviation);
    let is_repeated = candidate.is_some_and(|candidate| candidate.roc_auc.len() > 1);
    sentences(&BoostingSearchText {
        search,
        figures,
        sampled: search.candidates.len().saturating_sub(2),
        best: best(search, figures),
        shapes: match figures.shapes.as_slice() {
            [symmetric, leaf_wise] => Some((reached(symmetric), reached(leaf_wise))),
            _ => None,
        },
        better: better_shape(figures),
        finalists: if is_repeated { finalists } else { 0 },
        finalists_are_close: spread.is_some_and(|spread| figures.last_round_range <= spread),
        final_stage: candidate.and_then(stage),
        at_maximum: candidate.is_some_and(|best| best.trees.iter().any(|&trees| trees >= search.n_estimators)),
        all_at_maximum: candidate.is_some_and(|best| best.trees.iter().all(|&trees| trees >= search.n_estimators)),
        slower: ratio(figures.slower),
        more_rows: ratio(figures.more_rows),
    })
}

fn best(search: &BoostingSearch, figures: &HalvingFigures) -> Option<BestCandidate> {
    let (candidate, scores) = (search.candidates.get(search.best)?, figures.candidates.get(search.best)?);
    let range = candidate.trees.iter().min().copied().zip(candidate.trees.iter().max().copied());
    Some(BestCandidate {
        words: candidate_in_words(search, candidate),
        score: match candidate.roc_auc.len() {
            1 => fixed(scores.roc_auc, 4),
            _ => with_deviation(scores.roc_auc, scores.roc_auc_deviation),
        },
        folds: candidate.roc_auc.len(),
        stage: stage(candidate),
        stages: range.filter(|(fewest, most)| fewest < most),
    })
}

fn reached(figures: &ShapeFigures) -> String {
    format!(
        "{} with {} {} a median of {} and a maximum of {}",
        plural(figures.candidates, "candidate", "candidates"),
        shape(figures.symmetric),
        verb(figures.candidates, "has", "have"),
        fixed(figures.median, 4),
        fixed(figures.best, 4)
    )
}

/// The shape of trees with the greater median and the greater maximum, if one has both.
fn better_shape(figures: &HalvingFigures) -> Option<&'static str> {
    let [one, other] = figures.shapes.as_slice() else { return None };
    let better = |one: &ShapeFigures, other: &ShapeFigures| one.median > other.median && one.best > other.best;
    match (better(one, other), better(other, one)) {
        (true, _) => Some(shape(one.symmetric)),
        (_, true) => Some(shape(other.symmetric)),
        _ => None,
    }
}

/// `2.5`, `1.25`, `1.3333`.
fn ratio(value: f64) -> String {
    fixed(value, 4).trim_end_matches('0').trim_end_matches('.').to_owned()
}
