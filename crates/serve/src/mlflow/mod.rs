//! MLflow's scoring server: `/ping`, `/health`, `/version` and `/invocations`, so that its clients work.
//!
//! As with a model's signature in MLflow, columns that are no feature are ignored. One that looks like a misspelt feature is
//! reported under `warnings`, beside `predictions`: MLflow's client takes further members of an answer for metadata.

mod forms;
mod shapes;

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::faults::Faults;
use crate::answer::rejection::Rejection;
use crate::answer::response::{json, of_type, to_json};
use crate::answer::warning::Warning;
use crate::http::body;
use crate::request::field_names::Misspelt;
use crate::request::media_type::MediaType;
use crate::request::nan_tokens::nan_as_null;
use crate::request::row_reader::ColumnNote;
use crate::served::csv_table::{CsvTracks, TextReading};
use crate::served::prediction::Class;
use crate::served::state::State;
use crate::served::Work;
use crate::VERSION;
use hitflop_core::reader::FeatureRow;

/// Rows, and what of a request is not used.
#[derive(Default)]
struct InvocationRows {
    rows: Vec<FeatureRow>,
    /// Columns that look like a misspelt feature's, each once.
    misspelt: Vec<Misspelt>,
    /// Columns of other names or units than the documented ones.
    notes: Vec<ColumnNote>,
    /// Names of parameters.
    params: Vec<String>,
}

impl InvocationRows {
    fn warnings(&self) -> Vec<Warning> {
        let misspelt = self.misspelt.iter().map(|(name, feature)| Warning::misspelt(name, *feature));
        let misspelt = misspelt.chain(self.notes.iter().map(Warning::of_column));
        misspelt.chain(self.params.iter().map(|name| Warning::unused_parameter(name))).collect()
    }
}

/// Report whether a model is loaded
#[utoipa::path(
    get,
    path = "/ping",
    tag = "MLflow",
    responses((status = 200, description = "A model is loaded", body = String, content_type = "text/plain"))
)]
pub(crate) async fn ping(Shared(state): Shared<Arc<State>>) -> Result<Response, Rejection> {
    state.check_ready()?;
    Ok(of_type("text/plain; charset=utf-8", "\n"))
}

/// Report whether a model is loaded, as `/ping` does
#[utoipa::path(
    get,
    path = "/health",
    tag = "MLflow",
    responses((status = 200, description = "A model is loaded", body = String, content_type = "text/plain"))
)]
pub(crate) async fn health(state: Shared<Arc<State>>) -> Result<Response, Rejection> {
    ping(state).await
}

/// Report the version of the program
#[utoipa::path(
    get,
    path = "/version",
    tag = "MLflow",
    responses((status = 200, description = "The version", body = String, content_type = "text/plain"))
)]
pub(crate) async fn version() -> Response {
    of_type("text/plain; charset=utf-8", VERSION)
}

/// Labels of rows.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Predictions {
    predictions: Vec<Class>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<Warning>,
}

/// Label many tracks: 1 hit, 0 flop
///
/// `NaN`, as MLflow's client writes it, is a missing value. Columns that are no feature are ignored; `warnings` names those that look like a misspelt feature, and the `params`, which the
/// model does not use, if there are any.
#[utoipa::path(
    post,
    path = "/invocations",
    tag = "MLflow",
    request_body(content(
        (ref("#/components/schemas/Invocation") = "application/json"),
        (ref("#/components/schemas/Table") = "text/csv"),
    )),
    responses((status = 200, description = "The labels", body = Predictions))
)]
pub(crate) async fn invocations(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Rejection> {
    let expected = "application/json or text/csv";
    let media = match MediaType::of(request.headers()) {
        Some(media @ (MediaType::Json | MediaType::Csv)) => media,
        Some(MediaType::JsonLines) | None => return Err(Rejection::UnsupportedMediaType { expected }),
    };
    let body = body::read(request, state.config.limits.batch_bytes, &state).await?;
    let answer = state.heavy(move |work| {
        let most = work.state.config.limits.rows;
        let found = match media {
            MediaType::Csv => of_table(work, &body)?,
            MediaType::Json | MediaType::JsonLines => {
                forms::rows(work.loaded.scorer.features(), &nan_as_null(&body), most)?
            }
        };
        work.check_client()?;
        let predictions = work.loaded.score_all(found.rows.iter())?;
        work.state.record(&work.loaded, &found.rows.iter().collect::<Vec<_>>(), &predictions);
        to_json(&Predictions {
            predictions: predictions.iter().map(|prediction| prediction.label.into()).collect(),
            warnings: found.warnings(),
        })
    });
    Ok(json(answer.await?))
}

/// A table whose rows are all good.
fn of_table(work: &Work, body: &[u8]) -> Result<InvocationRows, Rejection> {
    let table = CsvTracks::read(work, body, TextReading::Omitted)?;
    let rows = Vec::with_capacity(table.tracks.len());
    let CsvTracks { misspelt, notes, tracks, .. } = table;
    let mut good = InvocationRows { rows, misspelt, notes, params: Vec::new() };
    let mut faults = Faults::default();
    for track in tracks {
        match track {
            Ok(Some(track)) => good.rows.push(track.row),
            // A table has a track in every row.
            Ok(None) => {}
            Err(details) => faults.extend(details),
        }
    }
    Ok(faults.or(good)?)
}
