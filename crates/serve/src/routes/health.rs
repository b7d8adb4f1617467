//! Liveness, readiness and metrics.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::rejection::Rejection;
use crate::answer::response::{json, of_type, to_json};
use crate::served::state::State;

/// `ok` or `ready`.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Status {
    status: &'static str,
}

/// Report that the process is alive
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operation",
    responses((status = 200, description = "The process is alive", body = Status))
)]
pub(crate) async fn live() -> Result<Response, Rejection> {
    Ok(json(to_json(&Status { status: "ok" })?))
}

/// Report whether a model is loaded and requests are accepted
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    responses((status = 200, description = "Requests are accepted", body = Status))
)]
pub(crate) async fn ready(Shared(state): Shared<Arc<State>>) -> Result<Response, Rejection> {
    state.check_ready()?;
    Ok(json(to_json(&Status { status: "ready" })?))
}

/// Metrics for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses((
        status = 200,
        description = "In the text format of OpenMetrics",
        body = String,
        content_type = "application/openmetrics-text",
    ))
)]
pub(crate) async fn metrics(Shared(state): Shared<Arc<State>>) -> Result<Response, Rejection> {
    let text = state.metrics_text().await?;
    Ok(of_type("application/openmetrics-text; version=1.0.0; charset=utf-8", text))
}
