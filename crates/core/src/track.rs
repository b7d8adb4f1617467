//! The vocabulary of the program: what a track is, which features it has, and every column name.
//!
//! No other module spells a column name. A [`Feature`] carries its kind, unit, documented range and meaning
//! ([`Feature::info`]), so that a message, a chart axis and a schema say the same thing.

use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::decade::Decade;
pub use crate::label::Label;

/// Column of a track's title.
pub const TRACK: &str = "track";
/// Column of a track's artist.
pub const ARTIST: &str = "artist";
/// Column of a track's Spotify URI.
pub const URI: &str = "uri";
/// Column of the label: 1 for a hit, 0 for a flop.
pub const TARGET: &str = "target";
/// Column of the decade, its first year: 1960 … 2010.
pub const DECADE: &str = "decade";
/// The text columns of a decade file, in its order. None of them is ever a feature.
pub const TEXT_COLUMNS: [&str; 3] = [TRACK, ARTIST, URI];

/// Fewest quantities (features that are no categories) that two tracks must have in common, all of them equal, to be taken for the
/// same recording. With fewer, equal values are a coincidence.
pub const MIN_RECORDING_VALUES: usize = 3;

/// A numeric property of a track: the fifteen that a decade file gives, and the decade itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // `Feature::info` says what each is
pub enum Feature {
    Danceability,
    Energy,
    Key,
    Loudness,
    Mode,
    Speechiness,
    Acousticness,
    Instrumentalness,
    Liveness,
    Valence,
    Tempo,
    DurationMs,
    TimeSignature,
    ChorusHit,
    Sections,
    Decade,
}

/// What kind of quantity a feature is; it decides how it is stored, estimated and drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureKind {
    /// A real number.
    Continuous,
    /// A whole number that counts something.
    Count,
    /// A whole number that names one of a few categories.
    Category,
}

/// The range in which a feature is documented to lie. Values outside it occur in the real data; they are warned of and kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureRange {
    /// Both ends included.
    Within(f64, f64),
    /// Greater than zero.
    Positive,
}

impl FeatureRange {
    /// Whether `value` lies in the range.
    pub fn contains(self, value: f64) -> bool {
        match self {
            FeatureRange::Within(low, high) => (low..=high).contains(&value),
            FeatureRange::Positive => value > 0.0,
        }
    }
}

impl fmt::Display for FeatureRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FeatureRange::Within(low, high) => write!(f, "{low} to {high}"),
            FeatureRange::Positive => f.write_str("above 0"),
        }
    }
}

/// How finely a change of a feature is stated. What a listener cannot tell apart is no other value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureStep {
    /// Values of a suggested change are multiples of it, in the feature's unit.
    pub rounding: f64,
    /// The just noticeable step: smaller changes are not suggested. At least [`FeatureStep::rounding`].
    pub noticeable: f64,
}

impl FeatureStep {
    const fn new(rounding: f64, noticeable: f64) -> FeatureStep {
        FeatureStep { rounding, noticeable }
    }
}

/// What is known of a feature before any data is seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FeatureInfo {
    /// Column name.
    pub name: &'static str,
    /// Kind of quantity.
    pub kind: FeatureKind,
    /// Unit as an axis shows it; empty for a pure number.
    pub unit: &'static str,
    /// Documented range.
    pub range: FeatureRange,
    /// What it measures, in a phrase.
    pub meaning: &'static str,
}

const fn info(
    name: &'static str,
    kind: FeatureKind,
    unit: &'static str,
    range: FeatureRange,
    meaning: &'static str,
) -> FeatureInfo {
    FeatureInfo { name, kind, unit, range, meaning }
}

const UNIT_INTERVAL: FeatureRange = FeatureRange::Within(0.0, 1.0);

/// In the order of [`Feature`]'s variants.
const INFO: [FeatureInfo; 16] = [
    info("danceability", FeatureKind::Continuous, "", UNIT_INTERVAL, "how well a track suits dancing"),
    info("energy", FeatureKind::Continuous, "", UNIT_INTERVAL, "perceived intensity and activity"),
    info(
        "key",
        FeatureKind::Category,
        "pitch class",
        FeatureRange::Within(-1.0, 11.0),
        "estimated key, 0 is C, 1 is C♯/D♭, …, 11 is B",
    ),
    info(
        "loudness",
        FeatureKind::Continuous,
        "dB",
        FeatureRange::Within(-60.0, 0.0),
        "average loudness over the track",
    ),
    info("mode", FeatureKind::Category, "0 minor, 1 major", UNIT_INTERVAL, "major or minor"),
    info("speechiness", FeatureKind::Continuous, "", UNIT_INTERVAL, "presence of spoken words"),
    info("acousticness", FeatureKind::Continuous, "", UNIT_INTERVAL, "confidence that the track is acoustic"),
    info("instrumentalness", FeatureKind::Continuous, "", UNIT_INTERVAL, "confidence that the track has no vocals"),
    info("liveness", FeatureKind::Continuous, "", UNIT_INTERVAL, "presence of an audience"),
    info("valence", FeatureKind::Continuous, "", UNIT_INTERVAL, "musical positiveness"),
    info("tempo", FeatureKind::Continuous, "BPM", FeatureRange::Positive, "estimated tempo"),
    info("duration_ms", FeatureKind::Count, "ms", FeatureRange::Positive, "length of the track"),
    info(
        "time_signature",
        FeatureKind::Category,
        "beats a bar",
        FeatureRange::Within(3.0, 7.0),
        "estimated beats in a bar",
    ),
    info(
        "chorus_hit",
        FeatureKind::Continuous,
        "s",
        FeatureRange::Positive,
        "start of the third section, taken as the first chorus",
    ),
    info("sections", FeatureKind::Count, "", FeatureRange::Positive, "number of sections"),
    info(
        DECADE,
        FeatureKind::Category,
        "",
        FeatureRange::Within(1930.0, 2020.0),
        "decade of the file that has the track",
    ),
];

