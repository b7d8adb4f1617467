//! The Rust examples, as `cargo test` builds them.

use std::path::Path;

use crate::common::file;
use crate::place::{stderr, WorkDir};

/// Runs an example in a directory and returns its standard output.
fn example(name: &str, argument: &str, directory: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_hitflop")).with_file_name("examples").join(name);
    let run = std::process::Command::new(&program).arg(argument).current_dir(directory).output();
    let output = run.unwrap_or_else(|error| panic!("{}: {error}; `cargo build --examples`", program.display()));
    assert!(output.status.success(), "{name}: {}", stderr(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn examples_do_the_main_job_and_score_a_track() {
    let place = WorkDir::new();
    place.write("in/dataset-of-60s.csv", file(0, 400));
    place.write("in/dataset-of-90s.csv", file(1000, 400));
    let printed = example("main_job", "in", place.path());
    assert!(printed.starts_with("models/hitflop.model: ROC AUC "), "{printed}");
    let files = place.files();
    for name in ["models/MODEL_CARD.md", "models/hitflop.model", "models/metrics.json", "reports/report.html"] {
        assert!(files.iter().any(|file| file == name), "{name} in {files:?}");
    }
    // The steps of the example come to what `hitflop run` does.
    let read = |name: &str| std::fs::read(place.path().join(name)).expect(name);
    let model = read("models/hitflop.model");
    place.json(&["run", "--data", "in"]);
    assert_eq!(read("models/hitflop.model"), model);

    let printed = example("score_a_track", "models/hitflop.model", place.path());
    let probability = printed.lines().next().and_then(|line| line.split(' ').next_back());
    let probability: f64 = probability.and_then(|number| number.parse().ok()).expect("a probability");
    assert!((0.0..=1.0).contains(&probability) && printed.lines().count() == 4, "{printed}");
}
