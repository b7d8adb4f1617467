//! The features of one track.

use crate::track::Feature;

/// Every feature in the order of [`Feature::ALL`], in its unit; NaN is missing.
pub type FeatureRow = [f64; Feature::ALL.len()];

/// Whether a row has a value of any audio feature, without which there is no prediction.
pub fn has_audio(row: &FeatureRow) -> bool {
    row[..Feature::AUDIO.len()].iter().any(|value| !value.is_nan())
}
