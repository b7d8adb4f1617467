//! Tables: CSV to the same table with the answers appended.

use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use hyper::body::Bytes;
use rayon::prelude::*;
use serde_json::{json, Value};

use super::batch::{check_count, in_parts, internal, with_faults, FaultyRow, ReadRow, ROWS_PER_PART};
use super::prediction::{Include, TrackOutcome};
use super::Work;
use crate::http::rejection::{FaultsBody, Rejection};
use crate::request::faults::Detail;
use crate::request::field_names::{feature_named, FieldNames, Misspelt};
use crate::request::json_number::JsonNumber;
use crate::request::number;
use crate::request::preview::shown_texts;
use crate::request::raw_track::{CheckedRow, RawTrack};
use crate::request::shape::without_mark;
use crate::request::{csv_width, table_header};
use hitflop_core::track::{Feature, Label};

/// The columns that are appended to a table.
const APPENDED: [&str; 4] = ["label", "probability", "error", "warnings"];

/// Room for a line of a table while it is written.
const LINE_BYTES: usize = 512;

/// A table with a header, and a column for at least one feature.
pub struct CsvTracks {
    header: StringRecord,
    records: Vec<StringRecord>,
    /// Columns that look like a feature's.
    pub misspelt: Vec<Misspelt>,
    /// The tracks, one a record.
    pub tracks: Vec<CheckedRow>,
}

/// The columns of a table.
struct TableColumns {
    /// The feature of every column.
    features: Vec<Option<Feature>>,
    misspelt: Vec<Misspelt>,
}

impl CsvTracks {
    /// Reads a table of at most as many rows as are allowed.
    ///
    /// # Errors
    /// The body is not CSV, has no header, no feature's column or one twice, or too many rows or columns.
    pub fn read(work: &Work, body: &[u8]) -> Result<CsvTracks, Rejection> {
        csv_width::check(without_mark(body))?;
        let most = work.state.config.limits.rows;
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(without_mark(body));
        let header = reader.headers().map_err(|error| Rejection::invalid(csv_invalid(&error)))?.clone();
        let columns = TableColumns::of(&header)?;
        table_header::check(&header, body)?;
        let mut records = Vec::new();
        for (index, record) in reader.records().enumerate() {
            check_count(index + 1, most)?;
            records.push(record.map_err(|error| Rejection::invalid(csv_invalid(&error).below(&[json!(index)])))?);
        }
        let row = |record: &StringRecord| work.check_client().map(|()| columns.row(record));
        let rows = records.par_iter().with_min_len(ROWS_PER_PART).map(row).collect::<Result<Vec<ReadRow>, Rejection>>();
        Ok(CsvTracks { header, records, tracks: with_faults(work, rows?, None)?, misspelt: columns.misspelt })
    }
}

impl TableColumns {
    fn of(header: &StringRecord) -> Result<TableColumns, Rejection> {
        csv_width::check_columns(header.len())?;
        let names = FieldNames::default();
        let mut columns = TableColumns { features: Vec::with_capacity(header.len()), misspelt: Vec::new() };
        for name in header {
            let feature = feature_named(name.trim());
            if feature.is_none() {
                names.note(name, &mut columns.misspelt);
            }
            columns.features.push(feature);
        }
        let twice = |feature: &Feature| columns.features.iter().filter(|other| **other == Some(*feature)).count() > 1;
        let fault = |feature: Feature| {
            let place = vec![json!("body"), json!(feature.name())];
            Detail::new("duplicate_column", place, "The column stands twice", &json!(feature.name()))
        };
        let faults: Vec<Detail> = Feature::ALL.into_iter().filter(twice).map(fault).collect();
        match faults.is_empty() {
            true => Ok(columns),
            false => Err(Rejection::Invalid(faults)),
        }
    }

    fn row(&self, record: &StringRecord) -> ReadRow {
        let count = self.features.len();
        if record.len() != count {
            let rule = format!("Row should have {count} fields as the header has, found {}", record.len());
            let fault = Detail::new("field_count", vec![json!("body")], rule, &shown_texts(record.iter()));
            return Err(FaultyRow::Invalid(fault));
        }
        let mut track = RawTrack::default();
        for (field, feature) in record.iter().zip(&self.features) {
            match feature {
                // An empty field is a missing value, as pandas writes one.
                Some(feature) if field.trim().is_empty() => track.give(*feature, JsonNumber::Null),
                Some(feature) => track.give(*feature, spelt(*feature, field)),
                None => {}
            }
        }
        track.note_misspelt(&self.misspelt);
        track.try_check().map(Some).map_err(FaultyRow::Track)
    }
}

/// A valid text is a number at once; any other text is kept.
fn spelt(feature: Feature, field: &str) -> JsonNumber {
    match number::read_text(feature, field) {
        Ok(number) => JsonNumber::Float(number),
        Err(_) => JsonNumber::text(field),
    }
}

fn csv_invalid(error: &csv::Error) -> Detail {
    let rule = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "CSV should be UTF-8",
        _ => "CSV decode error",
    };
    Detail::new("csv_invalid", vec![json!("body")], rule, &json!({}))
}

/// A table with label (1 hit, 0 flop), probability of a hit, faults and warnings appended.
///
/// # Errors
/// As [`CsvTracks::read`], or the table already has a column of an appended name.
pub fn answer(work: &Work, body: &[u8]) -> Result<Vec<Bytes>, Rejection> {
    let CsvTracks { header, records, tracks, .. } = CsvTracks::read(work, body)?;
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
    let mut first = Vec::new();
    csv::Writer::from_writer(&mut first).write_record(header.iter().chain(APPENDED)).map_err(internal)?;
    let mut parts = vec![work.state.answers.part(first)?];
    parts.extend(in_parts(work, tracks, Include::default(), |bytes, row, outcome| {
        let appended = appended(&outcome);
        // A row of more or fewer fields is refused, and its answer must have the columns of the header nevertheless.
        let own = (0..header.len()).map(|column| records[row].get(column).unwrap_or_default());
        let mut writer = WriterBuilder::new().buffer_capacity(LINE_BYTES).from_writer(bytes);
        writer.write_record(own.chain(appended.iter().map(String::as_str))).map_err(internal)?;
        writer.flush().map_err(internal)
    })?);
    Ok(parts)
}

fn appended(outcome: &TrackOutcome) -> [String; APPENDED.len()] {
    let joined = |sentences: Vec<String>| sentences.join("; ");
    match outcome {
        TrackOutcome::Answered(answer) => [
            u8::from(answer.label == Label::Hit).to_string(),
            answer.probability.to_string(),
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
