//! A blend as one sum of trees.

use super::model::{Blend, BlendMember};
use crate::{GradientBoosting, InvalidTree, Leaves, Tree, TreeNode, Trees};

/// All trees over the cuts of all members, with leaves that add up to the log odds.
pub(super) fn as_boosting(blend: &Blend) -> Result<GradientBoosting, InvalidTree> {
    let cuts = joined_cuts(blend);
    let mut baseline = blend.intercept();
    let mut trees = Vec::new();
    for BlendMember { weight, model, .. } in blend.members() {
        let (offset, scale) = model.offset_and_scale();
        baseline += weight * offset;
        let of_member = model.trees();
        let places = places(of_member.cuts(), &cuts);
        trees.extend(of_member.trees().iter().map(|tree| scaled(of_member, tree, weight * scale, &places)));
    }
    let trees = Trees::new(cuts, [1.0, 1.0], trees)?;
    Ok(GradientBoosting::from_parts(trees, baseline, blend.importances()))
}

/// Each feature's cuts in any member, ascending.
fn joined_cuts(blend: &Blend) -> Vec<Vec<f64>> {
    let of_feature = |feature: usize| {
        let members = blend.members().iter();
        let mut cuts: Vec<f64> = members.flat_map(|member| &member.model.trees().cuts()[feature]).copied().collect();
        cuts.sort_unstable_by(f64::total_cmp);
        // Zeros of both signs are the same cut.
        cuts.dedup_by(|a, b| a == b);
        cuts
    };
    (0..blend.n_features()).map(of_feature).collect()
}

/// Of each feature's cut, its index among `all`.
fn places(cuts: &[Vec<f64>], all: &[Vec<f64>]) -> Vec<Vec<u16>> {
    let of_feature = |(cuts, all): (&Vec<f64>, &Vec<f64>)| {
        // Too many for an index are refused with the trees.
        cuts.iter().map(|&cut| u16::try_from(all.partition_point(|&other| other < cut)).unwrap_or(u16::MAX)).collect()
    };
    cuts.iter().zip(all).map(of_feature).collect()
}

/// A tree whose leaves hold `scale` times their value.
fn scaled(trees: &Trees, tree: &Tree, scale: f64, places: &[Vec<u16>]) -> Tree {
    let node = |node: &TreeNode| match *node {
        TreeNode::Split { column, cut, left } => {
            TreeNode::Split { column, cut: places[column.feature()][usize::from(cut)], left }
        }
        leaf => leaf,
    };
    let leaf = |leaf: usize| {
        let rows = u32::try_from(tree.leaves.rows(leaf)).unwrap_or(u32::MAX);
        (scale * trees.value(&tree.leaves, leaf), rows)
    };
    Tree {
        nodes: tree.nodes.iter().map(node).collect(),
        leaves: Leaves::Values((0..tree.leaves.len()).map(leaf).collect()),
    }
}
