//! The parameters of a query. Those that a route does not know are ignored, as FastAPI does; [`Query::misspelt`] warns of those
//! that look like a known one.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query as Parameters};
use axum::http::request::Parts;
use serde_json::{json, Value};

use crate::answer::faults::Detail;
use crate::answer::warning::Warning;
use crate::served::state::State;
use hitflop_core::reader::name::closest;
use hitflop_core::reader::value::{self, ValueRule};
use hitflop_core::reader::Cell;
use hitflop_core::track::{Decade, Feature};

/// The words for yes and for no, in any case of letters: as Pydantic reads them.
const TRUTHS: [[&str; 6]; 2] = [["1", "on", "t", "true", "y", "yes"], ["0", "off", "f", "false", "n", "no"]];
/// Maximum number of bytes of a parameter's name that may be misspelt, and of such parameters that are reported.
const MAX_PARAMETER_SUGGESTIONS: usize = 32;

/// Name and value of the parameters; of one that was sent twice the last value counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    parameters: Vec<(String, String)>,
    /// Faults of the parameters that were read.
    pub faults: Vec<Detail>,
}

impl Query {
    /// The query of a request.
    pub(crate) async fn of(parts: &mut Parts, state: &Arc<State>) -> Query {
        let parameters = Parameters::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        // An invalid query has no parameters.
        Query { parameters: parameters.map(|parameters| parameters.0).unwrap_or_default(), faults: Vec::new() }
    }

    fn last(&self, name: &str) -> Option<String> {
        self.parameters.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.clone())
    }

    fn fault(&mut self, kind: &'static str, name: &str, rule: String, value: String) {
        self.faults.push(Detail::new(kind, vec![json!("query"), json!(name)], rule, &json!(value)));
    }

    /// One of [`TRUTHS`]; false by default.
    pub(crate) fn truth(&mut self, name: &str) -> bool {
        let Some(value) = self.last(name) else { return false };
        let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(&value));
        let [yes, no] = TRUTHS.map(|words| is_one_of(&words));
        if !yes && !no {
            let rule = "Input should be a valid boolean, unable to interpret input".to_owned();
            self.fault("bool_parsing", name, rule, value);
        }
        yes
    }

    /// Warnings of parameters that are none of `known` but look like one.
    pub(crate) fn misspelt(&self, known: &[&str]) -> Vec<Warning> {
        let unknown = self.parameters.iter().map(|(name, _)| name.as_str()).filter(|name| !known.contains(name));
        let short = unknown.filter(|name| name.len() <= MAX_PARAMETER_SUGGESTIONS).take(MAX_PARAMETER_SUGGESTIONS);
        short.filter_map(|name| Some(Warning::unknown_parameter(name, closest(name, known)?))).collect()
    }

    /// Refuses a parameter that the route does not support, rather than answering something else.
    pub(crate) fn refuse(&mut self, name: &str, rule: &str) {
        if self.truth(name) {
            self.fault("not_supported", name, rule.to_owned(), "true".to_owned());
        }
    }

    /// A decade, as the field of a track has it; none by default.
    pub(crate) fn decade(&mut self, name: &str) -> Option<Decade> {
        let value = self.last(name)?;
        let read = value::read(Feature::Decade, Cell::Text(&value), &ValueRule::default());
        let decade = read.ok().and_then(|year| Decade::from_year(year as i32).filter(|_| !year.is_nan()));
        if decade.is_none() {
            let rule = "Input should be a decade such as 1990, or a year in it".to_owned();
            self.fault("enum", name, rule, value);
        }
        decade
    }

    /// A text of 1 to `most` characters, which is required; empty if there is a fault.
    pub(crate) fn text(&mut self, name: &str, most: usize) -> String {
        let Some(value) = self.last(name) else {
            self.faults.push(Detail::new("missing", vec![json!("query"), json!(name)], "Field required", &Value::Null));
            return String::new();
        };
        let fault = match value.chars().take(most + 1).count() {
            0 => Some(("string_too_short", "min_length", 1, "String should have at least 1 character".to_owned())),
            count if count > most => {
                Some(("string_too_long", "max_length", most, format!("String should have at most {most} characters")))
            }
            _ => None,
        };
        let Some((kind, member, limit, rule)) = fault else { return value };
        let detail = Detail::new(kind, vec![json!("query"), json!(name)], rule, &json!(value));
        self.faults.push(detail.with(member, limit));
        String::new()
    }

    /// A whole number from 1 to `most`; `default` by default.
    pub(crate) fn count(&mut self, name: &str, default: usize, most: usize) -> usize {
        let Some(value) = self.last(name) else { return default };
        match value.parse() {
            // Digits only: a sign is one more way to write a number, which the schema does not have.
            Ok(count) if (1..=most).contains(&count) && value.bytes().all(|byte| byte.is_ascii_digit()) => count,
            _ => {
                self.fault("int_parsing", name, format!("Input should be a whole number from 1 to {most}"), value);
                default
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_checked() {
        let query = |value: &str| Query {
            parameters: vec![("count".to_owned(), "3".to_owned()), ("count".to_owned(), value.to_owned())],
            faults: Vec::new(),
        };
        assert_eq!(query("7").count("count", 5, 100), 7);
        assert_eq!(query("7").count("other", 5, 100), 5);
        for bad in ["0", "101", "-1", "+1", "x", "", "1.5"] {
            let mut query = query(bad);
            query.count("count", 5, 100);
            assert_eq!(query.faults.len(), 1, "{bad}");
        }
        assert!(query("true").truth("count") && !query("false").truth("count") && !query("true").truth("other"));
    }

    #[test]
    fn a_decade_is_read_as_that_of_a_track() {
        let read = |value: &str| {
            let mut query = Query { parameters: vec![("decade".to_owned(), value.to_owned())], faults: Vec::new() };
            (query.decade("decade").map(|decade| decade.year()), query.faults.len())
        };
        for text in ["1990", "90s", "1994"] {
            assert_eq!(read(text), (Some(1990), 0), "{text}");
        }
        for text in ["", "x", "-", "12"] {
            assert_eq!(read(text), (None, 1), "{text}");
        }
    }

    /// The witness is Pydantic 2.
    #[test]
    fn truth_is_written_as_pydantic_reads_it() {
        let read = |value: &str| {
            let mut query = Query { parameters: vec![("explain".to_owned(), value.to_owned())], faults: Vec::new() };
            (query.truth("explain"), query.faults.len())
        };
        for yes in ["1", "true", "TRUE", "True", "yes", "Y", "on", "t"] {
            assert_eq!(read(yes), (true, 0), "{yes}");
        }
        for no in ["0", "false", "False", "No", "n", "OFF", "f"] {
            assert_eq!(read(no), (false, 0), "{no}");
        }
        for neither in ["", "2", "truth", " true", "ja", "null"] {
            assert_eq!(read(neither), (false, 1), "{neither}");
        }
    }

    #[test]
    fn a_misspelt_parameter_is_reported() {
        let parameters = ["explan", "limit", "what_if", "Explain"].map(|name| (name.to_owned(), "x".to_owned()));
        let query = Query { parameters: parameters.to_vec(), faults: Vec::new() };
        let found: Vec<String> = query.misspelt(&["explain", "what_if"]).into_iter().map(|it| it.field).collect();
        assert_eq!(found, ["explan", "Explain"]);
    }
}
