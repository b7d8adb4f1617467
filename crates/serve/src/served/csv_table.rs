//! Tables: CSV to the same table with the answers appended.

use csv::{StringRecord, WriterBuilder};
use serde_json::{json, Map, Value};

use super::batch::{check_count, good, in_parts, internal, BatchAnswer};
use super::default_decade::fill_decades;
use super::prediction::{Include, TrackOutcome};
use super::Work;
use crate::answer::faults::{Detail, FaultBudget};
use crate::answer::rejection::{FaultsBody, Rejection};
use crate::request::field_names::{note, Misspelt};
use crate::request::json_number::JsonNumber;
use crate::request::preview::shown_texts;
use crate::request::raw_track::{CheckedRow, CheckedTrack};
use crate::request::row_reader::{ColumnNote, RequestColumns};
use crate::request::table_text::TableText;
use crate::request::{csv_width, table_header, value_fault};
use hitflop_core::reader::mapping::MappingReason;
use hitflop_core::reader::name::suggested_feature;
use hitflop_core::reader::value::DecimalMark;
use hitflop_core::reader::{has_audio, Cell, Dialect, Table, NO_AUDIO_RULE};
use hitflop_core::track::{Decade, Label};

/// The columns that are appended to a table.
const APPENDED: [&str; 4] = ["label", "probability", "error", "warnings"];

/// Room for a line of a table while it is written.
const LINE_BYTES: usize = 512;

/// Whether titles, artists and URIs are read as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextReading {
    Read,
    Omitted,
}

/// A table with a header, and a column for at least one feature.
pub(crate) struct CsvTracks {
    dialect: Dialect,
    header: StringRecord,
    records: Vec<StringRecord>,
    /// Columns that look like a feature's.
    pub misspelt: Vec<Misspelt>,
    /// Columns of other names or units than the documented ones.
    pub notes: Vec<ColumnNote>,
    /// The tracks, one a record.
    pub tracks: Vec<CheckedRow>,
}

impl CsvTracks {
    /// Reads a table of at most as many rows as are allowed; the `texts` of its tracks are read as well or not.
    ///
    /// # Errors
    /// The body is not CSV, has no header, no feature's column or one twice, or too many rows or columns.
    pub(crate) fn read(work: &Work, body: &[u8], texts: TextReading) -> Result<CsvTracks, Rejection> {
        let text = TableText::of(body);
        csv_width::check(text.bytes(), text.dialect.separator)?;
        let most = work.state.config.limits.rows;
        let mut reader = text.reader();
        let header = reader.headers().map_err(|error| Rejection::invalid(csv_invalid(&error)))?.clone();
        csv_width::check_header(&header)?;
        let mut records = Vec::new();
        for (index, record) in reader.records().enumerate() {
            check_count(index + 1, most)?;
            records.push(record.map_err(|error| Rejection::invalid(csv_invalid(&error).below(&[json!(index)])))?);
        }
        let table = RecordTable::new(&header, &records);
        let columns = RequestColumns::decide(&table, text.dialect.decimal_mark())?;
        if !columns.give_audio() {
            return Err(table_header::no_audio(&header));
        }
        let rows = RecordRows { misspelt: misspelt(&columns), table, columns, texts };
        let tracks = rows.checked(work, &records)?;
        let notes = rows.columns.all_notes().cloned().collect();
        Ok(CsvTracks { dialect: text.dialect, misspelt: rows.misspelt, notes, tracks, header, records })
    }
}

/// The columns that look like a feature's.
fn misspelt(columns: &RequestColumns) -> Vec<Misspelt> {
    let unknown = columns.mapping.columns().iter().filter(|column| column.reason == MappingReason::UnknownName);
    let mut misspelt = Vec::new();
    for name in unknown.map(|column| column.column.as_str()) {
        if let Some(feature) = suggested_feature(name) {
            note(&mut misspelt, (name.into(), feature));
        }
    }
    misspelt
}

/// The records that have a field for each column.
struct RecordTable<'r> {
    names: Vec<String>,
    records: Vec<&'r StringRecord>,
}

impl<'r> RecordTable<'r> {
    fn new(header: &StringRecord, records: &'r [StringRecord]) -> RecordTable<'r> {
        let names: Vec<String> = header.iter().map(str::to_owned).collect();
        RecordTable { records: records.iter().filter(|record| record.len() == names.len()).collect(), names }
    }
}

impl Table for RecordTable<'_> {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.records.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        Cell::Text(&self.records[row][column])
    }
}

/// Records with the meaning of their columns.
struct RecordRows<'r> {
    table: RecordTable<'r>,
    columns: RequestColumns,
    misspelt: Vec<Misspelt>,
    texts: TextReading,
}

