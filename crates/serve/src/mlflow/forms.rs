//! The forms of a JSON body: `dataframe_split`, `dataframe_records`, `instances` and `inputs`.

use serde_json::{json, Map, Value};

use super::InvocationRows;
use crate::http::rejection::{Detail, Faults, Rejection, MAX_REPORTED_FAULTS};
use crate::request::did_you_mean;
use crate::request::json_error;
use crate::request::number;
use crate::request::request_body::{has_audio, without_mark, FeatureRow, MAX_FIELD_NAME_BYTES, NO_VALUE};
use crate::served::batch::not_a_track;
use hitflop_core::track::Feature;

/// The members of which a request has one.
const FORMS: [&str; 4] = ["dataframe_split", "dataframe_records", "instances", "inputs"];
/// A member that a request may have besides. The model has no parameters of inference.
const PARAMS: &str = "params";
/// Most misspelt columns that are told.
const MAX_COLUMN_SUGGESTIONS: usize = 64;
/// What columns without an audio feature break.
const NO_COLUMN: &str = "Columns should have at least one of the audio features, the decade aside";

/// The rows of a JSON body, for a model of `features`.
///
/// # Errors
/// All its faults, up to so many; or it has more rows than `most`.
pub fn rows(features: &[Feature], body: &[u8], most: usize) -> Result<InvocationRows, Rejection> {
    let document: Value = serde_json::from_slice(without_mark(body))
        .map_err(|error| Rejection::invalid(json_error::detail(&error, body)))?;
    let Value::Object(document) = document else {
        return Err(Rejection::invalid(not_a_track(&document)));
    };
    let is_known = |name: &String| name == PARAMS || FORMS.contains(&name.as_str());
    let extra = |(name, value): (&String, &Value)| {
        let place = vec![json!("body"), json!(name)];
        Detail::new("extra_forbidden", place, "Extra inputs are not permitted", value)
    };
    let mut faults = Faults::default();
    faults.extend(document.iter().filter(|(name, _)| !is_known(name)).take(MAX_REPORTED_FAULTS).map(extra));
    let forms: Vec<&str> = FORMS.into_iter().filter(|form| document.contains_key(*form)).collect();
    let [form] = forms[..] else {
        let kind = if forms.is_empty() { "missing" } else { "too_many_forms" };
        let rule = format!("Input should have exactly one of {}", FORMS.join(", "));
        faults.push(Detail::new(kind, vec![json!("body")], rule, &Value::Object(document)));
        return faults.or(InvocationRows::default());
    };
    let mut reader = FormReader { most, features, form, faults, misspelt: Vec::new() };
    let rows = match (form, &document[form]) {
        ("dataframe_split", Value::Object(split)) => reader.split(split)?,
        ("inputs", Value::Object(columns)) => reader.columns(columns)?,
        ("dataframe_records" | "instances" | "inputs", Value::Array(records)) => reader.records(records)?,
        (_, other) => {
            let rule = match form {
                "dataframe_split" => "Input should be an object with columns and data",
                _ => "Input should be a valid list",
            };
            reader.fault(&[], "list_type", rule, other);
            Vec::new()
        }
    };
    reader.faults.or(InvocationRows { rows, misspelt: reader.misspelt })
}

/// Reads one of the forms, with all its faults.
struct FormReader<'a> {
    most: usize,
    features: &'a [Feature],
    form: &'static str,
    faults: Faults,
    misspelt: Vec<(String, Feature)>,
}

