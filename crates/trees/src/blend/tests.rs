use linfa::traits::{Fit, Predict};
use linfa::{Dataset, ParamGuard};
use ndarray::{array, Array1, Array2, ArrayView1, Axis};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::codec::{decode_blend, encode_blend};
use crate::{
    ClassWeight, DecisionTree, DecisionTreeParams, GradientBoosting, GradientBoostingParams, RandomForest,
    RandomForestParams, TreesError,
};

#[derive(Deserialize)]
struct BlendCase {
    name: String,
    margins: Vec<Vec<f64>>,
    targets: Vec<bool>,
    sample_weights: Option<Vec<f32>>,
    intercept: f64,
    weights: Vec<f64>,
    log_loss: f64,
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).expect("a matrix")
}

/// `tests/fixtures/make_blend.py`: the minimum by SciPy, over all sets of members held at 0.
#[test]
fn weights_are_scipys() {
    let cases: Vec<BlendCase> =
        serde_json::from_str(include_str!("../../tests/fixtures/blend.json")).expect("a fixture");
    for case in cases {
        let found = fit_weights(matrix(&case.margins).view(), &case.targets, case.sample_weights.as_deref());
        let found = found.expect(&case.name);
        assert!((found.log_loss - case.log_loss).abs() < 1e-10, "{}: {found:?}", case.name);
        let near = |found: f64, expected: f64| (found - expected).abs() <= 1e-6 * expected.abs().max(1e-9);
        assert!(near(found.intercept, case.intercept), "{}: {found:?}", case.name);
        for (&weight, &expected) in found.weights.iter().zip(&case.weights) {
            assert!(near(weight, expected) && (weight == 0.0) == (expected == 0.0), "{}: {found:?}", case.name);
        }
    }
}

proptest! {
    /// The loss is convex: what no small change lowers is the minimum. Rows of a weight of 2 count twice.
    #[test]
    fn no_other_weights_are_better(
        rows in prop::collection::vec((-3.0..3.0f64, -1.0..1.0f64, 0.0..1.0f64, any::<bool>(), 0u8..3), 4..60),
        change in prop::array::uniform4(-1.0..1.0f64),
    ) {
        let margins = Array2::from_shape_fn((rows.len(), 3), |(row, member)| [rows[row].0, rows[row].1, rows[row].2][member]);
        let targets: Vec<bool> = rows.iter().map(|row| row.3).collect();
        let weights: Vec<f32> = rows.iter().map(|row| f32::from(row.4)).collect();
        let twice: Vec<usize> = (0..rows.len()).flat_map(|row| vec![row; usize::from(rows[row].4)]).collect();
        let classes = twice.iter().filter(|&&row| targets[row]).count();
        prop_assume!(classes > 0 && classes < twice.len());
        let found = fit_weights(margins.view(), &targets, Some(&weights)).expect("both classes");
        let deviations: Vec<f64> = (0..3)
            .map(|member| margins.select(Axis(0), &twice).column(member).std(0.0))
            .collect();
        let objective = |intercept: f64, weights: &[f64]| {
            let loss = |&row: &usize| {
                let margin = intercept + margins.row(row).iter().zip(weights).map(|(margin, weight)| margin * weight).sum::<f64>();
                (if targets[row] { -margin } else { margin }).exp().ln_1p()
            };
            let ridge: f64 = weights.iter().zip(&deviations).map(|(weight, deviation)| (weight * deviation).powi(2)).sum();
            twice.iter().map(loss).sum::<f64>() / twice.len() as f64 + 0.5e-6 * ridge
        };
        let least = objective(found.intercept, &found.weights);
        prop_assert!(found.weights.iter().all(|&weight| weight >= 0.0));
        for size in [1.0, 1e-2, 1e-4] {
            let moved: Vec<f64> =
                found.weights.iter().zip(&change).map(|(weight, change)| (weight + size * change).max(0.0)).collect();
            prop_assert!(objective(found.intercept + size * change[3], &moved) >= least - 1e-12);
        }
    }
}

