//! Against scikit-learn (`tests/fixtures/make_calibration.py`), by hand, and by the properties that every calibration has.

use proptest::prelude::*;
use rand::RngExt;
use serde::Deserialize;

use super::*;
use crate::scores::{brier, log_loss, roc_auc};
use crate::seed::Seed;
use crate::split::Folds;

#[derive(Deserialize)]
struct CalibrationFixture {
    name: String,
    truth: Vec<u8>,
    probability: Vec<f64>,
    platt: CalibratedCurves,
    isotonic: Vec<f64>,
}

#[derive(Deserialize)]
struct CalibratedCurves {
    slope: f64,
    intercept: f64,
    grid: Vec<f64>,
}

fn cases() -> Vec<CalibrationFixture> {
    serde_json::from_str(include_str!("../../../../tests/fixtures/calibration.json")).expect("a fixture")
}

fn labels(truth: &[u8]) -> Vec<bool> {
    truth.iter().map(|&label| label == 1).collect()
}

fn grid() -> impl Iterator<Item = f64> {
    (0..=100).map(|step| f64::from(step) * 0.01)
}

#[test]
fn isotonic_regression_is_scikit_learns() {
    for case in cases() {
        let map = Isotonic::fit(&labels(&case.truth), &case.probability).expect("a map");
        for (at, expected) in grid().zip(&case.isotonic) {
            let found = map.apply(at);
            assert!((found - expected).abs() <= 1e-9, "{}, at {at}: found {found}, expected {expected}", case.name);
        }
    }
}

/// scikit-learn's minimum is found by L-BFGS, which stops where the gradient of the mean loss is below 1e-4 or so; ours has a
/// loss that is not greater.
#[test]
fn platt_scaling_is_scikit_learns() {
    for case in cases() {
        let truth = labels(&case.truth);
        let Some(curve) = Platt::fit(&truth, &case.probability) else {
            assert!(case.platt.slope <= 0.0, "{}: no curve, where scikit-learn's increases", case.name);
            continue;
        };
        for (name, found, expected) in
            [("slope", curve.slope, case.platt.slope), ("intercept", curve.intercept, case.platt.intercept)]
        {
            assert!(
                (found - expected).abs() <= 1e-4 * expected.abs().max(1.0),
                "{}, {name}: {found}, {expected}",
                case.name
            );
        }
        for (at, expected) in grid().zip(&case.platt.grid) {
            let found = curve.apply(at);
            assert!((found - expected).abs() <= 2e-5, "{}, at {at}: found {found}, expected {expected}", case.name);
        }
    }
}

#[test]
fn neighbours_that_violate_the_order_are_pooled() {
    // 0.1 flop, 0.2 hit, 0.3 flop, 0.4 hit: 0.2 and 0.3 share one half; 0.4 occurs twice.
    let truth = [false, true, false, true, true];
    let map = Isotonic::fit(&truth, &[0.1, 0.2, 0.3, 0.4, 0.4]).expect("a map");
    assert_eq!(map.probabilities, [0.1, 0.2, 0.3, 0.4]);
    assert_eq!(map.calibrated, [0.0, 0.5, 0.5, 1.0]);
    let at = [0.0, 0.1, 0.15, 0.25, 0.35, 0.4, 1.0].map(|probability| map.apply(probability));
    for (found, expected) in at.into_iter().zip([0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0]) {
        assert!((found - expected).abs() < 1e-12, "{at:?}");
    }
    assert_eq!(Isotonic::fit(&[], &[]), None);
}

/// With one probability for all, the best curve gives each the mean of Platt's targets: here ((3 + 1) / (3 + 2) · 3 + 1 / 3) / 4.
#[test]
fn platts_targets_are_not_quite_certain() {
    let points = |probability: f64| {
        Platt::fit(&[true, true, true, false], &[probability, probability + 1e-3, probability, probability])
    };
    let mean = (3.0 * 4.0 / 5.0 + 1.0 / 3.0) / 4.0;
    if let Some(curve) = points(0.3) {
        let average = (3.0 * curve.apply(0.3) + curve.apply(0.301)) / 4.0;
        assert!((average - mean).abs() < 1e-6, "{average}");
    }
    // Parted without fault: certain labels would have an infinite slope.
    let parted = Platt::fit(&[false, false, true, true], &[0.2, 0.3, 0.7, 0.8]).expect("a curve");
    assert!(parted.slope.is_finite() && (0.5..0.8).contains(&parted.apply(0.75)), "{parted:?}");
}

