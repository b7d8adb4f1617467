//! The model, the data that it was fitted on, and its scores.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use serde_json::{json, Value};

use crate::answer::rejection::Rejection;
use crate::answer::response::json;
use crate::http::redact_paths;
use crate::served::served_model::ServedModel;
use crate::served::state::State;
use hitflop_model::artifact::{self, Artifact};

/// Describe the model: parameters, scores with their validation scheme, and model card
#[utoipa::path(
    get,
    path = "/v1/model",
    tag = "model",
    responses((status = 200, description = "The model", body = ref("#/components/schemas/Model")))
)]
pub(crate) async fn model(Shared(state): Shared<Arc<State>>) -> Result<Response, Rejection> {
    let model = state.model()?;
    let mut document = document(&model, &state.config.model_name);
    document["watched"] = json!(state.is_watched());
    Ok(json(document.to_string()))
}

fn document(loaded: &ServedModel, name: &str) -> Value {
    let artifact: &Artifact = loaded.scorer.artifact();
    let mut document = json!({
        "name": name,
        "version": loaded.version,
        "sha256": loaded.sha256,
        "description": artifact.model.name(),
    });
    // The paths of the machine on which the model was fitted are private.
    let mut described = artifact::describe(artifact);
    for file in described["origin"]["data"].as_array_mut().into_iter().flatten() {
        file["name"] = json!(file["name"].as_str().map(redact_paths::last));
    }
    // Both are objects.
    if let (Value::Object(document), Value::Object(described)) = (&mut document, described) {
        document.extend(described.into_iter().filter(|(key, _)| key != "name"));
        document.insert("card".to_owned(), json!(loaded.card.as_deref().map(redact_paths::hidden)));
        document.insert("tracks".to_owned(), json!(loaded.neighbours.as_ref().map(|neighbours| neighbours.len())));
    }
    document
}
