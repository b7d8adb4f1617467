//! What all compared models draw on, side by side.

use super::canvas::{fit, style, text_width, wrap, Anchor, Canvas, Frame};
use super::layout::{is_narrow, ChartPlan, MARGIN, NARROW_ROOM, PAGE_WIDTH};
use super::theme::{score_opacity, ACCENT, INK, LABEL, MUTED, PANEL, TICK};
use super::{Chart, ChartEntry};
use crate::format::{capitalise, fixed, list};
use crate::phrases::models::importance;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::Feature;
use hitflop_model::selection::leaderboard::{Leaderboard, LeaderboardRow};

const ROW: f64 = 27.0;
const HEADING_LINE: f64 = 15.0;
/// Lines that a model's title may take, and the name of the measure below it.
const HEADING_LINES: usize = 4;
/// Least width of a cell that can hold a number.
const CELL_FOR_NUMBER: f64 = 33.0;
/// Least width of a column over which a title is set in lines; over a narrower one it reads upwards.
const LINES: f64 = 72.0;
/// Room for titles that read upwards.
const UPWARDS: f64 = 280.0;
/// Greatest width of a column.
const COLUMN: f64 = 150.0;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "importances_by_model",
    part: PagePart::ComparedModels,
    tables: &["importances_by_model"],
    source: ContentSource::Report(|findings| findings.report.comparison.as_ref().map(importances_by_model)),
};

/// Table of shares, tinted: one row a feature, most used first, one column a model in the order of the leaderboard.
pub(super) fn importances_by_model(comparison: &Leaderboard) -> Result<Chart> {
    let features = by_use(&comparison.rows);
    let names = features.iter().map(|feature| text_width(feature.name(), LABEL)).fold(0.0, f64::max) + 14.0;
    let column = |room: f64| ((room - names) / comparison.rows.len().max(1) as f64).min(COLUMN);
    let (wide, narrow) = (column(f64::from(PAGE_WIDTH) - 2.0 * MARGIN), column(NARROW_ROOM));
    let height = |column: f64| heading_height(column) + ROW * features.len() as f64;
    let plan = ChartPlan {
        name: CHART.name,
        title: title(&comparison.rows),
        subtitle: "Importance of each feature in per cent; every column sums to 100".to_owned(),
        legend: Vec::new(),
        caption: "Importances of the compared models. Trees and forests use the decrease of impurity, boosting the \
                  gain, so compare ranks rather than values between columns. A dash marks a feature that a model does \
                  not have."
            .to_owned(),
        description: description(&comparison.rows),
        width: PAGE_WIDTH,
        height: height(wide),
    };
    plan.draw_also_narrow(height(narrow), |canvas, body| {
        let column = if is_narrow(body) { narrow } else { wide };
        draw(canvas, body, comparison, &features, (names, column))
    })
}

fn heading_height(column: f64) -> f64 {
    if column < LINES {
        UPWARDS
    } else {
        HEADING_LINE * (HEADING_LINES + 1) as f64 + 14.0
    }
}

fn share(candidate: &LeaderboardRow, feature: Feature) -> Option<f64> {
    candidate.evaluation.importances.iter().find(|one| one.feature == feature).map(|one| one.share)
}

/// The features that any model was given, by the sum of their shares.
fn by_use(candidates: &[LeaderboardRow]) -> Vec<Feature> {
    let sum = |feature: Feature| candidates.iter().filter_map(|candidate| share(candidate, feature)).sum::<f64>();
    let given = |feature: &Feature| candidates.iter().any(|candidate| share(candidate, *feature).is_some());
    let mut features: Vec<Feature> = Feature::ALL.into_iter().filter(given).collect();
    features.sort_by(|a, b| sum(*b).total_cmp(&sum(*a)));
    features
}

/// The feature that a model draws on most, if it draws on any.
fn main_feature(candidate: &LeaderboardRow) -> Option<Feature> {
    let used = candidate.evaluation.importances.iter().filter(|one| one.share > 0.0);
    used.max_by(|a, b| a.share.total_cmp(&b.share)).map(|one| one.feature)
}

fn title(candidates: &[LeaderboardRow]) -> String {
    let mut mains: Vec<Feature> = Vec::new();
    for feature in candidates.iter().filter_map(main_feature) {
        if !mains.contains(&feature) {
            mains.push(feature);
        }
    }
    let names: Vec<&str> = mains.iter().map(|feature| feature.name()).collect();
    match names.as_slice() {
        [] => "No model uses any feature".to_owned(),
        [only] if candidates.len() > 1 => format!("{} is the most important feature of every model", capitalise(only)),
        [only] => format!("{} is the most important feature of the model", capitalise(only)),
        several => format!("The most important feature depends on the model: {}", list(several)),
    }
}

