//! What a user may say about the columns.

use std::str::FromStr;

use serde::Serialize;

use super::label::LabelRule;
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::reader::name;
use crate::reader::value::{DecimalMark, Unit};
use crate::track::Feature;

/// What to do with a column whose unit neither its name nor its values give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UndecidedUnit {
    /// An error that names the settings `map` and `unit`.
    #[default]
    Refused,
    /// The column is not used, and the mapping says so.
    Ignored,
}

/// What a column can be mapped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MapTarget {
    /// A feature.
    Feature(Feature),
    /// Title of the track.
    Title,
    /// Artist.
    Artist,
    /// URI.
    Uri,
}

impl FromStr for MapTarget {
    type Err = Error;

    /// # Errors
    /// The text is neither the name of a feature nor `title`, `artist` or `uri`.
    fn from_str(text: &str) -> Result<MapTarget> {
        match text {
            "title" | "track" => Ok(MapTarget::Title),
            "artist" => Ok(MapTarget::Artist),
            "uri" => Ok(MapTarget::Uri),
            text => feature(text, "map", "title, artist or uri").map(MapTarget::Feature),
        }
    }
}

/// How the columns of a table are to be found.
#[derive(Clone, Debug, Serialize)]
pub struct MappingOptions {
    /// Whether other than the documented names are recognised. Without it, values keep the documented unit.
    pub is_enabled: bool,
    /// Columns by name for features and texts, whatever else the table has.
    pub map: Vec<(MapTarget, String)>,
    /// Units of features' columns.
    pub units: Vec<(Feature, Unit)>,
    /// How labels are made; `None` is the column `target` of 0 and 1, if there is one.
    pub label: Option<LabelRule>,
    /// What separates the fractions of numbers in the table.
    pub decimal_mark: DecimalMark,
    /// The features that are needed; columns of others are not used. `None` is all.
    pub needed: Option<Vec<Feature>>,
    /// What to do with a column whose unit is not known.
    pub undecided: UndecidedUnit,
}

impl Default for MappingOptions {
    fn default() -> MappingOptions {
        MappingOptions {
            is_enabled: true,
            map: Vec::new(),
            units: Vec::new(),
            label: None,
            decimal_mark: DecimalMark::Point,
            needed: None,
            undecided: UndecidedUnit::Refused,
        }
    }
}

impl MappingOptions {
    /// Adds a column, as `tempo=BPM of track`; the column's name may contain `=`.
    ///
    /// # Errors
    /// The text has no `=`, or names no feature, title, artist or URI, or one that is mapped already.
    pub fn add_map(&mut self, text: &str) -> Result<()> {
        let (target, column) = split(text, "map", "expected a feature and a column, as in tempo=bpm")?;
        let target: MapTarget = target.parse()?;
        if self.map.iter().any(|(other, _)| *other == target) {
            return Err(setting("map", "expected each feature once".to_owned(), text));
        }
        self.map.push((target, column.to_owned()));
        Ok(())
    }

    /// Adds a unit, as `duration_ms=s` or `danceability=percent`.
    ///
    /// # Errors
    /// The text has no `=`, names no feature or no unit, a unit that the feature cannot have, or a feature that has one already.
    pub fn add_unit(&mut self, text: &str) -> Result<()> {
        let (name, unit) = split(text, "unit", "expected a feature and a unit, as in duration_ms=s")?;
        let feature = feature(name, "unit", "")?;
        let unit: Unit = unit.parse()?;
        if !unit.is_of(feature) {
            let units: Vec<&str> =
                Unit::ALL.iter().filter(|unit| unit.is_of(feature)).map(|unit| unit.name()).collect();
            let rule = match units.is_empty() {
                true => format!("expected no unit of {feature}, which has none but the documented one"),
                false => format!("expected one of {} for {feature}", units.join(", ")),
            };
            return Err(setting("unit", rule, unit.name()));
        }
        if self.units.iter().any(|(other, _)| *other == feature) {
            return Err(setting("unit", "expected each feature once".to_owned(), text));
        }
        self.units.push((feature, unit));
        Ok(())
    }

    /// The unit that a setting gives for a feature.
    pub(super) fn unit_of(&self, feature: Feature) -> Option<Unit> {
        self.units.iter().find(|(other, _)| *other == feature).map(|(_, unit)| *unit)
    }

    /// Whether a feature is needed.
    pub(super) fn needs(&self, feature: Feature) -> bool {
        self.needed.as_ref().is_none_or(|needed| needed.contains(&feature))
    }
}

fn split<'a>(text: &'a str, name: &str, rule: &str) -> Result<(&'a str, &'a str)> {
    let (left, right) = text.split_once('=').ok_or_else(|| setting(name, rule.to_owned(), text))?;
    match (left.trim(), right.trim()) {
        ("", _) | (_, "") => Err(setting(name, rule.to_owned(), text)),
        parts => Ok(parts),
    }
}

fn feature(text: &str, name: &str, others: &str) -> Result<Feature> {
    if let Some(feature) = name::feature_named(text) {
        return Ok(feature);
    }
    let rule = match (name::suggested_feature(text), others) {
        (Some(feature), _) => format!("expected the name of a feature; the nearest one is {:?}", feature.name()),
        (None, "") => "expected the name of a feature".to_owned(),
        (None, others) => format!("expected the name of a feature, or {others}"),
    };
    Err(setting(name, rule, text))
}

fn setting(name: &str, rule: String, found: &str) -> Error {
    Error::input(Fault::new(Place::setting(name), Reason::Setting, rule).found(found))
}
