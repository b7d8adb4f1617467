use linfa::ParamGuard;
use ndarray::Array2;
use proptest::prelude::*;

use super::super::{MaxFeatures, MaxSamples, RandomForestParams, Splitter};
use super::*;
use crate::{Leaves, Tree, TreeNode, Trees};

/// Four features, one of them with few values, one often missing.
fn records() -> impl Strategy<Value = (Array2<f64>, Vec<bool>)> {
    let row = (0.0..1.0f64, 0u8..4, prop_oneof![0.0..9.0f64, Just(f64::NAN)], 0u8..200, any::<bool>());
    prop::collection::vec(row, 1..300).prop_map(|rows| {
        let value = |&(a, b, c, d, _): &(f64, u8, f64, u8, bool)| [a, f64::from(b), c, f64::from(d)];
        let values: Vec<f64> = rows.iter().flat_map(value).collect();
        let targets = rows.iter().map(|row| row.4 || row.0 > 0.8).collect();
        (Array2::from_shape_vec((rows.len(), 4), values).expect("a matrix"), targets)
    })
}

fn splitter() -> impl Strategy<Value = Splitter> {
    prop_oneof![Just(Splitter::Best), Just(Splitter::Random)]
}

fn grown(
    params: RandomForestParams,
    records: &Array2<f64>,
    targets: &[bool],
    weights: Option<&[f32]>,
) -> Vec<GrownTree> {
    let params = params.check().expect("legal");
    let binning = Binning::fit(records.view(), params.max_bins());
    let binned = binning.transform(records.view());
    ForestGrower::new(&params, &binned, &binning, targets, weights).expect("legal").grow(0..params.n_estimators())
}

