//! Trees as the operator `TreeEnsembleRegressor`.
//!
//! The operator compares 32-bit floats. A threshold is the greatest 32-bit float that is at most the cut, so that a 32-bit value
//! goes left exactly if it is at most the cut, also one float above and below. (A cut lies midway between two values of
//! training; whenever their 32-bit images differ, that threshold separates the images.)

use super::exact_sum::{ExactSum, PARTS};
use super::graph::{GraphBuilder, TensorName, ML_DOMAIN};
use super::proto::{AttributeProto, TensorProto, DOUBLE};
use crate::export::tree_sum::TreeSum;
use hitflop_trees::TreeNode;

/// Nodes and leaves of all trees as the operator's attributes.
#[derive(Default)]
struct EnsembleNodes {
    tree: Vec<i64>,
    node: Vec<i64>,
    feature: Vec<i64>,
    value: Vec<f32>,
    mode: Vec<&'static str>,
    left: Vec<i64>,
    right: Vec<i64>,
    missing_left: Vec<i64>,
    target_tree: Vec<i64>,
    target_node: Vec<i64>,
    target: Vec<i64>,
    weight: Vec<f32>,
}

/// Adds the nodes that compute, for each row of `input`, the sum of its leaf values and `constant`: rows × 1, 64-bit floats.
pub(super) fn add(graph: &mut GraphBuilder, sum: &TreeSum, input: &str, constant: f64) -> TensorName {
    let (trees, leaves) = sum.split_trees();
    let constant = constant + leaves;
    if trees.is_empty() {
        return constant_column(graph, input, constant);
    }
    let nodes = EnsembleNodes::of(sum, &trees);
    let parts = graph.node(ML_DOMAIN, "TreeEnsembleRegressor", &[input], nodes.attributes());
    let parts = graph.cast(&parts, DOUBLE);
    let total = graph.row_sums(&parts);
    let constant = graph.number(constant);
    graph.op("Add", &[&total, &constant], vec![])
}

/// The same number for each row of `input`.
fn constant_column(graph: &mut GraphBuilder, input: &str, constant: f64) -> TensorName {
    let shape = graph.op("Shape", &[input], vec![]);
    let first = graph.whole_numbers(vec![0]);
    let rows = graph.op("Gather", &[&shape, &first], vec![]);
    let one = graph.whole_numbers(vec![1]);
    let shape = graph.op("Concat", &[&rows, &one], vec![AttributeProto::int("axis", 0)]);
    let value = TensorProto::doubles("value", vec![1], vec![constant]);
    graph.op("ConstantOfShape", &[&shape], vec![AttributeProto::tensor("value", value)])
}

/// The greatest 32-bit float that is at most `cut`.
fn float_at_most(cut: f64) -> f32 {
    let nearest = cut as f32;
    if f64::from(nearest) > cut {
        nearest.next_down()
    } else {
        nearest
    }
}

impl EnsembleNodes {
    fn of(sum: &TreeSum, trees: &[usize]) -> EnsembleNodes {
        let greatest = |tree: usize| {
            let leaves = 0..sum.trees.trees()[tree].leaves.len();
            leaves.map(|leaf| sum.leaf_value(tree, leaf as u32).abs()).fold(0.0, f64::max)
        };
        let exact = ExactSum::new(trees.len(), trees.iter().map(|&tree| greatest(tree)).sum());
        let mut nodes = EnsembleNodes::default();
        for (number, &tree) in (0..).zip(trees) {
            for (index, &node) in (0..).zip(&sum.trees.trees()[tree].nodes) {
                nodes.tree.push(number);
                nodes.node.push(index);
                match node {
                    TreeNode::Leaf(leaf) => {
                        nodes.push_branch(0, 0.0, "LEAF", [0, 0], false);
                        nodes.push_leaf(number, index, exact.parts(sum.leaf_value(tree, leaf)));
                    }
                    TreeNode::Split { column, cut, left } => {
                        let threshold = float_at_most(sum.trees.cuts()[column.feature()][usize::from(cut)]);
                        let children = [i64::from(left), i64::from(left) + 1];
                        let feature = column.feature() as i64;
                        nodes.push_branch(feature, threshold, "BRANCH_LEQ", children, column.missing_left());
                    }
                }
            }
        }
        nodes
    }

    fn push_branch(&mut self, feature: i64, value: f32, mode: &'static str, children: [i64; 2], missing_left: bool) {
        self.feature.push(feature);
        self.value.push(value);
        self.mode.push(mode);
        self.left.push(children[0]);
        self.right.push(children[1]);
        self.missing_left.push(i64::from(missing_left));
    }

    fn push_leaf(&mut self, tree: i64, node: i64, parts: [f32; PARTS]) {
        for (target, part) in (0..).zip(parts) {
            self.target_tree.push(tree);
            self.target_node.push(node);
            self.target.push(target);
            self.weight.push(part);
        }
    }

    fn attributes(self) -> Vec<AttributeProto> {
        vec![
            AttributeProto::text("aggregate_function", "SUM"),
            AttributeProto::text("post_transform", "NONE"),
            AttributeProto::int("n_targets", PARTS as i64),
            AttributeProto::ints("nodes_treeids", self.tree),
            AttributeProto::ints("nodes_nodeids", self.node),
            AttributeProto::ints("nodes_featureids", self.feature),
            AttributeProto::floats("nodes_values", self.value),
            AttributeProto::texts("nodes_modes", self.mode),
            AttributeProto::ints("nodes_truenodeids", self.left),
            AttributeProto::ints("nodes_falsenodeids", self.right),
            AttributeProto::ints("nodes_missing_value_tracks_true", self.missing_left),
            AttributeProto::ints("target_treeids", self.target_tree),
            AttributeProto::ints("target_nodeids", self.target_node),
            AttributeProto::ints("target_ids", self.target),
            AttributeProto::floats("target_weights", self.weight),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_separates_floats_exactly_as_the_cut_does() {
        let ninth = 1.0 / 9.0;
        for cut in [0.0, 0.1, -0.1, ninth, 1e-310, -1e-310, 433.182_335, 16_777_217.0, 1e300, -1e300, f64::MAX] {
            let threshold = float_at_most(cut);
            let near = [threshold.next_down(), threshold, threshold.next_up(), cut as f32];
            for value in near.into_iter().filter(|value| value.is_finite()) {
                assert_eq!(value <= threshold, f64::from(value) <= cut, "{value} {cut}");
            }
        }
    }
}
