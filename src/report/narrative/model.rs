//! What the model's scores say.

use super::words::{count, list, name, percent, plural, verb};
use super::Derived;
use crate::learn::evaluation::{Evaluation, Importance};
use crate::report::Report;
use crate::track::Feature;

/// How it was fitted, how often it is right, and what it looks at; empty where no model was fitted.
pub fn findings(report: &Report, derived: &Derived) -> Vec<String> {
    let Some(evaluation) = &report.evaluation else { return Vec::new() };
    let mut sentences = vec![fitted(evaluation)];
    if !evaluation.features.contains(&Feature::Decade) {
        sentences.push(
            "The decade, though it stays among the features, is not given to the model, which goes by the audio alone."
                .to_owned(),
        );
    }
    sentences.extend(derived.right_answers.map(|right| right_answers(evaluation, right)));
    sentences.extend(importances(&evaluation.importances));
    sentences
}

fn fitted(evaluation: &Evaluation) -> String {
    format!(
        "A {} was fitted to {} on {} and scored on the {} left out (split: {}). A track is called a hit if its probability \
         is greater than {}.",
        evaluation.model,
        plural(evaluation.features.len() as u64, "standardised feature", "standardised features"),
        plural(evaluation.train_rows, "track", "tracks"),
        count(evaluation.test_rows),
        evaluation.protocol,
        evaluation.threshold
    )
}

fn right_answers(evaluation: &Evaluation, right: u64) -> String {
    let gain = evaluation.scores.accuracy - evaluation.majority_accuracy.max(1.0 - evaluation.majority_accuracy);
    format!(
        "{} of {} answers are right, {} percentage points {} than always naming the label that is commoner among them.",
        count(right),
        count(evaluation.test_rows),
        super::words::fixed(gain.abs() * 100.0, 1),
        if gain >= 0.0 { "more" } else { "fewer" }
    )
}

fn importances(importances: &[Importance]) -> Option<String> {
    let used: Vec<&Importance> = importances.iter().filter(|importance| importance.share > 0.0).collect();
    let shown = &used[..used.len().min(3)];
    if shown.is_empty() {
        return None;
    }
    let words: Vec<String> =
        shown.iter().map(|one| format!("{} ({})", name(one.feature), percent(one.share))).collect();
    let sum: f64 = shown.iter().map(|one| one.share).sum();
    let mut text = format!("It looks mostly at {}", list(&words));
    if shown.len() > 1 {
        text.push_str(&format!(
            ", together {} of the impurity decrease (how much its questions unmix hits and flops)",
            percent(sum)
        ));
    } else {
        text.push_str(" of the impurity decrease (how much its questions unmix hits and flops)");
    }
    let unused: Vec<&str> = importances.iter().filter(|one| one.share == 0.0).map(|one| name(one.feature)).collect();
    if unused.is_empty() {
        text.push('.');
    } else {
        let number = unused.len() as u64;
        text.push_str(&format!("; {} {} not used at all.", list(&unused), verb(number, "is", "are")));
    }
    Some(text)
}
