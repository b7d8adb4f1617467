//! The tables of a comparison.

use super::{drift_level, ChangedPredictions, ComparisonFindings};
use crate::format::{count, fixed, percent, signed};
use crate::tables::{ReportTable, TableCell};
use hitflop_data::explore::comparison::{FeatureComparison, MAX_CORRELATION_INTERVALS};
use hitflop_metrics::bootstrap::ConfidenceInterval;
use hitflop_metrics::two_sample::{MeasuredDistance, ShareDifference};
use hitflop_model::scoring::drift::DriftLevel;
use hitflop_model::scoring::score_comparison::TableScores;

/// Names of all tables, which are also those of their files.
pub(super) const NAMES: [&str; 8] =
    ["overview", "drift", "values", "correlations", "scores", "model_scores", "changed_tracks_a", "changed_tracks_b"];

/// All tables that there are findings for.
pub(super) fn all(findings: &ComparisonFindings) -> Vec<ReportTable> {
    let mut tables = vec![overview(findings)];
    if let Some(comparison) = &findings.comparison {
        let mut features: Vec<&FeatureComparison> = comparison.features.iter().collect();
        let psi = |feature: &FeatureComparison| feature.distances.psi.map_or(-1.0, |psi| psi.value);
        features.sort_by(|a, b| psi(b).total_cmp(&psi(a)));
        tables.push(drift(&features));
        tables.push(values(&features));
        tables.extend(correlations(findings));
    }
    tables.extend(scores(findings));
    tables.extend(model_scores(findings));
    let names = [NAMES[6], NAMES[7]];
    let changes = findings.changes.iter().zip(names).filter(|(change, _)| !change.tracks.is_empty());
    tables.extend(changes.map(|(change, name)| changed_tracks(change, name)));
    tables
}

fn optional(value: Option<f64>, show: impl Fn(f64) -> String) -> TableCell {
    let value = value.unwrap_or(f64::NAN);
    TableCell::number(value, show(value))
}

/// A distance and the ends of its interval.
fn distance(distance: Option<MeasuredDistance>, decimals: usize) -> [TableCell; 3] {
    let interval = distance.and_then(|distance| distance.interval);
    let number = |value: Option<f64>| optional(value, |value| fixed(value, decimals));
    [
        number(distance.map(|distance| distance.value)),
        number(interval.map(|interval| interval.low)),
        number(interval.map(|interval| interval.high)),
    ]
}

fn share_row(name: &str, share: &ShareDifference) -> Vec<TableCell> {
    let number = |value: Option<f64>| optional(value, percent);
    let points = |value: Option<f64>| optional(value, |value| signed(value * 100.0, 1));
    let interval = share.interval;
    vec![
        TableCell::text(name),
        number(share.reference),
        number(share.current),
        points(share.difference()),
        points(interval.map(|interval| interval.low)),
        points(interval.map(|interval| interval.high)),
    ]
}

fn overview(findings: &ComparisonFindings) -> ReportTable {
    let mut columns = vec![("quantity", "Quantity"), ("a", "A")];
    columns.extend((findings.tables.len() > 1).then_some(("b", "B")));
    let row = |name: &str, cell: &dyn Fn(usize) -> TableCell| {
        std::iter::once(TableCell::text(name)).chain((0..findings.tables.len()).map(cell)).collect::<Vec<_>>()
    };
    let yes = |is: bool| TableCell::text(if is { "yes" } else { "no" });
    let mut rows = vec![
        row("Table", &|table| TableCell::code(&findings.tables[table].name)),
        row("Files", &|table| TableCell::count(findings.tables[table].files.len() as u64)),
        row("Tracks", &|table| TableCell::count(findings.tables[table].rows)),
        row("Simulated", &|table| yes(findings.tables[table].simulated)),
        row("Labels", &|table| yes(findings.tables[table].labelled)),
    ];
    let absent = |table: usize| {
        let names: Vec<&str> = findings.tables[table].absent.iter().map(|feature| feature.name()).collect();
        TableCell::text(if names.is_empty() { "none".to_owned() } else { names.join(", ") })
    };
    rows.push(row("Features without a column", &absent));
    if let Some(comparison) = &findings.comparison {
        for (name, shared, names) in [
            ("Artists", "Artists in both tables", comparison.artists),
            ("URIs", "URIs in both tables", comparison.uris),
        ] {
            if let Some(names) = names {
                rows.push(row(name, &|table| TableCell::count(names.of_each[table])));
                rows.push(row(shared, &|_| TableCell::count(names.of_both)));
            }
        }
        rows.extend(
            comparison
                .hit_share
                .map(|share| row("Share of hits", &|table| optional([share.reference, share.current][table], percent))),
        );
    }
    ReportTable::new(NAMES[0], "What was compared", &columns).rows(rows)
}

