//! How a feature's values are shown: heading, scale, names of categories.

use hitflop_core::track::Feature;

use crate::format::fixed;

const PITCH_CLASSES: [&str; 12] = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

/// A panel's heading: column name and unit, the unit being the one shown.
pub(crate) fn heading(feature: Feature) -> String {
    match feature {
        Feature::DurationMs => "duration (min)".to_owned(),
        // The shorter unit leaves room for a note beside it.
        Feature::TimeSignature => format!("{feature} (beats)"),
        // Their categories are named at the axis.
        Feature::Key | Feature::Mode => feature.name().to_owned(),
        _ => feature.axis_label(),
    }
}

/// Unit of the values shown; empty for a pure number.
pub(crate) fn unit(feature: Feature) -> &'static str {
    match feature {
        Feature::DurationMs => "min",
        _ => feature.info().unit,
    }
}

/// What a value is multiplied by to be shown: milliseconds become minutes.
pub(crate) fn scale(feature: Feature) -> f64 {
    match feature {
        Feature::DurationMs => 1.0 / 60_000.0,
        _ => 1.0,
    }
}

/// Name of a category.
pub(crate) fn category(feature: Feature, value: f64) -> String {
    match feature {
        Feature::Key if value == -1.0 => "none".to_owned(),
        Feature::Key if (0.0..12.0).contains(&value) && value.fract() == 0.0 => {
            PITCH_CLASSES[value as usize].to_owned()
        }
        Feature::Mode if value == 0.0 => "minor".to_owned(),
        Feature::Mode if value == 1.0 => "major".to_owned(),
        Feature::Decade => format!("{value:.0}s"),
        _ => fixed(value, if value.fract() == 0.0 { 0 } else { 2 }),
    }
}
