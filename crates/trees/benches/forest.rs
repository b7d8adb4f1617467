//! Fitting the random forest and scoring with it, with 32,884 training rows, on fixed pseudo-random rows.

mod rows;

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use hitflop_trees::{Criterion as SplitCriterion, MaxFeatures, RandomForestParams};
use linfa::traits::Fit;
use rows::training_rows;

fn forest(criterion: &mut Criterion) {
    let dataset = training_rows(14);
    let params = RandomForestParams::new().n_estimators(50).min_samples_split(5).min_samples_leaf(2);
    let mut group = criterion.benchmark_group("forest");
    group.sample_size(10);
    for (name, params) in [
        ("fit_50_trees", params),
        ("fit_50_trees_entropy", params.criterion(SplitCriterion::Entropy)),
        ("fit_50_trees_all_features", params.max_features(MaxFeatures::All)),
        ("fit_50_trees_oob", params.oob_score(true)),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| params.fit(black_box(&dataset)).expect("a forest")));
    }
    let weighted =
        dataset.clone().with_weights((0..dataset.records().nrows()).map(|row| 1.0 + (row % 3) as f32).collect());
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
