//! KServe's Open Inference Protocol, version 2, over HTTP: tensors in, tensors out.
//!
//! The input is either one matrix (rows × features in the model's order) or one tensor a feature, by the feature's name, of a
//! value a row. Null is a missing value. The outputs are `predict` (INT64, 1 hit, 0 flop) and `predict_proba` (FP64, rows × 2,
//! the probabilities of flop and hit), as MLServer gives them for scikit-learn's classifiers.
//!
//! `tensors` makes rows of the inputs, `outputs` the outputs of scores.

mod outputs;
pub mod tensors;

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Request, State as Shared};
use axum::response::{IntoResponse, Response};
use serde_json::{json, Map, Value};

use super::http::rejection::{Detail, Faults, Rejection};
use super::openapi::schemas;
use super::request::body;
use super::request::json_error;
use super::request::request_body::without_mark;
use super::routes::json as as_json;
use super::served::batch::not_a_track;
use super::served::served_model::ServedModel;
use super::served::state::State;
use hitflop_core::track::Feature;

/// A rejection in the protocol's form.
pub struct KserveRejection(Rejection);

impl From<Rejection> for KserveRejection {
    fn from(rejection: Rejection) -> KserveRejection {
        KserveRejection(rejection)
    }
}

impl IntoResponse for KserveRejection {
    fn into_response(self) -> Response {
        self.0.for_kserve()
    }
}

/// The server
#[utoipa::path(get, path = "/v2", tag = "KServe", responses((status = 200, description = "Name and version", body = schemas::Server)))]
pub async fn server() -> Response {
    as_json(json!({ "name": "hitflop", "version": env!("CARGO_PKG_VERSION"), "extensions": [] }).to_string())
}

/// Whether the process lives
#[utoipa::path(get, path = "/v2/health/live", tag = "KServe", responses((status = 200, description = "It does", body = schemas::Live)))]
pub async fn live() -> Response {
    as_json(r#"{"live":true}"#)
}

/// Whether a model is loaded
#[utoipa::path(get, path = "/v2/health/ready", tag = "KServe", responses((status = 200, description = "It is", body = schemas::Ready)))]
pub async fn ready(Shared(state): Shared<Arc<State>>) -> Result<Response, KserveRejection> {
    state.check_ready()?;
    Ok(as_json(r#"{"ready":true}"#))
}

/// Inputs and outputs of the model
#[utoipa::path(
    get,
    path = "/v2/models/{model}",
    tag = "KServe",
    params(("model" = String, Path, description = "Name of the model, by default that of its file")),
    responses(
        (status = 200, description = "The model", body = schemas::KserveModel),
        (status = 404, description = "Another name or version", body = schemas::KserveError),
    )
)]
pub async fn model(Shared(state): Shared<Arc<State>>, name: ModelPath) -> Result<Response, KserveRejection> {
    let loaded = state.model()?;
    name.check(&state, &loaded)?;
    let of_feature = |feature: &Feature| json!({ "name": feature, "datatype": "FP64", "shape": [-1] });
    let document = json!({
        "name": state.config.model_name,
        "versions": [loaded.version],
        "platform": "hitflop",
        "inputs": loaded.scorer.features().iter().map(of_feature).collect::<Vec<Value>>(),
        "outputs": [
            { "name": outputs::LABELS, "datatype": "INT64", "shape": [-1] },
            { "name": outputs::PROBABILITIES, "datatype": "FP64", "shape": [-1, 2] },
        ],
    });
    Ok(as_json(document.to_string()))
}

/// Whether the model is ready
#[utoipa::path(
    get,
    path = "/v2/models/{model}/ready",
    tag = "KServe",
    params(("model" = String, Path, description = "Name of the model, by default that of its file")),
    responses(
        (status = 200, description = "It is", body = schemas::ModelReady),
        (status = 404, description = "Another name or version", body = schemas::KserveError),
    )
)]
pub async fn model_ready(Shared(state): Shared<Arc<State>>, name: ModelPath) -> Result<Response, KserveRejection> {
    state.check_ready()?;
    let loaded = state.model()?;
    name.check(&state, &loaded)?;
    Ok(as_json(json!({ "name": state.config.model_name, "ready": true }).to_string()))
}

