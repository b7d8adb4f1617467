//! One way to read JSON, for every protocol: in one pass and without a tree of values.
//!
//! A [`Shape`] says what becomes of a scalar, a list and an object where it expects a value. [`Shaped`] adapts it to serde.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::Deserialize;
use serde_json::Value;

/// A JSON value that is neither a list nor an object.
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Float(f64),
    Unsigned(u64),
    Signed(i64),
    Text(&'a str),
}

impl From<Scalar<'_>> for Value {
    fn from(scalar: Scalar<'_>) -> Value {
        match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => value.into(),
            Scalar::Float(value) => value.into(),
            Scalar::Unsigned(value) => value.into(),
            Scalar::Signed(value) => value.into(),
            Scalar::Text(value) => value.into(),
        }
    }
}

/// What becomes of a JSON value of each kind. A list and an object must be read to their ends.
pub(crate) trait Shape<'de>: Sized {
    type Output;

    fn scalar(self, value: Scalar<'_>) -> Self::Output;

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Output, A::Error>;

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<Self::Output, A::Error>;
}

/// A shape as serde reads it.
pub(crate) struct Shaped<S>(pub S);

impl<'de, S: Shape<'de>> DeserializeSeed<'de> for Shaped<S> {
    type Value = S::Output;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Output, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Shape<'de>> Visitor<'de> for Shaped<S> {
    type Value = S::Output;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<S::Output, E> {
        Ok(self.0.scalar(Scalar::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<S::Output, E> {
        Ok(self.0.scalar(Scalar::Bool(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<S::Output, E> {
        Ok(self.0.scalar(Scalar::Float(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<S::Output, E> {
        Ok(self.0.scalar(Scalar::Unsigned(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<S::Output, E> {
        Ok(self.0.scalar(Scalar::Signed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<S::Output, E> {
        Ok(self.0.scalar(Scalar::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<S::Output, A::Error> {
        self.0.list(elements)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<S::Output, A::Error> {
        self.0.object(members)
    }
}

/// Reads a whole body.
///
/// # Errors
/// The body is not one JSON document.
pub(crate) fn read<'de, S: Shape<'de>>(json: &'de [u8], shape: S) -> serde_json::Result<S::Output> {
    let mut deserializer = serde_json::Deserializer::from_slice(without_mark(json));
    let output = Shaped(shape).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(output)
}

/// `json` without the byte-order mark that some programs write.
pub(crate) fn without_mark(json: &[u8]) -> &[u8] {
    json.strip_prefix("\u{feff}".as_bytes()).unwrap_or(json)
}

/// The name of a member, borrowed from the JSON unless it has escapes.
pub(crate) struct FieldName<'de>(pub Cow<'de, str>);

impl<'de> Deserialize<'de> for FieldName<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FieldName<'de>, D::Error> {
        struct FieldNameVisitor;
        impl<'de> Visitor<'de> for FieldNameVisitor {
            type Value = FieldName<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<FieldName<'de>, E> {
                Ok(FieldName(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<FieldName<'de>, E> {
                Ok(FieldName(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(FieldNameVisitor)
    }
}

/// A value that is not used, but must be valid: serde's `IgnoredAny` accepts numbers out of range and broken surrogates.
#[derive(Clone, Copy)]
pub(crate) struct Unused;

impl<'de> Shape<'de> for Unused {
    type Output = ();

    fn scalar(self, _: Scalar<'_>) {}

    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(Shaped(Unused))?.is_some() {}
        Ok(())
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_key::<FieldName<'de>>()?.is_some() {
            members.next_value_seed(Shaped(Unused))?;
        }
        Ok(())
    }
}

/// A list, of which the first elements are kept.
pub(crate) struct KeptList<T> {
    pub kept: Vec<T>,
    /// Number of all elements.
    pub count: usize,
}

impl<T> Default for KeptList<T> {
    fn default() -> KeptList<T> {
        KeptList { kept: Vec::new(), count: 0 }
    }
}

/// The elements of a list, of which `most` are kept; each is read by a shape of its own.
pub(crate) fn first<'de, A: SeqAccess<'de>, S: Shape<'de>>(
    mut elements: A,
    most: usize,
    shape: impl Fn() -> S,
) -> Result<KeptList<S::Output>, A::Error> {
    let mut rows = KeptList::default();
    while rows.count < most {
        match elements.next_element_seed(Shaped(shape()))? {
            Some(row) => rows.kept.push(row),
            None => return Ok(rows),
        }
        rows.count += 1;
    }
    while elements.next_element_seed(Shaped(Unused))?.is_some() {
        rows.count += 1;
    }
    Ok(rows)
}

/// A list, of which `most` elements are kept; `None` for anything else.
#[derive(Clone, Copy)]
pub(crate) struct FirstOf<S> {
    pub most: usize,
    pub shape: S,
}

impl<'de, S: Shape<'de> + Copy> Shape<'de> for FirstOf<S> {
    type Output = Option<KeptList<S::Output>>;

    fn scalar(self, _: Scalar<'_>) -> Self::Output {
        None
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Output, A::Error> {
        first(elements, self.most, || self.shape).map(Some)
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<Self::Output, A::Error> {
        Unused.object(members).map(|()| None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_unused_value_must_be_valid() {
        for good in ["null", "[1, [2]]", r#"{"a": {"b": "é"}}"#] {
            assert!(read(good.as_bytes(), Unused).is_ok(), "{good}");
        }
        for bad in ["[1e999]", r#"{"a": "\ud800"}"#, r#"{"\ud800": 1}"#, "[1] 2", ""] {
            assert!(read(bad.as_bytes(), Unused).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_a_list_is_a_list() {
        let list = FirstOf { most: 2, shape: Unused };
        for (json, kept, count) in [("[]", 0, 0), ("[1, null]", 2, 2), ("[1, [2], 3, {}]", 2, 4)] {
            let found = read(json.as_bytes(), list).expect("JSON").map(|list| (list.kept.len(), list.count));
            assert_eq!(found, Some((kept, count)), "{json}");
        }
        for other in ["1", "null", "{\"a\": [1]}"] {
            assert!(read(other.as_bytes(), list).expect("JSON").is_none(), "{other}");
        }
    }

    proptest! {
        /// The witness is serde_json's reader of whole documents.
        #[test]
        fn what_is_valid_is_what_serde_json_says(json in r#"[\[\]{}",:\\ue0-9+\-. a]{0,16}"#) {
            let expected = serde_json::from_str::<Value>(&json).map(drop).map_err(|error| error.to_string());
            prop_assert_eq!(read(json.as_bytes(), Unused).map_err(|error| error.to_string()), expected);
        }
    }
}
