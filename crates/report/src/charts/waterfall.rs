//! One prediction in parts: from the mean answer, contribution by contribution, to the track's own.

use super::axis::{ChartAxis, Tick};
use super::canvas::{fit, style, text_width, Anchor, Canvas, Frame, PixelPoint};
use super::layout::{is_narrow, ChartPlan, Mark, PAGE_WIDTH};
use super::panel;
use super::theme::{label_colour, BACKGROUND, GRID, INK, LABEL, MUTED, PANEL, TICK};
use super::{Chart, ChartEntry};
use crate::findings::Findings;
use crate::format::{capitalise, fixed, percent, signed};
use crate::phrases::explanations::shown;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::Label;
use hitflop_model::explain::global::{Example, ExampleKind, TrackName};
use hitflop_model::explain::local::{Contribution, ContributionScale, Explanation};

/// The rows of a waterfall.
#[derive(Clone, Copy)]
struct WaterfallRows {
    height: f64,
    /// From the top of a row to the middle of its bar.
    bar: f64,
    /// Whether name and ranks are above the bar rather than beside it.
    is_named_above: bool,
}

const WIDE_ROWS: WaterfallRows = WaterfallRows { height: 26.0, bar: 13.0, is_named_above: false };
const NARROW_ROWS: WaterfallRows = WaterfallRows { height: 42.0, bar: 29.0, is_named_above: true };

impl WaterfallRows {
    fn of(body: Frame) -> WaterfallRows {
        if is_narrow(body) {
            NARROW_ROWS
        } else {
            WIDE_ROWS
        }
    }

    fn height_of_all(self, contributions: &[Contribution]) -> f64 {
        ABOVE + self.height * (contributions.len() + 2) as f64 + BELOW
    }

    /// Room for the names at the left, if they are there.
    fn names(self, widest: f64) -> f64 {
        if self.is_named_above {
            0.0
        } else {
            widest + 14.0
        }
    }

    /// Place and anchor of a name, and the baseline of the ranks of its row, whose bar has its middle at `middle`.
    fn name_place(self, plot: Frame, middle: f64) -> (PixelPoint, Anchor) {
        match self.is_named_above {
            true => ((plot.left, middle - self.bar + 13.0), Anchor::Start),
            false => ((plot.left - 12.0, middle + 4.5), Anchor::End),
        }
    }
}

const THICKNESS: f64 = 16.0;
/// Room above the rows: column headings and the axis of probabilities.
const ABOVE: f64 = 46.0;
const BELOW: f64 = 46.0;
/// Columns of the ranks among hits and among flops.
const RANK_COLUMN_WIDTH: f64 = 70.0;
/// Room beyond a bar for its number.
const NUMBER: f64 = 60.0;
/// What the first and the last row are called.
const ENDS: [&str; 2] = ["mean prediction in training", "prediction for the track"];

pub(super) const CLEAR_HIT: ChartEntry = ChartEntry {
    name: "waterfall_clear_hit",
    part: PagePart::Examples,
    tables: &["waterfall_clear_hit"],
    source: ContentSource::Report(|findings| example(findings, ExampleKind::ClearHit).map(waterfall_of_example)),
};

pub(super) const CLEAR_FLOP: ChartEntry = ChartEntry {
    name: "waterfall_clear_flop",
    part: PagePart::Examples,
    tables: &["waterfall_clear_flop"],
    source: ContentSource::Report(|findings| example(findings, ExampleKind::ClearFlop).map(waterfall_of_example)),
};

pub(super) const BORDERLINE: ChartEntry = ChartEntry {
    name: "waterfall_borderline",
    part: PagePart::Examples,
    tables: &["waterfall_borderline"],
    source: ContentSource::Report(|findings| example(findings, ExampleKind::Borderline).map(waterfall_of_example)),
};

/// The example of a kind, if the final model was explained and there is one.
fn example<'a>(findings: &Findings<'a>, kind: ExampleKind) -> Option<&'a Example> {
    findings.report.explanations.as_ref()?.examples.iter().find(|example| example.kind == kind)
}

