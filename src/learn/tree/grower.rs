//! From rows to nodes, level by level.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::params::DecisionTreeValidParams;
use super::predictor::{Node, Split, Tree};
use super::ranks::dense_ranks;
use super::splitting::{best_division, Division};
use crate::error::{Error, Result};

/// Grows a tree on `records` (rows × features, finite) and `targets`. Nodes come out breadth first.
pub fn grow(records: ArrayView2<f64>, targets: ArrayView1<bool>, params: &DecisionTreeValidParams) -> Result<Tree> {
    let ranks = dense_ranks(records);
    let mut nodes = Vec::new();
    let mut level: Vec<Vec<usize>> = vec![(0..targets.len()).collect()];
    let mut depth = 0;
    while !level.is_empty() {
        let divide = |rows: &Vec<usize>| match depth < params.max_depth() {
            true => best_division(ranks.view(), targets, rows, params),
            false => Ok(None),
        };
        // Collected in the order of the nodes, whichever thread is first.
        let divisions: Vec<Option<Division>> = level.par_iter().map(divide).collect::<Result<_>>()?;
        let mut child = nodes.len() + level.len();
        let mut below = Vec::new();
        for (rows, division) in level.into_iter().zip(divisions) {
            let split = division.map(|division| {
                let threshold = threshold(records, &division);
                let split = Split { feature: division.feature, threshold, left: child, right: child + 1 };
                child += 2;
                below.extend([division.left, division.right]);
                split
            });
            nodes.push(Node { counts: counts(targets, &rows), split });
        }
        level = below;
        depth += 1;
    }
    Tree::new(records.ncols(), nodes).map_err(|error| Error::Failed(format!("the grown tree is invalid: {error}")))
}

/// Flops and hits.
fn counts(targets: ArrayView1<bool>, rows: &[usize]) -> [u64; 2] {
    let hits = rows.iter().filter(|&&row| targets[row]).count();
    [(rows.len() - hits) as u64, hits as u64]
}

/// Midway between the greatest value on the left and the least on the right, as in scikit-learn; the former where no
/// number lies between, so that the right value still goes right.
fn threshold(records: ArrayView2<f64>, division: &Division) -> f64 {
    let value = |row: &usize| records[[*row, division.feature]];
    let low = division.left.iter().map(value).fold(f64::NEG_INFINITY, f64::max);
    let high = division.right.iter().map(value).fold(f64::INFINITY, f64::min);
    // Halved before they are added, since the sum of two large numbers may overflow.
    let middle = low / 2.0 + high / 2.0;
    if middle > low && middle < high {
        middle
    } else {
        low
    }
}
