//! The program as a user meets it: what it reads, what it refuses and how, what it writes.

mod command_line;
#[path = "../common/mod.rs"]
mod common;
mod compare;
mod evaluate;
mod examples;
mod export;
mod findings;
mod models;
mod own_tables;
mod place;
mod safety;
mod schemas;
mod tables;

use std::fs;
use std::io::Write as _;

use common::{file, with_field, HEADER};
use place::{stderr, WorkDir};
use serde_json::Value;

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, contents) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a member");
        writer.write_all(contents.as_bytes()).expect("written");
    }
    writer.finish().expect("a whole archive").into_inner()
}

#[test]
fn every_spelling_of_the_same_file_is_read_alike() {
    let plain = file(0, 50);
    let quoted = plain.replacen("Track 3,", "\"Track, \"\"three\"\"\",", 1);
    let reordered = reverse_columns(&plain);
    let decade_and_extra = plain
        .lines()
        .enumerate()
        .map(|(index, line)| if index == 0 { format!("{line},decade,note") } else { format!("{line},60s,\"a, b\"") })
        .collect::<Vec<_>>()
        .join("\n");
    let spellings: [(&str, Vec<u8>); 9] = [
        ("plain", plain.clone().into()),
        ("CRLF", plain.replace('\n', "\r\n").into()),
        ("byte-order mark", format!("\u{feff}{plain}").into()),
        ("no final newline", plain.trim_end().into()),
        (
            "CRLF, no final newline, byte-order mark",
            format!("\u{feff}{}", plain.trim_end().replace('\n', "\r\n")).into(),
        ),
        ("quoted commas and quotes", quoted.into()),
        ("other column order", reordered.into()),
        ("decade column and extra column", decade_and_extra.into()),
        (
            "whole numbers spelt with a fraction, blank line",
            plain.replacen("\nTrack 5", "\n\nTrack 5", 1).replace(",1\n", ",1.0\n").into(),
        ),
    ];
    for (name, contents) in spellings {
        let place = WorkDir::new();
        place.write("in/dataset-of-60s.csv", contents);
        let summary = place.json(&["ingest", "--data", "in"]);
        assert_eq!(summary["rows"], 50, "{name}");
        let hits: u64 = file(0, 50).lines().filter(|line| line.ends_with(",1")).count() as u64;
        let groups = summary["groups"].as_array().expect("groups");
        let hit_group = groups.iter().find(|group| group["label"] == "hit").expect("hits");
        assert_eq!(hit_group["decade"], 1960, "{name}");
        assert_eq!(hit_group["rows"], hits, "{name}");
        let energy = &hit_group["means"][1];
        assert_eq!(energy["feature"], "energy");
        let expected: Vec<f64> = plain
            .lines()
            .filter(|line| line.ends_with(",1"))
            .map(|line| line.split(',').nth(4).expect("energy").parse().expect("a number"))
            .collect();
        let mean = expected.iter().sum::<f64>() / expected.len() as f64;
        assert!((energy["mean"].as_f64().expect("a mean") - mean).abs() < 1e-12, "{name}");
    }
}

