//! How fast a saved model explains: `cargo bench --bench explaining -- MODEL SPLIT.parquet ROWS`, with what
//! `hitflop train --write-split` wrote, of whose test rows the first ROWS are explained. Prints one JSON object.

use std::path::Path;
use std::time::Instant;

use hitflop_core::track::Feature;
use hitflop_data::matrix;
use hitflop_model::artifact;
use ndarray::{Array2, Axis};
use polars::prelude::{LazyFrame, PlRefPath};
use serde_json::json;

/// Times that one row is explained.
const SINGLE: usize = 31;

fn main() -> anyhow::Result<()> {
    // Cargo adds a flag of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [model, split, rows] = &arguments[..] else {
        println!("usage: cargo bench --bench explaining -- MODEL SPLIT.parquet ROWS");
        return Ok(());
    };
    let model = artifact::read(model)?.model;
    let test = test_rows(Path::new(split), &model.features(), rows.parse()?)?;
    let (explainer, prepare) = seconds(|| model.estimator.explainer());
    let (contributions, all) = seconds(|| explainer.shap(test.view()));
    let row = |index: usize| {
        let row = index % test.nrows();
        seconds(|| explainer.shap(test.slice_axis(Axis(0), (row..=row).into()))).1
    };
    let mut single: Vec<f64> = (0..SINGLE).map(row).collect();
    single.sort_by(f64::total_cmp);
    let means = contributions.mapv(f64::abs).mean_axis(Axis(0)).map(|means| means.to_vec());
    println!(
        "{}",
        json!({
            "rows": test.nrows(),
            "prepare_seconds": prepare,
            "rows_seconds": all,
            "row_seconds": single[SINGLE / 2],
            "mean_absolute": means,
        })
    );
    Ok(())
}

fn seconds<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let started = Instant::now();
    let result = work();
    (result, started.elapsed().as_secs_f64())
}

fn test_rows(path: &Path, features: &[Feature], most: usize) -> anyhow::Result<Array2<f64>> {
    let path = PlRefPath::new(path.to_string_lossy().as_ref());
    let table = LazyFrame::scan_parquet(path, Default::default())?.collect()?;
    let part = table.column("split")?.str()?;
    let rows: Vec<usize> =
        part.iter().enumerate().filter(|(_, part)| *part == Some("test")).map(|(row, _)| row).take(most).collect();
    Ok(matrix::dataset(&table, features)?.select(&rows).records().to_owned())
}
