//! One track, or an envelope of several, with explanations and counterfactuals.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State as Shared};
use axum::response::Response;

use crate::answer::rejection::Rejection;
use crate::answer::response::{json, to_json};
use crate::answer::warning::Warning;
use crate::http::extract::RequestedTracks;
use crate::http::query::Query;
use crate::request::raw_track::CheckedTrack;
use crate::served::batch;
use crate::served::prediction::{Include, PredictionResponse};
use crate::served::served_model::ServedModel;
use crate::served::state::State;
use crate::served::Work;

/// Tracks, additions to the answer, and warnings of the query.
pub(crate) struct PredictRequest(RequestedTracks, Include, Vec<Warning>);

/// The parameters of the query.
const EXPLAIN: &str = "explain";
const WHAT_IF: &str = "what_if";

impl FromRequest<Arc<State>> for PredictRequest {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<PredictRequest, Rejection> {
        if request.uri().query().is_none() {
            let tracks = RequestedTracks::from_request(request, state).await?;
            return Ok(PredictRequest(tracks, Include::default(), Vec::new()));
        }
        let (mut parts, body) = request.into_parts();
        let mut query = Query::of(&mut parts, state).await;
        let include = Include { explain: query.truth(EXPLAIN), what_if: query.truth(WHAT_IF) };
        let warnings = query.misspelt(&[EXPLAIN, WHAT_IF]);
        let mut faults = query.faults;
        match RequestedTracks::from_request(Request::from_parts(parts, body), state).await {
            Ok(tracks) if faults.is_empty() => return Ok(PredictRequest(tracks, include, warnings)),
            Ok(_) => {}
            Err(Rejection::Invalid(details)) => faults.extend(details),
            Err(other) => return Err(other),
        }
        Err(Rejection::Invalid(faults))
    }
}

/// Predict label and probability of one track
///
/// Accepts an object of features, Spotify's audio features of one track, and the envelopes of Spotify
/// (`{"audio_features": [...]}`) and ReccoBeats (`{"content": [...]}`). The answers for an envelope are listed in its order under
/// `predictions`: null in place of no track, and faults in place of a track that has some. `explain` and `what_if` limit the number
/// of tracks, since each takes as long as thousands of predictions. Unknown parameters are ignored; for a single track, one that
/// looks misspelt is reported among the warnings.
#[utoipa::path(
    post,
    path = "/v1/predict",
    tag = "prediction",
    params(Include),
    request_body(content = ref("#/components/schemas/TrackOrEnvelope"), content_type = "application/json"),
    responses((status = 200, description = "The prediction", body = ref("#/components/schemas/AnswerOrEnvelope")))
)]
pub(crate) async fn predict(
    Shared(state): Shared<Arc<State>>,
    PredictRequest(tracks, include, warnings): PredictRequest,
) -> Result<Response, Rejection> {
    match tracks {
        RequestedTracks::One(track) if include.is_any() => {
            let answer = move |work: &Work| {
                let answer = one(&work.state, &work.loaded, &track, warnings)?;
                to_json(&answer.with(include, &work.loaded, &track)?)
            };
            Ok(json(state.heavy(answer).await?))
        }
        RequestedTracks::One(track) => {
            let model = state.model()?;
            Ok(json(to_json(&one(&state, &model, &track, warnings)?)?))
        }
        RequestedTracks::Several(member, items, names) => {
            let answer = move |work: &Work| batch::envelope(work, items, &names, member, include);
            Ok(state.heavy(answer).await?.into_response("application/json"))
        }
    }
}

fn one<'a>(
    state: &State,
    loaded: &'a ServedModel,
    track: &CheckedTrack,
    warnings: Vec<Warning>,
) -> Result<PredictionResponse<'a>, Rejection> {
    let prediction = loaded.score(&track.row)?;
    state.record(loaded, &[&track.row], &[prediction]);
    let mut answer = PredictionResponse::new(loaded, track, prediction);
    answer.warnings.splice(..0, warnings);
    Ok(answer)
}
