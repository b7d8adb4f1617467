//! The panels of the distributions: one feature each, as curves, or as bars or dots of a category.

use plotters::style::RGBColor;

use super::axis::{self, every_nth_that_fits, ChartAxis, Tick};
use super::canvas::{style, Anchor, Canvas, Frame, PixelPoint};
use super::display::{category, heading, scale, unit};
use super::layout::AREA_OPACITY;
use super::panel::{self, HEADING, TICK_LABELS};
use super::theme::{IDLE, INK, MUTED, TICK};
use crate::format::{fixed, percent, significant};
use hitflop_core::error::Result;
use hitflop_core::track::{Feature, FeatureKind, Label};
use hitflop_data::explore::density::{DensityCurve, DensityView, FeatureDensity};
use hitflop_data::explore::summary::Summary;

/// Height of a panel with heading and tick labels.
pub(super) const PANEL_HEIGHT: f64 = 188.0;
/// Room at the left of a plot for its tick labels.
pub(super) const LEFT: f64 = 38.0;
/// Distance of the note below the tick labels from the ground line.
const ZERO_NOTE: f64 = 34.0;
/// Room between a panel and the one below it.
pub(super) const BELOW: f64 = 24.0;

/// Room left of the vertical axis for the bars of zeros.
const ZEROS: f64 = 66.0;
/// Width of those bars with the space between them, together.
const ZERO_BARS: f64 = 60.0;

/// Height of a vertical axis over its highest value.
const AIR: f64 = 1.06;

/// One curve and what it looks like.
pub(super) struct PanelCurve<'a> {
    /// Whose it is: `hits`.
    pub(super) name: String,
    pub(super) curve: &'a DensityCurve,
    pub(super) colour: RGBColor,
    pub(super) area: bool,
    pub(super) width: f64,
}

pub(super) fn is_logarithmic(density: &FeatureDensity) -> bool {
    matches!(density.view, DensityView::Log { .. })
}

/// Whether zeros have a bar of their own.
pub(super) fn has_zero_bar(curves: &[DensityCurve]) -> bool {
    curves.iter().any(|curve| curve.zero_share.is_some())
}

/// Whether tracks may have a value of 0 that a logarithmic axis has no place for.
pub(super) fn puts_zero_at_the_left(density: &FeatureDensity, curves: &[DensityCurve]) -> bool {
    is_logarithmic(density) && density.feature.info().range.contains(0.0) && !has_zero_bar(curves)
}

/// Draws the panel of a feature in a cell of the small multiples. A feature that is constant by the summary has its value instead.
pub(super) fn draw_cell(
    canvas: &Canvas,
    cell: Frame,
    density: &FeatureDensity,
    summary: &Summary,
    curves: &[PanelCurve],
) -> Result<()> {
    let cell = Frame { bottom: cell.bottom - BELOW, ..cell };
    panel::heading(canvas, cell, &heading(density.feature), &notes(density))?;
    let plot =
        Frame { left: cell.left + LEFT, top: cell.top + HEADING, right: cell.right, bottom: cell.bottom - TICK_LABELS };
    if let Some(value) = constant(summary, density) {
        panel::message(canvas, plot, &format!("one value: {value}"))?;
        return panel::ground(canvas, plot);
    }
    draw_panel(canvas, plot, density, curves)?;
    if puts_zero_at_the_left(density, &density.by_label) && !is_constant(summary, density) {
        zero_note(canvas, plot)?;
    }
    Ok(())
}

/// Says below the tick labels where zeros are.
pub(super) fn zero_note(canvas: &Canvas, plot: Frame) -> Result<()> {
    let place = (plot.left, plot.bottom + ZERO_NOTE);
    canvas.text("values of 0 at the left end, smoothed", place, style(TICK, MUTED, Anchor::Start))
}

/// Whether a quantity has one value, so that its panel has no curve.
pub(super) fn is_constant(summary: &Summary, density: &FeatureDensity) -> bool {
    let column = summary.describe.iter().find(|column| column.name == density.feature.name());
    column.is_some_and(|column| column.min == column.max)
}

