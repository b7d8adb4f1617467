//! How far the values of a table are from those of training, feature by feature.
//!
//! Two measures against the quantiles of the training rows that the model file holds:
//!
//! - The population stability index (PSI; Siddiqi, *Credit Risk Scorecards*, 2006): the sum of (a − e) ln(a / e) over bins of about
//!   equal shares e of training, a being the share of the table's rows. Below 0.1 the distribution is stable, from 0.25 on it has
//!   changed much. Under no change it is about χ² with bins − 1 degrees of freedom over the number of rows (Yurdakul and Naranjo,
//!   *Statistical properties of the population stability index*, Journal of Risk Model Validation 14, 2020), so that few rows need
//!   a greater one.
//! - The Kolmogorov-Smirnov distance: the greatest difference between the two distribution functions.
//!
//! The distribution of training is weighted by decade as the rows of the table are, where their decade is known, so that a table of
//! one decade is not said to drift because of it. The quantiles are 5 % apart: differences of the distribution functions below that
//! are not seen.

mod counts;
mod distribution;

use rayon::prelude::*;
use serde::Serialize;

use super::cause::LikelyCause;
use crate::artifact::Artifact;
use crate::reference::{DecadeQuantiles, FeatureQuantiles, QUANTILE_LEVELS};
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::Feature;

pub use counts::DriftCounts;
use distribution::ValueDistribution;

/// Minimum number of values of a feature that are compared.
pub const MIN_DRIFT_ROWS: usize = 50;
/// Population stability index from which a feature has changed somewhat, and from which much.
pub const PSI_THRESHOLDS: (f64, f64) = (0.1, 0.25);
/// Kolmogorov-Smirnov distance that it must have besides, so that a rare value that lacks is no change: twice and four times what
/// the quantiles can resolve.
pub const KS_THRESHOLDS: (f64, f64) = (0.1, 0.2);
/// Distance of the levels at which quantiles are known.
const QUANTILE_STEP: f64 = 1.0 / (QUANTILE_LEVELS - 1) as f64;
/// Critical value at 1 % of the Kolmogorov-Smirnov distance, over the square root of the number of rows.
const KS_CRITICAL: f64 = 1.63;
/// Maximum number of rows that are compared; of more, as many at equal distances.
const MAX_ROWS: usize = 20_000;
/// Least share of training in a bin; of features with few values a greater one, because equal values cannot be divided.
const BIN_SHARE: f64 = 0.1;
const BIN_SHARE_OF_FEW: f64 = 0.2;
/// A share of 0 is taken as this one, as is usual for the index.
const LEAST_SHARE: f64 = 1e-4;
/// Number of standard deviations of the index without a change that it must exceed.
const MIN_DEVIATIONS: f64 = 3.0;
/// Share of training with one value from which it is no news that a table has only that one.
const CONSTANT_IN_TRAINING: f64 = 0.75;

/// How far the values of a table are from those of training.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DriftReport {
    /// Rows of the table.
    pub rows: usize,
    /// Rows that were compared.
    pub compared_rows: usize,
    /// Those of them whose decade is one of training, and weighs the distribution of training.
    pub rows_of_known_decade: usize,
    /// The model's features with at least [`MIN_DRIFT_ROWS`] values, the decade aside.
    pub features: Vec<FeatureDrift>,
}

/// How far the values of a feature are from those of training.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureDrift {
    /// Feature.
    pub feature: Feature,
    /// Values that were compared.
    pub values: usize,
    /// Population stability index.
    pub psi: f64,
    /// Kolmogorov-Smirnov distance, 0 to 1.
    pub ks: f64,
    /// Median of the table.
    pub median: f64,
    /// Median of training, weighted by decade.
    pub training_median: f64,
    /// Whether it has changed.
    pub level: DriftLevel,
    /// Why, if it has.
    pub cause: Option<LikelyCause>,
}

/// How much a distribution has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftLevel {
    /// Not more than by chance and rounding.
    Stable,
    /// Scores should be checked on labelled tracks.
    Moderate,
    /// The model was not fitted to such tracks.
    Major,
}

impl DriftReport {
    /// Compares `rows` with the training rows of `artifact`, of many rows a part at equal distances; `None` if no feature has at least
    /// [`MIN_DRIFT_ROWS`] values.
    pub fn of<'r>(rows: impl ExactSizeIterator<Item = &'r FeatureRow>, artifact: &Artifact) -> Option<DriftReport> {
        let count = rows.len();
        let mut compared = DriftCounts::of_model(artifact);
        rows.step_by(count.div_ceil(MAX_ROWS).max(1)).for_each(|row| compared.add(std::slice::from_ref(row)));
        let report = DriftReport::of_counts(&compared, artifact)?;
        Some(DriftReport { rows: count, ..report })
    }

    /// As [`DriftReport::of`], of all rows that were counted.
    pub fn of_counts(counts: &DriftCounts, artifact: &Artifact) -> Option<DriftReport> {
        let (weights, rows_of_known_decade) = decade_weights(counts, &artifact.reference);
        let features = counts.features().par_iter().enumerate();
        let features: Vec<FeatureDrift> = features
            .filter_map(|(at, feature)| {
                FeatureDrift::of(&counts.distribution(at), *feature, &artifact.reference, &weights)
            })
            .collect();
        let rows = counts.rows() as usize;
        let report = DriftReport { rows, compared_rows: rows, rows_of_known_decade, features };
        (!report.features.is_empty()).then_some(report)
    }

    /// The features that have changed.
    pub fn changed(&self) -> impl Iterator<Item = &FeatureDrift> {
        self.features.iter().filter(|drift| drift.level > DriftLevel::Stable)
    }
}

