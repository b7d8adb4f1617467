//! The best split of one node, found by linfa-trees.

use linfa::traits::Fit;
use linfa::DatasetBase;
use linfa_trees::{DecisionTree, SplitQuality};
use ndarray::{ArrayView1, ArrayView2, Axis};

use super::params::DecisionTreeValidParams;
use crate::Result;

/// A node's rows, divided in two.
pub(super) struct LeftRightCounts {
    /// The feature that divides them.
    pub feature: usize,
    /// Rows whose value is the smaller.
    pub left: Vec<usize>,
    /// Rows whose value is the greater.
    pub right: Vec<usize>,
}

/// The division of `rows` that lowers the Gini impurity most, leaving at least `min_samples_leaf` rows on either side;
/// `None` if no division lowers it. `ranks` are dense ranks (all rows × features), `targets` the labels of all rows.
pub(super) fn best_division(
    ranks: ArrayView2<f64>,
    targets: ArrayView1<bool>,
    rows: &[usize],
    params: &DecisionTreeValidParams,
) -> Result<Option<LeftRightCounts>> {
    let positives = rows.iter().filter(|&&row| targets[row]).count();
    // linfa-trees expects at least one row; no division of a pure node lowers an impurity of 0.
    if positives == 0 || positives == rows.len() {
        return Ok(None);
    }
    let node = DatasetBase::new(ranks.select(Axis(0), rows), targets.select(Axis(0), rows));
    let stump = DecisionTree::params()
        .split_quality(SplitQuality::Gini)
        .max_depth(Some(1))
        .min_weight_leaf(params.min_samples_leaf() as f32)
        // The least that linfa-trees permits; scikit-learn's default is 0.
        .min_impurity_decrease(f64::EPSILON)
        .fit(&node)?;
    // Whether the root is called a leaf says nothing, for it is also where both children were pruned for naming the same
    // label. A node without a split has an impurity decrease of exactly 0.
    let (feature, boundary, decrease) = stump.root_node().split();
    if decrease <= 0.0 {
        return Ok(None);
    }
    let (left, right) = rows.iter().partition(|&&row| ranks[[row, feature]] <= boundary);
    Ok(Some(LeftRightCounts { feature, left, right }))
}

#[cfg(test)]
mod tests {
    use linfa::ParamGuard;
    use ndarray::{Array1, Array2};
    use proptest::prelude::*;

    use super::*;
    use crate::decision_tree::ranks::dense_ranks;
    use crate::decision_tree::DecisionTreeParams;

    /// n × Gini impurity = 2 × negatives × positives / n.
    fn impurity(targets: &Array1<bool>, rows: &[usize]) -> f64 {
        let positives = rows.iter().filter(|&&row| targets[row]).count() as f64;
        let all = rows.len() as f64;
        2.0 * positives * (all - positives) / all
    }

    /// The least impurity that any division leaves, by trying every one.
    fn naive(ranks: &Array2<f64>, targets: &Array1<bool>, rows: &[usize], leaf: usize) -> f64 {
        let mut least = f64::INFINITY;
        for column in ranks.columns() {
            for &boundary in rows {
                let (left, right): (Vec<usize>, Vec<usize>) =
                    rows.iter().partition(|&&row| column[row] <= column[boundary]);
                if left.len() >= leaf && right.len() >= leaf {
                    least = least.min(impurity(targets, &left) + impurity(targets, &right));
                }
            }
        }
        least
    }

    proptest! {
        #[test]
        fn no_division_is_better(
            cells in prop::collection::vec((0u8..9, 0u8..200, any::<bool>()), 2..60),
            leaf in 1usize..5,
            skip in 0usize..3,
        ) {
            let records: Vec<f64> = cells.iter().flat_map(|&(a, b, _)| [f64::from(a), f64::from(b) * 1e-7]).collect();
            let ranks = dense_ranks(Array2::from_shape_vec((cells.len(), 2), records).expect("a matrix").view());
            let targets: Array1<bool> = cells.iter().map(|&(_, _, positive)| positive).collect();
            // Part of the rows only, as in a node below the root.
            let rows: Vec<usize> = (0..cells.len()).filter(|row| row % 3 != skip).collect();
            let params = DecisionTreeParams::new().min_samples_leaf(leaf).check().expect("legal");
            let least = naive(&ranks, &targets, &rows, leaf);
            let before = impurity(&targets, &rows);
            match best_division(ranks.view(), targets.view(), &rows, &params).expect("no failure") {
                None => prop_assert!(rows.is_empty() || least >= before - 1e-4),
                Some(division) => {
                    prop_assert!(division.left.len() >= leaf && division.right.len() >= leaf);
                    prop_assert_eq!(division.left.len() + division.right.len(), rows.len());
                    let found = impurity(&targets, &division.left) + impurity(&targets, &division.right);
                    // linfa-trees compares in 32-bit floats.
                    prop_assert!((found - least).abs() < 1e-4, "found {}, least {}", found, least);
                }
            }
        }
    }
}
