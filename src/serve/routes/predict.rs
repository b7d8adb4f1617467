//! One track, or an envelope of several, with all that is known of the answer.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State as Shared};
use axum::response::Response;

use super::json;
use crate::serve::answer::{Answer, Further};
use crate::serve::batch::{self, not_a_track};
use crate::serve::body;
use crate::serve::loaded::Loaded;
use crate::serve::openapi::schemas;
use crate::serve::query::Query;
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

/// The tracks of a request.
///
/// # Errors
/// It has no good body.
pub async fn tracks(request: Request, state: &Arc<State>) -> Result<Tracks, Rejection> {
    let body = body::json(request, state).await?;
    let body = Body::from_slice(&body, state.config.limits.rows);
    match body.map_err(|error| Rejection::invalid(Detail::json_invalid(&error)))? {
        Body::One(draft) => draft.check().map(Tracks::One).map_err(Rejection::Invalid),
        Body::Several(member, items) => Ok(Tracks::Several(member, items)),
        Body::Other(value) => Err(Rejection::invalid(not_a_track(&value))),
    }
}

/// Tracks, and what is asked for besides the answer.
pub struct Asked(Tracks, Further);

impl FromRequest<Arc<State>> for Asked {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Asked, Rejection> {
        if request.uri().query().is_none() {
            return Ok(Asked(tracks(request, state).await?, Further::default()));
        }
        let (mut parts, body) = request.into_parts();
        let mut query = Query::of(&mut parts, state).await;
        let further = Further { explain: query.truth("explain"), what_if: query.truth("what_if") };
        let mut faults = query.faults;
        match tracks(Request::from_parts(parts, body), state).await {
            Ok(tracks) if faults.is_empty() => return Ok(Asked(tracks, further)),
            Ok(_) => {}
            Err(Rejection::Invalid(details)) => faults.extend(details),
            Err(other) => return Err(other),
        }
        Err(Rejection::Invalid(faults))
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
    params(
        ("explain" = Option<bool>, Query, description = "Add what each feature adds to the answer [default: false]"),
        ("what_if" = Option<bool>, Query, description = "Add the smallest changes of one or two features with which the model would \
                                                         answer otherwise [default: false]"),
    ),
    request_body(content = schemas::TrackOrEnvelope, content_type = "application/json"),
    responses((status = 200, description = "What the model says", body = schemas::AnswerOrEnvelope))
)]
pub async fn predict(Shared(state): Shared<Arc<State>>, Asked(tracks, further): Asked) -> Result<Response, Rejection> {
    match tracks {
        Tracks::One(track) if further.is_any() => {
            let answer = move |state: &State, loaded: &Loaded| {
                written(&one(state, loaded, &track)?.with(further, loaded, &track)?)
            };
            Ok(json(state.heavy(answer).await?))
        }
        Tracks::One(track) => {
            let model = state.model()?;
            Ok(json(written(&one(&state, &model, &track)?)?))
        }
        Tracks::Several(member, items) => {
            let answer = move |state: &State, loaded: &_| batch::envelope(state, loaded, items, member, further);
            Ok(json(state.heavy(answer).await?))
        }
    }
}

fn one<'a>(state: &State, loaded: &'a Loaded, track: &Track) -> Result<Answer<'a>, Rejection> {
    let score = loaded.score(&track.row)?;
    state.metrics.predicted([score.label]);
    Ok(Answer::new(loaded, track, score))
}

fn written(answer: &Answer) -> Result<Vec<u8>, Rejection> {
    // Texts and numbers, which JSON has.
    serde_json::to_vec(answer).map_err(|_| Rejection::Internal)
}
