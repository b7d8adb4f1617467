//! The estimator as a whole.

mod distillation;
mod naive;
mod peers;
mod symmetric;

use linfa::traits::{Fit, Predict};
use linfa::{Dataset, ParamGuard};
use ndarray::{array, concatenate, Array1, Array2, Axis};
use rand::RngExt;

use super::*;
use crate::binning::Binning;
use crate::seed::task_rng;
use crate::Result;
use crate::{Leaves, TreeNode, Trees};

/// Rows of four features (real, of few values, partly missing, constant) and their targets.
fn examples(rows: usize, seed: u64) -> (Array2<f64>, Array1<bool>) {
    let mut rng = task_rng(seed, "examples", &[]);
    let mut records = Array2::zeros((rows, 4));
    let mut targets = Array1::default(rows);
    for (mut record, target) in records.rows_mut().into_iter().zip(&mut targets) {
        record[0] = rng.random();
        record[1] = f64::from(rng.random_range(0..6));
        record[2] = if rng.random::<f64>() < 0.2 { f64::NAN } else { (rng.random::<f64>() * 40.0).round() };
        record[3] = 7.0;
        let missing = if record[2].is_nan() { 0.5 } else { record[2] / 100.0 };
        *target = record[0] + missing - 0.1 * record[1] + 0.6 * rng.random::<f64>() > 0.65;
    }
    (records, targets)
}

fn small() -> GradientBoostingParams {
    GradientBoostingParams::new().n_estimators(12).num_leaves(Some(6)).min_samples_leaf(4)
}

fn symmetric() -> GradientBoostingParams {
    small().symmetric(true).max_depth(Some(4))
}

fn minimal_variance() -> GradientBoostingParams {
    symmetric().subsample(0.4).sampling(RowSampling::MinimalVariance)
}

fn fit(params: &GradientBoostingParams, rows: usize) -> GradientBoosting {
    let (records, targets) = examples(rows, 1);
    params.fit(&Dataset::new(records, targets)).expect("a model")
}

/// Rows in the leaves of every tree.
fn rows_in_leaves(trees: &Trees) -> Vec<Vec<u64>> {
    trees.trees().iter().map(|tree| (0..tree.leaves.len()).map(|leaf| tree.leaves.rows(leaf)).collect()).collect()
}

#[test]
fn stages_lead_to_the_whole() {
    let (records, _) = examples(300, 2);
    let model = fit(&small(), 300);
    let stages: Vec<Array1<f64>> = model.staged_predict_proba(records.view(), 0..=12).collect();
    assert_eq!(stages.len(), 13);

    let whole = model.predict_proba(records.view());
    // Sums of the same numbers in another order.
    let is_near =
        |one: &Array1<f64>, other: &Array1<f64>| one.iter().zip(other).all(|(one, other)| (one - other).abs() < 1e-14);
    assert!(is_near(&whole, &stages[12]));
    let some = model.staged_predict_proba(records.view(), [3, 7]).zip([3, 7]);
    assert!(some.into_iter().all(|(found, trees)| is_near(&found, &stages[trees])));
    let labels: Array1<bool> = model.predict(&records);
    assert_eq!(labels, whole.mapv(|probability| probability > 0.5));
}

#[test]
fn binned_rows_are_fitted_and_scored_as_plain_ones() {
    let (records, targets) = examples(300, 1);
    let model = fit(&small(), 300);
    let binning = Binning::fit(records.view(), 255);
    let binned = binning.transform(records.view());
    let targets = targets.to_vec();
    let dataset =
        BinnedDataset { binning: &binning, records: &binned, targets: &targets, weights: None, validation: None };
    let params = small().check().expect("legal");
    assert_eq!(params.fit_binned(dataset).expect("a model"), model);
}

