//! The distributions of the features as small multiples: by label, and by decade.

use plotters::style::RGBColor;

use super::alt_text::{describe_decades, describe_labels};
use super::canvas::Frame;
use super::density_panels::{
    draw_cell, has_zero_bar, is_constant, is_logarithmic, puts_zero_at_the_left, PanelCurve, BELOW, PANEL_HEIGHT,
};
use super::layout::{grid_cells, grid_height, ChartPlan, Mark, PAGE_WIDTH};
use super::theme::{decade_colours, label_colour, MUTED};
use super::wording::{differences, greatest, of_label};
use super::{Chart, ChartEntry};
use crate::findings::effect_size::decades;
use crate::format::list;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::{Decade, FeatureRange, Label};
use hitflop_data::explore::density::{DensityCurve, DensityView, FeatureDensity};
use hitflop_data::explore::summary::{GroupSummary, Summary};

/// Width of a curve.
const LINE: f64 = 2.0;
/// Width of a highlighted curve.
const HEAVY_LINE: f64 = 3.2;

pub(super) const BY_LABEL: ChartEntry = ChartEntry {
    name: "density_by_label",
    part: PagePart::Densities,
    tables: &["density_by_label"],
    source: ContentSource::Report(|findings| Some(by_label(&findings.report.densities, &findings.report.summary))),
};

/// Densities of every feature, hits against flops.
pub(super) fn by_label(densities: &[FeatureDensity], summary: &Summary) -> Result<Chart> {
    let title = match (of_label(summary, Label::Flop), of_label(summary, Label::Hit)) {
        _ if are_constant(densities, summary) => ONE_VALUE.to_owned(),
        (Some(flops), Some(hits)) => match greatest(differences(flops, hits), 3) {
            words if words.is_empty() => "Hits and flops have similar distributions in every feature".to_owned(),
            words => format!("Hits are {} than flops", list(&words)),
        },
        _ => "Distributions of the features".to_owned(),
    };
    let legend = Label::BOTH.map(|label| (mark(label), format!("{label}s"))).to_vec();
    let description = describe_labels(densities, summary);
    let plan = plan(BY_LABEL.name, (title, description), legend, densities.len(), label_caption(densities, summary));
    plan.draw_panels(cells(densities), |canvas, cell, index| {
        let density = &densities[index];
        let curves: Vec<PanelCurve> = density.by_label.iter().map(label_curve).collect();
        draw_cell(canvas, cell, density, summary, &curves)
    })
}

fn label_curve(curve: &DensityCurve) -> PanelCurve<'_> {
    let label = curve.label.unwrap_or(Label::Flop);
    PanelCurve { name: format!("{label}s"), curve, colour: label_colour(label), area: label == Label::Hit, width: LINE }
}

/// Divides a picture into the panels of features.
fn cells(densities: &[FeatureDensity]) -> impl Fn(Frame) -> Vec<Frame> {
    let count = densities.len();
    move |body| grid_cells(body, count, PANEL_HEIGHT)
}

/// Title of a chart without any curve.
const ONE_VALUE: &str = "Every feature has one value";

/// Whether every feature has one value.
fn are_constant(densities: &[FeatureDensity], summary: &Summary) -> bool {
    densities.iter().all(|density| is_constant(summary, density))
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
    tables: &["density_by_decade"],
    source: ContentSource::Report(|findings| {
        let report = findings.report;
        report.compares_decades().then(|| by_decade(&report.densities, &report.summary))
    }),
};

/// Densities of every feature, decade against decade.
pub(super) fn by_decade(densities: &[FeatureDensity], summary: &Summary) -> Result<Chart> {
    let title = match (summary.by_decade.first(), summary.by_decade.last()) {
        _ if are_constant(densities, summary) => ONE_VALUE.to_owned(),
        (Some(first), Some(last)) if summary.by_decade.len() > 1 => trend(first, last),
        (Some(only), _) => {
            format!("Distributions of the features{}", only.decade.map_or(String::new(), |d| format!(" in the {d}")))
        }
        _ => "Distributions of the features".to_owned(),
    };
    let decades = decades(summary);
    let colours = decade_colours(decades.len());
    let drawn = |curve| decade_curve(curve, &decades, &colours);
    let legend =
        decades.iter().zip(&colours).map(|(decade, colour)| (Mark::Line(*colour), decade.to_string())).collect();
    let description = describe_decades(densities, summary);
    let plan = plan(BY_DECADE.name, (title, description), legend, densities.len(), DECADE_CAPTION.to_owned());
    plan.draw_panels(cells(densities), |canvas, cell, index| {
        let density = &densities[index];
        let curves: Vec<PanelCurve> = density.by_decade.iter().map(drawn).collect();
        draw_cell(canvas, cell, density, summary, &curves)
    })
}

