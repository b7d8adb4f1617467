//! A table as a value: cells, columns and how they are written as CSV.
//!
//! A cell holds the number itself and how it is shown, so that a file has all the digits and the page those that matter.

use crate::format::{count, MISSING};
use hitflop_core::error::{Error, Result};
use hitflop_core::track::{Decade, Label};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TableCell {
    /// Words.
    Text(String),
    /// A name as written in a file: column, setting, hash.
    Code(String),
    /// Words that a file has in another form, that of input files: `1960s` is 1960, `hit` is 1.
    Named {
        /// As shown.
        text: String,
        /// In a file.
        field: String,
    },
    /// A number.
    Number {
        /// With all its digits; NaN is an empty field in a file.
        value: f64,
        /// As shown.
        text: String,
        /// Where it lies between two extremes, −1 to 1, if it is to be tinted: above 0 as hits are, below as flops.
        tint: Option<f64>,
    },
    /// Links to places of the page; in a file, their words.
    Links {
        links: Vec<CellLink>,
        /// The words of all, separated by semicolons.
        text: String,
    },
    /// A picture of a few hundred bytes; in a file, its words.
    Picture {
        /// An `<svg>` element that names itself.
        svg: String,
        /// What is seen.
        text: String,
    },
}

/// A link to a place of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CellLink {
    pub(crate) text: String,
    /// Id of the place.
    pub(crate) target: &'static str,
    /// Tooltip.
    pub(crate) title: String,
}

impl TableCell {
    pub(crate) fn text(text: impl Into<String>) -> TableCell {
        TableCell::Text(text.into())
    }

    /// A name as written in a file.
    pub(crate) fn code(text: impl Into<String>) -> TableCell {
        TableCell::Code(text.into())
    }

    /// Words that are `field` in a file.
    pub(crate) fn named(text: impl Into<String>, field: impl Into<String>) -> TableCell {
        TableCell::Named { text: text.into(), field: field.into() }
    }

    /// A decade; in a file, its first year.
    pub(crate) fn decade(decade: Decade) -> TableCell {
        TableCell::named(decade.to_string(), decade.year().to_string())
    }

    /// A decade, or a dash; in a file, an empty field.
    pub(crate) fn decade_if_known(decade: Option<Decade>) -> TableCell {
        decade.map_or(TableCell::named(MISSING, ""), TableCell::decade)
    }

    /// A label; in a file, 1 for a hit and 0 for a flop.
    pub(crate) fn label(label: Label) -> TableCell {
        TableCell::named(label.name(), u8::from(label == Label::Hit).to_string())
    }

    /// A count, with thousands separated.
    pub(crate) fn count(n: u64) -> TableCell {
        TableCell::number(n as f64, count(n))
    }

    /// A number and how it is shown; a dash if it is not finite.
    pub(crate) fn number(value: f64, text: impl Into<String>) -> TableCell {
        let text = if value.is_finite() { text.into() } else { MISSING.to_owned() };
        TableCell::Number { value, text, tint: None }
    }

    /// Links to places of the page.
    pub(crate) fn links(links: Vec<CellLink>) -> TableCell {
        let text = links.iter().map(|link| link.text.as_str()).collect::<Vec<_>>().join("; ");
        TableCell::Links { links, text }
    }

    /// The same number, tinted.
    pub(crate) fn tinted(self, position: f64) -> TableCell {
        match self {
            TableCell::Number { value, text, .. } if position.is_finite() => {
                TableCell::Number { value, text, tint: Some(position.clamp(-1.0, 1.0)) }
            }
            other => other,
        }
    }

    /// What is shown.
    pub(crate) fn shown(&self) -> &str {
        match self {
            TableCell::Text(text) | TableCell::Code(text) | TableCell::Number { text, .. } => text,
            TableCell::Named { text, .. } => text,
            TableCell::Links { text, .. } | TableCell::Picture { text, .. } => text,
        }
    }

    /// Style classes: numbers are set right, tinted ones have a step of four towards either label, and so have
    /// labels.
    pub(crate) fn class(&self) -> String {
        match self {
            TableCell::Number { tint: Some(position), .. } => {
                let side = if *position < 0.0 { "flop" } else { "hit" };
                match (position.abs() * 4.0).round() as u8 {
                    0 => "number".to_owned(),
                    step => format!("number tint-{side}-{step}"),
                }
            }
            TableCell::Number { .. } => "number".to_owned(),
            TableCell::Text(text) | TableCell::Named { text, .. } => match text.as_str() {
                "hit" | "hits" => "words hit".to_owned(),
                "flop" | "flops" => "words flop".to_owned(),
                _ => "words".to_owned(),
            },
            TableCell::Picture { .. } => "picture".to_owned(),
            _ => "words".to_owned(),
        }
    }

