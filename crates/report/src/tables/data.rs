//! Tables of what the data is and what is unusual in it.

use super::{Display, ReportTable, TableCell, TableEntry, TableFile};
use crate::findings::effect_size::audio_features;
use crate::format::{bytes, capitalise, count, percent, plural, value};
use crate::registry::{ContentSource, PagePart};
use crate::Report;
use hitflop_core::track::{Feature, FeatureKind};

/// Characters of a hash that the table shows; the page has all of them below it.
const HASH_SHOWN: usize = 12;

pub(super) const SOURCES: TableEntry = TableEntry {
    name: "sources",
    part: PagePart::Sources,
    display: Display::Shown,
    page: ContentSource::Report(|findings| sources(findings.report)),
    file: TableFile::None,
};

fn sources(report: &Report) -> Option<ReportTable> {
    let columns = [
        ("file", "File"),
        ("decades", "Decade"),
        ("rows", "Rows"),
        ("bytes", "Size"),
        ("sha256", "SHA-256 (beginning)"),
    ];
    let has_decades = report.provenance.sources.iter().any(|source| !source.decades.is_empty());
    let columns: Vec<_> = columns.into_iter().filter(|(name, _)| has_decades || *name != "decades").collect();
    let sources = &report.provenance.sources;
    let caption = format!("{} read.", plural(sources.len() as u64, "file", "files"));
    let table = ReportTable::new(SOURCES.name, caption, &columns).rows(sources.iter().map(|source| {
        let decades: Vec<String> = source.decades.iter().map(ToString::to_string).collect();
        let beginning: String = source.sha256.chars().take(HASH_SHOWN).collect();
        let mut row = vec![TableCell::code(&source.name)];
        row.extend(has_decades.then(|| TableCell::text(decades.join(", "))));
        row.extend([
            TableCell::count(source.rows),
            TableCell::number(source.bytes as f64, bytes(source.bytes)),
            TableCell::code(beginning),
        ]);
        row
    }));
    (!sources.is_empty()).then_some(table)
}

pub(super) const SETTINGS: TableEntry = TableEntry {
    name: "settings",
    part: PagePart::Settings,
    display: Display::Shown,
    page: ContentSource::Report(|findings| settings(findings.report)),
    file: TableFile::None,
};

fn settings(report: &Report) -> Option<ReportTable> {
    let settings = &report.provenance.settings;
    let table = ReportTable::new(SETTINGS.name, "Settings of this run.", &[("setting", "Setting"), ("value", "Value")])
        .rows(
            settings
                .iter()
                .map(|setting| vec![TableCell::code(&setting.name), TableCell::code(setting.value.to_string())]),
        );
    (!settings.is_empty()).then_some(table)
}

pub(super) const REJECTED: TableEntry = TableEntry {
    name: "rejected",
    part: PagePart::Rejected,
    display: Display::Shown,
    page: ContentSource::Report(|findings| rejected(findings.report)),
    file: TableFile::None,
};

fn rejected(report: &Report) -> Option<ReportTable> {
    let rejected = &report.provenance.rejected;
    let table = ReportTable::new(REJECTED.name, "Excluded rows by reason.", &[("reason", "Reason"), ("rows", "Rows")])
        .rows(rejected.iter().map(|(reason, rows)| vec![TableCell::text(capitalise(reason)), TableCell::count(*rows)]));
    (!rejected.is_empty()).then_some(table)
}

pub(super) const FEATURES: TableEntry = TableEntry {
    name: "features",
    part: PagePart::Features,
    display: Display::Shown,
    page: ContentSource::Report(|findings| Some(features(findings.report))),
    file: TableFile::None,
};

fn features(report: &Report) -> ReportTable {
    let columns = [
        ("column", "Column"),
        ("name", "Name in text"),
        ("kind", "Kind"),
        ("unit", "Unit"),
        ("range", "Documented range"),
        ("meaning", "Meaning"),
    ];
    let of_all = "The features: fifteen from Spotify, and the decade of the file. The data’s author derived \
                  chorus_hit and sections from Spotify’s audio analysis. “Name in text” is the name used in sentences.";
    let caption = match report.summary.features().count() == Feature::ALL.len() {
        true => of_all.to_owned(),
        false => "The features that the tracks have. “Name in text” is the name used in sentences.".to_owned(),
    };
    ReportTable::new(FEATURES.name, caption, &columns)
        .rows(report.summary.features().map(|feature| {
            let info = feature.info();
            vec![
                TableCell::code(info.name),
                TableCell::text(feature.in_words()),
                TableCell::text(kind(feature)),
                TableCell::text(info.unit),
                TableCell::text(info.range.to_string().replace('-', "−")),
                TableCell::text(info.meaning),
            ]
        }))
        .stacked()
}

