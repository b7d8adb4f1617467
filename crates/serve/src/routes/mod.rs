//! The routes, one file a subject.

pub mod batch;
pub mod features;
pub mod health;
pub mod model;
pub mod neighbours;
pub mod predict;
pub mod songs;

use axum::http::{header, HeaderValue};
use axum::response::{IntoResponse, Response};

/// A JSON document that is written already.
pub fn json(bytes: impl Into<axum::body::Body>) -> Response {
    of_type("application/json", bytes)
}

/// A document of a content type.
pub fn of_type(media: &'static str, bytes: impl Into<axum::body::Body>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(media))], bytes.into()).into_response()
}
