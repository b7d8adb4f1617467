//! A value that is kept only to be shown: unchanged if it is short, else its beginning, so that no client fills the memory with
//! values that nobody reads.

use serde::de::{IgnoredAny, MapAccess, SeqAccess};
use serde_json::Value;

use super::shape::{Scalar, Shape};

/// Maximum number of characters of a text that are shown.
const MAX_PREVIEW_CHARS: usize = 100;

/// Numbers, truth values and short texts are kept; of lists and objects only a mark.
pub struct PreviewShape;

impl<'de> Shape<'de> for PreviewShape {
    type Output = Value;

    fn scalar(self, value: Scalar<'_>) -> Value {
        match value {
            Scalar::Text(text) => match text.char_indices().nth(MAX_PREVIEW_CHARS) {
                Some((end, _)) => format!("{}…", &text[..end]).into(),
                None => text.into(),
            },
            other => other.into(),
        }
    }

    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok("[…]".into())
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok("{…}".into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::shape::read;

    #[test]
    fn a_short_value_is_shown_unchanged() {
        let of = |json: &Value| read(json.to_string().as_bytes(), PreviewShape).expect("JSON");
        for short in [json!(null), json!(true), json!(1985), json!(-3), json!(0.5), json!("é")] {
            assert_eq!(of(&short), short);
        }
        assert_eq!(of(&json!("é".repeat(200))), json!("é".repeat(100) + "…"));
        assert_eq!((of(&json!([1, [2]])), of(&json!({ "a": {} }))), (json!("[…]"), json!("{…}")));
    }
}