impl RecordRows<'_> {
    /// Rows with their faults, of which the first are kept and the others counted.
    fn checked(&self, work: &Work, records: &[StringRecord]) -> Result<Vec<CheckedRow>, Rejection> {
        let mut good = good(work, self.table.rows(), |row| self.good(row))?.into_iter().enumerate();
        let mut budget = FaultBudget::default();
        let count = self.table.names.len();
        let mut checked = Vec::with_capacity(records.len());
        for (index, record) in records.iter().enumerate() {
            let faults = if record.len() != count {
                let rule = format!("Row should have {count} fields as the header has, found {}", record.len());
                vec![Detail::new("field_count", vec![json!("body")], rule, &shown_texts(record.iter()))]
            } else {
                match good.next() {
                    Some((_, Some(track))) => {
                        checked.push(Ok(Some(track)));
                        continue;
                    }
                    Some((row, None)) => {
                        work.check_client()?;
                        self.faults(row)
                    }
                    None => return Err(Rejection::Internal),
                }
            };
            checked.push(Err(budget.limit(faults.into_iter().map(|fault| fault.below(&[json!(index)])).collect())));
        }
        Ok(checked)
    }

    fn good(&self, row: usize) -> Option<CheckedTrack> {
        let reading = self.columns.mapping.row(&self.table, row);
        let is_good = reading.faults.is_empty() && has_audio(&reading.values);
        is_good.then(|| CheckedTrack {
            row: reading.values,
            misspelt: self.misspelt.clone(),
            notes: self.columns.notes(&self.table, row).collect(),
            texts: (self.texts == TextReading::Read)
                .then(|| Box::new(self.columns.mapping.texts(&self.table, row).into())),
        })
    }

    fn faults(&self, row: usize) -> Vec<Detail> {
        let reading = self.columns.mapping.row(&self.table, row);
        let mut faults = Vec::new();
        if reading.lacks_audio() {
            // As it would be as an object.
            let names = self.table.names.iter().zip(self.table.records[row]).take(MAX_SHOWN_FIELDS);
            let shown: Map<String, Value> =
                names.map(|(name, field)| (name.clone(), JsonNumber::text(field).to_value())).collect();
            faults.push(Detail::new("missing", vec![json!("body")], NO_AUDIO_RULE, &Value::Object(shown)));
        }
        for found in &reading.faults {
            let sent = JsonNumber::text(&found.value);
            let (kind, msg) = value_fault::of_value(found.feature, &sent, found.fault);
            let name = &self.columns.mapping.columns()[found.position].column;
            faults.push(Detail::new(kind, vec![json!("body"), json!(name)], msg, &sent.to_value()));
        }
        faults
    }
}

/// Maximum number of fields of a row without a value that are shown.
const MAX_SHOWN_FIELDS: usize = 16;

fn csv_invalid(error: &csv::Error) -> Detail {
    let rule = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "CSV should be UTF-8",
        _ => "CSV decode error",
    };
    Detail::new("csv_invalid", vec![json!("body")], rule, &json!({}))
}

/// A table with label (1 hit, 0 flop), probability of a hit, faults and warnings appended. Its fields are separated, and its
/// numbers written, as those of the request.
///
/// # Errors
/// As [`CsvTracks::read`], or the table already has a column of an appended name.
pub(crate) fn answer(work: &Work, body: &[u8], default: Option<Decade>) -> Result<BatchAnswer, Rejection> {
    let CsvTracks { dialect, header, records, mut tracks, .. } = CsvTracks::read(work, body, TextReading::Omitted)?;
    fill_decades(&mut tracks, default, &work.loaded);
    let taken = APPENDED.iter().filter(|name| header.iter().any(|column| column == **name));
    let faults: Vec<Detail> = taken
        .map(|name| {
            let rule = "The column is there already and would be appended; rename or remove it";
            Detail::new("duplicate_column", vec![json!("body"), json!(name)], rule, &json!(name))
        })
        .collect();
    if !faults.is_empty() {
        return Err(Rejection::Invalid(faults));
    }
    let line = |bytes: &mut Vec<u8>, fields: &mut dyn Iterator<Item = &str>| {
        let mut builder = WriterBuilder::new();
        let mut writer = builder.delimiter(dialect.separator).buffer_capacity(LINE_BYTES).from_writer(bytes);
        writer.write_record(fields).map_err(internal)?;
        writer.flush().map_err(internal)
    };
    let mut first = Vec::new();
    line(&mut first, &mut header.iter().chain(APPENDED))?;
    let first = work.state.answers.part(first)?;
    let mut answer = in_parts(work, tracks, Include::default(), |bytes, row, outcome| {
        let appended = appended(&outcome, dialect.decimal_mark());
        // A row of more or fewer fields is refused, and its answer must have the columns of the header nevertheless.
        let own = (0..header.len()).map(|column| records[row].get(column).unwrap_or_default());
        line(bytes, &mut own.chain(appended.iter().map(String::as_str)))
    })?;
    answer.parts.insert(0, first);
    Ok(answer)
}

fn appended(outcome: &TrackOutcome, mark: DecimalMark) -> [String; APPENDED.len()] {
    let number = |value: f64| match mark {
        DecimalMark::Point => value.to_string(),
        DecimalMark::Comma => value.to_string().replace('.', ","),
    };
    let joined = |sentences: Vec<String>| sentences.join("; ");
    match outcome {
        TrackOutcome::Answered(answer) => [
            u8::from(answer.label == Label::Hit).to_string(),
            number(answer.probability),
            String::new(),
            joined(answer.warnings.iter().map(|warning| warning.msg.clone()).collect()),
        ],
        TrackOutcome::Null => Default::default(),
        TrackOutcome::Refused(FaultsBody { detail }) => {
            // Body and row are known from the position in the table.
            let place = |fault: &Detail| fault.loc.get(2).and_then(Value::as_str).map(str::to_owned);
            let sentence = |fault: &Detail| match place(fault) {
                Some(column) => format!("{column}: {}", fault.msg),
                None => fault.msg.clone(),
            };
            [String::new(), String::new(), joined(detail.iter().map(sentence).collect()), String::new()]
        }
    }
}
