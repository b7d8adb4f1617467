//! Describe, and counts and means by group.

use serde::Serialize;

use crate::track::{Decade, Feature, Label};

/// Where the values of one column lie; what pandas' `describe` gives.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// Column: a feature's name, or `target`.
    pub name: String,
    /// Number of values.
    pub count: u64,
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
    /// Half the width of the 95 % confidence interval of the mean: 1.96 standard errors.
    pub half_width: f64,
}

/// The tracks of one decade, of one label, or of one decade and label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Its decade, unless it spans all.
    pub decade: Option<Decade>,
    /// Its label, unless it holds both.
    pub label: Option<Label>,
    /// Number of tracks.
    pub rows: u64,
    /// Mean of every feature, in the order of [`Feature::ALL`].
    pub means: Vec<GroupMean>,
}

/// Counts and locations of every feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Number of tracks.
    pub rows: u64,
    /// One entry a column: the features in the order of [`Feature::ALL`], then `target`.
    pub describe: Vec<Distribution>,
    /// One group a decade, in order.
    pub by_decade: Vec<Group>,
    /// Flops, then hits.
    pub by_label: Vec<Group>,
    /// Decade by decade, flops before hits.
    pub by_decade_and_label: Vec<Group>,
}
