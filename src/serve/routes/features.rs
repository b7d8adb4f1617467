//! The features: what a client may send, and what the model knows of them.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use serde_json::{json, Value};

use super::json;
use crate::serve::loaded::Loaded;
use crate::serve::openapi::schemas;
use crate::serve::rejection::Rejection;
use crate::serve::routes::songs::REQUIRED;
use crate::serve::state::State;
use crate::track::Feature;

/// Names, units, meanings and ranges of the features
///
/// `training_min` and `training_max` are null for a feature that the model does not use.
#[utoipa::path(
    get,
    path = "/v1/features",
    tag = "model",
    responses((status = 200, description = "The features", body = schemas::Features))
)]
pub async fn features(Shared(state): Shared<Arc<State>>) -> Result<Response, Rejection> {
    let model = state.model()?;
    Ok(json(document(&model).to_string()))
}

fn document(loaded: &Loaded) -> Value {
    let inputs = &loaded.scorer.artifact().model.inputs;
    let feature = |feature: Feature| {
        let info = feature.info();
        let input = inputs.iter().find(|input| input.feature == feature);
        json!({
            "name": info.name,
            "kind": info.kind,
            "unit": info.unit,
            "meaning": info.meaning,
            "documented_range": info.range,
            "training_min": input.map(|input| input.training_min),
            "training_max": input.map(|input| input.training_max),
            "used_by_model": input.is_some(),
            "required_by_original_service": REQUIRED.contains(&feature),
        })
    };
    json!({ "features": Feature::ALL.map(feature) })
}
