//! A model as a REST service with a page.
//!
//! | module | content |
//! |---|---|
//! | `http` | the app, the socket and its limits, rejections, the log |
//! | `routes`, `kserve`, `mlflow` | the handlers: own routes, and two protocols of existing clients |
//! | `request` | bodies and queries to rows, with all faults |
//! | `served` | the model, its replacement, and rows to answers |
//! | `schema`, `openapi` | schemas of answers, and the OpenAPI document |
//! | `page` | the page at `/`, which calls the routes from a browser |
//!
//! Each module uses only modules below it in this order: `page`, `openapi`, the handlers, `served`, `request`, `schema`; of `http`,
//! `app` and `listen` are above all, and the others below the handlers.

mod http;
mod kserve;
mod mlflow;
mod openapi;
mod page;
mod request;
mod routes;
mod schema;
mod served;

pub use hitflop_core::reader::FeatureRow;
pub use http::access_log::{LogLine, LogLineMaker, LogWriter};
pub use http::allowed_host::AllowedHost;
pub use http::app::app;
pub use http::json_lines::JsonLines;
pub use http::limits::ServerLimits;
pub use http::listen::serve;
pub use http::telemetry::ACCESS;
pub use served::reload::{watch, Stamps};
pub use served::served_model::{ServedFiles, ServedModel};
pub use served::state::{Config, State};

/// The version of the program.
const VERSION: &str = env!("CARGO_PKG_VERSION");
