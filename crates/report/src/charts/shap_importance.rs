//! How far each feature pushes the answer, on average.

use super::bars::{self, Bar};
use super::layout::{ChartPlan, PAGE_WIDTH};
use super::theme::{ACCENT, IDLE};
use super::{Chart, ChartEntry};
use crate::format::{capitalise, count, list};
use crate::phrases::explanations::{contribution, of_rows};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::explain::global::{Explanations, FeatureShap};

/// Features that the title names.
const MAX_TITLE_FEATURES: usize = 3;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "shap_importance",
    part: PagePart::Contributions,
    tables: &["importance_measures"],
    source: ContentSource::Report(|findings| findings.report.explanations.as_ref().map(shap_importance)),
};

/// Bars of the mean absolute contributions, greatest first.
pub(super) fn shap_importance(explanations: &Explanations) -> Result<Chart> {
    let shap = &explanations.shap;
    let each =
        shap.features.iter().map(|one| format!("{} {}", one.feature, contribution(one.mean_absolute, shap.scale)));
    let plan = ChartPlan {
        name: CHART.name,
        title: title(&shap.features),
        subtitle: format!(
            "Mean of the absolute Shapley values on {} {}, in {}",
            count(shap.rows),
            of_rows(explanations.basis),
            shap.scale.name()
        ),
        legend: Vec::new(),
        caption: format!(
            "Mean absolute Shapley value of each feature over {} {} (TreeSHAP, path-dependent), in {}. The \
             contributions of a track add up to its prediction minus the mean prediction.",
            count(shap.rows),
            of_rows(explanations.basis),
            shap.scale.name()
        ),
        description: format!("Bar chart of mean absolute contributions: {}.", each.collect::<Vec<_>>().join(", ")),
        width: PAGE_WIDTH,
        height: bars::height(shap.features.len()),
    };
    let bar = |one: &FeatureShap| Bar {
        name: one.feature.name().to_owned(),
        value: one.mean_absolute,
        text: contribution(one.mean_absolute, shap.scale),
        mark: None,
        colour: if one.mean_absolute > 0.0 { ACCENT } else { IDLE },
        hollow: one.mean_absolute.is_nan() || one.mean_absolute <= 0.0,
    };
    let rows: Vec<Bar> = shap.features.iter().map(bar).collect();
    let axis_title = format!("mean absolute contribution ({})", shap.scale.name());
    plan.draw_also_narrow(bars::height(shap.features.len()), |canvas, body| {
        bars::draw(canvas, body, &rows, &axis_title, |tick| tick)
    })
}

fn title(features: &[FeatureShap]) -> String {
    let names: Vec<&str> = features
        .iter()
        .filter(|one| one.mean_absolute > 0.0)
        .take(MAX_TITLE_FEATURES)
        .map(|one| one.feature.name())
        .collect();
    match names.len() {
        0 => "No feature changes the prediction".to_owned(),
        1 => format!("Only {} changes the prediction", capitalise(names[0])),
        _ => format!("{} change the predictions most", capitalise(&list(&names))),
    }
}
