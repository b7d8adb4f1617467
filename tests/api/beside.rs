//! What lies beside a model: its known tracks and its card, and those of another.

use std::fs;
use std::path::Path;

use serde_json::{json, Value};

use crate::common;
use crate::fixture::{models, track_with, ROWS};
use crate::live::Server;

const FILES: [&str; 3] = ["hitflop.model", "hitflop.tracks", "MODEL_CARD.md"];

/// A directory with those files of two trainings.
fn mixed(from: [&Path; 3]) -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a temporary directory");
    for (directory, file) in from.into_iter().zip(FILES) {
        fs::copy(directory.join(file), place.path().join(file)).expect("a copy");
    }
    place
}

/// The card, and the status of a search for neighbours.
fn served(server: &Server) -> (Value, u16) {
    let described: Value = serde_json::from_str(&server.get("/v1/model").1).expect("JSON");
    (described["card"].clone(), server.post("/v1/neighbours", &track_with(json!({})).to_string()).0)
}

#[test]
fn a_card_of_another_model_is_left_out() {
    let [boosting, forest] = ["boosting", "forest"].map(|name| models().join(name));
    let place = mixed([&boosting, &boosting, &boosting]);
    let (card, status) = served(&Server::start(&place.path().join(FILES[0]), &[]));
    assert!(card.as_str().is_some_and(|card| card.starts_with("# Model card")), "{card}");
    assert_eq!(status, 200);
    // Both learned from the same files, so the tracks are those of either.
    let place = mixed([&forest, &boosting, &boosting]);
    let mut server = Server::start(&place.path().join(FILES[0]), &["--access-log", "off"]);
    let line = server.logged("a file beside the model is omitted");
    assert!(line["file"].as_str().is_some_and(|file| file.ends_with("MODEL_CARD.md")), "{line}");
    assert_eq!(served(&server), (Value::Null, 200));
}

#[test]
fn damaged_tracks_are_left_out() {
    let boosting = models().join("boosting");
    let place = mixed([&boosting, &boosting, &boosting]);
    fs::write(place.path().join(FILES[1]), "no tracks").expect("written");
    let mut server = Server::start(&place.path().join(FILES[0]), &["--access-log", "off"]);
    let line = server.logged("a file beside the model is omitted");
    assert!(line["why"].as_str().is_some_and(|why| why.contains("expected a file of tracks")), "{line}");
    assert_eq!(served(&server).1, 404);
}

#[test]
fn tracks_of_other_data_are_left_out() {
    let place = tempfile::tempdir().expect("a temporary directory");
    common::write(place.path(), "dataset-of-60s.csv", common::file(3, ROWS));
    assert_cmd::Command::cargo_bin("hitflop")
        .expect("the program is built")
        .current_dir(place.path())
        .args(["train", "--data", ".", "--output", "hitflop.model", "--model", "tree", "--quiet"])
        .assert()
        .success();
    let boosting = models().join("boosting");
    let mixed = mixed([&boosting, place.path(), &boosting]);
    let mut server = Server::start(&mixed.path().join(FILES[0]), &["--access-log", "off"]);
    let line = server.logged("a file beside the model is omitted");
    assert!(line["file"].as_str().is_some_and(|file| file.ends_with("hitflop.tracks")), "{line}");
    let (card, status) = served(&server);
    assert!(card.is_string());
    assert_eq!(status, 404);
}
