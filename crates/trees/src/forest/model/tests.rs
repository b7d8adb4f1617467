use linfa::traits::Predict;
use linfa::Dataset;
use ndarray::{array, Array2};
use proptest::prelude::*;

use super::*;
use crate::forest::{ClassWeight, Criterion, MaxFeatures, MaxSamples, Splitter};
use crate::TreeNode;

fn fit(params: RandomForestParams, records: Array2<f64>, targets: Array1<bool>) -> Result<RandomForest> {
    params.n_estimators(3).fit(&Dataset::new(records, targets))
}

#[test]
fn input_that_no_forest_can_be_grown_on_is_refused() {
    let params = RandomForestParams::new();
    let message = |params, records, targets| {
        let error = fit(params, records, targets).expect_err("refused");
        error.to_string()
    };
    assert_eq!(
        message(params, Array2::zeros((0, 3)), Array1::default(0)),
        r#"training rows: expected at least one row, found "0""#
    );
    assert_eq!(
        message(params, Array2::zeros((2, 0)), Array1::default(2)),
        r#"training rows: expected 1 to 32767 features, found "0""#
    );
    assert_eq!(
        message(params, array![[1.0, 2.0], [1.0, f64::NEG_INFINITY]], array![true, false]),
        r#"training rows, row 2, column number 2: expected a finite number, or NaN for a missing one, found "-inf""#
    );
    assert_eq!(
        message(params.max_samples(MaxSamples::Number(3)), array![[1.0], [2.0]], array![true, false]),
        r#"max_samples: expected at most the number of rows, 2, found "3""#
    );
    assert!(message(params.max_depth(0), array![[1.0]], array![true]).starts_with("max_depth: "));
}

