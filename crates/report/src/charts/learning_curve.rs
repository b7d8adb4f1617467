//! Scores over the number of training rows.

use super::axis::{ChartAxis, Tick};
use super::canvas::{style, Anchor, Canvas, Frame, PixelPoint};
use super::layout::{ChartPlan, Mark};
use super::panel;
use super::theme::{ACCENT, IDLE, INK, MUTED, TICK};
use super::{Chart, ChartEntry};
use crate::format::{count, fixed, plural, signed};
use crate::phrases::validation::{group_noun, GroupNoun};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::validation::learning_curve::{CurvePoint, LearningCurve};

const WIDTH: u32 = 760;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 46.0;
/// Room for tick labels and the axis title.
const BELOW: f64 = 44.0;
/// Room at the right for the last values.
const RIGHT: f64 = 56.0;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "learning_curve",
    part: PagePart::Robustness,
    tables: &["learning_curve"],
    source: ContentSource::Robustness(|robustness| {
        let noun = group_noun(robustness.schemes.has_artists);
        robustness.learning_curve.as_ref().map(|found| learning_curve(found, &noun))
    }),
};

/// Training and test score over the rows fitted on, whose axis is logarithmic.
pub(super) fn learning_curve(found: &LearningCurve, noun: &GroupNoun) -> Result<Chart> {
    let plan = ChartPlan {
        name: CHART.name,
        title: title(found, noun),
        subtitle: "ROC AUC by number of training tracks; each point has about twice as many as the one before"
            .to_owned(),
        legend: vec![
            (Mark::Ring(IDLE), "training tracks".to_owned()),
            (Mark::Disc(ACCENT), format!("on new {}", noun.many)),
        ],
        caption: format!(
            "ROC AUC of {} by number of training tracks, added by whole groups; {}, mean of {}. The scale does not \
             begin at 0.",
            found.params.describe(),
            plural(found.test_rows.round() as u64, "test track", "test tracks"),
            plural(found.curves, "curve", "curves"),
        ),
        description: description(found),
        width: WIDTH,
        height: HEIGHT,
    };
    plan.draw_also_narrow(HEIGHT, |canvas, body| draw(canvas, body, found))
}

fn title(found: &LearningCurve, noun: &GroupNoun) -> String {
    match (found.points.as_slice(), found.last_gain()) {
        ([.., before, last], Some(gain)) => format!(
            "From {} to {} training tracks, the ROC\u{a0}AUC for new {} changes from {} to {} ({})",
            count(before.train_rows.round() as u64),
            count(last.train_rows.round() as u64),
            noun.many,
            fixed(before.test_roc_auc, 3),
            fixed(last.test_roc_auc, 3),
            signed(gain, 3)
        ),
        _ => "Too few tracks for a learning curve".to_owned(),
    }
}

fn description(found: &LearningCurve) -> String {
    let each = found.points.iter().map(|point| {
        format!(
            "{} tracks: {} on training, {} on test",
            count(point.train_rows.round() as u64),
            fixed(point.train_roc_auc, 3),
            fixed(point.test_roc_auc, 3)
        )
    });
    format!("Two curves. {}.", each.collect::<Vec<_>>().join("; "))
}

/// Least distance of the two last values, so that they can both be read.
const MIN_LABEL_DISTANCE: f64 = 16.0;

/// The last values at the right of the plot, the higher one moved up where they would touch.
fn draw_last(canvas: &Canvas, plot: Frame, up: &ChartAxis, last: &CurvePoint) -> Result<()> {
    let mut values = [last.train_roc_auc, last.test_roc_auc];
    values.sort_by(f64::total_cmp);
    let mut above = f64::INFINITY;
    for value in values.into_iter().filter(|value| value.is_finite()) {
        let y = up.px(value).min(above - MIN_LABEL_DISTANCE);
        canvas.text(&fixed(value, 3), (plot.right + 8.0, y + 4.0), style(TICK, INK, Anchor::Start))?;
        above = y;
    }
    Ok(())
}

fn draw(canvas: &Canvas, body: Frame, found: &LearningCurve) -> Result<()> {
    let plot = Frame { left: body.left + LEFT, right: body.right - RIGHT, bottom: body.bottom - BELOW, ..body };
    if found.points.is_empty() {
        return panel::nothing_to_show(canvas, plot);
    }
    let rows: Vec<f64> = found.points.iter().map(|point| point.train_rows).collect();
    let (least, most) = (rows[0], rows[rows.len() - 1]);
    let across = ChartAxis::log(least / 1.12, most * 1.12, plot.left, plot.right);
    let values = found.points.iter().flat_map(|point| [point.train_roc_auc, point.test_roc_auc]);
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let air = (high - low) * 0.08;
    let up = ChartAxis::linear(low - air, (high + air).min(1.0).max(high), plot.bottom, plot.top);
    panel::horizontal_grid(canvas, plot, &up, &up.ticks(6))?;
    let ticks: Vec<Tick> = across.ticks_that_fit(TICK, 8);
    panel::vertical_grid(canvas, plot, &across, &ticks)?;
    panel::marks(canvas, plot, &across, &across.log_marks())?;
    let curve = |of: fn(&CurvePoint) -> f64| -> Vec<PixelPoint> {
        let finite = found.points.iter().filter(|point| of(point).is_finite());
        finite.map(|point| (across.px(point.train_rows), up.px(of(point)))).collect()
    };
    let (train, test) = (curve(|point| point.train_roc_auc), curve(|point| point.test_roc_auc));
    canvas.line(&train, IDLE, 2.0)?;
    canvas.line(&test, ACCENT, 2.6)?;
    for point in &train {
        canvas.ring(*point, 4.2, IDLE, 1.8)?;
    }
    for point in &test {
        canvas.disc(*point, 4.4, ACCENT)?;
    }
    let places: Vec<f64> = rows.iter().map(|rows| across.px(*rows)).collect();
    panel::strips(canvas, plot, &places, |at| {
        let point = &found.points[at];
        let tracks = count(point.train_rows.round() as u64);
        let [train, test] = [point.train_roc_auc, point.test_roc_auc].map(|score| fixed(score, 3));
        format!("{tracks} training tracks\nROC AUC in training: {train}\nin test: {test}")
    });
    draw_last(canvas, plot, &up, &found.points[found.points.len() - 1])?;
    panel::ground(canvas, plot)?;
    let middle = ((plot.left + plot.right) / 2.0, plot.bottom + 38.0);
    canvas.text("training tracks (logarithmic)", middle, style(TICK, MUTED, Anchor::Middle))
}
