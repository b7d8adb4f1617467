//! Importance of each feature by four measures.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::findings::measures::{ImportanceMeasure, ImportanceMeasures};
use crate::format::fixed;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::track::Feature;

pub(super) const IMPORTANCE_MEASURES: TableEntry = TableEntry {
    name: "importance_measures",
    part: PagePart::ImportanceMeasures,
    display: Display::Folded,
    page: ContentSource::Report(|findings| findings.derived.measures.as_ref().map(measures)),
    file: TableFile::Page,
};

/// One row a feature, the greatest contribution first; a measure has its value, and permutation half the width of its interval.
fn measures(measures: &ImportanceMeasures) -> ReportTable {
    let columns = [
        ("feature", "Feature"),
        ("mutual_information", "Mutual information (nats)"),
        ("splits", "Share of the splits"),
        ("permutation_roc_auc", "Loss of ROC AUC"),
        ("permutation_half_width", "± (95 %)"),
        ("mean_absolute_shap", "Mean |Shapley value|"),
    ];
    let row = |feature: Feature| {
        let importance = |measure| measures.importance(measure, feature);
        let number = |value: Option<f64>| {
            let value = value.unwrap_or(f64::NAN);
            TableCell::number(value, fixed(value, 4))
        };
        let permutation = importance(ImportanceMeasure::Permutation);
        vec![
            TableCell::code(feature.name()),
            number(importance(ImportanceMeasure::MutualInformation).map(|importance| importance.value)),
            number(importance(ImportanceMeasure::Splits).map(|importance| importance.value)),
            number(permutation.map(|importance| importance.value)),
            number(permutation.and_then(|importance| importance.half_width)),
            number(importance(ImportanceMeasure::Shap).map(|importance| importance.value)),
        ]
    };
    let caption = format!(
        "Four importance measures: mutual information with the label ({}), splits ({}), permutation ({}), Shapley \
         values ({}).",
        measures.note(ImportanceMeasure::MutualInformation),
        measures.note(ImportanceMeasure::Splits),
        measures.note(ImportanceMeasure::Permutation),
        measures.note(ImportanceMeasure::Shap)
    );
    ReportTable::new(IMPORTANCE_MEASURES.name, caption, &columns).rows(measures.features().into_iter().map(row))
}
