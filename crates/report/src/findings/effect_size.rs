//! How far hits lie from flops in each feature, decade by decade: Cohen's d with 95 % intervals.
//!
//! d = (mean of hits − mean of flops) / s, with s² = ((n₁ − 1) s₁² + (n₀ − 1) s₀²) / (n₁ + n₀ − 2). Its standard error is
//! √((h₁² + h₀²) / (1.96 s)² + d² / (2 (n₁ + n₀))): the first term is that of the difference of the means, from the half
//! widths h of their intervals; the second, for the spread being estimated, is that of Hedges & Olkin, *Statistical
//! Methods for Meta-Analysis* (1985), ch. 5. With half widths of independent tracks this is their standard error, but for
//! each group having a spread of its own. So d allows for as much dependence between tracks as the half widths do.
//!
//! The second term takes tracks as independent, and so does adding the variances of hits and flops, or of two decades:
//! an artist who has tracks in both is taken as two.

use serde::Serialize;

use hitflop_core::track::{Decade, Feature, Label};
use hitflop_data::explore::summary::{GroupMean, GroupSummary, Summary};
use hitflop_metrics::normal::Z_95_ROUNDED;

/// A number with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct IntervalEstimate {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl IntervalEstimate {
    /// Estimate ± 1.96 standard errors.
    fn normal(value: f64, standard_error: f64) -> IntervalEstimate {
        IntervalEstimate {
            value,
            low: value - Z_95_ROUNDED * standard_error,
            high: value + Z_95_ROUNDED * standard_error,
        }
    }

    /// Whether zero lies outside the interval.
    pub(crate) fn excludes_zero(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }

    /// Half the width of the interval.
    pub(crate) fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    fn standard_error(&self) -> f64 {
        (self.high - self.low) / (2.0 * Z_95_ROUNDED)
    }
}

/// Standardised difference of hits and flops in one decade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct DecadeEffect {
    pub(crate) decade: Decade,
    /// Cohen's d, greater than zero where hits have more of the feature.
    pub(crate) d: IntervalEstimate,
}

/// What became of a feature's effect between the first and the last decade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trend {
    /// It is further from zero than it was.
    Grew,
    /// It is nearer to zero than it was.
    Shrank,
    /// It lay clearly on one side of zero and lies clearly on the other.
    Reversed,
    /// The interval of the change holds zero.
    NoClearChange,
}

/// Change of an effect from the first to the last decade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct EffectChange {
    /// Effect in the first decade.
    pub(crate) from: DecadeEffect,
    /// Effect in the last decade.
    pub(crate) to: DecadeEffect,
    /// Last minus first.
    pub(crate) difference: IntervalEstimate,
    /// What that means.
    pub(crate) trend: Trend,
}

/// One feature's effects.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct FeatureEffect {
    pub(crate) feature: Feature,
    /// Cohen's d over all tracks; absent where it is not defined (one label only, or no spread).
    pub(crate) overall: Option<IntervalEstimate>,
    /// Cohen's d of each decade in which it is defined, in order.
    pub(crate) by_decade: Vec<DecadeEffect>,
    /// Change from the first to the last of these; absent where there are fewer than two.
    pub(crate) change: Option<EffectChange>,
}

impl FeatureEffect {
    /// The decade in which hits and flops lie furthest apart.
    pub(crate) fn strongest(&self) -> Option<DecadeEffect> {
        self.by_decade.iter().copied().max_by(|a, b| a.d.value.abs().total_cmp(&b.d.value.abs()))
    }

    /// The decade between the first and the last that lies furthest from both, if it lies clearly (by the 95 % interval
    /// of the difference) on the same side of each: what a comparison of the ends alone does not show.
    pub(crate) fn swing(&self) -> Option<DecadeEffect> {
        let [first, between @ .., last] = self.by_decade.as_slice() else { return None };
        let away = |one: &DecadeEffect| {
            let (from_first, from_last) = (difference(first.d, one.d), difference(last.d, one.d));
            let same_side = from_first.value * from_last.value > 0.0;
            let is_clear = same_side && from_first.excludes_zero() && from_last.excludes_zero();
            is_clear.then(|| from_first.value.abs().min(from_last.value.abs()))
        };
        let swings = between.iter().filter_map(|one| Some((*one, away(one)?)));
        swings.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(one, _)| one)
    }
}