#[test]
fn a_model_that_ranks_the_wrong_way_round_has_no_platt_scaling() {
    assert_eq!(CalibratorKind::Platt.fit(&[true, true, false, false], &[0.1, 0.2, 0.7, 0.9]), None);
    assert_eq!(CalibratorKind::None.fit(&[], &[]), Some(Calibration::None));
}

#[test]
fn certainty_is_mapped_into_the_range() {
    let truth = [false, true, true, false, true, true, false, false];
    let forest = [0.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0];
    for method in [CalibratorKind::None, CalibratorKind::Platt, CalibratorKind::Isotonic] {
        let map = method.fit(&truth, &forest).expect("a map");
        map.check().expect("as it should be");
        for probability in [0.0, f64::MIN_POSITIVE, 0.3, 1.0 - f64::EPSILON, 1.0] {
            let found = map.apply(probability);
            assert!((0.0..=1.0).contains(&found), "{method:?} at {probability}: {found}");
        }
    }
}

/// Tracks whose true probabilities are `power`-distorted by an estimator: 1 leaves them as they are.
fn distorted(rows: usize, power: f64, seed: u64) -> (Vec<bool>, Vec<f64>) {
    let mut rng = Seed(seed).rng("distorted", &[]);
    (0..rows)
        .map(|_| {
            let true_probability: f64 = rng.random();
            let odds = (true_probability / (1.0 - true_probability)).powf(power);
            (rng.random::<f64>() < true_probability, odds / (1.0 + odds))
        })
        .unzip()
}

#[test]
fn what_distorts_is_undone() {
    let (truth, raw) = distorted(4_000, 2.5, 3);
    let folds = Folds::stratified(&truth, 5, 42).expect("folds");
    let choice = choose(CalibrationMethod::Auto, &truth, &raw, &folds);
    assert_eq!(choice.study.trials.len(), 3);
    let Calibration::Platt(curve) = &choice.calibration else { panic!("{:?}", choice.study) };
    assert!((curve.slope - 0.4).abs() < 0.04 && curve.intercept.abs() < 0.1, "{curve:?}");
    let [none, platt, isotonic] = [0, 1, 2].map(|index| choice.study.trials[index].scores);
    assert!(platt.brier < isotonic.brier && isotonic.brier < none.brier - 0.01, "{:?}", choice.study);
    assert!(platt.expected_calibration_error < 0.03 && none.expected_calibration_error > 0.1);
    // No order is turned round, but cross-fitting uses five curves.
    assert_eq!(roc_auc(&truth, &choice.calibration.apply_to(&raw)), roc_auc(&truth, &raw));
    for (requested, method) in [
        (CalibrationMethod::None, CalibratorKind::None),
        (CalibrationMethod::Platt, CalibratorKind::Platt),
        (CalibrationMethod::Isotonic, CalibratorKind::Isotonic),
    ] {
        assert_eq!(choose(requested, &truth, &raw, &folds).calibration.method(), method);
    }
}

/// Where the estimator is wrong in a way that no logistic curve undoes.
#[test]
fn a_crooked_estimator_is_made_straight_by_isotonic_regression() {
    let (truth, straight) = distorted(6_000, 1.0, 5);
    let crooked: Vec<f64> = straight.iter().map(|p| if *p < 0.5 { p / 5.0 } else { 0.9 + (p - 0.5) / 5.0 }).collect();
    let folds = Folds::stratified(&truth, 5, 42).expect("folds");
    let choice = choose(CalibrationMethod::Auto, &truth, &crooked, &folds);
    assert_eq!(choice.calibration.method(), CalibratorKind::Isotonic, "{:?}", choice.study);
    assert_eq!(choice.study.kept().method, CalibratorKind::Isotonic);
}

