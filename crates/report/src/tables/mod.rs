//! The tables of a report as values: the page renders them, and some are written as CSV.
//!
//! A cell holds the number itself and how it is shown, so that a file has all the digits and the page those that matter.

mod data;
mod explanations;
mod exploration;
mod leaderboard;
mod model;
mod probabilities;
pub mod robustness;
mod search;

use crate::findings::grid_figures::GridFigures;
use crate::findings::successive_halving::HalvingFigures;
use crate::format::{count, MISSING};
use crate::text::Narrative;
use crate::Report;
use hitflop_core::error::{Error, Result};
use hitflop_model::selection::search::boosting::BoostingSearch;
use hitflop_model::selection::search::grid::GridSearch;
use hitflop_model::validation::robustness::Robustness;

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum TableCell {
    /// Words.
    Text(String),
    /// A name as it stands in a file: column, setting, hash.
    Code(String),
    /// A number.
    Number {
        /// With all its digits; NaN is an empty field in a file.
        value: f64,
        /// As shown.
        text: String,
        /// Where it lies between two extremes, −1 to 1, if it is to be tinted: above 0 as hits are, below as flops.
        tint: Option<f64>,
    },
}

impl TableCell {
    /// Words.
    pub fn text(text: impl Into<String>) -> TableCell {
        TableCell::Text(text.into())
    }

    /// A name as it stands in a file.
    pub fn code(text: impl Into<String>) -> TableCell {
        TableCell::Code(text.into())
    }

    /// A count, with thousands separated.
    pub fn count(n: u64) -> TableCell {
        TableCell::number(n as f64, count(n))
    }

    /// A number and how it is shown; a dash stands for what is not finite.
    pub fn number(value: f64, text: impl Into<String>) -> TableCell {
        let text = if value.is_finite() { text.into() } else { MISSING.to_owned() };
        TableCell::Number { value, text, tint: None }
    }

    /// The same number, tinted.
    pub fn tinted(self, position: f64) -> TableCell {
        match self {
            TableCell::Number { value, text, .. } if position.is_finite() => {
                TableCell::Number { value, text, tint: Some(position.clamp(-1.0, 1.0)) }
            }
            other => other,
        }
    }

    /// What is shown.
    pub fn shown(&self) -> &str {
        match self {
            TableCell::Text(text) | TableCell::Code(text) | TableCell::Number { text, .. } => text,
        }
    }

    /// Whether it is a name as it stands in a file.
    pub fn is_code(&self) -> bool {
        matches!(self, TableCell::Code(_))
    }

    /// Style classes: numbers are set right, tinted ones have a step of four towards either label, and so have
    /// labels.
    pub fn class(&self) -> String {
        match self {
            TableCell::Number { tint: Some(position), .. } => {
                let side = if *position < 0.0 { "flop" } else { "hit" };
                match (position.abs() * 4.0).round() as u8 {
                    0 => "number".to_owned(),
                    step => format!("number tint-{side}-{step}"),
                }
            }
            TableCell::Number { .. } => "number".to_owned(),
            TableCell::Text(text) if matches!(text.as_str(), "hit" | "hits") => "words hit".to_owned(),
            TableCell::Text(text) if matches!(text.as_str(), "flop" | "flops") => "words flop".to_owned(),
            _ => "words".to_owned(),
        }
    }

    fn field(&self) -> String {
        match self {
            TableCell::Text(text) | TableCell::Code(text) => text.clone(),
            TableCell::Number { value, .. } if value.is_finite() => value.to_string(),
            TableCell::Number { .. } => String::new(),
        }
    }
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct TableColumn {
    /// Name in a file.
    pub name: String,
    /// Heading in the page.
    pub title: String,
}

impl TableColumn {
    /// A column.
    pub fn new(name: impl Into<String>, title: impl Into<String>) -> TableColumn {
        TableColumn { name: name.into(), title: title.into() }
    }
}

/// One table. The first cell of each row is its heading.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportTable {
    /// Name, unique in a report; the name of its file.
    pub name: &'static str,
    /// What it shows.
    pub caption: String,
    /// Columns.
    pub columns: Vec<TableColumn>,
    /// Rows, each with as many cells as there are columns.
    pub rows: Vec<Vec<TableCell>>,
    /// Rows that belong together, if more than one; the page draws a line after each such group.
    pub rows_a_group: usize,
    /// A row that stands out.
    pub marked: Option<usize>,
}

impl ReportTable {
    fn new(name: &'static str, caption: impl Into<String>, columns: &[(&str, &str)]) -> ReportTable {
        let columns = columns.iter().map(|(name, title)| TableColumn::new(*name, *title)).collect();
        ReportTable { name, caption: caption.into(), columns, rows: Vec::new(), rows_a_group: 1, marked: None }
    }

    fn rows(mut self, rows: impl IntoIterator<Item = Vec<TableCell>>) -> ReportTable {
        self.rows.extend(rows);
        self
    }

