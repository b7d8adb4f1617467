//! Means of hits and flops decade by decade, with 95 % confidence intervals.

use super::axis::{every_nth_that_fits, ChartAxis};
use super::canvas::{style, Anchor, Canvas, Frame, PixelPoint};
use super::display::{heading, scale, unit};
use super::layout::{grid_cells, grid_height, ChartPlan, Mark, PAGE_WIDTH};
use super::panel::{self, HEADING, TICK_LABELS};
use super::theme::{label_colour, MUTED, TICK};
use super::wording::{differences, of_decade, Difference, MIN_EFFECT_SIZE};
use super::{Chart, ChartEntry};
use crate::findings::effect_size::{audio_features, decades, mean_of};
use crate::format::{fixed, list, significant};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_data::explore::summary::Summary;

const PANEL_HEIGHT: f64 = 184.0;
const LEFT: f64 = 42.0;
const BELOW: f64 = 20.0;
/// Hits and flops of a decade are this far to the sides of it, so that their intervals do not hide each other.
const DODGE: f64 = 3.0;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "decade_means",
    part: PagePart::Means,
    tables: &["means"],
    source: ContentSource::Report(|findings| {
        findings.report.compares_decades().then(|| decade_means(&findings.report.summary))
    }),
};

/// Small multiples: for every audio feature the mean of the hits and of the flops in each decade.
pub(super) fn decade_means(summary: &Summary) -> Result<Chart> {
    let decades = decades(summary);
    let features = audio_features(summary);
    let plan = ChartPlan {
        name: CHART.name,
        title: title(summary, &decades),
        subtitle: "Mean by decade with 95 % confidence intervals. Vertical scales differ and do not start at 0."
            .to_owned(),
        legend: vec![
            (Mark::Ring(label_colour(Label::Flop)), "flops".to_owned()),
            (Mark::Disc(label_colour(Label::Hit)), "hits".to_owned()),
        ],
        caption: "Mean of each feature for hits and for flops, decade by decade, with 95 % confidence intervals (1.96 \
                  standard errors, clustered by artist). The mean of mode is the share of tracks in major; key is a \
                  category, so its mean has little meaning."
            .to_owned(),
        description: description(summary, &decades),
        width: PAGE_WIDTH,
        height: (grid_height(features.len(), PANEL_HEIGHT) - BELOW).max(0.0),
    };
    plan.draw_panels(
        |body| grid_cells(body, features.len(), PANEL_HEIGHT),
        |canvas, cell, index| {
            let feature = features[index];
            let cell = Frame { bottom: cell.bottom - BELOW, ..cell };
            panel::heading(canvas, cell, &heading(feature), &notes(feature))?;
            let plot = Frame {
                left: cell.left + LEFT,
                top: cell.top + HEADING,
                right: cell.right,
                bottom: cell.bottom - TICK_LABELS,
            };
            draw_panel(canvas, plot, summary, &decades, feature)
        },
    )
}

fn notes(feature: Feature) -> Vec<String> {
    match feature {
        Feature::Mode => vec!["share in major".to_owned()],
        Feature::Key => vec!["mean of C = 0 … B = 11".to_owned()],
        _ => Vec::new(),
    }
}

/// What holds in every decade, and what turns round between the first and the last.
fn title(summary: &Summary, decades: &[Decade]) -> String {
    let by_decade: Vec<Vec<Difference>> = decades.iter().filter_map(|decade| in_decade(summary, *decade)).collect();
    let (Some(first), Some(last)) = (by_decade.first(), by_decade.last()) else {
        return "Means of the features by decade".to_owned();
    };
    let steady = steady_words(&by_decade);
    let turned = last.iter().filter(|now| {
        first.iter().any(|then| {
            then.feature == now.feature && then.d * now.d < 0.0 && then.d.abs().min(now.d.abs()) >= MIN_EFFECT_SIZE
        })
    });
    let turned: Vec<&str> = turned.map(Difference::words).take(2).collect();
    let every = match by_decade.len() {
        1 => "Hits",
        compared if compared == decades.len() => "In every decade hits",
        _ => "In every decade that has both, hits",
    };
    let steady = match steady.is_empty() {
        true => "No feature differs in the same direction in every decade".to_owned(),
        false => format!("{every} are {} than flops", list(&steady)),
    };
    match turned.is_empty() {
        true => steady,
        false => format!("{steady}; the sign changed for others, and hits are now {}", list(&turned)),
    }
}

fn in_decade(summary: &Summary, decade: Decade) -> Option<Vec<Difference>> {
    let (flops, hits) = (of_decade(summary, decade, Label::Flop)?, of_decade(summary, decade, Label::Hit)?);
    let found = differences(flops, hits);
    (!found.is_empty()).then_some(found)
}

/// The features in which hits differ from flops in the same direction, by more than little, in every decade; the surest first.
fn steady_words(by_decade: &[Vec<Difference>]) -> Vec<&'static str> {
    let least = |feature: Feature| -> Option<Difference> {
        let each: Option<Vec<f64>> = by_decade
            .iter()
            .map(|found| found.iter().find(|difference| difference.feature == feature).map(|difference| difference.d))
            .collect();
        let each = each?;
        let same = each.iter().all(|d| d.signum() == each[0].signum());
        let d = each.into_iter().min_by(|a, b| a.abs().total_cmp(&b.abs()))?;
        same.then_some(Difference { feature, d })
    };
    super::wording::greatest(Feature::AUDIO.iter().filter_map(|feature| least(*feature)).collect(), 3)
}

