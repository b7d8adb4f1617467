//! Pearson and Spearman correlation of every pair of columns.

use polars::prelude::*;
use serde::Serialize;

use crate::engine::EngineResult;
use hitflop_core::error::Result;
use hitflop_core::track::{Feature, TARGET};

/// A symmetric matrix of correlations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorrelationMatrix {
    /// Columns: the features in the order of [`hitflop_core::track::Feature::ALL`], then `target`.
    pub names: Vec<String>,
    /// `values[i][j]` is the correlation of column `i` with column `j`; NaN where a column is constant.
    pub values: Vec<Vec<f64>>,
}

/// Pearson's and Spearman's correlation of every pair of numeric columns of `numbers`
/// ([`crate::ingest::tracks::TrackTable::numbers`]).
///
/// Spearman's is Pearson's on ranks, ties sharing their mean rank.
///
/// # Errors
/// A column is missing.
pub fn correlate(numbers: &DataFrame) -> Result<(CorrelationMatrix, CorrelationMatrix)> {
    let values = columns().map(|name| col(name).cast(DataType::Float64));
    let average = RankOptions { method: RankMethod::Average, descending: false };
    let ranks = columns().map(|name| col(name).rank(average, None).cast(DataType::Float64));
    let values = numbers.clone().lazy().select(values.collect::<Vec<_>>()).collect().engine()?;
    let ranks = numbers.clone().lazy().select(ranks.collect::<Vec<_>>()).collect().engine()?;
    Ok((pearson(&values)?, pearson(&ranks)?))
}

fn columns() -> impl Iterator<Item = &'static str> {
    Feature::ALL.into_iter().map(Feature::name).chain([TARGET])
}

fn pearson(values: &DataFrame) -> Result<CorrelationMatrix> {
    let names: Vec<&str> = columns().collect();
    let pairs: Vec<(usize, usize)> = (0..names.len()).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
    let correlation = |&(i, j): &(usize, usize)| {
        pearson_corr(col(names[i]), col(names[j])).alias(format!("{} {}", names[i], names[j]))
    };
    let table = values.clone().lazy().select(pairs.iter().map(correlation).collect::<Vec<_>>()).collect().engine()?;

    let mut matrix = vec![vec![f64::NAN; names.len()]; names.len()];
    let varies: Vec<bool> = names.iter().map(|name| varies(values, name)).collect::<Result<_>>()?;
    for (&(i, j), column) in pairs.iter().zip(table.columns()) {
        let value = column.f64().engine()?.get(0).filter(|_| varies[i] && varies[j]).unwrap_or(f64::NAN);
        matrix[i][j] = value;
        matrix[j][i] = value;
    }
    for (index, varies) in varies.iter().enumerate() {
        matrix[index][index] = if *varies { 1.0 } else { f64::NAN };
    }
    Ok(CorrelationMatrix { names: names.into_iter().map(str::to_owned).collect(), values: matrix })
}

/// Whether a column holds two different values. Rounding gives a constant a deviation that is not quite 0.
fn varies(values: &DataFrame, name: &str) -> Result<bool> {
    let column = values.column(name).engine()?.f64().engine()?;
    Ok(column.min() != column.max())
}

impl CorrelationMatrix {
    /// The correlation of two columns, if both are there.
    pub fn between(&self, a: &str, b: &str) -> Option<f64> {
        let position = |name: &str| self.names.iter().position(|found| found == name);
        Some(self.values[position(a)?][position(b)?])
    }
}
