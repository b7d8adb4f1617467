//! Correlations of every pair of columns: Pearson below the diagonal, Spearman above it.

use super::canvas::{fit, style, text_width, Anchor, Canvas, Frame};
use super::layout::{is_narrow, ChartPlan, MARGIN, NARROW_ROOM, PAGE_WIDTH};
use super::theme::{correlation_colour, text_on_cell, GRID, INK, LABEL, MUTED, PANEL, TICK};
use super::{Chart, ChartEntry};
use crate::format::{capitalise, fixed};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::TARGET;
use hitflop_data::explore::correlation::CorrelationMatrix;

/// Least width and height of the corner between the names, of the colour bar.
const CORNER: f64 = 120.0;
/// Most room that names may take.
const NAMES: f64 = 150.0;
/// Least size of a cell that can hold a number.
const CELL_FOR_NUMBER: f64 = 34.0;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "correlation",
    part: PagePart::Correlation,
    tables: &["pearson", "spearman"],
    source: ContentSource::Report(|findings| {
        let (pearson, spearman) = (&findings.report.pearson, &findings.report.spearman);
        Some(if spearman.names.is_empty() { pearson_alone(pearson) } else { correlation(pearson, spearman) })
    }),
};

/// Annotated heatmap of both matrices, which must be of the same columns; a cell without a value says so by a dash.
pub(super) fn correlation(pearson: &CorrelationMatrix, spearman: &CorrelationMatrix) -> Result<Chart> {
    let plan = ChartPlan {
        name: CHART.name,
        title: title(pearson),
        subtitle: "Pearson’s r below the diagonal, Spearman’s rank correlation above it".to_owned(),
        legend: Vec::new(),
        caption: "Correlation of every pair of columns: Pearson below the diagonal, Spearman above it; target is 1 \
                  for a hit and 0 for a flop. A dash marks a column with a single value."
            .to_owned(),
        description: description(pearson),
        width: PAGE_WIDTH,
        height: 0.0,
    };
    heatmap(plan, pearson, spearman)
}

/// Annotated heatmap of Pearson's correlations, on both sides of the diagonal.
fn pearson_alone(pearson: &CorrelationMatrix) -> Result<Chart> {
    let plan = ChartPlan {
        name: CHART.name,
        title: title(pearson),
        subtitle: "Pearson’s r".to_owned(),
        legend: Vec::new(),
        caption:
            "Pearson correlation of every pair of columns; target is 1 for a hit and 0 for a flop. A dash marks a \
                  column with a single value."
                .to_owned(),
        description: description(pearson),
        width: PAGE_WIDTH,
        height: 0.0,
    };
    heatmap(plan, pearson, pearson)
}

/// Draws one matrix below the diagonal and the other, of the same columns, above it; the height of the plan is that of the matrix.
pub(super) fn heatmap(plan: ChartPlan, below: &CorrelationMatrix, above: &CorrelationMatrix) -> Result<Chart> {
    let names = &below.names;
    let wide = HeatmapCells::of(names, f64::from(PAGE_WIDTH) - 2.0 * MARGIN, ASPECT);
    let narrow = HeatmapCells::of(names, NARROW_ROOM, 1.0);
    let plan = ChartPlan { height: wide.height_of_all(names.len()), ..plan };
    plan.draw_also_narrow(narrow.height_of_all(names.len()), |canvas, body| {
        let cells = if is_narrow(body) { narrow } else { wide };
        let matrix = Frame { left: body.left + cells.side, top: body.top + cells.side, ..body };
        draw_colour_bar(canvas, Frame { right: matrix.left - 24.0, bottom: matrix.top, ..body })?;
        draw_names(canvas, matrix, names, cells)?;
        draw_cells(canvas, matrix, below, above, cells)
    })
}

/// Height of a cell over its width, where there is room for numbers.
const ASPECT: f64 = 0.8;

/// Sizes of a heatmap in pixels.
#[derive(Clone, Copy)]
struct HeatmapCells {
    /// Room for the names at the left and above.
    side: f64,
    width: f64,
    height: f64,
}

impl HeatmapCells {
    fn of(names: &[String], room: f64, aspect: f64) -> HeatmapCells {
        let side = names_width(names);
        let width = ((room - side) / names.len().max(1) as f64).min(120.0);
        HeatmapCells { side, width, height: width * aspect }
    }

    fn height_of_all(self, count: usize) -> f64 {
        self.side + self.height * count as f64
    }
}

fn names_width(names: &[String]) -> f64 {
    names.iter().map(|name| text_width(name, PANEL)).fold(0.0, f64::max).clamp(CORNER, NAMES) + 10.0
}

/// The strongest pair of features, and the feature that goes most with the label.
fn title(matrix: &CorrelationMatrix) -> String {
    let is_target = |name: &String| name == TARGET;
    let pairs = || pairs(matrix).filter(|(_, _, r)| r.is_finite());
    let closest =
        pairs().filter(|(a, b, _)| !is_target(a) && !is_target(b)).max_by(|x, y| x.2.abs().total_cmp(&y.2.abs()));
    let with_target =
        pairs().filter(|(a, b, _)| is_target(a) || is_target(b)).max_by(|x, y| x.2.abs().total_cmp(&y.2.abs()));
    let closest = closest.map(|(a, b, r)| format!("Strongest correlation: {a} and {b} (r = {})", fixed(r, 2)));
    let with_target = with_target
        .map(|(a, b, r)| format!("with the label: {} (r = {})", if is_target(a) { b } else { a }, fixed(r, 2)));
    let both: Vec<String> = closest.into_iter().chain(with_target).collect();
    match both.is_empty() {
        true => "No two columns are correlated".to_owned(),
        false => capitalise(&both.join("; ")),
    }
}

