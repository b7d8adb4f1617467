//! Charts of a comparison of two tables, or of two models on one table. A is grey with its area, B a line.

mod distributions;
mod drift;
mod joint;
mod reliability;
mod scores;

pub(crate) use scores::pairs as score_pairs;

use plotters::style::RGBColor;

use super::canvas::{style, Anchor, Canvas, Frame, PixelPoint};
use super::correlation::heatmap;
use super::layout::{ChartPlan, LegendEntry, Mark, PAGE_WIDTH};
use super::theme::{ACCENT, IDLE};
use super::Chart;
use crate::comparison::ComparisonFindings;
use crate::format::{fixed, signed};
use hitflop_core::error::Result;

/// Colours of the reference and the current table, or of the old and the new model.
const COLOURS: [RGBColor; 2] = [IDLE, ACCENT];
/// Columns from which on correlations are plotted.
const MIN_COLUMNS: usize = 2;

/// Names of all charts, which are also those of their files.
pub(crate) const NAMES: [&str; 7] =
    ["drift", "distributions", "correlations", "score_distributions", "reliability", "joint_a", "joint_b"];

/// The charts that there are findings for.
///
/// # Errors
/// If plotters fails, which would be a fault of this program.
pub(crate) fn all(findings: &ComparisonFindings) -> Result<Vec<Chart>> {
    let mut charts = Vec::new();
    if !findings.verdict.ranking.is_empty() {
        charts.push(drift::drift(findings)?);
    }
    if let Some(comparison) = &findings.comparison {
        charts.push(distributions::distributions(comparison)?);
        if comparison.correlations[0].names.len() >= MIN_COLUMNS {
            charts.push(correlations(findings, comparison.correlations.each_ref())?);
        }
    }
    charts.extend(scores::distributions(findings).transpose()?);
    charts.extend(reliability::reliability(findings).transpose()?);
    for (change, name) in findings.changes.iter().zip([NAMES[5], NAMES[6]]) {
        charts.push(joint::joint(name, &change.change)?);
    }
    Ok(charts)
}

fn correlations(
    findings: &ComparisonFindings,
    [reference, current]: [&hitflop_data::explore::correlation::CorrelationMatrix; 2],
) -> Result<Chart> {
    let changes = &findings.correlation_changes;
    let title = match changes.first().filter(|change| change.difference() != 0.0) {
        None => "The correlations are the same in both tables".to_owned(),
        Some(change) => {
            let ([a, b], [x, y]) = (change.correlations, &change.columns);
            format!("Largest change of a correlation: {x} and {y}, {} in A, {} in B", fixed(a, 2), fixed(b, 2))
        }
    };
    let listed = changes
        .iter()
        .take(5)
        .map(|change| format!("{} and {} {}", change.columns[0], change.columns[1], signed(change.difference(), 2)));
    let plan = ChartPlan {
        name: NAMES[2],
        title,
        subtitle: "Pearson’s r in A below the diagonal, in B above it".to_owned(),
        legend: Vec::new(),
        caption: "Pearson correlation of every pair of columns that both tables have: A below the diagonal, B above it. A dash marks a column \
                  with a single value."
            .to_owned(),
        description: format!("Heatmap of correlations. Largest differences: {}.", listed.collect::<Vec<_>>().join("; ")),
        width: PAGE_WIDTH,
        height: 0.0,
    };
    heatmap(plan, reference, current)
}

/// The legend of two tables or models.
fn legend(names: [&str; 2]) -> Vec<LegendEntry> {
    vec![(Mark::Area(COLOURS[0]), names[0].to_owned()), (Mark::Line(COLOURS[1]), names[1].to_owned())]
}

/// The title of a vertical axis.
fn upwards(canvas: &Canvas, frame: Frame, plot: Frame, text: &str) -> Result<()> {
    let middle: PixelPoint = (frame.left + 10.0, (plot.top + plot.bottom) / 2.0);
    canvas.text_upwards(text, middle, style(super::theme::LABEL, super::theme::MUTED, Anchor::Middle))
}

/// The title of a horizontal axis at the foot of a frame.
fn below(canvas: &Canvas, frame: Frame, plot: Frame, text: &str) -> Result<()> {
    let centre: PixelPoint = ((plot.left + plot.right) / 2.0, frame.bottom - 4.0);
    canvas.text(text, centre, style(super::theme::LABEL, super::theme::MUTED, Anchor::Middle))
}

/// Draws a panel under each heading, at most two side by side.
fn draw_headed<T>(
    plan: ChartPlan,
    panels: &[(String, T)],
    height: f64,
    draw: impl Fn(&Canvas, Frame, &str, &T) -> Result<()>,
) -> Result<Chart> {
    let plan = ChartPlan { height: height * panels.len().div_ceil(2) as f64, ..plan };
    plan.draw_panels(
        |body| frames(body, panels.len(), height),
        |canvas, frame, index| {
            let (heading, panel) = &panels[index];
            draw(canvas, frame, heading, panel)
        },
    )
}

/// The frames of panels side by side, at most two a row.
fn frames(body: Frame, count: usize, height: f64) -> Vec<Frame> {
    const GAP: f64 = 34.0;
    let columns = count.clamp(1, 2);
    let width = (body.width() - GAP * (columns - 1) as f64) / columns as f64;
    let frame = |index: usize| {
        let left = body.left + (width + GAP) * (index % columns) as f64;
        let top = body.top + height * (index / columns) as f64;
        Frame { left, top, right: left + width, bottom: top + height - 12.0 }
    };
    (0..count).map(frame).collect()
}
