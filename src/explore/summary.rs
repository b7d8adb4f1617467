//! Describe, and counts and means by group.

use polars::prelude::*;
use serde::Serialize;

use crate::error::Result;
use crate::ingest::tracks::Tracks;
use crate::track::{Decade, Feature, Label, DECADE, TARGET};

/// Where the values of one column lie; what pandas' `describe` gives.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// Column: a feature's name, or `target`.
    pub name: String,
    /// Number of values.
    pub count: u64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation (n - 1 in the denominator).
    pub std: f64,
    /// Least value.
    pub min: f64,
    /// First quartile, interpolated linearly, as are the others.
    pub q25: f64,
    /// Median.
    pub q50: f64,
    /// Third quartile.
    pub q75: f64,
    /// Greatest value.
    pub max: f64,
}

/// Mean of one feature in a group.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GroupMean {
    /// Which feature.
    pub feature: Feature,
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation (n - 1 in the denominator).
    pub std: f64,
    /// Half the width of the 95 % confidence interval of the mean: 1.96 standard errors.
    pub half_width: f64,
}

/// The tracks of one decade, of one label, or of one decade and label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Its decade, unless it spans all.
    pub decade: Option<Decade>,
    /// Its label, unless it holds both.
    pub label: Option<Label>,
    /// Number of tracks.
    pub rows: u64,
    /// Mean of every feature, in the order of [`Feature::ALL`].
    pub means: Vec<GroupMean>,
}

/// Counts and locations of every feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Number of tracks.
    pub rows: u64,
    /// One entry a column: the features in the order of [`Feature::ALL`], then `target`.
    pub describe: Vec<Distribution>,
    /// One group a decade, in order.
    pub by_decade: Vec<Group>,
    /// Flops, then hits.
    pub by_label: Vec<Group>,
    /// Decade by decade, flops before hits.
    pub by_decade_and_label: Vec<Group>,
}

/// Standard errors in half a 95 % confidence interval of a mean (the normal quantile at 0.975).
const Z_95: f64 = 1.959_963_984_540_054;

/// Describes every column and every group.
///
/// # Errors
/// The tracks cannot be read.
pub fn summarise(tracks: &Tracks) -> Result<Summary> {
    let describe = describe(tracks)?;
    let by_decade_and_label = groups(tracks, &[DECADE, TARGET])?;
    Ok(Summary {
        rows: by_decade_and_label.iter().map(|group| group.rows).sum(),
        describe,
        by_decade: groups(tracks, &[DECADE])?,
        by_label: groups(tracks, &[TARGET])?,
        by_decade_and_label,
    })
}

fn described_columns() -> impl Iterator<Item = &'static str> {
    Feature::ALL.into_iter().map(Feature::name).chain([TARGET])
}

/// Column by column, so that no more than one of them is in memory at a time: quantiles need the whole column.
fn describe(tracks: &Tracks) -> Result<Vec<Distribution>> {
    described_columns().map(|name| describe_column(tracks.scan()?, name)).collect()
}

fn describe_column(tracks: LazyFrame, name: &str) -> Result<Distribution> {
    let value = || col(name).cast(DataType::Float64);
    let quantile = |share: f64| value().quantile(lit(share), QuantileMethod::Linear);
    let table = tracks
        .select([
            value().count().alias("count"),
            value().mean().alias("mean"),
            value().std(1).alias("std"),
            value().min().alias("min"),
            quantile(0.25).alias("q25"),
            quantile(0.50).alias("q50"),
            quantile(0.75).alias("q75"),
            value().max().alias("max"),
        ])
        .collect()?;
    let statistic = |which: &str| number(&table, which, 0);
    Ok(Distribution {
        name: name.to_owned(),
        count: statistic("count")? as u64,
        mean: statistic("mean")?,
        std: statistic("std")?,
        min: statistic("min")?,
        q25: statistic("q25")?,
        q50: statistic("q50")?,
        q75: statistic("q75")?,
        max: statistic("max")?,
    })
}

/// Counts and means of the groups that share the values of `key`, ordered by it.
fn groups(tracks: &Tracks, key: &[&str]) -> Result<Vec<Group>> {
    let key_columns: Vec<Expr> = key.iter().map(|name| col(*name)).collect();
    let mut statistics = vec![len().alias("rows")];
    for feature in Feature::ALL {
        let value = || col(feature.name()).cast(DataType::Float64);
        statistics.push(value().mean().alias(format!("{feature} mean")));
        statistics.push(value().std(1).alias(format!("{feature} std")));
    }
    // A key that is also summarised needs a name of its own.
    let renamed: Vec<Expr> = key_columns.iter().zip(key).map(|(column, name)| column.clone().alias(key_name(name))).collect();
    let order: Vec<PlSmallStr> = key.iter().map(|name| key_name(name).into()).collect();
    let plan = tracks.scan()?.group_by(renamed).agg(statistics).sort(order, Default::default());
    let table = plan.collect_with_engine(Engine::Streaming)?.unwrap_single();
    (0..table.height()).map(|row| group(&table, row, key)).collect()
}

fn key_name(column: &str) -> String {
    format!("key {column}")
}

fn group(table: &DataFrame, row: usize, key: &[&str]) -> Result<Group> {
    let whole = |column: &str| -> Result<Option<i32>> {
        if !key.contains(&column) {
            return Ok(None);
        }
        Ok(Some(table.column(&key_name(column))?.get(row)?.try_extract()?))
    };
    let rows = number(table, "rows", row)?;
    let means = Feature::ALL
        .into_iter()
        .map(|feature| {
            let mean = number(table, &format!("{feature} mean"), row)?;
            let std = number(table, &format!("{feature} std"), row)?;
            Ok(GroupMean { feature, mean, std, half_width: Z_95 * std / rows.sqrt() })
        })
        .collect::<Result<_>>()?;
    Ok(Group {
        decade: whole(DECADE)?.and_then(Decade::from_year),
        label: whole(TARGET)?.and_then(Label::from_target),
        rows: rows as u64,
        means,
    })
}

/// A cell as a number; NaN where the table has none, as for the standard deviation of a single row.
fn number(table: &DataFrame, column: &str, row: usize) -> Result<f64> {
    match table.column(column)?.get(row)? {
        AnyValue::Null => Ok(f64::NAN),
        value => Ok(value.try_extract()?),
    }
}
