//! How long the decade files take from CSV to the checked union: finding, hashing, reading, checking, quality, writing.
//!
//! The files are the simulated sample, 41,106 tracks, in a temporary directory.

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use hitflop_data::ingest::{ingest, source};
use hitflop_data::simulate::{draw, SampleProfile};

fn files_to_union(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let profile = SampleProfile::committed().expect("the committed profile is valid");
    let files = draw(&profile, 42).write(directory.path(), false).expect("a written sample");
    let processed = directory.path().join("tracks.parquet");
    criterion.bench_function("ingest/41,106 tracks", |bencher| {
        bencher.iter(|| {
            let sources = source::resolve(black_box(&files), &source::SourceOptions::default()).expect("decade files");
            ingest(&sources, &processed, false).expect("clean tracks")
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = files_to_union
}
criterion_main!(benches);
