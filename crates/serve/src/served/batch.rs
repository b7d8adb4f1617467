//! Many tracks at once: a JSON list or lines of JSON to the same, row by row in their order. A faulty row has its faults in its
//! place and stops no other. `csv_table` does the same for CSV.
//!
//! Rows are read by several threads; faults are made in the order of the rows, up to a maximum; answers are written in parts by
//! several threads, each part of which takes its room as it is made. Between parts it is checked whether the client is still there.

use axum::http::HeaderValue;
use axum::response::Response;
use hyper::body::Bytes;
use rayon::prelude::*;
use serde_json::{json, Value};

use super::default_decade::fill_decades;
use super::drift;
use super::prediction::{outcome, Include, TrackOutcome};
use super::{Work, ROWS_PER_PART};
use crate::answer::faults::{Detail, FaultBudget};
use crate::answer::rejection::Rejection;
use crate::answer::response::of_parts;
use crate::request::array_split;
use crate::request::field_names::FieldNames;
use crate::request::json_error;
use crate::request::raw_track::{CheckedRow, CheckedTrack, RawTrack};
use crate::request::request_body::{BodyItem, BodyItems};
use crate::request::shape::without_mark;
use crate::request::track_rows::TrackRows;
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::Decade;
use hitflop_model::scoring::Prediction;

/// A row that was read.
enum ReadRow {
    Item(BodyItem),
    /// A row that cannot be read.
    Invalid(Box<Detail>),
}

impl ReadRow {
    fn track(&self) -> Option<&RawTrack> {
        match self {
            ReadRow::Item(BodyItem::Track(track)) => Some(track),
            ReadRow::Item(BodyItem::Null | BodyItem::Other(_)) | ReadRow::Invalid(_) => None,
        }
    }
}

/// The answer to a batch.
pub(crate) struct BatchAnswer {
    pub parts: Vec<Bytes>,
    /// The header [`drift::DRIFT`], if a feature has changed.
    pub drift: Option<HeaderValue>,
}

impl BatchAnswer {
    /// The answer as a document of a content type.
    pub(crate) fn into_response(self, media: &'static str) -> Response {
        let mut response = of_parts(media, self.parts);
        response.headers_mut().extend(self.drift.map(|drift| (drift::DRIFT, drift)));
        response
    }
}

/// The answer to a JSON list of tracks, or to an envelope, whose outcomes are under `predictions`.
///
/// # Errors
/// The body is not JSON, is not a list of tracks, or has too many of them.
pub(crate) fn json(work: &Work, body: &[u8], decade: Option<Decade>) -> Result<BatchAnswer, Rejection> {
    let (member, mut rows) = list_rows(work, body, &FieldNames::default())?;
    fill_decades(&mut rows, decade, &work.loaded);
    written(work, rows, Include::default(), if member.is_some() { ENVELOPE } else { LIST })
}

/// The rows of a JSON list of tracks, or of an envelope, whose member is the first value.
///
/// # Errors
/// The body is not JSON, is not a list of tracks, or has too many of them.
pub(super) fn list_rows(
    work: &Work,
    body: &[u8],
    names: &FieldNames,
) -> Result<(Option<&'static str>, Vec<CheckedRow>), Rejection> {
    let most = work.state.config.limits.rows;
    if let Some(elements) = array_split::of_array(without_mark(body), most) {
        check_count(elements.count, most)?;
        if let Some(rows) = read_all(work, &elements.kept, names) {
            names.check_count()?;
            return Ok((None, checked(work, rows?, names, None)?));
        }
        // An element is not JSON. Its line and column are known once the whole body is read.
    }
    let items = BodyItems::from_slice(body, most, names);
    let items = items.map_err(|error| Rejection::invalid(json_error::in_list(&error, body)))?;
    names.check_count()?;
    let (member, items) = items.map_err(|other| {
        let rule = "Input should be a valid list of tracks";
        Rejection::invalid(Detail::new("list_type", vec![json!("body")], rule, &other))
    })?;
    check_count(items.count, most)?;
    Ok((member, checked(work, items.kept.into_iter().map(ReadRow::Item).collect(), names, member)?))
}

/// The row of a JSON object of one track.
pub(super) fn one_row(work: &Work, track: RawTrack, names: &FieldNames) -> Result<Vec<CheckedRow>, Rejection> {
    checked(work, vec![ReadRow::Item(BodyItem::Track(Box::new(track)))], names, None)
}

