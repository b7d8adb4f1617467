//! Hits and flops in each decade.

use super::axis::{self, ChartAxis};
use super::canvas::{style, text_width, Anchor, Canvas, Frame};
use super::layout::{ChartPlan, Mark, PAGE_WIDTH};
use super::panel;
use super::theme::{label_colour, INK, LABEL, MUTED, TICK};
use super::wording::{of_decade, of_label};
use super::{Chart, ChartEntry};
use crate::findings::effect_size::decades;
use crate::format;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::{Decade, Label};
use hitflop_data::explore::summary::Summary;

/// Least space between the names of two decades.
const NAME_GAP: f64 = 6.0;
const HEIGHT: f64 = 320.0;
const NARROW_HEIGHT: f64 = 260.0;
/// Room at the left for the tick labels of thousands.
const LEFT: f64 = 52.0;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "class_balance",
    part: PagePart::Balance,
    tables: &["counts"],
    source: ContentSource::Report(|findings| {
        let report = findings.report;
        let is_of_charts = report.provenance.label.is_none();
        report.compares_decades().then(|| class_balance(&report.summary, is_of_charts))
    }),
};

/// Grouped bars: the number of flops and of hits in each decade.
/// Labels are those of decade files if `is_of_charts`.
pub(super) fn class_balance(summary: &Summary, is_of_charts: bool) -> Result<Chart> {
    let decades = decades(summary);
    let counts: Vec<[u64; 2]> =
        decades.iter().map(|decade| Label::BOTH.map(|label| rows(summary, *decade, label))).collect();
    let plan = ChartPlan {
        name: CHART.name,
        title: title(summary, &decades, &counts),
        subtitle: "Number of tracks in each decade, by label".to_owned(),
        legend: Label::BOTH.map(|label| (Mark::Block(label_colour(label)), format!("{label}s"))).to_vec(),
        caption: match is_of_charts {
            true => {
                "Number of tracks by decade and label. A hit was in the weekly Hot 100 at least once in its decade."
            }
            false => "Number of tracks by decade and label.",
        }
        .to_owned(),
        description: description(&decades, &counts),
        width: PAGE_WIDTH,
        height: HEIGHT,
    };
    plan.draw_also_narrow(NARROW_HEIGHT, |canvas, body| draw(canvas, body, &decades, &counts))
}

fn rows(summary: &Summary, decade: Decade, label: Label) -> u64 {
    of_decade(summary, decade, label).map_or(0, |group| group.rows)
}

fn title(summary: &Summary, decades: &[Decade], counts: &[[u64; 2]]) -> String {
    let Some((most, decade)) =
        counts.iter().map(|[flops, hits]| flops + hits).zip(decades).rev().max_by_key(|(rows, _)| *rows)
    else {
        return "There are no tracks".to_owned();
    };
    let hits = of_label(summary, Label::Hit).map_or(0, |group| group.rows);
    let share = axis::percent(hits as f64 / summary.rows.max(1) as f64, 0);
    let balance = match counts.iter().all(|[flops, hits]| flops == hits) {
        true if decades.len() > 1 => "Every decade has as many hits as flops".to_owned(),
        true => "There are as many hits as flops".to_owned(),
        false => format!("{share} of the tracks are hits"),
    };
    match decades.len() {
        1 => format!("{balance}: {} tracks of the {decade}", format::count(most)),
        _ => format!("{balance}; the {decade} have the most tracks, {}", format::count(most)),
    }
}

fn description(decades: &[Decade], counts: &[[u64; 2]]) -> String {
    let each = decades.iter().zip(counts).map(|(decade, [flops, hits])| {
        format!("{decade}: {}, {}", format::plural(*flops, "flop", "flops"), format::plural(*hits, "hit", "hits"))
    });
    format!("Bar chart. {}.", each.collect::<Vec<_>>().join("; "))
}

fn draw(canvas: &Canvas, body: Frame, decades: &[Decade], counts: &[[u64; 2]]) -> Result<()> {
    let greatest = counts.iter().flatten().copied().max().unwrap_or(0).max(1);
    let bare = Frame { top: body.top + 20.0, bottom: body.bottom - 24.0, ..body };
    // Bars that say their count need no axis; its grid lines would run through the numbers.
    let counted =
        text_width(&format::count(greatest), TICK) < bar_width(bare.width() / decades.len().max(1) as f64) + 2.0;
    let plot = Frame { left: if counted { body.left } else { body.left + LEFT }, ..bare };
    let vertical = ChartAxis::linear(0.0, greatest as f64, plot.bottom, plot.top).of_whole_numbers();
    if !counted {
        panel::horizontal_grid(canvas, plot, &vertical, &vertical.ticks(5))?;
        canvas.text("tracks", (body.left, body.top + 4.0), style(TICK, MUTED, Anchor::Start))?;
    }
    let slot = plot.width() / decades.len().max(1) as f64;
    // Of many decades, every second, third, … has its name.
    let name = decades.iter().map(|decade| text_width(&decade.to_string(), LABEL)).fold(0.0, f64::max) + NAME_GAP;
    let step = ((name / slot).ceil() as usize).max(1);
    for (index, (decade, counts)) in decades.iter().zip(counts).enumerate() {
        let centre = plot.left + slot * (index as f64 + 0.5);
        draw_bars(canvas, &vertical, (centre, bar_width(slot)), counts)?;
        if counted {
            draw_counts(canvas, &vertical, (centre, bar_width(slot)), counts)?;
        }
        let [flops, hits] = counts.map(format::count);
        let slot = Frame { left: centre - slot / 2.0, right: centre + slot / 2.0, ..plot };
        canvas.value(slot, format!("{decade}\nflops: {flops}\nhits: {hits}"));
        if index % step == 0 {
            canvas.text(&decade.to_string(), (centre, plot.bottom + 19.0), style(LABEL, INK, Anchor::Middle))?;
        }
    }
    panel::ground(canvas, plot)
}

/// Width of a bar in a decade's share of the plot.
fn bar_width(slot: f64) -> f64 {
    (slot * 0.36).min(64.0)
}

/// Left end of the bar of a label at a decade's centre.
fn bar_left(label: Label, (centre, bar): (f64, f64)) -> f64 {
    if label == Label::Flop {
        centre - bar - 1.5
    } else {
        centre + 1.5
    }
}

fn draw_bars(canvas: &Canvas, vertical: &ChartAxis, place: (f64, f64), counts: &[u64; 2]) -> Result<()> {
    for (label, rows) in Label::BOTH.into_iter().zip(counts) {
        let left = bar_left(label, place);
        let (top, bottom) = (vertical.px(*rows as f64), vertical.px(0.0));
        canvas.block(Frame { left, top, right: left + place.1, bottom }, label_colour(label), 1.0)?;
    }
    Ok(())
}

fn draw_counts(canvas: &Canvas, vertical: &ChartAxis, place: (f64, f64), counts: &[u64; 2]) -> Result<()> {
    for (label, rows) in Label::BOTH.into_iter().zip(counts) {
        let at = (bar_left(label, place) + place.1 / 2.0, vertical.px(*rows as f64) - 6.0);
        canvas.text(&format::count(*rows), at, style(TICK, INK, Anchor::Middle))?;
    }
    Ok(())
}
