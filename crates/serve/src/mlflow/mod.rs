//! MLflow's scoring server: `/ping`, `/version` and `/invocations`, so that its clients work.
//!
//! As MLflow does it with a model's signature, columns that are no feature are passed over. One that looks like a misspelt feature
//! is warned of under `warnings`, beside `predictions`: MLflow's client takes further members of an answer for metadata.

mod forms;

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::Response;
use serde_json::json;

use super::http::rejection::{Faults, Rejection};
use super::openapi::schemas;
use super::request::body::{self, MediaType};
use super::request::request_body::FeatureRow;
use super::routes::json as as_json;
use super::routes::of_type;
use super::served::batch::CsvTracks;
use super::served::prediction::Warning;
use super::served::state::State;
use hitflop_core::track::{Feature, Label};

/// Rows, and columns that look like a misspelt feature's, each once.
#[derive(Default)]
struct InvocationRows {
    rows: Vec<FeatureRow>,
    misspelt: Vec<(String, Feature)>,
}

/// Whether a model is loaded
#[utoipa::path(get, path = "/ping", tag = "MLflow", responses((status = 200, description = "It is", body = String, content_type = "text/plain")))]
pub async fn ping(Shared(state): Shared<Arc<State>>) -> Result<Response, Rejection> {
    state.check_ready()?;
    Ok(of_type("text/plain; charset=utf-8", "\n"))
}

/// The version of the program
#[utoipa::path(get, path = "/version", tag = "MLflow", responses((status = 200, description = "The version", body = String, content_type = "text/plain")))]
pub async fn version() -> Response {
    of_type("text/plain; charset=utf-8", env!("CARGO_PKG_VERSION"))
}

/// Labels of many tracks, 1 hit, 0 flop
///
/// Columns that are no feature are passed over; `warnings` names those that look like a misspelt one, if there are any.
#[utoipa::path(
    post,
    path = "/invocations",
    tag = "MLflow",
    request_body(content(
        (schemas::Invocation = "application/json"),
        (schemas::Table = "text/csv"),
    )),
    responses((status = 200, description = "The labels", body = schemas::Predictions))
)]
pub async fn invocations(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Rejection> {
    let expected = "application/json or text/csv";
    let media = match MediaType::of(request.headers()) {
        Some(media @ (MediaType::Json | MediaType::Csv)) => media,
        Some(MediaType::JsonLines) | None => return Err(Rejection::UnsupportedMediaType { expected }),
    };
    let body = body::read(request, state.config.limits.batch_bytes, &state).await?;
    let answer = state.heavy(move |state, loaded| {
        let most = state.config.limits.rows;
        let InvocationRows { rows, misspelt } = match media {
            MediaType::Csv => of_table(&body, most)?,
            MediaType::Json | MediaType::JsonLines => forms::rows(loaded.scorer.features(), &body, most)?,
        };
        let scores = loaded.score_all(rows.iter())?;
        state.metrics.predicted(scores.iter().map(|score| score.label));
        let labels: Vec<u8> = scores.iter().map(|score| u8::from(score.label == Label::Hit)).collect();
        let mut answer = json!({ "predictions": labels });
        if !misspelt.is_empty() {
            let warnings = misspelt.iter().map(|(name, feature)| Warning::misspelt(name, *feature));
            answer["warnings"] = json!(warnings.collect::<Vec<Warning>>());
        }
        Ok(answer.to_string())
    });
    Ok(as_json(answer.await?))
}

/// A table whose rows are all good.
fn of_table(body: &[u8], most: usize) -> Result<InvocationRows, Rejection> {
    let table = CsvTracks::read(body, most)?;
    let mut good = InvocationRows { rows: Vec::with_capacity(table.tracks.len()), misspelt: Vec::new() };
    let mut faults = Faults::default();
    for track in table.tracks {
        match track {
            Ok(Some(track)) => {
                good.rows.push(track.row);
                // All rows have the columns of the header.
                good.misspelt = track.misspelt;
            }
            // A table has a track in every row.
            Ok(None) => {}
            Err(details) => faults.extend(details),
        }
    }
    faults.or(good)
}
