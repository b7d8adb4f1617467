//! Pearson and Spearman correlation of every pair of columns.

use serde::Serialize;

/// A symmetric matrix of correlations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorrelationMatrix {
    /// Columns: the features in the order of [`crate::track::Feature::ALL`], then `target`.
    pub names: Vec<String>,
    /// `values[i][j]` is the correlation of column `i` with column `j`; NaN where a column is constant.
    pub values: Vec<Vec<f64>>,
}
