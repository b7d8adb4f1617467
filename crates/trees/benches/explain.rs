//! Shapley values: of a boosting of symmetric trees, of one of leaf-wise trees and of a forest of full trees, for one row and for many.
//!
//! `cargo bench -p hitflop-trees --bench explain`

mod rows;

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use hitflop_trees::{Explainer, GradientBoostingParams, RandomForestParams};
use linfa::traits::Fit;
use ndarray::{Array2, Axis};
use rows::training_rows;

/// A model's name, what makes its explainer, and how many rows are explained.
type ExplainedModel = (&'static str, Box<dyn Fn() -> Explainer>, usize);

fn models() -> [ExplainedModel; 3] {
    let dataset = training_rows(16);
    let boosting = GradientBoostingParams::new().n_estimators(1000).learning_rate(0.03).subsample(0.8);
    let symmetric = boosting.clone().symmetric(true).max_depth(8).fit(&dataset).expect("a model");
    let leaves = boosting.num_leaves(31).fit(&dataset).expect("a model");
    let forest = RandomForestParams::new().n_estimators(500).min_samples_split(5).min_samples_leaf(2);
    let forest = forest.fit(&dataset).expect("a model");
    [
        ("symmetric_1000x8", Box::new(move || symmetric.explainer()), 4096),
        ("leaves_1000x31", Box::new(move || leaves.explainer()), 256),
        ("forest_500_full", Box::new(move || forest.explainer()), 16),
    ]
}

fn first(records: &Array2<f64>, rows: usize) -> Array2<f64> {
    records.slice_axis(Axis(0), (..rows).into()).to_owned()
}

fn explain(criterion: &mut Criterion) {
    let all = training_rows(16);
    let records = first(all.records(), 4096);
    for (name, prepare, rows) in models() {
        let mut group = criterion.benchmark_group(format!("shap_{name}"));
        group.sample_size(10);
        let explainer = prepare();
        let (one, many) = (first(&records, 1), first(&records, rows));
        group.bench_function("prepare", |bencher| bencher.iter(&prepare));
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
