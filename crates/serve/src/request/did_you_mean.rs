//! Fields that are no feature: known metadata is passed over, and a name that looks like a feature's is suggested.

use std::sync::LazyLock;

use serde_json::Value;
use strsim::{damerau_levenshtein, jaro_winkler};

use super::faults::Detail;
use hitflop_core::track::Feature;

/// Maximum number of bytes of an unknown field's name that is compared with features' names.
pub const MAX_NAME_BYTES: usize = 64;

/// Fields that come along with audio features, of Spotify, ReccoBeats and the decade files. In the order of bytes.
const METADATA: [&str; 32] = [
    "album",
    "analysis_url",
    "artist",
    "artists",
    "audio_features",
    "available_markets",
    "content",
    "disc_number",
    "ean",
    "explicit",
    "external_ids",
    "external_urls",
    "genre",
    "genres",
    "href",
    "id",
    "index",
    "isrc",
    "label",
    "name",
    "popularity",
    "preview_url",
    "release_date",
    "source",
    "target",
    "title",
    "track",
    "track_href",
    "track_number",
    "type",
    "uri",
    "year",
];

/// Minimum similarity (Jaro-Winkler, 0 to 1) of a misspelt name.
const MIN_SIMILARITY: f64 = 0.88;
/// Maximum number of letters added, left out, changed or swapped in a misspelt name.
const MAX_EDIT_DISTANCE: usize = 2;
/// Minimum number of letters of a misspelt name for each edit.
const EDITS_PER_LETTER: usize = 3;

/// Whether the name of a field that is no feature may be a misspelt feature's.
pub fn is_unknown(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES && !is_metadata(name)
}

/// Whether a field is known and has nothing to do with features.
fn is_metadata(name: &str) -> bool {
    METADATA.binary_search(&name).is_ok()
}

/// The feature whose name `name` looks like: the same but for case and separators (`durationMs`, `Time Signature`), or but
/// for a few letters (`danceabilty`).
pub fn feature(name: &str) -> Option<Feature> {
    static PLAIN: LazyLock<[String; Feature::ALL.len()]> =
        LazyLock::new(|| Feature::ALL.map(|feature| plain(feature.name())));
    let name = plain(name);
    if name.len() < 3 {
        return None;
    }
    let similarities = PLAIN.iter().map(|plain| jaro_winkler(&name, plain));
    let best = Feature::ALL.into_iter().zip(similarities).max_by(|(_, a), (_, b)| a.total_cmp(b));
    let (best, similarity) = best?;
    let edits = damerau_levenshtein(&name, &PLAIN[best as usize]);
    let is_close = edits <= MAX_EDIT_DISTANCE && edits * EDITS_PER_LETTER <= name.len();
    (is_close || similarity >= MIN_SIMILARITY).then_some(best)
}

/// A fault at `loc` of a field that is no feature, if its name looks like one; `input` is the value that was sent under it.
pub fn fault(name: &str, loc: Vec<Value>, input: &Value) -> Option<Detail> {
    let feature = if is_unknown(name) { feature(name)? } else { return None };
    Some(unknown_field(name, feature, loc, input))
}

/// A fault at `loc` of a field whose name looks like that of `feature`.
pub fn unknown_field(name: &str, feature: Feature, loc: Vec<Value>, input: &Value) -> Detail {
    let rule = format!("{name:?} is no feature; did you mean {:?}?", feature.name());
    Detail::new("unknown_field", loc, rule, input)
}

/// The one of `known` that `name` looks like.
pub fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = plain(name);
    let edits = |other: &str| damerau_levenshtein(&name, &plain(other));
    let best = known.iter().copied().min_by_key(|other| edits(other))?;
    (edits(best) <= MAX_EDIT_DISTANCE && edits(best) * EDITS_PER_LETTER <= name.len()).then_some(best)
}

/// Letters and digits only, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_features_are_recognised() {
        for (name, expected) in [
            ("danceabilty", Feature::Danceability),
            ("Energy", Feature::Energy),
            ("durationMs", Feature::DurationMs),
            ("duration", Feature::DurationMs),
            ("time signature", Feature::TimeSignature),
            ("timesignature", Feature::TimeSignature),
            ("accousticness", Feature::Acousticness),
            ("loudnes", Feature::Loudness),
            ("chorus-hit", Feature::ChorusHit),
            ("section", Feature::Sections),
            ("tempoo", Feature::Tempo),
            ("decad", Feature::Decade),
        ] {
            assert_eq!(feature(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn misspelt_words_are_recognised_among_few() {
        let known = ["explain", "what_if"];
        for (name, expected) in [("explan", "explain"), ("Explain", "explain"), ("whatif", "what_if")] {
            assert_eq!(closest(name, &known), Some(expected), "{name}");
        }
        for name in ["", "x", "plain", "limit", "if"] {
            assert_eq!(closest(name, &known), None, "{name}");
        }
    }

    #[test]
    fn other_fields_are_not() {
        assert!(METADATA.is_sorted());
        for name in METADATA {
            assert!(is_metadata(name));
            assert_eq!(feature(name), None, "{name}");
        }
        for name in ["", "x", "no", "user", "playlist", "comment", "bpm", "added_at", "曲名"] {
            assert!(!is_metadata(name));
            assert_eq!(feature(name), None, "{name}");
        }
    }
}
