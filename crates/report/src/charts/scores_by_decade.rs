//! Scores on the test tracks of each decade, at random and by groups.

use super::axis::{percent, ChartAxis, Tick};
use super::canvas::{style, Anchor, Canvas, Frame};
use super::layout::{ChartPlan, Mark, PAGE_WIDTH};
use super::panel;
use super::theme::{ACCENT, INK, MUTED, TICK};
use super::{Chart, ChartEntry};
use crate::format::fixed;
use crate::phrases::validation::group_noun;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::Decade;
use hitflop_metrics::bootstrap::{ConfidenceInterval, ScoreIntervals};
use hitflop_model::validation::{DecadeScores, SchemeComparison, ValidationScheme};

const PANEL_HEIGHT: f64 = 250.0;
/// Room for tick labels at a panel's left.
const LEFT: f64 = 46.0;
const GAP: f64 = 40.0;
/// Distance between the two schemes, as a share of the step from decade to decade.
const DODGE: f64 = 0.11;

struct DecadePanel {
    title: &'static str,
    of: fn(&DecadeScores) -> f64,
    interval: fn(&ScoreIntervals) -> ConfidenceInterval,
    tick: fn(Tick) -> Tick,
}

const SCORES: [DecadePanel; 2] = [
    DecadePanel {
        title: "ROC AUC",
        of: |scores| scores.scores.roc_auc,
        interval: |intervals| intervals.roc_auc,
        tick: |tick| tick,
    },
    DecadePanel {
        title: "Accuracy",
        of: |scores| scores.scores.accuracy,
        interval: |intervals| intervals.accuracy,
        tick: |tick| Tick { label: percent(tick.value, 0), ..tick },
    },
];

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "scores_by_decade",
    part: PagePart::Robustness,
    tables: &["scores_by_decade"],
    source: ContentSource::Robustness(|robustness| {
        let found = &robustness.schemes;
        (!found.by_decade.is_empty()).then(|| scores_by_decade(found))
    }),
};

/// Dots with their intervals, decade by decade.
pub(super) fn scores_by_decade(found: &SchemeComparison) -> Result<Chart> {
    let plan = ChartPlan {
        name: CHART.name,
        title: title(found),
        subtitle: format!(
            "Test tracks of each decade; bars are 95 % intervals, resampled by {}",
            group_noun(found.has_artists).one
        ),
        legend: vec![
            (Mark::Circle(ACCENT), "random split".to_owned()),
            (Mark::Point(INK), format!("new {}", group_noun(found.has_artists).many)),
        ],
        caption: format!(
            "Scores of the final model’s hyperparameters ({}) by decade, on the first random and the first grouped \
             split. The scales do not begin at 0.",
            found.params.describe()
        ),
        description: description(found),
        width: PAGE_WIDTH,
        height: panel::HEADING + PANEL_HEIGHT + panel::TICK_LABELS,
    };
    let panels = |body: Frame| {
        let width = (body.width() - GAP) / SCORES.len() as f64;
        let lefts = (0..SCORES.len()).map(|index| body.left + (width + GAP) * index as f64);
        lefts.map(|left| Frame { left, right: left + width, ..body }).collect()
    };
    plan.draw_panels(panels, |canvas, frame, index| draw_panel(canvas, frame, found, &SCORES[index]))
}

/// The decades of the hardest and the easiest tracks, by new artists if they were scored.
fn title(found: &SchemeComparison) -> String {
    let of = |scheme| found.by_decade.iter().filter(move |scores| scores.scheme == scheme);
    let (scheme, whose) = match of(ValidationScheme::Grouped).next() {
        Some(_) if found.has_artists => (ValidationScheme::Grouped, " by new artists"),
        Some(_) => (ValidationScheme::Grouped, " of new groups"),
        None => (ValidationScheme::Random, ""),
    };
    let ranked = || of(scheme).filter(|scores| scores.scores.roc_auc.is_finite());
    let order = |a: &&DecadeScores, b: &&DecadeScores| a.scores.roc_auc.total_cmp(&b.scores.roc_auc);
    match (ranked().min_by(order), ranked().max_by(order)) {
        (Some(worst), Some(best)) if worst.decade != best.decade => format!(
            "Hits{whose} are predicted best in the {} (ROC\u{a0}AUC {}) and worst in the {} ({})",
            best.decade,
            fixed(best.scores.roc_auc, 3),
            worst.decade,
            fixed(worst.scores.roc_auc, 3)
        ),
        (Some(only), _) => {
            format!("Hits{whose} of the {}: ROC\u{a0}AUC {}", only.decade, fixed(only.scores.roc_auc, 3))
        }
        _ => "No decade was scored".to_owned(),
    }
}

