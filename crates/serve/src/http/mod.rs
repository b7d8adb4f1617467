//! The service over HTTP: routes in one app, the socket and its limits, rejections, and the records of requests.

pub mod access_log;
pub mod answer_budget;
pub mod app;
mod auth;
pub mod compression;
pub mod json_lines;
pub mod limits;
pub mod listen;
pub mod metrics;
pub mod redact_paths;
pub mod rejection;
pub mod response;
pub mod telemetry;
mod write_timeout;
