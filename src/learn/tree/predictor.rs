//! Sums of leaf values over trees, fast.

use ndarray::{Array1, ArrayView2};
use rayon::prelude::*;

use super::trees::Trees;

/// Rows that a thread takes at a time.
const BLOCK_ROWS: usize = 256;

/// Trees in the form in which they predict.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictor {
    trees: Trees,
}

impl Predictor {
    /// Prepares trees for prediction.
    pub fn new(trees: &Trees) -> Predictor {
        Predictor { trees: trees.clone() }
    }

    /// For each row of `records` (rows × features; NaN is missing), the sum over all trees, in their order, of the value of the
    /// leaf that the row falls into. The result does not depend on the number of threads.
    ///
    /// # Panics
    /// `records` has another number of columns than the trees have features.
    pub fn sum(&self, records: ArrayView2<f64>) -> Array1<f64> {
        self.sum_of_first(self.trees.trees().len(), records)
    }

    /// As [`Predictor::sum`], over the first `trees` trees only.
    ///
    /// # Panics
    /// There are fewer trees, or `records` has another number of columns than the trees have features.
    pub fn sum_of_first(&self, trees: usize, records: ArrayView2<f64>) -> Array1<f64> {
        assert_eq!(records.ncols(), self.trees.n_features(), "fitted on another number of features");
        let mut sums = Array1::zeros(records.nrows());
        let blocks = records.axis_chunks_iter(ndarray::Axis(0), BLOCK_ROWS);
        let targets = sums.axis_chunks_iter_mut(ndarray::Axis(0), BLOCK_ROWS);
        let pairs: Vec<_> = blocks.into_iter().zip(targets).collect();
        pairs.into_par_iter().for_each(|(block, mut target)| {
            for (row, sum) in block.rows().into_iter().zip(&mut target) {
                for (index, tree) in self.trees.trees()[..trees].iter().enumerate() {
                    *sum += self.trees.value(&tree.leaves, self.trees.leaf(index, row));
                }
            }
        });
        sums
    }
}