fn description(found: &SchemeComparison) -> String {
    let each = found.by_decade.iter().map(|scores| {
        format!(
            "{}, {}: ROC AUC {}, accuracy {}",
            scores.decade,
            scores.scheme.name(),
            fixed(scores.scores.roc_auc, 3),
            percent(scores.scores.accuracy, 1)
        )
    });
    format!("Dot plot. {}.", each.collect::<Vec<_>>().join("; "))
}

fn decades(found: &SchemeComparison) -> Vec<Decade> {
    let mut decades: Vec<Decade> = found.by_decade.iter().map(|scores| scores.decade).collect();
    decades.sort_unstable();
    decades.dedup();
    decades
}

fn vertical_axis(found: &SchemeComparison, score: &DecadePanel, plot: Frame) -> ChartAxis {
    let ends = found.by_decade.iter().flat_map(|scores| {
        let interval = scores.intervals.as_ref().map(score.interval);
        let interval = interval.into_iter().flat_map(|interval| [interval.low, interval.high]);
        interval.chain([(score.of)(scores)])
    });
    let (low, high) = ends
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let air = (high - low) * 0.08;
    ChartAxis::linear(low - air, high + air, plot.bottom, plot.top)
}

fn draw_panel(canvas: &Canvas, frame: Frame, found: &SchemeComparison, score: &DecadePanel) -> Result<()> {
    panel::heading(canvas, frame, score.title, &[])?;
    let plot = Frame {
        left: frame.left + LEFT,
        top: frame.top + panel::HEADING,
        bottom: frame.bottom - panel::TICK_LABELS,
        ..frame
    };
    let axis = vertical_axis(found, score, plot);
    let ticks: Vec<Tick> = axis.ticks(6).into_iter().map(score.tick).collect();
    panel::horizontal_grid(canvas, plot, &axis, &ticks)?;
    let decades = decades(found);
    let step = plot.width() / decades.len().max(1) as f64;
    for (index, decade) in decades.iter().enumerate() {
        let middle = plot.left + step * (index as f64 + 0.5);
        canvas.text(&decade.to_string(), (middle, plot.bottom + 18.0), style(TICK, MUTED, Anchor::Middle))?;
        for scores in found.by_decade.iter().filter(|scores| scores.decade == *decade) {
            let is_random = scores.scheme == ValidationScheme::Random;
            let x = middle + step * if is_random { -DODGE } else { DODGE };
            draw_dot(canvas, &axis, x, scores, score, is_random)?;
        }
        let slot = Frame { left: middle - step / 2.0, right: middle + step / 2.0, ..plot };
        canvas.value(slot, reading(found, *decade, score));
    }
    panel::ground(canvas, plot)
}

/// A score of both schemes in a decade, with its interval.
fn reading(found: &SchemeComparison, decade: Decade, score: &DecadePanel) -> String {
    let of_decade = found.by_decade.iter().filter(|scores| scores.decade == decade);
    of_decade.fold(format!("{decade}, {}", score.title), |text, scores| {
        let interval = scores.intervals.as_ref().map(score.interval);
        let interval = interval.map_or(String::new(), |ConfidenceInterval { low, high }| {
            format!(" (95 %: {} to {})", fixed(low, 3), fixed(high, 3))
        });
        format!("{text}\n{}: {}{interval}", scores.scheme.name(), fixed((score.of)(scores), 3))
    })
}

fn draw_dot(
    canvas: &Canvas,
    axis: &ChartAxis,
    x: f64,
    scores: &DecadeScores,
    score: &DecadePanel,
    is_random: bool,
) -> Result<()> {
    let value = (score.of)(scores);
    if !value.is_finite() {
        return Ok(());
    }
    let colour = if is_random { ACCENT } else { INK };
    if let Some(ConfidenceInterval { low, high }) = scores.intervals.as_ref().map(score.interval) {
        canvas.line(&[(x, axis.px(low)), (x, axis.px(high))], colour, 1.6)?;
    }
    let centre = (x, axis.px(value));
    match is_random {
        true => canvas.ring(centre, 4.6, colour, 1.8),
        false => canvas.disc(centre, 4.6, colour),
    }
}
