//! What can be a member of a blend.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::{
    DecisionTree, DecisionTreeParams, Explainer, GradientBoosting, GradientBoostingParams, RandomForest,
    RandomForestParams, Result, Trees,
};

/// Training rows as the members take them.
pub(super) type MemberDataset<'a> = DatasetBase<ArrayView2<'a, f64>, ArrayView1<'a, bool>>;

/// What a member is fitted with. Written as an object of one name: `{"random_forest": {...}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberParams {
    /// Of a decision tree.
    DecisionTree(DecisionTreeParams),
    /// Of a random forest or of extremely randomised trees.
    RandomForest(RandomForestParams),
    /// Of a gradient boosting.
    GradientBoosting(GradientBoostingParams),
}

impl MemberParams {
    /// Fails at the first value that is not legal.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            MemberParams::DecisionTree(params) => params.check_ref().map(drop),
            MemberParams::RandomForest(params) => params.check_ref().map(drop),
            MemberParams::GradientBoosting(params) => params.check_ref().map(drop),
        }
    }

    pub(super) fn fit(&self, dataset: &MemberDataset) -> Result<MemberModel> {
        Ok(match self {
            MemberParams::DecisionTree(params) => params.fit(dataset)?.into(),
            MemberParams::RandomForest(params) => params.fit(dataset)?.into(),
            MemberParams::GradientBoosting(params) => params.fit(dataset)?.into(),
        })
    }
}

impl From<DecisionTreeParams> for MemberParams {
    fn from(params: DecisionTreeParams) -> MemberParams {
        MemberParams::DecisionTree(params)
    }
}

impl From<RandomForestParams> for MemberParams {
    fn from(params: RandomForestParams) -> MemberParams {
        MemberParams::RandomForest(params)
    }
}

impl From<GradientBoostingParams> for MemberParams {
    fn from(params: GradientBoostingParams) -> MemberParams {
        MemberParams::GradientBoosting(params)
    }
}

/// A fitted member of a [`Blend`](crate::Blend).
#[derive(Clone, Debug, PartialEq)]
pub enum MemberModel {
    /// A decision tree.
    DecisionTree(DecisionTree),
    /// A random forest or extremely randomised trees.
    RandomForest(RandomForest),
    /// A gradient boosting.
    GradientBoosting(GradientBoosting),
}

impl From<DecisionTree> for MemberModel {
    fn from(tree: DecisionTree) -> MemberModel {
        MemberModel::DecisionTree(tree)
    }
}

impl From<RandomForest> for MemberModel {
    fn from(forest: RandomForest) -> MemberModel {
        MemberModel::RandomForest(forest)
    }
}

impl From<GradientBoosting> for MemberModel {
    fn from(boosting: GradientBoosting) -> MemberModel {
        MemberModel::GradientBoosting(boosting)
    }
}

impl MemberModel {
    /// The margin of each row of `records` (rows × features; NaN is missing), which is linear in the values of the leaves: log
    /// odds of a boosting, the mean probability over the trees of a forest, the probability of a decision tree.
    ///
    /// # Panics
    /// `records` has another number of columns than the model was fitted on.
    pub fn margins(&self, records: ArrayView2<f64>) -> Array1<f64> {
        match self {
            MemberModel::DecisionTree(tree) => tree.predict_proba(records),
            MemberModel::RandomForest(forest) => forest.predict_proba(records),
            MemberModel::GradientBoosting(boosting) => boosting.log_odds(records),
        }
    }

    /// Its trees in the common form.
    pub fn trees(&self) -> &Trees {
        match self {
            MemberModel::DecisionTree(tree) => tree.trees(),
            MemberModel::RandomForest(forest) => forest.trees(),
            MemberModel::GradientBoosting(boosting) => boosting.trees(),
        }
    }

    /// What splits its margins into contributions of the features.
    pub fn explainer(&self) -> Explainer {
        match self {
            MemberModel::DecisionTree(tree) => tree.explainer(),
            MemberModel::RandomForest(forest) => forest.explainer(),
            MemberModel::GradientBoosting(boosting) => boosting.explainer(),
        }
    }

    /// Each feature's share of what the splits on it bring, summing to 1, or all 0 without a split.
    pub fn importances(&self) -> Vec<f64> {
        match self {
            MemberModel::DecisionTree(tree) => tree.trees().gini_importances(),
            MemberModel::RandomForest(forest) => forest.importances().to_vec(),
            MemberModel::GradientBoosting(boosting) => boosting.importances().to_vec(),
        }
    }

    /// The margin before the first tree, and what the sum over the trees is multiplied by.
    pub(super) fn offset_and_scale(&self) -> (f64, f64) {
        match self {
            MemberModel::DecisionTree(_) => (0.0, 1.0),
            MemberModel::RandomForest(forest) => (0.0, 1.0 / forest.trees().count() as f64),
            MemberModel::GradientBoosting(boosting) => (boosting.baseline(), 1.0),
        }
    }
}
