//! Symmetric trees against the definition, in floating point, and what is true of them by their shape.

use std::collections::BTreeSet;

use ndarray::ArrayView2;
use proptest::prelude::*;

use super::naive::{divided, NaiveBoosting, NaiveDerivatives};
use super::*;
use crate::boosting::loss::sigmoid;
use crate::Tree;

type RowIndices = Vec<usize>;

/// A level's nodes: index in the tree, and rows.
type NaiveLevel = Vec<(usize, RowIndices)>;

/// Feature, cut, and where missing values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SplitKey {
    feature: usize,
    cut: u16,
    missing_left: bool,
}

struct NaiveSymmetric<'a> {
    definition: &'a NaiveBoosting,
    records: ArrayView2<'a, f64>,
    cuts: &'a [Vec<f64>],
    derivatives: NaiveDerivatives,
    /// The conditions of the tree to compare with.
    level_splits: BTreeSet<SplitKey>,
}

impl NaiveSymmetric<'_> {
    fn parts(&self, rows: &[usize], question: SplitKey) -> Option<[RowIndices; 2]> {
        let feature = question.feature;
        let cut = *self.cuts[feature].get(usize::from(question.cut)).unwrap_or(&f64::MAX);
        let parts = divided(self.records.column(feature), rows, cut, question.missing_left);
        let sums = [&parts[0], &parts[1]].map(|rows| self.derivatives.sums(rows));
        let NaiveBoosting { min_rows, min_hessian, .. } = *self.definition;
        sums.iter().all(|side| side.rows >= min_rows && side.hessian >= min_hessian).then_some(parts)
    }

    fn gain(&self, rows: &[usize], question: SplitKey) -> f64 {
        let term = |rows: &[usize]| self.definition.term(self.derivatives.sums(rows));
        self.parts(rows, question).map_or(0.0, |[left, right]| term(&left) + term(&right) - term(rows))
    }

    /// The condition with the greatest sum of gains; of conditions with the same sum, but for rounding, one that was chosen.
    fn best(&self, level: &NaiveLevel) -> Option<SplitKey> {
        const ROUNDING: f64 = 1e-4;
        let cuts = |feature: usize| 0..=self.cuts[feature].len() as u16;
        let questions = (0..self.cuts.len()).flat_map(|feature| {
            cuts(feature).flat_map(move |cut| [true, false].map(|missing_left| SplitKey { feature, cut, missing_left }))
        });
        let gain = |question: SplitKey| level.iter().map(|(_, rows)| self.gain(rows, question)).sum();
        let gains: Vec<(SplitKey, f64)> = questions.map(|question| (question, gain(question))).collect();
        let most = gains.iter().map(|&(_, gain)| gain).fold(0.0, f64::max);
        let best = gains.iter().filter(|&&(_, gain)| gain > 1e-9 && gain >= most - ROUNDING);
        let best: Vec<SplitKey> = best.map(|&(question, _)| self.towards_the_heavier_side(level, question)).collect();
        best.iter().find(|question| self.level_splits.contains(question)).or(best.first()).copied()
    }

    /// Where no node that can be split has missing values, they go to the side of more rows.
    fn towards_the_heavier_side(&self, level: &NaiveLevel, question: SplitKey) -> SplitKey {
        let open = level.iter().filter(|(_, rows)| rows.len() >= 2 * self.definition.min_rows);
        let rows: RowIndices = open.flat_map(|(_, rows)| rows.clone()).collect();
        let feature = question.feature;
        if rows.iter().any(|&row| self.records[[row, feature]].is_nan()) {
            return question;
        }
        let cut = *self.cuts[feature].get(usize::from(question.cut)).unwrap_or(&f64::MAX);
        let [left, right] = divided(self.records.column(feature), &rows, cut, true);
        SplitKey { missing_left: left.len() >= right.len(), ..question }
    }

    fn grow(&self) -> Tree {
        let mut nodes = vec![TreeNode::Leaf(0)];
        let mut level: NaiveLevel = vec![(0, (0..self.records.nrows()).collect())];
        for _ in 0..self.definition.max_depth {
            let Some(question) = self.best(&level) else { break };
            let mut next = Vec::new();
            for (index, rows) in level {
                let Some([left_rows, right_rows]) = self.parts(&rows, question) else {
                    next.push((index, rows));
                    continue;
                };
                let SplitKey { feature, cut, missing_left } = question;
                let left = nodes.len();
                nodes[index] = TreeNode::split(feature, cut, missing_left, left);
                nodes.extend([TreeNode::Leaf(0); 2]);
                next.extend([(left, left_rows), (left + 1, right_rows)]);
            }
            level = next;
        }
        for (leaf, &(index, _)) in level.iter().enumerate() {
            nodes[index] = TreeNode::Leaf(leaf as u32);
        }
        let leaves = level.iter().map(|(_, rows)| (self.value(rows), rows.len() as u32)).collect();
        Tree { nodes, leaves: Leaves::Values(leaves) }
    }

    fn value(&self, rows: &[usize]) -> f64 {
        let hessian: f64 = rows.iter().map(|&row| self.derivatives.of_row[row].2).sum();
        -self.definition.learning_rate * self.derivatives.sums(rows).gradient / (hessian + self.definition.l2)
    }
}

