//! Why values lie where no track's do: most often another unit.

use serde::Serialize;

use hitflop_core::track::{Feature, FeatureRange};

/// Shortest length of a track in milliseconds that is not taken for seconds.
const SHORTEST_MS: f64 = 10_000.0;
/// Shortest length of a track in seconds.
const SHORTEST_S: f64 = 20.0;
/// Least value that is more likely a percentage than a wrong number, where a fraction is expected.
const LEAST_PERCENT: f64 = 10.0;
/// A value above 1 by less than this is 1 with a rounding error.
const ROUNDING: f64 = 1e-9;

/// The likely cause of unlikely values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LikelyCause {
    /// Percent where a fraction is expected.
    Percent,
    /// Seconds where milliseconds are expected.
    Seconds,
    /// Loudness from 0 to 1 where decibels are expected.
    NormalisedLoudness,
    /// Decibels without the minus sign.
    MissingSign,
    /// Every value is the same.
    Constant,
    /// The values are higher or lower than in training, as another provider's are.
    Shifted,
}

impl LikelyCause {
    /// In words, after "it" or "they".
    pub fn describe(self) -> &'static str {
        match self {
            LikelyCause::Percent => "like percent; expected 0 to 1",
            LikelyCause::Seconds => "like seconds; expected milliseconds",
            LikelyCause::NormalisedLoudness => "like a loudness from 0 to 1; expected decibels, -60 to 0",
            LikelyCause::MissingSign => "like decibels without the minus sign; expected -60 to 0",
            LikelyCause::Constant => "constant",
            LikelyCause::Shifted => "shifted, as values of another provider are",
        }
    }

    /// The unit that a single value of `feature` seems to have, if it is another one than the documented. A few percent alone are no
    /// reason: they may as well be a wrong number.
    pub(super) fn of_value(feature: Feature, value: f64) -> Option<LikelyCause> {
        LikelyCause::of_value_in_column(feature, value)
            .filter(|cause| *cause != LikelyCause::Percent || value > LEAST_PERCENT)
    }

    /// The unit that a value of `feature` may have in a column of another unit than the documented.
    pub(super) fn of_value_in_column(feature: Feature, value: f64) -> Option<LikelyCause> {
        let is_share = !feature.is_whole() && feature.info().range == FeatureRange::Within(0.0, 1.0);
        match feature {
            _ if is_share => (value > 1.0 + ROUNDING && value <= 100.0).then_some(LikelyCause::Percent),
            Feature::DurationMs => (SHORTEST_S..SHORTEST_MS).contains(&value).then_some(LikelyCause::Seconds),
            Feature::Loudness if value > 0.0 && value <= 1.0 => Some(LikelyCause::NormalisedLoudness),
            Feature::Loudness if value > 1.0 && value <= 60.0 => Some(LikelyCause::MissingSign),
            _ => None,
        }
    }

    /// Whether a value is outside the documented range by more than a rounding error.
    pub(super) fn is_outside(feature: Feature, value: f64) -> bool {
        let range = feature.info().range;
        !range.contains(value) && !range.contains(value - ROUNDING) && !range.contains(value + ROUNDING)
    }
}
