//! Tracks of a text as they are read, without a prediction.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::Response;

use crate::answer::rejection::Rejection;
use crate::answer::response::of_parts;
use crate::http::body;
use crate::request::media_type::MediaType;
use crate::served::read_tracks;
use crate::served::state::State;

/// Read the tracks of a text
///
/// Takes what `/v1/predict/batch` and `/v1/predict` take, and answers with title, artist, decade and the audio features under their
/// documented names and in their units, and with warnings of renamed, converted and misspelt fields. A row with
/// faults is answered by its faults. Of `text/plain` and `application/octet-stream`, the beginning says whether it is JSON, lines of JSON or a table.
#[utoipa::path(
    post,
    path = "/v1/read",
    tag = "prediction",
    request_body(content(
        (ref("#/components/schemas/Table") = "text/plain"),
        (ref("#/components/schemas/Batch") = "application/json"),
        (ref("#/components/schemas/Lines") = "application/x-ndjson"),
        (ref("#/components/schemas/Table") = "text/csv"),
    )),
    responses((status = 200, description = "The tracks", body = ref("#/components/schemas/ReadTracks")))
)]
pub(crate) async fn read(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Rejection> {
    let media = match MediaType::of(request.headers()) {
        None if !MediaType::is_unspecific(request.headers()) => {
            let expected = "text/plain, application/json, application/x-ndjson or text/csv";
            return Err(Rejection::UnsupportedMediaType { expected });
        }
        media => media,
    };
    let body = body::read(request, state.config.limits.batch_bytes, &state).await?;
    state.heavy(move |work| Ok(of_parts("application/json", read_tracks::answer(work, &body, media)?))).await
}
