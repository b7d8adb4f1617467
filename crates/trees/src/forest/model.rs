//! The estimator: parameters and records in, a forest that predicts out.

use linfa::dataset::AsSingleTargets;
use linfa::traits::{Fit, PredictInplace};
use linfa::DatasetBase;
use ndarray::{Array1, ArrayBase, ArrayView2, Axis, Data, Ix2};

use super::grow_forest::GrownTree;
use super::grower::{assemble, ForestGrower};
use super::oob::OutOfBag;
use super::params::RandomForestValidParams;
use crate::binning::Binning;
use crate::checks::check_not_infinite;
use crate::{InvalidTree, Leaves, Predictor, Tree, Trees, THRESHOLD};
use hitflop_core::error::{Error, Result};

/// A fitted random forest for two classes.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomForest {
    predictor: Predictor,
    importances: Vec<f64>,
    oob: Option<OutOfBag>,
}

impl RandomForest {
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
        if trees.trees().is_empty() {
            return Err(invalid("trees", "expected at least one tree".to_owned(), "0".to_owned()));
        }
        if let Some((tree, leaf, value)) = no_probability(&trees) {
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

    /// Its trees.
    pub fn trees(&self) -> &Trees {
        self.predictor.trees()
    }

    /// Each feature's share of the decrease of impurity: the mean over the trees that have a split of their shares, by the
    /// criterion and the weights of the fit (scikit-learn's `feature_importances_`). The shares sum to 1; where no tree has a
    /// split they are all 0.
    pub fn importances(&self) -> &[f64] {
        &self.importances
    }

    /// How the trees answer for rows that they did not draw; `None` if that was not asked for, or every tree drew every row.
    pub fn oob(&self) -> Option<&OutOfBag> {
        self.oob.as_ref()
    }

    /// Probability of a hit for each row of `records` (rows × features; NaN is missing): the mean over the trees of the share of
    /// hits in the row's leaf.
    ///
    /// # Panics
    /// `records` has another number of columns than the forest was fitted on.
    pub fn predict_proba(&self, records: ArrayView2<f64>) -> Array1<f64> {
        self.predict_proba_of_first(self.trees().trees().len(), records)
    }

    /// As [`RandomForest::predict_proba`], by the first `trees` trees alone: what a forest of so many trees would say.
    ///
    /// # Panics
    /// `trees` is 0 or exceeds the number of trees; `records` has another number of columns than the forest was fitted on.
    pub fn predict_proba_of_first(&self, trees: usize, records: ArrayView2<f64>) -> Array1<f64> {
        assert!(trees > 0, "a mean over no tree");
        self.predictor.sum_of_first(trees, records) / trees as f64
    }
}

impl<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>> Fit<ArrayBase<D, Ix2>, T, Error>
    for RandomForestValidParams
{
    type Object = RandomForest;

    /// Grows the forest; `true` is the positive class. NaN is a missing value; a row of weight 0 is not used. With one class
    /// only, every tree is one leaf.
    ///
    /// # Errors
    /// A parameter is not legal; there is no row of a weight above 0, no feature, more than 2,147,483,647 rows or 32,767
    /// features; a value is infinite (named by row and column); a weight is negative or not finite; `max_samples` exceeds the
    /// rows.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<RandomForest> {
        let records = dataset.records().view();
        let targets = dataset.as_single_targets().to_vec();
        let weights = dataset.weights();
        self.validate()?;
        check_not_infinite(records)?;
        let binning = binning(records, weights, self.max_bins());
        let binned = binning.transform(records);
        let grower = ForestGrower::new(self, &binned, &binning, &targets, weights)?;
        let grown = grower.grow(0..self.n_estimators());
        let importances = mean_importances(&grown, records.ncols());
        let oob = match self.oob_score() {
            true => OutOfBag::new(&grower, grown.iter().map(|grown| &grown.tree)),
            false => None,
        };
        let class_weights = grower.class_weights();
        let trees = assemble(binning, class_weights, grown.into_iter().map(|grown| grown.tree).collect())?;
        Ok(RandomForest { predictor: Predictor::new(trees), importances, oob })
    }
}

