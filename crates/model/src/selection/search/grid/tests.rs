use std::collections::BTreeSet;

use linfa::ParamGuard;
use ndarray::Array2;

use super::leaf_assignment::LeafAssignment;
use super::truncation::{values_at_cuts, Truncation};
use super::*;
use crate::fixtures::tracks;
use crate::selection::cross_validation::cross_validate;
use hitflop_core::error::Error;
use hitflop_trees::search::ForestGrower;
use hitflop_trees::search::{Binning, MAX_BINS};
use hitflop_trees::RandomForestParams;
use hitflop_trees::Trees;

fn small() -> Grid {
    Grid {
        n_estimators: vec![7, 3],
        max_features: vec![SquareRoot::Auto, SquareRoot::Sqrt],
        max_depth: vec![Some(2), Some(5), None],
        min_samples_split: vec![2, 9],
        min_samples_leaf: vec![2, 4],
        bootstrap: vec![true, false],
    }
}

fn searched(dataset: &Dataset, grid: &Grid, done: &[FoldScores]) -> (GridSearch, Vec<FoldScores>) {
    let mut units = Vec::new();
    let mut collect = |unit: &FoldScores, _: GridProgress| {
        units.push(unit.clone());
        Ok(())
    };
    let found = search(dataset, grid, 3, 7, done, &mut collect).expect("scores");
    (found, units)
}

#[test]
fn the_notebooks_grid_is_its_own() {
    let points = Grid::notebook().points();
    assert_eq!((points.len(), Grid::notebook().len(), Grid::notebook().is_empty()), (144, 144, false));
    assert_eq!(forests(&Grid::notebook()).len() * 3, 18);
    // As `list(sklearn.model_selection.ParameterGrid(…))[29]` gives it.
    let point = &points[29];
    let found = (point.bootstrap, point.max_depth, &point.max_features[..], point.min_samples_leaf);
    assert_eq!(found, (true, Some(10), "auto", 3));
    assert_eq!((point.min_samples_split, point.n_estimators), (2, 500));
}

#[test]
fn every_point_has_the_scores_of_its_own_fit() {
    let dataset = tracks(300);
    let grid = small();
    let (found, units) = searched(&dataset, &grid, &[]);
    assert_eq!((found.points.len(), units.len(), found.forests_grown), (grid.len(), 12, 12));
    assert_eq!((found.folds, found.rows, found.seed), (3, 300, 7));
    let folds = Folds::stratified(&dataset.targets().to_vec(), 3, 7).expect("folds");
    for point in &found.points {
        let alone = cross_validate(&point.params(7), &dataset, &folds).expect("scores").scores.folds;
        assert_eq!(point.accuracy, alone.iter().map(|scores| scores.accuracy).collect::<Vec<f64>>(), "{point:?}");
        assert_eq!(point.roc_auc, alone.iter().map(|scores| scores.roc_auc).collect::<Vec<f64>>(), "{point:?}");
    }
    let best = mean(&found.best().accuracy);
    assert!(found.points.iter().all(|point| mean(&point.accuracy) <= best));
    assert!(found.points[..found.best].iter().all(|point| mean(&point.accuracy) < best));
    let scores: BTreeSet<u64> = found.points.iter().map(|point| point.roc_auc[0].to_bits()).collect();
    assert!(scores.len() > 12, "the points of the small grid hardly differ");
}

#[test]
fn a_search_taken_up_anywhere_ends_the_same() {
    let dataset = tracks(200);
    let grid = small();
    let (whole, units) = searched(&dataset, &grid, &[]);
    for done in 0..=units.len() {
        // As they come back from a file.
        let text = serde_json::to_string(&units[..done]).expect("plain values");
        let done_units: Vec<FoldScores> = serde_json::from_str(&text).expect("as written");
        let (found, grown) = searched(&dataset, &grid, &done_units);
        assert_eq!(found, whole);
        assert_eq!(grown, units[done..]);
    }
    let mut partial = units.clone();
    partial.swap(0, 5);
    partial[3].parts.pop();
    let (found, grown) = searched(&dataset, &grid, &partial);
    assert_eq!((found, grown), (whole, vec![units[3].clone()]));
}

#[test]
fn threads_change_nothing() {
    let dataset = tracks(2500);
    let grid = Grid { n_estimators: vec![60], min_samples_leaf: vec![2], bootstrap: vec![true], ..small() };
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| searched(&dataset, &grid, &[]))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn progress_counts_and_a_failure_stops() {
    let dataset = tracks(100);
    let grid = small();
    let (_, units) = searched(&dataset, &grid, &[]);
    let mut seen = Vec::new();
    let mut stop = |_: &FoldScores, progress: GridProgress| {
        seen.push((progress.done, progress.all));
        if seen.len() < 3 {
            Ok(())
        } else {
            Err(Error::Failed("the disk is full".to_owned()))
        }
    };
    let error = search(&dataset, &grid, 3, 7, &units[..2], &mut stop).expect_err("stopped");
    assert_eq!(error.to_string(), "the disk is full");
    assert_eq!(seen, [(3, 12), (4, 12), (5, 12)]);
}

