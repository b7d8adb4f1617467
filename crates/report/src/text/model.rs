//! What the model's scores say.

use super::Derived;
use crate::format::{capitalise, count, list, name, percent, plural, verb};
use crate::phrases::models::{importance, importance_in_words};
use crate::Report;
use hitflop_core::track::Feature;
use hitflop_model::evaluation::{Evaluation, Importance};

/// How it was fitted, how often it is right, and what it looks at; empty where no model was fitted.
pub(crate) fn findings(report: &Report, derived: &Derived) -> Vec<String> {
    let Some(evaluation) = &report.evaluation else { return Vec::new() };
    let mut sentences = vec![fitted(evaluation)];
    if report.summary.features().any(|feature| feature == Feature::Decade)
        && !evaluation.features.contains(&Feature::Decade)
    {
        sentences.push(
            "The decade, though it stays among the features, is not given to the model, which goes by the audio alone."
                .to_owned(),
        );
    }
    sentences.extend(derived.right_answers.map(|right| right_answers(evaluation, right)));
    sentences.extend(importances(evaluation));
    sentences.extend(evaluation.without_split().map(|reason| format!("{}.", capitalise(&reason))));
    sentences.push(SAVED.to_owned());
    sentences
}

const SAVED: &str =
    "It is saved as hitflop.model, by default in the directory models, and scores new tracks from there.";

fn fitted(evaluation: &Evaluation) -> String {
    format!(
        "The final model ({}) was fitted to {} of {} and scored on the {} left out (split: {}). A track is called a hit if its \
         probability is greater than {}.",
        evaluation.params.describe(),
        plural(evaluation.features.len() as u64, "feature", "features"),
        plural(evaluation.train_rows, "track", "tracks"),
        count(evaluation.test_rows),
        evaluation.hold_out.description(),
        evaluation.threshold
    )
}

fn right_answers(evaluation: &Evaluation, right: u64) -> String {
    let gain = evaluation.scores.accuracy - evaluation.majority_accuracy;
    format!(
        "{} of {} answers are right, {} percentage points {} than by always naming the label that is commoner in training.",
        count(right),
        count(evaluation.test_rows),
        crate::format::fixed(gain.abs() * 100.0, 1),
        if gain >= 0.0 { "more" } else { "fewer" }
    )
}

fn importances(evaluation: &Evaluation) -> Option<String> {
    let used: Vec<&Importance> = evaluation.importances.iter().filter(|importance| importance.share > 0.0).collect();
    let shown = &used[..used.len().min(3)];
    if shown.is_empty() {
        return None;
    }
    let words: Vec<String> =
        shown.iter().map(|one| format!("{} ({})", name(one.feature), percent(one.share))).collect();
    let sum: f64 = shown.iter().map(|one| one.share).sum();
    let mut text = format!("It looks mostly at {}", list(&words));
    let together = if shown.len() > 1 { format!(", together {}", percent(sum)) } else { String::new() };
    let (measure, meaning) = (importance(evaluation.params.kind()), importance_in_words(evaluation.params.kind()));
    text.push_str(&format!("{together} of the {measure} ({meaning})"));
    let unused: Vec<&str> =
        evaluation.importances.iter().filter(|one| one.share == 0.0).map(|one| name(one.feature)).collect();
    if unused.is_empty() {
        text.push('.');
    } else {
        let number = unused.len() as u64;
        text.push_str(&format!("; {} {} not used at all.", list(&unused), verb(number, "is", "are")));
    }
    Some(text)
}
