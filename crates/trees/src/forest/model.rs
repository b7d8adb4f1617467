//! The estimator: parameters and records in, a forest that predicts out.

use linfa::dataset::AsSingleTargets;
use linfa::traits::Fit;
use linfa::DatasetBase;
use ndarray::{Array1, ArrayBase, ArrayView2, Data, Ix2};

use super::grow_forest::GrownTree;
use super::grower::ForestGrower;
use super::oob::OutOfBag;
use super::params::{RandomForestParams, RandomForestValidParams};
use crate::binning::Binning;
use crate::checks::check_not_infinite;
use crate::{Explainer, InvalidTree, Leaves, Predictor, Result, Tree, Trees, TreesError};

/// A fitted random forest for two classes (Breiman 2001), with the semantics of scikit-learn's `RandomForestClassifier`.
///
/// Each tree is grown on rows sampled with replacement. Each split is the best by a few features sampled afresh. The probability of
/// the positive class is the mean over the trees of the share of positives in a row's leaf.
///
/// # As in scikit-learn
///
/// - Features are sampled without replacement, past `max_features` until one of them varies in the node.
/// - `min_samples_split` and `min_samples_leaf` count distinct rows; the impurity counts a row as often as it was sampled, times
///   the weights of its class and of itself.
/// - A split need not lower the impurity, as long as both sides are large enough and the node is not pure.
/// - Missing values are tried on both sides of every cut, and apart from all numbers; in a node without any, they go where more
///   weight goes.
/// - A threshold lies midway between the values that it parts, as far as bins tell: features of at most `max_bins` values lose
///   nothing but the choice among equal thresholds.
///
/// # Where it differs
///
/// - Features are cut into at most 255 bins, once.
/// - Of equal splits the one sampled first is taken, and of one feature the lowest; scikit-learn's order of features is another.
/// - A row of weight 0 is not sampled at all; scikit-learn draws it and drops it.
/// - A row that every tree has sampled does not count towards the out-of-bag score; scikit-learn takes it for one of the negative
///   class.
///
/// # Extremely randomised trees
///
/// [`RandomForestParams::extra_trees`](crate::RandomForestParams::extra_trees) has the defaults of scikit-learn's
/// `ExtraTreesClassifier` (Geurts, Ernst and Wehenkel 2006, "Extremely randomized trees"): trees grow on all rows, and of each
/// sampled feature one threshold is drawn, uniform between the least and the greatest value in the node; the best of these
/// splits is taken. A value is the middle of its bin here, which is the value itself where a feature has a bin for each. A
/// sampled feature whose threshold leaves fewer than `min_samples_leaf` rows on a side is no candidate, as in scikit-learn.
/// Missing values are tried on both sides of the threshold and apart from all numbers; scikit-learn draws their side.
///
/// ```
/// use hitflop_trees::{RandomForest, RandomForestParams, Splitter};
///
/// let params = RandomForestParams::extra_trees().n_estimators(500).min_samples_leaf(2);
/// assert_eq!(params, RandomForest::params().splitter(Splitter::Random).bootstrap(false).n_estimators(500).min_samples_leaf(2));
/// ```
///
/// # Parts of one forest
///
/// The draws of a tree depend on the seed and its index, those of a node on its tree and the path to it. So the first 200 of 500
/// trees are the forest of 200 trees; see [`ForestGrower`](crate::search::ForestGrower).
///
/// ```
/// use hitflop_trees::RandomForest;
/// use linfa::traits::{Fit, Predict};
/// use linfa::Dataset;
/// use ndarray::array;
///
/// let records = array![[1.0], [2.0], [3.0], [f64::NAN]];
/// let dataset = Dataset::new(records.clone(), array![false, false, true, true]);
/// let forest = RandomForest::params().n_estimators(5).bootstrap(false).fit(&dataset)?;
/// assert_eq!(forest.predict_proba(records.view()), array![0.0, 0.0, 1.0, 1.0]);
/// assert_eq!(forest.predict(&records), array![false, false, true, true]);
/// assert_eq!(forest.importances(), [1.0]);
/// # Ok::<(), hitflop_trees::TreesError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RandomForest {
    predictor: Predictor,
    importances: Vec<f64>,
    oob: Option<OutOfBag>,
}

impl RandomForest {
    /// The default parameters of a fit.
    pub fn params() -> RandomForestParams {
        RandomForestParams::new()
    }

    /// A forest that was fitted before.
    ///
    /// # Errors
    /// There is no tree, a leaf's value is not from 0 to 1, there is not one importance a feature, one is not finite, or the
    /// score is not from 0 to 1.
    pub fn from_parts(
        trees: Trees,
        importances: Vec<f64>,
        oob_score: Option<f64>,
    ) -> std::result::Result<RandomForest, InvalidTree> {
        let invalid =
            |member: &str, rule: String, value: String| InvalidTree { member: member.to_owned(), rule, value };
        if trees.count() == 0 {
            return Err(invalid("trees", "expected at least one tree".to_owned(), "0".to_owned()));
        }
        // Where it is, is looked for only if there is one.
        if trees.all_leaves().any(|leaves| no_probability(leaves).is_some()) {
            let of_tree =
                |(tree, of): (usize, &Tree)| no_probability(&of.leaves).map(|(leaf, value)| (tree, leaf, value));
            let (tree, leaf, value) = trees.trees().iter().enumerate().find_map(of_tree).expect("found before");
            let member = format!("trees[{tree}].leaves[{leaf}]");
            return Err(invalid(&member, "expected a number from 0 to 1".to_owned(), value.to_string()));
        }
        if importances.len() != trees.n_features() {
            let rule = format!("expected {}, one a feature", trees.n_features());
            return Err(invalid("importances", rule, importances.len().to_string()));
        }
        if let Some(index) = importances.iter().position(|importance| !importance.is_finite()) {
            let rule = "expected a finite number".to_owned();
            return Err(invalid(&format!("importances[{index}]"), rule, importances[index].to_string()));
        }
        if let Some(score) = oob_score.filter(|score| !(0.0..=1.0).contains(score)) {
            return Err(invalid("oob_score", "expected a number from 0 to 1".to_owned(), score.to_string()));
        }
        let oob = oob_score.map(|score| OutOfBag { score, probabilities: Vec::new() });
        Ok(RandomForest { predictor: Predictor::new(trees), importances, oob })
    }

