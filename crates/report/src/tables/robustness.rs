//! Tables of validation schemes, of scores by decade and between decades, and of the learning curve.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::format::{fixed, percent};
use crate::phrases::validation::{fit_name, group_noun, GroupNoun};
use crate::registry::{ContentSource, PagePart};
use hitflop_metrics::bootstrap::{ConfidenceInterval, ScoreIntervals};
use hitflop_model::validation::cross_decade::CrossDecadeScores;
use hitflop_model::validation::learning_curve::LearningCurve;
use hitflop_model::validation::robustness::Robustness;
use hitflop_model::validation::{DecadeScores, SchemeComparison, SchemeFit, SchemeScores};

/// A score, to three decimals.
pub(super) fn score(value: f64) -> TableCell {
    TableCell::number(value, fixed(value, 3))
}

/// The deviation of a score, to four decimals, since it may be small.
fn deviation(value: f64) -> TableCell {
    TableCell::number(value, fixed(value, 4))
}

/// A share, in per cent.
pub(super) fn share(value: f64) -> TableCell {
    TableCell::number(value, percent(value))
}

/// The ends of an interval, in a cell each.
fn ends(
    intervals: &Option<ScoreIntervals>,
    of: fn(&ScoreIntervals) -> ConfidenceInterval,
    cell: fn(f64) -> TableCell,
) -> [TableCell; 2] {
    let interval = intervals.as_ref().map_or(ConfidenceInterval { low: f64::NAN, high: f64::NAN }, of);
    [cell(interval.low), cell(interval.high)]
}

/// A table of the part on robustness, which is folded on the page.
const fn folded(name: &'static str, make: fn(&Robustness) -> Option<ReportTable>) -> TableEntry {
    TableEntry {
        name,
        part: PagePart::Robustness,
        display: Display::Folded,
        page: ContentSource::Robustness(make),
        file: TableFile::Page,
    }
}

pub(super) const SCHEMES: TableEntry = TableEntry {
    name: "validation_schemes",
    part: PagePart::ValidationSchemes,
    display: Display::Shown,
    page: ContentSource::Robustness(|robustness| Some(schemes(&robustness.schemes))),
    file: TableFile::Page,
};

/// One row for each scheme: mean, standard deviation and interval of both scores.
pub(crate) fn schemes(found: &SchemeComparison) -> ReportTable {
    let columns = [
        ("validation_scheme", "Validation scheme"),
        ("roc_auc", "ROC AUC"),
        ("roc_auc_std", "±"),
        ("roc_auc_low", "95 % from"),
        ("roc_auc_high", "to"),
        ("accuracy", "Accuracy"),
        ("accuracy_std", "±"),
        ("accuracy_low", "95 % from"),
        ("accuracy_high", "to"),
        ("known_share", "Known groups"),
    ];
    let row = |scores: &SchemeScores| {
        let mut row = vec![
            TableCell::text(scores.scheme.name()),
            score(scores.roc_auc.mean),
            deviation(scores.roc_auc.deviation),
        ];
        row.extend(ends(&scores.intervals, |intervals| intervals.roc_auc, score));
        row.extend([share(scores.accuracy.mean), share(scores.accuracy.deviation)]);
        row.extend(ends(&scores.intervals, |intervals| intervals.accuracy, share));
        row.push(share(scores.known_share));
        row
    };
    let ways = if found.scores.len() == 3 { "Three validation schemes" } else { "Validation schemes" };
    let caption = format!(
        "{ways}: means over splits or decades, their standard deviation, 95 % intervals by resampling groups, and the \
         share of test tracks whose group ({}) is in training.",
        group_noun(found.has_artists).keys
    );
    ReportTable::new(SCHEMES.name, caption, &columns).rows(found.scores.iter().map(row))
}

pub(super) const SCHEME_FITS: TableEntry =
    folded("validation_scheme_fits", |robustness| Some(scheme_fits(&robustness.schemes)));

/// One row a fit.
fn scheme_fits(found: &SchemeComparison) -> ReportTable {
    let columns = [
        ("fit", "Fit"),
        ("validation_scheme", "Validation scheme"),
        ("train_rows", "Fitted on"),
        ("test_rows", "Scored on"),
        ("roc_auc", "ROC AUC"),
        ("roc_auc_low", "95 % from"),
        ("roc_auc_high", "to"),
        ("accuracy", "Accuracy"),
        ("accuracy_low", "95 % from"),
        ("accuracy_high", "to"),
        ("majority_accuracy", "Baseline accuracy"),
        ("known_share", "Known groups"),
    ];
    let row = |(scheme, part): (&'static str, &SchemeFit)| {
        let mut row = vec![
            TableCell::text(fit_name(part)),
            TableCell::text(scheme),
            TableCell::count(part.train_rows),
            TableCell::count(part.test_rows),
            score(part.scores.roc_auc),
        ];
        row.extend(ends(&part.intervals, |intervals| intervals.roc_auc, score));
        row.push(share(part.scores.accuracy));
        row.extend(ends(&part.intervals, |intervals| intervals.accuracy, share));
        row.extend([share(part.majority_accuracy), share(part.known_share)]);
        row
    };
    let parts = found.scores.iter().flat_map(|one| one.parts.iter().map(move |part| (one.scheme.name(), part)));
    ReportTable::new(SCHEME_FITS.name, "Every fit of the validation schemes on its test tracks.", &columns)
        .rows(parts.map(row))
}

