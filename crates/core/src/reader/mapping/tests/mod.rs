//! Made-up tables: ten tracks in each schema in circulation, and the tables that must be refused.

mod labels;
mod refusals;
mod rows;
mod schemas;
mod units;

use super::*;
use crate::error::{Place, Result};
use crate::reader::{Cell, FeatureRow, Table};

/// A table of texts; an empty text is an empty field.
pub(super) struct TextTable {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table for TextTable {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        Cell::Text(&self.rows[row][column])
    }
}

/// A table from a header and lines, separated by bars.
fn table(header: &str, lines: &[&str]) -> TextTable {
    let split = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<String>>();
    let rows: Vec<Vec<String>> = lines.iter().map(|line| split(line)).collect();
    let names = split(header);
    assert!(rows.iter().all(|row| row.len() == names.len()));
    TextTable { names, rows }
}

fn decide(table: &TextTable) -> Result<ColumnMapping> {
    decide_with(table, &MappingOptions::default())
}

fn decide_with(table: &TextTable, options: &MappingOptions) -> Result<ColumnMapping> {
    ColumnMapping::decide(table, options, &Place::file("tracks.csv"), None)
}

/// Values of a feature, row by row.
fn values(mapping: &ColumnMapping, table: &TextTable, feature: Feature) -> Vec<f64> {
    (0..table.rows())
        .map(|row| {
            let reading = mapping.row(table, row);
            assert_eq!(reading.faults, [], "row {row}");
            reading.values[feature as usize]
        })
        .collect()
}

/// A made-up track.
struct ExampleTrack {
    row: FeatureRow,
    year: i32,
}

/// Ten tracks, with two decimals where a feature is from 0 to 1, and lengths of whole seconds.
fn examples() -> Vec<ExampleTrack> {
    let years = [1961, 1968, 1973, 1979, 1984, 1988, 1991, 1999, 2003, 2017];
    let of = |(index, year): (usize, i32)| {
        let step = |times: usize, add: usize| ((index * times + add) % 97) as f64 / 100.0;
        let mut row = [f64::NAN; Feature::ALL.len()];
        let set = [
            (Feature::Danceability, 0.03 + step(37, 11)),
            (Feature::Energy, 0.02 + step(29, 60)),
            (Feature::Key, ((index * 7) % 12) as f64),
            (Feature::Loudness, -3.0 - (index * 2) as f64),
            (Feature::Mode, f64::from(u8::from(index % 3 != 1))),
            (Feature::Speechiness, 0.03 + (index % 5) as f64 / 100.0),
            (Feature::Acousticness, step(53, 7)),
            (Feature::Instrumentalness, if index == 4 { 0.63 } else { 0.0 }),
            (Feature::Liveness, 0.05 + step(11, 3) / 2.0),
            (Feature::Valence, step(41, 30)),
            (Feature::Tempo, 80.0 + (index * 9) as f64),
            (Feature::DurationMs, (150 + index * 17) as f64 * 1000.0),
            (Feature::TimeSignature, if index == 7 { 3.0 } else { 4.0 }),
            (Feature::Decade, f64::from(year - year % 10)),
        ];
        for (feature, value) in set {
            let is_share = feature.info().range == crate::track::FeatureRange::Within(0.0, 1.0);
            row[feature as usize] = if is_share { (value * 100.0).round() / 100.0 } else { value };
        }
        ExampleTrack { row, year }
    };
    years.into_iter().enumerate().map(of).collect()
}
