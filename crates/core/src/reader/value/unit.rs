//! Units that a column may have.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::{Error, Fault, Place, Reason};
use crate::track::{Feature, FeatureRange};

/// Unit of the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 0 to 1: the documented unit of the features from danceability to valence.
    Fraction,
    /// 0 to 100.
    Percent,
    /// Milliseconds: the documented unit of `duration_ms`.
    Milliseconds,
    /// Seconds; the documented unit of `chorus_hit`.
    Seconds,
    /// Minutes with a decimal fraction: 3.5 is 210 s.
    Minutes,
    /// `3:37`.
    MinutesSeconds,
    /// Decibels: the documented unit of `loudness`.
    Decibels,
    /// Beats per minute: the documented unit of `tempo`.
    BeatsPerMinute,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Unit; 8] = [
        Unit::Fraction,
        Unit::Percent,
        Unit::Milliseconds,
        Unit::Seconds,
        Unit::Minutes,
        Unit::MinutesSeconds,
        Unit::Decibels,
        Unit::BeatsPerMinute,
    ];

    /// Name in settings: `s`, `min:s`, `percent`.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Fraction => "fraction",
            Unit::Percent => "percent",
            Unit::Milliseconds => "ms",
            Unit::Seconds => "s",
            Unit::Minutes => "min",
            Unit::MinutesSeconds => "min:s",
            Unit::Decibels => "dB",
            Unit::BeatsPerMinute => "BPM",
        }
    }

    /// The unit that a word of a column's name or behind a number means.
    pub(in crate::reader) fn of_word(word: &str) -> Option<Unit> {
        let is = |words: &[&str]| words.iter().any(|other| word.eq_ignore_ascii_case(other));
        Some(match () {
            () if is(&["%", "percent", "pct", "percentage", "perc"]) => Unit::Percent,
            () if is(&["fraction", "share", "ratio"]) => Unit::Fraction,
            () if is(&["ms", "msec", "msecs", "millis", "millisecond", "milliseconds"]) => Unit::Milliseconds,
            () if is(&["s", "sec", "secs", "second", "seconds"]) => Unit::Seconds,
            () if is(&["min", "mins", "minute", "minutes"]) => Unit::Minutes,
            () if is(&[
                "min:s",
                "m:s",
                "m:ss",
                "mm:ss",
                "min:sec",
                "minsec",
                "minss",
                "minutesseconds",
                "mss",
                "mmss",
                "hh:mm:ss",
            ]) =>
            {
                Unit::MinutesSeconds
            }
            () if is(&["db", "decibel", "decibels", "dbfs", "lufs"]) => Unit::Decibels,
            () if is(&["bpm"]) => Unit::BeatsPerMinute,
            () => return None,
        })
    }

    /// Whether values of `feature` may be in the unit.
    pub fn is_of(self, feature: Feature) -> bool {
        match self {
            Unit::Fraction | Unit::Percent => is_unit_interval(feature),
            Unit::Milliseconds | Unit::Seconds | Unit::Minutes | Unit::MinutesSeconds => {
                feature == Feature::DurationMs || (feature == Feature::ChorusHit && self == Unit::Seconds)
            }
            Unit::Decibels => feature == Feature::Loudness,
            Unit::BeatsPerMinute => feature == Feature::Tempo,
        }
    }

    /// A number of the unit in the documented unit of `feature`: percent as fractions, lengths of tracks as whole milliseconds.
    /// `None` if the unit is one of texts only.
    pub(super) fn to_documented(self, feature: Feature, value: f64) -> Option<f64> {
        Some(match self {
            Unit::MinutesSeconds => return None,
            Unit::Percent => value / 100.0,
            Unit::Seconds if feature == Feature::ChorusHit => value,
            Unit::Seconds => (value * 1000.0).round(),
            Unit::Minutes => (value * 60_000.0).round(),
            Unit::Fraction | Unit::Milliseconds | Unit::Decibels | Unit::BeatsPerMinute => value,
        })
    }
}

/// Whether a feature is a continuous one from 0 to 1, so that it may be given in percent.
pub(in crate::reader) fn is_unit_interval(feature: Feature) -> bool {
    !feature.is_whole() && feature.info().range == FeatureRange::Within(0.0, 1.0)
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Unit {
    type Err = Error;

    /// # Errors
    /// The text names no unit.
    fn from_str(text: &str) -> Result<Unit, Error> {
        Unit::of_word(text.trim()).ok_or_else(|| {
            let names = Unit::ALL.map(Unit::name).join(", ");
            Error::input(
                Fault::new(Place::setting("unit"), Reason::Setting, format!("expected one of {names}")).found(text),
            )
        })
    }
}
