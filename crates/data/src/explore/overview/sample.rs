//! A few rows of the data, for a look at what they are.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::explore::columns::Columns;
use hitflop_core::track::{Decade, Feature, Label};

/// Rows of each label, if they can be shared out evenly among its decades.
const ROWS_PER_LABEL: usize = 6;

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SampleRow {
    /// Number of the row in the union of the files, from 1.
    pub row: u64,
    /// Title, if it has one.
    pub title: Option<String>,
    /// Artist, if it has one.
    pub artist: Option<String>,
    /// Spotify URI, if it has one.
    pub uri: Option<String>,
    /// Decade, if it is known.
    pub decade: Option<Decade>,
    /// Label.
    pub label: Label,
    /// The audio features of which a track has a value, and the value of this one; NaN if it is missing.
    pub values: Vec<(Feature, f64)>,
}

/// Rows that are evenly spaced, in the order of the union, among those of each decade and label: as many of each decade as give about
/// six of each label, at least one. By decade, flops before hits.
pub(super) fn places(columns: &Columns) -> Vec<usize> {
    let mut groups: BTreeMap<(Option<Decade>, Label), Vec<usize>> = BTreeMap::new();
    for (row, key) in columns.decades.iter().copied().zip(columns.labels.iter().copied()).enumerate() {
        groups.entry(key).or_default().push(row);
    }
    let decades = Label::BOTH.map(|label| groups.keys().filter(|(_, own)| *own == label).count());
    let chosen = groups.iter().flat_map(|((_, label), rows)| {
        let count = (ROWS_PER_LABEL / decades[*label as usize]).clamp(1, rows.len());
        // The middles of equal parts.
        (0..count).map(move |part| rows[(2 * part + 1) * rows.len() / (2 * count)])
    });
    chosen.collect()
}

/// The rows at these places; `name` gives title, artist and URI.
pub(super) fn rows<'a>(
    columns: &Columns,
    places: &[usize],
    name: impl Fn(usize) -> [Option<&'a str>; 3],
) -> Vec<SampleRow> {
    let features = columns.known_features().into_iter().filter(|feature| *feature != Feature::Decade);
    let features: Vec<Feature> = features.collect();
    let row = |&row: &usize| {
        let [title, artist, uri] = name(row).map(|text| text.map(str::to_owned));
        SampleRow {
            row: row as u64 + 1,
            title,
            artist,
            uri,
            decade: columns.decades[row],
            label: columns.labels[row],
            values: features.iter().map(|&feature| (feature, columns.column(feature)[row])).collect(),
        }
    };
    places.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(rows: &[(i32, Label)]) -> Columns {
        let mut features = vec![vec![f64::NAN; rows.len()]; Feature::ALL.len()];
        features[Feature::Energy as usize] = (0..rows.len()).map(|row| row as f64).collect();
        Columns {
            features,
            decades: rows.iter().map(|(year, _)| Decade::from_year(*year)).collect(),
            labels: rows.iter().map(|(_, label)| *label).collect(),
        }
    }

    #[test]
    fn rows_are_spread_over_decades_and_labels() {
        use Label::{Flop, Hit};
        let rows: Vec<(i32, Label)> =
            (0..40).map(|row| (1960 + 10 * (row / 20), [Flop, Hit][row as usize % 2])).collect();
        let places = places(&columns(&rows));
        assert_eq!(places, [2, 10, 16, 3, 11, 17, 22, 30, 36, 23, 31, 37]);
    }

    #[test]
    fn without_decades_and_with_few_rows_all_are_chosen_at_most_once() {
        use Label::{Flop, Hit};
        let found = places(&columns(&[(0, Hit), (0, Flop), (0, Hit)]));
        assert_eq!(found, [1, 0, 2]);
        assert!(places(&columns(&[])).is_empty());
        let many: Vec<(i32, Label)> = (0..100).map(|row| (1930 + 10 * (row % 10), Hit)).collect();
        assert_eq!(places(&columns(&many)).len(), 10);
    }

    #[test]
    fn a_row_has_its_names_and_the_features_that_there_are() {
        let columns = columns(&[(1960, Label::Hit), (0, Label::Flop)]);
        let found = rows(&columns, &[1, 0], |row| [Some("Title"), (row == 0).then_some("Artist"), None]);
        assert_eq!((found[0].row, found[0].decade, found[0].artist.as_deref()), (2, None, None));
        assert_eq!((found[1].label, found[1].artist.as_deref()), (Label::Hit, Some("Artist")));
        assert_eq!(found[0].values, [(Feature::Energy, 1.0)]);
    }
}
