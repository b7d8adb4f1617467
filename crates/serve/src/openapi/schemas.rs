//! The schemas of bodies, exactly: whatever a schema lets through is accepted, and what it does not is refused. schemathesis
//! holds the server to that (`tests/schemathesis.sh`).

use std::borrow::Cow;

use serde_json::{json, Map, Value};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{object, parts};
use crate::kserve::tensors::DATATYPES;
use crate::request::number::{NO_KEY, TEXT_DIGITS, TEXT_EXPONENT_DIGITS, TEXT_WHOLE_DIGITS};
use crate::routes::neighbours::MAX_NEIGHBOURS;
use crate::routes::songs::REQUIRED;
use crate::served::state::Config;
use hitflop_core::track::{Feature, FeatureKind};
use hitflop_model::scoring::neighbours::compared;

/// Names for utoipa to refer to; [`all`] gives what they stand for.
macro_rules! named {
    ($($name:ident)*) => {
        $(
            #[doc = concat!("The schema `", stringify!($name), "`.")]
            pub struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    ObjectBuilder::new().into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    stringify!($name).into()
                }
            }
        )*
    };
}

named! {
    AnswerOrEnvelope Batch Class Connected Count Features Invocation KserveError KserveModel KserveRequest KserveResponse Lines
    Live Model ModelReady Neighbours Outcomes Predictions Ready Server Song Status Table Told Track TrackOrEnvelope TrackToCompare Truth
}

