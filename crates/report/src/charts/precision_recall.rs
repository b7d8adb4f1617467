//! The precision-recall curve of a model.

use super::axis::percent;
use super::canvas::{Canvas, Frame, PixelPoint};
use super::layout::{ChartPlan, LegendEntry, Mark};
use super::panel;
use super::roc::{MODEL_HEIGHT, MODEL_WIDTH, NARROW_MODEL_HEIGHT};
use super::theme::{ACCENT, INK, MUTED};
use super::unit_square::UnitSquare;
use super::{Chart, ChartEntry};
use crate::format::{count, fixed};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::probabilities::ProbabilityQuality;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "precision_recall_curve",
    part: PagePart::Threshold,
    tables: &["precision_recall_curve"],
    source: ContentSource::Report(|findings| findings.report.probabilities.as_ref().map(precision_recall)),
};

/// Precision over recall, what calling all tracks hits would give, and the point of the threshold that the model answers by.
pub(super) fn precision_recall(probabilities: &ProbabilityQuality) -> Result<Chart> {
    let plan = ChartPlan {
        name: CHART.name,
        title: title(probabilities),
        subtitle: format!("{} test tracks, at every threshold", count(probabilities.test.rows)),
        legend: legend(probabilities),
        caption: format!(
            "Precision-recall curve of the final model on {} test tracks: precision and recall at every threshold. \
             Predicting all tracks as hits has recall 1 and precision {}.",
            count(probabilities.test.rows),
            percent(probabilities.hit_share, 1)
        ),
        description: format!("Precision-recall curve; {}.", at_threshold(probabilities)),
        width: MODEL_WIDTH,
        height: MODEL_HEIGHT,
    };
    plan.draw_also_narrow(NARROW_MODEL_HEIGHT, |canvas, body| draw(canvas, body, probabilities))
}

fn title(probabilities: &ProbabilityQuality) -> String {
    let (recall, precision) = (probabilities.test.chosen.recall, probabilities.test.chosen.precision);
    match precision {
        Some(precision) => format!("Recall is {}, precision is {}", percent(recall, 0), percent(precision, 0)),
        None => "At its threshold the model predicts no hit".to_owned(),
    }
}

fn at_threshold(probabilities: &ProbabilityQuality) -> String {
    let chosen = &probabilities.test.chosen;
    let precision = chosen.precision.map_or("none".to_owned(), |precision| percent(precision, 0));
    format!("threshold {}: recall {}, precision {precision}", fixed(chosen.threshold, 3), percent(chosen.recall, 0))
}

fn legend(probabilities: &ProbabilityQuality) -> Vec<LegendEntry> {
    vec![
        (Mark::Line(ACCENT), "final model".to_owned()),
        (Mark::Dashes(MUTED), format!("share of hits ({})", percent(probabilities.hit_share, 0))),
        (Mark::Point(INK), at_threshold(probabilities)),
    ]
}

fn draw(canvas: &Canvas, body: Frame, probabilities: &ProbabilityQuality) -> Result<()> {
    let precision_title = "precision: share of hits among predicted hits";
    let square = UnitSquare::draw(canvas, body, "recall: share of hits predicted as hits", precision_title)?;
    let plot = square.plot;
    if probabilities.hit_share.is_finite() {
        let y = square.vertical.px(probabilities.hit_share);
        canvas.dashes((plot.left, y), (plot.right, y), 6.0, MUTED, 1.4)?;
    }
    let curve = curve(probabilities, &square);
    let corners: Vec<PixelPoint> =
        curve.last().into_iter().chain(curve.first()).map(|end| (end.0, plot.bottom)).collect();
    square.draw_area(canvas, &curve, &corners)?;
    let called = probabilities.precision_recall.iter().filter(|point| point.threshold.is_some());
    let mut points: Vec<(f64, f64)> = called.map(|point| (point.recall, point.precision)).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    square.read(canvas, |recall| {
        let precision = panel::interpolated(&points, recall)?;
        Some(format!("recall {}\nprecision: {}", percent(recall, 1), percent(precision, 1)))
    });
    match probabilities.test.chosen.precision {
        Some(precision) if precision.is_finite() => {
            let point = (square.horizontal.px(probabilities.test.chosen.recall), square.vertical.px(precision));
            canvas.disc(point, 5.0, INK)
        }
        _ => Ok(()),
    }
}

/// Without the point at which no track is predicted as a hit, whose precision is a convention.
fn curve(probabilities: &ProbabilityQuality, square: &UnitSquare) -> Vec<PixelPoint> {
    let called = probabilities.precision_recall.iter().filter(|point| point.threshold.is_some());
    square.curve(called.map(|point| (point.recall, point.precision)))
}
