//! From rows to nodes, level by level.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::params::DecisionTreeValidParams;
use super::ranks::dense_ranks;
use super::splitting::{best_division, LeftRightCounts};
use crate::binning::midway;
use crate::{Leaves, Result, Tree, TreeNode, Trees};

/// A node before its threshold has become an index.
struct UnindexedNode {
    /// Rows of the negative and of the positive class.
    counts: [u32; 2],
    split: Option<ThresholdSplit>,
}

struct ThresholdSplit {
    feature: usize,
    threshold: f64,
    /// The right child comes next.
    left: usize,
}

/// Grows a tree on `records` (rows × features; NaN is missing and counts as less than every number) and `targets`. Nodes come out breadth
/// first.
pub(super) fn grow(
    records: ArrayView2<f64>,
    targets: ArrayView1<bool>,
    params: &DecisionTreeValidParams,
) -> Result<Trees> {
    let ranks = dense_ranks(records);
    let mut nodes: Vec<UnindexedNode> = Vec::new();
    let mut level: Vec<Vec<usize>> = vec![(0..targets.len()).collect()];
    let mut depth = 0;
    while !level.is_empty() {
        let divide = |rows: &Vec<usize>| match depth < params.max_depth() {
            true => best_division(ranks.view(), targets, rows, params),
            false => Ok(None),
        };
        // Collected in the order of the nodes, whichever thread is first.
        let divisions: Vec<Option<LeftRightCounts>> = level.par_iter().map(divide).collect::<Result<_>>()?;
        let mut left = nodes.len() + level.len();
        let mut below = Vec::new();
        for (rows, division) in level.into_iter().zip(divisions) {
            let split = division.map(|division| {
                let split =
                    ThresholdSplit { feature: division.feature, threshold: threshold(records, &division), left };
                left += 2;
                below.extend([division.left, division.right]);
                split
            });
            nodes.push(UnindexedNode { counts: counts(targets, &rows), split });
        }
        level = below;
        depth += 1;
    }
    let has_missing = |column: ArrayView1<f64>| column.iter().any(|value| value.is_nan());
    packed(&records.columns().into_iter().map(has_missing).collect::<Vec<bool>>(), &nodes)
}

/// The common form: thresholds become indices among their feature's cuts. `has_missing` says of each feature whether training lacked
/// a value.
fn packed(has_missing: &[bool], grown: &[UnindexedNode]) -> Result<Trees> {
    let mut cuts = vec![Vec::new(); has_missing.len()];
    for split in grown.iter().filter_map(|node| node.split.as_ref()) {
        cuts[split.feature].push(split.threshold);
    }
    for cuts in &mut cuts {
        cuts.sort_unstable_by(f64::total_cmp);
        cuts.dedup();
    }
    let mut leaves = Vec::new();
    let mut nodes = Vec::with_capacity(grown.len());
    for node in grown {
        nodes.push(match &node.split {
            None => {
                leaves.push(node.counts);
                TreeNode::Leaf(leaves.len() as u32 - 1)
            }
            Some(split) => {
                let cut = cuts[split.feature].partition_point(|&cut| cut < split.threshold);
                // As in training, or, where no value was missing there, where most rows went.
                let most_left = rows(&grown[split.left]) >= rows(&grown[split.left + 1]);
                let missing_left = has_missing[split.feature] || most_left;
                TreeNode::split(split.feature, cut as u16, missing_left, split.left)
            }
        });
    }
    let tree = Tree { nodes, leaves: Leaves::Frequencies(leaves) };
    Ok(Trees::new(cuts, [1.0, 1.0], vec![tree])?)
}

fn rows(node: &UnindexedNode) -> u32 {
    node.counts[0] + node.counts[1]
}

/// Rows of the negative and of the positive class.
fn counts(targets: ArrayView1<bool>, rows: &[usize]) -> [u32; 2] {
    let positives = rows.iter().filter(|&&row| targets[row]).count();
    [(rows.len() - positives) as u32, positives as u32]
}

/// Midway between the greatest value on the left and the least on the right, as in scikit-learn. If only missing values are on the left,
/// the least number that there is.
fn threshold(records: ArrayView2<f64>, division: &LeftRightCounts) -> f64 {
    let value = |row: &usize| records[[*row, division.feature]];
    let low = division.left.iter().map(value).fold(f64::NEG_INFINITY, f64::max);
    let high = division.right.iter().map(value).fold(f64::INFINITY, f64::min);
    midway(low, high).max(-f64::MAX)
}
