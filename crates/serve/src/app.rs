//! The routes as one service, separate from the socket, so that tests call it without one.

use std::sync::Arc;

use axum::http::{header, Method};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, MethodRouter};
use axum::Router;
use hyper::body::Bytes;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tracing::error;
use utoipa_swagger_ui::{Config as UiConfig, SwaggerUi};

use crate::answer::rejection::Rejection;
use crate::answer::response::shared_json;
use crate::http::auth::authenticate;
use crate::http::host_check::check_host;
use crate::http::telemetry::{observe, RouteNames, REQUEST_ID};
use crate::routes::{batch, features, health, model, neighbours, predict, read, songs, tracks};
use crate::served::drift::DRIFT;
use crate::served::state::{Config, State};
use crate::{kserve, mlflow, openapi, page};

/// All routes of the server.
pub fn app(state: Arc<State>) -> Router {
    let document = Bytes::from(openapi::document(&state.config).to_string());
    let closed = closed();
    let open = [
        ("/", get(page::index)),
        ("/page/{file}", get(page::file)),
        ("/healthz", get(health::live)),
        ("/readyz", get(health::ready)),
        ("/v2/health/live", get(kserve::live)),
        ("/v2/health/ready", get(kserve::ready)),
        ("/ping", get(mlflow::ping)),
        ("/health", get(mlflow::health)),
        ("/openapi.json", get(move || std::future::ready(shared_json(document.clone())))),
    ];
    let routes = RouteNames::new(closed.iter().chain(&open).map(|(route, _)| *route).collect());
    let mut router = Router::new();
    for (route, methods) in closed {
        router = router.route(route, methods);
    }
    if state.config.token.is_some() {
        router = router.route_layer(from_fn_with_state(Arc::clone(&state), authenticate));
    }
    for (route, methods) in open {
        router = router.route(route, methods);
    }
    router = router
        .merge(SwaggerUi::new("/docs").config(UiConfig::from("/openapi.json")))
        .fallback(|| std::future::ready(Rejection::NotFound))
        .method_not_allowed_fallback(|| std::future::ready(Rejection::MethodNotAllowed))
        .layer(CatchPanicLayer::custom(panicked));
    if let Some(cors) = cors(&state.config) {
        router = router.layer(cors);
    }
    if !state.config.allow_hosts.is_empty() {
        router = router.layer(from_fn_with_state(Arc::clone(&state), check_host));
    }
    router.layer(from_fn_with_state((Arc::clone(&state), routes), observe)).with_state(state)
}

/// The routes that need the token, if the server has one.
fn closed() -> [(&'static str, MethodRouter<Arc<State>>); 28] {
    [
        ("/songs", get(songs::connected)),
        ("/songs/", get(songs::connected)),
        ("/songs/predict", post(songs::predict)),
        ("/songs/predict/", post(songs::predict)),
        ("/v1/predict", post(predict::predict)),
        ("/v1/predict/batch", post(batch::predict)),
        ("/v1/read", post(read::read)),
        ("/v1/neighbours", post(neighbours::neighbours)),
        ("/v1/tracks", get(tracks::find)),
        ("/v1/tracks/examples", get(tracks::examples)),
        ("/v1/model", get(model::model)),
        ("/v1/features", get(features::features)),
        ("/v2", get(kserve::server)),
        ("/v2/repository/index", post(kserve::repository::index)),
        ("/v2/models/stats", get(kserve::statistics::of_all)),
        ("/v2/models/{model}", get(kserve::model)),
        ("/v2/models/{model}/config", get(kserve::repository::config)),
        ("/v2/models/{model}/stats", get(kserve::statistics::of_model)),
        ("/v2/models/{model}/ready", get(kserve::model_ready)),
        ("/v2/models/{model}/infer", post(kserve::infer)),
        ("/v2/models/{model}/versions/{version}", get(kserve::model)),
        ("/v2/models/{model}/versions/{version}/config", get(kserve::repository::config)),
        ("/v2/models/{model}/versions/{version}/stats", get(kserve::statistics::of_model)),
        ("/v2/models/{model}/versions/{version}/ready", get(kserve::model_ready)),
        ("/v2/models/{model}/versions/{version}/infer", post(kserve::infer)),
        ("/version", get(mlflow::version)),
        ("/invocations", post(mlflow::invocations)),
        ("/metrics", get(health::metrics)),
    ]
}

/// A panic is a bug; the client gets no details.
fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let message = cause.downcast_ref::<&str>().map(|text| text.to_string());
    let message = message.or_else(|| cause.downcast_ref::<String>().cloned()).unwrap_or_default();
    error!(panic = message, "a request panicked");
    Rejection::Internal.into_response()
}

/// The layer that allows pages of other origins; none unless it is configured.
fn cors(config: &Config) -> Option<CorsLayer> {
    if config.allow_origins.is_empty() {
        return None;
    }
    let any = config.allow_origins.iter().any(|origin| origin == "*");
    let layer = match any {
        true => CorsLayer::new().allow_origin(tower_http::cors::Any),
        false => CorsLayer::new().allow_origin(config.allow_origins.clone()),
    };
    Some(
        layer
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION, REQUEST_ID])
            .expose_headers([REQUEST_ID, DRIFT, header::RETRY_AFTER]),
    )
}
