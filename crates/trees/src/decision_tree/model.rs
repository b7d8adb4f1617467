//! The estimator: parameters and records in, a tree that predicts out.

use linfa::dataset::AsSingleTargets;
use linfa::traits::Fit;
use linfa::DatasetBase;
use ndarray::{Array1, ArrayBase, ArrayView2, Data, Ix2};

use super::grower::grow;
use super::params::{DecisionTreeParams, DecisionTreeValidParams};
use crate::checks::{check_not_infinite, check_shape};
use crate::{Explainer, Predictor, Result, Trees, TreesError};

/// Most training rows: linfa-trees counts in 32-bit floats, which are exact up to here.
const MAX_DECISION_TREE_ROWS: usize = 1 << 24;

/// A fitted decision tree for two classes (CART: Breiman, Friedman, Olshen and Stone 1984), with probabilities.
///
/// linfa-trees finds the splits; the tree is not pruned, and thresholds are those of scikit-learn. Weights must be 1. A missing value
/// (NaN) counts as less than every number; in prediction, one of a feature without missing values in training goes where most training
/// rows went.
///
/// ```
/// use hitflop_trees::DecisionTree;
/// use linfa::traits::{Fit, Predict};
/// use linfa::Dataset;
/// use ndarray::array;
///
/// let records = array![[1.0], [2.0], [3.0], [4.0]];
/// let dataset = Dataset::new(records.clone(), array![false, false, true, false]);
/// let tree = DecisionTree::params().max_depth(1).fit(&dataset)?;
/// assert_eq!(tree.predict_proba(records.view()), array![0.0, 0.0, 0.5, 0.5]);
/// assert_eq!(tree.predict(&records), array![false, false, false, false]);
/// # Ok::<(), hitflop_trees::TreesError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionTree {
    predictor: Predictor,
}

impl DecisionTree {
    /// The default parameters of a fit.
    pub fn params() -> DecisionTreeParams {
        DecisionTreeParams::new()
    }

    /// An estimator around a tree that was fitted before.
    pub fn from_trees(trees: Trees) -> DecisionTree {
        DecisionTree { predictor: Predictor::new(trees) }
    }

    /// Its nodes: one tree, whose leaves hold class frequencies.
    pub fn trees(&self) -> &Trees {
        self.predictor.trees()
    }

    /// Probability of the positive class for each row of `records`: the share of positives in the row's leaf. A missing value (NaN) goes
    /// left, as one that is less than every number, or, if training had no missing value of the feature, where most training rows went.
    ///
    /// # Panics
    /// `records` has another number of columns than the tree was fitted on.
    pub fn predict_proba(&self, records: ArrayView2<f64>) -> Array1<f64> {
        self.predictor.sum(records).mapv_into(|sum| self.probability_of_sum(sum))
    }

    /// Probability of the positive class where the values of a row's leaves in [`DecisionTree::trees`] add up to `sum`:
    /// exactly what [`DecisionTree::predict_proba`] gives.
    pub fn probability_of_sum(&self, sum: f64) -> f64 {
        sum
    }

    /// What splits predictions into contributions of the features, as probabilities.
    pub fn explainer(&self) -> Explainer {
        Explainer::new(self.trees(), 1.0, 0.0)
    }
}

impl<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>> Fit<ArrayBase<D, Ix2>, T, TreesError>
    for DecisionTreeValidParams
{
    type Object = DecisionTree;

    /// Grows the tree; `true` is the positive class. With one class only, the tree is one leaf.
    ///
    /// # Errors
    /// There is no row, no feature, more than 16,777,216 rows or 32,767 features, rows that are weighted, or an infinite value (named by
    /// row and column).
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<DecisionTree> {
        let records = dataset.records().view();
        let targets = dataset.as_single_targets();
        check_shape(records.nrows(), records.ncols(), targets.len(), MAX_DECISION_TREE_ROWS)?;
        check_unweighted(dataset.weights())?;
        check_not_infinite(records)?;
        Ok(DecisionTree::from_trees(grow(records, targets, self)?))
    }
}

/// The leaves count rows, so that weights that differ could only be ignored.
fn check_unweighted(weights: Option<&[f32]>) -> Result<()> {
    match weights.into_iter().flatten().find(|&&weight| weight != 1.0) {
        None => Ok(()),
        Some(&value) => {
            let rule = "expected weights of 1: the decision tree takes no others, forest and boosting do".to_owned();
            Err(TreesError::Weighted { rule, value })
        }
    }
}

