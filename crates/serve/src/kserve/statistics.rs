//! Statistics of the inferences of a model, in the form of Triton's extension.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;

use super::{answer, KserveResult, ModelPath};
use crate::http::rejection::KserveErrorBody;
use crate::served::state::State;

/// Inferences of a model since it was loaded.
#[derive(Debug, Default)]
pub(crate) struct InferenceCounts {
    rows: AtomicU64,
    /// Milliseconds since 1970; 0 is never.
    last: AtomicU64,
    success: DurationCount,
    fail: DurationCount,
    queue: DurationCount,
    input: DurationCount,
    infer: DurationCount,
    output: DurationCount,
}

#[derive(Debug, Default)]
struct DurationCount {
    count: AtomicU64,
    nanoseconds: AtomicU64,
}

impl DurationCount {
    fn add(&self, took: Duration) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.nanoseconds.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn shown(&self) -> DurationStatistic {
        DurationStatistic { count: self.count.load(Ordering::Relaxed), ns: self.nanoseconds.load(Ordering::Relaxed) }
    }
}

/// Times of the steps of an inference, each at the end of its step.
#[derive(Clone, Copy, Debug)]
pub(super) struct InferenceSteps {
    /// The request has arrived as far as its head.
    pub began: Instant,
    /// Its work began.
    pub started: Instant,
    pub input: Instant,
    pub infer: Instant,
    pub output: Instant,
}

impl InferenceSteps {
    /// The first step of a request is over.
    pub(super) fn from(began: Instant, started: Instant) -> InferenceSteps {
        InferenceSteps { began, started, input: started, infer: started, output: started }
    }
}

impl InferenceCounts {
    /// Counts an inference that was answered.
    pub(super) fn succeeded(&self, rows: usize, steps: &InferenceSteps) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.last.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.success.add(steps.output - steps.began);
        self.queue.add(steps.started - steps.began);
        self.input.add(steps.input - steps.started);
        self.infer.add(steps.infer - steps.input);
        self.output.add(steps.output - steps.infer);
    }

    /// Counts an inference that was refused.
    pub(super) fn failed(&self, took: Duration) {
        self.fail.add(took);
    }
}

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

/// Count the inferences of all models: of the one that is served
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
    let success = counts.success.shown();
    answer(&KserveStatistics {
        model_stats: [ModelStatistics {
            name: &state.config.model_name,
            version: &loaded.version,
            last_inference: counts.last.load(Ordering::Relaxed),
            inference_count: counts.rows.load(Ordering::Relaxed),
            execution_count: success.count,
            inference_stats: InferenceStatistics {
                success,
                fail: counts.fail.shown(),
                queue: counts.queue.shown(),
                compute_input: counts.input.shown(),
                compute_infer: counts.infer.shown(),
                compute_output: counts.output.shown(),
                cache_hit: DurationStatistic::default(),
                cache_miss: DurationStatistic::default(),
            },
            batch_stats: [],
        }],
    })
}