/// Every pair once: two names and their correlation.
fn pairs(matrix: &CorrelationMatrix) -> impl Iterator<Item = (&String, &String, f64)> {
    let value = |row: usize, column: usize| value(matrix, row, column);
    let names = matrix.names.iter().enumerate();
    names.flat_map(move |(row, a)| {
        matrix.names.iter().enumerate().take(row).map(move |(column, b)| (b, a, value(row, column)))
    })
}

fn value(matrix: &CorrelationMatrix, row: usize, column: usize) -> f64 {
    matrix.values.get(row).and_then(|values| values.get(column)).copied().unwrap_or(f64::NAN)
}

fn description(pearson: &CorrelationMatrix) -> String {
    let strong =
        pairs(pearson).filter(|(_, _, r)| r.abs() >= 0.4).map(|(a, b, r)| format!("{a} and {b} {}", fixed(r, 2)));
    let strong: Vec<String> = strong.collect();
    match strong.is_empty() {
        true => "Heatmap of correlations; no |r| reaches 0.4.".to_owned(),
        false => format!("Heatmap of correlations. Pairs with |r| of at least 0.4 (Pearson): {}.", strong.join("; ")),
    }
}

/// A bar over the whole width of the corner, with what its ends mean below it.
fn draw_colour_bar(canvas: &Canvas, corner: Frame) -> Result<()> {
    const STEPS: i32 = 20;
    const THICKNESS: f64 = 12.0;
    let bar = Frame { top: corner.top + 20.0, bottom: corner.top + 20.0 + THICKNESS, ..corner };
    let width = bar.width() / f64::from(STEPS + 1);
    for step in 0..=STEPS {
        let (colour, opacity) = correlation_colour(f64::from(step) / f64::from(STEPS) * 2.0 - 1.0);
        let left = bar.left + f64::from(step) * width;
        canvas.block(Frame { left, right: left + width, ..bar }, colour, opacity)?;
    }
    canvas.outline(bar, GRID, 1.0)?;
    for (part, value, meaning, anchor) in
        [(0.0, "−1", "opposed", Anchor::Start), (0.5, "0", "", Anchor::Middle), (1.0, "1", "together", Anchor::End)]
    {
        let x = bar.left + bar.width() * part;
        canvas.text(value, (x, bar.top - 5.0), style(TICK, MUTED, anchor))?;
        if !meaning.is_empty() {
            canvas.text(meaning, (x, bar.bottom + 14.0), style(TICK, MUTED, anchor))?;
        }
    }
    Ok(())
}

fn draw_names(canvas: &Canvas, matrix: Frame, names: &[String], cells: HeatmapCells) -> Result<()> {
    for (index, name) in names.iter().enumerate() {
        let kind = if name == TARGET { PANEL } else { LABEL };
        let name = fit(name, kind, cells.side - 8.0);
        let [across, down] = [cells.width, cells.height].map(|size| (index as f64 + 0.5) * size);
        canvas.text(&name, (matrix.left - 8.0, matrix.top + down + 4.5), style(kind, INK, Anchor::End))?;
        canvas.text_upwards(&name, (matrix.left + across + 4.5, matrix.top - 8.0), style(kind, INK, Anchor::Start))?;
    }
    Ok(())
}

fn draw_cells(
    canvas: &Canvas,
    matrix: Frame,
    pearson: &CorrelationMatrix,
    spearman: &CorrelationMatrix,
    cells: HeatmapCells,
) -> Result<()> {
    let count = pearson.names.len();
    for row in 0..count {
        for column in 0..count {
            let (left, top) = (matrix.left + column as f64 * cells.width, matrix.top + row as f64 * cells.height);
            let frame = Frame { left, top, right: left + cells.width - 1.0, bottom: top + cells.height - 1.0 };
            if row != column {
                let r = value(if row > column { pearson } else { spearman }, row, column);
                canvas.value(frame, format!("{}, {}\n{}", pearson.names[row], pearson.names[column], fixed(r, 3)));
            }
            match row.cmp(&column) {
                std::cmp::Ordering::Equal => canvas.block(frame, GRID, 1.0)?,
                std::cmp::Ordering::Greater => draw_cell(canvas, frame, value(pearson, row, column))?,
                std::cmp::Ordering::Less => draw_cell(canvas, frame, value(spearman, row, column))?,
            }
        }
    }
    Ok(())
}

fn draw_cell(canvas: &Canvas, frame: Frame, r: f64) -> Result<()> {
    let (colour, opacity) = correlation_colour(r);
    let (text, ink) = match r.is_finite() {
        true => (fixed(r, 2), text_on_cell(opacity)),
        false => ("–".to_owned(), MUTED),
    };
    if r.is_finite() {
        canvas.block(frame, colour, opacity)?;
    }
    if frame.width() < CELL_FOR_NUMBER {
        return Ok(());
    }
    let middle = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0 + 4.0);
    canvas.text(&text, middle, style(TICK, ink, Anchor::Middle))
}