    /// Whether the cells of a column are numbers, by its first row.
    pub fn is_numeric(&self, column: usize) -> bool {
        let cell = self.rows.first().and_then(|row| row.get(column));
        matches!(cell, Some(TableCell::Number { .. }))
    }

    /// Whether a line is drawn above a row.
    pub fn begins_group(&self, row: usize) -> bool {
        self.rows_a_group > 1 && row > 0 && row.is_multiple_of(self.rows_a_group)
    }

    /// Style class of a row, empty for most.
    pub fn row_class(&self, row: usize) -> &'static str {
        match self.marked {
            Some(marked) if marked == row => "marked",
            _ if self.begins_group(row) => "begins",
            _ => "",
        }
    }

    /// The table as CSV, numbers with all their digits.
    ///
    /// # Errors
    /// Fails only where a row has not as many cells as the header has, which would be a fault of this program.
    pub fn csv(&self) -> Result<String> {
        let failed = |what: String| Error::Failed(format!("writing table {} as CSV: {what}", self.name));
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| &column.name)).map_err(|e| failed(e.to_string()))?;
        for row in &self.rows {
            writer.write_record(row.iter().map(TableCell::field)).map_err(|e| failed(e.to_string()))?;
        }
        let bytes = writer.into_inner().map_err(|e| failed(e.to_string()))?;
        String::from_utf8(bytes).map_err(|e| failed(e.to_string()))
    }
}

/// The tables of the page.
#[derive(Clone, Debug)]
pub struct ReportTables {
    /// The files read.
    pub sources: ReportTable,
    /// Settings of the run; absent where none was recorded.
    pub settings: Option<ReportTable>,
    /// Rows set aside, by reason; absent where none was.
    pub rejected: Option<ReportTable>,
    /// What each column means.
    pub features: ReportTable,
    /// The figures of data quality.
    pub quality: ReportTable,
    /// Values outside their documented range; absent where there is none.
    pub out_of_range: Option<ReportTable>,
    /// What pandas' `describe` gives.
    pub describe: ReportTable,
    /// Tracks by decade and label.
    pub counts: ReportTable,
    /// Means by decade and label.
    pub means: ReportTable,
    /// Standardised differences of hits and flops.
    pub effects: ReportTable,
    /// Mutual information with the label, categories taken as discrete.
    pub mutual_information: ReportTable,
    /// The same with every feature taken as continuous.
    pub mutual_information_all_continuous: ReportTable,
    /// Pearson correlations.
    pub pearson: ReportTable,
    /// Spearman correlations.
    pub spearman: ReportTable,
    /// Features kept and dropped.
    pub selection: ReportTable,
    /// The model's scores.
    pub scores: Option<ReportTable>,
    /// Right and wrong answers.
    pub confusion: Option<ReportTable>,
    /// What the model looks at.
    pub importances: Option<ReportTable>,
    /// The compared models with all their scores.
    pub leaderboard: Option<ReportTable>,
    /// What the compared models cost.
    pub costs: Option<ReportTable>,
    /// The best points of the grid.
    pub grid_top: Option<ReportTable>,
    /// Calibrations tried and kept.
    pub calibration: Option<ReportTable>,
    /// Bins of the reliability curve.
    pub reliability: Option<ReportTable>,
    /// Scores over thresholds.
    pub thresholds: Option<ReportTable>,
    /// All points of the grid.
    pub grid_search: Option<ReportTable>,
    /// The settings of the boosting that were tried, best first.
    pub boosting_search: Option<ReportTable>,
    /// What each feature is worth by four measures; absent where the final model was not explained.
    pub measures: Option<ReportTable>,
    /// How good the final model's recipe is; empty where that was not asked.
    pub assessment: Vec<ReportTable>,
    /// What gives the label away; empty where that was not measured.
    pub leaks: Vec<ReportTable>,
}