#[cfg(test)]
mod tests {
    use linfa::traits::Predict;
    use linfa::Dataset;
    use ndarray::{array, Array2};
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::decision_tree::DecisionTreeParams;
    use crate::{Leaves, Tree, TreeNode};

    #[derive(Deserialize)]
    struct DecisionTreeFixture {
        records: Vec<Vec<f64>>,
        truth: Vec<bool>,
        importances: Vec<f64>,
        max_depth: usize,
        min_samples_leaf: usize,
        probability: Vec<f64>,
        depth: usize,
        leaves: usize,
    }

    /// `tests/fixtures/make_tree.py`: the same probability for every row; importances to 1e-12. scikit-learn's tree was fitted
    /// on standardised features, this one on the features as they are: only their order counts.
    #[test]
    fn it_is_scikit_learns_tree() {
        let witness: DecisionTreeFixture =
            serde_json::from_str(include_str!("../../tests/fixtures/tree.json")).expect("a fixture");
        let dimensions = (witness.records.len(), witness.importances.len());
        let records = Array2::from_shape_vec(dimensions, witness.records.concat()).expect("a matrix");
        let dataset = Dataset::new(records, Array1::from(witness.truth));
        let params = DecisionTreeParams::new().max_depth(witness.max_depth).min_samples_leaf(witness.min_samples_leaf);
        let fitted = params.fit(&dataset).expect("a tree");
        let found = fitted.predict_proba(dataset.records().view());
        let differing = found.iter().zip(&witness.probability).filter(|(found, expected)| found != expected).count();
        assert_eq!(differing, 0, "of {} rows", found.len());
        assert_eq!(shape(&fitted), (witness.depth, witness.leaves));
        for (found, expected) in fitted.trees().gini_importances().iter().zip(&witness.importances) {
            assert!((found - expected).abs() < 1e-12, "found {found}, expected {expected}");
        }
    }

    fn tree(fitted: &DecisionTree) -> &Tree {
        &fitted.trees().trees()[0]
    }

    /// Depth and number of leaves.
    fn shape(fitted: &DecisionTree) -> (usize, usize) {
        (tree(fitted).depth(), tree(fitted).leaves.len())
    }

    fn fit(records: Array2<f64>, targets: Array1<bool>) -> Result<DecisionTree> {
        DecisionTreeParams::new().min_samples_leaf(1).fit(&Dataset::new(records, targets))
    }

