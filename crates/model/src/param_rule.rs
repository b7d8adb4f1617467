//! Reads parameters from JSON values, with an error that is the rule which a value breaks.
//!
//! serde_json's own error has the rule inside a sentence.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

/// The rule: `expected a number`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BrokenRule(pub(crate) String);

impl BrokenRule {
    fn of(expected: &dyn Expected) -> BrokenRule {
        BrokenRule(match expected.to_string().as_str() {
            "u8" | "u16" | "u32" | "u64" | "usize" => "expected a whole number without a sign".to_owned(),
            "f32" | "f64" => "expected a number".to_owned(),
            "a boolean" => "expected true or false".to_owned(),
            other => format!("expected {other}"),
        })
    }
}

impl fmt::Display for BrokenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BrokenRule {}

impl Error for BrokenRule {
    fn custom<T: fmt::Display>(message: T) -> BrokenRule {
        BrokenRule(message.to_string())
    }

    fn invalid_type(_: Unexpected, expected: &dyn Expected) -> BrokenRule {
        BrokenRule::of(expected)
    }

    fn invalid_value(_: Unexpected, expected: &dyn Expected) -> BrokenRule {
        BrokenRule::of(expected)
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> BrokenRule {
        BrokenRule::of(expected)
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> BrokenRule {
        let names: Vec<String> = expected.iter().map(|name| format!("`{name}`")).collect();
        BrokenRule(match names.as_slice() {
            [only] => format!("expected {only}"),
            [first, second] => format!("expected {first} or {second}"),
            names => format!("expected one of {}", names.join(", ")),
        })
    }
}

/// A value that is read with this error.
pub(crate) struct JsonValue(pub(crate) Value);

impl<'de> IntoDeserializer<'de, BrokenRule> for JsonValue {
    type Deserializer = JsonValue;

    fn into_deserializer(self) -> JsonValue {
        self
    }
}

impl<'de> Deserializer<'de> for JsonValue {
    type Error = BrokenRule;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BrokenRule> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(flag),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(values) => visitor.visit_seq(SeqDeserializer::new(values.into_iter().map(JsonValue))),
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| (name, JsonValue(value)));
                visitor.visit_map(MapDeserializer::new(members))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BrokenRule> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, BrokenRule> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BrokenRule> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(name.into_deserializer()),
            _ => Err(BrokenRule("expected a name".to_owned())),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum TreeShape {
        Wide,
        Deep,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct SampleParams {
        count: usize,
        share: Option<f64>,
        shape: TreeShape,
        weights: [f64; 2],
    }

    fn read(member: &str, value: Value) -> Result<SampleParams, BrokenRule> {
        let mut params = json!({"count": 3, "share": null, "shape": "deep", "weights": [1, 2.5]});
        params[member] = value;
        SampleParams::deserialize(JsonValue(params))
    }

    #[test]
    fn the_error_is_the_rule() {
        let params = read("share", json!(0.5)).expect("valid");
        assert_eq!(params, SampleParams { count: 3, share: Some(0.5), shape: TreeShape::Deep, weights: [1.0, 2.5] });
        assert_eq!(read("share", json!(null)).expect("valid").share, None);
        for (member, value, rule) in [
            ("count", json!(-1), "expected a whole number without a sign"),
            ("count", json!(2.5), "expected a whole number without a sign"),
            ("count", json!("many"), "expected a whole number without a sign"),
            ("share", json!(true), "expected a number"),
            ("shape", json!("long"), "expected `wide` or `deep`"),
            ("shape", json!(1), "expected a name"),
            ("weights", json!("x"), "expected an array of length 2"),
            ("weights", json!([1]), "expected an array of length 2"),
        ] {
            assert_eq!(read(member, value), Err(BrokenRule(rule.to_owned())), "{member}");
        }
    }
}
