//! What a model draws on.

use super::axis::{percent, Tick};
use super::bars::{self, Bar};
use super::layout::{ChartPlan, PAGE_WIDTH};
use super::theme::{ACCENT, IDLE};
use super::{Chart, ChartEntry};
use crate::format::{capitalise, list};
use crate::phrases::models::{importance as measure, importance_in_words, subject};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::evaluation::{Evaluation, Importance};

/// Least share that the title speaks of.
const MAIN_SHARE: f64 = 0.1;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "feature_importances",
    part: PagePart::FinalModel,
    tables: &["importances"],
    source: ContentSource::Report(|findings| findings.report.evaluation.as_ref().map(importances)),
};

/// Bars of the features' shares of the impurity decrease, or of the gain, greatest first.
pub(super) fn importances(evaluation: &Evaluation) -> Result<Chart> {
    let mut importances = evaluation.importances.clone();
    importances.sort_by(|a, b| b.share.total_cmp(&a.share));
    let each = importances.iter().map(|importance| format!("{} {}", importance.feature, share(importance)));
    let description = format!("Bar chart of importances: {}.", each.collect::<Vec<_>>().join(", "));
    let plan = ChartPlan {
        name: CHART.name,
        title: title(evaluation, &importances),
        subtitle: format!(
            "Share of the {} ({}) by feature; the shares sum to 100 %",
            measure(evaluation.params.kind()),
            importance_in_words(evaluation.params.kind())
        ),
        legend: Vec::new(),
        caption: format!(
            "Importances of the final model ({}): shares of the {}. They favour features with many distinct values; \
             correlated features share their importance.",
            evaluation.params.describe(),
            measure(evaluation.params.kind())
        ),
        description,
        width: PAGE_WIDTH,
        height: bars::height(importances.len()),
    };
    let rows: Vec<Bar> = importances.iter().map(bar).collect();
    let tick = |tick: Tick| Tick { label: percent(tick.value, 0), ..tick };
    let axis_title = format!("share of the {}", measure(evaluation.params.kind()));
    plan.draw_also_narrow(bars::height(importances.len()), |canvas, body| {
        bars::draw(canvas, body, &rows, &axis_title, tick)
    })
}

fn bar(importance: &Importance) -> Bar {
    let idle = is_idle(importance);
    Bar {
        name: importance.feature.name().to_owned(),
        value: importance.share,
        text: share(importance),
        mark: None,
        colour: if idle { IDLE } else { ACCENT },
        hollow: idle,
    }
}

fn is_idle(importance: &Importance) -> bool {
    importance.share.is_nan() || importance.share <= 0.0
}

/// The share in words; what is used at all is never said to be 0 %.
fn share(importance: &Importance) -> String {
    match importance.share {
        _ if is_idle(importance) => "not used".to_owned(),
        share if share < 0.0005 => format!("under {}", percent(0.001, 1)),
        share => percent(share, 1),
    }
}

fn title(evaluation: &Evaluation, importances: &[Importance]) -> String {
    let main: Vec<&Importance> =
        importances.iter().filter(|importance| importance.share >= MAIN_SHARE).take(3).collect();
    let names: Vec<&str> = main.iter().map(|importance| importance.feature.name()).collect();
    let share: f64 = main.iter().map(|importance| importance.share).sum();
    let model = capitalise(&subject(evaluation.params.kind()));
    match names.len() {
        0 => format!("{model} uses no feature"),
        _ => format!("{model} relies most on {} ({} of the importance)", list(&names), percent(share, 0)),
    }
}
