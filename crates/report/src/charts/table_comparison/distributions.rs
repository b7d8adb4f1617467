//! The distributions of the features in both tables, one over the other.

use super::super::canvas::{Canvas, Frame};
use super::super::density_panels::{
    draw_panel, notes, puts_zero_at_the_left, zero_note, PanelCurve, BELOW, LEFT, PANEL_HEIGHT,
};
use super::super::display::heading;
use super::super::layout::{grid_cells, grid_height, ChartPlan, PAGE_WIDTH};
use super::super::panel::{self, HEADING, TICK_LABELS};
use super::super::Chart;
use super::{legend, COLOURS, NAMES};
use crate::comparison::ComparisonFindings;
use crate::format::{fixed, significant};
use hitflop_core::error::Result;
use hitflop_data::explore::comparison::{FeatureComparison, TableComparison};
use hitflop_data::explore::density::{FeatureDensity, OverlaidDensity};

pub(super) fn distributions(comparison: &TableComparison) -> Result<Chart> {
    let means = comparison.features.iter().filter_map(|feature| {
        let [a, b] = feature.means.map(|mean| mean.map_or("none".to_owned(), |mean| significant(mean, 3)));
        feature.feature.is_quantity().then(|| format!("{} {a} in A, {b} in B", feature.feature))
    });
    let ks = |feature: &&FeatureComparison| feature.distances.kolmogorov_smirnov.map_or(0.0, |ks| ks.value);
    let most = comparison.features.iter().max_by(|a, b| ks(a).total_cmp(&ks(b)));
    let title = match most.filter(|feature| ks(feature) > 0.0) {
        Some(feature) => format!(
            "Largest difference of a distribution function: {} (KS {})",
            feature.feature,
            fixed(ks(&feature), 2)
        ),
        None => "The distributions are the same in both tables".to_owned(),
    };
    let plan = ChartPlan {
        name: NAMES[1],
        title,
        subtitle: "Every curve has the same area, including tails beyond the axis and a bar at 0. Vertical scales differ."
            .to_owned(),
        legend: legend(ComparisonFindings::TABLES),
        caption: "Distribution of each feature in A and in B: Gaussian kernel densities (Scott’s bandwidth), and percentages of tracks for \
                  categories. Tracks without a value are left out."
            .to_owned(),
        description: format!("Overlaid distributions. Means: {}.", means.collect::<Vec<_>>().join("; ")),
        width: PAGE_WIDTH,
        height: (grid_height(comparison.densities.len(), PANEL_HEIGHT) - BELOW).max(0.0),
    };
    plan.draw_panels(
        |body| grid_cells(body, comparison.densities.len(), PANEL_HEIGHT),
        |canvas, cell, index| draw(canvas, cell, &comparison.densities[index]),
    )
}

fn draw(canvas: &Canvas, cell: Frame, density: &OverlaidDensity) -> Result<()> {
    let cell = Frame { bottom: cell.bottom - BELOW, ..cell };
    // Axes alone: the curves are those of the tables.
    let axes = FeatureDensity {
        feature: density.feature,
        view: density.view,
        grid: density.grid.clone(),
        by_label: Vec::new(),
        by_decade: Vec::new(),
    };
    panel::heading(canvas, cell, &heading(density.feature), &notes(&axes))?;
    let plot =
        Frame { left: cell.left + LEFT, top: cell.top + HEADING, right: cell.right, bottom: cell.bottom - TICK_LABELS };
    let has_density = density.curves.iter().any(|curve| curve.values.iter().any(|value| *value > 0.0));
    if !has_density {
        panel::message(canvas, plot, "too few different values for a curve")?;
        return panel::ground(canvas, plot);
    }
    let curves: Vec<PanelCurve> = density
        .curves
        .iter()
        .zip(COLOURS)
        .enumerate()
        .map(|(table, (curve, colour))| {
            let name = ComparisonFindings::TABLES[table].to_owned();
            PanelCurve { name, curve, colour, area: table == 0, width: 2.0 }
        })
        .collect();
    draw_panel(canvas, plot, &axes, &curves)?;
    if puts_zero_at_the_left(&axes, &density.curves) {
        zero_note(canvas, plot)?;
    }
    Ok(())
}
