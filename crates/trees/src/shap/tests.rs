//! The witness is the definition: the game's value for every coalition of features, and the mean over all orders of joining.

use ndarray::{array, ArrayView1, Axis};
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::seed::task_rng;
use crate::{Leaves, Tree, TreeNode};

/// Weight of a node's training rows, by its definition.
fn cover(trees: &Trees, tree: &Tree, index: usize) -> f64 {
    match tree.nodes[index] {
        TreeNode::Split { left, .. } => cover(trees, tree, left as usize) + cover(trees, tree, left as usize + 1),
        TreeNode::Leaf(leaf) => match &tree.leaves {
            Leaves::Values(leaves) => f64::from(leaves[leaf as usize].1),
            Leaves::Frequencies(leaves) => {
                (0..2).map(|class| trees.class_weights()[class] * f64::from(leaves[leaf as usize][class])).sum()
            }
        },
    }
}

/// What a tree says of a row of which only the features of `known` are known: EXPVALUE of Algorithm 1 of Lundberg et al.
fn expected(trees: &Trees, tree: &Tree, index: usize, row: ArrayView1<f64>, known: &[bool]) -> f64 {
    match tree.nodes[index] {
        TreeNode::Leaf(leaf) => trees.value(&tree.leaves, leaf as usize),
        TreeNode::Split { column, cut, left } => {
            let (left, feature) = (left as usize, column.feature());
            let below = |child| expected(trees, tree, child, row, known);
            let value = row[feature];
            let goes_left =
                if value.is_nan() { column.missing_left() } else { value <= trees.cuts()[feature][usize::from(cut)] };
            if known[feature] {
                return below(if goes_left { left } else { left + 1 });
            }
            let [here, to_left] = [index, left].map(|node| cover(trees, tree, node));
            let share = if here > 0.0 { to_left / here } else { 0.5 };
            share * below(left) + (1.0 - share) * below(left + 1)
        }
    }
}

/// Values of all coalitions, by the bits of their members, summed over the trees.
fn game(trees: &Trees, row: ArrayView1<f64>) -> Vec<f64> {
    let value = |coalition: usize| {
        let known: Vec<bool> = (0..trees.n_features()).map(|feature| coalition >> feature & 1 == 1).collect();
        trees.trees().iter().map(|tree| expected(trees, tree, 0, row, &known)).sum()
    };
    (0..1 << trees.n_features()).map(value).collect()
}

/// Shapley values by their definition.
fn shapley(values: &[f64]) -> Vec<f64> {
    let players = values.len().ilog2() as usize;
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    let weight = |size: usize| factorial(size) * factorial(players - size - 1) / factorial(players);
    let of_player = |player: usize| {
        let without = (0..values.len()).filter(|coalition| coalition >> player & 1 == 0);
        without
            .map(|coalition| {
                let size = coalition.count_ones() as usize;
                weight(size) * (values[coalition | 1 << player] - values[coalition])
            })
            .sum()
    };
    (0..players).map(of_player).collect()
}

/// Values below, at, between and above the cuts of [`Trees::random`], some missing.
fn records(seed: u64, rows: usize, features: usize, most_cuts: usize) -> Array2<f64> {
    let mut rng = task_rng(seed, "records", &[]);
    Array2::from_shape_simple_fn((rows, features), || match rng.random_range(0..8) {
        0 => f64::NAN,
        _ => f64::from(rng.random_range(-2..2 * most_cuts as i32 + 2)) / 2.0,
    })
}

