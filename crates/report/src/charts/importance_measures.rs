//! Four measures of the importance of a feature, side by side.

use super::axis::ChartAxis;
use super::canvas::{style, text_width, Anchor, Canvas, Frame};
use super::layout::{is_narrow, ChartPlan, PAGE_WIDTH};
use super::theme::{ACCENT, GRID, IDLE, INK, LABEL, MUTED, PANEL, TICK};
use super::{Chart, ChartEntry};
use crate::findings::measures::{ImportanceMeasure, ImportanceMeasures, MeasuredImportance};
use crate::format::{capitalise, fixed};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_core::track::Feature;

const ROW: f64 = 26.0;
const THICKNESS: f64 = 14.0;
const HEADING: f64 = 48.0;
const GAP: f64 = 18.0;
/// Room for rank and value beyond the longest bar, and for the rank alone.
const VALUE: f64 = 80.0;
const RANK: f64 = 34.0;
/// Measures side by side on narrow screens.
const NARROW_ACROSS: usize = 2;
/// Width of a column from which on there is room for values.
const COLUMN_FOR_VALUE: f64 = 150.0;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "importance_measures",
    part: PagePart::ImportanceMeasures,
    tables: &["importance_measures"],
    source: ContentSource::Report(|findings| findings.derived.measures.as_ref().map(importance_measures)),
};

/// A column of bars a measure, each on its own scale, with rank and value.
pub(super) fn importance_measures(measures: &ImportanceMeasures) -> Result<Chart> {
    let features = measures.features();
    let plan = ChartPlan {
        name: CHART.name,
        title: title(measures),
        subtitle: "Four importance measures, each with its own scale; # is the rank. Lines are 95 % intervals"
            .to_owned(),
        legend: Vec::new(),
        caption: format!(
            "Mutual information of the single feature with the label ({}); importance in the splits of the final \
             model ({}); loss of ROC AUC when the feature is permuted ({}); mean absolute Shapley value ({}). The \
             measures differ in what they measure, so their ranks can differ.",
            measures.note(ImportanceMeasure::MutualInformation),
            measures.note(ImportanceMeasure::Splits),
            measures.note(ImportanceMeasure::Permutation),
            measures.note(ImportanceMeasure::Shap)
        ),
        description: description(measures, &features),
        width: PAGE_WIDTH,
        height: height(features.len()),
    };
    let rows_of_columns = (ImportanceMeasure::ALL.len() / NARROW_ACROSS) as f64;
    plan.draw_also_narrow(height(features.len()) * rows_of_columns, |canvas, body| {
        let across = if is_narrow(body) { NARROW_ACROSS } else { ImportanceMeasure::ALL.len() };
        let bands = ImportanceMeasure::ALL.chunks(across).enumerate();
        bands.into_iter().try_for_each(|(band, columns)| {
            let top = body.top + height(features.len()) * band as f64;
            draw_band(canvas, Frame { top, ..body }, measures, columns, &features)
        })
    })
}

fn height(features: usize) -> f64 {
    HEADING + ROW * features as f64 + 4.0
}

/// Columns of some measures side by side, after the names of the features.
fn draw_band(
    canvas: &Canvas,
    body: Frame,
    measures: &ImportanceMeasures,
    columns: &[ImportanceMeasure],
    features: &[Feature],
) -> Result<()> {
    let names = features.iter().map(|feature| text_width(feature.name(), LABEL)).fold(0.0, f64::max);
    for (index, feature) in features.iter().enumerate() {
        let middle = body.top + HEADING + ROW * (index as f64 + 0.5);
        canvas.line(&[(body.left, middle + ROW / 2.0), (body.right, middle + ROW / 2.0)], GRID, 1.0)?;
        canvas.text(feature.name(), (body.left + names, middle + 4.5), style(LABEL, INK, Anchor::End))?;
    }
    let left = body.left + names + 14.0;
    let width = (body.right - left - GAP * (columns.len() - 1) as f64) / columns.len() as f64;
    for (index, measure) in columns.iter().enumerate() {
        let start = left + (width + GAP) * index as f64;
        let column = Frame { left: start, right: start + width, ..body };
        draw_column(canvas, column, measures, *measure, features)?;
    }
    Ok(())
}

