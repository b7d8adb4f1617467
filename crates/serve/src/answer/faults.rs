//! Faults of a request as FastAPI and Pydantic 2 report them.

use serde::Serialize;
use serde_json::{json, Map, Value};
use utoipa::ToSchema;

use crate::schema;

/// Maximum number of characters of a value that a fault repeats.
pub(crate) const MAX_SHOWN_CHARS: usize = 500;

/// Maximum number of faults of a request that are reported one by one.
pub(crate) const MAX_REPORTED_FAULTS: usize = 5_000;
/// The rule that a track without a value breaks.
pub(crate) use hitflop_core::reader::NO_AUDIO_RULE as NO_VALUE;

/// A fault of a body or a query.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ValidationError)]
pub(crate) struct Detail {
    /// Kind of fault by Pydantic's name: `missing`, `float_type`, `json_invalid`, …
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Place: `["body", "energy"]`, with the row's index in between in a batch.
    #[schema(schema_with = schema::place)]
    pub loc: Vec<Value>,
    /// The rule in words.
    pub msg: String,
    /// Value that was found; a long one is cut.
    #[schema(schema_with = schema::any)]
    pub input: Box<Value>,
    /// Numbers and words of the rule, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    pub ctx: Option<Box<Map<String, Value>>>,
}

impl Detail {
    /// A fault at `loc`. A long `input` is cut to a text of its beginning.
    pub(crate) fn new(kind: &'static str, loc: Vec<Value>, msg: impl Into<String>, input: &Value) -> Detail {
        Detail { kind, loc, msg: msg.into(), input: Box::new(shorten(input)), ctx: None }
    }

    /// The same fault, with a member of `ctx`.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Detail {
        self.ctx.get_or_insert_default().insert(name.to_owned(), value.into());
        self
    }

    /// The same fault, below `place`: in a row of a batch, or a member of an envelope.
    pub(crate) fn below(mut self, place: &[Value]) -> Detail {
        // After "body".
        self.loc.splice(1..1, place.iter().cloned());
        self
    }

    /// In place of the `faults` faults of the row that this one is of.
    fn counted(&self, faults: usize) -> Detail {
        let row = self.loc.iter().rposition(Value::is_number).map_or(1, |at| at + 1).min(self.loc.len());
        let rule = format!("Faults past the first {MAX_REPORTED_FAULTS} are only counted, here {faults}");
        Detail::new("too_many_faults", self.loc[..row].to_vec(), rule, &Value::Null)
    }

    /// A body that is not JSON.
    pub(crate) fn json_invalid(error: &serde_json::Error) -> Detail {
        let detail = Detail::new("json_invalid", vec![json!("body")], "JSON decode error", &json!({}));
        detail.with("error", error.to_string()).with("line", error.line()).with("column", error.column())
    }

    /// A body, or an element of one, that is not an object.
    pub(crate) fn not_an_object(found: &Value) -> Detail {
        let rule = "Input should be a valid dictionary or object to extract fields from";
        Detail::new("model_attributes_type", vec![json!("body")], rule, found)
    }
}

fn shorten(input: &Value) -> Value {
    match input {
        // What was cut before has one more character.
        Value::String(text) if text.chars().count() > MAX_SHOWN_CHARS + 1 => Value::from(&*cut(text, MAX_SHOWN_CHARS)),
        Value::Array(_) | Value::Object(_) => {
            let text = input.to_string();
            match text.chars().count() > MAX_SHOWN_CHARS {
                true => Value::from(&*cut(&text, MAX_SHOWN_CHARS)),
                false => input.clone(),
            }
        }
        _ => input.clone(),
    }
}

/// Number of faults that are reported so far. A fault takes more room than the value that it is of, so past
/// [`MAX_REPORTED_FAULTS`] they are only counted, row by row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FaultBudget(usize);

impl FaultBudget {
    /// The faults of a row as they are to be reported.
    pub(crate) fn limit(&mut self, faults: Vec<Detail>) -> Vec<Detail> {
        self.0 += faults.len();
        match faults.first() {
            Some(first) if self.0 > MAX_REPORTED_FAULTS => vec![first.counted(faults.len())],
            _ => faults,
        }
    }
}

/// The faults of a track or a whole body, of which the first [`MAX_REPORTED_FAULTS`] are kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(pub(crate) Vec<Detail>);

impl Faults {
    pub(crate) fn push(&mut self, fault: Detail) {
        if !self.are_enough() {
            self.0.push(fault);
        }
    }

    /// Number of faults that are kept.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether a further fault would not be reported.
    pub(crate) fn are_enough(&self) -> bool {
        self.0.len() >= MAX_REPORTED_FAULTS
    }

    /// `good`, if there is no fault.
    ///
    /// # Errors
    /// All faults.
    pub(crate) fn or<T>(self, good: T) -> Result<T, Vec<Detail>> {
        match self.0.is_empty() {
            true => Ok(good),
            false => Err(self.0),
        }
    }
}

impl Extend<Detail> for Faults {
    fn extend<I: IntoIterator<Item = Detail>>(&mut self, faults: I) {
        faults.into_iter().for_each(|fault| self.push(fault));
    }
}

/// `text`, or its first `most` characters and an ellipsis.
pub(crate) fn cut(text: &str, most: usize) -> Box<str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_input_is_cut() {
        let long = json!({ "a": "é".repeat(2000) });
        let detail = Detail::new("missing", vec![json!("body"), json!("energy")], "Field required", &long);
        let shown = detail.input.as_str().expect("a text");
        assert_eq!(shown.chars().count(), MAX_SHOWN_CHARS + 1);
        assert!(shown.starts_with(r#"{"a":"é"#) && shown.ends_with('…'));
        let short = json!({ "a": [1, null] });
        assert_eq!(*Detail::new("missing", vec![], "", &short).input, short);
    }

    #[test]
    fn so_many_faults_are_kept() {
        let mut faults = Faults::default();
        assert_eq!(faults.clone().or(7), Ok(7));
        faults.extend((0..MAX_REPORTED_FAULTS + 5).map(|_| Detail::new("missing", vec![], "", &Value::Null)));
        assert!(faults.are_enough());
        assert_eq!(faults.or(7).map_err(|faults| faults.len()), Err(MAX_REPORTED_FAULTS));
    }

    #[test]
    fn a_fault_in_a_row_says_which() {
        let detail = Detail::new("float_type", vec![json!("body"), json!("energy")], "", &Value::Null);
        assert_eq!(
            detail.below(&[json!("content"), json!(3)]).loc,
            [json!("body"), json!("content"), json!(3), json!("energy")]
        );
    }
}
