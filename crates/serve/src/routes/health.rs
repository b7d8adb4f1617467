//! Whether the server lives, is ready, and how it does.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;

use super::{json, of_type};
use crate::http::rejection::Rejection;
use crate::openapi::schemas;
use crate::served::state::State;

/// Whether the process lives
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operation",
    responses((status = 200, description = "It does", body = schemas::Status))
)]
pub async fn live() -> Response {
    json(r#"{"status":"ok"}"#)
}

/// Whether a model is loaded and requests may come
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    responses((status = 200, description = "They may", body = schemas::Status))
)]
pub async fn ready(Shared(state): Shared<Arc<State>>) -> Result<Response, Rejection> {
    state.check_ready()?;
    Ok(json(r#"{"status":"ready"}"#))
}

/// Figures for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses((status = 200, description = "In OpenMetrics' text format", body = String, content_type = "application/openmetrics-text"))
)]
pub async fn metrics(Shared(state): Shared<Arc<State>>) -> Response {
    of_type("application/openmetrics-text; version=1.0.0; charset=utf-8", state.metrics.text())
}
