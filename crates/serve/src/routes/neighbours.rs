//! The known tracks that are most similar to a new one.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State as Shared};
use axum::response::Response;
use serde::Serialize;
use serde_json::{json, Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::answer::faults::Detail;
use crate::answer::rejection::{MessageBody, Rejection};
use crate::answer::response::{json, to_json};
use crate::answer::warning::Warning;
use crate::http::extract::RequestedTracks;
use crate::http::query::Query;
use crate::limits::{DEFAULT_NEIGHBOURS, MAX_NEIGHBOURS};
use crate::request::raw_track::CheckedTrack;
use crate::schema;
use crate::served::known_track::KnownTrackEntry;
use crate::served::served_model::ServedModel;
use crate::served::state::State;
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_model::scoring::neighbours::{compared, Neighbour};

/// Number and choice of neighbours.
#[derive(Clone, Copy, Debug, PartialEq, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NeighboursOptions {
    /// Number of neighbours, 1 to 100 [default: 5]
    #[param(schema_with = schema::count, required = false)]
    count: usize,
    /// Compare with tracks of the same decade only [default: false]
    #[param(schema_with = schema::truth, required = false)]
    same_decade: bool,
}

/// A track, options, and warnings of the query.
pub(crate) struct NeighboursQuery(CheckedTrack, NeighboursOptions, Vec<Warning>);

/// The parameters of the query.
const PARAMETERS: [&str; 2] = ["count", "same_decade"];

impl FromRequest<Arc<State>> for NeighboursQuery {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<NeighboursQuery, Rejection> {
        let (mut parts, body) = request.into_parts();
        let mut query = Query::of(&mut parts, state).await;
        let options = NeighboursOptions {
            count: query.count("count", DEFAULT_NEIGHBOURS, MAX_NEIGHBOURS),
            same_decade: query.truth("same_decade"),
        };
        let warnings = query.misspelt(&PARAMETERS);
        let mut faults = query.faults;
        match RequestedTracks::from_request(Request::from_parts(parts, body), state).await {
            Ok(RequestedTracks::One(track)) => {
                faults.extend(missing(&track, options));
                if faults.is_empty() {
                    return Ok(NeighboursQuery(track, options, warnings));
                }
            }
            Ok(RequestedTracks::Several(member, ..)) => {
                let rule = "Input should be one track";
                faults.push(Detail::new("one_track", vec![json!("body"), json!(member)], rule, &json!({})));
            }
            Err(Rejection::Invalid(details)) => faults.extend(details),
            Err(other) => return Err(other),
        }
        Err(Rejection::Invalid(faults))
    }
}

/// A fault for each value that the options require and the track does not have.
fn missing(track: &CheckedTrack, options: NeighboursOptions) -> Vec<Detail> {
    let missing = |place: &[&str], rule: String| {
        let place = place.iter().map(|part| json!(part)).collect();
        Detail::new("missing", place, rule, &Value::Null)
    };
    let nothing = compared().all(|feature| track.row[feature as usize].is_nan()).then(|| {
        let names: Vec<&str> = compared().map(Feature::name).collect();
        missing(&["body"], format!("There is nothing to compare; give at least one of {}", names.join(", ")))
    });
    let no_decade = (options.same_decade && track.decade().is_none())
        .then(|| missing(&["body", Feature::Decade.name()], "Field required with same_decade=true".to_owned()));
    nothing.into_iter().chain(no_decade).collect()
}

/// Neighbours of a track, the nearest first.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Neighbours)]
pub(crate) struct NeighboursResponse<'a> {
    neighbours: Vec<NeighbourEntry<'a>>,
    /// Decade that the neighbours are limited to, if any.
    #[schema(schema_with = schema::nullable_decade, required = true)]
    decade: Option<Decade>,
    /// Features that were compared.
    #[schema(schema_with = schema::features)]
    features: Vec<Feature>,
    /// Number of known tracks.
    known_tracks: usize,
    model_version: &'a str,
    warnings: Vec<Warning>,
}

/// A known track.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Neighbour)]
struct NeighbourEntry<'a> {
    artist: &'a str,
    title: &'a str,
    uri: &'a str,
    /// Null where it is not known.
    #[schema(schema_with = schema::nullable_decade)]
    decade: Option<Decade>,
    #[schema(schema_with = schema::label)]
    label: Label,
    /// Distance in standard deviations.
    #[schema(minimum = 0)]
    distance: f64,
    #[schema(schema_with = schema::audio_features)]
    audio_features: Map<String, Value>,
    /// Whether the model was fitted to the track; null if that is not known.
    #[schema(required = true)]
    in_training: Option<bool>,
}

impl<'a> From<Neighbour<'a>> for NeighbourEntry<'a> {
    fn from(neighbour: Neighbour<'a>) -> NeighbourEntry<'a> {
        let KnownTrackEntry { artist, title, uri, decade, label, audio_features, in_training } = neighbour.track.into();
        let distance = neighbour.distance;
        NeighbourEntry { artist, title, uri, decade, label, distance, audio_features, in_training }
    }
}

/// Find the known tracks most similar to a track
///
/// The distance is Euclidean over the twelve quantitative features, each in standard deviations; missing values are left out. With
/// `same_decade=true`, only tracks of the same decade are compared, and the track needs a decade. The known tracks are read from
/// a file beside the model. A misspelt feature or parameter is reported among the warnings.
#[utoipa::path(
    post,
    path = "/v1/neighbours",
    tag = "prediction",
    params(NeighboursOptions),
    request_body(content = ref("#/components/schemas/TrackToCompare"), content_type = "application/json"),
    responses(
        (status = 200, description = "The nearest tracks first", body = NeighboursResponse<'static>),
        (status = 404, description = "There is no file of known tracks beside the model", body = MessageBody),
    )
)]
pub(crate) async fn neighbours(
    Shared(state): Shared<Arc<State>>,
    NeighboursQuery(track, options, mut warnings): NeighboursQuery,
) -> Result<Response, Rejection> {
    warnings.extend(Warning::of_fields(&track));
    Ok(json(state.heavy(move |work| to_json(&find(&work.loaded, &track, options, warnings)?)).await?))
}

fn find<'a>(
    loaded: &'a ServedModel,
    track: &CheckedTrack,
    options: NeighboursOptions,
    warnings: Vec<Warning>,
) -> Result<NeighboursResponse<'a>, Rejection> {
    const ABSENT: &str = "No known tracks are beside the model";
    let neighbours = loaded.neighbours.as_ref().ok_or(Rejection::NotAvailable(ABSENT))?;
    let decade = track.decade().filter(|_| options.same_decade);
    let nearest = neighbours.nearest(&track.row, options.count, decade);
    Ok(NeighboursResponse {
        neighbours: nearest.into_iter().map(NeighbourEntry::from).collect(),
        decade,
        features: compared().filter(|feature| !track.row[*feature as usize].is_nan()).collect(),
        known_tracks: neighbours.len(),
        model_version: &loaded.version,
        warnings,
    })
}
