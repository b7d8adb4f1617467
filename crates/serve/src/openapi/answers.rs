//! Schemas of answers whose Rust types are in `hitflop-model`, and of answers that are written in parallel and have no type.
//!
//! The former are not derived, because that would take utoipa into `hitflop-model`, `hitflop-core` and `hitflop-trees` (features,
//! decades, labels, scales), which compile without the service, and would lose the enumerations and ranges that are stated
//! here. A type that is changed is noticed: the schemas are closed, and a test holds the answers of a running server to them
//! (`tests/api/process.rs`, with schemathesis).

use serde_json::{json, Map, Value};

use super::{closed, list, object, reference};
use hitflop_core::track::Feature;

/// Schemas of answers by name.
pub(crate) fn all() -> Map<String, Value> {
    let outcomes = || list(reference("Outcome"));
    object([
        ("Explanation", explanation()),
        ("Alternatives", alternatives()),
        ("MissingFeatures", missing_features()),
        ("Model", model()),
        ("Outcomes", json!({ "anyOf": [outcomes(), reference("Envelope")] })),
        ("Envelope", closed(object([("predictions", outcomes())]))),
        ("ReadTracks", read_tracks()),
        ("AnswerOrEnvelope", json!({ "anyOf": [reference("Answer"), reference("Envelope")] })),
    ])
}

/// The tracks of a text, in its order.
fn read_tracks() -> Value {
    let format = json!({ "type": "string", "enum": ["csv", "ndjson", "json"], "description": "Format of the text" });
    closed(object([("format", format), ("tracks", list(reference("ReadOutcome")))]))
}

/// A number from 0 to 1.
fn share() -> Value {
    json!({ "type": "number", "minimum": 0, "maximum": 1 })
}

/// A schema, or null.
fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn number() -> Value {
    json!({ "type": "number" })
}

fn feature() -> Value {
    json!({ "type": "string", "enum": Feature::ALL })
}

/// `hit` or `flop`.
fn label() -> Value {
    json!({ "type": "string", "enum": ["flop", "hit"] })
}

/// The contribution of each feature to an answer.
fn explanation() -> Value {
    let standing = closed(object([("hits", or_null(share())), ("flops", or_null(share()))]));
    let push = closed(object([
        ("feature", feature()),
        ("value", described(or_null(number()), "Value of the track, in the feature's unit; null if it is missing")),
        ("contribution", described(number(), "Shapley value, towards a hit if above 0")),
        (
            "standing",
            described(standing, "Shares of the decade's hits and flops with a smaller value, ties counted half"),
        ),
    ]));
    closed(object([
        ("decade", described(json!({ "type": ["integer", "null"] }), "Decade that values are compared with")),
        (
            "scale",
            json!({ "enum": ["log_odds", "probability"], "description": "Scale of base, contributions and output" }),
        ),
        ("base", described(number(), "Mean output over the training rows")),
        (
            "pushes",
            json!({ "type": "array", "items": push, "description": "Contributions of the features, in the model's order" }),
        ),
        ("output", described(number(), "Base and contributions together, before any calibration")),
        ("probability", share()),
        ("threshold", share()),
        ("label", label()),
    ]))
}

/// What a track lacks, and how good the answers to such tracks are.
fn missing_features() -> Value {
    let accuracy =
        "Share of right answers among the test tracks of `measured_on`; null if the model file does not contain it";
    let rows = json!({ "enum": ["all", "same_missing", "as_many_missing", null] });
    let measured_on = "The test tracks of the scores: with the same features hidden (`same_missing`), with as many features \
                       hidden at random because the set itself was not tried (`as_many_missing`), or as they are because \
                       training tracks lack the same features (`all`)";
    let better = closed(object([("feature", feature()), ("accuracy", share())]));
    closed(object([
        ("missing", described(features(), "Features of the model of which the track has no value")),
        ("accuracy", described(or_null(share()), accuracy)),
        ("measured_on", described(rows, measured_on)),
        ("roc_auc", described(or_null(share()), "Area under the ROC curve, of the same tracks")),
        (
            "better_if_known",
            described(
                or_null(better),
                "The missing feature with which the accuracy would be greatest, and that accuracy; null if no single feature raises it",
            ),
        ),
    ]))
}

/// Names of features.
fn features() -> Value {
    json!({ "type": "array", "items": feature() })
}

/// A kind of calibration.
fn calibration() -> Value {
    json!({ "enum": ["none", "platt", "isotonic"] })
}

