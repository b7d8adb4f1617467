//! The distributions of the features as small multiples: by label, and by decade.

use plotters::style::RGBColor;

use super::axis::{every_nth_that_fits, Axis, Tick};
use super::canvas::{style, Anchor, Canvas, Frame, Point};
use super::display::{category, heading, scale, unit};
use super::layout::{grid_cell, grid_height, Mark, Plan, AREA_OPACITY, PAGE_WIDTH};
use super::panel::{self, HEADING, TICK_LABELS};
use super::theme::{decade_colours, label_colour, IDLE, MUTED, TICK};
use super::wording::{differences, greatest, list, of_label};
use super::Chart;
use crate::error::Result;
use crate::explore::density::{Curve, FeatureDensity, View};
use crate::explore::summary::Summary;
use crate::report::narrative::words::fixed;
use crate::track::Label;

/// Height of a panel with heading and tick labels.
const PANEL_HEIGHT: f64 = 184.0;
/// Room at the left of a plot for its tick labels.
const LEFT: f64 = 38.0;
/// Room between a panel and the one below it.
const BELOW: f64 = 20.0;

/// Height of a vertical axis over its highest value.
const AIR: f64 = 1.06;

/// One curve and what it looks like.
struct Drawn<'a> {
    curve: &'a Curve,
    colour: RGBColor,
    area: bool,
}

/// Densities of every feature, hits against flops.
pub fn by_label(densities: &[FeatureDensity], summary: &Summary) -> Result<Chart> {
    let title = match (of_label(&summary.by_label, Label::Flop), of_label(&summary.by_label, Label::Hit)) {
        (Some(flops), Some(hits)) if flops.rows > 0 && hits.rows > 0 => match greatest(differences(flops, hits), 3) {
            words if words.is_empty() => "Hits and flops are much alike in every feature".to_owned(),
            words => format!("Hits are {} than flops", list(&words)),
        },
        _ => "How the features are distributed".to_owned(),
    };
    let legend = Label::BOTH.map(|label| (mark(label), format!("{label}s"))).to_vec();
    plan("density_by_label", title, legend, densities, "label").draw(|canvas, body| {
        draw_all(canvas, body, densities, |density| {
            let label = |curve: &Curve| curve.label.unwrap_or(Label::Flop);
            let curves = density.by_label.iter();
            curves
                .map(|curve| Drawn { curve, colour: label_colour(label(curve)), area: label(curve) == Label::Hit })
                .collect()
        })
    })
}

fn mark(label: Label) -> Mark {
    match label {
        Label::Hit => Mark::Area(label_colour(label)),
        Label::Flop => Mark::Line(label_colour(label)),
    }
}

/// Densities of every feature, decade against decade.
pub fn by_decade(densities: &[FeatureDensity], summary: &Summary) -> Result<Chart> {
    let title = match (summary.by_decade.first(), summary.by_decade.last()) {
        (Some(first), Some(last)) if summary.by_decade.len() > 1 => trend(first, last),
        (Some(only), _) => {
            format!("How the features are distributed{}", only.decade.map_or(String::new(), |d| format!(" in the {d}")))
        }
        _ => "How the features are distributed".to_owned(),
    };
    let decades: Vec<_> = summary.by_decade.iter().filter_map(|group| group.decade).collect();
    let colours = decade_colours(decades.len());
    let colour = |curve: &Curve| {
        let place = decades.iter().position(|decade| curve.decade == Some(*decade));
        place.map_or(MUTED, |place| colours[place])
    };
    let legend =
        decades.iter().zip(&colours).map(|(decade, colour)| (Mark::Line(*colour), decade.to_string())).collect();
    plan("density_by_decade", title, legend, densities, "decade").draw(|canvas, body| {
        draw_all(canvas, body, densities, |density| {
            density.by_decade.iter().map(|curve| Drawn { curve, colour: colour(curve), area: false }).collect()
        })
    })
}

