//! Fitting the decision tree and scoring with it, with 32,884 training rows, on fixed pseudo-random rows.

mod rows;

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use hitflop_trees::DecisionTreeParams;
use linfa::traits::Fit;
use rows::training_rows;

fn decision_tree(criterion: &mut Criterion) {
    let dataset = training_rows(14);
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
