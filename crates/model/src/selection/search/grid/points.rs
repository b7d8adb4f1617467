//! The points of a grid.

use serde::{Deserialize, Serialize};

use crate::estimator::EstimatorParams;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_trees::{MaxFeatures, RandomForestParams};

/// The notebook's two names for the square root of the number of features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SquareRoot {
    /// scikit-learn's former name of it, for classifiers.
    Auto,
    /// Named `sqrt`.
    Sqrt,
}

impl SquareRoot {
    fn name(self) -> &'static str {
        match self {
            SquareRoot::Auto => "auto",
            SquareRoot::Sqrt => "sqrt",
        }
    }
}

/// The values of each parameter; every combination is a point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// Numbers of trees.
    pub n_estimators: Vec<usize>,
    /// How many features are sampled for a split.
    pub max_features: Vec<SquareRoot>,
    /// Most splits between the root and a leaf; none for no limit.
    pub max_depth: Vec<Option<usize>>,
    /// Fewest rows that are split.
    pub min_samples_split: Vec<usize>,
    /// Fewest rows in a leaf.
    pub min_samples_leaf: Vec<usize>,
    /// Whether each tree is given rows sampled with replacement.
    pub bootstrap: Vec<bool>,
}

impl Grid {
    /// The notebook's 144 points.
    pub fn notebook() -> Grid {
        Grid {
            n_estimators: vec![200, 500],
            max_features: vec![SquareRoot::Auto, SquareRoot::Sqrt],
            max_depth: vec![Some(5), Some(10), None],
            min_samples_split: vec![2, 5],
            min_samples_leaf: vec![2, 3, 4],
            bootstrap: vec![true, false],
        }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.lengths().into_iter().map(|(_, length)| length).product()
    }

    /// Whether there is no point, as some parameter has no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lengths(&self) -> [(&'static str, usize); 6] {
        [
            ("bootstrap", self.bootstrap.len()),
            ("max_depth", self.max_depth.len()),
            ("max_features", self.max_features.len()),
            ("min_samples_leaf", self.min_samples_leaf.len()),
            ("min_samples_split", self.min_samples_split.len()),
            ("n_estimators", self.n_estimators.len()),
        ]
    }

    /// All points, without scores, in the order of scikit-learn's `ParameterGrid`: by the parameters' names, the last of which
    /// changes first.
    pub(super) fn points(&self) -> Vec<GridPoint> {
        let mut points = Vec::with_capacity(self.len());
        for &bootstrap in &self.bootstrap {
            for &max_depth in &self.max_depth {
                for max_features in &self.max_features {
                    for &min_samples_leaf in &self.min_samples_leaf {
                        for &min_samples_split in &self.min_samples_split {
                            points.extend(self.n_estimators.iter().map(|&n_estimators| GridPoint {
                                n_estimators,
                                max_features: max_features.name().to_owned(),
                                max_depth,
                                min_samples_split,
                                min_samples_leaf,
                                bootstrap,
                                accuracy: Vec::new(),
                                roc_auc: Vec::new(),
                            }));
                        }
                    }
                }
            }
        }
        points
    }

    pub(super) fn check(&self, seed: u64) -> Result<()> {
        if let Some((name, _)) = self.lengths().into_iter().find(|&(_, length)| length == 0) {
            return Err(Error::input(Fault::new(
                Place::parameter(name),
                Reason::Setting,
                "expected at least one value",
            )));
        }
        self.points().iter().try_for_each(|point| point.params(seed).check())
    }
}

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
    /// Whether each tree is given rows sampled with replacement.
    pub bootstrap: bool,
    /// Accuracy on each fold.
    pub accuracy: Vec<f64>,
    /// ROC AUC on each fold.
    pub roc_auc: Vec<f64>,
}

impl GridPoint {
    /// The parameters of a fit of this point by itself.
    pub fn params(&self, seed: u64) -> EstimatorParams {
        let params = RandomForestParams::new()
            .n_estimators(self.n_estimators)
            .max_features(MaxFeatures::Sqrt)
            .max_depth(self.max_depth)
            .min_samples_split(self.min_samples_split)
            .min_samples_leaf(self.min_samples_leaf)
            .bootstrap(self.bootstrap)
            .seed(seed);
        EstimatorParams::Forest(params)
    }
}
