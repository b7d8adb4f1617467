#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![deny(unreachable_pub)]

mod binning;
mod blend;
mod boosting;
mod checks;
pub mod codec;
mod decision_tree;
mod error;
mod forest;
mod predict;
mod predictor;
pub mod search;
mod seed;
mod shap;
mod trees;

pub use blend::{
    fit_weights, Blend, BlendMember, BlendParams, BlendValidParams, BlendWeights, MemberModel, MemberParams,
};
pub use boosting::{
    Distillation, EarlyStopping, GradientBoosting, GradientBoostingParams, GradientBoostingValidParams, RowSampling,
    SplitCriterion,
};
pub use decision_tree::{DecisionTree, DecisionTreeParams, DecisionTreeValidParams};
pub use error::{Result, TreesError};
pub use forest::{
    ClassWeight, Criterion, MaxFeatures, MaxSamples, OutOfBag, RandomForest, RandomForestParams,
    RandomForestValidParams, Splitter,
};
pub use predict::THRESHOLD;
pub use predictor::Predictor;
pub use shap::Explainer;
pub use trees::{InvalidTree, Leaves, SplitColumn, Tree, TreeNode, Trees};
