//! The contributions of trees over the same cuts.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

use super::paths::{PathTree, MISSING};
use super::table::ShapTable;
use super::walk::{ShapScratch, Walker};
use crate::Trees;

/// Trees whose contributions are added up by themselves before they are added to those of others. It sets the order of adding,
/// and so the last bits of a result.
const CHUNK_TREES: usize = 16;
/// Rows that a thread explains at a time.
const BLOCK_ROWS: usize = 64;
/// Most nodes of trees whose paths are kept. Those of larger ensembles are made by each call, for some chunks at a time.
const MAX_KEPT_NODES: usize = 1 << 23;
/// Nodes of the trees whose paths are made at a time, unless one chunk has more.
const MADE_NODES: usize = 1 << 20;

/// Trees whose sum, times a scale, is explained.
#[derive(Clone, Debug)]
pub(super) struct EnsembleExplainer {
    trees: Trees,
    /// Of all trees, unless they are too large.
    kept: Option<Vec<PathTree>>,
    /// Chunks of trees whose paths are in memory at the same time.
    parts: Vec<Range<usize>>,
    walker: Walker,
    tables: OnceLock<Vec<Option<ShapTable>>>,
    /// The sum of the trees' means over the training rows.
    mean: f64,
    /// What a sum over the trees is multiplied by.
    scale: f64,
}

impl EnsembleExplainer {
    pub(super) fn new(trees: &Trees, scale: f64) -> EnsembleExplainer {
        EnsembleExplainer::keeping(trees, scale, MAX_KEPT_NODES, MADE_NODES)
    }

    /// Keeps the paths of at most `most_kept` nodes, or makes those of about `made` nodes at a time.
    pub(super) fn keeping(trees: &Trees, scale: f64, most_kept: usize, made: usize) -> EnsembleExplainer {
        let is_kept = trees.node_counts().sum::<usize>() <= most_kept;
        let known = (0..trees.count()).into_par_iter().map(|index| {
            let tree = PathTree::new(trees, &trees.tree(index));
            (tree.mean(), tree.most_features, is_kept.then_some(tree))
        });
        let known: Vec<(f64, usize, Option<PathTree>)> = known.collect();
        let most_features = known.iter().map(|(_, most_features, _)| *most_features).max().unwrap_or(0);
        EnsembleExplainer {
            parts: if is_kept { std::iter::once(0..trees.count()).collect() } else { parts(trees, made) },
            walker: Walker::new(most_features),
            tables: OnceLock::new(),
            mean: known.iter().map(|(mean, ..)| mean).sum(),
            kept: known.into_iter().map(|(.., tree)| tree).collect(),
            trees: trees.clone(),
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
        self.scale * self.mean
    }

    /// Contributions of each feature to each row, rows × features.
    pub(super) fn shap(&self, records: ArrayView2<f64>) -> Array2<f64> {
        let mut sums = Array2::zeros(records.raw_dim());
        for part in &self.parts {
            let paths = self.paths(part);
            let blocks = sums.axis_chunks_iter_mut(Axis(0), BLOCK_ROWS).into_par_iter();
            blocks.zip(records.axis_chunks_iter(Axis(0), BLOCK_ROWS)).for_each(|(mut sums, records)| {
                self.add(part, &paths, records, &mut sums);
            });
        }
        sums * self.scale
    }

    /// Makes the tables of the trees that have one, as long as some of `bytes_left` are left for them.
    pub(super) fn tabulate(&self, bytes_left: &mut usize) {
        let Some(trees) = &self.kept else { return };
        self.tables.get_or_init(|| {
            let mut fits = |tree: &PathTree| {
                let bytes = ShapTable::bytes(tree).unwrap_or(0);
                *bytes_left = bytes_left.saturating_sub(bytes);
                *bytes_left > 0
            };
            let requested: Vec<bool> = trees.iter().map(&mut fits).collect();
            let table = |scratch: &mut ShapScratch, (tree, requested): (&PathTree, bool)| {
                requested.then(|| ShapTable::new(tree, &self.walker, self.trees.n_features(), scratch)).flatten()
            };
            trees.par_iter().zip(requested).map_init(ShapScratch::default, table).collect()
        });
    }

    /// The paths of some trees.
    fn paths(&self, part: &Range<usize>) -> Cow<'_, [PathTree]> {
        match &self.kept {
            Some(trees) => Cow::Borrowed(&trees[part.clone()]),
            None => {
                let path = |index| PathTree::new(&self.trees, &self.trees.tree(index));
                Cow::Owned(part.clone().into_par_iter().map(path).collect())
            }
        }
    }

    /// Adds the contributions of a part of the trees to a block of rows, chunk by chunk.
    fn add(&self, part: &Range<usize>, paths: &[PathTree], records: ArrayView2<f64>, sums: &mut ArrayViewMut2<f64>) {
        let codes = self.encode(records);
        let chunk = |(chunk, paths)| self.chunk(part.start + chunk * CHUNK_TREES, paths, &codes, records.nrows());
        let chunks: Vec<Array2<f64>> = paths.par_chunks(CHUNK_TREES).enumerate().map(chunk).collect();
        chunks.iter().for_each(|chunk| *sums += chunk);
    }

    /// Contributions of one chunk of the trees, which begins with the tree of index `first`, rows × features.
    fn chunk(&self, first: usize, trees: &[PathTree], codes: &[u16], rows: usize) -> Array2<f64> {
        let features = self.trees.n_features();
        let mut sums = vec![0.0; rows * features];
        let mut scratch = ShapScratch::default();
        let mut own = vec![0.0; features];
        for (index, tree) in (first..).zip(trees) {
            let table = self.tables.get().and_then(|tables| tables[index].as_ref());
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
            codes.extend(row.iter().zip(self.trees.cuts()).map(code));
        }
        codes
    }
}

/// Whole chunks of about so many nodes.
fn parts(trees: &Trees, made: usize) -> Vec<Range<usize>> {
    let counts: Vec<usize> = trees.node_counts().collect();
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut nodes = 0;
    for (chunk, counts) in counts.chunks(CHUNK_TREES).enumerate() {
        let first = chunk * CHUNK_TREES;
        nodes += counts.iter().sum::<usize>();
        match parts.last_mut().filter(|_| nodes <= made) {
            Some(last) => last.end = first + counts.len(),
            None => {
                parts.push(first..first + counts.len());
                nodes = counts.iter().sum();
            }
        }
    }
    parts
}
