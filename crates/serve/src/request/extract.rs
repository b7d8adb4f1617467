//! Tracks of a request as its handlers take them.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use serde_json::Value;

use super::body::{self, BodyBytes};
use super::faults::Detail;
use super::json_error;
use super::raw_track::CheckedTrack;
use super::request_body::{BodyItem, BodyItems, RequestBody};
use super::shape::without_mark;
use crate::http::rejection::Rejection;
use crate::served::state::State;
use hitflop_core::track::Feature;

/// The notebook's fourteen features, which the original service requires.
pub const REQUIRED: &[Feature] = Feature::AUDIO.split_at(14).0;

/// A checked track, or several that are not checked yet.
pub enum RequestedTracks {
    One(CheckedTrack),
    /// Those of an envelope's member.
    Several(&'static str, BodyItems),
}

impl FromRequest<Arc<State>> for RequestedTracks {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<RequestedTracks, Rejection> {
        let bytes = body::json(request, state).await?;
        let body = RequestBody::from_slice(&bytes, state.config.limits.rows);
        match body.map_err(|error| Rejection::invalid(json_error::in_list(&error, &bytes)))? {
            RequestBody::One(track) => Ok(RequestedTracks::One(track.check_showing(|_| whole(&bytes))?)),
            RequestBody::Several(member, items) => Ok(RequestedTracks::Several(member, items)),
            RequestBody::Other(value) => Err(Rejection::invalid(Detail::not_an_object(&value))),
        }
    }
}

/// A track with all of [`REQUIRED`].
pub struct CompleteTrack(pub CheckedTrack);

impl FromRequest<Arc<State>> for CompleteTrack {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<CompleteTrack, Rejection> {
        let body = body::json(request, state).await?;
        let item =
            BodyItem::from_slice(&body).map_err(|error| Rejection::invalid(json_error::detail(&error, &body)))?;
        match item {
            BodyItem::Track(track) => Ok(CompleteTrack(track.check_required(REQUIRED, || whole(&body))?)),
            BodyItem::Null | BodyItem::Other(_) => Err(Rejection::invalid(Detail::not_an_object(&whole(&body)))),
        }
    }
}

/// The whole body, to be shown in a fault. It was read as JSON before.
fn whole(body: &BodyBytes) -> Value {
    serde_json::from_slice(without_mark(body)).unwrap_or_default()
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
