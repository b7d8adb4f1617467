use super::*;
use crate::charts::table_comparison;
use crate::html::snapshots::compare_page;
use hitflop_core::reader::FeatureRow;
use hitflop_data::explore::comparison::{ComparedTable, TableGroups};
use hitflop_model::scoring::score_comparison::PredictedTable;
use hitflop_model::scoring::Prediction;

fn rows(count: usize, shift: f64) -> Vec<FeatureRow> {
    let row = |index: usize| {
        let mut row = [f64::NAN; Feature::ALL.len()];
        row[Feature::Energy as usize] = (index * 37 % 101) as f64 / 202.0 + shift;
        row[Feature::Tempo as usize] = 100.0 + (index * 53 % 97) as f64;
        row[Feature::Key as usize] = (index % 12) as f64;
        row
    };
    (0..count).map(row).collect()
}

/// Findings of tables with `rows` rows and, if `two` is set, two models on the first one.
fn findings(rows: [Vec<FeatureRow>; 2], threshold: Option<f64>, two: bool) -> ComparisonFindings {
    let labels = rows.each_ref().map(|rows| (0..rows.len()).map(|row| Some(row % 3 == 0)).collect::<Vec<_>>());
    let tables = [0, 1].map(|table: usize| ComparedTable {
        rows: &rows[table],
        labels: Some(&labels[table]),
        artists: None,
        uris: None,
    });
    let groups = TableGroups::of(tables, 40, 1);
    let comparison = TableComparison::of(tables, &Feature::ALL, &groups);
    let predict = |shift: f64| -> Vec<Prediction> {
        (0..rows[0].len()).map(|row| Prediction::at(((row * 29 % 83) as f64 / 83.0 + shift).min(1.0), 0.5)).collect()
    };
    let predictions = [predict(0.0), predict(0.2)];
    let models = predictions.each_ref().map(|predictions| PredictedTable {
        predictions,
        labels: Some(&labels[0]),
        groups: groups.of_rows()[0],
    });
    let change = two.then(|| ChangedPredictions { change: PredictionChange::of(models, 40, 1), tracks: Vec::new() });
    let description = |name: &str, rows: &[FeatureRow]| TableDescription {
        name: format!("in/{name}"),
        files: vec![(name.to_owned(), None)],
        rows: rows.len() as u64,
        simulated: false,
        labelled: true,
        absent: vec![Feature::Valence],
    };
    let model = |name: &str| ModelDescription {
        name: name.to_owned(),
        model: "boosting".to_owned(),
        sha256: "ab".to_owned(),
        simulated: Some(false),
        known_rows: vec![Some(3), None],
    };
    ComparisonFindings {
        provenance: ComparisonProvenance {
            version: "0.0.0".to_owned(),
            seed: 1,
            simulated: false,
            settings: Vec::new(),
            date: "2026-01-31".to_owned(),
            command: "hitflop compare".to_owned(),
        },
        tables: vec![description("a<b>.csv", &rows[0]), description("b.csv", &rows[1])],
        models: if two { vec![model("old.model"), model("new.model")] } else { Vec::new() },
        resampled: groups.unit,
        resamples: 40,
        correlation_changes: comparison.correlation_changes.clone(),
        verdict: DriftVerdict::of(Some(&comparison), &[], threshold),
        comparison: Some(comparison),
        scores: Vec::new(),
        changes: change.into_iter().collect(),
    }
}

fn page_of(findings: &ComparisonFindings) -> String {
    let charts = table_comparison::all(findings).expect("charts are rendered");
    assert!(charts.iter().all(|chart| table_comparison::NAMES.contains(&chart.name.as_str())));
    let mut tables = tables::all(findings);
    tables.extend(figure_tables::all(findings));
    for table in &tables {
        assert!(tables::NAMES.contains(&table.name) || figure_tables::NAMES.contains(&table.name), "{}", table.name);
        assert!(!table.rows.is_empty(), "{}", table.name);
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
    }
    let page = page::html(findings, &charts, &tables).expect("the template renders");
    for chart in &charts {
        let figure = page.split(&format!("<figure id=\"chart-{}\"", chart.name)).nth(1).expect("the figure");
        assert!(figure.split("</figure>").next().expect("its end").contains(".csv\">CSV"), "{}", chart.name);
    }
    page
}

#[test]
fn pages_are_as_they_were() {
    compare_page("comparison_of_tables", &page_of(&findings([rows(300, 0.0), rows(200, 0.4)], Some(0.2), false)));
    compare_page("comparison_of_models", &page_of(&findings([rows(300, 0.0), rows(200, 0.0)], None, true)));
}

#[test]
fn drift_is_ranked_named_and_judged() {
    let found = findings([rows(300, 0.0), rows(200, 0.4)], Some(0.2), false);
    assert_eq!(found.verdict.ranking[0].name, "energy");
    let gate = found.verdict.gate.as_ref().expect("a threshold");
    assert_eq!(gate.exceeded.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["energy"]);
    let points = found.key_points();
    assert!(points[0].starts_with("Drift (PSI of at least 0.1) in 1 of 3 features: energy ("), "{points:?}");
    assert_eq!(points[1], "1 PSI is above the threshold of 0.2.");
    assert!(points.iter().any(|point| point.starts_with("The values of energy are furthest apart")), "{points:?}");
    assert!(found.warnings()[0].contains("The tables are small"), "{:?}", found.warnings());
    let page = page_of(&found);
    assert!(page.contains("a&#60;b&#62;.csv") && !page.contains("<b>.csv"), "names are escaped");
    assert!(!page.contains("NaN") && page.contains("chart-distributions"));
}

#[test]
fn the_same_table_has_no_drift() {
    let found = findings([rows(300, 0.0), rows(300, 0.0)], Some(0.01), false);
    assert!(found.verdict.ranking.iter().all(|entry| entry.psi.value == 0.0));
    assert_eq!(found.verdict.drifted().count(), 0);
    assert!(found.key_points()[0].starts_with("No drift: every PSI is below 0.1."));
    assert_eq!(found.key_points()[1], "No PSI is above the threshold of 0.01.");
    assert!(page_of(&found).contains("No distribution has drifted"));
}

#[test]
fn few_rows_are_undefined_and_rendered() {
    let found = findings([rows(1, 0.0), rows(5, 0.0)], None, false);
    assert!(found.verdict.ranking.is_empty());
    assert_eq!(found.verdict.not_compared, ["energy", "key", "tempo"]);
    assert!(!page_of(&found).contains("NaN"));
    assert!(!serde_json::to_string(&found).expect("JSON").contains("NaN"));
}

#[test]
fn two_models_are_compared_and_known_tracks_warned_of() {
    let found = findings([rows(300, 0.0), rows(200, 0.0)], None, true);
    let points = found.key_points().join(" ");
    assert!(points.contains("from flop to hit, 0 from hit to flop."), "{points}");
    assert!(points.contains("the new model has a ROC AUC of"), "{points}");
    let warnings = found.warnings().join(" ");
    assert!(warnings.contains("3 of the 300 tracks in A are tracks of the data of old.model."), "{warnings}");
    let page = page_of(&found);
    assert!(page.contains("chart-joint_a") && page.contains("chart-reliability") && !page.contains("NaN"));
}

#[test]
fn paths_are_shortened_where_names_differ() {
    assert_eq!(short(vec!["a/x.csv", "b/y.csv"]), ["x.csv", "y.csv"]);
    assert_eq!(short(vec!["a/x.csv", "b/x.csv"]), ["a/x.csv", "b/x.csv"]);
    assert_eq!(short(vec!["data/", "-"]), ["data/", "-"]);
}
