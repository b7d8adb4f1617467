//! What a profile must be, so that a sample can be drawn from it.

use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Decade, Feature, FeatureKind, Label};

use super::cell::{ArtistProfile, CellProfile};
use super::margin::MarginalDistribution;

/// Rows a profile may have: far above any collection of tracks, far below what fills the memory.
const MAX_PROFILE_ROWS: u64 = 10_000_000;

/// Where a fault is, and how to say it.
#[derive(Clone)]
struct ProfilePosition(Place);

impl ProfilePosition {
    /// `Ok`, if the rule holds; otherwise a fault with the value that breaks it.
    fn hold(&self, holds: bool, rule: impl Into<String>, value: impl ToString) -> Result<()> {
        if holds {
            Ok(())
        } else {
            self.broken(rule, value)
        }
    }

    fn broken(&self, rule: impl Into<String>, value: impl ToString) -> Result<()> {
        Err(Error::input(Fault::new(self.0.clone(), Reason::Setting, rule).found(value.to_string())))
    }

    fn column(&self, name: impl Into<String>) -> ProfilePosition {
        ProfilePosition(self.0.clone().column(name))
    }
}

/// Whether the profile called `name` holds together: its first fault, if not.
pub(super) fn profile(name: &str, levels: &[f64], artists: ArtistProfile, cells: &[CellProfile]) -> Result<()> {
    let at = ProfilePosition(Place::file(name));
    self::levels(&at.column("levels"), levels)?;
    at.hold(!cells.is_empty(), "expected at least one decade and label", "none")?;
    let rows = cells.iter().fold(0, |sum: u64, cell| sum.saturating_add(cell.rows));
    at.hold(rows <= MAX_PROFILE_ROWS, format!("expected at most {MAX_PROFILE_ROWS} rows"), rows)?;
    for (index, checked) in cells.iter().enumerate() {
        let here = ProfilePosition(Place::file(format!("{name}, {} {}", checked.decade, checked.label)));
        let earlier = &cells[..index];
        let repeated = earlier.iter().any(|other| (other.decade, other.label) == (checked.decade, checked.label));
        here.hold(!repeated, "expected each decade and label once", "a second one")?;
        cell(&here, checked, levels.len())?;
    }
    self::artists(&at.column("artists"), artists, cells)
}

fn levels(at: &ProfilePosition, levels: &[f64]) -> Result<()> {
    let ends = (levels.first(), levels.last());
    at.hold(ends == (Some(&0.0), Some(&1.0)) && levels.len() > 1, "expected levels from 0 to 1", format!("{ends:?}"))?;
    match levels.windows(2).find(|pair| pair[0].is_nan() || pair[1].is_nan() || pair[0] >= pair[1]) {
        Some(pair) => at.broken("expected ascending levels", format!("{} before {}", pair[0], pair[1])),
        None => Ok(()),
    }
}

fn cell(at: &ProfilePosition, cell: &CellProfile, levels: usize) -> Result<()> {
    let year = cell.decade.year();
    at.hold(Decade::from_year(year).is_some(), "expected a decade from 1930 to 2020", year)?;
    at.hold(cell.rows > 0, "expected at least one row", cell.rows)?;
    at.hold((1..=cell.rows).contains(&cell.artists), "expected from 1 to as many artists as rows", cell.artists)?;
    at.hold(cell.repeats < cell.rows, "expected fewer repeats than rows", cell.repeats)?;
    for feature in Feature::AUDIO {
        match cell.features.get(feature) {
            Some(found) => margin(&at.column(feature.name()), feature.info().kind, found, cell.rows, levels)?,
            None => at.broken("expected a distribution of each audio feature", format!("none of {feature}"))?,
        }
    }
    at.hold(cell.features.len() == Feature::AUDIO.len(), "expected audio features only", Feature::Decade)?;
    margin(&at.column("section_length"), FeatureKind::Continuous, &cell.section_length, cell.rows, levels)?;
    correlation(&at.column("correlation"), &cell.correlation)
}

fn margin(
    at: &ProfilePosition,
    kind: FeatureKind,
    margin: &MarginalDistribution,
    rows: u64,
    levels: usize,
) -> Result<()> {
    match margin {
        MarginalDistribution::Quantiles { zeros, values } => {
            at.hold(kind != FeatureKind::Category, "expected counts of a category", "quantiles")?;
            quantiles(at, *zeros, values, rows, levels)
        }
        MarginalDistribution::Counts(counts) => {
            at.hold(
                kind != FeatureKind::Continuous,
                "expected quantiles of a number that may be no whole one",
                "counts",
            )?;
            self::counts(at, counts, rows)
        }
    }
}