/// What kind of quantity a feature is.
pub(super) fn kind(feature: Feature) -> &'static str {
    match feature.info().kind {
        FeatureKind::Continuous => "continuous",
        FeatureKind::Count => "count",
        FeatureKind::Category => "category",
    }
}

pub(super) const QUALITY: TableEntry = TableEntry {
    name: "quality",
    part: PagePart::Quality,
    display: Display::Shown,
    page: ContentSource::Report(|findings| Some(quality(findings.report))),
    file: TableFile::None,
};

fn quality(report: &Report) -> ReportTable {
    let quality = &report.quality;
    let uris = [
        ("Distinct URIs", quality.unique_uris),
        ("Rows beyond the first of their URI and decade", quality.rows_beyond_first_per_uri_and_decade),
        ("Pairs of URI and decade with both labels", quality.uri_and_decade_with_both_labels),
        ("URIs in several decades", quality.uris_in_several_decades),
        ("URIs with both labels in any decade", quality.uris_with_both_labels),
    ];
    let same_audio = match audio_features(&report.summary).len() == Feature::AUDIO.len() {
        true => "Rows whose fifteen audio values occur elsewhere",
        false => "Rows whose audio values all occur elsewhere",
    };
    let artists = [("Distinct artists", quality.artists)];
    let shares = [
        ("Share of artists with one label only", quality.share_of_artists_with_one_label),
        ("Share of rows by such artists", quality.share_of_rows_by_artists_with_one_label),
    ];
    let mut counts = Vec::new();
    counts.extend(report.has_uris().then_some(uris).into_iter().flatten());
    counts.push((same_audio, quality.rows_whose_15_audio_values_occur_elsewhere));
    counts.extend(report.has_artists().then_some(artists).into_iter().flatten());
    let shares = report.has_artists().then_some(shares).into_iter().flatten();
    let row = |label: &str, cell| vec![TableCell::text(label), cell];
    ReportTable::new(QUALITY.name, "Duplicates and contradictory labels.", &[("figure", "Figure"), ("value", "Value")])
        .rows([row("Rows", TableCell::number(report.summary.rows as f64, count(report.summary.rows)))])
        .rows(counts.into_iter().map(|(label, n)| row(label, TableCell::count(n))))
        .rows(shares.map(|(label, share)| row(label, TableCell::number(share, percent(share)))))
}

pub(super) const MISSING_VALUES: TableEntry = TableEntry {
    name: "missing",
    part: PagePart::Quality,
    display: Display::Shown,
    page: ContentSource::Report(|findings| missing(findings.report)),
    file: TableFile::Page,
};

fn missing(report: &Report) -> Option<ReportTable> {
    let columns = [("feature", "Feature"), ("rows", "Rows without a value"), ("share", "Share of rows")];
    let caption = "Missing values. They are not imputed; the model learns from them as missing.";
    let table = ReportTable::new(MISSING_VALUES.name, caption, &columns).rows(report.missing.iter().map(|missing| {
        let share = missing.rows as f64 / report.summary.rows as f64;
        vec![
            TableCell::code(missing.feature.name()),
            TableCell::count(missing.rows),
            TableCell::number(share, percent(share)),
        ]
    }));
    (!report.missing.is_empty()).then_some(table)
}

/// An extreme value, exact, with its unit.
fn extreme(feature: Feature, number: f64) -> TableCell {
    let text = match (feature, feature.info().unit) {
        (Feature::DurationMs, _) => value(feature, number),
        (Feature::Mode | Feature::Key, _) | (_, "") => number.to_string(),
        (Feature::TimeSignature, _) if number == 1.0 => "1 beat a bar".to_owned(),
        (_, unit) => format!("{number} {unit}"),
    };
    TableCell::number(number, text.replace('-', "−"))
}

pub(super) const OUT_OF_RANGE: TableEntry = TableEntry {
    name: "out_of_range",
    part: PagePart::Quality,
    display: Display::Shown,
    page: ContentSource::Report(|findings| out_of_range(findings.report)),
    file: TableFile::None,
};

fn out_of_range(report: &Report) -> Option<ReportTable> {
    let columns = [
        ("feature", "Feature"),
        ("range", "Documented range"),
        ("rows", "Rows outside"),
        ("least", "Smallest value"),
        ("greatest", "Largest value"),
    ];
    let warnings = &report.out_of_range;
    let caption = "Values outside their documented range. They are kept.";
    let table = ReportTable::new(OUT_OF_RANGE.name, caption, &columns).rows(warnings.iter().map(|warning| {
        vec![
            TableCell::code(warning.feature.name()),
            TableCell::text(warning.range.to_string().replace('-', "−")),
            TableCell::count(warning.rows),
            extreme(warning.feature, warning.least),
            extreme(warning.feature, warning.greatest),
        ]
    }));
    (!warnings.is_empty()).then_some(table)
}
