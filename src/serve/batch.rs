//! Many tracks at once: JSON, lines of JSON or CSV in, the same out, row by row in their order. A faulty row has its faults
//! in its place and stops no other.

use csv::{ReaderBuilder, StringRecord};
use serde_json::{json, Value};

use super::answer::{labels, outcomes, Further, Outcome};
use super::loaded::Loaded;
use super::number;
use super::rejection::{Detail, Rejection, Told};
use super::shapes::{without_mark, Draft, Item, Items, Lax, Track};
use super::state::State;
use crate::track::{Feature, Label};

/// The columns that are appended to a table.
const APPENDED: [&str; 4] = ["label", "probability", "error", "warnings"];

/// A row: a track, none, or its faults.
pub type Checked = Result<Option<Track>, Vec<Detail>>;

/// A JSON array of tracks, or an envelope, to an array of outcomes; an envelope's stands under `predictions`.
///
/// # Errors
/// It is not JSON, something else than a list of tracks, or too many of them.
pub fn json(state: &State, loaded: &Loaded, body: &[u8]) -> Result<Vec<u8>, Rejection> {
    let most = state.config.limits.rows;
    let items = Items::from_slice(body, most).map_err(|error| Rejection::invalid(Detail::json_invalid(&error)))?;
    let (member, items) = items.map_err(|other| {
        let rule = "Input should be a valid list of tracks";
        Rejection::invalid(Detail::new("list_type", vec![json!("body")], rule, &other))
    })?;
    let outcomes = outcomes_of(state, loaded, items, member, Further::default())?;
    let answer = match member {
        None => serde_json::to_vec(&outcomes),
        Some(_) => serde_json::to_vec(&Envelope { predictions: &outcomes }),
    };
    answer.map_err(internal)
}

/// The answer to an envelope.
#[derive(serde::Serialize)]
struct Envelope<'a> {
    predictions: &'a [Outcome<'a>],
}

/// Outcomes of a list of tracks, which stands in `member` of an envelope.
///
/// # Errors
/// There are too many.
pub fn outcomes_of<'a>(
    state: &State,
    loaded: &'a Loaded,
    items: Items,
    member: Option<&str>,
    further: Further,
) -> Result<Vec<Outcome<'a>>, Rejection> {
    check_count(items.count, state.config.limits.rows)?;
    let mut told = Told::default();
    let row = |(index, item): (usize, Item)| {
        let place: Vec<Value> = member.map(Value::from).into_iter().chain([json!(index)]).collect();
        check(item, &place).map_err(|faults| told.limit(faults))
    };
    let outcomes = outcomes(loaded, items.kept.into_iter().enumerate().map(row).collect(), further)?;
    state.metrics.predicted(labels(&outcomes));
    Ok(outcomes)
}

/// The answer to an envelope of tracks.
///
/// # Errors
/// There are too many.
pub fn envelope(
    state: &State,
    loaded: &Loaded,
    items: Items,
    member: &str,
    further: Further,
) -> Result<Vec<u8>, Rejection> {
    let predictions = &outcomes_of(state, loaded, items, Some(member), further)?[..];
    serde_json::to_vec(&Envelope { predictions }).map_err(internal)
}

fn check(item: Item, place: &[Value]) -> Checked {
    let below = |faults: Vec<Detail>| faults.into_iter().map(|fault| fault.below(place)).collect();
    match item {
        Item::Track(draft) => draft.check().map(Some).map_err(below),
        Item::Null => Ok(None),
        Item::Other(value) => Err(below(vec![not_a_track(&value)])),
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
        false => Err(Rejection::TooLarge(format!("Too many rows, at most {most} are allowed, found {rows}"))),
    }
}

