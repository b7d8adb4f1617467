//! The ROC curve of a model.

use super::axis::percent;
use super::canvas::{Canvas, Frame};
use super::layout::{ChartPlan, LegendEntry, Mark};
use super::panel;
use super::theme::{ACCENT, INK, MUTED};
use super::unit_square::UnitSquare;
use super::{Chart, ChartEntry};
use crate::format::{self, fixed};
use crate::phrases::models::subject;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::evaluation::{Confusion, Evaluation};

/// Width of the charts of a model, two of which are side by side on a page.
pub(crate) const MODEL_WIDTH: u32 = 560;
/// Height of their pictures.
pub(crate) const MODEL_HEIGHT: f64 = 470.0;
/// Height of the same for narrow screens.
pub(crate) const NARROW_MODEL_HEIGHT: f64 = 350.0;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "roc_curve",
    part: PagePart::FinalModel,
    tables: &["roc_curve"],
    source: ContentSource::Report(|findings| findings.report.evaluation.as_ref().map(roc)),
};

/// ROC curve with the area under it, the diagonal of chance, and the point of the threshold that the model answers by.
pub(super) fn roc(evaluation: &Evaluation) -> Result<Chart> {
    let plan = ChartPlan {
        name: CHART.name,
        title: title(evaluation),
        subtitle: format!("{}; {} test tracks", evaluation.hold_out.description(), format::count(evaluation.test_rows)),
        legend: legend(evaluation),
        caption: format!(
            "ROC curve of the final model ({}) on {} test tracks ({}). The area under it is {}.",
            evaluation.params.describe(),
            format::count(evaluation.test_rows),
            evaluation.hold_out.description(),
            fixed(evaluation.scores.roc_auc, 3)
        ),
        description: format!("ROC curve; area under the curve {}.", fixed(evaluation.scores.roc_auc, 3)),
        width: MODEL_WIDTH,
        height: MODEL_HEIGHT,
    };
    plan.draw_also_narrow(NARROW_MODEL_HEIGHT, |canvas, body| draw(canvas, body, evaluation))
}

fn legend(evaluation: &Evaluation) -> Vec<LegendEntry> {
    let auc = fixed(evaluation.scores.roc_auc, 3);
    let curve = (Mark::Line(ACCENT), format!("{} (AUC {auc})", evaluation.params.kind().in_words()));
    let chance = (Mark::Dashes(MUTED), "chance (AUC 0.500)".to_owned());
    let threshold = rates(&evaluation.confusion).map(|(wrongly, found)| {
        let threshold = fixed(evaluation.threshold, 3);
        let words = format!(
            "threshold {threshold}: {} of the hits and {} of the flops predicted as hits",
            percent(found, 0),
            percent(wrongly, 0)
        );
        (Mark::Point(INK), words)
    });
    [curve, chance].into_iter().chain(threshold).collect()
}

fn title(evaluation: &Evaluation) -> String {
    let auc = evaluation.scores.roc_auc;
    match auc.is_finite() {
        true => {
            let model = format::capitalise(&subject(evaluation.params.kind()));
            format!("{model} ranks a hit above a flop in {} of pairs, ties counted half", percent(auc, 0))
        }
        false => format::capitalise(&format!(
            "{}: no ROC curve, because one label is missing",
            evaluation.params.kind().in_words()
        )),
    }
}

/// Shares of flops and of hits called hits.
pub(crate) fn rates(confusion: &Confusion) -> Option<(f64, f64)> {
    let (flops, hits) =
        (confusion.true_negatives + confusion.false_positives, confusion.true_positives + confusion.false_negatives);
    (flops > 0 && hits > 0)
        .then(|| (confusion.false_positives as f64 / flops as f64, confusion.true_positives as f64 / hits as f64))
}

fn draw(canvas: &Canvas, body: Frame, evaluation: &Evaluation) -> Result<()> {
    let square = UnitSquare::draw(canvas, body, "share of flops predicted as hits", "share of hits predicted as hits")?;
    let plot = square.plot;
    canvas.dashes((plot.left, plot.bottom), (plot.right, plot.top), 6.0, MUTED, 1.4)?;
    let points = evaluation.roc.iter().map(|point| (point.false_positive_rate, point.true_positive_rate));
    square.draw_area(canvas, &square.curve(points), &[(plot.right, plot.bottom)])?;
    let rates_of: Vec<(f64, f64)> =
        evaluation.roc.iter().map(|point| (point.false_positive_rate, point.true_positive_rate)).collect();
    square.read(canvas, |flops| {
        let hits = panel::interpolated(&rates_of, flops)?;
        Some(format!("{} of the flops\nhits: {}", percent(flops, 1), percent(hits, 1)))
    });
    if let Some((false_positive_rate, true_positive_rate)) = rates(&evaluation.confusion) {
        let point = (square.horizontal.px(false_positive_rate), square.vertical.px(true_positive_rate));
        canvas.disc(point, 5.0, INK)?;
    }
    Ok(())
}
