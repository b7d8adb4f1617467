//! The fitted estimator: trees that predict.

use ndarray::{Array1, ArrayView2};

use super::boost::BoostedEnsemble;
use super::loss::sigmoid;
use super::params::GradientBoostingParams;
use crate::{Explainer, Predictor, Trees};

/// A fitted gradient boosting for two classes: Newton steps on log loss (Friedman 2001; Friedman, Hastie and Tibshirani 2000;
/// Chen and Guestrin 2016), by trees grown on histograms: leaf-wise (Ke et al. 2017) or symmetric (Prokhorenkova et al. 2018).
///
/// The model is a sum of log odds: those of the prior, and a leaf's value of every tree. With p the probability of the positive
/// class by the trees so far and y the class, a row's gradient is g = w (p − y) and its hessian h = w p (1 − p), w being its
/// weight. The next tree splits where the loss's second-order approximation falls most, and a leaf's value is
/// −`learning_rate` · Σ g / (Σ h + `l2_regularization`).
///
/// # Symmetric trees
///
/// With `symmetric`, all nodes of a level have one condition, as in CatBoost: of all features, cuts and sides for missing values
/// the one whose gains in all nodes add up to most. Growth ends at `max_depth`, or where no split gains. There is no limit
/// to the leaves but 2 to the power of `max_depth`: `num_leaves` is ignored.
///
/// A node that the split would part into a side of fewer rows than `min_samples_leaf`, or of less than `min_child_weight`,
/// adds nothing to the sum and is not split, but has the condition of the next level. So these two hold for every leaf, unlike
/// in CatBoost, which has no such limits; at 1 and 0 only empty leaves are left out. CatBoost's other means (ordered boosting,
/// categories by their targets, random scores of splits) are not implemented.
///
/// ```
/// use hitflop_trees::GradientBoosting;
///
/// let symmetric = GradientBoosting::params().symmetric(true).max_depth(8).l2_regularization(5.0);
/// ```
///
/// # Distillation
///
/// With `distillation`, feed-forward networks are fitted to the rows first, and the trees learn the mean of their log odds instead
/// of the classes: for the rows, and for synthetic rows that are moved a little from each row towards another, so that the trees
/// learn the probabilities between the rows as well. A gradient is then w (p − q), q being the networks' probability. Networks take the rank of a
/// number, as a quantile of the logistic distribution, and an input for each bin of a feature of at most 16 bins. The model is a
/// sum of trees as any other; a leaf's number of rows counts the synthetic ones too, and `min_samples_leaf`,
/// `min_child_weight` and `l2_regularization` hold for the sums of all of them.
///
/// ```
/// use hitflop_trees::{Distillation, GradientBoosting};
///
/// let distilled = GradientBoosting::params().n_estimators(500).distillation(Distillation::default());
/// ```
///
/// # scikit-learn's boosting
///
/// scikit-learn's `GradientBoostingClassifier` judges splits by Friedman's criterion, which can be better for shallow trees that
/// are few. Its defaults are:
///
/// ```
/// use hitflop_trees::{GradientBoosting, SplitCriterion};
///
/// let params = GradientBoosting::params()
///     .max_depth(3)
///     .num_leaves(None)
///     .criterion(SplitCriterion::FriedmanMse)
///     .min_samples_leaf(1)
///     .min_child_weight(0.0);
/// ```
///
/// # Example
///
/// ```
/// use hitflop_trees::GradientBoosting;
/// use linfa::traits::{Fit, Predict};
/// use linfa::Dataset;
/// use ndarray::array;
///
/// let records = array![[1.0], [2.0], [f64::NAN], [4.0]];
/// let dataset = Dataset::new(records.clone(), array![false, false, true, true]);
/// let boosting = GradientBoosting::params().min_samples_leaf(1).fit(&dataset)?;
/// assert_eq!(boosting.predict(&records), array![false, false, true, true]);
/// assert!(boosting.predict_proba(records.view())[3] > 0.9);
/// # Ok::<(), hitflop_trees::TreesError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GradientBoosting {
    predictor: Predictor,
    baseline: f64,
    importances: Vec<f64>,
    validation_losses: Option<Vec<f64>>,
}

