//! Where a body ceases to be JSON, in words that help: the row of a list, and what Python writes and JSON does not have.

use serde_json::{json, Value};

use super::rejection::Detail;
use super::shapes::without_mark;

/// What Python's `json.dumps` writes for numbers that JSON does not have.
const NO_NUMBERS: [&str; 2] = ["NaN", "Infinity"];

/// The fault of a body that is not JSON.
pub fn detail(error: &serde_json::Error, body: &[u8]) -> Detail {
    let mut detail = Detail::json_invalid(error);
    if let Some(word) = wrong_word(&detail, body) {
        detail.msg = format!("{}: {word} is no JSON, write null for a missing value", detail.msg);
    }
    detail
}

/// The fault of a body that is not JSON and might be a list of tracks: it says which row is broken, and how the others are
/// answered all the same.
pub fn in_list(error: &serde_json::Error, body: &[u8]) -> Detail {
    let mut detail = detail(error, body);
    if let Some(row) = offset(&detail, body).and_then(|end| row(&without_mark(body)[..end])) {
        detail.loc.push(json!(row));
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

/// The element of the outermost list, or of a list in an outermost object, in which `json` breaks off.
fn row(json: &[u8]) -> Option<usize> {
    let mut open: Vec<(u8, usize)> = Vec::new();
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                // To the end of the text; what a backslash stands before does not end it.
                while let Some(within) = bytes.next() {
                    match within {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            b'[' | b'{' => open.push((*byte, 0)),
            b']' | b'}' => drop(open.pop()),
            b',' => open.last_mut().into_iter().for_each(|(_, elements)| *elements += 1),
            _ => {}
        }
    }
    open.iter().take(2).find(|(bracket, _)| *bracket == b'[').map(|(_, elements)| *elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(body: &str) -> Detail {
        let error = serde_json::from_str::<Value>(body.trim_start_matches('\u{feff}')).expect_err("no JSON");
        in_list(&error, body.as_bytes())
    }

    #[test]
    fn the_row_is_told() {
        for (body, row) in [
            (r#"[{"energy": 1}, {"energy": NaN}]"#, 1),
            ("\u{feff}[{\"a\": \"],\\\"[\"},\n{\"b\": [1, 2]},\n{\"energy\": -Infinity}]", 2),
            (r#"{"content": [{"a": [1, 2]}, null, {"energy": }]}"#, 2),
            (r#"[{"energy": 1}, {"energy"#, 1),
        ] {
            assert_eq!(told_of(body).loc, [json!("body"), json!(row)], "{body}");
        }
        assert_eq!(told_of(r#"{"energy": NaN}"#).loc, [json!("body")]);
    }

    #[test]
    fn what_python_writes_is_named() {
        for (body, word) in [
            (r#"[{"energy": NaN}]"#, "NaN"),
            (r#"{"energy": -Infinity}"#, "Infinity"),
            ("{\n\n \"energy\": Infinity}", "Infinity"),
        ] {
            let msg = told_of(body).msg;
            assert!(msg.starts_with(&format!("JSON decode error: {word} is no JSON")), "{msg}");
        }
        assert_eq!(told_of(r#"{"energy": "#).msg, "JSON decode error");
        assert!(told_of(r#"[{"energy": x}]"#).msg.contains("row by row"));
    }
}