/// The curve of a decade; the first and the last are plotted heavier, for the eye to compare the ends of the scale.
fn decade_curve<'a>(curve: &'a DensityCurve, decades: &[Decade], colours: &[RGBColor]) -> PanelCurve<'a> {
    let place = decades.iter().position(|decade| curve.decade == Some(*decade));
    let is_end = place.is_some_and(|place| place == 0 || place + 1 == decades.len());
    PanelCurve {
        name: curve.decade.map_or("no decade".to_owned(), |decade| decade.to_string()),
        curve,
        colour: place.map_or(MUTED, |place| colours[place]),
        area: false,
        width: if is_end { HEAVY_LINE } else { LINE },
    }
}

fn trend(first: &GroupSummary, last: &GroupSummary) -> String {
    let (Some(from), Some(to)) = (first.decade, last.decade) else {
        return "Distributions of the features".to_owned();
    };
    match greatest(differences(first, last), 3) {
        words if words.is_empty() => format!("From the {from} to the {to} the distributions hardly changed"),
        words => format!("From the {from} to the {to} tracks became {}", list(&words)),
    }
}

fn plan(
    name: &'static str,
    (title, description): (String, String),
    legend: Vec<(Mark, String)>,
    panels: usize,
    caption: String,
) -> ChartPlan {
    ChartPlan {
        name,
        title,
        subtitle: "Every curve has the same area, including tails beyond the axis and a bar at 0; the percentages of \
                   a group sum to 100 %. Vertical scales differ."
            .to_owned(),
        legend,
        caption,
        description,
        width: PAGE_WIDTH,
        height: (grid_height(panels, PANEL_HEIGHT) - BELOW).max(0.0),
    }
}

const DECADE_CAPTION: &str =
    "Distribution of each feature by decade, with the methods and axes of the figure by label.";

fn label_caption(densities: &[FeatureDensity], summary: &Summary) -> String {
    let curves: Vec<&FeatureDensity> = densities.iter().filter(|density| !is_constant(summary, density)).collect();
    format!(
        "Distribution of each feature by label: Gaussian kernel densities (Scott’s bandwidth), and percentages of tracks for \
         categories. {}",
        treatment(&curves)
    )
}

/// What was done to scales, tails and bounds, a sentence each.
fn treatment(densities: &[&FeatureDensity]) -> String {
    type Treatment = (fn(&FeatureDensity) -> bool, fn(&str) -> String);
    let treatments: [Treatment; 5] = [
        (is_logarithmic, |names| format!("For {names}, the axis is logarithmic and the density is per factor of ten.")),
        (
            |density| puts_zero_at_the_left(density, &density.by_label),
            |names| {
                format!(
                    "In {names}, values of exactly 0 are at the left end of the axis and smoothed like all others: a \
                     peak there consists of these tracks."
                )
            },
        ),
        (
            |density| has_zero_bar(&density.by_label),
            |names| {
                format!(
                    "In {names}, many values are exactly 0: bars at the left are the percentages of these tracks, and \
                     the curves of the others have the rest of the area."
                )
            },
        ),
        (has_cut_tails, |names| {
            format!("Tails of {names} are not shown (percentage in the panel), but are part of the density.")
        }),
        (is_reflected, |names| format!("Densities of {names} are corrected by reflection at both ends of the axis.")),
    ];
    let sentence = |(holds, describe): Treatment| {
        let names: Vec<&str> =
            densities.iter().filter(|density| holds(density)).map(|density| density.feature.name()).collect();
        (!names.is_empty()).then(|| describe(&list(&names)))
    };
    treatments.into_iter().filter_map(sentence).collect::<Vec<_>>().join(" ")
}

fn has_cut_tails(density: &FeatureDensity) -> bool {
    matches!(density.view, DensityView::Linear { cut: Some(_), .. })
}

/// Whether the density was corrected at both ends of its axis, as [`DensityView`] says of either scale.
fn is_reflected(density: &FeatureDensity) -> bool {
    match density.view {
        DensityView::Linear { reflected, .. } => reflected,
        DensityView::Log { high, .. } => high == 1.0 && density.feature.info().range == FeatureRange::Within(0.0, 1.0),
        DensityView::Shares => false,
    }
}
