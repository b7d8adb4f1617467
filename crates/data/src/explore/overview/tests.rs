//! The overview of columns made by hand.

use super::*;
use crate::explore::correlation::pearson_of_columns;
use crate::explore::density::densities;
use hitflop_core::seed::Seed;
use hitflop_core::track::{Decade, Label};
use rand::RngExt;

/// Two decades of rows with both labels in turn. Without other values, a feature has none.
fn columns(rows: usize, given: &[(Feature, Vec<f64>)]) -> Columns {
    let mut features = vec![vec![f64::NAN; rows]; Feature::ALL.len()];
    for (feature, values) in given {
        features[*feature as usize] = values.clone();
    }
    let decades: Vec<Option<Decade>> =
        (0..rows).map(|row| Decade::from_year(if row < rows / 2 { 1960 } else { 1970 })).collect();
    features[Feature::Decade as usize] =
        decades.iter().map(|decade| decade.map_or(f64::NAN, |decade| f64::from(decade.year()))).collect();
    Columns { features, decades, labels: (0..rows).map(|row| Label::BOTH[row % 2]).collect() }
}

fn overview(columns: &Columns) -> DataOverview {
    let names: Vec<&str> = Feature::ALL.iter().map(|feature| feature.name()).collect();
    let pearson = pearson_of_columns(&names, &columns.features);
    DataOverview::of_columns(columns, &densities(columns), &pearson)
}

fn profile(overview: &DataOverview, feature: Feature) -> &FeatureProfile {
    overview.features.iter().find(|profile| profile.feature == feature).expect("it has values")
}

fn random(rows: usize, seed: u64) -> Vec<f64> {
    let mut rng = Seed(seed).rng("overview", &[]);
    (0..rows).map(|_| rng.random_range(0.0..1.0)).collect()
}

#[test]
fn counts_are_those_of_the_values() {
    let values = vec![0.0, 0.5, f64::NAN, 0.5, 0.25, 9.0, 0.0, 0.5];
    let overview = overview(&columns(8, &[(Feature::Energy, values)]));
    let energy = profile(&overview, Feature::Energy);
    assert_eq!((energy.values, energy.missing.rows, energy.missing.share), (7, 1, 0.125));
    assert_eq!((energy.zeros.rows, energy.zeros.share, energy.distinct), (2, 2.0 / 7.0, 4));
    // Quartiles 0.125 and 0.5.
    assert_eq!(energy.fences, Some([-0.4375, 1.0625]));
    assert_eq!((energy.outliers.map(|outliers| outliers.rows), energy.out_of_range), (Some(1), 1));
    let decade = profile(&overview, Feature::Decade);
    assert_eq!((decade.skewness, decade.outliers, decade.drift), (None, None, None));
    assert_eq!((decade.histogram.flops.as_slice(), decade.histogram.bins.scale), (&[2, 2][..], BinScale::Categories));
    assert_eq!(overview.features.len(), 2, "a feature without a value has no figures");
}

#[test]
fn each_alert_is_raised() {
    let rows = 2_000;
    let even = random(rows, 1);
    let skewed: Vec<f64> = even.iter().map(|value| if *value < 0.2 { 0.0 } else { value.powi(12) }).collect();
    let noise = random(rows, 2);
    let close: Vec<f64> = even.iter().zip(&noise).map(|(a, b)| -30.0 * (a + 0.3 * b)).collect();
    let drifting: Vec<f64> = random(rows, 3)
        .iter()
        .enumerate()
        .map(|(row, value)| if row < rows / 2 { *value } else { value * 0.6 })
        .collect();
    let mut tempo = random(rows, 4);
    tempo[7] = 0.0;
    let given = [
        (Feature::Energy, even),
        (Feature::Loudness, close),
        (Feature::Instrumentalness, skewed),
        (Feature::Valence, drifting),
        (Feature::Liveness, vec![0.5; rows]),
        (Feature::Tempo, tempo),
    ];
    let overview = overview(&columns(rows, &given));
    let alerts = |feature| profile(&overview, feature).alerts.as_slice();
    assert!(
        matches!(alerts(Feature::Energy), [FeatureAlert::Correlated { with: Feature::Loudness, correlation }] if *correlation < -0.9)
    );
    assert!(matches!(alerts(Feature::Loudness), [FeatureAlert::Correlated { with: Feature::Energy, .. }]));
    let found = alerts(Feature::Instrumentalness);
    assert!(
        matches!(found, [FeatureAlert::Skewed { skewness }, FeatureAlert::ZeroInflated { share }]
            if *skewness > 1.0 && (0.15..0.25).contains(share)),
        "{found:?}"
    );
    assert!(matches!(alerts(Feature::Valence), [FeatureAlert::Drifting { psi, from, to }]
        if *psi > 0.25 && (from.year(), to.year()) == (1960, 1970)));
    assert_eq!(alerts(Feature::Liveness), [FeatureAlert::Constant]);
    assert_eq!(alerts(Feature::Tempo), [FeatureAlert::OutOfRange { rows: 1 }]);
    assert!(alerts(Feature::Decade).is_empty());
}