fn reverse_columns(text: &str) -> String {
    text.lines().map(|line| line.split(',').rev().collect::<Vec<_>>().join(",")).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn data_is_a_directory_a_glob_files_or_an_archive() {
    let place = WorkDir::new();
    let (sixties, seventies) = (file(0, 40), file(100, 40));
    place.write("in/dataset-of-60s.csv", &sixties);
    place.write("in/dataset-of-70s.csv", &seventies);
    place.write("in/readme.csv", "a,b\n1,2\n");
    place.write(
        "archive.zip",
        zip(&[("x/dataset-of-70s.csv", &seventies), ("dataset-of-60s.csv", &sixties), ("notes.txt", "")]),
    );
    for data in
        [&["in"][..], &["in/dataset-*.csv"], &["in/dataset-of-70s.csv", "in/dataset-of-60s.csv"], &["archive.zip"]]
    {
        let summary = place.json(&[&["ingest", "--data"], data].concat());
        assert_eq!(summary["rows"], 80, "{data:?}");
        assert_eq!(summary["sources"][0]["decades"][0], 1960, "oldest first: {data:?}");
        assert_eq!(summary["sources"][1]["rows"], 40, "{data:?}");
        assert_eq!(summary["simulated"], false);
    }
    assert_eq!(place.json(&["ingest", "--data", "in"])["notices"][0], "readme.csv: passed over, it is no decade file");
}

#[test]
fn the_decade_may_be_in_a_column_only() {
    let place = WorkDir::new();
    let rows = file(0, 40);
    let text: Vec<String> = rows
        .lines()
        .enumerate()
        .map(|(index, line)| match index {
            0 => format!("{line},decade"),
            odd if odd % 2 == 1 => format!("{line},1990"),
            _ => format!("{line},00s"),
        })
        .collect();
    place.write("all.csv", text.join("\n"));
    let summary = place.json(&["ingest", "--data", "all.csv"]);
    assert_eq!(summary["sources"][0]["decades"], serde_json::json!([1990, 2000]));
}

/// Each bad input with what the message must say; none may leave anything behind.
#[test]
fn bad_input_is_refused_with_place_rule_and_value() {
    let good = file(0, 40);
    let short_row = good.replacen("Track 7,", "", 1);
    let mut not_utf8 = good.clone().into_bytes();
    let position = good.find("Track 9,").expect("a ninth row");
    not_utf8[position] = 0xff;
    let archive = zip(&[("dataset-of-60s.csv", &good)]);
    let decade_column = |value: &str| {
        let line = |(index, line): (usize, &str)| {
            if index == 0 {
                format!("{line},decade")
            } else {
                format!("{line},{value}")
            }
        };
        good.lines().enumerate().map(line).collect::<Vec<_>>().join("\n")
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "dataset-of-60s.csv",
            good.replacen("energy", "energi", 1).into(),
            r#"column energy: the column is missing; the nearest name in the file is "energi""#,
        ),
        ("dataset-of-60s.csv", good.replacen("target", "tempo", 1).into(), "column tempo: the column occurs twice"),
        ("dataset-of-60s.csv", Vec::new(), "the file is empty"),
        ("dataset-of-60s.csv", format!("{HEADER}\n").into(), "expected rows after the header"),
        (
            "dataset-of-60s.csv",
            with_field(&good, 17, "energy", "loud").into(),
            r#"dataset-of-60s.csv, row 17, column energy: expected a number, found "loud""#,
        ),
        (
            "dataset-of-60s.csv",
            with_field(&good, 3, "tempo", "NaN").into(),
            r#"row 3, column tempo: expected a number, found "NaN""#,
        ),
        (
            "dataset-of-60s.csv",
            with_field(&good, 3, "tempo", "inf").into(),
            r#"row 3, column tempo: expected a finite number, found "inf""#,
        ),
        (
            "dataset-of-60s.csv",
            with_field(&good, 3, "tempo", "").into(),
            r#"row 3, column tempo: expected a number, found """#,
        ),
        (
            "dataset-of-60s.csv",
            with_field(&good, 3, "key", "3.5").into(),
            r#"row 3, column key: expected a whole number"#,
        ),
        (
            "dataset-of-60s.csv",
            with_field(&good, 3, "artist", "").into(),
            r#"row 3, column artist: expected text, found """#,
        ),
        (
            "dataset-of-60s.csv",
            with_field(&good, 40, "target", "2").into(),
            r#"row 40, column target: expected 0 or 1, found "2""#,
        ),
        ("dataset-of-60s.csv", short_row.into(), r#"row 8: expected 19 fields, as in the header, found "18""#),
        ("dataset-of-60s.csv", not_utf8, "row 10, column track: expected UTF-8"),
        (
            "dataset-of-65s.csv",
            good.clone().into(),
            r#"expected a decade from 30s to 90s or 00s to 20s in the file's name, found "65s""#,
        ),
        (
            "tracks.csv",
            good.clone().into(),
            "expected a decade in the file's name, as in dataset-of-60s.csv, or a decade column",
        ),
        (
            "dataset-of-60s.csv",
            decade_column("1970").into(),
            r#"row 1, column decade: expected 1960, the decade in the file's name, found "1970""#,
        ),
        ("tracks.csv", decade_column("sixties").into(), r#"row 1, column decade: expected a decade"#),
        ("archive.zip", archive[..archive.len() / 2].to_vec(), "archive.zip: expected a whole zip archive"),
        ("archive.zip", zip(&[("readme.txt", "nothing")]), "no decade file"),
    ];
    for (name, contents, expected) in cases {
        let place = WorkDir::new();
        place.write(name, contents);
        let before = place.files();
        let message = place.refused(&["run", "--data", name]);
        assert!(message.contains(expected), "{name}: expected {expected:?} in\n{message}");
        assert_eq!(place.files(), before, "{name}: {message}");
    }
}

#[test]
fn missing_and_repeated_files_are_refused() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 40));
    place.write("in/copy-of-70s.csv", file(0, 40));
    place.write("empty/readme.txt", "");
    for (data, expected) in [
        (&["nowhere"][..], "nowhere: no such file or directory"),
        (&["nowhere/*.csv"], "no file matches the pattern"),
        (&["empty"], "no decade file"),
        (&["in/dataset-of-60s.csv", "in/dataset-of-60s.csv"], "the file is given twice"),
        (&["in/dataset-of-60s.csv", "in/../in/dataset-of-60s.csv"], "the file is given twice"),
        (&["in"], "the same contents as"),
    ] {
        let message = place.refused(&[&["run", "--data"], data].concat());
        assert!(message.contains(expected), "{data:?}: {message}");
    }
}

