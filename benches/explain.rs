//! Shapley values: of a boosting of symmetric trees, of one of leaf-wise trees and of a forest of full trees, for one row and for many.
//!
//! `cargo bench --bench explain`

mod tracks;

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use hitflop_model::estimator::Estimator;
use hitflop_trees::boosting::GradientBoostingParams;
use hitflop_trees::forest::RandomForestParams;
use linfa::traits::Fit;
use ndarray::{Array2, Axis};
use tracks::tracks;

fn estimators() -> [(&'static str, Estimator, usize); 3] {
    let dataset = tracks(16);
    let boosting = GradientBoostingParams::new().n_estimators(1000).learning_rate(0.03).subsample(0.8);
    let symmetric = boosting.clone().symmetric(true).max_depth(Some(8));
    let leaves = boosting.num_leaves(Some(31));
    let forest = RandomForestParams::new().n_estimators(500).min_samples_split(5).min_samples_leaf(2);
    let fitted = |params: GradientBoostingParams| Estimator::Boosting(params.fit(&dataset).expect("a model"));
    [
        ("symmetric_1000x8", fitted(symmetric), 4096),
        ("leaves_1000x31", fitted(leaves), 256),
        ("forest_500_full", Estimator::Forest(forest.fit(&dataset).expect("a model")), 16),
    ]
}

fn first(records: &Array2<f64>, rows: usize) -> Array2<f64> {
    records.slice_axis(Axis(0), (..rows).into()).to_owned()
}

fn explain(criterion: &mut Criterion) {
    let all = tracks(16);
    let records = first(all.records(), 4096);
    for (name, estimator, rows) in estimators() {
        let mut group = criterion.benchmark_group(format!("shap_{name}"));
        group.sample_size(10);
        let explainer = estimator.explainer();
        let (one, many) = (first(&records, 1), first(&records, rows));
        group.bench_function("prepare", |bencher| bencher.iter(|| black_box(&estimator).explainer()));
        group.bench_function("one_row", |bencher| bencher.iter(|| explainer.shap(black_box(one.view()))));
        group.bench_function("tabulate", |bencher| {
            bencher.iter_batched(|| explainer.clone(), |fresh| fresh.tabulate(), criterion::BatchSize::PerIteration)
        });
        explainer.tabulate();
        group.bench_function("one_row_tabulated", |bencher| bencher.iter(|| explainer.shap(black_box(one.view()))));
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function("many_rows", |bencher| bencher.iter(|| explainer.shap(black_box(many.view()))));
        group.finish();
    }
}

criterion_group!(benches, explain);
criterion_main!(benches);