fn description(summary: &Summary, decades: &[Decade]) -> String {
    let (Some(first), Some(last)) = (decades.first(), decades.last()) else {
        return "Panels without values.".to_owned();
    };
    let mean = |decade, label, feature| {
        let group = of_decade(summary, decade, label)?;
        mean_of(group, feature).map(|mean| fixed(mean.mean * scale(feature), 3))
    };
    let each = audio_features(summary).into_iter().filter_map(|feature| {
        let of =
            |label| Some(format!("{label}s {} to {}", mean(*first, label, feature)?, mean(*last, label, feature)?));
        Some(format!("{}: {}, {}", heading(feature), of(Label::Flop)?, of(Label::Hit)?))
    });
    format!("Line charts of means, {first} to {last}. {}.", each.collect::<Vec<_>>().join("; "))
}

/// Mean and half width of the interval of one label in each decade, on the scale shown.
fn series(summary: &Summary, decades: &[Decade], feature: Feature, label: Label) -> Vec<Option<(f64, f64)>> {
    let factor = scale(feature);
    let one = |decade: &Decade| {
        let mean = mean_of(of_decade(summary, *decade, label)?, feature).filter(|mean| mean.mean.is_finite())?;
        let half = if mean.half_width.is_finite() { mean.half_width } else { 0.0 };
        Some((mean.mean * factor, half * factor))
    };
    decades.iter().map(one).collect()
}

fn draw_panel(canvas: &Canvas, plot: Frame, summary: &Summary, decades: &[Decade], feature: Feature) -> Result<()> {
    let both = Label::BOTH.map(|label| series(summary, decades, feature, label));
    let ends = both.iter().flatten().flatten().flat_map(|(mean, half)| [mean - half, mean + half]);
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), end| (low.min(end), high.max(end)));
    let centres = centres(plot, decades.len());
    let labels: Vec<String> = decades.iter().map(|decade| format!("{}s", decade.tag())).collect();
    for (centre, label) in centres.iter().zip(&labels).step_by(every_nth_that_fits(&centres, &labels, TICK)) {
        canvas.text(label, (*centre, plot.bottom + 18.0), style(TICK, MUTED, Anchor::Middle))?;
    }
    if low > high {
        panel::nothing_to_show(canvas, plot)?;
        return panel::ground(canvas, plot);
    }
    let air = (high - low) * 0.08;
    let vertical = ChartAxis::linear(low - air, high + air, plot.bottom, plot.top);
    panel::horizontal_grid(canvas, plot, &vertical, &vertical.ticks(4))?;
    panel::ground(canvas, plot)?;
    for (label, series) in Label::BOTH.into_iter().zip(&both) {
        let side = if label == Label::Flop { -DODGE } else { DODGE };
        let places: Vec<f64> = centres.iter().map(|centre| centre + side).collect();
        draw_series(canvas, &vertical, &places, series, label)?;
    }
    panel::strips(canvas, plot, &centres, |at| reading(feature, decades[at], both.each_ref().map(|series| series[at])));
    Ok(())
}

/// The means of flops and hits in a decade, each with half its interval.
fn reading(feature: Feature, decade: Decade, both: [Option<(f64, f64)>; 2]) -> String {
    let mut text = format!("{}, {decade}", feature.in_words());
    for (label, mean) in Label::BOTH.into_iter().zip(both) {
        if let Some((mean, half)) = mean {
            let mean = format!("\n{label}s: {} ± {} {}", significant(mean, 3), significant(half, 2), unit(feature));
            text.push_str(mean.trim_end());
        }
    }
    text
}

fn centres(plot: Frame, count: usize) -> Vec<f64> {
    let slot = plot.width() / count.max(1) as f64;
    (0..count).map(|index| plot.left + slot * (index as f64 + 0.5)).collect()
}

fn draw_series(
    canvas: &Canvas,
    vertical: &ChartAxis,
    places: &[f64],
    series: &[Option<(f64, f64)>],
    label: Label,
) -> Result<()> {
    let colour = label_colour(label);
    let known = |(x, value): (&f64, &Option<(f64, f64)>)| value.map(|(mean, half)| ((*x, mean), half));
    let points: Vec<Option<PixelPoint>> =
        places.iter().zip(series).map(known).map(|known| known.map(|((x, mean), _)| (x, vertical.px(mean)))).collect();
    // A decade without tracks is a gap in the line, not a straight piece across it.
    for line in points.split(Option::is_none).filter(|line| line.len() > 1) {
        canvas.line(&line.iter().copied().flatten().collect::<Vec<_>>(), colour, 1.8)?;
    }
    for ((x, mean), half) in places.iter().zip(series).filter_map(known) {
        canvas.line(&[(x, vertical.px(mean - half)), (x, vertical.px(mean + half))], colour, 1.8)?;
        match label {
            Label::Flop => canvas.ring((x, vertical.px(mean)), 3.4, colour, 1.6)?,
            Label::Hit => canvas.disc((x, vertical.px(mean)), 3.4, colour)?,
        }
    }
    Ok(())
}
