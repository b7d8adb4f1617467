//! What charts and tables have in common: what they are made from and where they are in the page.

use crate::findings::grid_figures::GridFigures;
use crate::findings::Findings;
use hitflop_model::selection::search::grid::GridSearch;
use hitflop_model::validation::robustness::Robustness;

/// A place in the page. A part shows its charts and its tables in the order of their registries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PagePart {
    /// No place: a file only.
    FileOnly,
    Features,
    SampleRows,
    Artists,
    Overview,
    Sources,
    Settings,
    Rejected,
    Quality,
    Balance,
    Distributions,
    Densities,
    Means,
    MutualInformation,
    Pairs,
    Correlation,
    Selection,
    Leaderboard,
    /// All compared models side by side, after the leaderboard.
    ComparedModels,
    /// The scores of the final model and its right and wrong answers.
    FinalScores,
    /// Its curves and importances.
    FinalModel,
    BoostingSearch,
    GridSearch,
    /// The scores by validation scheme, before all else about robustness.
    ValidationSchemes,
    CrossDecade,
    /// Scores by decade and by number of tracks.
    Robustness,
    Calibration,
    Threshold,
    /// The tracks that the final model gets wrong.
    Errors,
    /// What is lost with features that are missing.
    MissingFeatures,
    Contributions,
    ImportanceMeasures,
    PartialDependence,
    Examples,
    Leakage,
}

/// How a chart or a table is made. Some can be made without a whole report, by commands that write nothing else.
pub(crate) enum ContentSource<T> {
    /// From anything in a report.
    Report(fn(&Findings) -> Option<T>),
    /// From an evaluation of robustness, also without a report.
    Robustness(fn(&Robustness) -> Option<T>),
    /// From a grid search, also without a report.
    Grid(fn(&GridSearch, &GridFigures) -> T),
}

impl<T> ContentSource<T> {
    /// The chart or table of a report; `None` if the report lacks what it shows.
    pub(crate) fn of_report(&self, findings: &Findings) -> Option<T> {
        match self {
            ContentSource::Report(make) => make(findings),
            ContentSource::Robustness(_) => self.of_robustness(findings.report.robustness.as_ref()?),
            ContentSource::Grid(_) => findings.grid().and_then(|(search, figures)| self.of_grid(search, figures)),
        }
    }

    /// The chart or table of an evaluation of robustness; `None` if it shows something else.
    pub(crate) fn of_robustness(&self, robustness: &Robustness) -> Option<T> {
        match self {
            ContentSource::Robustness(make) => make(robustness),
            ContentSource::Report(_) | ContentSource::Grid(_) => None,
        }
    }

    /// The chart or table of a grid search; `None` if it shows something else.
    pub(crate) fn of_grid(&self, search: &GridSearch, figures: &GridFigures) -> Option<T> {
        match self {
            ContentSource::Grid(make) => Some(make(search, figures)),
            ContentSource::Report(_) | ContentSource::Robustness(_) => None,
        }
    }
}