#[test]
fn many_faults_are_counted() {
    let place = WorkDir::new();
    place.write("dataset-of-60s.csv", file(0, 60).replace("Artist", "Artist,"));
    let message = place.refused(&["ingest", "--data", "dataset-of-60s.csv"]);
    assert!(message.contains("… and 50 more"), "{message}");
}

#[test]
fn lenient_sets_bad_rows_aside_and_counts_them() {
    let place = WorkDir::new();
    let mut text = with_field(&file(0, 60), 17, "energy", "loud");
    text = with_field(&text, 18, "energy", "NaN");
    text = with_field(&text, 19, "tempo", "fast");
    place.write("in/dataset-of-60s.csv", text);
    let summary = place.json(&["ingest", "--data", "in", "--lenient", "--reports", "out"]);
    assert_eq!(summary["rows"], 57);
    assert_eq!(summary["rejected"], serde_json::json!({ "not a number": 2, "empty field": 1 }));
    let mut rejected = csv::Reader::from_path(place.path().join("out/rejected_rows.csv")).expect("the rejected rows");
    let rows: Vec<csv::StringRecord> = rejected.records().map(|record| record.expect("a record")).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(
        &rows[0].iter().collect::<Vec<_>>()[..6],
        ["dataset-of-60s.csv", "17", "energy", "not a number", "expected a number", "loud"]
    );
    assert!(rows[0][6].starts_with("Track 16,"));

    // A later run without bad rows must not leave the old list.
    place.write("in/dataset-of-60s.csv", file(0, 60));
    place.json(&["ingest", "--data", "in", "--lenient", "--reports", "out"]);
    assert!(!place.path().join("out/rejected_rows.csv").exists());
}

#[test]
fn an_error_leaves_an_earlier_result_as_it_was() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 60));
    place.json(&["ingest", "--data", "in"]);
    let parquet = place.path().join("data/processed/tracks.parquet");
    let before = fs::read(&parquet).expect("the union");
    place.write("in/dataset-of-60s.csv", with_field(&file(0, 60), 17, "energy", "loud"));
    place.refused(&["ingest", "--data", "in"]);
    assert_eq!(fs::read(&parquet).expect("still there"), before);
}