/// The only value of a quantity, in its unit.
fn constant(summary: &Summary, density: &FeatureDensity) -> Option<String> {
    let feature = density.feature;
    let column = summary.describe.iter().find(|column| column.name == feature.name())?;
    let is_constant = density.view != DensityView::Shares && column.min == column.max;
    is_constant.then(|| {
        let value = (column.min * scale(feature) * 1000.0).round() / 1000.0;
        let value = value.to_string().replace('-', "−");
        format!("{value} {}", unit(feature)).trim_end().to_owned()
    })
}

/// What a panel's vertical axis is and how its horizontal one was cut: at length, then shorter.
pub(super) fn notes(density: &FeatureDensity) -> Vec<String> {
    let height = match unit(density.feature) {
        "" => "density".to_owned(),
        unit => format!("density per {unit}"),
    };
    match density.view {
        DensityView::Shares => vec!["share of tracks".to_owned()],
        DensityView::Log { .. } => vec!["density per tenfold".to_owned(), "per tenfold".to_owned()],
        DensityView::Linear { cut: Some(quantile), .. } => {
            let tail = fixed((1.0 - quantile) * 100.0, 1);
            let cut = format!("{}\u{a0}% tails cut", tail.trim_end_matches(".0"));
            vec![format!("{height}, {cut}"), format!("{}, {cut}", height.replace("density ", "")), cut]
        }
        DensityView::Linear { .. } => vec![height],
    }
}

/// Draws the curves of a feature, of which `density` gives the axes.
pub(super) fn draw_panel(canvas: &Canvas, plot: Frame, density: &FeatureDensity, curves: &[PanelCurve]) -> Result<()> {
    let highest = curves
        .iter()
        .flat_map(|drawn| &drawn.curve.values)
        .copied()
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max);
    if highest <= 0.0 || density.grid.is_empty() {
        panel::nothing_to_show(canvas, plot)?;
        return panel::ground(canvas, plot);
    }
    match density.view {
        DensityView::Shares => draw_shares(canvas, plot, density, curves, highest),
        _ => draw_curves(canvas, plot, density, curves, highest),
    }
}

fn draw_curves(
    canvas: &Canvas,
    plot: Frame,
    density: &FeatureDensity,
    curves: &[PanelCurve],
    highest: f64,
) -> Result<()> {
    let has_zeros = curves.iter().any(|drawn| drawn.curve.zero_share.is_some());
    let plot = match has_zeros {
        true => draw_zeros(canvas, plot, density.feature, curves)?,
        false => plot,
    };
    let factor = scale(density.feature);
    let (horizontal, per) = match density.view {
        DensityView::Log { low, high } => (ChartAxis::log(low * factor, high * factor, plot.left, plot.right), 1.0),
        DensityView::Linear { low, high, .. } => {
            let axis = ChartAxis::linear(low * factor, high * factor, plot.left, plot.right);
            (if density.feature.info().kind == FeatureKind::Count { axis.of_whole_numbers() } else { axis }, factor)
        }
        DensityView::Shares => return Ok(()),
    };
    let vertical = ChartAxis::linear(0.0, highest / per * AIR, plot.bottom, plot.top);
    panel::horizontal_grid(canvas, plot, &vertical, &vertical.ticks(4))?;
    panel::vertical_grid(canvas, plot, &horizontal, &horizontal.ticks_that_fit(TICK, 6))?;
    panel::marks(canvas, plot, &horizontal, &horizontal.log_marks())?;
    let lines: Vec<Vec<PixelPoint>> =
        curves.iter().map(|drawn| points(density, drawn.curve, &horizontal, &vertical, (factor, per))).collect();
    for (drawn, line) in curves.iter().zip(&lines).filter(|(drawn, line)| drawn.area && line.len() > 1) {
        let (first, last) = (line[0].0, line[line.len() - 1].0);
        let outline: Vec<PixelPoint> =
            line.iter().copied().chain([(last, plot.bottom), (first, plot.bottom)]).collect();
        canvas.shape(&outline, drawn.colour, AREA_OPACITY)?;
    }
    panel::ground(canvas, plot)?;
    for (drawn, line) in curves.iter().zip(&lines).filter(|(_, line)| line.len() > 1) {
        canvas.line(line, drawn.colour, drawn.width)?;
    }
    let places: Vec<f64> = density.grid.iter().map(|x| horizontal.px(x * factor)).collect();
    panel::strips(canvas, plot, &places, |at| {
        let value = |drawn: &PanelCurve| drawn.curve.values.get(at).map_or(f64::NAN, |value| value / per);
        reading(&at_value(density.feature, density.grid[at]), curves, |drawn| significant(value(drawn), 2))
    });
    Ok(())
}

