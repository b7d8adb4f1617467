//! Tables: CSV to the same table with the answers appended.

use csv::{ReaderBuilder, StringRecord};
use rayon::prelude::*;
use serde_json::{json, Value};

use super::batch::{answered, check_count, internal, MIN_ROWS_PER_THREAD};
use super::prediction::{Include, TrackOutcome};
use super::served_model::ServedModel;
use super::state::State;
use crate::http::rejection::{FaultsBody, Rejection};
use crate::request::faults::Detail;
use crate::request::json_number::JsonNumber;
use crate::request::number;
use crate::request::raw_track::{CheckedRow, CheckedTrack, RawTrack};
use crate::request::shape::without_mark;
use crate::request::table_header;
use hitflop_core::track::{Feature, Label};

/// The columns that are appended to a table.
const APPENDED: [&str; 4] = ["label", "probability", "error", "warnings"];

/// A table with a header, and a column for at least one feature.
pub struct CsvTracks {
    header: StringRecord,
    records: Vec<StringRecord>,
    /// The tracks, one a record.
    pub tracks: Vec<CheckedRow>,
}

impl CsvTracks {
    /// Reads a table of at most `most` rows.
    ///
    /// # Errors
    /// The body is not CSV, has no header, no feature's column or one twice, or too many rows.
    pub fn read(body: &[u8], most: usize) -> Result<CsvTracks, Rejection> {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(without_mark(body));
        let header = reader.headers().map_err(|error| Rejection::invalid(csv_invalid(&error)))?.clone();
        let columns = columns(&header)?;
        table_header::check(&header, body)?;
        let mut records = Vec::new();
        for (index, record) in reader.records().enumerate() {
            check_count(index + 1, most)?;
            records.push(record.map_err(|error| Rejection::invalid(csv_invalid(&error).below(&[json!(index)])))?);
        }
        let row = |(index, record): (usize, &StringRecord)| {
            let below = |faults: Vec<Detail>| faults.into_iter().map(|fault| fault.below(&[json!(index)])).collect();
            track(&header, &columns, record).map(Some).map_err(below)
        };
        let tracks = records.par_iter().enumerate().with_min_len(MIN_ROWS_PER_THREAD).map(row).collect();
        Ok(CsvTracks { header, records, tracks })
    }
}

/// The feature of every column.
fn columns(header: &StringRecord) -> Result<Vec<Option<Feature>>, Rejection> {
    let columns: Vec<Option<Feature>> = header.iter().map(|name| Feature::from_name(name.trim())).collect();
    let twice = |feature: &Feature| columns.iter().filter(|other| **other == Some(*feature)).count() > 1;
    let faults: Vec<Detail> = Feature::ALL
        .into_iter()
        .filter(twice)
        .map(|feature| {
            let place = vec![json!("body"), json!(feature.name())];
            Detail::new("duplicate_column", place, "The column stands twice", &json!(feature.name()))
        })
        .collect();
    if !faults.is_empty() {
        return Err(Rejection::Invalid(faults));
    }
    Ok(columns)
}

fn track(
    header: &StringRecord,
    columns: &[Option<Feature>],
    record: &StringRecord,
) -> Result<CheckedTrack, Vec<Detail>> {
    if record.len() != columns.len() {
        let rule = format!("Row should have {} fields as the header has, found {}", columns.len(), record.len());
        let found = json!(record.iter().collect::<Vec<&str>>());
        return Err(vec![Detail::new("field_count", vec![json!("body")], rule, &found)]);
    }
    let mut track = RawTrack::default();
    for ((field, column), name) in record.iter().zip(columns).zip(header) {
        match column {
            // An empty field is a missing value, as pandas writes one.
            Some(feature) if field.trim().is_empty() => track.give(*feature, JsonNumber::Null),
            Some(feature) => track.give(*feature, spelt(*feature, field)),
            None => track.note(name),
        }
    }
    track.check()
}

/// A valid text is a number at once; any other text is kept.
fn spelt(feature: Feature, field: &str) -> JsonNumber {
    match number::read_text(feature, field) {
        Ok(number) => JsonNumber::Float(number),
        Err(_) => JsonNumber::Other(Box::new(json!(field))),
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
pub fn answer(state: &State, loaded: &ServedModel, body: &[u8]) -> Result<Vec<u8>, Rejection> {
    let CsvTracks { header, records, tracks } = CsvTracks::read(body, state.config.limits.rows)?;
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
    let outcomes = answered(state, loaded, tracks, Include::default())?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header.iter().chain(APPENDED)).map_err(internal)?;
    for (record, outcome) in records.iter().zip(&outcomes) {
        let appended = appended(outcome);
        // A row of more or fewer fields is refused, and its answer must have the columns of the header nevertheless.
        let own = (0..header.len()).map(|column| record.get(column).unwrap_or_default());
        writer.write_record(own.chain(appended.iter().map(String::as_str))).map_err(internal)?;
    }
    writer.into_inner().map_err(internal)
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