/// A JSON document a line to an outcome a line. Blank lines are passed over.
///
/// # Errors
/// There are too many lines.
pub fn json_lines(state: &State, loaded: &Loaded, body: &[u8]) -> Result<Vec<u8>, Rejection> {
    let lines = || without_mark(body).split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    check_count(lines().count(), state.config.limits.rows)?;
    let mut told = Told::default();
    let row = |(index, line): (usize, &[u8])| {
        let checked = match Draft::from_slice(line) {
            Ok(item) => check(item, &[json!(index)]),
            Err(error) => Err(vec![Detail::json_invalid(&error).below(&[json!(index)])]),
        };
        checked.map_err(|faults| told.limit(faults))
    };
    let outcomes = outcomes(loaded, lines().enumerate().map(row).collect(), Further::default())?;
    state.metrics.predicted(labels(&outcomes));
    let mut answer = Vec::new();
    for outcome in &outcomes {
        serde_json::to_writer(&mut answer, outcome).map_err(internal)?;
        answer.push(b'\n');
    }
    Ok(answer)
}

/// A table with a header, and a column for at least one feature.
#[derive(Debug)]
pub struct Table {
    header: StringRecord,
    records: Vec<StringRecord>,
    /// The tracks, one a record.
    pub tracks: Vec<Checked>,
}

impl Table {
    /// Reads a table of at most `most` rows.
    ///
    /// # Errors
    /// It is not CSV, has no header, no feature's column or one twice, or too many rows.
    pub fn read(body: &[u8], most: usize) -> Result<Table, Rejection> {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(without_mark(body));
        let header = reader.headers().map_err(|error| Rejection::invalid(csv_invalid(&error)))?.clone();
        let columns = columns(&header)?;
        let mut records = Vec::new();
        let mut tracks = Vec::new();
        let mut told = Told::default();
        for (index, record) in reader.records().enumerate() {
            check_count(index + 1, most)?;
            let record = record.map_err(|error| Rejection::invalid(csv_invalid(&error).below(&[json!(index)])))?;
            let below = |faults: Vec<Detail>| {
                told.limit(faults.into_iter().map(|fault| fault.below(&[json!(index)])).collect())
            };
            tracks.push(track(&header, &columns, &record).map(Some).map_err(below));
            records.push(record);
        }
        Ok(Table { header, records, tracks })
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
    if columns.iter().all(Option::is_none) {
        let rule = "A table needs a header with a column for at least one of the audio features";
        let found = json!(header.iter().collect::<Vec<&str>>());
        return Err(Rejection::invalid(Detail::new("missing", vec![json!("body")], rule, &found)));
    }
    Ok(columns)
}

fn track(header: &StringRecord, columns: &[Option<Feature>], record: &StringRecord) -> Result<Track, Vec<Detail>> {
    if record.len() != columns.len() {
        let rule = format!("Row should have {} fields as the header has, found {}", columns.len(), record.len());
        let found = json!(record.iter().collect::<Vec<&str>>());
        return Err(vec![Detail::new("field_count", vec![json!("body")], rule, &found)]);
    }
    let mut draft = Draft::default();
    for ((field, column), name) in record.iter().zip(columns).zip(header) {
        match column {
            // An empty field is a missing value, as pandas writes one.
            Some(feature) if field.trim().is_empty() => draft.give(*feature, Lax::Null),
            Some(feature) => draft.give(*feature, spelt(*feature, field)),
            None => draft.note(name),
        }
    }
    draft.check()
}

/// Good text is a number at once; other text is kept as it is.
fn spelt(feature: Feature, field: &str) -> Lax {
    match number::read_text(feature, field) {
        Ok(number) => Lax::Number(number),
        Err(_) => Lax::Other(json!(field)),
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
/// Those of [`Table::read`], or a column of that name is there already.
pub fn csv(state: &State, loaded: &Loaded, body: &[u8]) -> Result<Vec<u8>, Rejection> {
    let Table { header, records, tracks } = Table::read(body, state.config.limits.rows)?;
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
    let outcomes = outcomes(loaded, tracks, Further::default())?;
    state.metrics.predicted(labels(&outcomes));
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

fn appended(outcome: &Outcome) -> [String; APPENDED.len()] {
    let joined = |sentences: Vec<String>| sentences.join("; ");
    match outcome {
        Outcome::Answered(answer) => [
            u8::from(answer.label == Label::Hit).to_string(),
            answer.probability.to_string(),
            String::new(),
            joined(answer.warnings.iter().map(|warning| warning.msg.clone()).collect()),
        ],
        Outcome::Null => Default::default(),
        Outcome::Refused { detail } => {
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
