//! The compared models: scores on every fold, their mean, and the score on the test rows.

use super::axis::{percent, ChartAxis, Tick};
use super::canvas::{fit, style, text_width, Anchor, Canvas, Frame};
use super::layout::{is_narrow, ChartPlan, Mark, PAGE_WIDTH};
use super::panel;
use super::theme::{ACCENT, IDLE, INK, LABEL, MUTED, PANEL, TICK};
use super::{Chart, ChartEntry};
use crate::format::{capitalise, count, fixed, plural};
use crate::phrases::leaderboard::first_folds;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::evaluation::Scores;
use hitflop_model::selection::leaderboard::{Leaderboard, LeaderboardRow};

/// Height that a model takes.
const PITCH: f64 = 44.0;
/// Room for headings above the plots.
const ABOVE: f64 = panel::HEADING + 2.0;
/// Most room for the models' titles.
const NAMES: f64 = 270.0;
/// Room at the right of a plot for the mean.
const MEAN: f64 = 58.0;
const GAP: f64 = 26.0;
/// Height of a model's title above its row on narrow screens, and room below each score.
const TITLE_LINE: f64 = 18.0;
const BELOW_SCORE: f64 = 16.0;
/// How far folds are above the middle of a row, and the test score below it.
const DODGE: f64 = 7.0;

/// A score that has a panel.
struct LeaderboardPanel {
    title: &'static str,
    of: fn(&Scores) -> f64,
    text: fn(f64) -> String,
    tick: fn(Tick) -> Tick,
}

const SCORES: [LeaderboardPanel; 2] = [
    LeaderboardPanel {
        title: "ROC AUC",
        of: |scores| scores.roc_auc,
        text: |value| fixed(value, 4),
        tick: |tick| tick,
    },
    LeaderboardPanel {
        title: "Accuracy",
        of: |scores| scores.accuracy,
        text: |value| percent(value, 2),
        tick: |tick| Tick { label: format!("{} %", fixed(tick.value * 100.0, decimals(&tick.label))), ..tick },
    },
];

/// Decimals of a share's tick once it is a percentage.
fn decimals(label: &str) -> usize {
    label.split_once('.').map_or(0, |(_, fraction)| fraction.len().saturating_sub(2))
}

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "leaderboard",
    part: PagePart::Leaderboard,
    tables: &["leaderboard"],
    source: ContentSource::Report(|findings| findings.report.comparison.as_ref().map(leaderboard)),
};

/// One row a model, the best of the folds first: every fold, the mean, and the test rows, in ROC AUC and in accuracy.
pub(super) fn leaderboard(comparison: &Leaderboard) -> Result<Chart> {
    let candidates = &comparison.rows;
    let plan = ChartPlan {
        name: CHART.name,
        title: title(comparison),
        subtitle: format!(
            "Ordered by the mean over the folds, models on all folds first; the final model is highlighted. {}",
            baseline(comparison)
        ),
        legend: vec![
            (Mark::Circle(ACCENT), "each fold".to_owned()),
            (Mark::Upright(INK), "mean of the folds, with its value".to_owned()),
            (Mark::Diamond(INK), "test rows".to_owned()),
        ],
        caption: format!(
            "Scores of {} ({}{}). The scales do not begin at 0.",
            plural(candidates.len() as u64, "model", "models"),
            comparison.protocol,
            first_folds(comparison).map_or(String::new(), |first| format!("; {first}"))
        ),
        description: description(comparison),
        width: PAGE_WIDTH,
        height: ABOVE + PITCH * candidates.len().max(1) as f64 + panel::TICK_LABELS,
    };
    let rows = candidates.len().max(1) as f64;
    let narrow = ABOVE + (PITCH + TITLE_LINE) * rows + panel::TICK_LABELS + BELOW_SCORE;
    plan.draw_also_narrow(narrow * SCORES.len() as f64, |canvas, body| match is_narrow(body) {
        true => draw_narrow(canvas, body, comparison),
        false => draw(canvas, body, comparison),
    })
}