    fn field(&self) -> String {
        match self {
            TableCell::Text(text) | TableCell::Code(text) => text.clone(),
            TableCell::Named { field, .. } => field.clone(),
            TableCell::Links { text, .. } | TableCell::Picture { text, .. } => text.clone(),
            TableCell::Number { value, .. } if value.is_finite() => value.to_string(),
            TableCell::Number { .. } => String::new(),
        }
    }
}

/// A number of a file that the page does not show.
pub(crate) fn number(value: f64) -> TableCell {
    TableCell::number(value, String::new())
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TableColumn {
    /// Name in a file.
    pub(crate) name: String,
    /// Heading in the page.
    pub(crate) title: String,
}

impl TableColumn {
    pub(crate) fn new(name: impl Into<String>, title: impl Into<String>) -> TableColumn {
        TableColumn { name: name.into(), title: title.into() }
    }
}

/// One table. The first cell of each row is its heading.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReportTable {
    /// Name, unique in a report; the name of its file.
    pub(crate) name: &'static str,
    /// What it shows.
    pub(crate) caption: String,
    pub(crate) columns: Vec<TableColumn>,
    /// Rows, each with as many cells as there are columns.
    pub(crate) rows: Vec<Vec<TableCell>>,
    /// Rows that belong together, if more than one; the page draws a line after each such group.
    pub(crate) rows_a_group: usize,
    /// A row that is highlighted.
    pub(crate) marked: Option<usize>,
    /// Whether each row is a block of its own, with the headings beside the values, where the page is too narrow for all columns.
    pub(crate) is_stacked: bool,
}

impl ReportTable {
    pub(crate) fn new(name: &'static str, caption: impl Into<String>, columns: &[(&str, &str)]) -> ReportTable {
        let columns = columns.iter().map(|(name, title)| TableColumn::new(*name, *title)).collect();
        ReportTable {
            name,
            caption: caption.into(),
            columns,
            rows: Vec::new(),
            rows_a_group: 1,
            marked: None,
            is_stacked: false,
        }
    }

    /// The same, as blocks on narrow pages.
    pub(crate) fn stacked(self) -> ReportTable {
        ReportTable { is_stacked: true, ..self }
    }

    pub(crate) fn rows(mut self, rows: impl IntoIterator<Item = Vec<TableCell>>) -> ReportTable {
        self.rows.extend(rows);
        self
    }

    /// Whether the cells of a column are numbers, by its first row.
    pub(crate) fn is_numeric(&self, column: usize) -> bool {
        let cell = self.rows.first().and_then(|row| row.get(column));
        matches!(cell, Some(TableCell::Number { .. }))
    }

    /// Whether a line is drawn above a row.
    pub(crate) fn begins_group(&self, row: usize) -> bool {
        self.rows_a_group > 1 && row > 0 && row.is_multiple_of(self.rows_a_group)
    }

    /// Style classes of the table by its number of columns.
    pub(crate) fn class(&self) -> String {
        let width = match self.columns.len() {
            0..=8 => "",
            9..=12 => "wide",
            _ => "wide matrix",
        };
        let classes = [width, if self.is_stacked { "stacked" } else { "" }];
        classes.into_iter().filter(|class| !class.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Style class of a row, empty for most.
    pub(crate) fn row_class(&self, row: usize) -> &'static str {
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
    pub(crate) fn csv(&self) -> Result<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn links_and_pictures_are_words_in_a_file() {
        let link = |text: &str| CellLink { text: text.to_owned(), target: "chart", title: "why".to_owned() };
        let picture = TableCell::Picture { svg: "<svg></svg>".to_owned(), text: "0 to 1".to_owned() };
        let table = ReportTable::new("t", "", &[("alerts", ""), ("none", ""), ("picture", "")]).rows([vec![
            TableCell::links(vec![link("a"), link("b")]),
            TableCell::links(Vec::new()),
            picture,
        ]]);
        assert_eq!(table.csv().expect("rows fit"), "alerts,none,picture\na; b,,0 to 1\n");
        let classes: Vec<String> = table.rows[0].iter().map(TableCell::class).collect();
        assert_eq!(classes, ["words", "words", "picture"]);
    }

    #[test]
    fn files_have_decades_and_labels_as_input_files_have_them() {
        let row = vec![
            TableCell::decade_if_known(Decade::from_year(1960)),
            TableCell::decade_if_known(None),
            TableCell::label(Label::Hit),
            TableCell::label(Label::Flop),
        ];
        let shown: Vec<&str> = row.iter().map(TableCell::shown).collect();
        assert_eq!(shown, ["1960s", MISSING, "hit", "flop"]);
        assert_eq!((row[2].class(), row[3].class()), ("words hit".to_owned(), "words flop".to_owned()));
        let table = ReportTable::new("t", "", &[("a", ""), ("b", ""), ("c", ""), ("d", "")]).rows([row]);
        assert_eq!(table.csv().expect("rows fit"), "a,b,c,d\n1960,,1,0\n");
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
