//! Tracks that lack features, of simulated data whose label depends on a feature relative to the decade.

use std::sync::OnceLock;

use ndarray::{Array1, Array2, Axis, Slice};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::decision::DecisionRule;
use crate::estimator::{EstimatorKind, EstimatorParams};
use crate::explain::explainers::Explainers;
use crate::explain::local::explain;
use crate::fixtures::params;
use crate::model::Model;
use crate::reference::FeatureQuantiles;
use hitflop_core::dataset::Dataset;
use hitflop_core::track::{Feature, Label};
use hitflop_metrics::calibration::CalibrationMethod;
use hitflop_metrics::reliability::ProbabilityScores;
use hitflop_metrics::split::Folds;
use hitflop_metrics::threshold::Objective;

const FEATURES: [Feature; 5] =
    [Feature::Energy, Feature::Loudness, Feature::Valence, Feature::Sections, Feature::Decade];

/// Tracks become louder with the decades. A hit is loud for its decade, or of much valence; sections say nothing.
fn tracks(rows: usize, seed: u64) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut records = Array2::zeros((rows, FEATURES.len()));
    let mut targets = Array1::default(rows);
    for (mut record, target) in records.rows_mut().into_iter().zip(&mut targets) {
        let decade = rng.random_range(0..6);
        let (loud, valence): (f64, f64) = (rng.random(), rng.random());
        let loudness = -20.0 + 2.0 * f64::from(decade) + 5.0 * loud;
        let energy = (loudness + 20.0) / 15.0 + 0.2 * rng.random::<f64>();
        let values = [energy, loudness, valence, f64::from(rng.random_range(5..15)), f64::from(1960 + 10 * decade)];
        record.iter_mut().zip(values).for_each(|(to, value)| *to = value);
        *target = loud + 0.5 * valence + 0.5 * rng.random::<f64>() > 1.0;
    }
    Dataset::new(FEATURES.to_vec(), records, targets).expect("a dataset")
}

fn mask(features: &[Feature]) -> FeatureMask {
    features.iter().copied().collect()
}

fn fitted(params: EstimatorParams, train: &Dataset, test: &Dataset, rule: DecisionRule) -> Model {
    let model = Model::fit(params.clone(), train).expect("a model");
    let folds = Folds::stratified(&train.targets().to_vec(), 5, 42).expect("folds");
    let rows = FallbackRows { train, folds: Some(&folds), calibration_rows: 2000, test };
    let fallbacks = fit_fallbacks(&model, &params, &rule, rows, 42).expect("fallback models");
    model.with_fallbacks(fallbacks)
}

fn small(kind: EstimatorKind) -> EstimatorParams {
    match kind {
        EstimatorKind::Tree => params(kind, &[("max_depth", "7")]),
        _ => params(kind, &[("n_estimators", "40")]),
    }
}

/// A boosting with its fallback models, and rows that it has not seen.
fn boosting() -> &'static (Model, Dataset) {
    static FITTED: OnceLock<(Model, Dataset)> = OnceLock::new();
    FITTED.get_or_init(|| {
        let (train, test) = (tracks(5000, 1), tracks(5000, 2));
        (fitted(small(EstimatorKind::Boosting), &train, &test, DecisionRule::default()), test)
    })
}

fn hidden(test: &Dataset, mask: FeatureMask) -> Dataset {
    hide(test, vec![mask; test.rows()].into_iter()).expect("a dataset")
}

fn scores(model: &Model, test: &Dataset) -> (f64, ProbabilityScores) {
    let predictions = model.predict(test.records()).expect("predictions");
    let truth = test.targets().to_vec();
    let right = predictions.iter().zip(&truth).filter(|(one, &hit)| (one.label == Label::Hit) == hit).count();
    let probabilities: Vec<f64> = predictions.iter().map(|one| one.probability).collect();
    (right as f64 / truth.len() as f64, ProbabilityScores::of(&truth, &probabilities))
}

/// The witness is a model that was fitted without the features.
#[test]
fn a_track_without_features_is_answered_as_by_a_model_without_them() {
    let (model, test) = boosting();
    let (train, without) = (tracks(5000, 1), model.clone().with_fallbacks(Vec::new()));
    for missing in [&[Feature::Decade][..], &[Feature::Valence], &[Feature::Energy, Feature::Decade]] {
        let known: Vec<Feature> = FEATURES.into_iter().filter(|feature| !missing.contains(feature)).collect();
        let plain = Model::fit(model.params.clone(), &train.with_features(&known).expect("features")).expect("a model");
        let (_, plain) = scores(&plain, &test.with_features(&known).expect("features"));
        let rows = hidden(test, mask(missing));
        let (_, found) = scores(model, &rows);
        assert!(found.roc_auc > plain.roc_auc - 0.01, "{missing:?}: {} against {}", found.roc_auc, plain.roc_auc);
        assert!(found.roc_auc > scores(&without, &rows).1.roc_auc, "{missing:?}");
    }
}

