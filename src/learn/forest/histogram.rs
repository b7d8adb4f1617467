//! Sums of rows by bin.

use super::counts::Row;
use super::records::Column;

/// One for each byte.
const CELLS: usize = 256;
/// From as many rows on, all bins are looked at; below, only those that hold a row.
const DENSE_ROWS: usize = 256;

/// The rows of a node by the bin of one feature. It is empty whenever it is not in use.
pub struct Histogram<R: Row> {
    sums: Box<[R::Sum; CELLS]>,
    /// A bit for each bin that holds a row; not kept for many rows.
    occupied: [u64; CELLS / 64],
}

/// Features summed in one pass over the rows.
pub const WIDTH: usize = 4;

/// Adds `rows` to a histogram for each of `columns`, at most [`WIDTH`]. Several are summed in one pass, as an addition to a bin
/// has to wait for the last one to the same bin, and those to another histogram fill the time.
pub fn fill<R: Row>(histograms: &mut [Histogram<R>; WIDTH], rows: &[R], columns: &[Column]) {
    let [a, b, c, d] = histograms;
    match *columns {
        [] => (),
        [first] => fill_each(rows, [first], [a]),
        [first, second] => fill_each(rows, [first, second], [a, b]),
        [first, second, third] => fill_each(rows, [first, second, third], [a, b, c]),
        [first, second, third, fourth, ..] => fill_each(rows, [first, second, third, fourth], [a, b, c, d]),
    }
}

fn fill_each<R: Row, const N: usize>(rows: &[R], columns: [Column; N], histograms: [&mut Histogram<R>; N]) {
    if rows.len() < DENSE_ROWS {
        for &row in rows {
            for lane in 0..N {
                let bin = columns[lane].bin(row.index());
                histograms[lane].mark(bin);
                histograms[lane].add(bin, row);
            }
        }
    } else {
        for &row in rows {
            for lane in 0..N {
                histograms[lane].add(columns[lane].bin(row.index()), row);
            }
        }
    }
}

impl<R: Row> Histogram<R> {
    pub fn new() -> Histogram<R> {
        Histogram { sums: Box::new([R::Sum::default(); CELLS]), occupied: [0; CELLS / 64] }
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

    /// Moves the bins that hold a row, ascending, to `bins`. `rows` is the number of rows that were added.
    pub fn drain(&mut self, rows: usize, bins: &mut Vec<(u8, R::Sum)>) {
        bins.clear();
        if rows < DENSE_ROWS {
            for (word, occupied) in self.occupied.iter_mut().enumerate() {
                while *occupied != 0 {
                    let bin = (word * 64) as u8 + occupied.trailing_zeros() as u8;
                    bins.push((bin, std::mem::take(&mut self.sums[usize::from(bin)])));
                    *occupied &= *occupied - 1;
                }
            }
        } else {
            for (bin, sum) in self.sums.iter_mut().enumerate() {
                let sum = std::mem::take(sum);
                if R::counts(sum).rows > 0 {
                    bins.push((bin as u8, sum));
                }
            }
        }
    }
}
