//! Any table as a decade file in the plain form, which the typed plan of the data engine reads.
//!
//! The rows are read by the one reader of values. Rows that break a rule are set aside, with the place of the first fault. In a table
//! with a label of its own, texts and values may be missing; their fields are empty.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use super::header::{self, ColumnNames};
use super::rule;
use crate::table::{OpenedTable, RejectedRow, TableData};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::mapping::{CellFault, ColumnMapping, ColumnUse, RowReading, TrackTexts};
use hitflop_core::reader::{Table, NO_AUDIO_RULE};
use hitflop_core::track::{Decade, Feature, ARTIST, DECADE, TARGET, TRACK, URI};

/// What came of a table that was written in the plain form.
#[derive(Clone, Debug)]
pub(crate) struct PlainCopy {
    /// Columns of the copy.
    pub header: ColumnNames,
    /// Rows that pass every rule.
    pub good_rows: u64,
    /// Rows that do not, in order.
    pub rejected: Vec<RejectedRow>,
}

/// Writes the rows of a table that pass every rule to `target`. `in_name` is the decade in the file's name, with which a column of
/// decades must agree.
///
/// # Errors
/// The target cannot be written; a bad row is no error here.
pub(crate) fn write_plain(
    opened: &OpenedTable,
    mapping: &ColumnMapping,
    in_name: Option<Decade>,
    completeness: Completeness,
    target: &Path,
) -> Result<PlainCopy> {
    let refuse = |source| Error::io("write", target, source);
    let file = BufWriter::new(File::create(target).map_err(refuse)?);
    let mut writer = csv::Writer::from_writer(file);
    let rows = PlainRows::new(opened, mapping, in_name, completeness);
    let header = rows.header();
    let write = |error: csv::Error| refuse(error.into());
    writer.write_record(header.columns()).map_err(write)?;
    let mut copy = PlainCopy { header, good_rows: 0, rejected: Vec::new() };
    for row in 0..opened.data.rows() {
        match rows.read(row) {
            Ok(fields) => {
                writer.write_record(&fields).map_err(write)?;
                copy.good_rows += 1;
            }
            Err(rejected) => copy.rejected.push(*rejected),
        }
    }
    writer.flush().map_err(refuse)?;
    Ok(copy)
}

/// What a row must have beside its label and an audio feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// All texts, features and a decade, as decade files have.
    Complete,
    /// Nothing more: a table with a label of its own.
    Partial,
}

impl Completeness {
    fn label_rule(self) -> &'static str {
        match self {
            Completeness::Complete => "expected 0 or 1, found none",
            Completeness::Partial => "expected a value, of which the label is made, found none",
        }
    }
}

struct PlainRows<'a> {
    name: &'a str,
    data: &'a TableData,
    broken: &'a [(usize, RejectedRow)],
    mapping: &'a ColumnMapping,
    completeness: Completeness,
    /// The decade that a column of decades must have.
    required_decade: Option<Decade>,
    /// Columns that are neither features nor texts, by position; they are kept under their own names.
    others: Vec<(usize, &'a str)>,
}

