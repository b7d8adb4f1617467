//! How flops and hits are spread over two features at once, for the pairs that are most informative together.

use plotters::style::RGBColor;

use super::axis::{ChartAxis, Tick};
use super::canvas::{style, text_width, Anchor, Canvas, Frame, PixelPoint};
use super::display::{heading, scale};
use super::layout::{ChartPlan, Mark, MARGIN, PAGE_WIDTH};
use super::level_region::outline;
use super::panel::{self, HEADING, TICK_LABELS};
use super::theme::{label_colour, GRID, IDLE, LABEL, MUTED, TICK};
use super::{Chart, ChartEntry};
use crate::format::{fixed, list, percent, plural, value};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::{Feature, Label};
use hitflop_data::explore::overview::{BinScale, FeatureBins, FeaturePairs, PairDensity, PairInformation};

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "feature_pairs",
    part: PagePart::Pairs,
    tables: &["feature_pair_cells"],
    source: ContentSource::Report(|findings| {
        let pairs = &findings.report.overview.pairs;
        (!pairs.densities.is_empty()).then(|| feature_pairs(pairs))
    }),
};

/// Height of a plot.
const PLOT: f64 = 176.0;
/// Room for an axis title below the tick labels.
const AXIS_TITLE: f64 = 18.0;
/// Room at the left of a plot for tick labels and axis title.
const LEFT: f64 = 62.0;
/// Between the plots of flops and of hits.
const PLOT_GAP: f64 = 34.0;
/// Between two pairs side by side.
const PAIR_GAP: f64 = 30.0;
/// Between a pair and the one below it.
const BELOW: f64 = 20.0;
const PAIR_HEIGHT: f64 = HEADING + PLOT + TICK_LABELS + AXIS_TITLE + BELOW;
/// Pairs side by side.
const COLUMNS: usize = 2;
/// Room for the scale of densities.
const SCALE: f64 = 40.0;

/// Densities, as multiples of an even spread over all cells, from which a cell is in a level, and the opacities of the levels.
const LEVELS: [(f64, f64); 6] = [(0.25, 0.10), (0.5, 0.22), (1.0, 0.38), (2.0, 0.56), (4.0, 0.76), (8.0, 1.0)];

pub(super) fn feature_pairs(pairs: &FeaturePairs) -> Result<Chart> {
    let shown: Vec<(&PairDensity, &PairInformation)> = pairs.densities.iter().zip(&pairs.ranked).collect();
    let rows = shown.len().div_ceil(COLUMNS);
    let plan = ChartPlan {
        name: CHART.name,
        title: title(&pairs.ranked),
        subtitle: "Flops at the left and hits at the right of each pair, on the same axes".to_owned(),
        legend: Label::BOTH.map(|label| (Mark::Block(label_colour(label)), format!("{label}s"))).to_vec(),
        caption: caption(&shown),
        description: description(&shown),
        width: PAGE_WIDTH,
        height: PAIR_HEIGHT * rows as f64 + SCALE,
    };
    let chart = plan.draw_panels(
        |body| {
            let scale = Frame { right: frame_of(body, 0).right, top: body.bottom - SCALE, ..body };
            (0..shown.len()).map(|index| frame_of(body, index)).chain([scale]).collect()
        },
        |canvas, frame, index| match shown.get(index) {
            Some((density, information)) => draw_pair(canvas, frame, density, information),
            None => draw_scale(canvas, Frame { top: frame.top + 8.0, ..frame }),
        },
    )?;
    // All that is transparent here is filled and has no outline. Rendering an opacity takes a layer of pixels for each shape, and rendering
    // that of a fill takes none.
    let without_layers = |markup: &str| markup.replace(" opacity=\"", " fill-opacity=\"");
    let mut parts = chart.parts;
    parts.pictures.iter_mut().for_each(|picture| picture.markup = without_layers(&picture.markup));
    Ok(Chart { svg: without_layers(&chart.svg), parts, ..chart })
}

