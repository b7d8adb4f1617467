//! How fast a saved model loads and predicts: `cargo bench --bench serving -- MODEL SPLIT.parquet`, with what
//! `hitflop train --write-split` wrote. Prints one JSON object; seconds are medians.

use std::path::Path;
use std::time::Instant;

use hitflop_core::track::Feature;
use hitflop_data::matrix;
use hitflop_model::artifact;
use ndarray::{Array2, Axis};
use polars::prelude::{LazyFrame, PlRefPath};
use serde_json::json;

const MILLION: usize = 1_000_000;

fn main() -> anyhow::Result<()> {
    // Cargo adds a flag of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [model, split] = &arguments[..] else {
        println!("usage: cargo bench --bench serving -- MODEL SPLIT.parquet");
        return Ok(());
    };
    let load = median(9, || artifact::read(model).map(drop))?;
    let model = artifact::read(model)?.model;
    let test = test_rows(Path::new(split), &model.features())?;
    let rows = test.nrows();
    let mut one = 0;
    let row = median(1001, || {
        one = (one + 1) % rows;
        model.predict_proba(test.slice_axis(Axis(0), (one..=one).into())).map(drop)
    })?;
    let all = median(9, || model.predict_proba(test.view()).map(drop))?;
    let indices: Vec<usize> = (0..MILLION).map(|row| row % rows).collect();
    let million = test.select(Axis(0), &indices);
    let million = median(3, || model.predict_proba(million.view()).map(drop))?;
    println!(
        "{}",
        json!({
            "load_seconds": load,
            "row_seconds": row,
            "test_rows": rows,
            "test_rows_seconds": all,
            "million_seconds": million,
        })
    );
    Ok(())
}

fn median(times: usize, mut work: impl FnMut() -> hitflop_core::error::Result<()>) -> anyhow::Result<f64> {
    let mut seconds = Vec::with_capacity(times);
    for _ in 0..times {
        let started = Instant::now();
        work()?;
        seconds.push(started.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[times / 2])
}

fn test_rows(path: &Path, features: &[Feature]) -> anyhow::Result<Array2<f64>> {
    let path = PlRefPath::new(path.to_string_lossy().as_ref());
    let table = LazyFrame::scan_parquet(path, Default::default())?.collect()?;
    let part = table.column("split")?.str()?;
    let rows: Vec<usize> =
        part.iter().enumerate().filter(|(_, part)| *part == Some("test")).map(|(row, _)| row).collect();
    Ok(matrix::dataset(&table, features)?.select(&rows).records().to_owned())
}
