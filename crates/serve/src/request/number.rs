//! The value of a feature, by Pydantic's rules: a value that a client of FastAPI may send as a number is read as one.
//!
//! A number is a number, a text that spells one (`"0.5"`, spaces around it) or a truth value (1 or 0). A whole number may be
//! spelt with a fraction of zeros. A decade may also be written `"60s"`, `"60"` or `60`. A key of -1, Spotify's code for no key
//! detected, is a missing value. The OpenAPI document (`openapi::inputs`) states the same rules, for texts as patterns.

use super::json_number::JsonNumber;
use hitflop_core::track::{Decade, Feature};

/// Maximum number of digits before the point, and after it, of a number that is spelt as a text.
pub const TEXT_DIGITS: usize = 40;
/// Maximum number of digits of a whole number that is spelt as a text.
pub const TEXT_WHOLE_DIGITS: usize = 9;
/// Maximum number of digits of its exponent: no such text is infinite.
pub const TEXT_EXPONENT_DIGITS: usize = 2;
/// The key of a track in which Spotify detected none.
pub const NO_KEY: i32 = -1;
/// Characters that may be around a number that is spelt as a text, or a decade.
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// A broken rule: Pydantic's name of it, and the rule in words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberFault {
    /// Pydantic's name.
    pub kind: &'static str,
    /// In words.
    pub msg: &'static str,
}

const FLOAT_TYPE: NumberFault = NumberFault { kind: "float_type", msg: "Input should be a valid number" };
const FLOAT_PARSING: NumberFault =
    NumberFault { kind: "float_parsing", msg: "Input should be a valid number, unable to parse string as a number" };
const FINITE_NUMBER: NumberFault = NumberFault { kind: "finite_number", msg: "Input should be a finite number" };
const INT_TYPE: NumberFault = NumberFault { kind: "int_type", msg: "Input should be a valid integer" };
const INT_PARSING: NumberFault =
    NumberFault { kind: "int_parsing", msg: "Input should be a valid integer, unable to parse string as an integer" };
const INT_FROM_FLOAT: NumberFault =
    NumberFault { kind: "int_from_float", msg: "Input should be a valid integer, got a number with a fractional part" };
const INT_PARSING_SIZE: NumberFault = NumberFault {
    kind: "int_parsing_size",
    msg: "Input should be an integer of 32 bits, from -2147483648 to 2147483647",
};
const DECADE: NumberFault =
    NumberFault { kind: "enum", msg: "Input should be a decade from 1930 to 2020, such as 1960, 60 or \"60s\"" };

/// Whether a JSON number is a valid value of `feature` unchanged.
pub fn is_plain(feature: Feature, value: f64) -> bool {
    match feature {
        Feature::Key => is_whole(value) && value != f64::from(NO_KEY),
        Feature::Decade => Decade::from_year(value as i32).is_some_and(|decade| f64::from(decade.year()) == value),
        _ if feature.is_whole() => is_whole(value),
        _ => value.is_finite(),
    }
}

fn is_whole(value: f64) -> bool {
    value.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value)
}

/// The value of `feature`, in its unit; null is none, and so is the key -1.
///
/// # Errors
/// The rule that the value breaks.
pub fn read(feature: Feature, value: &JsonNumber) -> Result<Option<f64>, NumberFault> {
    let number = match value {
        JsonNumber::Null => return Ok(None),
        JsonNumber::Float(number) => read_number(feature, *number)?,
        // Without arbitrary precision every number of serde_json's is one of f64's.
        JsonNumber::Whole(number) => read_number(feature, number.as_f64().unwrap_or(f64::NAN))?,
        JsonNumber::Bool(truth) if feature != Feature::Decade => f64::from(u8::from(*truth)),
        JsonNumber::Text(text) => read_text(feature, text)?,
        JsonNumber::Bool(_) | JsonNumber::Nested(_) => return Err(type_of(feature)),
    };
    Ok(Some(number).filter(|number| feature != Feature::Key || *number != f64::from(NO_KEY)))
}

/// The rule that a value of another type breaks.
pub fn type_of(feature: Feature) -> NumberFault {
    match feature {
        Feature::Decade => DECADE,
        _ if feature.is_whole() => INT_TYPE,
        _ => FLOAT_TYPE,
    }
}

fn read_number(feature: Feature, value: f64) -> Result<f64, NumberFault> {
    match feature {
        // Minus zero is zero.
        Feature::Decade => decade(&(value + 0.0).to_string()),
        _ if !value.is_finite() => Err(FINITE_NUMBER),
        _ if !feature.is_whole() || is_whole(value) => Ok(value),
        _ if value.fract() != 0.0 => Err(INT_FROM_FLOAT),
        _ => Err(INT_PARSING_SIZE),
    }
}

/// The value of `feature` that a text spells: of a JSON string, or of a field of CSV that is not empty.
///
/// # Errors
/// The rule that the text breaks.
pub fn read_text(feature: Feature, text: &str) -> Result<f64, NumberFault> {
    let text = text.trim_matches(SPACES);
    match feature {
        Feature::Decade => decade(text),
        _ if feature.is_whole() => spelt_whole(text).ok_or(INT_PARSING),
        _ => spelt(text).ok_or(if names_no_number(text) { FINITE_NUMBER } else { FLOAT_PARSING }),
    }
}

/// `60s`, `60`, `1960`, `1960s`, `1960.0`.
fn decade(text: &str) -> Result<f64, NumberFault> {
    let digits = text.strip_suffix(['s', 'S']).or(text.strip_suffix(".0")).unwrap_or(text);
    // Two digits, or the four of a year; "0" for the first decade of the century.
    let is_year = digits.len() == 4 && !digits.starts_with('0');
    if !(is_year || matches!(digits.len(), 1 | 2)) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DECADE);
    }
    Decade::parse(digits).map(|decade| f64::from(decade.year())).ok_or(DECADE)
}

