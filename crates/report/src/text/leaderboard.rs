//! Which of the compared models is best, and how certain that is.

use askama::Template;

use super::template::{sentences, titled};
use super::{filters, Derived, Finding};
use crate::findings::fold_statistics::{FoldStatistics, ModelFoldStatistics};
use crate::format::{capitalise, count, list, with_deviation};
use crate::phrases::leaderboard::reason;
use crate::Report;
use hitflop_core::track::Feature;
use hitflop_model::estimator::EstimatorKind;
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
    /// Whether the best models of the sets have other parameters.
    kinds_differ: bool,
    /// Comparisons of sets of features with one algorithm.
    same_kind: Vec<String>,
    searched: bool,
    selected: bool,
    /// Models whose test score falls short of their folds.
    short: Vec<&'a str>,
    /// Models that were tried on the first folds only.
    dropped: Vec<&'a str>,
    first_folds: u64,
    /// How far behind they are at least, in ROC AUC.
    max_behind: f64,
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
    let close: Vec<String> =
        others.iter().filter(|one| one.on_all_folds && one.behind.is_within_spread()).map(title).collect();
    let short: Vec<String> = statistics.models.iter().filter(|one| one.falls_short()).map(title).collect();
    let dropped = comparison.dropped();
    let FeatureSetText { sets, steps, kinds_differ, same_kind } = feature_sets(comparison, statistics);
    titled(&LeaderboardText {
        comparison,
        best,
        next: others.first(),
        close: close.iter().map(String::as_str).collect(),
        chosen: chosen(comparison, statistics),
        reason: reason(comparison.chosen_by),
        sets,
        steps,
        kinds_differ,
        same_kind,
        searched: comparison.boosting_search.is_some(),
        selected: comparison.rows.iter().any(|candidate| candidate.feature_set == FeatureSet::Selected),
        short: short.iter().map(String::as_str).collect(),
        dropped: dropped.iter().map(|row| row.title.as_str()).collect(),
        max_behind: comparison.max_behind(),
        first_folds: dropped.first().map_or(0, |row| row.cross_validation.folds.len() as u64),
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

/// What the sets of features reach; empty where there is only one set.
#[derive(Default)]
struct FeatureSetText {
    sets: Vec<String>,
    steps: Vec<String>,
    kinds_differ: bool,
    same_kind: Vec<String>,
}

const SETS: [FeatureSet; 3] = [FeatureSet::Notebook, FeatureSet::Selected, FeatureSet::All];

fn feature_sets(comparison: &Leaderboard, statistics: &FoldStatistics) -> FeatureSetText {
    let best_with = |set: FeatureSet| comparison.rows.iter().position(|candidate| candidate.feature_set == set);
    let best: Vec<usize> = SETS.into_iter().filter_map(best_with).collect();
    if best.len() < 2 {
        return FeatureSetText::default();
    }
    let words = |&index: &usize| {
        let (candidate, statistics) = (&comparison.rows[index], &statistics.models[index]);
        let features = with_features(candidate.feature_set, statistics.features);
        format!("{} with {features} ({})", score(statistics), candidate.title)
    };
    let candidates: Vec<&LeaderboardRow> = best.iter().map(|&index| &comparison.rows[index]).collect();
    FeatureSetText {
        sets: best.iter().map(words).collect(),
        steps: candidates.windows(2).filter_map(difference).collect(),
        kinds_differ: candidates.windows(2).any(|pair| pair[0].evaluation.params != pair[1].evaluation.params),
        same_kind: same_kind(comparison, statistics),
    }
}

/// The best models of one algorithm with the first and with the last of its sets of features, algorithm by algorithm.
fn same_kind(comparison: &Leaderboard, statistics: &FoldStatistics) -> Vec<String> {
    let mut kinds: Vec<EstimatorKind> = Vec::new();
    for kind in comparison.rows.iter().map(|row| row.evaluation.params.kind()) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let of_kind = |kind: EstimatorKind| {
        let best_with = |set: FeatureSet| {
            comparison.rows.iter().position(|row| row.feature_set == set && row.evaluation.params.kind() == kind)
        };
        let best: Vec<usize> = SETS.into_iter().filter_map(best_with).collect();
        let (&first, &last) = best.first().zip(best.last()).filter(|(first, last)| first != last)?;
        let [few, many] = [first, last].map(|index| (&comparison.rows[index], &statistics.models[index]));
        let side = |(row, model): (&LeaderboardRow, &ModelFoldStatistics)| {
            format!("{} with {}", score(model), with_features(row.feature_set, model.features))
        };
        let params = if few.0.evaluation.params == many.0.evaluation.params {
            "equal hyperparameters"
        } else {
            "hyperparameters that also differ"
        };
        let name = capitalise(kind.in_words());
        Some(format!("{name} alone: {} and {}, {params}.", side(few), side(many)))
    };
    kinds.into_iter().filter_map(of_kind).collect()
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
        these.iter().filter(|feature| !those.contains(feature)).map(|feature| feature.in_words()).collect()
    };
    let parts: Vec<String> = [("adds", of(after, before)), ("lacks", of(before, after))]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(verb, names)| format!("{verb} {}", list(&names)))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}
