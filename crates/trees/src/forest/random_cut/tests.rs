use proptest::prelude::*;

use super::super::counts::{float, PackedSample, WideSample};
use super::super::criterion::PlainGini;
use super::super::splitting::tests::{cells, for_each_feature, goes_left, total, Cell};
use super::*;

/// The best split of a node, each feature at a cut of its own, as a node finds it.
fn fast<R: TrainingSample>(cells: &[Cell], min_samples_leaf: u32, seed: u64) -> Option<SplitCandidate> {
    let rule = SplitSearch { impurity: &PlainGini, min_samples_leaf };
    let (mut best, mut stream) = (None, SplitRng::new(seed));
    for_each_feature::<R>(cells, |feature, profile| {
        let cut = random_cut(&CENTRES, profile.bins(), &mut stream);
        rule.improve_at(&mut best, feature, profile, total(cells.iter()), cut);
    });
    best
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
    for feature in 0..2 {
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
            prop_assert_eq!(total(cells.iter().filter(|cell| goes_left(&split, cell))), split.left);
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
        // No row is in bin 2, but a cut may lie on either side of it.
        let cut = random_cut(&centres, &[1, 3, 4, MISSING_BIN], &mut stream).expect("three bins of numbers");
        counts[usize::from(cut)] += 1;
    }
    // Five standard deviations of a binomial count are at most 354.
    for (count, expected) in counts.into_iter().zip([0, 2_000, 8_000, 10_000, 0]) {
        assert!((count - expected).abs() < 354 && (count > 0) == (expected > 0), "{counts:?}");
    }
    for occupied in [&[4][..], &[4, MISSING_BIN], &[MISSING_BIN], &[]] {
        assert_eq!(random_cut(&centres, occupied, &mut stream), None);
    }
}

#[test]
fn a_range_that_overflows_has_a_threshold() {
    let centres = [-f64::MAX, 0.0, f64::MAX];
    let mut stream = SplitRng::new(5);
    let cuts: Vec<Option<u8>> = (0..100).map(|_| random_cut(&centres, &[0, 1, 2], &mut stream)).collect();
    assert!(cuts.contains(&Some(0)) && cuts.contains(&Some(1)));
}
