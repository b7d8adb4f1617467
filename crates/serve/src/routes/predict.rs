//! One track, or an envelope of several, with all that is known of the answer.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State as Shared};
use axum::response::Response;

use super::json;
use crate::http::rejection::Rejection;
use crate::openapi::schemas;
use crate::request::body;
use crate::request::json_error;
use crate::request::query::Query;
use crate::request::request_body::{without_mark, BodyItems, CheckedTrack, RequestBody};
use crate::served::batch::{self, not_a_track};
use crate::served::prediction::{Include, PredictionResponse, Warning};
use crate::served::served_model::ServedModel;
use crate::served::state::State;

/// A good track, or several that are not judged yet.
pub enum RequestedTracks {
    /// One.
    One(CheckedTrack),
    /// Those of an envelope's member.
    Several(&'static str, BodyItems),
}

/// The tracks of a request.
///
/// # Errors
/// It has no good body.
pub async fn tracks(request: Request, state: &Arc<State>) -> Result<RequestedTracks, Rejection> {
    let bytes = body::json(request, state).await?;
    let body = RequestBody::from_slice(&bytes, state.config.limits.rows);
    match body.map_err(|error| Rejection::invalid(json_error::in_list(&error, &bytes)))? {
        RequestBody::One(draft) => {
            // It was JSON before.
            let whole = |_: &_| serde_json::from_slice(without_mark(&bytes)).unwrap_or_default();
            draft.check_showing(whole).map(RequestedTracks::One).map_err(Rejection::Invalid)
        }
        RequestBody::Several(member, items) => Ok(RequestedTracks::Several(member, items)),
        RequestBody::Other(value) => Err(Rejection::invalid(not_a_track(&value))),
    }
}

/// Tracks, what is asked for besides the answer, and doubts about how.
pub struct PredictRequest(RequestedTracks, Include, Vec<Warning>);

/// The parameters of the query.
const EXPLAIN: &str = "explain";
const WHAT_IF: &str = "what_if";

impl FromRequest<Arc<State>> for PredictRequest {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<PredictRequest, Rejection> {
        if request.uri().query().is_none() {
            return Ok(PredictRequest(tracks(request, state).await?, Include::default(), Vec::new()));
        }
        let (mut parts, body) = request.into_parts();
        let mut query = Query::of(&mut parts, state).await;
        let further = Include { explain: query.truth(EXPLAIN), what_if: query.truth(WHAT_IF) };
        let doubts = query.misspelt(&[EXPLAIN, WHAT_IF]);
        let mut faults = query.faults;
        match tracks(Request::from_parts(parts, body), state).await {
            Ok(tracks) if faults.is_empty() => return Ok(PredictRequest(tracks, further, doubts)),
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
/// `predictions`, null where no track was, and the faults of a row in its place; with `explain` or `what_if` only so many tracks
/// at a time, since each takes as long as thousands that are only scored. Parameters that the route does not have are
/// passed over; one that looks like a misspelt one is among the warnings of a single track.
#[utoipa::path(
    post,
    path = "/v1/predict",
    tag = "prediction",
    params(
        ("explain" = Option<schemas::Truth>, Query, description = "Add what each feature adds to the answer [default: false]"),
        ("what_if" = Option<schemas::Truth>, Query, description = "Add the smallest changes of one or two features with which the model would \
                                                         answer otherwise [default: false]"),
    ),
    request_body(content = schemas::TrackOrEnvelope, content_type = "application/json"),
    responses((status = 200, description = "What the model says", body = schemas::AnswerOrEnvelope))
)]
pub async fn predict(
    Shared(state): Shared<Arc<State>>,
    PredictRequest(tracks, further, doubts): PredictRequest,
) -> Result<Response, Rejection> {
    match tracks {
        RequestedTracks::One(track) if further.is_any() => {
            let answer = move |state: &State, loaded: &ServedModel| {
                written(&one(state, loaded, &track, doubts)?.with(further, loaded, &track)?)
            };
            Ok(json(state.heavy(answer).await?))
        }
        RequestedTracks::One(track) => {
            let model = state.model()?;
            Ok(json(written(&one(&state, &model, &track, doubts)?)?))
        }
        RequestedTracks::Several(member, items) => {
            let answer = move |state: &State, loaded: &_| batch::envelope(state, loaded, items, member, further);
            Ok(json(state.heavy(answer).await?))
        }
    }
}

fn one<'a>(
    state: &State,
    loaded: &'a ServedModel,
    track: &CheckedTrack,
    doubts: Vec<Warning>,
) -> Result<PredictionResponse<'a>, Rejection> {
    let score = loaded.score(&track.row)?;
    state.metrics.predicted([score.label]);
    let mut answer = PredictionResponse::new(loaded, track, score);
    answer.warnings.splice(..0, doubts);
    Ok(answer)
}

fn written(answer: &PredictionResponse) -> Result<Vec<u8>, Rejection> {
    // Texts and numbers, which JSON has.
    serde_json::to_vec(answer).map_err(|_| Rejection::Internal)
}
