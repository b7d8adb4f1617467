//! Agreement with LightGBM, scikit-learn and CatBoost on known sets (`tests/fixtures/make_boosting.py`).

use std::collections::HashMap;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct PeerFixture {
    name: String,
    records: Vec<Vec<f64>>,
    truth: Vec<bool>,
    peers: HashMap<String, PeerScores>,
}

#[derive(Deserialize)]
struct PeerScores {
    log_loss: f64,
    probability: Vec<f64>,
}

fn log_loss(probability: &Array1<f64>, truth: &Array1<bool>) -> f64 {
    let of_row = |(&p, &truth): (&f64, &bool)| -(if truth { p } else { 1.0 - p }).ln();
    probability.iter().zip(truth).map(of_row).sum::<f64>() / truth.len() as f64
}

/// Trained on the rows of even index; log loss on the others, and the mean difference of their probabilities.
fn compare(peer: &str, params: &GradientBoostingParams) {
    let text = include_str!("../../../tests/fixtures/boosting.json");
    for witness in serde_json::from_str::<Vec<PeerFixture>>(text).expect("a fixture") {
        let dimensions = (witness.records.len(), witness.records[0].len());
        let records = Array2::from_shape_vec(dimensions, witness.records.concat()).expect("a matrix");
        let truth = Array1::from(witness.truth);
        let (even, odd): (Vec<usize>, Vec<usize>) = (0..dimensions.0).partition(|row| row % 2 == 0);
        let part = |rows: &[usize]| (records.select(Axis(0), rows), truth.select(Axis(0), rows));
        let (train, train_truth) = part(&even);
        let (test, test_truth) = part(&odd);
        let found = params.fit(&Dataset::new(train, train_truth)).expect("a model").predict_proba(test.view());
        let expected = &witness.peers[peer];
        let loss = log_loss(&found, &test_truth);
        let name = &witness.name;
        assert!((loss - expected.log_loss).abs() < 0.03, "{name}: log loss {loss}, {peer}'s {}", expected.log_loss);
        let apart =
            found.iter().zip(&expected.probability).map(|(a, b)| (a - b).abs()).sum::<f64>() / found.len() as f64;
        assert!(apart < 0.02, "{name}: probabilities differ from {peer}'s by {apart} in the mean");
    }
}

#[test]
fn scores_are_lightgbms() {
    let params = GradientBoostingParams::new().n_estimators(60).num_leaves(Some(7)).min_samples_leaf(10);
    compare("lightgbm", &params.l2_regularization(1.0));
}

#[test]
fn scores_are_scikit_learns() {
    let params = GradientBoostingParams::new().learning_rate(0.05).num_leaves(None).max_depth(Some(3));
    compare("scikit-learn", &params.criterion(SplitCriterion::FriedmanMse).min_samples_leaf(1).min_child_weight(0.0));
}

/// CatBoost's score counts rows, as Friedman's criterion does, and its leaves have no limits.
#[test]
fn scores_are_catboosts() {
    let params =
        GradientBoostingParams::new().n_estimators(60).symmetric(true).max_depth(Some(4)).l2_regularization(1.0);
    compare("catboost", &params.criterion(SplitCriterion::FriedmanMse).min_samples_leaf(1).min_child_weight(0.0));
}