/// Effects of every feature whose mean says something: not the decade, by which the data was sampled, nor the key, whose
/// numbers are names of pitches on a circle.
pub(crate) fn effects(summary: &Summary) -> Vec<FeatureEffect> {
    let compared = audio_features(summary).into_iter().filter(|feature| *feature != Feature::Key);
    compared.map(|feature| feature_effect(summary, feature)).collect()
}

fn feature_effect(summary: &Summary, feature: Feature) -> FeatureEffect {
    let by_decade: Vec<DecadeEffect> = decades(summary)
        .into_iter()
        .filter_map(|decade| {
            let of_decade = |label| group(&summary.by_decade_and_label, Some(decade), label);
            let d = cohens_d(of_decade(Label::Hit)?, of_decade(Label::Flop)?, feature)?;
            Some(DecadeEffect { decade, d })
        })
        .collect();
    FeatureEffect { feature, overall: overall(summary, feature), change: change(&by_decade), by_decade }
}

fn overall(summary: &Summary, feature: Feature) -> Option<IntervalEstimate> {
    let hits = group(&summary.by_label, None, Label::Hit)?;
    cohens_d(hits, group(&summary.by_label, None, Label::Flop)?, feature)
}

/// The audio features that the tracks have, in their order.
pub(crate) fn audio_features(summary: &Summary) -> Vec<Feature> {
    summary.features().filter(|feature| *feature != Feature::Decade).collect()
}

/// The decades of a summary, in its order.
pub(crate) fn decades(summary: &Summary) -> Vec<Decade> {
    summary.by_decade.iter().filter_map(|group| group.decade).collect()
}

/// The group of this decade and label.
pub(crate) fn group(groups: &[GroupSummary], decade: Option<Decade>, label: Label) -> Option<&GroupSummary> {
    groups.iter().find(|group| group.decade == decade && group.label == Some(label))
}

/// The mean of a feature in a group.
pub(crate) fn mean_of(group: &GroupSummary, feature: Feature) -> Option<&GroupMean> {
    group.means.iter().find(|mean| mean.feature == feature)
}

/// Cohen's d with its 95 % interval; `None` where either group has fewer than two tracks or neither has any spread.
pub(crate) fn cohens_d(hits: &GroupSummary, flops: &GroupSummary, feature: Feature) -> Option<IntervalEstimate> {
    let (hit, flop) = (mean_of(hits, feature)?, mean_of(flops, feature)?);
    if hits.rows < 2 || flops.rows < 2 {
        return None;
    }
    let (n1, n0) = (hits.rows as f64, flops.rows as f64);
    let variance = ((n1 - 1.0) * hit.std.powi(2) + (n0 - 1.0) * flop.std.powi(2)) / (n1 + n0 - 2.0);
    let d = (hit.mean - flop.mean) / variance.sqrt();
    let of_means = hit.half_width.hypot(flop.half_width) / (Z_95_ROUNDED * variance.sqrt());
    let standard_error = (of_means * of_means + d * d / (2.0 * (n1 + n0))).sqrt();
    d.is_finite().then(|| IntervalEstimate::normal(d, standard_error))
}

fn change(by_decade: &[DecadeEffect]) -> Option<EffectChange> {
    let [from, .., to] = *by_decade else { return None };
    let difference = difference(from.d, to.d);
    Some(EffectChange { from, to, difference, trend: trend(from.d, to.d, difference) })
}

/// One effect minus another. The decades hold different tracks, so that the variances of the two estimates add.
fn difference(from: IntervalEstimate, to: IntervalEstimate) -> IntervalEstimate {
    IntervalEstimate::normal(to.value - from.value, from.standard_error().hypot(to.standard_error()))
}

