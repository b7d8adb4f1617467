//! Bins of a feature's values along the axis of its density, and counts in them.

use serde::Serialize;

use crate::explore::density::DensityView;
use hitflop_core::track::{Feature, Label};

/// Most categories that have a bin each.
const MAX_CATEGORIES: usize = 24;

/// How bins follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BinScale {
    /// Bins of equal width.
    Linear,
    /// Bins whose ends have equal ratios.
    Log,
    /// A bin a category.
    Categories,
}

/// The bins of a feature's values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureBins {
    /// How they follow each other.
    pub scale: BinScale,
    /// Ends of the bins, ascending, one more than there are bins. A bin has its lower end and, but for the last, not its upper one.
    /// A value of 0 below the first end, which the axis of a density may set apart, is in the first bin, and on a logarithmic scale so are
    /// the values between; other values beyond the ends are in none. Of categories: the categories.
    pub edges: Vec<f64>,
}

impl FeatureBins {
    /// At most `most` bins along the axis of the feature's density; the values are given ascending. Without an axis, as of the decade,
    /// each distinct value has a bin. Bins of whole numbers contain equally many of them.
    pub(super) fn of(feature: Feature, view: Option<DensityView>, sorted: &[f64], most: usize) -> FeatureBins {
        match view {
            Some(DensityView::Log { low, high }) => {
                FeatureBins { scale: BinScale::Log, edges: log_edges(low, high, most) }
            }
            Some(DensityView::Linear { low, high, .. }) => FeatureBins::linear(low, high, feature.is_whole(), most),
            Some(DensityView::Shares) | None => {
                let mut categories = sorted.to_vec();
                categories.dedup();
                match (categories.len() > MAX_CATEGORIES, sorted.first(), sorted.last()) {
                    (true, Some(&low), Some(&high)) => FeatureBins::linear(low, high, feature.is_whole(), most),
                    _ => FeatureBins { scale: BinScale::Categories, edges: categories },
                }
            }
        }
    }

    fn linear(low: f64, high: f64, is_whole: bool, most: usize) -> FeatureBins {
        let edges = match is_whole && (high - low).is_finite() {
            true => whole_edges(low, high, most),
            false => {
                let part = |bin: usize| bin as f64 / most as f64;
                (0..=most).map(|bin| low * (1.0 - part(bin)) + high * part(bin)).collect()
            }
        };
        FeatureBins { scale: BinScale::Linear, edges }
    }

    /// Number of bins.
    pub fn len(&self) -> usize {
        match self.scale {
            BinScale::Categories => self.edges.len(),
            BinScale::Linear | BinScale::Log => self.edges.len().saturating_sub(1),
        }
    }

    /// Whether there is no bin.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bin of a value; none if it is missing or beyond the ends.
    pub(super) fn place(&self, value: f64) -> Option<usize> {
        if self.scale == BinScale::Categories {
            let place = self.edges.partition_point(|category| *category < value);
            return (self.edges.get(place) == Some(&value)).then_some(place);
        }
        let (first, last) = (*self.edges.first()?, *self.edges.last()?);
        match value {
            _ if value.is_nan() || value > last => None,
            _ if value < first => (value == 0.0 || self.scale == BinScale::Log && value > 0.0).then_some(0),
            _ => Some(self.edges.partition_point(|edge| *edge <= value).min(self.len()) - 1),
        }
    }
}

fn log_edges(low: f64, high: f64, bins: usize) -> Vec<f64> {
    let ratio = (high / low).ln();
    let mut edges: Vec<f64> = (0..=bins).map(|bin| low * (ratio * bin as f64 / bins as f64).exp()).collect();
    // An exponential of a logarithm is not quite what it came from.
    edges[bins] = high;
    edges
}

/// Ends halfway between whole numbers, as many numbers in each bin.
fn whole_edges(low: f64, high: f64, most: usize) -> Vec<f64> {
    let (low, high) = (low.ceil() - 0.5, high.floor() + 0.5);
    let width = ((high - low) / most as f64).ceil().max(1.0);
    let bins = ((high - low) / width).ceil().max(1.0) as usize;
    (0..=bins).map(|bin| low + width * bin as f64).collect()
}

/// How many tracks of each label have a value in each bin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelHistogram {
    /// The bins.
    pub bins: FeatureBins,
    /// Flops in each bin.
    pub flops: Vec<u64>,
    /// Hits in each bin.
    pub hits: Vec<u64>,
}

impl LabelHistogram {
    pub(super) fn of(bins: FeatureBins, values: &[f64], labels: &[Label]) -> LabelHistogram {
        LabelHistogram::of_counts(bins, values.iter().zip(labels).map(|(value, label)| (*value, *label, 1)))
    }

    /// The histogram of values, each with its label and how often it occurs.
    pub(in crate::explore) fn of_counts(
        bins: FeatureBins,
        values: impl Iterator<Item = (f64, Label, u64)>,
    ) -> LabelHistogram {
        let mut counts = [vec![0; bins.len()], vec![0; bins.len()]];
        for (value, label, count) in values {
            if let Some(place) = bins.place(value) {
                counts[label as usize][place] += count;
            }
        }
        let [flops, hits] = counts;
        LabelHistogram { bins, flops, hits }
    }

