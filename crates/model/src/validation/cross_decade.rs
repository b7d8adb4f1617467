//! Does what makes a hit change? Fitted on each decade, scored on each.

use rayon::prelude::*;
use serde::Serialize;

use super::{ModelSpec, ValidationBudget};
use crate::dataset::grouped_dataset::GroupedDataset;
use crate::estimator::EstimatorParams;
use crate::estimator_text::serialize_description;
use hitflop_core::error::Result;
use hitflop_core::track::Decade;
use hitflop_metrics::moments::{deviation, mean};
use hitflop_metrics::scores::roc_auc;
use hitflop_metrics::split::{has_both_classes, Folds};

/// ROC AUC of one specification fitted on one decade and scored on another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrossDecadeScores {
    /// What was fitted; as JSON, a description.
    #[serde(rename = "recipe", serialize_with = "serialize_description")]
    pub params: EstimatorParams,
    /// Grouped folds of all tracks: a fit on a decade is scored on the tracks of the fold that was left out, of each decade; so no
    /// artist is on both sides, on the diagonal or off it.
    pub folds: u64,
    /// The decades, of rows and columns alike.
    pub decades: Vec<Decade>,
    /// Tracks of each decade.
    pub rows: Vec<u64>,
    /// Mean over the folds, by the decade fitted on and then by the decade scored on; NaN where a label is missing.
    pub roc_auc: Vec<Vec<f64>>,
    /// Standard deviation over the folds.
    pub deviation: Vec<Vec<f64>>,
}

impl CrossDecadeScores {
    /// Mean of the decades scored on by a fit of their own.
    pub fn own(&self) -> f64 {
        self.mean_at(&|distance| distance == 0)
    }

    /// Mean of the decades scored on by a fit of another.
    pub fn other(&self) -> f64 {
        self.mean_at(&|distance| distance > 0)
    }

    /// Mean at each distance, in decades that there are, of the decade fitted on and the one scored on: 0, 1, 2, …
    pub fn by_distance(&self) -> Vec<f64> {
        (0..self.decades.len()).map(|requested| self.mean_at(&|distance| distance == requested)).collect()
    }

    fn mean_at(&self, is_at: &dyn Fn(usize) -> bool) -> f64 {
        let cells = self.roc_auc.iter().enumerate().flat_map(|(train, row)| {
            row.iter().enumerate().filter(move |(test, _)| is_at(train.abs_diff(*test))).map(|(_, value)| *value)
        });
        let values: Vec<f64> = cells.filter(|value| value.is_finite()).collect();
        if values.is_empty() {
            f64::NAN
        } else {
            mean(&values)
        }
    }
}

/// Fits and scores; `on_fit` is called after each fit. `None` where no decade is known or one only, or a decade lacks hits or flops
/// outside a fold. Tracks without a decade are left out.
///
/// # Errors
/// A parameter is outside its range, or the tracks lack a feature.
pub fn cross_decade_scores(
    spec: &ModelSpec,
    tracks: &GroupedDataset,
    seed: u64,
    budget: &ValidationBudget,
    on_fit: &(dyn Fn() + Sync),
) -> Result<Option<CrossDecadeScores>> {
    let spec = spec.for_many(budget)?;
    let dataset = tracks.dataset().with_features(&spec.features)?;
    let targets = tracks.targets();
    let decade_of = &tracks.identity().decades;
    let decades = tracks.identity().distinct_decades();
    let Ok(folds) = Folds::grouped(&targets, tracks.groups(), budget.cross_decade_folds, seed) else { return Ok(None) };
    let splits: Vec<_> = (0..folds.len()).map(|fold| folds.split(fold)).collect();
    let of = |rows: &[usize], decade: Decade| -> Vec<usize> {
        rows.iter().copied().filter(|&row| decade_of[row] == Some(decade)).collect()
    };
    let tasks: Vec<(Decade, usize)> =
        decades.iter().flat_map(|&decade| (0..splits.len()).map(move |fold| (decade, fold))).collect();
    if decades.len() < 2
        || !tasks.iter().all(|&(decade, fold)| has_both_classes(&targets, &of(&splits[fold].train, decade)))
    {
        return Ok(None);
    }
    let scored = |&(decade, fold): &(Decade, usize)| -> Result<Vec<f64>> {
        let test = &splits[fold].test;
        let given = spec.fit_and_predict(&dataset, &of(&splits[fold].train, decade), test)?;
        on_fit();
        let on = |scored_on: &Decade| {
            let rows = test.iter().zip(&given).filter(|(&row, _)| decade_of[row] == Some(*scored_on));
            let (truth, given): (Vec<bool>, Vec<f64>) = rows.map(|(&row, &given)| (targets[row], given)).unzip();
            roc_auc(&truth, &given).unwrap_or(f64::NAN)
        };
        Ok(decades.iter().map(on).collect())
    };
    // Collected before the first error is looked for, so that it is the same one at any number of threads.
    let scores: Vec<Result<Vec<f64>>> = tasks.par_iter().with_max_len(1).map(scored).collect();
    let scores: Vec<Vec<f64>> = scores.into_iter().collect::<Result<_>>()?;
    // Those of one decade's fits lie together.
    let summarise = |of: fn(&[f64]) -> f64| -> Vec<Vec<f64>> {
        let over_folds = |fits: &[Vec<f64>], on: usize| of(&fits.iter().map(|fit| fit[on]).collect::<Vec<f64>>());
        scores.chunks(splits.len()).map(|fits| (0..decades.len()).map(|on| over_folds(fits, on)).collect()).collect()
    };
    Ok(Some(CrossDecadeScores {
        params: spec.params.clone(),
        folds: folds.len() as u64,
        rows: decades
            .iter()
            .map(|decade| decade_of.iter().flatten().filter(|own| *own == decade).count() as u64)
            .collect(),
        roc_auc: summarise(mean),
        deviation: summarise(deviation),
        decades,
    }))
}

