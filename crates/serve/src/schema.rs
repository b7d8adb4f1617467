//! Schemas of members of answers whose types are of other crates, which know nothing of OpenAPI.

use serde_json::json;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, Array, ArrayBuilder, ObjectBuilder, Ref, SchemaType, Type,
};
use utoipa::openapi::{RefOr, Schema};

use crate::limits::{DEFAULT_FOUND_TRACKS, MAX_FOUND_TRACKS, MAX_SEARCH_CHARS};
use hitflop_core::reader::value;
use hitflop_core::track::{Feature, FeatureKind};

fn of(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind)
}

fn nullable(kind: Type) -> ObjectBuilder {
    either(kind, Type::Null)
}

fn either(one: Type, other: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([one, other]))
}

fn list(items: impl Into<RefOr<Schema>>) -> Array {
    ArrayBuilder::new().items(items.into()).build()
}

/// Any JSON value.
pub(crate) fn any() -> Schema {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).into()
}

/// The name of an output tensor of KServe's protocol.
pub(crate) fn output_name() -> Schema {
    of(Type::String).enum_values(Some(["predict", "predict_proba"])).into()
}

/// The type of an output tensor of KServe's protocol.
pub(crate) fn output_datatype() -> Schema {
    of(Type::String).enum_values(Some(["INT64", "FP64"])).into()
}

/// A number from 0 to 1.
pub(crate) fn share() -> Schema {
    of(Type::Number).minimum(Some(0)).maximum(Some(1)).into()
}

/// `hit` or `flop`.
pub(crate) fn label() -> Schema {
    of(Type::String).enum_values(Some(["flop", "hit"])).into()
}

/// 1 hit, 0 flop.
pub(crate) fn class() -> Schema {
    of(Type::Integer).enum_values(Some([0, 1])).description(Some("1 hit, 0 flop")).into()
}

/// A decade in a query: a year in it, or a tag such as `90` and `90s`.
pub(crate) fn decade() -> Schema {
    let year = of(Type::Integer).minimum(Some(value::FIRST_YEAR)).maximum(Some(value::LAST_YEAR));
    let tag = of(Type::Integer).enum_values(Some((0..10).map(|tag| 10 * tag)));
    let word = of(Type::String).pattern(Some("^(19[0-9]0|20[0-2]0|[0-9]0)s$"));
    AnyOfBuilder::new().item(year).item(tag).item(word).examples([1990]).build().into()
}

/// The first year of a decade, or null.
pub(crate) fn nullable_decade() -> Schema {
    nullable(Type::Integer).into()
}

/// A number, or null.
pub(crate) fn nullable_number() -> Schema {
    nullable(Type::Number).into()
}

/// The name of a feature.
pub(crate) fn feature() -> Schema {
    of(Type::String).enum_values(Some(Feature::ALL.map(Feature::name))).into()
}

/// Names of features.
pub(crate) fn features() -> Schema {
    list(feature()).into()
}

/// The kind of a feature.
pub(crate) fn kind() -> Schema {
    let kinds = [FeatureKind::Continuous, FeatureKind::Count, FeatureKind::Category];
    of(Type::String).enum_values(Some(kinds.map(|kind| json!(kind)))).into()
}

/// The features of a known track, to be sent again as they are; null is missing.
pub(crate) fn audio_features() -> Schema {
    let closed = of(Type::Object).additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
    let with = |object: ObjectBuilder, feature: &Feature| {
        object.property(feature.name(), nullable(Type::Number)).required(feature.name())
    };
    Feature::AUDIO.iter().fold(closed, with).into()
}

/// The place of a fault: names of members and indices of elements.
pub(crate) fn place() -> Schema {
    list(either(Type::String, Type::Integer)).into()
}

/// Contributions of the features; [`crate::openapi`] has the schema.
pub(crate) fn explanation() -> Ref {
    Ref::from_schema_name("Explanation")
}

/// What a track lacks; [`crate::openapi`] has the schema.
pub(crate) fn missing_features() -> Ref {
    Ref::from_schema_name("MissingFeatures")
}

/// Smallest changes with another answer; [`crate::openapi`] has the schema.
pub(crate) fn alternatives() -> Ref {
    Ref::from_schema_name("Alternatives")
}

/// Yes or no in a query; [`crate::openapi`] has the schema.
pub(crate) fn truth() -> Ref {
    Ref::from_schema_name("Truth")
}

/// What is searched for.
pub(crate) fn search_text() -> Schema {
    let what = "Words of title and artist in any order, or a Spotify link or URI of a track";
    let text = of(Type::String).min_length(Some(1)).max_length(Some(MAX_SEARCH_CHARS)).description(Some(what));
    text.examples(["abba dancing"]).build().into()
}

/// Number of tracks that a search answers with.
pub(crate) fn found_tracks() -> Schema {
    let count = of(Type::Integer).minimum(Some(1)).maximum(Some(MAX_FOUND_TRACKS as i64));
    count.default(Some(json!(DEFAULT_FOUND_TRACKS))).description(Some("Number of tracks")).build().into()
}

/// Number of neighbours; [`crate::openapi`] has the schema.
pub(crate) fn count() -> Ref {
    Ref::from_schema_name("Count")
}
