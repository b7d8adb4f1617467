//! What the model answers as one feature changes: for single tracks and their mean, and for the tracks of each decade.

use super::axis::{ChartAxis, Tick};
use super::canvas::{Canvas, Frame, PixelPoint};
use super::display::{category, heading, scale};
use super::layout::{grid_cells, grid_height, ChartPlan, Mark, PAGE_WIDTH};
use super::panel::{self, HEADING, TICK_LABELS};
use super::theme::{decade_colours, ACCENT, IDLE, TICK};
use super::{Chart, ChartEntry};
use crate::findings::decade_interactions::sign_changes;
use crate::format::{capitalise, comparative, count, percent, plural};
use crate::phrases::explanations::{of_rows, shown};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::{Decade, Feature, FeatureKind};
use hitflop_model::explain::global::Explanations;
use hitflop_model::explain::partial_dependence::PartialDependence;

const PANEL_HEIGHT: f64 = 220.0;
const LEFT: f64 = 42.0;
const BELOW: f64 = 22.0;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "partial_dependence",
    part: PagePart::PartialDependence,
    tables: &["partial_dependence"],
    source: ContentSource::Report(|findings| findings.report.explanations.as_ref().map(partial_dependence)),
};

/// Small multiples: the mean curve of each feature over single tracks' curves.
pub(super) fn partial_dependence(explanations: &Explanations) -> Result<Chart> {
    let all = &explanations.partial_dependence;
    let shown = all.first().map_or(0, |one| one.individual.len() as u64);
    let tracks = all.first().map_or(0, |one| one.rows);
    let plan = ChartPlan {
        name: CHART.name,
        title: title(all),
        subtitle: format!(
            "Predicted probability when one feature is changed and all others are kept: {} {}, the same number per decade",
            count(tracks),
            of_rows(explanations.basis)
        ),
        legend: vec![
            (Mark::Line(ACCENT), "mean".to_owned()),
            (Mark::Line(IDLE), format!("single tracks ({})", count(shown))),
        ],
        caption: format!(
            "Partial dependence of the final model with individual curves (ICE) at the quantiles 5, 10, …, 95 %, for \
             the features with the largest mean contributions; {} sampled with the seed. Correlated features are \
             changed one at a time, so some of these tracks cannot exist.",
            plural(tracks, "track", "tracks")
        ),
        description: description(all),
        width: PAGE_WIDTH,
        height: grid_height(all.len(), PANEL_HEIGHT) - BELOW,
    };
    let vertical = ends(all.iter().flat_map(|one| one.individual.iter().flatten().chain(&one.mean)));
    plan.draw_panels(
        |body| grid_cells(body, all.len(), PANEL_HEIGHT),
        |canvas, cell, index| {
            let one = &all[index];
            draw_panel(canvas, cell, one, vertical, |canvas, axes| {
                for curve in &one.individual {
                    canvas.line(&axes.points(curve), IDLE, 0.6)?;
                }
                axes.read(canvas, one.feature, &[("mean".to_owned(), &one.mean)]);
                canvas.line(&axes.points(&one.mean), ACCENT, 2.6)
            })
        },
    )
}

pub(super) const BY_DECADE: ChartEntry = ChartEntry {
    name: "partial_dependence_by_decade",
    part: PagePart::PartialDependence,
    tables: &["partial_dependence_by_decade"],
    source: ContentSource::Report(|findings| {
        let explanations = findings.report.explanations.as_ref()?;
        explanations.has_decades().then(|| partial_dependence_by_decade(explanations))
    }),
};

/// The same by decade: a mean curve over the tracks of each.
pub(super) fn partial_dependence_by_decade(explanations: &Explanations) -> Result<Chart> {
    let all: Vec<PartialDependence> =
        explanations.partial_dependence.iter().filter(|one| !one.by_decade.is_empty()).cloned().collect();
    let decades: Vec<Decade> =
        all.first().map_or(Vec::new(), |one| one.by_decade.iter().map(|curve| curve.decade).collect());
    let colours = decade_colours(decades.len());
    let plan = ChartPlan {
        name: BY_DECADE.name,
        title: title_by_decade(&all),
        subtitle: "Mean predicted probability when one feature is changed and all others are kept, by decade"
            .to_owned(),
        legend: decades
            .iter()
            .zip(&colours)
            .map(|(decade, colour)| (Mark::Line(*colour), decade.to_string()))
            .collect(),
        caption: format!(
            "Partial dependence of the final model by decade; each curve is a mean over at most {} of that decade.",
            all.first()
                .and_then(|one| one.by_decade.iter().map(|curve| curve.rows).max())
                .map_or("no tracks".to_owned(), |rows| { format!("{} {}", count(rows), of_rows(explanations.basis)) })
        ),
        description: description_by_decade(&all),
        width: PAGE_WIDTH,
        height: (grid_height(all.len(), PANEL_HEIGHT) - BELOW).max(0.0),
    };
    let vertical = ends(all.iter().flat_map(|one| one.by_decade.iter().flat_map(|curve| &curve.mean)));
    plan.draw_panels(
        |body| grid_cells(body, all.len(), PANEL_HEIGHT),
        |canvas, cell, index| {
            let one = &all[index];
            draw_panel(canvas, cell, one, vertical, |canvas, axes| {
                for (curve, colour) in one.by_decade.iter().zip(&colours) {
                    canvas.line(&axes.points(&curve.mean), *colour, 2.0)?;
                }
                let curves: Vec<(String, &Vec<f64>)> =
                    one.by_decade.iter().map(|curve| (curve.decade.to_string(), &curve.mean)).collect();
                axes.read(canvas, one.feature, &curves);
                Ok(())
            })
        },
    )
}

