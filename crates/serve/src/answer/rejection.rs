//! Reasons to reject a request: one type that owns status, body and headers, in the form that FastAPI's clients expect.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{header, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::Json;
use serde::Serialize;
use serde_json::{json, Value};
use utoipa::ToSchema;

use crate::answer::faults::Detail;
use crate::schema;
use hitflop_core::error::Error;

/// Time after which a client that was rejected for load may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Faults of a request.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HTTPValidationError)]
pub(crate) struct FaultsBody {
    pub detail: Vec<Detail>,
}

/// The reason why a request is rejected.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ErrorMessage)]
pub(crate) struct MessageBody {
    detail: Cow<'static, str>,
}

/// The reason in the form of KServe's protocol.
#[derive(Serialize, ToSchema)]
#[schema(as = KserveError)]
pub(crate) struct KserveErrorBody {
    /// All faults in one sentence.
    error: String,
    /// The reason as the other routes report it.
    #[schema(schema_with = schema::any)]
    detail: Value,
}

/// A reason to reject a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rejection {
    /// 422: the body or the query breaks rules; all faults at once.
    Invalid(Vec<Detail>),
    /// 415: a content type that the route does not read.
    UnsupportedMediaType {
        /// The content types that it reads.
        expected: &'static str,
    },
    /// 415: a body that is compressed, or not in a way that the route reads.
    UnsupportedEncoding {
        /// The codings that it reads.
        accepted: &'static str,
    },
    /// 413: too many bytes or rows.
    TooLarge(String),
    /// 408: the body did not arrive in time.
    BodyTimeout,
    /// 400: the body ended early.
    BodyBroken,
    /// 401: no token, or a wrong one.
    Unauthorized,
    /// 421: the request names a host that is not allowed, or none.
    OtherHost,
    /// 404: no such route.
    NotFound,
    /// 404: a model of another name, or another version of it, than the one that is served.
    NoSuchModel,
    /// 404: the model has no such file beside it.
    NotAvailable(&'static str),
    /// 405: the route has other verbs.
    MethodNotAllowed,
    /// 503: no model is loaded yet.
    NotReady,
    /// 503: the server finishes the requests in flight and takes no more.
    Stopping,
    /// 503: the maximum number of requests is being processed.
    Busy,
    /// 503: the client has left, so nobody reads it.
    ClientLeft,
    /// 500: a bug.
    Internal,
}

impl Rejection {
    /// A request with one fault (422).
    pub(crate) fn invalid(detail: Detail) -> Rejection {
        Rejection::Invalid(vec![detail])
    }

    /// More rows than the limit.
    pub(crate) fn too_many_rows(most: usize, found: u64) -> Rejection {
        Rejection::TooLarge(format!("Too many rows, at most {most} are allowed, found {found}"))
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Rejection::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Rejection::UnsupportedMediaType { .. } | Rejection::UnsupportedEncoding { .. } => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Rejection::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Rejection::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Rejection::BodyBroken => StatusCode::BAD_REQUEST,
            Rejection::Unauthorized => StatusCode::UNAUTHORIZED,
            Rejection::OtherHost => StatusCode::MISDIRECTED_REQUEST,
            Rejection::NotFound | Rejection::NoSuchModel | Rejection::NotAvailable(_) => StatusCode::NOT_FOUND,
            Rejection::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Rejection::NotReady | Rejection::Stopping | Rejection::Busy | Rejection::ClientLeft => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Rejection::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The reason in words; of faults that is KServe's one sentence.
    fn message(&self) -> Cow<'static, str> {
        let words = match self {
            Rejection::Invalid(details) => {
                return details.iter().map(in_words).collect::<Vec<String>>().join("; ").into()
            }
            Rejection::UnsupportedMediaType { expected } => {
                return format!("Unsupported media type, expected {expected}").into()
            }
            Rejection::TooLarge(reason) => return reason.clone().into(),
            Rejection::UnsupportedEncoding { accepted: "identity" } => {
                "Unsupported content encoding, send the body uncompressed"
            }
            Rejection::UnsupportedEncoding { accepted } => {
                return format!("Unsupported content encoding, expected one of {accepted}").into()
            }
            Rejection::BodyTimeout => "The body did not arrive in time",
            Rejection::BodyBroken => "There was an error reading the body",
            Rejection::Unauthorized => "Not authenticated",
            Rejection::OtherHost => "The host of the request is not served here",
            Rejection::NotFound => "Not Found",
            Rejection::NoSuchModel => "No model of this name and version is served",
            Rejection::NotAvailable(reason) => reason,
            Rejection::MethodNotAllowed => "Method Not Allowed",
            Rejection::NotReady => "No model is loaded yet",
            Rejection::Stopping => "The server is about to stop",
            Rejection::Busy => "Too many requests at once, try again later",
            Rejection::ClientLeft => "The client has left",
            Rejection::Internal => "Internal Server Error",
        };
        words.into()
    }

    /// The answer in the form of KServe's protocol: one sentence under `error`, beside FastAPI's `detail`.
    pub(crate) fn for_kserve(self) -> Response {
        let error = self.message().into_owned();
        let detail = match &self {
            Rejection::Invalid(details) => json!(details),
            _ => json!(error),
        };
        self.respond(Json(KserveErrorBody { error, detail }))
    }

    /// Whether a body, or the rest of one, was not read. The connection is closed rather than read to its end, and the client is
    /// told not to send another request on it.
    fn leaves_body(&self) -> bool {
        matches!(
            self,
            Rejection::BodyTimeout
                | Rejection::BodyBroken
                | Rejection::OtherHost
                | Rejection::UnsupportedMediaType { .. }
                | Rejection::UnsupportedEncoding { .. }
        )
    }

    fn respond(&self, body: impl IntoResponse) -> Response {
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        match self {
            Rejection::NotReady | Rejection::Stopping | Rejection::Busy | Rejection::ClientLeft => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER.as_secs().into());
            }
            Rejection::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Rejection::UnsupportedEncoding { accepted } => {
                headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
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
    /// An error of the library is no fault of the client, since rows are checked before. The log has the error.
    fn from(error: Error) -> Rejection {
        tracing::error!(%error, "a request failed");
        Rejection::Internal
    }
}

impl From<Vec<Detail>> for Rejection {
    fn from(faults: Vec<Detail>) -> Rejection {
        Rejection::Invalid(faults)
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        match &self {
            Rejection::Invalid(detail) => self.respond(Json(FaultsBody { detail: detail.clone() })),
            _ => self.respond(Json(MessageBody { detail: self.message() })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rejection_is_json_under_detail() {
        for rejection in [
            Rejection::Invalid(vec![]),
            Rejection::UnsupportedMediaType { expected: "application/json" },
            Rejection::UnsupportedEncoding { accepted: "identity" },
            Rejection::TooLarge(String::new()),
            Rejection::BodyTimeout,
            Rejection::BodyBroken,
            Rejection::Unauthorized,
            Rejection::OtherHost,
            Rejection::NotFound,
            Rejection::NoSuchModel,
            Rejection::NotAvailable(""),
            Rejection::MethodNotAllowed,
            Rejection::NotReady,
            Rejection::Stopping,
            Rejection::Busy,
            Rejection::ClientLeft,
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
