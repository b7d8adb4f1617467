//! A value that is kept only to be shown, as JSON of limited length, so that no client fills the memory with values that nobody
//! reads: a number takes 72 bytes as a [`Value`] and often two in a body.

use std::fmt::Write;

use serde::de::{MapAccess, SeqAccess};
use serde_json::Value;

use super::shape::{self, FieldName, Scalar, Shape, Shaped, Unused};
use crate::answer::faults::{cut, MAX_SHOWN_CHARS};

/// Maximum number of parts of a value that is shown as it is.
const MAX_SHOWN_PARTS: usize = 16;

/// The beginning of a value as compact JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Preview(Box<str>);

impl Preview {
    /// Reads a list, of which at most [`MAX_SHOWN_CHARS`] are kept.
    pub(crate) fn of_list<'de, A: SeqAccess<'de>>(elements: A) -> Result<Preview, A::Error> {
        let mut text = PreviewText::new(MAX_SHOWN_CHARS);
        PreviewShape(&mut text).list(elements)?;
        Ok(text.preview())
    }

    /// Reads an object, of which at most [`MAX_SHOWN_CHARS`] are kept.
    pub(crate) fn of_object<'de, A: MapAccess<'de>>(members: A) -> Result<Preview, A::Error> {
        let mut text = PreviewText::new(MAX_SHOWN_CHARS);
        PreviewShape(&mut text).object(members)?;
        Ok(text.preview())
    }

    /// The value if it is whole and has few parts, else a text of its beginning: a request may have thousands of faults, and a part
    /// takes hundreds of bytes.
    pub(crate) fn to_value(&self) -> Value {
        let parts = self.0.bytes().filter(|byte| matches!(byte, b'[' | b'{' | b',')).count();
        match parts <= MAX_SHOWN_PARTS {
            true => self.whole(),
            false => Value::from(&*self.0),
        }
    }

    fn whole(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_else(|_| Value::from(&*self.0))
    }
}

fn preview_of(json: &[u8]) -> Option<Preview> {
    let mut text = PreviewText::new(MAX_SHOWN_CHARS);
    shape::read(json, PreviewShape(&mut text)).ok()?;
    Some(text.preview())
}

/// What is shown of a document; null for what is no JSON.
pub(crate) fn shown(json: &[u8]) -> Value {
    preview_of(json).map_or(Value::Null, |preview| preview.whole())
}

/// What is shown of a part of a document, of which there may be many; null for what is no JSON.
pub(crate) fn shown_part(json: &[u8]) -> Value {
    preview_of(json).map_or(Value::Null, |preview| preview.to_value())
}

/// What is shown of a list of texts.
pub(crate) fn shown_texts<'t>(texts: impl Iterator<Item = &'t str>) -> Value {
    let mut text = PreviewText::new(MAX_SHOWN_CHARS);
    text.push("[");
    for (index, one) in texts.enumerate() {
        if text.is_cut {
            break;
        }
        text.push(if index > 0 { "," } else { "" });
        text.quote(one);
    }
    text.push("]");
    text.preview().to_value()
}

/// JSON that is written up to a number of characters.
pub(crate) struct PreviewText {
    text: String,
    left: usize,
    is_cut: bool,
}

impl PreviewText {
    fn new(most: usize) -> PreviewText {
        PreviewText { text: String::new(), left: most, is_cut: false }
    }

    /// Appends as much as there is room for, and an ellipsis where there is too little.
    fn push(&mut self, json: &str) {
        if self.is_cut {
            return;
        }
        match json.char_indices().nth(self.left) {
            Some((end, _)) => {
                self.text.push_str(&json[..end]);
                self.text.push('…');
                self.is_cut = true;
            }
            None => {
                self.left -= json.chars().count();
                self.text.push_str(json);
            }
        }
    }

    fn quote(&mut self, text: &str) {
        // Its own cut would look like the client's.
        let beginning = &text[..text.char_indices().nth(self.left + 1).map_or(text.len(), |(end, _)| end)];
        // A text is always JSON.
        let json = serde_json::to_string(beginning).unwrap_or_default();
        match beginning.len() == text.len() {
            true => self.push(&json),
            // Without the closing mark there are more characters than there is room for.
            false => self.push(&json[..json.len() - 1]),
        }
    }

    fn preview(self) -> Preview {
        Preview(self.text.into())
    }
}

/// Writes a value into a text; what has no room is passed over.
pub(crate) struct PreviewShape<'a>(&'a mut PreviewText);

