//! What the search for the boosting's parameters tried and found.

use super::Derived;
use crate::findings::successive_halving::{is_finalist, shape, stage, HalvingFigures, ShapeFigures};
use crate::format::{count, fixed, list, plural, verb, with_deviation};
use crate::phrases::search::candidate_in_words;
use crate::Report;
use hitflop_model::selection::search::boosting::{BoostingSearch, HalvingRound, SearchCandidate};

/// What was tried, what is best, what the search brought, and what became of it; empty where there was none.
pub(crate) fn findings(report: &Report, derived: &Derived) -> Vec<String> {
    let search = report.comparison.as_ref().and_then(|comparison| comparison.boosting_search.as_ref());
    let (Some(search), Some(figures)) = (search, &derived.boosting_search) else { return Vec::new() };
    let mut sentences = vec![tried(search)];
    sentences.extend(best(search, figures));
    sentences.extend(first_round(search, figures));
    sentences.extend(shapes(figures));
    sentences.extend(finalists(search, figures));
    sentences.extend(became(search, figures));
    sentences.extend(cap(search));
    sentences.push(OPTIMISM.to_owned());
    sentences
}

const OPTIMISM: &str =
    "The folds are those of the leaderboard. They chose the setting and its stage, so that their scores of it are a \
                        little too good; the test rows had no part in the search.";

fn tried(search: &BoostingSearch) -> String {
    let rounds: Vec<String> = search
        .rounds
        .iter()
        .map(|HalvingRound { candidates, folds }| {
            format!("{} on {}", count(*candidates), plural(*folds, "fold", "folds"))
        })
        .collect();
    let drawn = search.candidates.len().saturating_sub(1) as u64;
    format!(
        "The default setting of gradient boosting and {} drawn at random (seed {}) were tried in {} of successive halving, each of \
         which keeps the better ones: {}. Folds count from the first round on. Each fit has {} and a learning rate of {}; its number \
         of trees is not drawn, for a fit is scored in stages, and a setting has the stage with the greatest mean ROC AUC.",
        count(drawn),
        search.seed,
        plural(search.rounds.len() as u64, "round", "rounds"),
        list(&rounds),
        plural(search.n_estimators, "tree", "trees"),
        search.learning_rate,
    )
}

fn best(search: &BoostingSearch, figures: &HalvingFigures) -> Option<String> {
    let (candidate, scores) = (search.candidates.get(search.best)?, figures.candidates.get(search.best)?);
    let words = candidate_in_words(search, candidate);
    let params = if words.is_empty() { String::new() } else { format!(" {words}:") };
    let folds = candidate.roc_auc.len() as u64;
    let score = match folds {
        1 => fixed(scores.roc_auc, 4),
        _ => with_deviation(scores.roc_auc, scores.roc_auc_deviation),
    };
    let over = plural(folds, "fold", "folds");
    Some(format!("Best:{params} ROC AUC {score} over {over}{}.", stages(candidate)))
}

/// `, with 240 trees (by itself, a fold would choose 225 to 255)`
fn stages(candidate: &SearchCandidate) -> String {
    let Some(stage) = stage(candidate) else { return String::new() };
    let own = match (candidate.trees.iter().min(), candidate.trees.iter().max()) {
        (Some(fewest), Some(most)) if fewest < most => {
            format!(" (by itself, a fold would choose {} to {})", count(*fewest), count(*most))
        }
        _ => String::new(),
    };
    format!(", with {}{own}", plural(stage, "tree", "trees"))
}

/// The range of the first round, in which all were tried on the same folds, and where the best stood in it.
fn first_round(search: &BoostingSearch, figures: &HalvingFigures) -> Option<String> {
    let first = *figures.candidates.get(search.best)?.by_round.first()?;
    let scores = || figures.candidates.iter().filter_map(|candidate| candidate.by_round.first().copied());
    let (low, high) = (scores().fold(f64::INFINITY, f64::min), scores().fold(f64::NEG_INFINITY, f64::max));
    (figures.candidates.len() > 1).then(|| {
        format!(
            "In the first round the settings run from {} to {}, with a median of {}; the best is at {} there.",
            fixed(low, 4),
            fixed(high, 4),
            fixed(figures.first_round_median, 4),
            fixed(first, 4)
        )
    })
}

/// Whether symmetric or leaf-wise trees did better in the first round; none if only one shape was tried.
fn shapes(figures: &HalvingFigures) -> Option<String> {
    let [symmetric, leaf_wise] = figures.shapes.as_slice() else { return None };
    let sentence = |figures: &ShapeFigures| {
        let settings = plural(figures.candidates, "setting", "settings");
        let (median, best) = (fixed(figures.median, 4), fixed(figures.best, 4));
        format!(
            "{settings} of {} {} a median of {median} and {best} at best",
            shape(figures.symmetric),
            verb(figures.candidates, "has", "have")
        )
    };
    let better = |one: &ShapeFigures, other: &ShapeFigures| one.median > other.median && one.best > other.best;
    let verdict = match (better(symmetric, leaf_wise), better(leaf_wise, symmetric)) {
        (true, _) => format!("{} did better", shape(true)),
        (_, true) => format!("{} did better", shape(false)),
        _ => "neither shape is better in both".to_owned(),
    };
    Some(format!("Of these, {}, {}: {verdict}.", sentence(symmetric), sentence(leaf_wise)))
}

/// How much there is to choose among those that came to the last round.
fn finalists(search: &BoostingSearch, figures: &HalvingFigures) -> Option<String> {
    let number = search.candidates.iter().filter(|candidate| is_finalist(search, candidate)).count() as u64;
    let best = figures.candidates.get(search.best)?;
    if number < 2 || search.candidates[search.best].roc_auc.len() < 2 {
        return None;
    }
    let within = if figures.last_round_range <= best.roc_auc_deviation { "less than" } else { "more than" };
    Some(format!(
        "The {} of the last round lie within {} of one another, {within} the standard deviation of the best over its folds.",
        count(number),
        fixed(figures.last_round_range, 4)
    ))
}

/// How the number of trees of the final setting comes about.
fn became(search: &BoostingSearch, figures: &HalvingFigures) -> Option<String> {
    let stage = stage(search.candidates.get(search.best)?)?;
    Some(format!(
        "The tuned boosting of the comparison has these parameters with a learning rate of {} rather than {}, which takes {} times as \
         many trees; and {} times as many again, as it is fitted to {} and not to the {} outside a fold: {} × {} × {} gives {}.",
        search.final_learning_rate,
        search.learning_rate,
        ratio(figures.slower),
        ratio(figures.more_rows),
        plural(search.rows, "training row", "training rows"),
        fixed(search.rows_per_fit, 0),
        count(stage),
        ratio(figures.slower),
        ratio(figures.more_rows),
        plural(search.final_n_estimators, "tree", "trees"),
    ))
}

/// `2.5`, `1.25`, `1.3333`.
fn ratio(value: f64) -> String {
    fixed(value, 4).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Says so if the best setting would have more trees than the fits have, for all that is known.
fn cap(search: &BoostingSearch) -> Option<String> {
    let is_last = stage(search.candidates.get(search.best)?)? >= search.n_estimators;
    is_last.then(|| {
        format!(
            "The best stage is the last, {}: more of them might do still better.",
            plural(search.n_estimators, "tree", "trees")
        )
    })
}
