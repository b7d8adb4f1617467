//! Why a request is not answered: one type that owns status, body and headers, in the form that FastAPI's clients expect.

use std::time::Duration;

use axum::http::{header, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::Json;
use serde::Serialize;
use serde_json::{json, Map, Value};

use hitflop_core::error::Error;

/// After how long a client that was turned away for load may come again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Most characters of a value that a fault repeats. A fault for each of sixteen missing fields repeats the whole body.
const MAX_INPUT_CHARS: usize = 500;
/// Most faults of a request that are told one by one.
pub const MAX_REPORTED_FAULTS: usize = 5_000;

/// One fault of a body or a query, as FastAPI and Pydantic 2 tell it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detail {
    /// Kind of fault by Pydantic's name: `missing`, `float_type`, `json_invalid`, …
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where: `["body", "energy"]`, with the row's index in between in a batch.
    pub loc: Vec<Value>,
    /// The rule in words.
    pub msg: String,
    /// What was found.
    pub input: Box<Value>,
    /// Numbers and words of the rule, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx: Option<Box<Map<String, Value>>>,
}

impl Detail {
    /// A fault at `loc`. A long `input` is cut to a text of its beginning.
    pub fn new(kind: &'static str, loc: Vec<Value>, msg: impl Into<String>, input: &Value) -> Detail {
        Detail { kind, loc, msg: msg.into(), input: Box::new(shorten(input)), ctx: None }
    }

    /// The same fault, with a member of `ctx`.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Detail {
        self.ctx.get_or_insert_default().insert(name.to_owned(), value.into());
        self
    }

    /// The same fault, below `place`: in a row of a batch, or a member of an envelope.
    pub fn below(mut self, place: &[Value]) -> Detail {
        // After "body".
        self.loc.splice(1..1, place.iter().cloned());
        self
    }

    /// In place of so many faults of the row that this one is of.
    fn counted(&self, faults: usize) -> Detail {
        let row = self.loc.iter().rposition(Value::is_number).map_or(1, |at| at + 1).min(self.loc.len());
        let rule = format!("Faults past the first {MAX_REPORTED_FAULTS} are only counted, here {faults}");
        Detail::new("too_many_faults", self.loc[..row].to_vec(), rule, &Value::Null)
    }

    /// A body that is not JSON.
    pub fn json_invalid(error: &serde_json::Error) -> Detail {
        let detail = Detail::new("json_invalid", vec![json!("body")], "JSON decode error", &json!({}));
        detail.with("error", error.to_string()).with("line", error.line()).with("column", error.column())
    }
}

fn shorten(input: &Value) -> Value {
    let text = match input {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => input.to_string(),
        _ => return input.clone(),
    };
    if text.chars().count() <= MAX_INPUT_CHARS {
        return input.clone();
    }
    Value::String(text.chars().take(MAX_INPUT_CHARS).chain(['…']).collect())
}

/// Faults that are told so far. A fault takes more room than what is wrong, so past some they are only counted, row by row.
#[derive(Clone, Copy, Debug, Default)]
pub struct FaultBudget(usize);

impl FaultBudget {
    /// The faults of a row as they are to be told.
    pub fn limit(&mut self, faults: Vec<Detail>) -> Vec<Detail> {
        self.0 += faults.len();
        match faults.first() {
            Some(first) if self.0 > MAX_REPORTED_FAULTS => vec![first.counted(faults.len())],
            _ => faults,
        }
    }
}

/// The faults of a whole body, of which the first [`MAX_REPORTED_FAULTS`] are kept.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<Detail>);

impl Faults {
    /// One more.
    pub fn push(&mut self, fault: Detail) {
        if !self.are_enough() {
            self.0.push(fault);
        }
    }

    /// How many are kept.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether a further one would not be told.
    pub fn are_enough(&self) -> bool {
        self.0.len() >= MAX_REPORTED_FAULTS
    }

    /// `good`, if there is no fault.
    ///
    /// # Errors
    /// All faults.
    pub fn or<T>(self, good: T) -> Result<T, Rejection> {
        match self.0.is_empty() {
            true => Ok(good),
            false => Err(Rejection::Invalid(self.0)),
        }
    }
}

