//! Numbers that the sentences need and the report does not hold as such.

use serde::Serialize;

use super::effect_size::{effects, group, FeatureEffect, IntervalEstimate};
use super::errors::ErrorAnalysis;
use super::fold_statistics::FoldStatistics;
use super::grid_figures::GridFigures;
use super::measures::ImportanceMeasures;
use super::successive_halving::HalvingFigures;
use crate::Report;
use hitflop_core::track::{Decade, Feature, Label, TARGET};
use hitflop_data::explore::correlation::CorrelationMatrix;
use hitflop_data::explore::density::{DensityView, FeatureDensity};
use hitflop_data::explore::mutual_information::Estimate;
use hitflop_data::explore::summary::{GroupSummary, Summary};
use hitflop_metrics::reliability;
use hitflop_model::evaluation::Confusion;

/// Mutual information of a feature with the label, as a share of the entropy of the label.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Information {
    pub(crate) feature: Feature,
    /// Mutual information with the label, in nats.
    pub(crate) nats: f64,
    /// The same divided by the entropy of the label: 1 would give the label away. NaN if there is one label only.
    pub(crate) share_of_entropy: f64,
    /// Whether it is greater than by chance: [`Estimate::is_informative`].
    pub(crate) informative: bool,
}

/// Correlation of two columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Pair {
    pub(crate) a: String,
    pub(crate) b: String,
    /// Their Pearson correlation.
    pub(crate) pearson: f64,
    /// Their Spearman correlation.
    pub(crate) spearman: f64,
}

/// What the distributions of hits and flops have in common.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Overlap {
    pub(crate) feature: Feature,
    /// Area below both curves, or the sum of the smaller shares: 1 for equal distributions, 0 for disjoint ones.
    pub(crate) share: f64,
}

/// Hits of one decade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Balance {
    pub(crate) decade: Decade,
    pub(crate) rows: u64,
    pub(crate) hits: u64,
    pub(crate) flops: u64,
    /// Hits as a share of its tracks.
    pub(crate) hit_share: f64,
}

/// Numbers derived from a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Derived {
    /// Number of hits.
    pub(crate) hits: u64,
    /// Number of flops.
    pub(crate) flops: u64,
    /// Hits as a share of all tracks; NaN without tracks.
    pub(crate) hit_share: f64,
    /// Hits by decade.
    pub(crate) balance: Vec<Balance>,
    /// Entropy of the label in nats: ln 2 where hits and flops are equally many.
    pub(crate) label_entropy: f64,
    /// Mutual information of each feature with the label, categories taken as discrete, greatest first.
    pub(crate) information: Vec<Information>,
    /// The same with every feature taken as continuous.
    pub(crate) information_all_continuous: Vec<Information>,
    /// Standardised differences of hits and flops, by feature and decade.
    pub(crate) effects: Vec<FeatureEffect>,
    /// Overlap of hits and flops, least first.
    pub(crate) overlaps: Vec<Overlap>,
    /// Pairs of features, the greatest |Pearson| first.
    pub(crate) feature_pairs: Vec<Pair>,
    /// Each feature with the label, the greatest |Pearson| first.
    pub(crate) target_pairs: Vec<Pair>,
    /// Accuracy on the test rows with its 95 % interval.
    pub(crate) accuracy: Option<IntervalEstimate>,
    /// Test rows that were answered right.
    pub(crate) right_answers: Option<u64>,
    /// Share of the flops among the test rows that are called flops.
    pub(crate) specificity: Option<f64>,
    /// Statistics of the compared models over the folds.
    #[serde(rename = "standings")]
    pub(crate) fold_statistics: Option<FoldStatistics>,
    /// The grid search, point by point and parameter by parameter.
    pub(crate) grid: Option<GridFigures>,
    /// The search for the boosting's parameters, candidate by candidate.
    pub(crate) boosting_search: Option<HalvingFigures>,
    /// Importance of each feature by four measures; absent where the final model was not explained.
    pub(crate) measures: Option<ImportanceMeasures>,
    /// The tracks that the final model predicts wrongly; absent where there are no predictions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) errors: Option<ErrorAnalysis>,
}

impl Derived {
    /// Derives the numbers.
    pub(crate) fn of(report: &Report) -> Derived {
        let summary = &report.summary;
        let (hits, flops) = (rows_of(summary, Label::Hit), rows_of(summary, Label::Flop));
        let hit_share = hits as f64 / (hits + flops) as f64;
        let label_entropy = entropy(hit_share);
        let (feature_pairs, target_pairs) = pairs(&report.pearson, &report.spearman);
        let comparison = report.comparison.as_ref();
        let confusion = report.evaluation.as_ref().map(|evaluation| &evaluation.confusion);
        Derived {
            hits,
            flops,
            hit_share,
            balance: balance(summary),
            label_entropy,
            information: information(&report.mutual_information.mixed, label_entropy),
            information_all_continuous: information(&report.mutual_information.all_continuous, label_entropy),
            effects: effects(summary),
            overlaps: overlaps(&report.densities),
            feature_pairs,
            target_pairs,
            accuracy: confusion.map(|confusion| wilson(right(confusion), total(confusion))),
            right_answers: confusion.map(right),
            specificity: confusion.map(specificity),
            fold_statistics: comparison.map(FoldStatistics::of),
            grid: comparison.and_then(|comparison| comparison.grid.as_ref()).map(GridFigures::of),
            boosting_search: comparison.and_then(|one| one.boosting_search.as_ref()).map(HalvingFigures::of),
            measures: ImportanceMeasures::of(report),
            errors: report.predictions.as_ref().map(ErrorAnalysis::of),
        }
    }

