//! What is lost with features that are missing.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::findings::absence::{absences, Absence};
use crate::format::{capitalise, fixed, percent};
use crate::registry::{ContentSource, PagePart};
use crate::Report;

pub(super) const MISSING_FEATURES: TableEntry = TableEntry {
    name: "missing_features",
    part: PagePart::MissingFeatures,
    display: Display::Shown,
    page: ContentSource::Report(|findings| {
        (!findings.report.missing_features.is_empty()).then(|| missing_features(findings.report))
    }),
    file: TableFile::Page,
};

/// A row a set of features, those without which most is lost first.
fn missing_features(report: &Report) -> ReportTable {
    let columns = [
        ("features", "Features"),
        ("missing", "Missing"),
        ("accuracy", "Accuracy"),
        ("accuracy_lost", "Lost, in points"),
        ("roc_auc", "ROC AUC"),
        ("roc_auc_lost", "Lost"),
        ("expected_calibration_error", "Calibration error"),
        ("threshold", "Threshold"),
    ];
    let row = |absence: &Absence| {
        let (scores, decision) = (&absence.pattern.scores, &absence.pattern.decision);
        let missing: Vec<&str> = absence.pattern.missing.features().iter().map(|feature| feature.name()).collect();
        let number = |value: f64, text: String| TableCell::number(value, text);
        vec![
            TableCell::text(capitalise(&absence.name)),
            TableCell::code(missing.join(", ")),
            number(scores.accuracy, percent(scores.accuracy)),
            number(absence.accuracy_lost, fixed(absence.accuracy_lost * 100.0, 1)),
            number(scores.roc_auc, fixed(scores.roc_auc, 4)),
            number(absence.roc_auc_lost, fixed(absence.roc_auc_lost, 4)),
            number(scores.expected_calibration_error, fixed(scores.expected_calibration_error, 4)),
            number(decision.threshold, fixed(decision.threshold, 4)),
        ]
    };
    let caption = "Scores on the test rows with these features hidden, and the loss compared with all features. \
                   Calibration and threshold of each set were chosen on training rows with the same features hidden.";
    ReportTable::new(MISSING_FEATURES.name, caption, &columns).rows(absences(report).iter().map(row)).stacked()
}
