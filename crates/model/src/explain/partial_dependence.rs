//! Partial dependence with individual curves: what a model says of tracks of which one feature is given other values (Friedman
//! 2001; individual curves: Goldstein et al. 2015).
//!
//! All else of a track stays as it is, also where no such track exists: a curve says what the model would answer, not
//! what would become of a track.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::subsample;
use crate::model::Model;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_core::seed::Seed;
use hitflop_core::track::{Decade, Feature, FeatureKind};
use hitflop_metrics::quantile::quantile;

/// Levels of the quantiles that a grid is made of: 5, 10, …, 95 %, from and to where scikit-learn's goes. What lies beyond holds
/// few tracks, and would take most of an axis.
const LEVELS: std::ops::RangeInclusive<u32> = 1..=19;
/// Part of the whole between two levels.
const LEVEL: f64 = 0.05;

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PartialDependenceSettings {
    /// Tracks of each decade, and without a decade, that the curves are means over, at most. Default: 100.
    pub rows_by_decade: usize,
    /// Individual curves that are kept, over all decades. Default: 50.
    pub curves: usize,
    /// Seed of the draw of tracks. Default: 42.
    pub seed: Seed,
}

impl Default for PartialDependenceSettings {
    fn default() -> PartialDependenceSettings {
        PartialDependenceSettings { rows_by_decade: 100, curves: 50, seed: Seed::default() }
    }
}

/// Mean answers for the tracks of a decade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecadeCurve {
    /// Decade of the tracks that the curve averages.
    pub decade: Decade,
    /// How many of them.
    pub rows: u64,
    /// Mean probability of a hit at each value of the grid.
    pub mean: Vec<f64>,
}

/// What a model answers as one feature changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartialDependence {
    /// The feature that is varied.
    pub feature: Feature,
    /// Values that it is given, ascending, in its unit: the quantiles of the tracks at 5, 10, …, 95 %, or all values of a
    /// category.
    pub grid: Vec<f64>,
    /// Tracks that the mean is over. As many of each decade as there are, at most 100 by default.
    pub rows: u64,
    /// Mean probability of a hit at each value of the grid, over all of those tracks.
    pub mean: Vec<f64>,
    /// Over those of each decade; none for the decade itself, or where fewer than two decades are known.
    pub by_decade: Vec<DecadeCurve>,
    /// Probability at each value of the grid for single tracks.
    pub individual: Vec<Vec<f64>>,
}