impl ReportTables {
    /// Makes the tables.
    pub fn of(report: &Report, narrative: &Narrative) -> ReportTables {
        let evaluation = report.evaluation.as_ref();
        let baseline = report.comparison.as_ref().map(|comparison| &comparison.baseline);
        let standings = report.comparison.as_ref().zip(narrative.derived.standings.as_ref());
        let leaks = report.assessment.as_ref().and_then(|assessment| assessment.leaks.as_ref());
        ReportTables {
            sources: data::sources(report),
            settings: data::settings(report),
            rejected: data::rejected(report),
            features: data::features(),
            quality: data::quality(report),
            out_of_range: data::out_of_range(report),
            describe: exploration::describe(report),
            counts: exploration::counts(&narrative.derived),
            means: exploration::means(report),
            effects: exploration::effects(report, &narrative.derived),
            mutual_information: exploration::mutual_information(report, &narrative.derived),
            mutual_information_all_continuous: exploration::mutual_information_all_continuous(
                report,
                &narrative.derived,
            ),
            pearson: exploration::pearson(report),
            spearman: exploration::spearman(report),
            selection: exploration::selection(report, &narrative.derived),
            scores: evaluation.map(|evaluation| model::scores(evaluation, &narrative.derived, baseline)),
            confusion: evaluation.map(|evaluation| model::confusion(evaluation, &narrative.derived)),
            importances: evaluation.map(model::importances),
            calibration: report.probabilities.as_ref().map(probabilities::calibration),
            reliability: report.probabilities.as_ref().map(probabilities::reliability),
            thresholds: report.probabilities.as_ref().map(probabilities::thresholds),
            leaderboard: standings.map(|(comparison, standings)| leaderboard::leaderboard(comparison, standings)),
            costs: report.comparison.as_ref().map(leaderboard::costs),
            grid_top: grid(report, narrative).map(|(grid, figures)| search::grid_top(grid, figures)),
            grid_search: grid(report, narrative).map(|(grid, figures)| search::grid_search(grid, figures)),
            boosting_search: halving(report, narrative).map(|(found, figures)| search::boosting_search(found, figures)),
            measures: narrative.derived.measures.as_ref().map(explanations::measures),
            assessment: report.assessment.as_ref().map(robustness::tables).unwrap_or_default(),
            leaks: leaks.map(robustness::leaks).unwrap_or_default(),
        }
    }
}

fn grid<'a>(report: &'a Report, narrative: &'a Narrative) -> Option<(&'a GridSearch, &'a GridFigures)> {
    report.comparison.as_ref()?.grid.as_ref().zip(narrative.derived.grid.as_ref())
}

fn halving<'a>(report: &'a Report, narrative: &'a Narrative) -> Option<(&'a BoostingSearch, &'a HalvingFigures)> {
    report.comparison.as_ref()?.boosting_search.as_ref().zip(narrative.derived.boosting_search.as_ref())
}

/// The tables that are written as files of their own, in the shape that a data frame wants: one observation a row.
pub fn for_files(report: &Report, narrative: &Narrative) -> Vec<ReportTable> {
    let tables = ReportTables::of(report, narrative);
    let mut files = vec![
        tables.describe,
        tables.counts,
        exploration::means_long(report),
        exploration::effects_long(&narrative.derived),
        tables.mutual_information,
        tables.mutual_information_all_continuous,
        tables.pearson,
        tables.spearman,
    ];
    files.extend([tables.scores, tables.importances, tables.costs, tables.measures].into_iter().flatten());
    files.extend([tables.calibration, tables.reliability].into_iter().flatten());
    files.extend(report.probabilities.as_ref().map(probabilities::thresholds_long));
    let standings = report.comparison.as_ref().zip(narrative.derived.standings.as_ref());
    files.extend(standings.map(|(comparison, standings)| leaderboard::leaderboard_long(comparison, standings)));
    files.extend(report.comparison.as_ref().and_then(|comparison| comparison.grid.as_ref()).map(grid_search));
    files.extend(halving(report, narrative).map(|(found, figures)| search::boosting_search_long(found, figures)));
    files.extend(report.assessment.iter().flat_map(of_assessment));
    files
}

/// The tables of an assessment, as they are written as files.
pub fn of_assessment(found: &Robustness) -> Vec<ReportTable> {
    let mut tables = robustness::tables(found);
    tables.extend(found.leaks.iter().flat_map(robustness::leaks));
    tables
}

/// Every point of a grid with each fold's scores, as it is written as a file.
pub fn grid_search(grid: &GridSearch) -> ReportTable {
    search::grid_search_long(grid, &GridFigures::of(grid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn every_row_has_a_cell_for_each_column() {
        let report = fixture::report();
        let narrative = Narrative::of(&report);
        let files = for_files(&report, &narrative);
        assert!(files.len() >= 10);
        for table in files {
            assert!(!table.rows.is_empty(), "{}", table.name);
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
        }
    }

    #[test]
    fn csv_has_all_digits_and_empty_fields_for_what_is_missing() {
        let table = ReportTable::new("t", "", &[("name", "Name"), ("mean", "Mean")]).rows([
            vec![TableCell::text("a, \"b\""), TableCell::number(1.0 / 3.0, "0.33")],
            vec![TableCell::text("c"), TableCell::number(f64::NAN, "x")],
        ]);
        assert_eq!(table.csv().expect("rows fit"), "name,mean\n\"a, \"\"b\"\"\",0.3333333333333333\nc,\n");
        assert_eq!(table.rows[1][1].shown(), MISSING);
    }

    #[test]
    fn tints_have_four_steps_a_side() {
        let class = |position| TableCell::number(1.0, "1").tinted(position).class();
        assert_eq!(class(0.05), "number");
        assert_eq!(class(-0.5), "number tint-flop-2");
        assert_eq!(class(7.0), "number tint-hit-4");
        assert_eq!(class(f64::NAN), "number");
    }
}