impl<'a> PlainRows<'a> {
    fn new(
        opened: &'a OpenedTable,
        mapping: &'a ColumnMapping,
        in_name: Option<Decade>,
        completeness: Completeness,
    ) -> PlainRows<'a> {
        let mut others: Vec<(usize, &str)> = Vec::new();
        for column in mapping.columns().iter().filter(|column| column.used_as.is_none()) {
            let name = opened.data.columns()[column.position].trim();
            if !name.is_empty() && !header::is_known(name) && !others.iter().any(|(_, other)| *other == name) {
                others.push((column.position, name));
            }
        }
        // The year of a single track may differ from the decade of a list of tracks; a column of decades may not.
        let states_decade = |feature| {
            mapping.column_of(feature).is_some_and(|column| column.column == DECADE && column.conversion.is_none())
        };
        PlainRows {
            name: &opened.name,
            data: &opened.data,
            broken: &opened.broken,
            mapping,
            completeness,
            required_decade: in_name.filter(|_| states_decade(Feature::Decade)),
            others,
        }
    }

    fn header(&self) -> ColumnNames {
        let own = header::required_columns().chain([DECADE]).map(str::to_owned);
        ColumnNames::of(own.chain(self.others.iter().map(|(_, name)| (*name).to_owned())).collect())
    }

    /// The fields of a row in the order of the header.
    fn read(&self, row: usize) -> std::result::Result<Vec<String>, Box<RejectedRow>> {
        if let Ok(at) = self.broken.binary_search_by_key(&row, |(row, _)| *row) {
            return Err(Box::new(self.broken[at].1.clone()));
        }
        self.fields(row).map_err(|fault| {
            let record: Vec<_> = (0..self.data.columns().len()).map(|column| self.data.text(row, column)).collect();
            Box::new(RejectedRow { fault: *fault, record: record.join(",") })
        })
    }

    fn fields(&self, row: usize) -> std::result::Result<Vec<String>, Box<Fault>> {
        let TrackTexts { title, artist, uri } = self.mapping.texts(self.data, row);
        let texts = [(ColumnUse::Title, TRACK, title), (ColumnUse::Artist, ARTIST, artist), (ColumnUse::Uri, URI, uri)];
        let mut fields = Vec::with_capacity(self.others.len() + Feature::ALL.len() + 4);
        for (used, name, text) in texts {
            let text = text.unwrap_or_default();
            if text.is_empty() && self.completeness == Completeness::Partial {
                fields.push(String::new());
                continue;
            }
            let broken =
                |(reason, rule)| Box::new(Fault::new(self.place(row, used, name), reason, rule).found(text.as_ref()));
            fields.push(rule::text(&text).map_err(broken)?.to_owned());
        }
        let values = self.values(row)?;
        let spelt = |feature: &Feature| match (values[*feature as usize], feature.is_whole()) {
            (value, _) if value.is_nan() => String::new(),
            (value, true) => (value as i32).to_string(),
            (value, false) => value.to_string(),
        };
        fields.extend(Feature::AUDIO.iter().map(spelt));
        fields.push(self.label(row)?.to_owned());
        fields.push(spelt(&Feature::Decade));
        fields.extend(self.others.iter().map(|(column, _)| self.data.text(row, *column).into_owned()));
        Ok(fields)
    }

    /// The features of a row; in a complete table none is missing.
    fn values(&self, row: usize) -> std::result::Result<[f64; Feature::ALL.len()], Box<Fault>> {
        let reading: RowReading = self.mapping.row(self.data, row);
        let number = self.data.row_number(row) as usize - 1;
        let place = Place::file(self.name);
        if reading.lacks_audio() {
            return Err(Box::new(Fault::new(place.row(number as u64 + 1), Reason::NoAudio, NO_AUDIO_RULE)));
        }
        let missing = match self.completeness {
            Completeness::Complete => self.mapping.missing_values(&reading, &Feature::ALL).next(),
            Completeness::Partial => None,
        };
        // With the word that stands for nothing.
        let word = |fault: &CellFault| self.data.text(row, fault.position).into_owned();
        let missing = missing.map(|fault| CellFault { value: word(&fault), ..fault });
        let mut faults: Vec<_> = reading.faults.iter().cloned().chain(missing).collect();
        faults.sort_by_key(|fault| fault.feature as usize);
        if let Some(fault) = faults.first() {
            return Err(Box::new(self.mapping.fault(&place, number, fault)));
        }
        let year = reading.values[Feature::Decade as usize];
        match self.required_decade.filter(|decade| !year.is_nan() && f64::from(decade.year()) != year) {
            None => Ok(reading.values),
            Some(decade) => {
                let rule = format!("expected {}, the decade in the file's name", decade.year());
                let place = place.row(number as u64 + 1).column(DECADE);
                Err(Box::new(Fault::new(place, Reason::DecadeMismatch, rule).found(year.to_string())))
            }
        }
    }

    fn label(&self, row: usize) -> std::result::Result<&'static str, Box<Fault>> {
        let place = || self.place(row, ColumnUse::Label, TARGET);
        match self.mapping.label(self.data, row) {
            Ok(Some(true)) => Ok("1"),
            Ok(Some(false)) => Ok("0"),
            Ok(None) => Err(Box::new(Fault::new(place(), Reason::Empty, self.completeness.label_rule()))),
            Err(fault) => {
                let position = self.mapping.position_of(ColumnUse::Label).unwrap_or_default();
                Err(Box::new(Fault::new(place(), fault.reason, fault.rule).found(self.data.text(row, position))))
            }
        }
    }

    fn place(&self, row: usize, used: ColumnUse, name: &str) -> Place {
        let position = self.mapping.position_of(used);
        let name = position.map_or(name, |position| &self.mapping.columns()[position].column);
        Place::file(self.name).row(self.data.row_number(row)).column(name)
    }
}