    #[test]
    fn input_that_no_tree_can_be_grown_on_is_refused() {
        let message = |records, targets| {
            let error = fit(records, targets).expect_err("refused");
            error.to_string()
        };
        assert_eq!(
            message(Array2::zeros((0, 3)), Array1::default(0)),
            r#"training rows: expected at least one row, found "0""#
        );
        assert_eq!(
            message(Array2::zeros((2, 0)), Array1::default(2)),
            r#"training rows: expected 1 to 32767 features, found "0""#
        );
        assert_eq!(
            message(array![[1.0, 2.0], [1.0, f64::INFINITY]], array![true, false]),
            r#"training rows, row 2, column number 2: expected a finite number, or NaN for a missing one, found "inf""#
        );
        let weighted = Dataset::new(array![[1.0], [2.0]], array![true, false]);
        let weighted = weighted.with_weights(array![1.0, 2.0]);
        let error = DecisionTreeParams::new().fit(&weighted).expect_err("refused").to_string();
        assert!(
            error.starts_with("training rows: expected weights of 1") && error.ends_with(r#"found "2""#),
            "{error}"
        );
        let params = DecisionTreeParams::new().max_depth(0);
        let error = params.fit(&Dataset::new(array![[1.0]], array![true])).expect_err("refused");
        assert!(error.to_string().starts_with("max_depth: "));
    }

    #[test]
    fn degenerate_input_gives_one_leaf() {
        for (records, targets, probability) in [
            (array![[1.0], [2.0], [3.0]], array![true, true, true], 1.0),
            (array![[1.0], [2.0], [3.0]], array![false, false, false], 0.0),
            (array![[7.0, 1.0], [7.0, 1.0], [7.0, 1.0], [7.0, 1.0]], array![true, false, false, false], 0.25),
            (array![[1.0]], array![true], 1.0),
        ] {
            let fitted = fit(records.clone(), targets).expect("a leaf");
            assert_eq!(shape(&fitted), (0, 1));
            assert!(fitted.predict_proba(records.view()).iter().all(|&found| found == probability));
            assert_eq!(fitted.predict(&records).to_vec(), vec![probability > 0.5; records.nrows()]);
        }
    }

    /// Two leaves that name the same label stay two: linfa-trees would make them one.
    #[test]
    fn leaves_that_agree_are_not_merged() {
        let records = array![[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]];
        let targets = array![true, true, true, true, false, true];
        let dataset = Dataset::new(records.clone(), targets);
        let fitted = DecisionTreeParams::new().max_depth(1).fit(&dataset).expect("a tree");
        assert_eq!(fitted.predict_proba(records.view()).to_vec(), [1.0, 1.0, 1.0, 1.0, 0.5, 0.5]);
    }

    #[test]
    fn a_threshold_lies_between_neighbours_however_close_or_large() {
        for (low, high) in [(1.0, 1.0f64.next_up()), (-f64::MAX, f64::MAX), (0.0, f64::from_bits(1)), (1e-9, 2e-9)] {
            let fitted = fit(array![[low], [high]], array![false, true]).expect("a tree");
            assert_eq!(fitted.predict_proba(array![[low], [high]].view()).to_vec(), [0.0, 1.0], "{low} {high}");
        }
    }

    #[test]
    fn a_missing_value_is_less_than_every_number() {
        // The second feature, which is never missing, decides nothing.
        let records = array![[f64::NAN, 1.0], [-1e300, 1.0], [f64::NAN, 1.0], [5.0, 1.0], [7.0, 1.0]];
        let fitted = fit(records.clone(), array![true, false, true, false, false]).expect("a tree");
        assert_eq!(fitted.predict_proba(records.view()).to_vec(), [1.0, 0.0, 1.0, 0.0, 0.0]);
    }

    proptest! {
        /// The witness is the tree of the same rows with a number below all others in place of what is missing.
        #[test]
        fn missing_values_are_split_as_the_least_number(
            cells in prop::collection::vec((prop::option::of(0u8..6), prop::option::of(-4i8..4), any::<bool>()), 1..80),
            min_samples_leaf in 1usize..4,
        ) {
            let records = |missing: f64| {
                let row = |&(a, b, _): &(Option<u8>, Option<i8>, bool)| [a.map_or(missing, f64::from), b.map_or(missing, f64::from)];
                Array2::from_shape_vec((cells.len(), 2), cells.iter().flat_map(row).collect()).expect("a matrix")
            };
            let targets: Array1<bool> = cells.iter().map(|&(_, _, positive)| positive).collect();
            let params = DecisionTreeParams::new().max_depth(5).min_samples_leaf(min_samples_leaf);
            let probabilities = |records: Array2<f64>| {
                let fitted = params.fit(&Dataset::new(records.clone(), targets.clone())).expect("a tree");
                fitted.predict_proba(records.view())
            };
            prop_assert_eq!(probabilities(records(f64::NAN)), probabilities(records(-9.0)));
        }

        /// Depth, leaf size and counts hold whatever the rows; every leaf has the counts of the rows that fall into it; the
        /// order of the rows does not matter.
        #[test]
        fn leaves_have_the_frequencies_of_their_rows(
            cells in prop::collection::vec((0u8..6, -4i8..4, any::<bool>()), 1..80),
            max_depth in 1usize..6,
            min_samples_leaf in 1usize..6,
        ) {
            let records: Vec<f64> = cells.iter().flat_map(|&(a, b, _)| [f64::from(a), f64::from(b)]).collect();
            let records = Array2::from_shape_vec((cells.len(), 2), records).expect("a matrix");
            let targets: Array1<bool> = cells.iter().map(|&(_, _, positive)| positive).collect();
            let params = DecisionTreeParams::new().max_depth(max_depth).min_samples_leaf(min_samples_leaf);
            let fitted = params.fit(&Dataset::new(records.clone(), targets.clone())).expect("a tree");
            let tree = tree(&fitted);
            prop_assert!(tree.depth() <= max_depth);
            let mut counts = vec![[0, 0]; tree.leaves.len()];
            for (row, &positive) in records.rows().into_iter().zip(&targets) {
                counts[fitted.trees().leaf(0, row)][usize::from(positive)] += 1;
            }
            for counts in &counts {
                prop_assert!(tree.nodes == [TreeNode::Leaf(0)] || counts[0] + counts[1] >= min_samples_leaf as u32);
            }
            prop_assert_eq!(&tree.leaves, &Leaves::Frequencies(counts));
            let backwards: Vec<usize> = (0..cells.len()).rev().collect();
            let axis = ndarray::Axis(0);
            let turned = Dataset::new(records.select(axis, &backwards), targets.select(axis, &backwards));
            prop_assert_eq!(params.fit(&turned).expect("a tree"), fitted);
        }
    }
}
