//! The estimator: members, and how much each counts.

use ndarray::{Array1, ArrayView2};

use super::ensemble::as_boosting;
use super::member::MemberModel;
use super::params::BlendParams;
use crate::{Explainer, GradientBoosting, InvalidTree};

/// A member of a [`Blend`] and how much it counts.
#[derive(Clone, Debug, PartialEq)]
pub struct BlendMember {
    /// What its margin is multiplied by; above 0.
    pub weight: f64,
    /// Its share of the spread of the margins, from 0 to 1 (see [`BlendWeights::shares`](crate::BlendWeights)).
    pub share: f64,
    /// The model.
    pub model: MemberModel,
}

/// Several fitted models as one: the log odds of the positive class are an intercept plus the weighted sum of the members' margins
/// (log odds of a boosting, mean probability of a forest; see [`MemberModel::margins`]).
///
/// Different learners err on different rows, so that their combination is better than each (Wolpert 1992, "Stacked
/// generalization"). The weights are found on rows that the members were not fitted to, and are not negative (Breiman 1996,
/// "Stacked regressions"), so that members that add nothing get a weight of 0 and are dropped. The margin is linear in the
/// values of all leaves: contributions of the features are exact and add up ([`Blend::explainer`]), and the whole is one sum of
/// trees ([`Blend::to_boosting`]).
///
/// ```
/// use hitflop_trees::{Blend, GradientBoosting, RandomForestParams};
/// use linfa::traits::{Fit, Predict};
/// use linfa::Dataset;
/// use ndarray::{Array1, Array2};
///
/// let records = Array2::from_shape_fn((90, 2), |(row, column)| ((row * (column + 3)) % 31) as f64);
/// let targets: Array1<bool> = records.rows().into_iter().map(|row| row[0] + row[1] > 30.0).collect();
/// // Three folds of rows that are held out together.
/// let folds = (0..90).map(|row| row / 30).collect();
/// let blend = Blend::params()
///     .member(GradientBoosting::params().min_samples_leaf(5))
///     .member(RandomForestParams::extra_trees())
///     .folds(folds)
///     .fit(&Dataset::new(records.clone(), targets.clone()))?;
/// let right = blend.predict(&records).iter().zip(&targets).filter(|(found, target)| found == target).count();
/// assert!(right > 80 && blend.members().len() <= 2);
/// # Ok::<(), hitflop_trees::TreesError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Blend {
    n_features: usize,
    intercept: f64,
    members: Vec<BlendMember>,
}

impl Blend {
    /// No member and no folds.
    pub fn params() -> BlendParams {
        BlendParams::new()
    }

    /// A blend of models that were fitted before. Without a member it predicts the same for all rows.
    ///
    /// # Errors
    /// The intercept is not finite, a weight is not a finite number above 0, a share is not from 0 to 1, or a member was fitted
    /// on another number of features than `n_features`.
    pub fn from_parts(
        n_features: usize,
        intercept: f64,
        members: Vec<BlendMember>,
    ) -> std::result::Result<Blend, InvalidTree> {
        let check = |is_legal: bool, member: String, rule: &str, value: String| match is_legal {
            true => Ok(()),
            false => Err(InvalidTree { member, rule: rule.to_owned(), value }),
        };
        check(n_features > 0, "features".to_owned(), "expected at least one", n_features.to_string())?;
        check(intercept.is_finite(), "intercept".to_owned(), "expected a finite number", intercept.to_string())?;
        for (index, BlendMember { weight, share, model }) in members.iter().enumerate() {
            let name = |part: &str| format!("members[{index}].{part}");
            let is_legal = weight.is_finite() && *weight > 0.0;
            check(is_legal, name("weight"), "expected a finite number above 0", weight.to_string())?;
            check((0.0..=1.0).contains(share), name("share"), "expected a number from 0 to 1", share.to_string())?;
            let features = model.trees().n_features();
            check(features == n_features, name("features"), &format!("expected {n_features}"), features.to_string())?;
        }
        Ok(Blend { n_features, intercept, members })
    }

    /// Number of columns that records must have.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// What is added to the weighted sum of the members' margins.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The members, in the order of the parameters; those of weight 0 were dropped.
    pub fn members(&self) -> &[BlendMember] {
        &self.members
    }

    /// Log odds of the positive class for each row of `records` (rows × features; NaN is missing): the intercept plus the weighted
    /// sum of the members' margins, in their order. They do not depend on the other rows, nor on the number of threads.
    ///
    /// # Panics
    /// `records` has another number of columns than the members were fitted on.
    pub fn log_odds(&self, records: ArrayView2<f64>) -> Array1<f64> {
        assert_eq!(records.ncols(), self.n_features, "fitted on another number of features");
        let mut sums = Array1::from_elem(records.nrows(), self.intercept);
        for BlendMember { weight, model, .. } in &self.members {
            sums.zip_mut_with(&model.margins(records), |sum, margin| *sum += weight * margin);
        }
        sums
    }

    /// As [`Blend::log_odds`], of one row, one value a feature; on the calling thread.
    ///
    /// # Panics
    /// `row` has another length than the members have features.
    pub fn log_odds_of_row(&self, row: &[f64]) -> f64 {
        let records = ArrayView2::from_shape((1, row.len()), row).expect("a row is a matrix of one row");
        self.log_odds(records)[0]
    }

    /// Probability of the positive class for each row of `records` (rows × features; NaN is missing).
    ///
    /// # Panics
    /// `records` has another number of columns than the members were fitted on.
    pub fn predict_proba(&self, records: ArrayView2<f64>) -> Array1<f64> {
        self.log_odds(records).mapv_into(GradientBoosting::probability_of_log_odds)
    }

    /// Each feature's share of what the splits on it bring: the mean of the members' shares, by the members' own
    /// ([`BlendMember::share`]). They add up to 1, or are all 0 without a split.
    pub fn importances(&self) -> Vec<f64> {
        let mut shares = vec![0.0; self.n_features];
        for member in &self.members {
            let of_member = member.model.importances();
            shares.iter_mut().zip(of_member).for_each(|(sum, share)| *sum += member.share * share);
        }
        let total: f64 = shares.iter().sum();
        if total > 0.0 {
            shares.iter_mut().for_each(|share| *share /= total);
        }
        shares
    }

    /// What splits log odds into contributions of the features: the weighted sums of the members' contributions, which add up to
    /// the log odds less the base.
    pub fn explainer(&self) -> Explainer {
        let of_members = self.members.iter().map(|member| (member.weight, member.model.explainer()));
        Explainer::of_sum(self.n_features, self.intercept, of_members)
    }

    /// The blend as one sum of trees, as a boosting is: for what can do with a single ensemble only, such as an export. Its log odds
    /// are those of the blend but for rounding. A leaf takes twelve bytes, so that the leaves of forests may take more than as
    /// they are.
    ///
    /// # Errors
    /// The members together have more than 65,534 cuts of a feature.
    pub fn to_boosting(&self) -> std::result::Result<GradientBoosting, InvalidTree> {
        as_boosting(self)
    }
}
