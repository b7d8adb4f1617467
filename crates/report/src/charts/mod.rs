//! Charts: numbers in, SVG out; a PNG is rendered from that very SVG.
//!
//! A chart is one function of the findings that it shows. It computes its title from the numbers, states how to read it in
//! a subtitle, and draws on one canvas in one [`theme`]. To add one: write the function in a file of its own and
//! name it in [`all`].
//!
//! | chart | function |
//! |---|---|
//! | hits and flops by decade | [`class_balance()`] |
//! | distributions by label, by decade | [`density_by_label`], [`density_by_decade`] |
//! | means of hits and flops by decade | [`decade_means()`] |
//! | mutual information and its null | [`mutual_information()`] |
//! | Pearson and Spearman correlations | [`correlation()`] |
//! | ROC curve, confusion matrix, importances of the final model | [`roc()`], [`confusion()`], [`importances()`] |
//! | reliability, precision-recall curve, scores over thresholds of the final model | [`reliability()`], [`precision_recall()`], [`thresholds()`] |
//! | scores of the compared models | [`leaderboard()`] |
//! | the same three of all compared models | [`roc_curves()`], [`confusions()`], [`importances_by_model()`] |
//! | the search for the boosting's parameters | [`boosting_search()`], [`boosting_parameters()`] |
//! | the grid search | [`grid_search()`] |
//! | contributions of features | [`shap_importance()`], [`beeswarm()`] |
//! | measures of what a feature is worth | [`importance_measures()`] |
//! | what the model answers as a feature changes | [`partial_dependence()`], [`partial_dependence_by_decade`] |
//! | one prediction in parts | [`waterfall()`] |
//! | the final recipe by several protocols, by decade, from decade to decade, with fewer tracks | [`protocols()`], [`scores_by_decade()`], [`transfer()`], [`learning_curve()`] |
//! | what the names give away | [`leaks()`] |

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
mod display;
#[cfg(any(test, feature = "fixtures"))]
#[doc(hidden)]
pub mod fixture;
mod grid_search;
mod importance_measures;
mod importances;
mod importances_by_model;
mod layout;
mod leaderboard;
mod leakage;
mod learning_curve;
mod mutual_information;
mod panel;
mod partial_dependence;
mod precision_recall;
mod raster;
mod reliability;
mod roc;
mod roc_curves;
mod scores_by_decade;
mod shap_importance;
#[cfg(test)]
mod tests;
pub mod theme;
mod thresholds;
mod validation_schemes;
mod waterfall;
mod wording;

pub use beeswarm::beeswarm;
pub use boosting_parameters::boosting_parameters;
pub use boosting_search::boosting_search;
pub use class_balance::class_balance;
pub use confusion::confusion;
pub use confusion_matrices::confusions;
pub use correlation::correlation;
pub use cross_decade::transfer;
pub use decade_means::decade_means;
pub use densities::{by_decade as density_by_decade, by_label as density_by_label};
pub use grid_search::grid_search;
pub use importance_measures::importance_measures;
pub use importances::importances;
pub use importances_by_model::importances_by_model;
pub use leaderboard::leaderboard;
pub use leakage::leaks;
pub use learning_curve::learning_curve;
pub use mutual_information::mutual_information;
pub use partial_dependence::{partial_dependence, partial_dependence_by_decade};
pub use precision_recall::precision_recall;
pub use raster::PIXEL_RATIO;
pub use reliability::reliability;
pub use roc::roc;
pub use roc_curves::roc_curves;
pub use scores_by_decade::scores_by_decade;
pub use shap_importance::shap_importance;
pub use thresholds::thresholds;
pub use validation_schemes::protocols;
pub use waterfall::{waterfall, waterfall_of_example};

use rayon::prelude::*;

use super::findings::measures::ImportanceMeasures;
use super::Report;
use hitflop_core::error::Result;
use hitflop_model::explain::global::{Example, ExampleKind};
use hitflop_model::validation::robustness::Robustness;

