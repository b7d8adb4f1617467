//! Tables with a label of their own: a part of the features, no decade, no artist, missing values.

use hitflop::Feature;
use serde_json::Value;

use crate::place::{stderr, WorkDir};

/// Values of a made-up track: danceable and energetic ones are popular.
struct MadeUpTrack {
    number: usize,
    part: [f64; 6],
}

impl MadeUpTrack {
    fn of(number: usize) -> MadeUpTrack {
        let steps = [0.618, 0.414, 0.732, 0.236, 0.646, 0.316];
        MadeUpTrack { number, part: steps.map(|step| ((number + 1) as f64 * step).fract()) }
    }

    fn popularity(&self) -> usize {
        (60.0 * self.part[0] + 30.0 * self.part[1] + 10.0 * self.part[5]) as usize
    }

    /// The value of a column by its name.
    fn field(&self, column: &str) -> String {
        match column {
            "track_name" => format!("Song {}", self.number),
            "artists" => format!("Artist {}", self.number % 97),
            "danceability" => format!("{:.3}", self.part[0]),
            "energy" => format!("{:.3}", self.part[1]),
            "loudness" => format!("{:.2}", -2.0 - 20.0 * self.part[2]),
            "valence" => format!("{:.3}", self.part[3]),
            "tempo" => format!("{:.2}", 70.0 + 100.0 * self.part[4]),
            "key" => (self.number % 12).to_string(),
            "liveness" => "0.5".to_owned(),
            "release_year" => (1971 + 13 * (self.number % 4)).to_string(),
            "popularity" => self.popularity().to_string(),
            "liked" => if self.popularity() >= 55 { "yes" } else { "no" }.to_owned(),
            other => panic!("no column {other}"),
        }
    }
}

/// A table of these columns; `is_missing` empties fields by row and column.
fn table(rows: usize, columns: &[&str], is_missing: impl Fn(usize, &str) -> bool) -> String {
    let mut text = columns.join(",") + "\n";
    for number in 0..rows {
        let track = MadeUpTrack::of(number);
        let field = |column: &&str| if is_missing(number, column) { String::new() } else { track.field(column) };
        text += &(columns.iter().map(field).collect::<Vec<_>>().join(",") + "\n");
    }
    text
}

const FEATURES: [&str; 7] = ["danceability", "energy", "loudness", "valence", "tempo", "key", "popularity"];
const LABEL: &str = "popularity>=55";
/// The model of `train`.
const MODEL: &str = "models/train-boosting.model";

fn report(place: &WorkDir) -> Value {
    let text = std::fs::read_to_string(place.path().join("reports/report.json")).expect("a report");
    serde_json::from_str(&text).expect("JSON")
}

fn train<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["train", "--data", "own.csv", "--label", LABEL, "--param", "n_estimators=40"][..], more].concat()
}

