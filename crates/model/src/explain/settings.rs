//! How much is computed to explain a model.

use serde::{Deserialize, Serialize};

use hitflop_core::seed::Seed;
use hitflop_trees::Trees;

/// Sizes of the samples that a model is explained on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplanationSettings {
    /// Rows whose contributions are averaged, at most.
    pub shap_rows: usize,
    /// Rows that a beeswarm shows, at most.
    pub beeswarm_rows: usize,
    /// Rows that permutation importance is measured on, at most.
    pub permutation_rows: usize,
    /// Repeats of it.
    pub permutation_repeats: usize,
    /// Tracks of each decade that partial dependence is a mean over, at most.
    pub dependence_rows_by_decade: usize,
    /// Individual curves that are kept.
    pub dependence_curves: usize,
    /// Features of which partial dependence is computed: those of the greatest contributions.
    pub dependence_features: usize,
    /// Rows that examples are chosen from, at most.
    pub example_rows: usize,
    /// Leaves that are visited for contributions, and nodes for permutation importance and for partial dependence, at most, so that a
    /// model of millions of leaves takes no longer than others: of fewer rows then. Contributions of more than a hundred rows take a tenth
    /// of the visits at most. None for no limit.
    pub max_visits: Option<u64>,
    /// Seed of every draw.
    pub seed: Seed,
}

/// Visits of leaves or nodes that take a few seconds on two cores.
const MAX_VISITS: u64 = 500_000_000;
/// Steps down a path that take as long as a visit of a leaf for contributions, in a model that the processor's cache holds.
const STEPS_PER_VISIT: u64 = 4;
/// Leaves of such a model, at most. In a larger one, each step waits for the memory.
const MAX_CACHED_LEAVES: u64 = 1_000_000;
/// How much longer a visit of a leaf takes in a larger model.
const UNCACHED_VISIT: u64 = 2;
/// Rows of partial dependence for each row of a decade and each feature, about: six decades, twenty values.
const DEPENDENCE_VALUES: u64 = 120;
/// Rows of contributions that may take all visits, as means over fewer are uncertain. More rows may take a tenth of them.
const FEW_ROWS: usize = 100;
/// Rows that are explained at least, whatever they cost.
const MIN_ROWS: usize = 20;

impl ExplanationSettings {
    /// What takes a few seconds, or what takes as long as it takes.
    pub fn new(thorough: bool, seed: Seed) -> ExplanationSettings {
        let quick = ExplanationSettings {
            shap_rows: 1000,
            beeswarm_rows: 300,
            permutation_rows: 2000,
            permutation_repeats: 8,
            dependence_rows_by_decade: 60,
            dependence_curves: 60,
            dependence_features: 6,
            example_rows: 20_000,
            max_visits: Some(MAX_VISITS),
            seed,
        };
        match thorough {
            false => quick,
            true => ExplanationSettings {
                shap_rows: usize::MAX,
                permutation_rows: usize::MAX,
                permutation_repeats: 50,
                dependence_rows_by_decade: 500,
                example_rows: usize::MAX,
                max_visits: None,
                ..quick
            },
        }
    }

    /// The same with so few rows that these trees are visited at most as often as allowed. For contributions, each row visits every
    /// leaf; for a permuted column or another value, each row visits one path of every tree.
    pub(super) fn within_visits(self, trees: &Trees) -> ExplanationSettings {
        let Some(visits) = self.max_visits else { return self };
        let leaves: u64 = trees.leaf_counts().map(|leaves| leaves as u64).sum();
        let paths: u64 = trees.leaf_counts().map(|leaves| u64::from(leaves.max(2).ilog2())).sum();
        let (visit, steps_per_visit) =
            if leaves > MAX_CACHED_LEAVES { (UNCACHED_VISIT, 1) } else { (1, STEPS_PER_VISIT) };
        let columns = trees.n_features() as u64 * self.permutation_repeats as u64;
        let values = self.dependence_features as u64 * DEPENDENCE_VALUES;
        let rows = |most: usize, cost: u64| most.min((visits / cost.max(1)).max(MIN_ROWS as u64) as usize);
        let affordable = rows(self.shap_rows, leaves * visit);
        ExplanationSettings {
            shap_rows: rows(affordable, 10 * leaves * visit).max(affordable.min(FEW_ROWS)),
            permutation_rows: rows(self.permutation_rows, paths * columns / steps_per_visit),
            dependence_rows_by_decade: rows(self.dependence_rows_by_decade, paths * values / steps_per_visit),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::{EstimatorKind, EstimatorParams};
    use crate::fixtures::{complete_tracks, params};

    #[test]
    fn models_of_many_leaves_are_explained_on_fewer_rows() {
        let dataset = complete_tracks(600);
        let trees = |params: EstimatorParams| params.fit(&dataset).expect("a model").trees().clone();
        let (few, many) = (
            trees(params(EstimatorKind::Boosting, &[("n_estimators", "5")])),
            trees(params(EstimatorKind::Forest, &[("n_estimators", "60")])),
        );
        let settings = ExplanationSettings { max_visits: Some(100_000), ..ExplanationSettings::new(false, Seed(1)) };
        let leaves: usize = many.leaf_counts().sum();
        let tenth = 10_000 / leaves_of(&few);
        assert_eq!(settings.within_visits(&few).shap_rows, tenth.max((100_000 / leaves_of(&few)).min(FEW_ROWS)));
        assert_eq!(settings.within_visits(&many).shap_rows, (100_000 / leaves).clamp(MIN_ROWS, FEW_ROWS));
        let fewest = ExplanationSettings { max_visits: Some(100), ..settings };
        assert_eq!(fewest.within_visits(&many).shap_rows, MIN_ROWS);
        for rows in
            [|one: ExplanationSettings| one.permutation_rows, |one: ExplanationSettings| one.dependence_rows_by_decade]
        {
            assert!(rows(settings.within_visits(&many)) < rows(settings.within_visits(&few)));
        }
        let thorough = ExplanationSettings::new(true, Seed(1));
        assert_eq!(thorough.within_visits(&many), thorough);
    }

    fn leaves_of(trees: &Trees) -> usize {
        trees.leaf_counts().sum()
    }
}
