//! Scores by three validation schemes: every split, the mean and its interval.

use super::axis::{percent, ChartAxis, Tick};
use super::canvas::{fit, style, text_width, Anchor, Canvas, Frame};
use super::layout::{is_narrow, ChartPlan, Mark, PAGE_WIDTH};
use super::panel;
use super::theme::{ACCENT, IDLE, INK, LABEL, MUTED, PANEL, TICK};
use super::{Chart, ChartEntry};
use crate::format::{capitalise, count, fixed, plural};
use crate::phrases::validation::{fit_name, group_noun, held_out_tracks, GroupNoun};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_metrics::bootstrap::{ConfidenceInterval, ScoreIntervals};
use hitflop_model::validation::{SchemeComparison, SchemeFit, SchemeScores, ScoreSummary, ValidationScheme};

/// Height of a scheme's row.
const PITCH: f64 = 46.0;
/// Height of the row of one pair of decades.
const SMALL_PITCH: f64 = 26.0;
const ABOVE: f64 = panel::HEADING + 2.0;
/// Most room for names.
const NAMES: f64 = 300.0;
/// Room at the right of a plot for the mean.
const MEAN: f64 = 58.0;
const GAP: f64 = 24.0;
/// Room below each score on narrow screens.
const BELOW_SCORE: f64 = 16.0;

/// A score that has a panel.
struct SchemePanel {
    title: &'static str,
    of: fn(&SchemeFit) -> f64,
    summary: fn(&SchemeScores) -> ScoreSummary,
    interval: fn(&ScoreIntervals) -> ConfidenceInterval,
    text: fn(f64) -> String,
}

const SCORES: [SchemePanel; 2] = [
    SchemePanel {
        title: "ROC AUC",
        of: |part| part.scores.roc_auc,
        summary: |scheme| scheme.roc_auc,
        interval: |intervals| intervals.roc_auc,
        text: |value| fixed(value, 3),
    },
    SchemePanel {
        title: "Accuracy",
        of: |part| part.scores.accuracy,
        summary: |scheme| scheme.accuracy,
        interval: |intervals| intervals.accuracy,
        text: |value| percent(value, 1),
    },
];

/// A row of the picture.
enum SchemeRow<'a> {
    Scheme(&'a SchemeScores, GroupNoun),
    Decade(&'a SchemeFit),
}

impl SchemeRow<'_> {
    fn height(&self) -> f64 {
        match self {
            SchemeRow::Scheme(..) => PITCH,
            SchemeRow::Decade(_) => SMALL_PITCH,
        }
    }

    /// Height of its name above it on narrow screens.
    fn name_height(&self) -> f64 {
        match self {
            SchemeRow::Scheme(..) => 36.0,
            SchemeRow::Decade(_) => 16.0,
        }
    }
}

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "validation_schemes",
    part: PagePart::ValidationSchemes,
    tables: &["validation_schemes"],
    source: ContentSource::Robustness(|robustness| Some(schemes(&robustness.schemes))),
};

/// A row for each scheme, and one for each predicted decade.
pub(super) fn schemes(found: &SchemeComparison) -> Result<Chart> {
    let rows = rows(found);
    let (ways, forward) = match found.scores.iter().any(is_forward) {
        true => ("three validation schemes", "; forward: one fit per decade after the first"),
        false => ("two validation schemes", ""),
    };
    let plan = ChartPlan {
        name: CHART.name,
        title: title(found),
        subtitle: format!(
            "{}, {}. Lines are 95 % intervals of the means, resampled by {}",
            capitalise(&found.params.describe()),
            plural(found.features, "feature", "features"),
            group_noun(found.has_artists).one
        ),
        legend: vec![
            (Mark::Circle(ACCENT), "each split or decade".to_owned()),
            (Mark::Upright(INK), "mean, with its value".to_owned()),
            (Mark::Line(IDLE), "95 % interval".to_owned()),
        ],
        caption: format!(
            "Scores of the final model’s hyperparameters by {ways}. Random and grouped: {} of {} % of the \
             tracks{forward}. Intervals by {} resamples of whole groups. The scales do not begin at 0.",
            plural(found.budget.repeats as u64, "split", "splits"),
            fixed(found.test_share * 100.0, 0),
            count(found.budget.resamples as u64)
        ),
        description: description(found),
        width: PAGE_WIDTH,
        height: ABOVE + rows.iter().map(SchemeRow::height).sum::<f64>().max(PITCH) + panel::TICK_LABELS,
    };
    let heights = rows.iter().map(|row| row.height() + row.name_height()).sum::<f64>().max(PITCH);
    let narrow = ABOVE + heights + panel::TICK_LABELS + BELOW_SCORE;
    plan.draw_also_narrow(narrow * SCORES.len() as f64, |canvas, body| match is_narrow(body) {
        true => draw_narrow(canvas, body, &rows),
        false => draw(canvas, body, &rows),
    })
}