/// The frame of the `index`-th pair, row by row.
fn frame_of(body: Frame, index: usize) -> Frame {
    let width = (f64::from(PAGE_WIDTH) - 2.0 * MARGIN - PAIR_GAP) / COLUMNS as f64;
    let left = body.left + (width + PAIR_GAP) * (index % COLUMNS) as f64;
    let top = body.top + PAIR_HEIGHT * (index / COLUMNS) as f64;
    Frame { left, top, right: left + width, bottom: top + PAIR_HEIGHT - BELOW }
}

fn title(ranked: &[PairInformation]) -> String {
    match ranked.first() {
        Some(PairInformation { features: [a, b], nats, .. }) => format!(
            "Together, {} and {} have the most mutual information with the label ({} nats)",
            a.in_words(),
            b.in_words(),
            fixed(*nats, 3)
        ),
        None => "Pairs of features".to_owned(),
    }
}

fn caption(shown: &[(&PairDensity, &PairInformation)]) -> String {
    let bins = shown.iter().flat_map(|(density, _)| &density.bins);
    let most = bins.clone().map(FeatureBins::len).max().unwrap_or(0);
    let logarithmic = shown.iter().flat_map(|(density, _)| density.features.iter().zip(&density.bins));
    let mut logarithmic: Vec<&str> =
        logarithmic.filter(|(_, bins)| bins.scale == BinScale::Log).map(|(feature, _)| feature.name()).collect();
    logarithmic.sort_unstable();
    logarithmic.dedup();
    let mut caption = format!(
        "Tracks of each label over two features, for the {} with the most mutual information with the label. Each axis has at most \
         {}. Colour: share of the label’s tracks in a cell, relative to an even spread over all cells; a level begins where the share \
         doubles. Tails beyond an axis are not shown.",
        plural(shown.len() as u64, "pair", "pairs"),
        plural(most as u64, "cell", "cells")
    );
    if !logarithmic.is_empty() {
        caption.push_str(&format!(
            " The axis of {} is logarithmic; values of 0 are in its first cells.",
            list(&logarithmic)
        ));
    }
    caption
}

fn description(shown: &[(&PairDensity, &PairInformation)]) -> String {
    let of_pair = |(density, information): &(&PairDensity, &PairInformation)| {
        let densest = Label::BOTH.map(|label| {
            let place = densest(density, label);
            format!("{label}s are densest near {} and {}", place[0], place[1])
        });
        let [a, b] = density.features;
        format!("{} and {}, {} nats: {}", a.in_words(), b.in_words(), fixed(information.nats, 3), densest.join(", "))
    };
    format!("Two-dimensional histograms. {}.", shown.iter().map(of_pair).collect::<Vec<_>>().join(". "))
}

/// The middle of the cell with the most tracks of a label, along both axes.
fn densest(density: &PairDensity, label: Label) -> [String; 2] {
    let counts = counts(density, label);
    let width = density.bins[1].len();
    // The first of equal ones.
    let cell = (0..counts.len()).rev().max_by_key(|cell| counts[*cell]).unwrap_or(0);
    let places = [cell / width.max(1), cell % width.max(1)];
    [0, 1].map(|axis: usize| {
        let bins = &density.bins[axis];
        let (low, high) = (bins.edges[places[axis]], bins.edges[places[axis] + 1]);
        let middle = if bins.scale == BinScale::Log { (low * high).sqrt() } else { (low + high) / 2.0 };
        value(density.features[axis], middle)
    })
}

fn counts(density: &PairDensity, label: Label) -> &[u64] {
    match label {
        Label::Flop => &density.flops_by_cell,
        Label::Hit => &density.hits_by_cell,
    }
}