fn trend(first: &crate::explore::summary::Group, last: &crate::explore::summary::Group) -> String {
    let (Some(from), Some(to)) = (first.decade, last.decade) else {
        return "How the features are distributed".to_owned();
    };
    match greatest(differences(first, last), 3) {
        words if words.is_empty() => format!("From the {from} to the {to} tracks hardly changed"),
        words => format!("From the {from} to the {to} tracks became {}", list(&words)),
    }
}

fn plan(
    name: &'static str,
    title: String,
    legend: Vec<(Mark, String)>,
    densities: &[FeatureDensity],
    by: &str,
) -> Plan {
    let names: Vec<&str> = densities.iter().map(|density| density.feature.name()).collect();
    Plan {
        name,
        title,
        subtitle: "Every curve encloses the same area; shares of a group’s tracks sum to 100 %. Vertical scales differ from panel to panel.".to_owned(),
        legend,
        caption: format!(
            "Distribution of each feature by {by}: Gaussian kernel densities with Scott’s bandwidth, and shares of tracks where a \
             feature names categories. {}",
            treatment(densities)
        ),
        description: format!("Small multiples of distributions by {by}, one panel for each of: {}.", names.join(", ")),
        width: PAGE_WIDTH,
        height: grid_height(densities.len(), PANEL_HEIGHT) - BELOW,
    }
}

/// What was done to tails and bounds, in a sentence.
fn treatment(densities: &[FeatureDensity]) -> String {
    let named = |chosen: &dyn Fn(&View) -> bool| -> Vec<&str> {
        densities.iter().filter(|density| chosen(&density.view)).map(|density| density.feature.name()).collect()
    };
    let mut parts = Vec::new();
    for (what, names) in [
        ("logarithmic axis, 0 standing at the least value above it", named(&|view| matches!(view, View::Log { .. }))),
        ("tails cut as noted in the panel", named(&|view| matches!(view, View::Linear { cut: Some(_), .. }))),
        ("reflected at the bounds 0 and 1", named(&|view| matches!(view, View::Linear { reflected: true, .. }))),
    ] {
        if !names.is_empty() {
            parts.push(format!("{what}: {}", names.join(", ")));
        }
    }
    match parts.is_empty() {
        true => String::new(),
        false => format!("{}.", super::wording::sentence(&parts.join("; "))),
    }
}

fn draw_all<'a>(
    canvas: &Canvas,
    body: Frame,
    densities: &'a [FeatureDensity],
    curves: impl Fn(&'a FeatureDensity) -> Vec<Drawn<'a>>,
) -> Result<()> {
    for (index, density) in densities.iter().enumerate() {
        let cell = grid_cell(body, index, PANEL_HEIGHT);
        let cell = Frame { bottom: cell.bottom - BELOW, ..cell };
        panel::heading(canvas, cell, &heading(density.feature), &notes(density))?;
        let plot = Frame {
            left: cell.left + LEFT,
            top: cell.top + HEADING,
            right: cell.right,
            bottom: cell.bottom - TICK_LABELS,
        };
        draw_panel(canvas, plot, density, &curves(density))?;
    }
    Ok(())
}

/// What a panel's vertical axis is and how its horizontal one was cut: at length, then shorter.
fn notes(density: &FeatureDensity) -> Vec<String> {
    let height = match unit(density.feature) {
        "" => "density".to_owned(),
        unit => format!("density per {unit}"),
    };
    match density.view {
        View::Shares => vec!["share of tracks".to_owned(), "share".to_owned()],
        View::Log { .. } if density.feature.info().range.contains(0.0) => {
            vec!["log scale, 0 at the left end".to_owned()]
        }
        View::Log { .. } => vec!["density, log scale".to_owned(), "log scale".to_owned()],
        View::Linear { cut: Some(quantile), .. } => {
            let tail = fixed((1.0 - quantile) * 100.0, 1);
            let cut = format!("{}\u{a0}% tails cut", tail.trim_end_matches(".0"));
            vec![format!("{height}, {cut}"), format!("density, {cut}"), cut]
        }
        View::Linear { .. } => vec![height],
    }
}

