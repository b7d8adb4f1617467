//! Fitting the random forest and scoring with it, at the size of the real training rows, on fixed pseudo-random tracks.

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use hitflop::learn::forest::{self, MaxFeatures, RandomForestParams};
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

fn forest(criterion: &mut Criterion) {
    let dataset = tracks();
    let params = RandomForestParams::new().n_estimators(50).min_samples_split(5).min_samples_leaf(2);
    let mut group = criterion.benchmark_group("forest");
    group.sample_size(10);
    for (name, params) in [
        ("fit_50_trees", params),
        ("fit_50_trees_entropy", params.criterion(forest::Criterion::Entropy)),
        ("fit_50_trees_all_features", params.max_features(MaxFeatures::All)),
        ("fit_50_trees_oob", params.oob_score(true)),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| params.fit(black_box(&dataset)).expect("a forest")));
    }
    let weighted = dataset.clone().with_weights((0..ROWS).map(|row| 1.0 + (row % 3) as f32).collect());
    group.bench_function("fit_50_trees_weighted", |bencher| {
        bencher.iter(|| params.fit(black_box(&weighted)).expect("a forest"));
    });
    let fitted = params.fit(&dataset).expect("a forest");
    group.bench_function("predict_proba", |bencher| {
        bencher.iter(|| fitted.predict_proba(black_box(dataset.records().view())));
    });
    group.finish();
}

criterion_group!(benches, forest);
criterion_main!(benches);
