//! How two tables of tracks differ: rows, labels, missing values, the distribution of each feature, correlations.

mod groups;

use rayon::prelude::*;
use serde::Serialize;

use super::correlation::{pearson_of_columns, CorrelationMatrix};
use super::density::{overlaid, OverlaidDensity};
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::{Feature, FeatureKind, TARGET};
use hitflop_metrics::bootstrap::ConfidenceInterval;
use hitflop_metrics::quantile::quantile;
use hitflop_metrics::two_sample::{DistanceEstimates, GroupedCorrelation, GroupedShare, ShareDifference, TwoSamples};

pub use groups::{ResampledUnit, TableGroups};

/// Fewest rows of each table that a correlation is compared of.
const MIN_CORRELATED: usize = 10;
/// Number of pairs of columns whose difference of correlations has an interval: those with the greatest difference.
pub const MAX_CORRELATION_INTERVALS: usize = 15;

/// A table to be compared.
#[derive(Clone, Copy, Debug)]
pub struct ComparedTable<'a> {
    /// The features of each row; NaN is missing.
    pub rows: &'a [FeatureRow],
    /// Whether each row is a hit, as far as that is known.
    pub labels: Option<&'a [Option<bool>]>,
    /// Artist of each row, empty where it is missing.
    pub artists: Option<&'a [String]>,
    /// URI of each row, empty where it is missing.
    pub uris: Option<&'a [String]>,
}

/// How two tables differ: the reference and the current one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableComparison {
    /// Rows of each.
    pub rows: [u64; 2],
    /// Distinct artists of each and of both, if both tables have artists.
    pub artists: Option<SharedNames>,
    /// Distinct URIs of each and of both, if both tables have URIs.
    pub uris: Option<SharedNames>,
    /// What was resampled for the intervals.
    pub resampled: ResampledUnit,
    /// Number of resamples; 0 if neither table has a second artist or row.
    pub resamples: u64,
    /// Share of hits, if both tables have labels.
    pub hit_share: Option<ShareDifference>,
    /// Features of which either table has a value.
    pub features: Vec<FeatureComparison>,
    /// Pearson correlations of the features that both tables have, and of the label if both have it.
    pub correlations: [CorrelationMatrix; 2],
    /// The pairs of columns whose correlations are defined in both tables, the greatest difference first.
    #[serde(skip)]
    pub correlation_changes: Vec<CorrelationChange>,
    /// Distributions of the features of which either table has a value.
    pub densities: Vec<OverlaidDensity>,
}

/// Distinct names in two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SharedNames {
    /// Of each table.
    pub of_each: [u64; 2],
    /// Of both.
    pub of_both: u64,
}

/// How the values of a feature differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureComparison {
    /// Feature.
    pub feature: Feature,
    /// Values of each table.
    pub values: [u64; 2],
    /// Share of rows without a value.
    pub missing: ShareDifference,
    /// Mean of each table's values; none without a value. It says nothing of a category.
    pub means: [Option<f64>; 2],
    /// Median of each table's values; none without a value.
    pub medians: [Option<f64>; 2],
    /// Distances of the distributions.
    pub distances: DistanceEstimates,
}

/// A correlation that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorrelationChange {
    /// Names of the columns.
    pub columns: [String; 2],
    /// Pearson's r in each table.
    pub correlations: [f64; 2],
    /// 95 % interval of the difference, of the [`MAX_CORRELATION_INTERVALS`] greatest differences.
    pub interval: Option<ConfidenceInterval>,
}

impl CorrelationChange {
    /// The correlation in the current table minus that in the reference.
    pub fn difference(&self) -> f64 {
        self.correlations[1] - self.correlations[0]
    }
}

impl TableComparison {
    /// Compares the tables by these features, by groups of [`TableGroups::of`].
    pub fn of(tables: [ComparedTable; 2], features: &[Feature], groups: &TableGroups) -> TableComparison {
        let column =
            |table: usize, feature: Feature| tables[table].rows.iter().map(|row| row[feature as usize]).collect();
        let columns: Vec<(Feature, [Vec<f64>; 2])> = features
            .par_iter()
            .map(|&feature| (feature, [column(0, feature), column(1, feature)]))
            .filter(|(_, columns)| columns.iter().flatten().any(|value: &f64| value.is_finite()))
            .collect();
        let shared = SharedColumns::of(tables, &columns);
        let names = |names: [Option<&[String]>; 2]| Some(SharedNames::of([names[0]?, names[1]?]));
        TableComparison {
            rows: tables.map(|table| table.rows.len() as u64),
            artists: names(tables.map(|table| table.artists)),
            uris: names(tables.map(|table| table.uris)),
            resampled: groups.unit,
            resamples: groups.bootstrap.resamples() as u64,
            hit_share: groups.label_share(tables),
            features: compare_features(&columns, groups),
            correlations: shared.correlations(),
            correlation_changes: shared.changes(groups),
            densities: columns.par_iter().map(|(feature, [a, b])| overlaid(*feature, [a, b])).collect(),
        }
    }
}

