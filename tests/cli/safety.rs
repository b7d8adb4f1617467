//! What must not be lost: models and reports of real tracks, inputs, devices, and outputs of a command that is ended.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::file;
use crate::place::{stderr, WorkDir};

/// A tree that is fitted in a moment.
const TREE: [&str; 8] = ["--model", "tree", "--features", "notebook", "--calibration", "none", "--threshold", "0.5"];

fn place() -> WorkDir {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 300));
    place.write("in/dataset-of-70s.csv", file(500, 300));
    place
}

fn train<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["train"], more, &TREE].concat()
}

fn bytes(place: &WorkDir, name: &str) -> Vec<u8> {
    fs::read(place.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn program() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin("hitflop"))
}

#[test]
fn only_run_explore_and_sample_simulate_without_being_requested() {
    let place = WorkDir::new();
    for command in [&["ingest"][..], &["train"], &["tune"], &["evaluate"]] {
        let message = place.refused(command);
        assert!(message.contains("--data: expected the tracks' files") && message.contains("simulated"), "{message}");
    }
    assert_eq!(place.files(), [""; 0]);
    let summary = place.json(&["ingest", "--simulated"]);
    assert_eq!(summary["simulated"], true);
    assert_eq!(place.files(), ["data/processed/simulated/tracks.parquet"]);
    assert!(place.refused(&["ingest", "--simulated", "--data", "in"]).contains("--data"));
    place.write("hitflop.toml", "simulated = true\ndata = [\"in\"]\n");
    assert!(place.refused(&["ingest"]).contains("--simulated: expected no input files"));
}

#[test]
fn simulated_tracks_replace_nothing_of_real_ones() {
    let place = place();
    place.json(&train(&["--data", "in", "--output", "m/hitflop.model", "--processed", "u/t.parquet"]));
    place.json(&["explore", "--data", "in", "--reports", "r", "--processed", "u/t.parquet"]);
    let before: Vec<(String, Vec<u8>)> =
        place.files().into_iter().map(|name| (name.clone(), bytes(&place, &name))).collect();
    let refused = |arguments: &[&str], name: &str, what: &str| {
        let message = place.refused(arguments);
        let expected = format!("{name}: expected no {what} of real tracks here");
        assert!(message.contains(&expected), "{message}");
    };
    refused(&train(&["--simulated", "--output", "m/hitflop.model"]), "m/hitflop.model", "model");
    refused(&["explore", "--simulated", "--reports", "r"], "r/report.json", "report");
    refused(&["ingest", "--simulated", "--processed", "u/t.parquet"], "u/t.parquet", "table");
    // Files of a sample are recognised, too.
    place.json(&["sample", "--out", "sample"]);
    refused(&["ingest", "--data", "sample", "--processed", "u/t.parquet"], "u/t.parquet", "table");
    place.json(&train(&["--data", "sample"]));
    let files = place.files();
    for name in ["data/processed/simulated/tracks.parquet", "models/simulated/train-tree.model"] {
        assert!(files.iter().any(|file| file == name), "{name} in {files:?}");
    }
    for (name, contents) in before {
        assert!(bytes(&place, &name) == contents, "{name}");
    }
}

#[test]
fn a_model_of_simulated_tracks_says_so() {
    let place = place();
    place.json(&train(&["--simulated", "--output", "simulated.model"]));
    place.json(&train(&["--data", "in", "--output", "real.model"]));
    let shown = |model: &str| place.hitflop(&["model", "show", model]);
    assert!(
        String::from_utf8_lossy(&shown("simulated.model").stdout).starts_with("SIMULATED      this model learned from")
    );
    assert!(!String::from_utf8_lossy(&shown("real.model").stdout).contains("SIMULATED"));
    let input = ["--input", "in/dataset-of-60s.csv"];
    for (model, simulated) in [("simulated.model", true), ("real.model", false)] {
        assert_eq!(place.json(&["model", "show", model])["simulated"], simulated);
        for command in [
            &["predict", "--model", model, "--output", "s.csv"][..],
            &["explain", "--model", model, "--row", "1"],
            &["evaluate", "--model", model],
        ] {
            let arguments =
                [command, &input, if command[0] == "evaluate" { &[] } else { &["--allow-missing"][..] }].concat();
            let output = place.hitflop(&arguments);
            assert!(output.status.success(), "{}", stderr(&output));
            let warning = format!("warning: {model}: this model learned from simulated tracks");
            assert_eq!(stderr(&output).contains(&warning), simulated, "{arguments:?}");
            assert_eq!(place.json(&arguments)["model_simulated"], simulated, "{arguments:?}");
        }
    }
}

