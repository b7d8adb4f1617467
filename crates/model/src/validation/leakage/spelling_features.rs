//! Spellings that go with one label, since hits and flops were listed by different sources.

use serde::Serialize;

use hitflop_core::track_id::TrackMetadata;

/// How often a spelling occurs, and how often with a hit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpellingFeature {
    /// `artist contains “Featuring”`.
    pub name: String,
    /// Tracks that have it.
    pub rows: u64,
    /// Hits among them.
    pub hits: u64,
    /// Their share; NaN of no track.
    pub hit_share: f64,
    /// That share over the share of hits among all tracks: 1 means no association with the label, 0 and great numbers a strong one.
    pub lift: f64,
}

/// Whether an artist and a title, in this order, are spelled so.
type SpellingTest = fn(&str, &str) -> bool;

const PATTERNS: [(&str, SpellingTest); 6] = [
    ("artist contains “Featuring”", |artist, _| artist.contains("Featuring")),
    ("title contains “ - ”", |_, title| title.contains(" - ")),
    ("title contains “Remaster”", |_, title| title.contains("Remaster")),
    ("title has letters beyond ASCII", |_, title| !title.is_ascii()),
    ("artist has letters beyond ASCII", |artist, _| !artist.is_ascii()),
    ("title contains “(”", |_, title| title.contains('(')),
];

/// Counts the known spellings.
pub(crate) fn patterns(identity: &TrackMetadata, targets: &[bool]) -> Vec<SpellingFeature> {
    let share = |hits: usize, rows: usize| hits as f64 / rows as f64;
    let base = share(targets.iter().filter(|&&hit| hit).count(), targets.len());
    let pattern = |(name, test): (&str, SpellingTest)| {
        let tracks = identity.artists.iter().zip(&identity.titles).zip(targets);
        let matching: Vec<bool> =
            tracks.filter(|((artist, title), _)| test(artist, title)).map(|(_, &hit)| hit).collect();
        let hits = matching.iter().filter(|&&hit| hit).count();
        SpellingFeature {
            name: name.to_owned(),
            rows: matching.len() as u64,
            hits: hits as u64,
            hit_share: share(hits, matching.len()),
            lift: share(hits, matching.len()) / base,
        }
    };
    PATTERNS.into_iter().map(pattern).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_counted_with_their_hits() {
        let texts = |texts: [&str; 4]| texts.map(str::to_owned).to_vec();
        let identity = TrackMetadata {
            titles: texts(["Song", "Song - Remastered 2009", "Canção", "Live - Take 2"]),
            artists: texts(["A Featuring B", "C", "D", "É"]),
            ..TrackMetadata::default()
        };
        let found = patterns(&identity, &[true, false, true, true]);
        let counts: Vec<(u64, u64)> = found.iter().map(|pattern| (pattern.rows, pattern.hits)).collect();
        assert_eq!(counts, [(1, 1), (2, 1), (1, 0), (1, 1), (1, 1), (0, 0)]);
        assert_eq!((found[1].hit_share, found[1].lift), (0.5, 0.5 / 0.75));
        assert!(found[5].lift.is_nan());
    }
}
