//! Reliability curves of a model before and after calibration.

use super::axis::{percent, ChartAxis, Tick};
use super::canvas::{style, Anchor, Canvas, Frame, PixelPoint};
use super::layout::{ChartPlan, LegendEntry, Mark, PAGE_WIDTH};
use super::panel;
use super::roc::MODEL_WIDTH;
use super::theme::{ACCENT, FLOP, HIT, LABEL, MUTED, TICK};
use super::{Chart, ChartEntry};
use crate::format::{capitalise, count, fixed, plural};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_metrics::calibration::CalibratorKind;
use hitflop_metrics::reliability::Frequency;
use hitflop_model::probabilities::{ProbabilityQuality, ReliabilityCurves};

const HEIGHT: f64 = 590.0;
/// Height of the histogram.
const HISTOGRAM: f64 = 96.0;
/// Between curve and histogram.
const BETWEEN: f64 = 34.0;
/// Room for tick labels and axis titles.
const LEFT: f64 = 58.0;
const BELOW: f64 = 44.0;
const GAP: f64 = 34.0;
/// Opacity of the histogram's bars.
const BAR: f64 = 0.75;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "reliability_curve",
    part: PagePart::Calibration,
    tables: &["reliability"],
    source: ContentSource::Report(|findings| findings.report.probabilities.as_ref().map(reliability)),
};

/// Shares of hits against probabilities, with intervals, and how often each probability is given: one panel where the model is not
/// calibrated, two where it is.
pub(super) fn reliability(probabilities: &ProbabilityQuality) -> Result<Chart> {
    let method = probabilities.calibration.method();
    let panels: Vec<(String, &ReliabilityCurves)> = match method {
        CalibratorKind::None => vec![("Not calibrated".to_owned(), &probabilities.before)],
        method => vec![
            ("Before".to_owned(), &probabilities.before),
            (format!("After {}", method.in_words()), &probabilities.after),
        ],
    };
    let most = panels.iter().flat_map(|(_, panel)| &panel.histogram).map(rows).max().unwrap_or(0);
    let plan = ChartPlan {
        name: CHART.name,
        title: title(probabilities),
        subtitle: format!(
            "Test tracks in ten bins of their probability; bars are 95 % intervals; {}",
            plural(probabilities.test.rows, "track", "tracks")
        ),
        legend: legend(),
        caption: format!(
            "Reliability of the final model’s probabilities on {} test tracks{}. Each point is a bin of width 0.1: \
             mean probability and share of hits with Wilson’s 95 % interval. On the diagonal the two are equal. \
             Below, the number of tracks by probability in bins of width 0.025.",
            count(probabilities.test.rows),
            if panels.len() > 1 { ", before and after calibration" } else { "" }
        ),
        description: description(&panels),
        width: if panels.len() > 1 { PAGE_WIDTH } else { MODEL_WIDTH },
        height: HEIGHT,
    };
    let frames = |body: Frame| {
        let width = (body.width() - GAP * (panels.len() - 1) as f64) / panels.len() as f64;
        let lefts = (0..panels.len()).map(|index| body.left + (width + GAP) * index as f64);
        lefts.map(|left| Frame { left, right: left + width, ..body }).collect()
    };
    plan.draw_panels(frames, |canvas, frame, index| {
        let (heading, reliability) = &panels[index];
        draw(canvas, frame, heading, reliability, most)
    })
}

fn legend() -> Vec<LegendEntry> {
    vec![
        (Mark::Disc(ACCENT), "share of hits".to_owned()),
        (Mark::Dashes(MUTED), "perfect calibration".to_owned()),
        (Mark::Block(HIT), "hits".to_owned()),
        (Mark::Block(FLOP), "flops".to_owned()),
    ]
}

fn title(probabilities: &ProbabilityQuality) -> String {
    let after = probabilities.after.scores.expected_calibration_error * 100.0;
    let before = probabilities.before.scores.expected_calibration_error * 100.0;
    match probabilities.calibration.method() {
        CalibratorKind::None => {
            format!("The mean calibration error is {} percentage points", fixed(after, 1))
        }
        method => capitalise(&format!(
            "{} changes the mean calibration error from {} to {} percentage points",
            method.in_words(),
            fixed(before, 1),
            fixed(after, 1)
        )),
    }
}

fn description(panels: &[(String, &ReliabilityCurves)]) -> String {
    let panel = |(heading, reliability): &(String, &ReliabilityCurves)| {
        let bins = reliability
            .bins
            .iter()
            .map(|bin| format!("{} at {}", percent(bin.hit_share, 0), fixed(bin.mean_probability, 2)));
        format!("{heading}, share of hits at mean probability: {}.", bins.collect::<Vec<_>>().join(", "))
    };
    let all: Vec<String> = panels.iter().map(panel).collect();
    format!("Reliability curve. {}", all.join(" "))
}

fn rows(bin: &Frequency) -> u64 {
    bin.flops + bin.hits
}

