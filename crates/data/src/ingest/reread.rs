//! The second reading of a decade file: row by row, to say where a fault is, or to set bad rows aside.
//!
//! It also writes the good rows in a plain spelling, so that a file that is right but that the typed plan cannot read
//! (`5.0` where a whole number is stored, blank lines, padded numbers) goes through the same plan afterwards.

use std::fs::File;
use std::path::Path;

use csv::{ByteRecord, StringRecord};
use serde::Serialize;

use super::header::{self, ColumnNames};
use super::rule::{self, RuleViolation};
use super::source::SourceFile;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Feature, DECADE, TARGET, TEXT_COLUMNS};

/// A row that breaks at least one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// The first rule that it breaks.
    pub fault: Fault,
    /// Its fields joined by commas, bytes that are not UTF-8 replaced.
    pub record: String,
}

/// What a second reading found.
#[derive(Debug, Default)]
pub(crate) struct RowChecker {
    /// Rows that pass every rule.
    pub good_rows: u64,
    /// Rows that do not, in order.
    pub rejected: Vec<RejectedRow>,
}

/// Reads `file` row by row and writes the rows that pass to `target`, as a CSV file with the columns that ingest reads.
///
/// # Errors
/// The file cannot be read or the target not written; a bad row is no error here.
pub(crate) fn reread(file: &SourceFile, target: &Path) -> Result<RowChecker> {
    let reader = File::open(&file.path).map_err(|source| Error::io("read", &file.path, source))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let mut writer = csv::Writer::from_path(target).map_err(|error| write_error(target, error))?;
    let fields = ColumnPositions::of(&file.header);
    writer.write_record(fields.names()).map_err(|error| write_error(target, error))?;

    let mut rereading = RowChecker::default();
    let mut record = ByteRecord::new();
    let mut row = 0;
    while reader.read_byte_record(&mut record).map_err(|error| header::unreadable(&file.name, &error))? {
        row += 1;
        match fields.clean(&record, file) {
            Ok(clean) => {
                writer.write_record(&clean).map_err(|error| write_error(target, error))?;
                rereading.good_rows += 1;
            }
            Err(problem) => rereading.rejected.push(problem.at_row(file, row, &record)),
        }
    }
    writer.flush().map_err(|source| Error::io("write", target, source))?;
    Ok(rereading)
}

fn write_error(target: &Path, error: csv::Error) -> Error {
    Error::io("write", target, error.into())
}

/// The columns that ingest reads and where they stand in one file.
struct ColumnPositions {
    columns: Vec<(&'static str, usize)>,
    header_len: usize,
}

/// A broken rule, its column and the value found there.
struct FieldFault {
    broken: RuleViolation,
    column: Option<&'static str>,
    value: String,
}

impl FieldFault {
    fn at_row(self, file: &SourceFile, row: u64, record: &ByteRecord) -> RejectedRow {
        let column = self.column.map(str::to_owned);
        let place = Place::File { file: file.name.clone(), row: Some(row), column };
        let (reason, rule) = self.broken;
        let fields: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
        RejectedRow { fault: Fault::new(place, reason, rule).found(self.value), record: fields.join(",") }
    }
}

impl ColumnPositions {
    fn of(header: &ColumnNames) -> ColumnPositions {
        let wanted = header::required_columns().chain([DECADE]);
        let columns = wanted.filter_map(|name| Some((name, header.position(name)?))).collect();
        ColumnPositions { columns, header_len: header.columns().len() }
    }

    fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.columns.iter().map(|(name, _)| *name)
    }

    /// The row's fields in a plain spelling, or the first rule that it breaks.
    fn clean(&self, record: &ByteRecord, file: &SourceFile) -> std::result::Result<StringRecord, FieldFault> {
        if record.len() != self.header_len {
            let rule = format!("expected {} fields, as in the header", self.header_len);
            let value = record.len().to_string();
            return Err(FieldFault { broken: (Reason::FieldCount, rule), column: None, value });
        }
        let mut clean = StringRecord::new();
        for &(column, position) in &self.columns {
            let field = self.field(record, column, position)?;
            let problem = |broken| FieldFault { broken, column: Some(column), value: field.to_owned() };
            clean.push_field(&clean_field(column, field, file).map_err(problem)?);
        }
        Ok(clean)
    }

    fn field<'r>(
        &self,
        record: &'r ByteRecord,
        column: &'static str,
        position: usize,
    ) -> std::result::Result<&'r str, FieldFault> {
        let bytes = &record[position];
        std::str::from_utf8(bytes).map_err(|_| FieldFault {
            broken: (Reason::NotUtf8, "expected UTF-8".to_owned()),
            column: Some(column),
            value: String::from_utf8_lossy(bytes).into_owned(),
        })
    }
}

fn clean_field(column: &str, field: &str, file: &SourceFile) -> std::result::Result<String, RuleViolation> {
    if TEXT_COLUMNS.contains(&column) {
        return rule::text(field).map(str::to_owned);
    }
    match Feature::from_name(column) {
        Some(Feature::Decade) => rule::decade(field, file.decade).map(|decade| decade.year().to_string()),
        Some(feature) => rule::number(feature, field).map(|value| {
            if feature.is_whole() {
                (value as i32).to_string()
            } else {
                field.trim().to_owned()
            }
        }),
        None => {
            debug_assert_eq!(column, TARGET);
            rule::label(field).map(|label| (label as i32).to_string())
        }
    }
}
