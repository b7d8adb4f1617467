//! Tables of what leaks the label.

use super::robustness::{score, share};
use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::format::{fixed, MISSING};
use crate::phrases::validation::{encoding_in_words, group_noun, p_value_in_words};
use crate::registry::{ContentSource, PagePart};
use hitflop_model::validation::leakage::{ColumnKind, ColumnScores, Leakage};

/// A table that has a row.
fn filled(table: ReportTable) -> Option<ReportTable> {
    (!table.rows.is_empty()).then_some(table)
}

fn single(column: &ColumnScores) -> Vec<TableCell> {
    vec![TableCell::code(column.column.name()), score(column.random.roc_auc), score(column.grouped.roc_auc)]
}

pub(super) const LEAKAGE_TEXTS: TableEntry = TableEntry {
    name: "leakage_texts",
    part: PagePart::Leakage,
    display: Display::Shown,
    page: ContentSource::Robustness(|robustness| {
        robustness.leakage.as_ref().and_then(|leakage| filled(texts(leakage)))
    }),
    file: TableFile::Page,
};

/// Artist, title and URI alone.
fn texts(leakage: &Leakage) -> ReportTable {
    let noun = group_noun(leakage.has_artists());
    let [grouped, known] = ["ROC AUC", "Known"].map(|what| format!("{what}, new {}", noun.many));
    let columns = [
        ("column", "Text alone"),
        ("random_roc_auc", "ROC AUC, random"),
        ("grouped_roc_auc", &grouped),
        ("random_known_share", "Known, random"),
        ("grouped_known_share", &known),
    ];
    let row = |text: &ColumnScores| {
        let known = [share(text.random.known_share), share(text.grouped.known_share)];
        single(text).into_iter().chain(known).collect()
    };
    let caption = "Each text alone: the prediction is the share of hits among the training tracks with that text. \
                   Known: share of test tracks whose text occurs in training.";
    ReportTable::new(LEAKAGE_TEXTS.name, caption, &columns).rows(leakage.texts.iter().map(row))
}

pub(super) const LEAKAGE_ARTIST: TableEntry = TableEntry {
    name: "leakage_artist",
    part: PagePart::Leakage,
    display: Display::Shown,
    page: ContentSource::Robustness(|robustness| {
        robustness.leakage.as_ref().and_then(|leakage| filled(encoded(leakage)))
    }),
    file: TableFile::Page,
};

/// The features without and with the artist.
fn encoded(leakage: &Leakage) -> ReportTable {
    let columns = [
        ("features", "Model of"),
        ("random_accuracy", "Accuracy, random"),
        ("grouped_accuracy", "Accuracy, new artists"),
        ("random_roc_auc", "ROC AUC, random"),
        ("grouped_roc_auc", "ROC AUC, new artists"),
    ];
    let rows = leakage.encoded.iter().map(|one| {
        vec![
            TableCell::text(encoding_in_words(one.encoding)),
            share(one.random.accuracy),
            share(one.grouped.accuracy),
            score(one.random.roc_auc),
            score(one.grouped.roc_auc),
        ]
    });
    ReportTable::new(LEAKAGE_ARTIST.name, "A model of the features, without and with the artist.", &columns).rows(rows)
}

pub(super) const LEAKAGE_SPELLINGS: TableEntry = TableEntry {
    name: "leakage_spellings",
    part: PagePart::Leakage,
    display: Display::Shown,
    page: ContentSource::Robustness(|robustness| {
        robustness.leakage.as_ref().and_then(|leakage| filled(patterns(leakage)))
    }),
    file: TableFile::Page,
};

fn patterns(leakage: &Leakage) -> ReportTable {
    let columns = [
        ("spelling", "Spelling"),
        ("rows", "Tracks"),
        ("hits", "Hits"),
        ("hit_share", "Share of hits"),
        ("lift", "Lift"),
    ];
    let rows = leakage.patterns.iter().map(|pattern| {
        vec![
            TableCell::text(&pattern.name),
            TableCell::count(pattern.rows),
            TableCell::count(pattern.hits),
            share(pattern.hit_share),
            TableCell::number(pattern.lift, fixed(pattern.lift, 2)),
        ]
    });
    let caption = "Spellings and the label. Lift: share of hits divided by that of all tracks; 1 means no relation.";
    ReportTable::new(LEAKAGE_SPELLINGS.name, caption, &columns).rows(rows)
}

pub(super) const LEAKAGE_COLUMNS: TableEntry = TableEntry {
    name: "leakage_columns",
    part: PagePart::Leakage,
    display: Display::Folded,
    page: ContentSource::Robustness(|robustness| robustness.leakage.as_ref().map(columns)),
    file: TableFile::Page,
};

/// Every column alone.
fn columns(leakage: &Leakage) -> ReportTable {
    let grouped = format!("ROC AUC, new {}", group_noun(leakage.has_artists()).many);
    let columns = [
        ("column", "Column alone"),
        ("random_roc_auc", "ROC AUC, random"),
        ("grouped_roc_auc", &grouped),
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
        let flagged = match column.p_value {
            Some(p_value) if column.is_suspicious() => format!("suspicious (p {})", p_value_in_words(p_value)),
            Some(p_value) => format!("may be chance (p {})", p_value_in_words(p_value)),
            None => MISSING.to_owned(),
        };
        single(column).into_iter().chain([TableCell::text(kind), TableCell::text(flagged)]).collect()
    };
    let caption = format!(
        "Every feature, and every further column of the files, as the only predictor; a ROC AUC above {} is flagged.",
        leakage.suspicious_roc_auc
    );
    let table = ReportTable::new(LEAKAGE_COLUMNS.name, caption, &columns).rows(leakage.columns.iter().map(row));
    ReportTable { marked: leakage.columns.iter().position(ColumnScores::is_suspicious), ..table }
}