fn quantiles(at: &ProfilePosition, zeros: u64, values: &[f64], rows: u64, levels: usize) -> Result<()> {
    at.hold(zeros <= rows, format!("expected at most {rows} zeros, as there are rows"), zeros)?;
    if zeros == rows && values.is_empty() {
        return Ok(());
    }
    at.hold(values.len() == levels, format!("expected {levels} quantiles, as there are levels"), values.len())?;
    if let Some(value) = values.iter().find(|value| !value.is_finite()) {
        at.broken("expected finite quantiles", value)?;
    }
    if let Some(pair) = values.windows(2).find(|pair| pair[0] > pair[1]) {
        at.broken("expected quantiles that do not fall", format!("{} before {}", pair[0], pair[1]))?;
    }
    at.hold(zeros == 0 || values[0] >= 0.0, "expected no negative quantile beside zeros", values[0])
}

fn counts(at: &ProfilePosition, counts: &[(i32, u64)], rows: u64) -> Result<()> {
    if let Some(pair) = counts.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
        at.broken("expected ascending values", format!("{} before {}", pair[0].0, pair[1].0))?;
    }
    let total = counts.iter().fold(0, |sum: u64, &(_, count)| sum.saturating_add(count));
    at.hold(total == rows, format!("expected counts that add up to {rows}, the rows"), total)
}

fn correlation(at: &ProfilePosition, lines: &[Vec<f64>]) -> Result<()> {
    let expected = Feature::AUDIO.len() - 1;
    at.hold(lines.len() == expected, format!("expected {expected} lines"), lines.len())?;
    for (index, line) in lines.iter().enumerate() {
        let entries = index + 1;
        at.hold(line.len() == entries, format!("expected {entries} entries in line {entries}"), line.len())?;
        if let Some(rho) = line.iter().find(|rho| !(-1.0..=1.0).contains(*rho)) {
            at.broken("expected correlations from -1 to 1", rho)?;
        }
    }
    Ok(())
}

fn artists(at: &ProfilePosition, artists: ArtistProfile, cells: &[CellProfile]) -> Result<()> {
    for label in Label::BOTH {
        let of_label = || cells.iter().filter(|cell| cell.label == label).map(|cell| cell.artists);
        let (least, most) = (of_label().max().unwrap_or(0), of_label().sum());
        let rule = format!("expected from {least} to {most} artists of a {label}, as the decades have");
        at.hold((least..=most).contains(&artists.of(label)), rule, artists.of(label))?;
    }
    let (least, most) = (artists.flops.max(artists.hits), artists.flops + artists.hits);
    let rule = format!("expected from {least} to {most} artists in total");
    at.hold((least..=most).contains(&artists.total), rule, artists.total)
}

#[cfg(test)]
mod tests {
    use serde_json::{json, Value};

    use super::super::profile::SampleProfile;

    /// The least profile there is: two rows of one decade and label.
    fn valid() -> Value {
        let quantiles = json!({"quantiles": {"zeros": 0, "values": [0.25, 0.5]}});
        let counts = json!({"counts": [[0, 1], [1, 1]]});
        let features = json!({
            "danceability": quantiles, "energy": quantiles, "key": counts, "loudness": quantiles, "mode": counts,
            "speechiness": quantiles, "acousticness": quantiles, "instrumentalness": quantiles, "liveness": quantiles,
            "valence": quantiles, "tempo": quantiles, "duration_ms": quantiles, "time_signature": counts,
            "chorus_hit": quantiles, "sections": counts,
        });
        let correlation: Vec<Vec<f64>> = (1..15).map(|entries| vec![0.5; entries]).collect();
        json!({
            "version": 1, "levels": [0.0, 1.0], "artists": {"total": 2, "flops": 2, "hits": 0},
            "cells": [{
                "decade": 1960, "label": "flop", "rows": 2, "artists": 2, "repeats": 0,
                "features": features, "section_length": quantiles, "correlation": correlation,
            }],
        })
    }

    fn message(profile: &Value) -> String {
        match SampleProfile::parse("p.json", &profile.to_string()) {
            Ok(_) => "valid".to_owned(),
            Err(error) => {
                assert!(error.is_input());
                error.to_string()
            }
        }
    }