/// The bytes before all outcomes, between two and after all.
type Separators = [&'static [u8]; 3];
const LIST: Separators = [b"[", b",", b"]"];
const ENVELOPE: Separators = [br#"{"predictions":["#, b",", b"]}"];
const LINES: Separators = [b"", b"\n", b"\n"];

/// The rows of a list whose elements are all JSON.
fn read_all(work: &Work, elements: &[&[u8]], names: &FieldNames) -> Option<Result<Vec<ReadRow>, Rejection>> {
    let rows = elements.par_iter().with_min_len(ROWS_PER_PART).map(|element| {
        work.check_client().map_err(Some)?;
        BodyItem::from_slice(element, names).map(ReadRow::Item).map_err(|_| None)
    });
    match rows.collect::<Result<Vec<ReadRow>, Option<Rejection>>>() {
        Ok(rows) => Some(Ok(rows)),
        Err(Some(rejection)) => Some(Err(rejection)),
        Err(None) => None,
    }
}

/// Rows with their faults, of which the first are kept and the others counted. The columns of all rows together say what the
/// fields mean, which have `names`. `member` is the member of an envelope.
fn checked(
    work: &Work,
    rows: Vec<ReadRow>,
    names: &FieldNames,
    member: Option<&str>,
) -> Result<Vec<CheckedRow>, Rejection> {
    let tracks = TrackRows::new(rows.iter().filter_map(ReadRow::track).collect(), names)?;
    let mut good = good(work, tracks.count(), |index| tracks.good(index))?.into_iter().enumerate();
    let mut budget = FaultBudget::default();
    let mut faults = |index: usize, faults: Vec<Detail>| {
        let place: Vec<Value> = member.map(Value::from).into_iter().chain([json!(index)]).collect();
        budget.limit(faults.into_iter().map(|fault| fault.below(&place)).collect())
    };
    let mut checked = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        checked.push(match row {
            ReadRow::Item(BodyItem::Null) => Ok(None),
            ReadRow::Item(BodyItem::Other(found)) => Err(faults(index, vec![Detail::not_an_object(&found.to_value())])),
            ReadRow::Invalid(fault) => Err(faults(index, vec![(**fault).clone()])),
            ReadRow::Item(BodyItem::Track(_)) => match good.next() {
                Some((_, Some(track))) => Ok(Some(track)),
                Some((at, None)) => {
                    work.check_client()?;
                    Err(faults(index, tracks.check(at).err().unwrap_or_default()))
                }
                None => return Err(Rejection::Internal),
            },
        });
    }
    Ok(checked)
}

/// The good ones of so many rows, read by several threads. Faults take more room than rows, so they are made one after the other
/// once it is known how many there are before.
pub(super) fn good(
    work: &Work,
    rows: usize,
    read: impl Fn(usize) -> Option<CheckedTrack> + Sync,
) -> Result<Vec<Option<CheckedTrack>>, Rejection> {
    let row = |index| work.check_client().map(|()| read(index));
    (0..rows).into_par_iter().with_min_len(ROWS_PER_PART).map(row).collect()
}

/// The answer to the tracks of an envelope's member.
///
/// # Errors
/// There are too many.
pub(crate) fn envelope(
    work: &Work,
    items: BodyItems,
    names: &FieldNames,
    member: &str,
    include: Include,
) -> Result<BatchAnswer, Rejection> {
    let limits = &work.state.config.limits;
    check_count(items.count, limits.rows)?;
    let most = limits.explained;
    if include.is_any() && items.count > most {
        let rule = format!("Too many tracks to explain at a time, at most {most} are allowed, found {}", items.count);
        return Err(Rejection::TooLarge(rule));
    }
    let rows = items.kept.into_iter().map(ReadRow::Item).collect();
    written(work, checked(work, rows, names, Some(member))?, include, ENVELOPE)
}

/// The scores of the tracks among rows, in their order.
pub(super) fn scores(work: &Work, rows: &[CheckedRow]) -> Result<Vec<Option<Prediction>>, Rejection> {
    work.check_client()?;
    let good: Vec<&CheckedTrack> = rows.iter().filter_map(|row| row.as_ref().ok()?.as_ref()).collect();
    let good: Vec<&FeatureRow> = good.into_iter().map(|track| &track.row).collect();
    let scores = work.loaded.score_all(good.iter().copied())?;
    work.state.record(&work.loaded, &good, &scores);
    let mut scores = scores.into_iter();
    Ok(rows.iter().map(|row| if matches!(row, Ok(Some(_))) { scores.next() } else { None }).collect())
}

/// The outcomes of rows, which are scored and counted in the metrics, in parts: `write` appends an outcome and the number of its
/// row to the bytes of its part.
pub(super) fn in_parts(
    work: &Work,
    rows: Vec<CheckedRow>,
    include: Include,
    write: impl Fn(&mut Vec<u8>, usize, TrackOutcome) -> Result<(), Rejection> + Sync,
) -> Result<BatchAnswer, Rejection> {
    let scores = scores(work, &rows)?;
    let drift = drift::header(work, &rows);
    let mut rows: Vec<(CheckedRow, Option<Prediction>)> = rows.into_iter().zip(scores).collect();
    // Explanations take long, each on its own.
    let length = if include.is_any() { 1 } else { ROWS_PER_PART };
    let part = |(part, rows): (usize, &mut [(CheckedRow, Option<Prediction>)])| {
        work.check_client()?;
        let mut bytes = Vec::new();
        for (at, (row, score)) in rows.iter_mut().enumerate() {
            let outcome = outcome(&work.loaded, std::mem::replace(row, Ok(None)), *score, include)?;
            write(&mut bytes, part * length + at, outcome)?;
        }
        work.state.answers.part(bytes)
    };
    let parts = rows.par_chunks_mut(length).enumerate().map(part).collect::<Result<Vec<Bytes>, Rejection>>()?;
    Ok(BatchAnswer { parts, drift })
}

/// Outcomes as JSON, one after the other.
fn written(
    work: &Work,
    rows: Vec<CheckedRow>,
    include: Include,
    [before, between, after]: Separators,
) -> Result<BatchAnswer, Rejection> {
    let is_empty = rows.is_empty();
    let answer = in_parts(work, rows, include, |bytes, row, outcome| {
        bytes.extend_from_slice(if row == 0 { before } else { between });
        serde_json::to_writer(bytes, &outcome).map_err(internal)
    });
    let mut answer = answer?;
    match is_empty {
        true if before.is_empty() => {}
        true => answer.parts.push(Bytes::from([before, after].concat())),
        false => answer.parts.push(Bytes::from_static(after)),
    }
    Ok(answer)
}

/// # Errors
/// There are more rows than `most`.
pub(super) fn check_count(rows: usize, most: usize) -> Result<(), Rejection> {
    match rows <= most {
        true => Ok(()),
        false => Err(Rejection::too_many_rows(most, rows as u64)),
    }
}

/// A JSON document a line to an outcome a line. Blank lines are passed over.
///
/// # Errors
/// There are too many lines.
pub(crate) fn json_lines(work: &Work, body: &[u8], decade: Option<Decade>) -> Result<BatchAnswer, Rejection> {
    let mut rows = line_rows(work, body, &FieldNames::default())?;
    fill_decades(&mut rows, decade, &work.loaded);
    written(work, rows, Include::default(), LINES)
}

/// The rows of JSON documents, one a line. Blank lines are passed over.
///
/// # Errors
/// There are too many lines.
pub(super) fn line_rows(work: &Work, body: &[u8], names: &FieldNames) -> Result<Vec<CheckedRow>, Rejection> {
    let most = work.state.config.limits.rows;
    let mut lines = Vec::new();
    let mut count = 0;
    for line in without_mark(body).split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        count += 1;
        if count <= most {
            lines.push(line);
        }
    }
    check_count(count, most)?;
    let row = |line: &&[u8]| {
        work.check_client()?;
        Ok(match BodyItem::from_slice(line, names) {
            Ok(item) => ReadRow::Item(item),
            Err(error) => ReadRow::Invalid(Box::new(json_error::detail(&error, line))),
        })
    };
    let rows: Result<Vec<ReadRow>, Rejection> = lines.par_iter().with_min_len(ROWS_PER_PART).map(row).collect();
    let rows = rows?;
    names.check_count()?;
    checked(work, rows, names, None)
}

pub(super) fn internal(error: impl std::fmt::Display) -> Rejection {
    tracing::error!(%error, "an answer cannot be written");
    Rejection::Internal
}