fn description(candidates: &[LeaderboardRow]) -> String {
    let each = candidates.iter().map(|candidate| {
        let mut ranked = candidate.evaluation.importances.clone();
        ranked.sort_by(|a, b| b.share.total_cmp(&a.share));
        let first: Vec<String> =
            ranked.iter().take(3).map(|one| format!("{} {} %", one.feature, fixed(one.share * 100.0, 1))).collect();
        format!("{}: {}", candidate.title, first.join(", "))
    });
    format!("Table of importances; the three largest of each model: {}.", each.collect::<Vec<_>>().join(". "))
}

fn draw(
    canvas: &Canvas,
    body: Frame,
    comparison: &Leaderboard,
    features: &[Feature],
    (names, column): (f64, f64),
) -> Result<()> {
    let top = body.top + heading_height(column);
    for (row, feature) in features.iter().enumerate() {
        let baseline = top + ROW * (row as f64 + 0.5) + 4.5;
        canvas.text(feature.name(), (body.left + names - 14.0, baseline), style(LABEL, INK, Anchor::End))?;
    }
    for (index, candidate) in comparison.rows.iter().enumerate() {
        let left = body.left + names + column * index as f64;
        let frame = Frame { left, top, right: left + column - 2.0, bottom: body.bottom };
        draw_heading(canvas, frame, candidate, index == comparison.chosen)?;
        let greatest = features.iter().filter_map(|feature| share(candidate, *feature)).fold(0.0, f64::max);
        for (row, feature) in features.iter().enumerate() {
            let top = top + ROW * row as f64;
            let cell = Frame { top, bottom: top + ROW - 2.0, ..frame };
            let share = share(candidate, *feature);
            let text = share.map_or("not a feature of the model".to_owned(), |share| format!("{} %", shown(share)));
            canvas.value(cell, format!("{}\n{feature}: {text}", candidate.title));
            draw_cell(canvas, cell, share, greatest)?;
        }
    }
    Ok(())
}

/// The title in a few lines that end above the column, the measure, and a line that marks the final model.
fn draw_heading(canvas: &Canvas, column: Frame, candidate: &LeaderboardRow, chosen: bool) -> Result<()> {
    let kind = if chosen { PANEL } else { LABEL };
    if chosen {
        canvas.line(&[(column.left, column.top - 3.0), (column.right, column.top - 3.0)], ACCENT, 2.4)?;
    }
    let measure = if importance(candidate.evaluation.params.kind()) == "gain" { "gain" } else { "impurity" };
    let middle = (column.left + column.right) / 2.0;
    if column.width() < LINES - 2.0 {
        let title = fit(&candidate.title, kind, UPWARDS - 12.0);
        return canvas.text_upwards(&title, (middle + 4.5, column.top - 8.0), style(kind, INK, Anchor::Start));
    }
    let mut lines = wrap(&candidate.title, kind, column.width() - 6.0);
    if lines.len() > HEADING_LINES {
        lines.truncate(HEADING_LINES);
        if let Some(last) = lines.last_mut() {
            *last = fit(&format!("{last}…"), kind, column.width() - 6.0);
        }
    }
    let first = column.top - 12.0 - HEADING_LINE * lines.len() as f64;
    for (index, line) in lines.iter().enumerate() {
        canvas.text(line, (middle, first + HEADING_LINE * index as f64), style(kind, INK, Anchor::Middle))?;
    }
    canvas.text(measure, (middle, column.top - 9.0), style(TICK, MUTED, Anchor::Middle))
}

fn draw_cell(canvas: &Canvas, cell: Frame, share: Option<f64>, greatest: f64) -> Result<()> {
    let (text, ink) = match share.filter(|share| share.is_finite()) {
        None => ("–".to_owned(), MUTED),
        Some(share) => {
            canvas.block(cell, ACCENT, score_opacity(if greatest > 0.0 { share / greatest } else { 0.0 }))?;
            (shown(share), INK)
        }
    };
    if cell.width() < CELL_FOR_NUMBER {
        return Ok(());
    }
    let place = ((cell.left + cell.right) / 2.0, (cell.top + cell.bottom) / 2.0 + 4.0);
    canvas.text(&text, place, style(TICK, ink, Anchor::Middle))
}

/// Per cent with one decimal; what is used at all is never said to be 0.
fn shown(share: f64) -> String {
    match share {
        share if share > 0.0 && share < 0.0005 => "< 0.1".to_owned(),
        0.0 => "0".to_owned(),
        share => fixed(share * 100.0, 1),
    }
}
