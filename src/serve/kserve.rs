//! KServe's Open Inference Protocol, version 2, over HTTP: tensors in, tensors out.
//!
//! The input is either one matrix (rows × features in the model's order) or one tensor a feature, by the feature's name, of a
//! value a row. Null is a missing value. The outputs are `predict` (INT64, 1 hit, 0 flop) and `predict_proba` (FP64, rows × 2,
//! the probabilities of flop and hit), as MLServer gives them for scikit-learn's classifiers.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Request, State as Shared};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use super::body;
use super::loaded::Loaded;
use super::number;
use super::openapi::schemas;
use super::rejection::{Detail, Rejection, FAULTS_TOLD};
use super::routes::json as as_json;
use super::shapes::{without_mark, Row};
use super::state::State;
use crate::score::Score;
use crate::track::{Feature, Label};

/// Types of numbers that a tensor may have.
pub const DATATYPES: [&str; 13] =
    ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BF16"];
/// Name of the labels.
pub const LABELS: &str = "predict";
/// Name of the probabilities.
pub const PROBABILITIES: &str = "predict_proba";

/// A request for predictions.
#[derive(Debug, Deserialize)]
struct Inference {
    id: Option<String>,
    inputs: Vec<Tensor>,
    #[serde(default)]
    outputs: Vec<Wanted>,
}

#[derive(Debug, Deserialize)]
struct Tensor {
    name: String,
    shape: Vec<u64>,
    datatype: String,
    data: Value,
}

#[derive(Debug, Deserialize)]
struct Wanted {
    name: String,
}

/// A rejection in the protocol's form.
pub struct Refused(Rejection);

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Refused {
        Refused(rejection)
    }
}

impl IntoResponse for Refused {
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
pub async fn ready(Shared(state): Shared<Arc<State>>) -> Result<Response, Refused> {
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
        (status = 404, description = "Another name", body = schemas::KserveError),
    )
)]
pub async fn model(Shared(state): Shared<Arc<State>>, name: Name) -> Result<Response, Refused> {
    let loaded = state.model()?;
    name.check(&state, &loaded)?;
    let of_feature = |feature: &Feature| json!({ "name": feature, "datatype": "FP64", "shape": [-1] });
    let document = json!({
        "name": state.config.model_name,
        "versions": [loaded.version],
        "platform": "hitflop",
        "inputs": loaded.scorer.features().iter().map(of_feature).collect::<Vec<Value>>(),
        "outputs": [
            { "name": LABELS, "datatype": "INT64", "shape": [-1] },
            { "name": PROBABILITIES, "datatype": "FP64", "shape": [-1, 2] },
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
        (status = 404, description = "Another name", body = schemas::KserveError),
    )
)]
pub async fn model_ready(Shared(state): Shared<Arc<State>>, name: Name) -> Result<Response, Refused> {
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
        (status = 404, description = "Another name", body = schemas::KserveError),
    )
)]
pub async fn infer(Shared(state): Shared<Arc<State>>, name: Name, request: Request) -> Result<Response, Refused> {
    name.check(&state, &*state.model()?)?;
    if body::Media::of(request.headers()) != Some(body::Media::Json) {
        return Err(Rejection::UnsupportedMediaType { expected: "application/json" }.into());
    }
    let body = body::read(request, state.config.limits.batch_bytes, &state).await?;
    Ok(as_json(state.heavy(move |state, loaded| answer(state, loaded, &body)).await?))
}

/// Name and version of a model in a path.
pub struct Name {
    name: String,
    version: Option<String>,
}

impl FromRequestParts<Arc<State>> for Name {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &Arc<State>) -> Result<Name, Refused> {
        let path = Path::<std::collections::HashMap<String, String>>::from_request_parts(parts, state).await;
        // A name that is not UTF-8 is none that a model has.
        let Path(mut path) = path.map_err(|_| Refused(Rejection::NoSuchModel))?;
        let name = path.remove("model").ok_or(Refused(Rejection::NoSuchModel))?;
        Ok(Name { name, version: path.remove("version") })
    }
}

impl Name {
    fn check(&self, state: &State, loaded: &Loaded) -> Result<(), Rejection> {
        let is_version = self.version.as_ref().is_none_or(|version| *version == loaded.version);
        match self.name == state.config.model_name && is_version {
            true => Ok(()),
            false => Err(Rejection::NoSuchModel),
        }
    }
}

fn answer(state: &State, loaded: &Loaded, body: &[u8]) -> Result<Vec<u8>, Rejection> {
    let document: Value =
        serde_json::from_slice(without_mark(body)).map_err(|error| Rejection::invalid(Detail::json_invalid(&error)))?;
    let inference = Inference::deserialize(&document).map_err(|error| {
        let rule = format!("Input should be a request of the Open Inference Protocol: {error}");
        Rejection::invalid(Detail::new("inference_request", vec![json!("body")], rule, &document))
    })?;
    let rows = rows(loaded, &inference.inputs, state.config.limits.rows)?;
    let scores = loaded.score_all(rows.iter())?;
    state.metrics.predicted(scores.iter().map(|score| score.label));
    let mut document = json!({
        "model_name": state.config.model_name,
        "model_version": loaded.version,
        "outputs": outputs(&scores, &inference.outputs)?,
    });
    if let (Some(id), Value::Object(document)) = (inference.id, &mut document) {
        document.insert("id".to_owned(), json!(id));
    }
    Ok(document.to_string().into_bytes())
}

/// An output tensor.
#[derive(Serialize)]
struct Output {
    name: &'static str,
    datatype: &'static str,
    shape: Vec<usize>,
    data: Value,
}

