//! Every track's contributions, one swarm of points a feature.

use super::axis::ChartAxis;
use super::canvas::{style, text_width, Anchor, Canvas, Frame};
use super::layout::{ChartPlan, LegendEntry, Mark, PAGE_WIDTH};
use super::panel;
use super::theme::{GRID, IDLE, INK, LABEL, MUTED, RAMP, TICK};
use super::{Chart, ChartEntry};
use crate::format::{comparative, count, fixed, plural};
use crate::phrases::explanations::of_rows;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::FeatureKind;
use hitflop_model::explain::global::{BeeswarmPoint, Explanations, FeatureShap};

const MAX_BEESWARM_FEATURES: usize = 12;
const ROW: f64 = 40.0;
const BELOW: f64 = 46.0;
const RADIUS: f64 = 2.5;
/// Parts of the axis in which the points of a feature are summed up for readers.
const BINS: usize = 24;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "shap_beeswarm",
    part: PagePart::Contributions,
    tables: &["shap_beeswarm"],
    source: ContentSource::Report(|findings| findings.report.explanations.as_ref().map(beeswarm)),
};

/// One row a feature, the greatest mean contribution first; a point a track, coloured by the rank of the track's value.
pub(super) fn beeswarm(explanations: &Explanations) -> Result<Chart> {
    let features = &explanations.shap.features[..explanations.shap.features.len().min(MAX_BEESWARM_FEATURES)];
    let tracks = features.first().map_or(0, |one| one.points.len() as u64);
    let height = ROW * features.len() as f64 + BELOW;
    let plan = ChartPlan {
        name: CHART.name,
        title: title(features),
        subtitle: format!(
            "Contribution of each feature to the prediction, for {} {}, in {}",
            count(tracks),
            of_rows(explanations.basis),
            explanations.shap.scale.name()
        ),
        legend: legend(features),
        caption: format!(
            "Each point is a track ({} {}, sampled with the seed). Right of the line the feature contributes towards \
             a hit, left towards a flop. The colour is the rank of the track’s value among the tracks shown, from low to high. Shown \
             are the {} features with the largest mean contributions.",
            count(tracks),
            of_rows(explanations.basis),
            features.len()
        ),
        description: description(features),
        width: PAGE_WIDTH,
        height,
    };
    plan.draw_also_narrow(height, |canvas, body| draw(canvas, body, features, explanations.shap.scale.name()))
}

/// The ramp of the ranks, and the colour of missing values if there are any.
fn legend(features: &[FeatureShap]) -> Vec<LegendEntry> {
    let mut legend = vec![(Mark::Ramp, "low to high value of the feature".to_owned())];
    let is_missing = |point: &BeeswarmPoint| point.rank.is_nan();
    if features.iter().flat_map(|one| &one.points).any(is_missing) {
        legend.push((Mark::Point(IDLE), "missing".to_owned()));
    }
    legend
}

/// Spearman's correlation of ranks and contributions is not needed to tell which way a feature pushes: the means of either
/// half of the values do.
pub(crate) fn direction(points: &[BeeswarmPoint]) -> f64 {
    let mean = |upper: bool| {
        let known = points.iter().filter(|point| !point.rank.is_nan());
        let half = known.filter(|point| (point.rank >= 0.5) == upper).map(|point| point.contribution);
        let (sum, count) = half.fold((0.0, 0.0), |(sum, count), one| (sum + one, count + 1.0));
        if count > 0.0 {
            sum / count
        } else {
            0.0
        }
    };
    mean(true) - mean(false)
}

fn title(features: &[FeatureShap]) -> String {
    let ordered =
        features.iter().find(|one| one.feature.info().kind != FeatureKind::Category && direction(&one.points) != 0.0);
    match ordered {
        None => "No feature contributes in one direction".to_owned(),
        Some(one) => {
            let side = if direction(&one.points) > 0.0 { "hit" } else { "flop" };
            format!("Being {} contributes most towards a {side}", comparative(one.feature, true))
        }
    }
}

fn description(features: &[FeatureShap]) -> String {
    let each = features.iter().map(|one| {
        let (low, high) = ends(&one.points);
        format!("{} from {} to {}", one.feature, fixed(low, 2), fixed(high, 2))
    });
    format!("Beeswarm of contributions. {}.", each.collect::<Vec<_>>().join("; "))
}

fn ends(points: &[BeeswarmPoint]) -> (f64, f64) {
    let values = points.iter().map(|point| point.contribution).filter(|value| value.is_finite());
    values.fold((0.0, 0.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)))
}

