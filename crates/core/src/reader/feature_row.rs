//! The features of one track.

use crate::track::Feature;

/// Every feature in the order of [`Feature::ALL`], in its unit; NaN is missing.
pub type FeatureRow = [f64; Feature::ALL.len()];

/// The rule that a row without a value of any audio feature breaks.
pub const NO_AUDIO_RULE: &str = "A track needs a value of at least one of the audio features, the decade aside";

/// Whether a row has a value of any audio feature, without which there is no prediction.
pub fn has_audio(row: &FeatureRow) -> bool {
    row[..Feature::AUDIO.len()].iter().any(|value| !value.is_nan())
}

/// Whether a row has too few values: none of any audio feature or, unless values may be missing, none of one of `features`.
pub fn lacks_values(row: &FeatureRow, features: &[Feature], allow_missing: bool) -> bool {
    !has_audio(row) || (!allow_missing && features.iter().any(|feature| row[*feature as usize].is_nan()))
}
