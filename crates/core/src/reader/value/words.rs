//! Values that are no plain numbers: words, spellings of one feature, numbers with a unit behind them.

use crate::track::Feature;

use super::number::spelt_number;
use super::unit::Unit;
use super::{clock, decade, of_number, pitch, ValueFault, ValueRule};

/// The value of `feature` that a text spells which is neither a plain number nor missing.
pub(super) fn of_text(feature: Feature, text: &str, rule: &ValueRule) -> Result<f64, ValueFault> {
    match feature {
        Feature::Decade => return decade::value_of_text(text, rule.is_year),
        Feature::Key => {
            if let Some(key) = pitch::key_of_text(text) {
                return Ok(f64::from(key.pitch));
            }
        }
        Feature::Mode => {
            if let Some(is_major) = mode_word(text) {
                return Ok(f64::from(u8::from(is_major)));
            }
        }
        Feature::TimeSignature => {
            if let Some(beats) = beats_of_bar(text) {
                return Ok(beats);
            }
        }
        Feature::DurationMs => {
            if let Some(milliseconds) = clock::milliseconds(text) {
                return Ok(milliseconds);
            }
        }
        _ => {}
    }
    if let Some(value) = spelt_number(text, rule.decimal_mark) {
        return of_number(feature, value, rule);
    }
    match with_unit(feature, text, rule) {
        Some((value, unit)) => of_number(feature, value, &ValueRule { unit: Some(unit), ..*rule }),
        None => Err(ValueFault::of(feature)),
    }
}

/// `major`, `Minor`, `maj`, `min`: whether the mode is major.
pub(super) fn mode_word(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match () {
        () if is(&["major", "maj", "dur", "ionian"]) => Some(true),
        () if is(&["minor", "min", "moll", "aeolian"]) => Some(false),
        () => None,
    }
}

/// `4/4`: the beats of a bar.
fn beats_of_bar(text: &str) -> Option<f64> {
    let (beats, unit) = text.split_once('/')?;
    let small = |digits: &str| digits.trim().parse::<u8>().ok().filter(|number| (1..=32).contains(number));
    small(unit)?;
    small(beats).map(f64::from)
}

/// A number with a unit of the feature behind it: `55 %`, `-6.2 dB`, `120 BPM`, `217 s`.
fn with_unit(feature: Feature, text: &str, rule: &ValueRule) -> Option<(f64, Unit)> {
    let start = text.rfind(|letter: char| letter.is_ascii_digit() || letter == '.').map(|at| at + 1)?;
    let (number, unit) = text.split_at(start);
    let unit = Unit::of_word(unit.trim()).filter(|unit| unit.is_of(feature))?;
    Some((spelt_number(number, rule.decimal_mark)?, unit))
}