#[test]
fn run_writes_report_charts_tables_and_a_model_that_predicts() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 400));
    place.write("in/dataset-of-90s.csv", file(1000, 400));
    let summary =
        place.json(&["run", "--data", "in", "--reports", "out", "--models", "m", "--processed", "u/t.parquet"]);
    let files = place.files();
    for file in ["out/report.html", "out/report.json", "m/hitflop.model", "u/t.parquet"] {
        assert!(files.iter().any(|found| found == file), "{file} in {files:?}");
    }
    let charts =
        |extension| files.iter().filter(|file| file.starts_with("out/charts/") && file.ends_with(extension)).count();
    assert!(charts(".svg") >= 6);
    assert_eq!(charts(".svg"), charts(".png"));
    let message: Vec<&str> = summary["written"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for file in files.iter().filter(|file| !file.starts_with("in/")) {
        assert!(message.contains(&file.as_str()), "{file} in {message:?}");
    }
    let scores = &summary["model"]["scores"];
    assert!(scores["accuracy"].as_f64().expect("an accuracy") > 0.5);
    let html = fs::read_to_string(place.path().join("out/report.html")).expect("the report");
    assert!(!html.contains("class=\"banner\""), "these files are given, not simulated");

    let scored = place.hitflop(&["predict", "--model", "m/hitflop.model", "--input", "in/dataset-of-90s.csv"]);
    assert!(scored.status.success(), "{}", stderr(&scored));
    let mut reader = csv::Reader::from_reader(&scored.stdout[..]);
    assert_eq!(reader.headers().expect("a header").iter().rev().take(2).collect::<Vec<_>>(), ["probability", "label"]);
    let mut rows = 0;
    for record in reader.records() {
        let record = record.expect("a record");
        let probability: f64 = record[record.len() - 1].parse().expect("a probability");
        assert!((0.0..=1.0).contains(&probability));
        assert_eq!(&record[record.len() - 2], if probability > 0.5 { "1" } else { "0" });
        rows += 1;
    }
    assert_eq!(rows, 400);
}

