//! Many tracks at once: JSON, lines of JSON or CSV in, the same out, row by row in their order. A faulty row has its faults
//! in its place and stops no other.

use csv::{ReaderBuilder, StringRecord};
use rayon::prelude::*;
use serde_json::{json, Value};

use super::prediction::{labels, outcomes, Include, TrackOutcome};
use super::served_model::ServedModel;
use super::state::State;
use crate::http::rejection::{Detail, FaultBudget, Rejection};
use crate::request::array_split;
use crate::request::json_error;
use crate::request::number;
use crate::request::request_body::{without_mark, BodyItem, BodyItems, CheckedTrack, JsonNumber, RawTrack};
use crate::request::table_header;
use hitflop_core::track::{Feature, Label};

/// The columns that are appended to a table.
const APPENDED: [&str; 4] = ["label", "probability", "error", "warnings"];

/// Rows that a thread takes at least: fewer are read sooner than handed over.
const MIN_ROWS_PER_THREAD: usize = 64;

/// A row: a track, none, or its faults.
pub type CheckedRow = Result<Option<CheckedTrack>, Vec<Detail>>;

/// A JSON array of tracks, or an envelope, to an array of outcomes; an envelope's stands under `predictions`.
///
/// # Errors
/// It is not JSON, something else than a list of tracks, or too many of them.
pub fn json(state: &State, loaded: &ServedModel, body: &[u8]) -> Result<Vec<u8>, Rejection> {
    let most = state.config.limits.rows;
    if let Some(elements) = array_split::of_array(without_mark(body)) {
        check_count(elements.len(), most)?;
        if let Some(tracks) = read_all(&elements) {
            let outcomes = answered(state, loaded, tracks, Include::default())?;
            return written(&outcomes, b"[", b",", b"]");
        }
        // An element that is not JSON: what reads the body as a whole knows its line and column.
    }
    let items =
        BodyItems::from_slice(body, most).map_err(|error| Rejection::invalid(json_error::in_list(&error, body)))?;
    let (member, items) = items.map_err(|other| {
        let rule = "Input should be a valid list of tracks";
        Rejection::invalid(Detail::new("list_type", vec![json!("body")], rule, &other))
    })?;
    match member {
        None => written(&outcomes_of(state, loaded, items, None, Include::default())?, b"[", b",", b"]"),
        Some(member) => envelope(state, loaded, items, member, Include::default()),
    }
}

/// The rows of a list whose elements are all JSON.
fn read_all(elements: &[&[u8]]) -> Option<Vec<CheckedRow>> {
    let row = |(index, element): (usize, &&[u8])| Some(check(RawTrack::from_slice(element).ok()?, &[json!(index)]));
    elements.par_iter().enumerate().with_min_len(MIN_ROWS_PER_THREAD).map(row).collect()
}

/// Outcomes of a list of tracks, which stands in `member` of an envelope.
///
/// # Errors
/// There are too many.
pub fn outcomes_of<'a>(
    state: &State,
    loaded: &'a ServedModel,
    items: BodyItems,
    member: Option<&str>,
    further: Include,
) -> Result<Vec<TrackOutcome<'a>>, Rejection> {
    check_count(items.count, state.config.limits.rows)?;
    let most = state.config.limits.explained;
    if further.is_any() && items.count > most {
        let rule = format!("Too many tracks to explain at a time, at most {most} are allowed, found {}", items.count);
        return Err(Rejection::TooLarge(rule));
    }
    let row = |(index, item): (usize, BodyItem)| {
        let place: Vec<Value> = member.map(Value::from).into_iter().chain([json!(index)]).collect();
        check(item, &place)
    };
    answered(state, loaded, items.kept.into_iter().enumerate().map(row).collect(), further)
}

/// What becomes of rows, which is counted.
fn answered<'a>(
    state: &State,
    loaded: &'a ServedModel,
    mut tracks: Vec<CheckedRow>,
    further: Include,
) -> Result<Vec<TrackOutcome<'a>>, Rejection> {
    limit_faults(&mut tracks);
    let outcomes = outcomes(loaded, tracks, further)?;
    state.metrics.predicted(labels(&outcomes));
    Ok(outcomes)
}

/// Of many faults the first are kept, the others counted.
fn limit_faults(tracks: &mut [CheckedRow]) {
    let mut told = FaultBudget::default();
    for faults in tracks.iter_mut().filter_map(|track| track.as_mut().err()) {
        *faults = told.limit(std::mem::take(faults));
    }
}

