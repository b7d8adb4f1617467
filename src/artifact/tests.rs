//! What is written is what is read, and what is not a model is refused by name.

use ndarray::Array2;
use proptest::prelude::*;
use serde_json::{json, Value};

use super::{from_json, read, to_json, write, Artifact};
use crate::ingest::source::Fingerprint;
use crate::learn::examples::tracks;
use crate::learn::{train, TrainSettings};
use crate::score::Scorer;

fn artifact() -> Artifact {
    let settings = TrainSettings { max_depth: 4, ..Default::default() };
    let source = Fingerprint {
        name: "dataset-of-60s.csv".to_owned(),
        decades: vec![],
        rows: 400,
        bytes: 1,
        sha256: "00ff".repeat(16),
    };
    Artifact::new(train(&tracks(400), &settings).expect("a model"), &settings, &[source])
}

fn document() -> Value {
    serde_json::from_slice(&to_json(&artifact()).expect("bytes")).expect("JSON")
}

fn told(document: &Value) -> String {
    let error = from_json("m.json", document.to_string().as_bytes()).expect_err("refused");
    assert!(error.is_input(), "{error}");
    error.to_string()
}

#[test]
fn a_model_read_back_is_the_model_written_bit_for_bit() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("models/decision_tree.json");
    let artifact = artifact();
    write(&artifact, &path).expect("written");
    let back = read(&path).expect("read back");
    assert_eq!(back, artifact);
    let records = tracks(1000);
    let scores = |artifact: Artifact| Scorer::new(artifact).score(records.records()).expect("scores");
    let bits = |artifact| scores(artifact).iter().map(|score| score.probability.to_bits()).collect::<Vec<u64>>();
    assert_eq!(bits(back.clone()), bits(artifact.clone()));
    assert_eq!(to_json(&back).expect("bytes"), to_json(&artifact).expect("bytes"));
}

#[test]
fn a_file_that_is_no_model_is_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let told = |path: &std::path::Path| {
        let error = read(path).expect_err("refused");
        assert!(error.is_input(), "{error}");
        error.to_string()
    };
    assert!(told(&directory.path().join("none.json")).ends_with("none.json: no such file"));
    assert!(told(directory.path()).ends_with(": expected a model file, found a directory"));
    let path = directory.path().join("m.json");
    for (bytes, rule) in [
        (&b""[..], "m.json: expected JSON, but EOF while parsing a value at line 1 column 0"),
        (b"{", "m.json: expected JSON, but EOF while parsing an object at line 1 column 1"),
        (b"\xff\xfe", "m.json: expected JSON, but expected value at line 1 column 1"),
        (b"[1]", r#"m.json, format: expected a model of this program, whose format is "hitflop-model""#),
    ] {
        std::fs::write(&path, bytes).expect("written");
        assert!(told(&path).ends_with(rule), "{}", told(&path));
    }
    // Cut anywhere, it is not JSON any more.
    let whole = to_json(&artifact()).expect("bytes");
    for end in (0..whole.len() - 2).step_by(97) {
        let error = from_json("m.json", &whole[..end]).expect_err("refused").to_string();
        assert!(error.starts_with("m.json: expected JSON, but "), "{error}");
    }
}

