//! The ROC curve of a model.

use super::axis::{percent, ChartAxis, Tick};
use super::canvas::{style, Anchor, Canvas, Frame, PixelPoint};
use super::layout::{ChartPlan, LegendEntry, Mark, AREA_OPACITY};
use super::panel;
use super::theme::{ACCENT, INK, LABEL, MUTED};
use super::{Chart, ChartEntry};
use crate::format::{self, fixed};
use crate::phrases::models::subject;
use crate::registry::{PagePart, Source};
use hitflop_core::error::Result;
use hitflop_metrics::curves;
use hitflop_model::evaluation::{Confusion, Evaluation};

/// Width of the charts of a model, two of which stand side by side on a page.
pub const MODEL_WIDTH: u32 = 560;
/// Height of their pictures.
pub const MODEL_HEIGHT: f64 = 470.0;
/// Points of the curve that are closer than this, in pixels, are drawn as one.
const RESOLUTION: f64 = 0.3;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "roc_curve",
    part: PagePart::FinalModel,
    source: Source::Report(|findings| findings.report.evaluation.as_ref().map(roc)),
};

/// ROC curve with the area under it, the diagonal of chance, and the point of the threshold that the model answers by.
pub(super) fn roc(evaluation: &Evaluation) -> Result<Chart> {
    let plan = ChartPlan {
        name: CHART.name,
        title: title(evaluation),
        subtitle: format!("{}; {} test tracks", evaluation.hold_out.protocol(), format::count(evaluation.test_rows)),
        legend: legend(evaluation),
        caption: format!(
            "ROC curve of the final model ({}) on {} test tracks ({}). The area under it, {}, is the share of pairs of a hit and a flop in which \
             the hit has the higher probability, a pair of equal probability counted half.",
            evaluation.params.describe(),
            format::count(evaluation.test_rows),
            evaluation.hold_out.protocol(),
            fixed(evaluation.scores.roc_auc, 3)
        ),
        description: format!("ROC curve; area under the curve {}.", fixed(evaluation.scores.roc_auc, 3)),
        width: MODEL_WIDTH,
        height: MODEL_HEIGHT,
    };
    plan.draw(|canvas, body| draw(canvas, body, evaluation))
}

fn legend(evaluation: &Evaluation) -> Vec<LegendEntry> {
    let auc = fixed(evaluation.scores.roc_auc, 3);
    let curve = (Mark::Line(ACCENT), format!("{} (AUC {auc})", evaluation.params.kind().in_words()));
    let chance = (Mark::Dashes(MUTED), "chance (AUC 0.500)".to_owned());
    let threshold = rates(&evaluation.confusion).map(|(wrongly, found)| {
        let threshold = fixed(evaluation.threshold, 2);
        let words = format!(
            "threshold {threshold}: {} of the hits and {} of the flops called hits",
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
            "{}: no ROC curve, for one label is missing",
            evaluation.params.kind().in_words()
        )),
    }
}

/// Shares of flops and of hits called hits.
pub fn rates(confusion: &Confusion) -> Option<(f64, f64)> {
    let (flops, hits) =
        (confusion.true_negatives + confusion.false_positives, confusion.true_positives + confusion.false_negatives);
    (flops > 0 && hits > 0)
        .then(|| (confusion.false_positives as f64 / flops as f64, confusion.true_positives as f64 / hits as f64))
}

fn draw(canvas: &Canvas, body: Frame, evaluation: &Evaluation) -> Result<()> {
    let plot =
        Frame { left: body.left + 58.0, top: body.top + 6.0, right: body.right - 6.0, bottom: body.bottom - 44.0 };
    let horizontal = ChartAxis::linear(0.0, 1.0, plot.left, plot.right);
    let vertical = ChartAxis::linear(0.0, 1.0, plot.bottom, plot.top);
    let ticks: Vec<Tick> =
        (0..=5).map(|fifth| f64::from(fifth) / 5.0).map(|value| Tick { value, label: percent(value, 0) }).collect();
    panel::horizontal_grid(canvas, plot, &vertical, &ticks)?;
    panel::vertical_grid(canvas, plot, &horizontal, &ticks)?;
    axis_titles(canvas, body, plot)?;
    canvas.dashes((plot.left, plot.bottom), (plot.right, plot.top), 6.0, MUTED, 1.4)?;
    let curve = curve(evaluation, &horizontal, &vertical);
    if curve.len() > 1 {
        let corner = (plot.right, plot.bottom);
        let outline: Vec<PixelPoint> = curve.iter().copied().chain([corner]).collect();
        canvas.shape(&outline, ACCENT, AREA_OPACITY)?;
        canvas.line(&curve, ACCENT, 2.4)?;
    }
    panel::ground(canvas, plot)?;
    if let Some((false_positive_rate, true_positive_rate)) = rates(&evaluation.confusion) {
        canvas.disc((horizontal.px(false_positive_rate), vertical.px(true_positive_rate)), 5.0, INK)?;
    }
    Ok(())
}

fn axis_titles(canvas: &Canvas, body: Frame, plot: Frame) -> Result<()> {
    let centre = ((plot.left + plot.right) / 2.0, (plot.top + plot.bottom) / 2.0);
    canvas.text("share of flops called hits", (centre.0, body.bottom - 4.0), style(LABEL, MUTED, Anchor::Middle))?;
    canvas.text_upwards("share of hits called hits", (body.left + 10.0, centre.1), style(LABEL, MUTED, Anchor::Middle))
}

fn curve(evaluation: &Evaluation, horizontal: &ChartAxis, vertical: &ChartAxis) -> Vec<PixelPoint> {
    let finite = evaluation
        .roc
        .iter()
        .filter(|point| point.false_positive_rate.is_finite() && point.true_positive_rate.is_finite());
    thinned(finite.map(|point| (horizontal.px(point.false_positive_rate), vertical.px(point.true_positive_rate))))
}

/// A curve in pixels without points too close to be seen apart.
pub fn thinned(points: impl Iterator<Item = PixelPoint>) -> Vec<PixelPoint> {
    curves::thinned(points, |before, point| (point.0 - before.0).hypot(point.1 - before.1) >= RESOLUTION)
}
