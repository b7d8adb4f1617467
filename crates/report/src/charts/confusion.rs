//! Right and wrong answers of a model.

use super::axis::percent;
use super::canvas::{style, Anchor, Canvas, Frame};
use super::layout::ChartPlan;
use super::roc::{rates, MODEL_HEIGHT, MODEL_WIDTH, NARROW_MODEL_HEIGHT};
use super::theme::{label_colour, Type, INK, LABEL, MUTED, PANEL};
use super::{Chart, ChartEntry};
use crate::format::{capitalise, count, fixed};
use crate::phrases::models::subject;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::Label;
use hitflop_model::evaluation::Evaluation;

/// A cell's count.
const COUNT: Type = Type { size: 26.0, bold: true };
/// Opacity of a cell that holds all tracks of its label; light enough for dark text on white and light text on black.
pub(crate) const FULL: f64 = 0.55;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "confusion_matrix",
    part: PagePart::FinalScores,
    tables: &["confusion"],
    source: ContentSource::Report(|findings| findings.report.evaluation.as_ref().map(confusion)),
};

/// Confusion matrix: counts, and shares of the tracks that truly are of the row's label.
pub(super) fn confusion(evaluation: &Evaluation) -> Result<Chart> {
    let counts = evaluation.confusion;
    let rows = [
        (Label::Hit, [counts.true_positives, counts.false_negatives]),
        (Label::Flop, [counts.false_positives, counts.true_negatives]),
    ];
    let plan = ChartPlan {
        name: CHART.name,
        title: title(evaluation),
        subtitle: format!(
            "{} of {} test tracks correct; {}",
            percent(evaluation.scores.accuracy, 1),
            count(evaluation.test_rows),
            evaluation.hold_out.description()
        ),
        legend: Vec::new(),
        caption: format!(
            "Predictions of the final model ({}) for {} test tracks at threshold {}: counts, and percentages of each \
             true label.",
            evaluation.params.describe(),
            count(evaluation.test_rows),
            fixed(evaluation.threshold, 3)
        ),
        description: format!(
            "Confusion matrix. Hits: {} predicted as hits, {} as flops. Flops: {} predicted as hits, {} as flops.",
            count(counts.true_positives),
            count(counts.false_negatives),
            count(counts.false_positives),
            count(counts.true_negatives)
        ),
        width: MODEL_WIDTH,
        height: MODEL_HEIGHT,
    };
    plan.draw_also_narrow(NARROW_MODEL_HEIGHT, |canvas, body| draw(canvas, body, &rows))
}

fn title(evaluation: &Evaluation) -> String {
    let model = subject(evaluation.params.kind());
    match rates(&evaluation.confusion) {
        Some((wrongly, found)) => {
            format!(
                "{} finds {} of the hits and predicts {} of the flops as hits",
                capitalise(&model),
                percent(found, 0),
                percent(wrongly, 0)
            )
        }
        None => format!("Predictions of {model}"),
    }
}

fn draw(canvas: &Canvas, body: Frame, rows: &[(Label, [u64; 2])]) -> Result<()> {
    let matrix = Frame { left: body.left + 66.0, top: body.top + 40.0, ..body };
    let (width, height) = (matrix.width() / 2.0, matrix.height() / 2.0);
    for (column, called) in [Label::Hit, Label::Flop].into_iter().enumerate() {
        let x = matrix.left + width * (column as f64 + 0.5);
        canvas.text(&format!("predicted {called}"), (x, matrix.top - 14.0), style(PANEL, INK, Anchor::Middle))?;
    }
    for (row, (label, counts)) in rows.iter().enumerate() {
        let top = matrix.top + height * row as f64;
        let middle = top + height / 2.0;
        canvas.text("truly", (matrix.left - 14.0, middle - 4.0), style(LABEL, MUTED, Anchor::End))?;
        canvas.text(label.name(), (matrix.left - 14.0, middle + 13.0), style(PANEL, INK, Anchor::End))?;
        for (column, cell) in counts.iter().enumerate() {
            let left = matrix.left + width * column as f64;
            let frame =
                Frame { left: left + 2.0, top: top + 2.0, right: left + width - 2.0, bottom: top + height - 2.0 };
            let share = *cell as f64 / counts.iter().sum::<u64>().max(1) as f64;
            let answer = if column == 0 { Label::Hit } else { Label::Flop };
            canvas.value(frame, cell_in_words((*label, answer), *cell, share));
            draw_cell(canvas, frame, *label, (*cell, share), row == column)?;
        }
    }
    Ok(())
}

/// What a cell of a confusion matrix says.
pub(crate) fn cell_in_words((truth, answer): (Label, Label), tracks: u64, share: f64) -> String {
    format!("{truth}s predicted as {answer}s\n{} ({} of the {truth}s)", count(tracks), percent(share, 1))
}

fn draw_cell(canvas: &Canvas, frame: Frame, label: Label, (cell, share): (u64, f64), right: bool) -> Result<()> {
    canvas.block(frame, label_colour(label), 0.04 + (FULL - 0.04) * share)?;
    if right {
        canvas.outline(frame, label_colour(label), 2.0)?;
    }
    let (x, y) = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
    canvas.text(&count(cell), (x, y), style(COUNT, INK, Anchor::Middle))?;
    canvas.text(&format!("{} of the {label}s", percent(share, 1)), (x, y + 24.0), style(LABEL, INK, Anchor::Middle))?;
    canvas.text(if right { "right" } else { "wrong" }, (x, y + 44.0), style(LABEL, INK, Anchor::Middle))
}
