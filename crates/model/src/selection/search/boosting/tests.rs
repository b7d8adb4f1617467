use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::Array2;

use super::trial::TrialStage;
use super::*;
use crate::blend::symmetric_boosting;
use crate::estimator::EstimatorParams;
use crate::fixtures::tracks;
use crate::selection::cross_validation::cross_validate;

fn small() -> HalvingBudget {
    HalvingBudget { candidates: 7, learning_rate: 0.1, n_estimators: 40, final_learning_rate: 0.05 }
}

fn searched(dataset: &Dataset, seed: u64) -> FoundBoosting {
    let folds = Folds::stratified(&dataset.targets().to_vec(), 5, 1).expect("folds");
    let fits = AtomicU64::new(0);
    let count = || {
        fits.fetch_add(1, Ordering::Relaxed);
    };
    let found = search(dataset, &folds, &small(), seed, &count).expect("parameters");
    assert_eq!(fits.into_inner(), small().fits(5));
    found
}

#[test]
fn rounds_halve_candidates_and_add_folds() {
    let rounds = |budget: &HalvingBudget, folds| {
        budget.rounds(folds).iter().map(|round| (round.candidates, round.folds)).collect::<Vec<_>>()
    };
    let budget = HalvingBudget::default();
    assert_eq!(rounds(&budget, 5), [(8, 1), (3, 3), (1, 5)]);
    assert_eq!((budget.fits(5), budget.fits(2)), (8 + 6 + 2, 8 + 1));
    assert_eq!(rounds(&budget, 2), [(8, 1), (1, 2)]);
    assert_eq!(rounds(&HalvingBudget { candidates: 24, ..budget }, 5), [(24, 1), (8, 3), (3, 5)]);
    assert_eq!(rounds(&HalvingBudget { candidates: 1, ..budget }, 5), [(1, 1), (1, 3), (1, 5)]);
}

#[test]
fn the_better_candidates_are_tried_on_more_folds() {
    let dataset = tracks(400);
    let found = searched(&dataset, 3).search;
    assert_eq!(found.candidates.len(), 7);
    let within = |round: usize| -> Vec<usize> {
        (0..7).filter(|&index| found.candidates[index].last_round >= round as u64).collect()
    };
    for (index, round) in found.rounds.iter().enumerate() {
        assert_eq!(within(index).len() as u64, round.candidates);
    }
    for candidate in &found.candidates {
        let folds = found.rounds[candidate.last_round as usize].folds as usize;
        assert_eq!([candidate.trees.len(), candidate.roc_auc.len(), candidate.log_loss.len()], [folds; 3]);
    }
    // All on the first fold, each by itself.
    let folds = Folds::stratified(&dataset.targets().to_vec(), 5, 1).expect("folds");
    let first = BinnedFold::new(&dataset, &folds, 0);
    let candidates = space::candidates(&small().base(3), 7, 3);
    let trials: Vec<Vec<SearchTrial>> =
        candidates.iter().map(|params| vec![first.try_out(params).expect("a fit")]).collect();
    assert_eq!(within(1), best_of((0..7).collect(), &trials, 3));
    let best = mean(&found.candidates[found.best].roc_auc);
    assert!(within(2).contains(&found.best));
    assert!(within(2).into_iter().all(|finalist| mean(&found.candidates[finalist].roc_auc) <= best));
}

#[test]
fn what_is_found_learns_more_slowly_with_more_trees() {
    let FoundBoosting { search: found, params, cross_validated } = searched(&tracks(400), 3);
    assert_eq!(cross_validated, None);
    let of = |entries: &[(String, ParamValue)], name: &str| {
        entries.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone()).expect("searched")
    };
    let best = &found.candidates[found.best].params;
    let entries = EstimatorParams::Boosting(params.clone()).values();
    for (name, value) in best.iter().filter(|(name, _)| name != "n_estimators") {
        assert_eq!(&of(&entries, name), value, "{name}");
    }
    let params = params.check().expect("legal");
    assert_eq!((params.learning_rate(), params.early_stopping()), (small().final_learning_rate, None));
    // 320 of the 400 rows are outside a fold.
    let trees: f64 = of(best, "n_estimators").number().expect("a number");
    let slowdown = small().learning_rate / small().final_learning_rate;
    assert_eq!(params.n_estimators() as f64, (trees * slowdown * 400.0 / 320.0).round());
    // So that whoever reads the search can do the sum.
    assert_eq!((found.learning_rate, found.n_estimators), (small().learning_rate, 40));
    assert_eq!((found.rows_per_fit, found.rows), (320.0, 400));
    let last = (small().final_learning_rate, params.n_estimators() as u64);
    assert_eq!((found.final_learning_rate, found.final_n_estimators), last);
}

/// The number of trees is in proportion to the rows, so that the fits on the folds have fewer than the parameters found.
#[test]
fn at_one_rate_the_scores_on_the_folds_are_those_of_the_search() {
    let dataset = tracks(400);
    let folds = Folds::stratified(&dataset.targets().to_vec(), 5, 1).expect("folds");
    let budget = HalvingBudget { final_learning_rate: 0.1, ..small() };
    let FoundBoosting { search: tried, params, cross_validated } =
        search(&dataset, &folds, &budget, 3, &|| ()).expect("parameters");
    let found = cross_validated.expect("scores");
    let roc_auc: Vec<f64> = found.scores.folds.iter().map(|scores| scores.roc_auc).collect();
    assert_eq!(roc_auc, tried.candidates[tried.best].roc_auc);
    let trees = (tried.final_n_estimators as f64 * 320.0 / 400.0).round() as usize;
    let alone = cross_validate(&EstimatorParams::Boosting(params.n_estimators(trees)), &dataset, &folds);
    let alone = alone.expect("scores").out_of_fold;
    assert!(found.out_of_fold.iter().zip(&alone).all(|(found, alone)| (found - alone).abs() < 1e-12));
}