    /// Flops and hits in each bin as shares of the flops, or hits, in all bins; 0 where there are none.
    pub fn shares(&self) -> [Vec<f64>; 2] {
        [&self.flops, &self.hits].map(|counts| {
            let all = counts.iter().sum::<u64>().max(1) as f64;
            counts.iter().map(|count| *count as f64 / all).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINEAR: DensityView = DensityView::Linear { low: 0.0, high: 1.0, cut: None, reflected: true };

    /// As `numpy.histogram`.
    #[test]
    fn a_bin_has_its_lower_end_and_the_last_has_both() {
        let bins = FeatureBins::of(Feature::Energy, Some(LINEAR), &[], 4);
        assert_eq!(bins.edges, [0.0, 0.25, 0.5, 0.75, 1.0]);
        let places = [0.0, 0.24, 0.25, 0.99, 1.0, 1.01, -0.01, f64::NAN].map(|value| bins.place(value));
        assert_eq!(places, [Some(0), Some(0), Some(1), Some(3), Some(3), None, None, None]);
    }

    #[test]
    fn zeros_below_the_axis_are_in_the_first_bin() {
        let view = DensityView::Linear { low: 60.0, high: 180.0, cut: Some(0.995), reflected: false };
        let bins = FeatureBins::of(Feature::Tempo, Some(view), &[], 4);
        assert_eq!([0.0, 0.5, -1.0, 60.0].map(|value| bins.place(value)), [Some(0), None, None, Some(0)]);
    }

    #[test]
    fn on_a_logarithmic_scale_zero_is_in_the_first_bin() {
        let bins = FeatureBins::of(Feature::Energy, Some(DensityView::Log { low: 0.01, high: 1.0 }), &[], 2);
        assert!((bins.edges[1] - 0.1).abs() < 1e-12 && bins.edges[2] == 1.0, "{:?}", bins.edges);
        let places = [0.0, 0.05, 0.2, 1.0, 1.5, -1.0, f64::NAN].map(|value| bins.place(value));
        assert_eq!(places, [Some(0), Some(0), Some(1), Some(1), None, None, None]);
    }

    #[test]
    fn bins_of_whole_numbers_contain_equally_many() {
        let view = DensityView::Linear { low: 2.0, high: 24.0, cut: Some(0.995), reflected: false };
        let bins = FeatureBins::of(Feature::Sections, Some(view), &[], 20);
        assert_eq!((bins.len(), bins.edges[0], bins.edges[1], bins.place(24.0)), (12, 1.5, 3.5, Some(11)));
        let few = DensityView::Linear { low: 2.0, high: 4.0, cut: None, reflected: false };
        assert_eq!(FeatureBins::of(Feature::Sections, Some(few), &[], 20).edges, [1.5, 2.5, 3.5, 4.5]);
        let between = DensityView::Linear { low: 2.2, high: 2.4, cut: None, reflected: false };
        assert_eq!(FeatureBins::of(Feature::Sections, Some(between), &[], 20).len(), 1);
    }

    #[test]
    fn each_category_has_a_bin_unless_there_are_many() {
        let few = FeatureBins::of(Feature::Key, Some(DensityView::Shares), &[-1.0, 0.0, 0.0, 5.0], 20);
        assert_eq!((few.edges.as_slice(), few.place(5.0), few.place(4.0)), (&[-1.0, 0.0, 5.0][..], Some(2), None));
        let many: Vec<f64> = (0..100).map(f64::from).collect();
        let bins = FeatureBins::of(Feature::Key, Some(DensityView::Shares), &many, 20);
        assert_eq!((bins.scale, bins.len(), bins.place(99.0)), (BinScale::Linear, 20, Some(19)));
        let none = FeatureBins::of(Feature::Decade, None, &[], 20);
        assert!(none.is_empty() && none.place(1960.0).is_none());
    }

    #[test]
    fn labels_are_counted_apart() {
        let bins = FeatureBins::of(Feature::Energy, Some(LINEAR), &[], 2);
        let labels = [Label::Hit, Label::Flop, Label::Hit, Label::Hit, Label::Flop];
        let found = LabelHistogram::of(bins, &[0.1, 0.2, 0.9, f64::NAN, 7.0], &labels);
        assert_eq!((found.flops.as_slice(), found.hits.as_slice()), (&[1, 0][..], &[1, 1][..]));
        assert_eq!(found.shares(), [vec![1.0, 0.0], vec![0.5, 0.5]]);
    }

    #[test]
    fn no_range_is_too_wide() {
        let view = DensityView::Linear { low: -1e308, high: 1e308, cut: None, reflected: false };
        for feature in [Feature::Energy, Feature::Sections] {
            let bins = FeatureBins::of(feature, Some(view), &[], 20);
            assert!(bins.edges.iter().all(|edge| edge.is_finite()) && bins.place(0.0).is_some(), "{feature}");
        }
    }
}
