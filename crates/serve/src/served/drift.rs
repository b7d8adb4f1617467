//! How far the columns of a batch are from the training rows. A list or a table has no place for what concerns whole columns, so
//! that the header [`DRIFT`] has it.

use axum::http::{HeaderName, HeaderValue};
use serde::Serialize;

use super::Work;
use crate::request::raw_track::CheckedRow;
use hitflop_core::track::Feature;
use hitflop_model::scoring::cause::LikelyCause;
use hitflop_model::scoring::drift::{DriftLevel, DriftReport, FeatureDrift};

/// Header of the features of a batch whose values are far from those of training: a JSON list of [`ChangedFeature`].
pub(crate) const DRIFT: HeaderName = HeaderName::from_static("hitflop-drift");

/// Significant digits of the numbers in the header, so that the header of all features takes about 2 KB: proxies limit the head
/// of an answer to 4 or 8 KiB.
const DIGITS: usize = 4;

/// Maximum number of rows that are compared, of more as many at equal distances, so that the comparison takes a small part of the
/// time of an answer. Differences of 0.04 between the distribution functions are beyond chance with so many.
const MAX_COMPARED: usize = 2_000;

/// A feature of a batch whose values are far from those of training.
#[derive(Debug, PartialEq, Serialize)]
struct ChangedFeature {
    feature: Feature,
    /// `moderate` or `major`.
    level: DriftLevel,
    /// Population stability index.
    psi: f64,
    /// Kolmogorov-Smirnov distance, 0 to 1.
    ks: f64,
    /// Median of the batch.
    median: f64,
    /// Median of the training data, weighted by decade as the rows of the batch are.
    training_median: f64,
    cause: Option<LikelyCause>,
}

impl From<&FeatureDrift> for ChangedFeature {
    fn from(drift: &FeatureDrift) -> ChangedFeature {
        ChangedFeature {
            feature: drift.feature,
            level: drift.level,
            psi: rounded(drift.psi),
            ks: rounded(drift.ks),
            median: rounded(drift.median),
            training_median: rounded(drift.training_median),
            cause: drift.cause,
        }
    }
}

fn rounded(value: f64) -> f64 {
    // Rust reads what it writes.
    format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value)
}

/// The comparison of the good rows of a batch with the training rows; `None` if they are too few.
fn report(work: &Work, rows: &[CheckedRow]) -> Option<DriftReport> {
    let good: Vec<_> = rows.iter().filter_map(|row| Some(&row.as_ref().ok()?.as_ref()?.row)).collect();
    let step = good.len().div_ceil(MAX_COMPARED).max(1);
    DriftReport::of(good.into_iter().step_by(step), work.loaded.scorer.artifact())
}

/// The header [`DRIFT`] of the good rows of a batch; `None` if they are too few, or no feature has changed.
pub(super) fn header(work: &Work, rows: &[CheckedRow]) -> Option<HeaderValue> {
    let report = report(work, rows)?;
    let changed: Vec<ChangedFeature> = report.changed().map(ChangedFeature::from).collect();
    if changed.is_empty() {
        return None;
    }
    HeaderValue::from_str(&serde_json::to_string(&changed).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits() {
        for (value, expected) in [(0.123_456, 0.1235), (217_349.0, 217_300.0), (-7.0, -7.0), (0.0, 0.0)] {
            assert_eq!(rounded(value), expected);
        }
    }

    /// All features of all causes fit into the head of an answer.
    #[test]
    fn the_header_is_short() {
        let entry = |feature: &Feature| ChangedFeature {
            feature: *feature,
            level: DriftLevel::Moderate,
            psi: rounded(12.345_678),
            ks: rounded(0.987_654_321),
            median: rounded(-1.234_567e-5),
            training_median: rounded(-1.234_567e-5),
            cause: Some(LikelyCause::NormalisedLoudness),
        };
        let all: Vec<ChangedFeature> = Feature::ALL.iter().map(entry).collect();
        let header = serde_json::to_string(&all).expect("JSON");
        assert!(header.len() < 3_000, "{} bytes", header.len());
    }
}
