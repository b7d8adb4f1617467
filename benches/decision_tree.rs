//! Fitting the decision tree and scoring with it, at the size of the real training rows, on fixed pseudo-random tracks.

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use hitflop::learn::decision_tree::DecisionTreeParams;
use linfa::traits::Fit;
use linfa::DatasetBase;
use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ROWS: usize = 32_884;
const FEATURES: usize = 14;

/// Features of the kinds that the real ones have: real numbers, a few categories, and many values near zero.
fn tracks() -> DatasetBase<Array2<f64>, Array1<bool>> {
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    let mut records = Array2::zeros((ROWS, FEATURES));
    for ((_, column), value) in records.indexed_iter_mut() {
        let uniform: f64 = rng.random();
        *value = match column {
            0..=8 => uniform,
            9..=11 => (uniform * 12.0).floor(),
            _ => uniform.powi(8),
        };
    }
    let hit = |row: ndarray::ArrayView1<f64>| row[0] + row[1] * row[2] - row[12] + 0.8 * rng.random::<f64>() > 1.0;
    let targets = records.rows().into_iter().map(hit).collect();
    DatasetBase::new(records, targets)
}

fn decision_tree(criterion: &mut Criterion) {
    let dataset = tracks();
    let params = DecisionTreeParams::new();
    let mut group = criterion.benchmark_group("decision_tree");
    group.sample_size(20);
    group.bench_function("fit_depth_7", |bencher| bencher.iter(|| params.fit(black_box(&dataset)).expect("a tree")));
    let fitted = params.fit(&dataset).expect("a tree");
    group.bench_function("predict_proba", |bencher| {
        bencher.iter(|| fitted.predict_proba(black_box(dataset.records().view())));
    });
    group.finish();
}

criterion_group!(benches, decision_tree);
criterion_main!(benches);
