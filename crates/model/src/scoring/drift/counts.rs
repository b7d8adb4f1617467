//! Counts of the values of a table that is read in parts, from which its drift is computed. They are whole numbers: their sums do not
//! depend on how the table is cut.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::distribution::ValueDistribution;
use super::MAX_ROWS;
use crate::artifact::Artifact;
use hitflop_core::reader::FeatureRow;
use hitflop_core::track::{Decade, Feature};

/// Bits of a 32-bit number that a cell does not distinguish, so that values in it differ by at most 0.1 %. Whole numbers up to 2,048
/// have cells of their own.
const CELL_BITS: u32 = 13;
/// Number of cells of all 32-bit numbers.
const CELLS: usize = (1 << (32 - CELL_BITS)) + 1;

/// Rows of which several features are counted while they are in the processor's cache.
const ROWS_AT_ONCE: usize = 512;

/// Values by feature and rows by decade. Up to 20,000 rows are exact; of more rows, a value counts as the middle of its cell, which
/// differs from it by at most 0.05 %.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DriftCounts {
    rows: u64,
    /// By first year.
    decades: BTreeMap<i32, u64>,
    features: Vec<Feature>,
    values: CountedValues,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CountedValues {
    /// The values of each feature.
    Exact(Vec<Vec<f64>>),
    /// The number of values of each feature in each cell.
    Cells(Vec<CellCounts>),
}

#[derive(Clone, Debug, PartialEq)]
struct CellCounts(Vec<u64>);

impl DriftCounts {
    /// No rows, for the features of a model, the decade aside.
    pub fn of_model(artifact: &Artifact) -> DriftCounts {
        let features = artifact.model.inputs.iter().map(|input| input.feature);
        let features: Vec<Feature> = features.filter(|feature| *feature != Feature::Decade).collect();
        let values = CountedValues::Exact(vec![Vec::new(); features.len()]);
        DriftCounts { rows: 0, decades: BTreeMap::new(), features, values }
    }

    /// Adds rows.
    pub fn add(&mut self, rows: &[FeatureRow]) {
        self.grow(rows.len() as u64);
        for row in rows {
            let year = row[Feature::Decade as usize];
            if let Some(decade) = Decade::from_year(year as i32).filter(|decade| f64::from(decade.year()) == year) {
                *self.decades.entry(decade.year()).or_default() += 1;
            }
        }
        match &mut self.values {
            CountedValues::Exact(values) => {
                values.iter_mut().zip(&self.features).for_each(|(own, feature)| own.extend(values_of(rows, *feature)));
            }
            CountedValues::Cells(cells) => {
                let at_once = cells.len().div_ceil(rayon::current_num_threads()).max(1);
                let of_thread = cells.par_chunks_mut(at_once).zip(self.features.par_chunks(at_once));
                of_thread.for_each(|(cells, features)| {
                    for rows in rows.chunks(ROWS_AT_ONCE) {
                        cells.iter_mut().zip(features).for_each(|(own, feature)| own.add(values_of(rows, *feature)));
                    }
                });
            }
        }
    }

    /// Adds the rows of another part of the same table.
    pub fn merge(&mut self, other: &DriftCounts) {
        self.grow(other.rows);
        for (year, rows) in &other.decades {
            *self.decades.entry(*year).or_default() += rows;
        }
        match (&mut self.values, &other.values) {
            (CountedValues::Exact(values), CountedValues::Exact(others)) => {
                values.iter_mut().zip(others).for_each(|(values, others)| values.extend(others));
            }
            (CountedValues::Cells(cells), CountedValues::Exact(others)) => {
                cells.iter_mut().zip(others).for_each(|(cells, others)| cells.add(others.iter().copied()));
            }
            (CountedValues::Cells(cells), CountedValues::Cells(others)) => {
                let merge = |(cells, others): (&mut CellCounts, &CellCounts)| {
                    cells.0.iter_mut().zip(&others.0).for_each(|(count, other)| *count += other);
                };
                cells.iter_mut().zip(others).for_each(merge);
            }
            // There are at least as many rows as in the other part, whose values are in cells because they are many.
            (CountedValues::Exact(_), CountedValues::Cells(_)) => {}
        }
    }

