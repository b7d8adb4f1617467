//! Rows in memory, of whatever format.

use std::borrow::Cow;

use hitflop_core::reader::{Cell, Table};

use super::delimited::DelimitedTable;
use super::json_table::JsonTable;
use super::parquet::ParquetTable;

/// The rows of a file, each value as it is there.
#[derive(Clone, Debug)]
pub enum TableData {
    /// CSV and its relatives.
    Delimited(DelimitedTable),
    /// JSON in any shape.
    Json(JsonTable),
    /// Parquet.
    Parquet(ParquetTable),
}

impl Table for TableData {
    fn columns(&self) -> &[String] {
        match self {
            TableData::Delimited(table) => table.columns(),
            TableData::Json(table) => table.columns(),
            TableData::Parquet(table) => table.columns(),
        }
    }

    fn rows(&self) -> usize {
        match self {
            TableData::Delimited(table) => table.rows(),
            TableData::Json(table) => table.rows(),
            TableData::Parquet(table) => table.rows(),
        }
    }

    #[inline]
    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match self {
            TableData::Delimited(table) => table.cell(row, column),
            TableData::Json(table) => table.cell(row, column),
            TableData::Parquet(table) => table.cell(row, column),
        }
    }

    fn numbers(&self, column: usize, first: usize, numbers: &mut [f64]) -> bool {
        match self {
            TableData::Parquet(table) => table.numbers(column, first, numbers),
            TableData::Delimited(_) | TableData::Json(_) => false,
        }
    }
}

impl TableData {
    /// A value as text, empty if it is missing; a list or an object as JSON.
    ///
    /// # Panics
    /// There is no such row or column.
    pub fn text(&self, row: usize, column: usize) -> Cow<'_, str> {
        if let TableData::Parquet(table) = self {
            return table.text(row, column);
        }
        match (self, self.cell(row, column)) {
            (_, Cell::Text(text)) => Cow::Borrowed(text),
            (_, Cell::Missing) => Cow::Borrowed(""),
            (_, Cell::Bool(value)) => Cow::Borrowed(if value { "true" } else { "false" }),
            (_, Cell::Number(number)) => Cow::Owned(number.to_string()),
            (TableData::Json(table), Cell::Nested) => Cow::Borrowed(table.nested(row, column)),
            (_, Cell::Nested) => Cow::Borrowed(""),
        }
    }

    /// The number of a row in its file, the first being 1.
    pub fn row_number(&self, row: usize) -> u64 {
        match self {
            TableData::Json(table) => table.row_number(row),
            TableData::Delimited(table) => table.first() + row as u64 + 1,
            TableData::Parquet(table) => table.first() + row as u64 + 1,
        }
    }
}
