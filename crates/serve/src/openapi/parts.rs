//! Schemas of what stands within answers: explanations, changes, quantiles.

use serde_json::{json, Value};

use super::object;
use super::schemas::closed;
use hitflop_core::track::Feature;

/// A number from 0 to 1.
pub fn share() -> Value {
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
pub fn label() -> Value {
    json!({ "type": "string", "enum": ["flop", "hit"] })
}

/// What each feature adds to an answer.
pub fn explanation() -> Value {
    let standing = closed(object([("hits", or_null(share())), ("flops", or_null(share()))]));
    let push = closed(object([
        ("feature", feature()),
        ("value", described(or_null(number()), "The track's, in the feature's unit; null if it is missing")),
        ("contribution", described(number(), "Its Shapley value, towards a hit if above 0")),
        (
            "standing",
            described(standing, "Shares of the decade's hits and flops with a smaller value, ties counted half"),
        ),
    ]));
    closed(object([
        ("decade", described(json!({ "type": ["integer", "null"] }), "That values are held against")),
        ("scale", json!({ "enum": ["log_odds", "probability"], "description": "Of base, contributions and output" })),
        ("base", described(number(), "Mean answer over the training rows")),
        ("pushes", json!({ "type": "array", "items": push, "description": "By feature, in the model's order" })),
        ("output", described(number(), "Base and contributions together, before any calibration")),
        ("probability", share()),
        ("threshold", share()),
        ("label", label()),
    ]))
}

/// The smallest changes with which an answer would be another.
pub fn alternatives() -> Value {
    let rank = |whose: &str| described(share(), &format!("The share of the decade's tracks below {whose}"));
    let change = closed(object([
        ("feature", feature()),
        ("from", number()),
        ("to", number()),
        ("from_rank", rank("the track's value")),
        ("to_rank", rank("the other value")),
    ]));
    let what_if = closed(object([
        ("changes", json!({ "type": "array", "items": change, "minItems": 1, "maxItems": 2 })),
        ("distance", described(number(), "Sum of the changes of rank")),
        ("probability", described(share(), "With the changes")),
        ("label", label()),
    ]));
    closed(object([
        ("one", described(or_null(what_if.clone()), "Of one feature; null if none suffices")),
        ("two", described(or_null(what_if), "Of two features; null if no two come nearer than one alone")),
    ]))
}

/// The features of a known track, to be sent again as they are.
pub fn audio_features() -> Value {
    closed(Feature::AUDIO.iter().map(|feature| (feature.name().to_owned(), number())).collect())
}

/// Where a feature lies in training, decade by decade.
pub fn decades() -> Value {
    let quantiles = json!({ "type": "array", "items": number() });
    let group = closed(object([
        ("rows", json!({ "type": "integer", "minimum": 0 })),
        ("quantiles", described(or_null(quantiles), "At the levels; null if there are no rows")),
    ]));
    let of_decade = closed(object([
        ("decade", json!({ "type": "integer" })),
        ("flops", group.clone()),
        ("hits", group.clone()),
        ("all", group),
    ]));
    json!({ "type": "array", "items": of_decade })
}

/// A model, beside what every answer says of it.
pub fn model() -> Value {
    let text = || json!({ "type": "string" });
    let count = || json!({ "type": "integer", "minimum": 0 });
    let input = closed(object([
        ("name", feature()),
        ("kind", json!({ "enum": ["continuous", "count", "category"] })),
        ("unit", text()),
        ("documented_range", json!({})),
        ("training_min", number()),
        ("training_max", number()),
        ("importance", described(share(), "They add up to 1")),
    ]));
    closed(object([
        ("name", described(text(), "In KServe's protocol")),
        ("version", described(text(), "The first digits of the SHA-256")),
        ("sha256", described(text(), "Of the model's file")),
        ("description", text()),
        ("params", described(json!({ "type": "object" }), "By the kind of model, by scikit-learn's names")),
        ("calibration", described(json!({ "type": "object" }), "`method`: none, platt or isotonic, and its numbers")),
        ("threshold", share()),
        ("threshold_objective", described(json!({}), "What the threshold was chosen for")),
        ("features", json!({ "type": "array", "items": input, "description": "In the model's order" })),
        ("trees", count()),
        ("nodes", count()),
        ("leaves", count()),
        ("depth", json!({ "type": ["integer", "null"] })),
        ("baseline", described(or_null(number()), "Of a boosting, the log odds before the first tree")),
        ("oob_score", or_null(share())),
        ("origin", described(json!({ "type": "object" }), "Protocol, scores, and the files that it learned from")),
        ("card", described(json!({ "type": ["string", "null"] }), "Markdown; null if none of its own lies beside it")),
        ("tracks", described(json!({ "type": ["integer", "null"] }), "How many are known by name; null if none are")),
    ]))
}

/// A schema, and what it is of.
fn described(mut schema: Value, what: &str) -> Value {
    schema["description"] = json!(what);
    schema
}
