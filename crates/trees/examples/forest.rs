//! A random forest that classifies good wines: `cargo run --release --example forest`.

use hitflop_trees::{ClassWeight, RandomForest, TreesError};
use linfa::traits::{Fit, Predict};
use ndarray::Array1;

/// The share of predictions that are right.
fn accuracy(predicted: &Array1<bool>, expected: &Array1<bool>) -> f64 {
    let right = predicted.iter().zip(expected).filter(|(predicted, expected)| predicted == expected).count();
    right as f64 / expected.len() as f64
}

/// Fits a forest, and prints its scores.
pub fn main() -> Result<(), TreesError> {
    // 1599 red wines of 11 properties. The positive class: a quality of 7 or 8, one wine in seven.
    let (train, test) = linfa_datasets::winequality().map_targets(|&quality| quality > 6).split_with_ratio(0.75);

    let forest = RandomForest::params()
        .n_estimators(300)
        .min_samples_leaf(2)
        .class_weight(ClassWeight::Balanced)
        .oob_score(true)
        .seed(7)
        .fit(&train)?;

    let accuracy = accuracy(&forest.predict(&test), test.targets());
    let out_of_bag = forest.oob().map_or(f64::NAN, |oob| oob.score);
    println!("accuracy: {accuracy:.3} on {} wines held out, {out_of_bag:.3} out of bag", test.targets().len());
    for (name, importance) in train.feature_names().iter().zip(forest.importances()) {
        println!("{name:>22}: {importance:.3}");
    }
    assert!(accuracy > 0.8 && out_of_bag > 0.8);
    Ok(())
}
