//! A value that is kept only to be shown: as it is if it is short, else its beginning, so that no client fills the memory with
//! what nobody reads.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::Deserialize;
use serde_json::Value;

/// Most characters of a text that are shown.
const MAX_PREVIEW_CHARS: usize = 100;

/// Numbers, truth values and short texts as they are; of lists and objects only that they are ones.
pub struct ValuePreview(pub Value);

impl<'de> Deserialize<'de> for ValuePreview {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ValuePreview, D::Error> {
        deserializer.deserialize_any(ValuePreviewVisitor).map(ValuePreview)
    }
}

struct ValuePreviewVisitor;

impl<'de> Visitor<'de> for ValuePreviewVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(match value.char_indices().nth(MAX_PREVIEW_CHARS) {
            Some((end, _)) => format!("{}…", &value[..end]).into(),
            None => value.into(),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok("[…]".into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok("{…}".into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_short_is_shown_as_it_is() {
        let of = |json: &Value| serde_json::from_str::<ValuePreview>(&json.to_string()).expect("JSON").0;
        for short in [json!(null), json!(true), json!(1985), json!(-3), json!(0.5), json!("é")] {
            assert_eq!(of(&short), short);
        }
        assert_eq!(of(&json!("é".repeat(200))), json!("é".repeat(100) + "…"));
        assert_eq!((of(&json!([1, [2]])), of(&json!({ "a": {} }))), (json!("[…]"), json!("{…}")));
    }
}