/// `[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?`
fn spelt(text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(unsigned(&text[at + 1..]))),
        None => (text, None),
    };
    let (whole, fraction) = unsigned(mantissa).split_once('.').unwrap_or((unsigned(mantissa), ""));
    let good = are_digits(whole, 0..=TEXT_DIGITS)
        && are_digits(fraction, 0..=TEXT_DIGITS)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| are_digits(exponent, 1..=TEXT_EXPONENT_DIGITS));
    good.then(|| text.parse().ok()).flatten()
}

/// `[+-]?[0-9]{1,9}(\.0{0,40})?`
fn spelt_whole(text: &str) -> Option<f64> {
    let (whole, fraction) = unsigned(text).split_once('.').unwrap_or((unsigned(text), ""));
    let good = are_digits(whole, 1..=TEXT_WHOLE_DIGITS)
        && fraction.len() <= TEXT_DIGITS
        && fraction.bytes().all(|byte| byte == b'0');
    good.then(|| text.parse().ok()).flatten()
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn are_digits(text: &str, count: std::ops::RangeInclusive<usize>) -> bool {
    count.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it names NaN or infinity, as Python spells them.
fn names_no_number(text: &str) -> bool {
    ["nan", "inf", "infinity"].iter().any(|name| unsigned(text).eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use serde_json::{json, Value};

    use super::*;
    use crate::request::json_number::NumberShape;
    use crate::request::shape;

    fn read(feature: Feature, value: &Value) -> Result<Option<f64>, NumberFault> {
        let value = shape::read(value.to_string().as_bytes(), NumberShape).expect("JSON");
        super::read(feature, &value)
    }

    #[test]
    fn a_text_that_spells_a_number_is_one() {
        for (value, expected) in [
            (json!(0.5), 0.5),
            (json!(3), 3.0),
            (json!("0.5"), 0.5),
            (json!(" -6.25\n"), -6.25),
            (json!("4.42E-06"), 4.42e-6),
            (json!(".5"), 0.5),
            (json!("5."), 5.0),
            (json!("+1e2"), 100.0),
            (json!(true), 1.0),
            (json!(false), 0.0),
        ] {
            assert_eq!(read(Feature::Energy, &value), Ok(Some(expected)), "{value}");
        }
        assert_eq!(read(Feature::Energy, &Value::Null), Ok(None));
        for value in [json!(5), json!(5.0), json!("5"), json!("5.00"), json!(" 5 ")] {
            assert_eq!(read(Feature::Key, &value), Ok(Some(5.0)), "{value}");
        }
    }

    /// By Pydantic 2.12 with `energy: float` and `key: int`, but for text that is longer than anyone writes a number.
    #[test]
    fn broken_rules_have_pydantics_names() {
        for (feature, value, kind) in [
            (Feature::Energy, json!("loud"), "float_parsing"),
            (Feature::Energy, json!(""), "float_parsing"),
            (Feature::Energy, json!("."), "float_parsing"),
            (Feature::Energy, json!("1e"), "float_parsing"),
            (Feature::Energy, json!("nan"), "finite_number"),
            (Feature::Energy, json!("-Infinity"), "finite_number"),
            (Feature::Energy, json!([0.5]), "float_type"),
            (Feature::Energy, json!({}), "float_type"),
            (Feature::Key, json!(5.5), "int_from_float"),
            (Feature::Key, json!("5.5"), "int_parsing"),
            (Feature::Key, json!("C"), "int_parsing"),
            (Feature::Key, json!([]), "int_type"),
            (Feature::DurationMs, json!(1e12), "int_parsing_size"),
            (Feature::Decade, json!(1965), "enum"),
            (Feature::Decade, json!(true), "enum"),
            (Feature::Decade, json!("sixties"), "enum"),
            (Feature::Decade, json!("60ss"), "enum"),
        ] {
            assert_eq!(read(feature, &value).map_err(|broken| broken.kind), Err(kind), "{value}");
        }
    }

    #[test]
    fn a_decade_is_read_in_every_spelling() {
        for value in [json!(1960), json!(60), json!(1960.0), json!("1960"), json!("60s"), json!(" 60 "), json!("1960S")]
        {
            assert_eq!(read(Feature::Decade, &value), Ok(Some(1960.0)), "{value}");
        }
        assert_eq!(read(Feature::Decade, &json!(0)), Ok(Some(2000.0)));
        assert_eq!(read(Feature::Decade, &json!("00s")), Ok(Some(2000.0)));
    }

    #[test]
    fn no_key_is_no_value() {
        for value in [json!(-1), json!(-1.0), json!("-1"), json!(" -1.0 "), json!("-01")] {
            assert_eq!(read(Feature::Key, &value), Ok(None), "{value}");
            assert!(read(Feature::Mode, &value).is_ok_and(|number| number == Some(-1.0)), "{value}");
        }
        assert_eq!(read(Feature::Key, &json!(-2)), Ok(Some(-2.0)));
    }

    #[test]
    fn a_plain_number_is_read_unchanged() {
        for feature in Feature::ALL {
            for value in [0.0, 1.0, -1.0, 0.5, 60.0, 1960.0, 1965.0, 1e12, 3e9, f64::NAN, f64::INFINITY] {
                if is_plain(feature, value) {
                    assert_eq!(read(feature, &json!(value)), Ok(Some(value)), "{feature} {value}");
                } else if value.is_finite() && feature != Feature::Decade && (feature, value) != (Feature::Key, -1.0) {
                    assert!(read(feature, &json!(value)).is_err(), "{feature} {value}");
                }
            }
        }
    }
}
