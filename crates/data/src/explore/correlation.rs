//! Pearson and Spearman correlation of every pair of columns.

use polars::prelude::*;
use rayon::prelude::*;
use serde::Serialize;

use super::columns::constant;
use super::ranks::mean_ranks;
use crate::engine::EngineResult;
use hitflop_core::error::Result;
use hitflop_core::track::{Feature, TARGET};

/// A symmetric matrix of correlations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorrelationMatrix {
    /// Columns: the features of which a track has a value, in the order of [`Feature::ALL`], then `target`.
    pub names: Vec<String>,
    /// `values[i][j]` is the correlation of column `i` with column `j` over the rows that have a value of both; NaN where either is
    /// constant there.
    pub values: Vec<Vec<f64>>,
}

/// Pearson's and Spearman's correlation of every pair of numeric columns of `numbers`
/// ([`crate::ingest::tracks::TrackTable::numbers`]).
///
/// Each pair is correlated over the rows that have a value of both (pairwise complete rows, as in pandas). Spearman's is Pearson's on
/// the ranks among those rows, ties sharing their mean rank.
///
/// # Errors
/// A column is missing.
pub fn correlate(numbers: &DataFrame) -> Result<(CorrelationMatrix, CorrelationMatrix)> {
    let names = known_columns(numbers)?;
    let has_missing = |name: &&str| numbers.column(name).is_ok_and(|column| column.null_count() > 0);
    if names.iter().any(has_missing) {
        return correlate_pairs(numbers, &names);
    }
    let values = names.iter().map(|name| col(*name).cast(DataType::Float64));
    let values = numbers.clone().lazy().select(values.collect::<Vec<_>>()).collect().engine()?;
    Ok((pearson(&values, &names)?, pearson(&ranks(&values, &names)?, &names)?))
}

/// The mean ranks of the values of each column, none of which is missing.
fn ranks(values: &DataFrame, names: &[&str]) -> Result<DataFrame> {
    let ranks = |name: &&str| {
        let column = values.column(name).engine()?.f64().engine()?;
        Ok(Column::new((*name).into(), mean_ranks(&column.into_no_null_iter().collect::<Vec<f64>>())))
    };
    let columns: Vec<Result<Column>> = names.par_iter().map(ranks).collect();
    DataFrame::new(values.height(), columns.into_iter().collect::<Result<_>>()?).engine()
}

/// The columns that hold a value.
fn known_columns(numbers: &DataFrame) -> Result<Vec<&'static str>> {
    let mut known = Vec::new();
    for name in Feature::ALL.into_iter().map(Feature::name).chain([TARGET]) {
        let column = numbers.column(name).engine()?;
        if column.null_count() < column.len() {
            known.push(name);
        }
    }
    Ok(known)
}

fn pearson(values: &DataFrame, names: &[&str]) -> Result<CorrelationMatrix> {
    let pairs = pairs(names.len());
    let correlation = |&(i, j): &(usize, usize)| {
        pearson_corr(col(names[i]), col(names[j])).alias(format!("{} {}", names[i], names[j]))
    };
    let table = values.clone().lazy().select(pairs.iter().map(correlation).collect::<Vec<_>>()).collect().engine()?;

    let mut matrix = CorrelationMatrix::undefined(names);
    let varies: Vec<bool> = names.iter().map(|name| varies(values, name)).collect::<Result<_>>()?;
    for (&(i, j), column) in pairs.iter().zip(table.columns()) {
        let value = column.f64().engine()?.get(0).filter(|_| varies[i] && varies[j]).unwrap_or(f64::NAN);
        matrix.set(i, j, value);
    }
    for (index, varies) in varies.iter().enumerate() {
        matrix.set(index, index, if *varies { 1.0 } else { f64::NAN });
    }
    Ok(matrix)
}

/// Whether a column holds two different values. Rounding gives a constant a deviation that is not quite 0.
fn varies(values: &DataFrame, name: &str) -> Result<bool> {
    let column = values.column(name).engine()?.f64().engine()?;
    Ok(column.min() != column.max())
}

/// Each pair of different columns, the later one first.
fn pairs(columns: usize) -> Vec<(usize, usize)> {
    (0..columns).flat_map(|i| (0..i).map(move |j| (i, j))).collect()
}

