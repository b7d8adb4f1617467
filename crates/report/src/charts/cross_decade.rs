//! Fitted on each decade, scored on each.

use super::canvas::{style, Anchor, Canvas, Frame};
use super::layout::{ChartPlan, PAGE_WIDTH};
use super::panel;
use super::theme::{score_opacity, ACCENT, GRID, INK, LABEL, MUTED, PANEL, TICK};
use super::{Chart, ChartEntry};
use crate::format::{count, fixed, plural};
use crate::phrases::validation::{group_noun, GroupNoun};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::validation::cross_decade::CrossDecadeScores;

const ROW: f64 = 46.0;
/// Room for the names of the rows.
const LEFT: f64 = 108.0;
/// Room for the names of the columns and their heading.
const ABOVE: f64 = 48.0;
/// Greatest width of a cell.
const MAX_CELL_WIDTH: f64 = 132.0;
const SCALE: f64 = 40.0;
/// Least width of a column that can hold a decade with its century.
const COLUMN_FOR_YEAR: f64 = 56.0;
/// Least width of a cell that can hold a number.
const CELL_FOR_NUMBER: f64 = 40.0;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "transfer",
    part: PagePart::CrossDecade,
    tables: &["transfer"],
    source: ContentSource::Robustness(|robustness| {
        let noun = group_noun(robustness.schemes.has_artists);
        robustness.cross_decade.as_ref().map(|found| cross_decade(found, &noun))
    }),
};

/// Heat map of the ROC AUC: rows are the decades fitted on, columns those scored on.
pub(super) fn cross_decade(found: &CrossDecadeScores, noun: &GroupNoun) -> Result<Chart> {
    let height = ABOVE + ROW * found.decades.len().max(1) as f64 + SCALE;
    let plan = ChartPlan {
        name: CHART.name,
        title: title(found),
        subtitle:
            "ROC AUC by training decade (rows) and test decade (columns); the same decade is outlined; 0.5 is chance"
                .to_owned(),
        legend: Vec::new(),
        caption: format!(
            "ROC AUC of models ({}) fitted on one decade and scored on another, mean of {} with grouped splits: no {} \
             is in training and test of a cell. A stronger colour is better.",
            found.params.describe(),
            plural(found.folds, "fold", "folds"),
            noun.keys
        ),
        description: description(found),
        width: PAGE_WIDTH,
        height,
    };
    plan.draw_also_narrow(height, |canvas, body| draw(canvas, body, found))
}

fn title(found: &CrossDecadeScores) -> String {
    let (own, other) = (found.own(), found.other());
    format!(
        "Fitted on the same decade, the mean ROC\u{a0}AUC is {}; fitted on another decade, {}",
        fixed(own, 3),
        fixed(other, 3)
    )
}

fn description(found: &CrossDecadeScores) -> String {
    let row = |(train, values): (usize, &Vec<f64>)| {
        let each: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(test, value)| format!("{} {}", found.decades[test], fixed(*value, 3)))
            .collect();
        format!("fitted on the {}: {}", found.decades[train], each.join(", "))
    };
    format!("Heat map. {}.", found.roc_auc.iter().enumerate().map(row).collect::<Vec<_>>().join(". "))
}

/// Least and greatest value.
fn ends(found: &CrossDecadeScores) -> (f64, f64) {
    let all = found.roc_auc.iter().flatten().filter(|value| value.is_finite());
    all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)))
}

fn position(found: &CrossDecadeScores, value: f64) -> f64 {
    let (low, high) = ends(found);
    match value.is_finite() {
        false => f64::NAN,
        true if high > low => (value - low) / (high - low),
        true => 0.5,
    }
}

