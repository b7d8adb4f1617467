//! Numbers to codes: a value's position among its feature's cuts, so that a split compares small integers.

use ndarray::{ArrayView1, ArrayView2};

use crate::learn::tree::Trees;

/// The code of a missing value where it goes right: above every cut.
const MISSING_RIGHT: u16 = u16::MAX;
/// The code of a missing value where it goes left: above no cut.
const MISSING_LEFT: u16 = 0;

/// What rows are coded by.
///
/// A feature has two columns of codes, which differ in the code of a missing value, so that a split need not ask whether a
/// value is missing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Encoder {
    cuts: Vec<Vec<f64>>,
}

/// Codes of some rows, row by row.
#[derive(Default)]
pub(super) struct Codes {
    codes: Vec<u16>,
    /// Binary logarithm of the number of columns, which is a power of two.
    log_columns: u32,
}

impl Codes {
    /// Where a row's codes start.
    pub(super) fn start(&self, row: u32) -> usize {
        (row as usize) << self.log_columns
    }

    /// A code of the row that starts there. A column that there is not stands for one that there is.
    pub(super) fn get(&self, start: usize, column: u16) -> u16 {
        self.codes[start + (usize::from(column) & ((1 << self.log_columns) - 1))]
    }
}

impl Encoder {
    pub(super) fn new(trees: &Trees) -> Encoder {
        Encoder { cuts: trees.cuts().to_vec() }
    }

    pub(super) fn n_features(&self) -> usize {
        self.cuts.len()
    }

    /// Column of codes that a split reads.
    pub(super) fn column(feature: u16, missing_left: bool) -> u16 {
        2 * feature + u16::from(missing_left)
    }

    /// Codes of `records` (rows × features).
    pub(super) fn encode(&self, records: ArrayView2<f64>) -> Codes {
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
        Codes { codes, log_columns }
    }
}

/// Writes the two codes of each value.
fn encode_column<'a>(cuts: &[f64], column: ArrayView1<f64>, targets: impl Iterator<Item = &'a mut [u16]>) {
    for (target, &value) in targets.zip(column) {
        let code = position(cuts, value);
        let codes = if value.is_nan() { [MISSING_RIGHT, MISSING_LEFT] } else { [code; 2] };
        target[..2].copy_from_slice(&codes);
    }
}

/// Number of cuts below a value, by bisection without a branch.
fn position(cuts: &[f64], value: f64) -> u16 {
    let (mut base, mut size) = (0, cuts.len());
    while size > 1 {
        let half = size / 2;
        base = if cuts[base + half - 1] < value { base + half } else { base };
        size -= half;
    }
    // At most `MOST_CUTS`, which a code can hold.
    (base + usize::from(cuts[base] < value)) as u16
}
