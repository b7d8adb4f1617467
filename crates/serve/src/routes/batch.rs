//! Many tracks at once.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State as Shared};
use axum::response::Response;

use crate::http::rejection::Rejection;
use crate::http::response::of_parts;
use crate::request::body::{self, BodyBytes, MediaType};
use crate::request::query::Query;
use crate::served::state::State;
use crate::served::{batch, csv_table};

/// Parameters of `/v1/predict` that a batch does not have.
const ABSENT: [&str; 2] = ["explain", "what_if"];

/// A body and its type.
pub(crate) struct BatchRequest(MediaType, BodyBytes);

impl FromRequest<Arc<State>> for BatchRequest {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<BatchRequest, Rejection> {
        let (mut parts, body) = request.into_parts();
        let mut query = Query::of(&mut parts, state).await;
        for name in ABSENT {
            query.refuse(
                name,
                "A batch has labels and probabilities only; /v1/predict explains one track or an envelope",
            );
        }
        if !query.faults.is_empty() {
            return Err(Rejection::Invalid(query.faults));
        }
        let expected = "application/json, application/x-ndjson or text/csv";
        let media = MediaType::of(&parts.headers).ok_or(Rejection::UnsupportedMediaType { expected })?;
        let body = body::read(Request::from_parts(parts, body), state.config.limits.batch_bytes, state).await?;
        Ok(BatchRequest(media, body))
    }
}

/// Predict labels and probabilities of many tracks
///
/// The answer has the content type and the order of the request. A faulty row has its faults in its place and stops no other row.
/// CSV needs a header; its columns are returned with `label` (1 hit, 0 flop), `probability`, `error` and `warnings` appended.
///
/// A JSON array is one document: if it is not valid JSON, for example because Python wrote a NaN, no row is answered. Lines of JSON
/// are answered row by row. `explain` and `what_if` are rejected here; use `/v1/predict`, which also takes envelopes.
#[utoipa::path(
    post,
    path = "/v1/predict/batch",
    tag = "prediction",
    request_body(content(
        (ref("#/components/schemas/Batch") = "application/json"),
        (ref("#/components/schemas/Lines") = "application/x-ndjson"),
        (ref("#/components/schemas/Table") = "text/csv"),
    )),
    responses((status = 200, description = "One answer a row", content(
        (ref("#/components/schemas/Outcomes") = "application/json"),
        (String = "application/x-ndjson"),
        (String = "text/csv"),
    )))
)]
pub(crate) async fn predict(
    Shared(state): Shared<Arc<State>>,
    BatchRequest(media, body): BatchRequest,
) -> Result<Response, Rejection> {
    state
        .heavy(move |work| match media {
            MediaType::Json => Ok(of_parts("application/json", batch::json(work, &body)?)),
            MediaType::JsonLines => Ok(of_parts("application/x-ndjson", batch::json_lines(work, &body)?)),
            MediaType::Csv => Ok(of_parts("text/csv; charset=utf-8", csv_table::answer(work, &body)?)),
        })
        .await
}
