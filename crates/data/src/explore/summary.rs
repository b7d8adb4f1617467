//! Describe, and counts and means by group.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;
use serde::Serialize;

use super::cluster_robust::{ClusterSums, Clusters, DecadeLabel};
use super::moments::Moments;
use crate::engine::EngineResult;
use crate::ingest::tracks::TrackTable;
use hitflop_core::error::Result;
use hitflop_core::track::{Decade, Feature, Label, DECADE, TARGET};
use hitflop_metrics::normal::Z_95;

/// Distribution of the values of one column: the figures of pandas' `describe`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// Column: a feature's name, or `target`.
    pub name: String,
    /// Number of values.
    pub count: u64,
    /// Rows without a value.
    #[serde(skip_serializing_if = "is_zero")]
    pub missing: u64,
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
    /// Half the width of the 95 % confidence interval of the mean: 1.96 standard errors, clustered by artist, since the
    /// tracks of one artist resemble each other (Liang and Zeger, 1986). A track without an artist is a cluster of its own.
    pub half_width: f64,
}

/// The tracks of one decade, of one label, or of one decade and label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupSummary {
    /// Its decade, unless it spans all.
    pub decade: Option<Decade>,
    /// Its label, unless it holds both.
    pub label: Option<Label>,
    /// Number of tracks.
    pub rows: u64,
    /// Mean of every feature that the tracks have, in the order of [`Feature::ALL`]; NaN if no track of the group has a value.
    pub means: Vec<GroupMean>,
}

/// Counts and locations of every feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Number of tracks.
    pub rows: u64,
    /// One entry a column: the features of which a track has a value, in the order of [`Feature::ALL`], then `target`.
    pub describe: Vec<Distribution>,
    /// All tracks.
    pub overall: GroupSummary,
    /// One group a decade, in order. Tracks without a decade are in none.
    pub by_decade: Vec<GroupSummary>,
    /// Flops, then hits.
    pub by_label: Vec<GroupSummary>,
    /// Decade by decade, flops before hits. Tracks without a decade are in no group.
    pub by_decade_and_label: Vec<GroupSummary>,
}

