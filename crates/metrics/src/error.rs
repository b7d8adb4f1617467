//! Errors of this crate.

use std::fmt;

use crate::threshold::Objective;

/// Why something cannot be computed.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricsError {
    /// A parameter is outside its range.
    Parameter {
        /// Name of the parameter: `folds`.
        name: &'static str,
        /// What was expected.
        rule: String,
        /// What was given.
        value: String,
    },
    /// The rows cannot be split as requested.
    Rows {
        /// Which rows: `training rows`.
        rows: &'static str,
        /// What was expected.
        rule: String,
        /// What was given, such as the number of rows.
        value: String,
    },
    /// No threshold reaches the requested precision.
    UnreachablePrecision {
        /// The objective with that precision.
        objective: Objective,
        /// The maximum precision over all thresholds.
        greatest: f64,
    },
}

/// What the fallible functions of this crate return.
pub type Result<T> = std::result::Result<T, MetricsError>;

impl MetricsError {
    /// What was expected.
    pub fn rule(&self) -> String {
        match self {
            MetricsError::Parameter { rule, .. } | MetricsError::Rows { rule, .. } => rule.clone(),
            MetricsError::UnreachablePrecision { greatest, .. } => format!(
                "expected a precision that some threshold reaches on the out-of-fold predictions of the training rows; the \
                 greatest is {greatest:.4}"
            ),
        }
    }
}

impl fmt::Display for MetricsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (place, value) = match self {
            MetricsError::Parameter { name, value, .. } => (*name, value.clone()),
            MetricsError::Rows { rows, value, .. } => (*rows, value.clone()),
            MetricsError::UnreachablePrecision { objective, .. } => ("threshold", objective.to_string()),
        };
        write!(f, "{place}: {}, found {value:?}", self.rule())
    }
}

impl std::error::Error for MetricsError {}
