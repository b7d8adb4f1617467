//! Sums of gradients, hessians and rows by bin, a whole row's share in one machine word.
//!
//! Gradient, hessian and a count of 1 are whole numbers side by side in one [`PackedWord`], so that a row enters a histogram by one
//! addition, and a sibling's histogram is the parent's minus the other child's, one subtraction a bin. Whole numbers add up
//! to the same sum in any order: histograms do not depend on the number of threads.

/// Entries of a feature's histogram: bins of numbers, and the last for missing values.
pub(super) const ENTRIES: usize = 256;

/// A feature's sums by bin.
pub(super) type BinSums<W> = [W; ENTRIES];

/// Gradient (signed), hessian and count, packed from the highest bit to the lowest.
///
/// Sums and differences of words are those of their parts as long as every part of the result keeps within its limit, since
/// only the gradient, in the highest bits, can be negative.
pub(super) trait PackedWord: Copy + Send + Sync {
    const ZERO: Self;
    /// Most rows that a sum can count.
    const MAX_ROWS_PER_WORD: usize;
    /// Greatest magnitude of a sum of gradients.
    const MAX_GRADIENT_SUM: f64;
    /// Greatest sum of hessians.
    const MAX_HESSIAN_SUM: f64;

    fn pack(gradient: i64, hessian: u64) -> Self;
    /// Sum of all parts.
    fn plus(self, other: Self) -> Self;
    /// Difference of all parts.
    fn minus(self, other: Self) -> Self;
    /// Number of rows.
    fn count(self) -> u32;
    /// Sum of gradients.
    fn gradient(self) -> f64;
    /// Sum of hessians.
    fn hessian(self) -> f64;
}

/// 25 bits of gradient, 23 of hessian, 16 of count.
impl PackedWord for u64 {
    const ZERO: u64 = 0;
    const MAX_ROWS_PER_WORD: usize = (1 << 16) - 1;
    const MAX_GRADIENT_SUM: f64 = ((1 << 24) - 1) as f64;
    const MAX_HESSIAN_SUM: f64 = ((1 << 23) - 1) as f64;

    #[inline(always)]
    fn pack(gradient: i64, hessian: u64) -> u64 {
        ((gradient << 39) as u64).wrapping_add((hessian << 16) + 1)
    }

    #[inline(always)]
    fn plus(self, other: u64) -> u64 {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn minus(self, other: u64) -> u64 {
        self.wrapping_sub(other)
    }

    #[inline(always)]
    fn count(self) -> u32 {
        u32::from(self as u16)
    }

    #[inline(always)]
    fn gradient(self) -> f64 {
        // 25 bits.
        f64::from((self as i64 >> 39) as i32)
    }

    #[inline(always)]
    fn hessian(self) -> f64 {
        // 23 bits.
        f64::from((self >> 16) as i32 & ((1 << 23) - 1))
    }
}

/// 48 bits of gradient, 48 of hessian, 32 of count.
impl PackedWord for u128 {
    const ZERO: u128 = 0;
    const MAX_ROWS_PER_WORD: usize = (1 << 32) - 1;
    const MAX_GRADIENT_SUM: f64 = ((1_u64 << 47) - 1) as f64;
    const MAX_HESSIAN_SUM: f64 = ((1_u64 << 48) - 1) as f64;

    #[inline(always)]
    fn pack(gradient: i64, hessian: u64) -> u128 {
        ((i128::from(gradient) << 80) as u128).wrapping_add((u128::from(hessian) << 32) + 1)
    }