/// Axes of a panel.
struct DependenceAxes<'a> {
    plot: Frame,
    grid: &'a [f64],
    horizontal: ChartAxis,
    vertical: ChartAxis,
    factor: f64,
}

impl DependenceAxes<'_> {
    fn points(&self, curve: &[f64]) -> Vec<PixelPoint> {
        let known = self.grid.iter().zip(curve).filter(|(_, answer)| answer.is_finite());
        known.map(|(value, answer)| (self.horizontal.px(value * self.factor), self.vertical.px(*answer))).collect()
    }

    /// Values of named curves at each point of the grid.
    fn read(&self, canvas: &Canvas, feature: Feature, curves: &[(String, &Vec<f64>)]) {
        let places: Vec<f64> = self.grid.iter().map(|value| self.horizontal.px(value * self.factor)).collect();
        panel::strips(canvas, self.plot, &places, |at| {
            let place = format!("{} {}", feature.in_words(), shown(feature, Some(self.grid[at])));
            let answer = |curve: &Vec<f64>| curve.get(at).map_or("–".to_owned(), |answer| percent(*answer));
            curves.iter().fold(place, |text, (name, curve)| format!("{text}\n{name}: {}", answer(curve)))
        });
    }
}

/// Least and greatest answer: one vertical axis for all panels, so that they can be compared.
fn ends<'a>(answers: impl Iterator<Item = &'a f64>) -> (f64, f64) {
    let finite = answers.copied().filter(|answer| answer.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), answer| (low.min(answer), high.max(answer)))
}

fn draw_panel(
    canvas: &Canvas,
    cell: Frame,
    one: &PartialDependence,
    (low, high): (f64, f64),
    draw: impl Fn(&Canvas, &DependenceAxes) -> Result<()>,
) -> Result<()> {
    let cell = Frame { bottom: cell.bottom - BELOW, ..cell };
    panel::heading(canvas, cell, &heading(one.feature), &[])?;
    let plot =
        Frame { left: cell.left + LEFT, top: cell.top + HEADING, right: cell.right, bottom: cell.bottom - TICK_LABELS };
    let factor = scale(one.feature);
    let ends = (one.grid.first().copied().unwrap_or(0.0) * factor, one.grid.last().copied().unwrap_or(1.0) * factor);
    let horizontal = ChartAxis::linear(ends.0, ends.1, plot.left, plot.right);
    let is_whole = one.feature.info().kind != FeatureKind::Continuous;
    let axes = DependenceAxes {
        plot,
        grid: &one.grid,
        horizontal: if is_whole { horizontal.of_whole_numbers() } else { horizontal },
        vertical: ChartAxis::linear(low, high, plot.bottom, plot.top),
        factor,
    };
    let ticks = axes.vertical.ticks(5).into_iter().map(|tick| Tick { label: in_per_cent(tick.value), ..tick });
    panel::horizontal_grid(canvas, plot, &axes.vertical, &ticks.collect::<Vec<Tick>>())?;
    panel::tick_labels(canvas, plot, &axes.horizontal, &horizontal_ticks(one, &axes.horizontal))?;
    draw(canvas, &axes)?;
    panel::ground(canvas, plot)
}

fn in_per_cent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn horizontal_ticks(one: &PartialDependence, axis: &ChartAxis) -> Vec<Tick> {
    if one.feature.info().kind == FeatureKind::Category && one.grid.len() <= 6 {
        let label = |value: f64| match one.feature {
            Feature::Decade => format!("{value:.0}"),
            feature => category(feature, value),
        };
        let named = |value: &f64| Tick { value: *value, label: label(*value) };
        return one.grid.iter().map(named).collect();
    }
    axis.ticks_that_fit(TICK, 5)
}

fn range(curve: &[f64]) -> f64 {
    let high = curve.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    high - curve.iter().copied().fold(f64::INFINITY, f64::min)
}

fn title(all: &[PartialDependence]) -> String {
    let widest = all.iter().max_by(|a, b| range(&a.mean).total_cmp(&range(&b.mean)));
    match widest.and_then(|one| Some((one, one.mean.first()?, one.mean.last()?))) {
        None => "No partial dependence was computed".to_owned(),
        Some((one, first, last)) => format!(
            "{}: the mean probability goes from {} at low values to {} at high values",
            capitalise(one.feature.name()),
            percent(*first),
            percent(*last)
        ),
    }
}

fn title_by_decade(all: &[PartialDependence]) -> String {
    match sign_changes(all).first() {
        None => "The features have the same direction in every decade".to_owned(),
        Some(turn) => format!(
            "Being {} raises the probability of a hit in the {} and lowers it in the {}",
            comparative(turn.feature, true),
            turn.rises,
            turn.falls
        ),
    }
}

fn description(all: &[PartialDependence]) -> String {
    let each = all.iter().filter_map(|one| {
        Some(format!("{}: {} to {}", one.feature, percent(*one.mean.first()?), percent(*one.mean.last()?)))
    });
    format!(
        "Line charts of mean probabilities, from the 5th percentile of the values to the 95th. {}.",
        each.collect::<Vec<_>>().join("; ")
    )
}

fn description_by_decade(all: &[PartialDependence]) -> String {
    let curve = |one: &PartialDependence| {
        let each = one.by_decade.iter().filter_map(|curve| {
            Some(format!("{} {} to {}", curve.decade, percent(*curve.mean.first()?), percent(*curve.mean.last()?)))
        });
        format!("{}: {}", one.feature, each.collect::<Vec<_>>().join(", "))
    };
    format!("Line charts, one line per decade. {}.", all.iter().map(curve).collect::<Vec<_>>().join("; "))
}
