//! Training, comparing, searching and keeping models, as a user meets it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use hitflop_model::artifact::ModelPaths;
use serde_json::{json, Value};

use crate::common::{file, with_field};
use crate::place::{stderr, WorkDir};

/// Two decades of made-up tracks.
fn place() -> WorkDir {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 300));
    place.write("in/dataset-of-70s.csv", file(500, 300));
    place
}

/// Where the tests have `train` write its model.
const OUTPUT: [&str; 2] = ["--output", "models/hitflop.model"];

/// The arguments of `train` on these decades into [`OUTPUT`], with further ones.
fn train(more: &'static str) -> Vec<&'static str> {
    ["train", "--data", "in"].into_iter().chain(OUTPUT).chain(more.split(' ')).collect()
}

/// The summary without times.
fn without_seconds(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            members.retain(|name, _| !name.contains("seconds"));
            members.values_mut().for_each(|member| *member = without_seconds(member.take()));
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| *element = without_seconds(element.take())),
        _ => {}
    }
    value
}

#[test]
fn results_are_the_same_at_any_number_of_threads() {
    let place = place();
    let results = |threads: &str, name: &str| {
        let (reports, models) = (format!("{name}/reports"), format!("{name}/models"));
        place.json(&["run", "--data", "in", "--threads", threads, "--reports", &reports, "--models", &models]);
        let read = |file: &str| fs::read(place.path().join(name).join(file)).expect(file);
        let report: Value = serde_json::from_slice(&read("reports/report.json")).expect("JSON");
        let tables = [
            "reports/tables/leaderboard.csv",
            "reports/tables/boosting_search.csv",
            "reports/tables/calibration.csv",
            "reports/tables/predictions.csv",
            "reports/tables/predictions.parquet",
            "models/metrics.json",
        ];
        (without_seconds(report), tables.map(read), read("models/hitflop.model"))
    };
    let once = results("1", "a");
    for (threads, name) in [("2", "b"), ("4", "c"), ("4", "d")] {
        assert!(results(threads, name) == once, "{threads} threads");
    }
}

#[test]
fn a_model_of_any_kind_is_the_same_at_any_number_of_threads() {
    let place = place();
    for kind in ["tree", "forest", "boosting"] {
        let model = |threads: &str| {
            let train = ["train", "--data", "in", "--model", kind, "--features", "all", "--threads", threads];
            place.json(&[&train[..], &OUTPUT].concat());
            fs::read(place.path().join("models/hitflop.model")).expect("a model")
        };
        let once = model("1");
        for threads in ["2", "4", "4"] {
            assert!(model(threads) == once, "{kind}, {threads} threads");
        }
    }
}

