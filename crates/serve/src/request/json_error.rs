//! The place at which a body is not JSON: the row of a list, the feature, and numbers that Python writes and JSON does not have.

use serde_json::{json, Value};

use super::array_split;
use super::request_body::ENVELOPES;
use super::shape::without_mark;
use crate::answer::faults::Detail;
use hitflop_core::track::Feature;

/// Words of Python's `json.dumps` for numbers that JSON does not have.
const NO_NUMBERS: [&str; 2] = ["NaN", "Infinity"];

/// The fault of a body that is not JSON, at the feature whose value is none.
pub(crate) fn detail(error: &serde_json::Error, body: &[u8]) -> Detail {
    let mut detail = Detail::json_invalid(error);
    if let Some(word) = wrong_word(&detail, body) {
        detail.msg = format!("{}: {word} is not JSON, write null for a missing value", detail.msg);
    } else if error.to_string().starts_with("number out of range") {
        detail.msg = format!("{}: the number is too large", detail.msg);
    }
    if let Some(end) = offset(&detail, body) {
        let (_, feature) = place(&without_mark(body)[..end]);
        detail.loc.extend(feature.map(|feature| json!(feature)));
    }
    detail
}

/// The fault of a body that is not JSON and might be a list of tracks: it says which row is broken, and how the others are
/// answered all the same.
pub(crate) fn in_list(error: &serde_json::Error, body: &[u8]) -> Detail {
    let mut detail = detail(error, body);
    let (row, _) = offset(&detail, body).map_or((None, None), |end| place(&without_mark(body)[..end]));
    if let Some(row) = row {
        detail.loc.insert(1, json!(row));
        detail.msg =
            format!("{}; /v1/predict/batch answers lines of JSON (application/x-ndjson) row by row", detail.msg);
    }
    detail
}

/// Where in a body a fault was found.
fn offset(detail: &Detail, body: &[u8]) -> Option<usize> {
    let context = detail.ctx.as_ref()?;
    let number = |name: &str| context.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let (line, column) = (number("line")?, number("column")?);
    let body = without_mark(body);
    let before: usize = body.split_inclusive(|byte| *byte == b'\n').take(line.checked_sub(1)?).map(<[u8]>::len).sum();
    Some((before + column.saturating_sub(1)).min(body.len()))
}

fn wrong_word(detail: &Detail, body: &[u8]) -> Option<&'static str> {
    let rest = without_mark(body).get(offset(detail, body)?..)?;
    NO_NUMBERS.into_iter().find(|word| rest.starts_with(word.as_bytes()))
}

/// Where `json` breaks off: the element of the outermost list, or of an envelope's, and the feature whose value it was.
fn place(json: &[u8]) -> (Option<usize>, Option<Feature>) {
    // Of each bracket that is open, how many elements are behind, and the name that stood last.
    let mut open: Vec<OpenContainer> = Vec::new();
    let mut at = 0;
    while at < json.len() {
        match json[at] {
            b'"' => {
                let start = at + 1;
                at = array_split::end_of_text(json, start).unwrap_or(json.len());
                if let Some(open) = open.last_mut() {
                    open.text = &json[start..at];
                }
            }
            bracket @ (b'[' | b'{') => open.push(OpenContainer { bracket, elements: 0, text: b"" }),
            b']' | b'}' => drop(open.pop()),
            b',' => open.last_mut().into_iter().for_each(|open| (open.elements, open.text) = (open.elements + 1, b"")),
            _ => {}
        }
        at += 1;
    }
    let row = match open.as_slice() {
        [list, ..] if list.bracket == b'[' => Some((1, list.elements)),
        [object, list, ..] if list.bracket == b'[' && ENVELOPES.iter().any(|name| name.as_bytes() == object.text) => {
            Some((2, list.elements))
        }
        _ => None,
    };
    // The track is what comes next, and nothing within a value is a feature's.
    let depth = row.map_or(0, |(depth, _)| depth);
    let track = open.get(depth).filter(|track| track.bracket == b'{' && open.len() == depth + 1);
    let feature = track.and_then(|track| Feature::from_name(std::str::from_utf8(track.text).ok()?));
    (row.map(|(_, elements)| elements), feature)
}

/// A bracket that is open.
struct OpenContainer<'a> {
    bracket: u8,
    /// Elements that are behind.
    elements: usize,
    /// The text that stood last since: the name of the value that follows it, in an object.
    text: &'a [u8],
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_of(body: &str) -> Detail {
        let error = serde_json::from_str::<Value>(body.trim_start_matches('\u{feff}')).expect_err("no JSON");
        in_list(&error, body.as_bytes())
    }

    #[test]
    fn the_row_is_named() {
        for (body, row) in [
            (r#"[{"energy": 1}, {"energy": NaN}]"#, 1),
            ("\u{feff}[{\"a\": \"],\\\"[\"},\n{\"b\": [1, 2]},\n{\"energy\": -Infinity}]", 2),
            (r#"{"content": [{"a": [1, 2]}, null, {"energy": }]}"#, 2),
            (r#"[{"energy": 1}, {"tempo": 2, "energy": 1e999}]"#, 1),
        ] {
            assert_eq!(fault_of(body).loc, [json!("body"), json!(row), json!("energy")], "{body}");
        }
        assert_eq!(fault_of(r#"[{"energy": 1}, {"#).loc, [json!("body"), json!(1)]);
        assert_eq!(fault_of(r#"{"tempo": 9, "energy": NaN}"#).loc, [json!("body"), json!("energy")]);
        // Other lists have no tracks, and their values are no features.
        for body in [r#"{"tags": ["a", NaN]}"#, r#"{"energy": [{"tempo": NaN}]}"#, r#"{"x": {"energy": NaN}}"#] {
            assert_eq!(fault_of(body).loc, [json!("body")], "{body}");
        }
    }

    #[test]
    fn what_python_writes_is_named() {
        for (body, word) in [
            (r#"[{"energy": NaN}]"#, "NaN"),
            (r#"{"energy": -Infinity}"#, "Infinity"),
            ("{\n\n \"energy\": Infinity}", "Infinity"),
        ] {
            let msg = fault_of(body).msg;
            assert!(msg.starts_with(&format!("JSON decode error: {word} is not JSON")), "{msg}");
        }
        assert_eq!(fault_of(r#"{"energy": "#).msg, "JSON decode error");
        assert_eq!(fault_of(r#"{"energy": 1e999}"#).msg, "JSON decode error: the number is too large");
        assert!(fault_of(r#"[{"energy": x}]"#).msg.contains("row by row"));
    }
}
