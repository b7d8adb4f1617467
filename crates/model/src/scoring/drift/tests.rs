use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::scoring::fixtures::{blank_row, scorer_of};
use hitflop_core::dataset::Dataset;

/// Training rows with these values of one feature by decade; all else is 0.
fn training(feature: Feature, decades: &[(f64, Vec<f64>)]) -> Dataset {
    let rows: Vec<(f64, f64)> =
        decades.iter().flat_map(|(year, values)| values.iter().map(|value| (*year, *value))).collect();
    let mut records = Array2::zeros((rows.len(), Feature::ALL.len()));
    for (mut record, (year, value)) in records.rows_mut().into_iter().zip(&rows) {
        record[feature as usize] = *value;
        record[Feature::Decade as usize] = *year;
    }
    let targets: Array1<bool> = (0..rows.len()).map(|row| row % 2 == 0).collect();
    Dataset::new(Feature::ALL.to_vec(), records, targets).expect("a dataset")
}

/// 0, 0.01, …, 1 times `most`.
fn even(most: f64) -> Vec<f64> {
    (0..=100).map(|step| f64::from(step) / 100.0 * most).collect()
}

fn row(feature: Feature, value: f64, year: f64) -> FeatureRow {
    let mut row = blank_row();
    row[feature as usize] = value;
    row[Feature::Decade as usize] = year;
    row
}

fn drift(rows: &[FeatureRow], feature: Feature, train: &Dataset) -> FeatureDrift {
    let report = DriftReport::of(rows.iter(), scorer_of(train).artifact()).expect("a report");
    report.features.into_iter().find(|drift| drift.feature == feature).expect("the feature")
}

/// (0.2 − 0.1) ln 2 + (0.8 − 0.9) ln (8/9), and an empty bin as 0.0001.
#[test]
fn the_index_is_its_formula() {
    let by_hand = 0.1 * 2f64.ln() - 0.1 * (8.0f64 / 9.0).ln();
    assert!((population_stability_index(&[(0.2, 0.1), (0.8, 0.9)]) - by_hand).abs() < 1e-12);
    let empty = (0.0001 - 0.5) * (0.0001f64 / 0.5).ln() + 0.5 * 2f64.ln();
    assert!((population_stability_index(&[(0.0, 0.5), (1.0, 0.5)]) - empty).abs() < 1e-12);
    assert_eq!(population_stability_index(&[(0.5, 0.5), (0.5, 0.5)]), 0.0);
}

/// The witnesses are SciPy 1.17: of x = (numpy.arange(60) / 60) ** 2, `scipy.stats.kstest(x, "uniform")`, the same with the
/// distribution function 0.25 min(x, 1) + 0.75 x / 2, and `entropy(a, e) + entropy(e, a)` of the shares of tenths.
#[test]
fn measures_are_scipys() {
    let sample = |year: fn(usize) -> f64| -> Vec<FeatureRow> {
        (0..60).map(|index| row(Feature::Energy, (index as f64 / 60.0).powi(2), year(index))).collect()
    };
    let one = training(Feature::Energy, &[(1960.0, even(1.0))]);
    let found = drift(&sample(|_| 1960.0), Feature::Energy, &one);
    assert!((found.ks - 0.266_666_666_666_666_7).abs() < 1e-9, "{}", found.ks);
    assert!((found.psi - 0.396_417_099_086_044_1).abs() < 1e-9, "{}", found.psi);
    assert!((found.training_median - 0.5).abs() < 1e-9);
    // A quarter of the rows is of the first decade.
    let two = training(Feature::Energy, &[(1960.0, even(1.0)), (1970.0, even(2.0))]);
    let found = drift(&sample(|index| if index % 4 == 0 { 1960.0 } else { 1970.0 }), Feature::Energy, &two);
    assert!((found.ks - 0.416_666_666_666_666_6).abs() < 1e-9, "{}", found.ks);
    // 0.25 x + 0.375 x is a half at 0.8.
    assert!((found.training_median - 0.8).abs() < 1e-9, "{}", found.training_median);
}

#[test]
fn a_table_of_one_decade_is_held_against_that_decade() {
    let train = training(Feature::Energy, &[(1960.0, even(0.4)), (1970.0, even(1.0))]);
    let rows = |year: f64| (0..200).map(|at| row(Feature::Energy, f64::from(at) / 500.0, year)).collect::<Vec<_>>();
    assert_eq!(drift(&rows(1960.0), Feature::Energy, &train).level, DriftLevel::Stable);
    for other in [1970.0, 1950.0, f64::NAN] {
        let found = drift(&rows(other), Feature::Energy, &train);
        assert!(found.level == DriftLevel::Major && found.cause == Some(LikelyCause::Shifted), "{other}: {found:?}");
    }
    let report = DriftReport::of(rows(1950.0).iter(), scorer_of(&train).artifact()).expect("a report");
    assert_eq!((report.rows, report.compared_rows, report.rows_of_known_decade), (200, 200, 0));
}

