//! The whole analysis held against figures that other tools computed from the same files
//! (`tests/fixtures/eda.json`: pandas, SciPy and scikit-learn), and the sample held against the profile's source.

#[path = "../common/mod.rs"]
mod common;
mod honesty;
mod models;
mod overview;
mod streaming;
mod sums;

use std::path::Path;
use std::sync::OnceLock;

use hitflop_core::track::{Feature, Label};
use hitflop_data::explore::columns::Columns;
use hitflop_data::explore::correlation::{self, CorrelationMatrix};
use hitflop_data::explore::density::gaussian_kde;
use hitflop_data::explore::mutual_information::{self, mutual_information, Estimate, MutualInformation};
use hitflop_data::explore::selection::{self, Dropped, Thresholds};
use hitflop_data::explore::summary::{self, Summary};
use hitflop_data::ingest::{self, source, Ingested};
use hitflop_data::simulate::{self, SampleProfile};
use serde_json::Value;
use tempfile::TempDir;

/// The real files, read and explored once for all tests.
struct Real {
    ingested: Ingested,
    summary: Summary,
    columns: Columns,
    pearson: CorrelationMatrix,
    spearman: CorrelationMatrix,
    information: MutualInformation,
    _directory: TempDir,
}

fn explore(data: &Path) -> Real {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let sources = source::resolve(&[data.to_owned()], &source::SourceOptions::default()).expect("decade files");
    let ingested = ingest::ingest(&sources, &directory.path().join("tracks.parquet"), false).expect("clean tracks");
    let numbers = ingested.tracks.numbers().expect("numbers");
    let columns = Columns::from_frame(&numbers).expect("columns");
    let (pearson, spearman) = correlation::correlate(&numbers).expect("correlations");
    let information = mutual_information(&columns, &mutual_information::MutualInformationSettings::default());
    let summary = summary::summarise(&ingested.tracks).expect("a summary");
    Real { ingested, summary, columns, pearson, spearman, information, _directory: directory }
}

/// `None` where `HITFLOP_DATA` does not name the real files; the test then says that it was skipped.
fn real(test: &str) -> Option<&'static Real> {
    static REAL: OnceLock<Real> = OnceLock::new();
    let data = common::real_data(test)?;
    Some(REAL.get_or_init(|| explore(&data)))
}

