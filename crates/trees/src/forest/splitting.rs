//! The best split of a node by one feature.

use super::counts::{Counts, TrainingSample};
use super::criterion::Impurity;
use super::histogram::BinPrefixSums;
use crate::binning::MISSING_BIN;

/// A way to part the rows of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SplitCandidate {
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

/// Conditions that a split has to meet.
pub(super) struct SplitSearch<'a, I> {
    pub impurity: &'a I,
    /// Fewest rows on each side.
    pub min_samples_leaf: u32,
}

impl<I: Impurity> SplitSearch<'_, I> {
    /// Puts the best split of `node` by `feature` into `best` if it is better than what is there. `profile` is of the rows of the
    /// node. Missing values are tried on the right, then on the left; of equal splits the first is kept.
    pub(super) fn improve<R: TrainingSample>(
        &self,
        best: &mut Option<SplitCandidate>,
        feature: u16,
        profile: &BinPrefixSums<R>,
        node: Counts,
    ) {
        let (bins, sums) = (profile.bins(), profile.sums());
        let mut attempt = |sums: &[R::Sum], missing: R::Sum, missing_left: Option<bool>| {
            let least = best.map_or(f64::NEG_INFINITY, |best| best.score);
            if let Some((at, score)) = self.best_of::<R>(sums, missing, node, least) {
                let left = R::counts(sums[at] + missing);
                *best = Some(SplitCandidate { feature, score, left, low: bins[at], high: bins[at + 1], missing_left });
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
    fn best_of<R: TrainingSample>(
        &self,
        sums: &[R::Sum],
        missing: R::Sum,
        node: Counts,
        least: f64,
    ) -> Option<(usize, f64)> {
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

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::counts::{float, PackedSample, WideSample};
    use super::super::criterion::{Entropy, Gini, PlainEntropy, PlainGini};
    use super::super::histogram::{fill, NodeHistogram, WIDTH};
    use super::*;
    use crate::forest::binned_layout::LANES;

    /// Bins of two features, weight and class of a row.
    pub(in crate::forest) type Cell = ([u8; 2], u8, bool);

    pub(in crate::forest) fn cells() -> impl Strategy<Value = Vec<Cell>> {
        let few = || prop_oneof![4 => 0u8..6, 1 => Just(MISSING_BIN)];
        let many = || prop_oneof![9 => 0u8..255, 1 => Just(MISSING_BIN)];
        let row = (few(), many(), 1u8..4, any::<bool>())
            .prop_map(|(few, many, weight, positive)| ([few, many], weight, positive));
        prop::collection::vec(row, 2..400)
    }

    pub(in crate::forest) fn total<'a>(cells: impl Iterator<Item = &'a Cell>) -> Counts {
        let count = |&(_, weight, positive): &Cell| {
            let weight = u64::from(weight);
            Counts { rows: 1, weight, positives: if positive { weight } else { 0 } }
        };
        cells.map(count).fold(Counts::default(), |sum, row| sum + row)
    }

    pub(in crate::forest) fn goes_left(split: &SplitCandidate, cell: &Cell) -> bool {
        match cell.0[usize::from(split.feature)] {
            MISSING_BIN => split.missing_left == Some(true),
            bin => bin <= split.low,
        }
    }

    /// As a node finds it.
    fn fast<R: TrainingSample, I: Impurity>(cells: &[Cell], rule: &SplitSearch<I>) -> Option<SplitCandidate> {
        let mut best = None;
        for_each_feature::<R>(cells, |feature, profile| {
            if profile.bins().len() > 1 {
                rule.improve(&mut best, feature, profile, total(cells.iter()));
            }
        });
        best
    }

    /// Calls `see` with the sums of each feature.
    pub(in crate::forest) fn for_each_feature<R: TrainingSample>(
        cells: &[Cell],
        mut see: impl FnMut(u16, &BinPrefixSums<R>),
    ) {
        let rows: Vec<R> = cells
            .iter()
            .enumerate()
            .map(|(at, &(_, weight, positive))| R::new(at, u64::from(weight), positive))
            .collect();
        let mut block = vec![[0; LANES]; cells.len()];
        block.iter_mut().zip(cells).for_each(|(record, cell)| record[..2].copy_from_slice(&cell.0));
        let mut histograms: [NodeHistogram<R>; WIDTH] = std::array::from_fn(|_| NodeHistogram::new());
        let mut profile = BinPrefixSums::new();
        fill(&mut histograms, &rows, &block, &[0, 1]);
        for (feature, histogram) in (0..2).zip(&mut histograms) {
            histogram.drain(rows.len(), &mut profile);
            see(feature, &profile);
        }
    }

    /// The greatest decrease of all ways to part the rows, by the definition of the impurity; each is tried.
    fn naive(cells: &[Cell], min_samples_leaf: u32, impurity: impl Fn(Counts) -> f64) -> Option<f64> {
        let mut best: Option<f64> = None;
        let mut attempt = |goes_left: &dyn Fn(&Cell) -> bool| {
            let sides = [true, false].map(|side| total(cells.iter().filter(|cell| goes_left(cell) == side)));
            if sides.iter().all(|side| side.rows >= min_samples_leaf) {
                let decrease = impurity(total(cells.iter())) - impurity(sides[0]) - impurity(sides[1]);
                best = Some(best.map_or(decrease, |best| best.max(decrease)));
            }
        };
        for feature in 0..2 {
            for last in 0..MISSING_BIN {
                attempt(&|cell| cell.0[feature] <= last);
                attempt(&|cell| cell.0[feature] <= last || cell.0[feature] == MISSING_BIN);
            }
        }
        best
    }

    fn check<I: Impurity>(
        cells: &[Cell],
        min_samples_leaf: u32,
        impurity: &I,
        definition: impl Fn(Counts) -> f64,
    ) -> Result<(), TestCaseError> {
        let rule = SplitSearch { impurity, min_samples_leaf };
        let found = fast::<PackedSample, I>(cells, &rule);
        prop_assert_eq!(fast::<WideSample, I>(cells, &rule), found);
        let node = total(cells.iter());
        let best = naive(cells, min_samples_leaf, definition);
        prop_assert_eq!(best.is_some(), found.is_some());
        if let (Some(best), Some(split)) = (best, found) {
            prop_assert_eq!(total(cells.iter().filter(|cell| goes_left(&split, cell))), split.left);
            let decrease = impurity.decrease(split.score, node);
            prop_assert!((decrease - best).abs() <= 1e-12 * float(node.weight), "{} {}", decrease, best);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn no_other_split_is_better(cells in cells(), min_samples_leaf in 1u32..9, positive_weight in 0.1f64..9.0) {
            let weigh = |weights: [f64; 2], counts: Counts| (weights[0] * float(counts.negatives()), weights[1] * float(counts.positives));
            let gini = |weights| move |counts: Counts| {
                let (negatives, positives) = weigh(weights, counts);
                2.0 * negatives * positives / (negatives + positives).max(f64::MIN_POSITIVE)
            };
            let entropy = |weights| move |counts: Counts| {
                let (negatives, positives) = weigh(weights, counts);
                [negatives, positives].iter().filter(|&&part| part > 0.0).map(|part| -part * (part / (negatives + positives)).ln()).sum()
            };
            let weights = [1.5, positive_weight];
            check(&cells, min_samples_leaf, &PlainGini, gini([1.0, 1.0]))?;
            check(&cells, min_samples_leaf, &Gini::new(weights), gini(weights))?;
            check(&cells, min_samples_leaf, &PlainEntropy::new(3 * cells.len()), entropy([1.0, 1.0]))?;
            check(&cells, min_samples_leaf, &Entropy::new(weights), entropy(weights))?;
        }
    }

    /// Both features part the classes; missing on either side does as well.
    #[test]
    fn the_first_of_equal_splits_wins() {
        let cells = [([0, 0], 1, false), ([2, 1], 1, true), ([4, 3], 1, true)];
        let rule = SplitSearch { impurity: &PlainGini, min_samples_leaf: 1 };
        let split = fast::<PackedSample, _>(&cells, &rule).expect("a split");
        assert_eq!((split.feature, split.low, split.high, split.missing_left), (0, 0, 2, None));
        let cells = [([0, 0], 1, false), ([2, 0], 1, true), ([MISSING_BIN, 0], 1, true)];
        let split = fast::<PackedSample, _>(&cells, &rule).expect("a split");
        assert_eq!((split.low, split.high, split.missing_left), (0, 2, Some(false)));
        let cells = [([1, 0], 1, false), ([2, 0], 1, false), ([MISSING_BIN, 0], 1, true)];
        let split = fast::<PackedSample, _>(&cells, &rule).expect("a split");
        assert_eq!((split.low, split.high, split.missing_left), (2, MISSING_BIN, Some(false)));
    }

    /// No impurity is lowered, but the rows are parted: scikit-learn accepts that, and further splits may gain.
    #[test]
    fn a_split_need_not_gain() {
        let cells = [([0, 0], 1, false), ([0, 0], 1, true), ([1, 0], 1, false), ([1, 0], 1, true)];
        let split = fast::<PackedSample, _>(&cells, &SplitSearch { impurity: &PlainGini, min_samples_leaf: 1 })
            .expect("a split");
        assert_eq!((split.score, split.left.rows), (0.0, 2));
    }
}
