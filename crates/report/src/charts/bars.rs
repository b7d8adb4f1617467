//! Horizontal bars with names at the left and values at their ends.

use plotters::style::RGBColor;

use super::axis::{ChartAxis, Tick};
use super::canvas::{fit, style, text_width, wrap, Anchor, Canvas, Frame};
use super::layout::is_narrow;
use super::panel;
use super::theme::{BACKGROUND, INK, LABEL, MUTED, TICK};
use crate::format::significant;
use hitflop_core::error::Result;

/// Height that a bar takes with its share of air.
const PITCH: f64 = 27.0;
const THICKNESS: f64 = 16.0;
/// Room for tick labels and the axis title.
const BELOW: f64 = 46.0;
/// Room beyond the longest bar for its value.
const VALUE: f64 = 64.0;

pub(crate) struct Bar {
    /// Name at its left.
    pub(crate) name: String,
    pub(crate) value: f64,
    /// Text at its end.
    pub(crate) text: String,
    /// A value marked by an upright line, such as what chance alone would reach.
    pub(crate) mark: Option<f64>,
    pub(crate) colour: RGBColor,
    /// Whether it is only outlined, for it carries nothing.
    pub(crate) hollow: bool,
}

/// Height of a picture of `count` bars.
pub(crate) fn height(count: usize) -> f64 {
    PITCH * count as f64 + BELOW
}

/// Draws bars from top to bottom on an axis from 0, whose ticks `tick` may rewrite.
pub(crate) fn draw(
    canvas: &Canvas,
    body: Frame,
    bars: &[Bar],
    axis_title: &str,
    tick: impl Fn(Tick) -> Tick,
) -> Result<()> {
    let most = if is_narrow(body) { body.width() * 0.45 } else { body.width() / 3.0 };
    let names = bars.iter().map(|bar| text_width(&bar.name, LABEL)).fold(0.0, f64::max).min(most);
    let plot =
        Frame { left: body.left + names + 12.0, top: body.top, right: body.right - VALUE, bottom: body.bottom - BELOW };
    let longest = bars
        .iter()
        .flat_map(|bar| [Some(bar.value), bar.mark])
        .flatten()
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max);
    let axis = ChartAxis::linear(0.0, if longest > 0.0 { longest } else { 1.0 }, plot.left, plot.right);
    let ticks: Vec<Tick> = axis.relabelled_ticks_that_fit(TICK, 8, tick);
    panel::vertical_grid(canvas, plot, &axis, &ticks)?;
    for (index, bar) in bars.iter().enumerate() {
        let middle = plot.top + PITCH * (index as f64 + 0.5);
        draw_name(canvas, bar, (plot.left - 10.0, middle), names + 1.0)?;
        draw_bar(canvas, &axis, plot.left, middle, bar)?;
        let row = Frame { left: body.left, top: middle - PITCH / 2.0, right: body.right, bottom: middle + PITCH / 2.0 };
        let mark = bar.mark.filter(|mark| mark.is_finite());
        let mark = mark.map_or(String::new(), |mark| format!("\nvertical line: {}", significant(mark, 2)));
        canvas.value(row, format!("{}\n{}{mark}", bar.name, bar.text));
    }
    canvas.line(&[(plot.left, plot.top), (plot.left, plot.bottom)], MUTED, 1.0)?;
    canvas.text(axis_title, (plot.left, plot.bottom + 38.0), style(TICK, MUTED, Anchor::Start))
}

/// A name in one line, or in two smaller ones.
fn draw_name(canvas: &Canvas, bar: &Bar, (right, middle): (f64, f64), room: f64) -> Result<()> {
    const LINE: f64 = 13.5;
    let colour = if bar.hollow { MUTED } else { INK };
    if text_width(&bar.name, LABEL) <= room {
        return canvas.text(&bar.name, (right, middle + 4.5), style(LABEL, colour, Anchor::End));
    }
    let mut lines = wrap(&bar.name, TICK, room);
    if lines.len() > 2 {
        let rest = lines.split_off(1).join(" ");
        lines.push(fit(&rest, TICK, room));
    }
    let first = middle + 4.0 - LINE / 2.0 * (lines.len() - 1) as f64;
    for (index, line) in lines.iter().enumerate() {
        canvas.text(line, (right, first + LINE * index as f64), style(TICK, colour, Anchor::End))?;
    }
    Ok(())
}

fn draw_bar(canvas: &Canvas, axis: &ChartAxis, left: f64, middle: f64, bar: &Bar) -> Result<()> {
    let end = if bar.value.is_finite() { axis.px(bar.value) } else { left };
    let frame =
        Frame { left, top: middle - THICKNESS / 2.0, right: end.max(left + 1.0), bottom: middle + THICKNESS / 2.0 };
    if bar.hollow && frame.width() > 4.0 {
        canvas.block(frame, BACKGROUND, 1.0)?;
        canvas.outline(frame, bar.colour, 1.4)?;
    } else {
        canvas.block(frame, bar.colour, 1.0)?;
    }
    let mut reach = frame.right;
    if let Some(mark) = bar.mark.filter(|mark| mark.is_finite()) {
        let x = axis.px(mark);
        // An edge in the colour of the ground keeps the mark apart from the bar.
        canvas.line(&[(x, middle - 9.5), (x, middle + 9.5)], BACKGROUND, 4.6)?;
        canvas.line(&[(x, middle - 9.0), (x, middle + 9.0)], INK, 2.0)?;
        reach = reach.max(x + 2.0);
    }
    canvas.text(
        &bar.text,
        (reach + 7.0, middle + 4.0),
        style(TICK, if bar.hollow { MUTED } else { INK }, Anchor::Start),
    )
}
