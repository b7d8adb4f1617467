//! Many tracks at once.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State as Shared};
use axum::response::Response;
use utoipa::IntoParams;

use crate::answer::rejection::Rejection;
use crate::http::body::{self, BodyBytes};
use crate::http::query::Query;
use crate::request::media_type::MediaType;
use crate::schema;
use crate::served::state::State;
use crate::served::{batch, csv_table};
use hitflop_core::track::Decade;

/// Parameters of `/v1/predict` that a batch does not have.
const ABSENT: [&str; 2] = ["explain", "what_if"];

/// What is not given for each track.
#[derive(Clone, Copy, Debug, PartialEq, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BatchOptions {
    /// Decade of the tracks whose own is missing, or is not one of the training data [default: none]
    #[param(schema_with = schema::decade, required = false)]
    decade: Option<Decade>,
}

/// The type of a body, options, and the body.
pub(crate) struct BatchRequest(MediaType, BatchOptions, BodyBytes);

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
        let options = BatchOptions { decade: query.decade("decade") };
        if !query.faults.is_empty() {
            return Err(Rejection::Invalid(query.faults));
        }
        let expected = "application/json, application/x-ndjson or text/csv";
        let media = MediaType::of(&parts.headers).ok_or(Rejection::UnsupportedMediaType { expected })?;
        let body = body::read(Request::from_parts(parts, body), state.config.limits.batch_bytes, state).await?;
        Ok(BatchRequest(media, options, body))
    }
}

/// Predict labels and probabilities of many tracks
///
/// The answer has the content type and the order of the request. A row with faults is answered by its faults and does not affect
/// other rows.
/// CSV needs a header; its columns are returned with `label` (1 hit, 0 flop), `probability`, `error` and `warnings` appended. Fields
/// may be separated by commas, semicolons, tabs or bars, and numbers may have decimal commas; the answer is written likewise.
///
/// If the values of a feature in at least 50 rows are far from those of the training data, the header `hitflop-drift` has a JSON list
/// of such features, each with population stability index, Kolmogorov-Smirnov distance, medians and likely cause.
///
/// A JSON array is one document: if it is not valid JSON, for example because Python wrote a NaN, no row is answered. Lines of JSON
/// are answered row by row. `explain` and `what_if` are rejected here; use `/v1/predict`, which also takes envelopes.
#[utoipa::path(
    post,
    path = "/v1/predict/batch",
    tag = "prediction",
    params(BatchOptions),
    request_body(content(
        (ref("#/components/schemas/Batch") = "application/json"),
        (ref("#/components/schemas/Lines") = "application/x-ndjson"),
        (ref("#/components/schemas/Table") = "text/csv"),
    )),
    responses((status = 200, description = "One answer a row", content(
        (ref("#/components/schemas/Outcomes") = "application/json"),
        (String = "application/x-ndjson"),
        (String = "text/csv"),
    ), headers(("hitflop-drift" = String, description = "Features whose values are far from those of the training data, as JSON; absent if there is none"))))
)]
pub(crate) async fn predict(
    Shared(state): Shared<Arc<State>>,
    BatchRequest(media, options, body): BatchRequest,
) -> Result<Response, Rejection> {
    state
        .heavy(move |work| match media {
            MediaType::Json => Ok(batch::json(work, &body, options.decade)?.into_response("application/json")),
            MediaType::JsonLines => {
                Ok(batch::json_lines(work, &body, options.decade)?.into_response("application/x-ndjson"))
            }
            MediaType::Csv => {
                Ok(csv_table::answer(work, &body, options.decade)?.into_response("text/csv; charset=utf-8"))
            }
        })
        .await
}