fn reference() -> Value {
    serde_json::from_str(include_str!("../fixtures/eda.json")).expect("the reference is JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("expected a number, found {value}"))
}

/// Equal to within `relative` of the larger magnitude; sums in another order differ in the last digits.
fn assert_close(found: f64, expected: f64, relative: f64, what: &str) {
    let scale = found.abs().max(expected.abs()).max(1e-300);
    assert!((found - expected).abs() <= relative * scale, "{what}: found {found}, expected {expected}");
}

#[test]
fn quality_comes_out_exactly() {
    let Some(real) = real("quality_comes_out_exactly") else { return };
    let found = serde_json::to_value(real.ingested.quality).expect("JSON");
    assert_eq!(found, reference()["quality"]);
    assert_eq!(real.ingested.rows, 41_106);
}

#[test]
fn describe_counts_and_means_are_pandas() {
    let Some(real) = real("describe_counts_and_means_are_pandas") else { return };
    let reference = reference();
    for found in &real.summary.describe {
        let expected = &reference["describe"][&found.name];
        for (statistic, value) in [
            ("count", found.count as f64),
            ("mean", found.mean),
            ("std", found.std),
            ("min", found.min),
            ("25%", found.q25),
            ("50%", found.q50),
            ("75%", found.q75),
            ("max", found.max),
        ] {
            assert_close(value, number(&expected[statistic]), 1e-10, &format!("{} {statistic}", found.name));
        }
    }
    for group in &real.summary.by_decade_and_label {
        let (decade, label) = (group.decade.expect("a decade"), group.label.expect("a label"));
        assert_eq!(
            group.rows,
            reference["counts"][format!("({}, {})", decade.year(), label as i32)],
            "{decade} {label}"
        );
        let expected = &reference[format!("mean_by_decade_{label}")][decade.year().to_string()];
        for mean in group.means.iter().filter(|mean| mean.feature != Feature::Decade) {
            assert_close(
                mean.mean,
                number(&expected[mean.feature.name()]),
                1e-10,
                &format!("{decade} {label} {}", mean.feature),
            );
        }
    }
    for group in &real.summary.by_decade {
        let expected = &reference["mean_by_decade"][group.decade.expect("a decade").year().to_string()];
        for mean in group.means.iter().filter(|mean| mean.feature != Feature::Decade) {
            assert_close(mean.mean, number(&expected[mean.feature.name()]), 1e-10, mean.feature.name());
        }
    }
}

#[test]
fn correlations_are_pandas() {
    let Some(real) = real("correlations_are_pandas") else { return };
    let reference = reference();
    for (kind, matrix) in [("pearson", &real.pearson), ("spearman", &real.spearman)] {
        for a in &matrix.names {
            for b in &matrix.names {
                let found = matrix.between(a, b).expect("both are there");
                let expected = number(&reference[kind][a][b]);
                assert!((found - expected).abs() <= 1e-9, "{kind} {a} {b}: found {found}, expected {expected}");
            }
        }
    }
}

/// 0.003 nats: a single draw of the tie-breaking noise has a standard deviation of up to 0.0027, the reference
/// averages 20 draws.
const NATS: f64 = 0.003;

#[test]
fn mutual_information_is_scikit_learns() {
    let Some(real) = real("mutual_information_is_scikit_learns") else { return };
    let reference = reference();
    let variants: [(&str, &[Estimate]); 2] = [
        ("all_continuous", &real.information.all_continuous),
        ("key_mode_time_signature_decade_discrete", &real.information.mixed),
    ];
    for (variant, estimates) in variants {
        assert_eq!(estimates.len(), Feature::ALL.len());
        for found in estimates {
            let expected = number(&reference["mutual_information_nats"][variant][found.feature.name()][0]);
            assert!(
                (found.nats - expected).abs() <= NATS,
                "{variant} {}: found {}, expected {expected}",
                found.feature,
                found.nats
            );
        }
    }
}

#[test]
fn the_null_separates_signal_from_chance() {
    let Some(real) = real("the_null_tells_signal_from_chance") else { return };
    for estimate in &real.information.mixed {
        // Both labels are equally many in every decade, so the decade alone predicts nothing.
        assert_eq!(estimate.is_informative(), estimate.feature != Feature::Decade, "{estimate:?}");
    }
}

#[test]
fn densities_are_scipys() {
    let Some(real) = real("densities_are_scipys") else { return };
    for (name, expected) in reference()["density_scott_gaussian"].as_object().expect("densities") {
        let feature = Feature::from_name(name).expect("a feature");
        let numbers = |value: &Value| -> Vec<f64> { value.as_array().expect("a list").iter().map(number).collect() };
        let grid = numbers(&expected["grid"]);
        for label in Label::BOTH {
            let values: Vec<f64> = real
                .columns
                .column(feature)
                .iter()
                .zip(&real.columns.labels)
                .filter(|(_, &found)| found == label)
                .map(|(&value, _)| value)
                .collect();
            let found = gaussian_kde(&values, &grid);
            for (found, expected) in found.values.iter().zip(numbers(&expected[label.name()])) {
                assert_close(*found, expected, 1e-6, &format!("{name} {label}"));
            }
        }
    }
}

#[test]
fn sections_go_and_duration_stays() {
    let Some(real) = real("sections_go_and_duration_stays") else { return };
    let selection = selection::select(&real.pearson, &real.information, &Thresholds::default());
    assert_eq!(selection.dropped.len(), 1);
    assert!(matches!(
        selection.dropped[0],
        Dropped::Correlated { feature: Feature::Sections, kept: Feature::DurationMs, .. }
    ));
}

/// The simulated sample, explored as the program does when it has no files.
fn sample() -> &'static Real {
    static SAMPLE: OnceLock<Real> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let profile = SampleProfile::committed().expect("the committed profile is valid");
        simulate::draw(&profile, 42).write(directory.path(), false).expect("a written sample");
        explore(directory.path())
    })
}

