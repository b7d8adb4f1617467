//! Charts: numbers in, SVG out; a PNG is rendered from that very SVG.
//!
//! A chart is one file: an entry of the registry (file stem, place in the page, tables with its values, source) and one function of the findings that it
//! shows. The function computes the title from the numbers, states how to read the chart in a subtitle, and draws on one canvas
//! in one `theme`. To add a chart, write its file and list its entry in `CHARTS`; page, files on disk and the removal of
//! stale files follow.

mod alt_text;
mod axis;
mod bars;
mod beeswarm;
mod boosting_parameters;
mod boosting_search;
mod canvas;
mod class_balance;
mod confusion;
mod confusion_matrices;
mod correlation;
mod cross_decade;
mod decade_means;
mod densities;
mod density_panels;
mod display;
mod feature_pairs;
mod grid_search;
mod importance_measures;
mod importances;
mod importances_by_model;
mod layout;
mod leaderboard;
mod leakage;
mod learning_curve;
mod level_region;
mod missing_features;
mod mutual_information;
mod panel;
mod partial_dependence;
pub(crate) mod picture;
mod precision_recall;
mod raster;
mod reliability;
mod roc;
mod roc_curves;
mod scores_by_decade;
mod shap_importance;
pub(crate) mod table_comparison;
#[cfg(test)]
mod tests;
pub(crate) mod theme;
mod thresholds;
mod unit_square;
mod validation_schemes;
mod waterfall;
mod wording;

pub use raster::PIXEL_RATIO;
pub use waterfall::waterfall;

use rayon::prelude::*;

use picture::Picture;

use crate::findings::grid_figures::GridFigures;
use crate::findings::Findings;
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_model::selection::search::grid::GridSearch;
use hitflop_model::validation::robustness::Robustness;

/// A finished chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// File stem: `class_balance`.
    pub name: String,
    /// What is seen, computed from the numbers. It is also the heading in the chart.
    pub title: String,
    /// What is plotted, in which units, how cut; one to three sentences.
    pub caption: String,
    /// Title and picture in words, for people who cannot see it.
    pub alt: String,
    /// The picture: an `<svg>` element with a `viewBox`, whose text is text.
    pub svg: String,
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// The same for a page.
    pub(crate) parts: ChartParts,
}

/// A chart in parts, which a page lays out by its width and whose texts outside the picture are text of the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ChartParts {
    /// How to read it.
    pub(crate) subtitle: String,
    /// Marks and their words.
    pub(crate) legend: Vec<(Picture, String)>,
    /// The picture, or its panels.
    pub(crate) pictures: Vec<Picture>,
    /// Panels side by side where there is room for all.
    pub(crate) columns: usize,
    /// The picture for narrow screens, if it has one of its own.
    pub(crate) narrow: Option<Picture>,
}

impl Chart {
    /// The same picture as a PNG, [`PIXEL_RATIO`] pixels a CSS pixel, its text set in the shipped font.
    ///
    /// # Errors
    /// If the SVG cannot be read or the PNG not be encoded, which would be a fault of this program.
    pub fn png(&self) -> Result<Vec<u8>> {
        raster::png(&self.svg)
    }
}

/// A chart of an empty sheet, for tests of what is around charts.
#[cfg(test)]
pub(crate) fn blank(name: &str) -> Chart {
    let frame = canvas::Frame { left: 0.0, top: 0.0, right: 20.0, bottom: 10.0 };
    let picture = Picture { frame, markup: String::new(), values: Vec::new() };
    Chart {
        name: name.to_owned(),
        title: String::new(),
        caption: String::new(),
        alt: String::new(),
        svg: picture::document((20, 10), &[&picture], "", ""),
        width: 20,
        height: 10,
        parts: ChartParts {
            subtitle: String::new(),
            legend: Vec::new(),
            pictures: vec![picture],
            columns: 1,
            narrow: None,
        },
    }
}

/// A chart in the registry: its file stem, its place in the page and its renderer.
pub(crate) struct ChartEntry {
    pub(crate) name: &'static str,
    pub(crate) part: PagePart,
    /// The tables whose files have its values.
    pub(crate) tables: &'static [&'static str],
    source: ContentSource<Result<Chart>>,
}

/// All charts, in the order in which they are rendered and written. Page, files and the removal of stale files follow it.
pub(crate) static CHARTS: &[ChartEntry] = &[
    class_balance::CHART,
    densities::BY_LABEL,
    densities::BY_DECADE,
    decade_means::CHART,
    mutual_information::CHART,
    feature_pairs::CHART,
    correlation::CHART,
    leaderboard::CHART,
    roc_curves::CHART,
    confusion_matrices::CHART,
    importances_by_model::CHART,
    roc::CHART,
    confusion::CHART,
    importances::CHART,
    reliability::CHART,
    thresholds::CHART,
    precision_recall::CHART,
    missing_features::CHART,
    boosting_search::CHART,
    boosting_parameters::CHART,
    grid_search::CHART,
    shap_importance::CHART,
    beeswarm::CHART,
    importance_measures::CHART,
    partial_dependence::CHART,
    partial_dependence::BY_DECADE,
    waterfall::CLEAR_HIT,
    waterfall::CLEAR_FLOP,
    waterfall::BORDERLINE,
    validation_schemes::CHART,
    scores_by_decade::CHART,
    cross_decade::CHART,
    learning_curve::CHART,
    leakage::CHART,
];

/// Draws every chart that a report has the findings for, in the order of the registry.
///
/// # Errors
/// If plotters fails, which would be a fault of this program: values that are not finite are left out of a chart.
pub fn all(findings: &Findings) -> Result<Vec<Chart>> {
    CHARTS.par_iter().filter_map(|entry| entry.source.of_report(findings)).collect()
}

/// The charts of an evaluation of robustness alone.
///
/// # Errors
/// As [`all`].
pub(crate) fn of_robustness(robustness: &Robustness) -> Result<Vec<Chart>> {
    CHARTS.iter().filter_map(|entry| entry.source.of_robustness(robustness)).collect()
}

/// The charts of a grid search alone.
///
/// # Errors
/// As [`all`].
pub(crate) fn of_grid(search: &GridSearch, figures: &GridFigures) -> Result<Vec<Chart>> {
    CHARTS.iter().filter_map(|entry| entry.source.of_grid(search, figures)).collect()
}