impl FormReader<'_> {
    fn fault(&mut self, place: &[Value], kind: &'static str, rule: impl Into<String>, found: &Value) {
        if !self.faults.are_enough() {
            self.faults.push(Detail::new(kind, self.place(place), rule, found));
        }
    }

    fn place(&self, place: &[Value]) -> Vec<Value> {
        [&[json!("body"), json!(self.form)], place].concat()
    }

    /// The feature of a column, if it is one; a name that looks like one is noted.
    fn feature(&mut self, name: &str) -> Option<Feature> {
        let feature = Feature::from_name(name);
        let is_known = feature.is_some() || name.len() > MAX_FIELD_NAME_BYTES || did_you_mean::is_metadata(name);
        let is_noted = || self.misspelt.iter().any(|(other, _)| other == name);
        if !is_known && self.misspelt.len() < MAX_COLUMN_SUGGESTIONS && !is_noted() {
            self.misspelt.extend(did_you_mean::feature(name).map(|feature| (name.to_owned(), feature)));
        }
        feature
    }

    /// A fault for each misspelt one of `names` at `place`, where there is nothing else to go by.
    fn tell_misspelt<'n>(&mut self, names: impl Iterator<Item = &'n str>, place: &[Value]) {
        for name in names.filter(|name| Feature::from_name(name).is_none() && name.len() <= MAX_FIELD_NAME_BYTES) {
            if self.faults.are_enough() {
                return;
            }
            if let Some(feature) = did_you_mean::feature(name) {
                let loc = self.place(&[place, &[json!(name)]].concat());
                self.faults.push(Detail { loc, ..did_you_mean::fault(name, feature, &json!(name)) });
            }
        }
    }

    /// Refuses a row without a value of any audio feature. `faults` is how many there were before it was read: a row with one
    /// of its own has been told of.
    fn check_value(&mut self, row: &FeatureRow, faults: usize, place: &[Value], found: &Value) {
        if !has_audio(row) && self.faults.count() == faults {
            self.fault(place, "missing", NO_VALUE, found);
        }
    }

    fn check_count(&self, rows: usize) -> Result<(), Rejection> {
        match rows <= self.most {
            true => Ok(()),
            false => Err(Rejection::too_many_rows(self.most, rows as u64)),
        }
    }

    fn value(&mut self, row: &mut FeatureRow, feature: Feature, value: &Value, place: &[Value]) {
        match number::read(feature, value) {
            Ok(number) => row[feature as usize] = number.unwrap_or(f64::NAN),
            Err(broken) => self.fault(place, broken.kind, broken.msg, value),
        }
    }

    /// `{"columns": [...], "data": [[...], ...]}`; a further `index` is passed over.
    fn split(&mut self, split: &Map<String, Value>) -> Result<Vec<FeatureRow>, Rejection> {
        let (Some(Value::Array(data)), columns) = (split.get("data"), split.get("columns")) else {
            self.fault(&[json!("data")], "list_type", "Input should be a valid list", &json!(split.get("data")));
            return Ok(Vec::new());
        };
        self.check_count(data.len())?;
        let columns: Vec<Option<Feature>> = match columns {
            // Without names they are those of the model.
            None => self.features.iter().copied().map(Some).collect(),
            Some(Value::Array(names)) => {
                names.iter().map(|name| name.as_str().and_then(|name| self.feature(name))).collect()
            }
            Some(other) => {
                self.fault(&[json!("columns")], "list_type", "Input should be a valid list", other);
                return Ok(Vec::new());
            }
        };
        for (at, feature) in columns.iter().enumerate() {
            if feature.is_some() && columns[..at].contains(feature) {
                self.fault(
                    &[json!("columns"), json!(at)],
                    "duplicate_column",
                    "The column stands twice",
                    &json!(feature),
                );
            }
        }
        if columns.iter().flatten().all(|feature| *feature == Feature::Decade) {
            let names = split.get("columns");
            self.fault(&[json!("columns")], "missing", NO_COLUMN, &json!(names));
            let names = names.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            self.tell_misspelt(names, &[json!("columns")]);
            return Ok(Vec::new());
        }
        Ok(data
            .iter()
            .enumerate()
            .map(|(index, values)| self.row(&columns, values, &[json!("data"), json!(index)]))
            .collect())
    }

    /// A row of values in the order of `columns`.
    fn row(&mut self, columns: &[Option<Feature>], values: &Value, place: &[Value]) -> FeatureRow {
        let mut row = [f64::NAN; Feature::ALL.len()];
        match values {
            Value::Array(fields) if fields.len() == columns.len() => {
                let faults = self.faults.count();
                for (column, (feature, value)) in columns.iter().zip(fields).enumerate() {
                    if let Some(feature) = feature {
                        self.value(&mut row, *feature, value, &[place, &[json!(column)]].concat());
                    }
                }
                self.check_value(&row, faults, place, values);
            }
            other => {
                let rule = format!("Input should be a list of {} values, one a column", columns.len());
                self.fault(place, "list_type", rule, other);
            }
        }
        row
    }

    /// `[{"energy": 0.5, ...}, ...]` or `[[0.5, ...], ...]`, the latter in the order of the model's features.
    fn records(&mut self, records: &[Value]) -> Result<Vec<FeatureRow>, Rejection> {
        self.check_count(records.len())?;
        let columns: Vec<Option<Feature>> = self.features.iter().copied().map(Some).collect();
        let record = |(index, record): (usize, &Value)| match record {
            Value::Object(record) => self.record(record, &[json!(index)]),
            other => self.row(&columns, other, &[json!(index)]),
        };
        Ok(records.iter().enumerate().map(record).collect())
    }

    fn record(&mut self, record: &Map<String, Value>, place: &[Value]) -> FeatureRow {
        let mut row = [f64::NAN; Feature::ALL.len()];
        let faults = self.faults.count();
        for (name, value) in record {
            if let Some(feature) = self.feature(name) {
                self.value(&mut row, feature, value, &[place, &[json!(name)]].concat());
            }
        }
        if !has_audio(&row) && self.faults.count() == faults {
            self.fault(place, "missing", NO_VALUE, &Value::Object(record.clone()));
            self.tell_misspelt(record.keys().map(String::as_str), place);
        }
        row
    }

    /// `{"energy": [0.5, ...], ...}`
    fn columns(&mut self, columns: &Map<String, Value>) -> Result<Vec<FeatureRow>, Rejection> {
        let known: Vec<(Feature, &Value)> =
            columns.iter().filter_map(|(name, values)| Some((self.feature(name)?, values))).collect();
        let is_list = |(feature, values): &(Feature, &Value)| *feature != Feature::Decade && values.is_array();
        let Some(count) = known.iter().find(|column| is_list(column)).and_then(|(_, values)| values.as_array()) else {
            self.fault(&[], "missing", format!("{NO_COLUMN}, as a list"), &Value::Object(columns.clone()));
            self.tell_misspelt(columns.keys().map(String::as_str), &[]);
            return Ok(Vec::new());
        };
        let count = count.len();
        self.check_count(count)?;
        let mut rows = vec![[f64::NAN; Feature::ALL.len()]; count];
        let faults = self.faults.count();
        for (feature, values) in known {
            match values {
                Value::Array(values) if values.len() == count => {
                    for (index, (row, value)) in rows.iter_mut().zip(values).enumerate() {
                        self.value(row, feature, value, &[json!(feature.name()), json!(index)]);
                    }
                }
                other => {
                    let rule = format!("Input should be a list of {count} values, as the others are");
                    self.fault(&[json!(feature.name())], "list_type", rule, other);
                }
            }
        }
        if self.faults.count() == faults {
            for (index, _) in rows.iter().enumerate().filter(|(_, row)| !has_audio(row)) {
                self.fault(&[json!(index)], "missing", NO_VALUE, &json!(index));
            }
        }
        Ok(rows)
    }
}
