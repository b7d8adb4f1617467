//! Statistics of the inferences of a model, in the form of Triton's extension.

use std::sync::atomic::Ordering;
use std::sync::Arc;

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;

use super::{answer, KserveResult, ModelPath};
use crate::answer::rejection::KserveErrorBody;
use crate::served::inference_counts::DurationCount;
use crate::served::state::State;

/// Statistics of the model that is served.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KserveStatistics<'a> {
    model_stats: [ModelStatistics<'a>; 1],
}

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ModelStatistics<'a> {
    name: &'a str,
    version: &'a str,
    /// Milliseconds since 1970 of the last inference, 0 without one.
    last_inference: u64,
    /// Rows.
    inference_count: u64,
    /// Requests that were answered.
    execution_count: u64,
    inference_stats: InferenceStatistics,
    /// Empty: requests are not joined to batches.
    #[schema(value_type = Vec<u64>)]
    batch_stats: [u64; 0],
}

/// Requests by outcome, and the steps of those that were answered.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InferenceStatistics {
    success: DurationStatistic,
    fail: DurationStatistic,
    /// From the request's head to the start of its work, the arrival of its body included.
    queue: DurationStatistic,
    compute_input: DurationStatistic,
    compute_infer: DurationStatistic,
    compute_output: DurationStatistic,
    /// 0: there is no cache.
    cache_hit: DurationStatistic,
    cache_miss: DurationStatistic,
}

/// Number and total time.
#[derive(Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DurationStatistic {
    count: u64,
    /// Nanoseconds.
    ns: u64,
}

impl DurationStatistic {
    fn of(steps: &DurationCount) -> DurationStatistic {
        let (count, ns) = steps.total();
        DurationStatistic { count, ns }
    }
}

/// Count the inferences of the model since it was loaded, and their times
#[utoipa::path(
    get,
    path = "/v2/models/{model}/stats",
    tag = "KServe",
    params(("model" = String, Path, description = "Name of the model, by default the name of its file")),
    responses(
        (status = 200, description = "The statistics", body = KserveStatistics<'static>),
        (status = 404, description = "Another name or version", body = KserveErrorBody),
    )
)]
pub(crate) async fn of_model(Shared(state): Shared<Arc<State>>, path: ModelPath) -> KserveResult {
    path.model(&state)?;
    statistics(&state)
}

/// Count the inferences of all models; one is served
#[utoipa::path(
    get,
    path = "/v2/models/stats",
    tag = "KServe",
    responses((status = 200, description = "The statistics", body = KserveStatistics<'static>))
)]
pub(crate) async fn of_all(Shared(state): Shared<Arc<State>>) -> KserveResult {
    statistics(&state)
}

fn statistics(state: &State) -> KserveResult {
    let loaded = state.model()?;
    let counts = &loaded.inferences;
    let success = DurationStatistic::of(&counts.success);
    answer(&KserveStatistics {
        model_stats: [ModelStatistics {
            name: &state.config.model_name,
            version: &loaded.version,
            last_inference: counts.last.load(Ordering::Relaxed),
            inference_count: counts.rows.load(Ordering::Relaxed),
            execution_count: success.count,
            inference_stats: InferenceStatistics {
                success,
                fail: DurationStatistic::of(&counts.fail),
                queue: DurationStatistic::of(&counts.queue),
                compute_input: DurationStatistic::of(&counts.input),
                compute_infer: DurationStatistic::of(&counts.infer),
                compute_output: DurationStatistic::of(&counts.output),
                cache_hit: DurationStatistic::default(),
                cache_miss: DurationStatistic::default(),
            },
            batch_stats: [],
        }],
    })
}