#[test]
fn train_fits_any_model_with_any_parameters_on_a_stated_split() {
    let place = place();
    let summary = place.json(&train(
        "--model forest --param n_estimators=20 --param oob_score=true --param max_features=0.5 --param max_depth=none \
         --features notebook --split random --split-seed 7 --write-split out/split.parquet --created 2026-01-31T12:00:00Z",
    ));
    let model = &summary["model"];
    assert_eq!(model["params"]["forest"]["n_estimators"], 20);
    assert_eq!(model["params"]["forest"]["max_features"], 0.5);
    assert_eq!(model["features"].as_array().map(Vec::len), Some(14));
    assert_eq!((&model["train_rows"], &model["test_rows"]), (&Value::from(480), &Value::from(120)));
    assert_eq!(model["protocol"], "random 80/20, seed 7");
    for score in ["accuracy", "precision", "recall", "f1", "roc_auc", "average_precision", "brier", "log_loss"] {
        assert!(model["scores"][score].as_f64().is_some_and(f64::is_finite), "{score}");
    }
    assert!(model["fit_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    assert!(model["predict_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    assert!(place.path().join("out/split.parquet").exists());

    let shown = place.json(&["model", "show", "models/hitflop.model"]);
    assert_eq!(
        (&shown["trees"], &shown["origin"]["created"]),
        (&Value::from(20), &Value::from("2026-01-31T12:00:00Z"))
    );
    let people = place.hitflop(&["model", "show", "models/hitflop.model"]);
    let people = String::from_utf8_lossy(&people.stdout).into_owned();
    for words in
        ["random forest, 20 trees", "n_estimators = 20", "danceability", "ROC AUC", "Out of bag", "dataset-of-60s.csv"]
    {
        assert!(people.contains(words), "{words} in {people}");
    }
    let metrics = fs::read(place.path().join("models/metrics.json")).expect("metrics");
    let metrics: Value = serde_json::from_slice(&metrics).expect("JSON");
    assert_eq!(metrics["metrics"]["scores"], model["scores"]);
}

/// Whoever answers by a model, answers by its calibration and its threshold.
#[test]
fn every_consumer_uses_the_threshold_that_was_chosen() {
    let place = place();
    let train = train("--model forest --param n_estimators=30 --features notebook");
    let objectives = [
        ("accuracy", "the greatest accuracy"),
        ("precision:0.7", "the greatest recall with a precision of at least 0.7"),
        ("cost:5:1", "the least cost, 5 for a flop predicted as a hit and 1 for a hit predicted as a flop"),
        ("0.25", "set by hand"),
    ];
    let mut called = Vec::new();
    for (objective, words) in objectives {
        let summary = place.json(&[&train[..], &["--threshold", objective, "--calibration", "isotonic"]].concat());
        let threshold = summary["model"]["threshold"].as_f64().expect("a number");
        assert_eq!(summary["probabilities"]["objective"], objective);
        assert_eq!(summary["probabilities"]["test"]["accuracy"], summary["model"]["scores"]["accuracy"]);
        assert_eq!(summary["probabilities"]["scores"]["test"]["after"]["brier"], summary["model"]["scores"]["brier"]);

        let metrics = fs::read(place.path().join("models/metrics.json")).expect("metrics");
        let metrics: Value = serde_json::from_slice(&metrics).expect("JSON");
        assert_eq!((&metrics["threshold"], &metrics["threshold_objective"]), (&threshold.into(), &objective.into()));
        assert_eq!(metrics["metrics"]["cross_validation"]["folds"].as_array().map(Vec::len), Some(5));
        let shown = place.json(&["model", "show", "models/hitflop.model"]);
        assert_eq!((&shown["threshold"], &shown["threshold_objective"]), (&threshold.into(), &objective.into()));
        let people = place.hitflop(&["model", "show", "models/hitflop.model"]);
        let people = String::from_utf8_lossy(&people.stdout).into_owned();
        assert!(people.contains(words) && people.contains("Probabilities"), "{people}");

        place.write("tracks.csv", file(900, 200));
        let scored = place.hitflop(&["predict", "--model", "models/hitflop.model", "--input", "tracks.csv"]);
        let mut reader = csv::Reader::from_reader(&scored.stdout[..]);
        let rows: Vec<(f64, bool)> = reader
            .records()
            .map(|record| {
                let record = record.expect("a record");
                let field = |from_end: usize| record[record.len() - from_end].parse::<f64>().expect("a number");
                (field(1), field(2) == 1.0)
            })
            .collect();
        assert_eq!(rows.len(), 200);
        assert!(rows.iter().all(|&(probability, hit)| hit == (probability > threshold)), "{threshold}");
        called.push(rows.iter().filter(|(_, hit)| *hit).count());
    }
    assert!(called[2] < called[0] && called[0] < called[3], "the dearer a false hit, the fewer: {called:?}");
}

#[test]
fn a_threshold_by_hand_without_calibration_needs_no_folds() {
    let place = place();
    let train =
        ["train", "--data", "in", "--output", "models/hitflop.model", "--model", "tree", "--features", "notebook"];
    let summary = place.json(&[&train[..], &["--calibration", "none", "--threshold", "0.5"]].concat());
    let stages = summary["stages"].as_array().expect("a list").clone();
    assert!(!stages.iter().any(|stage| stage["stage"] == "cross-validate the model"), "{stages:?}");
    assert_eq!(summary["probabilities"]["study"], Value::Null);
    let shown = place.json(&["model", "show", "models/hitflop.model"]);
    assert_eq!((&shown["calibration"]["method"], &shown["threshold"]), (&"none".into(), &0.5.into()));
}

#[test]
fn a_precision_out_of_reach_stops_the_command_and_changes_nothing() {
    let place = place();
    place.json(&train("--model tree --features notebook"));
    let model = fs::read(place.path().join("models/hitflop.model")).expect("a model");
    for command in [&["train", "--model", "tree", "--features", "notebook"][..], &["run", "--model", "tree"]] {
        let message = place
            .refused(&[command, &["--data", "in", "--threshold", "precision:1", "--calibration", "none"]].concat());
        assert!(message.contains("--threshold: expected a precision that some threshold reaches"), "{message}");
        assert!(message.contains(r#"found "precision:1""#), "{message}");
        assert_eq!(fs::read(place.path().join("models/hitflop.model")).expect("a model"), model);
    }
}

#[test]
fn the_card_makes_the_model_again() {
    let place = place();
    for train in [
        &[
            "train",
            "--data",
            "in",
            "--model",
            "forest",
            "--param",
            "n_estimators=20",
            "--threshold",
            "f1",
            "--seed",
            "7",
        ][..],
        &["train", "--data", "in", "--features", "all", "--calibration", "platt", "--created", "2026-01-31T12:00:00Z"],
    ] {
        let summary = place.json(train);
        let paths = ModelPaths::of(&place.path().join(summary["written"][1].as_str().expect("a path")));
        let read = |path: &Path| fs::read(path).expect("written");
        let (model, card) = (read(&paths.model), read(&paths.card));
        let text = String::from_utf8(card.clone()).expect("UTF-8");
        let command = text.lines().find_map(|line| line.strip_prefix("hitflop ")).expect("a command");
        place.json(&command.split(' ').collect::<Vec<_>>());
        assert!(read(&paths.model) == model, "{command}");
        assert!(read(&paths.card) == card, "{command}");
    }
}

/// Nothing is learned in it, but what is saved can be read.
#[test]
fn a_boosting_that_stops_at_once_is_saved_whole() {
    let place = place();
    let summary = place.json(&train(
        "--features notebook --param learning_rate=1 --param min_samples_leaf=1 --param num_leaves=none \
         --param max_depth=60 --param min_child_weight=0 --param early_stopping=1 --param n_estimators=5",
    ));
    let shown = place.json(&["model", "show", "models/hitflop.model"]);
    assert!(shown["trees"].as_u64().is_some_and(|trees| trees <= 5), "{shown}");
    assert_eq!(shown["origin"]["metrics"]["scores"], summary["model"]["scores"]);
}

#[test]
fn wrong_parameters_are_refused_before_anything_is_read() {
    let place = WorkDir::new();
    let message = |arguments: &[&str]| place.refused(&[&["train", "--data", "nowhere"], arguments].concat());
    let unknown = message(&["--model", "forest", "--param", "trees=5"]);
    assert!(unknown.contains("--param trees: no such parameter of the forest; there are bootstrap, "), "{unknown}");
    let range = message(&["--model", "boosting", "--param", "learning_rate=-1"]);
    assert!(range.contains("--param learning_rate: expected") && range.contains(r#"found "-1""#), "{range}");
    let kind = message(&["--param", "n_estimators=many"]);
    assert!(kind.contains(r#"--param n_estimators: expected a whole number without a sign, found "many""#), "{kind}");
    assert!(message(&["--param", "n_estimators"]).contains("expected NAME=VALUE"));
    let many = message(&["--model", "forest", "--param", "n_estimators=18446744073709551615"]);
    assert!(many.contains("--param n_estimators: expected a whole number from 1 to 1000000"), "{many}");
    let weights = message(&["--model", "forest", "--param", "class_weight=[1,1e308]"]);
    assert!(weights.contains("--param class_weight: expected numbers from 0.000001 to 1000000"), "{weights}");
    let time = message(&["--created", "yesterday"]);
    assert!(time.contains("--created: expected a time in UTC such as 2026-01-31T12:00:00Z"), "{time}");
    message(&["--model", "oracle"]);
    message(&["--features", "none"]);
    message(&["--split", "alphabetical"]);
    message(&["--calibration", "beta"]);
    let objective = message(&["--threshold", "recall"]);
    assert!(
        objective.contains("expected accuracy, f1, precision:FLOOR such as precision:0.75, cost:FP:FN"),
        "{objective}"
    );
    assert!(message(&["--threshold", "1.5"]).contains("expected a threshold from 0 to 1"));
    assert!(message(&["--threshold", "precision:0"]).contains("expected a precision above 0 and at most 1"));
}

#[test]
fn the_final_model_is_the_best_unless_one_is_required() {
    let place = place();
    let summary = place.json(&["run", "--data", "in"]);
    let contenders = summary["comparison"]["contenders"].as_array().expect("a list").clone();
    assert_eq!(summary["comparison"]["chosen"], 0);
    let mean = |contender: &Value| {
        let folds = contender["cross_validation"]["folds"].as_array().expect("folds").clone();
        folds.iter().filter_map(|fold| fold["roc_auc"].as_f64()).sum::<f64>() / folds.len() as f64
    };
    assert!(contenders.len() == 5 && contenders.is_sorted_by(|a, b| mean(a) >= mean(b)));
    assert_eq!(summary["model"]["model"], contenders[0]["evaluation"]["model"]);

    let requested = place.json(&["run", "--data", "in", "--model", "tree", "--features", "all"]);
    assert!(
        requested["model"]["model"].as_str().is_some_and(|name| name.starts_with("decision tree")),
        "{}",
        requested["model"]
    );
    assert_eq!(requested["model"]["features"].as_array().map(Vec::len), Some(16));
    assert_eq!(requested["comparison"]["chosen_by"], "user");
}

#[test]
fn a_value_may_be_missing_if_that_is_allowed() {
    let place = place();
    place.json(&["train", "--data", "in", "--output", "models/hitflop.model", "--features", "notebook"]);
    let predict = ["predict", "--model", "models/hitflop.model", "--input"];
    place.write("some.csv", with_field(&file(0, 10), 4, "chorus_hit", ""));
    let message = place.refused(&[&predict[..], &["some.csv"]].concat());
    assert!(message.contains("some.csv, row 4, column chorus_hit: expected a number"), "{message}");
    // Nor need every column be there; but none at all is another file.
    place.write("other.csv", "x,y\n1,2\n");
    let message = place.refused(&[&predict[..], &["other.csv", "--allow-missing"]].concat());
    assert!(message.contains("other.csv: expected a column for at least one audio feature"), "{message}");
    place.write("few.csv", "energy,danceability\n0.5,0.9\n,0.1\n");
    for (input, rows) in [("some.csv", 10), ("few.csv", 2)] {
        let scored = place.hitflop(&[&predict[..], &[input, "--allow-missing"]].concat());
        assert!(scored.status.success(), "{}", stderr(&scored));
        assert_eq!(String::from_utf8_lossy(&scored.stdout).lines().count(), rows + 1);
        assert_eq!(stderr(&scored).contains("few.csv: no columns key, loudness, "), input == "few.csv");
    }
}

/// Lines of the checkpoint of a search: a header, and one a forest.
fn checkpoint_lines(place: &WorkDir) -> usize {
    let checkpoint = place.files().into_iter().find(|file| file.ends_with(".checkpoint"));
    let text = checkpoint.and_then(|file| fs::read_to_string(place.path().join(file)).ok());
    text.map_or(0, |text| text.lines().count())
}

#[test]
fn a_search_that_was_killed_ends_with_the_table_of_one_that_was_not() {
    let place = place();
    let table = |reports: &str| fs::read(place.path().join(reports).join("tables/grid_search.csv"));
    place.json(&["tune", "--data", "in", "--reports", "whole"]);
    let whole = table("whole").expect("a table");
    assert_eq!(String::from_utf8_lossy(&whole).lines().count(), 145);

    // Killed as soon as another forest is in the checkpoint, twice.
    let mut forests = 0;
    for _ in 0..2 {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("hitflop"))
            .current_dir(place.path())
            .args(["tune", "--data", "in", "--reports", "killed", "--quiet"])
            .stdout(Stdio::null())
            .spawn()
            .expect("the program runs");
        while checkpoint_lines(&place) < forests + 2 {
            assert!(child.try_wait().expect("a status").is_none(), "it ended before it could be killed");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        forests = checkpoint_lines(&place) - 1;
    }
    place.json(&["tune", "--data", "in", "--reports", "killed"]);
    assert!(table("killed").expect("a table") == whole);
    assert!(!place.files().iter().any(|file| file.ends_with(".checkpoint")), "{:?}", place.files());
}

/// The file at `models/hitflop.model` is the old model or the new one, whole, whenever the program is killed.
#[test]
fn a_model_outlives_a_program_that_is_killed_while_it_writes() {
    let place = place();
    let forest = train("--model forest --param n_estimators=300 --features all");
    // Nothing is cross-validated, so that the writing comes soon.
    let train = [&forest[..], &["--calibration", "none", "--threshold", "0.5"]].concat();
    place.json(&train);
    let model = place.path().join("models/hitflop.model");
    let old = fs::read(&model).expect("a model");
    for wait in (0..12).map(|step| 20 + 25 * step) {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("hitflop"))
            .current_dir(place.path())
            .args(&train)
            .args(["--seed", "7", "--quiet"])
            .stdout(Stdio::null())
            .spawn()
            .expect("the program runs");
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let now = fs::read(&model).expect("a model");
        let shown = place.json(&["model", "show", "models/hitflop.model"]);
        assert_eq!(shown["trees"], 300);
        assert!(now == old || shown["params"]["forest"]["seed"] == 7, "after {wait} ms");
    }
}

/// A file may not grow beyond some size: as on a full disk, writing fails in the middle.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_model_as_it_was() {
    let place = place();
    place.json(&["train", "--data", "in", "--output", "models/hitflop.model", "--model", "tree", "--features", "all"]);
    let model = place.path().join("models/hitflop.model");
    let old = fs::read(&model).expect("a model");
    let program = assert_cmd::cargo::cargo_bin("hitflop");
    // 200 blocks of 512 bytes hold the union, but not the forest.
    let script = format!(
        "ulimit -f 200; trap '' XFSZ; exec '{}' train --data in --output models/hitflop.model --model forest --param n_estimators=2000 --features all \
         --calibration none --threshold 0.5",
        program.display()
    );
    let output = Command::new("sh").current_dir(place.path()).args(["-c", &script]).output().expect("a shell");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write models/hitflop.model"), "{}", stderr(&output));
    assert_eq!(fs::read(&model).expect("still there"), old);
    assert!(!place.files().iter().any(|file| file.contains(".hitflop-")), "{:?}", place.files());
}

#[test]
fn a_place_that_cannot_be_written_to_is_reported() {
    let place = place();
    // A directory is where the model should go, which not even root can replace by a file.
    fs::create_dir_all(place.path().join("models/hitflop.model/in-the-way")).expect("a directory");
    let output = place.hitflop(&train("--model tree --features all"));
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("models/hitflop.model: expected a file or a free name"), "{}", stderr(&output));
    // Before the work: the tracks were not read.
    assert!(!place.path().join("data").exists());
    assert!(place.path().join("models/hitflop.model/in-the-way").is_dir());
    assert!(!place.path().join("models/metrics.json").exists());
}

/// What the program printed.
fn printed(place: &WorkDir, arguments: &[&str]) -> String {
    let output = place.hitflop(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The numbers of a CSV file's column.
fn column(csv: &str, name: &str) -> Vec<f64> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let position = headers.iter().position(|header| header == name).expect(name);
    reader.records().map(|record| record.expect("a row")[position].parse().expect("a number")).collect()
}

#[test]
fn a_track_is_explained_in_words_and_in_a_chart() {
    let place = place();
    place.json(&train("--features all --param n_estimators=30"));
    let model = ["explain", "--model", "models/hitflop.model", "--input", "in/dataset-of-60s.csv"];
    let message = printed(&place, &[&model[..], &["--row", "3", "--reports", "out"]].concat());
    assert!(message.lines().all(|line| line.starts_with("written") || line.chars().count() <= 80), "{message}");
    assert!(
        message.contains("(dataset-of-60s.csv, row 3)\n") && message.contains(", probability of a hit "),
        "{message}"
    );
    assert!(
        message.contains("hits") && message.contains("of the 1960s") && message.contains("danceability"),
        "{message}"
    );
    for file in ["out/waterfall.svg", "out/waterfall.png"] {
        assert!(place.path().join(file).is_file(), "{file}");
    }
    let summary = place.json(&[&model[..], &["--row", "3", "--chart", "why.svg"]].concat());
    assert!(place.path().join("why.svg").is_file() && !place.path().join("why.png").exists());
    let explanation = &summary["explanation"];
    let number = |value: &Value| value.as_f64().expect("a number");
    let pushes = explanation["pushes"].as_array().expect("a list");
    let sum: f64 = pushes.iter().map(|push| number(&push["contribution"])).sum();
    assert!((number(&explanation["base"]) + sum - number(&explanation["output"])).abs() < 1e-9);
    assert_eq!((pushes.len(), explanation["decade"].as_u64()), (16, Some(1960)));
    let probability = 1.0 / (1.0 + (-number(&explanation["output"])).exp());
    assert!((probability - number(&explanation["probability"])).abs() < 1e-9);
    for change in summary["alternatives"]["one"]["changes"].as_array().into_iter().flatten() {
        assert!(!["decade", "key", "mode", "time_signature"].contains(&change["feature"].as_str().expect("a name")));
    }
}

#[test]
fn all_tracks_are_explained_as_a_table() {
    let place = place();
    // A model without the decade takes it from the file's name all the same.
    // Without a calibration the answer of a forest is the probability.
    let forest = train("--model forest --features notebook --param n_estimators=20");
    place.json(&[&forest[..], &["--calibration", "none"]].concat());
    let model = ["explain", "--model", "models/hitflop.model", "--input", "in/dataset-of-60s.csv"];
    let csv = printed(&place, &model);
    let scored = printed(&place, &["predict", "--model", "models/hitflop.model", "--input", "in/dataset-of-60s.csv"]);
    assert_eq!(column(&csv, "label"), column(&scored, "label"));
    let probabilities = column(&csv, "probability");
    assert_eq!(probabilities, column(&scored, "probability"));
    let mut sums = column(&csv, "base");
    for name in csv.lines().next().expect("a header").split(',').filter(|name| name.starts_with("contribution_")) {
        sums.iter_mut().zip(column(&csv, name)).for_each(|(sum, contribution)| *sum += contribution);
    }
    assert_eq!(sums.len(), 300);
    for ((sum, answer), probability) in sums.iter().zip(column(&csv, "answer")).zip(probabilities) {
        assert!((sum - answer).abs() < 1e-9 && (answer - probability).abs() < 1e-9);
    }
    let threads = |threads: &str| printed(&place, &[&model[..], &["--threads", threads]].concat());
    assert_eq!(threads("1"), threads("3"));
    let summary = place.json(&[&model[..], &["--output", "out.csv"]].concat());
    assert_eq!(summary["rows"], 300);
    let message = place.json(&[&model[..], &["--row", "1", "--chart", "one"]].concat());
    assert_eq!(message["explanation"]["decade"], 1960);
}

#[test]
fn what_cannot_be_explained_is_refused() {
    let place = place();
    place.json(&train("--features all --param n_estimators=5"));
    place.write("few.csv", with_field(&file(0, 3), 2, "energy", ""));
    let model = ["explain", "--model", "models/hitflop.model", "--input"];
    let message = |arguments: &[&str]| place.refused(&[&model[..], arguments].concat());
    let of_60s = "in/dataset-of-60s.csv";
    assert!(
        message(&[of_60s, "--row", "301"]).contains("--row: expected from 1 to 300"),
        "{}",
        message(&[of_60s, "--row", "301"])
    );
    assert!(message(&[of_60s, "--row", "0"]).contains("--row"));
    assert!(message(&[of_60s, "--json"]).contains("--json: needs a track (--row, --uri or --title) or --output FILE"));
    assert!(message(&[of_60s, "--row", "1", "--chart", "models/hitflop.model.svg", "--output", "x.csv"])
        .contains("--output"));
    assert!(message(&[of_60s, "--output", of_60s]).contains("expected an output file that is not an input file"));
    assert!(message(&["few.csv", "--row", "2"]).contains("few.csv"));
    let allowed =
        printed(&place, &[&model[..], &["few.csv", "--allow-missing", "--row", "2", "--chart", "few"]].concat());
    assert!(allowed.contains("missing") && allowed.contains("decade unknown"), "{allowed}");
}

/// From training to the answer: what is missing, how good the model is with that, and another threshold.
#[test]
fn a_track_without_a_decade_is_answered_by_a_model_for_it() {
    let place = place();
    place.json(&["train", "--data", "in", "--output", "models/hitflop.model", "--features", "all"]);
    let shown = place.json(&["model", "show", "models/hitflop.model"]);
    let fallbacks = shown["missing_features"]["fallbacks"].as_array().expect("fallback models").clone();
    let hidden: Vec<&Value> = fallbacks.iter().map(|fallback| &fallback["hidden"]).collect();
    assert_eq!(hidden, [&json!([]), &json!(["decade"]), &json!([])]);
    let spotify = json!(["chorus_hit", "sections", "decade"]);
    let patterns = fallbacks[1]["patterns"].as_array().expect("patterns");
    let pattern = patterns.iter().find(|pattern| pattern["missing"] == spotify).expect("Spotify's audio features");

    let table = file(900, 200);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let kept: Vec<usize> =
        (0..header.len()).filter(|&column| !["chorus_hit", "sections", "target"].contains(&&header[column])).collect();
    let line = |record: &csv::StringRecord| kept.iter().map(|&column| &record[column]).collect::<Vec<_>>().join(",");
    let mut lines = vec![line(&header)];
    lines.extend(reader.records().map(|record| line(&record.expect("a record"))));
    place.write("spotify.csv", lines.join("\n"));
    let predict = [
        "predict",
        "--model",
        "models/hitflop.model",
        "--input",
        "spotify.csv",
        "--allow-missing",
        "--output",
        "out.csv",
    ];
    let found = place.json(&predict);
    let missing = &found["missing_features"][0];
    assert_eq!((&missing["rows"], &missing["missing"]), (&json!(200), &spotify));
    assert_eq!((&missing["accuracy"], &missing["roc_auc"]), (&pattern["accuracy"], &pattern["roc_auc"]));
    let words = String::from_utf8_lossy(&place.hitflop(&predict).stderr).into_owned();
    assert!(words.contains("chorus_hit, sections and decade are missing; the model is right in "), "{words}");
    let explained =
        ["explain", "--model", "models/hitflop.model", "--input", "spotify.csv", "--allow-missing", "--row", "3"];
    let explained = place.json(&explained);
    assert_eq!(explained["missing_features"]["missing"], spotify);
    assert_eq!(explained["explanation"]["threshold"], pattern["threshold"]);
}