/// A finished chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// File stem: `class_balance`.
    pub name: String,
    /// What is seen, computed from the numbers. It is also drawn at the chart's head.
    pub title: String,
    /// What is drawn, in which units, how cut; one to three sentences.
    pub caption: String,
    /// Title and picture in words, for who cannot see it.
    pub alt: String,
    /// The picture: an `<svg>` element with a `viewBox`, whose text is text.
    pub svg: String,
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
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

/// Every chart of a report, in the order in which the report shows them; those of a model, a comparison or a search only
/// if there is one.
///
/// # Errors
/// If plotters fails, which would be a fault of this program: odd numbers give odd pictures, not errors.
pub fn all(report: &Report) -> Result<Vec<Chart>> {
    type Draw = fn(&Report) -> Option<Result<Chart>>;
    const CHARTS: [Draw; 32] = [
        |report| Some(class_balance(&report.summary)),
        |report| Some(density_by_label(&report.densities, &report.summary)),
        |report| Some(density_by_decade(&report.densities, &report.summary)),
        |report| Some(decade_means(&report.summary)),
        |report| Some(mutual_information(&report.mutual_information, &report.summary)),
        |report| Some(correlation(&report.pearson, &report.spearman)),
        |report| report.comparison.as_ref().map(leaderboard),
        |report| report.comparison.as_ref().map(roc_curves),
        |report| report.comparison.as_ref().map(confusions),
        |report| report.comparison.as_ref().map(importances_by_model),
        |report| report.evaluation.as_ref().map(roc),
        |report| report.evaluation.as_ref().map(confusion),
        |report| report.evaluation.as_ref().map(importances),
        |report| report.probabilities.as_ref().map(reliability),
        |report| report.probabilities.as_ref().map(thresholds),
        |report| report.probabilities.as_ref().map(precision_recall),
        |report| report.comparison.as_ref()?.boosting_search.as_ref().map(boosting_search),
        |report| report.comparison.as_ref()?.boosting_search.as_ref().map(boosting_parameters),
        |report| report.comparison.as_ref()?.grid.as_ref().map(grid_search),
        |report| report.explanations.as_ref().map(shap_importance),
        |report| report.explanations.as_ref().map(beeswarm),
        |report| ImportanceMeasures::of(report).as_ref().map(importance_measures),
        |report| report.explanations.as_ref().map(partial_dependence),
        |report| report.explanations.as_ref().filter(|all| all.has_decades()).map(partial_dependence_by_decade),
        |report| example(report, ExampleKind::ClearHit).map(waterfall_of_example),
        |report| example(report, ExampleKind::ClearFlop).map(waterfall_of_example),
        |report| example(report, ExampleKind::Borderline).map(waterfall_of_example),
        |report| Some(protocols(&report.assessment.as_ref()?.protocols)),
        |report| Some(scores_by_decade(&report.assessment.as_ref()?.protocols)),
        |report| report.assessment.as_ref()?.transfer.as_ref().map(transfer),
        |report| report.assessment.as_ref()?.learning_curve.as_ref().map(learning_curve),
        |report| report.assessment.as_ref()?.leaks.as_ref().map(leaks),
    ];
    CHARTS.par_iter().filter_map(|draw| draw(report)).collect()
}

/// The example of a kind, if the final model was explained and there is one.
fn example(report: &Report, kind: ExampleKind) -> Option<&Example> {
    report.explanations.as_ref()?.examples.iter().find(|example| example.kind == kind)
}

/// The charts of an assessment alone, in the order in which the report shows them.
///
/// # Errors
/// As [`all`].
pub fn of_assessment(assessment: &Robustness) -> Result<Vec<Chart>> {
    let found = &assessment.protocols;
    let mut charts = vec![protocols(found)?, scores_by_decade(found)?];
    charts.extend(assessment.transfer.as_ref().map(transfer).transpose()?);
    charts.extend(assessment.learning_curve.as_ref().map(learning_curve).transpose()?);
    charts.extend(assessment.leaks.as_ref().map(leaks).transpose()?);
    Ok(charts)
}