impl SharedNames {
    fn of(names: [&[String]; 2]) -> SharedNames {
        let distinct = names.map(|names| {
            let mut names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
            names.sort_unstable();
            names.dedup();
            names
        });
        let of_both = distinct[0].iter().filter(|name| distinct[1].binary_search(name).is_ok()).count();
        SharedNames { of_each: distinct.map(|names| names.len() as u64), of_both: of_both as u64 }
    }
}

impl FeatureComparison {
    /// Whether only one of the tables has a value.
    pub fn is_in_one_table(&self) -> bool {
        self.values.contains(&0)
    }
}

fn compare_features(columns: &[(Feature, [Vec<f64>; 2])], groups: &TableGroups) -> Vec<FeatureComparison> {
    let of_rows = groups.of_rows();
    let samples: Vec<TwoSamples> = columns
        .iter()
        .map(|(feature, [a, b])| match feature.info().kind {
            FeatureKind::Category => TwoSamples::of_categories([a, b], of_rows, &groups.bootstrap),
            _ => TwoSamples::of_quantity([a, b], of_rows, &groups.bootstrap),
        })
        .collect();
    let distances = TwoSamples::compare(&samples, &groups.bootstrap);
    let compared = columns.iter().zip(distances).map(|((feature, tables), distances)| {
        let sorted = [0, 1].map(|table| {
            let mut values: Vec<f64> = tables[table].iter().copied().filter(|value| value.is_finite()).collect();
            values.sort_unstable_by(f64::total_cmp);
            values
        });
        // Halves, so that the sum of two great values is none that is infinite.
        let mean = |values: &Vec<f64>| values.iter().map(|value| value / values.len() as f64).sum::<f64>();
        let missing =
            [0, 1].map(|table| tables[table].iter().map(|value| Some(!value.is_finite())).collect::<Vec<_>>());
        FeatureComparison {
            feature: *feature,
            values: [0, 1].map(|table: usize| sorted[table].len() as u64),
            missing: GroupedShare::new([&missing[0], &missing[1]], of_rows, &groups.bootstrap)
                .compare(&groups.bootstrap),
            means: [0, 1].map(|table: usize| (!sorted[table].is_empty()).then(|| mean(&sorted[table]))),
            medians: [0, 1].map(|table: usize| quantile(&sorted[table], 0.5)),
            distances,
        }
    });
    compared.collect()
}

/// The columns that both tables have: features, and the label.
struct SharedColumns {
    names: Vec<&'static str>,
    /// Values of each column in each table; NaN is missing.
    values: Vec<[Vec<f64>; 2]>,
}

impl SharedColumns {
    fn of(tables: [ComparedTable; 2], columns: &[(Feature, [Vec<f64>; 2])]) -> SharedColumns {
        let known = |values: &Vec<f64>| values.iter().filter(|value| value.is_finite()).count() >= MIN_CORRELATED;
        let shared = columns.iter().filter(|(_, tables)| tables.iter().all(known));
        let (mut names, mut values): (Vec<&str>, Vec<[Vec<f64>; 2]>) =
            shared.map(|(feature, tables)| (feature.name(), tables.clone())).unzip();
        let label = |label: &Option<bool>| label.map_or(f64::NAN, |hit| f64::from(u8::from(hit)));
        if let [Some(a), Some(b)] = tables.map(|table| table.labels) {
            names.push(TARGET);
            values.push([a, b].map(|labels| labels.iter().map(label).collect()));
        }
        SharedColumns { names, values }
    }

    fn correlations(&self) -> [CorrelationMatrix; 2] {
        [0, 1].map(|table: usize| {
            let own: Vec<Vec<f64>> = self.values.iter().map(|tables| tables[table].clone()).collect();
            pearson_of_columns(&self.names, &own)
        })
    }

    fn changes(&self, groups: &TableGroups) -> Vec<CorrelationChange> {
        let [reference, current] = self.correlations();
        let pairs = (0..self.names.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let change = |(i, j): (usize, usize)| {
            let columns = [j, i].map(|column| self.names[column].to_owned());
            let correlations = [reference.values[i][j], current.values[i][j]];
            let change = CorrelationChange { columns, correlations, interval: None };
            change.difference().is_finite().then_some(((i, j), change))
        };
        let mut changes: Vec<((usize, usize), CorrelationChange)> = pairs.filter_map(change).collect();
        changes.sort_by(|(_, a), (_, b)| b.difference().abs().total_cmp(&a.difference().abs()));
        changes.iter_mut().take(MAX_CORRELATION_INTERVALS).for_each(|((i, j), change)| {
            let [x, y] = [*j, *i].map(|column| self.values[column].each_ref().map(Vec::as_slice));
            let pair = GroupedCorrelation::new(x, y, groups.of_rows(), &groups.bootstrap);
            change.interval = pair.difference_interval(&groups.bootstrap);
        });
        changes.into_iter().map(|(_, change)| change).collect()
    }
}

#[cfg(test)]
mod tests;
