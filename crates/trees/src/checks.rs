//! What every estimator asks of the rows that it is fitted to.

use ndarray::ArrayView2;

use super::MAX_FEATURES;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};

const ROWS: &str = "training rows";

/// A fault of the training rows as a whole.
pub(super) fn refusal(reason: Reason, rule: impl Into<String>, value: impl ToString) -> Error {
    Error::input(Fault::new(Place::table(ROWS), reason, rule).found(value.to_string()))
}

/// Fails where there is no row, more than `most_rows`, no feature or more than [`MAX_FEATURES`], or not one target a row.
pub(super) fn check_shape(rows: usize, features: usize, targets: usize, most_rows: usize) -> Result<()> {
    match () {
        _ if targets != rows => Err(linfa::Error::MismatchedShapes(rows, targets).into()),
        _ if rows == 0 => Err(refusal(Reason::TooFewRows, "expected at least one row", rows)),
        _ if rows > most_rows => Err(refusal(Reason::Setting, format!("expected at most {most_rows} rows"), rows)),
        _ if features == 0 || features > MAX_FEATURES => {
            Err(refusal(Reason::Setting, format!("expected 1 to {MAX_FEATURES} features"), features))
        }
        _ => Ok(()),
    }
}

/// Fails at the first weight that is negative or not finite, and where there is not one a row.
pub(super) fn check_weights(weights: Option<&[f32]>, rows: usize) -> Result<()> {
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != rows {
        return Err(linfa::Error::MismatchedShapes(rows, weights.len()).into());
    }
    match weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
        None => Ok(()),
        Some(row) => {
            let place = Place::table("sample weights").row(row as u64 + 1);
            let fault = Fault::new(place, Reason::NotFinite, "expected a finite number of at least 0");
            Err(Error::input(fault.found(weights[row].to_string())))
        }
    }
}

/// Fails at the first value that is NaN or infinite.
pub(super) fn check_finite(records: ArrayView2<f64>) -> Result<()> {
    check_values(records, "expected a finite number", |value| !value.is_finite())
}

/// Fails at the first value that is infinite; NaN is a missing value.
pub(super) fn check_not_infinite(records: ArrayView2<f64>) -> Result<()> {
    check_values(records, "expected a finite number, or NaN for a missing one", f64::is_infinite)
}

fn check_values(records: ArrayView2<f64>, rule: &str, is_wrong: fn(f64) -> bool) -> Result<()> {
    match records.indexed_iter().find(|(_, &value)| is_wrong(value)) {
        None => Ok(()),
        Some(((row, column), value)) => {
            let place = Place::table(ROWS).row(row as u64 + 1).column(format!("number {}", column + 1));
            Err(Error::input(Fault::new(place, Reason::NotFinite, rule).found(value.to_string())))
        }
    }
}