/// The tree cut at every node that `is_leaf`, by depth and rows; nodes in the order in which a grower makes them.
fn cut(grown: &GrownTree, is_leaf: impl Fn(usize, u32) -> bool) -> (Vec<(TreeNode, [u32; 2])>, Vec<u32>) {
    let Leaves::Frequencies(leaves) = &grown.tree.leaves else { panic!("no sample weights") };
    let nodes = &grown.tree.nodes;
    let mut counts = vec![[0; 2]; nodes.len()];
    for (index, node) in nodes.iter().enumerate().rev() {
        counts[index] = match *node {
            TreeNode::Leaf(leaf) => leaves[leaf as usize],
            TreeNode::Split { left, .. } => {
                [0, 1].map(|class| counts[left as usize][class] + counts[left as usize + 1][class])
            }
        };
    }
    let (mut kept, mut rows) = (vec![(TreeNode::Leaf(0), counts[0])], vec![grown.rows[0]]);
    let mut pending = vec![(0, 0, 0)];
    while let Some((node, to, depth)) = pending.pop() {
        if let (TreeNode::Split { column, cut, left }, false) = (nodes[node], is_leaf(depth, grown.rows[node])) {
            let left = left as usize;
            kept[to].0 = TreeNode::Split { column, cut, left: kept.len() as u32 };
            pending.extend([(left + 1, kept.len() + 1, depth + 1), (left, kept.len(), depth + 1)]);
            for child in [left, left + 1] {
                kept.push((TreeNode::Leaf(0), counts[child]));
                rows.push(grown.rows[child]);
            }
        }
    }
    (kept, rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What lets a search grow trees once for many depths, node sizes and numbers of trees.
    #[test]
    fn smaller_trees_and_forests_are_parts_of_larger_ones(
        (records, targets) in records(),
        max_depth in 1usize..8,
        min_samples_split in 2usize..40,
        min_samples_leaf in 1usize..4,
        bootstrap in any::<bool>(),
        max_features in 1usize..5,
        splitter in splitter(),
    ) {
        let params = RandomForestParams::new()
            .n_estimators(5)
            .splitter(splitter)
            .bootstrap(bootstrap)
            .min_samples_leaf(min_samples_leaf)
            .max_features(MaxFeatures::Number(max_features));
        let whole = grown(params, &records, &targets, None);
        prop_assert_eq!(&whole[..2], &grown(params.n_estimators(2), &records, &targets, None)[..]);
        let shallow = grown(params.max_depth(max_depth), &records, &targets, None);
        let coarse = grown(params.min_samples_split(min_samples_split), &records, &targets, None);
        for tree in 0..5 {
            let expected = cut(&whole[tree], |depth, _| depth == max_depth);
            prop_assert_eq!(expected, cut(&shallow[tree], |_, _| false));
            let expected = cut(&whole[tree], |_, rows| (rows as usize) < min_samples_split);
            prop_assert_eq!(expected, cut(&coarse[tree], |_, _| false));
        }
    }

    /// A row of weight 2 equals a repeated row, except in counts of distinct rows; a row of weight 0 equals an absent one.
    #[test]
    fn weights_count_rows(
        (records, targets) in records(),
        weights in prop::collection::vec(0u8..4, 300),
        splitter in splitter(),
    ) {
        let weights: Vec<f32> = weights[..targets.len()].iter().map(|&weight| f32::from(weight)).collect();
        prop_assume!(weights.iter().any(|&weight| weight > 0.0));
        let rows: Vec<usize> = (0..targets.len()).flat_map(|row| vec![row; weights[row] as usize]).collect();
        let axis = ndarray::Axis(0);
        let repeated = records.select(axis, &rows);
        let repeated_targets: Vec<bool> = rows.iter().map(|&row| targets[row]).collect();
        let params = RandomForestParams::new().n_estimators(2).bootstrap(false).splitter(splitter);
        // The repeated rows have the same bins, if bins are those of all rows.
        let binning = Binning::fit(records.view(), 255);
        let (binned, binned_repeated) = (binning.transform(records.view()), binning.transform(repeated.view()));
        let params = params.check().expect("legal");
        let grow = |binned, targets, weights| {
            let grower = ForestGrower::new(&params, binned, &binning, targets, weights).expect("legal");
            grower.grow(0..params.n_estimators())
        };
        let weighted = grow(&binned, &targets, Some(&weights));
        let plain = grow(&binned_repeated, &repeated_targets, None);
        for (weighted, plain) in weighted.iter().zip(&plain) {
            prop_assert_eq!(&weighted.tree.nodes, &plain.tree.nodes);
            let Leaves::Frequencies(counts) = &plain.tree.leaves else { panic!("no weights") };
            for (leaf, counts) in counts.iter().enumerate() {
                let share = f64::from(counts[1]) / f64::from(counts[0] + counts[1]);
                let found = match &weighted.tree.leaves {
                    Leaves::Values(leaves) => leaves[leaf].0,
                    Leaves::Frequencies(leaves) => f64::from(leaves[leaf][1]) / f64::from(leaves[leaf][0] + leaves[leaf][1]),
                };
                prop_assert!((found - share).abs() < 1e-12);
            }
        }
    }

    /// Leaves hold what the walk through the assembled tree finds, and every row finds a leaf that its missing values allow.
    #[test]
    fn leaves_hold_the_rows_that_fall_into_them(
        (records, targets) in records(),
        min_samples_leaf in 1usize..5,
        splitter in splitter(),
    ) {
        let params = RandomForestParams::new().n_estimators(2).bootstrap(false);
        let params = params.min_samples_leaf(min_samples_leaf).splitter(splitter);
        let grown = grown(params, &records, &targets, None);
        let trees: Vec<Tree> = grown.iter().map(|grown| grown.tree.clone()).collect();
        let trees = Trees::from_binned(Binning::fit(records.view(), 255), [1.0, 1.0], trees).expect("valid");
        for (index, tree) in trees.trees().iter().enumerate() {
            let mut counts = vec![[0; 2]; tree.leaves.len()];
            for (row, &positive) in records.rows().into_iter().zip(&targets) {
                counts[trees.leaf(index, row)][usize::from(positive)] += 1;
            }
            prop_assert!(tree.leaves.len() == 1 || counts.iter().all(|leaf| leaf[0] + leaf[1] >= min_samples_leaf as u32));
            prop_assert_eq!(&tree.leaves, &Leaves::Frequencies(counts));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Of features with one cut a random cut is the best one: both splitters find the same trees.
    #[test]
    fn without_a_choice_a_random_cut_is_the_best(
        rows in prop::collection::vec((prop::array::uniform4(prop::option::of(any::<bool>())), any::<bool>()), 1..200),
        min_samples_leaf in 1usize..4,
        seed in any::<u64>(),
    ) {
        let values = rows.iter().flat_map(|row| row.0.map(|value| value.map_or(f64::NAN, f64::from))).collect();
        let records = Array2::from_shape_vec((rows.len(), 4), values).expect("a matrix");
        let targets: Vec<bool> = rows.iter().map(|row| row.1).collect();
        let params = RandomForestParams::new().n_estimators(3).max_features(MaxFeatures::All).seed(seed);
        let params = params.min_samples_leaf(min_samples_leaf);
        let best = grown(params, &records, &targets, None);
        prop_assert_eq!(grown(params.splitter(Splitter::Random), &records, &targets, None), best);
    }
}

#[test]
fn a_bootstrap_draws_as_many_rows_as_requested() {
    let records = Array2::from_shape_fn((200, 1), |(row, _)| row as f64);
    let targets: Vec<bool> = (0..200).map(|row| row % 3 == 0).collect();
    for (max_samples, expected) in [
        (None, 200),
        (Some(MaxSamples::Number(50)), 50),
        (Some(MaxSamples::Fraction(0.25)), 50),
        (Some(MaxSamples::Fraction(0.001)), 1),
    ] {
        for tree in grown(RandomForestParams::new().n_estimators(3).max_samples(max_samples), &records, &targets, None)
        {
            let sampled: u64 = (0..tree.tree.leaves.len()).map(|leaf| tree.tree.leaves.rows(leaf)).sum();
            assert_eq!(sampled, expected);
            assert!(u64::from(tree.rows[0]) <= expected);
        }
    }
}
