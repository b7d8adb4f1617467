//! Commands as people type them: inputs without a flag, the usual model, a track by its name, progress without a terminal.

use std::fs;

use crate::common::file;
use crate::place::{stderr, WorkDir};

/// A directory with a decade file and the model of a run.
fn with_model() -> WorkDir {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 200));
    place.json(&["train", "in", "--model", "tree", "--output", "models/hitflop.model"]);
    place
}

#[test]
fn inputs_need_no_flag() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 40));
    place.write("other/dataset-of-70s.csv", file(40, 30));
    assert_eq!(place.json(&["ingest", "in"])["sources"], place.json(&["ingest", "--data", "in"])["sources"]);
    assert_eq!(place.json(&["ingest", "in", "other/dataset-of-70s.csv"])["rows"], 70);
    let both = place.hitflop(&["ingest", "in", "--data", "other"]);
    assert_eq!(both.status.code(), Some(2), "{}", stderr(&both));
    let simulated = place.hitflop(&["ingest", "in", "--simulated"]);
    assert_eq!(simulated.status.code(), Some(2), "{}", stderr(&simulated));
    // A setting for the input gives way.
    place.write("hitflop.toml", "simulated = true\n");
    assert_eq!(place.json(&["ingest", "in"])["rows"], 40);
}

#[test]
fn tracks_are_scored_by_the_usual_model() {
    let place = WorkDir::new();
    place.write("tracks-of-60s.csv", file(0, 20));
    let without = place.hitflop(&["predict", "tracks-of-60s.csv"]);
    assert_eq!(without.status.code(), Some(2));
    assert!(
        stderr(&without).contains("--model: is needed, because there is no models/hitflop.model"),
        "{}",
        stderr(&without)
    );
    let place = with_model();
    place.write("tracks-of-60s.csv", file(0, 20));
    let named = place.hitflop(&["predict", "--model", "models/hitflop.model", "--input", "tracks-of-60s.csv"]);
    let usual = place.hitflop(&["predict", "tracks-of-60s.csv"]);
    assert!(usual.status.success(), "{}", stderr(&usual));
    assert_eq!(usual.stdout, named.stdout);
    let twice = place.hitflop(&["predict", "tracks-of-60s.csv", "in/dataset-of-60s.csv", "--quiet"]);
    assert_eq!(String::from_utf8_lossy(&twice.stdout).lines().count(), 1 + 20 + 200);
}

#[test]
fn a_track_is_explained_by_row_uri_or_title() {
    let place = with_model();
    place.write("tracks-of-60s.csv", file(0, 20));
    let table = file(0, 20);
    let third: Vec<&str> = table.lines().nth(3).expect("a row").split(',').collect();
    let (title, artist, uri) = (third[0], third[1], third[2]);
    let by_row = place.json(&["explain", "tracks-of-60s.csv", "--row", "3"]);
    assert_eq!(by_row["row"], 3);
    assert_eq!(by_row["title"], title);
    assert_eq!(by_row["artist"], artist);
    assert_eq!(place.json(&["explain", "tracks-of-60s.csv", "--title", &title.to_uppercase()]), by_row);
    assert_eq!(place.json(&["explain", "tracks-of-60s.csv", "--uri", uri]), by_row);
    let shown = place.hitflop(&["explain", "tracks-of-60s.csv", "--row", "3"]);
    let first = String::from_utf8_lossy(&shown.stdout).lines().next().expect("a line").to_owned();
    assert!(first.starts_with(&format!("{title} by {artist} (tracks-of-60s.csv, row 3)")), "{first}");

    let unknown = place.hitflop(&["explain", "tracks-of-60s.csv", "--title", "no such title"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("found \"no such title\""), "{}", stderr(&unknown));
    place.write("twice-of-60s.csv", table.clone() + &table.lines().skip(1).collect::<Vec<_>>().join("\n"));
    let twice = place.hitflop(&["explain", "twice-of-60s.csv", "--title", title]);
    assert_eq!(twice.status.code(), Some(2));
    assert!(
        stderr(&twice).contains(&format!("2 tracks have it: row 3 ({artist}), row 23 ({artist})")),
        "{}",
        stderr(&twice)
    );
    let two = place.hitflop(&["explain", "tracks-of-60s.csv", "--row", "3", "--title", title]);
    assert_eq!(two.status.code(), Some(2));
}

#[test]
fn a_job_without_a_terminal_writes_a_line_a_stage() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 200));
    let trained = place.hitflop(&["train", "in", "--model", "tree"]);
    assert!(trained.status.success());
    let lines = stderr(&trained).lines().filter(|line| line.starts_with("finished: ")).count();
    assert!(lines >= 5, "{}", stderr(&trained));
    let words = String::from_utf8_lossy(&trained.stdout).into_owned();
    assert!(words.contains("Next           hitflop predict TRACKS --model models/train-tree.model\n"), "{words}");
    assert_eq!(stderr(&place.hitflop(&["train", "in", "--model", "tree", "--quiet"])), "");
}

#[test]
fn rows_with_more_fields_than_the_header_are_faults() {
    let place = with_model();
    // The field beyond the header spans two lines, and the text is not UTF-8.
    place.write("tracks-of-60s.csv", b"title,tempo,\"\xe9\"\nA,120,1,\"x\ny\"\nB,100,2\n");
    let refused = place.hitflop(&["predict", "tracks-of-60s.csv", "--allow-missing"]);
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("row 1: expected 3 fields, as in the header"), "{}", stderr(&refused));
}

/// A page for each command at any depth, and none is named that there is not.
#[test]
fn every_command_has_a_manual_page_and_completions() {
    let place = WorkDir::new();
    let written = place.hitflop(&["completions", "man", "--output", "man"]);
    assert!(written.status.success(), "{}", stderr(&written));
    let pages = place.files();
    for name in ["hitflop", "hitflop-run", "hitflop-serve", "hitflop-model", "hitflop-model-show"] {
        assert!(pages.contains(&format!("man/{name}.1")), "{name}: {pages:?}");
    }
    for page in &pages {
        // Roff writes a hyphen as `\-`.
        let text = fs::read_to_string(place.path().join(page)).expect("text").replace("\\-", "-");
        for line in text.lines().filter(|line| line.starts_with("hitflop-") && line.ends_with("(1)")) {
            let named = format!("man/{}.1", line.trim_end_matches("(1)"));
            assert!(pages.contains(&named), "{page} names {named}");
        }
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = place.hitflop(&["completions", shell]);
        let text = String::from_utf8(script.stdout).expect("text");
        assert!(text.contains("max-connections"), "{shell}");
    }
    let bash = place.hitflop(&["completions", "bash", "--output", "x"]);
    assert_eq!(bash.status.code(), Some(2), "{}", stderr(&bash));
}

/// The place is named, and the exit code is that of a failure.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_reported() {
    for arguments in [&["completions", "bash"][..], &["run", "--print-config"]] {
        let full = fs::File::options().write(true).open("/dev/full").expect("a device");
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("hitflop"));
        let output = command.args(arguments).stdout(full).output().expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("standard output cannot be written"), "{}", stderr(&output));
    }
}
