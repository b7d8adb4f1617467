//! Scores of parameters or of a saved model, as a user meets them.

use std::fs;

use serde_json::Value;

use crate::common::{file, with_field};
use crate::place::{stderr, WorkDir};

/// Two decades of made-up tracks by 240 artists each.
fn place() -> WorkDir {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", of_many_artists(0));
    place.write("in/dataset-of-70s.csv", of_many_artists(600));
    place
}

fn of_many_artists(first: usize) -> String {
    let text = file(first, 600);
    let line = |(row, line): (usize, &str)| match line.split_once(",Artist ") {
        Some((title, rest)) => {
            let (_, rest) = rest.split_once(',').expect("more columns");
            format!("{title},Artist {},{rest}", (first + row) * 2 / 5)
        }
        None => line.to_owned(),
    };
    text.lines().enumerate().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// The same file with one more column.
fn with_column(text: &str, name: &str, value: impl Fn(usize, bool) -> String) -> String {
    let line = |(row, line): (usize, &str)| match row {
        0 => format!("{line},{name}"),
        row => format!("{line},{}", value(row, line.ends_with(",1"))),
    };
    text.lines().enumerate().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

const SMALL: [&str; 6] = ["--param", "n_estimators=12", "--param", "num_leaves=6", "--features", "all"];

/// As validation schemes score parameters: without a calibration, and at a threshold of one half.
const PLAIN: [&str; 4] = ["--calibration", "none", "--threshold", "0.5"];

#[test]
fn parameters_are_scored_by_every_scheme() {
    let place = place();
    let arguments = [&["evaluate", "--data", "in", "--repeats", "2"], &SMALL[..]].concat();
    let summary = place.json(&arguments);
    let protocols = summary["assessment"]["protocols"]["protocols"].as_array().expect("a list");
    let names: Vec<&str> = protocols.iter().filter_map(|one| one["protocol"].as_str()).collect();
    assert_eq!(names, ["random", "grouped", "forward"]);
    assert_eq!(protocols[0]["parts"].as_array().map(Vec::len), Some(2));
    assert_eq!(protocols[1]["known_share"], 0.0);
    assert_eq!(protocols[2]["parts"][0]["test_decade"], 1970);
    let files = place.files();
    for requested in [
        "reports/evaluation.json",
        "reports/charts/validation_schemes.svg",
        "reports/charts/transfer.png",
        "reports/charts/leakage.svg",
        "reports/tables/validation_schemes.csv",
        "reports/tables/leakage_columns.csv",
    ] {
        assert!(files.iter().any(|file| file == requested), "{requested} in {files:?}");
    }
    let json = fs::read(place.path().join("reports/evaluation.json")).expect("written");
    let mut json: Value = serde_json::from_slice(&json).expect("JSON");
    let provenance = json.as_object_mut().and_then(|members| members.remove("provenance")).expect("a provenance");
    assert_eq!((&provenance["command"], &provenance["simulated"]), (&"evaluate".into(), &false.into()));
    // What was evaluated is found to be equal without printing pages of numbers.
    assert!(json == summary["assessment"]);
    let people = place.hitflop(&arguments);
    let people = String::from_utf8_lossy(&people.stdout).into_owned();
    for words in [
        "Validation",
        "random   ROC AUC",
        "grouped  ROC AUC",
        "forward  ROC AUC",
        "over 1 decade",
        "Leakage",
        "the artist alone",
    ] {
        assert!(people.contains(words), "{words} in {people}");
    }

    let grouped = place.json(&[&arguments[..], &["--protocol", "grouped,random"]].concat());
    let protocols = grouped["assessment"]["protocols"]["protocols"].as_array().expect("a list");
    assert_eq!(protocols.len(), 2, "{protocols:?}");
}

#[test]
fn evaluations_are_the_same_at_any_number_of_threads() {
    let place = place();
    let results = |threads: &str| {
        let arguments = ["evaluate", "--data", "in", "--repeats", "2", "--threads", threads];
        place.json(&[&arguments[..], &SMALL[..]].concat());
        fs::read(place.path().join("reports/evaluation.json")).expect("written")
    };
    let once = results("1");
    assert!(results("2") == once && results("4") == once);
}

#[test]
fn a_saved_model_scores_the_rows_that_it_was_scored_on() {
    let place = place();
    let trained = place.json(
        &[
            &[
                "train",
                "--data",
                "in",
                "--output",
                "models/hitflop.model",
                "--split",
                "grouped",
                "--write-split",
                "split.parquet",
            ][..],
            &SMALL[..],
            &PLAIN,
        ]
        .concat(),
    );
    assert_eq!(trained["model"]["protocol"], "grouped 80/20, seed 42");
    let model = ["--model", "models/hitflop.model"];
    let scored = place.json(&[&["evaluate", "--input", "split.parquet"], &model[..]].concat());
    assert_eq!(scored["scores"], trained["model"]["scores"]);
    assert_eq!(scored["confusion"], trained["model"]["confusion"]);
    assert_eq!((&scored["rows"], &scored["test_rows_only"]), (&trained["model"]["test_rows"], &Value::from(true)));
    assert_eq!(scored["resampled"], "tracks");
    let people = place.hitflop(&[&["evaluate", "--input", "split.parquet"], &model[..]].concat());
    let people = String::from_utf8_lossy(&people.stdout).into_owned();
    for words in [
        "rows whose split is `test` of split.parquet",
        "predicted as a hit above a probability of 0.5",
        "1,000 resamples of tracks",
    ] {
        assert!(people.contains(words), "{words} in {people}");
    }

    // A decade file is labelled, too, and knows its artists.
    let csv = place.json(&[&["evaluate", "--input", "in/dataset-of-60s.csv"], &model[..]].concat());
    assert_eq!(
        (&csv["rows"], &csv["resampled"], &csv["test_rows_only"]),
        (&Value::from(600), &Value::from("artists"), &Value::from(false))
    );
    let interval = &csv["intervals"]["roc_auc"];
    assert!(
        interval["low"].as_f64() < csv["scores"]["roc_auc"].as_f64()
            && interval["high"].as_f64() > csv["scores"]["roc_auc"].as_f64()
    );

    // The first line says that the model was fitted on most of these rows, and why that is known.
    let first_line = |arguments: &[&str]| {
        let people = place.hitflop(&[&["evaluate"], &model[..], arguments].concat());
        let text = String::from_utf8_lossy(&people.stdout).into_owned();
        text.lines().next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let same_file = first_line(&["--input", "in/dataset-of-60s.csv"]);
    assert!(
        same_file.starts_with("TRAINED ON 600 of 600 rows are tracks of the model's data")
            && same_file.contains("; 1 of 1 file is a file of the model's data; the model was fitted on"),
        "{same_file}"
    );
    // The files of a directory are compared, not its name; the table of other rows counts as one.
    place.write("in/later/of_60s.csv", of_many_artists(7000));
    let both = first_line(&["--input", "in"]);
    std::fs::remove_dir_all(place.path().join("in/later")).expect("removed");
    assert!(both.contains("; 2 of 3 files are files of the model's data; the model"), "{both}");
    // Some of the rows in a file of another name, beside rows that are none of the data's.
    let known = of_many_artists(0).lines().take(201).collect::<Vec<_>>().join("\n");
    let other = of_many_artists(7000).lines().skip(1).take(100).collect::<Vec<_>>().join("\n");
    place.write("mixed-60s.csv", format!("{known}\n{other}\n"));
    let mixed = first_line(&["--input", "mixed-60s.csv"]);
    assert!(mixed.starts_with("TRAINED ON 200 of 300 rows are tracks of the model's data"), "{mixed}");
    // Test rows were held out, and other tracks are no part of the data.
    assert!(!first_line(&["--input", "split.parquet"]).starts_with("TRAINED ON"));
    place.write("other-60s.csv", of_many_artists(7000));
    assert!(!first_line(&["--input", "other-60s.csv"]).starts_with("TRAINED ON"));
    // Without the known tracks it is not known.
    std::fs::rename(place.path().join("models/hitflop.tracks"), place.path().join("kept")).expect("renamed");
    let unknown = first_line(&["--input", "other-60s.csv"]);
    assert!(unknown.starts_with("TRAINED ON unknown: the known tracks of the model are not beside it"), "{unknown}");
    std::fs::rename(place.path().join("kept"), place.path().join("models/hitflop.tracks")).expect("renamed");

    place.write("bad.csv", with_field(&file(0, 10), 4, "target", "2"));
    let message = place.refused(&[&["evaluate", "--input", "bad.csv"], &model[..]].concat());
    assert!(message.contains("column decade: the column is missing"), "{message}");
    place.write("bad-60s.csv", with_field(&file(0, 10), 4, "target", "2"));
    let message = place.refused(&[&["evaluate", "--input", "bad-60s.csv"], &model[..]].concat());
    assert!(message.contains(r#"bad-60s.csv, row 4, column target: expected 0 or 1, found "2""#), "{message}");
    place.refused(&["evaluate", "--input", "split.parquet"]);
    place.refused(&[&["evaluate", "--input", "split.parquet", "--thorough"], &model[..]].concat());

    // The model's parameters on decade files.
    let again = place.json(&[&["evaluate", "--data", "in", "--repeats", "1"], &model[..]].concat());
    assert_eq!(again["assessment"]["protocols"]["features"], 16);
    assert_eq!(again["assessment"]["protocols"]["protocols"][1]["parts"][0]["scores"], trained["model"]["scores"]);
}

#[test]
fn a_column_made_from_the_label_is_reported() {
    let place = WorkDir::new();
    let weeks = |row: usize, hit: bool| if hit { (row % 9 + 1).to_string() } else { String::new() };
    let genre = |_: usize, hit: bool| if hit { "pop".to_owned() } else { "raga".to_owned() };
    let noise = |row: usize, _: bool| (row * 7 % 13).to_string();
    for (name, first) in [("60", 0), ("70", 600)] {
        let text = with_column(&of_many_artists(first), "weeks", weeks);
        // What was appended is no label, so that the next columns are made from the one before.
        let hits: Vec<bool> = of_many_artists(first).lines().map(|line| line.ends_with(",1")).collect();
        let text = with_column(&text, "genre", |row, _| genre(row, hits[row]));
        place.write(&format!("in/dataset-of-{name}s.csv"), with_column(&text, "noise", noise));
    }
    let summary = place.json(&[&["evaluate", "--data", "in", "--repeats", "1"], &SMALL[..]].concat());
    let columns = summary["assessment"]["leaks"]["columns"].as_array().expect("columns");
    let find = |name: &str| columns.iter().find(|column| column["name"] == name).expect(name).clone();
    assert_eq!(find("weeks")["kind"], "extra_numbers");
    assert_eq!(find("genre")["kind"], "extra_texts");
    for (name, flagged) in [("weeks", true), ("genre", true), ("noise", false)] {
        let roc_auc = find(name)["grouped"]["roc_auc"].as_f64().expect("a number");
        assert_eq!(roc_auc > 0.85, flagged, "{name}: {roc_auc}");
    }
    assert!(!summary["assessment"].to_string().contains("\"weeks\",\"genre\""), "they are no features");
    let people = place.hitflop(&[&["evaluate", "--data", "in", "--repeats", "1"], &SMALL[..]].concat());
    let people = String::from_utf8_lossy(&people.stdout).into_owned();
    assert!(
        people.contains("Warning    ")
            && people.contains("predict the label suspiciously well alone (ROC AUC above 0.85)"),
        "{people}"
    );
}

#[test]
fn repeated_rows_are_one_track_unless_they_are_kept() {
    let place = WorkDir::new();
    let text = of_many_artists(0);
    // Row 5 again, under the other label; row 6 again as it is.
    let rows: Vec<&str> = text.lines().collect();
    let turned = match rows[5].strip_suffix(",1") {
        Some(start) => format!("{start},0"),
        None => format!("{},1", rows[5].strip_suffix(",0").expect("a label")),
    };
    place.write("in/dataset-of-60s.csv", format!("{text}{turned}\n{}\n", rows[6]));
    let train = [&["train", "--data", "in"], &SMALL[..]].concat();
    let rows = |summary: &Value| summary["model"]["train_rows"].as_u64().zip(summary["model"]["test_rows"].as_u64());
    assert_eq!(rows(&place.json(&train)), Some((480, 120)));
    assert_eq!(rows(&place.json(&[&train[..], &["--duplicates", "keep"]].concat())), Some((481, 121)));
    place.write("hitflop.toml", "duplicates = \"keep\"\n");
    assert_eq!(rows(&place.json(&train)), Some((481, 121)));
    place.write("hitflop.toml", "duplicates = \"drop\"\n");
    let output = place.hitflop(&train);
    assert!(!output.status.success() && stderr(&output).contains("duplicates"), "{}", stderr(&output));
}
