//! Sums of rows by bin.

use super::binned_layout::{lane, BinnedBlock, LANES};
use super::counts::TrainingSample;

/// One for each byte.
const CELLS: usize = 256;
/// From as many rows on, all bins are looked at; below, only those that hold a row.
const DENSE_ROWS: usize = 160;

/// The rows of a node by the bin of one feature. It is empty whenever it is not in use.
pub(super) struct NodeHistogram<R: TrainingSample> {
    sums: [R::Sum; CELLS],
    /// A bit for each bin that holds a row; not kept for many rows.
    occupied: [u64; CELLS / 64],
}

/// Features summed in one pass over the rows.
pub(super) const WIDTH: usize = 4;

/// Adds `rows` to a histogram for each of at most [`WIDTH`] features of a block. Several are summed in one pass: an addition to
/// a bin waits for the last one to the same bin, and those to another histogram fill the time.
pub(super) fn fill<R: TrainingSample>(
    histograms: &mut [NodeHistogram<R>; WIDTH],
    rows: &[R],
    block: BinnedBlock,
    features: &[u16],
) {
    match *features {
        [] => (),
        [first] => fill_each(histograms, rows, block, [first]),
        [first, second] => fill_each(histograms, rows, block, [first, second]),
        [first, second, third] => fill_each(histograms, rows, block, [first, second, third]),
        [first, second, third, fourth, ..] => fill_each(histograms, rows, block, [first, second, third, fourth]),
    }
}

fn fill_each<R: TrainingSample, const N: usize>(
    histograms: &mut [NodeHistogram<R>; WIDTH],
    rows: &[R],
    block: BinnedBlock,
    features: [u16; N],
) {
    let lanes = features.map(lane);
    if rows.len() < DENSE_ROWS {
        for &row in rows {
            let record = &block[row.index()];
            for n in 0..N {
                let bin = record[lanes[n] % LANES];
                histograms[n].mark(bin);
                histograms[n].add(bin, row);
            }
        }
    } else {
        for &row in rows {
            let record = &block[row.index()];
            for n in 0..N {
                histograms[n].add(record[lanes[n] % LANES], row);
            }
        }
    }
}

impl<R: TrainingSample> NodeHistogram<R> {
    pub(super) fn new() -> NodeHistogram<R> {
        NodeHistogram { sums: [R::Sum::default(); CELLS], occupied: [0; CELLS / 64] }
    }

    #[inline(always)]
    fn mark(&mut self, bin: u8) {
        self.occupied[usize::from(bin / 64)] |= 1 << (bin % 64);
    }

    #[inline(always)]
    fn add(&mut self, bin: u8, row: R) {
        let sum = &mut self.sums[usize::from(bin)];
        *sum = *sum + row.sum();
    }

    /// Empties the histogram into `profile`. `rows` is the number of rows that were added.
    pub(super) fn drain(&mut self, rows: usize, profile: &mut BinPrefixSums<R>) {
        profile.len = 0;
        let mut sum = R::Sum::default();
        if rows < DENSE_ROWS {
            for (word, occupied) in self.occupied.iter_mut().enumerate() {
                let mut left = std::mem::take(occupied);
                while left != 0 {
                    let bin = (word * 64) as u8 + left.trailing_zeros() as u8;
                    sum = sum + std::mem::take(&mut self.sums[usize::from(bin)]);
                    profile.write(bin, sum);
                    profile.len += 1;
                    left &= left - 1;
                }
            }
        } else {
            for (bin, cell) in self.sums.iter_mut().enumerate() {
                let cell = std::mem::take(cell);
                sum = sum + cell;
                // Written over by the next one if it is empty: a branch would often be mispredicted.
                profile.write(bin as u8, sum);
                profile.len += usize::from(R::counts(cell).rows > 0);
            }
        }
    }
}

/// The bins that hold a row of a node, ascending, each with the sum of all rows up to it.
pub(super) struct BinPrefixSums<R: TrainingSample> {
    bins: [u8; CELLS],
    sums: [R::Sum; CELLS],
    len: usize,
}

impl<R: TrainingSample> BinPrefixSums<R> {
    pub(super) fn new() -> BinPrefixSums<R> {
        BinPrefixSums { bins: [0; CELLS], sums: [R::Sum::default(); CELLS], len: 0 }
    }

    #[inline(always)]
    fn write(&mut self, bin: u8, sum: R::Sum) {
        self.bins[self.len % CELLS] = bin;
        self.sums[self.len % CELLS] = sum;
    }

    pub(super) fn bins(&self) -> &[u8] {
        &self.bins[..self.len]
    }

    pub(super) fn sums(&self) -> &[R::Sum] {
        &self.sums[..self.len]
    }
}
