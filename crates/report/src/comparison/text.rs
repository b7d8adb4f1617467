//! The sentences of a comparison.

use askama::Template;

use super::{ComparisonFindings, DriftEntry, DriftGate};
use crate::format::{fixed, signed};
use crate::text::template::{sentences, titled};
use crate::text::{filters, Finding};
use hitflop_data::explore::comparison::ResampledUnit;
use hitflop_metrics::bootstrap::ConfidenceInterval;
use hitflop_metrics::two_sample::{ShareDifference, MIN_SAMPLE};

/// Drifted features that are named.
const MAX_NAMED: usize = 5;
/// PSI by chance from which on tables are called small.
const SMALL: f64 = 0.05;

#[derive(Template)]
#[template(path = "text/comparison_about.txt")]
struct AboutText<'a> {
    tables: Vec<(&'a str, u64)>,
    models: Vec<&'a str>,
}

/// What is compared.
pub(super) fn about(findings: &ComparisonFindings) -> Vec<String> {
    let rows = findings.tables.iter().map(|table| table.rows);
    let tables = findings.table_names().into_iter().zip(rows).collect();
    sentences(&AboutText { tables, models: findings.model_names() })
}

#[derive(Template)]
#[template(path = "text/comparison_key_points.txt")]
struct KeyPointsText<'a> {
    greatest: Option<&'a DriftEntry>,
    drifted: Vec<String>,
    drifted_count: usize,
    ranked: String,
    gate: Option<&'a DriftGate>,
    /// The feature with the greatest Wasserstein distance in standard deviations.
    shift: Option<(&'static str, f64)>,
    hits: Option<ShareText>,
    scores: Vec<ScoresText<'a>>,
    changes: Vec<ChangeText>,
}

struct ShareText {
    reference: f64,
    current: f64,
    interval: String,
}

struct ScoresText<'a> {
    name: &'a str,
    predicted: ShareText,
    roc_auc: Option<[f64; 2]>,
}

struct ChangeText {
    table: &'static str,
    share: f64,
    to_hits: u64,
    to_flops: u64,
    roc_auc: Option<ScoreChange>,
}

struct ScoreChange {
    old: f64,
    new: f64,
    interval: String,
}

/// At most six sentences for the first screen.
pub(super) fn key_points(findings: &ComparisonFindings) -> Vec<String> {
    let verdict = &findings.verdict;
    let named = |entry: &DriftEntry| format!("{} ({})", entry.name, fixed(entry.psi.value, 2));
    let mut drifted: Vec<String> = verdict.drifted().map(named).collect();
    let drifted_count = drifted.len();
    if drifted.len() > MAX_NAMED {
        let others = drifted.split_off(MAX_NAMED).len();
        drifted.push(format!("{others} more"));
    }
    let comparison = findings.comparison.as_ref();
    let hits = comparison.and_then(|comparison| comparison.hit_share).and_then(|share| share_text(&share));
    let scores = findings.scores.iter().zip(findings.model_names()).filter_map(|(scores, name)| {
        let roc_auc = scores.tables.each_ref().map(|table| table.labelled.as_ref().map(|of| of.scores.roc_auc));
        let roc_auc = roc_auc[0].zip(roc_auc[1]).map(|(a, b)| [a, b]);
        Some(ScoresText {
            name,
            predicted: share_text(&scores.predicted_share)?,
            roc_auc: roc_auc.filter(|both| both.iter().all(|value| value.is_finite())),
        })
    });
    sentences(&KeyPointsText {
        greatest: verdict.ranking.first(),
        ranked: ranked(findings),
        drifted,
        drifted_count,
        gate: verdict.gate.as_ref(),
        shift: shift(findings),
        hits,
        scores: scores.collect(),
        changes: changes(findings),
    })
}

fn ranked(findings: &ComparisonFindings) -> String {
    let features = findings.comparison.as_ref().map_or(0, |comparison| comparison.features.len());
    match (features, findings.verdict.ranking.len()) {
        (0, scores) => format!("{scores} score distributions"),
        (_, all) if findings.scores.is_empty() && findings.changes.is_empty() => format!("{all} features"),
        (_, all) => format!("{all} features and scores"),
    }
}

fn shift(findings: &ComparisonFindings) -> Option<(&'static str, f64)> {
    let features = findings.comparison.as_ref()?.features.iter();
    let shifts = features
        .filter_map(|feature| Some((feature.feature.in_words(), feature.distances.wasserstein_in_deviations?.value)));
    shifts.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, deviations)| *deviations > 0.0)
}

