//! What is written is what is read, and what is not a model is refused by name.

use proptest::prelude::*;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

use super::{from_bytes, metrics_json, read, to_bytes, write, Artifact, DataFile, EvaluationMetrics, ModelOrigin};
use crate::blend::BlendRecipe;
use crate::decision::{Decision, DecisionRule};
use crate::estimator::{EstimatorKind, EstimatorParams};
use crate::fixtures::{complete_tracks, tracks};
use crate::missing::{fit_fallbacks, FallbackRows};
use crate::probabilities::{CalibrationScores, ProbabilityQuality};
use crate::reference::FeatureQuantiles;
use crate::scoring::Scorer;
use crate::selection::cross_validation::CrossValidation;
use crate::selection::feature_set::FeatureSet;
use crate::selection::hold_out::HoldOut;
use crate::selection::train::train_held_out;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_core::fingerprint::Fingerprint;
use hitflop_core::track::{Feature, Label};
use hitflop_metrics::calibration::CalibratorKind;
use hitflop_metrics::split::Folds;
use hitflop_metrics::threshold::Objective;
use hitflop_trees::{GradientBoostingParams, RandomForestParams};

fn artifact(kind: EstimatorKind) -> Artifact {
    let params = match kind {
        EstimatorKind::Tree => EstimatorParams::of(kind),
        _ => EstimatorParams::of(kind).with("n_estimators", "7").expect("a number"),
    };
    fitted(params).expect("a model")
}

fn fitted(params: EstimatorParams) -> Result<Artifact> {
    fitted_to(params, &tracks(400))
}

fn fitted_to(params: EstimatorParams, tracks: &Dataset) -> Result<Artifact> {
    let hold_out = HoldOut::default();
    let trained = train_held_out(params, tracks, &hold_out)?;
    let folds = CrossValidation { folds: vec![trained.evaluation.scores; 2] };
    Ok(Artifact {
        origin: ModelOrigin {
            program_version: "0.1.0".to_owned(),
            run_id: Some("0123456789abcdef".to_owned()),
            simulated: Some(false),
            label: Some("target".to_owned()),
            created: Some("2026-01-02T03:04:05Z".to_owned()),
            feature_set: FeatureSet::Selected,
            hold_out,
            metrics: EvaluationMetrics::new(&trained.evaluation, Some(folds)),
            data: vec![DataFile { name: "dataset-of-60s.csv".to_owned(), sha256: "00ff".repeat(16) }],
        },
        model: trained.model,
        reference: FeatureQuantiles::of(&complete_tracks(80)).expect("a reference"),
    })
}

/// A model that is calibrated and has a threshold of its own.
fn calibrated(kind: EstimatorKind, method: CalibratorKind) -> Artifact {
    let rows = tracks(400);
    let artifact = artifact(kind);
    let raw = artifact.model.estimator.predict_proba(rows.records()).to_vec();
    let truth = rows.targets().to_vec();
    let calibration = method.fit(&truth, &raw).expect("a map");
    let decision = Decision { calibration, threshold: 0.4375, objective: Objective::Precision(0.75) };
    let scores = ProbabilityQuality::of(&decision, None, &truth, &raw).scores;
    let metrics =
        artifact.origin.metrics.clone().calibrated(CalibrationScores { out_of_fold: Some(scores.test), ..scores });
    Artifact {
        model: artifact.model.with_decision(&decision),
        origin: ModelOrigin { metrics, ..artifact.origin },
        reference: artifact.reference,
    }
}

/// The defaults of a kind, but for these, each written `name=value`.
fn set(kind: EstimatorKind, settings: &[&str]) -> EstimatorParams {
    settings.iter().fold(EstimatorParams::of(kind), |params, setting| {
        let (name, value) = setting.split_once('=').expect("a setting");
        params.with(name, value).expect(setting)
    })
}

fn bytes(kind: EstimatorKind) -> Vec<u8> {
    to_bytes(&artifact(kind)).expect("bytes")
}

fn message(bytes: &[u8]) -> String {
    let error = from_bytes("m.model", bytes).expect_err("refused");
    assert!(error.is_input(), "{error}");
    error.to_string()
}

