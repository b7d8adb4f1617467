//! The exploration by sums held against that of the rows, on the real files.

use std::fs::File;
use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, ParquetReader, SerReader, SortMultipleOptions};

use hitflop::pipeline::{self, DataOptions, ExploreOptions, OutputOptions};
use hitflop_core::error::Result;
use hitflop_core::reader::mapping::MappingOptions;
use hitflop_core::track::Feature;
use hitflop_data::explore::correlation::CorrelationMatrix;
use hitflop_data::explore::density::densities;
use hitflop_data::explore::from_sums::SummedExploration;
use hitflop_data::explore::overview::DataOverview;
use hitflop_data::explore::summary::GroupSummary;
use hitflop_data::track_files::TrackFileOptions;
use hitflop_data::track_stream::TrackStream;
use hitflop_data::track_sums::{self, SummedFiles};
use hitflop_sums::{TrackFindings, TrackSums};

use super::{assert_close, common, real};

/// Width of a bin as a part of its values.
const BIN: f64 = 1.0 / 256.0;

fn summed(rows_per_batch: usize) -> Result<SummedFiles> {
    let data = common::real_data("sums").expect("real files, as the caller knows");
    let options = TrackFileOptions {
        mapping: MappingOptions::default(),
        rows_per_batch: std::num::NonZeroUsize::new(rows_per_batch),
        ..TrackFileOptions::default()
    };
    track_sums::sum(&TrackStream::open(&[data], &Feature::ALL, &options)?)
}

/// The exploration after the sums were bytes, merged, and a document.
fn exploration() -> SummedExploration {
    let summed = summed(5_000).expect("sums");
    assert_eq!(summed.sources.iter().map(|source| source.rows).sum::<u64>(), 41_106);
    let bytes = summed.sums.to_bytes().expect("bytes");
    let mut sums = TrackSums::default();
    sums.merge(TrackSums::from_bytes(&bytes).expect("sums"));
    let json = TrackFindings::of(&sums).to_json().expect("JSON");
    assert!(json.len() < 2_000_000, "{} bytes", json.len());
    SummedExploration::of(&TrackFindings::from_json("findings.json", &json).expect("findings"))
}

fn assert_groups(found: &[GroupSummary], expected: &[GroupSummary]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.decade, found.label, found.rows), (expected.decade, expected.label, expected.rows));
        for (found, expected) in found.means.iter().zip(&expected.means) {
            let what = expected.feature.name();
            assert_close(found.mean, expected.mean, 1e-9, what);
            // The decade of a decade has no spread, but for what rounding leaves of it.
            let spread = if expected.std < 1e-5 { 10_000.0 } else { expected.std };
            assert!((found.std - expected.std).abs() <= 1e-9 * spread, "{what}: {found:?} {expected:?}");
            let widths = [found.half_width, expected.half_width];
            assert!((widths[0] - widths[1]).abs() <= 1e-9 * widths[1].max(1.0), "{what}: {found:?} {expected:?}");
        }
    }
}

fn assert_correlations(found: &CorrelationMatrix, expected: &CorrelationMatrix) {
    assert_eq!(found.names, expected.names);
    for (found, expected) in found.values.iter().flatten().zip(expected.values.iter().flatten()) {
        assert!((found - expected).abs() <= 1e-9, "{found} {expected}");
    }
}

/// The report by sums of made-up files beside that of their rows.
#[test]
fn files_of_many_rows_are_explored_by_sums() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = |name: &str| directory.path().join(name);
    common::write(directory.path(), "in/dataset-of-60s.csv", common::file(0, 400));
    common::write(directory.path(), "in/dataset-of-10s.csv", common::file(400, 300));
    let options = |reports: &str| ExploreOptions {
        data: DataOptions { data: vec![place("in")], ..DataOptions::default() },
        output: OutputOptions { processed: place("a.parquet"), reports: place(reports), models: place("m") },
        ..ExploreOptions::default()
    };
    assert!(!pipeline::has_many_rows(&options("r").data), "700 rows are few");
    let expected = pipeline::explore(&options("r"), &()).expect("a report").report;
    let found = pipeline::explore_sums(&options("s"), &()).expect("a report").report;
    assert_eq!(found.provenance.sources, expected.provenance.sources);
    assert_groups(&found.summary.by_decade_and_label, &expected.summary.by_decade_and_label);
    assert_correlations(&found.pearson, &expected.pearson);
    assert_eq!(
        serde_json::to_value(found.quality).expect("JSON"),
        serde_json::to_value(expected.quality).expect("JSON")
    );
    assert!(place("s/report.html").exists() && !place("s/tables/spearman.csv").exists());

    let mut lenient = options("t");
    lenient.data.lenient = true;
    assert!(pipeline::explore_sums(&lenient, &()).is_err(), "no row is set aside");
    common::write(directory.path(), "in/dataset-of-60s.csv", common::with_field(&common::file(0, 9), 3, "target", ""));
    let message = pipeline::explore_sums(&options("t"), &()).expect_err("a row has no label").to_string();
    assert!(message.contains("dataset-of-60s.csv, row 3, column target: expected a label"), "{message}");
    assert!(!place("t/report.html").exists());
}

