//! The content types that routes read.

use axum::http::{header, HeaderMap};

/// A content type that a route may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaType {
    /// One JSON document. A body without a type is taken for one, as FastAPI did when the notebook was written.
    Json,
    /// A JSON document a line.
    JsonLines,
    /// A table with a header, its fields separated as its own bytes show.
    Csv,
}

impl MediaType {
    /// That of a request; `None` if it is none of these.
    pub(crate) fn of(headers: &HeaderMap) -> Option<MediaType> {
        if !headers.contains_key(header::CONTENT_TYPE) {
            return Some(MediaType::Json);
        }
        let essence = essence(headers)?;
        match essence.as_str() {
            "application/json" => Some(MediaType::Json),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/jsonlines" => {
                Some(MediaType::JsonLines)
            }
            "text/csv" | "application/csv" => Some(MediaType::Csv),
            _ if essence.starts_with("application/") && essence.ends_with("+json") => Some(MediaType::Json),
            _ => None,
        }
    }

    /// Whether the type of a request is text or bytes of any kind.
    pub(crate) fn is_unspecific(headers: &HeaderMap) -> bool {
        essence(headers).is_some_and(|essence| matches!(&*essence, "text/plain" | "application/octet-stream"))
    }
}

/// The content type of a request without its parameters, in lower case.
fn essence(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?;
    Some(value.to_str().ok()?.split(';').next()?.trim().to_ascii_lowercase())
}
