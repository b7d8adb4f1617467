//! Forests and boostings in LightGBM's text format, which LightGBM, treelite and shap read.

use std::fmt::Write;

use super::tree_sum::{SumLink, TreeSum};
use hitflop_trees::{Leaves, TreeNode};

/// Bits of `decision_type`: a missing value is NaN; it goes left.
const MISSING_IS_NAN: u8 = 2 << 2;
const DEFAULT_LEFT: u8 = 1 << 1;

/// An estimator in LightGBM's text format (version 4). A boosting predicts as an objective `binary`, a tree or a forest as a
/// mean of trees (`average_output`). Leaves and nodes have their numbers of training rows, from which SHAP values follow; weights
/// of classes and rows are not in them. Calibration and threshold have no place in the format.
pub fn lightgbm(sum: &TreeSum) -> String {
    let trees: Vec<String> = tree_texts(sum);
    let mut text = header(sum);
    let sizes: Vec<String> = trees.iter().map(|tree| tree.len().to_string()).collect();
    text.push_str(&format!("tree_sizes={}\n\n", sizes.join(" ")));
    trees.iter().for_each(|tree| text.push_str(tree));
    text.push_str(
        "end of trees\n\nfeature_importances:\n\nparameters:\nend of parameters\n\npandas_categorical:null\n",
    );
    text
}

fn header(sum: &TreeSum) -> String {
    let (objective, mean) = match sum.link {
        SumLink::LogOdds(_) => ("binary sigmoid:1", ""),
        SumLink::Mean(_) => ("regression", "average_output\n"),
    };
    let range = |cuts: &Vec<f64>| match (cuts.first(), cuts.last()) {
        (Some(first), Some(last)) => format!("[{first:?}:{last:?}]"),
        _ => "none".to_owned(),
    };
    let ranges: Vec<String> = sum.trees.cuts().iter().map(range).collect();
    format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx={}\nobjective={objective}\n\
         {mean}feature_names={}\nfeature_infos={}\n",
        sum.features.len() - 1,
        sum.features.join(" "),
        ranges.join(" ")
    )
}

/// The trees in their order; a boosting's baseline is part of the first one's values.
fn tree_texts(sum: &TreeSum) -> Vec<String> {
    let baseline = match sum.link {
        SumLink::LogOdds(baseline) => baseline,
        SumLink::Mean(_) => 0.0,
    };
    let count = sum.trees.trees().len();
    if count == 0 {
        return vec![leaf_text(0, baseline, 1)];
    }
    (0..count).map(|tree| tree_text(sum, tree, if tree == 0 { baseline } else { 0.0 })).collect()
}

fn leaf_text(tree: usize, value: f64, rows: u64) -> String {
    format!(
        "Tree={tree}\nnum_leaves=1\nnum_cat=0\nleaf_value={value:?}\nleaf_count={rows}\nis_linear=0\nshrinkage=1\n\n\n"
    )
}

/// Values of the splits of a tree, in the order of its nodes, which is the number of each split in the format.
#[derive(Default)]
struct SplitLines {
    feature: Vec<String>,
    threshold: Vec<String>,
    decision: Vec<String>,
    children: [Vec<String>; 2],
    value: Vec<String>,
    rows: Vec<String>,
}

fn tree_text(sum: &TreeSum, tree: usize, added: f64) -> String {
    let own = &sum.trees.trees()[tree];
    let value = |leaf: usize| sum.leaf_value(tree, leaf as u32) + added;
    if let [TreeNode::Leaf(_)] = own.nodes[..] {
        return leaf_text(tree, value(0), own.leaves.rows(0));
    }
    let lines = split_lines(sum, tree, &value);
    let leaves = 0..own.leaves.len();
    let values: Vec<String> = leaves.clone().map(|leaf| format!("{:?}", value(leaf))).collect();
    let rows: Vec<String> = leaves.map(|leaf| own.leaves.rows(leaf).to_string()).collect();
    let mut text = format!("Tree={tree}\nnum_leaves={}\nnum_cat=0\n", values.len());
    let gains = vec!["0"; lines.feature.len()].join(" ");
    for (name, line) in [
        ("split_feature", lines.feature.join(" ")),
        ("split_gain", gains),
        ("threshold", lines.threshold.join(" ")),
        ("decision_type", lines.decision.join(" ")),
        ("left_child", lines.children[0].join(" ")),
        ("right_child", lines.children[1].join(" ")),
        ("leaf_value", values.join(" ")),
        ("leaf_weight", rows.join(" ")),
        ("leaf_count", rows.join(" ")),
        ("internal_value", lines.value.join(" ")),
        ("internal_weight", lines.rows.join(" ")),
        ("internal_count", lines.rows.join(" ")),
    ] {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{name}={line}");
    }
    text.push_str("is_linear=0\nshrinkage=1\n\n\n");
    text
}

fn split_lines(sum: &TreeSum, tree: usize, value: &dyn Fn(usize) -> f64) -> SplitLines {
    let own = &sum.trees.trees()[tree];
    let numbers = split_numbers(&own.nodes);
    let means = node_means(&own.nodes, &own.leaves, value);
    let child = |node: usize| match own.nodes[node] {
        // A leaf is the bitwise complement of its number.
        TreeNode::Leaf(leaf) => (-1 - i64::from(leaf)).to_string(),
        TreeNode::Split { .. } => numbers[node].to_string(),
    };
    let mut lines = SplitLines::default();
    for (index, node) in own.nodes.iter().enumerate() {
        let TreeNode::Split { column, cut, left } = *node else { continue };
        let missing = MISSING_IS_NAN | if column.missing_left() { DEFAULT_LEFT } else { 0 };
        lines.feature.push(column.feature().to_string());
        lines.threshold.push(format!("{:?}", sum.trees.cuts()[column.feature()][usize::from(cut)]));
        lines.decision.push(missing.to_string());
        lines.children[0].push(child(left as usize));
        lines.children[1].push(child(left as usize + 1));
        lines.value.push(format!("{:?}", means[index].0));
        lines.rows.push(means[index].1.to_string());
    }
    lines
}

/// Number of each split among the splits.
fn split_numbers(nodes: &[TreeNode]) -> Vec<usize> {
    let mut next = 0;
    let number = |node: &TreeNode| {
        let own = next;
        next += usize::from(matches!(node, TreeNode::Split { .. }));
        own
    };
    nodes.iter().map(number).collect()
}

/// Mean value and training rows of each node.
fn node_means(nodes: &[TreeNode], leaves: &Leaves, value: &dyn Fn(usize) -> f64) -> Vec<(f64, u64)> {
    let mut means = vec![(0.0, 0); nodes.len()];
    // Children come after their parents.
    for (index, node) in nodes.iter().enumerate().rev() {
        means[index] = match *node {
            TreeNode::Leaf(leaf) => (value(leaf as usize), leaves.rows(leaf as usize)),
            TreeNode::Split { left, .. } => {
                let [(left, left_rows), (right, right_rows)] = [means[left as usize], means[left as usize + 1]];
                let rows = left_rows + right_rows;
                ((left * left_rows as f64 + right * right_rows as f64) / rows as f64, rows)
            }
        };
    }
    means
}