fn check(params: GradientBoostingParams) {
    let definition = NaiveBoosting::of(params.check_ref().expect("legal"));
    for seed in 0..3 {
        let (records, targets) = examples(200, seed);
        let model = params.fit(&Dataset::new(records.clone(), targets.clone())).expect("a model");
        let mut margins = vec![model.baseline(); targets.len()];
        for (index, tree) in model.trees().trees().iter().enumerate() {
            let derivatives = NaiveDerivatives::new(&margins, &targets, definition.is_newton);
            let cuts = model.trees().cuts();
            let level_splits = questions(tree);
            let naive =
                NaiveSymmetric { definition: &definition, records: records.view(), cuts, derivatives, level_splits };
            let expected = Trees::new(cuts.to_vec(), [1.0, 1.0], vec![naive.grow()]).expect("a tree");
            assert_eq!(tree.nodes, expected.trees()[0].nodes, "seed {seed}, tree {index}");
            let (Leaves::Values(found), Leaves::Values(leaves)) = (&tree.leaves, &expected.trees()[0].leaves) else {
                panic!("a boosting's leaves hold values")
            };
            for (found, expected) in found.iter().zip(leaves) {
                assert!((found.0 - expected.0).abs() < 1e-10 && found.1 == expected.1, "{found:?} {expected:?}");
            }
            for (row, margin) in margins.iter_mut().enumerate() {
                *margin += found[model.trees().leaf(index, records.row(row))].0;
            }
        }
        let sums = model.predict_proba(records.view());
        assert!(sums.iter().zip(&margins).all(|(found, &margin)| (found - sigmoid(margin)).abs() < 1e-12));
    }
}

#[test]
fn symmetric_trees_are_those_of_the_definition() {
    check(symmetric().n_estimators(6));
}

#[test]
fn unlimited_symmetric_trees_are_those_of_the_definition() {
    check(symmetric().n_estimators(6).min_samples_leaf(1).min_child_weight(0.0).l2_regularization(2.0));
}

#[test]
fn regularised_symmetric_trees_are_those_of_the_definition() {
    check(symmetric().n_estimators(6).l2_regularization(3.0).min_child_weight(4.0).min_samples_leaf(1));
}

#[test]
fn friedmans_symmetric_trees_are_those_of_the_definition() {
    check(symmetric().n_estimators(6).criterion(SplitCriterion::FriedmanMse));
}

/// Every question of a tree.
fn questions(tree: &Tree) -> BTreeSet<SplitKey> {
    let question = |node: &TreeNode| match *node {
        TreeNode::Split { column, cut, .. } => {
            Some(SplitKey { feature: column.feature(), cut, missing_left: column.missing_left() })
        }
        TreeNode::Leaf(_) => None,
    };
    tree.nodes.iter().filter_map(question).collect()
}

