use ndarray::Array2;
use proptest::prelude::*;

use super::super::counts::{float, PackedSample, WideSample};
use super::super::criterion::PlainGini;
use super::super::splitting::tests::{cells, goes_left, total, Cell};
use super::*;

/// The best split of a node, each feature at a cut of its own, as a node finds it.
fn fast<R: TrainingSample>(cells: &[Cell], min_samples_leaf: u32, seed: u64) -> Option<SplitCandidate> {
    let row = |(at, &(_, weight, positive)): (usize, &Cell)| R::new(at, u64::from(weight), positive);
    let rows: Vec<R> = cells.iter().enumerate().map(row).collect();
    let mut block = vec![[0; LANES]; cells.len()];
    // Five features, more than are summed at once; those between are constant.
    for (record, cell) in block.iter_mut().zip(cells) {
        for (&place, feature) in PLACES.iter().zip([0, 1, 1, 0, 1]) {
            record[place] = cell.0[feature];
        }
    }
    let ranges = BinRanges::of(&rows, &block);
    let rule = SplitSearch { impurity: &PlainGini, min_samples_leaf };
    let (mut best, mut stream) = (None, SplitRng::new(seed));
    let features: Vec<u16> = (0..LANES as u16).collect();
    let rows = (&rows[..], &block[..], &ranges);
    rule.improve_at_random(&mut best, &features, rows, (total(cells.iter()), &binning()), &mut stream);
    best
}

/// Where the features of a cell are in a block.
const PLACES: [usize; 5] = [0, 3, 7, 8, 15];

/// A bin for each of 255 numbers, in steps that differ.
fn binning() -> Binning {
    Binning::fit(Array2::from_shape_fn((255, LANES), |(row, _)| CENTRES[row]).view(), 255)
}

/// Middles of 255 bins, in steps that differ.
const CENTRES: [f64; 255] = {
    let mut centres = [0.0; 255];
    let mut bin = 0;
    while bin < 255 {
        centres[bin] = (bin * bin) as f64;
        bin += 1;
    }
    centres
};

/// As [`fast`], by going through the rows: the greatest decrease of Gini impurity.
fn naive(cells: &[Cell], min_samples_leaf: u32, seed: u64) -> Option<f64> {
    let gini = |counts: Counts| 2.0 * float(counts.negatives()) * float(counts.positives) / float(counts.weight.max(1));
    let mut stream = SplitRng::new(seed);
    let mut best: Option<f64> = None;
    for feature in [0, 1, 1, 0, 1] {
        let numbers = || cells.iter().map(|cell| cell.0[feature]).filter(|&bin| bin != MISSING_BIN);
        let (Some(least), Some(most)) = (numbers().min(), numbers().max()) else { continue };
        let values = (CENTRES[usize::from(least)], CENTRES[usize::from(most)]);
        let threshold = if least < most { values.0 + stream.uniform() * (values.1 - values.0) } else { f64::INFINITY };
        let is_below = |bin: u8| bin != MISSING_BIN && CENTRES[usize::from(bin)] <= threshold;
        let ways: [&dyn Fn(u8) -> bool; 3] =
            [&is_below, &|bin| bin != MISSING_BIN, &|bin| is_below(bin) || bin == MISSING_BIN];
        for way in ways {
            let sides = [true, false].map(|side| total(cells.iter().filter(|cell| way(cell.0[feature]) == side)));
            if sides.iter().all(|side| side.rows >= min_samples_leaf) {
                let decrease = gini(total(cells.iter())) - gini(sides[0]) - gini(sides[1]);
                best = Some(best.map_or(decrease, |best| best.max(decrease)));
            }
        }
    }
    best
}

proptest! {
    #[test]
    fn it_is_the_best_split_at_the_thresholds_drawn(cells in cells(), min_samples_leaf in 1u32..9, seed in any::<u64>()) {
        let found = fast::<PackedSample>(&cells, min_samples_leaf, seed);
        prop_assert_eq!(fast::<WideSample>(&cells, min_samples_leaf, seed), found);
        let best = naive(&cells, min_samples_leaf, seed);
        prop_assert_eq!(best.is_some(), found.is_some());
        if let (Some(best), Some(split)) = (best, found) {
            let node = total(cells.iter());
            let place = PLACES.iter().position(|&place| place == usize::from(split.feature)).expect("one that varies");
            let of_cell = SplitCandidate { feature: [0, 1, 1, 0, 1][place], ..split };
            prop_assert_eq!(total(cells.iter().filter(|cell| goes_left(&of_cell, cell))), split.left);
            let decrease = PlainGini.decrease(split.score, node);
            prop_assert!((decrease - best).abs() <= 1e-12 * float(node.weight), "{} {}", decrease, best);
        }
    }
}

/// Each cut as often as its share of the range between the least and the greatest middle.
#[test]
fn thresholds_are_uniform_in_value() {
    let centres = [-7.0, 0.0, 2.0, 10.0, 20.0, 99.0];
    let mut stream = SplitRng::new(3);
    let mut counts = [0i32; 5];
    for _ in 0..20_000 {
        counts[usize::from(random_cut(&centres, 1, 4, &mut stream))] += 1;
    }
    // Five standard deviations of a binomial count are at most 354.
    for (count, expected) in counts.into_iter().zip([0, 2_000, 8_000, 10_000, 0]) {
        assert!((count - expected).abs() < 354 && (count > 0) == (expected > 0), "{counts:?}");
    }
}

#[test]
fn a_range_that_overflows_has_a_threshold() {
    let centres = [-f64::MAX, 0.0, f64::MAX];
    let mut stream = SplitRng::new(5);
    let cuts: Vec<u8> = (0..100).map(|_| random_cut(&centres, 0, 2, &mut stream)).collect();
    assert!(cuts.contains(&0) && cuts.contains(&1) && !cuts.contains(&2));
}
