//! How fast a saved model scores rows that are in memory already: `cargo bench --bench scoring -- MODEL TABLE`. The table may lack
//! features of the model. Prints one JSON object; seconds are the median of five.

use std::path::PathBuf;
use std::time::Instant;

use hitflop::Scorer;
use hitflop_data::track_files::{self, TrackFileOptions};
use hitflop_model::artifact;
use serde_json::json;

const TIMES: usize = 5;

fn main() -> anyhow::Result<()> {
    // Cargo adds a flag of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [model, table] = &arguments[..] else {
        println!("usage: cargo bench --bench scoring -- MODEL TABLE");
        return Ok(());
    };
    let scorer = Scorer::new(artifact::read(model)?);
    let options = TrackFileOptions { allow_missing: true, ..TrackFileOptions::default() };
    let tracks = track_files::read(&[PathBuf::from(table)], scorer.features(), &options)?;
    let records = tracks.matrix(scorer.features());
    let mut seconds = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let start = Instant::now();
        let predictions = scorer.score(records.view())?;
        seconds.push(start.elapsed().as_secs_f64());
        assert_eq!(predictions.len(), records.nrows());
    }
    seconds.sort_by(f64::total_cmp);
    println!("{}", json!({ "rows": records.nrows(), "seconds": seconds[TIMES / 2] }));
    Ok(())
}