#[test]
fn weights_are_checked() {
    let message = |weights: Array1<f32>| {
        let dataset = Dataset::new(array![[1.0], [2.0]], array![true, false]).with_weights(weights);
        RandomForestParams::new().fit(&dataset).expect_err("refused").to_string()
    };
    let rule = "sample weights, row 2: expected a finite number of at least 0";
    for value in [-1.0, f32::NAN, f32::INFINITY] {
        assert_eq!(message(array![1.0, value]), format!("{rule}, found \"{value}\""));
    }
    assert_eq!(message(array![0.0, 0.0]), r#"training rows: expected at least one row of a weight above 0, found "0""#);
}

#[test]
fn degenerate_input_gives_single_leaves() {
    degenerate_leaves(RandomForestParams::new().bootstrap(false));
    degenerate_leaves(RandomForestParams::extra_trees());
}

fn degenerate_leaves(whole: RandomForestParams) {
    let nan = f64::NAN;
    for (records, targets, probability) in [
        (array![[1.0], [2.0], [3.0]], array![true, true, true], 1.0),
        (array![[1.0], [2.0], [3.0]], array![false, false, false], 0.0),
        (array![[7.0, nan], [7.0, nan], [7.0, nan], [7.0, nan]], array![true, false, false, false], 0.25),
        (array![[1.0]], array![true], 1.0),
    ] {
        for class_weight in [None, Some(ClassWeight::Balanced)] {
            let fitted = fit(whole.class_weight(class_weight), records.clone(), targets.clone()).expect("leaves");
            assert!(fitted.trees().trees().iter().all(|tree| tree.nodes == [TreeNode::Leaf(0)]));
            let expected = if class_weight.is_some() && probability == 0.25 { 0.5 } else { probability };
            let found = fitted.predict_proba(records.view());
            assert!(found.iter().all(|&found| (found - expected).abs() < 1e-15), "{found}");
            assert!(fitted.importances().iter().all(|&importance| importance == 0.0));
        }
    }
    // A row a class; missing or not is all that parts them.
    for records in [array![[1.0], [2.0]], array![[nan], [2.0]], array![[1.0], [nan]]] {
        let fitted = fit(whole, records.clone(), array![false, true]).expect("two leaves");
        assert_eq!(fitted.predict_proba(records.view()), array![0.0, 1.0]);
        assert_eq!(fitted.importances(), [1.0]);
    }
    // The lowest and the highest bin and missing values in one node.
    let records = array![[1.0], [2.0], [nan], [nan]];
    let fitted = fit(whole, records.clone(), array![false, false, true, true]).expect("two leaves");
    assert_eq!(fitted.predict_proba(records.view()), array![0.0, 0.0, 1.0, 1.0]);
    assert_eq!(fitted.predict_proba(array![[1e300], [-1e300]].view()), array![0.0, 0.0]);
}

/// Drawing goes on past `max_features` until a feature varies.
#[test]
fn constant_features_do_not_end_a_tree() {
    let mut records = Array2::zeros((40, 70));
    records.column_mut(66).assign(&Array1::from_iter((0..40).map(f64::from)));
    let targets = Array1::from_iter((0..40).map(|row| row % 4 < 2));
    let params = RandomForestParams::new().bootstrap(false).max_features(MaxFeatures::Number(1));
    let fitted = fit(params, records.clone(), targets.clone()).expect("a forest");
    assert_eq!(fitted.predict(&records), targets);
    assert_eq!(fitted.importances()[66], 1.0);
}

/// Both kinds of rows (packed and wide), both criteria, both splitters.
#[test]
fn the_number_of_threads_changes_nothing() {
    let records = Array2::from_shape_fn((500, 5), |(row, column)| ((row * (column + 3) * 7919) % 331) as f64);
    let targets = Array1::from_iter((0..500).map(|row| records[[row, 0]] + records[[row, 1]] > (row % 400) as f64));
    let weights = Array1::from_iter((0..500).map(|row| (row % 5) as f32));
    let plain = Dataset::new(records, targets);
    let weighted = plain.clone().with_weights(weights);
    for (dataset, criterion, splitter) in [
        (&plain, Criterion::Gini, Splitter::Best),
        (&weighted, Criterion::Entropy, Splitter::Best),
        (&plain, Criterion::Entropy, Splitter::Random),
        (&weighted, Criterion::Gini, Splitter::Random),
    ] {
        let params = RandomForestParams::new().n_estimators(9).criterion(criterion).splitter(splitter).oob_score(true);
        let fit = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            // Written out, as a probability may be NaN.
            format!("{:?}", pool.install(|| params.fit(dataset).expect("a forest")))
        };
        let one = fit(1);
        assert!([2, 4].into_iter().all(|threads| fit(threads) == one));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Importances are those that the leaves tell; a first part of the trees predicts as the smaller forest does.
    #[test]
    fn a_forest_holds_together(
        cells in prop::collection::vec((0u8..20, -4i8..4, any::<bool>()), 1..120),
        class_weight in prop::option::of((0.5f64..4.0).prop_map(|weight| ClassWeight::Weights([1.0, weight]))),
    ) {
        let records: Vec<f64> = cells.iter().flat_map(|&(a, b, _)| [f64::from(a), f64::from(b)]).collect();
        let records = Array2::from_shape_vec((cells.len(), 2), records).expect("a matrix");
        let targets: Array1<bool> = cells.iter().map(|&(a, _, positive)| positive || a > 12).collect();
        let params = RandomForestParams::new().class_weight(class_weight).n_estimators(6);
        let dataset = Dataset::new(records.clone(), targets);
        let fitted = params.fit(&dataset).expect("a forest");
        for (found, expected) in fitted.importances().iter().zip(fitted.trees().gini_importances()) {
            prop_assert!((found - expected).abs() < 1e-9, "found {}, expected {}", found, expected);
        }
        let total: f64 = fitted.importances().iter().sum();
        let is_split = fitted.trees().trees().iter().any(|tree| tree.nodes.len() > 1);
        prop_assert!((total - f64::from(is_split)).abs() < 1e-9 || total == 0.0);
        let smaller = params.n_estimators(2).fit(&dataset).expect("a forest");
        prop_assert_eq!(fitted.predict_proba_of_first(2, records.view()), smaller.predict_proba(records.view()));
    }
}

#[test]
fn parts_are_checked() {
    let tree = Tree { nodes: vec![TreeNode::Leaf(0)], leaves: Leaves::Frequencies(vec![[1, 3]]) };
    let trees = |number| Trees::new(vec![vec![0.5], vec![]], [1.0, 1.0], vec![tree.clone(); number]).expect("valid");
    let forest = RandomForest::from_parts(trees(2), vec![0.0, 0.0], Some(0.75)).expect("valid");
    assert_eq!(forest.predict_proba(array![[0.0, 0.0]].view()), array![0.75]);
    assert_eq!(forest.oob().map(|oob| oob.score), Some(0.75));
    let message = |trees, importances, score| {
        RandomForest::from_parts(trees, importances, score).expect_err("refused").to_string()
    };
    assert_eq!(message(trees(0), vec![0.0; 2], None), "trees: expected at least one tree, found 0");
    assert_eq!(message(trees(1), vec![0.0], None), "importances: expected 2, one a feature, found 1");
    assert_eq!(message(trees(1), vec![0.0, f64::NAN], None), "importances[1]: expected a finite number, found NaN");
    for value in [-0.018, 1.1] {
        let tree = Tree { nodes: vec![TreeNode::Leaf(0)], leaves: Leaves::Values(vec![(value, 9)]) };
        let trees = Trees::new(vec![vec![], vec![]], [1.0, 1.0], vec![tree]).expect("valid of a boosting");
        let rule = format!("trees[0].leaves[0]: expected a number from 0 to 1, found {value}");
        assert_eq!(message(trees, vec![0.0; 2], None), rule);
    }
    assert_eq!(message(trees(1), vec![0.0; 2], Some(1.5)), "oob_score: expected a number from 0 to 1, found 1.5");
}

#[test]
fn parameters_from_a_file_are_checked_by_the_fit() {
    let params: RandomForestParams = serde_json::from_str(r#"{"max_bins": 1}"#).expect("the shape is right");
    let error = params.fit(&Dataset::new(array![[1.0]], array![true])).expect_err("refused").to_string();
    assert_eq!(error, r#"max_bins: expected a whole number from 2 to 255, found "1""#);
}

/// A large forest, fitted or decoded, predicts and is explained and encoded without the nodes of eight bytes.
#[test]
fn a_large_forest_does_with_packed_nodes_alone() {
    let records = Array2::from_shape_fn((600, 3), |(row, column)| ((row * (7 + column)) % 211) as f64);
    let targets = Array1::from_shape_fn(600, |row| (row * 13) % 29 < 12);
    let forest =
        RandomForestParams::new().n_estimators(20).fit(&Dataset::new(records.clone(), targets)).expect("a forest");
    let trees = crate::codec::decode(&crate::codec::encode(forest.trees())).expect("the trees");
    let decoded = RandomForest::from_parts(trees, forest.importances().to_vec(), None).expect("the forest");
    let expected = forest.predict_proba(records.view());
    assert_eq!(decoded.predict_proba(records.view()), expected);
    let first = records.select(ndarray::Axis(0), &[0]);
    assert_eq!(decoded.predict_proba(first.view())[0], expected[0]);
    let contributions = decoded.explainer().shap(first.view());
    assert_eq!((&decoded, forest.explainer().shap(first.view())), (&forest, contributions.clone()));
    assert_eq!(crate::codec::encode(decoded.trees()), crate::codec::encode(forest.trees()));
    assert!([&decoded, &forest].iter().all(|forest| !forest.trees().is_unpacked()));
    // With all nodes, which stay, nothing changes.
    let encoded = crate::codec::encode(forest.trees());
    assert_eq!(decoded.trees().trees().len(), 20);
    assert!(decoded.trees().is_unpacked() && decoded == forest);
    assert_eq!(crate::codec::encode(decoded.trees()), encoded);
    assert_eq!(decoded.explainer().shap(first.view()), contributions);
}
