//! The service as HTTP: routes in one app, the socket and its bounds, what is refused, and what is recorded of requests.

pub mod access_log;
pub mod app;
pub(crate) mod auth;
pub(crate) mod compression;
pub mod json_lines;
pub mod limits;
pub mod listen;
pub mod metrics;
pub(crate) mod redact_paths;
pub mod rejection;
pub mod telemetry;
pub(crate) mod write_timeout;
