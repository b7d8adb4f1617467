//! MLflow's scoring server: `/ping`, `/version` and `/invocations`, so that its clients work.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::response::Response;
use serde_json::{json, Map, Value};

use super::batch::{limit_faults, not_a_track, Table};
use super::body::{self, Media};
use super::loaded::Loaded;
use super::number;
use super::openapi::schemas;
use super::rejection::{Detail, Rejection, FAULTS_TOLD};
use super::routes::json as as_json;
use super::routes::of_type;
use super::shapes::{without_mark, Row};
use super::state::State;
use crate::track::{Feature, Label};

/// The members of which a request has one.
const FORMS: [&str; 4] = ["dataframe_split", "dataframe_records", "instances", "inputs"];

/// A member that a request may have besides. The model has no parameters of inference.
const PARAMS: &str = "params";

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
    let media = match Media::of(request.headers()) {
        Some(media @ (Media::Json | Media::Csv)) => media,
        Some(Media::JsonLines) | None => return Err(Rejection::UnsupportedMediaType { expected }),
    };
    let body = body::read(request, state.config.limits.batch_bytes, &state).await?;
    let answer = state.heavy(move |state, loaded| {
        let most = state.config.limits.rows;
        let rows = match media {
            Media::Csv => of_table(Table::read(&body, most)?)?,
            Media::Json | Media::JsonLines => of_json(loaded, &body, most)?,
        };
        let scores = loaded.score_all(rows.iter())?;
        state.metrics.predicted(scores.iter().map(|score| score.label));
        let labels: Vec<u8> = scores.iter().map(|score| u8::from(score.label == Label::Hit)).collect();
        Ok(json!({ "predictions": labels }).to_string())
    });
    Ok(as_json(answer.await?))
}

/// A table whose rows are all good.
fn of_table(mut table: Table) -> Result<Vec<Row>, Rejection> {
    limit_faults(&mut table.tracks);
    let mut rows = Vec::with_capacity(table.tracks.len());
    let mut faults = Vec::new();
    for track in table.tracks {
        match track {
            Ok(track) => rows.push(track.map_or([f64::NAN; Feature::ALL.len()], |track| track.row)),
            Err(details) => faults.extend(details),
        }
    }
    rows_or(rows, faults)
}

fn rows_or(rows: Vec<Row>, faults: Vec<Detail>) -> Result<Vec<Row>, Rejection> {
    match faults.is_empty() {
        true => Ok(rows),
        false => Err(Rejection::Invalid(faults)),
    }
}

fn of_json(loaded: &Loaded, body: &[u8], most: usize) -> Result<Vec<Row>, Rejection> {
    let document: Value =
        serde_json::from_slice(without_mark(body)).map_err(|error| Rejection::invalid(Detail::json_invalid(&error)))?;
    let Value::Object(document) = document else {
        return Err(Rejection::invalid(not_a_track(&document)));
    };
    let is_known = |name: &String| name == PARAMS || FORMS.contains(&name.as_str());
    let extra = |(name, value): (&String, &Value)| {
        let place = vec![json!("body"), json!(name)];
        Detail::new("extra_forbidden", place, "Extra inputs are not permitted", value)
    };
    let extras = document.iter().filter(|(name, _)| !is_known(name)).take(FAULTS_TOLD);
    let faults: Vec<Detail> = extras.map(extra).collect();
    if !faults.is_empty() {
        return Err(Rejection::Invalid(faults));
    }
    let mut forms = FORMS.into_iter().filter(|form| document.contains_key(*form));
    let (Some(form), None) = (forms.next(), forms.next()) else {
        let rule = format!("Input should have exactly one of {}", FORMS.join(", "));
        let found = Value::Object(document);
        return Err(Rejection::invalid(Detail::new("missing", vec![json!("body")], rule, &found)));
    };
    let mut reader = Reader { most, features: loaded.scorer.features(), form, faults: Vec::new() };
    let rows = match (form, &document[form]) {
        ("dataframe_split", Value::Object(split)) => reader.split(split)?,
        ("inputs", Value::Object(columns)) => reader.columns(columns)?,
        ("dataframe_records" | "instances" | "inputs", Value::Array(records)) => reader.records(records)?,
        (_, other) => {
            let rule = match form {
                "dataframe_split" => "Input should be an object with columns and data",
                _ => "Input should be a valid list",
            };
            return Err(Rejection::invalid(Detail::new("list_type", vec![json!("body"), json!(form)], rule, other)));
        }
    };
    rows_or(rows, reader.faults)
}

/// Reads one of the forms, with all its faults, up to [`FAULTS_TOLD`].
struct Reader<'a> {
    most: usize,
    features: &'a [Feature],
    form: &'static str,
    faults: Vec<Detail>,
}