/// The length of the header of a file.
/// Where the header starts.
const START: usize = 36;

fn header_length(bytes: &[u8]) -> usize {
    u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes")) as usize
}

/// The file with another header, and a checksum that is right.
fn with_header(bytes: &[u8], header: &Value) -> Vec<u8> {
    let header = header.to_string();
    let mut changed = bytes[..12].to_vec();
    changed.extend((header.len() as u32).to_le_bytes());
    changed.extend(&bytes[16..START]);
    changed.extend(header.as_bytes());
    changed.extend(&bytes[START + header_length(bytes)..bytes.len() - 32]);
    let checksum = Sha256::digest(&changed);
    changed.extend(checksum);
    changed
}

fn header(bytes: &[u8]) -> Value {
    serde_json::from_slice(&bytes[START..START + header_length(bytes)]).expect("JSON")
}

#[test]
fn a_model_read_back_is_the_model_written_bit_for_bit() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for kind in EstimatorKind::SINGLE {
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
fn a_calibrated_model_read_back_gives_the_same_answers_bit_for_bit() {
    for kind in EstimatorKind::SINGLE {
        for method in [CalibratorKind::Platt, CalibratorKind::Isotonic] {
            let artifact = calibrated(kind, method);
            let back = from_bytes("m.model", &to_bytes(&artifact).expect("bytes")).expect("read back");
            assert_eq!(back, artifact);
            assert_eq!((back.model.threshold, back.model.objective), (0.4375, Objective::Precision(0.75)));
            let records = tracks(1000);
            let raw = back.model.estimator.predict_proba(records.records());
            let scores = Scorer::new(back).score(records.records()).expect("scores");
            for (score, raw) in scores.iter().zip(raw) {
                assert_eq!(score.probability.to_bits(), artifact.model.calibration.apply(raw).to_bits());
                assert_eq!(score.label == Label::Hit, score.probability > 0.4375);
            }
        }
    }
}

#[test]
fn a_wrong_calibration_is_named() {
    let is = |method: CalibratorKind, pointer: &str, value: Value, expected: &str| {
        let bytes = to_bytes(&calibrated(EstimatorKind::Forest, method)).expect("bytes");
        let mut header = header(&bytes);
        *header.pointer_mut(pointer).expect("a member of the header") = value;
        assert_eq!(message(&with_header(&bytes, &header)), format!("m.model, {expected}"));
    };
    let (platt, isotonic) = (CalibratorKind::Platt, CalibratorKind::Isotonic);
    let slope = r#"calibration.slope: expected a finite number greater than 0, found "-1""#;
    is(platt, "/calibration/slope", json!(-1.0), slope);
    is(
        isotonic,
        "/calibration/calibrated/0",
        json!(1.5),
        r#"calibration.calibrated[0]: expected a number from 0 to 1, found "1.5""#,
    );
    is(
        isotonic,
        "/calibration/probabilities",
        json!([]),
        r#"calibration.probabilities: expected at least one knot, found "0""#,
    );
    is(
        isotonic,
        "/calibration",
        json!({ "method": "isotonic", "probabilities": [0.5, 0.25], "calibrated": [0.1, 0.2] }),
        r#"calibration.probabilities[1]: expected more than that of the knot before, 0.5, found "0.25""#,
    );
    is(
        isotonic,
        "/calibration",
        json!({ "method": "isotonic", "probabilities": [0.25, 0.5], "calibrated": [0.25, 0.125] }),
        r#"calibration.calibrated[1]: expected at least that of the knot before, 0.25, found "0.125""#,
    );
    is(
        platt,
        "/threshold_objective",
        json!("0.5"),
        r#"threshold: expected 0.5, as threshold_objective says, found "0.4375""#,
    );
    is(
        platt,
        "/metrics/calibration/out_of_fold/after/brier",
        json!(-0.5),
        r#"metrics.calibration.out_of_fold.after.brier: expected a number from 0 to 1, found "-0.5""#,
    );
    is(
        platt,
        "/metrics/calibration/test/before/log_loss",
        json!(-1.0),
        r#"metrics.calibration.test.before.log_loss: expected a number of at least 0, found "-1""#,
    );
    let bytes = to_bytes(&calibrated(EstimatorKind::Forest, platt)).expect("bytes");
    for (member, value) in [("threshold_objective", json!("recall")), ("calibration", json!({ "method": "beta" }))] {
        let mut header = header(&bytes);
        header[member] = value;
        let message = message(&with_header(&bytes, &header));
        assert!(message.starts_with("m.model, header: expected the description of a model, but "), "{message}");
    }
}

/// A model with fallback models.
fn with_fallbacks(kind: EstimatorKind) -> Artifact {
    let (train, test) = (complete_tracks(300), complete_tracks(100));
    let params = match kind {
        EstimatorKind::Blend => small_blend(),
        EstimatorKind::Tree => EstimatorParams::of(kind),
        _ => EstimatorParams::of(kind).with("n_estimators", "7").expect("a number"),
    };
    let artifact = fitted_to(params, &train).expect("a model");
    let folds = Folds::stratified(&train.targets().to_vec(), 3, 1).expect("folds");
    let rows = FallbackRows { train: &train, folds: Some(&folds), calibration_rows: 100, test: &test };
    let single = artifact.model.params.single();
    let fallbacks = fit_fallbacks(&artifact.model, &single, &DecisionRule::default(), rows, 1).expect("fallbacks");
    Artifact { model: artifact.model.with_fallbacks(fallbacks), ..artifact }
}

/// A small blend of all kinds of members.
fn small_blend() -> EstimatorParams {
    let members = vec![
        GradientBoostingParams::new().n_estimators(5).into(),
        RandomForestParams::extra_trees().n_estimators(5).into(),
    ];
    EstimatorParams::Blend(BlendRecipe { members, weights: None, seed: 3 })
}

#[test]
fn fallback_models_and_blends_are_read_back_bit_for_bit() {
    let kinds = EstimatorKind::SINGLE.into_iter().chain([EstimatorKind::Blend]);
    for artifact in kinds.map(with_fallbacks) {
        let bytes = to_bytes(&artifact).expect("bytes");
        assert_eq!(bytes[8], 5);
        let back = from_bytes("m.model", &bytes).expect("read back");
        assert_eq!(back, artifact);
        let mut records = complete_tracks(200).records().to_owned();
        records.column_mut(Feature::Decade as usize).iter_mut().step_by(2).for_each(|value| *value = f64::NAN);
        records.column_mut(Feature::Key as usize).iter_mut().step_by(3).for_each(|value| *value = f64::NAN);
        let scores = |artifact: &Artifact| artifact.model.predict(records.view()).expect("predictions");
        assert_eq!(scores(&back), scores(&artifact));
        let end = bytes.len() / 2;
        assert!(message(&bytes[..end]).contains("the file is cut short, or it is damaged"));
    }
}

/// Version 4 differs in the form of its trees only, which a model states itself; version 3 has no length of fallback models.
#[test]
fn files_of_earlier_versions_are_read() {
    let artifact = artifact(EstimatorKind::Forest);
    let bytes = to_bytes(&artifact).expect("bytes");
    for (version, before_fallbacks) in [(3, START - 8), (4, START)] {
        let mut old = [&bytes[..before_fallbacks], &bytes[START..bytes.len() - 32]].concat();
        old[8] = version;
        let checksum = Sha256::digest(&old);
        old.extend(checksum);
        assert_eq!(from_bytes("m.model", &old).expect("read back"), artifact);
    }
}

#[test]
fn a_file_that_is_no_model_is_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let message_of = |path: &std::path::Path| {
        let error = read(path).expect_err("refused");
        assert!(error.is_input(), "{error}");
        error.to_string()
    };
    assert!(message_of(&directory.path().join("none.model")).ends_with("none.model: no such file"));
    assert!(message_of(directory.path()).ends_with(": expected a model file, found a directory"));
    for (bytes, rule) in [
        (&b""[..], "expected a model of this program, found nothing"),
        (
            b"{\"format\": 1}",
            "expected a model of this program; a JSON model of its first version has to be trained again",
        ),
        (b"\x93NUMPY, or anything else", "expected a model of this program, which begins with \"hitflop\""),
        (b"hitfl", "expected at least 60 bytes; the file is cut short, found \"5\""),
    ] {
        assert_eq!(message(bytes), format!("m.model: {rule}"));
    }
}

