//! Fitting the decision tree and scoring with it, at the size of the real training rows, on fixed pseudo-random tracks.

mod tracks;

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use hitflop_trees::decision_tree::DecisionTreeParams;
use linfa::traits::Fit;
use tracks::tracks;

fn decision_tree(criterion: &mut Criterion) {
    let dataset = tracks(14);
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