#[test]
fn margins_that_no_weights_can_be_found_by_are_refused() {
    let message = |margins: Array2<f64>, targets: &[bool], weights: Option<&[f32]>| {
        fit_weights(margins.view(), targets, weights).expect_err("refused").to_string()
    };
    let two = [true, false];
    assert_eq!(
        message(array![[1.0, 2.0], [1.0, f64::NAN]], &two, None),
        r#"margins, row 2, member 2: expected a finite number, found "NaN""#
    );
    assert_eq!(message(Array2::zeros((2, 0)), &two, None), r#"members: expected at least one member, found "0""#);
    let rule = "training rows: expected rows of both classes, of a weight above 0, to find the weights of a blend by";
    assert_eq!(message(array![[1.0], [2.0]], &[true, true], None), format!("{rule}, found \"1\""));
    assert_eq!(message(array![[1.0], [2.0]], &two, Some(&[1.0, 0.0])), format!("{rule}, found \"1\""));
    assert_eq!(message(Array2::zeros((0, 1)), &[], None), format!("{rule}, found \"0\""));
    assert!(message(array![[1.0], [2.0]], &two, Some(&[1.0, -1.0])).starts_with("sample weights, row 2: "));
    assert!(message(array![[1.0], [2.0]], &[true], None).contains('1'));
}

/// Rows with missing values, and their targets.
fn rows(count: usize) -> (Array2<f64>, Array1<bool>) {
    let value = |(row, column): (usize, usize)| match (row * (column + 5) * 7919) % 331 {
        0..=29 => f64::NAN,
        value => (value % (40 + 20 * column)) as f64,
    };
    let records = Array2::from_shape_fn((count, 4), value);
    let target = |row: ArrayView1<f64>| {
        let known = row.mapv(|value| if value.is_nan() { 15.0 } else { value });
        known[0] + 0.5 * known[1] - 0.2 * known[2] + ((known[3] * 37.0) % 11.0) > 35.0
    };
    let targets = records.rows().into_iter().map(target).collect();
    (records, targets)
}

/// Three kinds of members, on folds of neighbouring rows.
fn params(rows: usize) -> BlendParams {
    Blend::params()
        .member(GradientBoostingParams::new().n_estimators(20).min_samples_leaf(5))
        .member(RandomForestParams::extra_trees().n_estimators(10).class_weight(ClassWeight::Weights([1.0, 2.0])))
        .member(DecisionTreeParams::new().max_depth(4))
        .folds((0..rows).map(|row| 7 + 5 * (row / 40 % 3)).collect())
}

/// A blend of all three, whatever their weights would be.
fn blend() -> (Blend, Array2<f64>) {
    let (records, targets) = rows(240);
    let dataset = Dataset::new(records.clone(), targets);
    let weights =
        BlendWeights { intercept: -0.4, weights: vec![0.7, 2.5, 0.3], shares: vec![0.5, 0.4, 0.1], log_loss: 0.0 };
    (params(240).check().expect("legal").fit_members(&dataset, &weights).expect("a blend"), records)
}

/// By hand: each fold's rows by a model fitted to the rows of the other folds.
#[test]
fn margins_are_of_rows_held_out() {
    let (records, targets) = rows(240);
    let weights: Array1<f32> = (0..240).map(|row| (row % 4) as f32).collect();
    let valid = Blend::params()
        .member(GradientBoostingParams::new().n_estimators(5))
        .member(RandomForestParams::new().n_estimators(3))
        .folds((0..240).map(|row| row % 3).collect())
        .check()
        .expect("legal");
    let dataset = Dataset::new(records.clone(), targets.clone()).with_weights(weights.clone());
    let found = valid.out_of_fold_margins(&dataset).expect("margins");
    for fold in 0..3 {
        let (test, train): (Vec<usize>, Vec<usize>) = (0..240).partition(|row| row % 3 == fold);
        let rest = Dataset::new(records.select(Axis(0), &train), targets.select(Axis(0), &train))
            .with_weights(weights.select(Axis(0), &train));
        let test_records = records.select(Axis(0), &test);
        let boosting = GradientBoostingParams::new().n_estimators(5).fit(&rest).expect("a boosting");
        let forest = RandomForestParams::new().n_estimators(3).fit(&rest).expect("a forest");
        let of_fold = found.select(Axis(0), &test);
        assert_eq!(of_fold.column(0), boosting.log_odds(test_records.view()));
        assert_eq!(of_fold.column(1), forest.predict_proba(test_records.view()));
        let probabilities = boosting.predict_proba(test_records.view());
        assert_eq!(of_fold.column(0).mapv(GradientBoosting::probability_of_log_odds), probabilities);
    }
    let fitted = valid.fit(&dataset).expect("a blend");
    let by_hand = fit_weights(found.view(), &targets.to_vec(), weights.as_slice()).expect("both classes");
    assert_eq!(fitted, valid.fit_members(&dataset, &by_hand).expect("a blend"));
    assert_eq!(fitted.intercept(), by_hand.intercept);
}

#[test]
fn log_odds_are_the_weighted_sum_of_margins_for_many_rows_and_one() {
    let (blend, records) = blend();
    let log_odds = blend.log_odds(records.view());
    for (row, &found) in records.rows().into_iter().zip(&log_odds) {
        let one = row.insert_axis(Axis(0));
        let margin = |member: &BlendMember| member.weight * member.model.margins(one)[0];
        let expected = blend.members().iter().fold(blend.intercept(), |sum, member| sum + margin(member));
        assert_eq!(found, expected);
        assert_eq!(blend.log_odds_of_row(&row.to_vec()), expected);
    }
    let probabilities = blend.predict_proba(records.view());
    for (probability, log_odds) in probabilities.iter().zip(&log_odds) {
        assert!((probability - 1.0 / (1.0 + (-log_odds).exp())).abs() < 1e-12);
    }
    assert_eq!(blend.predict(&records), probabilities.mapv(|probability| probability > 0.5));
}

#[test]
fn contributions_add_up_and_are_those_of_the_members() {
    let (blend, records) = blend();
    let (explainer, log_odds) = (blend.explainer(), blend.log_odds(records.view()));
    let contributions = explainer.shap(records.view());
    for (contributions, log_odds) in contributions.rows().into_iter().zip(&log_odds) {
        assert!((explainer.base() + contributions.sum() - log_odds).abs() < 1e-9);
    }
    let mut expected: Array2<f64> = Array2::zeros(records.raw_dim());
    for member in blend.members() {
        expected = expected + member.weight * &member.model.explainer().shap(records.view());
    }
    assert!(contributions.iter().zip(&expected).all(|(found, expected)| (found - expected).abs() < 1e-12));
}

#[test]
fn a_blend_is_one_sum_of_trees() {
    let (blend, records) = blend();
    let boosting = blend.to_boosting().expect("few cuts");
    let (found, expected) = (boosting.log_odds(records.view()), blend.log_odds(records.view()));
    assert!(found.iter().zip(&expected).all(|(found, expected)| (found - expected).abs() < 1e-12));
    assert_eq!(boosting.trees().trees().len(), 31);
    // Numbers beyond all cuts, and between the members' cuts.
    let other = Array2::from_shape_fn((60, 4), |(row, column)| (row * (column + 1)) as f64 * 1.7 - 20.0);
    let (found, expected) = (boosting.log_odds(other.view()), blend.log_odds(other.view()));
    assert!(found.iter().zip(&expected).all(|(found, expected)| (found - expected).abs() < 1e-12));
    assert_eq!(boosting.importances(), blend.importances());
    assert!((blend.importances().iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn bytes_hold_the_blend() {
    let (blend, records) = blend();
    let bytes = encode_blend(&blend);
    let decoded = decode_blend(&bytes).expect("as encoded");
    assert_eq!(decoded, blend);
    assert_eq!(decoded.log_odds(records.view()), blend.log_odds(records.view()));
    let empty = Blend::from_parts(3, 0.25, Vec::new()).expect("a constant");
    assert_eq!(decode_blend(&encode_blend(&empty)).expect("as encoded"), empty);
    for length in [0, 8, 40, bytes.len() - 1] {
        decode_blend(&bytes[..length]).expect_err("something is missing");
    }
    let message = |place: usize, byte: u8| {
        let mut changed = bytes.clone();
        changed[place] = byte;
        decode_blend(&changed).expect_err("refused").to_string()
    };
    assert_eq!(message(0, 9), "version: expected 1, found 9");
    assert_eq!(message(24 + 8 + 16, 7), "members[0].kind: expected 0, 1 or 2, found 7");
    assert!(message(24 + 8 + 7, 0xbf).starts_with("members[0].weight: expected a finite number above 0, found -"));
}

/// `tests/fixtures/blend-1.bin` was written by the first version of the encoding, and must be readable by all later ones.
#[test]
fn bytes_of_the_first_version_are_read() {
    let blend = decode_blend(include_bytes!("../../tests/fixtures/blend-1.bin")).expect("version 1");
    let weights: Vec<f64> = blend.members().iter().map(|member| member.weight).collect();
    assert_eq!((blend.n_features(), blend.intercept(), weights), (4, -0.4, vec![0.7, 2.5, 0.3]));
    let records = array![[12.0, 40.0, 3.0, f64::NAN], [39.0, 59.0, 3.0, 8.0]];
    let expected: Vec<f64> = serde_json::from_str(include_str!("../../tests/fixtures/blend-1.json")).expect("log odds");
    assert_eq!(blend.log_odds(records.view()).to_vec(), expected);
}

#[test]
fn members_that_add_nothing_are_dropped() {
    let (records, targets) = rows(240);
    let dataset = Dataset::new(records.clone(), targets.clone());
    // A tree of rows that it cannot part says the same for all rows of a fold.
    let constant = GradientBoostingParams::new().n_estimators(1).min_samples_leaf(1000);
    let folds = (0..240).map(|row| row % 4).collect();
    let blend = Blend::params()
        .member(constant)
        .member(RandomForestParams::new().n_estimators(20))
        .folds(folds)
        .fit(&dataset)
        .expect("a blend");
    assert!(
        matches!(&blend.members(), [BlendMember { model: MemberModel::RandomForest(_), share, .. }] if *share == 1.0)
    );
    // Targets that no feature tells: the trees fit noise, and held-out rows say so, or all but.
    let noise: Array1<bool> = (0..240u64).map(|row| (row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) % 3 == 0).collect();
    let share = noise.iter().filter(|&&positive| positive).count() as f64 / 240.0;
    let constant = Blend::params()
        .member(GradientBoostingParams::new().n_estimators(1).min_samples_leaf(1000))
        .folds((0..240).map(|row| row % 4).collect())
        .fit(&Dataset::new(records.clone(), noise))
        .expect("a blend");
    let found = constant.predict_proba(records.view());
    assert!(found.iter().all(|found| (found - share).abs() < 0.05), "{found}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (records, targets) = rows(240);
    let dataset = Dataset::new(records.clone(), targets);
    let fit = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| encode_blend(&params(240).fit(&dataset).expect("a blend")))
    };
    let one = fit(1);
    assert!([2, 4].into_iter().all(|threads| fit(threads) == one));
}

#[test]
fn parameters_and_folds_are_checked() {
    let (records, targets) = rows(60);
    let dataset = Dataset::new(records, targets);
    let message = |params: BlendParams| params.fit(&dataset).expect_err("refused").to_string();
    assert_eq!(message(params(60).folds(Vec::new())), r#"folds: expected 60 numbers, one a training row, found "0""#);
    assert_eq!(message(params(60).folds(vec![3; 60])), r#"folds: expected at least two folds, found "1""#);
    assert_eq!(message(Blend::params()), r#"members: expected 1 to 32 members, found "0""#);
    let many = (0..33).fold(Blend::params(), |params, _| params.member(DecisionTreeParams::new()));
    assert_eq!(message(many), r#"members: expected 1 to 32 members, found "33""#);
    let wrong = params(60).member(GradientBoostingParams::new().learning_rate(0.0));
    assert!(message(wrong).starts_with("learning_rate: "));
    let weights = BlendWeights { intercept: 0.0, weights: vec![1.0], shares: vec![1.0], log_loss: 0.5 };
    let error = params(60).check().expect("legal").fit_members(&dataset, &weights).expect_err("refused");
    assert!(matches!(error, TreesError::Parameter { name: "weights", .. }));
}

#[test]
fn parts_are_checked() {
    let tree = || {
        let dataset = Dataset::new(array![[1.0], [2.0]], array![false, true]);
        DecisionTree::params().min_samples_leaf(1).fit(&dataset).expect("a tree")
    };
    let message = |features, intercept, weight, share| {
        let member = BlendMember { weight, share, model: tree().into() };
        Blend::from_parts(features, intercept, vec![member]).expect_err("refused").to_string()
    };
    assert_eq!(message(1, f64::NAN, 1.0, 1.0), "intercept: expected a finite number, found NaN");
    assert_eq!(message(1, 0.0, 0.0, 1.0), "members[0].weight: expected a finite number above 0, found 0");
    assert_eq!(message(1, 0.0, 1.0, 1.5), "members[0].share: expected a number from 0 to 1, found 1.5");
    assert_eq!(message(2, 0.0, 1.0, 1.0), "members[0].features: expected 2, found 1");
    assert_eq!(message(0, 0.0, 1.0, 1.0), "features: expected at least one, found 0");
}

#[test]
fn what_is_written_reads_back_without_folds() {
    let written = serde_json::to_string(&params(9)).expect("plain values");
    assert!(written.starts_with(r#"{"members":[{"gradient_boosting":{"n_estimators":20,"#), "{written}");
    let read: BlendParams = serde_json::from_str(&written).expect("as written");
    assert_eq!(read, params(9).folds(Vec::new()));
    let forest: RandomForest = RandomForestParams::new()
        .n_estimators(2)
        .fit(&Dataset::new(array![[1.0], [2.0]], array![false, true]))
        .expect("a forest");
    assert_eq!(MemberModel::from(forest.clone()).importances(), forest.importances());
}
