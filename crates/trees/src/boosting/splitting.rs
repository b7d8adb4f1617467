//! The best cut of a feature, from its histogram.

use super::histogram::{BinSums, PackedWord};
use crate::binning::MISSING_BIN;

/// What a split must keep to. Hessians are in the units of the words.
#[derive(Clone, Copy, Debug)]
pub(super) struct SplitConstraints {
    /// Fewest rows on either side.
    pub min_rows: u32,
    /// Least sum of hessians on either side.
    pub min_hessian: f64,
    /// What is added to a sum of hessians.
    pub l2: f64,
}

/// A split of a node's rows by a cut of one feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BestCut<W> {
    /// Numbers of bins up to this one go left.
    pub cut: u8,
    /// Where missing values go.
    pub missing_left: bool,
    /// Sums of what goes left.
    pub left: W,
    /// By how much the loss's second-order bound falls, in the units of the words: gradient² / hessian.
    pub gain: f64,
}

/// The cut of the greatest gain, the lowest of equals; `None` if no legal cut has one.
///
/// With G, H the sums of gradients and hessians, λ the regularisation, l and r the sides:
/// gain = G_l² / (H_l + λ) + G_r² / (H_r + λ) − G² / (H + λ) (Friedman 2001; Chen and Guestrin 2016).
///
/// Missing values are tried on either side; to part them from all numbers is a cut too, the one above the last bin. In a node
/// without missing values, they go to the side of more rows.
pub(super) fn best_cut<W: PackedWord>(
    histogram: &BinSums<W>,
    bins: usize,
    total: W,
    limits: &SplitConstraints,
) -> Option<BestCut<W>> {
    let missing = histogram[usize::from(MISSING_BIN)];
    let scan = Scan::new(total, limits);
    if missing.count() == 0 {
        let cut = scan.best(&histogram[..bins - 1], W::ZERO)?;
        return Some(BestCut { missing_left: 2 * cut.left.count() >= total.count(), ..cut });
    }
    let right = scan.best(&histogram[..bins], W::ZERO);
    let left = scan.best(&histogram[..bins - 1], missing).map(|cut| BestCut { missing_left: true, ..cut });
    match (left, right) {
        (Some(left), Some(right)) if (right.gain, left.cut) > (left.gain, right.cut) => Some(right),
        (left, right) => left.or(right),
    }
}

/// What does not change from cut to cut of a node.
struct Scan<'a> {
    limits: &'a SplitConstraints,
    rows: u32,
    gradient: f64,
    hessian: f64,
    /// H + 2λ, the sum of both sides' denominators.
    denominators: f64,
}

