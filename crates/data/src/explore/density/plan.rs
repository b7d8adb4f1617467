//! Which axis a feature's density is drawn on, and the density on that axis.

use super::kernel::{kde_within, Bounds, Density};
use super::{DensityView, GroupDistribution};
use hitflop_core::track::{Feature, FeatureKind, FeatureRange};
use hitflop_metrics::quantile::quantile;

/// Points of a grid.
const POINTS: usize = 200;

/// Quantile at which an axis without documented ends is cut; the other end is at one minus this.
const CUT: f64 = 0.995;

/// Part of a linear axis in which at least half of the tracks must not stand, or the axis becomes logarithmic.
const CROWDED: f64 = 0.1;

/// Least bandwidth of a count on a linear axis. Around whole numbers, a density of bandwidth h waves by 2 exp(-2π² h²) of its
/// height: 9 % at 0.4, one in eight thousand at 0.7.
const MIN_COUNT_BANDWIDTH: f64 = 0.7;

/// Least share of zeros among all values that is set apart from the density of the others.
const MIN_ZERO_SHARE: f64 = 0.02;

/// What a zero that is set apart is on every scale: no number, and no missing value.
const SET_APART: f64 = f64::NEG_INFINITY;

/// An axis, chosen by the rules of [`DensityView`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DensityPlan {
    view: DensityView,
    /// Least value above 0, where the scale is logarithmic.
    floor: f64,
    /// Ends of the quantity on the scale, where it has them.
    bounds: Bounds,
    /// Least bandwidth on the scale.
    least_bandwidth: f64,
    /// Whether values of 0 are set apart from the others.
    has_spike: bool,
}

impl DensityPlan {
    /// Chooses the axis for the values of all tracks.
    pub(crate) fn new(feature: Feature, values: &[f64]) -> DensityPlan {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let others = without_spike(feature, &sorted);
        let has_spike = others.len() < sorted.len();
        let linear = DensityPlan { has_spike, ..Self::linear(feature, others) };
        linear.logarithmic(others).unwrap_or(linear)
    }

    fn linear(feature: Feature, sorted: &[f64]) -> DensityPlan {
        let unit = feature.info().range == FeatureRange::Within(0.0, 1.0)
            && [sorted.first(), sorted.last()].into_iter().flatten().all(|end| (0.0..=1.0).contains(end));
        let least_bandwidth = if feature.info().kind == FeatureKind::Count { MIN_COUNT_BANDWIDTH } else { 0.0 };
        if unit {
            let view = DensityView::Linear { low: 0.0, high: 1.0, cut: None, reflected: true };
            let bounds = Bounds { low: Some(0.0), high: Some(1.0) };
            return DensityPlan { view, floor: 0.0, bounds, least_bandwidth, has_spike: false };
        }
        let (low, high) = (quantile(sorted, 1.0 - CUT).unwrap_or(0.0), quantile(sorted, CUT).unwrap_or(1.0));
        // An axis has a length, even if all values are equal.
        let (low, high) = if low < high { (low, high) } else { (low - 0.5, low + 0.5) };
        let view = DensityView::Linear { low, high, cut: Some(CUT), reflected: false };
        DensityPlan { view, floor: 0.0, bounds: Bounds::default(), least_bandwidth, has_spike: false }
    }

    /// The logarithmic axis in place of this linear one, if it is crowded at its low end and there is something to take logarithms of.
    fn logarithmic(&self, sorted: &[f64]) -> Option<DensityPlan> {
        let DensityView::Linear { low, high, reflected, .. } = self.view else { return None };
        // A logarithm has no place for values below 0, which are no small values above 0.
        // Values that are all the same crowd nowhere.
        if sorted.first().is_some_and(|least| *least < 0.0) || sorted.first() == sorted.last() {
            return None;
        }
        let median = quantile(sorted, 0.5)?;
        let floor = *sorted.get(sorted.partition_point(|value| *value <= 0.0))?;
        let low = low.max(floor);
        if median >= low + CROWDED * (high - low) || low >= high {
            return None;
        }
        let bounds =
            if reflected { Bounds { low: Some(floor.log10()), high: Some(high.log10()) } } else { Bounds::default() };
        Some(DensityPlan { view: DensityView::Log { low, high }, floor, bounds, least_bandwidth: 0.0, ..*self })
    }