#[test]
fn what_is_wrong_with_a_file_is_named() {
    let whole = bytes(EstimatorKind::Forest);
    let length = whole.len();
    let changed = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        message(&bytes)
    };
    let newer = "m.model, version: expected at most 5; the model was written by a newer program, found \"6\"";
    assert_eq!(changed(8, 6), newer);
    for version in 1..3 {
        let older =
            "m.model, version: expected 3 to 5; the model was written by an older program: train it again, found";
        assert_eq!(changed(8, version), format!("{older} \"{version}\""));
    }
    for end in [START, 68, length / 2, length - 1] {
        let expected =
            format!("m.model: expected {length} bytes; the file is cut short, or it is damaged, found \"{end}\"");
        assert_eq!(message(&whole[..end]), expected);
    }
    let longer = [&whole[..], b"x"].concat();
    assert_eq!(
        message(&longer),
        format!(
            "m.model: expected {length} bytes; something was added to it, or it is damaged, found \"{}\"",
            length + 1
        )
    );
    // Lengths that no file has.
    assert!(changed(23, 0xff).contains("bytes; the file is cut short, or it is damaged"));
    for at in [START, length / 2, length - 33, length - 1] {
        let damaged = changed(at, whole[at] ^ 0x10);
        assert!(damaged
            .starts_with("m.model, checksum: expected the checksum of what comes before it; the file is damaged"));
    }
}

