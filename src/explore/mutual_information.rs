//! Mutual information of each feature with the label.

use serde::Serialize;

use crate::track::Feature;

/// Mutual information of one feature with the label, and what chance alone would give.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Which feature.
    pub feature: Feature,
    /// Whether it was taken as discrete (counted) rather than continuous (nearest neighbours).
    pub discrete: bool,
    /// Mean over the draws of the tie-breaking noise, in nats, never below 0.
    pub nats: f64,
    /// Standard deviation over the draws, in nats; 0 for a discrete feature.
    pub draw_std: f64,
    /// Mean under permuted labels, in nats.
    pub null_mean: f64,
    /// 95th percentile under permuted labels, in nats.
    pub null_q95: f64,
    /// Share of permutations that reach `nats`, itself counted: (1 + reached) / (1 + permutations).
    pub p_value: f64,
}

impl Estimate {
    /// Whether the feature tells more of the label than 95 % of the permutations do.
    pub fn is_informative(&self) -> bool {
        self.nats > self.null_q95
    }
}

/// Mutual information of all features, in two variants.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MutualInformation {
    /// Nearest neighbours asked for (k).
    pub neighbours: usize,
    /// Draws of the tie-breaking noise that each estimate averages.
    pub draws: usize,
    /// Permutations of the label behind each null.
    pub permutations: usize,
    /// Every feature taken as continuous, in the order of [`Feature::ALL`].
    pub all_continuous: Vec<Estimate>,
    /// The features of kind category taken as discrete, the others as continuous, in the order of [`Feature::ALL`].
    pub mixed: Vec<Estimate>,
}