/// Of ten bins of 500 rows, chance alone gives an error of 0.014, and as much again comes from the calibration, which was fitted to a
/// thousand rows. A set that is not listed has the calibration of other sets of its size.
#[test]
fn answers_are_calibrated_whatever_is_missing() {
    let (model, test) = boosting();
    for missing in listed_patterns(&FEATURES).into_iter().chain([mask(&FEATURES[1..3])]) {
        let (accuracy, found) = scores(model, &hidden(test, missing));
        let bound = if missing == mask(&FEATURES[1..3]) { 0.06 } else { 0.05 };
        assert!(found.expected_calibration_error < bound, "{missing:?}: {found:?}");
        let stored = model.fallback(missing).and_then(|fallback| fallback.pattern(missing));
        // What the model file says is what these test rows show.
        if let Some(stored) = stored {
            assert_eq!((stored.scores.accuracy, stored.scores.roc_auc), (accuracy, found.roc_auc), "{missing:?}");
        }
    }
}

#[test]
fn complete_tracks_are_answered_as_without_fallback_models() {
    let (model, test) = boosting();
    let without = model.clone().with_fallbacks(Vec::new());
    assert_eq!(model.predict(test.records()).expect("rows"), without.predict(test.records()).expect("rows"));
    let mut mixed = test.records().slice_axis(Axis(0), Slice::from(..20)).to_owned();
    mixed[[3, 4]] = f64::NAN;
    mixed[[7, 0]] = f64::NAN;
    let found = model.predict(mixed.view()).expect("predictions");
    let complete = without.predict(test.records()).expect("predictions");
    for (row, found) in found.iter().enumerate() {
        let alone = mixed.slice_axis(Axis(0), Slice::from(row..row + 1));
        assert_eq!(model.predict(alone).expect("a prediction"), [*found], "a track does not depend on its company");
        assert_eq!(complete[row] == *found, row != 3 && row != 7);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever is missing: contributions add up to the answer of the estimator that gave it, and the answer has that one's
    /// calibration and threshold.
    #[test]
    fn contributions_add_up_for_any_set_of_missing_features(bits in 0u32..31, row in 0usize..4000) {
        let (model, test) = boosting();
        let missing: FeatureMask =
            FEATURES.into_iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, feature)| feature).collect();
        let rows = hidden(&test.select(&[row]), missing);
        let reference = FeatureQuantiles::of(test).expect("a reference");
        let found = explain(model, &Explainers::new(model), &reference, rows.records(), &[]).expect("an explanation");
        let [found] = &found[..] else { panic!("one explanation") };
        let answering = model.answering(missing);
        let raw = answering.estimator.predict_proba(rows.records())[0];
        let sum = found.base + found.contributions.iter().map(|one| one.contribution).sum::<f64>();
        prop_assert!((found.scale.probability(sum) - raw).abs() < 1e-9);
        prop_assert_eq!(found.probability, answering.calibration.apply(raw));
        prop_assert_eq!(found.threshold, answering.threshold);
        prop_assert_eq!(found.contributions.iter().filter(|one| one.value.is_none()).count(), missing.len());
        let index = if bits == 0 { 0 } else if missing.contains(Feature::Decade) { 1 } else { 2 };
        prop_assert_eq!(answering.index, index);
    }
}

#[test]
fn every_kind_has_fallback_models() {
    let (train, test) = (tracks(800, 3), tracks(400, 4));
    for kind in EstimatorKind::SINGLE {
        let model = fitted(small(kind), &train, &test, DecisionRule::default());
        let found: Vec<FeatureMask> = model.fallbacks.iter().map(|fallback| fallback.hidden).collect();
        assert_eq!(found, [mask(&[Feature::Decade]), FeatureMask::NONE]);
        let (accuracy, _) = scores(&model, &hidden(&test, mask(&[Feature::Decade])));
        assert!(accuracy > 0.55, "{kind:?}: {accuracy}");
        assert_eq!(model, fitted(small(kind), &train, &test, DecisionRule::default()), "the same at every fit");
    }
}