fn rows(found: &SchemeComparison) -> Vec<SchemeRow<'_>> {
    let with_decades = |scheme| {
        let of = if is_forward(scheme) { scheme.parts.as_slice() } else { &[] };
        std::iter::once(SchemeRow::Scheme(scheme, group_noun(found.has_artists)))
            .chain(of.iter().map(SchemeRow::Decade))
    };
    found.scores.iter().flat_map(with_decades).collect()
}

fn is_forward(scheme: &SchemeScores) -> bool {
    scheme.scheme == ValidationScheme::Forward
}

fn title(found: &SchemeComparison) -> String {
    let noun = group_noun(found.has_artists);
    let each: Vec<String> = found
        .scores
        .iter()
        .map(|scheme| format!("{} {}", fixed(scheme.roc_auc.mean, 3), held_out_tracks(scheme.scheme, &noun)))
        .collect();
    match each.is_empty() {
        true => "No validation scheme was possible".to_owned(),
        false => format!("ROC\u{a0}AUC {}", each.join(", ")),
    }
}

fn description(found: &SchemeComparison) -> String {
    let each = found.scores.iter().map(|scheme| {
        format!(
            "{}: ROC AUC {} ± {}, accuracy {} ± {}",
            scheme.scheme.name(),
            fixed(scheme.roc_auc.mean, 3),
            fixed(scheme.roc_auc.deviation, 3),
            percent(scheme.accuracy.mean, 1),
            percent(scheme.accuracy.deviation, 1)
        )
    });
    format!("Dot plot. {}.", each.collect::<Vec<_>>().join(". "))
}

fn axis(rows: &[SchemeRow], score: &SchemePanel, from: f64, to: f64) -> ChartAxis {
    let ends = |intervals: &Option<ScoreIntervals>| {
        intervals.as_ref().map(score.interval).into_iter().flat_map(|interval| [interval.low, interval.high])
    };
    let values = rows.iter().flat_map(|row| match row {
        SchemeRow::Scheme(scheme, _) => {
            scheme.parts.iter().map(score.of).chain(ends(&scheme.intervals)).collect::<Vec<f64>>()
        }
        SchemeRow::Decade(part) => std::iter::once((score.of)(part)).chain(ends(&part.intervals)).collect(),
    });
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let air = (high - low) * 0.06;
    ChartAxis::linear(low - air, high + air, from, to)
}

fn draw(canvas: &Canvas, body: Frame, rows: &[SchemeRow]) -> Result<()> {
    let widest = rows.iter().map(|row| text_width(&name(row), kind(row))).fold(0.0, f64::max);
    let notes = rows.iter().map(|row| text_width(&note(row), TICK)).fold(0.0, f64::max);
    let names = widest.max(notes).min(NAMES) + 14.0;
    let width = (body.width() - names - GAP) / SCORES.len() as f64;
    let plots = Frame { top: body.top + ABOVE, bottom: body.bottom - panel::TICK_LABELS, ..body };
    let mut top = plots.top;
    for row in rows {
        draw_name(canvas, row, (plots.left, top), names - 14.0)?;
        top += row.height();
    }
    for (index, score) in SCORES.iter().enumerate() {
        let left = body.left + names + (width + GAP) * index as f64;
        let plot = Frame { left, right: left + width - MEAN, ..plots };
        let heading = Frame { top: body.top, right: left + width, ..plot };
        panel::heading(canvas, heading, score.title, &[])?;
        canvas.text("mean", (heading.right, heading.top + 14.0), style(TICK, MUTED, Anchor::End))?;
        draw_panel(canvas, plot, rows, score, false)?;
    }
    Ok(())
}

/// The scores below one another, and each name above its row.
fn draw_narrow(canvas: &Canvas, body: Frame, rows: &[SchemeRow]) -> Result<()> {
    let height = body.height() / SCORES.len() as f64;
    for (index, score) in SCORES.iter().enumerate() {
        let part = Frame { top: body.top + height * index as f64, ..body };
        panel::heading(canvas, part, score.title, &["mean".to_owned()])?;
        let bottom = part.top + height - panel::TICK_LABELS - BELOW_SCORE;
        let plot = Frame { left: body.left + 8.0, top: part.top + ABOVE, right: body.right - MEAN, bottom };
        draw_panel(canvas, plot, rows, score, true)?;
        let mut top = plot.top;
        for row in rows {
            let name = fit(&name(row), kind(row), body.width());
            canvas.text(&name, (body.left, top + 14.0), style(kind(row), INK, Anchor::Start))?;
            if matches!(row, SchemeRow::Scheme(..)) {
                let note = fit(&note(row), TICK, body.width());
                canvas.text(&note, (body.left, top + 29.0), style(TICK, MUTED, Anchor::Start))?;
            }
            top += row.height() + row.name_height();
        }
    }
    Ok(())
}

fn kind(row: &SchemeRow) -> super::theme::Type {
    match row {
        SchemeRow::Scheme(..) => PANEL,
        SchemeRow::Decade(_) => LABEL,
    }
}

