//! How long describe, group means with their intervals, and both correlation matrices take on 41,106 simulated tracks.

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use hitflop_data::explore::{correlation, summary};
use hitflop_data::ingest::{ingest, source};
use hitflop_data::simulate::{draw, SampleProfile};

fn summarise_and_correlate(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let profile = SampleProfile::committed().expect("the committed profile is valid");
    let files = draw(&profile, 42).write(directory.path(), false).expect("a written sample");
    let sources = source::resolve(&files, &source::SourceOptions::default()).expect("decade files");
    let ingested = ingest(&sources, &directory.path().join("tracks.parquet"), false).expect("clean tracks");
    let numbers = ingested.tracks.numbers().expect("numbers");
    criterion.bench_function("summary/summarise", |bencher| {
        bencher.iter(|| summary::summarise(black_box(&ingested.tracks)).expect("a summary"));
    });
    criterion.bench_function("summary/correlate", |bencher| {
        bencher.iter(|| correlation::correlate(black_box(&numbers)).expect("correlations"));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = summarise_and_correlate
}
criterion_main!(benches);
