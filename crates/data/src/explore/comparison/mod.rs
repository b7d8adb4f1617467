//! How two tables of tracks differ: rows, labels, missing values, the distribution of each feature, correlations.

mod groups;

use rayon::prelude::*;
use serde::Serialize;

use super::correlation::{pearson_of_columns, CorrelationMatrix};
use super::density::{overlaid, OverlaidDensity};
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::{Feature, FeatureKind, TARGET};
use hitflop_metrics::quantile::quantile;
use hitflop_metrics::two_sample::{DistanceEstimates, GroupedShare, ShareDifference, TwoSamples};

pub use groups::{ResampledUnit, TableGroups};

/// Fewest rows of each table that a correlation is compared of.
const MIN_CORRELATED: usize = 10;

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
        let names = |names: [Option<&[String]>; 2]| Some(SharedNames::of([names[0]?, names[1]?]));
        TableComparison {
            rows: tables.map(|table| table.rows.len() as u64),
            artists: names(tables.map(|table| table.artists)),
            uris: names(tables.map(|table| table.uris)),
            resampled: groups.unit,
            resamples: groups.bootstrap.resamples() as u64,
            hit_share: groups.label_share(tables),
            features: compare_features(&columns, groups),
            correlations: correlations(tables, &columns),
            densities: columns.par_iter().map(|(feature, [a, b])| overlaid(*feature, [a, b])).collect(),
        }
    }

    /// The pairs of columns whose correlations differ, the greatest difference first.
    pub fn correlation_changes(&self) -> Vec<CorrelationChange> {
        let [reference, current] = &self.correlations;
        let mut changes = Vec::new();
        for (i, name) in reference.names.iter().enumerate() {
            for (j, other) in reference.names.iter().enumerate().take(i) {
                let correlations = [reference.values[i][j], current.values[i][j]];
                if correlations.iter().all(|value| value.is_finite()) {
                    changes.push(CorrelationChange { columns: [other.clone(), name.clone()], correlations });
                }
            }
        }
        changes.sort_by(|a, b| b.difference().abs().total_cmp(&a.difference().abs()));
        changes
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

fn correlations(tables: [ComparedTable; 2], columns: &[(Feature, [Vec<f64>; 2])]) -> [CorrelationMatrix; 2] {
    let known = |values: &Vec<f64>| values.iter().filter(|value| value.is_finite()).count() >= MIN_CORRELATED;
    let shared: Vec<_> = columns.iter().filter(|(_, tables)| tables.iter().all(known)).collect();
    let labels = tables.map(|table| {
        let label = |label: &Option<bool>| label.map_or(f64::NAN, |hit| f64::from(u8::from(hit)));
        table.labels.map(|labels| labels.iter().map(label).collect::<Vec<f64>>())
    });
    let has_labels = labels.iter().all(Option::is_some);
    let mut names: Vec<&str> = shared.iter().map(|(feature, _)| feature.name()).collect();
    names.extend(has_labels.then_some(TARGET));
    [0, 1].map(|table: usize| {
        let mut own: Vec<Vec<f64>> = shared.iter().map(|(_, tables)| tables[table].clone()).collect();
        own.extend(labels[table].clone().filter(|_| has_labels));
        pearson_of_columns(&names, &own)
    })
}

#[cfg(test)]
mod tests;
