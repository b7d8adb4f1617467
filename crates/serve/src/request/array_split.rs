//! A JSON array cut into its elements before they are read, so that several threads can read them.

/// The elements of a JSON array, each with the space around it, of which the first are kept.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ArrayElements<'j> {
    pub kept: Vec<&'j [u8]>,
    /// Number of all elements.
    pub count: usize,
}

impl<'j> ArrayElements<'j> {
    fn push(&mut self, element: &'j [u8], most: usize) {
        self.count += 1;
        if self.count <= most {
            self.kept.push(element);
        }
    }
}

/// The elements of a JSON array, of which `most` are kept; `None` if it is no array or its brackets do not match. What the
/// elements are is not looked at.
pub(crate) fn of_array(json: &[u8], most: usize) -> Option<ArrayElements<'_>> {
    let start = json.iter().position(|byte| !is_space(byte))?;
    if json[start] != b'[' {
        return None;
    }
    let (mut elements, mut depth) = (ArrayElements::default(), 0_usize);
    let (mut first, mut at) = (start + 1, start + 1);
    loop {
        at += json[at..].iter().position(|&byte| IS_MARK[usize::from(byte)])?;
        match json[at] {
            b'"' => at = end_of_text(json, at + 1)?,
            b'[' | b'{' => depth += 1,
            b',' if depth > 0 => {}
            b',' => {
                elements.push(&json[first..at], most);
                first = at + 1;
            }
            _ if depth > 0 => depth -= 1,
            b']' => {
                let last = &json[first..at];
                // `[]` has no elements; a trailing comma is an error.
                if elements.count > 0 || !last.iter().all(is_space) {
                    elements.push(last, most);
                }
                return json[at + 1..].iter().all(is_space).then_some(elements);
            }
            _ => return None,
        }
        at += 1;
    }
}

/// What JSON takes for space, which is less than ASCII does.
pub(crate) fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The bytes at which something may begin or end.
const IS_MARK: [bool; 256] = {
    let mut is_mark = [false; 256];
    let (marks, mut at) = (b"\"[]{},", 0);
    while at < marks.len() {
        is_mark[marks[at] as usize] = true;
        at += 1;
    }
    is_mark
};

/// The position of the quotation mark that ends a text of which `at` is a byte.
pub(crate) fn end_of_text(json: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match json.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{json, Value};

    use super::*;

    fn cut(json: &str) -> Option<Vec<&str>> {
        Some(
            of_array(json.as_bytes(), 9)?
                .kept
                .into_iter()
                .map(|one| std::str::from_utf8(one).expect("whole letters"))
                .collect(),
        )
    }

    #[test]
    fn an_array_is_cut_at_its_own_commas() {
        assert_eq!(cut(" [] "), Some(vec![]));
        assert_eq!(cut("[ ]"), Some(vec![]));
        assert_eq!(cut("[1]"), Some(vec!["1"]));
        let found = cut(r#"[{"a":[1,2]} , null,"é,]\"," ]"#);
        assert_eq!(found, Some(vec![r#"{"a":[1,2]} "#, " null", r#""é,]\"," "#]));
    }

    #[test]
    fn elements_past_the_most_are_counted() {
        let found = of_array(b"[1,2,3,4]", 2).expect("an array");
        assert_eq!((found.kept, found.count), (vec![&b"1"[..], b"2"], 4));
    }

    #[test]
    fn what_is_missing_is_an_element_that_is_none() {
        assert_eq!(cut("[1,]"), Some(vec!["1", ""]));
        assert_eq!(cut("[,]"), Some(vec!["", ""]));
        assert_eq!(cut("[\u{c}]"), Some(vec!["\u{c}"]));
    }

    #[test]
    fn what_is_no_array_is_not_cut() {
        for json in [
            "", " ", "{}", "1", "[", "[1", "[1,", "[}", "[\"a]", "[\"a\\", "[]]", "[] 1", "[[]", "[{]", "\u{c}[]",
            "[]\u{c}",
        ] {
            assert_eq!(cut(json), None, "{json}");
        }
    }

    proptest! {
        /// As serde_json reads the array.
        #[test]
        fn elements_are_those_of_the_array(
            texts in prop::collection::vec(r#"[a"\\\[\]{},: é]{0,8}"#, 0..8),
            pretty: bool,
        ) {
            let array: Vec<Value> = texts.iter().map(|text| json!({ text.as_str(): [text, { "b": text }, 1.5] })).collect();
            let body = if pretty { serde_json::to_string_pretty(&array) } else { serde_json::to_string(&array) };
            let body = body.expect("JSON");
            let read = of_array(body.as_bytes(), 9).expect("an array").kept.into_iter().map(serde_json::from_slice);
            let read: Vec<Value> = read.collect::<Result<_, _>>().expect("elements");
            prop_assert_eq!(read, array);
        }
    }
}