/// Both matrices of columns with missing values, each pair over its own rows.
fn correlate_pairs(numbers: &DataFrame, names: &[&str]) -> Result<(CorrelationMatrix, CorrelationMatrix)> {
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for name in names {
        let column = numbers.column(name).engine()?.cast(&DataType::Float64).engine()?;
        columns.push(column.f64().engine()?.iter().map(|value| value.unwrap_or(f64::NAN)).collect());
    }
    let pairs = pairs(names.len());
    let correlations: Vec<[f64; 2]> = pairs.par_iter().map(|&(i, j)| of_pair(&columns[i], &columns[j])).collect();
    let (mut pearson, mut spearman) = (CorrelationMatrix::undefined(names), CorrelationMatrix::undefined(names));
    for (&(i, j), [linear, monotonic]) in pairs.iter().zip(correlations) {
        pearson.set(i, j, linear);
        spearman.set(i, j, monotonic);
    }
    for (index, column) in columns.iter().enumerate() {
        let with_itself = if constant(column).is_none() { 1.0 } else { f64::NAN };
        pearson.set(index, index, with_itself);
        spearman.set(index, index, with_itself);
    }
    Ok((pearson, spearman))
}

/// Pearson's and Spearman's correlation over the rows that have a value of both columns.
fn of_pair(a: &[f64], b: &[f64]) -> [f64; 2] {
    let complete = a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan());
    let (a, b): (Vec<f64>, Vec<f64>) = complete.unzip();
    if a.is_empty() || constant(&a).is_some() || constant(&b).is_some() {
        return [f64::NAN; 2];
    }
    [product_moment(&a, &b), product_moment(&mean_ranks(&a), &mean_ranks(&b))]
}

/// Pearson's correlation of two columns that vary.
fn product_moment(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let deviations = a.iter().zip(b).map(|(a, b)| (a - mean_a, b - mean_b));
    let (products, squares_a, squares_b) = deviations
        .fold((0.0, 0.0, 0.0), |(products, squares_a, squares_b), (a, b)| {
            (products + a * b, squares_a + a * a, squares_b + b * b)
        });
    (products / (squares_a.sqrt() * squares_b.sqrt())).clamp(-1.0, 1.0)
}

/// Pearson's correlation of every pair of named columns, each as long as the others, over the rows that have a value of both (a missing one
/// is NaN); NaN where either is constant there.
pub(super) fn pearson_of_columns(names: &[&str], columns: &[Vec<f64>]) -> CorrelationMatrix {
    let pairs = pairs(names.len());
    let correlation = |&(i, j): &(usize, usize)| {
        let complete = columns[i].iter().zip(&columns[j]).filter(|(a, b)| !a.is_nan() && !b.is_nan());
        let (a, b): (Vec<f64>, Vec<f64>) = complete.unzip();
        let varies = !a.is_empty() && constant(&a).is_none() && constant(&b).is_none();
        if varies {
            product_moment(&a, &b)
        } else {
            f64::NAN
        }
    };
    let correlations: Vec<f64> = pairs.par_iter().map(correlation).collect();
    let mut matrix = CorrelationMatrix::undefined(names);
    pairs.iter().zip(correlations).for_each(|(&(i, j), value)| matrix.set(i, j, value));
    for (index, column) in columns.iter().enumerate() {
        let varies = column.iter().any(|value| !value.is_nan()) && constant(column).is_none();
        matrix.set(index, index, if varies { 1.0 } else { f64::NAN });
    }
    matrix
}

impl CorrelationMatrix {
    pub(super) fn undefined(names: &[&str]) -> CorrelationMatrix {
        let values = vec![vec![f64::NAN; names.len()]; names.len()];
        CorrelationMatrix { names: names.iter().map(|name| (*name).to_owned()).collect(), values }
    }

    pub(super) fn set(&mut self, i: usize, j: usize, value: f64) {
        self.values[i][j] = value;
        self.values[j][i] = value;
    }

    /// The correlation of two columns, if both are there.
    pub fn between(&self, a: &str, b: &str) -> Option<f64> {
        let position = |name: &str| self.names.iter().position(|found| found == name);
        Some(self.values[position(a)?][position(b)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    /// The witness is the definition over the five rows that have both, worked out apart from this code.
    #[test]
    fn a_pair_is_correlated_over_the_rows_that_have_both() {
        let a = [1.0, 2.0, NAN, 4.0, 5.0, 6.0, 2.0];
        let b = [2.0, NAN, 3.0, 1.0, 5.0, 9.0, 2.0];
        let [pearson, spearman] = of_pair(&a, &b);
        assert!((pearson - 0.759_243_552_209_300_8).abs() < 1e-12, "{pearson}");
        assert!((spearman - 0.666_885_928_855_353).abs() < 1e-12, "{spearman}");
    }

    #[test]
    fn what_is_constant_where_both_are_known_has_no_correlation() {
        let varies = [1.0, 2.0, 3.0, NAN];
        assert!(of_pair(&varies, &[5.0, 5.0, 5.0, 6.0]).iter().all(|value| value.is_nan()));
        assert!(of_pair(&varies, &[NAN, NAN, NAN, 6.0]).iter().all(|value| value.is_nan()), "no common row");
        let opposed = of_pair(&varies, &[3.0, 2.0, 1.0, 9.0]);
        assert!(opposed.iter().all(|value| (value + 1.0).abs() < 1e-12), "{opposed:?}");
    }
}
