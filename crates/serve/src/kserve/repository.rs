//! The index of models and the configuration of one, in the form of Triton's extensions.

use std::sync::Arc;

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;

use super::{answer, outputs, KserveResult, ModelPath};
use crate::answer::rejection::KserveErrorBody;
use crate::served::state::State;
use hitflop_core::track::Feature;

/// A model of the index.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndexEntry<'a> {
    name: &'a str,
    version: &'a str,
    state: ModelState,
    /// Empty, since the model is ready.
    reason: &'static str,
}

#[derive(Serialize, ToSchema)]
enum ModelState {
    #[serde(rename = "READY")]
    Ready,
}

/// List the models; one is served
///
/// A body, such as `{"ready": true}`, changes nothing: a model that is not ready is not listed.
#[utoipa::path(
    post,
    path = "/v2/repository/index",
    tag = "KServe",
    responses((status = 200, description = "The model; an empty list if none is loaded", body = [IndexEntry<'static>]))
)]
pub(crate) async fn index(Shared(state): Shared<Arc<State>>) -> KserveResult {
    let loaded = state.model().ok();
    let entry = loaded.as_ref().map(|loaded| IndexEntry {
        name: &state.config.model_name,
        version: &loaded.version,
        state: ModelState::Ready,
        reason: "",
    });
    answer(&entry.as_slice())
}

/// How the model is served.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KserveConfig<'a> {
    name: &'a str,
    platform: &'static str,
    backend: &'static str,
    version_policy: VersionPolicy,
    /// 0: the first dimension of a tensor is that of the rows.
    max_batch_size: u64,
    input: Vec<TensorConfig>,
    output: [TensorConfig; 2],
}

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VersionPolicy {
    latest: LatestVersions,
}

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LatestVersions {
    num_versions: u64,
}

/// Name, type and dimensions of a tensor; -1 is any number of rows.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TensorConfig {
    name: &'static str,
    data_type: &'static str,
    dims: Vec<i64>,
}

/// Describe how the model is served
#[utoipa::path(
    get,
    path = "/v2/models/{model}/config",
    tag = "KServe",
    params(("model" = String, Path, description = "Name of the model, by default the name of its file")),
    responses(
        (status = 200, description = "The configuration", body = KserveConfig<'static>),
        (status = 404, description = "Another name or version", body = KserveErrorBody),
    )
)]
pub(crate) async fn config(Shared(state): Shared<Arc<State>>, path: ModelPath) -> KserveResult {
    let loaded = path.model(&state)?;
    let input = |feature: &Feature| TensorConfig { name: feature.name(), data_type: "TYPE_FP64", dims: vec![-1] };
    answer(&KserveConfig {
        name: &state.config.model_name,
        platform: "hitflop",
        backend: "hitflop",
        version_policy: VersionPolicy { latest: LatestVersions { num_versions: 1 } },
        max_batch_size: 0,
        input: loaded.scorer.features().iter().map(input).collect(),
        output: [
            TensorConfig { name: outputs::LABELS, data_type: "TYPE_INT64", dims: vec![-1] },
            TensorConfig { name: outputs::PROBABILITIES, data_type: "TYPE_FP64", dims: vec![-1, 2] },
        ],
    })
}