fn title(comparison: &Leaderboard) -> String {
    let Some(best) = comparison.rows.first() else { return "No models were compared".to_owned() };
    let (mean, test) = (best.cross_validation.mean().roc_auc, best.evaluation.scores.roc_auc);
    let place = match comparison.rows.len() {
        1 => capitalise(&best.title),
        many => format!("{} ranks first of {}", capitalise(&best.title), count(many as u64)),
    };
    format!("{place}: ROC\u{a0}AUC {} over the folds, {} on the test rows", fixed(mean, 3), fixed(test, 3))
}

/// What the baseline scores, and whether that is off the scales.
fn baseline(comparison: &Leaderboard) -> String {
    let scores = &comparison.baseline.scores;
    let shown = SCORES.iter().any(|score| axis(comparison, score, 0.0, 1.0).holds((score.of)(scores)));
    let place = if shown { "(dashed if it is within the scale)" } else { "(outside both scales)" };
    format!(
        "The baseline, which always predicts the more frequent label, has ROC AUC {} and accuracy {} on the test rows {place}",
        fixed(scores.roc_auc, 2),
        percent(scores.accuracy, 1)
    )
}

fn description(comparison: &Leaderboard) -> String {
    let each = comparison.rows.iter().map(|candidate| {
        let (mean, test) = (candidate.cross_validation.mean(), &candidate.evaluation.scores);
        format!(
            "{}: ROC AUC {} over the folds, {} on the test rows; accuracy {}, {}",
            candidate.title,
            fixed(mean.roc_auc, 4),
            fixed(test.roc_auc, 4),
            percent(mean.accuracy, 1),
            percent(test.accuracy, 1)
        )
    });
    format!("Dot plot. {}.", each.collect::<Vec<_>>().join(". "))
}

/// From the least to the greatest score of any fold or of the test rows, and a little air.
fn axis(comparison: &Leaderboard, score: &LeaderboardPanel, from: f64, to: f64) -> ChartAxis {
    let all = comparison.rows.iter().flat_map(|candidate| {
        candidate.cross_validation.folds.iter().chain([&candidate.evaluation.scores]).map(score.of)
    });
    let (low, high) = all
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let air = (high - low) * 0.06;
    ChartAxis::linear(low - air, high + air, from, to)
}

fn draw(canvas: &Canvas, body: Frame, comparison: &Leaderboard) -> Result<()> {
    let names = comparison.rows.iter().map(|candidate| text_width(&candidate.title, PANEL)).fold(0.0, f64::max);
    let names = names.min(NAMES) + 14.0;
    let width = (body.width() - names - GAP) / SCORES.len() as f64;
    let rows = Frame { top: body.top + ABOVE, bottom: body.bottom - panel::TICK_LABELS, ..body };
    if comparison.chosen < comparison.rows.len() {
        let top = rows.top + PITCH * comparison.chosen as f64;
        let band = Frame { left: body.left - 8.0, top: top + 2.0, right: body.right + 8.0, bottom: top + PITCH - 2.0 };
        canvas.block(band, ACCENT, 0.12)?;
    }
    for (index, candidate) in comparison.rows.iter().enumerate() {
        let middle = rows.top + PITCH * (index as f64 + 0.5);
        draw_name(canvas, (rows.left, middle), candidate, names - 14.0, index == comparison.chosen)?;
    }
    for (index, score) in SCORES.iter().enumerate() {
        let left = body.left + names + (width + GAP) * index as f64;
        let plot = Frame { left, right: left + width - MEAN, ..rows };
        let heading = Frame { top: body.top, right: left + width, ..plot };
        panel::heading(canvas, heading, score.title, &[])?;
        canvas.text("mean", (heading.right, heading.top + 14.0), style(TICK, MUTED, Anchor::End))?;
        draw_panel(canvas, plot, comparison, score, 0.0)?;
    }
    Ok(())
}

/// The scores below one another, and each model's title above its row.
fn draw_narrow(canvas: &Canvas, body: Frame, comparison: &Leaderboard) -> Result<()> {
    let height = body.height() / SCORES.len() as f64;
    for (index, score) in SCORES.iter().enumerate() {
        let top = body.top + height * index as f64;
        let heading = Frame { top, ..body };
        panel::heading(canvas, heading, score.title, &["mean".to_owned()])?;
        let plot = Frame {
            left: body.left + 8.0,
            top: top + ABOVE,
            right: body.right - MEAN,
            bottom: top + height - panel::TICK_LABELS - BELOW_SCORE,
        };
        draw_panel(canvas, plot, comparison, score, TITLE_LINE)?;
        for (index, candidate) in comparison.rows.iter().enumerate() {
            let kind = if index == comparison.chosen { PANEL } else { LABEL };
            let baseline = plot.top + (PITCH + TITLE_LINE) * index as f64 + 15.0;
            let title = fit(&candidate.title, kind, body.width());
            canvas.text(&title, (body.left, baseline), style(kind, INK, Anchor::Start))?;
        }
    }
    Ok(())
}

