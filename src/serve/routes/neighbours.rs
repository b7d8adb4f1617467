//! The known tracks most like a new one.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Query, Request, State as Shared};
use axum::response::Response;
use serde_json::{json, Value};

use super::json;
use super::predict::Tracks;
use crate::score::neighbours::{compared, Neighbour};
use crate::serve::loaded::Loaded;
use crate::serve::openapi::schemas;
use crate::serve::rejection::{Detail, Rejection};
use crate::serve::shapes::Track;
use crate::serve::state::State;
use crate::track::{Decade, Feature};

/// Neighbours that are told if the client does not say how many.
const COUNT: usize = 5;
/// Most neighbours.
pub const MOST: usize = 100;

/// How many neighbours, and which.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    count: usize,
    same_decade: bool,
}

/// One track, and what is wanted.
pub struct Asked(Track, Wanted);

impl FromRequest<Arc<State>> for Asked {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Asked, Rejection> {
        let (mut parts, body) = request.into_parts();
        let query = Query::<Vec<(String, String)>>::from_request_parts(&mut parts, state).await;
        let mut faults = Vec::new();
        let wanted = wanted(&query.map(|query| query.0).unwrap_or_default(), &mut faults);
        match Tracks::from_request(Request::from_parts(parts, body), state).await {
            Ok(Tracks::One(track)) if faults.is_empty() => return Ok(Asked(track, wanted)),
            Ok(Tracks::One(_)) => {}
            Ok(Tracks::Several(member, _)) => {
                let rule = "Input should be one track";
                faults.push(Detail::new("one_track", vec![json!("body"), json!(member)], rule, &json!({})));
            }
            Err(Rejection::Invalid(details)) => faults.extend(details),
            Err(other) => return Err(other),
        }
        Err(Rejection::Invalid(faults))
    }
}

fn wanted(query: &[(String, String)], faults: &mut Vec<Detail>) -> Wanted {
    let mut wanted = Wanted { count: COUNT, same_decade: false };
    for (name, value) in query {
        let mut fault = |kind, msg: String| {
            faults.push(Detail::new(kind, vec![json!("query"), json!(name)], msg, &json!(value)));
        };
        match name.as_str() {
            "count" => match value.parse() {
                Ok(count) if (1..=MOST).contains(&count) => wanted.count = count,
                _ => fault("int_parsing", format!("Input should be a whole number from 1 to {MOST}")),
            },
            "same_decade" => match truth(value) {
                Some(truth) => wanted.same_decade = truth,
                None => fault("bool_parsing", "Input should be true or false".to_owned()),
            },
            _ => {}
        }
    }
    wanted
}

/// `true` or `false`.
pub fn truth(value: &str) -> Option<bool> {
    value.parse().ok()
}

/// The known tracks most like this one
///
/// Distance is Euclid's over the twelve features that are quantities, each in standard deviations; a missing one is left out.
/// With `same_decade=true` only tracks of the given decade are compared with. They come from a Parquet file beside the model.
#[utoipa::path(
    post,
    path = "/v1/neighbours",
    tag = "prediction",
    params(
        ("count" = schemas::Count, Query, description = "How many, 1 to 100 [default: 5]"),
        ("same_decade" = Option<bool>, Query, description = "Only of the same decade [default: false]"),
    ),
    request_body(content = schemas::Track, content_type = "application/json"),
    responses(
        (status = 200, description = "The nearest first", body = schemas::Neighbours),
        (status = 404, description = "There is no file of known tracks beside the model", body = schemas::Told),
    )
)]
pub async fn neighbours(Shared(state): Shared<Arc<State>>, Asked(track, wanted): Asked) -> Result<Response, Rejection> {
    Ok(json(state.heavy(move |_, loaded| find(loaded, &track, wanted)).await?.to_string()))
}

fn find(loaded: &Loaded, track: &Track, wanted: Wanted) -> Result<Value, Rejection> {
    const ABSENT: &str = "No known tracks lie beside the model";
    let neighbours = loaded.neighbours.as_ref().ok_or(Rejection::NotAvailable(ABSENT))?;
    let year = track.row[Feature::Decade as usize];
    let decade = match wanted.same_decade {
        false => None,
        true if year.is_nan() => {
            let rule = "Field required with same_decade=true";
            let place = vec![json!("body"), json!(Feature::Decade.name())];
            return Err(Rejection::invalid(Detail::new("missing", place, rule, &Value::Null)));
        }
        true => Decade::from_year(year as i32),
    };
    let shown = |neighbour: Neighbour| {
        json!({
            "artist": neighbour.artist,
            "title": neighbour.title,
            "uri": neighbour.uri,
            "decade": neighbour.decade,
            "label": neighbour.label,
            "distance": neighbour.distance,
        })
    };
    Ok(json!({
        "neighbours": neighbours.nearest(&track.row, wanted.count, decade).into_iter().map(shown).collect::<Vec<Value>>(),
        "features": compared().filter(|feature| !track.row[*feature as usize].is_nan()).collect::<Vec<Feature>>(),
        "known_tracks": neighbours.len(),
        "model_version": loaded.version,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_checked() {
        let wanted = |query: &[(&str, &str)]| {
            let query: Vec<(String, String)> =
                query.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
            let mut faults = Vec::new();
            let wanted = super::wanted(&query, &mut faults);
            (wanted.count, wanted.same_decade, faults.len())
        };
        assert_eq!(wanted(&[]), (5, false, 0));
        assert_eq!(wanted(&[("count", "7"), ("same_decade", "true"), ("other", "")]), (7, true, 0));
        for bad in ["0", "101", "-1", "x", "", "1.5"] {
            assert_eq!(wanted(&[("count", bad), ("same_decade", bad)]).2, 2, "{bad}");
        }
    }
}
