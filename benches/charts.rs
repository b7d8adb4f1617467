//! Every chart of a report, as SVG and as PNG. The report is made from formulas and has the shape of the real one: six
//! decades, fifteen features, curves of 201 points.

use std::hint::black_box;

use criterion::Criterion;
use hitflop_report as report;
use hitflop_report::fixtures::full;
use hitflop_report::Findings;
use rayon::prelude::*;

fn main() {
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    let report = full::usual();
    let findings = Findings::of(&report);
    let charts = report::charts::all(&findings).expect("the charts of a sound report are drawn");
    criterion.bench_function("charts/svg", |bencher| bencher.iter(|| report::charts::all(black_box(&findings))));
    criterion.bench_function("charts/png", |bencher| {
        bencher.iter(|| charts.par_iter().map(|chart| chart.png().map(|png| png.len())).collect::<Vec<_>>());
    });
    criterion.final_summary();
}
