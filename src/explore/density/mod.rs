//! Kernel densities and category shares of each feature, by label and by decade.

use serde::Serialize;

use crate::track::{Decade, Feature, Label};

/// How a feature's distribution is looked at in a chart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Density over the value, the axis running from `low` to `high`. `cut` is the quantile at which a long tail was cut off.
    Linear {
        /// Left end.
        low: f64,
        /// Right end.
        high: f64,
        /// Quantile of all values at which `high` stands, if the tail was cut.
        cut: Option<f64>,
        /// Whether the density was corrected by reflection at the bounds 0 and 1.
        reflected: bool,
    },
    /// Density over the decimal logarithm of the value; grid and ends are values, not logarithms.
    Log {
        /// Left end, above 0.
        low: f64,
        /// Right end.
        high: f64,
    },
    /// Share of tracks in each category; the grid holds the categories.
    Shares,
}

/// The distribution of one group of tracks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// Its decade, unless it spans all.
    pub decade: Option<Decade>,
    /// Its label, unless it holds both.
    pub label: Option<Label>,
    /// Kernel bandwidth (standard deviation of the Gaussian), on the scale that the density is over; 0 for shares.
    pub bandwidth: f64,
    /// Density, or share, at each point of the grid.
    pub values: Vec<f64>,
}

/// One feature's distributions on one grid.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureDensity {
    /// Which feature; never the decade.
    pub feature: Feature,
    /// How it is looked at.
    pub view: View,
    /// Points at which the curves are given, ascending.
    pub grid: Vec<f64>,
    /// Flops, then hits.
    pub by_label: Vec<Curve>,
    /// One curve a decade, in order.
    pub by_decade: Vec<Curve>,
}
