//! Tables of the means of hits and flops by decade, and of their standardised differences.

use super::{Display, ReportTable, TableCell, TableColumn, TableEntry, TableFile};
use crate::findings::derived::Derived;
use crate::findings::effect_size::{audio_features, decades, group, mean_of, FeatureEffect, IntervalEstimate, Trend};
use crate::format::{fixed, minutes, signed};
use crate::registry::{ContentSource, PagePart};
use crate::Report;
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_data::explore::summary::{GroupSummary, Summary};

/// Which tracks a row of the means is of.
const ROWS_OF_MEANS: [(Option<Label>, &str); 3] =
    [(Some(Label::Hit), "hits"), (Some(Label::Flop), "flops"), (None, "all")];

pub(super) const MEANS: TableEntry = TableEntry {
    name: "means",
    part: PagePart::Means,
    display: Display::Folded,
    page: ContentSource::Report(|findings| Some(means(findings.report))),
    file: TableFile::Other(ContentSource::Report(|findings| Some(means_long(findings.report)))),
};

fn means(report: &Report) -> ReportTable {
    let decades = decades(&report.summary);
    let by = if report.compares_decades() { "by decade and label" } else { "by label" };
    let clustered = if report.has_artists() { ", clustered by artist" } else { "" };
    let caption = format!(
        "Mean of every feature {by}, ± half its 95 % confidence interval (1.96 standard errors{clustered}). \
         Durations are in minutes and seconds, half their intervals in s."
    );
    let columns = [("feature", "Feature"), ("tracks", "Tracks"), ("all", all_tracks(&decades))];
    let mut table = ReportTable::new(MEANS.name, caption, &columns);
    table.columns.extend(decades.iter().map(|decade| TableColumn::new(decade.year().to_string(), decade.to_string())));
    table.rows_a_group = ROWS_OF_MEANS.len();
    let rows = audio_features(&report.summary).into_iter().flat_map(|feature| {
        let decades = decades.clone();
        ROWS_OF_MEANS.map(move |(label, title)| {
            let groups = std::iter::once(None).chain(decades.iter().copied().map(Some));
            let cells = groups.map(|decade| mean_cell(&report.summary, feature, decade, label));
            [TableCell::code(feature.name()), TableCell::text(title)].into_iter().chain(cells).collect()
        })
    });
    table.rows(rows)
}

fn mean_cell(summary: &Summary, feature: Feature, decade: Option<Decade>, label: Option<Label>) -> TableCell {
    let of =
        |group: Option<&GroupSummary>| group.and_then(|group| mean_of(group, feature)).map(|m| (m.mean, m.half_width));
    let found = match (decade, label) {
        (None, None) => of(Some(&summary.overall)),
        (None, Some(label)) => of(group(&summary.by_label, None, label)),
        (Some(_), None) => of(summary.by_decade.iter().find(|group| group.decade == decade)),
        (Some(_), Some(label)) => of(group(&summary.by_decade_and_label, decade, label)),
    };
    let (mean, half_width) = found.unwrap_or((f64::NAN, f64::NAN));
    let text = match feature {
        Feature::DurationMs => format!("{} ± {} s", minutes(mean), fixed(half_width / 1000.0, 1)),
        _ => format!("{} ± {}", fixed(mean, decimals_of_mean(feature)), fixed(half_width, decimals_of_mean(feature))),
    };
    TableCell::number(mean, text)
}

fn decimals_of_mean(feature: Feature) -> usize {
    match feature {
        Feature::Tempo | Feature::ChorusHit => 1,
        Feature::Loudness | Feature::Key | Feature::Sections => 2,
        _ => 3,
    }
}

/// Means and intervals, one group and feature a row.
fn means_long(report: &Report) -> ReportTable {
    let columns = ["decade", "label", "feature", "rows", "mean", "std", "half_width"].map(|name| (name, name));
    let summary = &report.summary;
    let groups = summary.by_label.iter().chain(&summary.by_decade).chain(&summary.by_decade_and_label);
    let rows = groups.flat_map(|group| {
        group.means.iter().map(|mean| {
            let number = |value| TableCell::number(value, String::new());
            vec![
                TableCell::text(group.decade.map_or("all".to_owned(), |decade| decade.year().to_string())),
                group.label.map_or(TableCell::text("all"), TableCell::label),
                TableCell::code(mean.feature.name()),
                TableCell::count(group.rows),
                number(mean.mean),
                number(mean.std),
                number(mean.half_width),
            ]
        })
    });
    ReportTable::new(MEANS.name, "Means by group.", &columns).rows(rows)
}

