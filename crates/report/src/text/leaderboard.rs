//! Which of the compared models is best, and how sure that is.

use super::{Derived, Finding};
use crate::findings::fold_statistics::{FoldStatistics, ModelFoldStatistics};
use crate::format::{capitalise, count, fixed, list, name, percent, plural, signed, verb, with_deviation};
use crate::phrases::leaderboard::reason;
use crate::Report;
use hitflop_core::track::Feature;
use hitflop_model::selection::feature_set::FeatureSet;
use hitflop_model::selection::leaderboard::{Leaderboard, LeaderboardRow};

/// How the models were compared, which is best and by how much, and what the features make of it; empty where none were.
pub(crate) fn findings(report: &Report, derived: &Derived) -> Vec<Finding> {
    let (Some(comparison), Some(fold_statistics)) = (&report.comparison, &derived.fold_statistics) else {
        return Vec::new();
    };
    let Some(best) = fold_statistics.models.first() else { return Vec::new() };
    let first: Vec<String> = [compared(comparison), ranking(comparison, best)]
        .into_iter()
        .chain(lead(comparison, fold_statistics))
        .collect();
    [
        ("The best on the folds", Some(first.join(" "))),
        ("The final model", chosen(comparison, fold_statistics)),
        ("Against the baseline", against_baseline(comparison)),
        ("What the features bring", feature_sets(comparison, fold_statistics)),
        ("What flatters these scores", flattery(comparison)),
        ("Signs of overfitting", overfitting(comparison, fold_statistics)),
    ]
    .into_iter()
    .filter_map(|(title, text)| Some(Finding { title: title.to_owned(), text: text? }))
    .collect()
}

/// The verdict of the folds in a sentence, for the question whether a hit can be predicted.
pub(crate) fn verdict(comparison: &Leaderboard, fold_statistics: &FoldStatistics) -> Option<String> {
    let final_model = fold_statistics.models.get(comparison.chosen)?;
    let of = plural(comparison.rows.len() as u64, "model", "models");
    let score = score(final_model);
    let place = match (comparison.chosen, comparison.rows.len()) {
        (_, 1) => format!("The model is {}: over {} folds", final_model.title, comparison.folds),
        (0, _) => format!("Of {of} compared, {} ranks best: over {} folds", final_model.title, comparison.folds),
        (place, _) => format!(
            "Of {of} compared, {} ranks {} by the folds: over {} of them",
            final_model.title,
            ordinal(place + 1),
            comparison.folds
        ),
    };
    Some(format!("{place} its ROC AUC is {score}."))
}

fn score(statistics: &ModelFoldStatistics) -> String {
    with_deviation(statistics.folds.mean.roc_auc, statistics.folds.deviation.roc_auc)
}

/// `second`, `third`, then numbers.
fn ordinal(place: usize) -> String {
    match place {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        other => format!("number {}", count(other as u64)),
    }
}

fn compared(comparison: &Leaderboard) -> String {
    let number = comparison.rows.len() as u64;
    format!(
        "{} {} fitted and scored in one way: {}.",
        plural(number, "model", "models"),
        verb(number, "was", "were"),
        comparison.protocol
    )
}

fn ranking(comparison: &Leaderboard, best: &ModelFoldStatistics) -> String {
    let place = if comparison.rows.len() > 1 { "ranks best, with" } else { "has" };
    format!(
        "{} {place} a ROC AUC of {} (mean and standard deviation over {}).",
        capitalise(&best.title),
        score(best),
        plural(comparison.folds, "fold", "folds")
    )
}

/// How far the best is ahead of the next, and which others are within the spread of the folds.
fn lead(comparison: &Leaderboard, fold_statistics: &FoldStatistics) -> Option<String> {
    let others = fold_statistics.models.get(1..)?;
    let next = others.first()?;
    let behind = next.behind;
    let ahead = format!(
        "Compared fold by fold it is {} ± {} ahead of {}, and ahead on {} of {}",
        fixed(behind.difference, 4),
        fixed(behind.deviation, 4),
        next.title,
        count(behind.folds_behind),
        plural(comparison.folds, "fold", "folds"),
    );
    if comparison.folds < 2 {
        return Some(format!("It is {} ahead of {}.", fixed(behind.difference, 4), next.title));
    }
    let close: Vec<&str> =
        others.iter().filter(|one| one.behind.is_within_spread()).map(|one| one.title.as_str()).collect();
    Some(if close.is_empty() {
        format!("{ahead}; that is more than it varies from fold to fold.")
    } else {
        format!(
            "{ahead}. Within the spread of the difference, and so not told from the best by these folds, {} {}.",
            verb(close.len() as u64, "is", "are"),
            list(&close)
        )
    })
}