fn level(psi: Option<MeasuredDistance>) -> &'static str {
    match psi.map(|psi| drift_level(psi.value)) {
        None => "undefined",
        Some(DriftLevel::Stable) => "stable",
        Some(DriftLevel::Moderate) => "moderate",
        Some(DriftLevel::Major) => "major",
    }
}

fn drift(features: &[&FeatureComparison]) -> ReportTable {
    let columns = [
        ("feature", "Feature"),
        ("level", "Drift"),
        ("psi", "PSI"),
        ("psi_low", "from"),
        ("psi_high", "to"),
        ("psi_by_chance", "by chance"),
        ("ks", "KS"),
        ("ks_low", "from"),
        ("ks_high", "to"),
        ("wasserstein_deviations", "Wasserstein / SD"),
        ("wasserstein_deviations_low", "from"),
        ("wasserstein_deviations_high", "to"),
    ];
    let rows = features.iter().map(|feature| {
        let distances = &feature.distances;
        let psi = distance(distances.psi, 3);
        let mut row = vec![TableCell::code(feature.feature.name()), TableCell::text(level(distances.psi))];
        row.extend(psi);
        row.push(optional(distances.psi_by_chance, |value| fixed(value, 3)));
        row.extend(distance(distances.kolmogorov_smirnov, 3));
        row.extend(distance(distances.wasserstein_in_deviations, 3));
        row
    });
    let caption = "Distances of the distributions in B from those in A, with 95 % intervals, by PSI. Wasserstein distances are in standard \
                   deviations of A. A dash marks a distance that is not defined: of categories, of constants, of fewer than 10 values";
    ReportTable::new(NAMES[1], caption, &columns).rows(rows)
}

fn values(features: &[&FeatureComparison]) -> ReportTable {
    let columns = [
        ("feature", "Feature"),
        ("mean_a", "Mean A"),
        ("mean_b", "Mean B"),
        ("median_a", "Median A"),
        ("median_b", "Median B"),
        ("wasserstein", "Wasserstein"),
        ("missing_a", "Missing A"),
        ("missing_b", "Missing B"),
        ("missing_difference", "Difference, points"),
    ];
    let rows = features.iter().map(|feature| {
        let number = |value: Option<f64>| optional(value, |value| crate::format::significant(value, 4));
        let FeatureComparison { means, medians, missing, distances, .. } = feature;
        let is_quantity = feature.feature.is_quantity();
        let mean = |table: usize| number(means[table].filter(|_| is_quantity));
        let median = |table: usize| number(medians[table].filter(|_| is_quantity));
        vec![
            TableCell::code(feature.feature.name()),
            mean(0),
            mean(1),
            median(0),
            median(1),
            number(distances.wasserstein.map(|distance| distance.value)),
            optional(missing.reference, percent),
            optional(missing.current, percent),
            optional(missing.difference(), |value| signed(value * 100.0, 1)),
        ]
    });
    let caption = "Location, Wasserstein distance and missing values, in the units of the features";
    ReportTable::new(NAMES[2], caption, &columns).rows(rows)
}

fn correlations(findings: &ComparisonFindings) -> Option<ReportTable> {
    let columns = [
        ("column", "Column"),
        ("other", "and"),
        ("a", "r in A"),
        ("b", "r in B"),
        ("difference", "Difference"),
        ("difference_low", "95 % from"),
        ("difference_high", "to"),
    ];
    let rows = findings.correlation_changes.iter().take(MAX_CORRELATION_INTERVALS).map(|change| {
        let number = |value: f64| TableCell::number(value, signed(value, 2));
        let [a, b] = change.correlations;
        let [column, other] = &change.columns;
        let ends = change.interval.map_or([f64::NAN; 2], |interval| [interval.low, interval.high]);
        let [low, high] = ends.map(number);
        vec![
            TableCell::code(column),
            TableCell::code(other),
            number(a),
            number(b),
            number(change.difference()),
            low,
            high,
        ]
    });
    let caption = format!(
        "The {MAX_CORRELATION_INTERVALS} pairs whose Pearson correlation differs most, with the 95 % interval of the difference. Some \
         differences are large by chance, because the pairs are the largest of all"
    );
    let table = ReportTable::new(NAMES[3], caption, &columns).rows(rows);
    (!table.rows.is_empty()).then_some(table)
}

