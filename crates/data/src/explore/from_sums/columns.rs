//! Columns that have the distributions of sums, for the estimators of densities and drift.

use hitflop_core::track::Feature;
use hitflop_sums::{CellSums, TrackFindings};

use super::{at, binned};
use crate::explore::columns::Columns;

/// Most rows of the columns, so that their memory does not grow with the table. Beyond it, each cell of decade and label has its share of
/// them, at evenly spaced ranks of its values.
const MAX_ROWS: u64 = 1 << 18;

/// Columns in which each feature has its distribution in every decade and label. No row is a track: the values of a row do not belong
/// together.
pub(super) fn of(findings: &TrackFindings) -> Columns {
    let all = findings.rows();
    let share = MAX_ROWS as f64 / all.max(MAX_ROWS) as f64;
    let mut columns =
        Columns { features: vec![Vec::new(); Feature::ALL.len()], decades: Vec::new(), labels: Vec::new() };
    for cell in &findings.cells {
        let rows = thinned(cell.rows, share);
        for (feature, column) in Feature::ALL.into_iter().zip(&mut columns.features) {
            column.extend(values(cell, feature, rows, share));
        }
        columns.decades.extend(std::iter::repeat_n(cell.decade, rows as usize));
        columns.labels.extend(std::iter::repeat_n(cell.label, rows as usize));
    }
    columns
}

/// A part of a number of rows; at least one of some rows.
fn thinned(rows: u64, share: f64) -> u64 {
    ((rows as f64 * share).round() as u64).max(rows.min(1))
}

/// The values of a feature in a cell, then missing ones.
fn values(cell: &CellSums, feature: Feature, rows: u64, share: f64) -> Vec<f64> {
    let binned = binned(cell, feature);
    let known: u64 = binned.iter().map(|(_, count)| count).sum();
    let mut values = Vec::with_capacity(rows as usize);
    if share == 1.0 {
        binned.iter().for_each(|(value, count)| values.extend(std::iter::repeat_n(*value, *count as usize)));
    } else {
        let kept = thinned(known, share).min(rows);
        // The middle of each of so many equal parts.
        let ranks = (0..kept).map(|part| ((part as f64 + 0.5) * known as f64 / kept as f64) as u64);
        values.extend(at_ranks(&binned, ranks));
    }
    values.resize(rows as usize, f64::NAN);
    values
}

/// The values of ascending ranks.
fn at_ranks(binned: &[(f64, u64)], ranks: impl Iterator<Item = u64>) -> Vec<f64> {
    let (mut bin, mut end) = (0, binned.first().map_or(0, |(_, count)| *count));
    let value = |rank: u64| {
        while rank >= end && bin + 1 < binned.len() {
            bin += 1;
            end += binned[bin].1;
        }
        binned.get(bin).map_or_else(|| at(binned, rank), |(value, _)| *value)
    };
    ranks.map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_values() {
        let binned = [(1.0, 2), (2.0, 1), (5.0, 3)];
        assert_eq!(at_ranks(&binned, 0..6), [1.0, 1.0, 2.0, 5.0, 5.0, 5.0]);
        assert_eq!(at_ranks(&binned, [1, 4].into_iter()), [1.0, 5.0]);
        assert!(at_ranks(&[], 0..0).is_empty());
        assert_eq!([thinned(0, 0.1), thinned(3, 0.1), thinned(1000, 0.1)], [0, 1, 100]);
    }
}
