//! How much is computed to explain a model.

use serde::{Deserialize, Serialize};

use hitflop_core::seed::Seed;

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
    /// Seed of every draw.
    pub seed: Seed,
}

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
            seed,
        };
        match thorough {
            false => quick,
            true => ExplanationSettings {
                shap_rows: usize::MAX,
                permutation_rows: usize::MAX,
                permutation_repeats: 50,
                dependence_rows_by_decade: 500,
                ..quick
            },
        }
    }
}