/// Every schema by its name.
pub fn all(config: &Config) -> Map<String, Value> {
    let rows = config.limits.rows;
    let any_track = json!({
        "description": "A track, or null where none is known. Anything else is answered by its faults in its place.",
        "anyOf": [reference("Track"), { "type": "null" }, {}],
    });
    let tracks = json!({ "type": "array", "maxItems": rows, "items": any_track });
    let envelope = |member: &str, whose: &str| {
        json!({
            "description": format!("{whose} answer for several tracks"),
            "type": "object",
            "required": [member],
            "properties": { member: tracks },
        })
    };
    let (probability, label) = (parts::share(), parts::label());
    let text = json!({ "type": "string" });
    let nullable = |kind: &str| json!({ "type": [kind, "null"] });
    let list = |items: Value| json!({ "type": "array", "items": items });
    object([
        ("Song", song()),
        ("Track", track(Feature::AUDIO.iter().copied(), "Audio features of a track, at least one with a value.")),
        (
            "TrackToCompare",
            track(compared(), "Audio features of a track, at least one of those that are compared with a value."),
        ),
        ("SpotifyEnvelope", envelope("audio_features", "Spotify's")),
        ("ReccoBeatsEnvelope", envelope("content", "ReccoBeats'")),
        (
            "TrackOrEnvelope",
            json!({ "anyOf": [reference("Track"), reference("SpotifyEnvelope"), reference("ReccoBeatsEnvelope")] }),
        ),
        ("Batch", json!({ "anyOf": [tracks, reference("SpotifyEnvelope"), reference("ReccoBeatsEnvelope")] })),
        (
            "Lines",
            json!({ "type": "string", "description": "A track a line", "examples": ["{\"energy\":0.5}\n{\"energy\":0.75}\n"] }),
        ),
        (
            "Table",
            json!({
                "type": "string",
                "description": "A header with a column for at least one audio feature, a row a track, commas between the fields; an empty field is a missing value",
                "examples": ["danceability,energy\n0.5,0.75\n0.25,\n"],
            }),
        ),
        ("Connected", closed(object([("message", json!({ "const": "Connected to ML api..." }))]))),
        ("Class", json!({ "type": "integer", "enum": [0, 1], "description": "1 hit, 0 flop" })),
        ("Truth", truth()),
        ("Count", json!({ "type": "integer", "minimum": 1, "maximum": MAX_NEIGHBOURS, "default": 5 })),
        (
            "Warning",
            closed(object([
                (
                    "type",
                    json!({ "enum": ["missing_feature", "outside_training_range", "unknown_field", "unknown_parameter"] }),
                ),
                ("field", text.clone()),
                ("msg", text.clone()),
            ])),
        ),
        (
            "Answer",
            closed(object([
                ("label", label.clone()),
                ("probability", probability.clone()),
                ("threshold", probability),
                ("model_version", text.clone()),
                ("warnings", list(reference("Warning"))),
            ]))
            .with_optional([("explanation", reference("Explanation")), ("what_if", reference("Alternatives"))]),
        ),
        ("Explanation", parts::explanation()),
        ("Alternatives", parts::alternatives()),
        ("Outcomes", json!({ "anyOf": [list(reference("Outcome")), reference("Envelope")] })),
        ("Outcome", json!({ "anyOf": [reference("Answer"), { "type": "null" }, reference("HTTPValidationError")] })),
        ("Envelope", closed(object([("predictions", list(reference("Outcome")))]))),
        ("AnswerOrEnvelope", json!({ "anyOf": [reference("Answer"), reference("Envelope")] })),
        (
            "Neighbour",
            closed(object([
                ("artist", text.clone()),
                ("title", text.clone()),
                ("uri", text.clone()),
                ("decade", json!({ "type": "integer" })),
                ("label", label),
                ("distance", json!({ "type": "number", "minimum": 0, "description": "In standard deviations" })),
                ("audio_features", parts::audio_features()),
            ])),
        ),
        (
            "Neighbours",
            closed(object([
                ("neighbours", list(reference("Neighbour"))),
                ("features", json!({ "type": "array", "items": text, "description": "Those that were compared" })),
                ("decade", nullable("integer")),
                ("known_tracks", json!({ "type": "integer", "minimum": 0 })),
                ("model_version", text.clone()),
                ("warnings", list(reference("Warning"))),
            ])),
        ),
        ("Model", parts::model()),
        (
            "Features",
            closed(object([
                ("levels", list(json!({ "type": "number" }))),
                (
                    "features",
                    list(json!({
                        "type": "object",
                        "required": ["name", "kind", "unit", "meaning", "documented_range", "training_min", "training_max"],
                        "properties": {
                            "name": text, "unit": text, "meaning": text,
                            "kind": { "enum": ["continuous", "count", "category"] },
                            "training_min": nullable("number"), "training_max": nullable("number"),
                            "used_by_model": { "type": "boolean" },
                            "required_by_original_service": { "type": "boolean" },
                            "decades": parts::decades(),
                        },
                    })),
                ),
            ])),
        ),
        (
            "Server",
            closed(object([("name", text.clone()), ("version", text.clone()), ("extensions", list(text.clone()))])),
        ),
        ("Live", closed(object([("live", json!({ "type": "boolean" }))]))),
        ("Ready", closed(object([("ready", json!({ "type": "boolean" }))]))),
        ("ModelReady", closed(object([("name", text.clone()), ("ready", json!({ "type": "boolean" }))]))),
        ("Status", closed(object([("status", text.clone())]))),
        (
            "KserveModel",
            closed(object([
                ("name", text.clone()),
                ("versions", list(text.clone())),
                ("platform", text.clone()),
                ("inputs", list(tensor_shape())),
                ("outputs", list(tensor_shape())),
            ])),
        ),
        ("KserveRequest", kserve_request(rows)),
        (
            "KserveResponse",
            json!({
                "type": "object",
                "required": ["model_name", "model_version", "outputs"],
                "properties": {
                    "model_name": text, "model_version": text, "id": text,
                    "outputs": list(json!({
                        "type": "object",
                        "required": ["name", "datatype", "shape", "data"],
                        "properties": {
                            "name": { "enum": ["predict", "predict_proba"] },
                            "datatype": { "enum": ["INT64", "FP64"] },
                            "shape": list(json!({ "type": "integer" })),
                            "data": list(json!({ "type": "number" })),
                        },
                    })),
                },
            }),
        ),
        (
            "KserveError",
            json!({ "type": "object", "required": ["error", "detail"], "properties": { "error": text, "detail": {} } }),
        ),
        ("Invocation", invocation(rows)),
        (
            "Predictions",
            closed(object([("predictions", list(reference("Class")))]))
                .with_optional([("warnings", list(reference("Warning")))]),
        ),
        ("Told", closed(object([("detail", text.clone())]))),
        ("HTTPValidationError", closed(object([("detail", list(reference("ValidationError")))]))),
        (
            "ValidationError",
            json!({
                "type": "object",
                "required": ["type", "loc", "msg", "input"],
                "properties": {
                    "type": text,
                    "loc": list(json!({ "type": ["string", "integer"] })),
                    "msg": text,
                    "input": { "description": "What was found; cut if it is long" },
                    "ctx": { "type": "object" },
                },
            }),
        ),
    ])
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// An object of just these members.
pub fn closed(members: Map<String, Value>) -> Value {
    let required: Vec<&String> = members.keys().collect();
    json!({ "type": "object", "required": required, "properties": members, "additionalProperties": false })
}

/// An object with further members that need not be there.
trait WithOptional {
    fn with_optional<const N: usize>(self, members: [(&str, Value); N]) -> Value;
}

impl WithOptional for Value {
    fn with_optional<const N: usize>(mut self, members: [(&str, Value); N]) -> Value {
        for (name, member) in members {
            self["properties"][name] = member;
        }
        self
    }
}

/// A value of a feature, as `number::read` takes it.
fn value(feature: Feature, may_be_null: bool) -> Value {
    let mut kinds = match feature {
        Feature::Decade => {
            let years = (1930..=2020).step_by(10);
            let short = (30..=90).step_by(10).chain([0, 10, 20]);
            vec![
                json!({ "enum": years.chain(short).collect::<Vec<i32>>() }),
                text("(19[3-9]0|20[0-2]0|[3-9]0|[0-2]0|0)([sS]|\\.0)?".to_owned()),
            ]
        }
        _ if feature.is_whole() => vec![
            json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX }),
            text(format!("[+-]?[0-9]{{1,{TEXT_WHOLE_DIGITS}}}(\\.0{{0,{TEXT_DIGITS}}})?")),
            json!({ "type": "boolean" }),
        ],
        _ => vec![
            json!({ "type": "number", "minimum": f64::MIN, "maximum": f64::MAX }),
            text(format!(
                "[+-]?([0-9]{{1,{TEXT_DIGITS}}}(\\.[0-9]{{0,{TEXT_DIGITS}}})?|\\.[0-9]{{1,{TEXT_DIGITS}}})([eE][+-]?[0-9]{{1,{TEXT_EXPONENT_DIGITS}}})?"
            )),
            json!({ "type": "boolean" }),
        ],
    };
    if may_be_null {
        kinds.push(json!({ "type": "null" }));
    }
    json!({ "description": description(feature), "anyOf": kinds })
}

