use super::*;

/// A row with these values; the other features are missing.
fn row(values: &[(Feature, f64)]) -> FeatureRow {
    let mut row = [f64::NAN; Feature::ALL.len()];
    values.iter().for_each(|(feature, value)| row[*feature as usize] = *value);
    row
}

fn rows(count: usize, shift: f64) -> Vec<FeatureRow> {
    let value = |index: usize| (index * 37 % 101) as f64 / 101.0;
    (0..count)
        .map(|index| {
            let key = (index % 12) as f64;
            row(&[(Feature::Energy, value(index) + shift), (Feature::Tempo, 100.0 + value(index)), (Feature::Key, key)])
        })
        .collect()
}

fn table(rows: &[FeatureRow]) -> ComparedTable<'_> {
    ComparedTable { rows, labels: None, artists: None, uris: None }
}

fn compared(tables: [ComparedTable; 2]) -> TableComparison {
    TableComparison::of(tables, &Feature::ALL, &TableGroups::of(tables, 40, 1))
}

#[test]
fn a_shift_is_found_where_it_is() {
    let (a, b) = (rows(400, 0.0), rows(300, 0.5));
    let found = compared([table(&a), table(&b)]);
    assert_eq!((found.rows, found.resampled, found.resamples), ([400, 300], ResampledUnit::Rows, 40));
    assert_eq!(
        found.features.iter().map(|of| of.feature).collect::<Vec<_>>(),
        [Feature::Energy, Feature::Key, Feature::Tempo]
    );
    let psi = |index: usize| found.features[index].distances.psi.expect("many rows").value;
    assert!(psi(0) > 0.5 && psi(1) < 0.1 && psi(2) < 0.1, "{found:?}");
    let energy = &found.features[0];
    let shift = energy.means[1].zip(energy.means[0]).map(|(b, a)| b - a).expect("means");
    let wasserstein = energy.distances.wasserstein.expect("a quantity").value;
    // Of a distribution that is moved, the distance is the difference of the means.
    assert!((wasserstein - shift).abs() < 1e-9, "{wasserstein} {shift}");
    assert!(found.hit_share.is_none() && found.artists.is_none() && found.uris.is_none());
    assert!(found.correlation_changes[0].difference().abs() < 0.1);
}

#[test]
fn a_table_does_not_differ_from_itself() {
    let rows = rows(200, 0.0);
    let artists: Vec<String> = (0..200).map(|row| format!("artist {}", row / 4)).collect();
    let labels: Vec<Option<bool>> = (0..200).map(|row| Some(row % 3 == 0)).collect();
    let table = ComparedTable { rows: &rows, labels: Some(&labels), artists: Some(&artists), uris: Some(&artists) };
    let found = compared([table, table]);
    assert_eq!(found.resampled, ResampledUnit::Artists);
    assert_eq!(found.artists, Some(SharedNames { of_each: [50, 50], of_both: 50 }));
    assert!(found.hit_share.is_some_and(|share| share.difference() == Some(0.0)));
    for feature in &found.features {
        let psi = feature.distances.psi.expect("many rows");
        assert_eq!((psi.value, psi.interval.map(|interval| interval.high)), (0.0, Some(0.0)));
        assert_eq!(feature.missing.difference(), Some(0.0));
    }
    assert!(found.correlation_changes.iter().all(|change| change.difference() == 0.0));
    assert_eq!(found.correlations[0].names, ["energy", "key", "tempo", "target"]);
}

#[test]
fn a_feature_of_one_table_is_listed_and_not_correlated() {
    let a = rows(50, 0.0);
    let b: Vec<FeatureRow> =
        a.iter().map(|values| row(&[(Feature::Energy, values[Feature::Energy as usize])])).collect();
    let found = compared([table(&a), table(&b)]);
    let tempo = &found.features[2];
    assert!(tempo.is_in_one_table() && tempo.missing.difference() == Some(1.0), "{tempo:?}");
    assert!(tempo.distances.psi.is_some_and(|psi| psi.value > 10.0) && tempo.distances.wasserstein.is_none());
    assert_eq!(found.correlations[0].names, ["energy"]);
}

#[test]
fn few_rows_and_constants_are_undefined_and_finite() {
    for count in [0, 1, 9, 10] {
        let some = vec![row(&[(Feature::Energy, 0.5), (Feature::Mode, 1.0)]); count];
        let found = compared([table(&some), table(&some)]);
        for feature in &found.features {
            assert_eq!(feature.distances.psi.is_some(), count >= 10, "{count}");
            assert_eq!(feature.distances.wasserstein_in_deviations, None);
        }
        let json = serde_json::to_string(&found.features).expect("JSON");
        assert!(!json.contains("NaN"), "{json}");
        assert!(found.densities.iter().all(|density| density.grid.iter().all(|point| point.is_finite())));
    }
}
