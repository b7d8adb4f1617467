//! What is odd in the tracks: repeats, contradictions, values outside their documented range.

use serde::Serialize;

use crate::track::{Feature, Range};

/// Repeats and contradictions among the tracks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// Distinct URIs.
    pub unique_uris: u64,
    /// Rows beyond the first of their URI and decade.
    pub rows_beyond_first_per_uri_and_decade: u64,
    /// (URI, decade) pairs that occur both as hit and as flop.
    pub uri_and_decade_with_both_labels: u64,
    /// URIs that occur in more than one decade.
    pub uris_in_several_decades: u64,
    /// URIs that occur both as hit and as flop, in whatever decade.
    pub uris_with_both_labels: u64,
    /// Rows whose fifteen audio values all occur in another row too.
    pub rows_whose_15_audio_values_occur_elsewhere: u64,
    /// Distinct artists.
    pub artists: u64,
    /// Share of the artists that have hits only or flops only.
    pub share_of_artists_with_one_label: f64,
    /// Share of the rows that are by such artists.
    pub share_of_rows_by_artists_with_one_label: f64,
}

/// Values of a feature that lie outside its documented range. They are kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OutOfRange {
    /// Which feature.
    pub feature: Feature,
    /// Its documented range.
    pub range: Range,
    /// Rows outside it.
    pub rows: u64,
    /// Least value outside it.
    pub least: f64,
    /// Greatest value outside it.
    pub greatest: f64,
}