    /// Counts more rows, and puts the values into cells as soon as they are too many.
    fn grow(&mut self, rows: u64) {
        self.rows += rows;
        if self.rows <= MAX_ROWS as u64 {
            return;
        }
        if let CountedValues::Exact(values) = &self.values {
            let of_values = |values: &Vec<f64>| {
                let mut cells = CellCounts(vec![0; CELLS]);
                cells.add(values.iter().copied());
                cells
            };
            self.values = CountedValues::Cells(values.iter().map(of_values).collect());
        }
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Number of rows of a decade.
    pub(super) fn of_decade(&self, decade: Decade) -> u64 {
        self.decades.get(&decade.year()).copied().unwrap_or(0)
    }

    /// The features whose values are counted.
    pub(super) fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The values of the feature at an index of [`DriftCounts::features`].
    pub(super) fn distribution(&self, at: usize) -> ValueDistribution {
        match &self.values {
            CountedValues::Exact(values) => {
                let mut values = values[at].clone();
                values.sort_unstable_by(f64::total_cmp);
                ValueDistribution::of_sorted(values.into_iter().map(|value| (value, 1)))
            }
            CountedValues::Cells(cells) => {
                ValueDistribution::of_sorted(cells[at].counts().map(|(cell, count)| (middle(cell), count)))
            }
        }
    }
}

/// The values of a feature that are not missing.
fn values_of(rows: &[FeatureRow], feature: Feature) -> impl Iterator<Item = f64> + '_ {
    rows.iter().map(move |row| row[feature as usize]).filter(|value| value.is_finite())
}

impl CellCounts {
    fn add(&mut self, values: impl Iterator<Item = f64>) {
        values.for_each(|value| self.0[cell(value)] += 1);
    }

    /// Cells that have values, in ascending order.
    fn counts(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.0.iter().copied().enumerate().filter(|(_, count)| *count > 0)
    }
}

/// Place of a finite value in the order of all 32-bit numbers, without the last bits.
fn cell(value: f64) -> usize {
    let bits = (value as f32).clamp(f32::MIN, f32::MAX).to_bits();
    let (is_negative, size) = (bits >> 31 == 1, bits & (u32::MAX >> 1));
    let place = if is_negative { (1 << 31) - size } else { (1 << 31) + size };
    ((u64::from(place) + (1 << (CELL_BITS - 1))) >> CELL_BITS) as usize
}

/// The middle of a cell.
fn middle(cell: usize) -> f64 {
    let place = (cell as u64) << CELL_BITS;
    let zero = 1_u64 << 31;
    // The greatest numbers are rounded up to the cell of infinity.
    let size = |size: u64| f64::from(f32::from_bits(size as u32).min(f32::MAX));
    if place < zero {
        -size(zero - place)
    } else {
        size(place - zero)
    }
}

impl Serialize for CellCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.counts())
    }
}

impl<'de> Deserialize<'de> for CellCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CellCounts, D::Error> {
        let mut cells = vec![0; CELLS];
        for (cell, count) in Vec::<(usize, u64)>::deserialize(deserializer)? {
            let known = cells.get_mut(cell);
            *known.ok_or_else(|| serde::de::Error::custom("expected the number of a cell"))? = count;
        }
        Ok(CellCounts(cells))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::tracks;
    use crate::scoring::fixtures::{blank_row, scorer};

    #[test]
    fn a_cell_is_narrow_and_whole_numbers_have_their_own() {
        for value in [0.0, 1.0, -1.0, 11.0, 1960.0, -60.0, 2048.0, 0.5] {
            assert_eq!(middle(cell(value)), value);
        }
        let mut last = 0;
        for step in -40_000..40_000 {
            let value = f64::from(step) * 0.017;
            assert!((middle(cell(value)) - value).abs() <= value.abs() * 0.000_5, "{value}");
            assert!(cell(value) >= last, "{value}");
            last = cell(value);
        }
        assert!(cell(f64::MAX) < CELLS && cell(f64::MIN) < CELLS && middle(cell(f64::MAX)).is_finite());
    }

    fn rows(count: usize) -> Vec<FeatureRow> {
        let row = |index: usize| {
            let mut row = blank_row();
            row[Feature::Energy as usize] = (index as f64 * 0.618_033_988_7).fract();
            row[Feature::Key as usize] = (index % 12) as f64;
            row[Feature::DurationMs as usize] =
                if index.is_multiple_of(9) { f64::NAN } else { 1e5 + (index * 37 % 90_000) as f64 };
            row[Feature::Decade as usize] = 1960.0 + (index % 7) as f64 * 5.0;
            row
        };
        (0..count).map(row).collect()
    }

    #[test]
    fn counts_do_not_depend_on_the_cut() {
        let scorer = scorer(&tracks(200));
        for count in [100, MAX_ROWS, MAX_ROWS + 1, 2 * MAX_ROWS + 17] {
            let rows = rows(count);
            let mut whole = DriftCounts::of_model(scorer.artifact());
            whole.add(&rows);
            for cut in [1, count / 3, count - 1] {
                let mut parts = [DriftCounts::of_model(scorer.artifact()), DriftCounts::of_model(scorer.artifact())];
                parts[0].add(&rows[..cut]);
                rows[cut..].chunks(4_999).for_each(|chunk| parts[1].add(chunk));
                let parts = parts.map(|part| serde_json::to_string(&part).expect("JSON"));
                let [mut merged, second]: [DriftCounts; 2] =
                    parts.map(|part| serde_json::from_str(&part).expect("counts"));
                merged.merge(&second);
                assert!(merged == whole, "{count} rows, cut at {cut}");
            }
        }
    }
}
