//! Tracks of a request as its handlers take them.

use std::cell::LazyCell;
use std::sync::Arc;

use super::body;
use crate::answer::faults::Detail;
use crate::answer::rejection::Rejection;
use crate::request::field_names::FieldNames;
use crate::request::json_error;
use crate::request::json_number::JsonNumber;
use crate::request::preview::shown;
use crate::request::raw_track::CheckedTrack;
use crate::request::request_body::{BodyItem, BodyItems, RequestBody};
use crate::served::state::State;
use axum::extract::{FromRequest, Request};
use hitflop_core::track::Feature;

/// The notebook's fourteen features, which the original service requires.
pub(crate) const REQUIRED: &[Feature] = Feature::AUDIO.split_at(14).0;

/// A checked track, or several that are not checked yet.
pub(crate) enum RequestedTracks {
    One(CheckedTrack),
    /// Those of an envelope's member, and the names of their fields.
    Several(&'static str, BodyItems, FieldNames),
}

impl FromRequest<Arc<State>> for RequestedTracks {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<RequestedTracks, Rejection> {
        let bytes = body::json(request, state).await?;
        let names = FieldNames::of_track();
        let body = RequestBody::from_slice(&bytes, state.config.limits.rows, &names);
        match body.map_err(|error| Rejection::invalid(json_error::in_list(&error, &bytes)))? {
            RequestBody::One(track) => Ok(RequestedTracks::One(track.check_alone(&names, || shown(&bytes))?)),
            RequestBody::Several(member, items) => Ok(RequestedTracks::Several(member, items, names)),
            RequestBody::Other(value) => Err(Rejection::invalid(not_a_track(&value))),
        }
    }
}

/// A track with all of [`REQUIRED`].
pub(crate) struct CompleteTrack(pub CheckedTrack);

impl FromRequest<Arc<State>> for CompleteTrack {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<CompleteTrack, Rejection> {
        let body = body::json(request, state).await?;
        let names = FieldNames::of_track();
        let item = BodyItem::from_slice(&body, &names)
            .map_err(|error| Rejection::invalid(json_error::detail(&error, &body)))?;
        match item {
            BodyItem::Track(track) => {
                // A fault for each missing field shows it.
                let whole = LazyCell::new(|| shown(&body));
                Ok(CompleteTrack(track.check_required(&names, REQUIRED, || whole.clone())?))
            }
            BodyItem::Null | BodyItem::Other(_) => Err(Rejection::invalid(Detail::not_an_object(&shown(&body)))),
        }
    }
}

/// A body that is neither a track nor an envelope; a list belongs elsewhere.
fn not_a_track(found: &JsonNumber) -> Detail {
    let mut detail = Detail::not_an_object(&found.to_value());
    if matches!(found, JsonNumber::Nested(_)) {
        detail.msg += "; /v1/predict/batch answers a list of tracks";
    }
    detail
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