#[test]
fn all_nodes_of_a_level_have_the_same_condition() {
    // So many rows that no leaf is too small to be split.
    let model = fit(&symmetric().max_depth(Some(3)).min_samples_leaf(1).min_child_weight(0.0), 3000);
    let full = model.trees().trees().iter().filter(|tree| tree.leaves.len() == 8);
    let mut levels = 0;
    for tree in full {
        let mut level = vec![0];
        while level.iter().all(|&index| matches!(tree.nodes[index], TreeNode::Split { .. })) {
            let level_splits = level.iter().map(|&index| match tree.nodes[index] {
                TreeNode::Split { column, cut, left } => ((column, cut), left as usize),
                TreeNode::Leaf(_) => unreachable!("all are splits"),
            });
            let (level_splits, lefts): (BTreeSet<_>, Vec<usize>) = level_splits.unzip();
            assert_eq!(level_splits.len(), 1);
            level = lefts.into_iter().flat_map(|left| [left, left + 1]).collect();
            levels += 1;
        }
    }
    assert!(levels >= 3 * 6, "{levels} levels");
    // The number of leaves does not matter.
    let leaves = |number| fit(&symmetric().num_leaves(number), 300);
    assert_eq!(leaves(None), leaves(Some(2)));
}

#[test]
fn a_node_that_a_question_does_not_part_is_split_by_the_next() {
    // Feature 0 gains most; then feature 1, which varies on its right alone; then feature 2, which varies on its left alone.
    let kinds = [([0.0, 0.0, 0.0], false, 10), ([0.0, 0.0, 1.0], true, 2), ([1.0, 0.0, 0.0], true, 20)];
    let kinds = [&kinds[..], &[([1.0, 1.0, 0.0], false, 4)]].concat();
    let rows: Vec<([f64; 3], bool)> =
        kinds.into_iter().flat_map(|(row, is_positive, times)| vec![(row, is_positive); times]).collect();
    let (records, targets): (Vec<[f64; 3]>, Vec<bool>) = rows.into_iter().unzip();
    let dataset = Dataset::new(Array2::from(records), Array1::from(targets));
    let params = symmetric().n_estimators(1).max_depth(Some(3)).min_samples_leaf(1).min_child_weight(0.0);
    let grown = |depth| params.clone().max_depth(Some(depth)).fit(&dataset).expect("a model");
    for (depth, leaves) in [(1, vec![12, 24]), (2, vec![12, 20, 4]), (3, vec![10, 2, 20, 4])] {
        let model = grown(depth);
        assert_eq!(rows_in_leaves(model.trees()), [leaves]);
        assert_eq!(questions(&model.trees().trees()[0]).len(), depth);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn shapes_are_symmetric_and_leaves_full(
        rows in 2usize..120,
        seed in 0u64..1000,
        depth in 1usize..=16,
        min_samples_leaf in 1usize..5,
        subsample in prop_oneof![Just(1.0), 0.2..1.0f64],
        l2 in prop_oneof![Just(0.0), 0.0..5.0f64],
    ) {
        let params = small().symmetric(true).n_estimators(4).max_depth(Some(depth)).subsample(subsample);
        let params = params.min_samples_leaf(min_samples_leaf).l2_regularization(l2).seed(seed);
        let (records, targets) = examples(rows, seed);
        let model = params.fit(&Dataset::new(records, targets)).expect("a model");
        let sampled = ((rows as f64 * subsample).round() as u64).max(1);
        for (tree, leaves) in model.trees().trees().iter().zip(rows_in_leaves(model.trees())) {
            prop_assert!(tree.depth() <= questions(tree).len() && questions(tree).len() <= depth);
            prop_assert_eq!(leaves.iter().sum::<u64>(), sampled);
            prop_assert!(leaves.len() == 1 || leaves.iter().all(|&rows| rows >= min_samples_leaf as u64));
        }
    }
}
