//! The overview of the real files held against pandas, SciPy and scikit-learn (`tests/fixtures/make_overview.py`).

use hitflop_core::track::Feature;
use hitflop_data::explore::overview::DataOverview;
use serde_json::Value;

use super::{assert_close, number, real};

fn reference() -> Value {
    serde_json::from_str(include_str!("../fixtures/overview.json")).expect("the reference is JSON")
}

fn found(test: &str) -> Option<DataOverview> {
    let real = real(test)?;
    Some(DataOverview::of(&real.ingested.tracks, &real.columns, &[], &real.pearson).expect("an overview"))
}

#[test]
fn figures_of_the_features_are_pandas_and_scipys() {
    let Some(found) = found("figures_of_the_features_are_pandas_and_scipys") else { return };
    assert_eq!(found.features.len(), Feature::ALL.len());
    for profile in &found.features {
        let name = profile.feature.name();
        let expected = &reference()["features"][name];
        assert_eq!((profile.values, profile.missing.rows), (41_106, 0), "{name}");
        assert_eq!(expected["zeros"], profile.zeros.rows, "{name}");
        assert_eq!(expected["distinct"], profile.distinct, "{name}");
        assert_eq!(expected["skewness"].is_null(), profile.skewness.is_none(), "{name}");
        if let (Some(skewness), Some(fences), Some(outliers)) = (profile.skewness, profile.fences, profile.outliers) {
            assert_close(skewness, number(&expected["skewness"]), 1e-9, name);
            assert_close(fences[0], number(&expected["fences"][0]), 1e-12, name);
            assert_close(fences[1], number(&expected["fences"][1]), 1e-12, name);
            assert_eq!(expected["outliers"], outliers.rows, "{name}");
        }
        if let Some(drift) = profile.drift {
            assert_close(drift.psi, number(&expected["drift"]["psi"]), 1e-9, name);
            assert_eq!(expected["drift"]["from"], drift.from.year(), "{name}");
            assert_eq!(expected["drift"]["to"], drift.to.year(), "{name}");
        }
        assert_eq!(expected["drift"].is_null(), profile.drift.is_none(), "{name}");
        let counted: u64 = profile.histogram.flops.iter().chain(&profile.histogram.hits).sum();
        assert_eq!(counted, 41_106, "{name}: without a density, the bins hold all values");
    }
}

#[test]
fn information_of_the_pairs_is_scikit_learns_less_its_bias() {
    let Some(found) = found("information_of_the_pairs_is_scikit_learns_less_its_bias") else { return };
    let reference = reference();
    let expected = reference["pairs"].as_array().expect("a list");
    assert_eq!((found.pairs.ranked.len(), found.pairs.bins), (expected.len(), 10));
    for (pair, expected) in found.pairs.ranked.iter().zip(expected) {
        let names = pair.features.map(|feature| Value::from(feature.name()));
        assert_eq!(expected["features"], Value::from(names.to_vec()));
        assert_close(pair.nats, number(&expected["nats"]), 1e-9, "together");
        assert_close(pair.alone[0], number(&expected["alone"][0]), 1e-9, "first alone");
        assert_close(pair.alone[1], number(&expected["alone"][1]), 1e-9, "second alone");
    }
}

#[test]
fn artists_are_counted_as_by_pandas() {
    let Some(found) = found("artists_are_counted_as_by_pandas") else { return };
    let expected = &reference()["artists"];
    let artists = found.artists.expect("there are artists");
    assert_eq!(expected["artists"], artists.artists);
    assert_eq!(expected["frequent"], artists.frequent);
    assert_eq!(expected["only_hits"], artists.only_hits);
    assert_eq!(expected["only_flops"], artists.only_flops);
    assert_close(artists.share_by_chance, number(&expected["share_by_chance"]), 1e-9, "by chance");
    let tracks: Vec<Value> = artists.most_tracks.iter().map(|one| one.tracks.into()).collect();
    assert_eq!(expected["most_tracks"], Value::from(tracks));
    let hits: Vec<Value> = artists.most_hits.iter().map(|one| one.hits.into()).collect();
    assert_eq!(expected["most_hits"], Value::from(hits));
    assert_eq!(found.sample.len(), 12, "one row of each decade and label");
}