/// Rows that are held out by name: the trees are those of the other rows alone, the losses those of the stages.
#[test]
fn validation_rows_are_only_followed() {
    let (records, targets) = examples(400, 1);
    let binning = Binning::fit(records.view(), 255);
    let held_out: Vec<usize> = (0..400).filter(|row| row % 4 == 1).collect();
    let others: Vec<usize> = (0..400).filter(|row| row % 4 != 1).collect();
    let fit = |params: GradientBoostingParams, rows: &[usize], validation| {
        let targets = targets.select(Axis(0), rows).to_vec();
        let records = &binning.transform(records.select(Axis(0), rows).view());
        let dataset = BinnedDataset { binning: &binning, records, targets: &targets, weights: None, validation };
        params.check().expect("legal").fit_binned(dataset).expect("a model")
    };
    let all: Vec<usize> = (0..400).collect();
    for params in [small(), symmetric().subsample(0.8), minimal_variance()] {
        let followed = fit(params.clone(), &all, Some(&held_out));
        assert_eq!(followed.trees(), fit(params, &others, None).trees());
        let losses = followed.validation_losses().expect("losses");
        let trees = followed.trees().trees().len();
        let stages = followed.staged_predict_proba(records.view(), 1..=trees).collect::<Vec<_>>();
        assert_eq!(losses.len(), stages.len() + 1);
        for (loss, stage) in losses[1..].iter().zip(&stages) {
            let of_row = |&row: &usize| -(if targets[row] { stage[row] } else { 1.0 - stage[row] }).ln();
            let expected = held_out.iter().map(of_row).sum::<f64>() / held_out.len() as f64;
            assert!((loss - expected).abs() < 1e-12, "{loss} instead of {expected}");
        }
    }
}

#[test]
fn fewer_trees_are_the_first_of_more() {
    let drawing = |params: GradientBoostingParams| params.subsample(0.6).colsample_bytree(0.7);
    for params in [small(), symmetric(), drawing(small()), drawing(symmetric()), minimal_variance()] {
        let (few, many) = (fit(&params.clone().n_estimators(5), 300), fit(&params, 300));
        assert_eq!(few.trees().trees(), &many.trees().trees()[..5]);
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let uniform = [small().num_leaves(Some(31)), symmetric().max_depth(Some(7))].map(|params| params.subsample(0.7));
    for params in uniform.into_iter().chain([minimal_variance()]) {
        let params = params.early_stopping(Some(EarlyStopping::default()));
        let fit_on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| fit(&params, 30_000))
        };
        let one = fit_on(1);
        assert_eq!(one, fit_on(2));
        assert_eq!(one, fit_on(4));
    }
}

#[test]
fn trees_keep_to_their_limits() {
    let deep = fit(&small().num_leaves(None).max_depth(Some(3)).min_samples_leaf(17), 400);
    assert!(deep.trees().trees().iter().all(|tree| tree.depth() <= 3));
    assert!(rows_in_leaves(deep.trees()).concat().iter().all(|&rows| rows >= 17));
    assert!(deep.trees().trees().iter().any(|tree| tree.leaves.len() > 4));
    for leaves in [2, 3, 7] {
        let model = fit(&small().num_leaves(Some(leaves)), 400);
        assert!(model.trees().trees().iter().all(|tree| tree.leaves.len() == leaves));
    }
    // At the baseline no row's second derivative exceeds a quarter.
    let heavy = fit(&small().n_estimators(1).min_samples_leaf(1).min_child_weight(20.0), 400);
    assert!(rows_in_leaves(heavy.trees()).concat().iter().all(|&rows| rows >= 80));
    assert!(heavy.trees().trees()[0].leaves.len() > 2);
}

