//! Fitting gradient boostings, with 32,884 training rows, on fixed pseudo-random rows.

mod rows;

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use hitflop_trees::{GradientBoostingParams, SplitCriterion};
use linfa::traits::Fit;
use rows::training_rows;

fn boosting(criterion: &mut Criterion) {
    let small = GradientBoostingParams::new().learning_rate(0.05).max_depth(Some(3)).num_leaves(None);
    let small = small.criterion(SplitCriterion::FriedmanMse).min_samples_leaf(1).min_child_weight(0.0);
    let default = GradientBoostingParams::new();
    let large = GradientBoostingParams::new().n_estimators(1000).learning_rate(0.03).num_leaves(Some(63));
    let large = large.subsample(0.8).colsample_bytree(0.6).l2_regularization(5.0);
    let symmetric = large.clone().symmetric(true).max_depth(Some(8));
    let mut group = criterion.benchmark_group("boosting");
    group.sample_size(10);
    for (name, features, params) in [
        ("fit_100_depth_3", 14, small),
        ("fit_100_leaves_31", 16, default),
        ("fit_1000_leaves_63", 16, large),
        ("fit_1000_symmetric_8", 16, symmetric),
    ] {
        let dataset = training_rows(features);
        group.bench_function(name, |bencher| bencher.iter(|| params.fit(black_box(&dataset)).expect("a model")));
    }
    group.finish();
}

criterion_group!(benches, boosting);
criterion_main!(benches);