#[test]
fn predict_refuses_as_ingest_does() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 400));
    place.json(&["train", "--data", "in", "--output", "models/hitflop.model", "--features", "notebook"]);
    let predict = |input: &str| place.refused(&["predict", "--model", "models/hitflop.model", "--input", input]);
    place.write("loud.csv", with_field(&file(0, 10), 4, "energy", "loud"));
    assert!(predict("loud.csv").contains(r#"loud.csv, row 4, column energy: expected a number, found "loud""#));
    place.write("short.csv", "danceability\n0.5\n");
    let absent = predict("short.csv");
    assert!(
        absent.contains("short.csv, columns energy, key, ") && absent.contains(": the columns are missing"),
        "{absent}"
    );
    assert!(predict("nowhere.csv").contains("no such file"));
    place.write("taken.csv", file(0, 3).replacen("artist", "label", 1));
    assert!(predict("taken.csv").contains("column label: expected no such column, because it is appended"));
    place.write("broken.model", "{");
    let message = place.refused(&["predict", "--model", "broken.model", "--input", "in/dataset-of-60s.csv"]);
    assert!(message.contains("broken.model"), "{message}");
    let message = place.refused(&["predict", "--model", "nowhere.model", "--input", "in/dataset-of-60s.csv"]);
    assert!(message.contains("nowhere.model"), "{message}");
}

#[test]
fn settings_come_from_flags_over_file_over_defaults() {
    let place = WorkDir::new();
    place.write("hitflop.toml", "seed = 7\nmax-correlation = 0.5\n");
    let printed = |arguments: &[&str]| {
        let output = place.hitflop(&[&["run", "--print-config"], arguments].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        toml::from_str::<toml::Table>(std::str::from_utf8(&output.stdout).expect("UTF-8")).expect("TOML")
    };
    let settings = printed(&["--max-correlation", "0.6"]);
    assert_eq!(settings["seed"].as_integer(), Some(7));
    assert_eq!(settings["max-correlation"].as_float(), Some(0.6));
    assert_eq!(settings["reports"].as_str(), Some("reports"));
    assert_eq!((settings["threshold"].as_str(), settings["calibration"].as_str()), (Some("accuracy"), Some("auto")));
    assert_eq!(printed(&["--threshold", "cost:5:1"])["threshold"].as_str(), Some("cost:5:1"));
    // What is printed is itself a configuration file.
    place.write("hitflop.toml", toml::to_string(&settings).expect("TOML"));
    assert_eq!(printed(&[]), settings);
    // A threshold may be written as a bare number there.
    place.write("hitflop.toml", "threshold = 0.4\ncalibration = \"none\"\n");
    let settings = printed(&[]);
    assert_eq!((settings["threshold"].as_str(), settings["calibration"].as_str()), (Some("0.4"), Some("none")));
}

#[test]
fn wrong_settings_are_refused() {
    let place = WorkDir::new();
    place.write("unknown.toml", "seed = 7\nsede = 8\n");
    let message = place.refused(&["run", "--config", "unknown.toml"]);
    assert!(message.contains("unknown.toml") && message.contains("sede"), "{message}");
    place.write("text.toml", "max-correlation = \"high\"\n");
    assert!(place.refused(&["run", "--config", "text.toml"]).contains("max-correlation"));
    for threshold in ["\"recall\"", "1.5", "true"] {
        place.write("threshold.toml", format!("threshold = {threshold}\n"));
        let message = place.refused(&["run", "--config", "threshold.toml"]);
        assert!(
            message.contains("threshold.toml") && message.contains("threshold") && message.contains("expected "),
            "{message}"
        );
    }
    assert!(place.refused(&["run", "--config", "nowhere.toml"]).contains("nowhere.toml"));
    let message = place.refused(&["run", "--max-correlation", "1.5"]);
    assert!(message.contains(r#"--max-correlation: expected a number from 0 to 1, found "1.5""#), "{message}");
    assert!(place.refused(&["run", "--draws", "0"]).contains("--draws"));
    place.refused(&["run", "--threads", "many"]);
    place.refused(&["fly"]);
}

#[test]
fn without_files_a_simulated_sample_is_used_and_said_so() {
    let place = WorkDir::new();
    let summary = place.json(&["run"]);
    assert_eq!(summary["simulated"], true);
    assert!(summary["rows"].as_u64().expect("a count") > 40_000);
    let html = fs::read_to_string(place.path().join("reports/simulated/report.html")).expect("the report");
    assert!(html.contains("simulated"));
    assert!(html.len() < 6_000_000, "{} bytes", html.len());

    assert!(html.contains("class=\"banner\""));

    // The same sample written as files is known again.
    let sample = place.json(&["sample", "--out", "data"]);
    assert_eq!(sample["written"].as_array().map(Vec::len), Some(6));
    let again = place.json(&["ingest"]);
    assert_eq!(again["simulated"], true);
    assert_eq!(again["rows"], summary["rows"]);
    assert_eq!(again["groups"].as_array().map(Vec::len), Some(12));
    assert!(place.refused(&["sample", "--out", "data"]).contains("--force"));
}

#[test]
fn quiet_says_nothing_and_a_pipe_sees_no_progress() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 60));
    let quiet = place.hitflop(&["ingest", "--data", "in", "--quiet"]);
    assert!(quiet.status.success() && quiet.stdout.is_empty() && quiet.stderr.is_empty());
    let piped = place.hitflop(&["ingest", "--data", "in"]);
    assert!(piped.stderr.is_empty(), "{}", stderr(&piped));
    assert!(!piped.stdout.contains(&0x1b), "no colour codes in a pipe");
}

#[test]
fn every_sub_command_has_an_example() {
    let place = WorkDir::new();
    for command in ["run", "ingest", "explore", "train", "tune", "predict", "model", "sample", "profile"] {
        let output = place.hitflop(&[command, "--help"]);
        let help = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && help.contains(&format!("hitflop {command}")), "{help}");
        assert!(help.contains("Example"), "{help}");
    }
}