impl Summary {
    /// The features of which a track has a value, in the order of [`Feature::ALL`].
    pub fn features(&self) -> impl Iterator<Item = Feature> + '_ {
        self.overall.means.iter().map(|mean| mean.feature)
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Describes every column and every group.
///
/// Goes through the tracks column by column, so that no more than one feature is in memory at a time: quantiles need a
/// whole column, and groups are summed in the order of the rows.
///
/// # Errors
/// The tracks cannot be read.
pub fn summarise(tracks: &TrackTable) -> Result<Summary> {
    let clusters = Clusters::of(tracks)?;
    let mut describe = Vec::new();
    let mut cells: Vec<FeatureCells> = Vec::new();
    for feature in Feature::ALL {
        let column = load(tracks, feature.name())?;
        if column.column(VALUE).engine()?.null_count() == column.height() && column.height() > 0 {
            continue;
        }
        let distribution = describe_column(&column, feature.name())?;
        cells.push(FeatureCells::of(&column, &clusters, feature, distribution.mean)?);
        describe.push(distribution);
    }
    describe.push(describe_column(&load(tracks, TARGET)?, TARGET)?);

    let rows = rows_by_cell(&clusters);
    let keys: Vec<DecadeLabel> = rows.keys().copied().collect();
    let decades: BTreeSet<Decade> = keys.iter().filter_map(|(decade, _)| *decade).collect();
    let labels: BTreeSet<Label> = keys.iter().map(|(_, label)| *label).collect();
    let group = |decade, label| GroupSummary::of(&clusters, &cells, &rows, decade, label);
    Ok(Summary {
        rows: rows.values().sum(),
        describe,
        overall: group(None, None),
        by_decade: decades.into_iter().map(|decade| group(Some(decade), None)).collect(),
        by_label: labels.into_iter().map(|label| group(None, Some(label))).collect(),
        by_decade_and_label: keys
            .iter()
            .filter(|(decade, _)| decade.is_some())
            .map(|&(decade, label)| group(decade, Some(label)))
            .collect(),
    })
}

/// Tracks in each cell of decade and label.
fn rows_by_cell(clusters: &Clusters) -> BTreeMap<DecadeLabel, u64> {
    let mut rows = BTreeMap::new();
    clusters.of_rows().for_each(|cluster| *rows.entry(clusters.cell(cluster)).or_default() += 1);
    rows
}

/// One column as [`VALUE`], with what its rows are grouped by.
fn load(tracks: &TrackTable, name: &str) -> Result<DataFrame> {
    let value = col(name).cast(DataType::Float64).alias(VALUE);
    tracks.scan()?.select([value, col(DECADE), col(TARGET)]).collect().engine()
}

const VALUE: &str = "value";

fn describe_column(column: &DataFrame, name: &str) -> Result<Distribution> {
    let value = || col(VALUE);
    let quantile = |share: f64| value().quantile(lit(share), QuantileMethod::Linear);
    let statistics = [
        value().count().cast(DataType::Float64).alias("count"),
        value().mean().alias("mean"),
        value().std(1).alias("std"),
        value().min().alias("min"),
        quantile(0.25).alias("q25"),
        quantile(0.50).alias("q50"),
        quantile(0.75).alias("q75"),
        value().max().alias("max"),
    ];
    let table = column.clone().lazy().select(statistics).collect().engine()?;
    // A statistic that does not exist, such as the standard deviation of one value, is NaN.
    let statistic =
        |which: &str| -> Result<f64> { Ok(table.column(which).engine()?.f64().engine()?.get(0).unwrap_or(f64::NAN)) };
    Ok(Distribution {
        name: name.to_owned(),
        count: statistic("count")? as u64,
        missing: column.column(VALUE).engine()?.null_count() as u64,
        mean: statistic("mean")?,
        std: statistic("std")?,
        min: statistic("min")?,
        q25: statistic("q25")?,
        q50: statistic("q50")?,
        q75: statistic("q75")?,
        max: statistic("max")?,
    })
}

/// The moments of one feature in every cell of decade and label that has tracks.
struct FeatureCells {
    feature: Feature,
    /// What the moments are about.
    pivot: f64,
    by_key: BTreeMap<DecadeLabel, Moments>,
    /// Deviations from the pivot in each cluster.
    cluster_sums: ClusterSums,
}

impl FeatureCells {
    fn of(column: &DataFrame, clusters: &Clusters, feature: Feature, pivot: f64) -> Result<FeatureCells> {
        let values = column.column(VALUE).engine()?.f64().engine()?;
        let mut by_key: BTreeMap<DecadeLabel, Moments> = BTreeMap::new();
        let mut cluster_sums = ClusterSums::none(clusters);
        for (value, cluster) in values.iter().zip(clusters.of_rows()) {
            let Some(value) = value else { continue };
            by_key.entry(clusters.cell(cluster)).or_default().add(value - pivot);
            cluster_sums.add(cluster, value - pivot);
        }
        Ok(FeatureCells { feature, pivot, by_key, cluster_sums })
    }

    /// The mean over the cells that belong to a group.
    fn mean(&self, clusters: &Clusters, belongs: impl Fn(DecadeLabel) -> bool) -> GroupMean {
        let moments = self
            .by_key
            .iter()
            .filter(|(cell, _)| belongs(**cell))
            .fold(Moments::default(), |moments, (_, cell)| moments.merge(cell));
        let mean = moments.mean(self.pivot);
        let error = clusters.standard_error(&self.cluster_sums, mean - self.pivot, belongs);
        GroupMean { feature: self.feature, mean, std: moments.std(), half_width: Z_95 * error }
    }
}

impl GroupSummary {
    /// The group of a decade and label, either of which may be any.
    fn of(
        clusters: &Clusters,
        cells: &[FeatureCells],
        rows: &BTreeMap<DecadeLabel, u64>,
        decade: Option<Decade>,
        label: Option<Label>,
    ) -> GroupSummary {
        let belongs =
            |cell: DecadeLabel| (decade.is_none() || decade == cell.0) && label.is_none_or(|label| label == cell.1);
        let own_rows = rows.iter().filter(|(cell, _)| belongs(**cell)).map(|(_, rows)| rows);
        let means = cells.iter().map(|cells| cells.mean(clusters, belongs)).collect();
        GroupSummary { decade, label, rows: own_rows.sum(), means }
    }
}