    /// The view that the chart needs to know.
    pub(crate) fn view(&self) -> DensityView {
        self.view
    }

    /// A value on the scale that the density is over.
    pub(crate) fn scale(&self, value: f64) -> f64 {
        match self.view {
            _ if self.has_spike && value == 0.0 => SET_APART,
            // NaN stays what it is: the greater of the two would be the floor.
            DensityView::Log { .. } if value <= self.floor => self.floor.log10(),
            DensityView::Log { .. } => value.log10(),
            DensityView::Linear { .. } | DensityView::Shares => value,
        }
    }

    /// The grid as values.
    pub(crate) fn grid(&self) -> Vec<f64> {
        match self.view {
            DensityView::Log { low, high } => {
                let mut grid: Vec<f64> = self.scaled_grid().into_iter().map(|log| 10_f64.powf(log)).collect();
                // A power of a logarithm is not quite what it came from.
                (grid[0], grid[POINTS - 1]) = (low, high);
                grid
            }
            DensityView::Linear { .. } | DensityView::Shares => self.scaled_grid(),
        }
    }

    /// The distribution of values on the scale: the density at the points of the grid, beside the share of zeros if they are set apart.
    pub(crate) fn distribution(&self, scaled: &[f64]) -> GroupDistribution {
        let density = kde_within(scaled, &self.scaled_grid(), self.bounds, self.least_bandwidth);
        if !self.has_spike {
            return GroupDistribution { zero_share: None, density };
        }
        let known = scaled.iter().filter(|value| value.is_finite() || **value == SET_APART).count();
        let zeros = scaled.iter().filter(|value| **value == SET_APART).count();
        let zero_share = zeros as f64 / known.max(1) as f64;
        let values = density.values.into_iter().map(|value| value * (1.0 - zero_share)).collect();
        GroupDistribution { zero_share: Some(zero_share), density: Density { values, ..density } }
    }

    fn scaled_grid(&self) -> Vec<f64> {
        let (low, high) = match self.view {
            DensityView::Log { low, high } => (low.log10(), high.log10()),
            DensityView::Linear { low, high, .. } => (low, high),
            DensityView::Shares => (0.0, 1.0),
        };
        let last = (POINTS - 1) as f64;
        (0..POINTS).map(|point| low + (high - low) * (point as f64 / last)).collect()
    }
}