impl Reader<'_> {
    fn fault(&mut self, place: &[Value], kind: &'static str, rule: impl Into<String>, found: &Value) {
        if self.faults.len() == FAULTS_TOLD {
            return;
        }
        let start = [json!("body"), json!(self.form)];
        self.faults.push(Detail::new(kind, start.into_iter().chain(place.iter().cloned()).collect(), rule, found));
    }

    fn check_count(&self, rows: usize) -> Result<(), Rejection> {
        match rows <= self.most {
            true => Ok(()),
            false => {
                Err(Rejection::TooLarge(format!("Too many rows, at most {} are allowed, found {rows}", self.most)))
            }
        }
    }

    fn value(&mut self, row: &mut Row, feature: Feature, value: &Value, place: &[Value]) {
        match number::read(feature, value) {
            Ok(number) => row[feature as usize] = number.unwrap_or(f64::NAN),
            Err(broken) => self.fault(place, broken.kind, broken.msg, value),
        }
    }

    /// `{"columns": [...], "data": [[...], ...]}`; a further `index` is passed over.
    fn split(&mut self, split: &Map<String, Value>) -> Result<Vec<Row>, Rejection> {
        let (Some(Value::Array(data)), columns) = (split.get("data"), split.get("columns")) else {
            self.fault(&[json!("data")], "list_type", "Input should be a valid list", &json!(split.get("data")));
            return Ok(Vec::new());
        };
        self.check_count(data.len())?;
        let columns: Vec<Option<Feature>> = match columns {
            // Without names they are those of the model.
            None => self.features.iter().copied().map(Some).collect(),
            Some(Value::Array(names)) => names.iter().map(|name| name.as_str().and_then(Feature::from_name)).collect(),
            Some(other) => {
                self.fault(&[json!("columns")], "list_type", "Input should be a valid list", other);
                return Ok(Vec::new());
            }
        };
        if columns.iter().all(Option::is_none) {
            let rule = "Columns should have at least one of the audio features";
            self.fault(&[json!("columns")], "missing", rule, &json!(split.get("columns")));
            return Ok(Vec::new());
        }
        Ok(data
            .iter()
            .enumerate()
            .map(|(index, values)| self.row(&columns, values, &[json!("data"), json!(index)]))
            .collect())
    }

    /// A row of values in the order of `columns`.
    fn row(&mut self, columns: &[Option<Feature>], values: &Value, place: &[Value]) -> Row {
        let mut row = [f64::NAN; Feature::ALL.len()];
        match values {
            Value::Array(values) if values.len() == columns.len() => {
                for (column, (feature, value)) in columns.iter().zip(values).enumerate() {
                    if let Some(feature) = feature {
                        self.value(&mut row, *feature, value, &[place, &[json!(column)]].concat());
                    }
                }
            }
            other => {
                let rule = format!("Input should be a list of {} values, one a column", columns.len());
                self.fault(place, "list_type", rule, other);
            }
        }
        row
    }

    /// `[{"energy": 0.5, ...}, ...]` or `[[0.5, ...], ...]`, the latter in the order of the model's features.
    fn records(&mut self, records: &[Value]) -> Result<Vec<Row>, Rejection> {
        self.check_count(records.len())?;
        let columns: Vec<Option<Feature>> = self.features.iter().copied().map(Some).collect();
        let record = |(index, record): (usize, &Value)| match record {
            Value::Object(record) => self.record(record, &[json!(index)]),
            other => self.row(&columns, other, &[json!(index)]),
        };
        Ok(records.iter().enumerate().map(record).collect())
    }

    fn record(&mut self, record: &Map<String, Value>, place: &[Value]) -> Row {
        let mut row = [f64::NAN; Feature::ALL.len()];
        let mut known = 0;
        for (name, value) in record {
            if let Some(feature) = Feature::from_name(name) {
                known += 1;
                self.value(&mut row, feature, value, &[place, &[json!(name)]].concat());
            }
        }
        if known == 0 {
            let rule = "A track needs at least one of the audio features";
            self.fault(place, "missing", rule, &Value::Object(record.clone()));
        }
        row
    }

    /// `{"energy": [0.5, ...], ...}`
    fn columns(&mut self, columns: &Map<String, Value>) -> Result<Vec<Row>, Rejection> {
        let known = columns.iter().filter_map(|(name, values)| Feature::from_name(name).map(|it| (it, values)));
        let known: Vec<(Feature, &Value)> = known.collect();
        let Some(count) = known.iter().find_map(|(_, values)| values.as_array()).map(Vec::len) else {
            let rule = "Columns should have at least one of the audio features, as a list";
            self.fault(&[], "missing", rule, &Value::Object(columns.clone()));
            return Ok(Vec::new());
        };
        self.check_count(count)?;
        let mut rows = vec![[f64::NAN; Feature::ALL.len()]; count];
        for (feature, values) in known {
            match values {
                Value::Array(values) if values.len() == count => {
                    for (index, (row, value)) in rows.iter_mut().zip(values).enumerate() {
                        self.value(row, feature, value, &[json!(feature.name()), json!(index)]);
                    }
                }
                other => {
                    let rule = format!("Input should be a list of {count} values, as the first column is");
                    self.fault(&[json!(feature.name())], "list_type", rule, other);
                }
            }
        }
        Ok(rows)
    }
}
