//! Values that a feature may take in a counterfactual: one in each cell between its cuts, in few digits.

use crate::reference::GroupQuantiles;
use hitflop_core::track::{Feature, FeatureKind, FeatureRange};

/// A feature that may change: the cells between its cuts.
pub(super) struct FeatureAxis {
    pub(super) column: usize,
    pub(super) feature: Feature,
    pub(super) from: f64,
    pub(super) from_rank: f64,
    /// The cell of the track's own value.
    pub(super) own: usize,
    /// Of each cell, the value taken and how far it is; none if it lies outside the range.
    pub(super) cells: Vec<Option<(f64, f64)>>,
}

impl FeatureAxis {
    /// `None` if the feature is not to be changed, or not known.
    pub(super) fn of(
        feature: Feature,
        cuts: &[f64],
        of_decade: &GroupQuantiles,
        column: usize,
        from: f64,
    ) -> Option<FeatureAxis> {
        let from_rank = of_decade.percentile_rank(feature, from)?;
        let (low, high) = of_decade.range(feature)?;
        if feature.info().kind == FeatureKind::Category {
            return None;
        }
        let own = cuts.partition_point(|&cut| cut < from);
        let cell = |cell: usize| {
            let above = if cell == 0 { f64::NEG_INFINITY } else { cuts[cell - 1] };
            let end = cuts.get(cell).copied().unwrap_or(f64::INFINITY);
            let value = match cell.cmp(&own) {
                std::cmp::Ordering::Equal => from,
                std::cmp::Ordering::Less => greatest_within(feature, (above, low), end.min(high))?,
                std::cmp::Ordering::Greater => least_within(feature, (above, low), end.min(high))?,
            };
            Some((value, (of_decade.percentile_rank(feature, value)? - from_rank).abs()))
        };
        let cells = (0..=cuts.len()).map(cell).collect();
        Some(FeatureAxis { column, feature, from, from_rank, own, cells })
    }

    /// Cells other than the track's own that have a value.
    pub(super) fn others(&self) -> impl Iterator<Item = (usize, f64, f64)> + '_ {
        let others = self.cells.iter().enumerate().filter(|(cell, _)| *cell != self.own);
        others.filter_map(|(cell, found)| found.map(|(value, distance)| (cell, value, distance)))
    }
}

/// Step in which values of a feature are given, as far as cells allow: finer than what sets tracks apart.
fn step(feature: Feature) -> f64 {
    match (feature, feature.info().range) {
        (Feature::DurationMs, _) => 1000.0,
        (Feature::Sections, _) => 1.0,
        (_, FeatureRange::Within(0.0, 1.0)) => 0.001,
        _ => 0.01,
    }
}

/// Steps from the feature's own to ever finer ones; whole numbers have none below 1.
fn steps(feature: Feature) -> impl Iterator<Item = f64> {
    const FINER: i32 = 12;
    let coarsest = step(feature);
    let least = if feature.is_whole() { 1.0 } else { 0.0 };
    (0..FINER).map(move |finer| coarsest / 10f64.powi(finer)).filter(move |step| *step >= least)
}

/// The multiple of a step, without the noise of a product with a decimal fraction.
fn multiple(count: f64, step: f64) -> f64 {
    if step >= 1.0 {
        count * step
    } else {
        count / (1.0 / step).round()
    }
}

/// The least value in few digits above `above` and between `low` and `high`.
fn least_within(feature: Feature, (above, low): (f64, f64), high: f64) -> Option<f64> {
    let is_within = |value: &f64| *value > above && *value >= low && *value <= high;
    let mut tried = steps(feature).flat_map(|step| {
        let count = (above.max(low) / step).floor();
        [count, count + 1.0].map(|count| multiple(count, step))
    });
    tried.find(is_within).or_else(|| end_within(feature, &[low, high], is_within))
}

/// The greatest value in few digits above `above` and between `low` and `high`.
fn greatest_within(feature: Feature, (above, low): (f64, f64), high: f64) -> Option<f64> {
    let is_within = |value: &f64| *value > above && *value >= low && *value <= high;
    let mut tried = steps(feature).flat_map(|step| {
        let count = (high / step).ceil();
        [count, count - 1.0].map(|count| multiple(count, step))
    });
    tried.find(is_within).or_else(|| end_within(feature, &[high, low], is_within))
}

/// The first of the ends that is a value.
fn end_within(feature: Feature, ends: &[f64], is_within: impl Fn(&f64) -> bool) -> Option<f64> {
    let is_value = |end: &f64| (!feature.is_whole() || end.fract() == 0.0) && is_within(end);
    ends.iter().copied().find(is_value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_given_in_few_digits() {
        let least = |feature, above, low, high| least_within(feature, (above, low), high);
        let greatest = |feature, above, low, high| greatest_within(feature, (above, low), high);
        assert_eq!(least(Feature::Energy, 0.4, 0.0, 0.9), Some(0.401));
        assert_eq!(least(Feature::Energy, 0.40012, 0.0, 0.40021), Some(0.4002));
        assert_eq!(greatest(Feature::Energy, 0.1, 0.0, 0.4), Some(0.4));
        assert_eq!(greatest(Feature::Energy, 0.1, 0.0, 0.12345), Some(0.123));
        assert_eq!(least(Feature::DurationMs, 180_250.5, 0.0, 1e6), Some(181_000.0));
        assert_eq!(least(Feature::DurationMs, 180_250.5, 0.0, 180_251.4), Some(180_251.0));
        assert_eq!(least(Feature::DurationMs, 180_250.5, 0.0, 180_250.9), None, "no whole number is there");
        assert_eq!(least(Feature::Loudness, f64::NEG_INFINITY, -7.2, -7.0), Some(-7.2), "the range's own end");
        assert_eq!(greatest(Feature::Loudness, -60.0, -50.0, -55.0), None, "outside the range");
        assert_eq!(greatest(Feature::Sections, 8.5, 1.0, f64::from(11)), Some(11.0));
    }
}
