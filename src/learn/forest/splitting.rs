//! The best split of a node by one feature.

use super::counts::{Counts, Row};
use super::criterion::Impurity;
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
    /// Puts the best split of `node` by `feature` into `best` if it is better than what is there. `bins` holds at least two,
    /// ascending, with the rows of the node. Missing values are tried on the right, then on the left; of equal splits the
    /// first stands.
    pub fn improve<R: Row>(&self, best: &mut Option<Split>, feature: u16, bins: &[(u8, R::Sum)], node: Counts) {
        match bins.split_last() {
            Some((&(MISSING_BIN, missing), numbers)) => {
                self.scan::<R>(best, feature, bins, R::Sum::default(), node, Some(false));
                self.scan::<R>(best, feature, numbers, missing, node, Some(true));
            }
            _ => self.scan::<R>(best, feature, bins, R::Sum::default(), node, None),
        }
    }

    /// Tries to part `bins` at every place; `left` is on the left from the beginning.
    fn scan<R: Row>(
        &self,
        best: &mut Option<Split>,
        feature: u16,
        bins: &[(u8, R::Sum)],
        mut left: R::Sum,
        node: Counts,
        missing_left: Option<bool>,
    ) {
        let mut best_score = best.map_or(f64::NEG_INFINITY, |best| best.score);
        for pair in bins.windows(2) {
            left = left + pair[0].1;
            let counts = R::counts(left);
            if counts.rows < self.min_samples_leaf {
                continue;
            }
            if node.rows - counts.rows < self.min_samples_leaf {
                break;
            }
            let score = self.impurity.score::<R>(counts, node);
            if score > best_score {
                best_score = score;
                *best = Some(Split { feature, score, left: counts, low: pair[0].0, high: pair[1].0, missing_left });
            }
        }
    }
}
