//! What the final model's scores are.

use askama::Template;

use super::template::sentences;
use super::{filters, Derived};
use crate::format::percent;
use crate::phrases::models::{importance, importance_in_words};
use crate::Report;
use hitflop_core::track::Feature;
use hitflop_model::evaluation::{Evaluation, Importance};

/// Features named as the most important.
const MAX_NAMED: usize = 3;

#[derive(Template)]
#[template(path = "text/model.txt")]
struct ModelText<'a> {
    evaluation: &'a Evaluation,
    without_decade: bool,
    right: Option<u64>,
    gain: f64,
    used: Vec<String>,
    together: f64,
    unused: Vec<&'static str>,
    measure: &'static str,
    meaning: &'static str,
    without_split: Option<String>,
}

/// How it was fitted, its accuracy, and its most important features; empty where no model was fitted.
pub(crate) fn findings(report: &Report, derived: &Derived) -> Vec<String> {
    let Some(evaluation) = &report.evaluation else { return Vec::new() };
    let (used, unused): (Vec<&Importance>, Vec<&Importance>) =
        evaluation.importances.iter().partition(|importance| importance.share > 0.0);
    let shown = &used[..used.len().min(MAX_NAMED)];
    sentences(&ModelText {
        evaluation,
        without_decade: report.summary.features().any(|feature| feature == Feature::Decade)
            && !evaluation.features.contains(&Feature::Decade),
        right: derived.right_answers,
        gain: evaluation.scores.accuracy - evaluation.majority_accuracy,
        used: shown.iter().map(|one| format!("{} ({})", one.feature.in_words(), percent(one.share))).collect(),
        together: shown.iter().map(|one| one.share).sum(),
        unused: unused.into_iter().filter(|one| one.share == 0.0).map(|one| one.feature.in_words()).collect(),
        measure: importance(evaluation.params.kind()),
        meaning: importance_in_words(evaluation.params.kind()),
        without_split: evaluation.without_split(),
    })
}
