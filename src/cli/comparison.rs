//! Warnings of tracks that are unlike those of training.

use hitflop::pipeline::TrainingComparison;
use hitflop_model::missing::FeatureCoverageSummary;
use hitflop_model::scoring::warnings::{InputWarningKind, WarningSummary};
use hitflop_report::format::plural;

use super::print;
use super::settings::Settings;

/// Prints to standard error, unless `quiet`, a line for each kind of warning and feature, and for each feature that has drifted.
pub fn print_comparison(settings: &Settings, comparison: &TrainingComparison) {
    let missing = missing_features(&comparison.missing_features);
    let drift = comparison.drift.iter().flat_map(|drift| drift.changed()).map(|feature| feature.describe());
    lines(&comparison.warnings)
        .into_iter()
        .chain(missing)
        .chain(drift)
        .for_each(|line| print::warning(&settings.program, &line));
}

/// Lines for the most frequent sets of missing features, and one for the others.
fn missing_features(summaries: &[FeatureCoverageSummary]) -> Vec<String> {
    const SHOWN: usize = 3;
    let (shown, others) = summaries.split_at(summaries.len().min(SHOWN));
    let line = |summary: &FeatureCoverageSummary| match summary.rows {
        1 => format!("row {}: {}", summary.first_row, summary.coverage),
        rows => format!("{}: {}", plural(rows, "row", "rows"), summary.coverage),
    };
    let others = (!others.is_empty()).then(|| {
        let rows = others.iter().map(|summary| summary.rows).sum();
        let sets = plural(others.len() as u64, "other set", "other sets");
        format!("{}: {sets} of features are missing; --json lists all", plural(rows, "row", "rows"))
    });
    shown.iter().map(line).chain(others).collect()
}

/// Missing columns are reported where they are read.
fn lines(warnings: &[WarningSummary]) -> Vec<String> {
    let is_shown = |warning: &&WarningSummary| warning.kind != InputWarningKind::MissingFeature;
    let line = |warning: &WarningSummary| match warning.rows {
        1 => format!("row {}: {}", warning.first_row, warning.message),
        rows => {
            let rows = plural(rows, "row", "rows");
            format!("{rows}, the first of them row {}: {}", warning.first_row, warning.message)
        }
    };
    warnings.iter().filter(is_shown).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_core::track::Feature;

    fn warning(kind: InputWarningKind, feature: Feature, rows: u64) -> WarningSummary {
        WarningSummary { kind, feature, rows, first_row: 7, values: None, message: "energy is 73".to_owned() }
    }

    #[test]
    fn a_line_is_printed_for_each_kind_and_feature() {
        use InputWarningKind::*;
        let found = lines(&[
            warning(OutsideDocumentedRange, Feature::Energy, 1200),
            warning(OutsideTrainingRange, Feature::Tempo, 1),
            warning(MissingFeature, Feature::Key, 3),
        ]);
        assert_eq!(found, ["1,200 rows, the first of them row 7: energy is 73", "row 7: energy is 73"]);
    }
}
