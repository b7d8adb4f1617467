//! Warnings of tracks that are unlike those of training.

use hitflop::pipeline::TrainingComparison;
use hitflop_model::scoring::warnings::{InputWarningKind, WarningSummary};
use hitflop_report::format::plural;

use super::print;
use super::settings::Settings;

/// Prints to standard error, unless `quiet`, a line for each kind of warning and feature, and for each feature that has drifted.
pub fn print_comparison(settings: &Settings, comparison: &TrainingComparison) {
    let drift = comparison.drift.iter().flat_map(|drift| drift.changed()).map(|feature| feature.describe());
    lines(&comparison.warnings).into_iter().chain(drift).for_each(|line| print::warning(&settings.program, &line));
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