fn draw(canvas: &Canvas, frame: Frame, heading: &str, reliability: &ReliabilityCurves, most: u64) -> Result<()> {
    let scores = &reliability.scores;
    let notes = [
        format!("Brier {}, calibration error {}", fixed(scores.brier, 4), fixed(scores.expected_calibration_error, 4)),
        format!("Brier {}", fixed(scores.brier, 4)),
    ];
    panel::heading(canvas, frame, heading, &notes)?;
    let histogram = Frame {
        left: frame.left + LEFT,
        top: frame.bottom - BELOW - HISTOGRAM,
        right: frame.right - 6.0,
        bottom: frame.bottom - BELOW,
    };
    let curve = Frame { top: frame.top + panel::HEADING, bottom: histogram.top - BETWEEN, ..histogram };
    let horizontal = ChartAxis::linear(0.0, 1.0, curve.left, curve.right);
    draw_curve(canvas, frame, curve, &horizontal, reliability)?;
    draw_histogram(canvas, frame, histogram, &horizontal, &reliability.histogram, most)
}

fn shares() -> Vec<Tick> {
    let tick = |fifth: u32| f64::from(fifth) / 5.0;
    (0..=5).map(tick).map(|value| Tick { value, label: percent(value, 0) }).collect()
}

fn draw_curve(
    canvas: &Canvas,
    frame: Frame,
    plot: Frame,
    horizontal: &ChartAxis,
    reliability: &ReliabilityCurves,
) -> Result<()> {
    let vertical = ChartAxis::linear(0.0, 1.0, plot.bottom, plot.top);
    panel::horizontal_grid(canvas, plot, &vertical, &shares())?;
    panel::vertical_grid(canvas, plot, horizontal, &probabilities())?;
    let middle = (plot.top + plot.bottom) / 2.0;
    canvas.text_upwards("share of hits", (frame.left + 10.0, middle), style(LABEL, MUTED, Anchor::Middle))?;
    canvas.dashes((plot.left, plot.bottom), (plot.right, plot.top), 6.0, MUTED, 1.4)?;
    let finite = reliability.bins.iter().filter(|bin| bin.hit_share.is_finite() && bin.mean_probability.is_finite());
    let known: Vec<_> = finite.collect();
    let mut points: Vec<PixelPoint> = Vec::new();
    for bin in &known {
        let x = horizontal.px(bin.mean_probability);
        let ends = [(x, vertical.px(bin.hit_share_low)), (x, vertical.px(bin.hit_share_high))];
        canvas.line(&ends, ACCENT, 1.4)?;
        for (x, y) in ends {
            canvas.line(&[(x - 4.0, y), (x + 4.0, y)], ACCENT, 1.4)?;
        }
        points.push((x, vertical.px(bin.hit_share)));
    }
    let places: Vec<f64> = known.iter().map(|bin| horizontal.px(bin.mean_probability)).collect();
    panel::strips(canvas, plot, &places, |at| {
        let bin = known[at];
        let [share, low, high] = [bin.hit_share, bin.hit_share_low, bin.hit_share_high].map(|share| percent(share, 1));
        format!("probability {}\nhits: {share} (95 %: {low} to {high})", fixed(bin.mean_probability, 2))
    });
    canvas.line(&points, ACCENT, 2.4)?;
    points.iter().try_for_each(|point| canvas.disc(*point, 4.2, ACCENT))?;
    panel::ground(canvas, plot)
}

fn probabilities() -> Vec<Tick> {
    let tick = |fifth: u32| f64::from(fifth) / 5.0;
    (0..=5).map(tick).map(|value| Tick { value, label: fixed(value, 1) }).collect()
}

/// Bars of hits are on top of bars of flops; both panels have one scale.
fn draw_histogram(
    canvas: &Canvas,
    frame: Frame,
    plot: Frame,
    horizontal: &ChartAxis,
    bins: &[Frequency],
    most: u64,
) -> Result<()> {
    let vertical = ChartAxis::linear(0.0, most.max(1) as f64, plot.bottom, plot.top).of_whole_numbers();
    panel::horizontal_grid(canvas, plot, &vertical, &vertical.ticks(3))?;
    panel::tick_labels(canvas, plot, horizontal, &probabilities())?;
    let middle = (plot.top + plot.bottom) / 2.0;
    canvas.text_upwards("tracks", (frame.left + 10.0, middle), style(TICK, MUTED, Anchor::Middle))?;
    let width = 1.0 / bins.len().max(1) as f64;
    for (index, bin) in bins.iter().enumerate() {
        let (left, right) = (horizontal.px(index as f64 * width), horizontal.px((index + 1) as f64 * width));
        let place =
            format!("probability {} to {}", fixed(index as f64 * width, 3), fixed((index + 1) as f64 * width, 3));
        let (flops, hits) = (count(bin.flops), count(bin.hits));
        canvas.value(Frame { left, right, ..plot }, format!("{place}\nflops: {flops}\nhits: {hits}"));
        let edges = [0, bin.flops, rows(bin)].map(|rows| vertical.px(rows as f64));
        for (bottom, top, colour) in [(edges[0], edges[1], FLOP), (edges[1], edges[2], HIT)] {
            if bottom > top {
                canvas.block(Frame { left: left + 0.5, top, right: right - 0.5, bottom }, colour, BAR)?;
            }
        }
    }
    panel::ground(canvas, plot)?;
    let centre = (plot.left + plot.right) / 2.0;
    canvas.text("probability of a hit", (centre, frame.bottom - 4.0), style(LABEL, MUTED, Anchor::Middle))
}
