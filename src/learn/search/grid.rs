//! The notebook's grid of random forests.

use serde::{Deserialize, Serialize};

/// One combination of parameters with its scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridPoint {
    /// Number of trees.
    pub n_estimators: usize,
    /// `auto` or `sqrt`, which are the same.
    pub max_features: String,
    /// Most splits between the root and a leaf; none if trees grow until leaves are pure or too small.
    pub max_depth: Option<usize>,
    /// Fewest rows that are split.
    pub min_samples_split: usize,
    /// Fewest rows in a leaf.
    pub min_samples_leaf: usize,
    /// Whether each tree is given rows drawn with replacement.
    pub bootstrap: bool,
    /// Accuracy on each fold.
    pub accuracy: Vec<f64>,
    /// ROC AUC on each fold.
    pub roc_auc: Vec<f64>,
}

/// The whole grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridSearch {
    /// Number of folds.
    pub folds: u64,
    /// Training rows that were parted into folds.
    pub rows: u64,
    /// Seed of folds and forests.
    pub seed: u64,
    /// Forests that were grown; every other point is a part of one of them.
    pub forests_grown: u64,
    /// All points, in the order of the grid.
    pub points: Vec<GridPoint>,
    /// Index of the point whose mean accuracy is the greatest, the first of equals, as scikit-learn's `GridSearchCV` chooses.
    pub best: usize,
}
