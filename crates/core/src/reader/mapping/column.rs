//! What became of one column.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::reader::value::Unit;
use crate::track::{Feature, ARTIST, TARGET, TRACK, URI};

/// What a column is used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnUse {
    /// A feature.
    Feature(Feature),
    /// Title of the track.
    Title,
    /// Artist.
    Artist,
    /// URI.
    Uri,
    /// Label.
    Label,
    /// Part of a split.
    Split,
}

impl ColumnUse {
    /// The documented name of such a column.
    pub fn name(self) -> &'static str {
        match self {
            ColumnUse::Feature(feature) => feature.name(),
            ColumnUse::Title => TRACK,
            ColumnUse::Artist => ARTIST,
            ColumnUse::Uri => URI,
            ColumnUse::Label => TARGET,
            ColumnUse::Split => crate::reader::name::SPLIT,
        }
    }
}

impl fmt::Display for ColumnUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for ColumnUse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What is done to the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    /// Percent to fractions.
    Percent,
    /// Seconds to milliseconds.
    Seconds,
    /// Minutes with a decimal fraction to milliseconds.
    Minutes,
    /// `3:37` to milliseconds.
    MinutesSeconds,
    /// Pitch names to pitch classes.
    PitchName,
    /// Keys such as `G minor` or `8A` to pitch classes, and to the mode if no column gives it.
    KeyAndMode,
    /// `major` and `minor` to 1 and 0.
    ModeWord,
    /// `4/4` to beats a bar.
    Meter,
    /// Years to their decades.
    DecadeOfYear,
    /// Dates to the decades of their years.
    DecadeOfDate,
    /// Every value is 0, which means unknown.
    ZeroIsMissing,
    /// Truth by the rule for labels.
    LabelRule,
}

impl Conversion {
    /// What is done to a value, as in `percent to fraction`.
    pub fn describe(self) -> &'static str {
        match self {
            Conversion::Percent => "percent to fraction",
            Conversion::Seconds => "seconds to milliseconds",
            Conversion::Minutes => "minutes to milliseconds",
            Conversion::MinutesSeconds => "min:s to milliseconds",
            Conversion::PitchName => "pitch name to pitch class",
            Conversion::KeyAndMode => "key to pitch class and mode",
            Conversion::ModeWord => "major/minor to 1/0",
            Conversion::Meter => "time signature to beats a bar",
            Conversion::DecadeOfYear => "year to decade",
            Conversion::DecadeOfDate => "date to decade",
            Conversion::ZeroIsMissing => "0 to missing value",
            Conversion::LabelRule => "hit or flop by the rule for labels",
        }
    }

    /// The conversion from a unit to the documented one of `feature`; `None` if it is the documented one.
    pub(super) fn of_unit(unit: Unit, feature: Feature) -> Option<Conversion> {
        match unit {
            Unit::Percent => Some(Conversion::Percent),
            Unit::Seconds if feature == Feature::DurationMs => Some(Conversion::Seconds),
            Unit::Minutes => Some(Conversion::Minutes),
            Unit::MinutesSeconds => Some(Conversion::MinutesSeconds),
            _ => None,
        }
    }
}

/// Why a column is used as it is, or not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MappingReason {
    /// It has the documented name.
    Exact,
    /// Its name has that meaning.
    Name,
    /// Its name and all its values together.
    Values,
    /// A setting says so.
    Setting,
    /// Not used: another column is used for it.
    AnotherColumn,
    /// Not used: the model has no such feature.
    NotNeeded,
    /// Not used: no value of it can be read.
    NoReadableValue,
    /// Not used: neither the name nor the values give the unit.
    UndecidedUnit,
    /// Not used: it comes along with tracks, and is no feature.
    Metadata,
    /// Not used: its name has no known meaning.
    UnknownName,
}

/// What became of one column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MappedColumn {
    /// Name in the table, or `column 3 (no name)`.
    pub column: String,
    /// Position, from 0.
    pub position: usize,
    /// What it is used as; `None` if it is not used.
    pub used_as: Option<ColumnUse>,
    /// What is done to its values; `None` if they are used as they are.
    pub conversion: Option<Conversion>,
    /// Why the column is used so, or not at all.
    pub reason: MappingReason,
    /// The column that is used instead.
    pub instead: Option<String>,
}

impl MappedColumn {
    /// Whether a user should see it: a name or unit was found or guessed, or a column that could be a feature is not used.
    pub fn is_notable(&self) -> bool {
        match self.reason {
            MappingReason::Exact => self.conversion.is_some(),
            MappingReason::NotNeeded | MappingReason::Metadata | MappingReason::UnknownName => false,
            _ => true,
        }
    }

    /// Column, used as, conversion, why.
    pub(super) fn cells(&self) -> [String; 4] {
        let used_as = self.used_as.map_or("not used".to_owned(), |used| used.to_string());
        let conversion = self.conversion.map_or(String::new(), |conversion| conversion.describe().to_owned());
        let why = match (self.reason, &self.instead) {
            (MappingReason::AnotherColumn, Some(other)) => format!("{other} is used"),
            (reason, _) => reason.describe().to_owned(),
        };
        [self.column.clone(), used_as, conversion, why]
    }
}

impl MappingReason {
    /// What the reason is, as in `documented name`.
    pub fn describe(self) -> &'static str {
        match self {
            MappingReason::Exact => "documented name",
            MappingReason::Name => "name",
            MappingReason::Values => "name and values",
            MappingReason::Setting => "setting",
            MappingReason::AnotherColumn => "another column is used",
            MappingReason::NotNeeded => "the model does not use it",
            MappingReason::NoReadableValue => "no value can be read",
            MappingReason::UndecidedUnit => "unit not known",
            MappingReason::Metadata => "no feature",
            MappingReason::UnknownName => "unknown name",
        }
    }
}
