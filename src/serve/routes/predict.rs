//! One track, or an envelope of several, with all that is known of the answer.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State as Shared};
use axum::response::Response;

use super::json;
use crate::serve::answer::Answer;
use crate::serve::batch::{self, not_a_track};
use crate::serve::body;
use crate::serve::openapi::schemas;
use crate::serve::rejection::{Detail, Rejection};
use crate::serve::shapes::{Body, Items, Track};
use crate::serve::state::State;

/// A good track, or several that are not judged yet.
pub enum Tracks {
    /// One.
    One(Track),
    /// Those of an envelope's member.
    Several(&'static str, Items),
}

impl FromRequest<Arc<State>> for Tracks {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Tracks, Rejection> {
        let body = body::json(request, state).await?;
        let body = Body::from_slice(&body, state.config.limits.rows);
        match body.map_err(|error| Rejection::invalid(Detail::json_invalid(&error)))? {
            Body::One(draft) => draft.check().map(Tracks::One).map_err(Rejection::Invalid),
            Body::Several(member, items) => Ok(Tracks::Several(member, items)),
            Body::Other(value) => Err(Rejection::invalid(not_a_track(&value))),
        }
    }
}

/// Label and probability of one track
///
/// Takes a plain object of features, Spotify's audio features of one track, and the envelopes of Spotify
/// (`{"audio_features": [...]}`) and ReccoBeats (`{"content": [...]}`), which are answered in their order under
/// `predictions`, null where no track was, and the faults of a row in its place.
#[utoipa::path(
    post,
    path = "/v1/predict",
    tag = "prediction",
    request_body(content = schemas::TrackOrEnvelope, content_type = "application/json"),
    responses((status = 200, description = "What the model says", body = schemas::AnswerOrEnvelope))
)]
pub async fn predict(Shared(state): Shared<Arc<State>>, tracks: Tracks) -> Result<Response, Rejection> {
    match tracks {
        Tracks::One(track) => {
            let model = state.model()?;
            let score = model.score(&track.row)?;
            state.metrics.predicted([score.label]);
            let answer = serde_json::to_vec(&Answer::new(&model, &track, score));
            Ok(json(answer.map_err(|_| Rejection::Internal)?))
        }
        Tracks::Several(member, items) => {
            let answer = move |state: &State, loaded: &_| batch::envelope(state, loaded, items, member);
            Ok(json(state.heavy(answer).await?))
        }
    }
}
