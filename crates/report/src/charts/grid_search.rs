//! Mean accuracy over the notebook's grid of random forests.

use super::axis::percent;
use super::canvas::{fit, style, Anchor, Canvas, Frame};
use super::layout::{is_narrow, ChartPlan, PAGE_WIDTH};
use super::panel;
use super::theme::{score_opacity, ACCENT, GRID, INK, LABEL, MUTED, TICK};
use super::{Chart, ChartEntry};
use crate::findings::grid_figures::{depth, values, yes_or_no, GridFigures};
use crate::format::{count, fixed, list, plural};
use crate::phrases::search::point_in_words;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::selection::search::grid::{GridPoint, GridSearch};

const ROW: f64 = 36.0;
/// Room at a panel's left for depth and split.
const LEFT: f64 = 122.0;
/// Room above a panel's cells: its heading, the leaf, the number of trees.
const ABOVE: f64 = panel::HEADING + 42.0;
/// Panels side by side.
const ACROSS: usize = 2;
const GAP: f64 = 28.0;
/// Air below each row of panels.
const BELOW: f64 = 24.0;
/// Height of the scale below the panels.
const SCALE: f64 = 28.0;
/// Least width of a cell that can hold a number.
const CELL_FOR_NUMBER: f64 = 37.0;

/// The axes of a panel: rows are depths and, within each, splits; columns are leaves and, within each, numbers of trees.
struct GridAxes {
    rows: Vec<(Option<usize>, usize)>,
    columns: Vec<(usize, usize)>,
}

/// One panel: the points of one `bootstrap` and of values of `max_features` that are alike.
struct Panel {
    bootstrap: bool,
    max_features: Vec<String>,
}

/// The cells' accuracies, and how they are tinted.
struct Cells<'a> {
    grid: &'a GridSearch,
    figures: &'a GridFigures,
    low: f64,
    high: f64,
}

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "grid_search",
    part: PagePart::GridSearch,
    tables: &["grid_search"],
    source: ContentSource::Grid(grid_search),
};

/// Heat map of the mean accuracy: panels for bootstrap, and for `max_features` where its values differ.
pub(super) fn grid_search(grid: &GridSearch, figures: &GridFigures) -> Result<Chart> {
    let axes = axes(&grid.points);
    let panels = panels(grid, figures);
    let plan = ChartPlan {
        name: CHART.name,
        title: title(grid, figures),
        subtitle: subtitle(grid, figures),
        legend: Vec::new(),
        caption: format!(
            "Mean accuracy in per cent of {} of random forests on {} of {}. A stronger colour is better; the best point is \
             outlined. depth: max_depth; split: min_samples_split; leaf: min_samples_leaf; trees: n_estimators.{}",
            plural(grid.points.len() as u64, "setting", "settings"),
            plural(grid.folds, "fold", "folds"),
            plural(grid.rows, "training row", "training rows"),
            drawn_once(figures)
        ),
        description: description(grid, figures),
        width: PAGE_WIDTH,
        height: panels.len().div_ceil(ACROSS) as f64 * panel_height(&axes) + SCALE,
    };
    let narrow_height = panels.len() as f64 * panel_height(&axes) + SCALE;
    plan.draw_also_narrow(narrow_height, |canvas, body| {
        let cells = Cells::of(grid, figures);
        let across = if is_narrow(body) { 1 } else { ACROSS };
        let width = (body.width() - GAP * (across - 1) as f64) / across as f64;
        for (index, panel) in panels.iter().enumerate() {
            let left = body.left + (width + GAP) * (index % across) as f64;
            let top = body.top + panel_height(&axes) * (index / across) as f64;
            let frame = Frame { left, top, right: left + width, bottom: top + panel_height(&axes) - BELOW };
            draw_panel(canvas, frame, &axes, panel, &cells)?;
        }
        draw_scale(canvas, Frame { top: body.bottom - SCALE, ..body }, &cells)
    })
}

fn panel_height(axes: &GridAxes) -> f64 {
    ABOVE + ROW * axes.rows.len() as f64 + BELOW
}

fn axes(points: &[GridPoint]) -> GridAxes {
    let (depths, splits) = (values(points, |point| point.max_depth), values(points, |point| point.min_samples_split));
    let (leaves, trees) = (values(points, |point| point.min_samples_leaf), values(points, |point| point.n_estimators));
    GridAxes {
        rows: depths.iter().flat_map(|depth| splits.iter().map(move |split| (*depth, *split))).collect(),
        columns: leaves.iter().flat_map(|leaf| trees.iter().map(move |trees| (*leaf, *trees))).collect(),
    }
}