/// What the trees add up to, by the plain walk.
fn sum(trees: &Trees, row: ArrayView1<f64>) -> f64 {
    let value = |tree: usize| trees.value(&trees.trees()[tree].leaves, trees.leaf(tree, row));
    (0..trees.trees().len()).map(value).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Few features and many splits, so that features are on a path several times.
    #[test]
    fn contributions_are_shapley_values(
        seed: u64,
        features in 1usize..8,
        most_cuts in 1usize..6,
        trees in 0usize..5,
        most_splits in prop_oneof![0usize..4, 4usize..40],
        scale in 0.1..3.0f64,
    ) {
        let trees = Trees::random(seed, features, most_cuts, trees, most_splits);
        let explainer = Explainer::new(&trees, scale, -0.5);
        let records = records(seed, 3, features, most_cuts);
        let found = explainer.shap(records.view());
        explainer.tabulate();
        prop_assert_eq!(&explainer.shap(records.view()), &found, "tables change nothing");
        for (row, found) in records.rows().into_iter().zip(found.rows()) {
            let values = game(&trees, row);
            prop_assert!((explainer.base() - (scale * values[0] - 0.5)).abs() < 1e-9);
            for (found, expected) in found.iter().zip(shapley(&values)) {
                prop_assert!((found - scale * expected).abs() < 1e-10, "{} is not {}", found, scale * expected);
            }
        }
    }

    /// Additivity (efficiency); and a dummy, a feature that no tree splits on, has no contribution.
    #[test]
    fn contributions_add_up_and_a_dummy_has_none(
        seed: u64,
        features in prop_oneof![2usize..20, 30usize..70],
        most_splits in prop_oneof![1usize..8, 100usize..400],
    ) {
        let requested = Trees::random(seed, features, 20, 12, most_splits);
        let cuts = [requested.cuts(), &[vec![0.0, 1.0]]].concat();
        let trees = Trees::new(cuts, requested.class_weights(), requested.trees().to_vec()).expect("a feature more");
        let explainer = Explainer::new(&trees, 1.0, 0.25);
        let records = records(seed, 5, features + 1, 20);
        for (row, found) in records.rows().into_iter().zip(explainer.shap(records.view()).rows()) {
            let predicted = 0.25 + sum(&trees, row);
            prop_assert!((explainer.base() + found.sum() - predicted).abs() < 1e-9, "{} is not {predicted}", found.sum());
            prop_assert_eq!(found[features], 0.0);
        }
    }

    /// Symmetry: features whose parts in the trees are exchanged exchange their contributions.
    #[test]
    fn contributions_follow_features_that_change_places(seed: u64, most_splits in 1usize..60) {
        let trees = Trees::random(seed, 4, 5, 6, most_splits);
        let turn = |feature: usize| (feature + 1) % 4;
        let turned = |tree: &Tree| {
            let node = |node: &TreeNode| match *node {
                TreeNode::Split { column, cut, left } => {
                    TreeNode::split(turn(column.feature()), cut, column.missing_left(), left as usize)
                }
                leaf => leaf,
            };
            Tree { nodes: tree.nodes.iter().map(node).collect(), leaves: tree.leaves.clone() }
        };
        let mut cuts = trees.cuts().to_vec();
        cuts.rotate_right(1);
        let moved = Trees::new(cuts, trees.class_weights(), trees.trees().iter().map(turned).collect()).expect("trees");
        let records = records(seed, 4, 4, 5);
        let moved_records = records.select(Axis(1), &[3, 0, 1, 2]);
        let found = Explainer::new(&trees, 1.0, 0.0).shap(records.view());
        let found_moved = Explainer::new(&moved, 1.0, 0.0).shap(moved_records.view());
        for feature in 0..4 {
            for (found, moved) in found.column(feature).iter().zip(found_moved.column(turn(feature))) {
                prop_assert!((found - moved).abs() < 1e-12);
            }
        }
    }
}

/// Symmetry by its definition: two features that change no coalition's value by changing places contribute alike.
#[test]
fn features_that_play_alike_contribute_alike() {
    // Feature 0, then feature 1 on both sides, and what both say is what counts: a game of two like players.
    let split = |feature, left| TreeNode::split(feature, 0, true, left);
    let nodes = vec![split(0, 1), split(1, 3), split(1, 5)].into_iter().chain((0..4).map(TreeNode::Leaf)).collect();
    let leaves = Leaves::Values(vec![(1.0, 10), (4.0, 10), (4.0, 10), (9.0, 10)]);
    let trees = Trees::new(vec![vec![0.0]; 3], [1.0; 2], vec![Tree { nodes, leaves }]).expect("a tree");
    let found = Explainer::new(&trees, 1.0, 0.0).shap(array![[1.0, 1.0, 0.0], [-1.0, f64::NAN, 0.0]].view());
    // By hand: the mean is 4.5. 9 - 4.5 in equal parts, and 1 - 4.5.
    for (found, expected) in found.iter().zip([2.25, 2.25, 0.0, -1.75, -1.75, 0.0]) {
        assert!((found - expected).abs() < 1e-14, "{found} is not {expected}");
    }
}