/// The chart of a report's example.
fn waterfall_of_example(example: &Example) -> Result<Chart> {
    let (name, kind) = match example.kind {
        ExampleKind::ClearHit => (CLEAR_HIT.name, "a clear hit"),
        ExampleKind::ClearFlop => (CLEAR_FLOP.name, "a clear flop"),
        ExampleKind::Borderline => (BORDERLINE.name, "a borderline track"),
    };
    let called = example.name.as_ref().and_then(TrackName::in_words).unwrap_or_else(|| "A track".to_owned());
    waterfall(&example.explanation, name, &format!("{} ({kind})", capitalise(&called)))
}

/// Bars from the mean answer of training to the answer for a track with the name `called`; the greatest contribution is first.
///
/// # Errors
/// If plotters fails, which would be a fault of this program.
pub fn waterfall(explanation: &Explanation, name: &'static str, called: &str) -> Result<Chart> {
    let contributions = explanation.by_size();
    let scale = explanation.scale;
    let decade = explanation.decade.map_or("its decade".to_owned(), |decade| format!("the {decade}"));
    let plan = ChartPlan {
        name,
        title: title(explanation, called),
        subtitle: format!(
            "Contribution of each value to the mean prediction, in {}; right: share of the hits and flops of {decade} \
             with a smaller value, ties counted half",
            scale.name()
        ),
        legend: vec![
            (Mark::Block(label_colour(Label::Hit)), "towards a hit".to_owned()),
            (Mark::Block(label_colour(Label::Flop)), "towards a flop".to_owned()),
        ],
        caption: format!(
            "{}: the mean prediction of the training tracks, the Shapley value of each feature, and their sum, the \
             prediction, {} of {}. The probability is {}, the threshold {}, and the predicted label {}.",
            called,
            scale.name(),
            signed(explanation.output, 3),
            calibrated(explanation),
            percent(explanation.threshold),
            explanation.label
        ),
        description: description(explanation, &contributions),
        width: PAGE_WIDTH,
        height: WIDE_ROWS.height_of_all(&contributions),
    };
    plan.draw_also_narrow(NARROW_ROWS.height_of_all(&contributions), |canvas, body| {
        draw(canvas, body, explanation, &contributions)
    })
}

/// `59.7 %`, and what it was before the calibration.
fn calibrated(explanation: &Explanation) -> String {
    let probability = percent(explanation.probability);
    match explanation.before_calibration() {
        None => probability,
        Some(raw) => format!("{}, calibrated to {probability}", percent(raw)),
    }
}

fn title(explanation: &Explanation, called: &str) -> String {
    format!("{called}: predicted as a {} with a probability of {}", explanation.label, percent(explanation.probability))
}

fn description(explanation: &Explanation, contributions: &[Contribution]) -> String {
    let each = contributions
        .iter()
        .map(|part| format!("{} {} {}", part.feature, shown(part.feature, part.value), signed(part.contribution, 3)));
    format!(
        "Waterfall chart. Mean prediction {}; {}; prediction {}.",
        signed(explanation.base, 3),
        each.collect::<Vec<_>>().join("; "),
        signed(explanation.output, 3)
    )
}

/// Sums after each contribution, the mean answer first.
fn sums(explanation: &Explanation, contributions: &[Contribution]) -> Vec<f64> {
    let mut sums = vec![explanation.base];
    contributions.iter().for_each(|part| sums.push(sums[sums.len() - 1] + part.contribution));
    sums
}