/// The first leaf, with its tree and its value, that holds no probability.
fn no_probability(trees: &Trees) -> Option<(usize, usize, f64)> {
    let is_wrong = |&(_, &(value, _)): &(usize, &(f64, u32))| !(0.0..=1.0).contains(&value);
    trees.trees().iter().enumerate().find_map(|(tree, Tree { leaves, .. })| match leaves {
        Leaves::Values(leaves) => {
            leaves.iter().enumerate().find(is_wrong).map(|(leaf, &(value, _))| (tree, leaf, value))
        }
        // A share of counts.
        Leaves::Frequencies(_) => None,
    })
}

/// Bins by the rows that are used.
fn binning(records: ArrayView2<f64>, weights: Option<&[f32]>, max_bins: usize) -> Binning {
    match weights {
        Some(weights) if weights.contains(&0.0) && weights.len() == records.nrows() => {
            let used: Vec<usize> = (0..weights.len()).filter(|&row| weights[row] > 0.0).collect();
            Binning::fit(records.select(Axis(0), &used).view(), max_bins)
        }
        _ => Binning::fit(records, max_bins),
    }
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

impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<bool>> for RandomForest {
    /// Whether each row's probability is greater than one half.
    ///
    /// # Panics
    /// `targets` and `records` differ in rows, or `records` has another number of columns than the forest was fitted on.
    fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, targets: &mut Array1<bool>) {
        assert_eq!(records.nrows(), targets.len(), "one target a row");
        targets.assign(&self.predict_proba(records.view()).mapv(|probability| probability > THRESHOLD));
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<bool> {
        Array1::default(records.nrows())
    }
}

#[cfg(test)]
mod tests {
    use linfa::traits::Predict;
    use linfa::{Dataset, ParamGuard};
    use ndarray::{array, Array2};
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::forest::{ClassWeight, Criterion, MaxFeatures, MaxSamples, RandomForestParams};
    use crate::TreeNode;

    /// `tests/fixtures/make_forest.py`.
    #[derive(Deserialize)]
    struct ForestFixture {
        records: Vec<Vec<Option<f64>>>,
        truth: Vec<bool>,
        weights: Vec<f32>,
        trees: Vec<ForestTreeCase>,
        forests: Vec<ForestCase>,
    }

    #[derive(Deserialize)]
    struct ForestTreeCase {
        missing: bool,
        weighted: bool,
        params: RandomForestParams,
        class_weight: Option<ClassWeight>,
        probability: Vec<f64>,
        leaves: usize,
        importances: Vec<f64>,
    }

    #[derive(Deserialize)]
    struct ForestCase {
        name: String,
        records: Vec<Vec<f64>>,
        truth: Vec<bool>,
        accuracy: f64,
        roc_auc: f64,
        oob_score: f64,
    }

    fn witness() -> ForestFixture {
        serde_json::from_str(include_str!("../../../../tests/fixtures/forest.json")).expect("a fixture")
    }

    fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
        Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).expect("a matrix")
    }

    /// Trees that have no choice: all rows, all features. The same probabilities and importances for both criteria, with missing
    /// values, class weights and sample weights.
    #[test]
    fn a_tree_is_scikit_learns() {
        let witness = witness();
        for (number, tree) in witness.trees.iter().enumerate() {
            let value = |value: &Option<f64>| value.unwrap_or(if tree.missing { f64::NAN } else { -1.0 });
            let records: Vec<Vec<f64>> = witness.records.iter().map(|row| row.iter().map(value).collect()).collect();
            let mut dataset = Dataset::new(matrix(&records), Array1::from(witness.truth.clone()));
            if tree.weighted {
                dataset = dataset.with_weights(Array1::from(witness.weights.clone()));
            }
            let params = tree
                .params
                .n_estimators(1)
                .bootstrap(false)
                .max_features(MaxFeatures::All)
                .class_weight(tree.class_weight);
            let fitted = params.fit(&dataset).expect("a tree");
            assert_eq!(fitted.trees().trees()[0].leaves.len(), tree.leaves, "tree {number}");
            let found = fitted.predict_proba(dataset.records().view());
            for (row, (found, expected)) in found.iter().zip(&tree.probability).enumerate() {
                // Where a row that is not used falls depends on the cut between those that are.
                let is_used = !tree.weighted || witness.weights[row] > 0.0;
                assert!(
                    !is_used || (found - expected).abs() < 1e-12,
                    "tree {number}, row {row}: {found}, not {expected}"
                );
            }
            for (found, expected) in fitted.importances().iter().zip(&tree.importances) {
                assert!((found - expected).abs() < 1e-12, "tree {number}: found {found}, expected {expected}");
            }
        }
    }

    /// The share of pairs of a hit and a flop that are in the right order, a tie counting one half.
    fn roc_auc(truth: &[bool], probabilities: &[f64]) -> f64 {
        let of = |class| truth.iter().zip(probabilities).filter(move |(&hit, _)| hit == class).map(|(_, &found)| found);
        let order = |hit: f64, flop: f64| if hit == flop { 0.5 } else { f64::from(hit > flop) };
        let right: f64 = of(true).map(|hit| of(false).map(|flop| order(hit, flop)).sum::<f64>()).sum();
        right / (of(true).count() * of(false).count()) as f64
    }

    /// Means over 10 seeds, against scikit-learn's over 20, where accuracies of single forests differ by up to 0.01 (standard
    /// deviation) and ROC AUC by 0.006.
    #[test]
    fn forests_are_as_good_as_scikit_learns() {
        for witness in witness().forests {
            let records = matrix(&witness.records);
            let rows: Vec<usize> = (0..witness.truth.len()).collect();
            let (held_out, train): (Vec<usize>, Vec<usize>) = rows.iter().partition(|&row| row % 3 == 0);
            let truth = |rows: &[usize]| -> Vec<bool> { rows.iter().map(|&row| witness.truth[row]).collect() };
            let dataset = Dataset::new(records.select(Axis(0), &train), Array1::from(truth(&train)));
            let (test, expected) = (records.select(Axis(0), &held_out), truth(&held_out));
            let mut means = [0.0; 3];
            for seed in 0..10 {
                let fitted = RandomForestParams::new().seed(seed).oob_score(true).fit(&dataset).expect("a forest");
                let found = fitted.predict_proba(test.view()).to_vec();
                let right =
                    fitted.predict(&test).iter().zip(&expected).filter(|(found, expected)| found == expected).count();
                means[0] += right as f64 / expected.len() as f64 / 10.0;
                means[1] += roc_auc(&expected, &found) / 10.0;
                means[2] += fitted.oob().expect("asked for").score / 10.0;
            }
            for (found, expected) in means.iter().zip([witness.accuracy, witness.roc_auc, witness.oob_score]) {
                assert!((found - expected).abs() < 0.01, "{}: found {found}, expected {expected}", witness.name);
            }
        }
    }

    fn fit(params: RandomForestParams, records: Array2<f64>, targets: Array1<bool>) -> Result<RandomForest> {
        params.n_estimators(3).fit(&Dataset::new(records, targets))
    }

    #[test]
    fn input_that_no_forest_can_be_grown_on_is_refused() {
        let params = RandomForestParams::new();
        let told = |params, records, targets| {
            let error = fit(params, records, targets).expect_err("refused");
            assert!(error.is_input());
            error.to_string()
        };
        assert_eq!(
            told(params, Array2::zeros((0, 3)), Array1::default(0)),
            r#"training rows: expected at least one row, found "0""#
        );
        assert_eq!(
            told(params, Array2::zeros((2, 0)), Array1::default(2)),
            r#"training rows: expected 1 to 32767 features, found "0""#
        );
        assert_eq!(
            told(params, array![[1.0, 2.0], [1.0, f64::NEG_INFINITY]], array![true, false]),
            r#"training rows, row 2, column number 2: expected a finite number, or NaN for a missing one, found "-inf""#
        );
        assert_eq!(
            told(params.max_samples(MaxSamples::Number(3)), array![[1.0], [2.0]], array![true, false]),
            r#"max_samples: expected at most the number of rows, 2, found "3""#
        );
        assert!(told(params.max_depth(0), array![[1.0]], array![true]).starts_with("max_depth: "));
    }

    #[test]
    fn weights_are_checked() {
        let told = |weights: Array1<f32>| {
            let dataset = Dataset::new(array![[1.0], [2.0]], array![true, false]).with_weights(weights);
            RandomForestParams::new().fit(&dataset).expect_err("refused").to_string()
        };
        let rule = "sample weights, row 2: expected a finite number of at least 0";
        for value in [-1.0, f32::NAN, f32::INFINITY] {
            assert_eq!(told(array![1.0, value]), format!("{rule}, found \"{value}\""));
        }
        assert_eq!(
            told(array![0.0, 0.0]),
            r#"training rows: expected at least one row of a weight above 0, found "0""#
        );
    }

    #[test]
    fn degenerate_input_gives_single_leaves() {
        let nan = f64::NAN;
        let whole = RandomForestParams::new().bootstrap(false);
        for (records, targets, probability) in [
            (array![[1.0], [2.0], [3.0]], array![true, true, true], 1.0),
            (array![[1.0], [2.0], [3.0]], array![false, false, false], 0.0),
            (array![[7.0, nan], [7.0, nan], [7.0, nan], [7.0, nan]], array![true, false, false, false], 0.25),
            (array![[1.0]], array![true], 1.0),
        ] {
            for class_weight in [None, Some(ClassWeight::Balanced)] {
                let fitted = fit(whole.class_weight(class_weight), records.clone(), targets.clone()).expect("leaves");
                assert!(fitted.trees().trees().iter().all(|tree| tree.nodes == [TreeNode::Leaf(0)]));
                let expected = if class_weight.is_some() && probability == 0.25 { 0.5 } else { probability };
                let found = fitted.predict_proba(records.view());
                assert!(found.iter().all(|&found| (found - expected).abs() < 1e-15), "{found}");
                assert!(fitted.importances().iter().all(|&importance| importance == 0.0));
            }
        }
        // A row a class; missing or not is all that parts them.
        for records in [array![[1.0], [2.0]], array![[nan], [2.0]], array![[1.0], [nan]]] {
            let fitted = fit(whole, records.clone(), array![false, true]).expect("two leaves");
            assert_eq!(fitted.predict_proba(records.view()), array![0.0, 1.0]);
            assert_eq!(fitted.importances(), [1.0]);
        }
        // The lowest and the highest bin and missing values in one node.
        let records = array![[1.0], [2.0], [nan], [nan]];
        let fitted = fit(whole, records.clone(), array![false, false, true, true]).expect("two leaves");
        assert_eq!(fitted.predict_proba(records.view()), array![0.0, 0.0, 1.0, 1.0]);
        assert_eq!(fitted.predict_proba(array![[1e300], [-1e300]].view()), array![0.0, 0.0]);
    }

    /// Drawing goes on past `max_features` until a feature varies.
    #[test]
    fn constant_features_do_not_end_a_tree() {
        let mut records = Array2::zeros((40, 70));
        records.column_mut(66).assign(&Array1::from_iter((0..40).map(f64::from)));
        let targets = Array1::from_iter((0..40).map(|row| row % 4 < 2));
        let params = RandomForestParams::new().bootstrap(false).max_features(MaxFeatures::Number(1));
        let fitted = fit(params, records.clone(), targets.clone()).expect("a forest");
        assert_eq!(fitted.predict(&records), targets);
        assert_eq!(fitted.importances()[66], 1.0);
    }

    /// Both kinds of rows (packed and wide), both criteria.
    #[test]
    fn the_number_of_threads_changes_nothing() {
        let records = Array2::from_shape_fn((500, 5), |(row, column)| ((row * (column + 3) * 7919) % 331) as f64);
        let targets = Array1::from_iter((0..500).map(|row| records[[row, 0]] + records[[row, 1]] > (row % 400) as f64));
        let weights = Array1::from_iter((0..500).map(|row| (row % 5) as f32));
        let plain = Dataset::new(records, targets);
        let weighted = plain.clone().with_weights(weights);
        for (dataset, criterion) in [(&plain, Criterion::Gini), (&weighted, Criterion::Entropy)] {
            let params = RandomForestParams::new().n_estimators(9).criterion(criterion).oob_score(true);
            let fit = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                // Written out, as a probability may be NaN.
                format!("{:?}", pool.install(|| params.fit(dataset).expect("a forest")))
            };
            let one = fit(1);
            assert!([2, 4].into_iter().all(|threads| fit(threads) == one));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Importances are those that the leaves tell; a first part of the trees predicts as the smaller forest does.
        #[test]
        fn a_forest_holds_together(
            cells in prop::collection::vec((0u8..20, -4i8..4, any::<bool>()), 1..120),
            class_weight in prop::option::of((0.5f64..4.0).prop_map(|weight| ClassWeight::Weights([1.0, weight]))),
        ) {
            let records: Vec<f64> = cells.iter().flat_map(|&(a, b, _)| [f64::from(a), f64::from(b)]).collect();
            let records = Array2::from_shape_vec((cells.len(), 2), records).expect("a matrix");
            let targets: Array1<bool> = cells.iter().map(|&(a, _, hit)| hit || a > 12).collect();
            let params = RandomForestParams::new().class_weight(class_weight).n_estimators(6);
            let dataset = Dataset::new(records.clone(), targets);
            let fitted = params.fit(&dataset).expect("a forest");
            for (found, expected) in fitted.importances().iter().zip(fitted.trees().gini_importances()) {
                prop_assert!((found - expected).abs() < 1e-9, "found {}, expected {}", found, expected);
            }
            let total: f64 = fitted.importances().iter().sum();
            let is_split = fitted.trees().trees().iter().any(|tree| tree.nodes.len() > 1);
            prop_assert!((total - f64::from(is_split)).abs() < 1e-9 || total == 0.0);
            let smaller = params.n_estimators(2).fit(&dataset).expect("a forest");
            prop_assert_eq!(fitted.predict_proba_of_first(2, records.view()), smaller.predict_proba(records.view()));
        }
    }

    #[test]
    fn parts_are_checked() {
        let tree = Tree { nodes: vec![TreeNode::Leaf(0)], leaves: Leaves::Frequencies(vec![[1, 3]]) };
        let trees =
            |number| Trees::new(vec![vec![0.5], vec![]], [1.0, 1.0], vec![tree.clone(); number]).expect("valid");
        let forest = RandomForest::from_parts(trees(2), vec![0.0, 0.0], Some(0.75)).expect("valid");
        assert_eq!(forest.predict_proba(array![[0.0, 0.0]].view()), array![0.75]);
        assert_eq!(forest.oob().map(|oob| oob.score), Some(0.75));
        let told = |trees, importances, score| {
            RandomForest::from_parts(trees, importances, score).expect_err("refused").to_string()
        };
        assert_eq!(told(trees(0), vec![0.0; 2], None), "trees: expected at least one tree, found 0");
        assert_eq!(told(trees(1), vec![0.0], None), "importances: expected 2, one a feature, found 1");
        assert_eq!(told(trees(1), vec![0.0, f64::NAN], None), "importances[1]: expected a finite number, found NaN");
        for value in [-0.018, 1.1] {
            let tree = Tree { nodes: vec![TreeNode::Leaf(0)], leaves: Leaves::Values(vec![(value, 9)]) };
            let trees = Trees::new(vec![vec![], vec![]], [1.0, 1.0], vec![tree]).expect("valid of a boosting");
            let rule = format!("trees[0].leaves[0]: expected a number from 0 to 1, found {value}");
            assert_eq!(told(trees, vec![0.0; 2], None), rule);
        }
        assert_eq!(told(trees(1), vec![0.0; 2], Some(1.5)), "oob_score: expected a number from 0 to 1, found 1.5");
    }

    /// What serde reads has not been checked, so that a fit checks it.
    #[test]
    fn parameters_from_a_file_are_checked_by_the_fit() {
        let params: RandomForestValidParams = serde_json::from_str(r#"{"max_bins": 1}"#).expect("the shape is right");
        let error = params.fit(&Dataset::new(array![[1.0]], array![true])).expect_err("refused").to_string();
        assert_eq!(error, r#"max_bins: expected a whole number from 2 to 255, found "1""#);
        assert!(RandomForestParams::from(params).check().is_err());
    }
}
