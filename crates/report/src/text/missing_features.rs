//! What is lost with features that are missing.

use askama::Template;

use super::template::titled;
use super::{filters, Finding};
use crate::findings::absence::{absences, Absence};
use crate::format::percent;
use crate::Report;

/// Single features named.
const MAX_NAMED: usize = 3;

#[derive(Template)]
#[template(path = "text/missing_features.txt")]
struct MissingFeaturesText {
    all: f64,
    /// The single feature whose absence costs most, and the ROC AUC lost.
    largest: Option<(String, f64)>,
    single: Vec<String>,
    several: Vec<String>,
}

/// What tracks lose that lack features; empty where that was not measured.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    let absences = absences(report);
    let Some(evaluation) = report.evaluation.as_ref().filter(|_| !absences.is_empty()) else { return Vec::new() };
    let (single, several): (Vec<&Absence>, Vec<&Absence>) =
        absences.iter().partition(|absence| absence.pattern.missing.len() == 1);
    let accuracy = |absence: &&Absence| format!("{} it is {}", absence.name, percent(absence.pattern.scores.accuracy));
    let listed = |absence: &&Absence| format!("{} {}", absence.name, percent(absence.pattern.scores.accuracy));
    titled(&MissingFeaturesText {
        all: evaluation.scores.accuracy,
        largest: single.first().map(|first| (first.name.clone(), first.roc_auc_lost)),
        single: single.iter().take(MAX_NAMED).map(accuracy).collect(),
        several: several.iter().map(listed).collect(),
    })
}
