//! Codes of a byte: for features of at most 255 cuts, as a binning makes them.

use ndarray::{ArrayView1, ArrayView2};

use super::encoding::{positions, Encoder, LANES};
use crate::trees::packed::MAX_COLUMNS;

/// Most cuts of a feature.
pub(super) const CODED_CUTS: usize = 255;
/// Rows that are coded together.
pub(super) const TILE_ROWS: usize = 512;
/// The code of a missing value where it goes right: above every cut.
const MISSING_RIGHT: u8 = u8::MAX;
/// The code of a missing value where it goes left: above no cut.
const MISSING_LEFT: u8 = 0;

/// Codes of up to [`TILE_ROWS`] rows, column by column: two columns a feature, that whose missing values go right first, as
/// [`SplitColumn::index`](crate::SplitColumn::index) numbers them.
pub(super) struct ByteCodes {
    columns: Vec<[u8; TILE_ROWS]>,
}

impl ByteCodes {
    /// For rows of so many features.
    pub(super) fn new(features: usize) -> ByteCodes {
        ByteCodes { columns: vec![[0; TILE_ROWS]; (2 * features).max(MAX_COLUMNS)] }
    }

    /// Takes the codes of `records` (rows × features), at most [`TILE_ROWS`] rows, in the place of those before.
    pub(super) fn encode(&mut self, encoder: &Encoder, records: ArrayView2<f64>) {
        for ((pair, cuts), values) in self.columns.chunks_exact_mut(2).zip(encoder.cuts()).zip(records.columns()) {
            let [right, left] = pair else { unreachable!("two columns a feature") };
            if cuts.is_empty() {
                continue;
            }
            let places = right.chunks_exact_mut(LANES).zip(left.chunks_exact_mut(LANES));
            for ((right, left), values) in places.zip(values.axis_chunks_iter(ndarray::Axis(0), LANES)) {
                let mut lanes = [0.0; LANES];
                lanes.iter_mut().zip(values).for_each(|(lane, &value)| *lane = value);
                let codes = positions(cuts, &lanes);
                for lane in 0..LANES {
                    [right[lane], left[lane]] = code_pair(lanes[lane], codes[lane]);
                }
            }
        }
    }

    /// The columns of all features that trees of packed nodes can have; those beyond the last feature are zeros.
    pub(super) fn first_columns(&self) -> &[[u8; TILE_ROWS]; MAX_COLUMNS] {
        self.columns.first_chunk().expect("made of at least as many")
    }

    /// The codes of a column for the rows of a sequence of `N`, of which the first has number 0.
    #[inline(always)]
    pub(super) fn lanes<const N: usize>(&self, column: u16, number: usize) -> &[u8; N] {
        let first = number * N % TILE_ROWS;
        self.columns[usize::from(column)][first..first + N].try_into().expect("N numbers")
    }
}

/// The codes of one row of any number of features, one a column.
pub(super) fn column_codes(encoder: &Encoder, record: ArrayView1<f64>) -> Vec<u8> {
    let pair = |(cuts, &value): (&Vec<f64>, &f64)| code_pair(value, cuts.partition_point(|&cut| cut < value) as u16);
    encoder.cuts().iter().zip(record).flat_map(pair).collect()
}

/// The codes of a value in the two columns of its feature; `below` cuts are less.
#[inline(always)]
fn code_pair(value: f64, below: u16) -> [u8; 2] {
    // At most 255 cuts are below.
    match value.is_nan() {
        true => [MISSING_RIGHT, MISSING_LEFT],
        false => [below as u8; 2],
    }
}
