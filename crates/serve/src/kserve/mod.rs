//! KServe's Open Inference Protocol, version 2, over HTTP: tensors in, tensors out.
//!
//! The input is either one matrix (rows × features in the model's order) or one tensor a feature, by the feature's name, of a
//! value a row. Null is a missing value. The outputs are `predict` (INT64, 1 hit, 0 flop) and `predict_proba` (FP64, rows × 2,
//! the probabilities of flop and hit), as MLServer gives them for scikit-learn's classifiers.
//!
//! `shapes` reads a request, `binary` the values after its JSON, `tensors` makes rows of its inputs, and `outputs` makes the outputs
//! of predictions. `repository` and `statistics` are Triton's extensions that its client calls.

mod binary;
mod model_path;
mod outputs;
pub(crate) mod repository;
pub(crate) mod shapes;
pub(crate) mod statistics;
pub(crate) mod tensors;

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State as Shared};
use axum::http::{header, HeaderMap};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use self::model_path::ModelPath;
use self::outputs::Output;
use self::shapes::{InferShape, WordOrNull};
use crate::answer::faults::Detail;
use crate::answer::rejection::{KserveErrorBody, Rejection};
use crate::answer::response::{json as json_answer, of_type, to_json};
use crate::http::body::{self, ContentCoding};
use crate::request::document::Document;
use crate::request::media_type::MediaType;
use crate::served::inference_counts::InferenceSteps;
use crate::served::state::State;
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
    Ok(json_answer(to_json(body)?))
}

/// The server.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    name: &'static str,
    version: &'static str,
    extensions: [&'static str; 3],
}

/// Extensions of the protocol that are spoken, by Triton's names.
const EXTENSIONS: [&str; 3] = ["binary_tensor_data", "model_configuration", "statistics"];

/// Describe the server
#[utoipa::path(
    get,
    path = "/v2",
    tag = "KServe",
    responses((status = 200, description = "Name and version", body = Server))
)]
pub(crate) async fn server() -> KserveResult {
    answer(&Server { name: "hitflop", version: VERSION, extensions: EXTENSIONS })
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
/// The input is one matrix, rows × features in the model's order, or one tensor for each feature, by the feature's name. With the
/// header `Inference-Header-Content-Length`, the length of the JSON, values may be after the JSON (the binary tensor data extension;
/// NaN is a missing value), and so are outputs that are requested as binary data. The body may be compressed by gzip or deflate.
#[utoipa::path(
    post,
    path = "/v2/models/{model}/infer",
    tag = "KServe",
    params(("model" = String, Path, description = "Name of the model, by default the name of its file")),
    request_body(content(
        (ref("#/components/schemas/KserveRequest") = "application/json"),
        (ref("#/components/schemas/BinaryTensors") = "application/octet-stream"),
    )),
    responses(
        (
            status = 200,
            description = "The outputs",
            content(
                (InferResponse<'static> = "application/json"),
                (ref("#/components/schemas/BinaryTensors") = "application/octet-stream"),
            )
        ),
        (status = 404, description = "Another name or version", body = KserveErrorBody),
    )
)]
pub(crate) async fn infer(Shared(state): Shared<Arc<State>>, path: ModelPath, request: Request) -> KserveResult {
    path.model(&state)?;
    let began = Instant::now();
    let answered = answered(&state, request, began).await;
    if let (Err(_), Ok(model)) = (&answered, state.model()) {
        model.inferences.failed(began.elapsed());
    }
    Ok(answered?)
}

async fn answered(state: &Arc<State>, request: Request, began: Instant) -> Result<Response, Rejection> {
    check_type(request.headers())?;
    let coding = ContentCoding::of(request.headers())?;
    let headers = request.headers().clone();
    let most = state.config.limits.batch_bytes;
    let body = body::read_as_sent(request, most, state).await?;
    let answer = state.heavy(move |work| {
        let started = Instant::now();
        let body = match coding {
            Some(coding) => body.inflated(coding, most, &work.state)?,
            None => body,
        };
        inference(work, binary::split(&headers, &body)?, InferenceSteps::from(began, started))
    });
    let InferBytes { json, json_length } = answer.await?;
    match json_length {
        None => Ok(json_answer(json)),
        Some(length) => {
            let mut response = of_type(OCTETS, json);
            response.headers_mut().insert(binary::JSON_LENGTH, length.into());
            Ok(response)
        }
    }
}

/// The content type of binary tensor data.
const OCTETS: &str = "application/octet-stream";

/// The body is JSON, or has binary values after it and says where they begin.
fn check_type(headers: &HeaderMap) -> Result<(), Rejection> {
    if MediaType::of(headers) == Some(MediaType::Json) {
        return Ok(());
    }
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(OCTETS) {
        let expected = "application/json, or application/octet-stream with Inference-Header-Content-Length";
        return Err(Rejection::UnsupportedMediaType { expected });
    }
    if headers.contains_key(binary::JSON_LENGTH) {
        return Ok(());
    }
    let place = vec![json!("header"), json!(binary::JSON_LENGTH.as_str())];
    Err(Rejection::invalid(Detail::new("missing", place, "Field required", &json!(null))))
}

/// An answer: JSON, and its length if binary values are after it.
struct InferBytes {
    json: Vec<u8>,
    json_length: Option<usize>,
}

fn inference(work: &Work, (sent, values): (&[u8], &[u8]), mut steps: InferenceSteps) -> Result<InferBytes, Rejection> {
    let Work { state, loaded, .. } = work;
    let most = state.config.limits.rows;
    let most_values = most.saturating_mul(Feature::ALL.len());
    let (mut document, mut body) = Document::read(sent, InferShape { most_values })?;
    let id = id(body.id.take(), &mut document);
    let requested = outputs::requested(body.outputs.take(), body.binary_output, &mut document);
    let before = document.faults.count();
    binary::attach(&mut document, &mut body, values, most_values);
    if document.faults.count() > before {
        // Tensors without their values have more faults than were made.
        document.or(())?;
        return Err(Rejection::Internal);
    }
    let rows = tensors::rows(&mut document, body.inputs, loaded.scorer.features(), most)?;
    let rows = document.or(rows)?;
    work.check_client()?;
    steps.input = Instant::now();
    let predictions = loaded.score_all(rows.iter())?;
    steps.infer = Instant::now();
    state.record(loaded, &rows.iter().collect::<Vec<_>>(), &predictions);
    let (outputs, binary) = outputs::of(&predictions, &requested);
    let is_binary = requested.iter().any(|output| output.is_binary);
    let response = InferResponse { model_name: &state.config.model_name, model_version: &loaded.version, outputs, id };
    let mut json = to_json(&response)?;
    let json_length = is_binary.then_some(json.len());
    json.extend_from_slice(&binary);
    steps.output = Instant::now();
    loaded.inferences.succeeded(rows.len(), &steps);
    Ok(InferBytes { json, json_length })
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