/// How many fits [`cross_decade_scores`] makes at most.
pub fn fits(tracks: &GroupedDataset, budget: &ValidationBudget) -> u64 {
    (tracks.identity().distinct_decades().len() * budget.cross_decade_folds) as u64
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::*;
    use crate::estimator::EstimatorKind;
    use crate::fixtures::grouped_tracks;

    /// In the third decade hits are what flops are in the other two.
    fn turned() -> GroupedDataset {
        let tracks = grouped_tracks(1800);
        let last = *tracks.identity().decades.iter().max().expect("tracks");
        let turned =
            tracks.targets().into_iter().zip(&tracks.identity().decades).map(|(hit, &decade)| hit != (decade == last));
        let dataset = tracks.dataset().clone().with_targets(Array1::from_iter(turned)).expect("labels");
        GroupedDataset::new(dataset, tracks.identity().clone(), &[], Default::default()).expect("tracks")
    }

    #[test]
    fn what_is_turned_over_is_seen() {
        let tracks = turned();
        let params = EstimatorParams::of(EstimatorKind::Tree);
        let spec = ModelSpec { params, features: tracks.dataset().features().to_vec() };
        let found = cross_decade_scores(&spec, &tracks, 42, &ValidationBudget::standard(), &|| ())
            .expect("scores")
            .expect("three decades");
        assert_eq!((found.decades.len(), found.folds, &found.rows[..]), (3, 3, &[600; 3][..]));
        for (train, test, alike) in
            [(0, 0, true), (0, 1, true), (1, 0, true), (2, 2, true), (0, 2, false), (2, 1, false)]
        {
            let value = found.roc_auc[train][test];
            assert!(if alike { value > 0.8 } else { value < 0.2 }, "{train} {test}: {value}");
        }
        assert!(found.own() > 0.8 && found.other() < found.own() && found.by_distance().len() == 3);
        assert!(found.by_distance()[2] < 0.2);
    }

    #[test]
    fn means_go_by_distance() {
        let decades = [1960, 1970, 1990].map(|year| Decade::from_year(year).expect("a decade")).to_vec();
        let found = CrossDecadeScores {
            params: EstimatorParams::of(EstimatorKind::Tree),
            folds: 3,
            rows: vec![1; 3],
            roc_auc: vec![vec![0.9, 0.8, 0.6], vec![0.7, 0.8, f64::NAN], vec![0.5, 0.6, 0.7]],
            deviation: vec![vec![0.0; 3]; 3],
            decades,
        };
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(found.own(), 0.8);
        close(found.other(), (0.8 + 0.6 + 0.7 + 0.5 + 0.6) / 5.0);
        close(found.by_distance()[1], (0.8 + 0.7 + 0.6) / 3.0);
        close(found.by_distance()[2], 0.55);
    }

    #[test]
    fn one_decade_has_nothing_to_go_over_to() {
        let tracks = grouped_tracks(300);
        let rows: Vec<usize> = (0..300).step_by(3).collect();
        let one = GroupedDataset::new(
            tracks.dataset().select(&rows),
            tracks.identity().select(&rows),
            &[],
            Default::default(),
        );
        let one = one.expect("tracks");
        let spec =
            ModelSpec { params: EstimatorParams::of(EstimatorKind::Tree), features: one.dataset().features().to_vec() };
        assert_eq!(
            cross_decade_scores(&spec, &one, 42, &ValidationBudget::standard(), &|| ()).expect("no error"),
            None
        );
    }
}