#[test]
fn a_table_without_decade_and_artist_gives_report_and_model() {
    let place = WorkDir::new();
    place.write("own.csv", table(700, &FEATURES, |_, _| false));
    let summary = place.json(&["run", "--data", "own.csv", "--label", LABEL]);
    let hits = (0..700).filter(|&number| MadeUpTrack::of(number).popularity() >= 55).count();
    assert_eq!((summary["rows"].as_u64(), summary["hits"].as_u64()), (Some(700), Some(hits as u64)));
    assert!(summary["model"]["scores"]["roc_auc"].as_f64().expect("a score") > 0.9, "{}", summary["model"]);
    let features: Vec<&str> =
        summary["model"]["features"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!(features, ["danceability", "energy", "key", "loudness", "valence", "tempo"]);
    let report = report(&place);
    assert_eq!(report["provenance"]["label"], LABEL);
    assert_eq!(report["summary"]["by_decade"].as_array().map(Vec::len), Some(0));
    assert_eq!(report["missing"].as_array().map(Vec::len), Some(Feature::ALL.len() - 6), "{}", report["missing"]);
    let left_out = report["assessment"]["protocols"]["left_out"].to_string();
    assert!(left_out.contains("forward"), "{left_out}");
    assert_eq!(report["assessment"]["transfer"], Value::Null);
    let page = std::fs::read_to_string(place.path().join("reports/report.html")).expect("a page");
    for absent in ["NaN", "Hot 100", "by 0 artists", "0 distinct URIs", "Hits and flops of the decades"] {
        assert!(!page.contains(absent), "{absent}");
    }
    assert!(page.contains("no track has a decade"), "why scores across decades are left out");
    for chart in ["class_balance", "density_by_decade", "decade_means", "scores_by_decade", "transfer"] {
        assert!(!place.path().join(format!("reports/charts/{chart}.svg")).exists(), "{chart}");
    }
    let predictions =
        std::fs::read_to_string(place.path().join("reports/tables/predictions.csv")).expect("predictions");
    assert_eq!(predictions.lines().count(), 701);
    assert!(
        predictions.lines().skip(1).all(|line| line.starts_with(",,,,")),
        "there is no URI, artist, title and decade"
    );
    for table in ["errors_by_decade", "errors_by_artist"] {
        assert!(!place.path().join(format!("reports/tables/{table}.csv")).exists(), "{table}");
    }
    let errors = std::fs::read_to_string(place.path().join("reports/tables/confident_false_hits.csv"));
    assert!(errors.is_ok_and(|text| text.starts_with("probability,split,both_labels\n")));
    let card = std::fs::read_to_string(place.path().join("models/MODEL_CARD.md")).expect("a card");
    assert!(card.contains("a track with popularity>=55") && !card.contains("Hot 100"), "{card}");
    assert!(card.contains("--label 'popularity>=55'"), "{card}");
}

#[test]
fn missing_values_are_learned_from_and_counted() {
    let place = WorkDir::new();
    let is_missing = |number: usize, column: &str| {
        column != "popularity" && column != "artists" && (number * 7 + column.len() * 3) % 10 < 3
    };
    place.write("own.csv", table(600, &[&["artists"][..], &FEATURES].concat(), is_missing));
    place.json(&train(&[]));
    let model = place.json(&["model", "show", MODEL]);
    let features = model["features"].as_array().expect("features");
    assert!(features.iter().all(|feature| feature["training_missing"].as_u64() > Some(80)), "{features:?}");
    place.write("new.csv", "danceability,tempo\n0.9,120\n0.1,120\n");
    let output = place.hitflop(&["predict", "--model", MODEL, "--input", "new.csv", "--allow-missing"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let labels: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').nth(2)).collect();
    assert_eq!(labels, ["1", "0"], "{text}");
}

#[test]
fn a_saved_model_scores_tables_by_its_own_label() {
    let place = WorkDir::new();
    let columns = [&FEATURES[..], &["liked"]].concat();
    place.write("own.csv", table(300, &columns, |_, _| false));
    place.json(&train(&[]));
    let scored = |label: &[&str]| {
        let scores = place.json(&[&["evaluate", "--model", MODEL, "--input", "own.csv"], label].concat());
        (scores["rows"].clone(), scores["hits"].clone())
    };
    let own = scored(&[]);
    assert_eq!(own, scored(&["--label", LABEL]));
    assert_eq!(own, scored(&["--label", "liked"]), "the same condition by another column");
    assert_ne!(own, scored(&["--label", "popularity>=80"]));
    let other = place.path().join("other.csv");
    std::fs::write(other, table(20, &["danceability", "energy"], |_, _| false)).expect("written");
    let message = place.refused(&["evaluate", "--model", MODEL, "--input", "other.csv", "--allow-missing"]);
    assert!(message.contains("--label: expected a column of the table") && message.contains("popularity"), "{message}");
}

#[test]
fn a_label_may_be_a_word_and_a_decade_may_be_missing_in_some_rows() {
    let place = WorkDir::new();
    let columns = ["danceability", "energy", "tempo", "release_year", "liked"];
    place.write("own.csv", table(400, &columns, |number, column| column == "release_year" && number % 5 == 0));
    let summary = place.json(&["ingest", "--data", "own.csv", "--label", "liked=yes"]);
    let groups = summary["groups"].as_array().expect("groups");
    let decades: Vec<i64> = groups.iter().filter_map(|group| group["decade"].as_i64()).collect();
    assert_eq!((decades.len(), decades.iter().min(), decades.iter().max()), (8, Some(&1970), Some(&2010)));
    let rows: u64 = groups.iter().filter_map(|group| group["rows"].as_u64()).sum();
    assert_eq!((summary["rows"].as_u64(), rows), (Some(400), 320), "80 tracks have no decade");
    let missing = summary["missing"].as_array().and_then(|missing| missing.last()).expect("missing values");
    assert_eq!((missing["feature"].as_str(), missing["rows"].as_u64()), (Some("decade"), Some(80)), "{summary}");
}

#[test]
fn what_makes_no_label_is_refused() {
    let place = WorkDir::new();
    place.write("own.csv", table(60, &FEATURES, |number, column| column == "popularity" && number == 4));
    let refused = |label: &str| place.refused(&["ingest", "--data", "own.csv", "--label", label]);
    assert!(refused("plays>=3").contains("plays"), "{}", refused("plays>=3"));
    assert!(refused("popularity>=many").contains("--label"), "{}", refused("popularity>=many"));
    let message = refused(LABEL);
    assert!(message.contains("own.csv, row 5, column popularity: expected a value"), "{message}");
    let summary = place.json(&["ingest", "--data", "own.csv", "--label", LABEL, "--lenient"]);
    assert_eq!(summary["rows"], 59);
    place.write("texts.csv", "title,popularity\na,3\nb,70\n");
    let message = place.refused(&["ingest", "--data", "texts.csv", "--label", LABEL]);
    assert!(message.contains("at least one audio feature"), "{message}");
    // Without a rule for the label the table is no decade file.
    let message = place.refused(&["ingest", "--data", "own.csv"]);
    assert!(message.contains("column target"), "{message}");
}

/// Sixty tracks of two features, one of them the same for all.
#[test]
fn few_rows_give_no_figures_that_they_do_not_hold() {
    let place = WorkDir::new();
    place.write("own.csv", table(60, &["danceability", "liveness", "popularity"], |_, _| false));
    place.json(&["explore", "--data", "own.csv", "--label", LABEL]);
    let report = report(&place);
    for estimate in report["mutual_information"]["mixed"].as_array().expect("estimates") {
        let is_constant = estimate["feature"] == "liveness";
        assert_eq!(estimate["nats"].as_f64() == Some(0.0), is_constant, "{estimate}");
    }
    let chart = std::fs::read_to_string(place.path().join("reports/charts/density_by_label.svg")).expect("a chart");
    assert!(chart.contains("one value: 0.5") && !chart.contains("no values"), "{chart}");
    place.write("own.csv", table(45, &["danceability", "energy", "popularity"], |_, _| false));
    let constant = place.json(&train(&[]));
    let reason = constant["model"]["without_split"].as_str().unwrap_or_default();
    assert!(reason.ends_with("min_samples_leaf 20 allows none in 36 training rows"), "{}", constant["model"]);
    assert_eq!(constant["probabilities"]["calibration"], "none", "a gain in the last bit is none");
}

/// A hit in sixty rows is not among the dozen test rows of most splits.
#[test]
fn a_score_that_needs_both_labels_is_undefined_without_them() {
    let place = WorkDir::new();
    let text = table(60, &["danceability", "energy", "tempo", "liked"], |_, _| false);
    // Two hits, whatever the tracks are like.
    place.write("own.csv", text.replace(",yes", ",no").replacen(",no", ",yes", 2));
    let train = |seed: &str| {
        let fixed = ["--calibration", "none", "--threshold", "0.5", "--param", "min_samples_leaf=2"];
        let own = ["train", "--data", "own.csv", "--label", "liked=yes", "--split-seed", seed];
        place.json(&[&own[..], &fixed].concat())
    };
    let undefined = ["1", "2", "3", "4"].into_iter().find(|seed| {
        let model = &train(seed)["model"];
        let hits = model["confusion"]["true_positives"].as_u64().zip(model["confusion"]["false_negatives"].as_u64());
        hits == Some((0, 0))
    });
    let seed = undefined.expect("a split without a hit in the test rows");
    let scores = train(seed)["model"]["scores"].clone();
    assert_eq!((&scores["roc_auc"], &scores["average_precision"]), (&Value::Null, &Value::Null), "{scores}");
    assert!(scores["accuracy"].is_number());
    let shown = place.hitflop(&["model", "show", MODEL]);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.contains("ROC AUC undefined (the tracks are of one label)"), "{text}{}", stderr(&shown));
    assert!(text.contains("a track is a hit by the label "), "{text}");
}