/// `tempo 120 BPM`.
fn at_value(feature: Feature, value: f64) -> String {
    format!("{} {} {}", feature.in_words(), significant(value * scale(feature), 3), unit(feature)).trim_end().to_owned()
}

/// What is read at a place: each curve's value below the place.
fn reading(place: &str, curves: &[PanelCurve], value: impl Fn(&PanelCurve) -> String) -> String {
    curves.iter().fold(place.to_owned(), |text, drawn| format!("{text}\n{}: {}", drawn.name, value(drawn)))
}

/// Bars of the shares of tracks with exactly 0, left of the vertical axis, on a scale from 0 to all tracks; returns what is left of
/// the plot.
fn draw_zeros(canvas: &Canvas, plot: Frame, feature: Feature, curves: &[PanelCurve]) -> Result<Frame> {
    let bars = Frame { left: plot.left - LEFT, right: plot.left - LEFT + ZERO_BARS, ..plot };
    let axis = ChartAxis::linear(0.0, 1.0, bars.bottom, bars.top);
    let slot = bars.width() / curves.len().max(1) as f64;
    let shares: Vec<f64> = curves.iter().map(|drawn| drawn.curve.zero_share.unwrap_or(0.0)).collect();
    let above = |share: f64| axis.px(share).max(bars.top + 12.0) - 5.0;
    for (index, (drawn, share)) in curves.iter().zip(&shares).enumerate() {
        let left = bars.left + slot * index as f64;
        let bar = Frame { left: left + 1.0, right: left + slot - 1.0, top: axis.px(*share), ..bars };
        canvas.block(bar, drawn.colour, 1.0)?;
        if curves.len() <= Label::BOTH.len() {
            let middle = (left + slot / 2.0, above(*share));
            canvas.text(&axis::percent(*share, 0), middle, style(TICK, INK, Anchor::Middle))?;
        }
    }
    if curves.len() > Label::BOTH.len() {
        let (low, high) =
            shares.iter().fold((1.0_f64, 0.0_f64), |(low, high), share| (low.min(*share), high.max(*share)));
        let range = format!("{}–{}", fixed(low * 100.0, 0), axis::percent(high, 0));
        canvas.text(&range, ((bars.left + bars.right) / 2.0, above(high)), style(TICK, INK, Anchor::Middle))?;
    }
    panel::ground(canvas, bars)?;
    let below = ((bars.left + bars.right) / 2.0, bars.bottom + 18.0);
    canvas.text("exactly 0", below, style(TICK, MUTED, Anchor::Middle))?;
    let place = format!("{} exactly 0", feature.in_words());
    canvas.value(bars, reading(&place, curves, |drawn| percent(drawn.curve.zero_share.unwrap_or(0.0))));
    Ok(Frame { left: plot.left + ZEROS, ..plot })
}

