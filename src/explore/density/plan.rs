//! Which axis a feature's density is drawn on, and the density on that axis.

use super::kernel::{kde_within, Bounds, Density};
use super::View;
use crate::explore::quantile::quantile;
use crate::track::{Feature, Range};

/// Points of a grid.
const POINTS: usize = 200;

/// Quantile at which an axis without documented ends is cut; the other end is at one minus this.
const CUT: f64 = 0.995;

/// Part of a linear axis in which at least half of the tracks must not stand, or the axis becomes logarithmic.
const CROWDED: f64 = 0.1;

/// An axis, chosen by the rules of [`View`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    view: View,
    /// Least value above 0, where the scale is logarithmic.
    floor: f64,
    /// Ends of the quantity on the scale, where it has them.
    bounds: Bounds,
}

impl Plan {
    /// Chooses the axis for the values of all tracks.
    pub fn new(feature: Feature, values: &[f64]) -> Plan {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let linear = Self::linear(feature, &sorted);
        linear.logarithmic(&sorted).unwrap_or(linear)
    }

    fn linear(feature: Feature, sorted: &[f64]) -> Plan {
        let unit = feature.info().range == Range::Within(0.0, 1.0)
            && [sorted.first(), sorted.last()].into_iter().flatten().all(|end| (0.0..=1.0).contains(end));
        if unit {
            let view = View::Linear { low: 0.0, high: 1.0, cut: None, reflected: true };
            return Plan { view, floor: 0.0, bounds: Bounds { low: Some(0.0), high: Some(1.0) } };
        }
        let (low, high) = (quantile(sorted, 1.0 - CUT).unwrap_or(0.0), quantile(sorted, CUT).unwrap_or(1.0));
        // An axis has a length, even if all values are equal.
        let (low, high) = if low < high { (low, high) } else { (low - 0.5, low + 0.5) };
        let view = View::Linear { low, high, cut: Some(CUT), reflected: false };
        Plan { view, floor: 0.0, bounds: Bounds::default() }
    }

    /// The logarithmic axis in place of this linear one, if it is crowded at its low end and there is something to take logarithms of.
    fn logarithmic(&self, sorted: &[f64]) -> Option<Plan> {
        let View::Linear { low, high, reflected, .. } = self.view else { return None };
        let median = quantile(sorted, 0.5)?;
        let floor = *sorted.get(sorted.partition_point(|value| *value <= 0.0))?;
        let low = low.max(floor);
        if median >= low + CROWDED * (high - low) || low >= high {
            return None;
        }
        let bounds = if reflected {
            Bounds { low: Some(floor.log10()), high: Some(high.log10()) }
        } else {
            Bounds::default()
        };
        Some(Plan { view: View::Log { low, high }, floor, bounds })
    }

    /// The view that the chart needs to know.
    pub fn view(&self) -> View {
        self.view
    }

    /// A value on the scale that the density is over.
    pub fn scale(&self, value: f64) -> f64 {
        match self.view {
            // NaN stays what it is: the greater of the two would be the floor.
            View::Log { .. } if value <= self.floor => self.floor.log10(),
            View::Log { .. } => value.log10(),
            View::Linear { .. } | View::Shares => value,
        }
    }

    /// The grid as values.
    pub fn grid(&self) -> Vec<f64> {
        match self.view {
            View::Log { low, high } => {
                let mut grid: Vec<f64> = self.scaled_grid().into_iter().map(|log| 10_f64.powf(log)).collect();
                // A power of a logarithm is not quite what it came from.
                (grid[0], grid[POINTS - 1]) = (low, high);
                grid
            }
            View::Linear { .. } | View::Shares => self.scaled_grid(),
        }
    }

    /// The density at the points of the grid, of values on the scale.
    pub fn density(&self, scaled: &[f64]) -> Density {
        kde_within(scaled, &self.scaled_grid(), self.bounds)
    }

    fn scaled_grid(&self) -> Vec<f64> {
        let (low, high) = match self.view {
            View::Log { low, high } => (low.log10(), high.log10()),
            View::Linear { low, high, .. } => (low, high),
            View::Shares => (0.0, 1.0),
        };
        let last = (POINTS - 1) as f64;
        (0..POINTS).map(|point| low + (high - low) * (point as f64 / last)).collect()
    }
}
