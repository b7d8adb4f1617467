//! `NaN` as Python's `json` writes a missing value, and MLflow's client with it. It is no JSON.

use std::borrow::Cow;

const NAN: &[u8] = b"NaN";
const NULL: &[u8] = b"null";

/// A body with `null` in place of `NaN` where a value may be.
pub(crate) fn nan_as_null(body: &[u8]) -> Cow<'_, [u8]> {
    if !body.windows(NAN.len()).any(|bytes| bytes == NAN) {
        return Cow::Borrowed(body);
    }
    let mut replaced = Vec::with_capacity(body.len() + body.len() / 8);
    let (mut at, mut is_text) = (0, false);
    while let Some(&byte) = body.get(at) {
        let rest = &body[at..];
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        let before = at.checked_sub(1).and_then(|before| body.get(before));
        let is_nan = !is_text && rest.starts_with(NAN) && !is_word(before) && !is_word(rest.get(NAN.len()));
        let (bytes, length) = match byte {
            _ if is_nan => (NULL, NAN.len()),
            // The next character is part of the text, whatever it is.
            b'\\' if is_text => (&rest[..rest.len().min(2)], 2),
            _ => (&rest[..1], 1),
        };
        is_text ^= byte == b'"';
        replaced.extend_from_slice(bytes);
        at += length;
    }
    Cow::Owned(replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_are_replaced() {
        for (body, expected) in [
            (r#"{"a":[1,NaN,NaN ],"b":NaN}"#, r#"{"a":[1,null,null ],"b":null}"#),
            ("NaN", "null"),
            ("[\nNaN\n]", "[\nnull\n]"),
            (r#"{"NaN":"NaN","a":"\"NaN","b":"\\",  "c":NaN}"#, r#"{"NaN":"NaN","a":"\"NaN","b":"\\",  "c":null}"#),
            // These stay what they are: no JSON.
            ("[-NaN]", "[-NaN]"),
            ("[NaNs, xNaN, 1NaN]", "[NaNs, xNaN, 1NaN]"),
            (r#"["NaN\"#, r#"["NaN\"#),
        ] {
            assert_eq!(String::from_utf8_lossy(&nan_as_null(body.as_bytes())), expected, "{body}");
        }
        assert!(matches!(nan_as_null(b"[1, null]"), Cow::Borrowed(_)));
    }
}
