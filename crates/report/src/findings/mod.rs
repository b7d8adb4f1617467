//! Numbers that charts, tables and text derive from a report: effect sizes, entropies, ranks, statistics over folds.

pub(crate) mod absence;
pub(crate) mod decade_interactions;
pub(crate) mod derived;
pub(crate) mod effect_size;
pub(crate) mod errors;
pub(crate) mod fold_statistics;
pub(crate) mod grid_figures;
pub(crate) mod measures;
pub(crate) mod successive_halving;

use serde::Serialize;

use derived::Derived;
use grid_figures::GridFigures;
use successive_halving::HalvingFigures;

use crate::Report;
use hitflop_model::selection::search::boosting::BoostingSearch;
use hitflop_model::selection::search::grid::GridSearch;

/// A report with all numbers derived from it, computed once for charts, tables, text and JSON. Serialised, it is the report with the
/// derived numbers under `findings`.
#[derive(Serialize)]
pub struct Findings<'a> {
    #[serde(flatten)]
    pub(crate) report: &'a Report,
    #[serde(rename = "findings")]
    pub(crate) derived: Derived,
}

impl<'a> Findings<'a> {
    /// Derives the numbers.
    pub fn of(report: &'a Report) -> Findings<'a> {
        Findings { report, derived: Derived::of(report) }
    }

    /// The grid search and its figures, if one was made.
    pub(crate) fn grid(&self) -> Option<(&'a GridSearch, &GridFigures)> {
        self.report.comparison.as_ref()?.grid.as_ref().zip(self.derived.grid.as_ref())
    }

    /// The search for the boosting's parameters and its figures, if one was made.
    pub(crate) fn boosting_search(&self) -> Option<(&'a BoostingSearch, &HalvingFigures)> {
        self.report.comparison.as_ref()?.boosting_search.as_ref().zip(self.derived.boosting_search.as_ref())
    }
}