fn draw(canvas: &Canvas, body: Frame, explanation: &Explanation, contributions: &[Contribution]) -> Result<()> {
    let names: Vec<String> = contributions.iter().map(name).collect();
    let ends = ENDS.map(|words| text_width(words, PANEL));
    let widest = names.iter().map(|name| text_width(name, LABEL)).chain(ends).fold(0.0, f64::max);
    let widest = widest.min(body.width() * if is_narrow(body) { 0.62 } else { 1.0 / 3.0 });
    let rows = WaterfallRows::of(body);
    let ranks = if rows.is_named_above { 0.0 } else { 2.0 * RANK_COLUMN_WIDTH + 14.0 };
    let plot = Frame {
        left: body.left + rows.names(widest),
        top: body.top + ABOVE,
        right: body.right - ranks,
        bottom: body.bottom - BELOW,
    };
    let sums = sums(explanation, contributions);
    let low = sums.iter().copied().fold(f64::INFINITY, f64::min);
    let high = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let axis = ChartAxis::linear(low, high, plot.left + NUMBER, plot.right - NUMBER);
    draw_axes(canvas, plot, &axis, explanation)?;
    draw_headings(canvas, body, plot)?;
    let end = |index: usize| plot.top + rows.height * index as f64 + rows.bar;
    let row = |middle: f64| Frame { top: middle - rows.bar, bottom: middle - rows.bar + rows.height, ..body };
    canvas.value(row(end(0)), format!("{}\n{}", ENDS[0], signed(explanation.base, 3)));
    draw_end(canvas, (plot, rows), &axis, end(0), explanation.base, ENDS[0])?;
    for (index, part) in contributions.iter().enumerate() {
        let middle = end(index + 1);
        draw_contribution(canvas, &axis, (middle, middle - rows.height), (sums[index], sums[index + 1]), part)?;
        let (place, anchor) = rows.name_place(plot, middle);
        if rows.is_named_above {
            // The line from the bar above and grid lines would cross the words.
            let line = Frame { top: place.1 - 11.0, bottom: place.1 + 3.5, ..body };
            canvas.block(line, BACKGROUND, 1.0)?;
        }
        canvas.text(&fit(&names[index], LABEL, widest + 1.0), place, style(LABEL, INK, anchor))?;
        draw_percentile_rank(canvas, body, place.1 - 0.5, part)?;
        canvas.value(row(middle), reading(part, sums[index + 1]));
    }
    let last = end(contributions.len() + 1);
    canvas.value(row(last), format!("{}\n{}", ENDS[1], signed(explanation.output, 3)));
    draw_end(canvas, (plot, rows), &axis, last, explanation.output, ENDS[1])
}

/// A contribution, the sum after it, and where the value is among hits and flops.
fn reading(part: &Contribution, sum: f64) -> String {
    let rank = |share: Option<f64>| share.map_or("–".to_owned(), percent);
    format!(
        "{}\ncontribution: {}\nsum: {}\nsmaller value: {} of hits, {} of flops",
        name(part),
        signed(part.contribution, 3),
        signed(sum, 3),
        rank(part.percentile_rank.hits),
        rank(part.percentile_rank.flops)
    )
}

/// `loudness = −7.20 dB`.
fn name(part: &Contribution) -> String {
    format!("{} = {}", part.feature, shown(part.feature, part.value))
}

fn draw_axes(canvas: &Canvas, plot: Frame, axis: &ChartAxis, explanation: &Explanation) -> Result<()> {
    let ticks = axis.ticks_that_fit(TICK, 7);
    for tick in &ticks {
        let x = axis.px(tick.value);
        canvas.line(&[(x, plot.top), (x, plot.bottom)], GRID, 1.0)?;
    }
    panel::tick_labels(canvas, plot, axis, &ticks)?;
    let below = format!("prediction ({})", explanation.scale.name());
    canvas.text(&below, (plot.left, plot.bottom + 38.0), style(TICK, MUTED, Anchor::Start))?;
    if explanation.scale == ContributionScale::LogOdds {
        for tick in probabilities(axis) {
            let x = axis.px(tick.value);
            canvas.line(&[(x, plot.top - 4.0), (x, plot.top)], MUTED, 1.0)?;
            canvas.text(&tick.label, (x, plot.top - 8.0), style(TICK, MUTED, Anchor::Middle))?;
        }
    }
    canvas.line(&[(plot.left, plot.top), (plot.right, plot.top)], MUTED, 1.0)?;
    canvas.line(&[(plot.left, plot.bottom), (plot.right, plot.bottom)], MUTED, 1.0)
}

