//! The known tracks: a search by name or link, and examples.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State as Shared};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::answer::rejection::{MessageBody, Rejection};
use crate::answer::response::{json, to_json};
use crate::answer::warning::Warning;
use crate::http::query::Query;
use crate::limits::{DEFAULT_FOUND_TRACKS, MAX_FOUND_TRACKS, MAX_SEARCH_CHARS};
use crate::schema;
use crate::search::Found;
use crate::served::first_look::{KnownExample, KnownExampleKind};
use crate::served::known_track::KnownTrackEntry;
use crate::served::served_model::ServedModel;
use crate::served::state::State;

/// Words or a link, and number of tracks.
#[derive(Clone, Debug, PartialEq, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TracksQuery {
    /// Words of title and artist in any order, the last of which may be unfinished; or a Spotify link or URI of a track
    #[param(schema_with = schema::search_text)]
    q: String,
    /// Number of tracks, 1 to 50 [default: 10]
    #[param(schema_with = schema::found_tracks, required = false)]
    limit: usize,
    #[param(ignore = true)]
    warnings: Vec<Warning>,
}

/// The parameters of the query.
const PARAMETERS: [&str; 2] = ["q", "limit"];

impl FromRequestParts<Arc<State>> for TracksQuery {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<TracksQuery, Rejection> {
        let mut query = Query::of(parts, state).await;
        let q = query.text("q", MAX_SEARCH_CHARS);
        let limit = query.count("limit", DEFAULT_FOUND_TRACKS, MAX_FOUND_TRACKS);
        let warnings = query.misspelt(&PARAMETERS);
        match query.faults.is_empty() {
            true => Ok(TracksQuery { q, limit, warnings }),
            false => Err(Rejection::Invalid(query.faults)),
        }
    }
}

/// Known tracks that match, the best first.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FoundTracks)]
pub(crate) struct FoundTracksResponse<'a> {
    tracks: Vec<KnownTrackEntry<'a>>,
    /// Number of all known tracks that match.
    matches: usize,
    /// Spotify's URI that the query links to; null if it is words.
    #[schema(required = true)]
    uri: Option<String>,
    /// Number of known tracks.
    known_tracks: usize,
    /// Whether the known tracks are simulated; null if that is unknown.
    #[schema(required = true)]
    simulated: Option<bool>,
    model_version: &'a str,
    warnings: Vec<Warning>,
}

/// Known tracks to begin with.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Examples)]
pub(crate) struct ExamplesResponse<'a> {
    /// At most one of each kind.
    examples: Vec<ExampleEntry<'a>>,
    /// Whether the known tracks are simulated; null if that is unknown.
    #[schema(required = true)]
    simulated: Option<bool>,
    model_version: &'a str,
}

/// A known track and what the model predicts.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Example)]
struct ExampleEntry<'a> {
    #[schema(inline)]
    kind: KnownExampleKind,
    #[schema(schema_with = schema::share)]
    probability: f64,
    #[schema(schema_with = schema::share)]
    threshold: f64,
    track: KnownTrackEntry<'a>,
}

/// Find known tracks by title and artist, or by a Spotify link
///
/// Each word of `q` must be in the title or the artist: whole, as its beginning, or with one typing error (words of 4 to 7 letters)
/// or two (longer words), or in another spelling that sounds alike (`Billy`, `Billie`). If nothing matches several words, words of 3
/// letters may have one typing error as well. Case, accents and punctuation do not matter.
/// The fewest errors come first, then tracks whose title or artist is matched as a whole, then hits. Tracks with more than one
/// further error than the best are omitted. Versions of a song are tracks of their own. A link or URI of a track finds that track. The
/// known tracks are read from a file beside the model. At most 10 words are used.
#[utoipa::path(
    get,
    path = "/v1/tracks",
    tag = "model",
    params(TracksQuery),
    responses(
        (status = 200, description = "The best tracks first; an empty list if none matches", body = FoundTracksResponse<'static>),
        (status = 404, description = "There is no file of known tracks beside the model", body = MessageBody),
        (status = 422, description = "All faults of the query", body = crate::answer::rejection::FaultsBody),
    )
)]
pub(crate) async fn find(
    Shared(state): Shared<Arc<State>>,
    TracksQuery { q, limit, warnings }: TracksQuery,
) -> Result<Response, Rejection> {
    let answer = state.heavy(move |work| to_json(&found(&work.loaded, &q, limit, warnings)?)).await?;
    Ok(json(answer))
}

/// List known tracks to begin with: a clear hit, a clear flop, and an undecided track
///
/// The examples are the hit with the greatest probability and the flop with the smallest, both predicted correctly, and the track
/// nearest to the threshold. At most 2,000 tracks that have all features of the model are considered. A model always has the same
/// examples.
#[utoipa::path(
    get,
    path = "/v1/tracks/examples",
    tag = "model",
    responses(
        (status = 200, description = "At most three tracks", body = ExamplesResponse<'static>),
        (status = 404, description = "There is no file of known tracks beside the model", body = MessageBody),
    )
)]
pub(crate) async fn examples(Shared(state): Shared<Arc<State>>) -> Result<Response, Rejection> {
    Ok(json(state.heavy(|work| to_json(&first_look(&work.loaded)?)).await?))
}

const ABSENT: Rejection = Rejection::NotAvailable("No known tracks are beside the model");

fn found<'a>(
    loaded: &'a ServedModel,
    query: &str,
    limit: usize,
    warnings: Vec<Warning>,
) -> Result<FoundTracksResponse<'a>, Rejection> {
    let (tracks, index) = loaded.known().ok_or(ABSENT)?;
    let Found { uri, tracks: found, matches } = index.search(tracks, query, limit);
    Ok(FoundTracksResponse {
        tracks: found.into_iter().map(|track| KnownTrackEntry::from(tracks.track(track))).collect(),
        matches,
        uri,
        known_tracks: tracks.labels.len(),
        simulated: loaded.simulated(),
        model_version: &loaded.version,
        warnings,
    })
}

fn first_look(loaded: &ServedModel) -> Result<ExamplesResponse<'_>, Rejection> {
    let (tracks, _) = loaded.known().ok_or(ABSENT)?;
    let entry = |example: &KnownExample| ExampleEntry {
        kind: example.kind,
        probability: example.prediction.probability,
        threshold: example.prediction.threshold,
        track: KnownTrackEntry::from(tracks.track(example.track)),
    };
    Ok(ExamplesResponse {
        examples: loaded.first_look()?.iter().map(entry).collect(),
        simulated: loaded.simulated(),
        model_version: &loaded.version,
    })
}
