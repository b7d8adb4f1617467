//! The report as one JSON document: every number of the page.

use serde::Serialize;

use crate::findings::Findings;
use crate::text::ReportText;
use crate::write::RenderedReport;
use hitflop_core::error::{Error, Result};

#[derive(Serialize)]
struct ReportDocument<'a> {
    #[serde(flatten)]
    findings: &'a Findings<'a>,
    text: &'a ReportText,
}

/// The findings and, under `text`, the sentences that word them. What is not finite is `null`.
pub(crate) fn json(rendered: &RenderedReport) -> Result<String> {
    let document = ReportDocument { findings: rendered.findings, text: &rendered.text };
    serde_json::to_string_pretty(&document)
        .map_err(|error| Error::Failed(format!("writing the report as JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::fixtures::small;
    use crate::tables::{ReportTables, TableCell};
    use crate::Report;

    fn numbers(value: &Value, found: &mut BTreeSet<u64>) {
        match value {
            Value::Number(number) => found.extend(number.as_f64().map(f64::to_bits)),
            Value::Array(values) => values.iter().for_each(|value| numbers(value, found)),
            Value::Object(fields) => fields.values().for_each(|value| numbers(value, found)),
            _ => {}
        }
    }

    fn document(report: &Report) -> Value {
        let findings = Findings::of(report);
        let text = json(&RenderedReport::of(&findings, &[])).expect("it serialises");
        serde_json::from_str(&text).expect("it parses")
    }

    #[test]
    fn every_number_of_every_table_is_in_the_document() {
        let mut report = small::compared();
        report.provenance.rejected = vec![("not a number".to_owned(), 7)];
        let document = document(&report);
        let mut found = BTreeSet::from([0.5f64.to_bits()]); // the ROC AUC of chance is no result
        numbers(&document, &mut found);
        let tables = ReportTables::of(&Findings::of(&report));
        let mut checked = 0;
        for table in tables.pages().chain(tables.files()) {
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
        let report = small::compared();
        let document = document(&report);
        let comparison = serde_json::to_value(&report.comparison).expect("it serialises");
        assert_eq!(document["comparison"], comparison);
        assert_eq!(document["comparison"]["contenders"][1]["evaluation"]["model"], "random forest, 100 trees, leaf 1");
        assert_eq!(document["comparison"]["contenders"][1]["evaluation"]["protocol"], "random 80/20, seed 42");
        assert_eq!(document["comparison"]["contenders"][0]["cost"]["fit_seconds"], 1.25);
        assert_eq!(document["findings"]["standings"]["contenders"][1]["behind"]["folds_behind"], 2);
    }

    #[test]
    fn what_is_not_finite_is_null() {
        let document = document(&small::report());
        assert_eq!(document["evaluation"]["roc"][0]["threshold"], Value::Null);
        let decade = hitflop_core::track::Feature::Decade as usize;
        assert_eq!(document["pearson"]["values"][decade][0], Value::Null);
        assert_eq!(document["summary"]["rows"], 4_000);
        assert_eq!(document["findings"]["hits"], 2_000);
    }
}
