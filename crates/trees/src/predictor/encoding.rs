//! Numbers to codes: a value's position among its feature's cuts, so that a split compares small integers.

use std::hint::select_unpredictable;

use ndarray::{ArrayView1, ArrayView2, Axis};

/// Values whose codes are looked for at the same time, so that one need not wait for the memory of another.
pub(super) const LANES: usize = 8;

/// The code of a missing value where it goes left: above no cut.
const MISSING_LEFT: u16 = 0;

/// What rows are coded by.
///
/// A feature has two columns of codes, which differ in the code of a missing value, so that a split need not test whether a
/// value is missing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Encoder {
    cuts: Vec<Vec<f64>>,
}

/// Codes of some rows, row by row.
#[derive(Default)]
pub(super) struct EncodedRecords {
    codes: Vec<u16>,
    /// Binary logarithm of the number of columns, which is a power of two.
    log_columns: u32,
}

impl EncodedRecords {
    /// Where a row's codes start.
    pub(super) fn start(&self, row: u32) -> usize {
        (row as usize) << self.log_columns
    }

    /// A code of the row that starts there. A column that does not exist is read as one that does.
    pub(super) fn get(&self, start: usize, column: u16) -> u16 {
        self.codes[start + (usize::from(column) & ((1 << self.log_columns) - 1))]
    }
}

impl Encoder {
    /// Codes by `cuts`, one sequence a feature.
    pub(super) fn new(cuts: Vec<Vec<f64>>) -> Encoder {
        Encoder { cuts }
    }

    pub(super) fn n_features(&self) -> usize {
        self.cuts.len()
    }

    /// Each feature's cuts.
    pub(super) fn cuts(&self) -> &[Vec<f64>] {
        &self.cuts
    }

    /// Codes of `records` (rows × features).
    pub(super) fn encode(&self, records: ArrayView2<f64>) -> EncodedRecords {
        let log_columns = (2 * self.cuts.len()).next_power_of_two().ilog2();
        let mut codes = vec![0; records.nrows() << log_columns];
        for (feature, (cuts, column)) in self.cuts.iter().zip(records.columns()).enumerate() {
            if !cuts.is_empty() {
                encode_column(
                    cuts,
                    column,
                    codes.chunks_exact_mut(1 << log_columns).map(|row| &mut row[2 * feature..]),
                );
            }
        }
        EncodedRecords { codes, log_columns }
    }
}

/// Writes the two codes of each value.
///
/// A value's code is the number of cuts below it; that of a missing value is one more than all where it goes right.
fn encode_column<'a>(cuts: &[f64], column: ArrayView1<f64>, mut targets: impl Iterator<Item = &'a mut [u16]>) {
    // At most `MAX_CUTS` cuts, two less than a code can count.
    let missing_right = cuts.len() as u16 + 1;
    for values in column.axis_chunks_iter(Axis(0), LANES) {
        let mut lanes = [0.0; LANES];
        lanes.iter_mut().zip(values).for_each(|(lane, &value)| *lane = value);
        let codes = positions(cuts, &lanes);
        for ((value, code), target) in values.iter().zip(codes).zip(&mut targets) {
            let codes = if value.is_nan() { [missing_right, MISSING_LEFT] } else { [code; 2] };
            target[..2].copy_from_slice(&codes);
        }
    }
}

/// Number of cuts below each value: bisections side by side, without a branch that depends on a value.
#[inline]
pub(super) fn positions(cuts: &[f64], values: &[f64; LANES]) -> [u16; LANES] {
    let mut bases = [0; LANES];
    let mut size = cuts.len();
    while size > 0 {
        let half = size.div_ceil(2);
        for (base, value) in bases.iter_mut().zip(values) {
            *base = select_unpredictable(cuts[*base + half - 1] < *value, *base + half, *base);
        }
        size -= half;
    }
    bases.map(|base| base as u16)
}
