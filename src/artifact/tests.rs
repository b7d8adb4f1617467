//! What is written is what is read, and what is not a model is refused by name.

use proptest::prelude::*;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

use super::{from_bytes, metrics_json, read, to_bytes, write, Artifact, DataFile, Metrics, Origin};
use crate::learn::comparison::FeatureSet;
use crate::learn::cross_validation::CrossValidation;
use crate::learn::estimator::{Kind, Params};
use crate::learn::examples::tracks;
use crate::learn::train::{train_held_out, HoldOut};
use crate::score::Scorer;

fn artifact(kind: Kind) -> Artifact {
    let params = match kind {
        Kind::Tree => Params::of(kind),
        _ => Params::of(kind).with("n_estimators", "7").expect("a number"),
    };
    let hold_out = HoldOut::default();
    let trained = train_held_out(params, &tracks(400), &hold_out).expect("a model");
    let folds = CrossValidation { folds: vec![trained.evaluation.scores; 2] };
    Artifact {
        origin: Origin {
            program_version: "0.1.0".to_owned(),
            created: Some("2026-01-02T03:04:05Z".to_owned()),
            feature_set: FeatureSet::Notebook,
            hold_out,
            metrics: Metrics::new(&trained.evaluation, Some(folds)),
            data: vec![DataFile { name: "dataset-of-60s.csv".to_owned(), sha256: "00ff".repeat(16) }],
        },
        model: trained.model,
    }
}

fn bytes(kind: Kind) -> Vec<u8> {
    to_bytes(&artifact(kind)).expect("bytes")
}

fn told(bytes: &[u8]) -> String {
    let error = from_bytes("m.model", bytes).expect_err("refused");
    assert!(error.is_input(), "{error}");
    error.to_string()
}

/// The length of the header of a file.
fn header_length(bytes: &[u8]) -> usize {
    u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes")) as usize
}

/// The file with another header, and a checksum that is right.
fn with_header(bytes: &[u8], header: &Value) -> Vec<u8> {
    let header = header.to_string();
    let mut changed = bytes[..12].to_vec();
    changed.extend((header.len() as u32).to_le_bytes());
    changed.extend(&bytes[16..24]);
    changed.extend(header.as_bytes());
    changed.extend(&bytes[24 + header_length(bytes)..bytes.len() - 32]);
    let checksum = Sha256::digest(&changed);
    changed.extend(checksum);
    changed
}

fn header(bytes: &[u8]) -> Value {
    serde_json::from_slice(&bytes[24..24 + header_length(bytes)]).expect("JSON")
}

#[test]
fn a_model_read_back_is_the_model_written_bit_for_bit() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for kind in Kind::ALL {
        let path = directory.path().join("models/hitflop.model");
        let artifact = artifact(kind);
        let size = write(&artifact, &path).expect("written");
        assert_eq!(size, std::fs::metadata(&path).expect("a file").len());
        let back = read(&path).expect("read back");
        assert_eq!(back, artifact);
        let records = tracks(1000);
        let scores = |artifact: &Artifact| Scorer::new(artifact.clone()).score(records.records()).expect("scores");
        let bits = |artifact| scores(artifact).iter().map(|score| score.probability.to_bits()).collect::<Vec<u64>>();
        assert_eq!(bits(&back), bits(&artifact));
        assert_eq!(to_bytes(&back).expect("bytes"), to_bytes(&artifact).expect("bytes"));
    }
}

#[test]
fn a_file_that_is_no_model_is_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let told_of = |path: &std::path::Path| {
        let error = read(path).expect_err("refused");
        assert!(error.is_input(), "{error}");
        error.to_string()
    };
    assert!(told_of(&directory.path().join("none.model")).ends_with("none.model: no such file"));
    assert!(told_of(directory.path()).ends_with(": expected a model file, found a directory"));
    for (bytes, rule) in [
        (&b""[..], "expected a model of this program, found nothing"),
        (
            b"{\"format\": 1}",
            "expected a model of this program; a JSON model of its first version has to be trained again",
        ),
        (b"\x93NUMPY, or anything else", "expected a model of this program, which begins with \"hitflop\""),
        (b"hitfl", "expected at least 56 bytes; the file is cut short, found \"5\""),
    ] {
        assert_eq!(told(bytes), format!("m.model: {rule}"));
    }
}

