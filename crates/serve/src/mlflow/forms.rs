//! The rows of a JSON body, with all faults of the form that it has.

use serde_json::{json, Value};

use super::shapes::{is_known, FormRows, InvocationShape, Record, SplitTable, ValueList, FORMS};
use super::InvocationRows;
use crate::http::rejection::Rejection;
use crate::request::did_you_mean;
use crate::request::document::{in_body, Document};
use crate::request::faults::{Detail, MAX_REPORTED_FAULTS, NO_VALUE};
use crate::request::json_number::JsonNumber;
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::Feature;

/// The rule that columns without an audio feature break.
const NO_COLUMN: &str = "Columns should have at least one of the audio features, the decade aside";
/// A row without a value.
const EMPTY: FeatureRow = [f64::NAN; Feature::ALL.len()];

/// The rows of a JSON body, for a model of `features`.
///
/// # Errors
/// All faults of the body, up to [`MAX_REPORTED_FAULTS`]; or it has more rows than `most`.
pub fn rows(features: &[Feature], body: &[u8], most: usize) -> Result<InvocationRows, Rejection> {
    let (mut document, body) = Document::read(body, InvocationShape)?;
    if body.has_extra {
        refuse_extra(&mut document);
    }
    let mut forms = FORMS.into_iter().zip(body.forms).filter_map(|(name, form)| Some((name, form?)));
    let (name, form) = match (forms.next(), forms.next()) {
        (Some(form), None) => form,
        (first, _) => {
            let kind = if first.is_none() { "missing" } else { "too_many_forms" };
            document.fault(&[], kind, format!("Input should have exactly one of {}", FORMS.join(", ")));
            return Ok(document.faults.or(InvocationRows::default())?);
        }
    };
    let mut reader = FormReader { most, features, form: name, document };
    let rows = match form.rows {
        FormRows::Split(table) => reader.split(table)?,
        FormRows::Records(records) => reader.records(records)?,
        FormRows::Columns(columns) => reader.columns(columns)?,
        FormRows::Other => {
            let rule = match name {
                "dataframe_split" => "Input should be an object with columns and data",
                _ => "Input should be a valid list",
            };
            reader.fault(&[], "list_type", rule);
            Vec::new()
        }
    };
    Ok(reader.document.faults.or(InvocationRows { rows, misspelt: form.misspelt.0 })?)
}

fn refuse_extra(document: &mut Document) {
    let extra = |(name, value): (&String, &Value)| {
        Detail::new("extra_forbidden", in_body(&[json!(name)]), "Extra inputs are not permitted", value)
    };
    let members = document.at(&[]).as_object().into_iter().flatten();
    let faults: Vec<Detail> =
        members.filter(|(name, _)| !is_known(name)).take(MAX_REPORTED_FAULTS).map(extra).collect();
    document.faults.extend(faults);
}

/// Reads the rows of a form.
struct FormReader<'a> {
    most: usize,
    features: &'a [Feature],
    form: &'static str,
    document: Document<'a>,
}

