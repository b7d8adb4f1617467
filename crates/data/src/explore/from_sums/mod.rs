//! The exploration of tracks of which only sums are known: the same values as of a table in memory, but for what needs rows.
//!
//! Counts, means, spreads, skewness, Pearson's correlations and what is counted by artist and URI are those of the rows. Quantiles, fences,
//! densities, drift, histograms and mutual information are by the bins of [`Histogram`], whose middles stand for the values in them. Spearman's correlation, pairs of features and sample rows need
//! rows, and are left out.
//!
//! [`Histogram`]: hitflop_sums::Histogram

mod columns;
mod information;
mod overview;
mod summary;

use hitflop_core::track::{Feature, TARGET};
use hitflop_sums::{CellSums, FeatureSums, Quality, TrackFindings};

use super::correlation::CorrelationMatrix;
use super::density::{self, FeatureDensity};
use super::mutual_information::MutualInformation;
use super::overview::DataOverview;
use super::summary::Summary;
use crate::ingest::quality::{MissingValues, OutOfRange};

/// What is not in an exploration by sums, because it needs rows.
pub const LEFT_OUT: [&str; 3] = ["Spearman’s rank correlation", "pairs of features", "sample rows"];

/// What sums over tracks show.
#[derive(Clone, Debug, PartialEq)]
pub struct SummedExploration {
    /// Counts, means and quantiles.
    pub summary: Summary,
    /// Pearson correlations of the features and the label.
    pub pearson: CorrelationMatrix,
    /// Mutual information of each feature with the label, by bins.
    pub mutual_information: MutualInformation,
    /// Densities of each feature by label and by decade.
    pub densities: Vec<FeatureDensity>,
    /// Figures and alerts of each feature, and artists.
    pub overview: DataOverview,
    /// Repeats and contradictions.
    pub quality: Quality,
    /// Values outside their documented range.
    pub out_of_range: Vec<OutOfRange>,
    /// Features with missing values, those that no track has among them.
    pub missing: Vec<MissingValues>,
}

impl SummedExploration {
    /// The exploration of these findings. Runs on rayon's threads; the result is the same on any number of them.
    pub fn of(findings: &TrackFindings) -> SummedExploration {
        let columns = columns::of(findings);
        let pearson = pearson(findings);
        let densities = density::densities(&columns);
        let overview = overview::of(findings, &columns, &densities, &pearson);
        SummedExploration {
            summary: summary::of(findings),
            mutual_information: information::of(findings),
            pearson,
            densities,
            overview,
            quality: findings.quality,
            out_of_range: Feature::AUDIO.iter().filter_map(|feature| out_of_range(findings, *feature)).collect(),
            missing: Feature::ALL.into_iter().filter_map(|feature| missing(findings, feature)).collect(),
        }
    }
}

/// Number of values of a feature.
fn values(findings: &TrackFindings, feature: Feature) -> u64 {
    findings.moments(feature, |_| true).count
}

/// The features of which a track has a value, in the order of [`Feature::ALL`].
fn known(findings: &TrackFindings) -> impl Iterator<Item = Feature> + '_ {
    Feature::ALL.into_iter().filter(|feature| values(findings, *feature) > 0)
}

/// The sums of an audio feature in each cell; none of the decade.
fn sums_of(findings: &TrackFindings, feature: Feature) -> impl Iterator<Item = (&CellSums, &FeatureSums)> {
    findings.cells.iter().filter_map(move |cell| Some((cell, cell.features.get(feature as usize)?)))
}

/// The values of a feature in a cell and their numbers, ascending: the middles of the bins, which are not beyond the least and the greatest
/// value.
fn binned(cell: &CellSums, feature: Feature) -> Vec<(f64, u64)> {
    match cell.features.get(feature as usize) {
        None => cell.decade.map(|decade| (f64::from(decade.year()), cell.rows)).into_iter().collect(),
        Some(FeatureSums { extremes: Some([least, greatest]), histogram, .. }) => {
            let bins = histogram.bins(feature.is_whole());
            bins.map(|(value, count)| (value.clamp(*least, *greatest), count)).collect()
        }
        Some(_) => Vec::new(),
    }
}

/// All values of a feature and their numbers, ascending, each once.
fn all_binned(findings: &TrackFindings, feature: Feature) -> Vec<(f64, u64)> {
    let mut all: Vec<(f64, u64)> = findings.cells.iter().flat_map(|cell| binned(cell, feature)).collect();
    all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    all.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        kept.1 += if is_same { next.1 } else { 0 };
        is_same
    });
    all
}

/// The quantile of values with their numbers, interpolated linearly as `hitflop_metrics::quantile` does it; NaN of nothing.
fn quantile(binned: &[(f64, u64)], share: f64) -> f64 {
    let count: u64 = binned.iter().map(|(_, count)| count).sum();
    let Some(last) = count.checked_sub(1) else { return f64::NAN };
    let position = share * last as f64;
    let (low, high) = (at(binned, position as u64), at(binned, (position as u64 + 1).min(last)));
    low + (high - low) * position.fract()
}

/// The value of a rank from 0; that of the last for a greater rank, NaN of nothing.
fn at(binned: &[(f64, u64)], rank: u64) -> f64 {
    let mut end = 0;
    let found = binned.iter().find(|(_, count)| {
        end += count;
        rank < end
    });
    found.or(binned.last()).map_or(f64::NAN, |(value, _)| *value)
}

fn pearson(findings: &TrackFindings) -> CorrelationMatrix {
    let columns: Vec<Option<Feature>> = known(findings).map(Some).chain([None]).collect();
    let names: Vec<&str> = columns.iter().map(|column| column.map_or(TARGET, Feature::name)).collect();
    let mut matrix = CorrelationMatrix::undefined(&names);
    for (i, a) in columns.iter().enumerate() {
        for (j, b) in columns.iter().enumerate().take(i) {
            matrix.set(i, j, findings.pair([*a, *b], |_| true).correlation());
        }
        matrix.set(i, i, if varies(findings, *a) { 1.0 } else { f64::NAN });
    }
    matrix
}

/// Whether a column has two different values.
fn varies(findings: &TrackFindings, column: Option<Feature>) -> bool {
    match column {
        None => findings.cells.iter().any(|cell| cell.label != findings.cells[0].label),
        Some(feature) => all_binned(findings, feature).len() > 1 || findings.moments(feature, |_| true).squares > 0.0,
    }
}

fn out_of_range(findings: &TrackFindings, feature: Feature) -> Option<OutOfRange> {
    let mut all = FeatureSums::default();
    sums_of(findings, feature).for_each(|(_, sums)| all.merge(sums));
    let outside = all.outside?;
    let [least, greatest] = outside.extremes;
    Some(OutOfRange { feature, range: feature.info().range, rows: outside.rows, least, greatest })
}

fn missing(findings: &TrackFindings, feature: Feature) -> Option<MissingValues> {
    let rows = findings.rows() - values(findings, feature);
    (rows > 0).then_some(MissingValues { feature, rows })
}