#[test]
fn what_is_wrong_with_a_file_is_named() {
    let whole = bytes(Kind::Forest);
    let length = whole.len();
    let changed = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        told(&bytes)
    };
    let newer = "m.model, version: expected at most 2; the model was written by a newer program, found \"3\"";
    assert_eq!(changed(8, 3), newer);
    let older = "m.model, version: expected 2; the model was written by an older program: train it again, found \"1\"";
    assert_eq!(changed(8, 1), older);
    for end in [24, 60, length / 2, length - 1] {
        let expected = format!("m.model: expected {length} bytes; the file is cut short, found \"{end}\"");
        assert_eq!(told(&whole[..end.max(24)]), expected);
    }
    let longer = [&whole[..], b"x"].concat();
    assert_eq!(
        told(&longer),
        format!("m.model: expected {length} bytes; something was added to it, found \"{}\"", length + 1)
    );
    // Lengths that no file has.
    assert!(changed(23, 0xff).contains("bytes; the file is cut short"));
    for at in [24, length / 2, length - 33, length - 1] {
        let damaged = changed(at, whole[at] ^ 0x10);
        assert!(damaged
            .starts_with("m.model, checksum: expected the checksum of what comes before it; the file is damaged"));
    }
}

#[test]
fn a_wrong_member_is_named_with_rule_and_value() {
    let is = |kind: Kind, pointer: &str, value: Value, expected: &str| {
        let bytes = bytes(kind);
        let mut header = header(&bytes);
        *header.pointer_mut(pointer).expect("a member of the header") = value;
        assert_eq!(told(&with_header(&bytes, &header)), format!("m.model, {expected}"));
    };
    let tree = Kind::Tree;
    is(
        tree,
        "/params/tree/max_depth",
        json!(0),
        r#"params.max_depth: expected a whole number of at least 1, found "0""#,
    );
    is(tree, "/threshold", json!(1.5), r#"threshold: expected a number from 0 to 1, found "1.5""#);
    is(tree, "/preprocessing/scaling", json!("log"), r#"preprocessing.scaling: expected "none", found "log""#);
    is(
        tree,
        "/features/1/name",
        json!("danceability"),
        r#"features[1].name: expected each feature once, found "danceability""#,
    );
    let most = r#"features[0].training_min: expected at most training_max, 0"#;
    let features =
        |count: usize| Value::Array(header(&bytes(tree))["features"].as_array().expect("a list")[..count].to_vec());
    is(
        tree,
        "/features/0/training_max",
        json!(-1.0),
        &most
            .replace(", 0", ", -1, found")
            .replace("found", &format!("found \"{}\"", header(&bytes(tree))["features"][0]["training_min"])),
    );
    is(tree, "/features", features(2), r#"trees.cuts: expected 2, one a feature, found "3""#);
    is(tree, "/features", json!([]), "features: expected at least one feature");
    is(tree, "/importances", json!([1.0]), r#"importances: expected 3 numbers, one a feature, found "1""#);
    is(
        tree,
        "/metrics/scores/roc_auc",
        json!(2.0),
        r#"metrics.scores.roc_auc: expected a number from 0 to 1, found "2.0""#.replace("2.0", "2").as_str(),
    );
    is(Kind::Boosting, "/baseline", Value::Null, "baseline: expected a number, as a boosting has");
    is(
        Kind::Forest,
        "/params",
        json!({ "tree": { "max_depth": 7 } }),
        r#"trees: expected one tree with the frequencies of its leaves, found "7""#,
    );
    let bytes = bytes(tree);
    let mut header = header(&bytes);
    header["features"][1]["name"] = json!("loudnes");
    let told = told(&with_header(&bytes, &header));
    assert!(
        told.starts_with("m.model, header: expected the description of a model, but unknown variant `loudnes`"),
        "{told}"
    );
}

#[test]
fn metrics_are_json_for_programs() {
    let metrics: Value = serde_json::from_slice(&metrics_json(&artifact(Kind::Forest)).expect("bytes")).expect("JSON");
    assert_eq!(metrics["params"]["forest"]["n_estimators"], 7);
    assert_eq!(metrics["metrics"]["test_rows"], 80);
    assert!(metrics["metrics"]["scores"]["roc_auc"].as_f64().expect("a number") > 0.8);
    assert_eq!(metrics["cross_validation"]["deviation"]["roc_auc"], 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..Default::default() })]

    /// Whatever is changed, it is refused or reads as a model; nothing panics.
    #[test]
    fn damage_never_panics(at in 0.0..1.0f64, byte: u8, cut in 0.0..1.0f64, mend: bool) {
        let mut damaged = bytes(Kind::Boosting);
        let at = (at * damaged.len() as f64) as usize;
        prop_assume!(damaged[at] != byte);
        damaged[at] = byte;
        if mend {
            let content = damaged.len() - 32;
            let checksum = Sha256::digest(&damaged[..content]);
            damaged[content..].copy_from_slice(&checksum);
        } else {
            prop_assert!(from_bytes("m.model", &damaged).is_err());
            damaged.truncate((cut * damaged.len() as f64) as usize);
            prop_assert!(from_bytes("m.model", &damaged).is_err());
        }
        let _ = from_bytes("m.model", &damaged);
    }
}
