//! Mutual information with the label: one column, all features once, and all that `explore` computes.
//!
//! The columns are sampled with a fixed seed, as many rows and as many ties as the real files have.

use std::hint::black_box;
use std::num::NonZeroUsize;

use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use hitflop_core::seed::Seed;
use hitflop_core::track::{Decade, Feature, FeatureKind, Label};
use hitflop_data::explore::columns::Columns;
use hitflop_data::explore::mutual_information::contingency::Contingency;
use hitflop_data::explore::mutual_information::{
    mutual_information, nearest_neighbour_estimate, MutualInformationSettings,
};
use rand::RngExt;

const ROWS: usize = 41_106;

/// Labels at random; categories of few values, decimals of three digits, and tempo, which has hardly two equal values.
fn columns() -> Columns {
    let mut rng = Seed(1).rng("benchmark", &[]);
    let labels: Vec<Label> = (0..ROWS).map(|_| Label::BOTH[rng.random_range(0..2)]).collect();
    let features = Feature::ALL.map(|feature| {
        let value = |label: &Label| {
            let shift = f64::from(*label as u8) / 10.0;
            match (feature, feature.info().kind) {
                (Feature::Tempo, _) => rng.random_range(60.0..200.0),
                (_, FeatureKind::Category) => f64::from(rng.random_range(0..6)),
                (_, FeatureKind::Continuous) => f64::from(rng.random_range(0..1000)) / 1000.0 + shift,
                (_, FeatureKind::Count) => f64::from(rng.random_range(0..100_000)),
            }
        };
        labels.iter().map(value).collect()
    });
    let decades = vec![Decade::from_year(1960); ROWS];
    Columns { features: features.into(), decades, labels }
}

fn benchmark(criterion: &mut Criterion) {
    let columns = columns();
    let settings = MutualInformationSettings::default();
    let once = MutualInformationSettings { draws: NonZeroUsize::MIN, permutations: NonZeroUsize::MIN, ..settings };

    let mut group = criterion.benchmark_group("mutual_information");
    group.throughput(Throughput::Elements(ROWS as u64));
    for feature in [Feature::Mode, Feature::Energy, Feature::Tempo] {
        group.bench_function(format!("nearest neighbours, {feature}"), |bencher| {
            let mut rng = settings.seed.rng("benchmark", &[feature as u64]);
            let values = columns.column(feature);
            bencher
                .iter(|| nearest_neighbour_estimate(black_box(values), &columns.labels, settings.neighbours, &mut rng));
        });
    }
    group.bench_function("contingency, key", |bencher| {
        let values = columns.column(Feature::Key);
        bencher.iter(|| Contingency::new(black_box(values), &columns.labels).mutual_information());
    });
    group.throughput(Throughput::Elements((ROWS * Feature::ALL.len()) as u64));
    group.sample_size(20);
    group.bench_function("16 features, one draw and one permutation", |bencher| {
        bencher.iter(|| mutual_information(black_box(&columns), &once));
    });
    group.bench_function("16 features, default settings", |bencher| {
        bencher.iter(|| mutual_information(black_box(&columns), &settings));
    });
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