impl From<BoostedEnsemble> for GradientBoosting {
    fn from(fitted: BoostedEnsemble) -> GradientBoosting {
        let validation_losses = Some(fitted.validation_losses).filter(|losses| !losses.is_empty());
        let model = GradientBoosting::from_parts(fitted.trees, fitted.baseline, fitted.importances);
        GradientBoosting { validation_losses, ..model }
    }
}

impl GradientBoosting {
    /// The default parameters of a fit.
    pub fn params() -> GradientBoostingParams {
        GradientBoostingParams::new()
    }

    /// An estimator around trees that were fitted before: what [`GradientBoosting::trees`], [`GradientBoosting::baseline`] and
    /// [`GradientBoosting::importances`] gave.
    pub fn from_parts(trees: Trees, baseline: f64, importances: Vec<f64>) -> GradientBoosting {
        GradientBoosting { predictor: Predictor::new(trees), baseline, importances, validation_losses: None }
    }

    /// Its trees, whose leaves hold log odds, already multiplied by the learning rate, and numbers of training rows.
    pub fn trees(&self) -> &Trees {
        self.predictor.trees()
    }

    /// Log odds of the positive class before the first tree: those of the training rows, by weight.
    pub fn baseline(&self) -> f64 {
        self.baseline
    }

    /// Each feature's share of the gain of all splits; they add up to 1, or are all 0 if there is no split.
    pub fn importances(&self) -> &[f64] {
        &self.importances
    }

    /// Log loss (nats a row, by weight) on the validation rows: entry k with the first k trees, the first with the baseline alone.
    /// With early stopping there are more than there are trees, as those after the best were grown and dropped. `None`
    /// without validation rows, and for a model from its parts.
    pub fn validation_losses(&self) -> Option<&[f64]> {
        self.validation_losses.as_deref()
    }

    /// Probability of the positive class for each row of `records` (rows × features; NaN is missing).
    ///
    /// # Panics
    /// `records` has another number of columns than the trees were fitted on.
    pub fn predict_proba(&self, records: ArrayView2<f64>) -> Array1<f64> {
        self.predictor.sum(records).mapv(|sum| self.probability_of_sum(sum))
    }

    /// Log odds of the positive class for each row of `records` (rows × features; NaN is missing).
    ///
    /// # Panics
    /// `records` has another number of columns than the trees were fitted on.
    pub fn log_odds(&self, records: ArrayView2<f64>) -> Array1<f64> {
        self.predictor.sum(records).mapv_into(|sum| self.baseline + sum)
    }

    /// Probability of the positive class where the values of a row's leaves in [`GradientBoosting::trees`] add up to `sum`:
    /// exactly what [`GradientBoosting::predict_proba`] gives.
    pub fn probability_of_sum(&self, sum: f64) -> f64 {
        GradientBoosting::probability_of_log_odds(self.baseline + sum)
    }

    /// The probability of `log_odds` (the logistic function, within about 1e-14), as every boosting computes it: of the baseline
    /// plus the sum over the trees, and of the base plus the contributions of an explanation.
    pub fn probability_of_log_odds(log_odds: f64) -> f64 {
        sigmoid(log_odds)
    }

    /// What splits predictions into contributions of the features, as log odds.
    pub fn explainer(&self) -> Explainer {
        Explainer::new(self.trees(), 1.0, self.baseline)
    }

    /// As [`GradientBoosting::predict_proba`] with the first `stages` trees, for each of these numbers, which ascend; all together cost
    /// as much as one prediction by the last.
    ///
    /// # Panics
    /// `records` has another number of columns than the trees were fitted on; the stages do not ascend, or there are fewer trees.
    pub fn staged_predict_proba<'a>(
        &'a self,
        records: ArrayView2<'a, f64>,
        stages: impl IntoIterator<Item = usize> + 'a,
    ) -> impl Iterator<Item = Array1<f64>> + 'a {
        let mut sums = Array1::zeros(records.nrows());
        let mut summed = 0;
        stages.into_iter().map(move |trees| {
            sums += &self.predictor.sum_of(summed..trees, records);
            summed = trees;
            sums.mapv(|sum| self.probability_of_sum(sum))
        })
    }
}
