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
    use crate::track::{Feature, TEXT_COLUMNS};

    #[test]
    fn no_text_column_is_a_feature() {
        assert!(TEXT_COLUMNS.iter().all(|column| Feature::from_name(column).is_none()));
    }
}
