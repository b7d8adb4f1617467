//! What a value means: missing words, numbers, keys, modes, time signatures, lengths, decades, truth values.

mod clock;
mod decade;
mod fault;
mod missing;
mod number;
mod pitch;
mod truth;
mod unit;
mod uri;
mod words;

use crate::track::Feature;

use super::Cell;

pub use decade::{of_text as year_of_text, FIRST_YEAR, LAST_YEAR};
pub use fault::ValueFault;
pub use missing::is_missing;
pub use number::{spelt_number, DecimalMark};
pub use pitch::{key_of_text, MusicalKey};
pub use truth::truth;
pub(super) use unit::is_unit_interval;
pub use unit::Unit;
pub use uri::{find_track_uri, track_uri};

/// The key of a track in which Spotify detected none: a missing value.
pub const NO_KEY: f64 = -1.0;

/// How the values of a column are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValueRule {
    /// Unit of the values; `None` is the documented unit of the feature.
    pub unit: Option<Unit>,
    /// What separates the fraction of a number.
    pub decimal_mark: DecimalMark,
    /// Whether 0 means an unknown value.
    pub zero_is_missing: bool,
    /// Whether a decade is given as a year or a date, so that a number of two digits is none, and 0 is a missing year.
    pub is_year: bool,
}

/// The value of `feature` that `cell` holds, in the unit of [`Feature::info`]; NaN for a missing value.
///
/// A plain number takes no allocation and is returned unchanged unless `rule` has another unit. A spelling that has one meaning
/// only is read whatever the unit: `3:37`, `55 %`, `C#`, `major`, `4/4`.
///
/// # Errors
/// The rule that the value breaks.
#[inline]
pub fn read(feature: Feature, cell: Cell<'_>, rule: &ValueRule) -> Result<f64, ValueFault> {
    match cell {
        Cell::Missing => Ok(f64::NAN),
        Cell::Number(value) => of_number(feature, value, rule),
        Cell::Bool(_) if feature == Feature::Decade => Err(ValueFault::of(feature)),
        Cell::Bool(truth) => Ok(f64::from(u8::from(truth))),
        Cell::Text(text) => of_text(feature, text, rule),
        Cell::Nested => Err(ValueFault::of(feature)),
    }
}

/// The value of `feature` that a number means.
#[inline]
fn of_number(feature: Feature, value: f64, rule: &ValueRule) -> Result<f64, ValueFault> {
    if value.is_nan() {
        return Ok(f64::NAN);
    }
    if value.is_infinite() {
        return Err(ValueFault::NOT_FINITE);
    }
    if rule.zero_is_missing && value == 0.0 {
        return Ok(f64::NAN);
    }
    match feature {
        Feature::Decade => decade::of_number(value, rule.is_year),
        Feature::Key if value == NO_KEY => Ok(f64::NAN),
        _ => {
            let value = match rule.unit {
                None => value,
                Some(unit) => unit.to_documented(feature, value).ok_or(ValueFault::of(feature))?,
            };
            if feature.is_whole() && !is_whole(value) {
                return Err(ValueFault::not_whole(value));
            }
            Ok(value)
        }
    }
}

/// The value of `feature` that a text spells, perhaps with spaces around it. Most texts are plain numbers: they are tried first.
fn of_text(feature: Feature, text: &str, rule: &ValueRule) -> Result<f64, ValueFault> {
    let has_points = rule.decimal_mark == DecimalMark::Point || feature == Feature::Decade;
    let plain = |text: &str| if has_points { text.parse().ok() } else { None };
    if let Some(value) = plain(text) {
        return of_number(feature, value, rule);
    }
    let text = text.trim();
    match plain(text) {
        Some(value) => of_number(feature, value, rule),
        None if is_missing(text) => Ok(f64::NAN),
        None => words::of_text(feature, text, rule),
    }
}

/// Whether a value is a whole number of 32 bits.
fn is_whole(value: f64) -> bool {
    value.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value)
}

#[cfg(test)]
mod tests;