fn share_text(share: &ShareDifference) -> Option<ShareText> {
    let points = |value: f64| signed(value * 100.0, 1);
    let interval = share.interval.zip(share.difference()).map_or(String::new(), |(interval, difference)| {
        let ends = [interval.low, interval.high].map(points);
        format!("{} percentage points, 95 % interval {} to {}", points(difference), ends[0], ends[1])
    });
    Some(ShareText { reference: share.reference?, current: share.current?, interval })
}

fn changes(findings: &ComparisonFindings) -> Vec<ChangeText> {
    let change = |(found, table): (&super::ChangedPredictions, &'static str)| {
        let change = &found.change;
        let [old, new] = change.models.each_ref().map(|model| model.labelled.as_ref().map(|of| of.scores.roc_auc));
        let interval = |ConfidenceInterval { low, high }: ConfidenceInterval| {
            format!("95 % interval {} to {}", signed(low, 4), signed(high, 4))
        };
        let roc_auc = old.zip(new).filter(|(old, new)| old.is_finite() && new.is_finite()).map(|(old, new)| {
            let interval = change.score_differences.map_or(String::new(), |found| interval(found.roc_auc));
            ScoreChange { old, new, interval }
        });
        ChangeText {
            table,
            share: change.changed_share(),
            to_hits: change.flops_to_hits,
            to_flops: change.hits_to_flops,
            roc_auc,
        }
    };
    findings.changes.iter().zip(ComparisonFindings::TABLES).map(change).collect()
}

#[derive(Template)]
#[template(path = "text/comparison_warnings.txt")]
struct WarningsText<'a> {
    one_table: Vec<&'a str>,
    undefined: Vec<&'a str>,
    least: usize,
    chance: Option<f64>,
    rows_resampled: bool,
    no_intervals: bool,
    simulated_models: Vec<&'a str>,
    /// Model, table, rows that are tracks of the model's data, rows.
    known: Vec<(&'a str, &'static str, u64, u64)>,
}

/// What limits the comparison.
pub(super) fn warnings(findings: &ComparisonFindings) -> Vec<String> {
    let ranking = &findings.verdict.ranking;
    let one_table: Vec<&str> =
        ranking.iter().filter(|entry| entry.is_in_one_table).map(|entry| entry.name.as_str()).collect();
    let undefined = findings.verdict.not_compared.iter().map(String::as_str);
    let chance = ranking.iter().filter_map(|entry| entry.by_chance).fold(0.0, f64::max);
    let simulated = findings.models.iter().filter(|model| model.simulated == Some(true));
    sentences(&WarningsText {
        undefined: undefined.filter(|name| !one_table.contains(name)).collect(),
        one_table,
        least: MIN_SAMPLE,
        chance: Some(chance).filter(|chance| *chance >= SMALL),
        rows_resampled: findings.resampled == ResampledUnit::Rows,
        no_intervals: ranking.first().is_some_and(|entry| entry.psi.interval.is_none()),
        known: known_rows(findings),
        simulated_models: simulated.map(|model| model.name.as_str()).collect(),
    })
}

/// The tables with tracks of a model's data, if their labels are scored.
fn known_rows(findings: &ComparisonFindings) -> Vec<(&str, &'static str, u64, u64)> {
    let tables = || findings.tables.iter().zip(ComparisonFindings::TABLES);
    let of_model = |(model, name): (&super::ModelDescription, _)| {
        let known = tables().zip(model.known_rows.clone()).filter(|((table, _), _)| table.labelled);
        let known = known.filter_map(|((table, letter), known)| Some((name, letter, known?, table.rows)));
        known.filter(|(_, _, known, _)| *known > 0).collect::<Vec<_>>()
    };
    findings.models.iter().zip(findings.model_names()).flat_map(of_model).collect()
}

#[derive(Template)]
#[template(path = "text/comparison_notes.txt")]
struct NotesText {
    resamples: u64,
    unit: &'static str,
    seed: u64,
}

/// How everything is computed.
pub(super) fn notes(findings: &ComparisonFindings) -> Vec<Finding> {
    let unit = match findings.resampled {
        ResampledUnit::Rows => "rows",
        ResampledUnit::Artists => "artists",
    };
    let resamples = findings.resamples;
    titled(&NotesText { resamples, unit, seed: findings.provenance.seed })
}
