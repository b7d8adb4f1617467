//! Who the tracks are: text and decade, beside the matrix and never in it.
//!
//! A text groups tracks, finds repeats and is measured as a leak. It can't become a feature: a [`super::dataset::Dataset`] has a
//! [`crate::track::Feature`] for every column, and no text column is one.

use std::collections::BTreeSet;

use crate::track::Decade;

/// Title, artist, URI and decade of each track; all of the same length. A missing text is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackMetadata {
    /// Titles.
    pub titles: Vec<String>,
    /// Artists, as they are spelled.
    pub artists: Vec<String>,
    /// Spotify URIs.
    pub uris: Vec<String>,
    /// Decades; none where it is not known.
    pub decades: Vec<Option<Decade>>,
}

impl TrackMetadata {
    /// Number of tracks.
    pub fn rows(&self) -> usize {
        self.decades.len()
    }

    /// Whether the decade of any track is known.
    pub fn has_decades(&self) -> bool {
        self.decades.iter().any(Option::is_some)
    }

    /// Whether the artist of any track is known.
    pub fn has_artists(&self) -> bool {
        self.artists.iter().any(|artist| !artist.is_empty())
    }

    /// The decades that occur, ascending.
    pub fn distinct_decades(&self) -> Vec<Decade> {
        let distinct: BTreeSet<Decade> = self.decades.iter().flatten().copied().collect();
        distinct.into_iter().collect()
    }

    /// The tracks of these row indices, in their order, without a copy of their texts.
    ///
    /// # Panics
    /// There is no such row. A row that is named twice has its texts once.
    pub fn into_rows(mut self, rows: &[usize]) -> TrackMetadata {
        let texts = |texts: &mut [String]| rows.iter().map(|&row| std::mem::take(&mut texts[row])).collect();
        TrackMetadata {
            titles: texts(&mut self.titles),
            artists: texts(&mut self.artists),
            uris: texts(&mut self.uris),
            decades: rows.iter().map(|&row| self.decades[row]).collect(),
        }
    }

    /// The tracks of these row indices, in their order.
    ///
    /// # Panics
    /// There is no such row.
    pub fn select(&self, rows: &[usize]) -> TrackMetadata {
        let texts = |texts: &[String]| rows.iter().map(|&row| texts[row].clone()).collect();
        TrackMetadata {
            titles: texts(&self.titles),
            artists: texts(&self.artists),
            uris: texts(&self.uris),
            decades: rows.iter().map(|&row| self.decades[row]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TrackMetadata;
    use crate::track::{Feature, TEXT_COLUMNS};

    #[test]
    fn texts_of_rows_are_moved() {
        let texts = |prefix: &str| (0..4).map(|row| format!("{prefix} {row}")).collect();
        let all = TrackMetadata {
            titles: texts("title"),
            artists: texts("artist"),
            uris: texts("uri"),
            decades: [1960, 1970, 1980, 1990].map(crate::track::Decade::from_year).to_vec(),
        };
        for rows in [&[0, 1, 2, 3][..], &[3, 1], &[]] {
            assert_eq!(all.clone().into_rows(rows), all.select(rows));
        }
    }

    #[test]
    fn no_text_column_is_a_feature() {
        assert!(TEXT_COLUMNS.iter().all(|column| Feature::from_name(column).is_none()));
    }
}