#[test]
fn a_quotation_mark_that_is_not_closed_loses_no_row_unseen() {
    let place = WorkDir::new();
    // The next quoted title closes the mark again, so that the number of fields comes out right.
    let text = file(0, 60).replacen("\nTrack 3,", "\n\"Track 3,", 1).replacen("\nTrack 9,", "\n\"Track 9\",", 1);
    place.write("dataset-of-60s.csv", text);
    let message = place.refused(&["ingest", "--data", "dataset-of-60s.csv"]);
    assert!(message.contains("row 4"), "{message}");
}

#[test]
fn an_archive_may_lie_in_the_directory() {
    let place = WorkDir::new();
    place.write("data/archive.zip", zip(&[("./dataset-of-60s.csv", &file(0, 40))]));
    let summary = place.json(&["ingest"]);
    assert_eq!((&summary["rows"], &summary["simulated"]), (&Value::from(40), &Value::from(false)));
}

#[test]
fn files_of_one_name_are_distinguished() {
    let place = WorkDir::new();
    place.write("a/dataset-of-60s.csv", file(0, 40));
    place.write("b/dataset-of-60s.csv", file(100, 20));
    let summary = place.json(&["ingest", "--data", "a/dataset-of-60s.csv", "b/dataset-of-60s.csv"]);
    let rows: Vec<u64> =
        summary["sources"].as_array().expect("sources").iter().filter_map(|s| s["rows"].as_u64()).collect();
    assert_eq!(rows, [40, 20]);
}

#[test]
fn what_is_read_is_never_written_over() {
    let place = WorkDir::new();
    let text = file(0, 40);
    let path = place.write("dataset-of-60s.csv", &text);
    place.refused(&["ingest", "--data", "dataset-of-60s.csv", "--processed", "dataset-of-60s.csv"]);
    place.refused(&["profile", "--data", ".", "--out", "dataset-of-60s.csv"]);
    assert_eq!(fs::read_to_string(path).expect("still there"), text);
}

#[test]
fn outputs_that_cannot_be_are_reported_before_anything_is_written() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 40));
    place.write("taken", "");
    let before = place.files();
    for flag in ["--reports", "--models"] {
        let message = place.refused(&["run", "--data", "in", flag, "taken"]);
        assert!(message.contains(flag), "{message}");
    }
    place.refused(&["run", "--data", "in", "--processed", "in"]);
    assert_eq!(place.files(), before);
}

#[test]
fn tracks_that_allow_no_model_still_get_their_report() {
    let place = WorkDir::new();
    let hits: Vec<String> = file(0, 200).lines().filter(|line| !line.ends_with(",0")).map(str::to_owned).collect();
    place.write("in/dataset-of-60s.csv", hits.join("\n"));
    let summary = place.json(&["run", "--data", "in"]);
    assert!(summary["model"].is_null());
    assert!(summary["no_model"].as_str().expect("a reason").contains("expected at least 5 flops"));
    assert!(place.path().join("reports/report.html").exists());
    assert!(!place.path().join("models").exists());
    // Alone, the model is the result that was requested.
    place.refused(&["train", "--data", "in"]);
}

#[test]
fn a_report_without_a_model_keeps_no_chart_of_an_earlier_one() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 400));
    place.json(&["run", "--data", "in"]);
    assert!(place.path().join("reports/charts/roc_curve.png").exists());
    place.json(&["explore", "--data", "in"]);
    assert!(!place.files().iter().any(|file| file.contains("roc_curve") || file.contains("scores.csv")));
}

#[test]
fn true_and_false_settings_can_be_switched_off_again() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 60));
    place.write("hitflop.toml", "quiet = true\n");
    assert!(place.hitflop(&["ingest", "--data", "in"]).stdout.is_empty());
    assert!(!place.hitflop(&["ingest", "--data", "in", "--quiet=false"]).stdout.is_empty());
}