fn name(row: &SchemeRow) -> String {
    match row {
        SchemeRow::Scheme(scheme, noun) => match scheme.scheme {
            ValidationScheme::Random => "Random split".to_owned(),
            ValidationScheme::Grouped => format!("Grouped: new {}", noun.many),
            ValidationScheme::Forward => "Forward: the next decade".to_owned(),
        },
        SchemeRow::Decade(part) => fit_name(part),
    }
}

fn note(row: &SchemeRow) -> String {
    match row {
        SchemeRow::Scheme(scheme, noun) => match scheme.known_share {
            0.0 => format!("no test track with known {}", noun.one),
            share => format!("{} of the test tracks with known {}", percent(share, 0), noun.many),
        },
        SchemeRow::Decade(_) => String::new(),
    }
}

fn draw_name(canvas: &Canvas, row: &SchemeRow, (left, top): (f64, f64), room: f64) -> Result<()> {
    let middle = top + row.height() / 2.0;
    let kind = kind(row);
    match row {
        SchemeRow::Scheme(..) => {
            canvas.text(&fit(&name(row), kind, room), (left, middle - 2.0), style(kind, INK, Anchor::Start))?;
            canvas.text(&fit(&note(row), TICK, room), (left, middle + 13.0), style(TICK, MUTED, Anchor::Start))
        }
        SchemeRow::Decade(_) => {
            let room = room - 12.0;
            canvas.text(&fit(&name(row), kind, room), (left + 12.0, middle + 4.0), style(kind, INK, Anchor::Start))
        }
    }
}

/// Draws the rows of a score, each below the room for its name if `names_above`.
fn draw_panel(canvas: &Canvas, plot: Frame, rows: &[SchemeRow], score: &SchemePanel, names_above: bool) -> Result<()> {
    let axis = axis(rows, score, plot.left, plot.right);
    let tick = |tick: Tick| match score.title {
        "Accuracy" => Tick { label: percent(tick.value, 0), ..tick },
        _ => tick,
    };
    let ticks: Vec<Tick> = axis.relabelled_ticks_that_fit(TICK, 6, tick);
    panel::vertical_grid(canvas, plot, &axis, &ticks)?;
    let mut top = plot.top;
    for row in rows {
        let height = row.height() + if names_above { row.name_height() } else { 0.0 };
        let middle = top + height - row.height() / 2.0;
        draw_row(canvas, &axis, (plot.right, middle), row, score)?;
        canvas.value(Frame { top, bottom: top + height, right: plot.right + MEAN, ..plot }, reading(row, score));
        top += height;
    }
    panel::ground(canvas, plot)
}

/// The scores of a row in words.
fn reading(row: &SchemeRow, score: &SchemePanel) -> String {
    let (intervals, mean, parts) = match row {
        SchemeRow::Scheme(scheme, _) => (scheme.intervals, (score.summary)(scheme).mean, scheme.parts.as_slice()),
        SchemeRow::Decade(part) => (part.intervals, (score.of)(part), &[][..]),
    };
    let interval = intervals.as_ref().map(score.interval).map_or(String::new(), |ConfidenceInterval { low, high }| {
        format!(" (95 %: {} to {})", (score.text)(low), (score.text)(high))
    });
    let parts: Vec<String> = parts.iter().map(|part| (score.text)((score.of)(part))).collect();
    let each = if parts.is_empty() { String::new() } else { format!("\neach: {}", parts.join(", ")) };
    format!("{}\n{}: {}{interval}{each}", name(row), score.title, (score.text)(mean))
}

fn draw_row(
    canvas: &Canvas,
    axis: &ChartAxis,
    (right, y): (f64, f64),
    row: &SchemeRow,
    score: &SchemePanel,
) -> Result<()> {
    let (intervals, parts, mean) = match row {
        SchemeRow::Scheme(scheme, _) => {
            (scheme.intervals, scheme.parts.iter().map(score.of).collect(), (score.summary)(scheme).mean)
        }
        SchemeRow::Decade(part) => (part.intervals, vec![(score.of)(part)], (score.of)(part)),
    };
    let is_scheme = matches!(row, SchemeRow::Scheme(..));
    if let Some(ConfidenceInterval { low, high }) = intervals.as_ref().map(score.interval) {
        canvas.line(&[(axis.px(low), y), (axis.px(high), y)], IDLE, if is_scheme { 3.0 } else { 1.6 })?;
    }
    for part in parts.iter().filter(|part: &&f64| part.is_finite()) {
        canvas.ring((axis.px(*part), y), 4.0, ACCENT, 1.6)?;
    }
    if is_scheme && mean.is_finite() {
        let x = axis.px(mean);
        canvas.line(&[(x, y - 9.0), (x, y + 9.0)], INK, 2.2)?;
    }
    let kind = if is_scheme { LABEL } else { TICK };
    canvas.text(&(score.text)(mean), (right + MEAN, y + 4.0), style(kind, INK, Anchor::End))
}
