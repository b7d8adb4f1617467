//! The rows of a JSON body, with all faults of the form that it has.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{json, Value};

use super::shapes::{Expected, FormRows, InvocationBody, InvocationShape, Record, SplitTable, FORMS};
use super::InvocationRows;
use crate::answer::faults::NO_VALUE;
use crate::answer::rejection::Rejection;
use crate::request::csv_width::check_columns;
use crate::request::document::{in_body, Document};
use crate::request::field_names::{unknown_field, FieldMeaning, FieldNames, Misspelt};
use crate::request::json_number::JsonNumber;
use crate::request::raw_track::RawTrack;
use crate::request::row_reader::ColumnNote;
use crate::request::shape::KeptList;
use crate::request::track_rows::TrackRows;
use hitflop_core::reader::{has_audio, FeatureRow};
use hitflop_core::track::Feature;

/// The rule that columns without an audio feature break.
const NO_COLUMN: &str = "Columns should have at least one of the audio features, the decade aside";

/// The rows of a JSON body, for a model of `features`.
///
/// # Errors
/// All faults of the body, up to a maximum; or it has more rows than `most`, or too many columns.
pub(crate) fn rows(features: &[Feature], body: &[u8], most: usize) -> Result<InvocationRows, Rejection> {
    let names = FieldNames::default();
    let features: Vec<FieldMeaning> = features.iter().copied().map(FieldMeaning::Feature).collect();
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
    let mut reader = FormReader { expected, form: name, document, notes: Vec::new() };
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
    let misspelt = names.misspelt();
    Ok(reader.document.or(InvocationRows { rows, misspelt, notes: reader.notes, params })?)
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
    /// What is reported of the columns.
    notes: Vec<ColumnNote>,
}

