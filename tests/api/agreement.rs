//! What the service answers is what the program says of the same rows.

use std::fs;

use serde_json::{json, Value};

use crate::common;
use crate::fixture::{model, track, ROWS};
use crate::live::{post, Server};

/// As the notebook's client does it (`examples/client.py`): every labelled row is posted, one by one, on one connection.
#[test]
fn the_notebooks_client_gets_the_confusion_matrix_of_evaluate() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let tracks: Vec<_> = (0..2 * ROWS).map(track).collect();
    let is_hit = |number: usize| common::row(number).ends_with(",1");
    let names: Vec<&String> = tracks[0].keys().collect();
    let mut csv = format!("{},target\n", names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(","));
    for (number, track) in tracks.iter().enumerate() {
        let values: Vec<String> = names.iter().map(|name| track[name.as_str()].to_string()).collect();
        csv += &format!("{},{}\n", values.join(","), u8::from(is_hit(number)));
    }
    fs::write(place.path().join("labelled.csv"), csv).expect("written");
    let evaluated = assert_cmd::Command::cargo_bin("hitflop")
        .expect("the program is built")
        .current_dir(place.path())
        .args(["evaluate", "--json", "--input", "labelled.csv", "--model"])
        .arg(model("notebook"))
        .assert()
        .success();
    let evaluated: Value = serde_json::from_slice(&evaluated.get_output().stdout).expect("JSON");

    let server = Server::start(&model("notebook"), &["--access-log", "off"]);
    let mut client = server.connect();
    let mut confusion = [[0, 0]; 2];
    for (number, track) in tracks.into_iter().enumerate() {
        client.send(&post("/songs/predict", &Value::Object(track).to_string()));
        let (status, answer) = client.answer().expect("an answer");
        assert_eq!(status, 200, "{answer}");
        confusion[usize::from(is_hit(number))][answer.parse::<usize>().expect("0 or 1")] += 1;
    }
    let [[true_negatives, false_positives], [false_negatives, true_positives]] = confusion;
    let expected = json!({
        "true_negatives": true_negatives,
        "false_positives": false_positives,
        "false_negatives": false_negatives,
        "true_positives": true_positives,
    });
    assert_eq!(evaluated["confusion"], expected);
    assert!(confusion.iter().flatten().all(|count| *count > 0), "{confusion:?}");
}