    /// Whether every decade has as many hits as flops.
    pub(crate) fn is_balanced(&self) -> bool {
        !self.balance.is_empty() && self.balance.iter().all(|decade| decade.hits == decade.flops)
    }

    /// The effect of a feature, if it has one.
    pub(crate) fn effect(&self, feature: Feature) -> Option<&FeatureEffect> {
        self.effects.iter().find(|effect| effect.feature == feature)
    }
}

fn rows_of(summary: &Summary, label: Label) -> u64 {
    summary.by_label.iter().filter(|group| group.label == Some(label)).map(|group| group.rows).sum()
}

fn balance(summary: &Summary) -> Vec<Balance> {
    let of = |of_decade: &GroupSummary| {
        let decade = of_decade.decade?;
        let rows = |label| group(&summary.by_decade_and_label, Some(decade), label).map_or(0, |group| group.rows);
        let (hits, flops) = (rows(Label::Hit), rows(Label::Flop));
        Some(Balance { decade, rows: of_decade.rows, hits, flops, hit_share: hits as f64 / of_decade.rows as f64 })
    };
    summary.by_decade.iter().filter_map(of).collect()
}

/// Entropy of a label that is 1 with this probability, in nats.
fn entropy(probability: f64) -> f64 {
    let term = |p: f64| if p > 0.0 { -p * p.ln() } else { 0.0 };
    term(probability) + term(1.0 - probability)
}

fn information(estimates: &[Estimate], label_entropy: f64) -> Vec<Information> {
    let mut ranked: Vec<Information> = estimates
        .iter()
        .map(|estimate| Information {
            feature: estimate.feature,
            nats: estimate.nats,
            share_of_entropy: estimate.nats / label_entropy,
            informative: estimate.is_informative(),
        })
        .collect();
    ranked.sort_by(|a, b| b.nats.total_cmp(&a.nats));
    ranked
}

fn overlaps(densities: &[FeatureDensity]) -> Vec<Overlap> {
    let mut overlaps: Vec<Overlap> = densities.iter().filter_map(overlap).collect();
    overlaps.sort_by(|a, b| a.share.total_cmp(&b.share));
    overlaps
}

fn overlap(density: &FeatureDensity) -> Option<Overlap> {
    let [flops, hits] = density.by_label.as_slice() else { return None };
    let smaller: Vec<f64> = flops.values.iter().zip(&hits.values).map(|(flop, hit)| flop.min(*hit)).collect();
    let share: f64 = match density.view {
        DensityView::Shares => smaller.iter().sum(),
        DensityView::Linear { .. } => area(&density.grid, &smaller),
        DensityView::Log { .. } => area(&density.grid.iter().map(|value| value.log10()).collect::<Vec<_>>(), &smaller),
    };
    let zeros = flops.zero_share.unwrap_or(0.0).min(hits.zero_share.unwrap_or(0.0));
    let share = share + zeros;
    // A tail that is cut off is missing from the area; only one rounded up would be more than the whole.
    share.is_finite().then(|| Overlap { feature: density.feature, share: share.min(1.0) })
}

/// Area below a curve by the trapezoidal rule.
fn area(x: &[f64], y: &[f64]) -> f64 {
    x.windows(2).zip(y.windows(2)).map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0).sum()
}

/// Every defined pair, once: those of two features, and those of a feature and the label.
fn pairs(pearson: &CorrelationMatrix, spearman: &CorrelationMatrix) -> (Vec<Pair>, Vec<Pair>) {
    let mut found = Vec::new();
    for (i, a) in pearson.names.iter().enumerate() {
        for (j, b) in pearson.names.iter().enumerate().skip(i + 1) {
            let (r, rho) = (value_at(pearson, i, j), value_at(spearman, i, j));
            if r.is_finite() {
                found.push(Pair { a: a.clone(), b: b.clone(), pearson: r, spearman: rho });
            }
        }
    }
    found.sort_by(|a, b| b.pearson.abs().total_cmp(&a.pearson.abs()));
    found.into_iter().partition(|pair| pair.a != TARGET && pair.b != TARGET)
}

fn value_at(matrix: &CorrelationMatrix, i: usize, j: usize) -> f64 {
    matrix.values.get(i).and_then(|row| row.get(j)).copied().unwrap_or(f64::NAN)
}

fn right(confusion: &Confusion) -> u64 {
    confusion.true_negatives + confusion.true_positives
}

fn specificity(confusion: &Confusion) -> f64 {
    confusion.true_negatives as f64 / (confusion.true_negatives + confusion.false_positives) as f64
}

fn total(confusion: &Confusion) -> u64 {
    right(confusion) + confusion.false_negatives + confusion.false_positives
}

/// A share with its 95 % interval.
pub(crate) fn wilson(successes: u64, trials: u64) -> IntervalEstimate {
    let (low, high) = reliability::wilson(successes, trials);
    IntervalEstimate { value: successes as f64 / trials as f64, low, high }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_agrees_with_scipy() {
        // scipy.stats.binomtest(76, 100).proportion_ci(method="wilson").
        let interval = wilson(76, 100);
        assert!((interval.low - 0.667_677).abs() < 1e-6 && (interval.high - 0.833_087).abs() < 1e-6, "{interval:?}");
        assert!(wilson(0, 10).low.abs() < 1e-12);
    }

    #[test]
    fn entropy_of_a_fair_label_is_ln_2() {
        assert!((entropy(0.5) - std::f64::consts::LN_2).abs() < 1e-15);
        assert_eq!(entropy(1.0), 0.0);
        // Without tracks there is no share of hits, and no entropy: no term counts.
        assert_eq!(entropy(f64::NAN), 0.0);
    }
}