fn title(measures: &ImportanceMeasures) -> String {
    let firsts: Vec<Feature> =
        ImportanceMeasure::ALL.into_iter().filter_map(|measure| measures.first(measure)).collect();
    match firsts.as_slice() {
        [] => "No measure gives any feature importance".to_owned(),
        [first, rest @ ..] if rest.iter().all(|feature| feature == first) => {
            format!("{} ranks first by every measure; lower ranks differ", capitalise(first.name()))
        }
        _ => match measures.greatest_disagreement() {
            Some((feature, (high, better), (low, worse))) => format!(
                "{} ranks #{better} by {} and #{worse} by {}",
                capitalise(feature.name()),
                high.short(),
                low.short()
            ),
            None => "The measures have the same ranking".to_owned(),
        },
    }
}

fn description(measures: &ImportanceMeasures, features: &[Feature]) -> String {
    let each = features.iter().map(|&feature| {
        let ranks = ImportanceMeasure::ALL.into_iter().filter_map(|measure| {
            measures.importance(measure, feature).map(|importance| format!("{} #{}", measure.short(), importance.rank))
        });
        format!("{feature}: {}", ranks.collect::<Vec<_>>().join(", "))
    });
    format!("Four columns of bars. {}.", each.collect::<Vec<_>>().join("; "))
}

fn draw_column(
    canvas: &Canvas,
    column: Frame,
    measures: &ImportanceMeasures,
    measure: ImportanceMeasure,
    features: &[Feature],
) -> Result<()> {
    canvas.text(measure.heading(), (column.left, column.top + 14.0), style(PANEL, INK, Anchor::Start))?;
    canvas.text(measures.unit(measure), (column.left, column.top + 32.0), style(TICK, MUTED, Anchor::Start))?;
    let reach = |importance: MeasuredImportance| importance.value.max(0.0) + importance.half_width.unwrap_or(0.0);
    let importances = features.iter().filter_map(|&feature| measures.importance(measure, feature));
    let longest = importances.map(reach).filter(|value| value.is_finite()).fold(0.0, f64::max);
    let axis = ChartAxis::linear(
        0.0,
        if longest > 0.0 { longest } else { 1.0 },
        column.left,
        column.right - room_for_numbers(column),
    );
    for (index, &feature) in features.iter().enumerate() {
        let middle = column.top + HEADING + ROW * (index as f64 + 0.5);
        let row = Frame { top: middle - ROW / 2.0, bottom: middle + ROW / 2.0, ..column };
        let found = measures.importance(measure, feature);
        let text =
            found.map_or("not used".to_owned(), |found| format!("{} (rank {})", fixed(found.value, 4), found.rank));
        canvas.value(row, format!("{feature}\n{}: {text}", measure.heading()));
        match found {
            Some(importance) => draw_bar(canvas, &axis, column, middle, importance)?,
            None => {
                canvas.text("not used", (column.left + 6.0, middle + 4.0), style(TICK, MUTED, Anchor::Start))?;
            }
        }
    }
    let bottom = column.top + HEADING + ROW * features.len() as f64;
    canvas.line(&[(column.left, column.top + HEADING), (column.left, bottom)], MUTED, 1.0)
}

fn room_for_numbers(column: Frame) -> f64 {
    if column.width() >= COLUMN_FOR_VALUE {
        VALUE
    } else {
        RANK
    }
}

fn draw_bar(
    canvas: &Canvas,
    axis: &ChartAxis,
    column: Frame,
    middle: f64,
    importance: MeasuredImportance,
) -> Result<()> {
    let end = if importance.value.is_finite() { axis.px(importance.value) } else { column.left };
    let frame = Frame {
        left: column.left,
        right: end.max(column.left + 1.0),
        top: middle - THICKNESS / 2.0,
        bottom: middle + THICKNESS / 2.0,
    };
    canvas.block(frame, if importance.value > 0.0 { ACCENT } else { IDLE }, 1.0)?;
    let mut reach = frame.right;
    if let Some(half) = importance.half_width.filter(|half| half.is_finite()) {
        let (low, high) = (axis.px(importance.value - half), axis.px(importance.value + half));
        canvas.line(&[(low, middle), (high, middle)], INK, 1.4)?;
        for end in [low, high] {
            canvas.line(&[(end, middle - 3.5), (end, middle + 3.5)], INK, 1.4)?;
        }
        reach = reach.max(high);
    }
    let rank = format!("#{}", importance.rank);
    let has_value = column.width() >= COLUMN_FOR_VALUE;
    let text = if has_value { format!("{rank}  {}", fixed(importance.value, 3)) } else { rank };
    canvas.text(&text, (reach + 6.0, middle + 4.0), style(TICK, INK, Anchor::Start))
}
