//! The known tracks most like a new one.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State as Shared};
use axum::response::Response;
use serde_json::{json, Map, Value};

use super::json;
use super::predict::{tracks, RequestedTracks};
use crate::http::rejection::{Detail, Rejection};
use crate::openapi::schemas;
use crate::request::query::Query;
use crate::request::request_body::CheckedTrack;
use crate::served::prediction::Warning;
use crate::served::served_model::ServedModel;
use crate::served::state::State;
use hitflop_core::track::Feature;
use hitflop_model::scoring::neighbours::{compared, Neighbour};

/// Neighbours that are told if the client does not say how many.
const DEFAULT_NEIGHBOURS: usize = 5;
/// Most neighbours.
pub const MAX_NEIGHBOURS: usize = 100;

/// How many neighbours, and which.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NeighboursOptions {
    count: usize,
    same_decade: bool,
}

/// One track, what is wanted, and doubts about how.
pub struct NeighboursQuery(CheckedTrack, NeighboursOptions, Vec<Warning>);

/// The parameters of the query.
const PARAMETERS: [&str; 2] = ["count", "same_decade"];

impl FromRequest<Arc<State>> for NeighboursQuery {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<NeighboursQuery, Rejection> {
        let (mut parts, body) = request.into_parts();
        let mut query = Query::of(&mut parts, state).await;
        let wanted = NeighboursOptions {
            count: query.count("count", DEFAULT_NEIGHBOURS, MAX_NEIGHBOURS),
            same_decade: query.truth("same_decade"),
        };
        let doubts = query.misspelt(&PARAMETERS);
        let mut faults = query.faults;
        match tracks(Request::from_parts(parts, body), state).await {
            Ok(RequestedTracks::One(track)) => {
                faults.extend(lacking(&track, wanted));
                if faults.is_empty() {
                    return Ok(NeighboursQuery(track, wanted, doubts));
                }
            }
            Ok(RequestedTracks::Several(member, _)) => {
                let rule = "Input should be one track";
                faults.push(Detail::new("one_track", vec![json!("body"), json!(member)], rule, &json!({})));
            }
            Err(Rejection::Invalid(details)) => faults.extend(details),
            Err(other) => return Err(other),
        }
        Err(Rejection::Invalid(faults))
    }
}

/// What a track lacks to be compared with others as is wanted.
fn lacking(track: &CheckedTrack, wanted: NeighboursOptions) -> Vec<Detail> {
    let missing = |place: &[&str], rule: String| {
        let place = place.iter().map(|part| json!(part)).collect();
        Detail::new("missing", place, rule, &Value::Null)
    };
    let nothing = compared().all(|feature| track.row[feature as usize].is_nan()).then(|| {
        let names: Vec<&str> = compared().map(Feature::name).collect();
        missing(&["body"], format!("There is nothing to compare; give at least one of {}", names.join(", ")))
    });
    let no_decade = (wanted.same_decade && track.decade().is_none())
        .then(|| missing(&["body", Feature::Decade.name()], "Field required with same_decade=true".to_owned()));
    nothing.into_iter().chain(no_decade).collect()
}

/// The known tracks most like this one
///
/// Distance is Euclid's over the twelve features that are quantities, each in standard deviations; a missing one is left out.
/// With `same_decade=true` only tracks of its decade are compared with, which must be given then. They come from a Parquet file
/// beside the model. A misspelt feature or parameter is warned of.
#[utoipa::path(
    post,
    path = "/v1/neighbours",
    tag = "prediction",
    params(
        ("count" = Option<schemas::Count>, Query, description = "How many, 1 to 100 [default: 5]"),
        ("same_decade" = Option<schemas::Truth>, Query, description = "Only of the same decade [default: false]"),
    ),
    request_body(content = schemas::TrackToCompare, content_type = "application/json"),
    responses(
        (status = 200, description = "The nearest first", body = schemas::Neighbours),
        (status = 404, description = "There is no file of known tracks beside the model", body = schemas::Told),
    )
)]
pub async fn neighbours(
    Shared(state): Shared<Arc<State>>,
    NeighboursQuery(track, wanted, mut warnings): NeighboursQuery,
) -> Result<Response, Rejection> {
    warnings.extend(track.misspelt.iter().map(|(name, feature)| Warning::misspelt(name, *feature)));
    let mut found = state.heavy(move |_, loaded| find(loaded, &track, wanted)).await?;
    found["warnings"] = json!(warnings);
    Ok(json(found.to_string()))
}

/// A track's features in the shape in which a client may send them.
fn audio_features(neighbour: &Neighbour) -> Map<String, Value> {
    let value = |(feature, value): (&Feature, f32)| {
        // The fewest digits that tell the number from others of its precision: 0.578, not 0.5780000090599060.
        let shortest = serde_json::from_str(&value.to_string()).unwrap_or_else(|_| json!(value));
        (feature.name().to_owned(), shortest)
    };
    Feature::AUDIO.iter().zip(neighbour.values).map(value).collect()
}

fn find(loaded: &ServedModel, track: &CheckedTrack, wanted: NeighboursOptions) -> Result<Value, Rejection> {
    const ABSENT: &str = "No known tracks lie beside the model";
    let neighbours = loaded.neighbours.as_ref().ok_or(Rejection::NotAvailable(ABSENT))?;
    let decade = track.decade().filter(|_| wanted.same_decade);
    let shown = |neighbour: Neighbour| {
        json!({
            "artist": neighbour.artist,
            "title": neighbour.title,
            "uri": neighbour.uri,
            "decade": neighbour.decade,
            "label": neighbour.label,
            "distance": neighbour.distance,
            "audio_features": audio_features(&neighbour),
        })
    };
    Ok(json!({
        "neighbours": neighbours.nearest(&track.row, wanted.count, decade).into_iter().map(shown).collect::<Vec<Value>>(),
        "decade": decade,
        "features": compared().filter(|feature| !track.row[*feature as usize].is_nan()).collect::<Vec<Feature>>(),
        "known_tracks": neighbours.len(),
        "model_version": loaded.version,
    }))
}
