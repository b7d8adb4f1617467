//! Columns of Python objects.

use hitflop_core::reader::Cell;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyList, PyString, PyTuple};

use crate::track_columns::ColumnValues;

/// A value of a column of several types.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ObjectCell {
    /// None.
    Missing,
    /// A truth value.
    Truth(bool),
    /// A number.
    Number(f64),
    /// A text, also of a date.
    Text(String),
    /// A list, a tuple or a dictionary.
    Nested,
}

impl ObjectCell {
    #[inline]
    pub(crate) fn cell(&self) -> Cell<'_> {
        match self {
            ObjectCell::Missing => Cell::Missing,
            ObjectCell::Truth(truth) => Cell::Bool(*truth),
            ObjectCell::Number(number) => Cell::Number(*number),
            ObjectCell::Text(text) => Cell::Text(text),
            ObjectCell::Nested => Cell::Nested,
        }
    }

    fn of(value: &Bound<'_, PyAny>) -> PyResult<ObjectCell> {
        if value.is_none() {
            return Ok(ObjectCell::Missing);
        }
        if let Ok(truth) = value.cast::<PyBool>() {
            return Ok(ObjectCell::Truth(truth.is_true()));
        }
        if let Ok(text) = value.cast::<PyString>() {
            return Ok(ObjectCell::Text(text.to_string()));
        }
        if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() || value.is_instance_of::<PyDict>() {
            return Ok(ObjectCell::Nested);
        }
        // Numbers of any kind: int, Decimal, Fraction, numpy's. Dates and pandas' NA have no such value.
        match value.extract::<f64>() {
            Ok(number) => Ok(ObjectCell::Number(number)),
            Err(_) => Ok(ObjectCell::Text(value.str()?.to_string())),
        }
    }
}

/// The values of a list; a column of floats and None as numbers.
pub(crate) fn column(list: &Bound<'_, PyList>) -> PyResult<ColumnValues> {
    let number = |value: Bound<'_, PyAny>| match value.cast::<PyFloat>() {
        Ok(number) => Some(number.value()),
        Err(_) => value.is_none().then_some(f64::NAN),
    };
    if let Some(numbers) = list.iter().map(number).collect::<Option<Vec<f64>>>() {
        return Ok(ColumnValues::Plain(numbers));
    }
    let cells = list.iter().map(|value| ObjectCell::of(&value)).collect::<PyResult<Vec<ObjectCell>>>()?;
    Ok(ColumnValues::Objects(cells))
}
