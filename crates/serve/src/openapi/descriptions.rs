//! Descriptions of parameters and members whose schemas are stated by hand: utoipa leaves them out there.

use serde_json::{json, Value};

/// Of parameters of queries, by name.
const PARAMETERS: [(&str, &str); 7] = [
    ("explain", "Add the contribution of each feature to the answer [default: false]"),
    ("what_if", "Add the smallest changes of one or two features that change the predicted label [default: false]"),
    ("decade", "Decade of the tracks whose own is missing, or is not one of the training data [default: none]"),
    ("count", "Number of neighbours, 1 to 100 [default: 5]"),
    ("same_decade", "Compare with tracks of the same decade only [default: false]"),
    (
        "q",
        "Words of title and artist in any order, the last of which may be unfinished; or a Spotify link or URI of a track",
    ),
    ("limit", "Number of tracks, 1 to 50 [default: 10]"),
];

/// Of members of the answer for a track.
const ANSWER: [(&str, &str); 6] = [
    ("label", "A hit if the probability is greater than the threshold"),
    ("probability", "Probability of a hit"),
    ("threshold", "Probability above which a track that lacks the same features is predicted as a hit"),
    (
        "missing_features",
        "The missing features, and the accuracy for tracks without them; absent if nothing is missing",
    ),
    ("explanation", "Contributions of the features, with `explain`"),
    ("what_if", "The smallest changes that change the predicted label, with `what_if`"),
];

/// Describes the parameters of an operation.
pub(super) fn describe_parameters(operation: &mut Value) {
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let words = PARAMETERS.iter().find(|(name, _)| parameter["name"] == *name);
        if let (Some((_, words)), None) = (words, parameter.get("description")) {
            parameter["description"] = json!(words);
        }
    }
}

/// Describes the members of the answer for a track.
pub(super) fn describe_answer(document: &mut Value) {
    for (member, words) in ANSWER {
        document["components"]["schemas"]["Answer"]["properties"][member]["description"] = json!(words);
    }
}