/// The weight of each decade of training, and the number of rows whose decade is one of them. Rows of another or no decade are
/// compared with all of training.
fn decade_weights(compared: &DriftCounts, reference: &FeatureQuantiles) -> (Vec<f64>, usize) {
    let decades = reference.decades();
    let total: f64 = decades.iter().map(|own| own.all.rows as f64).sum();
    let counts: Vec<u64> =
        decades.iter().map(|own| own.decade.map_or(0, |decade| compared.of_decade(decade))).collect();
    let known: u64 = counts.iter().sum();
    let unknown = (compared.rows() - known) as f64;
    let weight = |(count, own): (&u64, &DecadeQuantiles)| {
        (*count as f64 + unknown * own.all.rows as f64 / total) / compared.rows() as f64
    };
    (counts.iter().zip(decades).map(weight).collect(), known as usize)
}

impl FeatureDrift {
    fn of(
        values: &ValueDistribution,
        feature: Feature,
        reference: &FeatureQuantiles,
        weights: &[f64],
    ) -> Option<FeatureDrift> {
        let rows = values.rows() as usize;
        if rows < MIN_DRIFT_ROWS {
            return None;
        }
        let training = TrainingDistribution::of(feature, reference, weights)?;
        let shares = shares(values, &training);
        let psi = population_stability_index(&shares);
        let ks = ks_distance(values, &training);
        let median = values.median().unwrap_or(f64::NAN);
        let level = level(psi, ks, shares.len(), rows);
        let cause = (level > DriftLevel::Stable).then(|| cause(feature, values, &training, median));
        let training_median = training.at_level(0.5);
        Some(FeatureDrift { feature, values: rows, psi, ks, median, training_median, level, cause })
    }

    /// In words, for a warning.
    pub fn describe(&self) -> String {
        let FeatureDrift { feature, psi, ks, median, training_median, .. } = self;
        let cause = self.cause.map_or(String::new(), |cause| format!("; they look {}", cause.describe()));
        format!(
            "{feature}: the values are far from those of training (PSI {psi:.2}, KS distance {ks:.2}, \
             median {} against {}){cause}",
            rounded(*median),
            rounded(*training_median)
        )
    }
}

/// Three significant digits, or all digits before the point.
fn rounded(value: f64) -> f64 {
    let digits = (2.0 - value.abs().max(1e-9).log10().floor()).clamp(0.0, 12.0);
    let scale = 10f64.powf(digits);
    (value * scale).round() / scale
}

fn level(psi: f64, ks: f64, bins: usize, rows: usize) -> DriftLevel {
    let freedom = bins.saturating_sub(1) as f64;
    let ks_by_chance = QUANTILE_STEP + KS_CRITICAL / (rows as f64).sqrt();
    let by_chance = (freedom + MIN_DEVIATIONS * (2.0 * freedom).sqrt()) / rows as f64;
    // Nearly one value in training makes one bin, of which there is no index.
    let is_psi_above = |threshold: f64| bins == 1 || (psi > by_chance && psi >= threshold);
    match () {
        () if !is_psi_above(PSI_THRESHOLDS.0) || ks < KS_THRESHOLDS.0.max(ks_by_chance) => DriftLevel::Stable,
        () if !is_psi_above(PSI_THRESHOLDS.1) || ks < KS_THRESHOLDS.1 => DriftLevel::Moderate,
        () => DriftLevel::Major,
    }
}

fn cause(feature: Feature, values: &ValueDistribution, training: &TrainingDistribution, median: f64) -> LikelyCause {
    let (mut all, mut in_other_unit, mut first) = (0, 0, None);
    for step in values.steps().filter(|step| step.value != 0.0) {
        let cause = LikelyCause::of_value_in_column(feature, step.value);
        first = first.or(cause);
        all += step.at_most - step.below;
        in_other_unit += if cause.is_some() { step.at_most - step.below } else { 0 };
    }
    let is_most = in_other_unit * 2 > all;
    match LikelyCause::of_value_in_column(feature, median).or(first) {
        Some(cause) if is_most => cause,
        _ if values.steps().count() == 1 && training.mass_at(median) < CONSTANT_IN_TRAINING => LikelyCause::Constant,
        _ => LikelyCause::Shifted,
    }
}

/// The distribution of a feature in training, weighted by decade, as its quantiles give it.
struct TrainingDistribution<'a> {
    decades: Vec<(f64, &'a [f64; QUANTILE_LEVELS])>,
    /// All quantiles of all decades, ascending, each value once, with the share of training at most as great: between two of
    /// them the distribution function is linear.
    knots: Vec<(f64, f64)>,
    /// Whether the feature has few values, so that a share between two quantiles belongs to one of the two values.
    has_few_values: bool,
}

