//! The report as one JSON document: every number of the page.

use serde::Serialize;

use super::text::Narrative;
use super::Report;
use hitflop_core::error::{Error, Result};

#[derive(Serialize)]
struct ReportDocument<'a> {
    #[serde(flatten)]
    report: &'a Report,
    narrative: &'a Narrative,
}

/// The report and, under `narrative`, its sentences and the numbers derived for them. What is not finite is `null`.
///
/// # Errors
/// Fails only if serialisation does, which would be a fault of this program.
pub fn json(report: &Report) -> Result<String> {
    let document = ReportDocument { report, narrative: &Narrative::of(report) };
    serde_json::to_string_pretty(&document)
        .map_err(|error| Error::Failed(format!("writing the report as JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::fixture;
    use crate::tables::{for_files, ReportTable, ReportTables, TableCell};

    fn numbers(value: &Value, found: &mut BTreeSet<u64>) {
        match value {
            Value::Number(number) => found.extend(number.as_f64().map(f64::to_bits)),
            Value::Array(values) => values.iter().for_each(|value| numbers(value, found)),
            Value::Object(fields) => fields.values().for_each(|value| numbers(value, found)),
            _ => {}
        }
    }

    fn all_tables(tables: ReportTables) -> Vec<ReportTable> {
        let ReportTables { sources, settings, rejected, features, quality, out_of_range, describe, counts, .. } =
            tables.clone();
        let ReportTables { means, effects, mutual_information, mutual_information_all_continuous, .. } = tables.clone();
        let ReportTables { pearson, spearman, selection, scores, confusion, importances, .. } = tables.clone();
        let ReportTables { calibration, reliability, thresholds, .. } = tables.clone();
        let ReportTables {
            leaderboard,
            costs,
            grid_top,
            grid_search,
            boosting_search,
            measures,
            assessment,
            leaks,
            ..
        } = tables;
        let always = [
            sources,
            features,
            quality,
            describe,
            counts,
            means,
            effects,
            mutual_information,
            pearson,
            spearman,
            selection,
        ];
        let sometimes = [settings, rejected, out_of_range, scores, confusion, importances];
        let of_comparison = [leaderboard, costs, grid_top, grid_search, boosting_search, measures];
        let of_probabilities = [calibration, reliability, thresholds];
        let sometimes = sometimes.into_iter().chain(of_comparison).chain(of_probabilities).flatten();
        always
            .into_iter()
            .chain([mutual_information_all_continuous])
            .chain(sometimes)
            .chain(assessment)
            .chain(leaks)
            .collect()
    }

    #[test]
    fn every_number_of_every_table_is_in_the_document() {
        let mut report = fixture::compared();
        report.provenance.rejected = vec![("not a number".to_owned(), 7)];
        let document: Value = serde_json::from_str(&json(&report).expect("it serialises")).expect("it parses");
        let mut found = BTreeSet::from([0.5f64.to_bits()]); // the ROC AUC of chance is no result
        numbers(&document, &mut found);
        let narrative = Narrative::of(&report);
        let tables =
            all_tables(ReportTables::of(&report, &narrative)).into_iter().chain(for_files(&report, &narrative));
        let mut checked = 0;
        for table in tables {
            for cell in table.rows.iter().flatten() {
                if let TableCell::Number { value, .. } = cell {
                    let known = !value.is_finite()
                        || found.contains(&value.to_bits())
                        || found.contains(&(value + 0.0).to_bits());
                    assert!(known, "{}: {value}", table.name);
                    checked += 1;
                }
            }
        }
        assert!(checked > 1_000, "{checked}");
    }

    #[test]
    fn a_comparison_is_written_in_full() {
        let report = fixture::compared();
        let document: Value = serde_json::from_str(&json(&report).expect("it serialises")).expect("it parses");
        let comparison = serde_json::to_value(&report.comparison).expect("it serialises");
        assert_eq!(document["comparison"], comparison);
        assert_eq!(document["comparison"]["contenders"][1]["evaluation"]["model"], "random forest, 100 trees, leaf 1");
        assert_eq!(document["comparison"]["contenders"][1]["evaluation"]["protocol"], "random 80/20, seed 42");
        assert_eq!(document["comparison"]["contenders"][0]["cost"]["fit_seconds"], 1.25);
        assert_eq!(document["narrative"]["derived"]["standings"]["contenders"][1]["behind"]["folds_behind"], 2);
    }

    #[test]
    fn what_is_not_finite_is_null() {
        let document: Value =
            serde_json::from_str(&json(&fixture::report()).expect("it serialises")).expect("it parses");
        assert_eq!(document["evaluation"]["roc"][0]["threshold"], Value::Null);
        let decade = hitflop_core::track::Feature::Decade as usize;
        assert_eq!(document["pearson"]["values"][decade][0], Value::Null);
        assert_eq!(document["summary"]["rows"], 4_000);
        assert_eq!(document["narrative"]["derived"]["hits"], 2_000);
    }
}
