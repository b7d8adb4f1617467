//! What the columns of a request mean, and what is reported of them.

use std::sync::Arc;

use serde_json::{json, Value};

use super::field_names::may_be_feature;
use crate::answer::faults::Detail;
use crate::answer::rejection::Rejection;
use crate::answer::warning::WarningKind;
use hitflop_core::error::{Error, Place, Reason};
use hitflop_core::reader::mapping::{
    ColumnMapping, ColumnUse, MappedColumn, MappingOptions, MappingReason, UndecidedUnit,
};
use hitflop_core::reader::value::{is_missing, DecimalMark};
use hitflop_core::reader::{Cell, Table};
use hitflop_core::track::Feature;

/// Maximum number of columns that are reported.
const MAX_NOTES: usize = 32;

/// The columns of a request as the reader understands them.
pub(crate) struct RequestColumns {
    pub mapping: ColumnMapping,
    /// Whether every value that is used is under its documented name and in its documented unit.
    pub is_plain: bool,
    /// Columns that are reported: by position, what is done with each.
    notes: Vec<(usize, ColumnNote)>,
}

/// A column that was found under another name or in another unit, that could be a feature and is not used, or whose value is
/// replaced.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ColumnNote {
    pub kind: WarningKind,
    pub field: Arc<str>,
    pub msg: Arc<str>,
}

impl RequestColumns {
    /// Decides on the columns of `table`, whose numbers have `decimal_mark`. A column whose unit is not known is not used, and reported.
    ///
    /// # Errors
    /// A name occurs twice, or two columns for one feature disagree.
    pub(crate) fn decide(table: &dyn Table, decimal_mark: DecimalMark) -> Result<RequestColumns, Rejection> {
        let options = MappingOptions { undecided: UndecidedUnit::Ignored, decimal_mark, ..MappingOptions::default() };
        let place = Place::table("body");
        let mapping = ColumnMapping::decide(table, &options, &place, None).map_err(|error| refused(&error))?;
        let columns = mapping.columns();
        let is_plain = columns.iter().all(|column| {
            !matches!(column.used_as, Some(ColumnUse::Feature(_)))
                || (column.reason == MappingReason::Exact && column.conversion.is_none())
        });
        let notable = columns.iter().filter(|column| column.is_notable() && may_be_feature(&column.column));
        let notes = notable.map(|column| (column.position, note(column)));
        let notes = notes.take(MAX_NOTES).collect();
        Ok(RequestColumns { is_plain, notes, mapping })
    }

    /// What is reported of the columns that have a value in a row, counted from 0.
    pub(crate) fn notes<'n>(&'n self, table: &'n dyn Table, row: usize) -> impl Iterator<Item = ColumnNote> + 'n {
        let has_value = move |position: usize| match table.cell(row, position) {
            Cell::Missing => false,
            Cell::Text(text) => !is_missing(text),
            _ => true,
        };
        self.notes.iter().filter(move |(position, _)| has_value(*position)).map(|(_, note)| note.clone())
    }

    /// What is reported of all columns.
    pub(crate) fn all_notes(&self) -> impl Iterator<Item = &ColumnNote> {
        self.notes.iter().map(|(_, note)| note)
    }

    /// Whether any column may give an audio feature.
    pub(crate) fn give_audio(&self) -> bool {
        Feature::AUDIO.iter().any(|feature| self.mapping.gives(*feature))
    }
}

fn note(column: &MappedColumn) -> ColumnNote {
    let name = &column.column;
    let msg = match (column.used_as, column.conversion, &column.instead) {
        (Some(used), Some(conversion), _) => format!("{name:?} is read as {used}: {}", conversion.describe()),
        (Some(used), None, _) => format!("{name:?} is read as {used}"),
        (None, _, Some(other)) => format!("{name:?} is not used: {other:?} is used instead"),
        (None, _, None) => format!("{name:?} is not used: {}", column.reason.describe()),
    };
    let kind = if column.used_as.is_some() { WarningKind::RenamedField } else { WarningKind::IgnoredField };
    ColumnNote { kind, field: name.as_str().into(), msg: msg.into() }
}

/// The faults of columns that the reader refuses. Settings that a file can have are none of a request's.
fn refused(error: &Error) -> Rejection {
    let Error::Input(faults, _) = error else {
        tracing::error!(%error, "the columns of a request cannot be read");
        return Rejection::Internal;
    };
    let of_table = faults.iter().filter(|fault| matches!(fault.place, Place::Table { .. }));
    let fault = |fault: &hitflop_core::error::Fault| {
        let (_, column) = fault.place.cell();
        let loc = [json!("body")].into_iter().chain(column.map(Value::from)).collect();
        let (kind, rule) = match fault.reason {
            Reason::DuplicateColumn => ("duplicate_column", "The column occurs twice".to_owned()),
            _ => ("conflicting_columns", fault.rule.clone()),
        };
        Detail::new(kind, loc, rule, &json!(column))
    };
    Rejection::Invalid(of_table.map(fault).collect())
}
