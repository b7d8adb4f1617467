//! Two tables or two models compared, as a user meets it.

use std::fs;

use crate::common::{file, with_field};
use crate::place::{stderr, WorkDir};

/// Two tables of made-up tracks, the second of which is louder.
fn place() -> WorkDir {
    let place = WorkDir::new();
    place.write("a.csv", file(0, 400));
    let louder =
        |text: String| (1..=300).fold(text, |text, row| with_field(&text, row, "loudness", &format!("-{}.5", row % 4)));
    place.write("b.csv", louder(file(400, 300)));
    place
}

fn psi(found: &serde_json::Value, name: &str) -> f64 {
    let ranking = found["verdict"]["ranking"].as_array().expect("a list");
    let entry = ranking.iter().find(|entry| entry["name"] == name).expect("an entry");
    entry["psi"]["value"].as_f64().expect("a number")
}

#[test]
fn what_differs_is_reported_as_one_set_of_files() {
    let place = place();
    let found = place.json(&["compare", "a.csv", "b.csv", "--resamples", "50"]);
    assert!(psi(&found, "loudness") > 1.0 && psi(&found, "tempo") < 0.2, "{}", found["verdict"]);
    assert_eq!((&found["comparison"]["rows"][0], &found["comparison"]["rows"][1]), (&400.into(), &300.into()));
    assert_eq!(found["comparison"]["resampled"], "artists");
    let json = fs::read_to_string(place.path().join("reports/compare/compare.json")).expect("written");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["verdict"], found["verdict"]);
    let files = place.files();
    for expected in ["compare.html", "charts/drift.png", "charts/distributions.svg", "tables/drift.csv"] {
        assert!(files.contains(&format!("reports/compare/{expected}")), "{files:?}");
    }
    assert!(files.iter().all(|file| file.starts_with("reports/compare/") || !file.contains('/')), "{files:?}");
    // Equal inputs give equal files.
    let before = fs::read(place.path().join("reports/compare/compare.json")).expect("written");
    place.json(&["compare", "a.csv", "b.csv", "--resamples", "50", "--threads", "1"]);
    assert_eq!(fs::read(place.path().join("reports/compare/compare.json")).expect("written"), before);
}

