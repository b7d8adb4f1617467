//! Words for contributions, rows and values of tracks.

use crate::format::{self, fixed};
use hitflop_core::track::Feature;
use hitflop_model::explain::global::HeldOutKind;
use hitflop_model::explain::local::ContributionScale;

/// What the rows are called, after a number: `test tracks by artists not in training`.
pub(crate) fn of_rows(basis: HeldOutKind) -> &'static str {
    match basis {
        HeldOutKind::UnseenArtists => "test tracks by artists not in training",
        HeldOutKind::TestRows => "test tracks",
        HeldOutKind::UnseenRecordings => "test tracks of recordings not in training",
    }
}

/// A contribution without its sign, in the precision of its scale: `0.412`, or `4.1 points` of probability.
pub(crate) fn contribution(size: f64, scale: ContributionScale) -> String {
    match scale {
        ContributionScale::LogOdds => fixed(size, 3),
        ContributionScale::Probability => fixed(size, 4),
    }
}

/// A track's value with its unit: `major`, `C♯`, `3:54 min`; `missing` if it is.
pub fn shown(feature: Feature, value: Option<f64>) -> String {
    let Some(value) = value else { return "missing".to_owned() };
    let pitch = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
    match feature {
        Feature::Mode if value == 0.0 => "minor".to_owned(),
        Feature::Mode if value == 1.0 => "major".to_owned(),
        Feature::Key if value == -1.0 => "none".to_owned(),
        Feature::Key => match pitch.get(value as usize).filter(|_| value >= 0.0 && value.fract() == 0.0) {
            Some(pitch) => (*pitch).to_owned(),
            None => fixed(value, 1),
        },
        Feature::Mode => fixed(value, 1),
        Feature::Sections | Feature::TimeSignature if value.fract() == 0.0 => fixed(value, 0),
        Feature::TimeSignature => fixed(value, 1),
        Feature::Loudness => format!("{} dB", fixed(value, 2)),
        _ => format::value(feature, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_track_are_shown_with_their_unit() {
        let sentence = |feature, value| shown(feature, Some(value));
        assert_eq!(sentence(Feature::Mode, 1.0), "major");
        assert_eq!(sentence(Feature::Key, 1.0), "C♯");
        assert_eq!(sentence(Feature::Key, -1.0), "none");
        assert_eq!(sentence(Feature::Key, 12.0), "12.0");
        assert_eq!(sentence(Feature::DurationMs, 234_000.0), "3:54 min");
        assert_eq!(sentence(Feature::Sections, 9.0), "9");
        assert_eq!(sentence(Feature::Decade, 1960.0), "1960");
        assert_eq!(sentence(Feature::Loudness, -7.25), "−7.25 dB");
        assert_eq!(shown(Feature::Energy, None), "missing");
    }
}
