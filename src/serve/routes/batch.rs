//! Many tracks at once.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::Response;

use super::of_type;
use crate::serve::batch;
use crate::serve::body::{self, Media};
use crate::serve::openapi::schemas;
use crate::serve::rejection::Rejection;
use crate::serve::state::State;

/// Label and probability of many tracks
///
/// The answer has the type of the request and its order. A faulty row has its faults in its place and stops no other. CSV has
/// a header; its columns come back with `label` (1 hit, 0 flop), `probability`, `error` and `warnings` appended.
#[utoipa::path(
    post,
    path = "/v1/predict/batch",
    tag = "prediction",
    request_body(content(
        (schemas::Batch = "application/json"),
        (schemas::Lines = "application/x-ndjson"),
        (schemas::Table = "text/csv"),
    )),
    responses((status = 200, description = "An outcome a row", content(
        (schemas::Outcomes = "application/json"),
        (String = "application/x-ndjson"),
        (String = "text/csv"),
    )))
)]
pub async fn predict(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Rejection> {
    let expected = "application/json, application/x-ndjson or text/csv";
    let media = Media::of(request.headers()).ok_or(Rejection::UnsupportedMediaType { expected })?;
    let body = body::read(request, state.config.limits.batch_bytes, &state).await?;
    state
        .heavy(move |state, loaded| match media {
            Media::Json => Ok(of_type("application/json", batch::json(state, loaded, &body)?)),
            Media::JsonLines => Ok(of_type("application/x-ndjson", batch::json_lines(state, loaded, &body)?)),
            Media::Csv => Ok(of_type("text/csv; charset=utf-8", batch::csv(state, loaded, &body)?)),
        })
        .await
}