impl Extend<Detail> for Faults {
    fn extend<I: IntoIterator<Item = Detail>>(&mut self, faults: I) {
        faults.into_iter().for_each(|fault| self.push(fault));
    }
}

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejection {
    /// 422: the body or the query breaks rules; all faults at once.
    Invalid(Vec<Detail>),
    /// 415: a content type that the route does not read.
    UnsupportedMediaType {
        /// Those that it reads.
        expected: &'static str,
    },
    /// 415: a body that is compressed.
    UnsupportedEncoding,
    /// 413: too many bytes or rows.
    TooLarge(String),
    /// 408: the body did not arrive in time.
    BodyTimeout,
    /// 400: the client broke off.
    BodyBroken,
    /// 401: no token, or a wrong one.
    Unauthorized,
    /// 404: no such route.
    NotFound,
    /// 404: a model of another name, or another version of it, than the one that is served.
    NoSuchModel,
    /// 404: what is asked for was not made for this model.
    NotAvailable(&'static str),
    /// 405: the route has other verbs.
    MethodNotAllowed,
    /// 503: no model is loaded yet.
    NotReady,
    /// 503: the server finishes what it has and takes no more.
    Stopping,
    /// 503: as many requests as are allowed are being worked on.
    Busy,
    /// 500: a bug.
    Internal,
}

impl Rejection {
    /// One fault.
    pub fn invalid(detail: Detail) -> Rejection {
        Rejection::Invalid(vec![detail])
    }

    /// More rows than are allowed.
    pub fn too_many_rows(most: usize, found: u64) -> Rejection {
        Rejection::TooLarge(format!("Too many rows, at most {most} are allowed, found {found}"))
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        match self {
            Rejection::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Rejection::UnsupportedMediaType { .. } | Rejection::UnsupportedEncoding => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Rejection::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Rejection::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Rejection::BodyBroken => StatusCode::BAD_REQUEST,
            Rejection::Unauthorized => StatusCode::UNAUTHORIZED,
            Rejection::NotFound | Rejection::NoSuchModel | Rejection::NotAvailable(_) => StatusCode::NOT_FOUND,
            Rejection::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Rejection::NotReady | Rejection::Stopping | Rejection::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Rejection::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What stands under `detail`.
    fn detail(&self) -> Value {
        match self {
            Rejection::Invalid(details) => json!(details),
            Rejection::UnsupportedMediaType { expected } => {
                json!(format!("Unsupported media type, expected {expected}"))
            }
            Rejection::UnsupportedEncoding => json!("Unsupported content encoding, send the body uncompressed"),
            Rejection::TooLarge(why) => json!(why),
            Rejection::BodyTimeout => json!("The body did not arrive in time"),
            Rejection::BodyBroken => json!("There was an error reading the body"),
            Rejection::Unauthorized => json!("Not authenticated"),
            Rejection::NotFound => json!("Not Found"),
            Rejection::NoSuchModel => json!("No model of this name and version is served"),
            Rejection::NotAvailable(why) => json!(why),
            Rejection::MethodNotAllowed => json!("Method Not Allowed"),
            Rejection::NotReady => json!("No model is loaded yet"),
            Rejection::Stopping => json!("The server is about to stop"),
            Rejection::Busy => json!("Too many requests at once, try again later"),
            Rejection::Internal => json!("Internal Server Error"),
        }
    }

    /// As KServe's protocol wants it, in one sentence under `error`, beside FastAPI's `detail`.
    pub fn for_kserve(&self) -> Response {
        let detail = self.detail();
        let error = match self {
            Rejection::Invalid(details) => details.iter().map(in_words).collect::<Vec<String>>().join("; "),
            _ => detail.as_str().unwrap_or_default().to_owned(),
        };
        self.respond(json!({ "error": error, "detail": detail }))
    }

    /// Whether a body, or the rest of one, was not read. The connection is closed rather than read to its end, and the client is
    /// told not to send another request on it.
    fn leaves_body(&self) -> bool {
        matches!(
            self,
            Rejection::BodyTimeout
                | Rejection::BodyBroken
                | Rejection::UnsupportedMediaType { .. }
                | Rejection::UnsupportedEncoding
        )
    }

    fn respond(&self, body: Value) -> Response {
        let mut response = (self.status(), Json(body)).into_response();
        let headers = response.headers_mut();
        match self {
            Rejection::NotReady | Rejection::Stopping | Rejection::Busy => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER.as_secs().into());
            }
            Rejection::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Rejection::UnsupportedEncoding => {
                headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            }
            _ => {}
        }
        if self.leaves_body() {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// `body.0.energy: Input should be a valid number`.
fn in_words(detail: &Detail) -> String {
    let place: Vec<String> =
        detail.loc.iter().map(|part| part.as_str().map_or(part.to_string(), str::to_owned)).collect();
    format!("{}: {}", place.join("."), detail.msg)
}

impl From<Error> for Rejection {
    /// What the library refuses here is no fault of the client: rows were checked before. The log tells what it is.
    fn from(error: Error) -> Rejection {
        tracing::error!(%error, "a request failed");
        Rejection::Internal
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let body = json!({ "detail": self.detail() });
        self.respond(body)
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
        assert_eq!(shown.chars().count(), MAX_INPUT_CHARS + 1);
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
        assert!(matches!(faults.or(7), Err(Rejection::Invalid(told)) if told.len() == MAX_REPORTED_FAULTS));
    }

    #[test]
    fn a_fault_in_a_row_says_which() {
        let detail = Detail::new("float_type", vec![json!("body"), json!("energy")], "", &Value::Null);
        assert_eq!(
            detail.below(&[json!("content"), json!(3)]).loc,
            [json!("body"), json!("content"), json!(3), json!("energy")]
        );
    }

    #[test]
    fn every_rejection_is_json_under_detail() {
        for rejection in [
            Rejection::Invalid(vec![]),
            Rejection::UnsupportedMediaType { expected: "application/json" },
            Rejection::UnsupportedEncoding,
            Rejection::TooLarge(String::new()),
            Rejection::BodyTimeout,
            Rejection::BodyBroken,
            Rejection::Unauthorized,
            Rejection::NotFound,
            Rejection::NoSuchModel,
            Rejection::NotAvailable(""),
            Rejection::MethodNotAllowed,
            Rejection::NotReady,
            Rejection::Stopping,
            Rejection::Busy,
            Rejection::Internal,
        ] {
            let status = rejection.status();
            let response = rejection.into_response();
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
            assert_eq!(response.headers().contains_key(header::RETRY_AFTER), status == StatusCode::SERVICE_UNAVAILABLE);
        }
    }
}
