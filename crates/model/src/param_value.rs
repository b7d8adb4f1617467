//! Values of parameters.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Number, Value};

/// The value of a parameter of an estimator. It displays, and serialises, as text: `none`, `true`, `0.5`, `sqrt`.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamValue {
    /// No limit, or not used.
    None,
    /// A truth value.
    Flag(bool),
    /// A whole number or a fraction.
    Number(Number),
    /// A name: `sqrt`.
    Text(String),
    /// A list or an object.
    Structure(Value),
}

impl ParamValue {
    /// The value that a user wrote: `none` or `None`, JSON, `True` or `False`, or a name.
    pub fn parse(text: &str) -> ParamValue {
        match text {
            "none" | "None" => ParamValue::None,
            "True" => ParamValue::Flag(true),
            "False" => ParamValue::Flag(false),
            _ => match serde_json::from_str::<Value>(text) {
                Ok(value) => ParamValue::from(value),
                Err(_) => ParamValue::Text(text.to_owned()),
            },
        }
    }

    /// The number; `None` for other values.
    pub fn number(&self) -> Option<f64> {
        match self {
            ParamValue::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// The word of a value that is not a number; `None` for a list or an object, too.
    pub fn word(&self) -> Option<&str> {
        match self {
            ParamValue::None => Some("none"),
            ParamValue::Flag(true) => Some("true"),
            ParamValue::Flag(false) => Some("false"),
            ParamValue::Number(_) | ParamValue::Structure(_) => None,
            ParamValue::Text(text) => Some(text),
        }
    }
}

impl From<Value> for ParamValue {
    fn from(value: Value) -> ParamValue {
        match value {
            Value::Null => ParamValue::None,
            Value::Bool(flag) => ParamValue::Flag(flag),
            Value::Number(number) => ParamValue::Number(number),
            Value::String(text) => ParamValue::Text(text),
            other => ParamValue::Structure(other),
        }
    }
}

impl From<ParamValue> for Value {
    fn from(value: ParamValue) -> Value {
        match value {
            ParamValue::None => Value::Null,
            ParamValue::Flag(flag) => Value::Bool(flag),
            ParamValue::Number(number) => Value::Number(number),
            ParamValue::Text(text) => Value::String(text),
            ParamValue::Structure(value) => value,
        }
    }
}

impl fmt::Display for ParamValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParamValue::Number(number) => number.fmt(f),
            ParamValue::Structure(value) => value.fmt(f),
            other => f.write_str(other.word().unwrap_or_default()),
        }
    }
}

impl Serialize for ParamValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_displayed_as_they_are_written() {
        for (text, value) in [
            ("none", json!(null)),
            ("true", json!(true)),
            ("7", json!(7)),
            ("0.05", json!(0.05)),
            ("sqrt", json!("sqrt")),
            ("[1,3]", json!([1, 3])),
        ] {
            let parsed = ParamValue::parse(text);
            assert_eq!(parsed.to_string(), text);
            assert_eq!(Value::from(parsed), value);
        }
        assert_eq!(Value::from(ParamValue::parse("\"sqrt\"")), json!("sqrt"));
        assert_eq!(ParamValue::parse("True"), ParamValue::Flag(true));
        assert_eq!(ParamValue::parse("\"[1,3]\""), ParamValue::Text("[1,3]".to_owned()));
        assert_eq!((ParamValue::parse("0.5").number(), ParamValue::None.number()), (Some(0.5), None));
        assert_eq!((ParamValue::parse("0.5").word(), ParamValue::None.word()), (None, Some("none")));
    }
}
