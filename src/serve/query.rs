//! The parameters of a query. Those that a route does not know are passed over, as FastAPI does.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query as Parameters};
use axum::http::request::Parts;
use serde_json::json;

use super::rejection::Detail;
use super::state::State;

/// Name and value of the parameters; one that stands twice counts as it came last.
#[derive(Clone, Debug, Default)]
pub struct Query {
    parameters: Vec<(String, String)>,
    /// What is wrong with those that were read.
    pub faults: Vec<Detail>,
}

impl Query {
    /// That of a request.
    pub async fn of(parts: &mut Parts, state: &Arc<State>) -> Query {
        let parameters = Parameters::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        // What is no query has no parameters.
        Query { parameters: parameters.map(|parameters| parameters.0).unwrap_or_default(), faults: Vec::new() }
    }

    fn last(&self, name: &str) -> Option<String> {
        self.parameters.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.clone())
    }

    fn fault(&mut self, kind: &'static str, name: &str, rule: String, value: String) {
        self.faults.push(Detail::new(kind, vec![json!("query"), json!(name)], rule, &json!(value)));
    }

    /// `true` or `false`; false if it is not given.
    pub fn truth(&mut self, name: &str) -> bool {
        let Some(value) = self.last(name) else { return false };
        value.parse().unwrap_or_else(|_| {
            self.fault("bool_parsing", name, "Input should be true or false".to_owned(), value);
            false
        })
    }

    /// A whole number from 1 to `most`; `default` if it is not given.
    pub fn count(&mut self, name: &str, default: usize, most: usize) -> usize {
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
            query.truth("count");
            assert_eq!(query.faults.len(), 2, "{bad}");
        }
        assert!(query("true").truth("count") && !query("false").truth("count") && !query("true").truth("other"));
    }
}
