//! The header of a CSV file: which columns it has, in which order, and which are missing.

use std::fs::File;
use std::path::Path;

use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Feature, DECADE, TARGET, TEXT_COLUMNS};

/// Column names in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnNames {
    columns: Vec<String>,
}

impl ColumnNames {
    /// Reads the header of `path`, which the user knows as `name`. A byte-order mark is no part of it.
    ///
    /// # Errors
    /// An empty file, a header without a row after it, bytes that are not UTF-8, a name that stands twice.
    pub fn read(path: &Path, name: &str) -> Result<ColumnNames> {
        let file = File::open(path).map_err(|source| Error::io("read", path, source))?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
        let mut records = reader.byte_records();
        let first = match records.next() {
            None => return Err(fault(name, Reason::EmptyFile, "expected a header and rows, the file is empty")),
            Some(record) => record.map_err(|error| unreadable(name, &error))?,
        };
        let columns = decode(&first, name)?;
        refuse_duplicates(&columns, name)?;
        match records.next() {
            None => Err(fault(name, Reason::HeaderOnly, "expected rows after the header, there is none")),
            Some(Err(error)) => Err(unreadable(name, &error)),
            Some(Ok(_)) => Ok(ColumnNames { columns }),
        }
    }

    /// Names in the order of the file.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Position of a column.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// Position of a column that must be there.
    ///
    /// # Errors
    /// It is not; the error names the most similar column that is.
    pub fn require(&self, column: &str, file: &str) -> Result<usize> {
        self.position(column).ok_or_else(|| Error::input(self.missing(column, file)))
    }

    /// Checks that every one of `required` is there, and names all that are not.
    ///
    /// # Errors
    /// At least one is missing.
    pub fn require_all<'a>(&self, required: impl IntoIterator<Item = &'a str>, file: &str) -> Result<()> {
        let missing: Vec<Fault> = required
            .into_iter()
            .filter(|column| self.position(column).is_none())
            .map(|column| self.missing(column, file))
            .collect();
        match missing.len() {
            0 => Ok(()),
            _ if self.seems_separated_otherwise() => {
                let rule = "expected columns separated by commas; the header seems to use another separator";
                Err(Error::input(Fault::new(Place::file(file), Reason::MissingColumn, rule).found(&self.columns[0])))
            }
            total => Err(Error::inputs(missing, total as u64)),
        }
    }

    /// Whether commas leave the header in one piece that other usual separators would cut.
    fn seems_separated_otherwise(&self) -> bool {
        matches!(&self.columns[..], [only] if only.contains([';', '\t', '|']))
    }

    fn missing(&self, column: &str, file: &str) -> Fault {
        let rule = match self.nearest(column) {
            Some(nearest) => format!("the column is missing; the nearest name in the file is {nearest:?}"),
            None => "the column is missing".to_owned(),
        };
        Fault::new(Place::file(file).column(column), Reason::MissingColumn, rule)
    }

    /// The most similar name that is not a known column itself.
    fn nearest(&self, column: &str) -> Option<&str> {
        const MIN_NAME_SIMILARITY: f64 = 0.7;
        self.columns
            .iter()
            .filter(|name| !is_known(name))
            .map(|name| (strsim::jaro_winkler(&name.to_lowercase(), column), name.as_str()))
            .filter(|(similarity, _)| *similarity >= MIN_NAME_SIMILARITY)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, name)| name)
    }
}

/// The columns that every decade file must have, in the order of the original files.
pub(crate) fn required_columns() -> impl Iterator<Item = &'static str> {
    TEXT_COLUMNS.into_iter().chain(Feature::AUDIO.iter().map(|feature| feature.name())).chain([TARGET])
}

/// Whether a column of this name is one that ingest reads.
pub(crate) fn is_known(column: &str) -> bool {
    column == DECADE || required_columns().any(|known| known == column)
}

fn decode(record: &csv::ByteRecord, name: &str) -> Result<Vec<String>> {
    let decode_one = |(index, field): (usize, &[u8])| match std::str::from_utf8(field) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(_) => {
            let rule = format!("expected UTF-8 in the header, column {} is not", index + 1);
            let fault = Fault::new(Place::file(name), Reason::NotUtf8, rule);
            Err(Error::input(fault.found(String::from_utf8_lossy(field))))
        }
    };
    record.iter().enumerate().map(decode_one).collect()
}

fn refuse_duplicates(columns: &[String], name: &str) -> Result<()> {
    let twice = columns.iter().enumerate().find(|(index, column)| columns[..*index].contains(column));
    match twice {
        None => Ok(()),
        Some((_, column)) => {
            let place = Place::file(name).column(column);
            Err(Error::input(Fault::new(place, Reason::DuplicateColumn, "the column stands twice in the header")))
        }
    }
}

fn fault(name: &str, reason: Reason, rule: &str) -> Error {
    Error::input(Fault::new(Place::file(name), reason, rule))
}

/// An error of the CSV reader as a fault of the file.
pub(crate) fn unreadable(name: &str, error: &csv::Error) -> Error {
    fault(name, Reason::Unreadable, &format!("cannot be read as CSV: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(columns: &[&str]) -> ColumnNames {
        ColumnNames { columns: columns.iter().map(|&name| name.to_owned()).collect() }
    }

    #[test]
    fn a_missing_column_is_reported_with_its_nearest_name() {
        let error = header(&["track", "Energy", "tempo"]).require("energy", "a.csv").unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"a.csv, column energy: the column is missing; the nearest name in the file is "Energy""#
        );
        let error = header(&["track;energy;tempo"]).require_all(["track", "energy"], "a.csv").unwrap_err();
        assert!(error.to_string().contains("another separator"), "{error}");
        let error = header(&["track", "tempo"]).require("energy", "a.csv").unwrap_err();
        assert_eq!(error.to_string(), "a.csv, column energy: the column is missing");
    }
}
