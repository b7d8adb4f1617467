//! Exact Shapley values of trees (TreeSHAP, path-dependent; Lundberg et al. 2018, "Consistent Individualized Feature Attribution
//! for Tree Ensembles", Algorithm 2).
//!
//! The contributions of a row are the Shapley values of the game in which a feature that takes part has the row's value, and
//! at splits on any other feature both children count, weighted by their training rows. They add up to the prediction
//! less the mean prediction ([`Explainer::base`]).
//!
//! They are computed in another way than by Algorithm 2, with the same result. In a path from the root to a leaf of value v
//! each feature i has a one fraction oᵢ (1 if the row passes all of its edges, else 0) and a zero fraction zᵢ (the product of
//! the edges' shares of the training rows). By the multilinear extension of the game (Owen 1972) its Shapley value is
//!
//! ```text
//! φᵢ = Σ over leaves  v ∫₀¹ (oᵢ - zᵢ) Π_{j ≠ i} (zⱼ + t (oⱼ - zⱼ)) dt
//! ```
//!
//! in which the integrand is a polynomial in t of one degree less than there are features on the path. Gauss-Legendre
//! quadrature with half as many points as features is exact for it, has positive weights only, and lets a walk over
//! the tree carry one product and one sum a point: a tree of L leaves takes O(L K) a row for K features on a path, instead of
//! O(L D²) for depth D (Yu et al. 2022, Linear TreeSHAP, reach the same order with polynomials). Three things make it faster
//! yet:
//!
//! - Once the row has left the path at a feature, further conditions on that feature only divide its weight. A part of the tree
//!   that splits on such features only is its mean.
//! - A tree of few conditions, such as a symmetric one, is tabulated by their results (`table`).
//! - Rows are explained in parallel, and of few rows the trees.
//!
//! | module | what it is |
//! |---|---|
//! | `ensemble` | the contributions of trees over the same cuts, some trees and rows at a time |
//! | `quadrature` | Gauss-Legendre points and weights |
//! | `paths` | a tree with what a Shapley value needs of the path to each node |
//! | `walk` | the contributions of one tree to one row |
//! | `table` | the same, looked up |
//!
//! The tests hold the values against their definition, over all coalitions of features, and to 1e-6 against the Python package
//! shap on models that both hold: trees given to it as arrays, scikit-learn's forest with weighted classes, LightGBM's boosting
//! with missing values (`tests/fixtures/make_shap.py`).
//!
//! "Training rows" are weighted as the tree was grown: in tree and forest by the weights of their classes and by how often
//! they were sampled, in a boosting each counts once. At a node that no training row reached both ways get half.

mod ensemble;
mod paths;
#[cfg(test)]
mod peer_tests;
mod quadrature;
mod table;
#[cfg(test)]
mod tests;
mod walk;

use ndarray::{Array2, ArrayView2};

use crate::Trees;
use ensemble::EnsembleExplainer;

/// From this many rows on, tables are faster.
const MANY_ROWS: usize = 256;
/// Most bytes of all tables.
const TABLE_BYTES: usize = 1 << 27;

/// Splits predictions into contributions of the features: exact Shapley values of trees (path-dependent TreeSHAP; Lundberg et al.
/// 2018, "Consistent Individualized Feature Attribution for Tree Ensembles", Algorithm 2).
///
/// The contributions of a row are the Shapley values of the game in which a feature that takes part has the row's value, and at
/// the splits on any other the row goes both ways, in the shares of the training rows. They add up to the prediction less the
/// mean prediction ([`Explainer::base`]). Made by the `explainer()` of each estimator; of a blend, they are the weighted sums of
/// its members' contributions, as Shapley values are linear in the game. Memory: 32 bytes a node, but at most 256 MiB: of larger
/// ensembles, each call makes what it needs for about a million nodes at a time. Up to 128 MiB of tables (see
/// [`Explainer::tabulate`]).
#[derive(Clone, Debug)]
pub struct Explainer {
    n_features: usize,
    ensembles: Vec<EnsembleExplainer>,
    base: f64,
}

impl Explainer {
    /// Explains a model that predicts `offset` plus `scale` times the sum over `trees`: for a mean of trees the scale is the
    /// reciprocal of their number and the offset 0; for a boosting the scale is 1 and the offset its baseline.
    pub fn new(trees: &Trees, scale: f64, offset: f64) -> Explainer {
        let ensemble = EnsembleExplainer::new(trees, scale);
        Explainer { n_features: trees.n_features(), base: offset + ensemble.mean(), ensembles: vec![ensemble] }
    }

    /// Explains an intercept plus the weighted sum of models over the same features.
    pub(crate) fn of_sum(
        n_features: usize,
        intercept: f64,
        models: impl IntoIterator<Item = (f64, Explainer)>,
    ) -> Explainer {
        let mut sum = Explainer { n_features, ensembles: Vec::new(), base: intercept };
        for (weight, model) in models {
            sum.base += weight * model.base;
            sum.ensembles.extend(model.ensembles.into_iter().map(|ensemble| ensemble.scaled(weight)));
        }
        sum
    }

    /// The mean prediction over the training rows as the trees hold them: log odds for a boosting and a blend, probability for tree
    /// and forest.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// Number of columns that records must have.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Contribution of each feature to the prediction of each row of `records` (rows × features; NaN is missing), in the
    /// unit of [`Explainer::base`]; a row's add up to its prediction less the base. They do not depend on the other rows, nor
    /// on the number of threads.
    ///
    /// # Panics
    /// `records` has another number of columns than the estimator was fitted on.
    pub fn shap(&self, records: ArrayView2<f64>) -> Array2<f64> {
        assert_eq!(records.ncols(), self.n_features(), "fitted on another number of features");
        if records.nrows() >= MANY_ROWS {
            self.tabulate();
        }
        let mut contributions = Array2::zeros(records.raw_dim());
        self.ensembles.iter().for_each(|ensemble| contributions += &ensemble.shap(records));
        contributions
    }

    /// Makes the tables that answer a row of a boosting of small trees in a fraction of the time; [`Explainer::shap`] does it by
    /// itself for many rows. What is answered stays the same, bit for bit.
    pub fn tabulate(&self) {
        let mut bytes_left = TABLE_BYTES;
        self.ensembles.iter().for_each(|ensemble| ensemble.tabulate(&mut bytes_left));
    }
}
