//! The best split of a node by one feature.

use super::counts::{Counts, Row};
use super::criterion::Impurity;
use super::histogram::Profile;
use crate::learn::tree::binning::MISSING_BIN;

/// A way to part the rows of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    pub feature: u16,
    pub score: f64,
    /// The rows on the left.
    pub left: Counts,
    /// The last bin of numbers on the left.
    pub low: u8,
    /// The next bin that holds a row; [`MISSING_BIN`] if all numbers are on the left and the missing values on the right.
    pub high: u8,
    /// Where missing values go; `None` if the node has none of this feature.
    pub missing_left: Option<bool>,
}

/// What is asked of a split.
pub struct Rule<'a, I> {
    pub impurity: &'a I,
    /// Fewest rows on each side.
    pub min_samples_leaf: u32,
}

impl<I: Impurity> Rule<'_, I> {
    /// Puts the best split of `node` by `feature` into `best` if it is better than what is there. `profile` is of the rows of the
    /// node. Missing values are tried on the right, then on the left; of equal splits the first stands.
    pub fn improve<R: Row>(&self, best: &mut Option<Split>, feature: u16, profile: &Profile<R>, node: Counts) {
        let (bins, sums) = (profile.bins(), profile.sums());
        let mut attempt = |sums: &[R::Sum], missing: R::Sum, missing_left: Option<bool>| {
            let least = best.map_or(f64::NEG_INFINITY, |best| best.score);
            if let Some((at, score)) = self.best_of::<R>(sums, missing, node, least) {
                let left = R::counts(sums[at] + missing);
                *best = Some(Split { feature, score, left, low: bins[at], high: bins[at + 1], missing_left });
            }
        };
        let last = bins.len() - 1;
        if bins[last] != MISSING_BIN {
            attempt(&sums[..last], R::Sum::default(), None);
        } else {
            attempt(&sums[..last], R::Sum::default(), Some(false));
            if last > 0 {
                attempt(&sums[..last - 1], sums[last] - sums[last - 1], Some(true));
            }
        }
    }

    /// The first best place to part a node, and its score, if that is more than `least`. `sums` are the rows on the left by
    /// place, to which `missing` is added.
    #[inline(always)]
    fn best_of<R: Row>(&self, sums: &[R::Sum], missing: R::Sum, node: Counts, least: f64) -> Option<(usize, f64)> {
        let left = |sum: &R::Sum| R::counts(*sum + missing);
        let first = sums.iter().position(|sum| left(sum).rows >= self.min_samples_leaf)?;
        let last = sums.iter().rposition(|sum| node.rows - left(sum).rows >= self.min_samples_leaf)?;
        let (mut best, mut best_score) = (usize::MAX, least);
        for (at, sum) in sums.get(first..=last)?.iter().enumerate() {
            let score = self.impurity.score::<R>(left(sum), node);
            if score > best_score {
                (best, best_score) = (at, score);
            }
        }
        (best_score > least).then(|| (first + best, best_score))
    }
}
