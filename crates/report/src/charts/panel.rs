//! What panels have in common: heading, ground line, grid lines and tick labels.

use super::axis::{ChartAxis, Tick};
use super::canvas::{fit, style, text_width, Anchor, Canvas, Frame};
use super::theme::{GRID, INK, MUTED, PANEL, TICK};
use hitflop_core::error::Result;

/// Room for a heading above a panel's plot.
pub(crate) const HEADING: f64 = 30.0;
/// Room for tick labels below a plot.
pub(crate) const TICK_LABELS: f64 = 22.0;
/// Length of a short mark at an axis.
const MARK: f64 = 4.0;

/// A bold heading at the left of a panel and at its right the first of `notes` that there is room for.
pub(crate) fn heading(canvas: &Canvas, panel: Frame, text: &str, notes: &[String]) -> Result<()> {
    let baseline = panel.top + 14.0;
    let text = fit(text, PANEL, panel.width());
    canvas.text(&text, (panel.left, baseline), style(PANEL, INK, Anchor::Start))?;
    let room = panel.width() - text_width(&text, PANEL) - 12.0;
    match notes.iter().find(|note| text_width(note, TICK) <= room) {
        Some(note) => canvas.text(note, (panel.right, baseline), style(TICK, MUTED, Anchor::End)),
        None => Ok(()),
    }
}

/// Grid lines across a plot at values of its vertical axis, labelled at the left.
pub(crate) fn horizontal_grid(canvas: &Canvas, plot: Frame, axis: &ChartAxis, ticks: &[Tick]) -> Result<()> {
    for tick in ticks {
        let y = axis.px(tick.value);
        canvas.line(&[(plot.left, y), (plot.right, y)], GRID, 1.0)?;
        canvas.text(&tick.label, (plot.left - 6.0, y + 4.0), style(TICK, MUTED, Anchor::End))?;
    }
    Ok(())
}

/// Grid lines up a plot at values of its horizontal axis, labelled below.
pub(crate) fn vertical_grid(canvas: &Canvas, plot: Frame, axis: &ChartAxis, ticks: &[Tick]) -> Result<()> {
    for tick in ticks {
        let x = axis.px(tick.value);
        canvas.line(&[(x, plot.top), (x, plot.bottom)], GRID, 1.0)?;
    }
    tick_labels(canvas, plot, axis, ticks)
}

/// Labels below a plot.
pub(crate) fn tick_labels(canvas: &Canvas, plot: Frame, axis: &ChartAxis, ticks: &[Tick]) -> Result<()> {
    for tick in ticks {
        let (x, room) = (axis.px(tick.value), text_width(&tick.label, TICK) / 2.0);
        let x = x.max(plot.left - 16.0 + room).min(plot.right + 12.0 - room);
        canvas.text(&tick.label, (x, plot.bottom + 18.0), style(TICK, MUTED, Anchor::Middle))?;
    }
    Ok(())
}

/// Short marks below a plot, as on a logarithmic axis.
pub(crate) fn marks(canvas: &Canvas, plot: Frame, axis: &ChartAxis, values: &[f64]) -> Result<()> {
    for value in values {
        let x = axis.px(*value);
        canvas.line(&[(x, plot.bottom), (x, plot.bottom + MARK)], MUTED, 1.0)?;
    }
    Ok(())
}

/// Most places of a curve that have a value.
const MAX_STRIPS: usize = 40;

/// Values of curves over one axis: strips of the plot's height, one for each of the ascending places, or for some of them where they are
/// many. `text` gets the index of a place.
pub(crate) fn strips(canvas: &Canvas, plot: Frame, places: &[f64], text: impl Fn(usize) -> String) {
    let step = places.len().div_ceil(MAX_STRIPS).max(1);
    let shown: Vec<usize> = (0..places.len()).skip(step / 2).step_by(step).collect();
    let border = |at: usize| (places[shown[at]] + places[shown[at + 1]]) / 2.0;
    for (at, index) in shown.iter().enumerate() {
        let left = if at == 0 { plot.left } else { border(at - 1) };
        let right = if at + 1 == shown.len() { plot.right } else { border(at) };
        canvas.value(Frame { left, right, ..plot }, text(*index));
    }
}

/// The value of a curve's points, which ascend, at a place between them; none outside of them.
pub(crate) fn interpolated(points: &[(f64, f64)], at: f64) -> Option<f64> {
    let after = points.partition_point(|point| point.0 < at);
    let (x, y) = *points.get(after)?;
    if x == at {
        return Some(y);
    }
    let (before, low) = *points.get(after.checked_sub(1)?)?;
    Some(low + (y - low) * (at - before) / (x - before))
}

/// The line below a plot.
pub(crate) fn ground(canvas: &Canvas, plot: Frame) -> Result<()> {
    canvas.line(&[(plot.left, plot.bottom), (plot.right, plot.bottom)], MUTED, 1.0)
}

/// The text in a plot that has nothing to show.
pub(crate) fn nothing_to_show(canvas: &Canvas, plot: Frame) -> Result<()> {
    message(canvas, plot, "no values")
}

/// A text in the middle of a plot, in place of a picture.
pub(crate) fn message(canvas: &Canvas, plot: Frame, text: &str) -> Result<()> {
    let middle = ((plot.left + plot.right) / 2.0, (plot.top + plot.bottom) / 2.0);
    canvas.text(text, middle, style(TICK, MUTED, Anchor::Middle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_between_two_points_is_on_the_line_between_them() {
        let curve = [(0.0, 0.0), (0.0, 0.5), (0.5, 0.75), (1.0, 1.0)];
        assert_eq!(interpolated(&curve, 0.25), Some(0.625));
        assert_eq!(interpolated(&curve, 1.0), Some(1.0));
        assert!(interpolated(&curve, -0.1).is_none() && interpolated(&curve, 1.1).is_none());
        assert!(interpolated(&[], 0.5).is_none());
    }
}