/// By the estimator and the metrics alone.
#[test]
fn scores_are_those_of_a_fit_of_so_many_trees() {
    let dataset = tracks(400);
    let folds = Folds::stratified(&dataset.targets().to_vec(), 5, 1).expect("folds");
    let found = searched(&dataset, 3).search;
    for candidate in &found.candidates {
        let base = EstimatorParams::Boosting(small().base(3));
        let set = |params: EstimatorParams, (name, value): &(String, ParamValue)| params.with(name, &value.to_string());
        let params = candidate.params.iter().try_fold(base, set).expect("parameters");
        let alone = cross_validate(&params, &dataset, &folds).expect("scores").scores.folds;
        for (fold, (roc_auc, log_loss)) in candidate.roc_auc.iter().zip(&candidate.log_loss).enumerate() {
            assert!((roc_auc - alone[fold].roc_auc).abs() < 1e-9 && (log_loss - alone[fold].log_loss).abs() < 1e-9);
        }
    }
}

#[test]
fn the_best_stage_is_that_of_the_greatest_mean() {
    let rows = tracks(60);
    let model = BinnedFold::new(&rows, &Folds::stratified(&rows.targets().to_vec(), 2, 1).expect("folds"), 0)
        .try_out(&small().base(3))
        .expect("a fit")
        .model;
    let trial = |scores: &[f64]| SearchTrial {
        model: model.clone(),
        stages: scores.iter().map(|&roc_auc| TrialStage { roc_auc, log_loss: 0.5 }).collect(),
        rows: 10,
    };
    assert_eq!(best_stage(&[trial(&[0.5, 0.9, 0.75]), trial(&[0.5, 0.5, 0.75])]), (2, 0.75));
    assert_eq!(best_stage(&[trial(&[0.5, 0.75, 0.75])]), (1, 0.75));
    let trials = [vec![trial(&[0.5])], vec![trial(&[0.75])], vec![trial(&[0.75])], vec![trial(&[0.25, 1.0])]];
    assert_eq!(best_of(vec![0, 1, 2, 3], &trials, 2), [1, 3]);
    assert_eq!(best_of(vec![0, 2], &trials, 2), [0, 2]);
}

#[test]
fn stages_are_spread_over_all_trees() {
    assert_eq!(stages(300)[..3], [15, 30, 45]);
    assert_eq!((stages(300).len(), stages(300)[19]), (20, 300));
    assert_eq!((stages(1), stages(3)), (vec![1], vec![1, 2, 3]));
}

#[test]
fn candidates_are_the_defaults_and_legal_unlike_draws() {
    let base = small().base(9);
    let candidates = space::candidates(&base, 40, 9);
    assert_eq!(candidates[..2], [base.clone(), symmetric_boosting(base.clone())]);
    assert!(candidates.iter().all(|params| params.check_ref().is_ok()));
    let entries = |params| space::searched(params).into_iter().map(|(name, value)| (name, value.to_string())).collect();
    let sampled: BTreeSet<Vec<(String, String)>> = candidates.iter().map(entries).collect();
    assert_eq!(sampled.len(), 40);
    for (index, (name, _)) in space::searched(&base).iter().enumerate() {
        let values: BTreeSet<_> = sampled.iter().map(|entries| entries[index].clone()).collect();
        assert_eq!(values.len() > 1, name != "n_estimators");
        assert!(values.iter().all(|(other, _)| other == name));
    }
    let shape = |params: &GradientBoostingParams| params.check_ref().expect("legal").symmetric();
    let leaf_wise: Vec<usize> = (0..12).filter(|&index| !shape(&candidates[index])).collect();
    assert_eq!(leaf_wise, [0, 4, 8]);
    assert_eq!(space::candidates(&base, 12, 9), candidates[..12]);
    assert_ne!(space::candidates(&base, 40, 10), candidates);
}

#[test]
fn threads_change_nothing_and_the_seed_does() {
    let dataset = tracks(300);
    let on = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| searched(&dataset, seed))
    };
    let alone = on(1, 3);
    assert_eq!(alone, on(3, 3));
    assert_ne!(alone, on(3, 4));
}

#[test]
fn what_cannot_be_searched_is_refused() {
    let message = |dataset: &Dataset, budget: &HalvingBudget| {
        let folds = Folds::stratified(&dataset.targets().to_vec(), 2, 1).expect("folds");
        let error = search(dataset, &folds, budget, 3, &|| ()).expect_err("refused");
        assert!(error.is_input(), "{error}");
        error.to_string()
    };
    let dataset = tracks(60);
    let none = HalvingBudget { candidates: 0, ..small() };
    assert_eq!(message(&dataset, &none), "candidates: expected a whole number of at least 1, found \"0\"");
    for (rate, found) in [(0.0, "0"), (0.2, "0.2"), (f64::NAN, "NaN")] {
        let budget = HalvingBudget { final_learning_rate: rate, ..small() };
        let rule = "expected a number above 0, at most 0.1";
        assert_eq!(message(&dataset, &budget), format!("final_learning_rate: {rule}, found \"{found}\""));
    }
    assert!(message(&dataset, &HalvingBudget { n_estimators: 0, ..small() }).starts_with("n_estimators: "));
    assert!(message(&dataset, &HalvingBudget { learning_rate: f64::NAN, ..small() }).starts_with("learning_rate: "));
    let featureless = Dataset::new(vec![], Array2::zeros((60, 0)), dataset.targets().to_owned()).expect("rows");
    assert!(message(&featureless, &small()).starts_with("training rows: expected 1 to 32767 features"));
}