fn panels(grid: &GridSearch, figures: &GridFigures) -> Vec<Panel> {
    let bootstraps = values(&grid.points, |point| point.bootstrap);
    let of_features = |max_features: &Vec<String>| {
        let max_features = max_features.clone();
        bootstraps
            .iter()
            .map(move |&bootstrap| Panel { bootstrap, max_features: max_features.clone() })
            .collect::<Vec<_>>()
    };
    figures.max_features.iter().flat_map(of_features).collect()
}

impl<'a> Cells<'a> {
    fn of(grid: &'a GridSearch, figures: &'a GridFigures) -> Cells<'a> {
        let all = figures.points.iter().map(|point| point.accuracy).filter(|accuracy| accuracy.is_finite());
        let (low, high) =
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        Cells { grid, figures, low, high }
    }

    /// Where an accuracy lies between the least, 0, and the greatest, 1; in the middle where all are equal.
    fn position(&self, accuracy: f64) -> f64 {
        if self.high > self.low {
            (accuracy - self.low) / (self.high - self.low)
        } else {
            0.5
        }
    }

    /// Accuracy at a place of a panel, and whether it is the best.
    fn at(&self, panel: &Panel, row: (Option<usize>, usize), column: (usize, usize)) -> Option<(f64, bool)> {
        let is_there = |point: &&GridPoint| {
            point.bootstrap == panel.bootstrap
                && panel.max_features.contains(&point.max_features)
                && (point.max_depth, point.min_samples_split) == row
                && (point.min_samples_leaf, point.n_estimators) == column
        };
        let index = self.grid.points.iter().position(|point| is_there(&point))?;
        let best = self.grid.points.get(self.grid.best).is_some_and(|best| is_there(&best));
        Some((self.figures.points[index].accuracy, best))
    }
}

fn title(grid: &GridSearch, figures: &GridFigures) -> String {
    let Some(first) = figures.effects.first().filter(|effect| effect.range > 0.0) else {
        return "All points of the grid have the same score".to_owned();
    };
    let best = figures.points.get(grid.best).map_or(f64::NAN, |point| point.accuracy);
    let others = figures
        .effects
        .get(1)
        .map_or(String::new(), |second| format!(", {} by {} at most", "any other parameter", points(second.range)));
    format!(
        "{} changes the accuracy by {}{others}; the best point reaches {}",
        first.name,
        points(first.range),
        percent(best, 1)
    )
}

/// A difference of shares: `2.41 points`.
fn points(difference: f64) -> String {
    format!("{} points", fixed(difference * 100.0, 2))
}

fn subtitle(grid: &GridSearch, figures: &GridFigures) -> String {
    let best = grid.points.get(grid.best).map_or(String::new(), |point| format!("; best: {}", point_in_words(point)));
    let twins: Vec<String> =
        figures.max_features.iter().filter(|group| group.len() > 1).map(|group| list(group)).collect();
    let once =
        if twins.is_empty() { String::new() } else { format!(". {} are equivalent and shown once", list(&twins)) };
    format!("Mean accuracy over {}, in per cent{best}{once}", plural(grid.folds, "fold", "folds"))
}

fn drawn_once(figures: &GridFigures) -> String {
    let twins: Vec<String> =
        figures.max_features.iter().filter(|group| group.len() > 1).map(|group| list(group)).collect();
    match twins.is_empty() {
        true => String::new(),
        false => format!(" {} of max_features have the same scores and share a panel.", list(&twins)),
    }
}

fn description(grid: &GridSearch, figures: &GridFigures) -> String {
    let levels = figures.effects.iter().map(|effect| {
        let each = effect.levels.iter().map(|level| format!("{} {}", level.value, percent(level.accuracy, 2)));
        format!("{}: {}", effect.name, each.collect::<Vec<_>>().join(", "))
    });
    let best = grid.points.get(grid.best).map_or("none".to_owned(), point_in_words);
    format!("Heat map. Best point: {best}. Mean accuracy by parameter. {}.", levels.collect::<Vec<_>>().join("; "))
}

fn draw_panel(canvas: &Canvas, frame: Frame, axes: &GridAxes, panel: &Panel, cells: &Cells) -> Result<()> {
    let matrix = Frame { left: frame.left + LEFT, top: frame.top + ABOVE, ..frame };
    let width = matrix.width() / axes.columns.len().max(1) as f64;
    let heading = format!("bootstrap {}", yes_or_no(panel.bootstrap));
    let features = format!("max_features {}", list(&panel.max_features));
    panel::heading(canvas, frame, &heading, &[features])?;
    draw_columns(canvas, matrix, axes, width)?;
    draw_rows(canvas, frame.left, matrix, axes)?;
    let mut best = None;
    for (row, at_row) in axes.rows.iter().enumerate() {
        for (column, at_column) in axes.columns.iter().enumerate() {
            let (left, top) = (matrix.left + width * column as f64, matrix.top + ROW * row as f64);
            let cell = Frame { left, top, right: left + width - 2.0, bottom: top + ROW - 2.0 };
            let found = cells.at(panel, *at_row, *at_column);
            if let Some((accuracy, _)) = found {
                canvas.value(cell, reading(*at_row, *at_column, accuracy));
            }
            draw_cell(canvas, cell, found.map(|(accuracy, _)| (accuracy, cells.position(accuracy))))?;
            best = best.or(found.filter(|(_, best)| *best).map(|_| cell));
        }
    }
    // Last, so that no neighbour covers it.
    best.map_or(Ok(()), |cell| canvas.outline(cell, INK, 2.6))
}

