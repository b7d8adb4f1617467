//! Sums of leaf values over trees, fast.

mod codes;
mod walk;

use ndarray::{Array1, ArrayView2, Axis};
use rayon::prelude::*;

use super::trees::Trees;
use codes::Encoder;
use walk::{sum_row, Walk};

/// Most rows of a block while all trees fit into a core's cache: their codes shall fit beside them.
const SMALL_BLOCK: usize = 1024;
/// Most rows of a block otherwise: each block reads all trees from memory, so that there should be few.
const LARGE_BLOCK: usize = 8192;
/// Trees of more bytes do not fit.
const CACHE_BYTES: usize = 1 << 19;
/// Fewer rows are summed one by one.
const FEW_ROWS: usize = 16;

/// Trees in the form in which they predict.
///
/// A row's values become their positions among the features' cuts; every split then compares two small integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictor {
    encoder: Encoder,
    walks: Vec<Walk>,
}

impl Predictor {
    /// Prepares trees for prediction.
    pub fn new(trees: &Trees) -> Predictor {
        let walks = trees.trees().par_iter().map(|tree| Walk::new(trees, tree)).collect();
        Predictor { encoder: Encoder::new(trees), walks }
    }

    /// For each row of `records` (rows × features; NaN is missing), the sum over all trees, in their order, of the value of the
    /// leaf that the row falls into. The result does not depend on the number of threads, nor on the other rows.
    ///
    /// # Panics
    /// `records` has another number of columns than the trees have features.
    pub fn sum(&self, records: ArrayView2<f64>) -> Array1<f64> {
        self.sum_of_first(self.walks.len(), records)
    }

    /// As [`Predictor::sum`], over the first `trees` trees only.
    ///
    /// # Panics
    /// There are fewer trees, or `records` has another number of columns than the trees have features.
    pub fn sum_of_first(&self, trees: usize, records: ArrayView2<f64>) -> Array1<f64> {
        assert_eq!(records.ncols(), self.encoder.n_features(), "fitted on another number of features");
        let walks = &self.walks[..trees];
        let mut sums = Array1::zeros(records.nrows());
        let block_rows = block_rows(walks, records.nrows());
        let blocks = sums.as_slice_mut().expect("made contiguous").par_chunks_mut(block_rows).enumerate();
        blocks.for_each(|(block, sums)| {
            let first = block * block_rows;
            self.sum_block(walks, records.slice_axis(Axis(0), (first..first + sums.len()).into()), sums);
        });
        sums
    }

    /// Adds to `sums`, one a row.
    fn sum_block(&self, walks: &[Walk], records: ArrayView2<f64>, sums: &mut [f64]) {
        if sums.len() < FEW_ROWS {
            for (record, sum) in records.axis_chunks_iter(Axis(0), 1).zip(sums) {
                *sum = sum_row(walks, &self.encoder.encode(record));
            }
            return;
        }
        let codes = self.encoder.encode(records);
        let mut scratch = walk::Scratch::default();
        for walk in walks {
            walk.add(&codes, sums, &mut scratch);
        }
    }
}

/// Rows of a block: as many as leave work for all threads.
fn block_rows(walks: &[Walk], rows: usize) -> usize {
    let bytes: usize = walks.iter().map(Walk::bytes).sum();
    let most = if bytes > CACHE_BYTES { LARGE_BLOCK } else { SMALL_BLOCK };
    rows.div_ceil(rayon::current_num_threads()).clamp(1, most)
}

#[cfg(test)]
mod tests;
