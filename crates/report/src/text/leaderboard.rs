//! Which of the compared models is best, and how certain that is.

use askama::Template;

use super::template::{sentences, titled};
use super::{filters, Derived, Finding};
use crate::findings::fold_statistics::{FoldStatistics, ModelFoldStatistics};
use crate::format::{count, list, name, with_deviation};
use crate::phrases::leaderboard::reason;
use crate::Report;
use hitflop_core::track::Feature;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::leaderboard::{Leaderboard, LeaderboardRow};

#[derive(Template)]
#[template(path = "text/leaderboard.txt")]
struct LeaderboardText<'a> {
    comparison: &'a Leaderboard,
    best: &'a ModelFoldStatistics,
    next: Option<&'a ModelFoldStatistics>,
    /// Models that the folds do not separate from the best.
    close: Vec<&'a str>,
    chosen: Option<ChosenModel<'a>>,
    reason: &'static str,
    /// The best model of each set of features, if there are several sets.
    sets: Vec<String>,
    /// What each set has beyond the one before it.
    steps: Vec<String>,
    searched: bool,
    selected: bool,
    /// Models whose test score falls short of their folds.
    short: Vec<&'a str>,
}

impl LeaderboardText<'_> {
    fn score(&self, statistics: &ModelFoldStatistics) -> String {
        score(statistics)
    }
}

struct ChosenModel<'a> {
    title: &'a str,
    roc_auc: f64,
    accuracy: f64,
    /// Accuracy above that of the baseline, in percentage points.
    gain: f64,
    test_minus_folds: f64,
    is_near: bool,
}

/// How the models were compared, which is best and by how much; empty where none were.
pub(crate) fn findings(report: &Report, derived: &Derived) -> Vec<Finding> {
    let (Some(comparison), Some(statistics)) = (&report.comparison, &derived.fold_statistics) else {
        return Vec::new();
    };
    let Some((best, others)) = statistics.models.split_first() else { return Vec::new() };
    let title = |one: &'_ ModelFoldStatistics| one.title.clone();
    let close: Vec<String> = others.iter().filter(|one| one.behind.is_within_spread()).map(title).collect();
    let short: Vec<String> = statistics.models.iter().filter(|one| one.falls_short()).map(title).collect();
    let (sets, steps) = feature_sets(comparison, statistics);
    titled(&LeaderboardText {
        comparison,
        best,
        next: others.first(),
        close: close.iter().map(String::as_str).collect(),
        chosen: chosen(comparison, statistics),
        reason: reason(comparison.chosen_by),
        sets,
        steps,
        searched: comparison.boosting_search.is_some(),
        selected: comparison.rows.iter().any(|candidate| candidate.feature_set == FeatureSet::Selected),
        short: short.iter().map(String::as_str).collect(),
    })
}

fn chosen<'a>(comparison: &'a Leaderboard, statistics: &FoldStatistics) -> Option<ChosenModel<'a>> {
    let row = comparison.rows.get(comparison.chosen)?;
    let statistics = statistics.models.get(comparison.chosen)?;
    let scores = &row.evaluation.scores;
    Some(ChosenModel {
        title: &row.title,
        roc_auc: scores.roc_auc,
        accuracy: scores.accuracy,
        gain: (scores.accuracy - comparison.baseline.scores.accuracy) * 100.0,
        test_minus_folds: statistics.test_minus_folds,
        is_near: statistics.test_minus_folds.abs() <= 2.0 * statistics.folds.deviation.roc_auc,
    })
}

#[derive(Template)]
#[template(path = "text/leaderboard_rank.txt")]
struct Rank<'a> {
    title: &'a str,
    models: usize,
    place: usize,
    folds: u64,
    score: String,
}

/// The rank of the final model in a sentence, for the question whether hits can be predicted.
pub(crate) fn rank(comparison: &Leaderboard, statistics: &FoldStatistics) -> Option<String> {
    let (models, place) = (comparison.rows.len(), comparison.chosen);
    let chosen = statistics.models.get(place)?;
    let rank = Rank { title: &chosen.title, models, place, folds: comparison.folds, score: score(chosen) };
    Some(sentences(&rank).join(" "))
}

fn score(statistics: &ModelFoldStatistics) -> String {
    with_deviation(statistics.folds.mean.roc_auc, statistics.folds.deviation.roc_auc)
}

/// The best model with each set of features, and what the sets differ in; empty where there is only one set.
fn feature_sets(comparison: &Leaderboard, statistics: &FoldStatistics) -> (Vec<String>, Vec<String>) {
    let best_with = |set: FeatureSet| comparison.rows.iter().position(|candidate| candidate.feature_set == set);
    let best: Vec<usize> =
        [FeatureSet::Notebook, FeatureSet::Selected, FeatureSet::All].into_iter().filter_map(best_with).collect();
    if best.len() < 2 {
        return (Vec::new(), Vec::new());
    }
    let words = |&index: &usize| {
        let (candidate, statistics) = (&comparison.rows[index], &statistics.models[index]);
        let features = with_features(candidate.feature_set, statistics.features);
        format!("{} with {features} ({})", score(statistics), candidate.title)
    };
    let candidates: Vec<&LeaderboardRow> = best.iter().map(|&index| &comparison.rows[index]).collect();
    (best.iter().map(words).collect(), candidates.windows(2).filter_map(difference).collect())
}

fn with_features(set: FeatureSet, features: u64) -> String {
    match set {
        FeatureSet::Notebook => format!("the notebook’s {} features", count(features)),
        FeatureSet::Selected => format!("the {} selected features", count(features)),
        FeatureSet::All => format!("all {} features", count(features)),
    }
}

/// `adds loudness and lacks key`; none if two sets are equal.
fn difference(pair: &[&LeaderboardRow]) -> Option<String> {
    let (before, after) = (&pair[0].evaluation.features, &pair[1].evaluation.features);
    let of = |these: &[Feature], those: &[Feature]| -> Vec<&'static str> {
        these.iter().filter(|feature| !those.contains(feature)).map(|feature| name(*feature)).collect()
    };
    let parts: Vec<String> = [("adds", of(after, before)), ("lacks", of(before, after))]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(verb, names)| format!("{verb} {}", list(&names)))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}
