//! What is lost with features that are missing.

use super::axis::Tick;
use super::bars::{self, Bar};
use super::layout::{ChartPlan, PAGE_WIDTH};
use super::theme::{ACCENT, IDLE};
use super::{Chart, ChartEntry};
use crate::findings::absence::{absences, Absence};
use crate::format::{capitalise, fixed};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "missing_features",
    part: PagePart::MissingFeatures,
    tables: &["missing_features"],
    source: ContentSource::Report(|findings| {
        let absences = absences(findings.report);
        (!absences.is_empty()).then(|| missing_features(&absences))
    }),
};

/// Bars of the ROC AUC that is lost without features, most first.
fn missing_features(absences: &[Absence]) -> Result<Chart> {
    let each = absences.iter().map(|absence| format!("{} {}", absence.name, lost(absence)));
    let plan = ChartPlan {
        name: CHART.name,
        title: title(absences),
        subtitle: "ROC AUC with all features minus ROC AUC without the feature, on the same test rows".to_owned(),
        legend: Vec::new(),
        caption: "Loss for tracks without certain features: the features are hidden in all test rows, and the model \
                  for such tracks predicts them."
            .to_owned(),
        description: format!("Bar chart of the ROC AUC lost: {}.", each.collect::<Vec<_>>().join(", ")),
        width: PAGE_WIDTH,
        height: bars::height(absences.len()),
    };
    let rows: Vec<Bar> = absences.iter().map(bar).collect();
    plan.draw_also_narrow(bars::height(absences.len()), |canvas, body| {
        bars::draw(canvas, body, &rows, "ROC AUC lost", |tick: Tick| tick)
    })
}

fn bar(absence: &Absence) -> Bar {
    let loses = absence.roc_auc_lost > 0.0;
    Bar {
        name: capitalise(&absence.name),
        value: if loses { absence.roc_auc_lost } else { 0.0 },
        text: lost(absence),
        mark: None,
        colour: if loses { ACCENT } else { IDLE },
        hollow: !loses,
    }
}

fn lost(absence: &Absence) -> String {
    match absence.roc_auc_lost {
        lost if lost.is_nan() => "unknown".to_owned(),
        lost if lost < 0.0005 => "nothing".to_owned(),
        lost => fixed(lost, 3),
    }
}

fn title(absences: &[Absence]) -> String {
    let single = absences.iter().find(|absence| absence.pattern.missing.len() == 1 && absence.roc_auc_lost > 0.0);
    match single {
        Some(absence) => format!(
            "{} the ROC\u{a0}AUC falls by {}, the largest loss of a single feature",
            capitalise(&absence.name),
            fixed(absence.roc_auc_lost, 3)
        ),
        None => "No single missing feature lowers the ROC\u{a0}AUC".to_owned(),
    }
}
