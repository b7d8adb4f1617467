//! The distributions of the features as small multiples: by label, and by decade.

use plotters::style::RGBColor;

use super::alt_text::{describe_decades, describe_labels};
use super::axis::{every_nth_that_fits, ChartAxis, Tick};
use super::canvas::{style, Anchor, Canvas, Frame, PixelPoint};
use super::display::{category, heading, scale, unit};
use super::layout::{grid_cell, grid_height, ChartPlan, Mark, AREA_OPACITY, PAGE_WIDTH};
use super::panel::{self, HEADING, TICK_LABELS};
use super::theme::{decade_colours, label_colour, IDLE, MUTED, TICK};
use super::wording::{differences, greatest, of_label};
use super::{Chart, ChartEntry};
use crate::findings::effect_size::decades;
use crate::format::{fixed, list};
use crate::registry::{PagePart, Source};
use hitflop_core::error::Result;
use hitflop_core::track::{Decade, FeatureRange, Label};
use hitflop_data::explore::density::{DensityCurve, DensityView, FeatureDensity};
use hitflop_data::explore::summary::{GroupSummary, Summary};

/// Height of a panel with heading and tick labels.
const PANEL_HEIGHT: f64 = 188.0;
/// Room at the left of a plot for its tick labels.
const LEFT: f64 = 38.0;
/// Distance of the note below the tick labels from the ground line.
const ZERO_NOTE: f64 = 34.0;
/// Room between a panel and the one below it.
const BELOW: f64 = 24.0;

/// Width of a curve.
const LINE: f64 = 2.0;
/// Width of a curve that stands out.
const HEAVY_LINE: f64 = 3.2;

/// Height of a vertical axis over its highest value.
const AIR: f64 = 1.06;

/// One curve and what it looks like.
struct Drawn<'a> {
    curve: &'a DensityCurve,
    colour: RGBColor,
    area: bool,
    width: f64,
}

pub(super) const BY_LABEL: ChartEntry = ChartEntry {
    name: "density_by_label",
    part: PagePart::Densities,
    source: Source::Report(|findings| Some(by_label(&findings.report.densities, &findings.report.summary))),
};

