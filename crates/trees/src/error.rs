//! The errors of this crate.

use crate::InvalidTree;

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, TreesError>;

/// Why an estimator cannot be fitted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreesError {
    /// A parameter is outside its range, or does not go with another one.
    #[error("{name}: {rule}, found {value:?}")]
    Parameter {
        /// Name of the parameter, as it is set: `max_depth`, `early_stopping.rounds`.
        name: &'static str,
        /// What was expected.
        rule: String,
        /// What was found.
        value: String,
    },
    /// The training rows have a shape that the estimator cannot be fitted to: no feature, or too many rows or features.
    #[error("training rows: {rule}, found \"{value}\"")]
    Shape {
        /// What was expected.
        rule: String,
        /// Number of rows or features that was found.
        value: usize,
    },
    /// There are fewer training rows than a fit needs.
    #[error("training rows: {rule}, found \"{value}\"")]
    TooFewRows {
        /// What was expected.
        rule: String,
        /// Number of rows that was found.
        value: usize,
    },
    /// The estimator takes no weights but 1.
    #[error("training rows: {rule}, found \"{value}\"")]
    Weighted {
        /// What was expected.
        rule: String,
        /// The first weight other than 1.
        value: f32,
    },
    /// The weight of a row is negative or not finite.
    #[error("sample weights, row {}: {rule}, found \"{value}\"", row + 1)]
    Weight {
        /// Index of the row, from 0.
        row: usize,
        /// What was expected.
        rule: String,
        /// The invalid weight.
        value: f32,
    },
    /// The value of a feature is infinite.
    #[error("training rows, row {}, column number {}: {rule}, found \"{value}\"", row + 1, column + 1)]
    Value {
        /// Index of the row, from 0.
        row: usize,
        /// Index of the column, from 0.
        column: usize,
        /// What was expected.
        rule: String,
        /// The invalid value.
        value: f64,
    },
    /// A margin by which the weights of a blend are found is not finite.
    #[error("margins, row {}, member {}: {rule}, found \"{value}\"", row + 1, member + 1)]
    Margin {
        /// Index of the row, from 0.
        row: usize,
        /// Index of the member, from 0.
        member: usize,
        /// What was expected.
        rule: String,
        /// The invalid margin.
        value: f64,
    },
    /// The weights of a blend were not found; margins of very different size may be the cause.
    #[error("weights of the blend: expected a minimum within {steps} steps, found a derivative of {slope:e}")]
    NotConverged {
        /// Most steps.
        steps: usize,
        /// The greatest derivative that is left.
        slope: f64,
    },
    /// An index of a validation row is out of range or not greater than the one before it.
    #[error("validation rows, row {}: {rule}, found \"{value}\"", position + 1)]
    ValidationRow {
        /// Position among the validation rows, from 0.
        position: usize,
        /// What was expected.
        rule: String,
        /// The invalid index of a row.
        value: usize,
    },
    /// The grown nodes are no trees; a defect of this crate, or of a binning that is not the one that they were grown on.
    #[error("the grown trees are invalid: {0}")]
    InvalidTrees(#[from] InvalidTree),
    /// linfa or linfa-trees refused the data, for example targets and rows of different number.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

impl TreesError {
    /// A parameter outside its range.
    pub(crate) fn parameter(name: &'static str, rule: impl Into<String>, value: impl ToString) -> TreesError {
        TreesError::Parameter { name, rule: rule.into(), value: value.to_string() }
    }
}
