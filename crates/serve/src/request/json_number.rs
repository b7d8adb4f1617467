//! A JSON value where a number is expected.

use serde::de::{self, MapAccess, SeqAccess};
use serde::Deserialize;
use serde_json::{Number, Value};

use super::number;
use super::shape::{Scalar, Shape};
use hitflop_core::track::Feature;

/// A value that should be a number; anything else is kept as it was sent.
pub enum JsonNumber {
    /// A number with a fraction or an exponent, or one that a text of a table spells.
    Float(f64),
    /// A whole number.
    Whole(Number),
    Null,
    Other(Box<Value>),
}

impl JsonNumber {
    /// The value of `feature`, NaN for null.
    ///
    /// # Errors
    /// What was sent, if it is not a valid number as it is. [`number::read`] judges that.
    pub fn plain(self, feature: Feature) -> Result<f64, Value> {
        let value = match &self {
            JsonNumber::Null => return Ok(f64::NAN),
            JsonNumber::Float(value) => *value,
            JsonNumber::Whole(whole) => whole.as_f64().unwrap_or(f64::NAN),
            JsonNumber::Other(_) => return Err(self.into()),
        };
        match number::is_plain(feature, value) {
            true => Ok(value),
            false => Err(self.into()),
        }
    }
}

impl From<JsonNumber> for Value {
    fn from(number: JsonNumber) -> Value {
        match number {
            JsonNumber::Float(value) => value.into(),
            JsonNumber::Whole(whole) => Value::Number(whole),
            JsonNumber::Null => Value::Null,
            JsonNumber::Other(value) => *value,
        }
    }
}

/// The shape of a [`JsonNumber`].
#[derive(Clone, Copy)]
pub struct NumberShape;

impl<'de> Shape<'de> for NumberShape {
    type Output = JsonNumber;

    fn scalar(self, value: Scalar<'_>) -> JsonNumber {
        match value {
            Scalar::Float(value) => JsonNumber::Float(value),
            Scalar::Unsigned(value) => JsonNumber::Whole(value.into()),
            Scalar::Signed(value) => JsonNumber::Whole(value.into()),
            Scalar::Null => JsonNumber::Null,
            other @ (Scalar::Bool(_) | Scalar::Text(_)) => JsonNumber::Other(Box::new(other.into())),
        }
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<JsonNumber, A::Error> {
        Value::deserialize(de::value::SeqAccessDeserializer::new(elements))
            .map(|list| JsonNumber::Other(Box::new(list)))
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<JsonNumber, A::Error> {
        Value::deserialize(de::value::MapAccessDeserializer::new(members))
            .map(|object| JsonNumber::Other(Box::new(object)))
    }
}
