//! Which of the compared models is best, and how sure that is.

use super::standings::{Standing, Standings};
use super::words::{capitalise, count, fixed, list, name, percent, plural, signed, verb};
use super::Derived;
use crate::learn::comparison::{ChosenBy, Comparison, Contender, FeatureSet};
use crate::report::Report;
use crate::track::Feature;

/// How the models were compared, which is best and by how much, and what the features make of it; empty where none were.
pub fn findings(report: &Report, derived: &Derived) -> Vec<String> {
    let (Some(comparison), Some(standings)) = (&report.comparison, &derived.standings) else { return Vec::new() };
    let Some(best) = standings.contenders.first() else { return Vec::new() };
    let mut sentences = vec![compared(comparison), ranking(comparison, best)];
    sentences.extend(lead(comparison, standings));
    sentences.extend(chosen(comparison));
    sentences.extend(against_baseline(comparison));
    sentences.extend(feature_sets(comparison, standings));
    sentences.extend(on_test_rows(comparison, standings));
    sentences
}

/// The verdict of the folds in a sentence, for the question whether a hit can be predicted.
pub fn verdict(comparison: &Comparison, standings: &Standings) -> Option<String> {
    let final_standing = standings.contenders.get(comparison.chosen)?;
    let of = plural(comparison.contenders.len() as u64, "model", "models");
    let score = score(final_standing);
    let place = match (comparison.chosen, comparison.contenders.len()) {
        (_, 1) => format!("The model is {}: over {} folds", final_standing.title, comparison.folds),
        (0, _) => format!("Of {of} compared, {} ranks best: over {} folds", final_standing.title, comparison.folds),
        (place, _) => format!(
            "Of {of} compared, {} ranks {} by the folds: over {} of them",
            final_standing.title,
            ordinal(place + 1),
            comparison.folds
        ),
    };
    Some(format!("{place} its ROC AUC is {score}."))
}

fn score(standing: &Standing) -> String {
    format!("{} ± {}", fixed(standing.folds.mean.roc_auc, 4), fixed(standing.folds.deviation.roc_auc, 4))
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

fn compared(comparison: &Comparison) -> String {
    let number = comparison.contenders.len() as u64;
    format!(
        "{} {} fitted and scored in one way: {}.",
        plural(number, "model", "models"),
        verb(number, "was", "were"),
        comparison.protocol
    )
}

fn ranking(comparison: &Comparison, best: &Standing) -> String {
    let place = if comparison.contenders.len() > 1 { "ranks best, with" } else { "has" };
    format!(
        "{} {place} a ROC AUC of {} (mean and standard deviation over {}).",
        capitalise(&best.title),
        score(best),
        plural(comparison.folds, "fold", "folds")
    )
}

/// How far the best is ahead of the next, and which others the folds do not tell from it.
fn lead(comparison: &Comparison, standings: &Standings) -> Option<String> {
    let others = standings.contenders.get(1..)?;
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
    let close: Vec<&str> = others.iter().filter(|one| one.behind.is_within_spread()).map(|one| one.title.as_str()).collect();
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

fn chosen(comparison: &Comparison) -> Option<String> {
    let chosen = comparison.contenders.get(comparison.chosen)?;
    match comparison.chosen_by {
        ChosenBy::CrossValidation => Some(format!(
            "The final model is {}, chosen by the folds alone; the test rows had no part in it.",
            chosen.title
        )),
        ChosenBy::User => Some(format!("The final model is {}, as was asked for.", chosen.title)),
    }
}

fn against_baseline(comparison: &Comparison) -> Option<String> {
    let chosen = comparison.contenders.get(comparison.chosen)?;
    let (scores, baseline) = (&chosen.evaluation.scores, &comparison.baseline.scores);
    let gain = (scores.accuracy - baseline.accuracy) * 100.0;
    Some(format!(
        "Against the baseline, which always names the commoner label: on the test rows it is right in {}, the final model in {} \
         ({} percentage points); its ROC AUC is {}, the final model’s {}.",
        percent(baseline.accuracy),
        percent(scores.accuracy),
        signed(gain, 1),
        fixed(baseline.roc_auc, 4),
        fixed(scores.roc_auc, 4),
    ))
}

/// The best model with each set of features, and what the sets differ in.
fn feature_sets(comparison: &Comparison, standings: &Standings) -> Option<String> {
    let best_with = |set: FeatureSet| comparison.contenders.iter().position(|contender| contender.feature_set == set);
    let best: Vec<usize> =
        [FeatureSet::Notebook, FeatureSet::Selected, FeatureSet::All].into_iter().filter_map(best_with).collect();
    if best.len() < 2 {
        return None;
    }
    let words: Vec<String> = best
        .iter()
        .map(|&index| {
            let (contender, standing) = (&comparison.contenders[index], &standings.contenders[index]);
            let features = with_features(contender.feature_set, standing.features);
            format!("{} with {features} ({})", score(standing), contender.title)
        })
        .collect();
    let contenders: Vec<&Contender> = best.iter().map(|&index| &comparison.contenders[index]).collect();
    Some(format!("The best with each set of features: {}.{}", list(&words), differing(&contenders)))
}

fn with_features(set: FeatureSet, features: u64) -> String {
    match set {
        FeatureSet::Notebook => format!("the notebook’s {}", count(features)),
        FeatureSet::Selected => format!("the {} of the selection", count(features)),
        FeatureSet::All => format!("all {}", count(features)),
    }
}

/// What each set has beyond the one before it.
fn differing(contenders: &[&Contender]) -> String {
    let beyond = |pair: &[&Contender]| {
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
    let steps: Vec<String> = contenders.windows(2).filter_map(beyond).collect();
    match steps.as_slice() {
        [] => String::new(),
        [only] => format!(" The second set {only}."),
        [first, second, ..] => format!(" The second set {first}; the third {second}."),
    }
}

/// Whether the test rows bear the folds out.
fn on_test_rows(comparison: &Comparison, standings: &Standings) -> Option<String> {
    let chosen = standings.contenders.get(comparison.chosen)?;
    if comparison.folds < 2 {
        return None;
    }
    let test = comparison.contenders.get(comparison.chosen)?.evaluation.scores.roc_auc;
    let distance = chosen.test_minus_folds.abs() / chosen.folds.deviation.roc_auc;
    let side = if chosen.test_minus_folds < 0.0 { "below" } else { "above" };
    let near = if distance <= 2.0 { "within" } else { "beyond" };
    let mut text = format!(
        "On the test rows the final model’s ROC AUC is {}, {} {side} its mean over the folds and {near} two standard deviations of it.",
        fixed(test, 4),
        fixed(chosen.test_minus_folds.abs(), 4),
    );
    let short: Vec<&str> = standings.contenders.iter().filter(|one| one.falls_short()).map(|one| one.title.as_str()).collect();
    text.push_str(&if short.is_empty() {
        " No model falls short of its folds by more than that: there is no sign of overfitting to them.".to_owned()
    } else {
        format!(
            " {} {} short of {} folds by more than that: a sign of overfitting to them.",
            capitalise(&list(&short)),
            verb(short.len() as u64, "falls", "fall"),
            verb(short.len() as u64, "its", "their"),
        )
    });
    Some(text)
}