fn audio() -> impl Iterator<Item = Feature> {
    Feature::AUDIO.iter().copied()
}

/// Tolerances here are about one and a half times the worst that seven to thirteen seeds gave.
#[test]
fn means_in_the_sample_are_those_of_the_real_files() {
    let (sample, reference) = (sample(), reference());
    assert_eq!(sample.ingested.rows, number(&reference["rows"]) as u64);
    let deviation = |feature: Feature| number(&reference["describe"][feature.name()]["std"]);
    for feature in audio() {
        let described = sample.summary.describe.iter().find(|found| found.name == feature.name()).expect("described");
        let distance =
            (described.mean - number(&reference["describe"][feature.name()]["mean"])).abs() / deviation(feature);
        assert!(distance <= 0.01, "{feature}: the mean is {distance} standard deviations off");
        // The standard deviation of the duration hangs on single tracks of an hour.
        let tolerance = if feature == Feature::DurationMs { 0.08 } else { 0.03 };
        assert_close(described.std, deviation(feature), tolerance, feature.name());
    }
    for group in &sample.summary.by_decade_and_label {
        let (decade, label) = (group.decade.expect("a decade"), group.label.expect("a label"));
        assert_eq!(group.rows, reference["counts"][format!("({}, {})", decade.year(), label as i32)]);
        let expected = &reference[format!("mean_by_decade_{label}")][decade.year().to_string()];
        for mean in group.means.iter().filter(|mean| mean.feature != Feature::Decade) {
            let distance = (mean.mean - number(&expected[mean.feature.name()])).abs() / deviation(mean.feature);
            assert!(distance <= 0.03, "{decade} {label} {}: {distance} standard deviations off", mean.feature);
        }
    }
}

#[test]
fn correlations_in_the_sample_are_those_of_the_real_files() {
    let (sample, reference) = (sample(), reference());
    for (kind, matrix, tolerance) in [("pearson", &sample.pearson, 0.10), ("spearman", &sample.spearman, 0.03)] {
        for a in audio() {
            for b in audio() {
                let found = matrix.between(a.name(), b.name()).expect("both are there");
                let expected = number(&reference[kind][a.name()][b.name()]);
                assert!((found - expected).abs() <= tolerance, "{kind} {a} {b}: found {found}, expected {expected}");
            }
        }
    }
    let selection = selection::select(&sample.pearson, &sample.information, &Thresholds::default());
    assert!(matches!(
        selection.dropped[..],
        [Dropped::Correlated { feature: Feature::Sections, kept: Feature::DurationMs, .. }]
    ));
}

#[test]
fn mutual_information_in_the_sample_is_that_of_the_real_files() {
    let (sample, reference) = (sample(), reference());
    for found in &sample.information.mixed {
        let variant = &reference["mutual_information_nats"]["key_mode_time_signature_decade_discrete"];
        let expected = number(&variant[found.feature.name()][0]);
        assert!((found.nats - expected).abs() <= 0.012, "{}: found {}, expected {expected}", found.feature, found.nats);
    }
}

#[test]
fn the_committed_profile_is_that_of_the_real_files() {
    let Some(real) = real("the_committed_profile_is_that_of_the_real_files") else { return };
    let tracks = real.ingested.tracks.scan().expect("a plan").collect().expect("the tracks");
    let profile = SampleProfile::from_frame(&tracks).expect("a profile");
    assert!(profile.to_json() == include_str!("../../data/sample-profile.json"));
}
