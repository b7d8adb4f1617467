//! Many tracks at once: a JSON list or lines of JSON to the same, row by row in their order. A faulty row has its faults in its
//! place and stops no other. `csv_table` does the same for CSV.

use rayon::prelude::*;
use serde_json::{json, Value};

use super::prediction::{labels, outcomes, Include, TrackOutcome};
use super::served_model::ServedModel;
use super::state::State;
use crate::http::rejection::Rejection;
use crate::request::array_split;
use crate::request::faults::{Detail, FaultBudget};
use crate::request::json_error;
use crate::request::raw_track::CheckedRow;
use crate::request::request_body::{BodyItem, BodyItems};
use crate::request::shape::without_mark;

/// Minimum number of rows of a thread: fewer are read sooner than handed over.
pub(super) const MIN_ROWS_PER_THREAD: usize = 64;

/// The answer to a JSON list of tracks, or to an envelope, whose outcomes are under `predictions`.
///
/// # Errors
/// The body is not JSON, is not a list of tracks, or has too many of them.
pub fn json(state: &State, loaded: &ServedModel, body: &[u8]) -> Result<Vec<u8>, Rejection> {
    let most = state.config.limits.rows;
    if let Some(elements) = array_split::of_array(without_mark(body)) {
        check_count(elements.len(), most)?;
        if let Some(tracks) = read_all(&elements) {
            let outcomes = answered(state, loaded, tracks, Include::default())?;
            return written(&outcomes, b"[", b",", b"]");
        }
        // An element is not JSON. Its line and column are known once the whole body is read.
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
    let row =
        |(index, element): (usize, &&[u8])| Some(check_item(BodyItem::from_slice(element).ok()?, &[json!(index)]));
    elements.par_iter().enumerate().with_min_len(MIN_ROWS_PER_THREAD).map(row).collect()
}

/// Outcomes of a list of tracks, which is in `member` of an envelope.
///
/// # Errors
/// There are too many.
pub fn outcomes_of<'a>(
    state: &State,
    loaded: &'a ServedModel,
    items: BodyItems,
    member: Option<&str>,
    include: Include,
) -> Result<Vec<TrackOutcome<'a>>, Rejection> {
    check_count(items.count, state.config.limits.rows)?;
    let most = state.config.limits.explained;
    if include.is_any() && items.count > most {
        let rule = format!("Too many tracks to explain at a time, at most {most} are allowed, found {}", items.count);
        return Err(Rejection::TooLarge(rule));
    }
    let row = |(index, item): (usize, BodyItem)| {
        let place: Vec<Value> = member.map(Value::from).into_iter().chain([json!(index)]).collect();
        check_item(item, &place)
    };
    answered(state, loaded, items.kept.into_iter().enumerate().map(row).collect(), include)
}

/// The answers for rows, which are counted in the metrics.
pub(super) fn answered<'a>(
    state: &State,
    loaded: &'a ServedModel,
    mut tracks: Vec<CheckedRow>,
    include: Include,
) -> Result<Vec<TrackOutcome<'a>>, Rejection> {
    limit_faults(&mut tracks);
    let outcomes = outcomes(loaded, tracks, include)?;
    state.metrics.predicted(labels(&outcomes));
    Ok(outcomes)
}

/// Of many faults the first are kept, the others counted.
fn limit_faults(tracks: &mut [CheckedRow]) {
    let mut budget = FaultBudget::default();
    for faults in tracks.iter_mut().filter_map(|track| track.as_mut().err()) {
        *faults = budget.limit(std::mem::take(faults));
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
    // There is no separator after the last.
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
    include: Include,
) -> Result<Vec<u8>, Rejection> {
    let outcomes = outcomes_of(state, loaded, items, Some(member), include)?;
    written(&outcomes, br#"{"predictions":["#, b",", b"]}")
}

fn check_item(item: BodyItem, place: &[Value]) -> CheckedRow {
    let below = |faults: Vec<Detail>| faults.into_iter().map(|fault| fault.below(place)).collect();
    match item {
        BodyItem::Track(track) => track.check().map(Some).map_err(below),
        BodyItem::Null => Ok(None),
        BodyItem::Other(value) => Err(below(vec![Detail::not_an_object(&value)])),
    }
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
pub fn json_lines(state: &State, loaded: &ServedModel, body: &[u8]) -> Result<Vec<u8>, Rejection> {
    let lines = without_mark(body).split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let lines: Vec<&[u8]> = lines.collect();
    check_count(lines.len(), state.config.limits.rows)?;
    let row = |(index, line): (usize, &&[u8])| match BodyItem::from_slice(line) {
        Ok(item) => check_item(item, &[json!(index)]),
        Err(error) => Err(vec![json_error::detail(&error, line).below(&[json!(index)])]),
    };
    let tracks = lines.par_iter().enumerate().with_min_len(MIN_ROWS_PER_THREAD).map(row).collect();
    let outcomes = answered(state, loaded, tracks, Include::default())?;
    let end: &[u8] = if outcomes.is_empty() { b"" } else { b"\n" };
    written(&outcomes, b"", b"\n", end)
}

pub(super) fn internal(error: impl std::fmt::Display) -> Rejection {
    tracing::error!(%error, "an answer cannot be written");
    Rejection::Internal
}