#[test]
fn likely_causes_are_named() {
    let of = |feature: Feature, training_values: Vec<f64>, values: &dyn Fn(f64) -> f64| {
        let train = training(feature, &[(1960.0, training_values)]);
        let rows: Vec<FeatureRow> = (0..200).map(|at| row(feature, values(f64::from(at) / 200.0), 1960.0)).collect();
        let found = drift(&rows, feature, &train);
        (found.level, found.cause)
    };
    let lengths = || even(200_000.0).into_iter().map(|length| length + 100_000.0).collect::<Vec<f64>>();
    let loudness = || even(30.0).into_iter().map(|value| -value).collect::<Vec<f64>>();
    for (feature, training, values, cause) in [
        (Feature::Energy, even(1.0), (|at| (at * 100.0).round()) as fn(f64) -> f64, LikelyCause::Percent),
        (Feature::DurationMs, lengths(), |at| (100.0 + at * 200.0).round(), LikelyCause::Seconds),
        (Feature::Loudness, loudness(), |at| at, LikelyCause::NormalisedLoudness),
        (Feature::Loudness, loudness(), |at| at * 30.0, LikelyCause::MissingSign),
        (Feature::Energy, even(1.0), |_| 0.5, LikelyCause::Constant),
        (Feature::Energy, even(1.0), |at| at.sqrt(), LikelyCause::Shifted),
        (Feature::Danceability, even(1.0), |at| at * 3.0, LikelyCause::Percent),
    ] {
        assert_eq!(of(feature, training, &values), (DriftLevel::Major, Some(cause)), "{feature} {cause:?}");
    }
    // What is so in training too is no change.
    let mostly_four: Vec<f64> = (0..100).map(|at| if at < 90 { 4.0 } else { 3.0 }).collect();
    assert_eq!(of(Feature::TimeSignature, mostly_four, &|_| 4.0), (DriftLevel::Stable, None));
    let always = vec![4.0; 100];
    assert_eq!(of(Feature::TimeSignature, always.clone(), &|_| 4.0), (DriftLevel::Stable, None));
    assert_eq!(of(Feature::TimeSignature, always, &|_| 3.0).0, DriftLevel::Major);
}

/// Of tables drawn from the training rows themselves, hardly one is said to have changed, also with few values or few rows.
#[test]
fn chance_is_no_change() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let keys: Vec<f64> = (0..1200).map(|at| f64::from(at % 12)).collect();
    let skewed: Vec<f64> = (0..1200).map(|at| (f64::from(at) / 1200.0).powi(6)).collect();
    for (feature, values) in [(Feature::Key, keys), (Feature::Energy, even(1.0)), (Feature::Speechiness, skewed)] {
        let train = training(feature, &[(1960.0, values.clone()), (1970.0, values.clone())]);
        let scorer = scorer_of(&train);
        for rows in [50, 120, 1000] {
            let mut changed = 0;
            for _ in 0..200 {
                let rows: Vec<FeatureRow> =
                    (0..rows).map(|_| row(feature, values[rng.random_range(0..values.len())], 1970.0)).collect();
                let report = DriftReport::of(rows.iter(), scorer.artifact()).expect("a report");
                changed += report.changed().filter(|drift| drift.feature == feature).count();
            }
            assert!(changed <= 4, "{feature}: {changed} of 200 tables of {rows} rows");
        }
    }
}

#[test]
fn few_rows_and_missing_values_are_not_compared() {
    let train = training(Feature::Energy, &[(1960.0, even(1.0))]);
    let artifact = scorer_of(&train).artifact().clone();
    let rows = |count: usize, missing: usize| {
        let value = |at: usize| if at < missing { f64::NAN } else { 0.5 };
        (0..count).map(|at| row(Feature::Energy, value(at), 1960.0)).collect::<Vec<_>>()
    };
    assert_eq!(DriftReport::of(rows(49, 0).iter(), &artifact), None);
    assert_eq!(DriftReport::of([].iter(), &artifact), None);
    assert_eq!(DriftReport::of(rows(80, 31).iter(), &artifact), None);
    let report = DriftReport::of(rows(80, 30).iter(), &artifact).expect("a report");
    assert_eq!(report.features.iter().map(|it| (it.feature, it.values)).collect::<Vec<_>>(), [(Feature::Energy, 50)]);
    let many = DriftReport::of(rows(50_000, 0).iter(), &artifact).expect("a report");
    assert_eq!((many.rows, many.compared_rows), (50_000, 16_667));
}

#[test]
fn a_change_is_described() {
    let train = training(Feature::Energy, &[(1960.0, even(1.0))]);
    let rows: Vec<FeatureRow> = (0..100).map(|at| row(Feature::Energy, f64::from(at), 1960.0)).collect();
    let found = drift(&rows, Feature::Energy, &train);
    let text = found.describe();
    assert!(text.starts_with("energy: the values are far from those of training (PSI "), "{text}");
    assert!(text.ends_with("median 49.5 against 0.5); they look like percent; expected 0 to 1"), "{text}");
    let json = serde_json::to_value(&found).expect("JSON");
    assert_eq!(
        (&json["level"], &json["cause"], &json["feature"]),
        (&"major".into(), &"percent".into(), &"energy".into())
    );
}
