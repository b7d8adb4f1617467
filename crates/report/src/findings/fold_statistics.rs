//! Numbers of a comparison that its sentences need: means over the folds, and how far apart two models are on them.

use serde::Serialize;

use hitflop_metrics::moments::{deviation, mean};
use hitflop_model::evaluation::Scores;
use hitflop_model::selection::cross_validation::CrossValidation;
use hitflop_model::selection::leaderboard::{Leaderboard, LeaderboardRow};

/// Scores over the folds, in short.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct FoldSummary {
    /// Mean of each score.
    pub(crate) mean: Scores,
    /// Standard deviation of each score (divisor folds − 1).
    pub(crate) deviation: Scores,
}

impl FoldSummary {
    fn of(scores: &CrossValidation) -> FoldSummary {
        FoldSummary { mean: scores.mean(), deviation: scores.deviation() }
    }
}

/// How far a model lies behind the best of the folds in ROC AUC, fold by fold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct GapToBest {
    /// Mean of the differences on the folds; not below 0.
    pub(crate) difference: f64,
    /// Their standard deviation.
    pub(crate) deviation: f64,
    /// Folds on which the best scores more.
    pub(crate) folds_behind: u64,
    /// Folds that both were tried on.
    pub(crate) folds: u64,
}

impl GapToBest {
    /// Whether the difference is no greater than it varies from fold to fold, so that the two are within the spread of the folds.
    pub(crate) fn is_within_spread(&self) -> bool {
        self.difference <= self.deviation
    }
}

/// One row of the leaderboard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ModelFoldStatistics {
    /// What it is called.
    pub(crate) title: String,
    /// Number of features.
    pub(crate) features: u64,
    /// Over the folds that it was tried on.
    pub(crate) folds: FoldSummary,
    /// Whether it was tried on all folds, and not only on the first.
    pub(crate) on_all_folds: bool,
    /// ROC AUC on the test rows minus its mean over the folds.
    pub(crate) test_minus_folds: f64,
    /// How far it lies behind the first.
    pub(crate) behind: GapToBest,
}

impl ModelFoldStatistics {
    /// Whether it scores less on the test rows than on the folds by more than two standard deviations of the folds. With the first
    /// folds only, their deviation is too uncertain for that.
    pub(crate) fn falls_short(&self) -> bool {
        self.on_all_folds && -self.test_minus_folds > 2.0 * self.folds.deviation.roc_auc
    }
}

/// All rows of the leaderboard, in its order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct FoldStatistics {
    /// What needs no features, over the folds.
    pub(crate) baseline: FoldSummary,
    /// One for each row.
    #[serde(rename = "contenders")]
    pub(crate) models: Vec<ModelFoldStatistics>,
}

impl FoldStatistics {
    /// Derives the numbers.
    pub(crate) fn of(comparison: &Leaderboard) -> FoldStatistics {
        let best = comparison.rows.first();
        let statistics = |candidate: &LeaderboardRow| {
            let folds = FoldSummary::of(&candidate.cross_validation);
            ModelFoldStatistics {
                title: candidate.title.clone(),
                features: candidate.evaluation.features.len() as u64,
                folds,
                on_all_folds: candidate.cross_validation.folds.len() as u64 == comparison.folds,
                test_minus_folds: candidate.evaluation.scores.roc_auc - folds.mean.roc_auc,
                behind: behind(best.unwrap_or(candidate), candidate),
            }
        };
        FoldStatistics {
            baseline: FoldSummary::of(&comparison.baseline.cross_validation),
            models: comparison.rows.iter().map(statistics).collect(),
        }
    }
}

fn behind(best: &LeaderboardRow, candidate: &LeaderboardRow) -> GapToBest {
    let pairs = best.cross_validation.folds.iter().zip(&candidate.cross_validation.folds);
    let differences: Vec<f64> = pairs.map(|(best, this)| best.roc_auc - this.roc_auc).collect();
    GapToBest {
        difference: mean(&differences),
        deviation: deviation(&differences),
        folds_behind: differences.iter().filter(|difference| **difference > 0.0).count() as u64,
        folds: differences.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::small;

    fn fold_statistics_of() -> FoldStatistics {
        FoldStatistics::of(&small::comparison())
    }

    #[test]
    fn differences_are_taken_fold_by_fold() {
        // Folds of the boosting: 0.85, 0.87, 0.89; of the forest: 0.845, 0.869, 0.891. Differences: 0.005, 0.001, −0.001.
        let behind = fold_statistics_of().models[1].behind;
        assert!((behind.difference - 0.005 / 3.0).abs() < 1e-12);
        let squares = [0.005, 0.001, -0.001].map(|d: f64| (d - 0.005 / 3.0).powi(2));
        assert!((behind.deviation - (squares.iter().sum::<f64>() / 2.0).sqrt()).abs() < 1e-12);
        assert_eq!(behind.folds_behind, 2);
        assert!(behind.is_within_spread());
        assert!(!fold_statistics_of().models[2].behind.is_within_spread());
    }

    #[test]
    fn the_first_is_not_behind_itself() {
        let behind = fold_statistics_of().models[0].behind;
        assert_eq!((behind.difference, behind.deviation, behind.folds_behind, behind.folds), (0.0, 0.0, 0, 3));
    }

    #[test]
    fn a_model_that_was_tried_on_the_first_folds_only_is_compared_on_these() {
        let mut comparison = small::comparison();
        comparison.rows[1].cross_validation.folds.truncate(2);
        comparison.rows[1].evaluation.scores.roc_auc = 0.5;
        let statistics = FoldStatistics::of(&comparison);
        let behind = statistics.models[1].behind;
        assert!((behind.difference - 0.003).abs() < 1e-12);
        assert_eq!((behind.folds_behind, behind.folds), (2, 2));
        let on_all: Vec<bool> = statistics.models.iter().map(|model| model.on_all_folds).collect();
        assert_eq!(on_all, [&[true, false][..], &vec![true; on_all.len() - 2]].concat());
        assert!(!statistics.models[1].falls_short());
    }

    #[test]
    fn what_falls_short_does_so_by_two_deviations() {
        let mut comparison = small::comparison();
        comparison.rows[0].evaluation.scores.roc_auc = 0.831;
        assert!(!FoldStatistics::of(&comparison).models[0].falls_short(), "two deviations are 0.04");
        comparison.rows[0].evaluation.scores.roc_auc = 0.829;
        assert!(FoldStatistics::of(&comparison).models[0].falls_short());
    }
}
