//! Tables of the protocols, the transfer, the learning curve and the leaks.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::format::{fixed, percent, MISSING};
use crate::phrases::validation::{encoding_in_words, fit_name};
use crate::registry::{PagePart, Source};
use hitflop_metrics::bootstrap::{ConfidenceInterval, ScoreIntervals};
use hitflop_model::validation::cross_decade::CrossDecadeScores;
use hitflop_model::validation::leakage::{ColumnKind, ColumnScores, Leakage};
use hitflop_model::validation::learning_curve::LearningCurve;
use hitflop_model::validation::{DecadeScores, SchemeComparison, SchemeFit, SchemeScores};

/// A score, to three decimals.
fn score(value: f64) -> TableCell {
    TableCell::number(value, fixed(value, 3))
}

/// A share, in per cent.
fn share(value: f64) -> TableCell {
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

pub(super) const PROTOCOLS: TableEntry = TableEntry {
    name: "protocols",
    part: PagePart::ValidationSchemes,
    display: Display::Shown,
    page: Source::Robustness(|robustness| Some(protocols(&robustness.protocols))),
    file: TableFile::Page,
};

/// One row a protocol: mean, standard deviation and interval of both scores.
pub(crate) fn protocols(found: &SchemeComparison) -> ReportTable {
    let columns = [
        ("protocol", "Protocol"),
        ("roc_auc", "ROC AUC"),
        ("roc_auc_std", "±"),
        ("roc_auc_low", "95 % from"),
        ("roc_auc_high", "to"),
        ("accuracy", "Accuracy"),
        ("accuracy_std", "±"),
        ("accuracy_low", "95 % from"),
        ("accuracy_high", "to"),
        ("known_share", "Of known groups"),
    ];
    let row = |scores: &SchemeScores| {
        let mut row =
            vec![TableCell::text(scores.protocol.name()), score(scores.roc_auc.mean), score(scores.roc_auc.deviation)];
        row.extend(ends(&scores.intervals, |intervals| intervals.roc_auc, score));
        row.extend([share(scores.accuracy.mean), share(scores.accuracy.deviation)]);
        row.extend(ends(&scores.intervals, |intervals| intervals.accuracy, share));
        row.push(share(scores.known_share));
        row
    };
    let caption = "Three ways to hold tracks out: means over splits or decades, their standard deviation, 95 % intervals by resampling \
                   groups, and the share of test tracks of a group (artist, URI or audio) that training has.";
    ReportTable::new(PROTOCOLS.name, caption, &columns).rows(found.protocols.iter().map(row))
}

pub(super) const PROTOCOL_PARTS: TableEntry = TableEntry {
    name: "protocol_parts",
    part: PagePart::Robustness,
    display: Display::Folded,
    page: Source::Robustness(|robustness| Some(protocol_parts(&robustness.protocols))),
    file: TableFile::Page,
};

/// One row a fit.
fn protocol_parts(found: &SchemeComparison) -> ReportTable {
    let columns = [
        ("fit", "Fit"),
        ("protocol", "Protocol"),
        ("train_rows", "Fitted on"),
        ("test_rows", "Scored on"),
        ("roc_auc", "ROC AUC"),
        ("roc_auc_low", "95 % from"),
        ("roc_auc_high", "to"),
        ("accuracy", "Accuracy"),
        ("accuracy_low", "95 % from"),
        ("accuracy_high", "to"),
        ("majority_accuracy", "Commoner label"),
        ("known_share", "Of known groups"),
    ];
    let row = |(protocol, part): (&'static str, &SchemeFit)| {
        let mut row = vec![
            TableCell::text(fit_name(part)),
            TableCell::text(protocol),
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
    let parts = found.protocols.iter().flat_map(|one| one.parts.iter().map(move |part| (one.protocol.name(), part)));
    ReportTable::new(PROTOCOL_PARTS.name, "Every fit of the protocols with its own test tracks.", &columns)
        .rows(parts.map(row))
}

pub(super) const SCORES_BY_DECADE: TableEntry = TableEntry {
    name: "scores_by_decade",
    part: PagePart::Robustness,
    display: Display::Folded,
    page: Source::Robustness(|robustness| Some(by_decade(&robustness.protocols))),
    file: TableFile::Page,
};

/// One row a decade and protocol.
pub(crate) fn by_decade(found: &SchemeComparison) -> ReportTable {
    let columns = [
        ("decade", "Decade"),
        ("protocol", "Protocol"),
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
            TableCell::text(scores.decade.to_string()),
            TableCell::text(scores.protocol.name()),
            TableCell::count(scores.test_rows),
            share(scores.hit_share),
            score(scores.scores.roc_auc),
        ];
        row.extend(ends(&scores.intervals, |intervals| intervals.roc_auc, score));
        row.push(share(scores.scores.accuracy));
        row.extend(ends(&scores.intervals, |intervals| intervals.accuracy, share));
        row
    };
    let caption = "Scores on the test tracks of each decade, of the first split at random and the first by groups.";
    ReportTable::new(SCORES_BY_DECADE.name, caption, &columns).rows(found.by_decade.iter().map(row))
}

pub(super) const TRANSFER: TableEntry = TableEntry {
    name: "transfer",
    part: PagePart::Robustness,
    display: Display::Folded,
    page: Source::Robustness(|robustness| robustness.transfer.as_ref().map(transfer)),
    file: TableFile::Page,
};

/// One row a pair of decades.
fn transfer(found: &CrossDecadeScores) -> ReportTable {
    let columns =
        [("fitted_on", "Fitted on"), ("scored_on", "Scored on"), ("roc_auc", "ROC AUC"), ("roc_auc_std", "±")];
    let pairs = (0..found.decades.len()).flat_map(|train| (0..found.decades.len()).map(move |test| (train, test)));
    let row = |(train, test): (usize, usize)| {
        vec![
            TableCell::text(found.decades[train].to_string()),
            TableCell::text(found.decades[test].to_string()),
            score(found.roc_auc[train][test]),
            score(found.deviation[train][test]),
        ]
    };
    let caption = "ROC AUC of a model fitted on one decade and scored on another, mean and standard deviation over grouped folds.";
    let table = ReportTable::new(TRANSFER.name, caption, &columns).rows(pairs.map(row));
    ReportTable { rows_a_group: found.decades.len().max(1), ..table }
}

pub(super) const LEARNING_CURVE: TableEntry = TableEntry {
    name: "learning_curve",
    part: PagePart::Robustness,
    display: Display::Folded,
    page: Source::Robustness(|robustness| robustness.learning_curve.as_ref().map(learning_curve)),
    file: TableFile::Page,
};

/// One row a point.
fn learning_curve(found: &LearningCurve) -> ReportTable {
    let columns = [
        ("train_rows", "Tracks learned from"),
        ("train_roc_auc", "ROC AUC on them"),
        ("test_roc_auc", "ROC AUC on new artists"),
        ("test_roc_auc_std", "±"),
    ];
    let rows = found.points.iter().map(|point| {
        vec![
            TableCell::number(point.train_rows, fixed(point.train_rows, 0)),
            score(point.train_roc_auc),
            score(point.test_roc_auc),
            score(point.test_deviation),
        ]
    });
    ReportTable::new(LEARNING_CURVE.name, "The recipe with ever more tracks.", &columns).rows(rows)
}

pub(super) const GROUPS: TableEntry = TableEntry {
    name: "groups",
    part: PagePart::Robustness,
    display: Display::Folded,
    page: Source::Robustness(|robustness| Some(groups(&robustness.protocols))),
    file: TableFile::Page,
};

/// Groups by size.
fn groups(found: &SchemeComparison) -> ReportTable {
    let columns = [("tracks", "Tracks of a group"), ("groups", "Groups"), ("rows", "Tracks in them")];
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
    ReportTable::new(
        GROUPS.name,
        "Groups of tracks that share an artist, a URI or all audio values, by size.",
        &columns,
    )
    .rows(rows)
}

fn single(column: &ColumnScores) -> Vec<TableCell> {
    vec![TableCell::code(column.column.name()), score(column.random.roc_auc), score(column.grouped.roc_auc)]
}

pub(super) const LEAKS_TEXTS: TableEntry = TableEntry {
    name: "leaks_texts",
    part: PagePart::Leakage,
    display: Display::Shown,
    page: Source::Robustness(|robustness| robustness.leaks.as_ref().map(texts)),
    file: TableFile::Page,
};

/// Artist, title and URI alone.
fn texts(leaks: &Leakage) -> ReportTable {
    let columns = [
        ("column", "Text alone"),
        ("random_roc_auc", "ROC AUC, random"),
        ("grouped_roc_auc", "ROC AUC, new artists"),
        ("random_known_share", "Known, random"),
        ("grouped_known_share", "Known, new artists"),
    ];
    let row = |text: &ColumnScores| {
        let known = [share(text.random.known_share), share(text.grouped.known_share)];
        single(text).into_iter().chain(known).collect()
    };
    let caption = "What each text tells alone: the share of hits among the training tracks that have it. Known: the share of test tracks \
                   whose text training has.";
    ReportTable::new(LEAKS_TEXTS.name, caption, &columns).rows(leaks.texts.iter().map(row))
}

pub(super) const LEAKS_ARTIST: TableEntry = TableEntry {
    name: "leaks_artist",
    part: PagePart::Leakage,
    display: Display::Shown,
    page: Source::Robustness(|robustness| robustness.leaks.as_ref().map(encoded)),
    file: TableFile::Page,
};

/// The features without and with the artist.
fn encoded(leaks: &Leakage) -> ReportTable {
    let columns = [
        ("features", "Model of"),
        ("random_accuracy", "Accuracy, random"),
        ("grouped_accuracy", "Accuracy, new artists"),
        ("random_roc_auc", "ROC AUC, random"),
        ("grouped_roc_auc", "ROC AUC, new artists"),
    ];
    let rows = leaks.encoded.iter().map(|one| {
        vec![
            TableCell::text(encoding_in_words(one.encoding)),
            share(one.random.accuracy),
            share(one.grouped.accuracy),
            score(one.random.roc_auc),
            score(one.grouped.roc_auc),
        ]
    });
    ReportTable::new(LEAKS_ARTIST.name, "A model of the features, without and with the artist.", &columns).rows(rows)
}

pub(super) const LEAKS_SPELLINGS: TableEntry = TableEntry {
    name: "leaks_spellings",
    part: PagePart::Leakage,
    display: Display::Shown,
    page: Source::Robustness(|robustness| robustness.leaks.as_ref().map(patterns)),
    file: TableFile::Page,
};

/// Spellings.
fn patterns(leaks: &Leakage) -> ReportTable {
    let columns = [
        ("spelling", "Spelling"),
        ("rows", "Tracks"),
        ("hits", "Hits"),
        ("hit_share", "Share of hits"),
        ("lift", "Lift"),
    ];
    let rows = leaks.patterns.iter().map(|pattern| {
        vec![
            TableCell::text(&pattern.name),
            TableCell::count(pattern.rows),
            TableCell::count(pattern.hits),
            share(pattern.hit_share),
            TableCell::number(pattern.lift, fixed(pattern.lift, 2)),
        ]
    });
    let caption = "Spellings and the label. Lift is the share of hits over that of all tracks: 1 tells nothing.";
    ReportTable::new(LEAKS_SPELLINGS.name, caption, &columns).rows(rows)
}

pub(super) const LEAKS_COLUMNS: TableEntry = TableEntry {
    name: "leaks_columns",
    part: PagePart::Leakage,
    display: Display::Folded,
    page: Source::Robustness(|robustness| robustness.leaks.as_ref().map(columns)),
    file: TableFile::Page,
};

/// Every column alone.
fn columns(leaks: &Leakage) -> ReportTable {
    let columns = [
        ("column", "Column alone"),
        ("random_roc_auc", "ROC AUC, random"),
        ("grouped_roc_auc", "ROC AUC, new artists"),
        ("kind", "Kind"),
        ("flagged", "Flagged"),
    ];
    let row = |column: &ColumnScores| {
        let kind = match column.column.kind() {
            ColumnKind::Feature => "feature",
            ColumnKind::Text => "text",
            ColumnKind::ExtraNumbers => "further numbers",
            ColumnKind::ExtraTexts => "further texts",
        };
        let flagged = if column.is_suspicious() { "suspicious" } else { MISSING };
        single(column).into_iter().chain([TableCell::text(kind), TableCell::text(flagged)]).collect()
    };
    let caption = format!(
        "Every feature, and every further column of the files, as the only predictor; a ROC AUC above {} is flagged.",
        leaks.suspicious_roc_auc
    );
    let table = ReportTable::new(LEAKS_COLUMNS.name, caption, &columns).rows(leaks.columns.iter().map(row));
    ReportTable { marked: leaks.columns.iter().position(ColumnScores::is_suspicious), ..table }
}
