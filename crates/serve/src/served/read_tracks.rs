//! Tracks of a text as they are read: JSON, lines of JSON or a table, to features under their documented names and in their units.

use hyper::body::Bytes;
use rayon::prelude::*;
use serde::de::IgnoredAny;
use serde::Serialize;
use serde_json::{json, Map, Value};
use utoipa::ToSchema;

use super::batch::{internal, line_rows, list_rows, one_row};
use super::csv_table::{CsvTracks, TextReading};
use super::{Work, ROWS_PER_PART};
use crate::answer::faults::Detail;
use crate::answer::rejection::{FaultsBody, Rejection};
use crate::answer::warning::Warning;
use crate::request::field_names::FieldNames;
use crate::request::json_error;
use crate::request::media_type::MediaType;
use crate::request::raw_track::{CheckedRow, CheckedTrack, SentTexts};
use crate::request::request_body::RequestBody;
use crate::request::shape::without_mark;
use crate::request::table_text::decoded;
use crate::schema;
use hitflop_core::track::{Decade, Feature};

/// A track as it is read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadTrack {
    /// Null where it is not known.
    #[schema(required = true)]
    title: Option<String>,
    /// Null where it is not known.
    #[schema(required = true)]
    artist: Option<String>,
    /// Null where it is not known.
    #[schema(required = true)]
    uri: Option<String>,
    /// First year of the decade; null where it is not known.
    #[schema(schema_with = schema::nullable_decade)]
    decade: Option<Decade>,
    /// Features under their documented names and in their units, to be sent as they are; null is missing.
    #[schema(schema_with = schema::audio_features)]
    audio_features: Map<String, Value>,
    /// Fields that were read under another name or in another unit, that are not used, or that look misspelt.
    warnings: Vec<Warning>,
}

/// What is read of one of several tracks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ReadOutcome {
    Read(Box<ReadTrack>),
    /// There was no track.
    Null,
    /// The track has faults; the others are read nevertheless.
    Refused(FaultsBody),
}

impl From<CheckedRow> for ReadOutcome {
    fn from(row: CheckedRow) -> ReadOutcome {
        match row {
            Ok(Some(track)) => ReadOutcome::Read(Box::new(track.into())),
            Ok(None) => ReadOutcome::Null,
            Err(detail) => ReadOutcome::Refused(FaultsBody { detail }),
        }
    }
}

impl From<CheckedTrack> for ReadTrack {
    fn from(track: CheckedTrack) -> ReadTrack {
        let (decade, warnings) = (track.decade(), Warning::of_fields(&track).collect());
        // NaN is null.
        let value = |feature: &Feature| (feature.name().to_owned(), json!(track.row[*feature as usize]));
        let audio_features = Feature::AUDIO.iter().map(value).collect();
        let SentTexts { title, artist, uri } = track.texts.map(|texts| *texts).unwrap_or_default();
        ReadTrack { title, artist, uri, decade, audio_features, warnings }
    }
}

/// The tracks of a text of a type; of one that is not known, its beginning says what it is.
///
/// # Errors
/// The text cannot be read at all, or has too many tracks.
pub(crate) fn answer(work: &Work, body: &[u8], media: Option<MediaType>) -> Result<Vec<Bytes>, Rejection> {
    let text = decoded(body);
    if text.contains(&0) {
        let rule = "Expected a text: a table as CSV, or tracks as JSON";
        return Err(Rejection::invalid(Detail::new("string_type", vec![json!("body")], rule, &Value::Null)));
    }
    let media = media.unwrap_or_else(|| media_of(&text));
    let (format, rows) = match media {
        MediaType::Csv => ("csv", CsvTracks::read(work, &text, TextReading::Read)?.tracks),
        MediaType::JsonLines => ("ndjson", line_rows(work, &text, &FieldNames::with_texts())?),
        MediaType::Json => ("json", document_rows(work, &text)?),
    };
    let mut parts = vec![Bytes::from(format!(r#"{{"format":"{format}","tracks":["#))];
    parts.extend(written(work, rows)?);
    parts.push(Bytes::from_static(b"]}"));
    Ok(parts)
}

/// What a text is by its beginning: a table, unless it begins as JSON does. Several lines, each of which is JSON, are lines of JSON.
fn media_of(text: &[u8]) -> MediaType {
    let plain = without_mark(text).trim_ascii();
    if !plain.starts_with(b"{") && !plain.starts_with(b"[") {
        return MediaType::Csv;
    }
    let is_json = |text: &[u8]| serde_json::from_slice::<IgnoredAny>(text).is_ok();
    let first_line = plain.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match first_line.len() < plain.len() && is_json(first_line) {
        true => MediaType::JsonLines,
        false => MediaType::Json,
    }
}

/// The rows of a JSON document: a track, a list of tracks or an envelope.
fn document_rows(work: &Work, text: &[u8]) -> Result<Vec<CheckedRow>, Rejection> {
    let names = FieldNames::with_texts();
    if without_mark(text).trim_ascii_start().starts_with(b"{") {
        let body = RequestBody::from_slice(text, work.state.config.limits.rows, &names);
        if let RequestBody::One(track) = body.map_err(|error| Rejection::invalid(json_error::in_list(&error, text)))? {
            return one_row(work, track, &names);
        }
    }
    list_rows(work, text, &names).map(|(_, rows)| rows)
}

/// Rows as JSON, one after the other, separated by commas.
fn written(work: &Work, mut rows: Vec<CheckedRow>) -> Result<Vec<Bytes>, Rejection> {
    let part = |(part, rows): (usize, &mut [CheckedRow])| {
        work.check_client()?;
        let mut bytes = Vec::new();
        for (at, row) in rows.iter_mut().enumerate() {
            if part + at > 0 {
                bytes.push(b',');
            }
            let outcome = ReadOutcome::from(std::mem::replace(row, Ok(None)));
            serde_json::to_writer(&mut bytes, &outcome).map_err(internal)?;
        }
        work.state.answers.part(bytes)
    };
    rows.par_chunks_mut(ROWS_PER_PART).enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_recognised_by_its_beginning() {
        for (text, media) in [
            ("{\"energy\": 0.5}", MediaType::Json),
            (" [\n{}]", MediaType::Json),
            ("{\n\"energy\": 0.5\n}", MediaType::Json),
            ("{\"energy\": 0.5}\n{\"energy\": 0.5}\n", MediaType::JsonLines),
            ("{\"energy\": 0.5}\r\nnull", MediaType::JsonLines),
            ("title,energy\n[x],0.5\n", MediaType::Csv),
            ("", MediaType::Csv),
        ] {
            assert_eq!(media_of(text.as_bytes()), media, "{text}");
        }
    }
}
