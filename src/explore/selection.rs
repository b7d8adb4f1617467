//! Which features to keep: of two that say the same thing, the one that says more of the label.

use serde::Serialize;

use crate::track::Feature;

/// Why a feature was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum Dropped {
    /// It correlates too closely with a feature that tells more of the label.
    Correlated {
        /// The feature dropped.
        feature: Feature,
        /// The feature kept in its place.
        kept: Feature,
        /// Their Pearson correlation.
        correlation: f64,
        /// Mutual information of the dropped one with the label, in nats.
        nats: f64,
        /// Mutual information of the kept one with the label, in nats.
        kept_nats: f64,
    },
    /// It tells too little of the label.
    Uninformative {
        /// The feature dropped.
        feature: Feature,
        /// Its mutual information with the label, in nats.
        nats: f64,
    },
}

/// The outcome of the rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Selection {
    /// Greatest |r| that two kept features may have.
    pub max_correlation: f64,
    /// Least mutual information with the label that a kept feature may have, in nats.
    pub min_mutual_information: f64,
    /// Features kept, in the order of [`Feature::ALL`].
    pub kept: Vec<Feature>,
    /// Features dropped, in the order in which the rule met them.
    pub dropped: Vec<Dropped>,
}
