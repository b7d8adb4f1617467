//! A JSON document in one pass: the tracks of a list are gathered as they are read, so that a long list takes no tree of values.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::json::Gathered;

/// Members that hold a list of tracks.
const ENVELOPES: [&str; 11] = [
    "audio_features",
    "content",
    "dataframe_records",
    "instances",
    "items",
    "tracks",
    "results",
    "records",
    "rows",
    "songs",
    "data",
];

/// Names, if all values are texts.
pub(super) fn names_of(values: &[Value]) -> Option<Vec<String>> {
    let names: Option<Vec<String>> = values.iter().map(|name| name.as_str().map(str::to_owned)).collect();
    names.filter(|names| !names.is_empty())
}

/// Whether a value is neither a list nor an object.
pub(super) fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// One document; the tracks of its list are gathered as they are read.
pub(super) struct DocumentSeed<'a>(pub &'a mut Gathered);

impl<'de> DeserializeSeed<'de> for DocumentSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DocumentSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> std::result::Result<(), A::Error> {
        while let Some(element) = elements.next_element()? {
            self.0.push(element);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<(), A::Error> {
        let mut others = Map::new();
        let mut is_envelope = false;
        while let Some(name) = members.next_key::<String>()? {
            let other = match ENVELOPES.contains(&name.as_str()) {
                true => members.next_value_seed(TracksSeed(self.0))?,
                false => Some(members.next_value()?),
            };
            match other {
                Some(value) => drop(others.insert(name, value)),
                None => is_envelope = true,
            }
        }
        match is_envelope {
            // `{"columns": […], "data": […]}`
            true => self.0.names = others.get("columns").and_then(Value::as_array).and_then(|names| names_of(names)),
            false => self.0.push_document(others),
        }
        Ok(())
    }
}

/// A list of tracks, or the value that is there instead.
struct TracksSeed<'a>(&'a mut Gathered);

impl<'de> DeserializeSeed<'de> for TracksSeed<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Option<Value>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TracksSeed<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Option<Value>, E> {
        Ok(Some(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> std::result::Result<Option<Value>, A::Error> {
        let mut waiting = Vec::new();
        while let Some(element) = elements.next_element::<Value>()? {
            match element {
                Value::Null => waiting.push(element),
                // A list of scalars is a value, and not a list of tracks.
                element if is_scalar(&element) => {
                    waiting.push(element);
                    while let Some(element) = elements.next_element()? {
                        waiting.push(element);
                    }
                    return Ok(Some(Value::Array(waiting)));
                }
                element => {
                    waiting.drain(..).for_each(|null| self.0.push(null));
                    self.0.push(element);
                    while let Some(element) = elements.next_element()? {
                        self.0.push(element);
                    }
                    return Ok(None);
                }
            }
        }
        waiting.into_iter().for_each(|null| self.0.push(null));
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<Option<Value>, A::Error> {
        let mut object = Map::new();
        let mut is_envelope = false;
        while let Some(name) = members.next_key::<String>()? {
            // Spotify's answers to searches: `{"tracks": {"items": [{…}]}}`.
            let other = match ENVELOPES.contains(&name.as_str()) {
                true => members.next_value_seed(TracksSeed(&mut *self.0))?,
                false => Some(members.next_value()?),
            };
            match other {
                Some(value) => drop(object.insert(name, value)),
                None => is_envelope = true,
            }
        }
        Ok((!is_envelope).then_some(Value::Object(object)))
    }
}

/// Replaces `NaN`, `Infinity` and `-Infinity` outside of strings by null, in a text that is read in parts.
#[derive(Clone, Debug, Default)]
pub(super) struct NanFilter {
    is_in_string: bool,
    /// The end of the last part, which may be the beginning of one of them.
    held: String,
}

/// So many bytes may be the beginning of a token.
const MAX_TOKEN: usize = "-Infinity".len();

impl NanFilter {
    /// Appends the next part to `replaced`. Before the last one some bytes may wait.
    pub fn add(&mut self, part: &str, is_last: bool, replaced: &mut String) {
        self.held.push_str(part);
        let held = std::mem::take(&mut self.held);
        let mut rest = held.as_str();
        while let Some(next) = rest.chars().next() {
            if !is_last && rest.len() < MAX_TOKEN {
                self.held = rest.to_owned();
                return;
            }
            let token = ["NaN", "-Infinity", "Infinity"].into_iter();
            let token = token.filter(|_| !self.is_in_string).find(|token| rest.starts_with(token));
            let taken = match (token, next) {
                (Some(token), _) => {
                    replaced.push_str("null");
                    rest = &rest[token.len()..];
                    continue;
                }
                (None, '\\') if self.is_in_string => {
                    next.len_utf8() + rest[1..].chars().next().map_or(0, char::len_utf8)
                }
                (None, '"') => {
                    self.is_in_string = !self.is_in_string;
                    1
                }
                (None, _) => next.len_utf8(),
            };
            replaced.push_str(&rest[..taken]);
            rest = &rest[taken..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_replaced_across_parts() {
        let text = r#"{"a": NaN, "NaN \" NaN\\": [-Infinity, Infinity], "é": -1}"#;
        let expected = r#"{"a": null, "NaN \" NaN\\": [null, null], "é": -1}"#;
        for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let (mut filter, mut replaced) = (NanFilter::default(), String::new());
            filter.add(&text[..cut], false, &mut replaced);
            filter.add(&text[cut..], false, &mut replaced);
            filter.add("", true, &mut replaced);
            assert_eq!(replaced, expected, "{cut}");
        }
    }
}