/// The dependence of `model` on each of `features`, over tracks sampled from `dataset` (the model's features), whose `decades` (none
/// where it is not known) are given row by row.
///
/// # Errors
/// Other columns than the model's.
pub(crate) fn partial_dependence(
    model: &Model,
    dataset: &Dataset,
    decades: &[Option<Decade>],
    features: &[Feature],
    settings: &PartialDependenceSettings,
) -> Result<Vec<PartialDependence>> {
    let rows_by_decade = draw(decades, settings);
    let rows: Vec<usize> = rows_by_decade.values().flatten().copied().collect();
    let shown = subsample::draw(&rows, settings.curves, &mut settings.seed.rng("individual curves", &[]));
    let places: Vec<usize> = (0..rows.len()).filter(|&place| shown.contains(&rows[place])).collect();
    let records = dataset.records().select(Axis(0), &rows);
    let of_feature = |&feature: &Feature| {
        let Some(column) = model.inputs.iter().position(|input| input.feature == feature) else { return Ok(None) };
        let grid = grid(feature, &dataset.records().column(column).to_vec());
        let answers = answers(model, records.view(), column, &grid)?;
        let by_decade = if feature == Feature::Decade { Vec::new() } else { by_decade(&rows_by_decade, &answers) };
        Ok(Some(PartialDependence {
            feature,
            rows: rows.len() as u64,
            mean: means(answers.view()),
            by_decade,
            individual: places.iter().map(|&place| answers.row(place).to_vec()).collect(),
            grid,
        }))
    };
    let found = features.par_iter().map(of_feature).collect::<Result<Vec<Option<PartialDependence>>>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// Rows of each decade; those without a decade are one group.
fn draw(decades: &[Option<Decade>], settings: &PartialDependenceSettings) -> BTreeMap<Option<Decade>, Vec<usize>> {
    let mut rows = BTreeMap::<Option<Decade>, Vec<usize>>::new();
    decades.iter().enumerate().for_each(|(row, &decade)| rows.entry(decade).or_default().push(row));
    let sampled = |(decade, rows): (Option<Decade>, Vec<usize>)| {
        let year = decade.map_or(0, Decade::year);
        let mut rng = settings.seed.rng("partial dependence", &[year as u64]);
        (decade, subsample::draw(&rows, settings.rows_by_decade, &mut rng))
    };
    rows.into_iter().map(sampled).collect()
}

fn grid(feature: Feature, values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut grid: Vec<f64> = match feature.info().kind {
        FeatureKind::Category => sorted,
        // A grid of whole numbers for what is counted.
        FeatureKind::Count => {
            LEVELS.filter_map(|level| quantile(&sorted, f64::from(level) * LEVEL)).map(f64::round).collect()
        }
        FeatureKind::Continuous => LEVELS.filter_map(|level| quantile(&sorted, f64::from(level) * LEVEL)).collect(),
    };
    grid.dedup();
    grid
}

/// Probabilities, rows × grid.
fn answers(model: &Model, records: ArrayView2<f64>, column: usize, grid: &[f64]) -> Result<Array2<f64>> {
    let mut answers = Array2::zeros((records.nrows(), grid.len()));
    for (&value, mut to) in grid.iter().zip(answers.columns_mut()) {
        let mut changed = records.to_owned();
        changed.column_mut(column).fill(value);
        to.assign(&model.predict_proba(changed.view())?);
    }
    Ok(answers)
}

fn means(answers: ArrayView2<f64>) -> Vec<f64> {
    answers.mean_axis(Axis(0)).map_or(Vec::new(), |means| means.to_vec())
}

/// `answers` has the rows of the first decade, of the second, and so on.
fn by_decade(rows: &BTreeMap<Option<Decade>, Vec<usize>>, answers: &Array2<f64>) -> Vec<DecadeCurve> {
    let mut first = 0;
    let mut curves = Vec::new();
    for (&decade, rows) in rows {
        let own = answers.slice_axis(Axis(0), (first..first + rows.len()).into());
        first += rows.len();
        curves.extend(decade.map(|decade| DecadeCurve { decade, rows: rows.len() as u64, mean: means(own) }));
    }
    // The curve of one decade is that of all tracks.
    if curves.len() < 2 {
        curves.clear();
    }
    curves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::{EstimatorKind, EstimatorParams};
    use crate::fixtures::complete_tracks;

    fn decades(dataset: &Dataset) -> Vec<Option<Decade>> {
        let years = dataset.records().column(Feature::Decade as usize).to_vec();
        years.into_iter().map(|year| Decade::from_year(year as i32)).collect()
    }

    /// The witness is the definition, row by row.
    #[test]
    fn curves_are_means_of_answers() {
        let tracks = complete_tracks(300);
        let model = Model::fit(EstimatorParams::of(EstimatorKind::Boosting), &tracks).expect("a model");
        let settings = PartialDependenceSettings { rows_by_decade: 1000, curves: 7, seed: Seed(1) };
        let features = [Feature::Danceability, Feature::Key, Feature::Decade];
        let found = partial_dependence(&model, &tracks, &decades(&tracks), &features, &settings).expect("curves");
        assert_eq!(found.iter().map(|one| one.feature).collect::<Vec<_>>(), features);
        let danceability = &found[0];
        assert_eq!((danceability.grid.len(), danceability.rows, danceability.individual.len()), (19, 300, 7));
        for (place, &value) in danceability.grid.iter().enumerate() {
            let mut sums = [0.0; 2];
            for (index, row) in tracks.records().rows().into_iter().enumerate() {
                let mut row = row.to_owned();
                row[Feature::Danceability as usize] = value;
                sums[index % 2] += model.predict_proba(row.insert_axis(Axis(0)).view()).expect("a probability")[0];
            }
            for (sum, curve) in sums.iter().zip(&danceability.by_decade) {
                assert!((sum / 150.0 - curve.mean[place]).abs() < 1e-12);
            }
            assert!(((sums[0] + sums[1]) / 300.0 - danceability.mean[place]).abs() < 1e-12);
        }
        assert!(danceability.mean[18] > danceability.mean[0] + 0.3, "danceable tracks are hits");
        assert_eq!(found[1].grid, (0..12).map(f64::from).collect::<Vec<_>>(), "every key");
        assert_eq!((found[2].grid.clone(), found[2].by_decade.len()), (vec![1960.0, 1970.0], 0));
    }

    #[test]
    fn rows_are_drawn_by_decade_and_by_seed() {
        let tracks = complete_tracks(400);
        let model = Model::fit(EstimatorParams::of(EstimatorKind::Tree), &tracks).expect("a model");
        let of = |seed, threads| {
            let settings = PartialDependenceSettings { rows_by_decade: 30, curves: 10, seed: Seed(seed) };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            let job = || partial_dependence(&model, &tracks, &decades(&tracks), &[Feature::Danceability], &settings);
            pool.install(job).expect("curves")
        };
        let found = of(1, 1);
        assert_eq!(found[0].rows, 60);
        assert!(found[0].by_decade.iter().all(|curve| curve.rows == 30));
        assert_eq!(found, of(1, 3));
        assert_ne!(found, of(2, 1));
    }

    #[test]
    fn a_feature_that_the_model_was_not_given_has_no_curve() {
        let tracks = complete_tracks(100);
        let few = tracks.with_features(&[Feature::Key, Feature::Danceability]).expect("two features");
        let model = Model::fit(EstimatorParams::of(EstimatorKind::Tree), &few).expect("a model");
        let requested = [Feature::Tempo, Feature::Key];
        let found =
            partial_dependence(&model, &few, &decades(&tracks), &requested, &PartialDependenceSettings::default())
                .expect("curves");
        assert_eq!(found.iter().map(|one| one.feature).collect::<Vec<_>>(), [Feature::Key]);
    }
}
