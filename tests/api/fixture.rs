//! Models made once for all tests, and calls of the service.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::{header, HeaderMap, Request, StatusCode};
use hitflop_serve::app;
use hitflop_serve::{Config, State};
use hitflop_serve::{ServedFiles, ServedModel};
use http_body_util::BodyExt;
use serde_json::{json, Map, Value};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::common::{self, HEADER};

/// Rows of the decade file that the models learn from.
pub const ROWS: usize = 400;

/// A directory with `boosting/`, `forest/` and `notebook/`, each with a model and what belongs beside it.
pub fn models() -> &'static Path {
    static MODELS: OnceLock<TempDir> = OnceLock::new();
    let directory = MODELS.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a temporary directory");
        common::write(directory.path(), "dataset-of-60s.csv", common::file(0, ROWS));
        common::write(directory.path(), "dataset-of-70s.csv", common::file(ROWS, ROWS));
        let requested: [(&str, &[&str]); 3] = [
            ("boosting", &["--features", "all", "--model", "boosting"]),
            ("forest", &["--features", "all", "--model", "forest", "--param", "n_estimators=50"]),
            ("notebook", &["--features", "notebook", "--model", "forest", "--param", "n_estimators=20"]),
        ];
        for (name, arguments) in requested {
            assert_cmd::Command::cargo_bin("hitflop")
                .expect("the program is built")
                .current_dir(directory.path())
                .args(["train", "--data", ".", "--output", &format!("{name}/hitflop.model"), "--quiet"])
                .args(arguments)
                .assert()
                .success();
        }
        directory
    });
    directory.path()
}

/// The model of that name.
pub fn model(name: &str) -> PathBuf {
    models().join(name).join("hitflop.model")
}

/// A service with the model of that name.
pub fn service(name: &str, config: Config) -> Service {
    let state = State::new(Config { model_name: "hitflop".to_owned(), ..config });
    state.serve_model(ServedModel::read(&ServedFiles::beside(&model(name))).expect("a model"));
    Service(state)
}

/// A service that is called without a socket.
#[derive(Clone)]
pub struct Service(pub Arc<State>);

/// What it answered.
#[derive(Debug)]
pub struct TestResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl TestResponse {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The body, of an answer that must be good.
    pub fn good(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self.json()
    }

    /// `(type, loc)` of every fault.
    pub fn faults(&self) -> Vec<(String, Value)> {
        assert_eq!(self.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", self.text);
        let fault = |fault: &Value| (fault["type"].as_str().expect("a kind").to_owned(), fault["loc"].clone());
        self.json()["detail"].as_array().expect("a list").iter().map(fault).collect()
    }
}

impl Service {
    pub async fn call(&self, request: Request<Body>) -> TestResponse {
        let response = app(Arc::clone(&self.0)).oneshot(request).await.expect("it never fails");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        TestResponse { status: parts.status, headers: parts.headers, text }
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.call(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    pub async fn post(&self, path: &str, media: &str, body: impl Into<Body>) -> TestResponse {
        let request = Request::post(path).header(header::CONTENT_TYPE, media);
        self.call(request.body(body.into()).expect("a request")).await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> TestResponse {
        self.post(path, "application/json", body.to_string()).await
    }
}

/// Features of a row of the decade files, the decade included.
pub fn track(number: usize) -> Map<String, Value> {
    let row = common::row(number);
    let fields = HEADER.split(',').zip(row.split(',')).skip(3).filter(|(name, _)| *name != "target");
    let decade = if number < ROWS { 1960 } else { 1970 };
    let number = |field: &str| serde_json::from_str::<Value>(field).expect("a number");
    fields.map(|(name, field)| (name.to_owned(), number(field))).chain([("decade".to_owned(), json!(decade))]).collect()
}

/// A track with some fields changed.
pub fn track_with(changes: Value) -> Value {
    let mut track = track(7);
    track.extend(changes.as_object().expect("changes").clone());
    Value::Object(track)
}