/// Which it is, why, and whether the test rows bear its folds out.
fn chosen(comparison: &Leaderboard, fold_statistics: &FoldStatistics) -> Option<String> {
    let chosen = comparison.rows.get(comparison.chosen)?;
    let statistics = fold_statistics.models.get(comparison.chosen)?;
    let mut text = format!("The final model is {}, {}.", chosen.title, reason(comparison.chosen_by));
    if comparison.folds > 1 {
        let side = if statistics.test_minus_folds < 0.0 { "below" } else { "above" };
        let is_near = statistics.test_minus_folds.abs() <= 2.0 * statistics.folds.deviation.roc_auc;
        text.push_str(&format!(
            " On the test rows its ROC AUC is {}, {} {side} its mean over the folds and {} two standard deviations of it.",
            fixed(chosen.evaluation.scores.roc_auc, 4),
            fixed(statistics.test_minus_folds.abs(), 4),
            if is_near { "within" } else { "beyond" }
        ));
    }
    Some(text)
}

fn against_baseline(comparison: &Leaderboard) -> Option<String> {
    let chosen = comparison.rows.get(comparison.chosen)?;
    let (scores, baseline) = (&chosen.evaluation.scores, &comparison.baseline.scores);
    let gain = (scores.accuracy - baseline.accuracy) * 100.0;
    Some(format!(
        "The baseline, which always names the label commoner in training, is right in {} of the test rows, the final model in {} \
         ({} percentage points); its ROC AUC is {}, the final model’s {}.",
        percent(baseline.accuracy),
        percent(scores.accuracy),
        signed(gain, 1),
        fixed(baseline.roc_auc, 4),
        fixed(scores.roc_auc, 4),
    ))
}

/// The best model with each set of features, and what the sets differ in.
fn feature_sets(comparison: &Leaderboard, fold_statistics: &FoldStatistics) -> Option<String> {
    let best_with = |set: FeatureSet| comparison.rows.iter().position(|candidate| candidate.feature_set == set);
    let best: Vec<usize> =
        [FeatureSet::Notebook, FeatureSet::Selected, FeatureSet::All].into_iter().filter_map(best_with).collect();
    if best.len() < 2 {
        return None;
    }
    let words: Vec<String> = best
        .iter()
        .map(|&index| {
            let (candidate, statistics) = (&comparison.rows[index], &fold_statistics.models[index]);
            let features = with_features(candidate.feature_set, statistics.features);
            format!("{} with {features} ({})", score(statistics), candidate.title)
        })
        .collect();
    let candidates: Vec<&LeaderboardRow> = best.iter().map(|&index| &comparison.rows[index]).collect();
    Some(format!("The best with each set of features: {}.{}", list(&words), differing(&candidates)))
}

fn with_features(set: FeatureSet, features: u64) -> String {
    match set {
        FeatureSet::Notebook => format!("the notebook’s {}", count(features)),
        FeatureSet::Selected => format!("the {} of the selection", count(features)),
        FeatureSet::All => format!("all {}", count(features)),
    }
}

/// What each set has beyond the one before it.
fn differing(candidates: &[&LeaderboardRow]) -> String {
    let beyond = |pair: &[&LeaderboardRow]| {
        let (before, after) = (&pair[0].evaluation.features, &pair[1].evaluation.features);
        let of = |these: &[Feature], those: &[Feature]| -> Vec<&'static str> {
            these.iter().filter(|feature| !those.contains(feature)).map(|feature| name(*feature)).collect()
        };
        let (more, less) = (of(after, before), of(before, after));
        let parts: Vec<String> = [("adds", more), ("lacks", less)]
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(verb, names)| format!("{verb} {}", list(&names)))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" and "))
    };
    let steps: Vec<String> = candidates.windows(2).filter_map(beyond).collect();
    match steps.as_slice() {
        [] => String::new(),
        [only] => format!(" The second set {only}."),
        [first, second, ..] => format!(" The second set {first}; the third {second}."),
    }
}

/// What the folds, or all scores, owe to choices that were made on the rows that they are from; none if nothing was.
fn flattery(comparison: &Leaderboard) -> Option<String> {
    let searched = comparison.boosting_search.as_ref().map(|_| {
        "The boosting’s parameters were chosen on these very folds, which makes its scores on the folds a little too good; its scores \
         on the test rows are not touched by that."
    });
    let is_selected = |candidate: &LeaderboardRow| candidate.feature_set == FeatureSet::Selected;
    let selected = comparison.rows.iter().any(is_selected).then_some(
        "The selection of features goes by the mutual information and the correlations of all rows, the test rows among them, so \
         that no score of a model with the selected features is wholly free of these.",
    );
    let sentences: Vec<&str> = [searched, selected].into_iter().flatten().collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Which models the test rows find worse than their folds did.
fn overfitting(comparison: &Leaderboard, fold_statistics: &FoldStatistics) -> Option<String> {
    if comparison.folds < 2 {
        return None;
    }
    let short: Vec<&str> =
        fold_statistics.models.iter().filter(|one| one.falls_short()).map(|one| one.title.as_str()).collect();
    let number = short.len() as u64;
    Some(match number {
        0 => "No model’s ROC AUC on the test rows falls short of its mean over the folds by more than two standard deviations of \
              the folds: if what was chosen on the folds makes them too good, it is by less than that."
            .to_owned(),
        _ => format!(
            "On the test rows the ROC AUC of {} falls short of {} mean over the folds by more than two standard deviations of the \
             folds: a sign of overfitting to them, or of test rows unlike the others.",
            list(&short),
            verb(number, "its", "their")
        ),
    })
}
