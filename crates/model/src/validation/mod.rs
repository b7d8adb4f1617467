//! How good a model is, measured in several ways: on random tracks, on new artists, on the next decade; from decade to decade; and
//! with fewer tracks.
//!
//! | question | function |
//! |---|---|
//! | how good is it under each validation scheme? | [`compare_schemes`](fn@compare_schemes) |
//! | does what separates hits from flops change? | [`cross_decade`](fn@cross_decade::cross_decade_scores) |
//! | would more tracks help? | [`learning_curve`](mod@learning_curve) |
//!
//! All are measured for a [`ModelSpec`] (parameters and features), which is fitted anew for every result. Probabilities are the
//! estimator's own, and a track is predicted as a hit above 0.5. Intervals are by the bootstrap of groups
//! ([`hitflop_metrics::bootstrap`]).

mod compare_schemes;
pub mod cross_decade;
pub mod leakage;
pub mod learning_curve;
pub mod robustness;
mod scheme_scores;

use linfa::ParamGuard;
use ndarray::{ArrayView1, ArrayView2};
use serde::Serialize;

pub use compare_schemes::{compare_schemes, fits, PrefitModel};
pub use scheme_scores::{DecadeScores, SchemeComparison, SchemeFit, SchemeScores, ScoreSummary, ValidationScheme};

use super::estimator::EstimatorParams;
use hitflop_core::dataset::Dataset;
use hitflop_core::error::Result;
use hitflop_core::track::Feature;

/// What is fitted again and again: parameters, and the features they are given.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSpec {
    /// With what an estimator is fitted.
    pub params: EstimatorParams,
    /// Its features, in the order of the columns.
    pub features: Vec<Feature>,
}

impl ModelSpec {
    /// The same with fewer trees in larger steps, for answers that need many fits and only compare them: a boosting has an eighth of
    /// its trees and eight times its learning rate, at most 0.3, and is not distilled; a forest at most 100 trees; a blend is replaced by the first boosting among its members. Nothing else changes.
    ///
    /// # Errors
    /// A parameter is outside its range.
    pub fn reduced(&self) -> Result<ModelSpec> {
        const FACTOR: usize = 8;
        const MAX_REDUCED_RATE: f64 = 0.3;
        const MAX_REDUCED_TREES: usize = 100;
        let params = match &self.params.single() {
            single @ (EstimatorParams::Tree(_) | EstimatorParams::Blend(_)) => single.clone(),
            EstimatorParams::Forest(params) => {
                let trees = params.check_ref()?.n_estimators();
                EstimatorParams::Forest((*params).n_estimators(trees.min(MAX_REDUCED_TREES)))
            }
            EstimatorParams::Boosting(params) => {
                let checked = params.check_ref()?;
                let (trees, rate) = (checked.n_estimators().div_ceil(FACTOR), checked.learning_rate());
                let rate = (rate * FACTOR as f64).min(MAX_REDUCED_RATE).max(rate);
                EstimatorParams::Boosting(params.clone().n_estimators(trees).learning_rate(rate).distillation(None))
            }
        };
        Ok(ModelSpec { params, features: self.features.clone() })
    }

    /// The specification of validations that need many fits: this one if they are `thorough`, else the reduced one.
    pub(super) fn for_many(&self, budget: &ValidationBudget) -> Result<ModelSpec> {
        if budget.thorough {
            Ok(self.clone())
        } else {
            self.reduced()
        }
    }

    /// Fits it to some rows of a dataset that has its features and no other, and gives the probabilities of others.
    fn fit_and_predict(&self, dataset: &Dataset, train: &[usize], test: &[usize]) -> Result<Vec<f64>> {
        let (train, test) = (dataset.select(train), dataset.select(test));
        Ok(self.params.fit(&train)?.predict_proba(test.records()).to_vec())
    }
}

/// Probabilities of `test` by an estimator that is fitted to `train`; for measuring what is no feature, and never kept.
pub(super) fn measure(
    params: &EstimatorParams,
    train: (ArrayView2<f64>, ArrayView1<bool>),
    test: ArrayView2<f64>,
) -> Result<Vec<f64>> {
    Ok(params.fit_records(train.0, train.1)?.predict_proba(test).to_vec())
}

/// How often things are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ValidationBudget {
    /// Splits at random and by groups; at least 1.
    pub repeats: usize,
    /// Resamples behind an interval; at least 1.
    pub resamples: usize,
    /// Grouped folds behind the scores across decades; at least 2.
    #[serde(rename = "transfer_folds")]
    pub cross_decade_folds: usize,
    /// Learning curves that are averaged; at least 1.
    pub curves: usize,
    /// Whether scores across decades, learning curve and leakage are of the specification itself instead of the reduced one.
    pub thorough: bool,
}

impl ValidationBudget {
    /// The default of `hitflop run`: some seconds, most of them for the fits of the specification itself.
    pub fn standard() -> ValidationBudget {
        ValidationBudget { repeats: 2, resamples: 1_000, cross_decade_folds: 3, curves: 1, thorough: false }
    }

    /// More repetitions of all, with the specification itself throughout: a minute or two.
    pub fn thorough() -> ValidationBudget {
        ValidationBudget { repeats: 10, resamples: 5_000, cross_decade_folds: 5, curves: 5, thorough: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::EstimatorKind;

    #[test]
    fn a_reduced_specification_has_fewer_trees_in_larger_steps() {
        let reduced = |kind, settings: &[(&str, &str)]| {
            let set =
                |params: EstimatorParams, (name, value): &(&str, &str)| params.with(name, value).expect("a parameter");
            let params = settings.iter().fold(EstimatorParams::of(kind), set);
            let spec = ModelSpec { params, features: vec![Feature::Energy] };
            spec.reduced().expect("a specification").params.describe()
        };
        let boosting =
            |trees, rate| reduced(EstimatorKind::Boosting, &[("n_estimators", trees), ("learning_rate", rate)]);
        assert_eq!(boosting("1000", "0.04"), "gradient boosting, 125 trees, 31 leaves, rate 0.3");
        assert_eq!(boosting("10", "0.1"), "gradient boosting, 2 trees, 31 leaves, rate 0.3");
        assert_eq!(boosting("800", "0.02"), "gradient boosting, 100 trees, 31 leaves, rate 0.16");
        assert_eq!(boosting("1", "0.5"), "gradient boosting, 1 tree, 31 leaves, rate 0.5");
        let distilled = reduced(EstimatorKind::Boosting, &[("n_estimators", "80"), ("distillation", "true")]);
        assert_eq!(distilled, "gradient boosting, 10 trees, 31 leaves, rate 0.3");
        assert_eq!(reduced(EstimatorKind::Forest, &[("n_estimators", "500")]), "random forest, 100 trees, leaf 1");
        assert_eq!(reduced(EstimatorKind::Forest, &[("n_estimators", "20")]), "random forest, 20 trees, leaf 1");
        assert_eq!(reduced(EstimatorKind::Tree, &[]), EstimatorParams::of(EstimatorKind::Tree).describe());
    }
}
