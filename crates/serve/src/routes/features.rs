//! The features: the values that a client may send, and their distribution in training.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::compression::PrecompressedText;
use crate::answer::rejection::Rejection;
use crate::answer::response::to_json;
use crate::http::extract::REQUIRED;
use crate::schema;
use crate::served::served_model::ServedModel;
use crate::served::state::State;
use hitflop_core::track::{Decade, Feature, FeatureKind, FeatureRange};
use hitflop_model::reference::{DecadeQuantiles, GroupQuantiles, QUANTILE_LEVELS};

/// All features.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Features)]
pub(crate) struct FeaturesResponse {
    /// Levels of the quantiles, 0 to 1.
    levels: Vec<f64>,
    features: Vec<DescribedFeature>,
}

/// A feature.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DescribedFeature {
    name: &'static str,
    /// Name in a sentence or heading for people, in lower case.
    words: &'static str,
    #[schema(schema_with = schema::kind)]
    kind: FeatureKind,
    unit: &'static str,
    meaning: &'static str,
    #[schema(schema_with = schema::any)]
    documented_range: FeatureRange,
    /// Null if the model does not use the feature.
    #[schema(schema_with = schema::nullable_number, required = true)]
    training_min: Option<f64>,
    /// Null if the model does not use the feature.
    #[schema(schema_with = schema::nullable_number, required = true)]
    training_max: Option<f64>,
    used_by_model: bool,
    required_by_original_service: bool,
    decades: Vec<DecadeEntry>,
}

/// The distribution of a feature among the training rows of a decade.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecadeEntry {
    /// Null for the rows without a decade: all of them if training knew no decade.
    #[schema(schema_with = schema::nullable_decade)]
    decade: Option<Decade>,
    flops: GroupEntry,
    hits: GroupEntry,
    all: GroupEntry,
}

/// The distribution of a feature in a group of rows.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GroupEntry {
    rows: u64,
    /// Quantiles at the levels; null if there are no rows.
    #[schema(required = true)]
    quantiles: Option<Vec<f64>>,
}

/// List the features: names, units, meanings, ranges and distribution in training
///
/// `decades` has the quantiles of the flops, the hits and all tracks of each decade, at the `levels`. `training_min` and `training_max` are
/// null for a feature that the model does not use.
#[utoipa::path(
    get,
    path = "/v1/features",
    tag = "model",
    responses((status = 200, description = "The features", body = FeaturesResponse))
)]
pub(crate) async fn features(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Result<Response, Rejection> {
    let model = state.model()?;
    let text = match model.features.get() {
        Some(text) => text,
        None => {
            let json = to_json(&document(&model))?;
            model.features.get_or_init(|| PrecompressedText::new(json))
        }
    };
    Ok(text.answer(HeaderValue::from_static("application/json"), &headers))
}

/// Maximum number of digits in the files; further digits of an interpolated quantile are noise.
const DIGITS: usize = 7;

fn rounded(value: f64) -> f64 {
    // A number that was written is a number.
    format!("{value:.0$e}", DIGITS - 1).parse().unwrap_or(value)
}

fn document(loaded: &ServedModel) -> FeaturesResponse {
    FeaturesResponse {
        levels: (0..QUANTILE_LEVELS).map(|level| level as f64 / (QUANTILE_LEVELS - 1) as f64).collect(),
        features: Feature::ALL.into_iter().map(|feature| entry(loaded, feature)).collect(),
    }
}

fn entry(loaded: &ServedModel, feature: Feature) -> DescribedFeature {
    let artifact = loaded.scorer.artifact();
    let info = feature.info();
    let input = artifact.model.inputs.iter().find(|input| input.feature == feature);
    DescribedFeature {
        name: info.name,
        words: feature.in_words(),
        kind: info.kind,
        unit: info.unit,
        meaning: info.meaning,
        documented_range: info.range,
        training_min: input.map(|input| input.training_min),
        training_max: input.map(|input| input.training_max),
        used_by_model: input.is_some(),
        required_by_original_service: REQUIRED.contains(&feature),
        decades: artifact.reference.decades().iter().map(|of| DecadeEntry::new(of, feature)).collect(),
    }
}

impl DecadeEntry {
    fn new(of: &DecadeQuantiles, feature: Feature) -> DecadeEntry {
        let group = |group: &GroupQuantiles| GroupEntry {
            rows: group.rows,
            quantiles: group.quantiles(feature).map(|quantiles| quantiles.iter().copied().map(rounded).collect()),
        };
        DecadeEntry { decade: of.decade, flops: group(&of.flops), hits: group(&of.hits), all: group(&of.all) }
    }
}
