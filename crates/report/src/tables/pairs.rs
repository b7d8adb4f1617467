//! Pairs of features: their mutual information with the label, and the counts that their chart shows.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::format::{count, fixed, percent};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::track::Label;
use hitflop_data::explore::overview::{FeaturePairs, PairDensity, PairInformation};

pub(super) const FEATURE_PAIRS: TableEntry = TableEntry {
    name: "feature_pairs",
    part: PagePart::Pairs,
    display: Display::Shown,
    page: ContentSource::Report(|findings| {
        let pairs = &findings.report.overview.pairs;
        let caption = format!(
            "Mutual information with the label of two features together and of each alone, in nats. Each feature has at most \
             {} bins of about equal shares; the bias of counting is subtracted. The file has all {} pairs.",
            count(pairs.bins as u64),
            count(pairs.ranked.len() as u64)
        );
        ranked(&pairs.ranked[..pairs.densities.len()], caption)
    }),
    file: TableFile::Other(ContentSource::Report(|findings| {
        ranked(&findings.report.overview.pairs.ranked, String::new())
    })),
};

fn ranked(pairs: &[PairInformation], caption: String) -> Option<ReportTable> {
    let columns = [
        ("first", "First feature"),
        ("second", "Second feature"),
        ("nats", "Together"),
        ("share_of_entropy", "Share of the label’s entropy"),
        ("first_alone", "First alone"),
        ("second_alone", "Second alone"),
        ("gain", "Beyond the better one"),
        ("rows", "Tracks with both"),
    ];
    let row = |pair: &PairInformation| {
        let nats = |value| TableCell::number(value, fixed(value, 4));
        vec![
            TableCell::code(pair.features[0].name()),
            TableCell::code(pair.features[1].name()),
            nats(pair.nats),
            TableCell::number(pair.share_of_entropy, percent(pair.share_of_entropy)),
            nats(pair.alone[0]),
            nats(pair.alone[1]),
            nats(pair.gain),
            TableCell::count(pair.rows),
        ]
    };
    let table = ReportTable::new(FEATURE_PAIRS.name, caption, &columns).rows(pairs.iter().map(row));
    (!pairs.is_empty()).then_some(table)
}

/// The columns of the file of counts: name and content.
const CELL_COLUMNS: [(&str, &str); 8] = [
    ("first", "first feature of the pair, along the horizontal axis"),
    ("second", "second feature, along the vertical axis"),
    ("target", "label: 1 hit, 0 flop"),
    ("first_low", "lower end of the cell in the first feature, in the unit of the data"),
    ("first_high", "upper end"),
    ("second_low", "lower end of the cell in the second feature"),
    ("second_high", "upper end"),
    ("tracks", "tracks of the label in the cell"),
];

/// The page shows what its columns hold.
pub(super) const FEATURE_PAIR_CELLS: TableEntry = TableEntry {
    name: "feature_pair_cells",
    part: PagePart::Pairs,
    display: Display::Folded,
    page: ContentSource::Report(|findings| cell_columns(&findings.report.overview.pairs)),
    file: TableFile::Other(ContentSource::Report(|findings| cells(&findings.report.overview.pairs))),
};

fn cell_columns(pairs: &FeaturePairs) -> Option<ReportTable> {
    let names: Vec<String> = pairs
        .densities
        .iter()
        .map(|pair| format!("{} and {}", pair.features[0].in_words(), pair.features[1].in_words()))
        .collect();
    let caption = format!("One row per cell with tracks, of {}.", names.join("; "));
    let table = ReportTable::new(FEATURE_PAIR_CELLS.name, caption, &[("column", "Column"), ("content", "Content")]);
    let rows = CELL_COLUMNS.map(|(column, content)| vec![TableCell::code(column), TableCell::text(content)]);
    (!pairs.densities.is_empty()).then(|| table.rows(rows))
}

fn cells(pairs: &FeaturePairs) -> Option<ReportTable> {
    let columns = CELL_COLUMNS.map(|(name, _)| (name, name));
    let rows = pairs.densities.iter().flat_map(|pair| Label::BOTH.map(|label| (pair, label)));
    let table = ReportTable::new(FEATURE_PAIR_CELLS.name, "", &columns);
    let table = table.rows(rows.flat_map(|(pair, label)| cells_of(pair, label)));
    (!pairs.densities.is_empty()).then_some(table)
}

fn cells_of(pair: &PairDensity, label: Label) -> impl Iterator<Item = Vec<TableCell>> + '_ {
    let counts = match label {
        Label::Flop => &pair.flops_by_cell,
        Label::Hit => &pair.hits_by_cell,
    };
    let width = pair.bins[1].len();
    counts.iter().enumerate().filter(|(_, count)| **count > 0).map(move |(cell, count)| {
        let end = |axis: usize, place: usize| TableCell::number(pair.bins[axis].edges[place], "");
        let (first, second) = (cell / width, cell % width);
        vec![
            TableCell::code(pair.features[0].name()),
            TableCell::code(pair.features[1].name()),
            TableCell::label(label),
            end(0, first),
            end(0, first + 1),
            end(1, second),
            end(1, second + 1),
            TableCell::count(*count),
        ]
    })
}