fn union(path: &Path, order: &[&str]) -> DataFrame {
    let table = ParquetReader::new(File::open(path).expect("a union")).finish().expect("Parquet");
    table.sort(order.to_vec(), SortMultipleOptions::default()).expect("columns")
}

/// The union written in batches beside that of the data engine: the same columns, types and values.
fn assert_unions_are_equal(data: &[PathBuf], place: &Path) {
    let data = DataOptions { data: data.to_vec(), ..DataOptions::default() };
    let output = |name: &str| OutputOptions {
        processed: place.join(name),
        reports: place.join("reports"),
        models: place.join("models"),
    };
    let expected = pipeline::ingest(&data, &output("all.parquet"), &()).expect("a union");
    let found = pipeline::ingest_sums(&data, &output("batches.parquet"), &()).expect("a union");
    let order = ["source", "uri", "target", "artist", "track", "chorus_hit"];
    let [found_union, expected_union] = [&found.written[0], &place.join("all.parquet")].map(|path| union(path, &order));
    assert_eq!(found_union.schema(), expected_union.schema());
    for (found, expected) in found_union.columns().iter().zip(expected_union.columns()) {
        let differing = (0..found.len()).find(|row| found.get(*row).ok() != expected.get(*row).ok());
        let row = differing.map(|row| (row, found.get(row).ok(), expected.get(row).ok()));
        assert_eq!(row, None, "{}", found.name());
    }
    assert_eq!(found.sources, expected.tracks.ingested.sources);
    assert_eq!((found.simulated, found.found.summary.rows), (false, expected.summary.rows));
    assert_groups(&found.found.summary.by_decade_and_label, &expected.summary.by_decade_and_label);
    let json = |quality| serde_json::to_value(quality).expect("JSON");
    assert_eq!(json(found.found.quality), json(expected.tracks.ingested.quality));
}

#[test]
fn a_union_is_written_in_batches() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path();
    common::write(place, "in/dataset-of-60s.csv", common::file(0, 400));
    common::write(place, "in/dataset-of-10s.csv", common::file(400, 300));
    assert_unions_are_equal(&[place.join("in")], place);

    let data = DataOptions { data: vec![place.join("in")], ..DataOptions::default() };
    let output = OutputOptions { processed: place.join("c.parquet"), ..OutputOptions::default() };
    let bad = common::with_field(&common::file(0, 9), 3, "track", "\"two\nlines\"");
    common::write(place, "in/dataset-of-60s.csv", bad);
    let message = pipeline::ingest_sums(&data, &output, &()).expect_err("a title of two lines").to_string();
    assert!(message.contains("dataset-of-60s.csv, row 3, column track: expected text on one line"), "{message}");
    assert!(!place.join("c.parquet").exists(), "nothing is half-written");
}

#[test]
fn a_union_of_the_real_files_is_written_in_batches() {
    let Some(data) = common::real_data("a_union_of_the_real_files_is_written_in_batches") else { return };
    let directory = tempfile::tempdir().expect("a directory");
    assert_unions_are_equal(&[data], directory.path());
}

#[test]
fn tables_by_sums_are_those_of_the_rows() {
    let Some(real) = real("tables_by_sums_are_those_of_the_rows") else { return };
    let found = exploration();
    let expected = &real.summary;
    assert_eq!(found.summary.rows, expected.rows);
    assert_eq!(found.summary.describe.len(), expected.describe.len());
    for (found, expected) in found.summary.describe.iter().zip(&expected.describe) {
        let name = expected.name.as_str();
        assert_eq!((&found.name, found.count, found.missing), (&expected.name, expected.count, expected.missing));
        assert_eq!((found.min, found.max), (expected.min, expected.max), "{name}");
        assert_close(found.mean, expected.mean, 1e-9, name);
        assert_close(found.std, expected.std, 1e-9, name);
        for (found, expected) in [(found.q25, expected.q25), (found.q50, expected.q50), (found.q75, expected.q75)] {
            assert!((found - expected).abs() <= BIN * expected.abs(), "{name}: {found} {expected}");
        }
    }
    let group = std::slice::from_ref;
    assert_groups(group(&found.summary.overall), group(&expected.overall));
    assert_groups(&found.summary.by_decade, &expected.by_decade);
    assert_groups(&found.summary.by_label, &expected.by_label);
    assert_groups(&found.summary.by_decade_and_label, &expected.by_decade_and_label);
    assert_correlations(&found.pearson, &real.pearson);
    assert_eq!(
        serde_json::to_value(found.quality).expect("JSON"),
        serde_json::to_value(real.ingested.quality).expect("JSON")
    );
    assert_eq!((&found.out_of_range, &found.missing), (&real.ingested.out_of_range, &real.ingested.missing));
}

