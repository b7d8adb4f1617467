//! The schemas of requests, exactly: a body that a schema allows is accepted, and any other is rejected. schemathesis holds the
//! server to that (`tests/api/process.rs`). They are written by hand, because no Rust type states their rules: numbers that may
//! be spelt as texts, and at least one of several features.

use serde_json::{json, Map, Value};

use super::inputs_of_protocols::{binary_tensors, invocation, kserve_request};
use super::values::{no_value, value};
use super::{list, object, reference};
use crate::http::extract::REQUIRED;
use crate::limits::{DEFAULT_NEIGHBOURS, MAX_NEIGHBOURS};
use crate::request::field_names::MAX_COLUMNS;
use hitflop_core::reader::value::NO_KEY;
use hitflop_core::track::{Feature, FeatureKind};
use hitflop_model::scoring::neighbours::compared;

/// Schemas of requests by name; `rows` is the maximum number of rows.
pub(crate) fn all(rows: usize) -> Map<String, Value> {
    let of_compared = "Audio features of a track; at least one of those that are compared has a value.";
    let mut schemas = object([
        ("Song", song()),
        ("Track", track(Feature::AUDIO.iter().copied(), "Audio features of a track; at least one has a value.")),
        ("TrackToCompare", track(compared(), of_compared)),
        ("Lines", lines()),
        ("Table", table()),
        ("Truth", truth()),
        ("Count", json!({ "type": "integer", "minimum": 1, "maximum": MAX_NEIGHBOURS, "default": DEFAULT_NEIGHBOURS })),
        ("KserveRequest", kserve_request(rows)),
        ("BinaryTensors", binary_tensors()),
        ("Invocation", invocation(rows)),
    ]);
    schemas.extend(envelopes(rows));
    schemas
}

fn envelopes(rows: usize) -> Map<String, Value> {
    let any_track = json!({
        "description": "A track, or null where none is known. Any other value is answered by its faults in its place.",
        "anyOf": [reference("Track"), { "type": "null" }, {}],
    });
    let mut tracks = list(any_track);
    tracks["maxItems"] = json!(rows);
    let envelope = |member: &str, whose: &str| {
        json!({
            "description": format!("{whose} answer for several tracks"),
            "type": "object",
            "required": [member],
            "properties": { member: tracks },
        })
    };
    let of_envelopes = ["SpotifyEnvelope", "ReccoBeatsEnvelope"].map(reference);
    object([
        ("SpotifyEnvelope", envelope("audio_features", "Spotify's")),
        ("ReccoBeatsEnvelope", envelope("content", "ReccoBeats'")),
        ("TrackOrEnvelope", json!({ "anyOf": [reference("Track"), of_envelopes[0], of_envelopes[1]] })),
        ("Batch", json!({ "anyOf": [tracks, of_envelopes[0], of_envelopes[1]] })),
    ])
}

fn lines() -> Value {
    let example = "{\"energy\":0.5}\n{\"energy\":0.75}\n";
    json!({ "type": "string", "description": "A track a line", "examples": [example] })
}

fn table() -> Value {
    json!({
        "type": "string",
        "description": format!("A header of at most {MAX_COLUMNS} columns, one of them for an audio feature, and a row for each track, \
                                separated by commas, semicolons, tabs or bars; an empty field or a word such as NA is a missing value"),
        "examples": ["danceability,energy\n0.5,0.75\n0.25,\n"],
    })
}

/// A value of a feature, with its description.
fn described_value(feature: Feature, may_be_missing: bool) -> Value {
    let mut schema = value(feature, may_be_missing);
    schema["description"] = json!(description(feature));
    schema
}

fn description(feature: Feature) -> String {
    let info = feature.info();
    let unit = match info.unit {
        "" => String::new(),
        unit => format!(" ({unit})"),
    };
    let kind = match info.kind {
        FeatureKind::Category if feature == Feature::Decade => ": 1960, 60 or \"60s\", or a year in it".to_owned(),
        _ => format!(", documented as {}", info.range),
    };
    let kind = match feature {
        Feature::Key => format!("{kind}; {NO_KEY}, no key detected, is a missing value; also a name, such as C# or 8A"),
        _ => kind,
    };
    format!("{}{unit}{kind}", info.meaning)
}

fn song() -> Value {
    let required: Vec<&str> = REQUIRED.iter().map(|feature| feature.name()).collect();
    let properties: Map<String, Value> = Feature::ALL
        .into_iter()
        .map(|feature| (feature.name().to_owned(), described_value(feature, !REQUIRED.contains(&feature))))
        .collect();
    json!({ "type": "object", "required": required, "properties": properties, "examples": [example(14)] })
}

/// A track with a value of at least one of `needed`.
fn track(needed: impl Iterator<Item = Feature>, needs: &str) -> Value {
    let properties: Map<String, Value> =
        Feature::ALL.into_iter().map(|feature| (feature.name().to_owned(), described_value(feature, true))).collect();
    let has_value = |feature: Feature| json!({ "required": [feature], "properties": { feature.name(): { "not": no_value(feature) } } });
    json!({
        "description": format!("{needs} A feature that is absent, null or a word such as \"NA\" is a missing value. \
                                Features under other names (`durationMs`, `Energy`, `bpm`) are read and reported by a \
                                warning. Other fields are ignored; a field that looks like a misspelt feature is reported."),
        "type": "object",
        "properties": properties,
        "anyOf": needed.map(has_value).collect::<Vec<Value>>(),
        "examples": [example(16)],
    })
}

/// Yes or no in a query, as `query::Query::truth` reads it.
fn truth() -> Value {
    json!({
        "anyOf": [
            { "type": "boolean" },
            {
                "type": "string",
                "description": "As Pydantic reads it, in any case of letters",
                "pattern": "^([01tTfFyYnN]|[oO][nN]|[oO][fF][fF]|[nN][oO]|[yY][eE][sS]|[tT][rR][uU][eE]|[fF][aA][lL][sS][eE])$",
            },
        ],
    })
}

/// The first features of a track to try.
fn example(features: usize) -> Value {
    const VALUES: [f64; 16] =
        [0.578, 0.471, 4.0, -7.27, 1.0, 0.0289, 0.368, 0.0, 0.159, 0.532, 133.061, 196_707.0, 4.0, 30.88, 9.0, 1970.0];
    let field = |(feature, value): (Feature, f64)| {
        let value = if feature.is_whole() { json!(value as i64) } else { json!(value) };
        (feature.name().to_owned(), value)
    };
    Value::Object(Feature::ALL.into_iter().zip(VALUES).take(features).map(field).collect())
}