fn draw_name(
    canvas: &Canvas,
    (left, middle): (f64, f64),
    candidate: &LeaderboardRow,
    room: f64,
    chosen: bool,
) -> Result<()> {
    let kind = if chosen { PANEL } else { LABEL };
    canvas.text(&fit(&candidate.title, kind, room), (left, middle - 2.0), style(kind, INK, Anchor::Start))?;
    let features = plural(candidate.evaluation.features.len() as u64, "feature", "features");
    canvas.text(&features, (left, middle + 13.0), style(TICK, MUTED, Anchor::Start))
}

/// Draws the rows of a score, each with so much room above it.
fn draw_panel(
    canvas: &Canvas,
    plot: Frame,
    comparison: &Leaderboard,
    score: &LeaderboardPanel,
    above: f64,
) -> Result<()> {
    let axis = axis(comparison, score, plot.left, plot.right);
    let ticks: Vec<Tick> = axis.relabelled_ticks_that_fit(TICK, 6, score.tick);
    panel::vertical_grid(canvas, plot, &axis, &ticks)?;
    let baseline = (score.of)(&comparison.baseline.scores);
    if axis.holds(baseline) {
        let x = axis.px(baseline);
        canvas.dashes((x, plot.top), (x, plot.bottom), 5.0, MUTED, 1.4)?;
    }
    for (index, candidate) in comparison.rows.iter().enumerate() {
        let middle = plot.top + (PITCH + above) * (index + 1) as f64 - PITCH / 2.0;
        draw_row(canvas, &axis, (plot.right, middle), candidate, score)?;
        let row =
            Frame { top: middle - PITCH / 2.0 - above, bottom: middle + PITCH / 2.0, right: plot.right + MEAN, ..plot };
        canvas.value(row, reading(candidate, score));
    }
    panel::ground(canvas, plot)
}

/// The scores of a row in words.
fn reading(candidate: &LeaderboardRow, score: &LeaderboardPanel) -> String {
    let folds: Vec<String> =
        candidate.cross_validation.folds.iter().map(|fold| (score.text)((score.of)(fold))).collect();
    let (mean, test) = (candidate.cross_validation.mean(), &candidate.evaluation.scores);
    format!(
        "{}, {}\nfolds: {}\nmean: {}\ntest rows: {}",
        candidate.title,
        score.title,
        folds.join(", "),
        (score.text)((score.of)(&mean)),
        (score.text)((score.of)(test))
    )
}

fn draw_row(
    canvas: &Canvas,
    axis: &ChartAxis,
    (right, middle): (f64, f64),
    candidate: &LeaderboardRow,
    score: &LeaderboardPanel,
) -> Result<()> {
    let folds: Vec<f64> =
        candidate.cross_validation.folds.iter().map(score.of).filter(|fold| fold.is_finite()).collect();
    let y = middle - DODGE;
    if let (Some(low), Some(high)) = (folds.iter().copied().reduce(f64::min), folds.iter().copied().reduce(f64::max)) {
        canvas.line(&[(axis.px(low), y), (axis.px(high), y)], IDLE, 1.2)?;
    }
    for fold in &folds {
        canvas.ring((axis.px(*fold), y), 4.0, ACCENT, 1.6)?;
    }
    let mean = (score.of)(&candidate.cross_validation.mean());
    if mean.is_finite() {
        let x = axis.px(mean);
        canvas.line(&[(x, y - 8.0), (x, y + 8.0)], INK, 2.2)?;
    }
    let test = (score.of)(&candidate.evaluation.scores);
    if test.is_finite() {
        canvas.diamond((axis.px(test), middle + DODGE + 2.0), 6.0, INK)?;
    }
    canvas.text(&(score.text)(mean), (right + MEAN, middle + 4.0), style(TICK, INK, Anchor::End))
}