#[test]
fn a_table_does_not_drift_from_itself() {
    let place = place();
    let found = place.json(&["compare", "a.csv", "a.csv", "--resamples", "50", "--fail-on-drift", "0.0001"]);
    for entry in found["verdict"]["ranking"].as_array().expect("a list") {
        assert_eq!((&entry["psi"]["value"], &entry["psi"]["interval"]["high"]), (&0.0.into(), &0.0.into()), "{entry}");
    }
    let output = place.hitflop(&["compare", "a.csv", "a.csv", "--resamples", "50"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("No drift: every PSI is below 0.1"));
}

#[test]
fn drift_above_the_threshold_has_an_exit_code_of_its_own() {
    let place = place();
    let arguments = ["compare", "a.csv", "b.csv", "--resamples", "20", "--fail-on-drift"];
    let output = place.hitflop(&[&arguments[..], &["0.2"]].concat());
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("error: expected no PSI above 0.2, found loudness "), "{}", stderr(&output));
    assert!(place.path().join("reports/compare/compare.html").is_file(), "the report is written first");
    assert_eq!(place.hitflop(&[&arguments[..], &["100"]].concat()).status.code(), Some(0));
    let without = [&arguments[..], &["0.5", "--ignore", "loudness"]].concat();
    assert_eq!(place.hitflop(&without).status.code(), Some(0), "what is left out is not judged");
    // A column that one table lacks counts as drift.
    let column = |text: String| {
        text.lines().map(|line| line.split(',').take(6).collect::<Vec<_>>().join(",")).collect::<Vec<_>>().join("\n")
    };
    place.write("few.csv", column(file(0, 300)));
    let output = place.hitflop(&["compare", "a.csv", "few.csv", "--resamples", "20", "--fail-on-drift", "5"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("values in one table only"), "{}", stderr(&output));
}

#[test]
fn models_score_both_tables_and_are_compared_with_each_other() {
    let place = place();
    for (name, leaves) in [("old", "num_leaves=3"), ("new", "num_leaves=9")] {
        let model = format!("{name}.model");
        let tuning = ["--param", "n_estimators=8", "--param", leaves, "--output", &model, "--features", "notebook"];
        place.json(&[&["train", "--data", "a.csv", "--label", "target"], &tuning[..]].concat());
    }
    let found = place.json(&["compare", "a.csv", "b.csv", "--model", "old.model", "--resamples", "20"]);
    assert!(psi(&found, "scores") >= 0.0);
    let tables = &found["scores"][0]["tables"];
    assert!(tables[0]["labelled"]["scores"]["roc_auc"].as_f64() > Some(0.6), "{}", tables[0]);
    assert_eq!(found["models"][0]["known_rows"][0], 400, "the tracks that the model was fitted on are known");
    let change = ["compare", "b.csv", "--model", "old.model", "--against", "new.model", "--resamples", "20"];
    let found = place.json(&change);
    let change = &found["changes"][0];
    assert_eq!((&change["rows"], found["comparison"].is_null()), (&300.into(), true));
    assert!(change["tracks"].as_array().is_some_and(|tracks| tracks.len() == 20), "{}", change["tracks"]);
    assert!(change["tracks"][0]["title"].as_str().is_some_and(|title| title.starts_with("Track ")));
    // The charts of the former comparison are no part of this one.
    assert!(!place.path().join("reports/compare/charts/distributions.svg").exists());
    assert!(place.path().join("reports/compare/charts/joint_a.svg").is_file());
    let found =
        place.json(&["compare", "b.csv", "--model", "old.model", "--against", "old.model", "--resamples", "20"]);
    assert_eq!((&found["changes"][0]["flops_to_hits"], psi(&found, "scores in A, old to new")), (&0.into(), 0.0));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let place = place();
    let refused = |arguments: &[&str], words: &str| {
        let message = place.refused(&[&["compare"], arguments].concat());
        assert!(message.contains(words), "{arguments:?}: {message}");
    };
    place.write("empty.csv", file(0, 0));
    place.write("energy.csv", "energy\n0.5\n0.7\n");
    place.write("tempo.csv", "tempo\n100\n120\n");
    place.write("missing.csv", "energy,tempo\n,\n,\n");
    place.write("one.csv", file(0, 1));
    refused(&["a.csv", "empty.csv"], "empty.csv: expected rows");
    refused(&["energy.csv", "tempo.csv"], "tempo.csv: expected a feature with values in energy.csv too; it has energy");
    refused(&["a.csv", "missing.csv"], "missing.csv, row 1");
    refused(&["a.csv", "nowhere.csv"], "nowhere.csv");
    refused(&["a.csv"], "against");
    refused(&["a.csv", "b.csv", "--fail-on-drift", "0"], "--fail-on-drift: expected a number above 0");
    refused(&["a.csv", "b.csv", "--fail-on-drift", "NaN"], "--fail-on-drift: expected a number above 0");
    refused(&["a.csv", "b.csv", "--resamples", "1000000"], "--resamples: expected a number from 0 to 100000");
    refused(&["a.csv", "b.csv", "--ignore", "noise"], "expected one of danceability");
    refused(&["-", "-"], "expected standard input for one table at most");
    refused(&["a.csv", "one.csv", "--fail-on-drift", "0.2"], "expected at least 10 rows in each table");
    let found = place.json(&["compare", "a.csv", "one.csv"]);
    assert_eq!(found["verdict"]["ranking"], serde_json::json!([]), "one row has no distribution");
}

#[test]
fn simulated_tracks_do_not_replace_a_comparison_of_real_ones() {
    let place = place();
    place.json(&["sample", "--out", "sim"]);
    let simulated = ["compare", "a.csv", "sim/dataset-of-60s.csv", "--resamples", "0"];
    place.json(&simulated);
    assert!(place.path().join("reports/simulated/compare/compare.json").is_file());
    assert!(!place.path().join("reports/compare").exists());
    place.json(&["compare", "a.csv", "b.csv", "--resamples", "0", "--reports", "out"]);
    let message = place.refused(&[&simulated[..], &["--reports", "out"]].concat());
    assert!(message.contains("expected no comparison of real tracks here"), "{message}");
}
