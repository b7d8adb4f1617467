//! What every estimator requires of parameters and training rows.

use ndarray::ArrayView2;

use crate::trees::MAX_FEATURES;
use crate::{Result, TreesError};

/// Fails unless a parameter is legal.
pub(crate) fn check_parameter(is_legal: bool, name: &'static str, rule: &str, value: impl ToString) -> Result<()> {
    match is_legal {
        true => Ok(()),
        false => Err(TreesError::parameter(name, rule, value)),
    }
}

/// Fails if a parameter is less than `least`.
pub(crate) fn check_at_least(name: &'static str, value: usize, least: usize) -> Result<()> {
    check_parameter(value >= least, name, &format!("expected a whole number of at least {least}"), value)
}

/// Fails where there is no row, more than `max_rows`, no feature or more than [`MAX_FEATURES`], or not one target a row.
pub(crate) fn check_shape(rows: usize, features: usize, targets: usize, max_rows: usize) -> Result<()> {
    let shape = |rule, value| Err(TreesError::Shape { rule, value });
    match () {
        _ if targets != rows => Err(linfa::Error::MismatchedShapes(rows, targets).into()),
        _ if rows == 0 => Err(TreesError::TooFewRows { rule: "expected at least one row".to_owned(), value: rows }),
        _ if rows > max_rows => shape(format!("expected at most {max_rows} rows"), rows),
        _ if features == 0 || features > MAX_FEATURES => {
            shape(format!("expected 1 to {MAX_FEATURES} features"), features)
        }
        _ => Ok(()),
    }
}

/// Fails if no training row has a weight above 0.
pub(crate) fn check_any_row(rows: usize) -> Result<()> {
    match rows {
        0 => Err(TreesError::TooFewRows { rule: "expected at least one row of a weight above 0".to_owned(), value: 0 }),
        _ => Ok(()),
    }
}

/// Fails at the first weight that is negative or not finite, and where there is not one a row.
pub(crate) fn check_weights(weights: Option<&[f32]>, rows: usize) -> Result<()> {
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != rows {
        return Err(linfa::Error::MismatchedShapes(rows, weights.len()).into());
    }
    match weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
        None => Ok(()),
        Some(row) => {
            let rule = "expected a finite number of at least 0".to_owned();
            Err(TreesError::Weight { row, rule, value: weights[row] })
        }
    }
}

/// Fails at the first value that is infinite; NaN is a missing value.
pub(crate) fn check_not_infinite(records: ArrayView2<f64>) -> Result<()> {
    match records.indexed_iter().find(|(_, value)| value.is_infinite()) {
        None => Ok(()),
        Some(((row, column), &value)) => {
            let rule = "expected a finite number, or NaN for a missing one".to_owned();
            Err(TreesError::Value { row, column, rule, value })
        }
    }
}
