//! Splits at cuts that are drawn at random (extremely randomised trees).
//!
//! P. Geurts, D. Ernst and L. Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006: of each sampled feature one
//! threshold is drawn, uniform between the least and the greatest value in the node, and the best of these splits is taken. Here
//! a value is the middle of its bin, which is the value itself where a feature has a bin for each.

use super::counts::{Counts, TrainingSample};
use super::criterion::Impurity;
use super::histogram::BinPrefixSums;
use super::rng::SplitRng;
use super::splitting::{SplitCandidate, SplitSearch};
use crate::binning::MISSING_BIN;

/// The last bin on the left of a threshold that is drawn between the middles (`centres`) of the first and the last bin of numbers
/// among `occupied`; `None` if there are no two bins of numbers.
pub(super) fn random_cut(centres: &[f64], occupied: &[u8], stream: &mut SplitRng) -> Option<u8> {
    let numbers = numbers(occupied);
    let (first, last) = match *numbers {
        [first, .., last] => (first, last),
        _ => return None,
    };
    let share = stream.uniform();
    // The difference of two large numbers may overflow.
    let threshold = centres[usize::from(first)] * (1.0 - share) + centres[usize::from(last)] * share;
    let between = &centres[usize::from(first) + 1..usize::from(last)];
    // At most 254 bins are below the last.
    Some(first + between.partition_point(|&centre| centre <= threshold) as u8)
}

/// The bins of numbers among those that hold a row.
fn numbers(occupied: &[u8]) -> &[u8] {
    match occupied {
        [numbers @ .., MISSING_BIN] => numbers,
        numbers => numbers,
    }
}

impl<I: Impurity> SplitSearch<'_, I> {
    /// Puts the split of `node` by `feature` after the bin `cut` into `best` if it is better than what is there. `profile` is of
    /// the rows of the node. Missing values are tried on the right, apart from all numbers, and on the left; of equal splits the
    /// first is kept.
    pub(super) fn improve_at<R: TrainingSample>(
        &self,
        best: &mut Option<SplitCandidate>,
        feature: u16,
        profile: &BinPrefixSums<R>,
        node: Counts,
        cut: Option<u8>,
    ) {
        let (bins, sums) = (profile.bins(), profile.sums());
        let numbers = numbers(bins);
        let is_missing = numbers.len() < bins.len();
        let mut attempt = |left: R::Sum, low: u8, high: u8, missing_left: Option<bool>| {
            let left = R::counts(left);
            if left.rows.min(node.rows - left.rows) < self.min_samples_leaf {
                return;
            }
            let score = self.impurity.score::<R>(left, node);
            if best.is_none_or(|best| score > best.score) {
                *best = Some(SplitCandidate { feature, score, left, low, high, missing_left });
            }
        };
        // Up to the cut, and with the missing values.
        let left = cut.map(|cut| (cut, sums[numbers.partition_point(|&bin| bin <= cut) - 1]));
        if let Some((cut, left)) = left {
            attempt(left, cut, cut + 1, is_missing.then_some(false));
        }
        if let (true, [.., last]) = (is_missing, numbers) {
            attempt(sums[numbers.len() - 1], *last, MISSING_BIN, Some(false));
            if let Some((cut, left)) = left {
                attempt(left + (sums[numbers.len()] - sums[numbers.len() - 1]), cut, cut + 1, Some(true));
            }
        }
    }
}

#[cfg(test)]
mod tests;
