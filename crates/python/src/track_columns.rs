//! Tables of tracks in memory, as the reader of values takes them.

use hitflop_core::reader::name::{self, ColumnRole};
use hitflop_core::reader::{Cell, Table};
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyList;

use arrow_array::{Array, BooleanArray, Float64Array, StringViewArray};

use crate::arrow_columns;
use crate::errors::HitflopError;
use crate::objects::{self, ObjectCell};

/// The values of one column.
#[derive(Debug)]
pub(crate) enum ColumnValues {
    /// Numbers.
    Numbers(Float64Array),
    /// Numbers without a null; NaN is missing.
    Plain(Vec<f64>),
    /// Truth values.
    Truths(BooleanArray),
    /// Texts.
    Texts(StringViewArray),
    /// Values of several types.
    Objects(Vec<ObjectCell>),
    /// Lists or structs.
    Nested,
    /// A column that is no feature by its name, or without a value.
    Nothing,
}

impl ColumnValues {
    #[inline]
    fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            ColumnValues::Plain(values) => Cell::Number(values[row]),
            ColumnValues::Numbers(values) if values.is_valid(row) => Cell::Number(values.value(row)),
            ColumnValues::Truths(values) if values.is_valid(row) => Cell::Bool(values.value(row)),
            ColumnValues::Texts(values) if values.is_valid(row) => Cell::Text(values.value(row)),
            ColumnValues::Objects(values) => values[row].cell(),
            ColumnValues::Nested => Cell::Nested,
            ColumnValues::Numbers(_) | ColumnValues::Truths(_) | ColumnValues::Texts(_) | ColumnValues::Nothing => {
                Cell::Missing
            }
        }
    }
}

/// A table of tracks: columns by name, all of the same length.
#[pyclass(module = "hitflop._hitflop", frozen)]
#[derive(Debug)]
pub struct TrackColumns {
    names: Vec<String>,
    values: Vec<ColumnValues>,
    rows: usize,
}

impl TrackColumns {
    pub(crate) fn new(names: Vec<String>, values: Vec<ColumnValues>, rows: usize) -> TrackColumns {
        TrackColumns { names, values, rows }
    }
}

impl Table for TrackColumns {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.rows
    }

    #[inline]
    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        self.values[column].cell(row)
    }
}

#[pymethods]
impl TrackColumns {
    /// A table from an object with the Arrow PyCapsule interface. Only columns that can be features are converted, and those
    /// named in `mapped`.
    #[staticmethod]
    fn from_arrow(data: &Bound<'_, PyAny>, mapped: Vec<String>) -> PyResult<TrackColumns> {
        arrow_columns::read(data, &mapped)
    }

    /// A table from columns: one-dimensional arrays of 64-bit floats, lists of any values, or None for a column that is not
    /// read.
    #[staticmethod]
    fn from_columns(names: Vec<String>, columns: Vec<Bound<'_, PyAny>>, rows: usize) -> PyResult<TrackColumns> {
        let values = columns.iter().zip(&names).map(|(column, name)| column_values(column, name, rows));
        Ok(TrackColumns { values: values.collect::<PyResult<_>>()?, names, rows })
    }

    /// A table from a matrix, the columns of which are `names`.
    #[staticmethod]
    fn from_matrix(names: Vec<String>, matrix: PyReadonlyArray2<'_, f64>) -> PyResult<TrackColumns> {
        let matrix = matrix.as_array();
        if matrix.ncols() != names.len() {
            let rule = format!("expected {} columns, in the order {}", names.len(), names.join(", "));
            return Err(HitflopError::new_err(format!("tracks: {rule}, found \"{}\"", matrix.ncols())));
        }
        let rows = matrix.nrows();
        let values = matrix.columns().into_iter().map(|column| ColumnValues::Plain(column.to_vec())).collect();
        Ok(TrackColumns { names, values, rows })
    }

    fn __len__(&self) -> usize {
        self.rows
    }
}

fn column_values(column: &Bound<'_, PyAny>, name: &str, rows: usize) -> PyResult<ColumnValues> {
    let values = if column.is_none() {
        return Ok(ColumnValues::Nothing);
    } else if let Ok(numbers) = column.extract::<PyReadonlyArray1<'_, f64>>() {
        let numbers = numbers.as_array().to_vec();
        check_length(name, numbers.len(), rows)?;
        ColumnValues::Plain(numbers)
    } else {
        let list = column.cast::<PyList>()?;
        check_length(name, list.len(), rows)?;
        objects::column(list)?
    };
    Ok(values)
}

fn check_length(name: &str, found: usize, rows: usize) -> PyResult<()> {
    match found == rows {
        true => Ok(()),
        false => {
            let rule = format!("expected {rows} values, as in the first column");
            Err(HitflopError::new_err(format!("tracks, column {name}: {rule}, found \"{found}\"")))
        }
    }
}

/// Whether the values of a column with this name can matter: it may be a feature, or the year or date of the release.
#[pyfunction]
pub(crate) fn is_read(name: &str) -> bool {
    matches!(name::meaning(name).role, ColumnRole::Feature(_) | ColumnRole::Year | ColumnRole::ReleaseDate)
}
