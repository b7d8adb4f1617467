//! Right and wrong answers of all compared models.

use super::axis::percent;
use super::canvas::{style, Anchor, Canvas, Frame};
use super::confusion::{cell_in_words, FULL};
use super::layout::{grid_cells, grid_height, ChartPlan, PAGE_WIDTH};
use super::panel;
use super::theme::{label_colour, INK, MUTED, PANEL, TICK};
use super::wording::on_test_rows;
use super::{Chart, ChartEntry};
use crate::format::{count, plural};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::Label;
use hitflop_model::evaluation::Confusion;
use hitflop_model::selection::leaderboard::{Leaderboard, LeaderboardRow};

const PANEL_HEIGHT: f64 = 196.0;
/// Air below each panel but the last row's.
const BELOW: f64 = 26.0;
/// Room at the left for the true labels and the share of right answers.
const LEFT: f64 = 54.0;
/// Room for the heading and the labels answered.
const ABOVE: f64 = panel::HEADING + 16.0;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "confusion_matrices",
    part: PagePart::ComparedModels,
    tables: &["confusion_matrices"],
    source: ContentSource::Report(|findings| findings.report.comparison.as_ref().map(confusions)),
};

/// Small multiples of confusion matrices, in the order of the leaderboard.
pub(super) fn confusions(comparison: &Leaderboard) -> Result<Chart> {
    let candidates = &comparison.rows;
    let plan = ChartPlan {
        name: CHART.name,
        title: title(candidates),
        subtitle: "Predictions for the test rows: counts, and percentages of each true label. Correct predictions are \
                   outlined; the corner shows the accuracy"
            .to_owned(),
        legend: Vec::new(),
        caption: format!(
            "Confusion matrices of {}{}, in the order of the leaderboard, with the accuracy.",
            plural(candidates.len() as u64, "model", "models"),
            on_test_rows(comparison)
        ),
        description: description(candidates),
        width: PAGE_WIDTH,
        height: grid_height(candidates.len().max(1), PANEL_HEIGHT) - BELOW,
    };
    plan.draw_panels(
        |body| grid_cells(body, candidates.len(), PANEL_HEIGHT),
        |canvas, cell, index| draw_panel(canvas, Frame { bottom: cell.bottom - BELOW, ..cell }, &candidates[index]),
    )
}

/// Tracks by true label, hits first, and by answer, hits first.
fn rows(confusion: &Confusion) -> [(Label, [u64; 2]); 2] {
    [
        (Label::Hit, [confusion.true_positives, confusion.false_negatives]),
        (Label::Flop, [confusion.false_positives, confusion.true_negatives]),
    ]
}

/// Which way the models err.
fn title(candidates: &[LeaderboardRow]) -> String {
    let leaning_to_hits = candidates
        .iter()
        .filter(|candidate| {
            candidate.evaluation.confusion.false_positives > candidate.evaluation.confusion.false_negatives
        })
        .count();
    match (leaning_to_hits, candidates.len()) {
        (_, 0) => "No models were compared".to_owned(),
        (1, 1) => "It predicts more flops as hits than hits as flops".to_owned(),
        (to_hits, all) if to_hits == all => "Every model predicts more flops as hits than hits as flops".to_owned(),
        (0, _) => "No model predicts more flops as hits than hits as flops".to_owned(),
        (to_hits, all) => format!("{to_hits} of {all} models predict more flops as hits than hits as flops"),
    }
}

fn description(candidates: &[LeaderboardRow]) -> String {
    let each = candidates.iter().map(|candidate| {
        let counts = candidate.evaluation.confusion;
        format!(
            "{}: hits {} predicted as hits, {} as flops; flops {} predicted as hits, {} as flops",
            candidate.title,
            count(counts.true_positives),
            count(counts.false_negatives),
            count(counts.false_positives),
            count(counts.true_negatives)
        )
    });
    format!("Confusion matrices. {}.", each.collect::<Vec<_>>().join(". "))
}

fn draw_panel(canvas: &Canvas, frame: Frame, candidate: &LeaderboardRow) -> Result<()> {
    let right = percent(candidate.evaluation.scores.accuracy, 1);
    panel::heading(canvas, frame, &candidate.title, &[])?;
    let matrix = Frame { left: frame.left + LEFT, top: frame.top + ABOVE, ..frame };
    canvas.text(&right, (frame.left, matrix.top - 6.0), style(TICK, INK, Anchor::Start))?;
    let (width, height) = (matrix.width() / 2.0, matrix.height() / 2.0);
    for (column, called) in [Label::Hit, Label::Flop].into_iter().enumerate() {
        let x = matrix.left + width * (column as f64 + 0.5);
        canvas.text(&format!("predicted {called}"), (x, matrix.top - 6.0), style(TICK, MUTED, Anchor::Middle))?;
    }
    for (row, (label, counts)) in rows(&candidate.evaluation.confusion).into_iter().enumerate() {
        let top = matrix.top + height * row as f64;
        canvas.text(label.name(), (matrix.left - 8.0, top + height / 2.0 + 4.0), style(TICK, INK, Anchor::End))?;
        for (column, tracks) in counts.into_iter().enumerate() {
            let left = matrix.left + width * column as f64;
            let cell =
                Frame { left: left + 1.5, top: top + 1.5, right: left + width - 1.5, bottom: top + height - 1.5 };
            let share = tracks as f64 / counts.iter().sum::<u64>().max(1) as f64;
            let answer = if column == 0 { Label::Hit } else { Label::Flop };
            canvas.value(cell, format!("{}\n{}", candidate.title, cell_in_words((label, answer), tracks, share)));
            draw_cell(canvas, cell, label, (tracks, share), row == column)?;
        }
    }
    Ok(())
}

fn draw_cell(canvas: &Canvas, cell: Frame, label: Label, (tracks, share): (u64, f64), right: bool) -> Result<()> {
    canvas.block(cell, label_colour(label), 0.04 + (FULL - 0.04) * share)?;
    if right {
        canvas.outline(cell, label_colour(label), 1.6)?;
    }
    let (x, y) = ((cell.left + cell.right) / 2.0, (cell.top + cell.bottom) / 2.0);
    canvas.text(&count(tracks), (x, y - 2.0), style(PANEL, INK, Anchor::Middle))?;
    canvas.text(&percent(share, 1), (x, y + 14.0), style(TICK, INK, Anchor::Middle))
}