    #[test]
    fn the_least_profile_is_valid() {
        assert_eq!(message(&valid()), "valid");
    }

    #[test]
    fn each_fault_says_place_rule_and_value() {
        let cell = "/cells/0";
        let cases = [
            ("/version", json!(2), r#"p.json: expected version 1 of the profile format, found "2""#),
            ("/version", json!("x"), "p.json: expected a profile as `hitflop profile` writes it: invalid type"),
            ("/levels", json!([0.0, 0.5]), "p.json, column levels: expected levels from 0 to 1"),
            ("/levels", json!([]), "p.json, column levels: expected levels from 0 to 1"),
            ("/levels", json!([0.0, 0.5, 0.5, 1.0]), r#"expected ascending levels, found "0.5 before 0.5""#),
            ("/cells", json!([]), "p.json: expected at least one decade and label"),
            ("/artists/total", json!(5), r#"artists: expected from 2 to 2 artists in total, found "5""#),
            ("/artists/hits", json!(1), r#"expected from 0 to 0 artists of a hit, as the decades have, found "1""#),
            ("/artists/flops", json!(1), r#"expected from 2 to 2 artists of a flop, as the decades have, found "1""#),
            ("decade", json!(1965), r#"p.json, 1965s flop: expected a decade from 1930 to 2020, found "1965""#),
            ("label", json!("smash"), "unknown variant `smash`"),
            ("rows", json!(0), "p.json, 1960s flop: expected at least one row"),
            ("rows", json!(u64::MAX), "p.json: expected at most 10000000 rows"),
            ("artists", json!(3), r#"expected from 1 to as many artists as rows, found "3""#),
            ("repeats", json!(2), r#"expected fewer repeats than rows, found "2""#),
            ("features/energy", json!({"counts": [[0, 2]]}), "column energy: expected quantiles"),
            (
                "features/key",
                json!({"quantiles": {"zeros": 0, "values": [0, 1]}}),
                "key: expected counts of a category",
            ),
            (
                "features/key",
                json!({"counts": [[0, 1]]}),
                r#"key: expected counts that add up to 2, the rows, found "1""#,
            ),
            ("features/key", json!({"counts": [[1, 1], [1, 1]]}), r#"expected ascending values, found "1 before 1""#),
            ("features/energy/quantiles/zeros", json!(3), r#"energy: expected at most 2 zeros"#),
            ("features/energy/quantiles/zeros", json!(-1), "invalid value: integer `-1`"),
            (
                "features/energy/quantiles/values",
                json!([0.1]),
                r#"expected 2 quantiles, as there are levels, found "1""#,
            ),
            (
                "features/energy/quantiles/values",
                json!([0.2, 0.1]),
                r#"quantiles that do not fall, found "0.2 before 0.1""#,
            ),
            ("section_length/quantiles/values", json!([]), "1960s flop, column section_length: expected 2 quantiles"),
            ("correlation", json!([[0.5]]), r#"column correlation: expected 14 lines, found "1""#),
            ("correlation/1", json!([0.5]), r#"expected 2 entries in line 2, found "1""#),
            ("correlation/1", json!([0.5, 1.5]), r#"expected correlations from -1 to 1, found "1.5""#),
        ];
        for (place, value, expected) in cases {
            let mut profile = valid();
            let path = if place.starts_with('/') { place.to_owned() } else { format!("{cell}/{place}") };
            *profile.pointer_mut(&path).unwrap_or_else(|| panic!("{path}")) = value;
            let message = message(&profile);
            assert!(message.contains(expected), "{path}: {message}");
        }
    }

    #[test]
    fn what_is_missing_double_or_unknown_is_a_fault() {
        let mut missing = valid();
        missing["cells"][0]["features"].as_object_mut().unwrap().remove("tempo");
        assert!(message(&missing).contains(r#"expected a distribution of each audio feature, found "none of tempo""#));

        let mut twice = valid();
        let cell = twice["cells"][0].clone();
        twice["cells"].as_array_mut().unwrap().push(cell);
        assert!(message(&twice).contains("1960s flop: expected each decade and label once"));

        let mut decade = valid();
        decade["cells"][0]["features"]["decade"] = decade["cells"][0]["features"]["key"].clone();
        assert!(message(&decade).contains("expected audio features only"));

        let mut unknown = valid();
        unknown["titles"] = json!(["x"]);
        assert!(message(&unknown).contains("unknown field `titles`"));
    }
}