fn outputs(scores: &[Score], wanted: &[Wanted]) -> Result<Vec<Output>, Rejection> {
    let rows = scores.len();
    let labels = || Output {
        name: LABELS,
        datatype: "INT64",
        shape: vec![rows],
        data: scores.iter().map(|score| u8::from(score.label == Label::Hit)).collect(),
    };
    let probabilities = || Output {
        name: PROBABILITIES,
        datatype: "FP64",
        shape: vec![rows, 2],
        data: scores.iter().flat_map(|score| [1.0 - score.probability, score.probability]).collect(),
    };
    if wanted.is_empty() {
        return Ok(vec![labels(), probabilities()]);
    }
    let one = |(index, wanted): (usize, &Wanted)| match wanted.name.as_str() {
        LABELS => Ok(labels()),
        PROBABILITIES => Ok(probabilities()),
        other => {
            let place = vec![json!("body"), json!("outputs"), json!(index), json!("name")];
            let rule = format!("Output should be {LABELS} or {PROBABILITIES}");
            Err(Detail::new("enum", place, rule, &json!(other)))
        }
    };
    let outputs: Vec<Result<Output, Detail>> = wanted.iter().enumerate().map(one).collect();
    all(outputs)
}

/// Everything, or all faults.
fn all<T>(results: Vec<Result<T, Detail>>) -> Result<Vec<T>, Rejection> {
    let mut good = Vec::with_capacity(results.len());
    let mut faults = Vec::new();
    for result in results {
        match result {
            Ok(value) => good.push(value),
            Err(fault) => faults.push(fault),
        }
    }
    match faults.is_empty() {
        true => Ok(good),
        false => Err(Rejection::Invalid(faults)),
    }
}

/// The rows that tensors hold.
fn rows(loaded: &Loaded, tensors: &[Tensor], most: usize) -> Result<Vec<Row>, Rejection> {
    let place = |index: usize, member: &str| vec![json!("body"), json!("inputs"), json!(index), json!(member)];
    let features = loaded.scorer.features();
    let named = |tensor: &Tensor| Feature::from_name(&tensor.name);
    let columns: Vec<Vec<Feature>> = match tensors {
        [] => {
            let rule = "Expected at least one tensor";
            return Err(Rejection::invalid(Detail::new(
                "too_short",
                vec![json!("body"), json!("inputs")],
                rule,
                &json!([]),
            )));
        }
        [tensor] if named(tensor).is_none() => vec![features.to_vec()],
        _ => all(tensors
            .iter()
            .enumerate()
            .map(|(index, tensor)| match named(tensor) {
                Some(feature) if !tensors[..index].iter().any(|earlier| earlier.name == tensor.name) => {
                    Ok(vec![feature])
                }
                Some(_) => Err(Detail::new(
                    "duplicate_input",
                    place(index, "name"),
                    "The tensor stands twice",
                    &json!(tensor.name),
                )),
                None => Err(Detail::new(
                    "enum",
                    place(index, "name"),
                    "Expected the name of a feature",
                    &json!(tensor.name),
                )),
            })
            .collect())?,
    };
    let count = tensors[0].shape.first().copied().unwrap_or_default();
    if count > most as u64 {
        return Err(Rejection::TooLarge(format!("Too many rows, at most {most} are allowed, found {count}")));
    }
    let mut rows = vec![[f64::NAN; Feature::ALL.len()]; count as usize];
    let mut faults = Vec::new();
    for (index, (tensor, columns)) in tensors.iter().zip(&columns).enumerate() {
        if let Err(fault) = check(tensor, columns.len(), count) {
            faults.push(Detail { loc: place(index, fault.0), ..fault.1 });
            continue;
        }
        let mut values = Vec::with_capacity(rows.len() * columns.len());
        flatten(&tensor.data, &mut values);
        if values.len() != rows.len() * columns.len() {
            let rule = format!("Expected {} values by the shape, found {}", rows.len() * columns.len(), values.len());
            faults.push(Detail::new("shape_mismatch", place(index, "data"), rule, &json!(values.len())));
            continue;
        }
        for (at, value) in values.into_iter().enumerate() {
            let feature = columns[at % columns.len()];
            match number::read(feature, value) {
                Ok(number) => rows[at / columns.len()][feature as usize] = number.unwrap_or(f64::NAN),
                Err(_) if faults.len() == FAULTS_TOLD => break,
                Err(broken) => {
                    let place = [place(index, "data"), vec![json!(at)]].concat();
                    faults.push(Detail { loc: place, ..broken.detail(feature, value) });
                }
            }
        }
    }
    match faults.is_empty() {
        true => Ok(rows),
        false => Err(Rejection::Invalid(faults)),
    }
}

/// Whether type and shape of a tensor of `columns` columns and `count` rows are right; else the member and the fault.
fn check(tensor: &Tensor, columns: usize, count: u64) -> Result<(), (&'static str, Detail)> {
    if !DATATYPES.contains(&tensor.datatype.as_str()) {
        let rule = format!("Datatype should be one of {}", DATATYPES.join(", "));
        return Err(("datatype", Detail::new("enum", vec![], rule, &json!(tensor.datatype))));
    }
    let is_vector = columns == 1 && tensor.shape == [count];
    if !is_vector && tensor.shape != [count, columns as u64] {
        let rule = format!("Shape should be [{count}, {columns}]");
        return Err(("shape", Detail::new("shape_mismatch", vec![], rule, &json!(tensor.shape))));
    }
    Ok(())
}

/// The values of an array in the order of rows, however it is nested.
fn flatten<'a>(data: &'a Value, values: &mut Vec<&'a Value>) {
    match data {
        Value::Array(elements) => elements.iter().for_each(|element| flatten(element, values)),
        value => values.push(value),
    }
}
