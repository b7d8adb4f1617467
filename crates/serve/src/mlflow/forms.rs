//! The rows of a JSON body, with all faults of the form that it has.

use serde_json::{json, Value};

use super::shapes::{Expected, FormRows, InvocationBody, InvocationShape, Record, SplitTable, FORMS};
use super::InvocationRows;
use crate::http::rejection::Rejection;
use crate::request::csv_width::check_columns;
use crate::request::did_you_mean;
use crate::request::document::{in_body, Document};
use crate::request::faults::{Detail, NO_VALUE};
use crate::request::field_names::{FieldNames, Misspelt};
use crate::request::json_number::JsonNumber;
use crate::request::shape::KeptList;
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::Feature;

/// The rule that columns without an audio feature break.
const NO_COLUMN: &str = "Columns should have at least one of the audio features, the decade aside";
/// A row without a value.
const EMPTY: FeatureRow = [f64::NAN; Feature::ALL.len()];

/// The rows of a JSON body, for a model of `features`.
///
/// # Errors
/// All faults of the body, up to a maximum; or it has more rows than `most`, or too many columns.
pub fn rows(features: &[Feature], body: &[u8], most: usize) -> Result<InvocationRows, Rejection> {
    let names = FieldNames::default();
    let features: Vec<Option<Feature>> = features.iter().copied().map(Some).collect();
    let expected = Expected { most, columns: &features, names: &names };
    let (mut document, InvocationBody { forms, extra, params }) = Document::read(body, InvocationShape(expected))?;
    names.check_count()?;
    for name in extra {
        document.fault(&[json!(name)], "extra_forbidden", "Extra inputs are not permitted");
    }
    let mut forms = FORMS.into_iter().zip(forms).filter_map(|(name, form)| Some((name, form?)));
    let (name, form) = match (forms.next(), forms.next()) {
        (Some(form), None) => form,
        (first, _) => {
            let kind = if first.is_none() { "missing" } else { "too_many_forms" };
            document.fault(&[], kind, format!("Input should have exactly one of {}", FORMS.join(", ")));
            return Ok(document.or(InvocationRows::default())?);
        }
    };
    let form = with_known_columns(form, body, expected)?;
    let mut reader = FormReader { expected, form: name, document };
    let rows = match form {
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
    Ok(reader.document.or(InvocationRows { rows, misspelt: names.misspelt(), params })?)
}

/// A form whose rows are those of its columns: a table with the data before the columns is read once more.
fn with_known_columns(form: FormRows, body: &[u8], expected: Expected) -> Result<FormRows, Rejection> {
    match form {
        FormRows::Split(SplitTable { columns: Some(Some(columns)), is_data_first: true, .. }) => {
            check_columns(columns.count)?;
            let shape = InvocationShape(Expected { columns: &columns.kept, ..expected });
            let (_, again) = Document::read(body, shape)?;
            // It was there the first time.
            Ok(again.forms.into_iter().flatten().next().unwrap_or(FormRows::Other))
        }
        form => Ok(form),
    }
}

/// Reads the rows of a form.
struct FormReader<'a> {
    expected: Expected<'a>,
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

    /// A fault at a place for each name that looks like a feature's, where there is nothing else to go by.
    fn suggest(&mut self, misspelt: &[Misspelt], place: &[Value]) {
        for (name, feature) in misspelt {
            let loc = in_body(&self.place(&[place, &[json!(name)]].concat()));
            self.document.faults.push(did_you_mean::unknown_field(name, *feature, loc, &json!(name)));
        }
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
        match rows <= self.expected.most {
            true => Ok(()),
            false => Err(Rejection::too_many_rows(self.expected.most, rows as u64)),
        }
    }

    /// `{"columns": [...], "data": [[...], ...]}`; without `columns` they are the model's features.
    fn split(&mut self, SplitTable { columns, data, .. }: SplitTable) -> Result<Vec<FeatureRow>, Rejection> {
        let Some(data) = data else {
            self.fault(&[json!("data")], "list_type", "Input should be a valid list");
            return Ok(Vec::new());
        };
        self.check_count(data.count)?;
        let columns = match columns {
            None => self.expected.columns.to_vec(),
            Some(Some(columns)) => {
                check_columns(columns.count)?;
                columns.kept
            }
            Some(None) => {
                self.fault(&[json!("columns")], "list_type", "Input should be a valid list");
                return Ok(Vec::new());
            }
        };
        let mut seen = [false; Feature::ALL.len()];
        for (at, feature) in columns.iter().enumerate().filter_map(|(at, feature)| Some((at, (*feature)?))) {
            if std::mem::replace(&mut seen[feature as usize], true) {
                self.fault(&[json!("columns"), json!(at)], "duplicate_column", "The column stands twice");
            }
        }
        if columns.iter().flatten().all(|feature| *feature == Feature::Decade) {
            let place = [json!("columns")];
            self.fault(&place, "missing", NO_COLUMN);
            self.suggest(&self.expected.names.misspelt(), &place);
            return Ok(Vec::new());
        }
        let row = |(index, record)| self.row(&columns, record, &[json!("data"), json!(index)]);
        Ok(data.kept.into_iter().enumerate().map(row).collect())
    }

    /// A row of values in the order of `columns`.
    fn row(&mut self, columns: &[Option<Feature>], record: Record, place: &[Value]) -> FeatureRow {
        let mut row = EMPTY;
        let values = match record {
            Record::Values { values, count } if count == columns.len() => values,
            _ => {
                let rule = format!("Input should be a list of {} values, one a column", columns.len());
                self.fault(place, "list_type", rule);
                return row;
            }
        };
        let before = self.document.faults.count();
        for (column, value) in values {
            if let Some(feature) = columns[column] {
                self.value(&mut row, feature, value, || [place, &[json!(column)]].concat());
            }
        }
        self.check_audio(&row, before, place);
        row
    }

    /// `[{"energy": 0.5, ...}, ...]` or `[[0.5, ...], ...]`, the latter in the order of the model's features.
    fn records(&mut self, records: KeptList<Record>) -> Result<Vec<FeatureRow>, Rejection> {
        self.check_count(records.count)?;
        let columns = self.expected.columns;
        let row = |(index, record)| match record {
            Record::Fields { values, misspelt } => self.record(values, &misspelt, &[json!(index)]),
            other => self.row(columns, other, &[json!(index)]),
        };
        Ok(records.kept.into_iter().enumerate().map(row).collect())
    }

    fn record(&mut self, fields: Vec<(Feature, JsonNumber)>, misspelt: &[Misspelt], place: &[Value]) -> FeatureRow {
        let mut row = EMPTY;
        let before = self.document.faults.count();
        for (feature, value) in fields {
            self.value(&mut row, feature, value, || [place, &[json!(feature.name())]].concat());
        }
        if self.check_audio(&row, before, place) {
            self.suggest(misspelt, place);
        }
        row
    }

    /// `{"energy": [0.5, ...], ...}`
    fn columns(&mut self, columns: Vec<(Feature, Option<KeptList<JsonNumber>>)>) -> Result<Vec<FeatureRow>, Rejection> {
        let of_audio = columns.iter().filter(|(feature, _)| *feature != Feature::Decade);
        let Some(count) = of_audio.filter_map(|(_, values)| Some(values.as_ref()?.count)).next() else {
            self.fault(&[], "missing", format!("{NO_COLUMN}, as a list"));
            self.suggest(&self.expected.names.misspelt(), &[]);
            return Ok(Vec::new());
        };
        self.check_count(count)?;
        let mut rows = vec![EMPTY; count];
        let before = self.document.faults.count();
        for (feature, values) in columns {
            let Some(values) = values.filter(|values| values.count == count) else {
                let rule = format!("Input should be a list of {count} values, as the others are");
                self.fault(&[json!(feature.name())], "list_type", rule);
                continue;
            };
            for (index, (row, value)) in rows.iter_mut().zip(values.kept).enumerate() {
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