/// Outcomes as JSON, one after the other: `before` all, `between` two, `after` all.
fn written(outcomes: &[TrackOutcome], before: &[u8], between: &[u8], after: &[u8]) -> Result<Vec<u8>, Rejection> {
    let block = |outcomes: &[TrackOutcome]| {
        let mut json = Vec::new();
        for outcome in outcomes {
            serde_json::to_writer(&mut json, outcome).map_err(internal)?;
            json.extend_from_slice(between);
        }
        Ok(json)
    };
    let blocks = outcomes.par_chunks(MIN_ROWS_PER_THREAD).map(block).collect::<Result<Vec<Vec<u8>>, Rejection>>()?;
    let mut json = before.to_vec();
    json.reserve(blocks.iter().map(Vec::len).sum::<usize>() + after.len());
    blocks.iter().for_each(|block| json.extend_from_slice(block));
    // None comes after the last.
    json.truncate(json.len() - if outcomes.is_empty() { 0 } else { between.len() });
    json.extend_from_slice(after);
    Ok(json)
}

/// The answer to an envelope of tracks.
///
/// # Errors
/// There are too many.
pub fn envelope(
    state: &State,
    loaded: &ServedModel,
    items: BodyItems,
    member: &str,
    further: Include,
) -> Result<Vec<u8>, Rejection> {
    let outcomes = outcomes_of(state, loaded, items, Some(member), further)?;
    written(&outcomes, br#"{"predictions":["#, b",", b"]}")
}

fn check(item: BodyItem, place: &[Value]) -> CheckedRow {
    let below = |faults: Vec<Detail>| faults.into_iter().map(|fault| fault.below(place)).collect();
    match item {
        BodyItem::Track(draft) => draft.check().map(Some).map_err(below),
        BodyItem::Null => Ok(None),
        BodyItem::Other(value) => Err(below(vec![not_a_track(&value)])),
    }
}

/// A body, or an element of one, that is no object.
pub fn not_a_track(found: &Value) -> Detail {
    let rule = "Input should be a valid dictionary or object to extract fields from";
    Detail::new("model_attributes_type", vec![json!("body")], rule, found)
}

fn check_count(rows: usize, most: usize) -> Result<(), Rejection> {
    match rows <= most {
        true => Ok(()),
        false => Err(Rejection::too_many_rows(most, rows as u64)),
    }
}

/// A JSON document a line to an outcome a line. Blank lines are passed over.
///
/// # Errors
/// There are too many lines.
pub fn json_lines(state: &State, loaded: &ServedModel, body: &[u8]) -> Result<Vec<u8>, Rejection> {
    let lines = without_mark(body).split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let lines: Vec<&[u8]> = lines.collect();
    check_count(lines.len(), state.config.limits.rows)?;
    let row = |(index, line): (usize, &&[u8])| match RawTrack::from_slice(line) {
        Ok(item) => check(item, &[json!(index)]),
        Err(error) => Err(vec![json_error::detail(&error, line).below(&[json!(index)])]),
    };
    let tracks = lines.par_iter().enumerate().with_min_len(MIN_ROWS_PER_THREAD).map(row).collect();
    let outcomes = answered(state, loaded, tracks, Include::default())?;
    let end: &[u8] = if outcomes.is_empty() { b"" } else { b"\n" };
    written(&outcomes, b"", b"\n", end)
}

/// A table with a header, and a column for at least one feature.
#[derive(Debug)]
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
    /// It is not CSV, has no header, no feature's column or one twice, or too many rows.
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
    let mut draft = RawTrack::default();
    for ((field, column), name) in record.iter().zip(columns).zip(header) {
        match column {
            // An empty field is a missing value, as pandas writes one.
            Some(feature) if field.trim().is_empty() => draft.give(*feature, JsonNumber::Null),
            Some(feature) => draft.give(*feature, spelt(*feature, field)),
            None => draft.note(name),
        }
    }
    draft.check()
}

/// Good text is a number at once; other text is kept as it is.
fn spelt(feature: Feature, field: &str) -> JsonNumber {
    match number::read_text(feature, field) {
        Ok(number) => JsonNumber::Number(number),
        Err(_) => JsonNumber::Other(json!(field)),
    }
}

fn csv_invalid(error: &csv::Error) -> Detail {
    let rule = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "CSV should be UTF-8",
        _ => "CSV decode error",
    };
    Detail::new("csv_invalid", vec![json!("body")], rule, &json!({}))
}

/// A table to the same table with label (1 hit, 0 flop), probability of a hit, faults and warnings appended.
///
/// # Errors
/// Those of [`CsvTracks::read`], or a column of that name is there already.
pub fn csv(state: &State, loaded: &ServedModel, body: &[u8]) -> Result<Vec<u8>, Rejection> {
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
        // A row of more or fewer fields is refused, and its answer must stand in the columns of the header all the same.
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
        TrackOutcome::Refused { detail } => {
            // Body and index of the row are known from where it stands.
            let place = |fault: &Detail| fault.loc.get(2).and_then(Value::as_str).map(str::to_owned);
            let sentence = |fault: &Detail| match place(fault) {
                Some(column) => format!("{column}: {}", fault.msg),
                None => fault.msg.clone(),
            };
            [String::new(), String::new(), joined(detail.iter().map(sentence).collect()), String::new()]
        }
    }
}

fn internal(error: impl std::fmt::Display) -> Rejection {
    tracing::error!(%error, "an answer cannot be written");
    Rejection::Internal
}