fn description(feature: Feature) -> String {
    let info = feature.info();
    let unit = match info.unit {
        "" => String::new(),
        unit => format!(" ({unit})"),
    };
    let kind = match info.kind {
        FeatureKind::Category if feature == Feature::Decade => ": 1960, 60 or \"60s\"".to_owned(),
        _ => format!(", documented as {}", info.range),
    };
    let kind = match feature {
        Feature::Key => format!("{kind}; {NO_KEY}, no key detected, is a missing value"),
        _ => kind,
    };
    format!("{}{unit}{kind}", info.meaning)
}

fn song() -> Value {
    let required: Vec<&str> = REQUIRED.iter().map(|feature| feature.name()).collect();
    let properties: Map<String, Value> = Feature::ALL
        .into_iter()
        .map(|feature| (feature.name().to_owned(), value(feature, !REQUIRED.contains(&feature))))
        .collect();
    json!({ "type": "object", "required": required, "properties": properties, "examples": [example(14)] })
}

/// A track with a value of at least one of `needed`.
fn track(needed: impl Iterator<Item = Feature>, needs: &str) -> Value {
    let properties: Map<String, Value> =
        Feature::ALL.into_iter().map(|feature| (feature.name().to_owned(), value(feature, true))).collect();
    let has_value = |feature: Feature| json!({ "required": [feature], "properties": { feature.name(): { "not": no_value(feature) } } });
    json!({
        "description": format!("{needs} What else is missing or null is a missing value. Other fields are ignored; one that \
                                looks like a misspelt feature is warned of."),
        "type": "object",
        "properties": properties,
        "anyOf": needed.map(has_value).collect::<Vec<Value>>(),
        "examples": [example(16)],
    })
}

/// What is accepted for a feature and is no value, as `number::read` reads it.
fn no_value(feature: Feature) -> Value {
    let null = json!({ "type": "null" });
    match feature {
        Feature::Key => {
            let digit = -NO_KEY;
            let text = text(format!("-0{{0,{}}}{digit}(\\.0{{0,{TEXT_DIGITS}}})?", TEXT_WHOLE_DIGITS - 1));
            json!({ "anyOf": [null, { "const": NO_KEY }, text] })
        }
        _ => null,
    }
}

/// A text of this pattern, with spaces around it.
fn text(pattern: String) -> Value {
    let space = "[ \\t\\r\\n]*";
    json!({ "type": "string", "pattern": format!("^{space}{pattern}{space}$") })
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

fn tensor_shape() -> Value {
    json!({
        "type": "object",
        "required": ["name", "datatype", "shape"],
        "properties": {
            "name": { "type": "string" },
            "datatype": { "type": "string" },
            "shape": { "type": "array", "items": { "type": "integer" } },
        },
    })
}

fn kserve_request(rows: usize) -> Value {
    let dimension = json!({ "type": "integer", "minimum": 0, "maximum": rows });
    let tensor = json!({
        "type": "object",
        "required": ["name", "shape", "datatype", "data"],
        "properties": {
            "name": { "type": "string" },
            "shape": { "type": "array", "minItems": 1, "maxItems": 2, "items": dimension },
            "datatype": { "enum": DATATYPES },
            "data": { "type": "array", "description": "Values in the order of rows, as many as the shape says" },
        },
    });
    json!({
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": { "type": ["string", "null"] },
            "inputs": {
                "type": "array",
                "minItems": 1,
                "items": tensor,
                "description": "One matrix, rows × features, or one tensor a feature by its name",
            },
            "outputs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": { "name": { "enum": ["predict", "predict_proba"] } },
                },
            },
        },
    })
}

fn invocation(rows: usize) -> Value {
    let records = json!({
        "type": "array",
        "maxItems": rows,
        "items": { "anyOf": [reference("Track"), { "type": "array", "description": "A value a feature of the model, in order" }] },
    });
    let split = json!({
        "type": "object",
        "required": ["data"],
        "properties": {
            "columns": { "type": "array", "items": {} },
            "data": { "type": "array", "maxItems": rows, "items": { "type": "array" } },
        },
    });
    let form = |name: &str, schema: Value| {
        let mut form = closed(object([(name, schema)]));
        form["properties"]["params"] = json!({ "description": "Taken and not used, as the model has none" });
        form
    };
    let columns = json!({ "type": "object", "description": "A list of values a feature" });
    json!({
        "oneOf": [
            form("dataframe_split", split),
            form("dataframe_records", records.clone()),
            form("instances", records.clone()),
            form("inputs", json!({ "anyOf": [records, columns] })),
        ],
    })
}
