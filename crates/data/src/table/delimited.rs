//! Rows of CSV and its relatives in memory: one text with the ends of the fields in it, so that a million rows need few
//! allocations.

use csv::ByteRecord;

use super::rejected_row::RejectedRow;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::{name, Cell, Table};

/// A table whose fields are texts.
#[derive(Clone, Debug, Default)]
pub struct DelimitedTable {
    names: Vec<String>,
    /// Number of rows of the file before the first.
    first: u64,
    text: String,
    /// Where each row begins in the text.
    starts: Vec<u64>,
    /// Where each field ends in its row.
    ends: Vec<u32>,
    /// Rows that do not have the fields of the header, or are not UTF-8. They are in the table all the same.
    broken: Vec<(usize, RejectedRow)>,
}

impl Table for DelimitedTable {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.starts.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        Cell::Text(self.field(row, column))
    }
}

impl DelimitedTable {
    /// A field as it is in the file, without the quotation marks around it.
    ///
    /// # Panics
    /// There is no such row or column.
    pub fn field(&self, row: usize, column: usize) -> &str {
        let start = self.starts[row] as usize;
        let ends = &self.ends[row * self.names.len()..][..self.names.len()];
        let from = if column == 0 { 0 } else { ends[column - 1] };
        &self.text[start + from as usize..start + ends[column] as usize]
    }

    /// A table without rows, before which the file has `first` ones.
    pub(super) fn new(names: Vec<String>, first: u64) -> DelimitedTable {
        DelimitedTable { names, first, ..DelimitedTable::default() }
    }

    /// Number of rows of the file before the first.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The rows that cannot be used, by index.
    pub(super) fn take_broken(&mut self) -> Vec<(usize, RejectedRow)> {
        std::mem::take(&mut self.broken)
    }

    /// Adds a record of the file `name`.
    ///
    /// # Errors
    /// It has more than 4 GiB.
    pub(super) fn push(&mut self, record: &ByteRecord, name: &str) -> Result<()> {
        match regular_text(record) {
            Some(text) if record.len() == self.names.len() => {
                self.push_regular(record, text);
                Ok(())
            }
            _ => self.push_irregular(record, &Place::file(name).row(self.first + self.starts.len() as u64 + 1)),
        }
    }

    fn push_irregular(&mut self, record: &ByteRecord, place: &Place) -> Result<()> {
        let width = self.names.len();
        let broken = record.iter().position(|field| std::str::from_utf8(field).is_err());
        let fault = match broken {
            _ if record.len() != width => {
                let rule = format!("expected {width} fields, as in the header");
                Some(Fault::new(place.clone(), Reason::FieldCount, rule).found(record.len().to_string()))
            }
            Some(column) => {
                let place = place.clone().column(name::shown_name(&self.names[column], column));
                let rule = "expected UTF-8; name the encoding of the file if it has another";
                let found = String::from_utf8_lossy(&record[column]);
                Some(Fault::new(place, Reason::NotUtf8, rule).found(found))
            }
            None => None,
        };
        if let Some(fault) = fault {
            self.broken.push((self.starts.len(), RejectedRow { fault, record: joined(record) }));
        }
        let start = self.text.len();
        self.starts.push(start as u64);
        for column in 0..width {
            self.text
                .push_str(record.get(column).and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default());
            let end = u32::try_from(self.text.len() - start);
            self.ends.push(end.map_err(|_| Error::Failed("a row of the table has more than 4 GiB".to_owned()))?);
        }
        Ok(())
    }

    /// A record that has the fields of the header and is UTF-8.
    fn push_regular(&mut self, record: &ByteRecord, text: &str) {
        self.starts.push(self.text.len() as u64);
        self.text.push_str(text);
        // A record of the reader is less than 4 GiB long, since the whole text was.
        self.ends.extend((0..record.len()).map(|field| record.range(field).map_or(0, |range| range.end as u32)));
    }
}

/// The fields of a record without separators between them, if each is UTF-8.
fn regular_text(record: &ByteRecord) -> Option<&str> {
    let bytes = record.as_slice();
    let text = std::str::from_utf8(bytes).ok()?;
    let is_cut_well = bytes.is_ascii() || record.iter().all(|field| std::str::from_utf8(field).is_ok());
    is_cut_well.then_some(text)
}

fn joined(record: &ByteRecord) -> String {
    record.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(",")
}
