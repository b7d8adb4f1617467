//! A forest scored on the rows that its trees did not draw.

use rayon::prelude::*;

use super::grower::ForestGrower;
use crate::{Tree, THRESHOLD};

/// Rows that a thread takes at a time: each time, all trees are read from memory once.
const BLOCK_ROWS: usize = 4096;

/// How the trees answer for rows that they were not grown on.
#[derive(Clone, Debug, PartialEq)]
pub struct OutOfBag {
    /// Share of right answers among the rows that were out of bag at least once.
    pub score: f64,
    /// Probability of the positive class for each training row: the mean over the trees that did not draw it; NaN where all did, and for a row
    /// that is not used. Empty in a model read from a file.
    pub probabilities: Vec<f64>,
}

impl OutOfBag {
    /// The score of `trees`, which `grower` has grown; `None` if no row was ever out of bag.
    pub(super) fn new<'t>(grower: &ForestGrower, trees: impl Iterator<Item = &'t Tree>) -> Option<OutOfBag> {
        let trees: Vec<(&Tree, OobAccumulator)> =
            trees.enumerate().map(|(index, tree)| (tree, OobAccumulator::new(grower, index))).collect();
        let mut probabilities = vec![f64::NAN; grower.training.binned.rows()];
        let blocks: Vec<Vec<f64>> = grower
            .training
            .used
            .par_chunks(BLOCK_ROWS)
            .enumerate()
            .map(|(block, rows)| means(grower, &trees, block * BLOCK_ROWS, rows))
            .collect();
        for (&row, mean) in grower.training.used.iter().zip(blocks.into_iter().flatten()) {
            probabilities[row as usize] = mean;
        }
        let is_right = |(&mean, &target): (&f64, &bool)| (!mean.is_nan()).then_some((mean > THRESHOLD) == target);
        let answers: Vec<bool> = probabilities.iter().zip(grower.training.targets).filter_map(is_right).collect();
        let right = answers.iter().filter(|&&right| right).count();
        (!answers.is_empty()).then(|| OutOfBag { score: right as f64 / answers.len() as f64, probabilities })
    }
}

/// A bit for each used row that a tree has sampled.
struct OobAccumulator(Vec<u64>);

impl OobAccumulator {
    fn new(grower: &ForestGrower, tree: usize) -> OobAccumulator {
        let mut times = Vec::new();
        grower.draw_times(tree, &mut times);
        let word =
            |times: &[u32]| times.iter().enumerate().fold(0, |word, (bit, &times)| word | u64::from(times > 0) << bit);
        OobAccumulator(times.chunks(64).map(word).collect())
    }

    fn holds(&self, used: usize) -> bool {
        self.0[used / 64] >> (used % 64) & 1 == 1
    }
}

/// The mean over the trees that did not draw a row, for the used `rows` from number `first` on.
fn means(grower: &ForestGrower, trees: &[(&Tree, OobAccumulator)], first: usize, rows: &[u32]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0u32); rows.len()];
    // Tree by tree, so that a tree is read from memory once; each row's sum is in the order of the trees all the same.
    for (tree, bag) in trees {
        for (position, (&row, sum)) in rows.iter().zip(&mut sums).enumerate() {
            if !bag.holds(first + position) {
                let leaf = tree.binned_leaf(grower.training.binned, row as usize);
                *sum = (sum.0 + tree.leaves.value(grower.training.class_weights, leaf), sum.1 + 1);
            }
        }
    }
    sums.into_iter().map(|(sum, trees)| if trees > 0 { sum / f64::from(trees) } else { f64::NAN }).collect()
}

#[cfg(test)]
mod tests {
    use linfa::traits::Fit;
    use linfa::{Dataset, ParamGuard};
    use ndarray::{array, Array1, Array2};

    use super::*;
    use crate::binning::Binning;
    use crate::forest::RandomForestParams;

    /// Row by row and tree by tree, on the records as they are.
    #[test]
    fn the_score_is_that_of_the_trees_that_did_not_draw_a_row() {
        let rows = 90;
        let records = Array2::from_shape_fn((rows, 3), |(row, column)| match (row * (column + 5) * 31) % 23 {
            0 => f64::NAN,
            value => value as f64,
        });
        let targets = Array1::from_iter((0..rows).map(|row| records[[row, 0]] > 9.0 || row % 7 == 0));
        // Every eleventh row is not used.
        let weights = Array1::from_iter((0..rows).map(|row| if row % 11 == 0 { 0.0 } else { 1.0 + (row % 3) as f32 }));
        let params = RandomForestParams::new().n_estimators(4).oob_score(true);
        let dataset = Dataset::new(records.clone(), targets.clone()).with_weights(weights.clone());
        let forest = params.fit(&dataset).expect("a forest");
        let oob = forest.oob().expect("requested");

        let params = params.check().expect("legal");
        let (binning, targets, weights) = (Binning::fit(records.view(), 255), targets.to_vec(), weights.to_vec());
        let binned = binning.transform(records.view());
        let grower = ForestGrower::new(&params, &binned, &binning, &targets, Some(&weights)).expect("legal");
        let mut answers = Vec::new();
        for (row, &target) in targets.iter().enumerate() {
            let found: Vec<f64> = (0..4)
                .filter(|&tree| {
                    let mut times = Vec::new();
                    grower.draw_times(tree, &mut times);
                    grower
                        .training
                        .used
                        .iter()
                        .position(|&used| used as usize == row)
                        .is_some_and(|used| times[used] == 0)
                })
                .map(|tree| {
                    let leaf = forest.trees().leaf(tree, records.row(row));
                    forest.trees().value(&forest.trees().trees()[tree].leaves, leaf)
                })
                .collect();
            let mean = found.iter().sum::<f64>() / found.len() as f64;
            assert!(mean.is_nan() && oob.probabilities[row].is_nan() || mean == oob.probabilities[row], "row {row}");
            if !mean.is_nan() {
                answers.push((mean > 0.5) == target);
            }
        }
        assert!(answers.len() < rows, "some row is always drawn or never used");
        let right = answers.iter().filter(|&&right| right).count();
        assert_eq!(oob.score, right as f64 / answers.len() as f64);
    }

    #[test]
    fn there_is_no_score_where_every_row_was_drawn() {
        let params = RandomForestParams::new().n_estimators(2).oob_score(true);
        let forest = params.fit(&Dataset::new(array![[1.0]], array![true])).expect("a forest");
        assert_eq!(forest.oob(), None);
    }
}
