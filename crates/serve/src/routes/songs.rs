//! The original service, which the notebook's client calls.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::rejection::Rejection;
use crate::answer::response::{json, to_json};
use crate::http::extract::CompleteTrack;
use crate::served::prediction::Class;
use crate::served::state::State;

/// The answer of the notebook's service to `GET /songs`.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Connected {
    message: ConnectedMessage,
}

#[derive(Serialize, ToSchema)]
enum ConnectedMessage {
    #[serde(rename = "Connected to ML api...")]
    Connected,
}

/// Report that the service is available
#[utoipa::path(
    get,
    path = "/songs",
    tag = "original service",
    responses((status = 200, description = "The service is available", body = Connected))
)]
pub(crate) async fn connected() -> Result<Response, Rejection> {
    Ok(json(to_json(&Connected { message: ConnectedMessage::Connected })?))
}

/// Label one track: 1 hit, 0 flop
///
/// As in the notebook's service, the fourteen features are required. `sections` and `decade` are used if they are sent and the
/// model knows them.
#[utoipa::path(
    post,
    path = "/songs/predict",
    tag = "original service",
    request_body(content = ref("#/components/schemas/Song"), content_type = "application/json"),
    responses((status = 200, description = "1 hit, 0 flop", body = Class))
)]
pub(crate) async fn predict(
    Shared(state): Shared<Arc<State>>,
    CompleteTrack(track): CompleteTrack,
) -> Result<Response, Rejection> {
    let model = state.model()?;
    let prediction = model.score(&track.row)?;
    state.record(&model, &[&track.row], &[prediction]);
    Ok(json(to_json(&Class::from(prediction.label))?))
}
