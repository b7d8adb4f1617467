//! Requests and connections: the socket and its limits, middleware, the records of requests, and the extractors of the handlers.

pub(crate) mod access_log;
pub(crate) mod auth;
pub(crate) mod body;
mod connection_slot;
mod connections;
pub(crate) mod extract;
pub(crate) mod host_check;
pub(crate) mod json_lines;
pub(crate) mod listen;
pub(crate) mod query;
pub(crate) mod redact_paths;
pub(crate) mod telemetry;
mod write_timeout;
