//! KServe's Open Inference Protocol, version 2, over HTTP: tensors in, tensors out.
//!
//! The input is either one matrix (rows × features in the model's order) or one tensor a feature, by the feature's name, of a
//! value a row. Null is a missing value. The outputs are `predict` (INT64, 1 hit, 0 flop) and `predict_proba` (FP64, rows × 2,
//! the probabilities of flop and hit), as MLServer gives them for scikit-learn's classifiers.
//!
//! `shapes` reads a request, `tensors` makes rows of its inputs, and `outputs` makes the outputs of predictions.

mod outputs;
pub(crate) mod shapes;
pub(crate) mod tensors;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Request, State as Shared};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use self::outputs::Output;
use self::shapes::{InferShape, WordOrNull};
use crate::http::rejection::{KserveErrorBody, Rejection};
use crate::http::response::{json, to_json};
use crate::request::body;
use crate::request::document::Document;
use crate::served::state::{CurrentModel, State};
use crate::served::Work;
use crate::VERSION;
use hitflop_core::track::Feature;

/// A rejection in the protocol's form.
pub(crate) struct KserveRejection(Rejection);

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

/// An answer, or a rejection in the protocol's form.
type KserveResult = Result<Response, KserveRejection>;

fn answer(body: &impl Serialize) -> KserveResult {
    Ok(json(to_json(body)?))
}

/// The server.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    name: &'static str,
    version: &'static str,
    extensions: [&'static str; 0],
}

/// Describe the server
#[utoipa::path(
    get,
    path = "/v2",
    tag = "KServe",
    responses((status = 200, description = "Name and version", body = Server))
)]
pub(crate) async fn server() -> KserveResult {
    answer(&Server { name: "hitflop", version: VERSION, extensions: [] })
}

/// Whether the process is alive.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Live {
    live: bool,
}

/// Report that the process is alive
#[utoipa::path(
    get,
    path = "/v2/health/live",
    tag = "KServe",
    responses((status = 200, description = "The process is alive", body = Live))
)]
pub(crate) async fn live() -> KserveResult {
    answer(&Live { live: true })
}

/// Whether a model is loaded.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ready {
    ready: bool,
}

/// Report whether a model is loaded
#[utoipa::path(
    get,
    path = "/v2/health/ready",
    tag = "KServe",
    responses((status = 200, description = "A model is loaded", body = Ready))
)]
pub(crate) async fn ready(Shared(state): Shared<Arc<State>>) -> KserveResult {
    state.check_ready()?;
    answer(&Ready { ready: true })
}

/// The model.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KserveModel)]
pub(crate) struct KserveModelResponse<'a> {
    name: &'a str,
    versions: [&'a str; 1],
    platform: &'static str,
    inputs: Vec<TensorMetadata>,
    outputs: [TensorMetadata; 2],
}

/// Name, type and shape of a tensor; -1 is any number of rows.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TensorMetadata {
    name: &'static str,
    datatype: &'static str,
    shape: Vec<i64>,
}

/// Describe the inputs and outputs of the model
#[utoipa::path(
    get,
    path = "/v2/models/{model}",
    tag = "KServe",
    params(("model" = String, Path, description = "Name of the model, by default the name of its file")),
    responses(
        (status = 200, description = "The model", body = KserveModelResponse<'static>),
        (status = 404, description = "Another name or version", body = KserveErrorBody),
    )
)]
pub(crate) async fn model(Shared(state): Shared<Arc<State>>, path: ModelPath) -> KserveResult {
    let loaded = path.model(&state)?;
    let input = |feature: &Feature| TensorMetadata { name: feature.name(), datatype: "FP64", shape: vec![-1] };
    answer(&KserveModelResponse {
        name: &state.config.model_name,
        versions: [&loaded.version],
        platform: "hitflop",
        inputs: loaded.scorer.features().iter().map(input).collect(),
        outputs: [
            TensorMetadata { name: outputs::LABELS, datatype: "INT64", shape: vec![-1] },
            TensorMetadata { name: outputs::PROBABILITIES, datatype: "FP64", shape: vec![-1, 2] },
        ],
    })
}

/// Whether the model is ready.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelReady<'a> {
    name: &'a str,
    ready: bool,
}

