//! Rows of Parquet files in memory.

use std::borrow::Cow;

use polars::prelude::*;

use super::parquet_column::{self, ParquetColumn};
use hitflop_core::reader::{Cell, Table};

/// A table whose columns have types.
#[derive(Clone, Debug)]
pub struct ParquetTable {
    names: Vec<String>,
    columns: Vec<ParquetColumn>,
    /// Number of rows of the file before the first.
    first: u64,
    frame: DataFrame,
}

impl Table for ParquetTable {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.frame.height()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match &self.columns[column] {
            ParquetColumn::Real(values) => values.get(row).map_or(Cell::Missing, Cell::Number),
            ParquetColumn::Short(values) => values.get(row).map_or(Cell::Missing, |value| Cell::Number(value.into())),
            ParquetColumn::Whole(values) => values.get(row).map_or(Cell::Missing, |value| Cell::Number(value as f64)),
            ParquetColumn::Unsigned(values) => {
                values.get(row).map_or(Cell::Missing, |value| Cell::Number(value as f64))
            }
            ParquetColumn::Bool(values) => values.get(row).map_or(Cell::Missing, Cell::Bool),
            ParquetColumn::Text(values) => values.get(row).map_or(Cell::Missing, Cell::Text),
            ParquetColumn::Nothing => Cell::Missing,
        }
    }

    fn numbers(&self, column: usize, first: usize, numbers: &mut [f64]) -> bool {
        self.columns[column].numbers(first, numbers)
    }
}

impl ParquetTable {
    /// The rows of `frame`, before which the file has `first` ones. Its columns are those at `positions` of `names`; the others have
    /// no values.
    pub(super) fn new(
        names: Vec<String>,
        positions: &[usize],
        frame: DataFrame,
        first: u64,
    ) -> PolarsResult<ParquetTable> {
        let mut columns: Vec<ParquetColumn> = names.iter().map(|_| ParquetColumn::Nothing).collect();
        for (position, column) in positions.iter().zip(frame.columns()) {
            columns[*position] = parquet_column::typed(column)?;
        }
        Ok(ParquetTable { names, columns, first, frame })
    }

    /// Number of rows of the file before the first.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The table as Polars has it.
    pub(super) fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// A value as text, empty if it is missing.
    pub(super) fn text(&self, row: usize, column: usize) -> Cow<'_, str> {
        fn owned<T: ToString>(value: Option<T>) -> Cow<'static, str> {
            Cow::Owned(value.map(|value| value.to_string()).unwrap_or_default())
        }
        match &self.columns[column] {
            ParquetColumn::Real(values) => owned(values.get(row)),
            ParquetColumn::Short(values) => owned(values.get(row)),
            ParquetColumn::Whole(values) => owned(values.get(row)),
            ParquetColumn::Unsigned(values) => owned(values.get(row)),
            ParquetColumn::Bool(values) => owned(values.get(row)),
            ParquetColumn::Text(values) => Cow::Borrowed(values.get(row).unwrap_or_default()),
            ParquetColumn::Nothing => Cow::Borrowed(""),
        }
    }
}