fn draw_panel(canvas: &Canvas, plot: Frame, density: &FeatureDensity, curves: &[Drawn]) -> Result<()> {
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
        View::Shares => draw_shares(canvas, plot, density, curves, highest),
        _ => draw_curves(canvas, plot, density, curves, highest),
    }
}

fn draw_curves(canvas: &Canvas, plot: Frame, density: &FeatureDensity, curves: &[Drawn], highest: f64) -> Result<()> {
    let factor = scale(density.feature);
    let (horizontal, per) = match density.view {
        View::Log { low, high } => (Axis::log(low * factor, high * factor, plot.left, plot.right), 1.0),
        View::Linear { low, high, .. } => (Axis::linear(low * factor, high * factor, plot.left, plot.right), factor),
        View::Shares => return Ok(()),
    };
    let vertical = Axis::linear(0.0, highest / per * AIR, plot.bottom, plot.top);
    panel::horizontal_grid(canvas, plot, &vertical, &vertical.ticks(4))?;
    panel::vertical_grid(canvas, plot, &horizontal, &horizontal.ticks_that_fit(TICK, 6))?;
    panel::marks(canvas, plot, &horizontal, &horizontal.log_marks())?;
    let lines: Vec<Vec<Point>> =
        curves.iter().map(|drawn| points(density, drawn.curve, &horizontal, &vertical, (factor, per))).collect();
    for (drawn, line) in curves.iter().zip(&lines).filter(|(drawn, line)| drawn.area && line.len() > 1) {
        let (first, last) = (line[0].0, line[line.len() - 1].0);
        let outline: Vec<Point> = line.iter().copied().chain([(last, plot.bottom), (first, plot.bottom)]).collect();
        canvas.shape(&outline, drawn.colour, AREA_OPACITY)?;
    }
    panel::ground(canvas, plot)?;
    for (drawn, line) in curves.iter().zip(&lines).filter(|(_, line)| line.len() > 1) {
        canvas.line(line, drawn.colour, 1.8)?;
    }
    Ok(())
}

fn points(
    density: &FeatureDensity,
    curve: &Curve,
    horizontal: &Axis,
    vertical: &Axis,
    (factor, per): (f64, f64),
) -> Vec<Point> {
    let pairs = density.grid.iter().zip(&curve.values).filter(|(x, y)| x.is_finite() && y.is_finite());
    pairs.map(|(x, y)| (horizontal.px(x * factor), vertical.px(y / per))).collect()
}

fn draw_shares(canvas: &Canvas, plot: Frame, density: &FeatureDensity, curves: &[Drawn], highest: f64) -> Result<()> {
    let vertical = Axis::linear(0.0, highest * 100.0 * AIR, plot.bottom, plot.top);
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
    vertical: &Axis,
    centres: &[f64],
    slot: f64,
    curves: &[Drawn],
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
fn draw_dots(canvas: &Canvas, vertical: &Axis, centres: &[f64], slot: f64, curves: &[Drawn]) -> Result<()> {
    let step = (slot * 0.8 / curves.len() as f64).min(9.0);
    let radius = (step * 0.75).clamp(1.5, 3.4);
    for centre in centres.iter().enumerate() {
        let places: Vec<(Point, RGBColor)> = curves
            .iter()
            .enumerate()
            .filter_map(|(index, drawn)| {
                let share = drawn.curve.values.get(centre.0).copied().filter(|share| share.is_finite())?;
                let x = centre.1 + (index as f64 - (curves.len() - 1) as f64 / 2.0) * step;
                Some(((x, vertical.px(share * 100.0)), drawn.colour))
            })
            .collect();
        let path: Vec<Point> = places.iter().map(|(point, _)| *point).collect();
        canvas.line(&path, IDLE, 0.8)?;
        for (point, colour) in places {
            canvas.disc(point, radius, colour)?;
        }
    }
    Ok(())
}
