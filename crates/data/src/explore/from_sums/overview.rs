//! The features at a glance from sums.

use hitflop_core::track::Feature;
use hitflop_sums::TrackFindings;
use rayon::prelude::*;

use super::{all_binned, binned, known, quantile, sums_of, values};
use crate::explore::columns::Columns;
use crate::explore::correlation::CorrelationMatrix;
use crate::explore::density::FeatureDensity;
use crate::explore::overview::{
    AlertThresholds, DataOverview, DecadeRows, FeatureBins, FeaturePairs, FeatureProfile, LabelHistogram, RowShare,
};

/// The overview of findings, of which `columns` have the distributions.
pub(super) fn of(
    findings: &TrackFindings,
    columns: &Columns,
    densities: &[FeatureDensity],
    pearson: &CorrelationMatrix,
) -> DataOverview {
    let thresholds = AlertThresholds::default();
    let decades = DecadeRows::of(&columns.decades);
    let features: Vec<Feature> = known(findings).collect();
    let profile = |feature: &Feature| {
        let of_columns = FeatureProfile::of_feature(*feature, columns, densities, &decades, &thresholds);
        let profile = with_sums(of_columns, findings);
        profile.with_alerts(pearson, &thresholds)
    };
    DataOverview {
        features: features.par_iter().map(profile).collect(),
        thresholds,
        pairs: FeaturePairs::default(),
        artists: findings.artists.clone(),
        sample: Vec::new(),
    }
}

/// The profile with all that sums have, in place of what columns that stand for them have.
fn with_sums(profile: FeatureProfile, findings: &TrackFindings) -> FeatureProfile {
    let feature = profile.feature;
    let (all, values) = (all_binned(findings, feature), values(findings, feature));
    let zeros = sums_of(findings, feature).map(|(_, sums)| sums.histogram.zeros()).sum();
    let outside = sums_of(findings, feature).filter_map(|(_, sums)| sums.outside).map(|outside| outside.rows).sum();
    let distinct = findings.distinct.get(feature as usize).copied();
    let fences = profile.fences.map(|_| {
        let quartiles = [0.25, 0.75].map(|share| quantile(&all, share));
        FeatureProfile::fences_of(quartiles)
    });
    let beyond = |[low, high]: [f64; 2]| {
        let rows = all.iter().filter(|(value, _)| *value < low || *value > high).map(|(_, count)| count).sum();
        RowShare::of(rows, values)
    };
    let skewness = findings.moments(feature, |_| true).skewness().filter(|_| feature.is_quantity());
    FeatureProfile {
        values,
        missing: RowShare::of(findings.rows() - values, findings.rows()),
        zeros: RowShare::of(zeros, values),
        distinct: distinct.unwrap_or(all.len() as u64),
        skewness: skewness.filter(|_| all.len() > 1),
        fences,
        outliers: fences.map(beyond),
        out_of_range: outside,
        histogram: histogram(profile.histogram.bins, findings, feature),
        ..profile
    }
}

fn histogram(bins: FeatureBins, findings: &TrackFindings, feature: Feature) -> LabelHistogram {
    let of_cell = |cell| binned(cell, feature).into_iter();
    let counts =
        findings.cells.iter().flat_map(|cell| of_cell(cell).map(move |(value, count)| (value, cell.label, count)));
    LabelHistogram::of_counts(bins, counts)
}
