//! `report --findings` as a user meets it.

use std::fs;

use hitflop_core::track::{Feature, Label};
use hitflop_sums::{SummedTrack, TrackFindings, TrackSums};
use serde_json::Value;

use crate::place::WorkDir;

/// Tracks of two decades and both labels, of which some lack the tempo, by 40 artists.
fn findings(rows: usize) -> TrackFindings {
    let mut sums = TrackSums::default();
    let artists: Vec<String> = (0..rows).map(|row| format!("Artist {}", row % 40)).collect();
    let track = |row: usize| {
        let part = |factor: f64| ((row + 1) as f64 * factor).fract();
        let mut values = [f64::NAN; Feature::ALL.len()];
        for (at, value) in values.iter_mut().enumerate().take(Feature::AUDIO.len()) {
            *value = part(0.618 + at as f64 * 0.0371);
        }
        values[Feature::Key as usize] = (row % 12) as f64;
        values[Feature::Loudness as usize] = -20.0 * part(0.414);
        values[Feature::Tempo as usize] = if row.is_multiple_of(9) { f64::NAN } else { 80.0 + 100.0 * part(0.732) };
        values[Feature::Decade as usize] = if row.is_multiple_of(3) { 1960.0 } else { 2010.0 };
        let label = if part(0.618) > 0.5 { Label::Hit } else { Label::Flop };
        SummedTrack { values, label, artist: Some(&artists[row]), uri: None }
    };
    sums.add(&(0..rows).map(track).collect::<Vec<SummedTrack>>());
    TrackFindings::of(&sums)
}

#[test]
fn a_document_becomes_a_report() {
    let place = WorkDir::new();
    let found = findings(1_200).with_label_rule(Some("popularity>=60".to_owned()));
    place.write("findings.json", found.to_json().expect("JSON"));
    let summary = place.json(&["report", "--findings", "findings.json", "--reports", "r"]);
    assert_eq!((&summary["rows"], &summary["quality"]["artists"]), (&Value::from(1_200), &Value::from(40)));
    let read = |name: &str| fs::read_to_string(place.path().join(name)).expect(name);
    let report: Value = serde_json::from_str(&read("r/report.json")).expect("JSON");
    assert_eq!(report["sums"]["is_exact"], true);
    assert_eq!(report["sums"]["left_out"].as_array().map(Vec::len), Some(3));
    let page = read("r/report.html");
    assert!(
        page.contains("made from sums over the tracks") && page.contains("popularity&gt;=60"),
        "the page says what it is"
    );
    assert!(!page.contains("0 permutations"), "nothing is permuted");
    assert!(page.contains("hitflop report --findings findings.json --max-correlation 0.8"), "how to make it again");
    let tables = place.files();
    for name in ["describe.csv", "counts.csv", "pearson.csv", "features_overview.csv", "mutual_information.csv"] {
        assert!(tables.contains(&format!("r/tables/{name}")), "{name}: {tables:?}");
    }
    for name in ["spearman.csv", "feature_pairs.csv", "sample_rows.csv", "mutual_information_all_continuous.csv"] {
        assert!(!tables.contains(&format!("r/tables/{name}")), "{name}");
    }
    let missing = report["missing"][0].clone();
    assert_eq!((&missing["feature"], &missing["rows"]), (&Value::from("tempo"), &Value::from(134)));
    // The same document gives the same report.
    place.json(&["report", "--findings", "findings.json", "--reports", "r"]);
    assert_eq!(serde_json::from_str::<Value>(&read("r/report.json")).expect("JSON"), report);
}

#[test]
fn what_is_no_document_of_findings_is_refused() {
    let place = WorkDir::new();
    let good = findings(60).to_json().expect("JSON");
    let cases = [
        ("{}".to_owned(), "expected a document of findings"),
        ("track,artist\n".to_owned(), "expected a document of findings"),
        (good.replace("\"version\":1", "\"version\":9"), "expected hitflop findings of version 1"),
        (good.replacen("\"distinct\":[", "\"distinct\":[7,", 1), "a feature or a group is missing"),
        (
            TrackFindings::of(&TrackSums::default()).to_json().expect("JSON"),
            "expected the findings of at least one track",
        ),
    ];
    for (text, expected) in cases {
        place.write("findings.json", &text);
        let message = place.refused(&["report", "--findings", "findings.json", "--reports", "r"]);
        assert!(message.contains("findings.json: ") && message.contains(expected), "{message}");
    }
    assert!(!place.path().join("r/report.html").exists());
    let absent = place.hitflop(&["report", "--findings", "absent.json"]);
    assert!(!absent.status.success());
}