fn draw(canvas: &Canvas, body: Frame, found: &CrossDecadeScores) -> Result<()> {
    let number = found.decades.len().max(1) as f64;
    let cell = ((body.width() - LEFT) / number).min(MAX_CELL_WIDTH);
    let cells = Frame { left: body.left + LEFT, top: body.top + ABOVE, ..body };
    canvas.text("scored on", (cells.left, body.top + 14.0), style(TICK, MUTED, Anchor::Start))?;
    canvas.text("fitted on", (body.left, cells.top - 10.0), style(TICK, MUTED, Anchor::Start))?;
    for (index, decade) in found.decades.iter().enumerate() {
        let (x, y) = (cells.left + cell * (index as f64 + 0.5), cells.top + ROW * (index as f64 + 0.5));
        let column = if cell < COLUMN_FOR_YEAR { format!("{}s", decade.tag()) } else { decade.to_string() };
        canvas.text(&column, (x, cells.top - 10.0), style(PANEL, INK, Anchor::Middle))?;
        canvas.text(&decade.to_string(), (body.left, y - 1.0), style(PANEL, INK, Anchor::Start))?;
        let rows = format!("{} tracks", count(found.rows.get(index).copied().unwrap_or(0)));
        canvas.text(&rows, (body.left, y + 14.0), style(TICK, MUTED, Anchor::Start))?;
    }
    for (train, values) in found.roc_auc.iter().enumerate() {
        for (test, value) in values.iter().enumerate() {
            let (left, top) = (cells.left + cell * test as f64, cells.top + ROW * train as f64);
            let frame = Frame { left, top, right: left + cell - 2.0, bottom: top + ROW - 2.0 };
            draw_cell(canvas, frame, *value, position(found, *value), train == test)?;
            let [fitted, scored] = [train, test].map(|decade| found.decades[decade]);
            let score = fixed(*value, 3);
            canvas.value(frame, format!("fitted on the {fitted}\nscored on the {scored}\nROC AUC: {score}"));
        }
    }
    draw_scale(canvas, Frame { left: cells.left, top: body.bottom - SCALE + 12.0, ..body }, found)
}

fn draw_cell(canvas: &Canvas, frame: Frame, value: f64, position: f64, is_own: bool) -> Result<()> {
    canvas.block(frame, ACCENT, score_opacity(position))?;
    if is_own {
        canvas.outline(frame, INK, 1.6)?;
    }
    if frame.width() < CELL_FOR_NUMBER {
        return Ok(());
    }
    let middle = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0 + 4.5);
    let ink = if value.is_finite() { INK } else { MUTED };
    canvas.text(&fixed(value, 3), middle, style(LABEL, ink, Anchor::Middle))
}

fn draw_scale(canvas: &Canvas, frame: Frame, found: &CrossDecadeScores) -> Result<()> {
    const STEPS: usize = 12;
    const WIDTH: f64 = 14.0;
    let (low, high) = ends(found);
    if !low.is_finite() {
        return panel::nothing_to_show(canvas, frame);
    }
    let bar = Frame {
        left: frame.left + 52.0,
        top: frame.top,
        right: frame.left + 52.0 + WIDTH * STEPS as f64,
        bottom: frame.top + 12.0,
    };
    for step in 0..STEPS {
        let left = bar.left + WIDTH * step as f64;
        let opacity = score_opacity(step as f64 / (STEPS - 1) as f64);
        canvas.block(Frame { left, right: left + WIDTH, ..bar }, ACCENT, opacity)?;
    }
    canvas.outline(bar, GRID, 1.0)?;
    canvas.text(&fixed(low, 3), (bar.left - 8.0, bar.bottom - 1.5), style(TICK, MUTED, Anchor::End))?;
    canvas.text(&fixed(high, 3), (bar.right + 8.0, bar.bottom - 1.5), style(TICK, MUTED, Anchor::Start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    #[test]
    fn the_title_compares_own_and_other() {
        let found = small::cross_decade();
        let chart = cross_decade(&found, &group_noun(true)).expect("it is drawn");
        assert_eq!(
            chart.title,
            "Fitted on the same decade, the mean ROC\u{a0}AUC is 0.850; fitted on another decade, 0.750"
        );
        assert!(chart.svg.contains(">0.700<") && chart.alt.contains("fitted on the 1960s: 1960s 0.800, 1970s 0.700"));
    }
}