#[test]
fn what_cannot_be_searched_is_refused() {
    let message = |dataset: &Dataset, grid: &Grid, folds| {
        let error = search(dataset, grid, folds, 7, &[], &mut |_, _| Ok(())).expect_err("refused");
        assert!(error.is_input(), "{error}");
        error.to_string()
    };
    let dataset = tracks(60);
    let none = Grid { max_depth: vec![], ..small() };
    assert!(none.is_empty());
    assert_eq!(message(&dataset, &none, 3), "max_depth: expected at least one value");
    let flat = Grid { max_depth: vec![None, Some(0)], ..small() };
    assert!(message(&dataset, &flat, 3).starts_with("max_depth: expected a whole number of at least 1"));
    let treeless = Grid { n_estimators: vec![5, 0], ..small() };
    assert!(message(&dataset, &treeless, 3).starts_with("n_estimators: expected a whole number from 1 to 1000000"));
    assert!(message(&dataset, &small(), 1).starts_with("folds: "));
    let hits: Vec<usize> = (0..60).filter(|&row| dataset.targets()[row]).collect();
    assert!(message(&dataset.select(&hits), &small(), 3).starts_with("training rows: expected at least 3 flops"));
    assert!(message(&tracks(0), &small(), 3).starts_with("training rows: "));
    let featureless = Dataset::new(vec![], Array2::zeros((60, 0)), dataset.targets().to_owned()).expect("rows");
    message(&featureless, &small(), 3);
}

#[test]
fn a_fingerprint_changes_with_whatever_the_result_depends_on() {
    let dataset = tracks(40);
    let other = {
        let mut records = dataset.records().to_owned();
        records[[39, 2]] += 1.0;
        Dataset::new(dataset.features().to_vec(), records, dataset.targets().to_owned()).expect("rows")
    };
    let relabelled = {
        let mut targets = dataset.targets().to_owned();
        targets[5] = !targets[5];
        Dataset::new(dataset.features().to_vec(), dataset.records().to_owned(), targets).expect("rows")
    };
    let all = [
        fingerprint(&dataset, &small(), 3, 7),
        fingerprint(&other, &small(), 3, 7),
        fingerprint(&relabelled, &small(), 3, 7),
        fingerprint(&dataset, &Grid::notebook(), 3, 7),
        fingerprint(&dataset, &small(), 4, 7),
        fingerprint(&dataset, &small(), 3, 8),
    ];
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    assert_eq!(all[0], fingerprint(&tracks(40), &small(), 3, 7));
    assert!(all.iter().all(|digest| digest.len() == 64));
}

/// The reference is the plain walk, by numbers instead of bins.
#[test]
fn rows_reach_their_leaves() {
    let dataset = tracks(203);
    let mut records = dataset.records().to_owned();
    for row in (0..203).step_by(5) {
        records[[row, row % 3]] = f64::NAN;
    }
    let binning = Binning::fit(records.view(), MAX_BINS);
    let binned = binning.transform(records.view());
    let params = RandomForestParams::new().n_estimators(5).check().expect("legal");
    let targets = dataset.targets().to_vec();
    let grower = ForestGrower::new(&params, &binned, &binning, &targets, None).expect("legal");
    let grown = grower.grow(0..params.n_estimators());
    let cuts = (0..3).map(|feature| [binning.cuts(feature), &[f64::MAX]].concat()).collect();
    let trees = Trees::new(cuts, [1.0; 2], grown.iter().map(|grown| grown.tree.clone()).collect()).expect("trees");
    let mut descent = LeafAssignment::default();
    for (index, grown) in grown.iter().enumerate() {
        let plain: Vec<usize> = (0..203).map(|row| trees.leaf(index, records.row(row))).collect();
        let found = descent.leaves(grown, &binned);
        for (&plain, &leaf) in plain.iter().zip(&found) {
            let plain = trees.value(&trees.trees()[index].leaves, plain);
            assert_eq!(trees.value(&grown.tree.leaves, leaf as usize), plain);
        }
        // `Trees` numbers leaves in an order of its own: each of its leaves is one of ours.
        let pairs: BTreeSet<(usize, u32)> = plain.iter().copied().zip(found.iter().copied()).collect();
        let ours: BTreeSet<u32> = found.into_iter().collect();
        let its: BTreeSet<usize> = plain.into_iter().collect();
        assert_eq!((pairs.len(), pairs.len()), (ours.len(), its.len()));
        assert!(pairs.len() > 10);
    }
}

#[test]
fn a_cut_ends_a_path_at_the_first_node_that_is_too_deep_or_too_small() {
    let dataset = tracks(120);
    let binning = Binning::fit(dataset.records(), MAX_BINS);
    let binned = binning.transform(dataset.records());
    let params = RandomForestParams::new().n_estimators(1).bootstrap(false).check().expect("legal");
    let targets = dataset.targets().to_vec();
    let grower = ForestGrower::new(&params, &binned, &binning, &targets, None).expect("legal");
    let grown = grower.grow(0..1).remove(0);
    let root = Truncation { max_depth: Some(0), min_samples_split: 2 };
    let too_small = Truncation { max_depth: None, min_samples_split: 121 };
    let none = Truncation { max_depth: None, min_samples_split: 2 };
    let share = dataset.hits() as f64 / 120.0;
    for values in values_at_cuts(&grown, &[root, none, too_small]).chunks(3) {
        assert_eq!((values[0], values[2]), (share, share));
        assert!(values[1] == 0.0 || values[1] == 1.0, "a leaf of an unlimited tree is pure");
    }
}
