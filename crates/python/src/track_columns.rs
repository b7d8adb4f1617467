//! Tables of tracks in memory, as the reader of values takes them.

use std::sync::Arc;

use hitflop_core::reader::name::{self, ColumnRole};
use hitflop_core::reader::{Cell, Table};
use ndarray::parallel::prelude::*;
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyList;

use arrow_array::{Array, BooleanArray, Float64Array, StringViewArray};

use crate::arrow_columns;
use crate::errors::HitflopError;
use crate::objects::{self, ObjectCell};

/// Rows of a matrix that a thread copies at once.
const ROWS_AT_ONCE: usize = 1 << 14;

/// The values of one column.
#[derive(Debug)]
pub(crate) enum ColumnValues {
    /// Numbers.
    Numbers(Float64Array),
    /// Numbers without a null; NaN is missing.
    Plain(Vec<f64>),
    /// As [`ColumnValues::Plain`], of a matrix.
    OfMatrix(Arc<Array2<f64>>, usize),
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
            ColumnValues::OfMatrix(matrix, column) => Cell::Number(matrix[[row, *column]]),
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

    /// As [`Table::numbers`].
    fn numbers(&self, first: usize, numbers: &mut [f64]) -> bool {
        let rows = first..first + numbers.len();
        match self {
            ColumnValues::Plain(values) => numbers.copy_from_slice(&values[rows]),
            ColumnValues::OfMatrix(matrix, column) => {
                let values = matrix.column(*column);
                numbers.iter_mut().zip(values.slice_axis(Axis(0), rows.into())).for_each(|(to, value)| *to = *value);
            }
            ColumnValues::Numbers(values) => {
                numbers.copy_from_slice(&values.values()[rows.clone()]);
                if values.null_count() > 0 {
                    let missing = numbers.iter_mut().zip(rows).filter(|(_, row)| values.is_null(*row));
                    missing.for_each(|(to, _)| *to = f64::NAN);
                }
            }
            _ => return false,
        }
        true
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

    fn numbers(&self, column: usize, first: usize, numbers: &mut [f64]) -> bool {
        self.values[column].numbers(first, numbers)
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
    fn from_columns(
        py: Python<'_>,
        names: Vec<String>,
        columns: Vec<Bound<'_, PyAny>>,
        rows: usize,
    ) -> PyResult<TrackColumns> {
        let given = columns.iter().zip(&names).map(|(column, name)| GivenColumn::of(column, name, rows));
        let given = given.collect::<PyResult<Vec<GivenColumn>>>()?;
        let numbers: Vec<Option<ArrayView1<f64>>> = given.iter().map(GivenColumn::numbers).collect();
        // The threads share the copying.
        let copies: Vec<Option<Vec<f64>>> =
            py.detach(|| numbers.into_par_iter().map(|numbers| numbers.map(|numbers| numbers.to_vec())).collect());
        let values = given.into_iter().zip(copies).map(|(given, copy)| match (given, copy) {
            (GivenColumn::Read(values), _) => values,
            (GivenColumn::Array(_), copy) => ColumnValues::Plain(copy.unwrap_or_default()),
        });
        Ok(TrackColumns { values: values.collect(), names, rows })
    }

    /// A table from a matrix, the columns of which are `names`.
    #[staticmethod]
    fn from_matrix(py: Python<'_>, names: Vec<String>, matrix: PyReadonlyArray2<'_, f64>) -> PyResult<TrackColumns> {
        let matrix = matrix.as_array();
        if matrix.ncols() != names.len() {
            let rule = format!("expected {} columns, in the order {}", names.len(), names.join(", "));
            return Err(HitflopError::new_err(format!("tracks: {rule}, found \"{}\"", matrix.ncols())));
        }
        let (rows, columns) = matrix.dim();
        let matrix = Arc::new(py.detach(|| copied(matrix)));
        let values = (0..columns).map(|column| ColumnValues::OfMatrix(matrix.clone(), column)).collect();
        Ok(TrackColumns { names, values, rows })
    }

    fn __len__(&self) -> usize {
        self.rows
    }
}

/// A matrix of the same values. The threads share the copying.
fn copied(matrix: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut own = Array2::zeros(matrix.dim());
    let parts = own.axis_chunks_iter_mut(Axis(0), ROWS_AT_ONCE).into_par_iter();
    parts.zip(matrix.axis_chunks_iter(Axis(0), ROWS_AT_ONCE)).for_each(|(mut own, part)| own.assign(&part));
    own
}

/// A column as it was given.
enum GivenColumn<'py> {
    /// Numbers that are to be copied.
    Array(PyReadonlyArray1<'py, f64>),
    /// Other values.
    Read(ColumnValues),
}

impl<'py> GivenColumn<'py> {
    fn of(column: &Bound<'py, PyAny>, name: &str, rows: usize) -> PyResult<GivenColumn<'py>> {
        if column.is_none() {
            return Ok(GivenColumn::Read(ColumnValues::Nothing));
        }
        if let Ok(numbers) = column.extract::<PyReadonlyArray1<'py, f64>>() {
            check_length(name, numbers.as_array().len(), rows)?;
            return Ok(GivenColumn::Array(numbers));
        }
        let list = column.cast::<PyList>()?;
        check_length(name, list.len(), rows)?;
        Ok(GivenColumn::Read(objects::column(list)?))
    }

    fn numbers(&self) -> Option<ArrayView1<'_, f64>> {
        match self {
            GivenColumn::Array(numbers) => Some(numbers.as_array()),
            GivenColumn::Read(_) => None,
        }
    }
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