impl FormReader<'_> {
    /// A place of the form as a place of the document.
    fn place(&self, place: &[Value]) -> Vec<Value> {
        [&[json!(self.form)], place].concat()
    }

    /// A fault of the value at a place.
    fn fault(&mut self, place: &[Value], kind: &'static str, rule: impl Into<String>) {
        let place = self.place(place);
        self.document.fault(&place, kind, rule);
    }

    fn value(&mut self, row: &mut FeatureRow, feature: Feature, value: JsonNumber, place: impl FnOnce() -> Vec<Value>) {
        let form = self.form;
        self.document.faults.value(row, feature, value, || in_body(&[&[json!(form)], &*place()].concat()));
    }

    /// A fault for each name at a place that looks like a feature's, where there is nothing else to go by.
    fn suggest<'n>(&mut self, names: impl Iterator<Item = &'n str>, place: &[Value]) {
        for name in names.filter(|name| Feature::from_name(name).is_none()) {
            if self.document.faults.are_enough() {
                return;
            }
            let loc = in_body(&self.place(&[place, &[json!(name)]].concat()));
            self.document.faults.extend(did_you_mean::fault(name, loc, &json!(name)));
        }
    }

    /// [`FormReader::suggest`] for the columns of an object.
    fn suggest_members(&mut self, place: &[Value]) {
        let object = self.document.at(&self.place(place)).as_object();
        let names: Vec<String> = object.into_iter().flatten().map(|(name, _)| name.clone()).collect();
        self.suggest(names.iter().map(String::as_str), place);
    }

    /// Refuses a row without a value of any audio feature. `before` is the number of faults before it was read. Returns whether
    /// it was refused.
    fn check_audio(&mut self, row: &FeatureRow, before: usize, place: &[Value]) -> bool {
        let is_refused = self.document.faults.lacks_audio(row, before);
        if is_refused {
            self.fault(place, "missing", NO_VALUE);
        }
        is_refused
    }

    fn check_count(&self, rows: usize) -> Result<(), Rejection> {
        match rows <= self.most {
            true => Ok(()),
            false => Err(Rejection::too_many_rows(self.most, rows as u64)),
        }
    }

    fn all_features(&self) -> Vec<Option<Feature>> {
        self.features.iter().copied().map(Some).collect()
    }

    /// `{"columns": [...], "data": [[...], ...]}`; without `columns` they are the model's features.
    fn split(&mut self, SplitTable { columns, data }: SplitTable) -> Result<Vec<FeatureRow>, Rejection> {
        let Some(data) = data else {
            self.fault(&[json!("data")], "list_type", "Input should be a valid list");
            return Ok(Vec::new());
        };
        self.check_count(data.len())?;
        let Some(columns) = columns.unwrap_or_else(|| Some(self.all_features())) else {
            self.fault(&[json!("columns")], "list_type", "Input should be a valid list");
            return Ok(Vec::new());
        };
        for (at, feature) in columns.iter().enumerate() {
            if feature.is_some() && columns[..at].contains(feature) {
                self.fault(&[json!("columns"), json!(at)], "duplicate_column", "The column stands twice");
            }
        }
        if columns.iter().flatten().all(|feature| *feature == Feature::Decade) {
            let place = [json!("columns")];
            self.fault(&place, "missing", NO_COLUMN);
            let names = self.document.at(&self.place(&place)).as_array().into_iter().flatten();
            let names: Vec<String> = names.filter_map(Value::as_str).map(str::to_owned).collect();
            self.suggest(names.iter().map(String::as_str), &place);
            return Ok(Vec::new());
        }
        let row = |(index, values)| self.row(&columns, values, &[json!("data"), json!(index)]);
        Ok(data.into_iter().enumerate().map(row).collect())
    }

    /// A row of values in the order of `columns`.
    fn row(&mut self, columns: &[Option<Feature>], values: ValueList, place: &[Value]) -> FeatureRow {
        let mut row = EMPTY;
        let Some(values) = values.filter(|values| values.len() == columns.len()) else {
            let rule = format!("Input should be a list of {} values, one a column", columns.len());
            self.fault(place, "list_type", rule);
            return row;
        };
        let before = self.document.faults.count();
        for (column, (feature, value)) in columns.iter().zip(values).enumerate() {
            if let Some(feature) = feature {
                self.value(&mut row, *feature, value, || [place, &[json!(column)]].concat());
            }
        }
        self.check_audio(&row, before, place);
        row
    }

    /// `[{"energy": 0.5, ...}, ...]` or `[[0.5, ...], ...]`, the latter in the order of the model's features.
    fn records(&mut self, records: Vec<Record>) -> Result<Vec<FeatureRow>, Rejection> {
        self.check_count(records.len())?;
        let columns = self.all_features();
        let row = |(index, record)| match record {
            Record::Fields(fields) => self.record(fields, &[json!(index)]),
            Record::Values(values) => self.row(&columns, Some(values), &[json!(index)]),
            Record::Other => self.row(&columns, None, &[json!(index)]),
        };
        Ok(records.into_iter().enumerate().map(row).collect())
    }

    fn record(&mut self, fields: Vec<(Feature, JsonNumber)>, place: &[Value]) -> FeatureRow {
        let mut row = EMPTY;
        let before = self.document.faults.count();
        for (feature, value) in fields {
            self.value(&mut row, feature, value, || [place, &[json!(feature.name())]].concat());
        }
        if self.check_audio(&row, before, place) {
            self.suggest_members(place);
        }
        row
    }

    /// `{"energy": [0.5, ...], ...}`
    fn columns(&mut self, columns: Vec<(Feature, ValueList)>) -> Result<Vec<FeatureRow>, Rejection> {
        let is_audio = |(feature, _): &&(Feature, ValueList)| *feature != Feature::Decade;
        let Some(count) = columns.iter().filter(is_audio).find_map(|(_, values)| Some(values.as_ref()?.len())) else {
            self.fault(&[], "missing", format!("{NO_COLUMN}, as a list"));
            self.suggest_members(&[]);
            return Ok(Vec::new());
        };
        self.check_count(count)?;
        let mut rows = vec![EMPTY; count];
        let before = self.document.faults.count();
        for (feature, values) in columns {
            let Some(values) = values.filter(|values| values.len() == count) else {
                let rule = format!("Input should be a list of {count} values, as the others are");
                self.fault(&[json!(feature.name())], "list_type", rule);
                continue;
            };
            for (index, (row, value)) in rows.iter_mut().zip(values).enumerate() {
                self.value(row, feature, value, || vec![json!(feature.name()), json!(index)]);
            }
        }
        if self.document.faults.count() == before {
            let (form, faults) = (self.form, &mut self.document.faults);
            for (index, row) in rows.iter().enumerate() {
                if faults.lacks_audio(row, faults.count()) {
                    let loc = vec![json!("body"), json!(form), json!(index)];
                    faults.push(Detail::new("missing", loc, NO_VALUE, &json!(index)));
                }
            }
        }
        Ok(rows)
    }
}
