//! The precision-recall curve of a model.

use super::axis::{percent, ChartAxis, Tick};
use super::canvas::{style, Anchor, Canvas, Frame, PixelPoint};
use super::layout::{ChartPlan, LegendEntry, Mark, AREA_OPACITY};
use super::panel;
use super::roc::{thinned, MODEL_HEIGHT, MODEL_WIDTH};
use super::theme::{ACCENT, INK, LABEL, MUTED};
use super::{Chart, ChartEntry};
use crate::format::{count, fixed};
use crate::registry::{PagePart, Source};
use hitflop_core::error::Result;
use hitflop_model::probabilities::ProbabilityQuality;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "precision_recall_curve",
    part: PagePart::Threshold,
    source: Source::Report(|findings| findings.report.probabilities.as_ref().map(precision_recall)),
};

/// Precision over recall, what calling all tracks hits would give, and the point of the threshold that the model answers by.
pub(super) fn precision_recall(probabilities: &ProbabilityQuality) -> Result<Chart> {
    let plan = ChartPlan {
        name: CHART.name,
        title: title(probabilities),
        subtitle: format!("{} test tracks, at every threshold", count(probabilities.test.rows)),
        legend: legend(probabilities),
        caption: format!(
            "Precision-recall curve of the final model on {} test tracks: which share of the hits is found, and which share of the \
             tracks called hits are hits, at every threshold. Calling all tracks hits finds every hit with a precision of {}.",
            count(probabilities.test.rows),
            percent(probabilities.hit_share, 1)
        ),
        description: format!("Precision-recall curve; {}.", at_threshold(probabilities)),
        width: MODEL_WIDTH,
        height: MODEL_HEIGHT,
    };
    plan.draw(|canvas, body| draw(canvas, body, probabilities))
}

fn title(probabilities: &ProbabilityQuality) -> String {
    let (recall, precision) = (probabilities.test.chosen.recall, probabilities.test.chosen.precision);
    match precision {
        Some(precision) => format!(
            "{} of the hits are found, and {} of what is called a hit is one",
            percent(recall, 0),
            percent(precision, 0)
        ),
        None => "At its threshold the model calls no track a hit".to_owned(),
    }
}

fn at_threshold(probabilities: &ProbabilityQuality) -> String {
    let chosen = &probabilities.test.chosen;
    let precision = chosen.precision.map_or("none".to_owned(), |precision| percent(precision, 0));
    format!("threshold {}: recall {}, precision {precision}", fixed(chosen.threshold, 2), percent(chosen.recall, 0))
}

fn legend(probabilities: &ProbabilityQuality) -> Vec<LegendEntry> {
    vec![
        (Mark::Line(ACCENT), "final model".to_owned()),
        (Mark::Dashes(MUTED), format!("share of hits ({})", percent(probabilities.hit_share, 0))),
        (Mark::Point(INK), at_threshold(probabilities)),
    ]
}

fn draw(canvas: &Canvas, body: Frame, probabilities: &ProbabilityQuality) -> Result<()> {
    let plot =
        Frame { left: body.left + 58.0, top: body.top + 6.0, right: body.right - 6.0, bottom: body.bottom - 44.0 };
    let horizontal = ChartAxis::linear(0.0, 1.0, plot.left, plot.right);
    let vertical = ChartAxis::linear(0.0, 1.0, plot.bottom, plot.top);
    let ticks: Vec<Tick> =
        (0..=5).map(|fifth| f64::from(fifth) / 5.0).map(|value| Tick { value, label: percent(value, 0) }).collect();
    panel::horizontal_grid(canvas, plot, &vertical, &ticks)?;
    panel::vertical_grid(canvas, plot, &horizontal, &ticks)?;
    axis_titles(canvas, body, plot)?;
    if probabilities.hit_share.is_finite() {
        let y = vertical.px(probabilities.hit_share);
        canvas.dashes((plot.left, y), (plot.right, y), 6.0, MUTED, 1.4)?;
    }
    let curve = curve(probabilities, &horizontal, &vertical);
    if let (true, Some(first), Some(last)) = (curve.len() > 1, curve.first(), curve.last()) {
        let corners = [(last.0, plot.bottom), (first.0, plot.bottom)];
        let outline: Vec<PixelPoint> = curve.iter().copied().chain(corners).collect();
        canvas.shape(&outline, ACCENT, AREA_OPACITY)?;
        canvas.line(&curve, ACCENT, 2.4)?;
    }
    panel::ground(canvas, plot)?;
    match probabilities.test.chosen.precision {
        Some(precision) if precision.is_finite() => {
            let point = (horizontal.px(probabilities.test.chosen.recall), vertical.px(precision));
            canvas.disc(point, 5.0, INK)
        }
        _ => Ok(()),
    }
}

fn axis_titles(canvas: &Canvas, body: Frame, plot: Frame) -> Result<()> {
    let centre = ((plot.left + plot.right) / 2.0, (plot.top + plot.bottom) / 2.0);
    canvas.text(
        "recall: share of hits called hits",
        (centre.0, body.bottom - 4.0),
        style(LABEL, MUTED, Anchor::Middle),
    )?;
    let title = "precision: share of hits among what is called one";
    canvas.text_upwards(title, (body.left + 10.0, centre.1), style(LABEL, MUTED, Anchor::Middle))
}

/// Without the point at which no track is called a hit, whose precision is a convention.
fn curve(probabilities: &ProbabilityQuality, horizontal: &ChartAxis, vertical: &ChartAxis) -> Vec<PixelPoint> {
    let called = probabilities.precision_recall.iter().filter(|point| point.threshold.is_some());
    let finite = called.filter(|point| point.recall.is_finite() && point.precision.is_finite());
    thinned(finite.map(|point| (horizontal.px(point.recall), vertical.px(point.precision))))
}
