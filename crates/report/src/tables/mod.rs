//! The tables of a report as values: the page renders them, and some are written as CSV.
//!
//! A table is an entry of the registry (name, place in the page, source, file) and one function of the findings that it shows.
//! To add a table, write both and list the entry in [`TABLES`]; page, files on disk and the removal of stale files follow.

mod artists;
mod data;
mod errors;
mod explanations;
mod exploration;
mod figures;
mod group_means;
mod leaderboard;
mod leakage;
mod mini_histogram;
mod missing_features;
mod model;
mod overview;
mod pairs;
mod probabilities;
pub(crate) mod robustness;
mod sample;
mod search;
mod table;

pub(crate) use table::{number, CellLink, ReportTable, TableCell, TableColumn};

use crate::findings::grid_figures::GridFigures;
use crate::findings::Findings;
use crate::registry::{ContentSource, PagePart};
use hitflop_data::table::typed::TypedColumn;
use hitflop_model::selection::search::grid::GridSearch;
use hitflop_model::validation::robustness::Robustness;

/// Whether a table of the page is open or folded away below a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Display {
    Shown,
    Folded,
}

/// What is written as the CSV file of a table.
enum TableFile {
    /// No file.
    None,
    /// The table as it is in the page, with all digits.
    Page,
    /// Another shape: one observation a row.
    Other(ContentSource<ReportTable>),
    /// A row a track, as CSV and Parquet.
    Tracks(for<'a> fn(&Findings<'a>) -> Option<Vec<TypedColumn<'a>>>),
}

/// A table in the registry: its name, which is also the stem of its file, its place in the page, and how it is made.
pub(crate) struct TableEntry {
    pub(crate) name: &'static str,
    part: PagePart,
    display: Display,
    page: ContentSource<ReportTable>,
    file: TableFile,
}

/// All tables, in the order in which they are made and written. Page, files and the removal of stale files follow it.
pub(crate) static TABLES: &[TableEntry] = &[
    data::SOURCES,
    data::SETTINGS,
    data::REJECTED,
    data::FEATURES,
    sample::SAMPLE_ROWS,
    artists::ARTISTS,
    artists::ARTISTS_BY_HITS,
    overview::FEATURES_OVERVIEW,
    overview::ALERTS,
    data::OUT_OF_RANGE,
    data::QUALITY,
    data::MISSING_VALUES,
    exploration::DESCRIBE,
    exploration::COUNTS,
    group_means::MEANS,
    group_means::EFFECTS,
    exploration::MUTUAL_INFORMATION,
    exploration::MUTUAL_INFORMATION_ALL_CONTINUOUS,
    pairs::FEATURE_PAIRS,
    pairs::FEATURE_PAIR_CELLS,
    exploration::PEARSON,
    exploration::SPEARMAN,
    exploration::SELECTION,
    model::SCORES,
    model::CONFUSION,
    model::IMPORTANCES,
    model::HYPERPARAMETERS,
    leaderboard::COSTS,
    leaderboard::BLEND,
    explanations::IMPORTANCE_MEASURES,
    probabilities::CALIBRATION,
    probabilities::RELIABILITY,
    probabilities::THRESHOLDS,
    errors::ERRORS_BY_PART,
    errors::FALSE_HITS,
    errors::MISSED_HITS,
    errors::ERRORS_BY_DECADE,
    errors::ERRORS_BY_ARTIST,
    errors::PREDICTIONS,
    missing_features::MISSING_FEATURES,
    leaderboard::LEADERBOARD,
    search::GRID_TOP,
    search::GRID_SEARCH,
    search::SEARCH_ROUNDS,
    search::BOOSTING_SEARCH,
    robustness::SCHEMES,
    robustness::SCHEME_FITS,
    robustness::SCORES_BY_DECADE,
    robustness::CROSS_DECADE,
    robustness::LEARNING_CURVE,
    robustness::GROUPS,
    leakage::LEAKAGE_TEXTS,
    leakage::LEAKAGE_ARTIST,
    leakage::LEAKAGE_SPELLINGS,
    leakage::LEAKAGE_COLUMNS,
    figures::DENSITY_BY_LABEL,
    figures::DENSITY_BY_DECADE,
    figures::ROC_CURVE,
    figures::ROC_CURVES,
    figures::CONFUSION_MATRICES,
    figures::IMPORTANCES_BY_MODEL,
    figures::PRECISION_RECALL,
    figures::SHAP_VALUES,
    figures::PARTIAL_DEPENDENCE,
    figures::PARTIAL_DEPENDENCE_BY_DECADE,
    figures::CLEAR_HIT,
    figures::CLEAR_FLOP,
    figures::BORDERLINE,
];

