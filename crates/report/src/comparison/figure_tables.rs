//! Values of figures of a comparison that no table of its page has; they are files only.

use super::{ChangedPredictions, ComparisonFindings};
use crate::charts::table_comparison::score_pairs;
use crate::tables::{number, ReportTable, TableCell};
use hitflop_data::explore::density::DensityView;

/// Names of the tables, which are those of their figures.
pub(super) const NAMES: [&str; 5] = ["distributions", "score_distributions", "reliability", "joint_a", "joint_b"];

/// All tables that there are findings for.
pub(super) fn all(findings: &ComparisonFindings) -> Vec<ReportTable> {
    let joint = findings.changes.iter().zip([NAMES[3], NAMES[4]]).map(|(change, name)| joint(name, change));
    let tables = [distributions(findings), score_distributions(findings), reliability(findings)];
    tables.into_iter().chain(joint).filter(|table| !table.rows.is_empty()).collect()
}

fn file<const COLUMNS: usize>(name: &'static str, columns: [&str; COLUMNS]) -> ReportTable {
    ReportTable::new(name, "", &columns.map(|column| (column, column)))
}

fn distributions(findings: &ComparisonFindings) -> ReportTable {
    let densities = findings.comparison.iter().flat_map(|comparison| &comparison.densities);
    let mut rows = Vec::new();
    for density in densities {
        for (curve, table) in density.curves.iter().zip(ComparisonFindings::TABLES) {
            let row = |value: f64, height: f64, share: f64| {
                let feature = TableCell::code(density.feature.name());
                vec![feature, TableCell::text(table), number(value), number(height), number(share)]
            };
            rows.extend(curve.zero_share.map(|share| row(0.0, f64::NAN, share)));
            let points = density.grid.iter().zip(&curve.values);
            rows.extend(points.map(|(&value, &height)| match density.view == DensityView::Shares {
                true => row(value, f64::NAN, height),
                false => row(value, height, f64::NAN),
            }));
        }
    }
    file(NAMES[0], ["feature", "table", "value", "density", "share"]).rows(rows)
}

fn score_distributions(findings: &ComparisonFindings) -> ReportTable {
    let (pairs, names) = score_pairs(findings);
    let mut rows = Vec::new();
    for (heading, pair) in pairs {
        for (scores, name) in pair.into_iter().zip(names) {
            let edge = |bin: usize| bin as f64 / scores.histogram.len() as f64;
            rows.extend(scores.histogram.iter().enumerate().map(|(bin, &share)| {
                let ends = [edge(bin), edge(bin + 1), share].map(number);
                [TableCell::text(heading.clone()), TableCell::text(name)].into_iter().chain(ends).collect()
            }));
        }
    }
    file(NAMES[1], ["panel", "curve", "probability_low", "probability_high", "share"]).rows(rows)
}

fn reliability(findings: &ComparisonFindings) -> ReportTable {
    let (pairs, names) = score_pairs(findings);
    let mut rows = Vec::new();
    for (heading, pair) in pairs {
        for (scores, name) in pair.into_iter().zip(names) {
            let bins = scores.labelled.iter().flat_map(|labelled| &labelled.reliability.bins);
            rows.extend(bins.map(|bin| {
                let values = [bin.mean_probability, bin.hit_share, bin.hit_share_low, bin.hit_share_high].map(number);
                let texts = [TableCell::text(heading.clone()), TableCell::text(name), TableCell::count(bin.rows)];
                texts.into_iter().chain(values).collect()
            }));
        }
    }
    let columns = ["panel", "curve", "tracks", "mean_probability", "hit_share", "hit_share_low", "hit_share_high"];
    file(NAMES[2], columns).rows(rows)
}

fn joint(name: &'static str, change: &ChangedPredictions) -> ReportTable {
    let histogram = &change.change.joint_histogram;
    let edge = |bin: usize| bin as f64 / histogram.len() as f64;
    let cells = histogram.iter().enumerate().flat_map(|(old, row)| {
        let filled = row.iter().enumerate().filter(|(_, tracks)| **tracks > 0);
        filled.map(move |(new, &tracks)| (old, new, tracks))
    });
    let rows = cells.map(|(old, new, tracks)| {
        let ends = [edge(old), edge(old + 1), edge(new), edge(new + 1)].map(number);
        ends.into_iter().chain([TableCell::count(tracks)]).collect()
    });
    file(name, ["old_low", "old_high", "new_low", "new_high", "tracks"]).rows(rows)
}
