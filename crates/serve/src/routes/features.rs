//! The features: what a client may send, and what the model knows of them.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use serde_json::{json, Value};

use crate::http::compression::PrecompressedText;
use crate::http::rejection::Rejection;
use crate::openapi::schemas;
use crate::routes::songs::REQUIRED;
use crate::served::served_model::ServedModel;
use crate::served::state::State;
use hitflop_core::track::Feature;
use hitflop_model::reference::{DecadeQuantiles, GroupQuantiles, QUANTILE_LEVELS};

/// Names, units, meanings and ranges of the features, and where they lie in training
///
/// `decades` holds the quantiles of each decade's flops, hits and both, at the `levels`.
/// `training_min` and `training_max` are null for a feature that the model does not use.
#[utoipa::path(
    get,
    path = "/v1/features",
    tag = "model",
    responses((status = 200, description = "The features", body = schemas::Features))
)]
pub async fn features(Shared(state): Shared<Arc<State>>, asked: HeaderMap) -> Result<Response, Rejection> {
    let model = state.model()?;
    let features = model.features.get_or_init(|| PrecompressedText::new(document(&model).to_string()));
    Ok(features.answer(HeaderValue::from_static("application/json"), &asked))
}

/// Digits that the files have at most; what comes after them in an interpolated quantile is noise.
const DIGITS: usize = 7;

fn rounded(value: f64) -> Value {
    // What was written as a number is one.
    json!(format!("{value:.0$e}", DIGITS - 1).parse().unwrap_or(value))
}

fn document(loaded: &ServedModel) -> Value {
    let artifact = loaded.scorer.artifact();
    let quantiles = |group: &GroupQuantiles, feature: Feature| {
        let rounded = |quantiles: &[f64; QUANTILE_LEVELS]| quantiles.iter().map(|&value| rounded(value)).collect();
        json!({ "rows": group.rows, "quantiles": group.quantiles(feature).map(rounded).unwrap_or(Value::Null) })
    };
    let of_decade = |of: &DecadeQuantiles, feature: Feature| {
        json!({
            "decade": of.decade,
            "flops": quantiles(&of.flops, feature),
            "hits": quantiles(&of.hits, feature),
            "all": quantiles(&of.all, feature),
        })
    };
    let feature = |feature: Feature| {
        let info = feature.info();
        let input = artifact.model.inputs.iter().find(|input| input.feature == feature);
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
            "decades": artifact.reference.decades().iter().map(|of| of_decade(of, feature)).collect::<Vec<Value>>(),
        })
    };
    let levels: Vec<f64> = (0..QUANTILE_LEVELS).map(|level| level as f64 / (QUANTILE_LEVELS - 1) as f64).collect();
    json!({ "levels": levels, "features": Feature::ALL.map(feature) })
}