const OVERALL_EFFECTS: &str =
    "Cohen’s d: hits minus flops in standard deviations; positive if hits have higher values.";

/// The heading of the column of all tracks.
fn all_tracks(decades: &[Decade]) -> &'static str {
    match decades {
        [] => "All tracks",
        _ => "All decades",
    }
}

/// d at which the tint is at its strongest: 0.8 is what Cohen called a large effect.
const LARGE_EFFECT: f64 = 0.8;

pub(super) const EFFECTS: TableEntry = TableEntry {
    name: "effects",
    part: PagePart::Means,
    display: Display::Shown,
    page: ContentSource::Report(|findings| Some(effects(findings.report, &findings.derived))),
    file: TableFile::Other(ContentSource::Report(|findings| Some(effects_long(&findings.derived)))),
};

fn effects(report: &Report, derived: &Derived) -> ReportTable {
    let decades = decades(&report.summary);
    let caption =
        "Cohen’s d by decade: hits minus flops in standard deviations; positive if hits have higher values. Change: \
         last decade minus first, with its 95 % interval.";
    let caption = if report.compares_decades() { caption } else { OVERALL_EFFECTS };
    let mut table = ReportTable::new(EFFECTS.name, caption, &[("feature", "Feature"), ("all", all_tracks(&decades))]);
    table.columns.extend(decades.iter().map(|decade| TableColumn::new(decade.year().to_string(), decade.to_string())));
    if report.compares_decades() {
        table
            .columns
            .extend([TableColumn::new("change", "Change (95 % interval)"), TableColumn::new("trend", "Trend")]);
    }
    table.rows(derived.effects.iter().map(|effect| {
        let by_decade = decades.iter().map(|decade| {
            let found = effect.by_decade.iter().find(|one| one.decade == *decade);
            d_cell(found.map(|one| one.d))
        });
        let first = [TableCell::code(effect.feature.name()), d_cell(effect.overall)];
        let change = report.compares_decades().then(|| change_cells(effect));
        first.into_iter().chain(by_decade).chain(change.into_iter().flatten()).collect()
    }))
}

fn d_cell(d: Option<IntervalEstimate>) -> TableCell {
    let value = d.map_or(f64::NAN, |d| d.value);
    TableCell::number(value, signed(value, 2)).tinted(value / LARGE_EFFECT)
}

fn change_cells(effect: &FeatureEffect) -> [TableCell; 2] {
    let Some(change) = effect.change else { return [TableCell::number(f64::NAN, ""), TableCell::text("")] };
    let d = change.difference;
    let text = format!("{} ({} to {})", signed(d.value, 2), signed(d.low, 2), signed(d.high, 2));
    let trend = match change.trend {
        Trend::Grew => "grew",
        Trend::Shrank => "shrank",
        Trend::Reversed => "changed sign",
        Trend::NoClearChange => "no clear change",
    };
    [TableCell::number(d.value, text), TableCell::text(trend)]
}

/// Effects with their intervals, one decade and feature a row.
fn effects_long(derived: &Derived) -> ReportTable {
    let columns = ["decade", "feature", "cohens_d", "low", "high"].map(|name| (name, name));
    let rows = derived.effects.iter().flat_map(|effect| {
        let overall = effect.overall.map(|d| ("all".to_owned(), d));
        let by_decade = effect.by_decade.iter().map(|one| (one.decade.year().to_string(), one.d));
        overall.into_iter().chain(by_decade).map(|(decade, d)| {
            let number = |value| TableCell::number(value, String::new());
            vec![
                TableCell::text(decade),
                TableCell::code(effect.feature.name()),
                number(d.value),
                number(d.low),
                number(d.high),
            ]
        })
    });
    ReportTable::new(EFFECTS.name, "Cohen's d by decade.", &columns).rows(rows)
}
