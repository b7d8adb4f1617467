//! Agreement with scikit-learn (`tests/fixtures/make_forest.py`).

use linfa::traits::Predict;
use linfa::Dataset;
use ndarray::{Array2, Axis};
use serde::Deserialize;

use super::*;
use crate::forest::{ClassWeight, MaxFeatures};

#[derive(Deserialize)]
struct ForestFixture {
    records: Vec<Vec<Option<f64>>>,
    truth: Vec<bool>,
    weights: Vec<f32>,
    trees: Vec<ForestTreeCase>,
    forests: Vec<ForestCase>,
}

#[derive(Deserialize)]
struct ForestTreeCase {
    missing: bool,
    weighted: bool,
    params: RandomForestParams,
    class_weight: Option<ClassWeight>,
    probability: Vec<f64>,
    leaves: usize,
    importances: Vec<f64>,
}

#[derive(Deserialize)]
struct ForestCase {
    name: String,
    records: Vec<Vec<f64>>,
    truth: Vec<bool>,
    accuracy: f64,
    roc_auc: f64,
    oob_score: f64,
    extra_trees_accuracy: f64,
    extra_trees_roc_auc: f64,
}

fn witness() -> ForestFixture {
    serde_json::from_str(include_str!("../../../tests/fixtures/forest.json")).expect("a fixture")
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).expect("a matrix")
}

/// Trees that have no choice: all rows, all features. The same probabilities and importances for both criteria, with missing
/// values, class weights and sample weights.
#[test]
fn a_tree_is_scikit_learns() {
    let witness = witness();
    for (number, tree) in witness.trees.iter().enumerate() {
        let value = |value: &Option<f64>| value.unwrap_or(if tree.missing { f64::NAN } else { -1.0 });
        let records: Vec<Vec<f64>> = witness.records.iter().map(|row| row.iter().map(value).collect()).collect();
        let mut dataset = Dataset::new(matrix(&records), Array1::from(witness.truth.clone()));
        if tree.weighted {
            dataset = dataset.with_weights(Array1::from(witness.weights.clone()));
        }
        let params =
            tree.params.n_estimators(1).bootstrap(false).max_features(MaxFeatures::All).class_weight(tree.class_weight);
        let fitted = params.fit(&dataset).expect("a tree");
        assert_eq!(fitted.trees().trees()[0].leaves.len(), tree.leaves, "tree {number}");
        let found = fitted.predict_proba(dataset.records().view());
        for (row, (found, expected)) in found.iter().zip(&tree.probability).enumerate() {
            // Where a row that is not used falls depends on the cut between those that are.
            let is_used = !tree.weighted || witness.weights[row] > 0.0;
            assert!(!is_used || (found - expected).abs() < 1e-12, "tree {number}, row {row}: {found}, not {expected}");
        }
        for (found, expected) in fitted.importances().iter().zip(&tree.importances) {
            assert!((found - expected).abs() < 1e-12, "tree {number}: found {found}, expected {expected}");
        }
    }
}

/// The share of pairs of a positive and a negative row that are in the right order, a tie counting one half.
fn roc_auc(truth: &[bool], probabilities: &[f64]) -> f64 {
    let of = |class| {
        truth.iter().zip(probabilities).filter(move |(&positive, _)| positive == class).map(|(_, &found)| found)
    };
    let order = |positive: f64, negative: f64| if positive == negative { 0.5 } else { f64::from(positive > negative) };
    let right: f64 = of(true).map(|positive| of(false).map(|negative| order(positive, negative)).sum::<f64>()).sum();
    right / (of(true).count() * of(false).count()) as f64
}

/// Means over 10 seeds, against scikit-learn's over 20, where accuracies of single forests differ by up to 0.01 (standard
/// deviation) and ROC AUC by 0.006; so do extremely randomised trees.
#[test]
fn forests_are_as_good_as_scikit_learns() {
    for witness in witness().forests {
        let records = matrix(&witness.records);
        let rows: Vec<usize> = (0..witness.truth.len()).collect();
        let (held_out, train): (Vec<usize>, Vec<usize>) = rows.iter().partition(|&row| row % 3 == 0);
        let truth = |rows: &[usize]| -> Vec<bool> { rows.iter().map(|&row| witness.truth[row]).collect() };
        let dataset = Dataset::new(records.select(Axis(0), &train), Array1::from(truth(&train)));
        let (test, expected) = (records.select(Axis(0), &held_out), truth(&held_out));
        let scores = |fitted: &RandomForest| {
            let found = fitted.predict_proba(test.view()).to_vec();
            let right =
                fitted.predict(&test).iter().zip(&expected).filter(|(found, expected)| found == expected).count();
            [right as f64 / expected.len() as f64, roc_auc(&expected, &found)]
        };
        let mut means = [0.0; 5];
        for seed in 0..10 {
            let forest = RandomForestParams::new().seed(seed).oob_score(true).fit(&dataset).expect("a forest");
            let extra_trees = RandomForestParams::extra_trees().seed(seed).fit(&dataset).expect("extra trees");
            let oob_score = forest.oob().expect("requested").score;
            let of_seed = [&scores(&forest)[..], &scores(&extra_trees), &[oob_score]].concat();
            means.iter_mut().zip(of_seed).for_each(|(mean, score)| *mean += score / 10.0);
        }
        let of_scikit_learn = [
            witness.accuracy,
            witness.roc_auc,
            witness.extra_trees_accuracy,
            witness.extra_trees_roc_auc,
            witness.oob_score,
        ];
        for (found, expected) in means.iter().zip(of_scikit_learn) {
            assert!((found - expected).abs() < 0.01, "{}: found {found}, expected {expected}", witness.name);
        }
    }
}
