//! Values that a feature may take in a counterfactual: one in each cell between its cuts, rounded to what a listener can tell apart.

use crate::reference::GroupQuantiles;
use hitflop_core::track::{Feature, FeatureStep};

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
        let step = feature.step()?;
        let from_rank = of_decade.percentile_rank(feature, from)?;
        let (low, high) = of_decade.range(feature)?;
        let own = cuts.partition_point(|&cut| cut < from);
        let cell = |cell: usize| {
            let above = if cell == 0 { f64::NEG_INFINITY } else { cuts[cell - 1] };
            let end = cuts.get(cell).copied().unwrap_or(f64::INFINITY);
            let value = match cell.cmp(&own) {
                std::cmp::Ordering::Equal => from,
                std::cmp::Ordering::Less => greatest_within(step, from, (above, low, end.min(high)))?,
                std::cmp::Ordering::Greater => least_within(step, from, (above, low, end.min(high)))?,
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

/// The multiple of a step, without the noise of a product with a decimal fraction.
fn multiple(count: f64, step: f64) -> f64 {
    if step >= 1.0 {
        count * step
    } else {
        count / (1.0 / step).round()
    }
}

/// Values of a cell: above the first, from the second to the third.
type CellRange = (f64, f64, f64);

fn is_within(value: f64, (above, low, high): CellRange) -> bool {
    value > above && value >= low && value <= high
}

/// The least multiple of the rounding in a cell that is noticeably above the track's own value.
fn least_within(step: FeatureStep, from: f64, cell: CellRange) -> Option<f64> {
    let (above, low, _) = cell;
    let count = (above.max(low).max(from + step.noticeable) / step.rounding).floor();
    let mut tried = [count, count + 1.0].into_iter().map(|count| multiple(count, step.rounding));
    tried.find(|&value| is_within(value, cell) && is_noticeable(step, value - from))
}

/// The greatest multiple of the rounding in a cell that is noticeably below the track's own value.
fn greatest_within(step: FeatureStep, from: f64, cell: CellRange) -> Option<f64> {
    let (_, _, high) = cell;
    let count = (high.min(from - step.noticeable) / step.rounding).ceil();
    let mut tried = [count, count - 1.0].into_iter().map(|count| multiple(count, step.rounding));
    tried.find(|&value| is_within(value, cell) && is_noticeable(step, from - value))
}

/// Whether a change is one, up to the noise of a difference: 0.3 and 0.28 differ by less than 0.02.
fn is_noticeable(step: FeatureStep, change: f64) -> bool {
    change >= step.noticeable * (1.0 - 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOVE_ALL: f64 = f64::NEG_INFINITY;

    fn step(feature: Feature) -> FeatureStep {
        feature.step().expect("a quantity")
    }

    #[test]
    fn values_are_rounded_to_what_can_be_heard() {
        let least = |feature, from, cell| least_within(step(feature), from, cell);
        let greatest = |feature, from, cell| greatest_within(step(feature), from, cell);
        assert_eq!(least(Feature::Energy, 0.3, (0.4, 0.0, 0.9)), Some(0.41));
        assert_eq!(least(Feature::Energy, 0.3, (0.40012, 0.0, 0.40021)), None, "no multiple is there");
        assert_eq!(greatest(Feature::Energy, 0.9, (0.1, 0.0, 0.4)), Some(0.4));
        assert_eq!(greatest(Feature::Energy, 0.9, (0.1, 0.0, 0.12345)), Some(0.12));
        assert_eq!(least(Feature::DurationMs, 1e5, (180_250.5, 0.0, 1e6)), Some(181_000.0));
        assert_eq!(least(Feature::Loudness, -9.0, (ABOVE_ALL, -7.2, -7.0)), Some(-7.2), "the range's own end");
        assert_eq!(greatest(Feature::Loudness, -5.0, (-60.0, -50.0, -55.0)), None, "outside the range");
        assert_eq!(greatest(Feature::Sections, 12.0, (8.5, 1.0, 11.0)), Some(11.0));
        assert_eq!(
            least(Feature::Tempo, 117.3, (118.2, 60.0, 140.0)),
            Some(120.0),
            "further than the nearest multiple"
        );
    }

    #[test]
    fn changes_that_cannot_be_heard_are_skipped() {
        let least = |feature, from, cell| least_within(step(feature), from, cell);
        let greatest = |feature, from, cell| greatest_within(step(feature), from, cell);
        assert_eq!(least(Feature::Tempo, 118.1, (118.2, 60.0, 119.9)), None);
        assert_eq!(greatest(Feature::Tempo, 118.0, (116.2, 60.0, 117.5)), None);
        assert_eq!(greatest(Feature::Energy, 0.3, (0.1, 0.0, 0.295)), Some(0.28), "two steps");
        assert_eq!(least(Feature::Energy, 0.28, (0.285, 0.0, 1.0)), Some(0.3));
        assert_eq!(least(Feature::Loudness, -7.03, (-7.02, -60.0, 0.0)), Some(-6.5));
        assert_eq!(least(Feature::Loudness, -7.03, (-7.02, -60.0, -6.55)), None);
    }
}