/// The values, which are ascending, without their zeros if these are a spike.
fn without_spike(feature: Feature, sorted: &[f64]) -> &[f64] {
    let others = &sorted[sorted.partition_point(|value| *value <= 0.0)..];
    let zeros = sorted.len() - others.len();
    let is_spike = feature.info().kind == FeatureKind::Continuous
        && sorted.first().is_some_and(|least| *least == 0.0)
        && zeros as f64 >= MIN_ZERO_SHARE * sorted.len() as f64
        // Without two different others there is no density to be seen beside the zeros.
        && others.first() != others.last();
    if is_spike {
        others
    } else {
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Integral over the scale of the density of `values`, with the zeros that are set apart.
    fn mass(plan: &DensityPlan, values: &[f64]) -> f64 {
        let scaled: Vec<f64> = values.iter().map(|&value| plan.scale(value)).collect();
        let (grid, GroupDistribution { zero_share, density }) = (plan.scaled_grid(), plan.distribution(&scaled));
        let panels = grid.windows(2).zip(density.values.windows(2));
        zero_share.unwrap_or(0.0) + panels.map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0).sum::<f64>()
    }

    /// The middles of a thousand equal parts of 0 to 1.
    fn even() -> Vec<f64> {
        (0..1000).map(|step| (f64::from(step) + 0.5) / 1000.0).collect()
    }

    #[test]
    fn a_bounded_feature_keeps_its_range_and_its_mass() {
        let plan = DensityPlan::new(Feature::Valence, &even());
        assert_eq!(plan.view(), DensityView::Linear { low: 0.0, high: 1.0, cut: None, reflected: true });
        assert!((mass(&plan, &even()) - 1.0).abs() < 1e-9);
        // An even distribution stays even up to the bounds.
        let GroupDistribution { density, .. } = plan.distribution(&even());
        assert!(density.values.iter().all(|value| (value - 1.0).abs() < 1e-9), "{:?}", density.values);
    }

    #[test]
    fn a_value_out_of_bounds_undoes_them() {
        let values = [even(), vec![1.5]].concat();
        let DensityView::Linear { cut, reflected, .. } = DensityPlan::new(Feature::Valence, &values).view() else {
            panic!("a linear axis")
        };
        assert_eq!((cut, reflected), (Some(CUT), false));
    }

    #[test]
    fn outliers_do_not_take_the_axis() {
        let values: Vec<f64> = (0..1000).map(|row| 100.0 + f64::from(row % 100)).chain([0.0, 100_000.0]).collect();
        let DensityView::Linear { low, high, .. } = DensityPlan::new(Feature::Tempo, &values).view() else {
            panic!("a linear axis")
        };
        assert_eq!((low, high), (100.0, 199.0));
    }

    #[test]
    fn a_crowded_axis_becomes_logarithmic_and_keeps_its_mass() {
        let zeros = vec![0.0; 300];
        let small = (0..600).map(|row| 10_f64.powf(-6.0 + f64::from(row) / 200.0));
        let values: Vec<f64> = zeros.into_iter().chain(small).chain([1.0; 60]).collect();
        let plan = DensityPlan::new(Feature::Instrumentalness, &values);
        assert_eq!(plan.view(), DensityView::Log { low: 1e-6, high: 1.0 });
        assert_eq!((plan.grid()[0], plan.grid()[POINTS - 1]), (1e-6, 1.0));
        assert_eq!((plan.scale(0.0), plan.scale(0.01)), (SET_APART, -2.0));
        assert!((mass(&plan, &values) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn zeros_too_few_for_a_bar_are_at_the_left_end_of_a_logarithmic_axis() {
        let small = (0..600).map(|row| 10_f64.powf(-6.0 + f64::from(row) / 200.0));
        let values: Vec<f64> = small.chain([0.0; 10]).chain([1.0; 60]).collect();
        let plan = DensityPlan::new(Feature::Instrumentalness, &values);
        assert_eq!(plan.scale(0.0), 1e-6_f64.log10());
        assert!(plan.distribution(&values).zero_share.is_none());
    }

    #[test]
    fn values_that_are_all_the_same_have_a_linear_axis() {
        let view = DensityPlan::new(Feature::Liveness, &[0.5; 100]).view();
        assert!(matches!(view, DensityView::Linear { .. }), "{view:?}");
    }

    #[test]
    fn a_curve_of_counts_does_not_wave() {
        let counts: Vec<f64> = (0..20_000).map(|row| f64::from(row % 7)).collect();
        let view = DensityView::Linear { low: 2.0, high: 4.0, cut: None, reflected: false };
        let plan = DensityPlan { view, ..DensityPlan::new(Feature::Sections, &counts) };
        let GroupDistribution { density, .. } = plan.distribution(&counts);
        assert_eq!(density.bandwidth, MIN_COUNT_BANDWIDTH);
        assert!(density.values.iter().all(|value| (value * 7.0 - 1.0).abs() < 0.01), "{:?}", density.values);
    }
}
