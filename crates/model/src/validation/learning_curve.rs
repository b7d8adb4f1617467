//! Would more tracks help? Fitted on ever more of the training rows, scored on the same test rows.

use rand::seq::SliceRandom;
use rayon::prelude::*;
use serde::Serialize;

use super::{ModelSpec, ValidationBudget};
use crate::dataset::grouped_dataset::GroupedDataset;
use crate::estimator::EstimatorParams;
use crate::estimator_text::serialize_description;
use crate::selection::hold_out::HoldOut;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_core::seed::Seed;
use hitflop_metrics::moments::{deviation, mean};
use hitflop_metrics::scores::roc_auc;
use hitflop_metrics::split::{grouped_split, has_both_classes, TrainTestSplit};

/// Fewest rows of a point.
const MIN_CURVE_ROWS: usize = 500;
/// Most points, the doublings of the fewest rows up to all.
const MAX_CURVE_POINTS: usize = 8;

/// A point of the curve.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Mean number of rows fitted on.
    pub train_rows: f64,
    /// Mean ROC AUC on those very rows.
    pub train_roc_auc: f64,
    /// Mean ROC AUC on the test rows.
    pub test_roc_auc: f64,
    /// Standard deviation of the latter over the curves; 0 of one.
    pub test_deviation: f64,
}

/// Scores over the number of training rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LearningCurve {
    /// What was fitted; as JSON, a description.
    #[serde(rename = "recipe", serialize_with = "serialize_description")]
    pub params: EstimatorParams,
    /// Curves that are averaged, each on a grouped split of its own.
    pub curves: u64,
    /// Mean number of test rows, of groups that are in no training row.
    pub test_rows: f64,
    /// From few rows to all, each of about twice as many as the one before it.
    pub points: Vec<CurvePoint>,
}

impl LearningCurve {
    /// What the last doubling brought in ROC AUC on the test rows; `None` of fewer than two points.
    pub fn last_gain(&self) -> Option<f64> {
        match self.points.as_slice() {
            [.., before, last] => Some(last.test_roc_auc - before.test_roc_auc),
            _ => None,
        }
    }

    /// What the doubling before the last one brought.
    pub fn gain_before(&self) -> Option<f64> {
        match self.points.as_slice() {
            [.., first, second, _] => Some(second.test_roc_auc - first.test_roc_auc),
            _ => None,
        }
    }
}

/// Draws the curve: the training rows of a grouped split, and nested halves of them in whole groups in the order of a shuffle.
/// Each further curve has a split of the next seed. `on_fit` is called after each fit. `None` where there is no grouped split,
/// or too few rows for two points.
///
/// # Errors
/// A parameter is outside its range, or the tracks lack a feature.
pub fn learning_curve(
    spec: &ModelSpec,
    tracks: &GroupedDataset,
    hold_out: HoldOut,
    budget: &ValidationBudget,
    on_fit: &(dyn Fn() + Sync),
) -> Result<Option<LearningCurve>> {
    let spec = spec.for_many(budget)?;
    let dataset = tracks.dataset().with_features(&spec.features)?;
    let targets = tracks.targets();
    let seeds = (0..budget.curves as u64).map(|curve| hold_out.seed.wrapping_add(curve));
    let split = |seed| Ok((seed, grouped_split(&targets, tracks.groups(), hold_out.test_share, seed)?));
    let Ok(splits) = seeds.map(split).collect::<Result<Vec<(u64, TrainTestSplit)>>>() else { return Ok(None) };
    let curves: Vec<Vec<Vec<usize>>> = splits.iter().map(|(seed, split)| nested(tracks, &split.train, *seed)).collect();
    let length = curves.iter().map(Vec::len).min().unwrap_or(0);
    if length < 2 || !curves.iter().flatten().all(|rows| has_both_classes(&targets, rows)) {
        return Ok(None);
    }
    let scored = |&(curve, rows): &(usize, &Vec<usize>)| -> Result<[f64; 2]> {
        let (train, test) = (dataset.select(rows), dataset.select(&splits[curve].1.test));
        let estimator = spec.params.fit(&train)?;
        on_fit();
        let score = |part: &Dataset| {
            roc_auc(&part.targets().to_vec(), &estimator.predict_proba(part.records()).to_vec()).unwrap_or(f64::NAN)
        };
        Ok([score(&train), score(&test)])
    };
    // From the end, so that curves of other lengths have all rows in common.
    let tasks: Vec<(usize, &Vec<usize>)> = curves
        .iter()
        .enumerate()
        .flat_map(|(curve, sizes)| sizes[sizes.len() - length..].iter().map(move |rows| (curve, rows)))
        .collect();
    let scores: Vec<Result<[f64; 2]>> = tasks.par_iter().with_max_len(1).map(scored).collect();
    let scores: Vec<[f64; 2]> = scores.into_iter().collect::<Result<_>>()?;
    let point = |index: usize| {
        let of_point = (0..curves.len()).map(|curve| curve * length + index);
        let values = |of: &dyn Fn(usize) -> f64| of_point.clone().map(of).collect::<Vec<f64>>();
        CurvePoint {
            train_rows: mean(&values(&|task| tasks[task].1.len() as f64)),
            train_roc_auc: mean(&values(&|task| scores[task][0])),
            test_roc_auc: mean(&values(&|task| scores[task][1])),
            test_deviation: deviation(&values(&|task| scores[task][1])),
        }
    };
    Ok(Some(LearningCurve {
        params: spec.params.clone(),
        curves: curves.len() as u64,
        test_rows: mean(&splits.iter().map(|(_, split)| split.test.len() as f64).collect::<Vec<f64>>()),
        points: (0..length).map(point).collect(),
    }))
}

