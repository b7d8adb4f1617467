//! Sums of leaf values over trees, fast.
//!
//! | module | what it is |
//! |---|---|
//! | `byte_codes` | the same in a byte, for features of at most 255 cuts |
//! | `encoding` | values to positions among cuts, so that a split compares small integers |
//! | `in_use` | the cuts that splits use |
//! | `packed` | deep trees over few features: their top levels for many rows at once, then walks over nodes of four bytes |
//! | `quickscorer` | many small trees: bit masks of the leaves that are still possible |
//! | `tables` | trees of few distinct conditions: a table of all their answers |
//! | `walk` | any trees, as they are stored: several walks from root to leaf at a time |

mod byte_codes;
mod encoding;
mod in_use;
mod packed;
mod quickscorer;
mod tables;
mod walk;

use std::ops::Range;

use ndarray::{Array1, ArrayView2, Axis};
use rayon::prelude::*;

use crate::trees::Trees;
use encoding::Encoder;
use in_use::CutsInUse;
use quickscorer::QuickScorer;
use tables::ObliviousTables;
use walk::WalkScratch;

/// Most rows of a block while all trees fit into a core's cache: their codes shall fit beside them.
const SMALL_BLOCK: usize = 1024;
/// Most rows of a block otherwise: each block reads all trees from memory, so that there should be few.
const LARGE_BLOCK: usize = 8192;
/// Trees of more bytes do not fit.
const CACHE_BYTES: usize = 1 << 19;
/// Fewer rows are summed one by one, and by the calling thread.
const FEW_ROWS: usize = 16;

/// Trees prepared for prediction: the sums of their leaf values, from which the estimators compute probabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictor {
    trees: Trees,
    encoder: Encoder,
    form: Layout,
}

/// What suits the shape of the trees.
#[derive(Clone, Debug, PartialEq)]
enum Layout {
    /// Nothing but the trees, as nodes of four bytes if they fit.
    Walks,
    Masks(QuickScorer),
    Tables(ObliviousTables),
}

impl Predictor {
    /// Prepares trees for prediction.
    pub fn new(trees: Trees) -> Predictor {
        let takes_walks = trees.ready_packed().is_some_and(|packed| !tables::may_suit(packed));
        let (encoder, form) = if !takes_walks && quickscorer::suit(&trees) {
            let in_use = CutsInUse::of(&trees);
            (in_use.encoder(&trees), Layout::Masks(QuickScorer::new(&trees, &in_use)))
        } else if !takes_walks && tables::suit(&trees) {
            let in_use = CutsInUse::of(&trees);
            (in_use.encoder(&trees), Layout::Tables(ObliviousTables::new(&trees, &in_use)))
        } else {
            (Encoder::new(trees.cuts().to_vec()), Layout::Walks)
        };
        Predictor { trees, encoder, form }
    }

    /// Keeps no more of the trees than prediction needs, if that is less.
    pub(crate) fn keep_packed(&mut self) {
        if matches!(self.form, Layout::Walks) {
            self.trees.keep_packed();
        }
    }

    /// The trees that it predicts by.
    pub fn trees(&self) -> &Trees {
        &self.trees
    }

    /// For each row of `records` (rows × features; NaN is missing), the sum over all trees, in their order, of the value of the
    /// leaf that the row falls into. The result does not depend on the number of threads, nor on the other rows.
    ///
    /// # Panics
    /// `records` has another number of columns than the trees have features.
    pub fn sum(&self, records: ArrayView2<f64>) -> Array1<f64> {
        self.sum_of(0..self.trees.count(), records)
    }

    /// As [`Predictor::sum`], over some of the trees only.
    ///
    /// # Panics
    /// There are fewer trees, or `records` has another number of columns than the trees have features.
    pub fn sum_of(&self, trees: Range<usize>, records: ArrayView2<f64>) -> Array1<f64> {
        assert_eq!(records.ncols(), self.encoder.n_features(), "fitted on another number of features");
        let all = self.trees.count();
        assert!(trees.start <= trees.end && trees.end <= all, "there are only {all} trees");
        let mut sums = Array1::zeros(records.nrows());
        if records.nrows() < FEW_ROWS {
            self.add(&trees, records, sums.as_slice_mut().expect("made contiguous"));
            return sums;
        }
        // As many rows as leave work for all threads.
        let rows = records.nrows().div_ceil(rayon::current_num_threads()).clamp(1, self.most_rows());
        let blocks = sums.as_slice_mut().expect("made contiguous").par_chunks_mut(rows).enumerate();
        blocks.for_each(|(block, sums)| {
            let first = block * rows;
            let records = records.slice_axis(Axis(0), (first..first + sums.len()).into());
            self.add(&trees, records, sums);
        });
        sums
    }

    /// As [`Predictor::sum`], of one row, one value a feature.
    ///
    /// # Panics
    /// `row` has another length than the trees have features.
    pub fn sum_row(&self, row: &[f64]) -> f64 {
        let records = ArrayView2::from_shape((1, row.len()), row).expect("a row is a matrix of one row");
        self.sum(records)[0]
    }

    /// Most rows of a block.
    fn most_rows(&self) -> usize {
        match &self.form {
            // Packed now, if they fit and were not before, and not by each block.
            Layout::Walks if self.trees.packed().is_some() => LARGE_BLOCK,
            Layout::Walks if walk::bytes(&self.trees) > CACHE_BYTES => LARGE_BLOCK,
            Layout::Walks | Layout::Masks(_) | Layout::Tables(_) => SMALL_BLOCK,
        }
    }

    /// Adds to each row's sum the values of its leaves in some of the trees.
    fn add(&self, trees: &Range<usize>, records: ArrayView2<f64>, sums: &mut [f64]) {
        let packed = if matches!(self.form, Layout::Walks) { self.trees.packed() } else { None };
        if let Some(packed) = packed {
            return packed::add(packed, trees, &self.encoder, records, sums);
        }
        let encode = || self.encoder.encode(records);
        match &self.form {
            Layout::Walks if sums.len() < FEW_ROWS => {
                let codes = encode();
                for (row, sum) in sums.iter_mut().enumerate() {
                    *sum += walk::sum_row(&self.trees, trees, &codes, row as u32);
                }
            }
            Layout::Walks => {
                let codes = encode();
                let mut scratch = WalkScratch::default();
                let some = &self.trees.trees()[trees.clone()];
                some.iter().for_each(|tree| walk::add(&self.trees, tree, &codes, sums, &mut scratch));
            }
            Layout::Tables(tables) => tables.add(trees, &self.encoder, records, sums),
            Layout::Masks(masks) => masks.add(trees, &encode(), sums),
        }
    }
}

#[cfg(test)]
mod tests;
