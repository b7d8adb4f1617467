//! Fixed pseudo-random rows for the benchmarks of the estimators.

use linfa::DatasetBase;
use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ROWS: usize = 32_884;

/// Features of several kinds: real numbers, a few categories, and many values near zero.
pub fn training_rows(features: usize) -> DatasetBase<Array2<f64>, Array1<bool>> {
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    let mut records = Array2::zeros((ROWS, features));
    for ((_, column), value) in records.indexed_iter_mut() {
        let uniform: f64 = rng.random();
        *value = match column {
            0..=8 => uniform,
            9..=11 => (uniform * 12.0).floor(),
            _ => uniform.powi(8),
        };
    }
    let target = |row: ndarray::ArrayView1<f64>| row[0] + row[1] * row[2] - row[12] + 0.8 * rng.random::<f64>() > 1.0;
    let targets = records.rows().into_iter().map(target).collect();
    DatasetBase::new(records, targets)
}
