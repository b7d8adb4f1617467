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

/// The text that a spelling is of.
#[derive(Clone, Copy)]
enum SpelledText {
    Artist,
    Title,
}

/// Name, text and test of a spelling.
type Spelling = (&'static str, SpelledText, fn(&str) -> bool);

const PATTERNS: [Spelling; 6] = [
    ("artist contains “Featuring”", SpelledText::Artist, |artist| artist.contains("Featuring")),
    ("title contains “ - ”", SpelledText::Title, |title| title.contains(" - ")),
    ("title contains “Remaster”", SpelledText::Title, |title| title.contains("Remaster")),
    ("title has letters beyond ASCII", SpelledText::Title, |title| !title.is_ascii()),
    ("artist has letters beyond ASCII", SpelledText::Artist, |artist| !artist.is_ascii()),
    ("title contains “(”", SpelledText::Title, |title| title.contains('(')),
];

/// Counts the known spellings of the texts that the tracks have.
pub(crate) fn patterns(identity: &TrackMetadata, targets: &[bool]) -> Vec<SpellingFeature> {
    let share = |hits: usize, rows: usize| hits as f64 / rows as f64;
    let base = share(targets.iter().filter(|&&hit| hit).count(), targets.len());
    let pattern = |(name, text, test): Spelling| {
        let texts = match text {
            SpelledText::Artist => &identity.artists,
            SpelledText::Title => &identity.titles,
        };
        if texts.iter().all(String::is_empty) {
            return None;
        }
        let matching: Vec<bool> =
            texts.iter().zip(targets).filter(|(text, _)| test(text)).map(|(_, &hit)| hit).collect();
        let hits = matching.iter().filter(|&&hit| hit).count();
        Some(SpellingFeature {
            name: name.to_owned(),
            rows: matching.len() as u64,
            hits: hits as u64,
            hit_share: share(hits, matching.len()),
            lift: share(hits, matching.len()) / base,
        })
    };
    PATTERNS.into_iter().filter_map(pattern).collect()
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
