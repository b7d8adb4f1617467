//! The original service, which the notebook's client calls.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State as Shared};
use axum::response::Response;

use super::json;
use crate::http::rejection::Rejection;
use crate::openapi::schemas;
use crate::request::body;
use crate::request::json_error;
use crate::request::request_body::{without_mark, BodyItem, CheckedTrack, RawTrack};
use crate::served::batch::not_a_track;
use crate::served::state::State;
use hitflop_core::track::{Feature, Label};

/// The notebook's fourteen features, which its service asked for.
pub const REQUIRED: &[Feature] = Feature::AUDIO.split_at(14).0;

/// A track with all of [`REQUIRED`].
pub struct CompleteTrack(CheckedTrack);

impl FromRequest<Arc<State>> for CompleteTrack {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<CompleteTrack, Rejection> {
        let body = body::json(request, state).await?;
        let item =
            RawTrack::from_slice(&body).map_err(|error| Rejection::invalid(json_error::detail(&error, &body)))?;
        let whole = || serde_json::from_slice(without_mark(&body)).unwrap_or_default();
        match item {
            BodyItem::Track(draft) => {
                draft.check_required(REQUIRED, whole).map(CompleteTrack).map_err(Rejection::Invalid)
            }
            BodyItem::Null | BodyItem::Other(_) => Err(Rejection::invalid(not_a_track(&whole()))),
        }
    }
}

/// Says that the service is there.
#[utoipa::path(
    get,
    path = "/songs",
    tag = "original service",
    responses((status = 200, description = "The service is there", body = schemas::Connected))
)]
pub async fn connected() -> Response {
    json(r#"{"message":"Connected to ML api..."}"#)
}

/// Labels one track: 1 is a hit, 0 a flop
///
/// As the notebook's service did: the fourteen features are required. `sections` and `decade` are used if they are given and
/// the model knows them.
#[utoipa::path(
    post,
    path = "/songs/predict",
    tag = "original service",
    request_body(content = schemas::Song, content_type = "application/json"),
    responses((status = 200, description = "1 hit, 0 flop", body = schemas::Class))
)]
pub async fn predict(
    Shared(state): Shared<Arc<State>>,
    CompleteTrack(track): CompleteTrack,
) -> Result<Response, Rejection> {
    let score = state.model()?.score(&track.row)?;
    state.metrics.predicted([score.label]);
    Ok(json(match score.label {
        Label::Flop => "0",
        Label::Hit => "1",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notebooks_features_are_all_but_the_last() {
        assert_eq!(REQUIRED.last(), Some(&Feature::ChorusHit));
        assert_eq!(REQUIRED.len(), 14);
    }
}
