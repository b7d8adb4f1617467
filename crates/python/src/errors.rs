//! Errors of the library as exceptions of Python.

use hitflop_core::error::{Error, Place};
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

create_exception!(
    hitflop,
    HitflopError,
    PyValueError,
    "Input that is not as expected: the message says place, rule, value and what to do."
);

/// The error as an exception. Settings are called by the names of arguments: `allow_missing`.
pub(crate) fn exception(error: Error) -> PyErr {
    let place = |place: &Place| match place {
        Place::Setting(name) => name.replace('-', "_"),
        other => other.to_string(),
    };
    HitflopError::new_err(error.message(place))
}

/// An exception for a failure of a library below.
pub(crate) fn failed(what: &str, why: impl std::fmt::Display) -> PyErr {
    HitflopError::new_err(format!("{what}: {why}"))
}
