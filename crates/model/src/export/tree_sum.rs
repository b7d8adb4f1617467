//! An estimator as a sum of leaf values.

use crate::estimator::Estimator;
use crate::model::Model;
use hitflop_trees::{TreeNode, Trees};

/// From a sum of leaf values to a probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SumLink {
    /// The mean over this many trees is the probability: decision tree and forest.
    Mean(usize),
    /// The sum and this baseline are log odds: boosting and blend.
    LogOdds(f64),
}

/// An estimator as its exports see it: trees whose leaf values are added up, and the way from the sum to a probability.
#[derive(Clone, Debug)]
pub struct TreeSum<'a> {
    /// The trees.
    pub trees: &'a Trees,
    /// From the sum to the probability.
    pub link: SumLink,
    /// A name for each feature, in the order of the trees.
    pub features: Vec<String>,
}

impl<'a> TreeSum<'a> {
    /// The sum of an estimator over these features.
    ///
    /// # Panics
    /// There is not one name a feature.
    pub fn of(estimator: &'a Estimator, features: Vec<String>) -> TreeSum<'a> {
        let trees = estimator.trees();
        assert_eq!(features.len(), trees.n_features(), "one name a feature");
        let link = match estimator {
            Estimator::Tree(_) | Estimator::Forest(_) => SumLink::Mean(trees.count()),
            Estimator::Boosting(boosting) => SumLink::LogOdds(boosting.baseline()),
            Estimator::Blend(blend) => SumLink::LogOdds(blend.merged().baseline()),
        };
        TreeSum { trees, link, features }
    }

    /// The sum of a model's estimator over its features.
    pub fn of_model(model: &'a Model) -> TreeSum<'a> {
        let names = model.features().iter().map(|feature| feature.name().to_owned()).collect();
        TreeSum::of(&model.estimator, names)
    }

    /// Value of a leaf of a tree.
    pub(super) fn leaf_value(&self, tree: usize, leaf: u32) -> f64 {
        self.trees.value(&self.trees.trees()[tree].leaves, leaf as usize)
    }

    /// Indices of the trees that have a split, and the sum of the values of those that are one leaf.
    pub(super) fn split_trees(&self) -> (Vec<usize>, f64) {
        let is_leaf = |tree: &usize| matches!(self.trees.trees()[*tree].nodes[..], [TreeNode::Leaf(_)]);
        let (leaves, splits): (Vec<usize>, Vec<usize>) = (0..self.trees.trees().len()).partition(is_leaf);
        let constant = leaves.into_iter().map(|tree| self.leaf_value(tree, 0)).sum();
        (splits, constant)
    }
}
