use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::Array2;

use super::*;
use crate::learn::estimator::Params;
use crate::learn::examples::tracks;

fn small() -> Budget {
    Budget { candidates: 7, n_estimators: 40, patience: 5, ..Budget::default() }
}

fn searched(dataset: &Dataset, seed: u64) -> (BoostingSearch, GradientBoostingParams) {
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
    let told = |budget: &Budget, folds| {
        budget.rounds(folds).iter().map(|round| (round.candidates, round.folds)).collect::<Vec<_>>()
    };
    let budget = Budget::default();
    assert_eq!(told(&budget, 5), [(12, 1), (4, 3), (2, 5)]);
    assert_eq!((budget.fits(5), budget.fits(2)), (12 + 8 + 4, 12 + 2));
    assert_eq!(told(&budget, 2), [(12, 1), (2, 2)]);
    assert_eq!(told(&Budget { candidates: 1, ..budget }, 5), [(1, 1), (1, 3), (1, 5)]);
}

#[test]
fn the_better_candidates_are_tried_on_more_folds() {
    let (found, _) = searched(&tracks(400), 3);
    assert_eq!(found.candidates.len(), 7);
    for (index, round) in found.rounds.iter().enumerate() {
        let (within, out): (Vec<&Candidate>, Vec<&Candidate>) =
            found.candidates.iter().partition(|candidate| candidate.last_round >= index as u64);
        assert_eq!(within.len() as u64, round.candidates);
        if index > 0 {
            // By the folds of the round before.
            let before = found.rounds[index - 1].folds as usize;
            let score = |candidate: &Candidate| mean(&candidate.roc_auc[..before]);
            let dropped = out.iter().filter(|candidate| candidate.last_round == index as u64 - 1);
            let least = within.iter().map(|candidate| score(candidate)).fold(f64::INFINITY, f64::min);
            assert!(dropped.into_iter().all(|candidate| score(candidate) <= least));
        }
    }
    for candidate in &found.candidates {
        let folds = found.rounds[candidate.last_round as usize].folds as usize;
        assert_eq!([candidate.trees.len(), candidate.roc_auc.len(), candidate.log_loss.len()], [folds; 3]);
        assert!(candidate.trees.iter().all(|&trees| trees <= 40));
    }
    let best = &found.candidates[found.best];
    assert_eq!(best.last_round, 2);
    let finalists = found.candidates.iter().filter(|candidate| candidate.last_round == 2);
    assert!(finalists.into_iter().all(|candidate| mean(&candidate.roc_auc) <= mean(&best.roc_auc)));
}

#[test]
fn what_is_found_learns_more_slowly_with_more_trees() {
    let dataset = tracks(400);
    let (found, params) = searched(&dataset, 3);
    let best = &found.candidates[found.best];
    let entries: BTreeSet<_> = Params::Boosting(params.clone()).entries().into_iter().collect();
    assert!(best.params.iter().all(|entry| entries.contains(entry)));
    let params = params.check().expect("legal");
    assert_eq!((params.learning_rate(), params.early_stopping()), (0.05, None));
    // 320 rows are outside a fold, nine tenths of which grow trees.
    let trees = mean(&best.trees.iter().map(|&trees| trees as f64).collect::<Vec<f64>>()) * 4.0 * 400.0 / 288.0;
    assert!((params.n_estimators() as f64 - trees).abs() <= 0.5 + 1e-9, "{} of {trees}", params.n_estimators());
}

#[test]
fn candidates_are_the_defaults_and_legal_unlike_draws() {
    let base = small().base(9);
    let candidates = space::candidates(&base, 40, 9).expect("candidates");
    assert_eq!(candidates[0], base);
    assert!(candidates.iter().all(|params| params.check_ref().is_ok()));
    let told: BTreeSet<_> = candidates.iter().map(space::searched).collect();
    assert_eq!(told.len(), 40);
    // Every value is drawn, but none that is not searched.
    for (index, (name, _)) in space::searched(&base).iter().enumerate() {
        let values: BTreeSet<_> = told.iter().map(|entries| entries[index].clone()).collect();
        assert!(values.len() > 1 && values.iter().all(|(other, _)| other == name));
    }
    assert_eq!(space::candidates(&base, 12, 9).expect("candidates"), candidates[..12]);
    assert_ne!(space::candidates(&base, 40, 10).expect("candidates"), candidates);
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
    let told = |dataset: &Dataset, budget: &Budget| {
        let folds = Folds::stratified(&dataset.targets().to_vec(), 2, 1).expect("folds");
        let error = search(dataset, &folds, budget, 3, &|| ()).expect_err("refused");
        assert!(error.is_input(), "{error}");
        error.to_string()
    };
    let dataset = tracks(60);
    let whole = "expected a whole number of at least 1, found \"0\"";
    assert_eq!(told(&dataset, &Budget { candidates: 0, ..small() }), format!("candidates: {whole}"));
    assert_eq!(told(&dataset, &Budget { slowdown: 0, ..small() }), format!("slowdown: {whole}"));
    assert!(told(&dataset, &Budget { n_estimators: 0, ..small() }).starts_with("n_estimators: "));
    assert!(told(&dataset, &Budget { learning_rate: f64::NAN, ..small() }).starts_with("learning_rate: "));
    let featureless = Dataset::new(vec![], Array2::zeros((60, 0)), dataset.targets().to_owned()).expect("rows");
    assert!(told(&featureless, &small()).starts_with("training rows: expected at least one feature"));
    let labels = |hit| (0..60).filter(move |&row| tracks(60).targets()[row] == hit).take(2);
    let tiny = dataset.select(&labels(true).chain(labels(false)).collect::<Vec<usize>>());
    assert!(told(&tiny, &small()).starts_with("training rows: expected at least two rows of either class"));
}
