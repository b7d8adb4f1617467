//! A JSON value where a number is expected.

use serde::de::{MapAccess, SeqAccess};
use serde_json::{Number, Value};

use super::preview::Preview;
use super::shape::{Scalar, Shape};
use crate::answer::faults::{cut, MAX_SHOWN_CHARS};
use hitflop_core::reader::value::{self, ValueRule};
use hitflop_core::reader::Cell;
use hitflop_core::track::Feature;

/// A value that should be a number; anything else is kept as far as it is shown. No number is spelt by a text that is longer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum JsonNumber {
    /// A number with a fraction or an exponent, or one that a text of a table spells.
    Float(f64),
    Whole(Number),
    Null,
    Bool(bool),
    Text(Box<str>),
    /// A list or an object.
    Nested(Preview),
}

impl JsonNumber {
    /// A text without the spaces around it that would be too long to be shown.
    pub(crate) fn text(text: &str) -> JsonNumber {
        match text.len() <= MAX_SHOWN_CHARS {
            true => JsonNumber::Text(text.into()),
            false => JsonNumber::Text(cut(text.trim(), MAX_SHOWN_CHARS)),
        }
    }

    /// The value of `feature`, NaN for null.
    ///
    /// # Errors
    /// The value itself, if it is not a valid number as it is. The reader judges that.
    pub(crate) fn plain(self, feature: Feature) -> Result<f64, JsonNumber> {
        let value = match &self {
            JsonNumber::Null => return Ok(f64::NAN),
            JsonNumber::Float(value) => *value,
            JsonNumber::Whole(whole) => whole.as_f64().unwrap_or(f64::NAN),
            JsonNumber::Bool(_) | JsonNumber::Text(_) | JsonNumber::Nested(_) => return Err(self),
        };
        match value::read(feature, Cell::Number(value), &ValueRule::default()) {
            Ok(read) if read == value => Ok(value),
            _ => Err(self),
        }
    }

    /// The value as the reader takes it.
    pub(crate) fn cell(&self) -> Cell<'_> {
        match self {
            JsonNumber::Float(value) => Cell::Number(*value),
            // Without arbitrary precision every number of serde_json's is one of f64's.
            JsonNumber::Whole(whole) => Cell::Number(whole.as_f64().unwrap_or(f64::NAN)),
            JsonNumber::Null => Cell::Missing,
            JsonNumber::Bool(truth) => Cell::Bool(*truth),
            JsonNumber::Text(text) => Cell::Text(text),
            JsonNumber::Nested(_) => Cell::Nested,
        }
    }

    /// The value as it is shown in a fault.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            JsonNumber::Float(value) => (*value).into(),
            JsonNumber::Whole(whole) => Value::Number(whole.clone()),
            JsonNumber::Null => Value::Null,
            JsonNumber::Bool(truth) => (*truth).into(),
            JsonNumber::Text(text) => Value::from(&**text),
            JsonNumber::Nested(preview) => preview.to_value(),
        }
    }
}

/// The shape of a [`JsonNumber`].
#[derive(Clone, Copy)]
pub(crate) struct NumberShape;

impl<'de> Shape<'de> for NumberShape {
    type Output = JsonNumber;

    fn scalar(self, value: Scalar<'_>) -> JsonNumber {
        match value {
            Scalar::Float(value) => JsonNumber::Float(value),
            Scalar::Unsigned(value) => JsonNumber::Whole(value.into()),
            Scalar::Signed(value) => JsonNumber::Whole(value.into()),
            Scalar::Null => JsonNumber::Null,
            Scalar::Bool(truth) => JsonNumber::Bool(truth),
            Scalar::Text(text) => JsonNumber::text(text),
        }
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<JsonNumber, A::Error> {
        Preview::of_list(elements).map(JsonNumber::Nested)
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<JsonNumber, A::Error> {
        Preview::of_object(members).map(JsonNumber::Nested)
    }
}