/// By hand: AND of two features, 1 in 4 rows each. f(1, 1) = 1, mean 1/16; φ = ½ (1/4 - 1/16) + ½ (1 - 1/4) = 15/32.
#[test]
fn a_hand_computed_game() {
    let split = |feature, left| TreeNode::split(feature, 0, false, left);
    let nodes = vec![split(0, 1), TreeNode::Leaf(0), split(1, 3), TreeNode::Leaf(1), TreeNode::Leaf(2)];
    let leaves = Leaves::Values(vec![(0.0, 12), (0.0, 3), (1.0, 1)]);
    let trees = Trees::new(vec![vec![0.0]; 2], [1.0; 2], vec![Tree { nodes, leaves }]).expect("a tree");
    let explainer = Explainer::new(&trees, 1.0, 0.0);
    assert_eq!(explainer.base(), 1.0 / 16.0);
    let found = explainer.shap(array![[1.0, 1.0]].view());
    assert!(found.iter().all(|found| (found - 15.0 / 32.0).abs() < 1e-15), "{found}");
}

#[test]
fn contributions_depend_on_neither_threads_nor_other_rows() {
    let trees = Trees::random(3, 9, 5, 70, 9);
    let records = records(3, 300, 9, 5);
    let shap = |threads, records: ArrayView2<f64>| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| Explainer::new(&trees, 0.3, 0.0).shap(records))
    };
    let all = shap(1, records.view());
    assert_eq!(shap(3, records.view()), all);
    for row in [0, 70, 299] {
        let alone = shap(2, records.slice_axis(Axis(0), (row..row + 1).into()));
        assert_eq!(alone.row(0), all.row(row));
    }
    assert_eq!(shap(2, records.slice_axis(Axis(0), (0..0).into())).dim(), (0, 9));
}

/// Whether the paths of all trees are kept, or made for some trees at a time, and of trees or of packed ones.
#[test]
fn large_ensembles_have_the_same_contributions() {
    // Of class frequencies, and of values.
    for seed in [3, 4] {
        let trees = Trees::random(seed, 9, 5, 70, 40);
        let mut packed = trees.clone();
        packed.keep_packed();
        assert!(trees.is_unpacked() && !packed.is_unpacked());
        let records = records(seed, 150, 9, 5);
        let kept = EnsembleExplainer::keeping(&trees, 0.3, usize::MAX, 0);
        for (trees, made) in [(&trees, 0), (&packed, 0), (&packed, 1500), (&packed, usize::MAX)] {
            let made = EnsembleExplainer::keeping(trees, 0.3, 0, made);
            made.tabulate(&mut 1_000_000);
            assert_eq!(made.shap(records.view()), kept.shap(records.view()));
            assert_eq!(made.mean(), kept.mean());
        }
        assert!(!packed.is_unpacked());
    }
}

/// A chain of splits as long as no tree that is grown.
#[test]
fn a_very_deep_tree_is_walked() {
    let depth = 60_000u32;
    let mut nodes = Vec::new();
    for level in 0..depth {
        nodes.push(TreeNode::split(0, level as u16, false, 2 * level as usize + 1));
        nodes.push(TreeNode::Leaf(level));
    }
    nodes.push(TreeNode::Leaf(depth));
    // A pair is a leaf and the next split.
    let leaves = (0..=depth).map(|leaf| (f64::from(leaf), 1)).collect();
    let cuts = vec![(0..depth).map(f64::from).collect()];
    let trees = Trees::new(cuts, [1.0; 2], vec![Tree { nodes, leaves: Leaves::Values(leaves) }]).expect("a chain");
    let explainer = Explainer::new(&trees, 1.0, 0.0);
    let found = explainer.shap(array![[59_990.5], [f64::NAN]].view());
    assert!((explainer.base() + found[[0, 0]] - 59_991.0).abs() < 1e-6);
    assert!((explainer.base() + found[[1, 0]] - 60_000.0).abs() < 1e-6);
}
