//! The fault of a value by Pydantic's name, as a client of FastAPI knows it. Which values are good is decided by the reader that
//! files have too ([`hitflop_core::reader`]).

use std::borrow::Cow;

use super::json_number::JsonNumber;
use hitflop_core::error::Reason;
use hitflop_core::reader::value::ValueFault;
use hitflop_core::track::Feature;

/// Pydantic's name of a broken rule, and the rule in words.
pub(crate) type PydanticFault = (&'static str, Cow<'static, str>);

const INT_FROM_FLOAT: &str = "Input should be a valid integer, got a number with a fractional part";
const INT_PARSING_SIZE: &str = "Input should be an integer of 32 bits, from -2147483648 to 2147483647";
const INT_PARSING: &str = "Input should be a valid integer, unable to parse string as an integer";
const FLOAT_PARSING: &str = "Input should be a valid number, unable to parse string as a number";
const DECADE: &str = "Input should be a decade from 1900 to 2020, such as 1960, 60 or \"60s\", or a year";

/// The fault of `sent`, a value of `feature` that the reader refuses.
pub(crate) fn of_value(feature: Feature, sent: &JsonNumber, broken: ValueFault) -> PydanticFault {
    let is_text = matches!(sent, JsonNumber::Text(_));
    match broken.reason {
        _ if feature == Feature::Decade => ("enum", DECADE.into()),
        Reason::NotFinite => ("finite_number", "Input should be a finite number".into()),
        Reason::NotWhole if !is_text => ("int_from_float", INT_FROM_FLOAT.into()),
        Reason::TooLarge => ("int_parsing_size", INT_PARSING_SIZE.into()),
        _ if !is_text => of_type(feature),
        _ if feature.is_whole() => ("int_parsing", with_spellings(feature, INT_PARSING, broken)),
        _ => ("float_parsing", FLOAT_PARSING.into()),
    }
}

/// The fault of a value of another type, or of a required one that is null.
pub(crate) fn of_type(feature: Feature) -> PydanticFault {
    match feature {
        Feature::Decade => ("enum", DECADE.into()),
        _ if feature.is_whole() => ("int_type", "Input should be a valid integer".into()),
        _ => ("float_type", "Input should be a valid number".into()),
    }
}

/// The rule with the further spellings that a feature may have.
fn with_spellings(feature: Feature, rule: &'static str, broken: ValueFault) -> Cow<'static, str> {
    match feature {
        Feature::Key | Feature::Mode | Feature::TimeSignature | Feature::DurationMs => {
            format!("{rule}; {}", broken.rule).into()
        }
        _ => rule.into(),
    }
}

#[cfg(test)]
mod tests {
    use hitflop_core::reader::value::{self, ValueRule};
    use serde_json::{json, Value};

    use super::*;
    use crate::request::json_number::NumberShape;
    use crate::request::shape;

    fn read(feature: Feature, value: &Value) -> Result<f64, &'static str> {
        let sent = shape::read(value.to_string().as_bytes(), NumberShape).expect("JSON");
        value::read(feature, sent.cell(), &ValueRule::default()).map_err(|broken| of_value(feature, &sent, broken).0)
    }

    /// By Pydantic 2.12 with `energy: float` and `key: int`, but for words and spellings that the reader knows.
    #[test]
    fn broken_rules_have_pydantics_names() {
        for (feature, value, kind) in [
            (Feature::Energy, json!("loud"), "float_parsing"),
            (Feature::Energy, json!("."), "float_parsing"),
            (Feature::Energy, json!("1e"), "float_parsing"),
            (Feature::Energy, json!("-Infinity"), "finite_number"),
            (Feature::Energy, json!([0.5]), "float_type"),
            (Feature::Energy, json!({}), "float_type"),
            (Feature::Key, json!(5.5), "int_from_float"),
            (Feature::Key, json!("5.5"), "int_parsing"),
            (Feature::Key, json!("H"), "int_parsing"),
            (Feature::Key, json!([]), "int_type"),
            (Feature::DurationMs, json!(1e12), "int_parsing_size"),
            (Feature::Decade, json!(1865), "enum"),
            (Feature::Decade, json!(true), "enum"),
            (Feature::Decade, json!("sixties"), "enum"),
            (Feature::Decade, json!("60ss"), "enum"),
        ] {
            assert_eq!(read(feature, &value), Err(kind), "{value}");
        }
    }

    #[test]
    fn spellings_are_read_as_in_files() {
        for (feature, value, expected) in [
            (Feature::Energy, json!(" -6.25\n"), -6.25),
            (Feature::Energy, json!("1_000"), 1000.0),
            (Feature::Energy, json!(true), 1.0),
            (Feature::Key, json!("5.0"), 5.0),
            (Feature::Key, json!("C#"), 1.0),
            (Feature::Mode, json!("minor"), 0.0),
            (Feature::TimeSignature, json!("4/4"), 4.0),
            (Feature::DurationMs, json!("3:37"), 217_000.0),
            (Feature::Decade, json!("60s"), 1960.0),
            (Feature::Decade, json!(1985), 1980.0),
        ] {
            assert_eq!(read(feature, &value), Ok(expected), "{value}");
        }
        for missing in [json!(null), json!(""), json!("NA"), json!("nan"), json!("-"), json!("?")] {
            assert!(read(Feature::Energy, &missing).is_ok_and(f64::is_nan), "{missing}");
        }
        for no_key in [json!(-1), json!(-1.0), json!("-1"), json!(" -1.0 ")] {
            assert!(read(Feature::Key, &no_key).is_ok_and(f64::is_nan), "{no_key}");
            assert_eq!(read(Feature::Mode, &no_key), Ok(-1.0), "{no_key}");
        }
    }
}