impl<'de> Shape<'de> for PreviewShape<'_> {
    type Output = ();

    fn scalar(self, value: Scalar<'_>) {
        match value {
            Scalar::Text(text) => self.0.quote(text),
            other => {
                let mut json = String::new();
                // Writing to a text never fails.
                let _ = write!(json, "{}", Value::from(other));
                self.0.push(&json);
            }
        }
    }

    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        self.0.push("[");
        let mut is_first = true;
        while !self.0.is_cut {
            let before = (self.0.text.len(), self.0.left);
            self.0.push(if is_first { "" } else { "," });
            if elements.next_element_seed(Shaped(PreviewShape(&mut *self.0)))?.is_none() {
                self.0.text.truncate(before.0);
                (self.0.left, self.0.is_cut) = (before.1, false);
                self.0.push("]");
                return Ok(());
            }
            is_first = false;
        }
        Unused.list(elements)
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.0.push("{");
        let mut is_first = true;
        while !self.0.is_cut {
            let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? else {
                self.0.push("}");
                return Ok(());
            };
            self.0.push(if is_first { "" } else { "," });
            self.0.quote(&name);
            self.0.push(":");
            members.next_value_seed(Shaped(PreviewShape(&mut *self.0)))?;
            is_first = false;
        }
        Unused.object(members)
    }
}

/// A field that is no feature: numbers, truth values and short texts are kept; of lists and objects only a mark.
pub(crate) struct MarkShape;

/// Maximum number of characters of a text in a field that is no feature.
const MAX_FIELD_CHARS: usize = 100;

impl<'de> Shape<'de> for MarkShape {
    type Output = Value;

    fn scalar(self, value: Scalar<'_>) -> Value {
        match value {
            Scalar::Text(text) => Value::String(cut(text, MAX_FIELD_CHARS).into()),
            other => other.into(),
        }
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Value, A::Error> {
        Unused.list(elements).map(|()| "[…]".into())
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<Value, A::Error> {
        Unused.object(members).map(|()| "{…}".into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_short_field_is_shown_unchanged() {
        let of = |json: &Value| shape::read(json.to_string().as_bytes(), MarkShape).expect("JSON");
        for short in [json!(null), json!(true), json!(1985), json!(-3), json!(0.5), json!("é")] {
            assert_eq!(of(&short), short);
        }
        assert_eq!(of(&json!("é".repeat(200))), json!("é".repeat(100) + "…"));
        assert_eq!((of(&json!([1, [2]])), of(&json!({ "a": {} }))), (json!("[…]"), json!("{…}")));
    }

    #[test]
    fn a_long_value_is_cut_wherever_it_is_long() {
        for (long, beginning) in [
            (json!(vec![0; 10_000]), "[0,0,0,"),
            (json!("é".repeat(10_000)), "\"ééé"),
            (json!({ "a".repeat(10_000): 1 }), "{\"aaa"),
            (json!([[["\"".repeat(10_000)]]]), "[[[\"\\\"\\\""),
        ] {
            let cut = shown(long.to_string().as_bytes());
            let cut = cut.as_str().expect("a text");
            assert!(cut.starts_with(beginning) && cut.ends_with('…'), "{cut}");
            assert_eq!(cut.chars().count(), MAX_SHOWN_CHARS + 1, "{cut}");
        }
        assert_eq!(shown(b"[1,"), Value::Null);
        assert_eq!(shown_part(b"[1, [2]]"), json!([1, [2]]));
        let many = json!(vec![0; 20]);
        assert_eq!(
            (shown(many.to_string().as_bytes()), shown_part(many.to_string().as_bytes())),
            (many.clone(), json!(many.to_string()))
        );
        let names = vec!["energy"; 3];
        assert_eq!(shown_texts(names.into_iter()), json!(["energy", "energy", "energy"]));
        let names = vec!["energy"; 10_000];
        assert_eq!(shown_texts(names.into_iter()).as_str().map(|text| text.chars().count()), Some(MAX_SHOWN_CHARS + 1));
    }

    proptest! {
        #[test]
        fn a_short_value_is_shown_whole(texts in prop::collection::vec(r#"[a"\\é\n]{0,6}"#, 0..6)) {
            let value = json!({ "list": texts, "nested": [[], {}, { "a": [1.5, null, true, -3] }] });
            prop_assert_eq!(shown(value.to_string().as_bytes()), value);
        }
    }
}