/// A row: a track, or the length that its list should have.
type FormRow = Result<RawTrack, usize>;

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

    /// A fault at a place for each name that looks like a feature's, where there is nothing else to go by.
    fn suggest(&mut self, misspelt: &[Misspelt], place: &[Value]) {
        for (name, feature) in misspelt {
            let loc = in_body(&self.place(&[place, &[json!(name)]].concat()));
            self.document.faults.push(unknown_field(name, *feature, loc, &json!(name)));
        }
    }

    fn check_count(&self, rows: usize) -> Result<(), Rejection> {
        match rows <= self.expected.most {
            true => Ok(()),
            false => Err(Rejection::too_many_rows(self.expected.most, rows as u64)),
        }
    }

    /// The values of rows, by the meaning of all columns together. `row_place` is the place of a row, `field_place` that of a field
    /// of one.
    fn values(
        &mut self,
        rows: Vec<FormRow>,
        row_place: impl Fn(usize) -> Vec<Value>,
        field_place: impl Fn(usize, &str) -> Vec<Value>,
    ) -> Result<Vec<FeatureRow>, Rejection> {
        let tracks = TrackRows::new(rows.iter().filter_map(|row| row.as_ref().ok()).collect(), self.expected.names)?;
        self.notes = tracks.columns().all_notes().cloned().collect();
        let (mut values, mut at) = (Vec::with_capacity(rows.len()), 0);
        for (index, row) in rows.iter().enumerate() {
            let track = match row {
                Ok(track) => track,
                Err(length) => {
                    let rule = format!("Input should be a list of {length} values, one a column");
                    self.fault(&row_place(index), "list_type", rule);
                    continue;
                }
            };
            let (row, faults) = tracks.values(at);
            at += 1;
            for fault in &faults {
                let loc = in_body(&self.place(&field_place(index, fault.field)));
                self.document.faults.push(fault.detail(loc));
            }
            if faults.is_empty() && !has_audio(&row) {
                self.fault(&row_place(index), "missing", NO_VALUE);
                self.suggest(track.misspelt(), &row_place(index));
            }
            values.push(row);
        }
        Ok(values)
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
        let mut seen = HashSet::new();
        for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.is_column()) {
            if !seen.insert(self.expected.names.name(column)) {
                self.fault(&[json!("columns"), json!(at)], "duplicate_column", "The column occurs twice");
            }
        }
        if !columns.iter().any(may_be_audio) {
            let place = [json!("columns")];
            self.fault(&place, "missing", NO_COLUMN);
            self.suggest(&self.expected.names.misspelt(), &place);
            return Ok(Vec::new());
        }
        let fields: Vec<Option<Arc<str>>> = columns.iter().map(|column| self.expected.names.name(column)).collect();
        let rows = data.kept.into_iter().map(|record| by_length(record, columns.len())).collect();
        let row_place = |row| vec![json!("data"), json!(row)];
        self.values(rows, row_place, |row, field| {
            let at = fields.iter().position(|name| name.as_deref() == Some(field));
            [row_place(row), vec![json!(at)]].concat()
        })
    }

    /// `[{"energy": 0.5, ...}, ...]` or `[[0.5, ...], ...]`, the latter in the order of the model's features.
    fn records(&mut self, records: KeptList<Record>) -> Result<Vec<FeatureRow>, Rejection> {
        self.check_count(records.count)?;
        let features = self.expected.columns;
        let is_list: Vec<bool> = records.kept.iter().map(|record| matches!(record, Record::Values(..))).collect();
        let rows = records.kept.into_iter().map(|record| match record {
            Record::Fields(track) => Ok(track),
            other => by_length(other, features.len()),
        });
        let feature_at = |field: &str| {
            features
                .iter()
                .position(|column| matches!(column, FieldMeaning::Feature(feature) if feature.name() == field))
        };
        self.values(
            rows.collect(),
            |row| vec![json!(row)],
            |row, field| match is_list[row] {
                true => vec![json!(row), json!(feature_at(field))],
                false => vec![json!(row), json!(field)],
            },
        )
    }

    /// `{"energy": [0.5, ...], ...}`
    fn columns(
        &mut self,
        columns: Vec<(FieldMeaning, Option<KeptList<JsonNumber>>)>,
    ) -> Result<Vec<FeatureRow>, Rejection> {
        let of_audio = columns.iter().filter(|(column, _)| may_be_audio(column));
        let Some(count) = of_audio.filter_map(|(_, values)| Some(values.as_ref()?.count)).next() else {
            self.fault(&[], "missing", format!("{NO_COLUMN}, as a list"));
            self.suggest(&self.expected.names.misspelt(), &[]);
            return Ok(Vec::new());
        };
        self.check_count(count)?;
        let mut rows = vec![RawTrack::default(); count];
        let before = self.document.faults.count();
        for (column, values) in columns {
            let Some(values) = values.filter(|values| values.count == count) else {
                let rule = format!("Input should be a list of {count} values, as the others are");
                let name = self.expected.names.name(&column).unwrap_or_default();
                self.fault(&[json!(name)], "list_type", rule);
                continue;
            };
            for (row, value) in rows.iter_mut().zip(values.kept) {
                column.give(row, value);
            }
        }
        if self.document.faults.count() > before {
            return Ok(Vec::new());
        }
        let rows = rows.into_iter().map(Ok).collect();
        self.values(rows, |row| vec![json!(row)], |row, field| vec![json!(field), json!(row)])
    }
}

/// A row that must be a list of so many values.
fn by_length(record: Record, length: usize) -> FormRow {
    match record {
        Record::Values(track, count) if count == length => Ok(track),
        _ => Err(length),
    }
}

/// Whether a column may be an audio feature.
fn may_be_audio(column: &FieldMeaning) -> bool {
    match column {
        FieldMeaning::Feature(feature) => *feature != Feature::Decade,
        FieldMeaning::Column(_) => true,
        FieldMeaning::Misspelt(_) | FieldMeaning::Other => false,
    }
}
