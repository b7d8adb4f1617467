//! What is lost with features that are missing, in words.

use super::Finding;
use crate::findings::absence::{absences, Absence};
use crate::format::{capitalise, fixed, list, percent};
use crate::Report;

/// What tracks lose that lack features; empty where that was not measured.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    let absences = absences(report);
    let Some(evaluation) = &report.evaluation else { return Vec::new() };
    if absences.is_empty() {
        return Vec::new();
    }
    let (single, several): (Vec<&Absence>, Vec<&Absence>) =
        absences.iter().partition(|absence| absence.pattern.missing.len() == 1);
    let accuracy = |absence: &Absence| format!("{} {}", absence.name, percent(absence.pattern.scores.accuracy));
    let all = percent(evaluation.scores.accuracy);
    let mut findings = vec![Finding {
        title: "A model for what is known".to_owned(),
        text: "Tracks that lack features are answered by models that were fitted to the training rows with features hidden at \
               random: one for tracks without the decade, one for other tracks, and one for tracks that lack many features. Each set below has a calibration and a threshold of \
               its own, chosen on training rows. A missing feature contributes what not knowing it means to the answer."
            .to_owned(),
    }];
    let costly: Vec<String> = single.iter().take(3).map(|absence| accuracy(absence)).collect();
    if let (Some(first), false) = (single.first(), costly.is_empty()) {
        findings.push(Finding {
            title: format!("{} most is lost", capitalise(&first.name)),
            text: format!(
                "With all features {all} of the answers on the test rows are right: {}. The ROC AUC falls by {} for the first of them.",
                list(&costly),
                fixed(first.roc_auc_lost, 3)
            ),
        });
    }
    let several: Vec<String> = several.iter().map(|absence| accuracy(absence)).collect();
    if !several.is_empty() {
        findings.push(Finding {
            title: "What providers give".to_owned(),
            text: format!("Share of right answers to tracks with less than all features: {}.", list(&several)),
        });
    }
    findings
}