fn draw(canvas: &Canvas, body: Frame, features: &[FeatureShap], scale: &str) -> Result<()> {
    let names = features.iter().map(|one| text_width(one.feature.name(), LABEL)).fold(0.0, f64::max);
    let plot =
        Frame { left: body.left + names + 16.0, top: body.top, right: body.right - 8.0, bottom: body.bottom - BELOW };
    let all = features.iter().map(|one| ends(&one.points));
    let (low, high) = all.fold((0.0, 0.0), |(low, high): (f64, f64), one| (low.min(one.0), high.max(one.1)));
    let axis = ChartAxis::linear(low, high, plot.left + 6.0, plot.right - 6.0);
    panel::vertical_grid(canvas, plot, &axis, &axis.ticks_that_fit(TICK, 9))?;
    for (index, one) in features.iter().enumerate() {
        let middle = plot.top + ROW * (index as f64 + 0.5);
        canvas.line(&[(plot.left, middle), (plot.right, middle)], GRID, 1.0)?;
        canvas.text(one.feature.name(), (plot.left - 12.0, middle + 4.5), style(LABEL, INK, Anchor::End))?;
    }
    let zero = axis.px(0.0);
    canvas.line(&[(zero, plot.top), (zero, plot.bottom)], MUTED, 1.2)?;
    for (index, one) in features.iter().enumerate() {
        let middle = plot.top + ROW * (index as f64 + 0.5);
        draw_points(canvas, middle, &one.points, &axis)?;
        let row = Frame { top: middle - ROW / 2.0, bottom: middle + ROW / 2.0, ..plot };
        read(canvas, row, one, &axis, (low, high));
    }
    let long = format!("contribution ({scale}): left of the line towards a flop, right towards a hit");
    let texts =
        [long, format!("towards a flop ← contribution ({scale}) → towards a hit"), format!("contribution ({scale})")];
    let below = texts.iter().find(|text| text_width(text, TICK) <= body.right - plot.left);
    let below = below.map_or("contribution", String::as_str);
    canvas.text(below, (plot.left, plot.bottom + 38.0), style(TICK, MUTED, Anchor::Start))
}

/// The points of a feature, colour by colour: middle ranks first, so that low and high ones are seen.
fn draw_points(canvas: &Canvas, middle: f64, points: &[BeeswarmPoint], axis: &ChartAxis) -> Result<()> {
    let last = RAMP.len() - 1;
    let step =
        |point: &BeeswarmPoint| (!point.rank.is_nan()).then(|| ((point.rank * last as f64).round() as usize).min(last));
    let mut placed: Vec<(Option<usize>, f64, f64)> =
        placed(points, axis).into_iter().zip(points).map(|((x, offset), point)| (step(point), x, offset)).collect();
    placed.sort_by_key(|(step, ..)| step.map(|step| ((2 * step).abs_diff(last), step)));
    placed.into_iter().try_for_each(|(step, x, offset)| {
        canvas.disc((x, middle + offset), RADIUS, step.map_or(IDLE, |step| RAMP[step]))
    })
}

/// How many points are in each part of the axis, and the mean rank of their values.
fn read(canvas: &Canvas, row: Frame, one: &FeatureShap, axis: &ChartAxis, (low, high): (f64, f64)) {
    let edge = |bin: usize| low + (high - low) * bin as f64 / BINS as f64;
    for bin in 0..BINS {
        let is_last = bin + 1 == BINS;
        let is_within =
            |point: &&BeeswarmPoint| point.contribution >= edge(bin) && (point.contribution < edge(bin + 1) || is_last);
        let points: Vec<&BeeswarmPoint> = one.points.iter().filter(is_within).collect();
        if points.is_empty() {
            continue;
        }
        let ranks: Vec<f64> = points.iter().map(|point| point.rank).filter(|rank| !rank.is_nan()).collect();
        let rank = ranks.iter().sum::<f64>() / ranks.len() as f64;
        let text = format!(
            "{}, contribution {} to {}\n{}; mean rank of the values: {}",
            one.feature,
            fixed(edge(bin), 2),
            fixed(edge(bin + 1), 2),
            plural(points.len() as u64, "track", "tracks"),
            fixed(rank * 100.0, 0) + " %"
        );
        canvas.value(Frame { left: axis.px(edge(bin)), right: axis.px(edge(bin + 1)), ..row }, text);
    }
}

/// Places of the points: those that would hide one another are set above and below, as far as the row is high.
fn placed(points: &[BeeswarmPoint], axis: &ChartAxis) -> Vec<(f64, f64)> {
    const MAX_OFFSET: f64 = ROW / 2.0 - RADIUS - 1.0;
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|a, b| points[*a].contribution.total_cmp(&points[*b].contribution));
    let mut places = vec![(0.0, 0.0); points.len()];
    let mut set: Vec<(f64, f64)> = Vec::new();
    for index in order {
        let contribution = points[index].contribution;
        let x = axis.px(if contribution.is_finite() { contribution } else { 0.0 });
        let near: Vec<(f64, f64)> = set.iter().rev().take_while(|place| x - place.0 < 2.0 * RADIUS).copied().collect();
        let is_free = |offset: f64| near.iter().all(|place| (x - place.0).hypot(offset - place.1) >= 1.7 * RADIUS);
        // 0, then up and down by turns.
        let offsets = (0..).map(|step: i32| f64::from((step + 1) / 2) * if step % 2 == 0 { 1.2 } else { -1.2 });
        let offset = offsets.take_while(|offset| offset.abs() <= MAX_OFFSET).find(|offset| is_free(*offset));
        // Where all is full, somewhere in the row, the same place every time.
        let offset = offset.unwrap_or_else(|| (near.len() as f64 * 7.3) % (2.0 * MAX_OFFSET) - MAX_OFFSET);
        places[index] = (x, offset);
        set.push((x, offset));
    }
    places
}