impl<'a> TrainingDistribution<'a> {
    fn of(feature: Feature, reference: &'a FeatureQuantiles, weights: &[f64]) -> Option<TrainingDistribution<'a>> {
        let parts = reference.decades().iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
        let decades: Vec<_> = parts.filter_map(|(own, weight)| Some((*weight, own.all.quantiles(feature)?))).collect();
        let has_few_values = feature.is_whole() && feature != Feature::DurationMs;
        let mut values: Vec<f64> = decades.iter().flat_map(|(_, quantiles)| quantiles.iter().copied()).collect();
        values.sort_unstable_by(f64::total_cmp);
        values.dedup();
        let mut training = TrainingDistribution { decades, knots: Vec::new(), has_few_values };
        training.knots = values.into_iter().map(|value| (value, training.at_most(value))).collect();
        (!training.knots.is_empty()).then_some(training)
    }

    /// Share of training with a value of at most `value`.
    fn at_most(&self, value: f64) -> f64 {
        self.weighted(|quantiles| {
            let above = quantiles.partition_point(|quantile| *quantile <= value);
            self.between(quantiles, above, value)
        })
    }

    /// Share of training with a smaller value.
    fn below(&self, value: f64) -> f64 {
        self.weighted(|quantiles| {
            let from = quantiles.partition_point(|quantile| *quantile < value);
            self.between(quantiles, from, value)
        })
    }

    fn mass_at(&self, value: f64) -> f64 {
        self.at_most(value) - self.below(value)
    }

    fn weighted(&self, share: impl Fn(&[f64; QUANTILE_LEVELS]) -> f64) -> f64 {
        self.decades.iter().map(|(weight, quantiles)| weight * share(quantiles)).sum()
    }

    /// The level of a value between the quantile before index `next` and the one at it.
    fn between(&self, quantiles: &[f64; QUANTILE_LEVELS], next: usize, value: f64) -> f64 {
        if next == 0 || next == QUANTILE_LEVELS {
            return next.min(1) as f64;
        }
        let (low, high) = (quantiles[next - 1], quantiles[next]);
        // Of few values the share changes at one unknown place between the two levels: the middle.
        let part = if self.has_few_values { 0.5 } else { (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) };
        ((next - 1) as f64 + part) * QUANTILE_STEP
    }

    /// The least value with at least this share of training at most as great.
    fn at_level(&self, level: f64) -> f64 {
        let is_below = |(_, at_most): &(f64, f64)| *at_most < level - 1e-12;
        let index = self.knots.partition_point(is_below).min(self.knots.len() - 1);
        let (high, _) = self.knots[index];
        if self.has_few_values || index == 0 || self.below(high) <= level {
            return high;
        }
        let ((low, from), to) = (self.knots[index - 1], self.below(high));
        low + (high - low) * ((level - from) / (to - from)).clamp(0.0, 1.0)
    }

    /// Upper ends of bins of about equal shares of training, the last of which has no end.
    fn edges(&self) -> Vec<f64> {
        let share = if self.has_few_values { BIN_SHARE_OF_FEW } else { BIN_SHARE };
        let bins = (1.0 / share).round() as usize;
        let mut edges: Vec<f64> = (1..bins).map(|bin| self.at_level(bin as f64 * share)).collect();
        edges.dedup();
        edges.retain(|edge| self.at_most(*edge) < 1.0 - 1e-12);
        edges
    }
}

/// The shares of the table and of training in each bin.
fn shares(values: &ValueDistribution, training: &TrainingDistribution) -> Vec<(f64, f64)> {
    let mut before = (0.0, 0.0);
    let mut shares = Vec::new();
    for edge in training.edges().into_iter().map(Some).chain([None]) {
        let up_to = edge
            .map_or((1.0, 1.0), |edge| (values.at_most(edge) as f64 / values.rows() as f64, training.at_most(edge)));
        shares.push((up_to.0 - before.0, up_to.1 - before.1));
        before = up_to;
    }
    shares
}

/// The index of shares of the table and of training.
fn population_stability_index(shares: &[(f64, f64)]) -> f64 {
    let term = |(actual, expected): &(f64, f64)| {
        let (actual, expected) = (actual.max(LEAST_SHARE), expected.max(LEAST_SHARE));
        (actual - expected) * (actual / expected).ln()
    };
    shares.iter().map(term).sum()
}

/// The greatest difference between the distribution functions; `values` ascend. Between two values that of the table is constant
/// and that of training rises, so that it is greatest at a value, or just before one.
fn ks_distance(values: &ValueDistribution, training: &TrainingDistribution) -> f64 {
    let rows = values.rows() as f64;
    let difference = |step: distribution::Step| {
        let before = (step.below as f64 / rows - training.below(step.value)).abs();
        let at = (step.at_most as f64 / rows - training.at_most(step.value)).abs();
        before.max(at)
    };
    values.steps().map(difference).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests;
