//! Splits at cuts that are drawn at random (extremely randomised trees).
//!
//! P. Geurts, D. Ernst and L. Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006: of each sampled feature one
//! threshold is drawn, uniform between the least and the greatest value in the node, and the best of these splits is taken. Here
//! a value is the middle of its bin, which is the value itself where a feature has a bin for each.
//!
//! No histogram is needed: one pass over the rows of a node finds the range of all features of a block at once, a second sums the
//! rows on the left of a few cuts.

use super::binned_layout::{lane, BinnedBlock, LANES};
use super::counts::{Counts, TrainingSample};
use super::criterion::Impurity;
use super::histogram::WIDTH;
use super::rng::SplitRng;
use super::splitting::{SplitCandidate, SplitSearch};
use crate::binning::{Binning, MISSING_BIN};

/// The bins of the features of a block among the rows of a node.
#[derive(Clone, Copy)]
pub(super) struct BinRanges {
    least: [u8; LANES],
    /// One more than the greatest bin of a number, 0 if there is none.
    end: [u8; LANES],
    is_missing: [bool; LANES],
}

impl BinRanges {
    pub(super) fn of<R: TrainingSample>(rows: &[R], block: BinnedBlock) -> BinRanges {
        let (mut least, mut end, mut greatest) = ([MISSING_BIN; LANES], [0; LANES], [0; LANES]);
        for row in rows {
            let record = &block[row.index()];
            // All lanes at once, in a few instructions.
            least = std::array::from_fn(|lane| least[lane].min(record[lane]));
            greatest = std::array::from_fn(|lane| greatest[lane].max(record[lane]));
            // The bin of missing values, the last, becomes 0.
            end = std::array::from_fn(|lane| end[lane].max(record[lane].wrapping_add(1)));
        }
        BinRanges { least, end, is_missing: greatest.map(|bin| bin == MISSING_BIN) }
    }

    /// The first and the last bin of numbers.
    fn numbers(&self, feature: u16) -> Option<(u8, u8)> {
        let lane = lane(feature);
        (self.end[lane] > 0).then(|| (self.least[lane], self.end[lane] - 1))
    }

    /// Whether the rows can be parted by a feature.
    pub(super) fn varies(&self, feature: u16) -> bool {
        self.numbers(feature).is_some_and(|(first, last)| first < last || self.is_missing[lane(feature)])
    }
}

/// The last bin on the left of a threshold that is drawn between the middles (`centres`) of the `first` and the `last` bin of
/// numbers, which is a later one.
fn random_cut(centres: &[f64], first: u8, last: u8, stream: &mut SplitRng) -> u8 {
    let share = stream.uniform();
    // The difference of two large numbers may overflow.
    let threshold = centres[usize::from(first)] * (1.0 - share) + centres[usize::from(last)] * share;
    let between = &centres[usize::from(first) + 1..usize::from(last)];
    // At most 254 bins are below the last.
    first + between.partition_point(|&centre| centre <= threshold) as u8
}

/// The sums of the rows on the left of a cut, and of those whose value is missing, for some features of a block.
type LeftAndMissing<R> = [(<R as TrainingSample>::Sum, <R as TrainingSample>::Sum); WIDTH];

/// Sums the rows on the left of the cut of each feature; a cut for each of at most [`WIDTH`] features.
fn left_and_missing<R: TrainingSample>(
    rows: &[R],
    block: BinnedBlock,
    cuts: &[(u16, u8)],
    is_missing: bool,
) -> LeftAndMissing<R> {
    // Features that are not there are the last one again.
    let (lanes, cuts): ([usize; WIDTH], [u8; WIDTH]) = {
        let of = |at: usize| cuts[at.min(cuts.len() - 1)];
        (std::array::from_fn(|at| lane(of(at).0)), std::array::from_fn(|at| of(at).1))
    };
    let mut sums: LeftAndMissing<R> = [Default::default(); WIDTH];
    for &row in rows {
        let record = &block[row.index()];
        for at in 0..WIDTH {
            sums[at].0 = sums[at].0 + row.sum_if(record[lanes[at] % LANES] <= cuts[at]);
        }
    }
    if is_missing {
        for &row in rows {
            let record = &block[row.index()];
            for at in 0..WIDTH {
                sums[at].1 = sums[at].1 + row.sum_if(record[lanes[at] % LANES] == MISSING_BIN);
            }
        }
    }
    sums
}

impl<I: Impurity> SplitSearch<'_, I> {
    /// Puts the best split of `node` by some `features` of a block into `best` if it is better than what is there, each at a cut
    /// that is drawn from `stream`, in their order. Features that do not vary are left out. Missing values are tried on the
    /// right, apart from all numbers, and on the left; of equal splits the first is kept.
    pub(super) fn improve_at_random<R: TrainingSample>(
        &self,
        best: &mut Option<SplitCandidate>,
        features: &[u16],
        (rows, block, ranges): (&[R], BinnedBlock, &BinRanges),
        (node, binning): (Counts, &Binning),
        stream: &mut SplitRng,
    ) {
        let mut varying = features.iter().copied().filter(|&feature| ranges.varies(feature));
        loop {
            let mut cuts = [(0, 0); WIDTH];
            let mut count = 0;
            // The places first, so that no feature is lost where there is none left.
            for (cut, feature) in cuts.iter_mut().zip(varying.by_ref()) {
                let (first, last) = ranges.numbers(feature).expect("a feature that varies has a number");
                // Where all numbers are in one bin, all of them are on the left.
                let mut drawn = || random_cut(binning.centres(usize::from(feature)), first, last, stream);
                *cut = (feature, if first < last { drawn() } else { first });
                count += 1;
            }
            let Some(cuts) = cuts.get(..count).filter(|cuts| !cuts.is_empty()) else { return };
            let is_missing = cuts.iter().any(|&(feature, _)| ranges.is_missing[lane(feature)]);
            let sums = left_and_missing(rows, block, cuts, is_missing);
            for (&(feature, cut), &sums) in cuts.iter().zip(&sums) {
                self.improve_at::<R>(best, (feature, cut), sums, (node, ranges));
            }
        }
    }

    fn improve_at<R: TrainingSample>(
        &self,
        best: &mut Option<SplitCandidate>,
        (feature, cut): (u16, u8),
        (left, missing): (R::Sum, R::Sum),
        (node, ranges): (Counts, &BinRanges),
    ) {
        let mut attempt = |left: Counts, low: u8, high: u8, missing_left: Option<bool>| {
            if left.rows.min(node.rows - left.rows) < self.min_samples_leaf {
                return;
            }
            let score = self.impurity.score::<R>(left, node);
            if best.is_none_or(|best| score > best.score) {
                *best = Some(SplitCandidate { feature, score, left, low, high, missing_left });
            }
        };
        let (_, last) = ranges.numbers(feature).expect("a feature that varies has a number");
        let is_missing = ranges.is_missing[lane(feature)];
        if cut < last {
            attempt(R::counts(left), cut, cut + 1, is_missing.then_some(false));
        }
        if is_missing {
            attempt(node - R::counts(missing), last, MISSING_BIN, Some(false));
            if cut < last {
                attempt(R::counts(left + missing), cut, cut + 1, Some(true));
            }
        }
    }
}

#[cfg(test)]
mod tests;
