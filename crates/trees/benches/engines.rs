//! One model by this crate as `benches/engines.py` of the repository times those of other libraries.
//!
//! `cargo bench -p hitflop-trees --bench engines -- ROWS.csv DIVISION NAME`
//!
//! `make_splits.py` writes ROWS.csv. Prints one JSON object: seconds to fit, ROC AUC and accuracy on the test rows, median milliseconds to
//! predict them, seconds for a million rows, median microseconds for one row, milliseconds to load the encoded trees.

mod division;

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use division::{roc_auc, DividedRows, Outcome};
use hitflop_trees::codec::{decode, encode};
use hitflop_trees::{Blend, BlendWeights, MemberModel, MemberParams, Predictor};
use linfa::{Dataset, ParamGuard};
use ndarray::{concatenate, Array1, Array2, Axis};

const MILLION: usize = 1_000_000;

/// Models by the names of `engines.py`.
const MODELS: [(&str, &str); 7] = [
    ("forest-500", r#"{"random_forest":{"n_estimators":500,"min_samples_split":5,"min_samples_leaf":2}}"#),
    (
        "extra-trees-500",
        r#"{"random_forest":{"n_estimators":500,"min_samples_leaf":2,"splitter":"random","bootstrap":false}}"#,
    ),
    ("boosting-100x31", r#"{"gradient_boosting":{}}"#),
    ("boosting-100-depth-6", r#"{"gradient_boosting":{"max_depth":6,"num_leaves":64}}"#),
    (
        "boosting-1000x63",
        r#"{"gradient_boosting":{"n_estimators":1000,"num_leaves":63,"learning_rate":0.03,"subsample":0.8,"colsample_bytree":0.6,"l2_regularization":5}}"#,
    ),
    ("symmetric-100-depth-6", r#"{"gradient_boosting":{"symmetric":true,"max_depth":6}}"#),
    (
        "symmetric-1000-depth-7",
        r#"{"gradient_boosting":{"symmetric":true,"max_depth":7,"n_estimators":1000,"learning_rate":0.06}}"#,
    ),
];

/// Median seconds of a few calls.
fn seconds(calls: usize, mut call: impl FnMut(usize)) -> f64 {
    let time = |index| {
        let start = Instant::now();
        call(index);
        start.elapsed().as_secs_f64()
    };
    let mut taken: Vec<f64> = (0..calls).map(time).collect();
    taken.sort_by(f64::total_cmp);
    taken[calls / 2]
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [rows, division, name] = &arguments[..] else {
        // `cargo bench` of all benchmarks gives no rows.
        println!("engines: give ROWS.csv DIVISION NAME");
        return Ok(());
    };
    let (_, params) = MODELS.iter().find(|(other, _)| other == name).ok_or(format!("no model {name}"))?;
    let table = DividedRows::read(Path::new(rows))?;
    if !table.divisions().contains(division) {
        return Err(format!("expected one of {:?}, found {division}", table.divisions()).into());
    }
    let (train, test) = table.parts(division)?;
    let target = table.column("target")?;
    let truth = |rows: &[usize]| -> Vec<bool> { rows.iter().map(|&row| target[row] == 1.0).collect() };
    let dataset = Dataset::new(table.records(&train), Array1::from(truth(&train)));
    let (records, truth) = (table.records(&test), truth(&test));

    let alone = BlendWeights { intercept: 0.0, weights: vec![1.0], shares: vec![1.0], log_loss: 0.0 };
    let params = Blend::params().member(serde_json::from_str::<MemberParams>(params)?).check()?;
    let mut fitted = None;
    let fit = seconds(3, |_| fitted = params.fit_members(&dataset, &alone).ok());
    let model = &fitted.as_ref().ok_or("the fit failed")?.members()[0].model;
    let margins = model.margins(records.view()).to_vec();
    let middle = if matches!(model, MemberModel::GradientBoosting(_)) { 0.0 } else { 0.5 };
    let right = margins.iter().zip(&truth).filter(|(&margin, &truth)| (margin > middle) == truth).count();

    let predictor = Predictor::new(model.trees().clone());
    let copies = vec![records.view(); MILLION.div_ceil(records.nrows())];
    let million: Array2<f64> = concatenate(Axis(0), &copies)?.slice_axis(Axis(0), (0..MILLION).into()).to_owned();
    let sum = |records: &Array2<f64>| drop(black_box(predictor.sum(records.view())));
    let one = |row: usize| {
        black_box(predictor.sum_row(&records.row(row).to_vec()));
    };
    let bytes = encode(model.trees());
    let load = |_| drop(black_box(decode(&bytes).map(Predictor::new)));
    println!(
        "{}",
        serde_json::json!({
            "fit_s": fit,
            "roc_auc": roc_auc(&truth, &margins),
            "accuracy": right as f64 / truth.len() as f64,
            "test_ms": 1e3 * seconds(9, |_| sum(&records)),
            "million_s": seconds(1, |_| sum(&million)),
            "one_us": 1e6 * seconds(200, one),
            "load_ms": 1e3 * seconds(3, load),
            "megabytes": bytes.len() as f64 / 1e6,
        })
    );
    Ok(())
}
