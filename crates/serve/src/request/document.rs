//! A body that is looked up only to show what was sent at the place of a fault.

use std::cell::OnceCell;

use serde_json::{json, Value};

use super::faults::{Detail, Faults};
use super::json_error;
use super::shape::{self, without_mark, Shape};
use crate::http::rejection::Rejection;

/// A body that was read in one pass, and its faults.
pub struct Document<'a> {
    body: &'a [u8],
    /// The whole body, read when the first fault needs it.
    whole: OnceCell<Value>,
    pub faults: Faults,
}

impl<'a> Document<'a> {
    /// Reads `body`, which must be an object: `shape` has an output only for one.
    ///
    /// # Errors
    /// The body is not JSON, or not an object.
    pub fn read<T>(body: &'a [u8], shape: impl Shape<'a, Output = Option<T>>) -> Result<(Document<'a>, T), Rejection> {
        let object = shape::read(body, shape).map_err(|error| Rejection::invalid(json_error::detail(&error, body)))?;
        let document = Document { body, whole: OnceCell::new(), faults: Faults::default() };
        match object {
            Some(object) => Ok((document, object)),
            None => Err(Rejection::invalid(Detail::not_an_object(document.at(&[])))),
        }
    }

    /// What was sent at a place, a member's name or an element's index a level; null if nothing was.
    pub fn at(&self, place: &[Value]) -> &Value {
        // The body was read as JSON before.
        let whole = self.whole.get_or_init(|| serde_json::from_slice(without_mark(self.body)).unwrap_or_default());
        place.iter().try_fold(whole, child).unwrap_or(&Value::Null)
    }

    /// A fault of the value at a place.
    pub fn fault(&mut self, place: &[Value], kind: &'static str, rule: impl Into<String>) {
        if !self.faults.are_enough() {
            let fault = Detail::new(kind, in_body(place), rule, self.at(place));
            self.faults.push(fault);
        }
    }

    /// A fault at a place, of something else than the value there.
    pub fn fault_of(&mut self, found: &Value, place: &[Value], kind: &'static str, rule: impl Into<String>) {
        if !self.faults.are_enough() {
            self.faults.push(Detail::new(kind, in_body(place), rule, found));
        }
    }
}

fn child<'v>(value: &'v Value, part: &Value) -> Option<&'v Value> {
    match part {
        Value::String(name) => value.get(name),
        part => value.get(usize::try_from(part.as_u64()?).ok()?),
    }
}

/// A place of a body as a fault names it.
pub fn in_body(place: &[Value]) -> Vec<Value> {
    [&[json!("body")], place].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::shape::{ListOf, Unused};

    #[test]
    fn what_was_sent_is_found_at_its_place() {
        let body = b"\xef\xbb\xbf[1, {\"a\": [2, 3]}]";
        let (mut document, list) = Document::read(body, ListOf(Unused)).expect("a list");
        assert_eq!(list.len(), 2);
        assert_eq!(document.at(&[json!(1), json!("a"), json!(0)]), 2);
        for nothing in [vec![json!("a")], vec![json!(2)], vec![json!(0), json!(0)]] {
            assert_eq!(document.at(&nothing), &Value::Null);
        }
        document.fault(&[json!(0)], "enum", "rule");
        let faults = document.faults.or(()).expect_err("a fault");
        assert_eq!((&faults[0].loc, &*faults[0].input), (&vec![json!("body"), json!(0)], &json!(1)));
        assert!(Document::read(b"5", ListOf(Unused)).is_err());
    }
}
