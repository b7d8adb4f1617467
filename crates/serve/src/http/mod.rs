//! The service over HTTP: routes in one app, the socket and its limits, rejections, and the records of requests.

pub(crate) mod access_log;
pub(crate) mod allowed_host;
pub(crate) mod answer_budget;
pub(crate) mod app;
mod auth;
pub(crate) mod compression;
mod connection_slot;
mod connections;
pub(crate) mod json_lines;
pub(crate) mod limits;
pub(crate) mod listen;
pub(crate) mod metrics;
pub(crate) mod prediction_metrics;
mod process_metrics;
pub(crate) mod redact_paths;
pub(crate) mod rejection;
pub(crate) mod response;
pub(crate) mod telemetry;
mod write_timeout;