#[test]
fn the_overview_by_sums_is_that_of_the_rows() {
    let Some(real) = real("the_overview_by_sums_is_that_of_the_rows") else { return };
    let found = exploration();
    let curves = densities(&real.columns);
    let expected = DataOverview::of(&real.ingested.tracks, &real.columns, &curves, &real.pearson).expect("an overview");
    assert_eq!(found.overview.artists, expected.artists);
    assert!(found.overview.pairs.ranked.is_empty() && found.overview.sample.is_empty());
    for (found, expected) in found.overview.features.iter().zip(&expected.features) {
        let name = expected.feature.name();
        assert_eq!(
            (found.feature, found.values, found.missing, found.zeros, found.distinct, found.out_of_range),
            (
                expected.feature,
                expected.values,
                expected.missing,
                expected.zeros,
                expected.distinct,
                expected.out_of_range
            )
        );
        assert_eq!(found.skewness.is_some(), expected.skewness.is_some(), "{name}");
        for (found, expected) in found.skewness.into_iter().zip(expected.skewness) {
            assert_close(found, expected, 1e-9, name);
        }
        // A fence is at most four quartiles' errors away.
        for (found, fence) in found.fences.into_iter().flatten().zip(expected.fences.into_iter().flatten()) {
            let quartile = expected.fences.map_or(0.0, |[low, high]| low.abs().max(high.abs()));
            assert!((found - fence).abs() <= 4.0 * BIN * quartile, "{name}: {found} {fence}");
        }
        for (found, expected) in found.drift.into_iter().zip(expected.drift) {
            assert_eq!((found.from, found.to), (expected.from, expected.to), "{name}");
            assert!((found.psi - expected.psi).abs() < 0.02, "{name}: {found:?} {expected:?}");
        }
        let rows = |histogram: &[u64]| histogram.iter().sum::<u64>() as f64;
        let (found, expected) = (&found.histogram, &expected.histogram);
        assert_eq!((found.bins.len(), found.bins.scale), (expected.bins.len(), expected.bins.scale), "{name}");
        assert_close(rows(&found.hits), rows(&expected.hits), 0.005, name);
    }
}

#[test]
fn densities_and_information_by_sums_are_near_those_of_the_rows() {
    let Some(real) = real("densities_and_information_by_sums_are_near_those_of_the_rows") else { return };
    let found = exploration();
    for (found, expected) in found.densities.iter().zip(densities(&real.columns)) {
        assert_eq!((found.feature, found.grid.len()), (expected.feature, expected.grid.len()));
        for (found, expected) in
            found.by_label.iter().chain(&found.by_decade).zip(expected.by_label.iter().chain(&expected.by_decade))
        {
            let peak = expected.values.iter().copied().fold(0.0, f64::max);
            for (found, expected) in found.values.iter().zip(&expected.values) {
                assert!((found - expected).abs() <= 0.03 * peak, "{found} {expected} of {peak}");
            }
        }
    }
    for (found, expected) in found.mutual_information.mixed.iter().zip(&real.information.mixed) {
        let name = expected.feature.name();
        assert_eq!((found.feature, found.is_informative()), (expected.feature, expected.is_informative()));
        match expected.discrete {
            true => assert!((found.nats - expected.nats).abs() < 1e-12, "{name}"),
            // Nearest neighbours also find the values that a repeated track has in common with itself, which bins do not.
            false => assert!((found.nats - expected.nats).abs() < 0.015, "{name}: {} {}", found.nats, expected.nats),
        }
        assert!((found.null_q95 - expected.null_q95).abs() < 0.006, "{name}: {found:?} {expected:?}");
    }
}

#[test]
fn sums_do_not_depend_on_the_batches() {
    if real("sums_do_not_depend_on_the_batches").is_none() {
        return;
    }
    let [small, large] = [997, 1 << 16].map(|rows| TrackFindings::of(&summed(rows).expect("sums").sums));
    assert_eq!((small.quality, &small.artists, &small.distinct), (large.quality, &large.artists, &large.distinct));
    for (small, large) in small.cells.iter().zip(&large.cells) {
        assert_eq!((small.decade, small.label, small.rows), (large.decade, large.label, large.rows));
        for (small, large) in small.features.iter().zip(&large.features) {
            assert_eq!((&small.histogram, small.extremes), (&large.histogram, large.extremes));
            assert_close(small.moments.mean, large.moments.mean, 1e-12, "mean");
            assert_close(small.moments.squares, large.moments.squares, 1e-10, "squares");
        }
    }
}
