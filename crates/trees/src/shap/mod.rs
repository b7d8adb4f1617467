//! Exact Shapley values of trees (TreeSHAP, path-dependent; Lundberg et al. 2018, "Consistent Individualized Feature Attribution
//! for Tree Ensembles", Algorithm 2).
//!
//! The contributions of a row are the Shapley values of the game in which a feature that takes part has the row's value, and
//! at the questions on any other the row goes both ways, in the shares of the training rows. They add up to the prediction
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
//! - Once the row has left the path at a feature, further questions on that feature only divide its weight. A part of the tree
//!   that splits on such features only is its mean.
//! - A tree of few questions, such as a symmetric one, is tabulated by their answers (`table`).
//! - Rows are explained in parallel, and of few rows the trees.
//!
//! | module | what it is |
//! |---|---|
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

mod paths;
#[cfg(test)]
mod peer_tests;
mod quadrature;
mod table;
#[cfg(test)]
mod tests;
mod walk;

use std::sync::OnceLock;

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::Trees;
use paths::{PathTree, MISSING};
use table::ShapTable;
use walk::{ShapScratch, Walker};

/// Trees whose contributions are added up by themselves before they are added to those of others. It sets the order of adding,
/// and so the last bits of a result.
const CHUNK_TREES: usize = 16;
/// Rows that a thread explains at a time.
const BLOCK_ROWS: usize = 64;
/// From this many rows on, tables are faster.
const MANY_ROWS: usize = 256;
/// Most bytes of all tables.
const TABLE_BYTES: usize = 1 << 27;

/// Splits predictions into contributions of the features: exact Shapley values of trees (path-dependent TreeSHAP; Lundberg et al.
/// 2018, "Consistent Individualized Feature Attribution for Tree Ensembles", Algorithm 2).
///
/// The contributions of a row are the Shapley values of the game in which a feature that takes part has the row's value, and at
/// the splits on any other the row goes both ways, in the shares of the training rows. They add up to the prediction less the
/// mean prediction ([`Explainer::base`]). Made by the `explainer()` of each estimator. Memory: 32 bytes a node, and up to 128 MiB of tables (see [`Explainer::tabulate`]).
#[derive(Clone, Debug)]
pub struct Explainer {
    cuts: Vec<Vec<f64>>,
    trees: Vec<PathTree>,
    walker: Walker,
    tables: OnceLock<Vec<Option<ShapTable>>>,
    /// What a sum over the trees is multiplied by.
    scale: f64,
    base: f64,
}

impl Explainer {
    /// Explains a model that predicts `offset` plus `scale` times the sum over `trees`: for a mean of trees the scale is the
    /// reciprocal of their number and the offset 0; for a boosting the scale is 1 and the offset its baseline.
    pub fn new(trees: &Trees, scale: f64, offset: f64) -> Explainer {
        let paths: Vec<PathTree> = trees.trees().par_iter().map(|tree| PathTree::new(trees, tree)).collect();
        let most_features = paths.iter().map(|tree| tree.most_features).max().unwrap_or(0);
        let mean: f64 = paths.iter().map(PathTree::mean).sum();
        Explainer {
            cuts: trees.cuts().to_vec(),
            trees: paths,
            walker: Walker::new(most_features),
            tables: OnceLock::new(),
            scale,
            base: offset + scale * mean,
        }
    }

    /// The mean prediction over the training rows as the trees hold them: log odds for a boosting, probability for tree and
    /// forest.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// Number of columns that records must have.
    pub fn n_features(&self) -> usize {
        self.cuts.len()
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
        let blocks = contributions.axis_chunks_iter_mut(Axis(0), BLOCK_ROWS).into_par_iter();
        blocks.zip(records.axis_chunks_iter(Axis(0), BLOCK_ROWS)).for_each(|(mut to, records)| {
            let codes = self.encode(records);
            let chunks = self.trees.len().div_ceil(CHUNK_TREES);
            let parts: Vec<Array2<f64>> =
                (0..chunks).into_par_iter().map(|chunk| self.chunk(chunk, &codes, records.nrows())).collect();
            parts.iter().for_each(|part| to += part);
            to *= self.scale;
        });
        contributions
    }

    /// Makes the tables that answer a row of a boosting of small trees in a fraction of the time; [`Explainer::shap`] does it by
    /// itself for many rows. What is answered stays the same, bit for bit.
    pub fn tabulate(&self) {
        self.tables.get_or_init(|| {
            let mut bytes = 0;
            let fits = |tree: &PathTree| {
                bytes += ShapTable::bytes(tree).unwrap_or(0);
                bytes <= TABLE_BYTES
            };
            let requested: Vec<bool> = self.trees.iter().map(fits).collect();
            let table = |scratch: &mut ShapScratch, (tree, requested): (&PathTree, bool)| {
                requested.then(|| ShapTable::new(tree, &self.walker, self.n_features(), scratch)).flatten()
            };
            self.trees.par_iter().zip(requested).map_init(ShapScratch::default, table).collect()
        });
    }

    /// Contributions of one chunk of the trees, rows × features.
    fn chunk(&self, chunk: usize, codes: &[u16], rows: usize) -> Array2<f64> {
        let features = self.n_features();
        let mut sums = vec![0.0; rows * features];
        let mut scratch = ShapScratch::default();
        let mut own = vec![0.0; features];
        let first = chunk * CHUNK_TREES;
        for index in first..self.trees.len().min(first + CHUNK_TREES) {
            let (tree, table) = (&self.trees[index], self.tables.get().and_then(|tables| tables[index].as_ref()));
            for (codes, sums) in codes.chunks_exact(features).zip(sums.chunks_exact_mut(features)) {
                if !table.is_some_and(|table| table.add(codes, sums)) {
                    // A tree's own contributions first, as a table has them.
                    own.fill(0.0);
                    self.walker.add(tree, codes, &mut own, &mut scratch);
                    sums.iter_mut().zip(&own).for_each(|(sum, own)| *sum += own);
                }
            }
        }
        Array2::from_shape_vec((rows, features), sums).expect("made in this shape")
    }

    /// Codes of the values, row by row.
    fn encode(&self, records: ArrayView2<f64>) -> Vec<u16> {
        let mut codes = Vec::with_capacity(records.len());
        for row in records.rows() {
            let code = |(&value, cuts): (&f64, &Vec<f64>)| match value.is_nan() {
                true => MISSING,
                // There are fewer cuts than codes.
                false => cuts.partition_point(|&cut| cut < value) as u16,
            };
            codes.extend(row.iter().zip(&self.cuts).map(code));
        }
        codes
    }
}