fn points(
    density: &FeatureDensity,
    curve: &DensityCurve,
    horizontal: &ChartAxis,
    vertical: &ChartAxis,
    (factor, per): (f64, f64),
) -> Vec<PixelPoint> {
    let pairs = density.grid.iter().zip(&curve.values).filter(|(x, y)| x.is_finite() && y.is_finite());
    pairs.map(|(x, y)| (horizontal.px(x * factor), vertical.px(y / per))).collect()
}

fn draw_shares(
    canvas: &Canvas,
    plot: Frame,
    density: &FeatureDensity,
    curves: &[PanelCurve],
    highest: f64,
) -> Result<()> {
    let vertical = ChartAxis::linear(0.0, highest * 100.0 * AIR, plot.bottom, plot.top);
    let ticks: Vec<Tick> =
        vertical.ticks(4).into_iter().map(|tick| Tick { label: format!("{}\u{a0}%", tick.label), ..tick }).collect();
    panel::horizontal_grid(canvas, plot, &vertical, &ticks)?;
    let slot = plot.width() / density.grid.len() as f64;
    let centres: Vec<f64> = (0..density.grid.len()).map(|index| plot.left + slot * (index as f64 + 0.5)).collect();
    let labels: Vec<String> = density.grid.iter().map(|value| category(density.feature, *value)).collect();
    let nth = every_nth_that_fits(&centres, &labels, TICK);
    for (centre, label) in centres.iter().zip(&labels).step_by(nth) {
        canvas.text(label, (*centre, plot.bottom + 18.0), style(TICK, MUTED, Anchor::Middle))?;
    }
    panel::strips(canvas, plot, &centres, |at| {
        let place = format!("{} {}", density.feature.in_words(), labels[at]);
        reading(&place, curves, |drawn| percent(drawn.curve.values.get(at).copied().unwrap_or(f64::NAN)))
    });
    if curves.len() <= Label::BOTH.len() {
        draw_bars(canvas, plot, &vertical, &centres, slot, curves)?;
        panel::ground(canvas, plot)
    } else {
        panel::ground(canvas, plot)?;
        draw_dots(canvas, &vertical, &centres, slot, curves)
    }
}

fn draw_bars(
    canvas: &Canvas,
    plot: Frame,
    vertical: &ChartAxis,
    centres: &[f64],
    slot: f64,
    curves: &[PanelCurve],
) -> Result<()> {
    let bar = (slot * 0.74 / curves.len() as f64).min(30.0);
    for (index, drawn) in curves.iter().enumerate() {
        let shift = (index as f64 - curves.len() as f64 / 2.0) * bar;
        for (centre, share) in centres.iter().zip(&drawn.curve.values).filter(|(_, share)| share.is_finite()) {
            let (left, top) = (centre + shift, vertical.px(share * 100.0));
            canvas.block(
                Frame { left: left + 0.4, top, right: left + bar - 0.4, bottom: plot.bottom },
                drawn.colour,
                1.0,
            )?;
        }
    }
    Ok(())
}

/// A dot a group, the groups side by side within each category, so that their order shows as a row of dots.
fn draw_dots(canvas: &Canvas, vertical: &ChartAxis, centres: &[f64], slot: f64, curves: &[PanelCurve]) -> Result<()> {
    let step = (slot * 0.8 / curves.len() as f64).min(9.0);
    let radius = (step * 0.75).clamp(1.5, 3.4);
    for centre in centres.iter().enumerate() {
        let places: Vec<(PixelPoint, RGBColor)> = curves
            .iter()
            .enumerate()
            .filter_map(|(index, drawn)| {
                let share = drawn.curve.values.get(centre.0).copied().filter(|share| share.is_finite())?;
                let x = centre.1 + (index as f64 - (curves.len() - 1) as f64 / 2.0) * step;
                Some(((x, vertical.px(share * 100.0)), drawn.colour))
            })
            .collect();
        let path: Vec<PixelPoint> = places.iter().map(|(point, _)| *point).collect();
        canvas.line(&path, IDLE, 0.8)?;
        for (point, colour) in places {
            canvas.disc(point, radius, colour)?;
        }
    }
    Ok(())
}