/// Report whether the model is ready
#[utoipa::path(
    get,
    path = "/v2/models/{model}/ready",
    tag = "KServe",
    params(("model" = String, Path, description = "Name of the model, by default the name of its file")),
    responses(
        (status = 200, description = "The model is ready", body = ModelReady<'static>),
        (status = 404, description = "Another name or version", body = KserveErrorBody),
    )
)]
pub(crate) async fn model_ready(Shared(state): Shared<Arc<State>>, path: ModelPath) -> KserveResult {
    state.check_ready()?;
    path.model(&state)?;
    answer(&ModelReady { name: &state.config.model_name, ready: true })
}

/// Outputs of an inference.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KserveResponse)]
pub(crate) struct InferResponse<'a> {
    model_name: &'a str,
    model_version: &'a str,
    outputs: Vec<Output>,
    /// Name of the request, if the client sent one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    id: Option<String>,
}

/// Predict labels and probabilities
///
/// The input is one matrix, rows × features in the model's order, or one tensor for each feature, by the feature's name.
#[utoipa::path(
    post,
    path = "/v2/models/{model}/infer",
    tag = "KServe",
    params(("model" = String, Path, description = "Name of the model, by default the name of its file")),
    request_body(content = ref("#/components/schemas/KserveRequest"), content_type = "application/json"),
    responses(
        (status = 200, description = "The outputs", body = InferResponse<'static>),
        (status = 404, description = "Another name or version", body = KserveErrorBody),
    )
)]
pub(crate) async fn infer(Shared(state): Shared<Arc<State>>, path: ModelPath, request: Request) -> KserveResult {
    path.model(&state)?;
    if body::MediaType::of(request.headers()) != Some(body::MediaType::Json) {
        return Err(Rejection::UnsupportedMediaType { expected: "application/json" }.into());
    }
    let body = body::read(request, state.config.limits.batch_bytes, &state).await?;
    Ok(json(state.heavy(move |work| to_json(&inference(work, &body)?)).await?))
}

/// Name and version of a model in a path.
pub(crate) struct ModelPath {
    name: String,
    version: Option<String>,
}

impl FromRequestParts<Arc<State>> for ModelPath {
    type Rejection = KserveRejection;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<ModelPath, KserveRejection> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
        // No model has a name that is not UTF-8.
        let Path(mut path) = path.map_err(|_| Rejection::NoSuchModel)?;
        let name = path.remove("model").ok_or(Rejection::NoSuchModel)?;
        Ok(ModelPath { name, version: path.remove("version") })
    }
}

impl ModelPath {
    /// The model that is served, if it has this name and version.
    fn model(&self, state: &State) -> Result<CurrentModel, Rejection> {
        let loaded = state.model()?;
        let is_version = self.version.as_ref().is_none_or(|version| *version == loaded.version);
        match self.name == state.config.model_name && is_version {
            true => Ok(loaded),
            false => Err(Rejection::NoSuchModel),
        }
    }
}

fn inference<'a>(work: &'a Work, body: &[u8]) -> Result<InferResponse<'a>, Rejection> {
    let Work { state, loaded, .. } = work;
    let most = state.config.limits.rows;
    let (mut document, body) =
        Document::read(body, InferShape { most_values: most.saturating_mul(Feature::ALL.len()) })?;
    let id = id(body.id, &mut document);
    let names = outputs::names(body.outputs, &mut document);
    let rows = tensors::rows(&mut document, body.inputs, loaded.scorer.features(), most)?;
    let rows = document.or(rows)?;
    work.check_client()?;
    let predictions = loaded.score_all(rows.iter())?;
    state.metrics.predicted(predictions.iter().map(|prediction| prediction.label));
    Ok(InferResponse {
        model_name: &state.config.model_name,
        model_version: &loaded.version,
        outputs: outputs::of(&predictions, &names),
        id,
    })
}

/// The client's name of a request, which is returned with the answer.
fn id(sent: Option<WordOrNull>, document: &mut Document) -> Option<String> {
    match sent {
        None | Some(WordOrNull::Null) => None,
        Some(WordOrNull::Word(id)) => Some(id),
        Some(WordOrNull::Other) => {
            document.fault(&[json!("id")], "string_type", "Input should be a valid string");
            None
        }
    }
}