impl Scan<'_> {
    fn new<W: PackedWord>(total: W, limits: &SplitConstraints) -> Scan<'_> {
        let (gradient, hessian) = (total.gradient(), total.hessian());
        Scan { limits, rows: total.count(), gradient, hessian, denominators: hessian + 2.0 * limits.l2 }
    }

    /// The best cut after one of `bins`, where `left` is on the left of all of them.
    ///
    /// With D_l = H_l + λ, D_r = H_r + λ and D = D_l + D_r, the gain is D u² / (D_l D_r) − λ G² / (D (H + λ)) for
    /// u = G_l − D_l G / D. Only u² / (D_l D_r) differs from cut to cut, and two fractions are compared without dividing.
    fn best<W: PackedWord>(&self, bins: &[W], mut left: W) -> Option<BestCut<W>> {
        let SplitConstraints { min_rows, min_hessian, l2 } = *self.limits;
        let most_rows = self.rows.saturating_sub(min_rows);
        let most_hessian = self.hessian - min_hessian;
        let slope = self.gradient / self.denominators;
        let (mut best, mut best_left) = (None, left);
        let (mut numerator, mut denominator) = (0.0, 1.0);
        for (cut, &bin) in bins.iter().enumerate() {
            left = left.plus(bin);
            if left.count() < min_rows {
                continue;
            }
            let hessian = left.hessian();
            // Neither shrinks from bin to bin.
            if left.count() > most_rows || hessian > most_hessian {
                break;
            }
            if hessian < min_hessian {
                continue;
            }
            let left_denominator = hessian + l2;
            let distance = left.gradient() - left_denominator * slope;
            let (above, below) = (distance * distance, left_denominator * (self.denominators - left_denominator));
            if above * denominator > numerator * below {
                (best, best_left, numerator, denominator) = (Some(cut), left, above, below);
            }
        }
        let gain = self.gain(numerator / denominator);
        // Rows that are all alike have a gain of 0, but for rounding.
        let least = 1e-20 * self.gradient * slope;
        let cut = best.filter(|_| gain > least.abs())? as u8;
        Some(BestCut { cut, missing_left: false, left: best_left, gain })
    }

    fn gain(&self, fraction: f64) -> f64 {
        let l2 = self.limits.l2;
        let lost = l2 * self.gradient * self.gradient / (self.denominators * (self.hessian + l2));
        self.denominators * fraction - lost
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::boosting::histogram::ENTRIES;

    const LIMITS: SplitConstraints = SplitConstraints { min_rows: 1, min_hessian: 0.0, l2: 0.0 };

    /// A histogram of `(gradient, hessian)` rows by bin, with the sum of all.
    fn histogram(bins: &[Vec<(i64, u64)>], missing: &[(i64, u64)]) -> (BinSums<u64>, u64) {
        let sum = |rows: &[(i64, u64)]| rows.iter().map(|row| u64::pack(row.0, row.1)).fold(0, u64::plus);
        let mut histogram = [0; ENTRIES];
        for (entry, rows) in histogram.iter_mut().zip(bins) {
            *entry = sum(rows);
        }
        histogram[usize::from(MISSING_BIN)] = sum(missing);
        (histogram, histogram.iter().fold(0, |sum, &entry| sum.plus(entry)))
    }

    /// Gains of all legal cuts, by the formula as it is written.
    fn naive(histogram: &BinSums<u64>, bins: usize, total: u64, limits: &SplitConstraints) -> Vec<(u8, bool, f64)> {
        let term = |side: u64| side.gradient().powi(2) / (side.hessian() + limits.l2);
        let is_legal = |side: u64| side.count() >= limits.min_rows && side.hessian() >= limits.min_hessian;
        let missing = histogram[usize::from(MISSING_BIN)];
        let mut found = Vec::new();
        for cut in 0..bins {
            for missing_left in [true, false] {
                let numbers = histogram[..=cut].iter().fold(0, |sum: u64, &entry| sum.plus(entry));
                let left = if missing_left { numbers.plus(missing) } else { numbers };
                let right = total.minus(left);
                if is_legal(left) && is_legal(right) {
                    found.push((cut as u8, missing_left, term(left) + term(right) - term(total)));
                }
            }
        }
        found
    }

    #[test]
    fn missing_values_go_to_the_better_side_or_are_parted_from_all_numbers() {
        let (negative, positive) = ((5, 3), (-5, 3));
        let cut = |bins: &[Vec<(i64, u64)>], missing: &[(i64, u64)]| {
            let (histogram, total) = histogram(bins, missing);
            best_cut(&histogram, bins.len(), total, &LIMITS).map(|cut| (cut.cut, cut.missing_left, cut.left.count()))
        };
        assert_eq!(cut(&[vec![negative; 2], vec![positive; 2]], &[negative]), Some((0, true, 3)));
        assert_eq!(cut(&[vec![negative; 2], vec![positive; 2]], &[positive]), Some((0, false, 2)));
        assert_eq!(cut(&[vec![negative; 2], vec![negative; 2]], &[positive]), Some((1, false, 4)));
        assert_eq!(cut(&[vec![negative; 2]], &[positive]), Some((0, false, 2)));
        // Without missing values, to the side of more rows.
        assert_eq!(cut(&[vec![negative; 2], vec![positive; 3]], &[]), Some((0, false, 2)));
        assert_eq!(cut(&[vec![negative; 3], vec![positive; 2]], &[]), Some((0, true, 3)));
    }

    #[test]
    fn of_equal_cuts_the_lowest_is_taken_and_one_without_gain_never() {
        let cut = |bins: &[Vec<(i64, u64)>]| {
            let (histogram, total) = histogram(bins, &[]);
            best_cut(&histogram, bins.len(), total, &LIMITS).map(|cut| cut.cut)
        };
        assert_eq!(cut(&[vec![(5, 3)], vec![], vec![(-5, 3)]]), Some(0));
        assert_eq!(cut(&[vec![(5, 3)], vec![(-5, 3)], vec![(-5, 3)], vec![(5, 3)]]), Some(0));
        assert_eq!(cut(&[vec![(7, 3)], vec![(7, 3); 2], vec![(7, 3)]]), None);
        assert_eq!(cut(&[vec![(7, 3)]]), None);
    }

    proptest! {
        #[test]
        fn no_legal_cut_gains_more(
            bins in prop::collection::vec(prop::collection::vec((-900i64..900, 1u64..250), 0..4), 1..30),
            missing in prop::collection::vec((-900i64..900, 1u64..250), 0..4),
            min_rows in 1u32..6,
            min_hessian in prop_oneof![Just(0.0), 0.0..800.0f64],
            l2 in prop_oneof![Just(0.0), 0.0..500.0f64],
        ) {
            let limits = SplitConstraints { min_rows, min_hessian, l2 };
            let (histogram, total) = histogram(&bins, &missing);
            prop_assume!(total.count() > 0);
            let cuts = naive(&histogram, bins.len(), total, &limits);
            let most = cuts.iter().map(|cut| cut.2).fold(0.0, f64::max);
            // The naive formula's own rounding.
            let rounding = 1e-12 * total.gradient().powi(2) / (total.hessian() + l2) + 1e-9 * most.max(1.0);
            match best_cut(&histogram, bins.len(), total, &limits) {
                None => prop_assert!(most <= rounding, "none found, {} possible", most),
                Some(found) => {
                    prop_assert!((found.gain - most).abs() <= rounding, "found {}, possible {}", found.gain, most);
                    let is_same = |cut: &&(u8, bool, f64)| (cut.0, cut.1) == (found.cut, found.missing_left);
                    let same = cuts.iter().find(is_same).expect("a legal cut");
                    prop_assert!((found.gain - same.2).abs() <= rounding);
                }
            }
        }
    }
}