#[test]
fn a_calibrated_estimator_is_left_alone() {
    // Where a logistic curve may win by chance it wins by less than it can be wrong; over seeds neither always does.
    let kept: Vec<CalibratorKind> = (0..12)
        .map(|seed| {
            let (truth, raw) = distorted(1_500, 1.0, seed);
            let folds = Folds::stratified(&truth, 5, seed).expect("folds");
            choose(CalibrationMethod::Auto, &truth, &raw, &folds).calibration.method()
        })
        .collect();
    assert!(kept.iter().filter(|&&method| method == CalibratorKind::None).count() >= 10, "{kept:?}");
    assert!(!kept.contains(&CalibratorKind::Isotonic), "{kept:?}");
}

/// A constant estimator gives each fold the share of hits among the others, which differs from the share of all in the last bits.
#[test]
fn a_gain_within_its_error_is_no_gain() {
    let truth: Vec<bool> = (0..60).map(|row| row % 2 == 0).collect();
    let folds = Folds::stratified(&truth, 5, 42).expect("folds");
    for constant in [0.5, 0.5 + 1e-12, 0.499] {
        let choice = choose(CalibrationMethod::Auto, &truth, &[constant; 60], &folds);
        assert_eq!(choice.calibration, Calibration::None, "{constant}: {:?}", choice.study);
    }
    let off = choose(CalibrationMethod::Auto, &truth, &[0.9; 60], &folds);
    assert_ne!(off.calibration, Calibration::None, "{:?}", off.study);
}

#[test]
fn each_fold_is_scored_under_a_map_that_has_not_seen_it() {
    let (truth, raw) = distorted(500, 3.0, 9);
    let folds = Folds::stratified(&truth, 4, 1).expect("folds");
    let choice = choose(CalibrationMethod::Isotonic, &truth, &raw, &folds);
    let split = folds.split(2);
    let others = |of: &dyn Fn(usize) -> f64| split.train.iter().map(|&row| of(row)).collect::<Vec<f64>>();
    let seen: Vec<bool> = split.train.iter().map(|&row| truth[row]).collect();
    let map = Isotonic::fit(&seen, &others(&|row| raw[row])).expect("a map");
    for &row in &split.test {
        assert_eq!(choice.cross_fitted[row], map.apply(raw[row]));
    }
    assert_eq!(choice.study.kept().scores.brier, brier(&truth, &choice.cross_fitted));
    assert_eq!(choice.study.kept().scores.log_loss, log_loss(&truth, &choice.cross_fitted));
}

#[test]
fn invalid_calibrations_are_rejected() {
    let message = |calibration: Calibration| calibration.check().map_err(|error| (error.member, error.rule));
    let isotonic = |probabilities: &[f64], calibrated: &[f64]| {
        message(Calibration::Isotonic(Isotonic {
            probabilities: probabilities.to_vec(),
            calibrated: calibrated.to_vec(),
        }))
    };
    assert_eq!(isotonic(&[0.1, 0.2], &[0.3, 0.3]), Ok(()));
    let member = |result: Result<(), (String, String)>| result.expect_err("refused").0;
    assert_eq!(member(isotonic(&[], &[])), "probabilities");
    assert_eq!(member(isotonic(&[0.1, 0.2], &[0.3])), "calibrated");
    assert_eq!(member(isotonic(&[0.2, 0.1], &[0.3, 0.4])), "probabilities[1]");
    assert_eq!(member(isotonic(&[0.1, 0.1], &[0.3, 0.4])), "probabilities[1]");
    assert_eq!(member(isotonic(&[0.1, 0.2], &[0.4, 0.3])), "calibrated[1]");
    assert_eq!(member(isotonic(&[0.1, f64::NAN], &[0.3, 0.4])), "probabilities[1]");
    assert_eq!(member(isotonic(&[0.1, 0.2], &[0.3, 1.5])), "calibrated[1]");
    let platt = |slope, intercept| message(Calibration::Platt(Platt { slope, intercept }));
    assert_eq!(platt(0.5, -3.0), Ok(()));
    for slope in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(member(platt(slope, 0.0)), "slope");
    }
    assert_eq!(member(platt(1.0, f64::NAN)), "intercept");
}

