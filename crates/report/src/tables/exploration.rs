//! Tables of distributions, counts, mutual information, correlations and the selection of features.

use super::{Display, ReportTable, TableCell, TableColumn, TableEntry, TableFile};
use crate::findings::derived::Derived;
use crate::format::{count, fixed, minutes, percent, plural, signed, significant};
use crate::registry::{ContentSource, PagePart};
use crate::Report;
use hitflop_core::track::Feature;
use hitflop_data::explore::correlation::CorrelationMatrix;
use hitflop_data::explore::mutual_information::Estimate;
use hitflop_data::explore::selection::Dropped;
use hitflop_data::explore::summary::Distribution;

/// A value of a column to the digits that matter there; durations as minutes and seconds.
pub(super) fn shown(column: &str, value: f64) -> String {
    match Feature::from_name(column) {
        Some(Feature::DurationMs) => minutes(value),
        // A year has no thousands separator.
        Some(Feature::Decade) => format!("{value:.0}"),
        Some(feature) if feature.is_whole() && value.fract() == 0.0 => fixed(value, 0),
        Some(Feature::Loudness | Feature::ChorusHit | Feature::Key | Feature::Sections) => fixed(value, 2),
        Some(Feature::Tempo) => fixed(value, 1),
        _ => fixed(value, 3),
    }
}

pub(super) const DESCRIBE: TableEntry = TableEntry {
    name: "describe",
    part: PagePart::Distributions,
    display: Display::Shown,
    page: ContentSource::Report(|findings| Some(describe(findings.report))),
    file: TableFile::Page,
};

fn describe(report: &Report) -> ReportTable {
    let columns = [
        ("column", "Column"),
        ("count", "Count"),
        ("mean", "Mean"),
        ("std", "Std. dev."),
        ("min", "Min"),
        ("25%", "25 %"),
        ("50%", "Median"),
        ("75%", "75 %"),
        ("max", "Max"),
    ];
    let has_missing = report.summary.describe.iter().any(|column| column.missing > 0);
    let missing = has_missing.then_some(("missing", "Missing"));
    let columns: Vec<_> = columns[..2].iter().copied().chain(missing).chain(columns[2..].iter().copied()).collect();
    let caption =
        "Every column: number of values, mean, standard deviation, extremes and quartiles. Durations are in minutes \
                   and seconds, loudness in dB, tempo in BPM, the start of the chorus in s.";
    ReportTable::new(DESCRIBE.name, caption, &columns)
        .rows(report.summary.describe.iter().map(|column| described(column, has_missing)))
}

fn described(column: &Distribution, has_missing: bool) -> Vec<TableCell> {
    let number = |value| TableCell::number(value, shown(&column.name, value));
    // A year has no decimals; the mean and the spread of years have.
    let spread = |value| match Feature::from_name(&column.name) {
        Some(Feature::Decade) => TableCell::number(value, format!("{value:.1}")),
        _ => number(value),
    };
    let mut cells = vec![TableCell::code(&column.name), TableCell::count(column.count)];
    cells.extend(has_missing.then(|| TableCell::count(column.missing)));
    cells.extend([column.mean, column.std].map(spread));
    cells.extend([column.min, column.q25, column.q50, column.q75, column.max].map(number));
    cells
}

pub(super) const COUNTS: TableEntry = TableEntry {
    name: "counts",
    part: PagePart::Balance,
    display: Display::Shown,
    page: ContentSource::Report(|findings| Some(counts(&findings.derived))),
    file: TableFile::Page,
};

fn counts(derived: &Derived) -> ReportTable {
    let columns = [
        ("decade", "Decade"),
        ("flops", "Flops"),
        ("hits", "Hits"),
        ("tracks", "Tracks"),
        ("hit_share", "Share of hits"),
    ];
    let row = |decade: TableCell, flops: u64, hits: u64, tracks: u64, share: f64| {
        vec![
            decade,
            TableCell::count(flops),
            TableCell::count(hits),
            TableCell::count(tracks),
            TableCell::number(share, percent(share)),
        ]
    };
    let decades =
        derived.balance.iter().map(|b| row(TableCell::decade(b.decade), b.flops, b.hits, b.rows, b.hit_share));
    let tracks = derived.hits + derived.flops;
    let caption = if derived.balance.is_empty() { "Tracks by label." } else { "Tracks by decade and label." };
    ReportTable::new(COUNTS.name, caption, &columns).rows(decades).rows([row(
        TableCell::text("all"),
        derived.flops,
        derived.hits,
        tracks,
        derived.hit_share,
    )])
}

pub(super) const MUTUAL_INFORMATION: TableEntry = TableEntry {
    name: "mutual_information",
    part: PagePart::MutualInformation,
    display: Display::Shown,
    page: ContentSource::Report(|findings| Some(mutual_information(findings.report, &findings.derived))),
    file: TableFile::Page,
};

fn mutual_information(report: &Report, derived: &Derived) -> ReportTable {
    let caption = "Mutual information with the label, with key, mode, time signature and decade as discrete features.";
    estimates(MUTUAL_INFORMATION.name, caption, &report.mutual_information.mixed, report, derived)
}

pub(super) const MUTUAL_INFORMATION_ALL_CONTINUOUS: TableEntry = TableEntry {
    name: "mutual_information_all_continuous",
    part: PagePart::MutualInformation,
    display: Display::Folded,
    page: ContentSource::Report(|findings| {
        let is_known = !findings.report.mutual_information.all_continuous.is_empty();
        is_known.then(|| mutual_information_all_continuous(findings.report, &findings.derived))
    }),
    file: TableFile::Page,
};

