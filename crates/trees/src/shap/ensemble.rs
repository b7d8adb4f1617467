//! The contributions of trees over the same cuts.

use std::sync::OnceLock;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::paths::{PathTree, MISSING};
use super::table::ShapTable;
use super::walk::{ShapScratch, Walker};
use crate::Trees;

/// Trees whose contributions are added up by themselves before they are added to those of others. It sets the order of adding,
/// and so the last bits of a result.
const CHUNK_TREES: usize = 16;

/// Trees whose sum, times a scale, is explained.
#[derive(Clone, Debug)]
pub(super) struct EnsembleExplainer {
    cuts: Vec<Vec<f64>>,
    trees: Vec<PathTree>,
    walker: Walker,
    tables: OnceLock<Vec<Option<ShapTable>>>,
    /// What a sum over the trees is multiplied by.
    scale: f64,
}

impl EnsembleExplainer {
    pub(super) fn new(trees: &Trees, scale: f64) -> EnsembleExplainer {
        let paths: Vec<PathTree> = trees.trees().par_iter().map(|tree| PathTree::new(trees, tree)).collect();
        let most_features = paths.iter().map(|tree| tree.most_features).max().unwrap_or(0);
        EnsembleExplainer {
            cuts: trees.cuts().to_vec(),
            trees: paths,
            walker: Walker::new(most_features),
            tables: OnceLock::new(),
            scale,
        }
    }

    /// The same, of a model that counts `weight` times.
    pub(super) fn scaled(mut self, weight: f64) -> EnsembleExplainer {
        self.scale *= weight;
        self
    }

    /// The mean of the scaled sum over the training rows.
    pub(super) fn mean(&self) -> f64 {
        self.scale * self.trees.iter().map(PathTree::mean).sum::<f64>()
    }

    /// Contributions of each feature to each row of a block, rows × features.
    pub(super) fn shap(&self, records: ArrayView2<f64>) -> Array2<f64> {
        let mut sums = Array2::zeros(records.raw_dim());
        let codes = self.encode(records);
        let chunks = self.trees.len().div_ceil(CHUNK_TREES);
        let parts: Vec<Array2<f64>> =
            (0..chunks).into_par_iter().map(|chunk| self.chunk(chunk, &codes, records.nrows())).collect();
        parts.iter().for_each(|part| sums += part);
        sums * self.scale
    }

    /// Makes the tables of the trees that have one, as long as some of `bytes_left` are left for them.
    pub(super) fn tabulate(&self, bytes_left: &mut usize) {
        self.tables.get_or_init(|| {
            let mut fits = |tree: &PathTree| {
                let bytes = ShapTable::bytes(tree).unwrap_or(0);
                *bytes_left = bytes_left.saturating_sub(bytes);
                *bytes_left > 0
            };
            let requested: Vec<bool> = self.trees.iter().map(&mut fits).collect();
            let table = |scratch: &mut ShapScratch, (tree, requested): (&PathTree, bool)| {
                requested.then(|| ShapTable::new(tree, &self.walker, self.cuts.len(), scratch)).flatten()
            };
            self.trees.par_iter().zip(requested).map_init(ShapScratch::default, table).collect()
        });
    }

    /// Contributions of one chunk of the trees, rows × features.
    fn chunk(&self, chunk: usize, codes: &[u16], rows: usize) -> Array2<f64> {
        let features = self.cuts.len();
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