#[test]
fn a_threshold_by_hand_applies_to_all_tracks() {
    let rule = DecisionRule { calibration: CalibrationMethod::None, objective: Objective::Fixed(0.3) };
    let (train, test) = (tracks(400, 3), tracks(200, 4));
    let params = small(EstimatorKind::Boosting);
    let model = Model::fit(params.clone(), &train).expect("a model");
    let rows = FallbackRows { train: &train, folds: None, calibration_rows: 2000, test: &test };
    let fallbacks = fit_fallbacks(&model, &params, &rule, rows, 42).expect("fallback models");
    let model = model.with_fallbacks(fallbacks);
    let found = model.predict(hidden(&test, mask(&[Feature::Decade])).records()).expect("predictions");
    assert!(found.iter().all(|one| one.threshold == 0.3));
}

/// What training lacked in many rows is learned by the model itself; what few rows lacked is answered by a fallback model.
#[test]
fn features_that_training_lacked_are_learned() {
    let complete = tracks(1000, 5);
    let lacking = |row: usize| match row % 50 {
        0..10 => mask(&[Feature::Sections]),
        10 => mask(&[Feature::Decade]),
        _ => FeatureMask::NONE,
    };
    let masks: Vec<FeatureMask> = (0..1000).map(lacking).collect();
    let train = hide(&complete, masks.into_iter()).expect("a dataset");
    let model = fitted(small(EstimatorKind::Boosting), &train, &tracks(200, 6), DecisionRule::default());
    assert_eq!(model.learned_missing, mask(&[Feature::Sections]));
    assert_eq!(model.answering(mask(&[Feature::Sections])).index, 0);
    assert_eq!(model.answering(mask(&[Feature::Decade])).index, 1);
    assert_eq!(model.answering(mask(&[Feature::Sections, Feature::Energy])).index, 2);
}

#[test]
fn without_a_second_feature_there_is_nothing_to_answer_by() {
    let train = tracks(300, 7).with_features(&[Feature::Loudness]).expect("a feature");
    assert_eq!(fitted(small(EstimatorKind::Tree), &train, &train, DecisionRule::default()).fallbacks, []);
    let two = tracks(300, 7).with_features(&[Feature::Loudness, Feature::Decade]).expect("features");
    let model = fitted(small(EstimatorKind::Tree), &two, &two, DecisionRule::default());
    let listed: Vec<Vec<FeatureMask>> = model
        .fallbacks
        .iter()
        .map(|fallback| fallback.patterns.iter().map(|pattern| pattern.missing).collect())
        .collect();
    assert_eq!(listed, [[mask(&[Feature::Decade])], [mask(&[Feature::Loudness])]]);
}

#[test]
fn a_precision_that_is_out_of_reach_without_features_predicts_no_hit() {
    let rule = DecisionRule { objective: Objective::Precision(0.97), ..DecisionRule::default() };
    let (train, test) = (tracks(3000, 8), tracks(600, 9));
    let model = fitted(small(EstimatorKind::Boosting), &train, &test, rule);
    let alone = hidden(&test, mask(&[Feature::Energy, Feature::Loudness, Feature::Decade]));
    let found = model.predict(alone.records()).expect("predictions");
    let hits = found.iter().zip(test.targets()).filter(|(one, _)| one.label == Label::Hit);
    let (right, all) = hits.fold((0, 0), |(right, all), (_, &hit)| (right + u32::from(hit), all + 1));
    assert!(all == 0 || f64::from(right) > 0.9 * f64::from(all), "{right} of {all}");
}

/// Of a model of many features, the boosting for tracks that lack many learns from a sample of its copies; other kinds as they are.
#[test]
fn a_boosting_for_many_missing_features_samples_its_copies() {
    let dataset = crate::fixtures::complete_tracks(900);
    let (train, test) =
        (dataset.select(&(0..600).collect::<Vec<_>>()), dataset.select(&(600..900).collect::<Vec<_>>()));
    for kind in [EstimatorKind::Boosting, EstimatorKind::Forest] {
        let model = fitted(small(kind), &train, &test, DecisionRule::default());
        let own = small(kind).with_fewer_trees().expect("legal");
        let many: Vec<&FallbackModel> = model.fallbacks.iter().filter(|one| one.min_missing > 0).collect();
        let [many] = many[..] else { panic!("one model for many missing features") };
        let of = |params: &EstimatorParams, name: &str| {
            params.values().into_iter().find(|value| value.0 == name).map(|value| value.1.to_string())
        };
        match kind {
            EstimatorKind::Boosting => {
                let set = ["sampling", "subsample", "colsample_bytree"].map(|name| of(&many.params, name));
                assert_eq!(set.map(Option::unwrap_or_default), ["minimal_variance", "0.225", "1.0"]);
                assert_eq!(of(&many.params, "n_estimators"), of(&own, "n_estimators"));
            }
            _ => assert_eq!(many.params, own),
        }
        assert!(model.fallbacks.iter().filter(|one| one.min_missing == 0).all(|one| one.params == own));
    }
}
