//! Bodies of answers.

use axum::body::Body;
use axum::http::{header, HeaderValue};
use axum::response::{IntoResponse, Response};
use hyper::body::Bytes;
use serde::Serialize;

use super::answer_budget::{PartsBody, Unmetered};
use super::rejection::Rejection;

/// A value as JSON.
///
/// # Errors
/// A bug: texts and numbers are always JSON.
pub(crate) fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Rejection> {
    serde_json::to_vec(value).map_err(|_| Rejection::Internal)
}

/// A JSON document that is written already.
pub(crate) fn json(bytes: impl Into<Body>) -> Response {
    of_type("application/json", bytes)
}

/// A JSON document whose bytes all its answers share.
pub(crate) fn shared_json(bytes: Bytes) -> Response {
    let mut response = json(bytes);
    response.extensions_mut().insert(Unmetered);
    response
}

/// A document of a content type in parts that have their room.
pub(crate) fn of_parts(media: &'static str, parts: Vec<Bytes>) -> Response {
    let mut response = of_type(media, Body::new(PartsBody::new(parts)));
    response.extensions_mut().insert(Unmetered);
    response
}

/// A document of a content type.
pub(crate) fn of_type(media: &'static str, bytes: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(media))], bytes.into()).into_response()
}