    #[inline(always)]
    fn plus(self, other: u128) -> u128 {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn minus(self, other: u128) -> u128 {
        self.wrapping_sub(other)
    }

    #[inline(always)]
    fn count(self) -> u32 {
        self as u32
    }

    #[inline(always)]
    fn gradient(self) -> f64 {
        // 48 bits.
        (self as i128 >> 80) as i64 as f64
    }

    #[inline(always)]
    fn hessian(self) -> f64 {
        // 48 bits.
        ((self >> 32) as i64 & ((1 << 48) - 1)) as f64
    }
}

/// Adds the `words` of `rows` to the histograms of as many features as `columns` has.
///
/// Several features at a time, since then row and word are read once for all of them.
pub(super) fn add_rows<W: PackedWord>(histograms: &mut [BinSums<W>], columns: &[&[u8]], rows: &[u32], words: &[W]) {
    let (histograms, columns) = add_rows_by::<W, 4>(histograms, columns, rows, words);
    let (histograms, columns) = add_rows_by::<W, 2>(histograms, columns, rows, words);
    add_rows_by::<W, 1>(histograms, columns, rows, words);
}

/// Adds to as many features as `N` at a time can reach, and returns the others.
fn add_rows_by<'h, 'c, W: PackedWord, const N: usize>(
    histograms: &'h mut [BinSums<W>],
    columns: &'c [&'c [u8]],
    rows: &[u32],
    words: &[W],
) -> (&'h mut [BinSums<W>], &'c [&'c [u8]]) {
    let (histograms, other_histograms) = histograms.as_chunks_mut::<N>();
    let (columns, other_columns) = columns.as_chunks::<N>();
    for (histograms, columns) in histograms.iter_mut().zip(columns) {
        add_rows_of(histograms, *columns, rows, words);
    }
    (other_histograms, other_columns)
}

fn add_rows_of<W: PackedWord, const N: usize>(
    histograms: &mut [BinSums<W>; N],
    columns: [&[u8]; N],
    rows: &[u32],
    words: &[W],
) {
    // Of one length by their looks, so that a row is checked against it once.
    let columns = columns.map(|column| &column[..columns[0].len()]);
    for (&row, &word) in rows.iter().zip(words) {
        for feature in 0..N {
            let entry = &mut histograms[feature][usize::from(columns[feature][row as usize])];
            *entry = entry.plus(word);
        }
    }
}

/// Takes a child's sums away from its parent's, which leaves the other child's.
pub(super) fn subtract<W: PackedWord>(parent: &mut BinSums<W>, child: &BinSums<W>) {
    for (entry, &of_child) in parent.iter_mut().zip(child) {
        *entry = entry.minus(of_child);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts<W: PackedWord>(word: W) -> (f64, f64, u32) {
        (word.gradient(), word.hessian(), word.count())
    }

    fn words_hold_their_parts<W: PackedWord>(rows: &[(i64, u64)]) {
        let pack = |&(gradient, hessian): &(i64, u64)| W::pack(gradient, hessian);
        let sum = rows.iter().map(pack).fold(W::ZERO, W::plus);
        let expected = |rows: &[(i64, u64)]| {
            let gradient: i64 = rows.iter().map(|row| row.0).sum();
            let hessian: u64 = rows.iter().map(|row| row.1).sum();
            (gradient as f64, hessian as f64, rows.len() as u32)
        };
        assert_eq!(parts(sum), expected(rows));
        let half = rows.len() / 2;
        let first = rows[..half].iter().map(pack).fold(W::ZERO, W::plus);
        assert_eq!(parts(sum.minus(first)), expected(&rows[half..]));
    }

    #[test]
    fn parts_keep_apart_up_to_their_limits() {
        let most = (u64::MAX_GRADIENT_SUM as i64, u64::MAX_HESSIAN_SUM as u64);
        words_hold_their_parts::<u64>(&[most]);
        words_hold_their_parts::<u64>(&[(-most.0, most.1)]);
        words_hold_their_parts::<u64>(&vec![(-256, 128); u64::MAX_ROWS_PER_WORD]);
        let most = (u128::MAX_GRADIENT_SUM as i64, u128::MAX_HESSIAN_SUM as u64);
        words_hold_their_parts::<u128>(&[most]);
        words_hold_their_parts::<u128>(&[(-most.0, most.1)]);
    }

    proptest! {
        #[test]
        fn sums_and_differences_are_those_of_the_parts(
            rows in prop::collection::vec((-80_000i64..80_000, 0u64..40_000), 0..200),
        ) {
            words_hold_their_parts::<u64>(&rows);
            words_hold_their_parts::<u128>(&rows);
        }

        #[test]
        fn histograms_are_the_sums_by_bin(
            cells in prop::collection::vec(any::<[u8; 7]>(), 1..120),
            features in 1usize..=7,
        ) {
            let columns: Vec<Vec<u8>> = (0..features).map(|at| cells.iter().map(|row| row[at]).collect()).collect();
            let columns: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
            let all: Vec<u32> = (0..cells.len() as u32).collect();
            let (some, others): (Vec<u32>, Vec<u32>) = all.iter().partition(|&&row| row % 3 == 0);
            let word = |&row: &u32| u64::pack(i64::from(row) - 50, u64::from(row) + 1);
            let build = |rows: &[u32]| {
                let mut histograms = vec![[0_u64; ENTRIES]; features];
                add_rows(&mut histograms, &columns, rows, &rows.iter().map(word).collect::<Vec<u64>>());
                histograms
            };
            let (mut of_all, of_some, of_others) = (build(&all), build(&some), build(&others));
            for (histogram, column) in of_some.iter().zip(&columns) {
                for (bin, &entry) in histogram.iter().enumerate() {
                    let in_bin = some.iter().filter(|&&row| usize::from(column[row as usize]) == bin);
                    prop_assert_eq!(entry, in_bin.map(word).fold(0, u64::plus));
                }
            }
            for (parent, child) in of_all.iter_mut().zip(&of_some) {
                subtract(parent, child);
            }
            prop_assert_eq!(of_all, of_others);
        }
    }
}
