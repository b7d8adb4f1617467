//! Sums of rows by bin.

use super::counts::Row;

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

impl<R: Row> Histogram<R> {
    pub fn new() -> Histogram<R> {
        Histogram { sums: Box::new([R::Sum::default(); CELLS]), occupied: [0; CELLS / 64] }
    }

    /// Writes the bins that hold a row of `rows`, ascending, to `bins`.
    pub fn sum(&mut self, rows: &[R], column: &[u8], bins: &mut Vec<(u8, R::Sum)>) {
        bins.clear();
        if rows.len() < DENSE_ROWS {
            for &row in rows {
                let bin = column[row.index()];
                self.occupied[usize::from(bin / 64)] |= 1 << (bin % 64);
                self.add(bin, row);
            }
            for (word, occupied) in self.occupied.iter_mut().enumerate() {
                while *occupied != 0 {
                    let bin = (word * 64) as u8 + occupied.trailing_zeros() as u8;
                    bins.push((bin, std::mem::take(&mut self.sums[usize::from(bin)])));
                    *occupied &= *occupied - 1;
                }
            }
        } else {
            for &row in rows {
                self.add(column[row.index()], row);
            }
            for (bin, sum) in self.sums.iter_mut().enumerate() {
                let sum = std::mem::take(sum);
                if R::counts(sum).rows > 0 {
                    bins.push((bin as u8, sum));
                }
            }
        }
    }

    #[inline(always)]
    fn add(&mut self, bin: u8, row: R) {
        let sum = &mut self.sums[usize::from(bin)];
        *sum = *sum + row.sum();
    }
}
