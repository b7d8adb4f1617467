//! Rows of a request as a table, so that the reader decides on whole columns what they mean, as it does for files.

use std::sync::Arc;

use super::field_names::{ColumnId, FieldNames};
use super::json_number::JsonNumber;
use super::raw_track::RawTrack;
use hitflop_core::reader::{Cell, Table};
use hitflop_core::track::Feature;

/// Rows by the names of their fields.
pub(crate) struct RowTable<'r> {
    names: Vec<String>,
    sources: Vec<ColumnSource>,
    rows: Vec<&'r RawTrack>,
}

/// The field of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ColumnSource {
    /// A feature by its documented name.
    Feature(Feature),
    /// A field of another name that may be one.
    Other(ColumnId, Arc<str>),
}

impl ColumnSource {
    /// The name of the field.
    pub(crate) fn name(&self) -> &str {
        match self {
            ColumnSource::Feature(feature) => feature.name(),
            ColumnSource::Other(_, name) => name,
        }
    }
}

impl<'r> RowTable<'r> {
    /// The table of rows whose fields have `names`: the features that some row has, then the other fields in the order in which
    /// they are first seen.
    pub(crate) fn new(rows: Vec<&'r RawTrack>, names: &FieldNames) -> RowTable<'r> {
        let has = |feature: &Feature| rows.iter().any(|row| row.has(*feature));
        let mut sources: Vec<ColumnSource> = Feature::ALL.into_iter().filter(has).map(ColumnSource::Feature).collect();
        let others = names.columns();
        let mut is_listed = vec![false; others.len()];
        for id in rows.iter().flat_map(|row| row.columns()).map(|(id, _)| *id) {
            if !std::mem::replace(&mut is_listed[id], true) {
                sources.push(ColumnSource::Other(id, Arc::clone(&others[id])));
            }
        }
        RowTable { names: sources.iter().map(|source| source.name().to_owned()).collect(), sources, rows }
    }

    /// The field of a column, counted from 0.
    pub(crate) fn source(&self, column: usize) -> &ColumnSource {
        &self.sources[column]
    }

    /// A row, counted from 0.
    pub(crate) fn row(&self, row: usize) -> &'r RawTrack {
        self.rows[row]
    }
}

impl Table for RowTable<'_> {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match &self.sources[column] {
            ColumnSource::Feature(feature) => self.rows[row].cell(*feature),
            ColumnSource::Other(id, _) => self.rows[row].column(*id).map_or(Cell::Missing, JsonNumber::cell),
        }
    }
}
