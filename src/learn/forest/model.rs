//! The estimator: parameters and records in, a forest that predicts out.

use linfa::dataset::AsSingleTargets;
use linfa::traits::{Fit, PredictInplace};
use linfa::DatasetBase;
use ndarray::{Array1, ArrayBase, ArrayView2, Axis, Data, Ix2};

use super::grower::{assemble, Grower};
use super::growth::Grown;
use super::oob::OutOfBag;
use super::params::RandomForestValidParams;
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::learn::tree::binning::Binning;
use crate::learn::tree::{InvalidTree, Predictor, Trees};

/// A row is called a hit if its probability is greater than this.
pub const THRESHOLD: f64 = 0.5;

/// A fitted random forest for two classes.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomForest {
    trees: Trees,
    predictor: Predictor,
    importances: Vec<f64>,
    oob: Option<OutOfBag>,
}

impl RandomForest {
    /// A forest that was fitted before.
    ///
    /// # Errors
    /// There is no tree, or not one importance a feature, or a number is not finite.
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
        Ok(RandomForest { predictor: Predictor::new(&trees), trees, importances, oob })
    }

    /// Its trees.
    pub fn trees(&self) -> &Trees {
        &self.trees
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
        self.predict_proba_of_first(self.trees.trees().len(), records)
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
    /// A parameter is not legal; there is no row of a weight above 0, no feature, more than 2,147,483,647 rows or 32,768
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
        let grower = Grower::new(self, &binned, &binning, &targets, weights)?;
        let grown = grower.grow(0..self.n_estimators());
        let importances = mean_importances(&grown, records.ncols());
        let oob = match self.oob_score() {
            true => OutOfBag::new(&grower, grown.iter().map(|grown| &grown.tree)),
            false => None,
        };
        let class_weights = grower.class_weights();
        let trees = assemble(binning, class_weights, grown.into_iter().map(|grown| grown.tree).collect())?;
        Ok(RandomForest { predictor: Predictor::new(&trees), trees, importances, oob })
    }
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
fn mean_importances(grown: &[Grown], features: usize) -> Vec<f64> {
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

fn check_not_infinite(records: ArrayView2<f64>) -> Result<()> {
    match records.indexed_iter().find(|(_, value)| value.is_infinite()) {
        None => Ok(()),
        Some(((row, column), value)) => {
            let place = Place::file("training rows").row(row as u64 + 1).column(format!("number {}", column + 1));
            let fault = Fault::new(place, Reason::NotFinite, "expected a finite number, or NaN for a missing one");
            Err(Error::input(fault.found(value.to_string())))
        }
    }
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
