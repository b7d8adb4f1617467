//! Columns of decade files that are neither features nor known texts. They are never learned from; the guard against leaks looks
//! at what they tell of the label, so that nobody adds them as features unawares.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;

use super::header::{self, is_known};
use super::source::SourceFile;
use crate::table::RejectedRow;
use hitflop_core::error::{Error, Place, Result};
use hitflop_core::unknown_columns::{UnknownColumn, UnknownColumnValues};

/// Reads the columns that ingest does not know, of the rows that it kept, in alphabetical order. Files without such a column are
/// not read; where none has one, nothing is.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn read(
    files: &[SourceFile],
    rejected: &[RejectedRow],
    rows_of_files: &[u64],
) -> Result<Vec<UnknownColumn>> {
    let names =
        files.iter().flat_map(|file| file.header.columns()).filter(|column| !is_known(column) && !column.is_empty());
    let mut columns: BTreeMap<&str, UnknownColumnReader> =
        names.map(|name| (name.as_str(), UnknownColumnReader::default())).collect();
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    for (file, &rows) in files.iter().zip(rows_of_files) {
        let positions: Vec<Option<usize>> = columns.keys().map(|name| file.header.position(name)).collect();
        if positions.iter().all(Option::is_none) {
            columns.values_mut().for_each(|fields| fields.absent(rows));
            continue;
        }
        // A copy in the plain form has good rows only.
        let set_aside: HashSet<u64> = rejected
            .iter()
            .filter(|_| file.copy.is_none())
            .filter_map(|row| match &row.fault.place {
                Place::File { file: name, row, .. } if *name == file.name => *row,
                _ => None,
            })
            .collect();
        let opened = File::open(&file.path).map_err(|source| Error::io("read", &file.path, source))?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(opened);
        let mut record = csv::ByteRecord::new();
        let mut row = 0;
        while reader.read_byte_record(&mut record).map_err(|error| header::unreadable(&file.path, &file.name, error))? {
            row += 1;
            if set_aside.contains(&row) {
                continue;
            }
            for (fields, position) in columns.values_mut().zip(&positions) {
                match position.and_then(|position| record.get(position)) {
                    Some(field) => fields.push(&String::from_utf8_lossy(field)),
                    None => fields.absent(1),
                }
            }
        }
    }
    Ok(columns.into_iter().map(|(name, fields)| fields.column(name)).collect())
}

/// A column as it is read: as numbers while all are, and as texts.
#[derive(Default)]
struct UnknownColumnReader {
    numbers: Vec<f64>,
    codes: Vec<u32>,
    known: HashMap<String, u32>,
    has_text: bool,
}

impl UnknownColumnReader {
    fn push(&mut self, field: &str) {
        let field = field.trim();
        let number = if field.is_empty() { Some(f64::NAN) } else { field.parse::<f64>().ok() };
        self.has_text |= number.is_none();
        self.numbers.push(number.filter(|number| number.is_finite()).unwrap_or(f64::NAN));
        let next = self.known.len() as u32;
        let code = match self.known.get(field) {
            Some(&code) => code,
            None => *self.known.entry(field.to_owned()).or_insert(next),
        };
        self.codes.push(code);
    }

    fn absent(&mut self, rows: u64) {
        (0..rows).for_each(|_| self.push(""));
    }

    fn column(self, name: &str) -> UnknownColumn {
        let values = if self.has_text {
            UnknownColumnValues::Texts(self.codes)
        } else {
            UnknownColumnValues::Numbers(self.numbers)
        };
        UnknownColumn { name: name.to_owned(), values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_of_numbers_unless_a_text_is_in_it() {
        let column = |values: &[&str]| {
            let mut fields = UnknownColumnReader::default();
            values.iter().for_each(|value| fields.push(value));
            fields.column("x").values
        };
        match column(&["1", " 2.5", "", "inf"]) {
            UnknownColumnValues::Numbers(values) => {
                assert_eq!(values[..2], [1.0, 2.5]);
                assert!(values[2].is_nan() && values[3].is_nan());
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(column(&["pop", "1", "pop", ""]), UnknownColumnValues::Texts(vec![0, 1, 0, 2]));
    }
}
