//! What a model loses where features are missing.

use crate::Report;
use hitflop_core::track::Feature;
use hitflop_model::missing::{pattern_name, MissingPattern};

/// What is lost with a set of features.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Absence<'a> {
    /// The set, with its scores.
    pub(crate) pattern: &'a MissingPattern,
    /// What a track is that lacks it: `Spotify's audio features`, `without key`.
    pub(crate) name: String,
    /// Accuracy with all features minus that without these.
    pub(crate) accuracy_lost: f64,
    /// The same of the ROC AUC.
    pub(crate) roc_auc_lost: f64,
}

/// What is lost with each set, most ROC AUC first; nothing where it was not measured.
pub(crate) fn absences(report: &Report) -> Vec<Absence<'_>> {
    let Some(evaluation) = &report.evaluation else { return Vec::new() };
    let (scores, features) = (&evaluation.scores, &evaluation.features);
    let absence = |pattern| named(pattern, features, (scores.accuracy, scores.roc_auc));
    let mut absences: Vec<Absence> = report.missing_features.iter().map(absence).collect();
    absences.sort_by(|a, b| b.roc_auc_lost.total_cmp(&a.roc_auc_lost));
    absences
}

fn named<'a>(pattern: &'a MissingPattern, features: &[Feature], (accuracy, roc_auc): (f64, f64)) -> Absence<'a> {
    let missing = pattern.missing.features();
    let name = match missing.as_slice() {
        [feature] => format!("without {}", feature.in_words()),
        _ => pattern_name(features, pattern.missing).unwrap_or_else(|| format!("without {} features", missing.len())),
    };
    Absence {
        pattern,
        name,
        accuracy_lost: accuracy - pattern.scores.accuracy,
        roc_auc_lost: roc_auc - pattern.scores.roc_auc,
    }
}
