//! The header of a decade file in the plain form: CSV with commas, UTF-8, and all columns under their documented names.

use std::path::Path;

use hitflop_core::error::{Error, Fault, Place, Reason};
use hitflop_core::reader::name;
use hitflop_core::track::{Feature, DECADE, TARGET, TEXT_COLUMNS};

/// Column names in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnNames {
    columns: Vec<String>,
}

impl ColumnNames {
    /// These names.
    pub(crate) fn of(columns: Vec<String>) -> ColumnNames {
        ColumnNames { columns }
    }

    /// The header of a file that begins with `head`, if it is a decade file in the plain form with at least one row.
    pub(crate) fn of_plain(head: &[u8]) -> Option<ColumnNames> {
        let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(head);
        let mut records = reader.byte_records();
        let first = records.next()?.ok()?;
        let columns: Vec<String> =
            first.iter().map(|name| Some(std::str::from_utf8(name).ok()?.trim().to_owned())).collect::<Option<_>>()?;
        let count = |known: &str| columns.iter().filter(|column| *column == known).count();
        let is_plain = required_columns().all(|known| count(known) == 1) && count(DECADE) <= 1;
        (is_plain && records.next()?.is_ok()).then_some(ColumnNames { columns })
    }

    /// Names in the order of the file.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Position of a column.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// The columns that ingest does not read, as they are shown.
    pub(crate) fn unknown(&self) -> Vec<String> {
        let unknown = self.columns.iter().enumerate().filter(|(_, name)| !is_known(name));
        unknown.map(|(position, column)| name::shown_name(column, position)).collect()
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

/// An error of the CSV reader as a fault of the file, or of the operating system.
pub(crate) fn unreadable(path: &Path, name: &str, error: csv::Error) -> Error {
    let words = format!("cannot be read as CSV: {error}");
    match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::io("read", path, source),
        _ => Error::input(Fault::new(Place::file(name), Reason::Unreadable, words)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_names_once_each_are_plain() {
        let names: Vec<&str> = required_columns().collect();
        let text = |names: &[&str]| format!("{}\n{}\n", names.join(","), vec!["1"; names.len()].join(","));
        let of = |names: &[&str]| ColumnNames::of_plain(text(names).as_bytes());
        assert_eq!(of(&names).expect("plain").position("artist"), Some(1));
        let unnamed = of(&[&names[..], &["", "note", ""]].concat()).expect("plain");
        assert_eq!(unnamed.unknown(), ["column 20 (no name)", "note", "column 22 (no name)"]);
        assert!(of(&names[1..]).is_none() && of(&[&names[..], &["energy"]].concat()).is_none());
        assert!(ColumnNames::of_plain(text(&names).replace(',', ";").as_bytes()).is_none());
        assert!(ColumnNames::of_plain(format!("sep=,\n{}", text(&names)).as_bytes()).is_none());
        assert!(ColumnNames::of_plain(format!("\u{feff}{}", text(&names)).as_bytes()).is_some());
        assert!(ColumnNames::of_plain(format!("{}\n", names.join(",")).as_bytes()).is_none(), "no row");
    }
}
