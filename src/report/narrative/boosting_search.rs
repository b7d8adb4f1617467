//! What the search for the boosting's parameters tried and found.

use super::halving::{is_finalist, shown, value, varied, HalvingFigures};
use super::words::{count, fixed, list, plural};
use super::Derived;
use crate::learn::search::boosting::{BoostingSearch, Candidate, Round};
use crate::report::Report;

/// What was tried, what is best, and what the search brought; empty where there was none.
pub fn findings(report: &Report, derived: &Derived) -> Vec<String> {
    let search = report.comparison.as_ref().and_then(|comparison| comparison.boosting_search.as_ref());
    let (Some(search), Some(figures)) = (search, &derived.boosting_search) else { return Vec::new() };
    let mut sentences = vec![tried(search)];
    sentences.extend(best(search, figures));
    sentences.extend(gain(search, figures));
    sentences.extend(finalists(search, figures));
    sentences
}

/// The parameters in which candidates differ, of one: `learning_rate 0.05, num_leaves 31`.
pub fn candidate_in_words(search: &BoostingSearch, candidate: &Candidate) -> String {
    let words =
        varied(search).into_iter().filter_map(|name| Some(format!("{name} {}", shown(value(candidate, name)?))));
    words.collect::<Vec<_>>().join(", ")
}

fn tried(search: &BoostingSearch) -> String {
    let rounds: Vec<String> = search
        .rounds
        .iter()
        .map(|Round { candidates, folds }| format!("{} on {}", count(*candidates), plural(*folds, "fold", "folds")))
        .collect();
    let drawn = search.candidates.len().saturating_sub(1) as u64;
    format!(
        "The default setting of gradient boosting and {} drawn at random (seed {}) were tried in {} of successive halving, each of \
         which keeps the better ones: {}. Folds count from the first round on. For speed these fits learn faster than the models \
         of the comparison, which take the best parameters with a lower rate and more trees.",
        count(drawn),
        search.seed,
        plural(search.rounds.len() as u64, "round", "rounds"),
        list(&rounds)
    )
}

fn best(search: &BoostingSearch, figures: &HalvingFigures) -> Option<String> {
    let (candidate, scores) = (search.candidates.get(search.best)?, figures.candidates.get(search.best)?);
    let words = candidate_in_words(search, candidate);
    let params = if words.is_empty() { String::new() } else { format!(" {words}:") };
    let folds = candidate.roc_auc.len() as u64;
    let mut text = format!("Best:{params} ROC AUC {}", fixed(scores.roc_auc, 4));
    if folds > 1 {
        text.push_str(&format!(" ± {}", fixed(scores.roc_auc_deviation, 4)));
    }
    text.push_str(&format!(" over {}", plural(folds, "fold", "folds")));
    if let (Some(fewest), Some(most)) = (candidate.trees.iter().min(), candidate.trees.iter().max()) {
        let trees = match fewest == most {
            true => plural(*most, "tree", "trees"),
            false => format!("{} to {} trees", count(*fewest), count(*most)),
        };
        text.push_str(&format!(", the log loss being least at {trees}"));
    }
    text.push('.');
    Some(text)
}

/// What the best brings over a setting drawn at random.
fn gain(search: &BoostingSearch, figures: &HalvingFigures) -> Option<String> {
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
