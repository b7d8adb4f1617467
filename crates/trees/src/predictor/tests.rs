use std::ops::Range;

use ndarray::{Array2, Axis};
use proptest::prelude::*;
use rand::RngExt;

use crate::codec::{decode, encode};
use crate::seed::task_rng;
use crate::{Leaves, Predictor, Tree, TreeNode, Trees};

/// Rows of values below, at, between and above the cuts of [`Trees::random`], some missing.
fn records(seed: u64, rows: usize, features: usize, most_cuts: usize) -> Array2<f64> {
    let mut rng = task_rng(seed, "records", &[]);
    Array2::from_shape_simple_fn((rows, features), || match rng.random_range(0..10) {
        0 => f64::NAN,
        _ => f64::from(rng.random_range(-2..2 * most_cuts as i32 + 2)) / 2.0,
    })
}

/// The plain walk, whose sums the predictor's must equal bit for bit.
fn plain(trees: &Trees, some: Range<usize>, records: &Array2<f64>) -> Vec<f64> {
    let value = |tree: usize, row| trees.value(&trees.trees()[tree].leaves, trees.leaf(tree, row));
    records.rows().into_iter().map(|row| some.clone().fold(0.0, |sum, tree| sum + value(tree, row))).collect()
}

fn assert_plain(trees: &Trees, records: &Array2<f64>) {
    assert_plain_by(&Predictor::new(trees.clone()), trees, records);
    // Some trees are packed as they are decoded.
    assert_plain_by(&Predictor::new(decode(&encode(trees)).expect("as encoded")), trees, records);
}

fn assert_plain_by(predictor: &Predictor, trees: &Trees, records: &Array2<f64>) {
    let all = trees.trees().len();
    let expected = plain(trees, 0..all, records);
    assert_eq!(predictor.sum(records.view()).to_vec(), expected);
    for (row, &expected) in records.axis_chunks_iter(Axis(0), 1).zip(&expected) {
        assert_eq!(predictor.sum_row(row.as_slice().expect("a row of a matrix")).to_bits(), expected.to_bits());
    }
    for some in [0..0, 0..all / 2, all / 3..all / 2, all / 2..all] {
        assert_eq!(predictor.sum_of(some.clone(), records.view()).to_vec(), plain(trees, some, records));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_sums_as_the_plain_walk(
        seed: u64,
        features in 1usize..20,
        most_cuts in prop_oneof![1usize..5, 200usize..260, 2000usize..3000],
        trees in 0usize..40,
        most_splits in prop_oneof![0usize..8, 20usize..32, 32usize..80, 300usize..600],
        rows in 0usize..90,
    ) {
        let trees = Trees::random(seed, features, most_cuts, trees, most_splits);
        assert_plain(&trees, &records(seed, rows, features, most_cuts));
    }
}

/// Trees of up to `most` conditions each, any of them on any path, once on each.
fn of_few_conditions(seed: u64, features: u16, trees: usize, most: usize) -> Trees {
    let mut rng = task_rng(seed, "few questions", &[]);
    let cuts: Vec<Vec<f64>> = (0..features).map(|_| (0..20).map(f64::from).collect()).collect();
    let mut tree = || {
        let splits: Vec<(usize, u16, bool)> = (0..rng.random_range(0..=most))
            .map(|_| (usize::from(rng.random_range(0..features)), rng.random_range(0..20), rng.random()))
            .collect();
        let (mut nodes, mut open, mut leaves) = (vec![TreeNode::Leaf(0)], vec![(0, 0)], Vec::new());
        while let Some((node, requested)) = open.pop() {
            // Now and then a path leaves a split out.
            let next = (requested..splits.len()).find(|_| rng.random_range(0..10) > 0);
            match next {
                Some(next) => {
                    let (feature, cut, missing_left) = splits[next];
                    let left = nodes.len();
                    nodes[node] = TreeNode::split(feature, cut, missing_left, left);
                    nodes.extend([TreeNode::Leaf(0); 2]);
                    open.extend([(left + 1, next + 1), (left, next + 1)]);
                }
                None => {
                    nodes[node] = TreeNode::Leaf(leaves.len() as u32);
                    leaves.push((rng.random::<f64>() - 0.5, 1));
                }
            }
        }
        Tree { nodes, leaves: Leaves::Values(leaves) }
    };
    let trees = (0..trees).map(|_| tree()).collect();
    Trees::new(cuts, [1.0, 1.0], trees).expect("grown by the rules")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn trees_of_few_conditions_are_summed_as_others(
        seed: u64,
        features in 1u16..20,
        trees in 1usize..60,
        most in 6usize..10,
        rows in 0usize..60,
    ) {
        let trees = of_few_conditions(seed, features, trees, most);
        assert_plain(&trees, &records(seed, rows, usize::from(features), 20));
    }
}

#[test]
fn many_features_and_many_leaves_are_summed_as_few() {
    assert_plain(&Trees::random(1, 3000, 3, 20, 200), &records(1, 40, 3000, 3));
    let large = Trees::random(2, 5, 40_000, 2, 200_000);
    assert!(large.trees().iter().any(|tree| tree.leaves.len() > 1 << 16), "more leaves than 16 bits can number");
    assert_plain(&large, &records(2, 300, 5, 40_000));
}

#[test]
fn sums_do_not_depend_on_threads() {
    let trees = Trees::random(3, 6, 50, 30, 100);
    let records = records(3, 5000, 6, 50);
    let sum = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| Predictor::new(trees.clone()).sum(records.view()))
    };
    assert_eq!(sum(1), sum(3));
    assert_eq!(sum(1).to_vec(), plain(&trees, 0..30, &records));
}

/// More rows than a tile has, the last tile not full.
#[test]
fn rows_of_several_tiles_are_summed_as_others() {
    for (trees, features, rows) in [(30, 7, 1300), (3, 19, 512), (9, 2, 513)] {
        let trees = of_few_conditions(5, features, trees, 7);
        assert_plain(&trees, &records(6, rows, usize::from(features), 20));
    }
}

/// 255 cuts, the last of which only missing values on the right exceed: as many as a byte codes. Infinite values are above or below all
/// others.
#[test]
fn all_cuts_of_a_byte_are_told_apart() {
    let cuts = || vec![(0..254).map(f64::from).chain([f64::MAX]).collect::<Vec<f64>>(); 3];
    let split = |feature, cut, missing_left| Tree {
        nodes: vec![TreeNode::split(feature, cut, missing_left, 1), TreeNode::Leaf(0), TreeNode::Leaf(1)],
        leaves: Leaves::Values(vec![(0.25 + feature as f64, 1), (-1.5, 2)]),
    };
    let ends: Vec<Tree> = (0..12).map(|index| split(index % 3, [0, 253, 254][index / 4], index % 2 == 0)).collect();
    let grown = Trees::random(4, 3, 200, 40, 300);
    let of = |trees: Vec<Tree>| Trees::new(cuts(), [1.0, 1.0], trees).expect("indices are in range");
    let mut records = records(4, 300, 3, 255);
    let special = [f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::NAN, 253.0, 253.5, -0.5, 0.0];
    records.iter_mut().zip(special.iter().cycle()).step_by(3).for_each(|(value, &special)| *value = special);
    // Few conditions (tables, or masks of more than seven trees), and many (walks).
    assert_plain(&of(ends[..7].to_vec()), &records);
    assert_plain(&of(ends.clone()), &records);
    assert_plain(&of([grown.trees(), &ends].concat()), &records);
}
