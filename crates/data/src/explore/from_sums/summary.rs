//! Counts, means and quantiles of sums.

use hitflop_core::track::{Decade, Feature, Label, TARGET};
use hitflop_metrics::normal::Z_95;
use hitflop_sums::{CellSums, TrackFindings, ValueMoments};

use super::{all_binned, known, quantile};
use crate::explore::summary::{Distribution, GroupMean, GroupSummary, Summary};

pub(super) fn of(findings: &TrackFindings) -> Summary {
    let mut describe: Vec<Distribution> = known(findings).map(|feature| of_feature(findings, feature)).collect();
    describe.push(of_label(findings));
    let group = |decade, label| GroupSummary::of_sums(findings, decade, label);
    let groups = findings.errors.iter().map(|errors| group(errors.decade, errors.label));
    let mut summary = Summary {
        rows: findings.rows(),
        describe,
        overall: group(None, None),
        by_decade: Vec::new(),
        by_label: Vec::new(),
        by_decade_and_label: Vec::new(),
    };
    for group in groups {
        match (group.decade, group.label) {
            (None, None) => {}
            (Some(_), None) => summary.by_decade.push(group),
            (None, Some(_)) => summary.by_label.push(group),
            (Some(_), Some(_)) => summary.by_decade_and_label.push(group),
        }
    }
    summary
}

fn of_feature(findings: &TrackFindings, feature: Feature) -> Distribution {
    let binned = all_binned(findings, feature);
    let moments = findings.moments(feature, |_| true);
    let extremes: Vec<[f64; 2]> = super::sums_of(findings, feature).filter_map(|(_, sums)| sums.extremes).collect();
    let ends = match extremes[..] {
        // Only the decade has no extremes.
        [] => [binned.first(), binned.last()].map(|end| end.map_or(f64::NAN, |(value, _)| *value)),
        _ => [
            extremes.iter().map(|[least, _]| *least).fold(f64::INFINITY, f64::min),
            extremes.iter().map(|[_, greatest]| *greatest).fold(f64::NEG_INFINITY, f64::max),
        ],
    };
    distribution(feature.name(), moments, findings.rows() - moments.count, &binned, ends)
}

fn of_label(findings: &TrackFindings) -> Distribution {
    let rows =
        |label: Label| findings.cells.iter().filter(|cell| cell.label == label).map(|cell| cell.rows).sum::<u64>();
    let binned: Vec<(f64, u64)> = Label::BOTH.into_iter().map(|label| (f64::from(label as u8), rows(label))).collect();
    let known: Vec<(f64, u64)> = binned.into_iter().filter(|(_, rows)| *rows > 0).collect();
    let moments = known
        .iter()
        .fold(ValueMoments::default(), |all, (value, rows)| all.merge(ValueMoments::of_equal(*rows, *value)));
    let ends = [known.first(), known.last()].map(|end| end.map_or(f64::NAN, |(value, _)| *value));
    distribution(TARGET, moments, 0, &known, ends)
}

fn distribution(
    name: &str,
    moments: ValueMoments,
    missing: u64,
    binned: &[(f64, u64)],
    ends: [f64; 2],
) -> Distribution {
    Distribution {
        name: name.to_owned(),
        count: moments.count,
        missing,
        mean: mean(moments),
        std: moments.std(),
        min: ends[0],
        q25: quantile(binned, 0.25),
        q50: quantile(binned, 0.5),
        q75: quantile(binned, 0.75),
        max: ends[1],
    }
}

fn mean(moments: ValueMoments) -> f64 {
    if moments.count == 0 {
        f64::NAN
    } else {
        moments.mean
    }
}

impl GroupSummary {
    /// The group of a decade and label, either of which may be any.
    fn of_sums(findings: &TrackFindings, decade: Option<Decade>, label: Option<Label>) -> GroupSummary {
        let belongs = |cell: &CellSums| {
            (decade.is_none() || decade == cell.decade) && label.is_none_or(|label| label == cell.label)
        };
        let errors = findings.errors_of(decade, label);
        let group_mean = |feature: Feature| {
            let moments = findings.moments(feature, belongs);
            let error = errors.and_then(|errors| errors.standard_errors.get(feature as usize)).copied();
            let half_width = Z_95 * error.unwrap_or(f64::NAN);
            GroupMean { feature, mean: mean(moments), std: moments.std(), half_width }
        };
        let rows = findings.cells.iter().filter(|cell| belongs(cell)).map(|cell| cell.rows).sum();
        GroupSummary { decade, label, rows, means: known(findings).map(group_mean).collect() }
    }
}
