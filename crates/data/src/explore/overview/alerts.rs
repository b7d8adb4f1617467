//! What is unusual about a feature.

use serde::Serialize;

use super::profile::FeatureProfile;
use crate::explore::correlation::CorrelationMatrix;
use hitflop_core::track::{Decade, Feature};

/// From which value on something is an alert.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AlertThresholds {
    /// Greatest size of the skewness without an alert. Default 1: beyond it, a distribution is called highly skewed (M. G. Bulmer,
    /// *Principles of Statistics*, 1979).
    pub skewness: f64,
    /// Least share of zeros among the values of a quantity. Default 0.1.
    pub zeros: f64,
    /// Least |r| (Pearson) of two quantities. Default 0.7, the usual limit of collinearity (C. F. Dormann et al., *Collinearity: a
    /// review*, Ecography 36, 2013).
    pub correlation: f64,
    /// Least population stability index of two decades. Default 0.25, from which a change is called major.
    pub drift: f64,
    /// Fewest values of a decade that is compared. Default 500: chance alone then gives an index of about 0.04.
    pub decade_values: u64,
}

impl Default for AlertThresholds {
    fn default() -> AlertThresholds {
        AlertThresholds { skewness: 1.0, zeros: 0.1, correlation: 0.7, drift: 0.25, decade_values: 500 }
    }
}

/// Something unusual about a feature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "alert")]
pub enum FeatureAlert {
    /// All values are equal.
    Constant,
    /// A quantity has a skewness beyond the threshold.
    Skewed {
        /// The skewness.
        skewness: f64,
    },
    /// Many values of a quantity are 0.
    ZeroInflated {
        /// Share of the values.
        share: f64,
    },
    /// A quantity is strongly correlated with another.
    Correlated {
        /// The other.
        with: Feature,
        /// Their Pearson correlation.
        correlation: f64,
    },
    /// Values are outside the documented range.
    OutOfRange {
        /// Number of values.
        rows: u64,
    },
    /// Its distributions in two decades differ.
    Drifting {
        /// The population stability index of the decades that differ most.
        psi: f64,
        /// The earlier of them.
        from: Decade,
        /// The later of them.
        to: Decade,
    },
}

/// The alerts of a feature, in the order of [`FeatureAlert`]; correlations, the strongest first.
pub(super) fn alerts(
    profile: &FeatureProfile,
    pearson: &CorrelationMatrix,
    thresholds: &AlertThresholds,
) -> Vec<FeatureAlert> {
    if profile.distinct == 1 {
        let outside = (profile.out_of_range > 0).then_some(FeatureAlert::OutOfRange { rows: profile.out_of_range });
        return [FeatureAlert::Constant].into_iter().chain(outside).collect();
    }
    let is_quantity = profile.feature.is_quantity();
    let skewness = profile.skewness.filter(|skewness| skewness.abs() > thresholds.skewness);
    let mut found: Vec<FeatureAlert> = Vec::new();
    found.extend(skewness.map(|skewness| FeatureAlert::Skewed { skewness }));
    let share = profile.zeros.share;
    found.extend((is_quantity && share >= thresholds.zeros).then_some(FeatureAlert::ZeroInflated { share }));
    if is_quantity {
        found.extend(correlated(profile.feature, pearson, thresholds.correlation));
    }
    let rows = profile.out_of_range;
    found.extend((rows > 0).then_some(FeatureAlert::OutOfRange { rows }));
    let drift = profile.drift.filter(|drift| drift.psi >= thresholds.drift);
    found.extend(drift.map(|drift| FeatureAlert::Drifting { psi: drift.psi, from: drift.from, to: drift.to }));
    found
}

fn correlated(feature: Feature, pearson: &CorrelationMatrix, least: f64) -> Vec<FeatureAlert> {
    let others = Feature::ALL.into_iter().filter(|other| *other != feature && other.is_quantity());
    let strong = others.filter_map(|with| {
        let correlation = pearson.between(feature.name(), with.name())?;
        (correlation.abs() >= least).then_some((with, correlation))
    });
    let mut strong: Vec<(Feature, f64)> = strong.collect();
    strong.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    strong.into_iter().map(|(with, correlation)| FeatureAlert::Correlated { with, correlation }).collect()
}