/// The setting of a cell and its accuracy.
fn reading((max_depth, split): (Option<usize>, usize), (leaf, trees): (usize, usize), accuracy: f64) -> String {
    let trees = count(trees as u64);
    format!("depth {}, split {split}, leaf {leaf}, {trees} trees\n{}", depth(max_depth), percent(accuracy, 2))
}

/// Leaves above groups of columns, numbers of trees above each.
fn draw_columns(canvas: &Canvas, matrix: Frame, axes: &GridAxes, width: f64) -> Result<()> {
    for (index, (leaf, trees)) in axes.columns.iter().enumerate() {
        let left = matrix.left + width * index as f64;
        let text = fit(&count(*trees as u64), TICK, width - 4.0);
        canvas.text(&text, (left + width / 2.0 - 1.0, matrix.top - 7.0), style(TICK, MUTED, Anchor::Middle))?;
        if index == 0 || axes.columns[index - 1].0 != *leaf {
            let members = axes.columns.iter().filter(|(other, _)| other == leaf).count() as f64;
            let text = fit(&format!("leaf {leaf}"), LABEL, width * members - 4.0);
            canvas.text(
                &text,
                (left + width * members / 2.0 - 1.0, matrix.top - 25.0),
                style(LABEL, INK, Anchor::Middle),
            )?;
        }
    }
    canvas.text("trees", (matrix.left - 8.0, matrix.top - 7.0), style(TICK, MUTED, Anchor::End))
}

/// Depths at the first of their rows, splits at each.
fn draw_rows(canvas: &Canvas, left: f64, matrix: Frame, axes: &GridAxes) -> Result<()> {
    for (index, (max_depth, split)) in axes.rows.iter().enumerate() {
        let baseline = matrix.top + ROW * (index as f64 + 0.5) + 3.0;
        canvas.text(&format!("split {split}"), (matrix.left - 8.0, baseline), style(TICK, MUTED, Anchor::End))?;
        if index == 0 || axes.rows[index - 1].0 != *max_depth {
            canvas.text(&format!("depth {}", depth(*max_depth)), (left, baseline), style(LABEL, INK, Anchor::Start))?;
        }
    }
    Ok(())
}

fn draw_cell(canvas: &Canvas, cell: Frame, found: Option<(f64, f64)>) -> Result<()> {
    let text = match found {
        Some((accuracy, position)) => {
            canvas.block(cell, ACCENT, score_opacity(position))?;
            fixed(accuracy * 100.0, 2)
        }
        None => "–".to_owned(),
    };
    if cell.width() < CELL_FOR_NUMBER {
        return Ok(());
    }
    let place = ((cell.left + cell.right) / 2.0, (cell.top + cell.bottom) / 2.0 + 4.0);
    canvas.text(&text, place, style(TICK, INK, Anchor::Middle))
}

/// The tints from the least to the greatest accuracy.
fn draw_scale(canvas: &Canvas, frame: Frame, cells: &Cells) -> Result<()> {
    const STEPS: i32 = 30;
    const WIDTH: f64 = 260.0;
    if cells.high < cells.low {
        return Ok(());
    }
    let least = percent(cells.low, 2);
    canvas.text(&least, (frame.left, frame.bottom - 6.0), style(TICK, MUTED, Anchor::Start))?;
    let bar = Frame {
        left: frame.left + 62.0,
        right: frame.left + 62.0 + WIDTH,
        top: frame.bottom - 17.0,
        bottom: frame.bottom - 3.0,
    };
    let step_width = WIDTH / f64::from(STEPS);
    for step in 0..STEPS {
        let left = bar.left + step_width * f64::from(step);
        let block = Frame { left, right: left + step_width, ..bar };
        canvas.block(block, ACCENT, score_opacity(f64::from(step) / f64::from(STEPS - 1)))?;
    }
    canvas.outline(bar, GRID, 1.0)?;
    canvas.text(&percent(cells.high, 2), (bar.right + 10.0, frame.bottom - 6.0), style(TICK, MUTED, Anchor::Start))
}