#[test]
fn rows_and_features_are_drawn_for_every_tree() {
    let model = fit(&small().subsample(0.25).colsample_bytree(0.34).min_samples_leaf(1), 400);
    assert!(rows_in_leaves(model.trees()).iter().all(|rows| rows.iter().sum::<u64>() == 100));
    let requested = |nodes: &[TreeNode]| {
        let feature = |node: &TreeNode| match node {
            TreeNode::Split { column, .. } => Some(column.feature()),
            TreeNode::Leaf(_) => None,
        };
        let mut requested: Vec<usize> = nodes.iter().filter_map(feature).collect();
        requested.sort_unstable();
        requested.dedup();
        requested
    };
    // One of the three features that vary.
    let by_tree: Vec<Vec<usize>> = model.trees().trees().iter().map(|tree| requested(&tree.nodes)).collect();
    assert!(by_tree.iter().all(|requested| requested.len() == 1));
    assert!((0..3).all(|feature| by_tree.contains(&vec![feature])));
    assert_eq!(model.importances()[3], 0.0);
    assert!((model.importances().iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert_ne!(model, fit(&small().subsample(0.25).colsample_bytree(0.34).min_samples_leaf(1).seed(1), 400));
}

/// Splits are found on a sample, but the leaves have the Newton steps of all rows.
#[test]
fn leaves_of_a_tree_of_minimal_variance_are_those_of_all_rows() {
    let (records, targets) = examples(3000, 1);
    for params in [minimal_variance(), small().subsample(0.4).sampling(RowSampling::MinimalVariance)] {
        let params = params.n_estimators(1).learning_rate(1.0).l2_regularization(2.0);
        let model = fit(&params, 3000);
        let odds = model.staged_predict_proba(records.view(), [0, 1]).collect::<Vec<_>>();
        let share = odds[0][0];
        let margin = |probability: f64| (probability / (1.0 - probability)).ln();
        let mut leaves: Vec<(f64, Vec<usize>)> = Vec::new();
        for (row, &probability) in odds[1].iter().enumerate() {
            let value = margin(probability) - margin(share);
            match leaves.iter_mut().find(|leaf| (leaf.0 - value).abs() < 1e-9) {
                Some(leaf) => leaf.1.push(row),
                None => leaves.push((value, vec![row])),
            }
        }
        assert_eq!(leaves.len(), model.trees().trees()[0].leaves.len());
        assert_eq!(rows_in_leaves(model.trees()).concat().iter().sum::<u64>(), 3000);
        for (value, rows) in leaves {
            let gradient: f64 = rows.iter().map(|&row| share - f64::from(u8::from(targets[row]))).sum();
            let expected = -gradient / (rows.len() as f64 * share * (1.0 - share) + 2.0);
            assert!((value - expected).abs() < 1e-9, "{value} instead of {expected}");
        }
        let uniform = fit(&params.sampling(RowSampling::Uniform), 3000);
        assert_eq!(rows_in_leaves(uniform.trees()).concat().iter().sum::<u64>(), 1200);
    }
}

/// Weights that differ much, and weights in the place of second derivatives.
#[test]
fn minimal_variance_works_with_weights_and_either_criterion() {
    let (records, targets) = examples(3000, 1);
    let weights = Array1::from_shape_fn(3000, |row| if row % 3 == 0 { 0.0 } else { 1.0 + (row % 40) as f32 });
    let kept: Vec<usize> = (0..3000).filter(|row| row % 3 > 0).collect();
    for criterion in [SplitCriterion::Newton, SplitCriterion::FriedmanMse] {
        let params = minimal_variance().n_estimators(60).criterion(criterion);
        let fit = |rows: &[usize]| {
            let dataset = Dataset::new(records.select(Axis(0), rows), targets.select(Axis(0), rows));
            params.fit(&dataset.with_weights(weights.select(Axis(0), rows))).expect("a model")
        };
        let model = fit(&(0..3000).collect::<Vec<_>>());
        let probabilities = model.predict_proba(records.view());
        let right = kept.iter().filter(|&&row| (probabilities[row] > 0.5) == targets[row]).count();
        assert!(right as f64 > 0.8 * kept.len() as f64, "{criterion:?}: {right} of {}", kept.len());
        // Rows without weight are as if they were absent, but for the bins, which are cut by weighted rows as well.
        assert_eq!(model.trees(), fit(&kept).trees());
    }
}

#[test]
fn early_stopping_keeps_the_best() {
    let stopping = EarlyStopping { validation_share: 0.3, rounds: 4 };
    let params = small().n_estimators(500).learning_rate(0.5).early_stopping(Some(stopping));
    let model = fit(&params, 400);
    let losses = model.validation_losses().expect("losses");
    let kept = model.trees().trees().len();
    assert_eq!(losses.len(), kept + 1 + 4);
    assert!(losses.iter().enumerate().all(|(trees, &loss)| if trees < kept {
        loss > losses[kept]
    } else {
        loss >= losses[kept]
    }));
    // 70 % of the rows of either class.
    let rows: Vec<u64> = rows_in_leaves(model.trees()).iter().map(|rows| rows.iter().sum()).collect();
    assert!(kept > 0 && rows.iter().all(|rows| rows.abs_diff(280) <= 1), "{rows:?}");
    assert_eq!(model, fit(&params, 400));
    let patient = EarlyStopping { rounds: usize::MAX, ..stopping };
    let whole = fit(&params.n_estimators(60).early_stopping(Some(patient)), 400);
    assert_eq!((whole.validation_losses().map(<[f64]>::len), whole.trees().trees().len()), (Some(61), kept));
}

/// Few values, so that the bins of a row that stands twice are those of a row that stands once.
fn of_few_values(rows: usize) -> (Array2<f64>, Array1<bool>) {
    let (mut records, targets) = examples(rows, 3);
    records.column_mut(0).mapv_inplace(|value| (value * 50.0).round());
    (records, targets)
}

fn largest_difference(a: &Array1<f64>, b: &Array1<f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn a_weight_of_two_is_a_row_that_occurs_twice() {
    let (records, targets) = of_few_values(300);
    let twice: Vec<usize> = (0..300).filter(|row| row % 3 == 0).collect();
    let weights = (0..300).map(|row| if row % 3 == 0 { 2.0 } else { 1.0 }).collect();
    let weighted = Dataset::new(records.clone(), targets.clone()).with_weights(weights);
    let more = concatenate![Axis(0), records, records.select(Axis(0), &twice)];
    let more_targets = concatenate![Axis(0), targets, targets.select(Axis(0), &twice)];
    let repeated = Dataset::new(more, more_targets);
    for params in [small(), symmetric()] {
        let params = params.n_estimators(5).min_samples_leaf(1).min_child_weight(5.0);
        let [a, b] = [&weighted, &repeated].map(|dataset| params.fit(dataset).expect("a model"));
        assert!(largest_difference(&a.predict_proba(records.view()), &b.predict_proba(records.view())) < 1e-12);
    }
}

#[test]
fn a_weight_of_zero_is_a_row_that_is_absent() {
    let (records, targets) = examples(300, 3);
    let present: Vec<usize> = (0..300).filter(|row| row % 3 != 0).collect();
    let weights = (0..300).map(|row| if row % 3 == 0 { 0.0 } else { 1.0 }).collect();
    let fewer = Dataset::new(records.select(Axis(0), &present), targets.select(Axis(0), &present));
    let weighted = Dataset::new(records, targets).with_weights(weights);
    for params in [small(), symmetric()] {
        assert_eq!(params.fit(&weighted).expect("a model"), params.fit(&fewer).expect("a model"));
    }
}

/// Weights a million apart do not fit the narrow words; rows beyond 65,535 neither.
#[test]
fn wide_words_grow_the_same_trees() {
    let (records, targets) = of_few_values(300);
    let narrow = Dataset::new(records.clone(), targets.clone());
    let more = concatenate![Axis(0), records, array![[0.5, 2.0, 3.0, 7.0]]];
    let more_targets = concatenate![Axis(0), targets, array![true]];
    let weights = (0..301).map(|row| if row == 300 { 1e-12 } else { 1.0 }).collect();
    let wide = Dataset::new(more, more_targets).with_weights(weights);
    for params in [small(), symmetric()] {
        let [a, b] = [&narrow, &wide].map(|dataset| params.fit(dataset).expect("a model"));
        assert!(largest_difference(&a.predict_proba(records.view()), &b.predict_proba(records.view())) < 1e-9);
    }
    let large = fit(&small().n_estimators(2), 70_000);
    assert!(rows_in_leaves(large.trees()).iter().all(|rows| rows.iter().sum::<u64>() == 70_000));
}

#[test]
fn a_model_is_its_parts() {
    let (records, _) = examples(50, 4);
    let model = fit(&small(), 300);
    let parts = (model.trees().clone(), model.baseline(), model.importances().to_vec());
    let read = GradientBoosting::from_parts(parts.0, parts.1, parts.2);
    assert_eq!(read, model);
    assert_eq!(read.predict_proba(records.view()), model.predict_proba(records.view()));
}

fn fit_any(records: Array2<f64>, targets: Array1<bool>) -> Result<GradientBoosting> {
    small().min_samples_leaf(1).fit(&Dataset::new(records, targets))
}

#[test]
fn degenerate_input_gives_the_right_answer() {
    let nan = f64::NAN;
    let two = array![true, false];
    for (records, targets, expected) in [
        // One class only: half a row more of either.
        (array![[1.0], [2.0], [3.0]], array![true, true, true], vec![0.875; 3]),
        (array![[1.0]], array![false], vec![0.25]),
        // Nothing to ask about.
        (array![[7.0], [7.0]], two.clone(), vec![0.5; 2]),
        (array![[nan], [nan]], two.clone(), vec![0.5; 2]),
    ] {
        let dataset = Dataset::new(records.clone(), targets);
        for params in [small(), symmetric()] {
            let model = params.min_samples_leaf(1).fit(&dataset).expect("a model");
            let found = model.predict_proba(records.view());
            assert!(found.iter().zip(&expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found}");
            assert!(model.importances().iter().all(|&importance| importance == 0.0));
        }
    }
    // A row of either class, told by a number or by its absence; features that say nothing beside it.
    for records in [array![[1.0], [2.0]], array![[1.0], [nan]], array![[7.0, nan, 3.0], [7.0, nan, 4.0]]] {
        for params in [small(), symmetric()] {
            let model = params.min_samples_leaf(1).fit(&Dataset::new(records.clone(), two.clone())).expect("a model");
            let found = model.predict_proba(records.view());
            assert!(found[0] > 0.7 && found[1] < 0.3, "{found}");
        }
    }
    // Separable rows for long, without anything that holds the values back.
    let separable = Dataset::new(array![[1.0], [2.0]], two);
    for params in [small(), symmetric()] {
        let params = params.n_estimators(300).learning_rate(1.0).min_samples_leaf(1).min_child_weight(0.0);
        let model = params.fit(&separable).expect("a model");
        assert!(model.predict_proba(array![[1.0], [2.0]].view())[0] > 0.999);
    }
}

#[test]
fn input_that_nothing_can_be_fitted_on_is_refused() {
    let message = |result: Result<GradientBoosting>| {
        let error = result.expect_err("refused");
        error.to_string()
    };
    let weighted = |weights: Array1<f32>| {
        small().fit(&Dataset::new(array![[1.0], [2.0]], array![true, false]).with_weights(weights))
    };
    let stopping = small().early_stopping(Some(EarlyStopping::default()));
    for (result, expected) in [
        (fit_any(Array2::zeros((0, 2)), Array1::default(0)), r#"training rows: expected at least one row, found "0""#),
        (
            fit_any(Array2::zeros((2, 0)), Array1::default(2)),
            r#"training rows: expected 1 to 32767 features, found "0""#,
        ),
        (
            fit_any(array![[1.0, 2.0], [1.0, f64::INFINITY]], array![true, false]),
            r#"training rows, row 2, column number 2: expected a finite number, or NaN for a missing one, found "inf""#,
        ),
        (weighted(array![1.0, -1.0]), r#"sample weights, row 2: expected a finite number of at least 0, found "-1""#),
        (
            weighted(array![f32::NAN, 1.0]),
            r#"sample weights, row 1: expected a finite number of at least 0, found "NaN""#,
        ),
        (weighted(array![0.0, 0.0]), r#"training rows: expected at least one row of a weight above 0, found "0""#),
        (
            stopping.fit(&Dataset::new(array![[1.0], [2.0]], array![true, false])),
            r#"training rows: expected at least two rows of either class, one to hold out for early stopping, found "1""#,
        ),
    ] {
        assert_eq!(message(result), expected);
    }
    let (records, targets) = examples(10, 1);
    let binning = Binning::fit(records.view(), 255);
    let binned = binning.transform(records.view());
    let targets = targets.to_vec();
    for (held_out, value) in [([2, 2], "2"), ([3, 10], "10")] {
        let (weights, validation) = (None, Some(&held_out[..]));
        let dataset = BinnedDataset { binning: &binning, records: &binned, targets: &targets, weights, validation };
        let error = message(small().check().expect("legal").fit_binned(dataset));
        assert_eq!(error, format!(r#"validation rows, row 2: expected ascending rows below 10, found "{value}""#));
    }
}

#[test]
fn leaves_hold_values() {
    let model = fit(&small(), 300);
    assert!(model.trees().trees().iter().all(|tree| matches!(tree.leaves, Leaves::Values(_))));
}
