//! What all tree estimators share: binned features, the common form of fitted trees, and prediction.
//!
//! | module | what it is |
//! |---|---|
//! | `binning` | features cut into at most 255 bins, once before a fit |
//! | `trees` | nodes and leaves of one or many trees, checked |
//! | `predictor` | sums of leaf values, fast |

pub mod binning;
pub mod boosting;
mod checks;
pub mod codec;
pub mod decision_tree;
pub mod forest;
mod predictor;
pub mod shap;
mod trees;

pub use predictor::Predictor;
pub use trees::{
    frequency, InvalidTree, Leaves, SplitColumn, Tree, TreeNode, Trees, MAX_CUTS, MAX_FEATURES, MAX_TREES,
};

/// A track is called a hit if its probability is greater than this, unless a model says otherwise.
pub const THRESHOLD: f64 = 0.5;