fn trend(from: IntervalEstimate, to: IntervalEstimate, difference: IntervalEstimate) -> Trend {
    let opposite = from.value * to.value < 0.0;
    if !difference.excludes_zero() {
        Trend::NoClearChange
    } else if opposite && from.excludes_zero() && to.excludes_zero() {
        Trend::Reversed
    } else if to.value.abs() > from.value.abs() {
        Trend::Grew
    } else {
        Trend::Shrank
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    #[test]
    fn d_agrees_with_a_calculation_by_hand() {
        // 40 hits at 0.6 ± 0.2, 60 flops at 0.5 ± 0.1: s² = (39 · 0.04 + 59 · 0.01) / 98 = 0.0219388, s = 0.148117,
        // d = 0.675140; (h / 1.96)² = 0.04 / 40 + 0.01 / 60 = 0.00116667; se² = 0.00116667 / s² + d² / 200 = 0.0554571,
        // 1.96 se = 0.461567.
        let hits = small::group(None, Some(Label::Hit), 40, &[(Feature::Energy, 0.6, 0.2)]);
        let flops = small::group(None, Some(Label::Flop), 60, &[(Feature::Energy, 0.5, 0.1)]);
        let d = cohens_d(&hits, &flops, Feature::Energy).expect("both groups have spread");
        assert!((d.value - 0.675_140).abs() < 1e-6, "{d:?}");
        assert!((d.high - d.value - 0.461_567).abs() < 1e-6, "{d:?}");
    }

    #[test]
    fn wider_intervals_of_the_means_widen_that_of_d() {
        // Half widths 0.06 and 0.08: √(0.0036 + 0.0064) = 0.1, over s = 0.2 is 0.5; the means are equal, so that d = 0.
        let mut groups =
            [Label::Hit, Label::Flop].map(|label| small::group(None, Some(label), 100, &[(Feature::Energy, 0.5, 0.2)]));
        for (group, half_width) in groups.iter_mut().zip([0.06, 0.08]) {
            group.means[Feature::Energy as usize].half_width = half_width;
        }
        let d = cohens_d(&groups[0], &groups[1], Feature::Energy).expect("both groups have spread");
        assert!((d.high - 0.5).abs() < 1e-12 && (d.low + 0.5).abs() < 1e-12, "{d:?}");
    }

    #[test]
    fn a_swing_that_the_ends_do_not_show_is_found() {
        let at = |year: i32, value: f64, se: f64| DecadeEffect {
            decade: small::decade(year),
            d: IntervalEstimate::normal(value, se),
        };
        let of = |by_decade: Vec<DecadeEffect>| FeatureEffect {
            feature: Feature::DurationMs,
            overall: None,
            change: change(&by_decade),
            by_decade,
        };
        let effect = of(vec![at(1960, -0.36, 0.03), at(1980, 0.04, 0.03), at(1990, 0.15, 0.03), at(2010, -0.39, 0.03)]);
        assert_eq!(effect.change.map(|change| change.trend), Some(Trend::NoClearChange));
        let swing = effect.swing().expect("two clear signs or more");
        assert_eq!((swing.decade.year(), swing.d.value), (1990, 0.15));
        // The same values within wide intervals, and a straight line, swing nowhere.
        assert_eq!(of(vec![at(1960, -0.36, 0.3), at(1990, 0.15, 0.3), at(2010, -0.39, 0.3)]).swing(), None);
        assert_eq!(of(vec![at(1960, -0.3, 0.03), at(1990, -0.3, 0.03), at(2010, -0.3, 0.03)]).swing(), None);
    }

    #[test]
    fn d_is_absent_where_it_is_not_defined() {
        let one = small::group(None, Some(Label::Hit), 1, &[(Feature::Energy, 0.6, f64::NAN)]);
        let many = small::group(None, Some(Label::Flop), 60, &[(Feature::Energy, 0.5, 0.1)]);
        assert_eq!(cohens_d(&one, &many, Feature::Energy), None);
        let flat = |label, mean| small::group(None, Some(label), 9, &[(Feature::Energy, mean, 0.0)]);
        assert_eq!(cohens_d(&flat(Label::Hit, 0.5), &flat(Label::Flop, 0.5), Feature::Energy), None);
        assert_eq!(cohens_d(&flat(Label::Hit, 0.6), &flat(Label::Flop, 0.5), Feature::Energy), None);
    }

    #[test]
    fn trends_compare_the_first_with_the_last_decade() {
        let at = |value: f64| IntervalEstimate::normal(value, 0.05);
        let of = |from: f64, to: f64| trend(at(from), at(to), IntervalEstimate::normal(to - from, 0.05f64.hypot(0.05)));
        assert_eq!(of(0.1, 0.5), Trend::Grew);
        assert_eq!(of(-0.5, -0.1), Trend::Shrank);
        assert_eq!(of(0.3, -0.3), Trend::Reversed);
        assert_eq!(of(0.3, 0.35), Trend::NoClearChange);
        // The last is not clearly below zero, so that nothing is said to have reversed.
        assert_eq!(of(0.3, -0.02), Trend::Shrank);
    }
}