impl Feature {
    /// Every feature, in the order of the columns.
    pub const ALL: [Feature; 16] = [
        Feature::Danceability,
        Feature::Energy,
        Feature::Key,
        Feature::Loudness,
        Feature::Mode,
        Feature::Speechiness,
        Feature::Acousticness,
        Feature::Instrumentalness,
        Feature::Liveness,
        Feature::Valence,
        Feature::Tempo,
        Feature::DurationMs,
        Feature::TimeSignature,
        Feature::ChorusHit,
        Feature::Sections,
        Feature::Decade,
    ];

    /// The fifteen features that stand in a decade file, in its order: [`Feature::ALL`] without the decade.
    pub const AUDIO: &'static [Feature] = Self::ALL.split_at(15).0;

    /// Name, kind, unit, range and meaning.
    pub fn info(self) -> &'static FeatureInfo {
        &INFO[self as usize]
    }

    /// Rounding and just noticeable step of a change; none of a category or the decade.
    ///
    /// | feature | rounding | noticeable | source |
    /// |---|---|---|---|
    /// | tempo | 1 BPM | 2 BPM | about 2 % near 100 BPM: Drake and Botte, Tempo sensitivity in auditory sequences, 1993 |
    /// | loudness | 0.1 dB | 0.5 dB | 0.5 to 1 dB: Jesteadt, Wier and Green, Intensity discrimination, 1977 |
    /// | shares, such as energy | 0.01 | 0.02 | none: two steps of rounding |
    /// | duration, start of the chorus | 1 s | 2 s | none: two steps of rounding |
    /// | sections | 1 | 1 | none: a count |
    pub fn step(self) -> Option<FeatureStep> {
        match self {
            Feature::Key | Feature::Mode | Feature::TimeSignature | Feature::Decade => None,
            Feature::Tempo => Some(FeatureStep::new(1.0, 2.0)),
            Feature::Loudness => Some(FeatureStep::new(0.1, 0.5)),
            Feature::DurationMs => Some(FeatureStep::new(1000.0, 2000.0)),
            Feature::ChorusHit => Some(FeatureStep::new(1.0, 2.0)),
            Feature::Sections => Some(FeatureStep::new(1.0, 1.0)),
            Feature::Danceability
            | Feature::Energy
            | Feature::Speechiness
            | Feature::Acousticness
            | Feature::Instrumentalness
            | Feature::Liveness
            | Feature::Valence => Some(FeatureStep::new(0.01, 0.02)),
        }
    }

    /// Column name.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Name in a sentence or heading for people, in lower case: `duration` of `duration_ms`.
    pub fn in_words(self) -> &'static str {
        match self {
            Feature::DurationMs => "duration",
            Feature::TimeSignature => "time signature",
            Feature::ChorusHit => "start of the chorus",
            Feature::Sections => "number of sections",
            other => other.name(),
        }
    }

    /// Whether its values are whole numbers.
    pub fn is_whole(self) -> bool {
        self.info().kind != FeatureKind::Continuous
    }

    /// Whether it is a quantity: no category, and not the decade.
    pub fn is_quantity(self) -> bool {
        self.info().kind != FeatureKind::Category
    }

    /// The feature with this column name.
    pub fn from_name(name: &str) -> Option<Feature> {
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }

    /// Name and unit, for an axis: `loudness (dB)`.
    pub fn axis_label(self) -> String {
        match self.info().unit {
            "" => self.name().to_owned(),
            unit => format!("{} ({unit})", self.name()),
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quantity_has_a_step() {
        for feature in Feature::ALL {
            assert_eq!(feature.step().is_some(), feature.is_quantity(), "{feature}");
            let is_right = |step: FeatureStep| step.rounding > 0.0 && step.noticeable >= step.rounding;
            assert!(feature.step().is_none_or(is_right), "{feature}");
        }
    }

    #[test]
    fn info_is_in_the_order_of_the_variants() {
        for feature in Feature::ALL {
            let name = serde_json::to_string(&feature).expect("a unit variant serialises");
            assert_eq!(name, format!("{:?}", feature.name()));
            assert_eq!(Feature::from_name(feature.name()), Some(feature));
        }
    }
}
