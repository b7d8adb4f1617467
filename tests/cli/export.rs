//! `export` as a user meets it. What the files give in other programs is tested with the Python package.

use std::fs;

use serde_json::Value;

use crate::common::file;
use crate::place::{stderr, WorkDir};

fn place(calibration: &str) -> WorkDir {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 300));
    let arguments =
        ["train", "--data", "in", "--calibration", calibration, "--threshold", "0.5", "--output", "a.model"];
    assert!(place.hitflop(&arguments).status.success());
    place
}

#[test]
fn every_format_is_written_whole() {
    let place = place("none");
    for (format, output, written) in [
        ("onnx", "out/a.onnx", "out/a.onnx"),
        ("lightgbm", "out/a.txt", "out/a.txt"),
        ("mlflow", "out/mlflow", "out/mlflow/MLmodel"),
    ] {
        let summary = place.json(&["export", "--model", "a.model", "--to", format, "--output", output]);
        assert_eq!(summary["written"][0], output);
        // The model may have others for tracks that lack features, which LightGBM's format cannot hold.
        assert!(format == "lightgbm" || summary["lacks_decision"] == false);
        let bytes = fs::read(place.path().join(written)).expect(written);
        // The same model gives the same bytes. A directory that is there is not replaced.
        if format == "mlflow" {
            let message = place.refused(&["export", "--model", "a.model", "--to", format, "--output", output]);
            assert!(message.contains("expected a file or a free name, found a directory"), "{message}");
            continue;
        }
        assert!(place.hitflop(&["export", "--model", "a.model", "--to", format, "--output", output]).status.success());
        assert_eq!(fs::read(place.path().join(written)).expect(written), bytes);
    }
    let model = fs::read(place.path().join("out/mlflow/hitflop.model")).expect("a model");
    assert_eq!(model, fs::read(place.path().join("a.model")).expect("a model"));
    let description = fs::read_to_string(place.path().join("out/mlflow/MLmodel")).expect("text");
    let description: Value = serde_json::from_str(&description).expect("JSON, which is YAML");
    assert_eq!(description["flavors"]["python_function"]["loader_module"], "hitflop.mlflow");
    let text = fs::read_to_string(place.path().join("out/a.txt")).expect("text");
    assert!(text.starts_with("tree\nversion=v4\n") && text.contains("\nend of trees\n"));
}

#[test]
fn a_format_without_a_threshold_is_warned_of() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 300));
    let train = ["train", "--data", "in", "--calibration", "none", "--threshold", "0.4", "--output", "a.model"];
    assert!(place.hitflop(&train).status.success());
    let warning = "warning: a.txt: the format has no calibration and no threshold";
    let run = place.hitflop(&["export", "--model", "a.model", "--to", "lightgbm", "--output", "a.txt"]);
    assert!(run.status.success() && stderr(&run).contains(warning), "{}", stderr(&run));
    let run = place.hitflop(&["export", "--model", "a.model", "--to", "onnx", "--output", "a.onnx"]);
    assert!(run.status.success() && !stderr(&run).contains("warning"), "{}", stderr(&run));
}

#[test]
fn what_cannot_be_exported_is_refused() {
    let place = place("none");
    let message = |arguments: &[&str]| place.refused(&[&["export"], arguments].concat());
    let own = message(&["--model", "a.model", "--to", "onnx", "--output", "a.model"]);
    assert!(own.contains("expected an output file that is not an input file"), "{own}");
    let none = message(&["--model", "b.model", "--to", "onnx", "--output", "b.onnx"]);
    assert!(none.contains("b.model: no such file"), "{none}");
    assert!(message(&["--model", "a.model", "--to", "pmml", "--output", "a"]).contains("invalid value"));
    place.write("broken.model", "hitflop");
    assert!(message(&["--model", "broken.model", "--to", "onnx", "--output", "b.onnx"]).contains("broken.model"));
    assert!(!place.path().join("b.onnx").exists());
}
