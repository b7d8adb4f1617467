//! Kernel densities: one by the fast Gauss transform and, for comparison, by the direct sum; and all that the charts draw.
//!
//! The columns are sampled with a fixed seed, as many rows as the real files have.

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use hitflop_core::seed::Seed;
use hitflop_core::track::{Decade, Feature, FeatureKind, Label};
use hitflop_data::explore::columns::Columns;
use hitflop_data::explore::density::{densities, gaussian_kde, scott_bandwidth};
use rand::RngExt;

const ROWS: usize = 41_106;

/// Labels and decades in turn; categories of few values, the others uneven between 0 and 1.
fn columns() -> Columns {
    let mut rng = Seed(1).rng("benchmark", &[]);
    let features = Feature::ALL.map(|feature| {
        let value = |_| match feature.info().kind {
            FeatureKind::Category => f64::from(rng.random_range(0..6)),
            FeatureKind::Continuous => rng.random_range(0.0..1.0_f64).powi(2),
            FeatureKind::Count => f64::from(rng.random_range(1..300_000)),
        };
        (0..ROWS).map(value).collect()
    });
    let decade = |row| Decade::from_year(1960 + 10 * (row % 6) as i32);
    Columns {
        features: features.into(),
        decades: (0..ROWS).map(decade).collect(),
        labels: (0..ROWS).map(|row| Label::BOTH[row % 2]).collect(),
    }
}

/// The density by its formula.
fn direct(values: &[f64], grid: &[f64]) -> Vec<f64> {
    let bandwidth = scott_bandwidth(values);
    let peak = 1.0 / (values.len() as f64 * bandwidth * std::f64::consts::TAU.sqrt());
    let sum = |x: &f64| values.iter().map(|value| (-((x - value) / bandwidth).powi(2) / 2.0).exp()).sum::<f64>();
    grid.iter().map(|x| peak * sum(x)).collect()
}

fn benchmark(criterion: &mut Criterion) {
    let columns = columns();
    let values = columns.column(Feature::Energy);
    let grid: Vec<f64> = (0..200).map(|point| f64::from(point) / 199.0).collect();

    let mut group = criterion.benchmark_group("density");
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("fast Gauss transform, 200 points", |bencher| {
        bencher.iter(|| gaussian_kde(black_box(values), &grid));
    });
    group.sample_size(10);
    group.bench_function("direct sum, 200 points", |bencher| bencher.iter(|| direct(black_box(values), &grid)));
    group.sample_size(20);
    group.throughput(Throughput::Elements((ROWS * Feature::AUDIO.len()) as u64));
    group.bench_function("15 features by label and by decade", |bencher| {
        bencher.iter(|| densities(black_box(&columns)));
    });
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
