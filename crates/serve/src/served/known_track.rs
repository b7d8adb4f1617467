//! A known track in an answer.

use serde::Serialize;
use serde_json::{json, Map, Value};
use utoipa::ToSchema;

use crate::schema;
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_model::artifact::known_tracks::KnownTrack;

/// A known track.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KnownTrack)]
pub(crate) struct KnownTrackEntry<'a> {
    pub artist: &'a str,
    pub title: &'a str,
    pub uri: &'a str,
    /// Null where it is not known.
    #[schema(schema_with = schema::nullable_decade)]
    pub decade: Option<Decade>,
    #[schema(schema_with = schema::label)]
    pub label: Label,
    #[schema(schema_with = schema::audio_features)]
    pub audio_features: Map<String, Value>,
    /// Whether the model was fitted to the track; null if that is not known.
    #[schema(required = true)]
    pub in_training: Option<bool>,
}

impl<'a> From<KnownTrack<'a>> for KnownTrackEntry<'a> {
    fn from(track: KnownTrack<'a>) -> KnownTrackEntry<'a> {
        let audio_features = audio_features(&track);
        let KnownTrack { artist, title, uri, decade, label, in_training, .. } = track;
        KnownTrackEntry { artist, title, uri, decade, label, audio_features, in_training }
    }
}

/// A track's features in the shape in which a client may send them.
pub(crate) fn audio_features(track: &KnownTrack) -> Map<String, Value> {
    let value = |(feature, value): (&Feature, f32)| {
        // The fewest digits that distinguish the number from others of its precision: 0.578, not 0.5780000090599060.
        let shortest = serde_json::from_str(&value.to_string()).unwrap_or_else(|_| json!(value));
        (feature.name().to_owned(), shortest)
    };
    Feature::AUDIO.iter().zip(track.values).map(value).collect()
}
