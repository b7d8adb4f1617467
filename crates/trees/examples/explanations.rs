//! Shapley values of a gradient boosting: `cargo run --release --example explanations`.

use hitflop_trees::{GradientBoosting, TreesError};
use linfa::traits::Fit;

/// Fits a gradient boosting, and prints the contributions of the features to predictions.
pub fn main() -> Result<(), TreesError> {
    // 150 irises of 4 measures. The positive class: Iris virginica.
    let dataset = linfa_datasets::iris().map_targets(|&species| species == 2);
    let model = GradientBoosting::params().n_estimators(50).min_samples_leaf(5).fit(&dataset)?;
    let probabilities = model.predict_proba(dataset.records().view());

    let explainer = model.explainer();
    let contributions = explainer.shap(dataset.records().view());
    println!("mean log odds: {:.3}", explainer.base());
    for row in [0, 70, 133, 149] {
        let log_odds = explainer.base() + contributions.row(row).sum();
        let probability = GradientBoosting::probability_of_log_odds(log_odds);
        println!("flower {row}: log odds {log_odds:.3}, probability {probability:.3}");
        for (name, contribution) in dataset.feature_names().iter().zip(contributions.row(row)) {
            println!("{name:>16}: {contribution:+.3}");
        }
        // The contributions add up to the prediction.
        assert!((probability - probabilities[row]).abs() < 1e-9);
    }
    Ok(())
}