fn mutual_information_all_continuous(report: &Report, derived: &Derived) -> ReportTable {
    let caption = "Mutual information with the label, with every feature as continuous.";
    let estimates_of = &report.mutual_information.all_continuous;
    estimates(MUTUAL_INFORMATION_ALL_CONTINUOUS.name, caption, estimates_of, report, derived)
}

fn estimates(
    name: &'static str,
    caption: &str,
    estimates: &[Estimate],
    report: &Report,
    derived: &Derived,
) -> ReportTable {
    let columns = [
        ("feature", "Feature"),
        ("taken_as", "Type"),
        ("nats", "Nats"),
        ("draw_std", "Std. dev. of repetitions"),
        ("share_of_entropy", "Share of the label’s entropy"),
        ("null_mean", "Chance: mean"),
        ("null_q95", "Chance: 95th percentile"),
        ("p_value", "p"),
        ("verdict", "Verdict"),
    ];
    let permutations = plural(report.mutual_information.permutations as u64, "permutation", "permutations");
    let chance = match report.mutual_information.bins {
        None => format!(
            "{permutations} of the label; the smallest possible p is {}",
            fixed(1.0 / (1.0 + report.mutual_information.permutations as f64), 3)
        ),
        Some(bins) => format!("the chi-squared distribution, other features being counted in at most {bins} bins"),
    };
    let caption = format!("{caption} Chance: {chance}.");
    let mut sorted: Vec<&Estimate> = estimates.iter().collect();
    sorted.sort_by(|a, b| b.nats.total_cmp(&a.nats));
    ReportTable::new(name, caption, &columns).rows(sorted.into_iter().map(|estimate| {
        let nats = |value| TableCell::number(value, fixed(value, 4));
        let share = estimate.nats / derived.label_entropy;
        let draws =
            if estimate.discrete { TableCell::number(estimate.draw_std, "none") } else { nats(estimate.draw_std) };
        vec![
            TableCell::code(estimate.feature.name()),
            TableCell::text(if estimate.discrete { "discrete" } else { "continuous" }),
            nats(estimate.nats),
            draws,
            TableCell::number(share, percent(share)),
            nats(estimate.null_mean),
            nats(estimate.null_q95),
            TableCell::number(estimate.p_value, fixed(estimate.p_value, 3)),
            TableCell::text(if estimate.is_informative() { "informative" } else { "not above chance" }),
        ]
    }))
}

pub(super) const PEARSON: TableEntry = TableEntry {
    name: "pearson",
    part: PagePart::Correlation,
    display: Display::Folded,
    page: ContentSource::Report(|findings| Some(pearson(findings.report))),
    file: TableFile::Page,
};

fn pearson(report: &Report) -> ReportTable {
    correlations(PEARSON.name, "Pearson correlation of every pair of columns.", &report.pearson)
}

pub(super) const SPEARMAN: TableEntry = TableEntry {
    name: "spearman",
    part: PagePart::Correlation,
    display: Display::Folded,
    page: ContentSource::Report(|findings| {
        let is_known = !findings.report.spearman.names.is_empty();
        is_known.then(|| spearman(findings.report))
    }),
    file: TableFile::Page,
};

fn spearman(report: &Report) -> ReportTable {
    correlations(SPEARMAN.name, "Spearman rank correlation of every pair of columns.", &report.spearman)
}

fn correlations(name: &'static str, caption: &str, matrix: &CorrelationMatrix) -> ReportTable {
    let mut table = ReportTable::new(name, caption, &[("column", "Column")]);
    table.columns.extend(matrix.names.iter().map(|name| TableColumn::new(name, name)));
    table.rows(matrix.names.iter().zip(&matrix.values).map(|(name, values)| {
        let cells = values.iter().map(|value| TableCell::number(*value, signed(*value, 2)));
        std::iter::once(TableCell::code(name)).chain(cells).collect()
    }))
}

pub(super) const SELECTION: TableEntry = TableEntry {
    name: "selection",
    part: PagePart::Selection,
    display: Display::Folded,
    page: ContentSource::Report(|findings| Some(selection(findings.report, &findings.derived))),
    file: TableFile::None,
};

fn selection(report: &Report, derived: &Derived) -> ReportTable {
    let columns = [("feature", "Feature"), ("nats", "Nats"), ("outcome", "Outcome"), ("reason", "Reason")];
    let selection = &report.selection;
    let kept = selection.kept.iter().map(|feature| {
        let nats = derived.information.iter().find(|one| one.feature == *feature).map_or(f64::NAN, |one| one.nats);
        vec![
            TableCell::code(feature.name()),
            TableCell::number(nats, fixed(nats, 4)),
            TableCell::text("kept"),
            TableCell::text(""),
        ]
    });
    let dropped = selection.dropped.iter().map(|dropped| {
        let (feature, nats, reason) = match *dropped {
            Dropped::Correlated { feature, kept, correlation, nats, .. } => (
                feature,
                nats,
                format!("r = {} with {}, which has higher mutual information", signed(correlation, 2), kept.in_words()),
            ),
            Dropped::Uninformative { feature, nats } => {
                let least = significant(selection.min_mutual_information, 2);
                (feature, nats, format!("less than {least} nats"))
            }
        };
        vec![
            TableCell::code(feature.name()),
            TableCell::number(nats, fixed(nats, 4)),
            TableCell::text("dropped"),
            TableCell::text(reason),
        ]
    });
    let caption =
        format!("{} kept, {} dropped.", count(selection.kept.len() as u64), count(selection.dropped.len() as u64));
    ReportTable::new(SELECTION.name, caption, &columns).rows(dropped).rows(kept)
}