fn scores(findings: &ComparisonFindings) -> Option<ReportTable> {
    let columns = [
        ("scores", "Scores"),
        ("a", "A"),
        ("b", "B"),
        ("difference", "Difference, points"),
        ("difference_low", "from"),
        ("difference_high", "to"),
    ];
    let rows = findings
        .scores
        .iter()
        .zip(&findings.models)
        .map(|(scores, model)| share_row(&format!("predicted as hits by {}", model.name), &scores.predicted_share));
    let hits = findings.comparison.as_ref().and_then(|comparison| comparison.hit_share);
    let rows: Vec<_> = rows.chain(hits.map(|share| share_row("labelled as hits", &share))).collect();
    let caption = "Share of tracks, with the 95 % interval of the difference";
    (!findings.scores.is_empty()).then(|| ReportTable::new(NAMES[4], caption, &columns).rows(rows))
}

/// A row a model and table.
fn model_scores(findings: &ComparisonFindings) -> Option<ReportTable> {
    let columns = [
        ("model", "Model"),
        ("table", "Table"),
        ("tracks", "Tracks with a label"),
        ("accuracy", "Accuracy"),
        ("accuracy_interval", "95 % interval"),
        ("roc_auc", "ROC AUC"),
        ("roc_auc_interval", "95 % interval"),
        ("brier", "Brier score"),
        ("expected_calibration_error", "Calibration error"),
        ("predicted_share", "Predicted as hits"),
    ];
    let interval =
        |interval: Option<ConfidenceInterval>| {
            TableCell::text(interval.map_or("–".to_owned(), |interval| {
                format!("{} to {}", fixed(interval.low, 3), fixed(interval.high, 3))
            }))
        };
    let row = |model: &str, table: &str, scores: &TableScores| {
        let labelled = scores.labelled.as_ref();
        let number = |value: Option<f64>| optional(value, |value| fixed(value, 4));
        let intervals = labelled.and_then(|labelled| labelled.intervals);
        let calibration = labelled.map(|labelled| labelled.reliability.scores.expected_calibration_error);
        vec![
            TableCell::code(model),
            TableCell::text(table),
            TableCell::count(labelled.map_or(0, |labelled| labelled.rows)),
            number(labelled.map(|labelled| labelled.scores.accuracy)),
            interval(intervals.map(|intervals| intervals.accuracy)),
            number(labelled.map(|labelled| labelled.scores.roc_auc)),
            interval(intervals.map(|intervals| intervals.roc_auc)),
            number(labelled.map(|labelled| labelled.scores.brier)),
            number(calibration),
            optional(Some(scores.predicted_share), percent),
        ]
    };
    let by_table = findings.scores.iter().zip(&findings.models).flat_map(|(scores, model)| {
        scores.tables.iter().zip(ComparisonFindings::TABLES).map(|(scores, table)| row(&model.name, table, scores))
    });
    let by_model = findings.changes.iter().flat_map(|change| {
        change.change.models.iter().zip(&findings.models).map(|(scores, model)| row(&model.name, "A", scores))
    });
    // With two tables, the rows by table hold the same scores.
    let rows: Vec<_> = if findings.scores.is_empty() { by_model.collect() } else { by_table.collect() };
    let caption = "Scores of each model; a dash marks a score that needs labels";
    (!rows.is_empty()).then(|| ReportTable::new(NAMES[5], caption, &columns).rows(rows))
}

fn changed_tracks(change: &ChangedPredictions, name: &'static str) -> ReportTable {
    let columns = [
        ("title", "Title"),
        ("artist", "Artist"),
        ("row", "Row"),
        ("label", "Label"),
        ("old", "Old"),
        ("new", "New"),
        ("change", "Change"),
        ("old_prediction", "Old prediction"),
        ("new_prediction", "New prediction"),
        ("file", "File"),
    ];
    let rows = change.tracks.iter().map(|track| {
        let text = |text: &Option<String>| TableCell::text(text.clone().unwrap_or_else(|| "–".to_owned()));
        let number = |value: f64| TableCell::number(value, fixed(value, 3));
        let label = TableCell::label;
        let [old, new] = track.probabilities;
        vec![
            text(&track.title),
            text(&track.artist),
            TableCell::count(track.row),
            track.label.map_or(TableCell::named("–", ""), label),
            number(old),
            number(new),
            TableCell::number(new - old, signed(new - old, 3)),
            label(track.predicted[0]),
            label(track.predicted[1]),
            TableCell::code(&track.file),
        ]
    });
    let caption = format!("The {} tracks whose probability of a hit changes most", count(change.tracks.len() as u64));
    ReportTable::new(name, caption, &columns).rows(rows)
}