#[test]
fn a_wrong_member_is_named_with_rule_and_value() {
    let is = |pointer: &str, value: Value, expected: &str| {
        let mut document = document();
        *document.pointer_mut(pointer).expect("a member of the file") = value;
        assert_eq!(told(&document), format!("m.json, {expected}"));
    };
    let format = r#"expected a model of this program, whose format is "hitflop-model""#;
    is("/format", json!("other"), &format!(r#"format: {format}, found "other""#));
    let newer = "expected at most 1; the model was written by a newer program";
    is("/version", json!(2), &format!(r#"version: {newer}, found "2""#));
    is("/version", json!(0), r#"version: expected a whole number from 1 to 1, found "0""#);
    is("/version", json!("1"), r#"version: expected a whole number from 1 to 1, found "\"1\"""#);
    is("/estimator", json!("forest"), r#"estimator: expected "decision_tree", found "forest""#);
    let known = "expected a feature that this program knows";
    is("/features/1/name", json!("loudnes"), &format!(r#"features[1].name: {known}, found "loudnes""#));
    is(
        "/features/1/name",
        json!("danceability"),
        r#"features[1].name: expected each feature once, found "danceability""#,
    );
    is("/features", json!([]), "features: expected at least one feature");
    is("/threshold", json!(1.5), r#"threshold: expected a number from 0 to 1, found "1.5""#);
    is("/metrics/scores/f1", json!(-1), r#"metrics.scores.f1: expected a number from 0 to 1, found "-1""#);
    let least = "expected a whole number of at least 1";
    is("/settings/max_depth", json!(0), &format!(r#"settings.max_depth: {least}, found "0""#));
    is("/settings/max_depth", json!(3), r#"nodes: expected a tree no deeper than settings.max_depth, 3, found "4""#);
    is("/preprocessing/method", json!("none"), r#"preprocessing.method: expected "standardise", found "none""#);
    is("/preprocessing/scales/0", json!(0), r#"preprocessing.scales[0]: expected a number above 0, found "0""#);
    is("/preprocessing/means", json!([1]), r#"preprocessing.means: expected 3 numbers, one a feature, found "1""#);
    is("/nodes/0/split/feature", json!(3), r#"nodes[0].split.feature: expected a feature's index, below 3, found "3""#);
    let count = document()["nodes"].as_array().expect("nodes").len();
    let later = format!("expected a later node's index, 1 to {}", count - 1);
    is("/nodes/0/split/left", json!(0), &format!(r#"nodes[0].split.left: {later}, found "0""#));
    is("/nodes/0/split/right", json!(99_999), &format!(r#"nodes[0].split.right: {later}, found "99999""#));
    is("/nodes", json!([]), r#"nodes: expected at least one node, found "0""#);
    is("/nodes/0/counts/0", json!(1), r#"nodes[0].counts[0]: expected the sum of the children's counts, found "1""#);
}

#[test]
fn a_missing_member_is_named() {
    for member in document().as_object().expect("an object").keys() {
        let mut document = document();
        document.as_object_mut().expect("an object").remove(member);
        let told = told(&document);
        let named = [format!("m.json, {member}: "), format!("missing field `{member}`")];
        assert!(named.iter().any(|name| told.contains(name)), "{told}");
    }
    let mut document = document();
    document["nodes"][0]["split"].as_object_mut().expect("a split").remove("threshold");
    assert!(told(&document).contains("missing field `threshold`"));
}

/// Every place in a JSON value, as pointers.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), all)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| pointers(value, &format!("{at}/{index}"), all));
        }
        _ => {}
    }
}

fn absurd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!([])),
        Just(json!({})),
        Just(json!(u64::MAX)),
        Just(json!(f64::MAX)),
        Just(json!(f64::MIN_POSITIVE)),
        Just(json!([u64::MAX, u64::MAX])),
        any::<bool>().prop_map(Value::from),
        "[a-z]{0,8}".prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-3i64..300).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
    ]
}

/// Reading either refuses, or gives a model that scores without a panic and within 0 to 1.
fn holds(bytes: &[u8]) {
    let Ok(artifact) = from_json("m.json", bytes) else { return };
    let scorer = Scorer::new(artifact);
    let records = Array2::from_shape_fn((5, scorer.features().len()), |(row, column)| (row * column) as f64 * 1e5);
    let scores = scorer.score(records.view()).expect("finite records of the right width");
    assert!(scores.iter().all(|score| (0.0..=1.0).contains(&score.probability)));
}

proptest! {
    #[test]
    fn no_change_of_values_makes_reading_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), absurd()), 1..4)
    ) {
        let mut document = document();
        for (place, value) in changes {
            let mut all = Vec::new();
            pointers(&document, "", &mut all);
            *document.pointer_mut(&all[place.index(all.len())]).expect("a place in the file") = value;
        }
        holds(document.to_string().as_bytes());
    }

    #[test]
    fn no_change_of_bytes_makes_reading_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        let mut bytes = to_json(&artifact()).expect("bytes");
        for (place, byte) in changes {
            let index = place.index(bytes.len());
            bytes[index] = byte;
        }
        holds(&bytes);
    }
}
