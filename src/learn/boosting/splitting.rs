//! The best cut of a feature, from its histogram.

use super::histogram::{Histogram, Word};
use crate::learn::tree::binning::MISSING_BIN;

/// What a split must keep to. Hessians are in the units of the words.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Fewest rows on either side.
    pub min_rows: u32,
    /// Least sum of hessians on either side.
    pub min_hessian: f64,
    /// What is added to a sum of hessians.
    pub l2: f64,
}

/// A split of a node's rows by a cut of one feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut<W> {
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
pub fn best_cut<W: Word>(histogram: &Histogram<W>, bins: usize, total: W, limits: &Limits) -> Option<Cut<W>> {
    let missing = histogram[usize::from(MISSING_BIN)];
    let scan = Scan::new(total, limits);
    if missing.count() == 0 {
        let cut = scan.best(&histogram[..bins - 1], W::ZERO)?;
        return Some(Cut { missing_left: 2 * cut.left.count() >= total.count(), ..cut });
    }
    let right = scan.best(&histogram[..bins], W::ZERO);
    let left = scan.best(&histogram[..bins - 1], missing).map(|cut| Cut { missing_left: true, ..cut });
    match (left, right) {
        (Some(left), Some(right)) if (right.gain, left.cut) > (left.gain, right.cut) => Some(right),
        (left, right) => left.or(right),
    }
}

/// What does not change from cut to cut of a node.
struct Scan<'a> {
    limits: &'a Limits,
    rows: u32,
    gradient: f64,
    hessian: f64,
    /// H + 2λ, the sum of both sides' denominators.
    denominators: f64,
}

impl Scan<'_> {
    fn new<W: Word>(total: W, limits: &Limits) -> Scan<'_> {
        let (gradient, hessian) = (total.gradient(), total.hessian());
        Scan { limits, rows: total.count(), gradient, hessian, denominators: hessian + 2.0 * limits.l2 }
    }

    /// The best cut after one of `bins`, where `left` is on the left of all of them.
    ///
    /// With D_l = H_l + λ, D_r = H_r + λ and D = D_l + D_r, the gain is D u² / (D_l D_r) − λ G² / (D (H + λ)) for
    /// u = G_l − D_l G / D. Only u² / (D_l D_r) differs from cut to cut, and two fractions are compared without dividing.
    fn best<W: Word>(&self, bins: &[W], mut left: W) -> Option<Cut<W>> {
        let Limits { min_rows, min_hessian, l2 } = *self.limits;
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
        Some(Cut { cut, missing_left: false, left: best_left, gain })
    }

    fn gain(&self, fraction: f64) -> f64 {
        let l2 = self.limits.l2;
        let lost = l2 * self.gradient * self.gradient / (self.denominators * (self.hessian + l2));
        self.denominators * fraction - lost
    }
}
