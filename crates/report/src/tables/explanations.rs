//! What each feature is worth, by four measures.

use super::{Cell, Table};
use crate::findings::measures::{Measure, Measures};
use crate::format::fixed;
use hitflop_core::track::Feature;

/// One row a feature, the greatest contribution first; a measure has its value, and permutation half the width of its interval.
pub fn measures(measures: &Measures) -> Table {
    let columns = [
        ("feature", "Feature"),
        ("mutual_information", "Mutual information (nats)"),
        ("splits", "Share of the splits"),
        ("permutation_roc_auc", "Loss of ROC AUC"),
        ("permutation_half_width", "± (95 %)"),
        ("mean_absolute_shap", "Mean |Shapley value|"),
    ];
    let row = |feature: Feature| {
        let worth = |measure| measures.worth(measure, feature);
        let number = |value: Option<f64>| {
            let value = value.unwrap_or(f64::NAN);
            Cell::number(value, fixed(value, 4))
        };
        let permutation = worth(Measure::Permutation);
        vec![
            Cell::code(feature.name()),
            number(worth(Measure::MutualInformation).map(|worth| worth.value)),
            number(worth(Measure::Splits).map(|worth| worth.value)),
            number(permutation.map(|worth| worth.value)),
            number(permutation.and_then(|worth| worth.half_width)),
            number(worth(Measure::Shap).map(|worth| worth.value)),
        ]
    };
    let caption = format!(
        "What each feature is worth by four measures: mutual information with the label ({}), splits ({}), permutation ({}), \
         Shapley values ({}).",
        measures.note(Measure::MutualInformation),
        measures.note(Measure::Splits),
        measures.note(Measure::Permutation),
        measures.note(Measure::Shap)
    );
    Table::new("importance_measures", caption, &columns).rows(measures.features().into_iter().map(row))
}