#[test]
fn a_replaced_model_is_kept_and_a_run_has_one_id() {
    let place = place();
    let run = |seed: &str| place.json(&["run", "--data", "in", "--model", "tree", "--seed", seed]);
    let first = run("1");
    assert_eq!(first["model"]["replaced"], Value::Null);
    let id = first["model"]["run_id"].as_str().expect("an id").to_owned();
    for name in ["models/metrics.json", "models/MODEL_CARD.md", "reports/report.json"] {
        assert!(String::from_utf8_lossy(&bytes(&place, name)).contains(&id), "{name}");
    }
    assert_eq!(place.json(&["model", "show", "models/hitflop.model"])["run_id"], id.as_str());
    let known =
        hitflop_model::artifact::known_tracks::read(&place.path().join("models/hitflop.tracks")).expect("tracks");
    assert_eq!(known.run_id.as_deref(), Some(id.as_str()));
    let old = bytes(&place, "models/hitflop.model");

    let second = run("2");
    let replaced = &second["model"]["replaced"];
    assert_eq!(replaced["run_id"], id.as_str());
    assert_eq!(replaced["roc_auc"], first["model"]["scores"]["roc_auc"]);
    let kept = replaced["kept"].as_str().expect("a path");
    assert!(bytes(&place, kept) == old && bytes(&place, "models/hitflop.model") != old);
    for ending in [".tracks", ".card.md", ".metrics.json"] {
        assert!(place.path().join(kept.replace(".model", ending)).is_file(), "{ending}");
    }
    // The same run gives the same model, which replaces nothing.
    assert_eq!(run("2")["model"]["replaced"], Value::Null);
    let output = place.hitflop(&["run", "--data", "in", "--model", "tree", "--seed", "1"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("Replaced       models/hitflop.model (ROC AUC 0."), "{text}");
}

#[test]
fn no_output_is_an_input() {
    let place = place();
    place.json(&train(&["--data", "in", "--output", "a.model"]));
    fs::hard_link(place.path().join("in/dataset-of-60s.csv"), place.path().join("hard.csv")).expect("a link");
    place.write("hitflop.toml", "processed = \"in/dataset-of-60s.csv\"\n");
    place.write("other.toml", "draws = 3\n");
    let before: Vec<Vec<u8>> = place.files().iter().map(|name| bytes(&place, name)).collect();
    let config = ["--config", "other.toml"];
    for (arguments, has_own_config) in [
        (&["ingest", "--data", "in"][..], true),
        (&train(&["--data", "in", "--write-split", "hard.csv"]), false),
        (&train(&["--data", "in/*.csv", "--output", "in/dataset-of-70s.csv"]), false),
        (&train(&["--data", "in", "--output", "other.toml"]), false),
        (&train(&["--data", "in", "--output", "b.model", "--write-split", "b.tracks"]), false),
        (&["explore", "--data", "in", "--processed", "other.toml"], false),
        (&["predict", "--model", "a.model", "--input", "hard.csv", "--output", "in/dataset-of-60s.csv"], false),
        (&["explain", "--model", "a.model", "--input", "hard.csv", "--output", "a.model"], false),
        (&["profile", "--data", "in", "--out", "hard.csv"], false),
    ] {
        let message = place.refused(&[arguments, if has_own_config { &[] } else { &config }].concat());
        let is_named = message.contains("not an input file") || message.contains("is the same file");
        assert!(is_named, "{arguments:?}: {message}");
    }
    let after: Vec<Vec<u8>> = place.files().iter().map(|name| bytes(&place, name)).collect();
    assert!(before == after);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{symlink, FileTypeExt, PermissionsExt};

    #[test]
    fn devices_are_written_through_and_links_and_modes_are_kept() {
        let place = place();
        place.json(&train(&[
            "--data",
            "in",
            "--output",
            "a.model",
            "--write-split",
            "/dev/null",
            "--processed",
            "/dev/null",
        ]));
        let predict = |output: &str| {
            let input = "in/dataset-of-60s.csv";
            place.json(&["predict", "--model", "a.model", "--input", input, "--allow-missing", "--output", output]);
        };
        predict("/dev/null");
        assert!(fs::metadata("/dev/null").expect("there").file_type().is_char_device());
        place.write("real/scored.csv", "old");
        let real = place.path().join("real/scored.csv");
        fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).expect("a mode");
        symlink("real/scored.csv", place.path().join("link.csv")).expect("a link");
        predict("link.csv");
        assert!(place.path().join("link.csv").is_symlink());
        assert_eq!(fs::metadata(&real).expect("there").permissions().mode() & 0o777, 0o600);
        assert!(fs::read_to_string(&real).expect("text").lines().count() == 301);
        assert!(place
            .refused(&train(&["--data", "in", "--output", "/dev/null"]))
            .contains("expected a file or a free name"));
    }

    #[test]
    fn a_standard_error_that_cannot_be_written_changes_nothing() {
        let place = place();
        place.json(&train(&["--simulated", "--output", "a.model"]));
        let run = |script: &str| {
            let script = format!("'{}' {script}", program().get_program().to_string_lossy());
            Command::new("sh").current_dir(place.path()).args(["-c", &script]).output().expect("a shell")
        };
        let predict = "predict --model a.model --input in/dataset-of-60s.csv --allow-missing";
        let good = run(predict);
        assert!(stderr(&good).contains("warning: "), "{}", stderr(&good));
        for target in ["2>&-", "2>/dev/full"] {
            let output = run(&format!("{predict} {target}"));
            assert!(output.status.success() && output.stdout == good.stdout, "{target}");
            assert_eq!(run(&format!("ingest --data nowhere {target}")).status.code(), Some(2), "{target}");
        }
    }

    #[test]
    fn a_terminal_does_not_obey_the_name_of_a_file() {
        let place = place();
        fs::rename(place.path().join("in/dataset-of-60s.csv"), place.path().join("in/\u{1b}[2J dataset-of-60s.csv"))
            .expect("renamed");
        place.write("in/\u{1b}[31m.csv", "a,b\n1,2\n");
        let output = place.hitflop(&["ingest", "--data", "in"]);
        assert!(output.status.success() && !output.stdout.contains(&0x1b), "{output:?}");
        let message = place.refused(&["ingest", "--data", "in/\u{1b}[31m.csv"]);
        assert!(!message.contains('\u{1b}') && message.contains("\\u{1b}[31m"), "{message}");
    }

    #[test]
    fn a_second_search_is_told_at_its_start_and_a_signal_leaves_no_temporary_file() {
        let place = place();
        fs::create_dir(place.path().join("tmp")).expect("a directory");
        let tune = |command: &mut Command| {
            command.current_dir(place.path()).env("TMPDIR", place.path().join("tmp"));
            command.args(["tune", "--data", "in", "--quiet"]).stdout(Stdio::null()).stderr(Stdio::piped());
        };
        let mut first = program();
        tune(&mut first);
        let mut first = first.spawn().expect("the program runs");
        let started = Instant::now();
        while !place.files().iter().any(|file| file.ends_with(".checkpoint")) {
            assert!(started.elapsed() < Duration::from_secs(60), "no checkpoint");
            std::thread::sleep(Duration::from_millis(2));
        }
        let mut second = program();
        tune(&mut second);
        let output = second.output().expect("the program runs");
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(&format!("another hitflop (pid {}, since ", first.id())), "{message}");
        assert!(message.contains("command tune) is working on"), "{message}");

        let status = Command::new("kill").arg(first.id().to_string()).status().expect("kill runs");
        assert!(status.success());
        assert_eq!(first.wait().expect("ended").code(), Some(128 + 15));
        let left: Vec<String> = place.files().into_iter().filter(|file| file.contains("hitflop-")).collect();
        assert_eq!(left, [""; 0]);
        assert_eq!(fs::read_dir(place.path().join("tmp")).expect("readable").count(), 0);
        assert!(!place.path().join("models").exists());
    }
}