fn draw_pair(canvas: &Canvas, frame: Frame, density: &PairDensity, information: &PairInformation) -> Result<()> {
    let [a, b] = density.features;
    let nats = fixed(information.nats, 3);
    let [alone_a, alone_b] = information.alone.map(|nats| fixed(nats, 3));
    let notes = [
        format!("{nats} nats; alone {alone_a} and {alone_b}"),
        format!("{nats}; alone {alone_a}, {alone_b}"),
        format!("{nats} nats"),
    ];
    panel::heading(canvas, frame, &format!("{} and {}", a.in_words(), b.in_words()), &notes)?;
    let width = (frame.width() - LEFT - PLOT_GAP) / 2.0;
    let top = frame.top + HEADING;
    for (index, label) in Label::BOTH.into_iter().enumerate() {
        let left = frame.left + LEFT + (width + PLOT_GAP) * index as f64;
        let plot = Frame { left, top, right: left + width, bottom: top + PLOT };
        let [across, up] =
            [axis(a, &density.bins[0], plot.left, plot.right), axis(b, &density.bins[1], plot.bottom, plot.top)];
        draw_grid(canvas, plot, density, [&across, &up], index == 0)?;
        draw_levels(canvas, density, label, [&across, &up])?;
        panel::ground(canvas, plot)?;
        name_values(canvas, density, label, [&across, &up]);
    }
    let middle = (frame.left + LEFT + frame.right) / 2.0;
    let below = top + PLOT + TICK_LABELS + AXIS_TITLE - 6.0;
    canvas.text(&heading(a), (middle, below), style(LABEL, MUTED, Anchor::Middle))?;
    let beside = (frame.left + 11.0, top + PLOT / 2.0 + text_width(&heading(b), LABEL) / 2.0);
    canvas.text_upwards(&heading(b), beside, style(LABEL, MUTED, Anchor::Start))
}

/// The axis of a feature's bins from one pixel to another, in the unit that is shown.
fn axis(feature: Feature, bins: &FeatureBins, from: f64, to: f64) -> ChartAxis {
    let factor = scale(feature);
    let end = |edge: Option<&f64>| edge.map_or(f64::NAN, |edge| edge * factor);
    let (low, high) = (end(bins.edges.first()), end(bins.edges.last()));
    let axis = match bins.scale {
        BinScale::Log => ChartAxis::log(low, high, from, to),
        BinScale::Linear | BinScale::Categories => ChartAxis::linear(low, high, from, to),
    };
    match feature.is_whole() && factor == 1.0 {
        true => axis.of_whole_numbers(),
        false => axis,
    }
}

/// Blocks of cells along an axis that have a value under the pointer.
const BLOCKS: usize = 5;

/// The first and the last edge of each block of bins.
fn blocks(bins: &FeatureBins) -> Vec<(usize, usize)> {
    let step = bins.len().div_ceil(BLOCKS).max(1);
    (0..bins.len()).step_by(step).map(|first| (first, (first + step).min(bins.len()))).collect()
}

/// Gives each block of cells its range and its share of the label's tracks.
fn name_values(canvas: &Canvas, density: &PairDensity, label: Label, axes: [&ChartAxis; 2]) {
    let counts = counts(density, label);
    let all = counts.iter().sum::<u64>().max(1) as f64;
    let rows = density.bins[1].len();
    let px = |axis: usize, edge: usize| axes[axis].px(density.bins[axis].edges[edge] * scale(density.features[axis]));
    let range = |axis: usize, (first, last): (usize, usize)| {
        let [low, high] = [first, last].map(|edge| value(density.features[axis], density.bins[axis].edges[edge]));
        format!("{}: {low} to {high}", density.features[axis].in_words())
    };
    for across in blocks(&density.bins[0]) {
        for up in blocks(&density.bins[1]) {
            let cells = (across.0..across.1).flat_map(|column| (up.0..up.1).map(move |row| column * rows + row));
            let tracks: u64 = cells.map(|cell| counts[cell]).sum();
            let share = percent(tracks as f64 / all);
            let frame = Frame { left: px(0, across.0), top: px(1, up.1), right: px(0, across.1), bottom: px(1, up.0) };
            canvas.value(frame, format!("{label}s\n{}\n{}\n{share} of the {label}s", range(0, across), range(1, up)));
        }
    }
}

fn draw_grid(
    canvas: &Canvas,
    plot: Frame,
    density: &PairDensity,
    [across, up]: [&ChartAxis; 2],
    is_labelled: bool,
) -> Result<()> {
    panel::vertical_grid(canvas, plot, across, &across.ticks_that_fit(TICK, 5))?;
    // Ticks that have room side by side along a line of twice the height have room above each other.
    let along = axis(density.features[1], &density.bins[1], 0.0, 2.0 * plot.height());
    for Tick { value, label } in along.ticks_that_fit(TICK, 5) {
        let y = up.px(value);
        canvas.line(&[(plot.left, y), (plot.right, y)], GRID, 1.0)?;
        if is_labelled {
            canvas.text(&label, (plot.left - 6.0, y + 4.0), style(TICK, MUTED, Anchor::End))?;
        }
    }
    Ok(())
}