/// Checks the message about a model of which the header's member at `pointer` is `value`.
fn expect_message(kind: EstimatorKind, pointer: &str, value: Value, expected: &str) {
    let bytes = bytes(kind);
    let mut header = header(&bytes);
    *header.pointer_mut(pointer).expect("a member of the header") = value;
    assert_eq!(message(&with_header(&bytes, &header)), format!("m.model, {expected}"));
}

#[test]
fn a_wrong_parameter_threshold_or_name_is_named_with_rule_and_value() {
    let tree = EstimatorKind::Tree;
    expect_message(
        tree,
        "/params/tree/max_depth",
        json!(0),
        r#"params.max_depth: expected a whole number of at least 1, found "0""#,
    );
    expect_message(tree, "/threshold", json!(1.5), r#"threshold: expected a number from 0 to 1, found "1.5""#);
    expect_message(
        tree,
        "/preprocessing/scaling",
        json!("log"),
        r#"preprocessing.scaling: expected "none", found "log""#,
    );
    expect_message(
        tree,
        "/features/1/name",
        json!("danceability"),
        r#"features[1].name: expected each feature once, found "danceability""#,
    );
}

#[test]
fn a_wrong_list_of_features_is_named_with_rule_and_value() {
    let tree = EstimatorKind::Tree;
    let most = r#"features[0].training_min: expected at most training_max, 0"#;
    let features =
        |count: usize| Value::Array(header(&bytes(tree))["features"].as_array().expect("a list")[..count].to_vec());
    expect_message(
        tree,
        "/features/0/training_max",
        json!(-1.0),
        &most
            .replace(", 0", ", -1, found")
            .replace("found", &format!("found \"{}\"", header(&bytes(tree))["features"][0]["training_min"])),
    );
    expect_message(tree, "/features", features(2), r#"trees.cuts: expected 2, one a feature, found "3""#);
    expect_message(tree, "/features", json!([]), "features: expected at least one feature");
    expect_message(tree, "/importances", json!([1.0]), r#"importances: expected 3 numbers, one a feature, found "1""#);
    expect_message(
        tree,
        "/metrics/scores/roc_auc",
        json!(2.0),
        r#"metrics.scores.roc_auc: expected a number from 0 to 1, found "2.0""#.replace("2.0", "2").as_str(),
    );
    expect_message(EstimatorKind::Boosting, "/baseline", Value::Null, "baseline: expected a number, as a boosting has");
    expect_message(
        EstimatorKind::Forest,
        "/params",
        json!({ "tree": { "max_depth": 7 } }),
        r#"trees: expected one tree with the frequencies of its leaves, found "7""#,
    );
    // A model has the features of its set that its tracks had, but no others.
    let whole = bytes(tree);
    let mut changed = header(&whole);
    changed["feature_set"] = json!("notebook");
    assert!(from_bytes("m.model", &with_header(&whole, &changed)).is_ok());
    changed["features"][2]["name"] = json!("sections");
    assert_eq!(
        message(&with_header(&whole, &changed)),
        r#"m.model, features: expected features of the set "notebook", in order, found "danceability, key, sections""#
    );
}

#[test]
fn wrong_counts_are_named_with_rule_and_value() {
    let tree = EstimatorKind::Tree;
    for member in ["train_rows", "test_rows", "cross_validation/folds"] {
        let empty = if member.ends_with("folds") { json!([]) } else { json!(0) };
        let named = member.replace('/', ".");
        expect_message(
            tree,
            &format!("/metrics/{member}"),
            empty,
            &format!(r#"metrics.{named}: expected at least one, found "0""#),
        );
    }
    expect_message(
        tree,
        "/metrics/test_rows",
        json!(81),
        r#"metrics.confusion: expected counts that add up to test_rows, 81, found "80""#,
    );
    expect_message(
        tree,
        "/metrics/confusion",
        json!({ "true_negatives": u64::MAX, "false_positives": 81, "false_negatives": 0, "true_positives": 0 }),
        r#"metrics.confusion: expected counts that add up to test_rows, 80, found "18446744073709551696""#,
    );
}

#[test]
fn a_wrong_origin_is_named_with_rule_and_value() {
    let tree = EstimatorKind::Tree;
    for time in
        ["", "yesterday", "2026-01-31 12:00:00", "2026-13-31T12:00:00Z", "2026-01-31T12:00:00+", "2026-01-31T24:00:00Z"]
    {
        let rule = "expected a time in UTC such as 2026-01-31T12:00:00Z";
        expect_message(tree, "/created", json!(time), &format!("created: {rule}, found {time:?}"));
    }
    let plain = r#"expected text without control characters, found "\u{1b}[31m""#;
    expect_message(tree, "/program_version", json!("\u{1b}[31m"), &format!("program_version: {plain}"));
    expect_message(tree, "/run_id", json!("\u{1b}[31m"), &format!("run_id: {plain}"));
    expect_message(tree, "/label", json!("\u{1b}[31m"), &format!("label: {plain}"));
    expect_message(tree, "/metrics/protocol", json!("\u{1b}[31m"), &format!("metrics.protocol: {plain}"));
    expect_message(tree, "/data/0/name", json!("\u{1b}[31m"), &format!("data[0].name: {plain}"));
    expect_message(
        tree,
        "/data/0/sha256",
        json!("00fg"),
        r#"data[0].sha256: expected 64 hexadecimal digits, found "00fg""#,
    );
    expect_message(
        tree,
        "/hold_out/test_share",
        json!(5.0),
        r#"hold_out.test_share: expected a number from 0 to 1, found "5""#,
    );
}

/// As programs wrote it that knew neither runs nor labels.
#[test]
fn a_model_without_run_is_read_and_of_unknown_tracks() {
    let bytes = bytes(EstimatorKind::Tree);
    let mut old = header(&bytes);
    for member in ["run_id", "simulated", "label"] {
        old.as_object_mut().expect("an object").remove(member).expect("it was there");
    }
    let read = from_bytes("model", &with_header(&bytes, &old)).expect("an old model");
    let ModelOrigin { run_id, simulated, label, .. } = &read.origin;
    assert_eq!((run_id, simulated, label), (&None, &None, &None));
    assert_eq!((read.origin.label(), read.origin.notice()), ("target", None));
    assert_eq!(super::describe(&read)["simulated"], Value::Null);

    let mut simulated = header(&bytes);
    simulated["simulated"] = json!(true);
    let read = from_bytes("model", &with_header(&bytes, &simulated)).expect("a model");
    assert!(read.origin.notice().is_some_and(|notice| notice.contains("simulated tracks")));
}

#[test]
fn an_unknown_feature_is_refused() {
    let bytes = bytes(EstimatorKind::Tree);
    let mut header = header(&bytes);
    header["features"][1]["name"] = json!("loudnes");
    let message = message(&with_header(&bytes, &header));
    assert!(
        message.starts_with("m.model, header: expected the description of a model, but unknown variant `loudnes`"),
        "{message}"
    );
}

#[test]
fn metrics_are_json_for_programs() {
    let forest = fitted(set(EstimatorKind::Forest, &["n_estimators=7", "oob_score=true"])).expect("a forest");
    let metrics: Value = serde_json::from_slice(&metrics_json(&forest, b"abc").expect("bytes")).expect("JSON");
    assert_eq!(metrics["params"]["forest"]["n_estimators"], 7);
    assert_eq!(metrics["metrics"]["test_rows"], 80);
    assert!(metrics["metrics"]["scores"]["roc_auc"].as_f64().expect("a number") > 0.8);
    assert_eq!(metrics["cross_validation"]["deviation"]["roc_auc"], 0.0);
    assert!(metrics["oob_score"].as_f64().expect("a number") > 0.7);
    assert_eq!(metrics["model_sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let tree = metrics_json(&artifact(EstimatorKind::Tree), b"").expect("bytes");
    assert_eq!(serde_json::from_slice::<Value>(&tree).expect("JSON")["oob_score"], Value::Null);
}

/// Where nothing can be learned, a tree that fits the training rows closely raises the loss on the others at once.
#[test]
fn a_boosting_that_stops_before_its_first_tree_is_read_back() {
    let greedy = ["learning_rate=1", "min_samples_leaf=1", "num_leaves=none", "max_depth=60", "min_child_weight=0"];
    let params = set(EstimatorKind::Boosting, &[&greedy[..], &["n_estimators=5", "early_stopping=1"]].concat());
    let like = tracks(400);
    let labels = (0..400).map(|row| row % 2 == 0).collect();
    let noise = Dataset::new(like.features().to_vec(), like.records().to_owned(), labels).expect("a dataset");
    let boosting = fitted_to(params, &noise).expect("a boosting");
    assert_eq!(boosting.model.estimator.trees().trees().len(), 0);
    let back = from_bytes("m.model", &to_bytes(&boosting).expect("bytes")).expect("read back");
    let probabilities = |artifact: &Artifact| artifact.model.predict_proba(tracks(9).records()).expect("scores");
    assert_eq!(probabilities(&back), probabilities(&boosting));
    for (kind, rule) in [
        ("tree", r#"trees: expected one tree with the frequencies of its leaves, found "0""#),
        ("forest", r#"trees: expected at least one tree, found "0""#),
    ] {
        let bytes = to_bytes(&boosting).expect("bytes");
        let mut header = header(&bytes);
        header["params"] = json!({ kind: {} });
        assert_eq!(message(&with_header(&bytes, &header)), format!("m.model, {rule}"));
    }
}

#[test]
fn values_of_a_boosting_are_no_forest() {
    let bytes = bytes(EstimatorKind::Boosting);
    let mut header = header(&bytes);
    header["params"] = json!({ "forest": {} });
    let message = message(&with_header(&bytes, &header));
    assert!(message.starts_with("m.model, trees[0].leaves[0]: expected a number from 0 to 1, found \"-"), "{message}");
}

#[test]
fn what_would_not_be_read_back_replaces_nothing() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("hitflop.model");
    let good = artifact(EstimatorKind::Tree);
    write(&good, &path).expect("written");
    // JSON has neither.
    for number in [f64::NAN, f64::INFINITY] {
        let mut bad = artifact(EstimatorKind::Forest);
        bad.origin.metrics.scores.log_loss = number;
        let error = write(&bad, &path).expect_err("refused");
        assert!(!error.is_input());
        let message = error.to_string();
        assert!(
            message.starts_with("the model is not saved, as it cannot be read back: model, header: expected"),
            "{message}"
        );
    }
    assert_eq!(read(&path).expect("as it was"), good);
}

/// Whatever is legal gives a model that is read back; whatever is not is refused by the parameter's name.
#[test]
fn parameters_at_their_limits_are_safe() {
    let most = u64::MAX.to_string();
    for (kind, setting) in [
        (EstimatorKind::Tree, "max_depth"),
        (EstimatorKind::Tree, "min_samples_leaf"),
        (EstimatorKind::Forest, "max_depth"),
        (EstimatorKind::Forest, "max_features"),
        (EstimatorKind::Forest, "min_samples_split"),
        (EstimatorKind::Forest, "min_samples_leaf"),
        (EstimatorKind::Forest, "seed"),
        (EstimatorKind::Boosting, "max_depth"),
        (EstimatorKind::Boosting, "num_leaves"),
        (EstimatorKind::Boosting, "min_samples_leaf"),
        (EstimatorKind::Boosting, "seed"),
    ] {
        let few = if kind == EstimatorKind::Tree { EstimatorParams::of(kind) } else { set(kind, &["n_estimators=3"]) };
        let params = few.with(setting, &most).expect("a number");
        to_bytes(&fitted(params).expect(setting)).expect(setting);
    }
    for settings in [
        ["class_weight=[1e-6, 1e6]", "criterion=gini"],
        ["class_weight=[1e6, 1e-6]", "criterion=entropy"],
        ["class_weight=[1e6, 1e6]", "criterion=gini"],
        ["class_weight=balanced", "criterion=entropy"],
    ] {
        let forest =
            fitted(set(EstimatorKind::Forest, &[&settings[..], &["n_estimators=3"]].concat())).expect("a forest");
        to_bytes(&forest).expect(settings[0]);
    }
    for settings in [
        ["l2_regularization=1e308", "min_child_weight=0"],
        ["l2_regularization=0", "min_child_weight=1e308"],
        ["l2_regularization=1e308", "min_child_weight=1e308"],
        ["learning_rate=1e-308", "subsample=1e-308"],
        ["early_stopping={\"rounds\": 18446744073709551615}", "colsample_bytree=1e-308"],
        ["early_stopping={\"validation_share\": 1e-308}", "max_bins=2"],
        ["early_stopping={\"validation_share\": 0.9999999999999999}", "learning_rate=1"],
    ] {
        let boosting =
            fitted(set(EstimatorKind::Boosting, &[&settings[..], &["n_estimators=3"]].concat())).expect("a boosting");
        to_bytes(&boosting).expect(settings[0]);
    }
    for (kind, setting) in [
        (EstimatorKind::Forest, "n_estimators"),
        (EstimatorKind::Boosting, "n_estimators"),
        (EstimatorKind::Forest, "max_samples"),
        (EstimatorKind::Forest, "max_bins"),
        (EstimatorKind::Boosting, "max_bins"),
    ] {
        let message = fitted(set(kind, &[&format!("{setting}={most}")])).expect_err("refused").to_string();
        assert!(message.starts_with(&format!("{setting}: expected ")), "{message}");
    }
}

#[test]
fn names_of_files_are_kept_without_control_characters() {
    let name = "a\nb\u{1b}é.csv".to_owned();
    let source = Fingerprint { name, decades: Vec::new(), rows: 1, bytes: 1, sha256: "00ff".repeat(16) };
    assert_eq!(DataFile::of(&[source])[0].name, r"a\nb\u{1b}é.csv");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..Default::default() })]

    /// Whatever is changed, it is refused or reads as a model; nothing panics.
    #[test]
    fn damage_never_panics(at in 0.0..1.0f64, byte: u8, cut in 0.0..1.0f64, with_checksum: bool) {
        let mut damaged = to_bytes(&calibrated(EstimatorKind::Boosting, CalibratorKind::Isotonic)).expect("bytes");
        let at = (at * damaged.len() as f64) as usize;
        prop_assume!(damaged[at] != byte);
        damaged[at] = byte;
        if with_checksum {
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