/// How many fits [`learning_curve`] makes at most.
pub fn fits(tracks: &GroupedDataset, hold_out: HoldOut, budget: &ValidationBudget) -> u64 {
    let rows = (tracks.rows() as f64 * (1.0 - hold_out.test_share)) as usize;
    (sizes(rows).len() * budget.curves) as u64
}

/// All rows, half of them, a quarter, …, ascending.
fn sizes(rows: usize) -> Vec<usize> {
    let halves = std::iter::successors(Some(rows), |rows| Some(rows / 2));
    let mut sizes: Vec<usize> = halves.take_while(|&rows| rows >= MIN_CURVE_ROWS).take(MAX_CURVE_POINTS).collect();
    sizes.reverse();
    sizes
}

/// Parts of `rows` in whole groups, each of them within the next.
fn nested(tracks: &GroupedDataset, rows: &[usize], seed: u64) -> Vec<Vec<usize>> {
    let groups = tracks.groups().select(rows);
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.shuffle(&mut Seed(seed).rng("learning curve", &[]));
    let part = |size: &usize| {
        let mut taken = 0;
        let enough = order.iter().take_while(|&&group| {
            let goes_on = taken < *size;
            taken += groups.members()[group].len();
            goes_on
        });
        let mut part: Vec<usize> =
            enough.flat_map(|&group| groups.members()[group].iter().map(|&row| rows[row])).collect();
        part.sort_unstable();
        part
    };
    sizes(rows.len()).iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::estimator::EstimatorKind;
    use crate::fixtures::grouped_tracks;

    #[test]
    fn sizes_double_up_to_all() {
        assert_eq!(sizes(4_100), [512, 1025, 2050, 4100]);
        assert_eq!(sizes(700), [700]);
        assert!(sizes(400).is_empty());
        assert_eq!(sizes(10_000_000).len(), MAX_CURVE_POINTS);
    }

    #[test]
    fn parts_are_nested_and_of_whole_groups() {
        let tracks = grouped_tracks(2400);
        let rows: Vec<usize> = (0..2400).filter(|row| row % 5 != 0).collect();
        let parts = nested(&tracks, &rows, 42);
        assert_eq!(parts.len(), 2);
        let last: HashSet<usize> = parts[1].iter().copied().collect();
        assert_eq!(last, rows.iter().copied().collect());
        assert!(parts[0].iter().all(|row| last.contains(row)));
        assert!(parts[0].len().abs_diff(960) <= 4, "{}", parts[0].len());
        let group = |row: &usize| tracks.groups().of_rows()[*row];
        let taken: HashSet<usize> = parts[0].iter().map(group).collect();
        assert_eq!(rows.iter().filter(|row| taken.contains(&group(row))).count(), parts[0].len());
    }

    #[test]
    fn a_curve_rises_and_meets_from_above() {
        let tracks = grouped_tracks(3000);
        let params = EstimatorParams::of(EstimatorKind::Boosting).with("n_estimators", "40").expect("a parameter");
        let spec = ModelSpec { params, features: tracks.dataset().features().to_vec() };
        let budget = ValidationBudget { curves: 2, ..ValidationBudget::standard() };
        let found =
            learning_curve(&spec, &tracks, HoldOut::default(), &budget, &|| ()).expect("scores").expect("a curve");
        assert_eq!((found.points.len(), found.curves), (3, 2));
        assert_eq!(fits(&tracks, HoldOut::default(), &budget), 6);
        let [first, .., last] = &found.points[..] else { panic!("two points at least") };
        assert!(first.train_rows < 620.0 && last.train_rows > 2_300.0);
        assert!(last.test_roc_auc > first.test_roc_auc, "{found:?}");
        assert!(first.train_roc_auc > first.test_roc_auc && last.train_roc_auc < first.train_roc_auc);
        assert!(
            (found.last_gain().expect("a gain") - (last.test_roc_auc - found.points[1].test_roc_auc)).abs() < 1e-15
        );
        assert!(found.gain_before().is_some());
        let few = grouped_tracks(400);
        assert_eq!(learning_curve(&spec, &few, HoldOut::default(), &budget, &|| ()).expect("no error"), None);
    }
}
