//! A body that was read in one pass, with its faults. What was sent at the place of a fault is looked up once all are known.

use serde_json::{json, Value};

use super::json_error;
use super::locate;
use super::preview::{shown, shown_part};
use super::shape::{self, without_mark, Shape};
use crate::answer::faults::{Detail, Faults};
use crate::answer::rejection::Rejection;

/// A body that was read in one pass, and its faults.
pub(crate) struct Document<'a> {
    body: &'a [u8],
    /// The faults so far.
    pub faults: Faults,
    /// Faults that show a part of the body, by index, each with the place of that part.
    showing: Vec<(usize, Vec<Value>)>,
}

impl<'a> Document<'a> {
    /// Reads `body`, which must be an object: `shape` has an output only for one.
    ///
    /// # Errors
    /// The body is not JSON, or not an object.
    pub(crate) fn read<T>(
        body: &'a [u8],
        shape: impl Shape<'a, Output = Option<T>>,
    ) -> Result<(Document<'a>, T), Rejection> {
        let object = shape::read(body, shape).map_err(|error| Rejection::invalid(json_error::detail(&error, body)))?;
        match object {
            Some(object) => Ok((Document { body, faults: Faults::default(), showing: Vec::new() }, object)),
            None => Err(Rejection::invalid(Detail::not_an_object(&shown(body)))),
        }
    }

    /// A fault of the value at a place, a member's name or an element's index a level.
    pub(crate) fn fault(&mut self, place: &[Value], kind: &'static str, rule: impl Into<String>) {
        self.fault_showing(place, place, kind, rule);
    }

    /// A fault at a place that shows what was sent at another, such as the object that lacks a member.
    pub(crate) fn fault_showing(
        &mut self,
        place: &[Value],
        sent: &[Value],
        kind: &'static str,
        rule: impl Into<String>,
    ) {
        if !self.faults.are_enough() {
            self.showing.push((self.faults.count(), sent.to_vec()));
            self.faults.push(Detail::new(kind, in_body(place), rule, &Value::Null));
        }
    }

    /// A fault at a place, of something else than the value there.
    pub(crate) fn fault_of(&mut self, found: &Value, place: &[Value], kind: &'static str, rule: impl Into<String>) {
        if !self.faults.are_enough() {
            self.faults.push(Detail::new(kind, in_body(place), rule, found));
        }
    }

    /// `good`, if there is no fault.
    ///
    /// # Errors
    /// All faults.
    pub(crate) fn or<T>(mut self, good: T) -> Result<T, Vec<Detail>> {
        let places: Vec<&[Value]> = self.showing.iter().map(|(_, place)| place.as_slice()).collect();
        if !places.is_empty() {
            let sent = locate::find(without_mark(self.body), &places);
            for ((index, _), sent) in self.showing.iter().zip(sent) {
                *self.faults.0[*index].input = sent.map(shown_part).unwrap_or_default();
            }
        }
        self.faults.or(good)
    }
}

/// A place of a body as a fault names it.
pub(crate) fn in_body(place: &[Value]) -> Vec<Value> {
    [&[json!("body")], place].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::shape::{FirstOf, Unused};

    const LIST: FirstOf<Unused> = FirstOf { most: 1, shape: Unused };

    #[test]
    fn what_was_sent_is_shown() {
        let body = b"\xef\xbb\xbf[1, {\"a\": [2, 3]}]";
        let (mut document, list) = Document::read(body, LIST).expect("a list");
        assert_eq!((list.kept.len(), list.count), (1, 2));
        document.fault(&[json!(1), json!("a"), json!(0)], "enum", "rule");
        document.fault_of(&json!("found"), &[json!(0)], "enum", "rule");
        document.fault_showing(&[json!(1), json!("b")], &[json!(1)], "missing", "rule");
        for nothing in [vec![json!("a")], vec![json!(2)], vec![json!(0), json!(0)]] {
            document.fault(&nothing, "enum", "rule");
        }
        let faults = document.or(()).expect_err("faults");
        assert_eq!(faults[0].loc, [json!("body"), json!(1), json!("a"), json!(0)]);
        let inputs: Vec<&Value> = faults.iter().map(|fault| &*fault.input).collect();
        let null = Value::Null;
        assert_eq!(inputs, [&json!(2), &json!("found"), &json!({ "a": [2, 3] }), &null, &null, &null]);
        assert!(Document::read(b"5", LIST).is_err());
    }
}