pub(super) const SCORES_BY_DECADE: TableEntry = folded("scores_by_decade", |robustness| {
    let found = &robustness.schemes;
    (!found.by_decade.is_empty()).then(|| by_decade(found))
});

/// One row for each decade and scheme.
pub(crate) fn by_decade(found: &SchemeComparison) -> ReportTable {
    let columns = [
        ("decade", "Decade"),
        ("validation_scheme", "Validation scheme"),
        ("test_rows", "Test tracks"),
        ("hit_share", "Hits"),
        ("roc_auc", "ROC AUC"),
        ("roc_auc_low", "95 % from"),
        ("roc_auc_high", "to"),
        ("accuracy", "Accuracy"),
        ("accuracy_low", "95 % from"),
        ("accuracy_high", "to"),
    ];
    let row = |scores: &DecadeScores| {
        let mut row = vec![
            TableCell::decade(scores.decade),
            TableCell::text(scores.scheme.name()),
            TableCell::count(scores.test_rows),
            share(scores.hit_share),
            score(scores.scores.roc_auc),
        ];
        row.extend(ends(&scores.intervals, |intervals| intervals.roc_auc, score));
        row.push(share(scores.scores.accuracy));
        row.extend(ends(&scores.intervals, |intervals| intervals.accuracy, share));
        row
    };
    let caption = "Scores on the test tracks of each decade, for the first random and the first grouped split.";
    ReportTable::new(SCORES_BY_DECADE.name, caption, &columns).rows(found.by_decade.iter().map(row))
}

pub(super) const CROSS_DECADE: TableEntry =
    folded("transfer", |robustness| robustness.cross_decade.as_ref().map(cross_decade));

/// One row a pair of decades.
fn cross_decade(found: &CrossDecadeScores) -> ReportTable {
    let columns =
        [("fitted_on", "Fitted on"), ("scored_on", "Scored on"), ("roc_auc", "ROC AUC"), ("roc_auc_std", "±")];
    let pairs = (0..found.decades.len()).flat_map(|train| (0..found.decades.len()).map(move |test| (train, test)));
    let row = |(train, test): (usize, usize)| {
        vec![
            TableCell::decade(found.decades[train]),
            TableCell::decade(found.decades[test]),
            score(found.roc_auc[train][test]),
            deviation(found.deviation[train][test]),
        ]
    };
    let caption = "ROC AUC of a model fitted on one decade and scored on another, mean and standard deviation over grouped folds.";
    let table = ReportTable::new(CROSS_DECADE.name, caption, &columns).rows(pairs.map(row));
    ReportTable { rows_a_group: found.decades.len().max(1), ..table }
}

pub(super) const LEARNING_CURVE: TableEntry = folded("learning_curve", |robustness| {
    let noun = group_noun(robustness.schemes.has_artists);
    robustness.learning_curve.as_ref().map(|found| learning_curve(found, &noun))
});

/// One row a point.
fn learning_curve(found: &LearningCurve, noun: &GroupNoun) -> ReportTable {
    let on_new = format!("ROC AUC on new {}", noun.many);
    let columns = [
        ("train_rows", "Training tracks"),
        ("train_roc_auc", "ROC AUC on training tracks"),
        ("test_roc_auc", &on_new),
        ("test_roc_auc_std", "±"),
    ];
    let rows = found.points.iter().map(|point| {
        vec![
            TableCell::number(point.train_rows, fixed(point.train_rows, 0)),
            score(point.train_roc_auc),
            score(point.test_roc_auc),
            // One curve has no deviation.
            deviation(if found.curves > 1 { point.test_deviation } else { f64::NAN }),
        ]
    });
    ReportTable::new(LEARNING_CURVE.name, "Learning curve: scores by number of training tracks.", &columns).rows(rows)
}

pub(super) const GROUPS: TableEntry = folded("groups", |robustness| Some(groups(&robustness.schemes)));

/// Groups by size.
fn groups(found: &SchemeComparison) -> ReportTable {
    let columns = [("tracks", "Tracks per group"), ("groups", "Groups"), ("rows", "Tracks in these groups")];
    let size = |least: u64, most: Option<u64>| match most {
        Some(most) if most == least => least.to_string(),
        Some(most) => format!("{least} to {most}"),
        None => format!("{least} or more"),
    };
    let rows = found.groups.sizes.iter().map(|class| {
        vec![
            TableCell::text(size(class.least, class.most)),
            TableCell::count(class.groups),
            TableCell::count(class.rows),
        ]
    });
    let shared = if found.has_artists { "an artist, a URI or all audio values" } else { "a URI or all audio values" };
    ReportTable::new(GROUPS.name, format!("Groups of tracks that share {shared}, by size."), &columns).rows(rows)
}