impl TableEntry {
    /// Whether the table has a place in the page.
    #[cfg(test)]
    pub(crate) fn is_in_page(&self) -> bool {
        self.part != PagePart::FileOnly
    }

    /// The formats in which the table is written as a file: extension, and name in the page.
    pub(crate) fn formats(&self) -> &'static [(&'static str, &'static str)] {
        const ALL: [(&str, &str); 2] = [("csv", "CSV"), ("parquet", "Parquet")];
        match self.file {
            TableFile::None => &[],
            TableFile::Page | TableFile::Other(_) => &ALL[..1],
            TableFile::Tracks(_) => &ALL,
        }
    }

    /// The content of the file, if there is one; `make` makes a table from its source.
    fn file(&self, make: impl Fn(&ContentSource<ReportTable>) -> Option<ReportTable>) -> Option<ReportTable> {
        match &self.file {
            TableFile::None | TableFile::Tracks(_) => None,
            TableFile::Page => make(&self.page),
            TableFile::Other(source) => make(source),
        }
    }
}

/// A table that was made, as it is in the page and in its file.
struct MadeTable {
    entry: &'static TableEntry,
    page: ReportTable,
    /// Only where the file has another shape.
    other: Option<ReportTable>,
}

/// The tables of a report.
pub(crate) struct ReportTables(Vec<MadeTable>);

impl ReportTables {
    /// Makes every table that a report has the findings for.
    pub(crate) fn of(findings: &Findings) -> ReportTables {
        let made = |entry: &'static TableEntry| {
            let other = match &entry.file {
                TableFile::Other(source) => source.of_report(findings),
                TableFile::None | TableFile::Page | TableFile::Tracks(_) => None,
            };
            Some(MadeTable { entry, page: entry.page.of_report(findings)?, other })
        };
        ReportTables(TABLES.iter().filter_map(made).collect())
    }

    /// The tables of a part of the page that are displayed so, in their order.
    pub(crate) fn of_part(&self, part: PagePart, display: Display) -> impl Iterator<Item = &ReportTable> {
        let here = move |made: &&MadeTable| made.entry.part == part && made.entry.display == display;
        self.0.iter().filter(here).map(|made| &made.page)
    }

    /// Whether a table of this name is written as a file with rows.
    pub(crate) fn has_file(&self, name: &str) -> bool {
        self.files().any(|table| table.name == name && !table.rows.is_empty())
    }

    /// All tables as they are in the page.
    #[cfg(test)]
    pub(crate) fn pages(&self) -> impl Iterator<Item = &ReportTable> {
        self.0.iter().map(|made| &made.page)
    }

    /// The tables that are written as files, but for those of a row a track.
    pub(crate) fn files(&self) -> impl Iterator<Item = &ReportTable> {
        let with_file = self.0.iter().filter(|made| matches!(made.entry.file, TableFile::Page | TableFile::Other(_)));
        with_file.map(|made| made.other.as_ref().unwrap_or(&made.page))
    }
}

/// The tables of a row a track that are written as files: names and columns.
pub(crate) fn of_tracks<'a>(findings: &Findings<'a>) -> Vec<(&'static str, Vec<TypedColumn<'a>>)> {
    let columns = |entry: &'static TableEntry| match entry.file {
        TableFile::Tracks(make) => make(findings).map(|columns| (entry.name, columns)),
        TableFile::None | TableFile::Page | TableFile::Other(_) => None,
    };
    TABLES.iter().filter_map(columns).collect()
}

/// The files of an evaluation of robustness alone.
pub(crate) fn of_robustness(robustness: &Robustness) -> Vec<ReportTable> {
    TABLES.iter().filter_map(|entry| entry.file(|source| source.of_robustness(robustness))).collect()
}

/// The files of a grid search alone.
pub(crate) fn of_grid(search: &GridSearch, figures: &GridFigures) -> Vec<ReportTable> {
    TABLES.iter().filter_map(|entry| entry.file(|source| source.of_grid(search, figures))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::fixtures::small;

    #[test]
    fn every_row_has_a_cell_for_each_column() {
        let report = small::report();
        let tables = ReportTables::of(&Findings::of(&report));
        assert!(tables.files().count() >= 10);
        for table in tables.files() {
            assert!(!table.rows.is_empty(), "{}", table.name);
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
        }
    }

    #[test]
    fn names_are_unique_and_those_of_the_tables() {
        let names: BTreeSet<&str> = TABLES.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), TABLES.len());
        let report = small::compared();
        for made in ReportTables::of(&Findings::of(&report)).0 {
            assert_eq!(made.page.name, made.entry.name);
            assert!(made.other.is_none_or(|table| table.name == made.entry.name), "{}", made.entry.name);
        }
    }
}