/// Labels and probabilities
///
/// The input is one matrix, rows × features in the model's order, or one tensor a feature, by its name.
#[utoipa::path(
    post,
    path = "/v2/models/{model}/infer",
    tag = "KServe",
    params(("model" = String, Path, description = "Name of the model, by default that of its file")),
    request_body(content = schemas::KserveRequest, content_type = "application/json"),
    responses(
        (status = 200, description = "The outputs", body = schemas::KserveResponse),
        (status = 404, description = "Another name or version", body = schemas::KserveError),
    )
)]
pub async fn infer(
    Shared(state): Shared<Arc<State>>,
    name: ModelPath,
    request: Request,
) -> Result<Response, KserveRejection> {
    name.check(&state, &*state.model()?)?;
    if body::MediaType::of(request.headers()) != Some(body::MediaType::Json) {
        return Err(Rejection::UnsupportedMediaType { expected: "application/json" }.into());
    }
    let body = body::read(request, state.config.limits.batch_bytes, &state).await?;
    Ok(as_json(state.heavy(move |state, loaded| answer(state, loaded, &body)).await?))
}

/// Name and version of a model in a path.
pub struct ModelPath {
    name: String,
    version: Option<String>,
}

impl FromRequestParts<Arc<State>> for ModelPath {
    type Rejection = KserveRejection;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &Arc<State>,
    ) -> Result<ModelPath, KserveRejection> {
        let path = Path::<std::collections::HashMap<String, String>>::from_request_parts(parts, state).await;
        // A name that is not UTF-8 is none that a model has.
        let Path(mut path) = path.map_err(|_| KserveRejection(Rejection::NoSuchModel))?;
        let name = path.remove("model").ok_or(KserveRejection(Rejection::NoSuchModel))?;
        Ok(ModelPath { name, version: path.remove("version") })
    }
}

impl ModelPath {
    fn check(&self, state: &State, loaded: &ServedModel) -> Result<(), Rejection> {
        let is_version = self.version.as_ref().is_none_or(|version| *version == loaded.version);
        match self.name == state.config.model_name && is_version {
            true => Ok(()),
            false => Err(Rejection::NoSuchModel),
        }
    }
}

fn answer(state: &State, loaded: &ServedModel, body: &[u8]) -> Result<Vec<u8>, Rejection> {
    let document: Value = serde_json::from_slice(without_mark(body))
        .map_err(|error| Rejection::invalid(json_error::detail(&error, body)))?;
    let Value::Object(document) = document else {
        return Err(Rejection::invalid(not_a_track(&document)));
    };
    let mut faults = Faults::default();
    let id = id(&document, &mut faults);
    let wanted = outputs::wanted(&document, &mut faults);
    let rows = tensors::rows(&document, loaded.scorer.features(), state.config.limits.rows, &mut faults)?;
    let rows = faults.or(rows)?;
    let scores = loaded.score_all(rows.iter())?;
    state.metrics.predicted(scores.iter().map(|score| score.label));
    let mut document = json!({
        "model_name": state.config.model_name,
        "model_version": loaded.version,
        "outputs": outputs::of(&scores, &wanted),
    });
    if let (Some(id), Value::Object(document)) = (id, &mut document) {
        document.insert("id".to_owned(), json!(id));
    }
    Ok(document.to_string().into_bytes())
}

/// The client's name of a request, which comes back with the answer.
fn id(document: &Map<String, Value>, faults: &mut Faults) -> Option<String> {
    match document.get("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => Some(id.clone()),
        Some(other) => {
            let place = vec![json!("body"), json!("id")];
            faults.push(Detail::new("string_type", place, "Input should be a valid string", other));
            None
        }
    }
}