/// Densities of every feature, hits against flops.
pub(super) fn by_label(densities: &[FeatureDensity], summary: &Summary) -> Result<Chart> {
    let title = match (of_label(summary, Label::Flop), of_label(summary, Label::Hit)) {
        (Some(flops), Some(hits)) => match greatest(differences(flops, hits), 3) {
            words if words.is_empty() => "Hits and flops are much alike in every feature".to_owned(),
            words => format!("Hits are {} than flops", list(&words)),
        },
        _ => "How the features are distributed".to_owned(),
    };
    let legend = Label::BOTH.map(|label| (mark(label), format!("{label}s"))).to_vec();
    let description = describe_labels(densities, summary);
    plan(BY_LABEL.name, (title, description), legend, densities, "label").draw(|canvas, body| {
        draw_all(canvas, body, densities, |density| {
            let label = |curve: &DensityCurve| curve.label.unwrap_or(Label::Flop);
            let curves = density.by_label.iter();
            curves
                .map(|curve| {
                    let is_hit = label(curve) == Label::Hit;
                    Drawn { curve, colour: label_colour(label(curve)), area: is_hit, width: LINE }
                })
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

pub(super) const BY_DECADE: ChartEntry = ChartEntry {
    name: "density_by_decade",
    part: PagePart::Densities,
    source: Source::Report(|findings| Some(by_decade(&findings.report.densities, &findings.report.summary))),
};

/// Densities of every feature, decade against decade.
pub(super) fn by_decade(densities: &[FeatureDensity], summary: &Summary) -> Result<Chart> {
    let title = match (summary.by_decade.first(), summary.by_decade.last()) {
        (Some(first), Some(last)) if summary.by_decade.len() > 1 => trend(first, last),
        (Some(only), _) => {
            format!("How the features are distributed{}", only.decade.map_or(String::new(), |d| format!(" in the {d}")))
        }
        _ => "How the features are distributed".to_owned(),
    };
    let decades = decades(summary);
    let colours = decade_colours(decades.len());
    let drawn = |curve| drawn_decade(curve, &decades, &colours);
    let legend =
        decades.iter().zip(&colours).map(|(decade, colour)| (Mark::Line(*colour), decade.to_string())).collect();
    let description = describe_decades(densities, summary);
    plan(BY_DECADE.name, (title, description), legend, densities, "decade")
        .draw(|canvas, body| draw_all(canvas, body, densities, |density| density.by_decade.iter().map(drawn).collect()))
}

/// The curve of a decade; the first and the last are drawn heavier, for the eye to compare the ends of the scale.
fn drawn_decade<'a>(curve: &'a DensityCurve, decades: &[Decade], colours: &[RGBColor]) -> Drawn<'a> {
    let place = decades.iter().position(|decade| curve.decade == Some(*decade));
    let is_end = place.is_some_and(|place| place == 0 || place + 1 == decades.len());
    Drawn {
        curve,
        colour: place.map_or(MUTED, |place| colours[place]),
        area: false,
        width: if is_end { HEAVY_LINE } else { LINE },
    }
}

fn trend(first: &GroupSummary, last: &GroupSummary) -> String {
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
    (title, description): (String, String),
    legend: Vec<(Mark, String)>,
    densities: &[FeatureDensity],
    by: &str,
) -> ChartPlan {
    ChartPlan {
        name,
        title,
        subtitle: "Every curve encloses the same area, counting tails beyond the axis; shares of a group’s tracks sum to 100 %. Vertical scales differ from panel to panel.".to_owned(),
        legend,
        caption: format!(
            "Distribution of each feature by {by}: Gaussian kernel densities with Scott’s bandwidth, and shares of tracks where a \
             feature names categories. {}",
            treatment(densities)
        ),
        description,
        width: PAGE_WIDTH,
        height: grid_height(densities.len(), PANEL_HEIGHT) - BELOW,
    }
}

/// What was done to scales, tails and bounds, a sentence each.
fn treatment(densities: &[FeatureDensity]) -> String {
    type Treatment = (fn(&FeatureDensity) -> bool, fn(&str) -> String);
    let treatments: [Treatment; 4] = [
        (is_logarithmic, |names| {
            format!("The axis is logarithmic, and the density per tenfold increase, for {names}.")
        }),
        (puts_zero_at_the_left, |names| {
            format!(
                "In {names} tracks with exactly 0 stand at the left end, at the least value above 0, smoothed like the rest: a \
                 bump there is those tracks."
            )
        }),
        (has_cut_tails, |names| {
            format!("Tails of {names} are cut from the picture as noted in the panel, but counted in the density.")
        }),
        (is_reflected, |names| format!("Densities of {names} are corrected by reflection at both ends of the axis.")),
    ];
    let sentence = |(holds, tell): Treatment| {
        let names: Vec<&str> =
            densities.iter().filter(|density| holds(density)).map(|density| density.feature.name()).collect();
        (!names.is_empty()).then(|| tell(&list(&names)))
    };
    treatments.into_iter().filter_map(sentence).collect::<Vec<_>>().join(" ")
}

fn has_cut_tails(density: &FeatureDensity) -> bool {
    matches!(density.view, DensityView::Linear { cut: Some(_), .. })
}

fn is_logarithmic(density: &FeatureDensity) -> bool {
    matches!(density.view, DensityView::Log { .. })
}

/// Whether tracks may have a value of 0 that a logarithmic axis has no place for.
fn puts_zero_at_the_left(density: &FeatureDensity) -> bool {
    is_logarithmic(density) && density.feature.info().range.contains(0.0)
}

/// Whether the density was corrected at both ends of its axis, as [`DensityView`] says of either scale.
fn is_reflected(density: &FeatureDensity) -> bool {
    match density.view {
        DensityView::Linear { reflected, .. } => reflected,
        DensityView::Log { high, .. } => high == 1.0 && density.feature.info().range == FeatureRange::Within(0.0, 1.0),
        DensityView::Shares => false,
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
        if puts_zero_at_the_left(density) {
            let place = (plot.left, plot.bottom + ZERO_NOTE);
            canvas.text("exactly 0 at the left end, smoothed", place, style(TICK, MUTED, Anchor::Start))?;
        }
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
        DensityView::Shares => draw_shares(canvas, plot, density, curves, highest),
        _ => draw_curves(canvas, plot, density, curves, highest),
    }
}

fn draw_curves(canvas: &Canvas, plot: Frame, density: &FeatureDensity, curves: &[Drawn], highest: f64) -> Result<()> {
    let factor = scale(density.feature);
    let (horizontal, per) = match density.view {
        DensityView::Log { low, high } => (ChartAxis::log(low * factor, high * factor, plot.left, plot.right), 1.0),
        DensityView::Linear { low, high, .. } => {
            (ChartAxis::linear(low * factor, high * factor, plot.left, plot.right), factor)
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
    Ok(())
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

fn draw_shares(canvas: &Canvas, plot: Frame, density: &FeatureDensity, curves: &[Drawn], highest: f64) -> Result<()> {
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
fn draw_dots(canvas: &Canvas, vertical: &ChartAxis, centres: &[f64], slot: f64, curves: &[Drawn]) -> Result<()> {
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