/// The cells of each level and of those above it, one over the other, so that opacities add up to those of the levels.
fn draw_levels(canvas: &Canvas, density: &PairDensity, label: Label, [across, up]: [&ChartAxis; 2]) -> Result<()> {
    let counts = counts(density, label);
    let all = counts.iter().sum::<u64>().max(1) as f64;
    let even = all / counts.len() as f64;
    let [columns, rows] = [density.bins[0].len(), density.bins[1].len()];
    let [x, y] = [(0, across), (1, up)].map(|(index, axis): (usize, &ChartAxis)| {
        let factor = scale(density.features[index]);
        density.bins[index].edges.iter().map(|edge| axis.px(edge * factor)).collect::<Vec<f64>>()
    });
    let mut below = 0.0;
    for (least, opacity) in LEVELS {
        let region = outline(columns, rows, |column, row| counts[column * rows + row] as f64 >= least * even);
        let points: Vec<PixelPoint> = region.into_iter().map(|(column, row)| (x[column], y[row])).collect();
        if !points.is_empty() {
            canvas.shape(&points, label_colour(label), added(below, opacity))?;
        }
        below = opacity;
    }
    Ok(())
}

/// The opacity of what is drawn over the opacity `below`, so that both together have the opacity `above`.
fn added(below: f64, above: f64) -> f64 {
    1.0 - (1.0 - above) / (1.0 - below)
}

/// The opacities of the levels with the densities between them.
fn draw_scale(canvas: &Canvas, frame: Frame) -> Result<()> {
    const MAX_WIDTH: f64 = 46.0;
    let words = "tracks per cell, as a multiple of an even spread:";
    canvas.text(words, (frame.left, frame.top + 10.0), style(TICK, MUTED, Anchor::Start))?;
    let first = frame.left + text_width(words, TICK) + 20.0;
    let width = ((frame.right - first) / LEVELS.len() as f64).min(MAX_WIDTH);
    for (index, (least, opacity)) in LEVELS.into_iter().enumerate() {
        let left = first + width * index as f64;
        let cell = Frame { left, top: frame.top, right: left + width, bottom: frame.top + 12.0 };
        canvas.block(cell, SCALE_COLOUR, opacity)?;
        let label = match least {
            least if least < 1.0 => format!("1/{}", fixed(1.0 / least, 0)),
            least => fixed(least, 0),
        };
        canvas.text(&label, (left, frame.top + 26.0), style(TICK, MUTED, Anchor::Middle))?;
        canvas.value(cell, format!("from {label} times an even spread"));
    }
    Ok(())
}

/// The levels are the same for either label.
const SCALE_COLOUR: RGBColor = IDLE;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::full::usual;

    #[test]
    fn opacities_add_up() {
        let through = LEVELS.iter().fold((1.0, 0.0), |(through, below), (_, opacity)| {
            let through: f64 = through * (1.0 - added(below, *opacity));
            assert!((1.0 - through - opacity).abs() < 1e-12, "{opacity}");
            (through, *opacity)
        });
        assert!(through.0.abs() < 1e-12);
    }

    #[test]
    fn the_title_names_the_first_pair_and_a_report_without_pairs_has_no_chart() {
        let mut report = usual();
        let pairs = &report.overview.pairs;
        let chart = feature_pairs(pairs).expect("it is drawn");
        let [a, b] = pairs.ranked[0].features.map(Feature::in_words);
        assert!(chart.title.starts_with(&format!("Together, {a} and {b} have the most")), "{}", chart.title);
        assert_eq!(chart.alt.matches("flops are densest near").count(), pairs.densities.len());
        report.overview.pairs = FeaturePairs::default();
        let names = crate::charts::all(&crate::findings::Findings::of(&report)).expect("charts are drawn");
        assert!(names.iter().all(|chart| chart.name != CHART.name));
    }
}
