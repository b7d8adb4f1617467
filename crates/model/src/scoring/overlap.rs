//! Which rows of a table are tracks of the data that a model learned from, so that scores on them are no test.

use std::collections::HashSet;

use crate::artifact::known_tracks::KnownTracks;
use hitflop_core::reader::{has_audio, FeatureRow};
use hitflop_core::track::Feature;

/// Number of audio features that a row needs to be recognised by its values alone.
const MIN_FEATURES: usize = 5;

/// Counts the `rows` that are known tracks: those with the same URI, or with the same value of every audio feature that any of the
/// rows has, in single precision. `uri` is empty where a row has none.
pub fn known_rows<'a>(known: &KnownTracks, rows: impl Iterator<Item = (&'a str, &'a FeatureRow)> + Clone) -> u64 {
    let features: Vec<usize> =
        (0..Feature::AUDIO.len()).filter(|&feature| rows.clone().any(|(_, row)| !row[feature].is_nan())).collect();
    let tracks = 0..known.labels.len();
    let uris: HashSet<&str> = tracks.clone().map(|track| known.uris.get(track)).filter(|uri| !uri.is_empty()).collect();
    let values: HashSet<Vec<u32>> = match features.len() < MIN_FEATURES {
        true => HashSet::new(),
        false => {
            let key = |track: usize| features.iter().map(|&feature| bits(known.features[feature][track])).collect();
            tracks.map(key).collect()
        }
    };
    let is_known = |(uri, row): &(&str, &FeatureRow)| {
        let key = || features.iter().map(|&feature| bits(row[feature] as f32)).collect::<Vec<u32>>();
        uris.contains(uri) || (has_audio(row) && !values.is_empty() && values.contains(&key()))
    };
    rows.filter(is_known).count() as u64
}

/// The bits of a value; the same for all NaN, and for both zeros.
fn bits(value: f32) -> u32 {
    match value {
        _ if value.is_nan() => f32::NAN.to_bits(),
        _ => (value + 0.0).to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::complete_grouped_tracks;

    #[test]
    fn rows_are_known_by_uri_or_by_all_values() {
        let tracks = complete_grouped_tracks(30);
        let known = KnownTracks::new(tracks.dataset(), tracks.identity(), &[], &[]).expect("known tracks");
        let row = |track: usize| -> FeatureRow {
            let mut row = [f64::NAN; Feature::ALL.len()];
            for (feature, value) in tracks.dataset().features().iter().zip(tracks.records().row(track)) {
                row[*feature as usize] = *value;
            }
            row
        };
        let other = [0.123; Feature::ALL.len()];
        let count = |rows: &[(&str, FeatureRow)]| known_rows(&known, rows.iter().map(|(uri, row)| (*uri, row)));
        assert_eq!(count(&[("", row(3)), ("", row(4)), ("", other)]), 2);
        assert_eq!(count(&[(tracks.identity().uris[7].as_str(), other), ("spotify:track:new", other)]), 1);
        let mut changed = row(3);
        changed[Feature::Tempo as usize] += 0.5;
        assert_eq!(count(&[("", changed)]), 0);
        // A few features tell no track from another.
        let mut bare = [f64::NAN; Feature::ALL.len()];
        bare[Feature::Key as usize] = row(3)[Feature::Key as usize];
        assert_eq!(count(&[("", bare)]), 0);
        assert_eq!(count(&[("", [f64::NAN; Feature::ALL.len()])]), 0);
    }
}