    /// The trees in their common form.
    pub fn trees(&self) -> &Trees {
        self.predictor.trees()
    }

    /// Each feature's share of the decrease of impurity: the mean over the trees that have a split of their shares, by the
    /// criterion and the weights of the fit (scikit-learn's `feature_importances_`). The shares sum to 1; where no tree has a
    /// split they are all 0.
    pub fn importances(&self) -> &[f64] {
        &self.importances
    }

    /// How the trees answer for rows that they did not draw; `None` if that was not requested, or every tree drew every row.
    pub fn oob(&self) -> Option<&OutOfBag> {
        self.oob.as_ref()
    }

    /// Probability of the positive class for each row of `records` (rows × features; NaN is missing): the mean over the trees of the share of
    /// positives in the row's leaf.
    ///
    /// # Panics
    /// `records` has another number of columns than the forest was fitted on.
    pub fn predict_proba(&self, records: ArrayView2<f64>) -> Array1<f64> {
        self.predict_proba_of_first(self.trees().count(), records)
    }

    /// As [`RandomForest::predict_proba`], by the first `trees` trees alone: what a forest of so many trees would say.
    ///
    /// # Panics
    /// `trees` is 0 or exceeds the number of trees; `records` has another number of columns than the forest was fitted on.
    pub fn predict_proba_of_first(&self, trees: usize, records: ArrayView2<f64>) -> Array1<f64> {
        assert!(trees > 0, "a mean over no tree");
        self.predictor.sum_of(0..trees, records) / trees as f64
    }

    /// Probability of the positive class where the values of a row's leaves in [`RandomForest::trees`] add up to `sum`:
    /// exactly what [`RandomForest::predict_proba`] gives.
    pub fn probability_of_sum(&self, sum: f64) -> f64 {
        sum / self.trees().count() as f64
    }

    /// What splits predictions into contributions of the features, as probabilities.
    pub fn explainer(&self) -> Explainer {
        Explainer::new(self.trees(), 1.0 / self.trees().count() as f64, 0.0)
    }
}

impl<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>> Fit<ArrayBase<D, Ix2>, T, TreesError>
    for RandomForestValidParams
{
    type Object = RandomForest;

    /// Grows the forest; `true` is the positive class. NaN is a missing value; a row of weight 0 is not used. With one class
    /// only, every tree is one leaf.
    ///
    /// # Errors
    /// There is no row of a weight above 0, no feature, more than 2,147,483,647 rows or 32,767
    /// features; a value is infinite (named by row and column); a weight is negative or not finite; `max_samples` exceeds the
    /// rows.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<RandomForest> {
        let records = dataset.records().view();
        let targets = dataset.as_single_targets().to_vec();
        let weights = dataset.weights();
        check_not_infinite(records)?;
        let binning = Binning::fit_weighted(records, weights, self.max_bins());
        let binned = binning.transform(records);
        let grower = ForestGrower::new(self, &binned, &binning, &targets, weights)?;
        let grown = grower.grow(0..self.n_estimators());
        let importances = mean_importances(&grown, records.ncols());
        let oob = match self.oob_score() {
            true => OutOfBag::new(&grower, grown.iter().map(|grown| &grown.tree)),
            false => None,
        };
        let class_weights = grower.class_weights();
        let trees = grown.into_iter().map(|grown| grown.tree).collect();
        let mut predictor = Predictor::new(Trees::from_binned(binning, class_weights, trees)?);
        predictor.keep_packed();
        Ok(RandomForest { predictor, importances, oob })
    }
}

/// The first value that is no probability, with its index; a share of counts is one.
fn no_probability(leaves: &Leaves) -> Option<(usize, f64)> {
    let Leaves::Values(leaves) = leaves else { return None };
    let values = leaves.iter().map(|&(value, _)| value);
    values.enumerate().find(|(_, value)| !(0.0..=1.0).contains(value))
}

/// The mean over the trees that have a split.
fn mean_importances(grown: &[GrownTree], features: usize) -> Vec<f64> {
    let mut sums = vec![0.0; features];
    for tree in grown {
        sums.iter_mut().zip(&tree.importances).for_each(|(sum, importance)| *sum += importance);
    }
    let total: f64 = sums.iter().sum();
    if total > 0.0 {
        sums.iter_mut().for_each(|sum| *sum /= total);
    }
    sums
}

#[cfg(test)]
mod peer_tests;
#[cfg(test)]
mod tests;