/// Energy and valence are informative only together: a track is a hit if both are above their middle, or neither is.
#[test]
fn a_pair_that_is_informative_together_is_first() {
    let rows = 4_000;
    let [energy, valence, tempo] = [5, 6, 7].map(|seed| random(rows, seed));
    let mut columns = columns(
        rows,
        &[(Feature::Energy, energy.clone()), (Feature::Valence, valence.clone()), (Feature::Tempo, tempo)],
    );
    let is_hit = |row: usize| (energy[row] > 0.5) == (valence[row] > 0.5);
    columns.labels = (0..rows).map(|row| if is_hit(row) { Label::Hit } else { Label::Flop }).collect();
    let pairs = overview(&columns).pairs;
    assert_eq!((pairs.ranked.len(), pairs.bins), (3, 8));
    let first = pairs.ranked[0];
    assert_eq!((first.features, first.rows), ([Feature::Energy, Feature::Valence], 4_000));
    assert!(first.nats > 0.6 && first.alone.iter().all(|nats| *nats < 0.005), "{first:?}");
    assert!(pairs.ranked[1].nats < 0.02, "{:?}", pairs.ranked[1]);
    let density = &pairs.densities[0];
    assert_eq!((density.flops_by_cell.len(), density.flops + density.hits), (225, 4_000));
    let cells: u64 = density.flops_by_cell.iter().chain(&density.hits_by_cell).sum();
    assert_eq!(cells, 4_000);
}

#[test]
fn what_cannot_be_compared_is_left_out() {
    let two = |rows: usize| columns(rows, &[(Feature::Energy, random(rows, 8)), (Feature::Valence, random(rows, 9))]);
    assert!(overview(&two(80)).pairs.ranked.is_empty(), "forty rows of each label are too few");
    let mut one_label = two(500);
    one_label.labels.fill(Label::Hit);
    assert!(overview(&one_label).pairs.ranked.is_empty());
    let mut apart = two(500);
    (0..500).for_each(|row| apart.features[[Feature::Energy, Feature::Valence][row / 250] as usize][row] = f64::NAN);
    assert!(overview(&apart).pairs.ranked.is_empty(), "no row has both values");
    let constant = columns(500, &[(Feature::Energy, random(500, 8)), (Feature::Valence, vec![0.5; 500])]);
    assert!(overview(&constant).pairs.ranked.is_empty());
    let nothing = overview(&columns(0, &[]));
    assert!(nothing.features.is_empty() && nothing.pairs.densities.is_empty());
}

#[test]
fn threads_and_the_order_of_rows_change_nothing() {
    let columns = columns(1_200, &[(Feature::Energy, random(1_200, 1)), (Feature::Valence, random(1_200, 2))]);
    let mut reversed = columns.clone();
    reversed.features.iter_mut().for_each(|column| column.reverse());
    reversed.decades.reverse();
    reversed.labels.reverse();
    let of = |threads: usize, columns: &Columns| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads");
        let pearson = CorrelationMatrix { names: Vec::new(), values: Vec::new() };
        pool.install(|| DataOverview::of_columns(columns, &densities(columns), &pearson))
    };
    let one = of(1, &columns);
    assert!(!one.pairs.ranked.is_empty());
    assert_eq!(one, of(3, &columns));
    assert_eq!(one, of(2, &reversed));
}
