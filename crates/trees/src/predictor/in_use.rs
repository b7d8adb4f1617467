//! The cuts that splits use: of a binning's many, a few trees use some.

use super::encoding::Encoder;
use crate::{TreeNode, Trees};

/// Each feature's cuts that a split uses, ascending, as indices.
pub(super) struct CutsInUse(Vec<Vec<u16>>);

impl CutsInUse {
    /// Those of all trees.
    pub(super) fn of(trees: &Trees) -> CutsInUse {
        let mut is_used: Vec<Vec<bool>> = trees.cuts().iter().map(|cuts| vec![false; cuts.len()]).collect();
        for node in trees.trees().iter().flat_map(|tree| &tree.nodes) {
            if let TreeNode::Split { column, cut, .. } = *node {
                is_used[column.feature()][usize::from(cut)] = true;
            }
        }
        let of_feature = |is_used: Vec<bool>| {
            is_used.iter().enumerate().filter(|(_, requested)| **requested).map(|(cut, _)| cut as u16).collect()
        };
        CutsInUse(is_used.into_iter().map(of_feature).collect())
    }

    /// Codes by these cuts alone.
    pub(super) fn encoder(&self, trees: &Trees) -> Encoder {
        let of_feature =
            |(cuts, in_use): (&Vec<f64>, &Vec<u16>)| in_use.iter().map(|&cut| cuts[usize::from(cut)]).collect();
        Encoder::new(trees.cuts().iter().zip(&self.0).map(of_feature).collect())
    }

    /// How many of each feature.
    pub(super) fn counts(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().map(Vec::len)
    }

    /// Index of a cut that a split uses among the used cuts of its feature.
    pub(super) fn position(&self, feature: usize, cut: u16) -> usize {
        self.0[feature].binary_search(&cut).expect("collected from all splits")
    }
}