/// Where on the axis of log odds round probabilities lie, as far as they have room.
fn probabilities(axis: &ChartAxis) -> Vec<Tick> {
    const ROUND: [f64; 11] = [0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99];
    let mut ticks: Vec<Tick> = Vec::new();
    for share in ROUND {
        let tick = Tick { value: (share / (1.0 - share)).ln(), label: format!("{:.0} %", share * 100.0) };
        let has_room = |last: &Tick| {
            axis.px(tick.value) - axis.px(last.value)
                > (text_width(&tick.label, TICK) + text_width(&last.label, TICK)) / 2.0 + 8.0
        };
        if axis.holds(tick.value) && ticks.last().is_none_or(has_room) {
            ticks.push(tick);
        }
    }
    ticks
}

fn draw_headings(canvas: &Canvas, body: Frame, plot: Frame) -> Result<()> {
    // The axis of probabilities is where headings of bars would be.
    let baseline = plot.top - if is_narrow(body) { 22.0 } else { 8.0 };
    if !is_narrow(body) {
        canvas.text("feature and value", (plot.left - 12.0, baseline), style(TICK, MUTED, Anchor::End))?;
    }
    for (offset, words) in [(RANK_COLUMN_WIDTH, "of hits"), (0.0, "of flops")] {
        canvas.text(words, (body.right - offset, baseline), style(TICK, MUTED, Anchor::End))?;
    }
    canvas.text("with a smaller value", (body.right, baseline - 18.0), style(TICK, MUTED, Anchor::End))
}

/// A row that is no contribution: its value as a diamond.
fn draw_end(
    canvas: &Canvas,
    (plot, rows): (Frame, WaterfallRows),
    axis: &ChartAxis,
    middle: f64,
    value: f64,
    words: &str,
) -> Result<()> {
    let (place, anchor) = rows.name_place(plot, middle);
    canvas.text(words, place, style(PANEL, INK, anchor))?;
    let x = axis.px(value);
    canvas.diamond((x, middle), 6.0, INK)?;
    canvas.text(&signed(value, 3), (x + 12.0, middle + 4.0), style(PANEL, INK, Anchor::Start))
}

fn draw_contribution(
    canvas: &Canvas,
    axis: &ChartAxis,
    (middle, before): (f64, f64),
    (from, to): (f64, f64),
    part: &Contribution,
) -> Result<()> {
    let label = if part.contribution < 0.0 { Label::Flop } else { Label::Hit };
    let (start, end) = (axis.px(from), axis.px(to));
    let frame = Frame {
        left: start.min(end),
        right: start.max(end).max(start.min(end) + 1.0),
        top: middle - THICKNESS / 2.0,
        bottom: middle + THICKNESS / 2.0,
    };
    // The sum before, carried down from the row above.
    canvas.line(&[(start, before + THICKNESS / 2.0), (start, frame.top)], MUTED, 1.0)?;
    canvas.block(frame, label_colour(label), 1.0)?;
    let text = signed(part.contribution, 3);
    let (x, anchor) = match label {
        Label::Hit => (frame.right + 6.0, Anchor::Start),
        Label::Flop => (frame.left - 6.0, Anchor::End),
    };
    // A ground of its own keeps the number apart from grid lines.
    let width = text_width(&text, TICK);
    let left = if anchor == Anchor::Start { x - 2.0 } else { x - width - 2.0 };
    let ground = Frame { left, right: left + width + 4.0, top: middle - 8.0, bottom: middle + 8.0 };
    canvas.block(ground, BACKGROUND, 1.0)?;
    canvas.text(&text, (x, middle + 4.0), style(TICK, INK, anchor))
}

fn draw_percentile_rank(canvas: &Canvas, body: Frame, baseline: f64, part: &Contribution) -> Result<()> {
    for (offset, share) in [(RANK_COLUMN_WIDTH, part.percentile_rank.hits), (0.0, part.percentile_rank.flops)] {
        let text = share.map_or("–".to_owned(), |share| format!("{} %", fixed(share * 100.0, 0)));
        canvas.text(&text, (body.right - offset, baseline), style(TICK, INK, Anchor::End))?;
    }
    Ok(())
}