/// How a model answers tracks that lack features.
fn fallbacks() -> Value {
    let pattern = closed(object([
        ("missing", features()),
        (
            "name",
            described(
                json!({ "type": ["string", "null"] }),
                "Name of the set, such as nine features of an audio upload; null if it has none",
            ),
        ),
        ("threshold", share()),
        ("calibration", calibration()),
        ("accuracy", share()),
        ("roc_auc", or_null(share())),
        ("expected_calibration_error", share()),
    ]));
    let at_random = closed(object([
        ("missing", described(json!({ "type": "integer", "minimum": 0 }), "Number of features")),
        ("threshold", share()),
        ("calibration", calibration()),
        ("accuracy", share()),
        ("roc_auc", or_null(share())),
        ("expected_calibration_error", share()),
    ]));
    let fallback = closed(object([
        ("hidden", described(features(), "Features that a track must lack to be answered by this model")),
        (
            "min_missing",
            described(json!({ "type": "integer", "minimum": 0 }), "Least number of features that a track must lack"),
        ),
        ("description", json!({ "type": "string" })),
        ("trees", json!({ "type": "integer", "minimum": 0 })),
        (
            "patterns",
            described(
                json!({ "type": "array", "items": pattern }),
                "By set of missing features; scores on the test tracks",
            ),
        ),
        (
            "others",
            described(
                json!({ "type": "array", "items": at_random }),
                "For all other sets, by the number of features that are missing beside the hidden ones; scores with features hidden at random",
            ),
        ),
    ]));
    closed(object([
        ("learned", described(features(), "Features without which training tracks occurred, so that the model itself answers tracks that lack them")),
        ("fallbacks", json!({ "type": "array", "items": fallback })),
    ]))
}

/// The smallest changes with which an answer would be another.
fn alternatives() -> Value {
    let rank =
        |whose: &str| described(share(), &format!("Share of the tracks of the decade with a value below {whose}"));
    let change = closed(object([
        ("feature", feature()),
        ("from", number()),
        ("to", number()),
        ("from_rank", rank("the value of the track")),
        ("to_rank", rank("the other value")),
    ]));
    let what_if = closed(object([
        ("changes", json!({ "type": "array", "items": change, "minItems": 1, "maxItems": 2 })),
        ("distance", described(number(), "Sum of the changes of percentile rank")),
        ("probability", described(share(), "Probability with the changes")),
        ("label", label()),
    ]));
    closed(object([
        ("one", described(or_null(what_if.clone()), "Smallest change of one feature; null if no change of one feature changes the label")),
        (
            "two",
            described(
                or_null(what_if),
                "Smallest changes of two features; null if no pair has a smaller distance than the change of one feature",
            ),
        ),
    ]))
}

/// Whether the model learned from simulated tracks.
fn simulated() -> Value {
    let what = "Whether the model learned from simulated tracks, so that its predictions do not apply to real ones; null if unknown";
    described(json!({ "type": ["boolean", "null"] }), what)
}

/// The run that made the model.
fn run_id() -> Value {
    let what = "The run that made the model, as its report, card and metrics name it; null if unknown";
    described(json!({ "type": ["string", "null"] }), what)
}

/// The model card.
fn card() -> Value {
    described(json!({ "type": ["string", "null"] }), "Model card in Markdown; null if there is none beside the model")
}

fn model() -> Value {
    let text = || json!({ "type": "string" });
    let count = || json!({ "type": "integer", "minimum": 0 });
    let input = closed(object([
        ("name", feature()),
        ("kind", json!({ "enum": ["continuous", "count", "category"] })),
        ("unit", text()),
        ("documented_range", json!({})),
        ("training_min", number()),
        ("training_max", number()),
        ("importance", described(share(), "Importance of the feature; all add up to 1")),
    ]));
    closed(object([
        ("name", described(text(), "Name of the model in KServe's protocol")),
        ("version", described(text(), "First digits of the SHA-256")),
        ("sha256", described(text(), "SHA-256 of the model's file")),
        ("description", text()),
        ("simulated", simulated()),
        ("run_id", run_id()),
        (
            "params",
            described(json!({ "type": "object" }), "Parameters of this kind of model, with scikit-learn's names"),
        ),
        (
            "calibration",
            described(json!({ "type": "object" }), "`method` (none, platt or isotonic) and its parameters"),
        ),
        ("threshold", share()),
        ("threshold_objective", described(json!({}), "Objective for which the threshold was chosen")),
        ("features", json!({ "type": "array", "items": input, "description": "Inputs in the model's order" })),
        ("missing_features", described(fallbacks(), "How tracks that lack features are answered")),
        ("trees", count()),
        ("nodes", count()),
        ("leaves", count()),
        ("depth", json!({ "type": ["integer", "null"] })),
        (
            "baseline",
            described(or_null(number()), "Log odds before the first tree; null unless the model is a boosting"),
        ),
        ("oob_score", or_null(share())),
        (
            "origin",
            described(
                json!({ "type": "object" }),
                "Validation scheme, scores, and the files that the model was fitted on",
            ),
        ),
        ("card", card()),
        (
            "tracks",
            described(
                json!({ "type": ["integer", "null"] }),
                "Number of known tracks; null if there is no file of them",
            ),
        ),
        ("watched", described(json!({ "type": "boolean" }), "Whether a changed model is loaded without a restart")),
    ]))
}

/// A schema with a description.
fn described(mut schema: Value, what: &str) -> Value {
    schema["description"] = json!(what);
    schema
}
