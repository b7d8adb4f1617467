//! A gradient boosting that stops early: `cargo run --release --example boosting`.

use hitflop_trees::{EarlyStopping, GradientBoosting, TreesError};
use linfa::traits::Fit;
use ndarray::{Array1, ArrayView1};

/// Log loss in nats a row.
fn log_loss(probabilities: &Array1<f64>, expected: ArrayView1<bool>) -> f64 {
    let of_row = |(&p, &positive): (&f64, &bool)| -(if positive { p } else { 1.0 - p }).ln();
    probabilities.iter().zip(expected).map(of_row).sum::<f64>() / probabilities.len() as f64
}

/// Fits a boosting that stops early, and prints its scores.
pub fn main() -> Result<(), TreesError> {
    // The positive class: a quality of 6 or more, about half of the wines. Some values are missing.
    let (mut train, test) = linfa_datasets::winequality().map_targets(|&quality| quality > 5).split_with_ratio(0.75);
    train.records.column_mut(3).iter_mut().step_by(10).for_each(|value| *value = f64::NAN);

    let params = GradientBoosting::params()
        .n_estimators(2000)
        .learning_rate(0.02)
        .num_leaves(8)
        .l2_regularization(1.0)
        // A tenth of the training rows is held out. The fit stops when the loss on them has not fallen for 50 trees.
        .early_stopping(EarlyStopping { validation_share: 0.1, rounds: 50 })
        .seed(7);
    let model = params.fit(&train)?;

    let trees = model.trees().trees().len();
    let losses = model.validation_losses().expect("there are validation rows");
    println!("{trees} trees; validation loss {:.4} before the first, {:.4} after the last", losses[0], losses[trees]);
    let stages: Vec<usize> = (50..trees).step_by(50).chain([trees]).collect();
    for (probabilities, trees) in model.staged_predict_proba(test.records().view(), stages.clone()).zip(stages) {
        println!("{trees:4} trees: log loss {:.4}", log_loss(&probabilities, test.targets().view()));
    }
    let loss = log_loss(&model.predict_proba(test.records().view()), test.targets().view());
    assert!(trees < 2000 && loss < 0.6);
    Ok(())
}
