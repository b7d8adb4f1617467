//! A model as a REST service with a page.
//!
//! | module | content |
//! |---|---|
//! | `app` | all routes as one service |
//! | `openapi` | the OpenAPI document |
//! | `page` | the page at `/`, which calls the routes from a browser |
//! | `routes`, `kserve`, `mlflow` | the handlers: own routes, and two protocols of existing clients |
//! | `http` | sockets and their limits, middleware, the log, extractors |
//! | `served` | the model, its replacement, rows to answers, metrics |
//! | `request` | bodies to rows, with all faults |
//! | `search` | known tracks by title, artist or link |
//! | `answer`, `limits`, `schema` | faults, rejections and bodies of answers; settings of the limits; schemas |
//!
//! Each module uses only modules below it.

mod answer;
mod app;
mod http;
mod kserve;
mod limits;
mod mlflow;
mod openapi;
mod page;
mod request;
mod routes;
mod schema;
mod search;
mod served;

pub use app::app;
pub use hitflop_core::reader::FeatureRow;
pub use http::access_log::{LogLine, LogLineMaker, LogWriter};
pub use http::json_lines::JsonLines;
pub use http::listen::serve;
pub use http::telemetry::ACCESS;
pub use limits::ServerLimits;
pub use served::allowed_host::AllowedHost;
pub use served::reload::{watch, Stamps};
pub use served::served_model::{ServedFiles, ServedModel};
pub use served::state::{Config, State};

/// The version of the program.
const VERSION: &str = env!("CARGO_PKG_VERSION");