#[test]
fn calibrations_survive_json() {
    let (truth, raw) = distorted(300, 2.0, 4);
    for method in [CalibratorKind::None, CalibratorKind::Platt, CalibratorKind::Isotonic] {
        let map = method.fit(&truth, &raw).expect("a map");
        let json = serde_json::to_string(&map).expect("serialised");
        assert!(json.starts_with(&format!(r#"{{"method":"{}""#, method.name())), "{json}");
        assert_eq!(serde_json::from_str::<Calibration>(&json).expect("read back"), map);
    }
}

/// Labels and probabilities, with ties and certainties among them.
fn rows() -> impl Strategy<Value = (Vec<bool>, Vec<f64>)> {
    let probability = prop_oneof![0.0..=1.0f64, (0u8..=8).prop_map(|eighths| f64::from(eighths) / 8.0)];
    prop::collection::vec((any::<bool>(), probability), 20..150).prop_map(|rows| rows.into_iter().unzip())
}

proptest! {
    /// Whatever is kept has no greater Brier score than no calibration, cross-fitted and on the rows that it was fitted to.
    #[test]
    fn calibration_never_worsens_brier_on_its_fitting_protocol((truth, raw) in rows(), seed: u64) {
        let Ok(folds) = Folds::stratified(&truth, 4, seed) else { return Ok(()) };
        for requested in [CalibrationMethod::Auto, CalibrationMethod::None, CalibrationMethod::Platt, CalibrationMethod::Isotonic] {
            let choice = choose(requested, &truth, &raw, &folds);
            let before = brier(&truth, &raw);
            prop_assert!(brier(&truth, &choice.cross_fitted) <= before);
            prop_assert!(brier(&truth, &choice.calibration.apply_to(&raw)) <= before);
            prop_assert!(choice.calibration.check().is_ok());
            prop_assert_eq!(choice.study.kept().method, choice.calibration.method());
        }
    }

    /// No order is turned round, and what comes out is a probability.
    #[test]
    fn calibrations_are_monotone((truth, raw) in rows(), mut at in prop::collection::vec(0.0..=1.0f64, 2..40)) {
        at.sort_by(f64::total_cmp);
        for method in [CalibratorKind::Platt, CalibratorKind::Isotonic] {
            let Some(map) = method.fit(&truth, &raw) else { continue };
            let calibrated = map.apply_to(&at);
            prop_assert!(calibrated.is_sorted() && calibrated.iter().all(|p| (0.0..=1.0).contains(p)), "{:?}", map);
        }
    }

    /// Of all maps that do not decrease none has a smaller squared error: moving two pooled neighbours apart only raises it.
    /// Checked against the max-min formula, mean over i..=j, which is the definition.
    #[test]
    fn isotonic_regression_is_the_max_min((truth, raw) in rows()) {
        let map = Isotonic::fit(&truth, &raw).expect("there are rows");
        let mut distinct = raw.clone();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        let tally = |value: f64| {
            let tied = truth.iter().zip(&raw).filter(|(_, &p)| p == value);
            tied.fold((0.0, 0.0), |(hits, rows), (&hit, _)| (hits + f64::from(u8::from(hit)), rows + 1.0))
        };
        let tallies: Vec<(f64, f64)> = distinct.iter().map(|&value| tally(value)).collect();
        let mean = |from: usize, to: usize| {
            let (hits, rows) = tallies[from..=to].iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            hits / rows
        };
        for (k, &value) in distinct.iter().enumerate() {
            let least = |i: usize| (k..distinct.len()).map(|j| mean(i, j)).fold(f64::INFINITY, f64::min);
            let expected = (0..=k).map(least).fold(f64::NEG_INFINITY, f64::max);
            prop_assert!((map.apply(value) - expected).abs() < 1e-12, "{} {}", map.apply(value), expected);
        }
    }
}
