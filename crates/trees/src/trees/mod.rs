//! The common form of everything fitted: one tree, the trees of a forest, the trees of a boosting.
//!
//! Growers make a [`Tree`] each; [`Trees`] checks and holds them, for prediction ([`crate::Predictor`]), for storage and for
//! explanation.

mod check;
pub(crate) mod frequencies;
mod node;
pub(crate) mod packed;
#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
mod tree;

use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};

use ndarray::ArrayView1;
use rayon::prelude::*;

use check::{check_cuts, check_leaves, invalid, is_in_order, prepare};

use crate::binning::Binning;
use packed::PackedForest;

pub(crate) use check::in_order;
pub use check::InvalidTree;
pub(crate) use node::MAX_FEATURES;
pub use node::{SplitColumn, TreeNode};
pub use tree::{Leaves, Tree};

/// Most trees of an estimator.
pub(crate) const MAX_TREES: usize = 1_000_000;
/// Least and greatest weight of a class: between them no count overflows or vanishes beside another. Balanced classes stay
/// within them whatever the rows.
const CLASS_WEIGHTS: RangeInclusive<f64> = 1e-12..=1e12;

/// Trees over the same features. Copies share the nodes and leaves.
#[derive(Clone, Debug)]
pub struct Trees {
    cuts: Vec<Vec<f64>>,
    class_weights: [f64; 2],
    /// Empty until they are needed, if the trees are packed ones.
    trees: OnceLock<Arc<Vec<Tree>>>,
    /// Empty until the first prediction that needs it, if the trees were grown.
    packed: OnceLock<Option<Arc<PackedForest>>>,
}

impl PartialEq for Trees {
    fn eq(&self, other: &Trees) -> bool {
        // Equal packed trees are equal, but equal trees may hold their packed leaves in another order.
        let packed = self.ready_packed().zip(other.ready_packed());
        self.cuts == other.cuts
            && self.class_weights == other.class_weights
            && (packed.is_some_and(|(own, other)| own == other)
                || self.count() == other.count()
                    && (0..self.count()).into_par_iter().all(|index| self.tree(index) == other.tree(index)))
    }
}

impl Trees {
    /// Puts the nodes and the leaves of each tree in order (see [`Tree`]), so that the same trees are equal however they were
    /// grown. Their splits index `cuts` (ascending, one sequence a feature). `class_weights` (of the negative and the
    /// positive class) only matter to [`Leaves::Frequencies`]; `[1.0, 1.0]` where no class is weighted.
    ///
    /// # Errors
    /// An index is out of range, a child does not come after its parent, a node or a leaf is not reached exactly once, a leaf is
    /// empty, cuts do not ascend, a class weight is not from 1e-12 to 1e12, or a number is not finite. The message names the member.
    pub fn new(cuts: Vec<Vec<f64>>, class_weights: [f64; 2], trees: Vec<Tree>) -> Result<Trees, InvalidTree> {
        Trees::from_checked(cuts, class_weights, trees, prepare)
    }

    /// As [`Trees::new`], of trees whose nodes are known to be right and in order: only the rest is checked.
    pub(crate) fn from_ordered(
        cuts: Vec<Vec<f64>>,
        class_weights: [f64; 2],
        trees: Vec<Tree>,
    ) -> Result<Trees, InvalidTree> {
        Trees::from_checked(cuts, class_weights, trees, |tree, cuts| {
            debug_assert!(is_in_order(&tree, cuts), "the caller puts nodes in order");
            check_leaves(&tree.leaves).map(|()| tree)
        })
    }

    /// As [`Trees::new`], of trees that were grown on bins: their cuts are those of the binning. A feature whose missing values are
    /// parted from all numbers somewhere gets one more cut, [`f64::MAX`], which no number exceeds.
    pub(crate) fn from_binned(
        binning: Binning,
        class_weights: [f64; 2],
        trees: Vec<Tree>,
    ) -> Result<Trees, InvalidTree> {
        let mut cuts = binning.into_cuts();
        let above_all = |node: &TreeNode| match *node {
            TreeNode::Split { column, cut, .. } => {
                let feature = column.feature();
                cuts.get(feature).is_some_and(|cuts| cuts.len() == usize::from(cut)).then_some(feature)
            }
            TreeNode::Leaf(_) => None,
        };
        let of_tree = |tree: &Tree| tree.nodes.iter().filter_map(above_all).collect::<Vec<usize>>();
        let mut parts_missing = vec![false; cuts.len()];
        trees.par_iter().flat_map_iter(of_tree).collect::<Vec<usize>>().iter().for_each(|&of| parts_missing[of] = true);
        for (cuts, _) in cuts.iter_mut().zip(parts_missing).filter(|(_, parts_missing)| *parts_missing) {
            cuts.push(f64::MAX);
        }
        Trees::new(cuts, class_weights, trees)
    }

    /// As [`Trees::new`], of packed trees that are right but for the cuts and leaves that differ.
    pub(crate) fn from_packed(
        cuts: Vec<Vec<f64>>,
        class_weights: [f64; 2],
        packed: PackedForest,
    ) -> Result<Trees, InvalidTree> {
        check_shared(&cuts, class_weights)?;
        check_leaves(packed.leaves())?;
        Ok(Trees { cuts, class_weights, trees: OnceLock::new(), packed: OnceLock::from(Some(Arc::new(packed))) })
    }

    fn from_checked(
        cuts: Vec<Vec<f64>>,
        class_weights: [f64; 2],
        trees: Vec<Tree>,
        check: impl Fn(Tree, &[Vec<f64>]) -> Result<Tree, InvalidTree> + Sync,
    ) -> Result<Trees, InvalidTree> {
        check_shared(&cuts, class_weights)?;
        let check = |(index, tree)| {
            check(tree, &cuts)
                .map_err(|error| InvalidTree { member: format!("trees[{index}].{}", error.member), ..error })
        };
        // Collected before the first error is looked for, so that it is the same one at any number of threads.
        let checked: Vec<Result<Tree, InvalidTree>> = trees.into_par_iter().enumerate().map(check).collect();
        let trees = checked.into_iter().collect::<Result<Vec<Tree>, _>>()?;
        Ok(Trees { cuts, class_weights, trees: OnceLock::from(Arc::new(trees)), packed: OnceLock::new() })
    }

    /// Number of columns that a row must have.
    pub fn n_features(&self) -> usize {
        self.cuts.len()
    }

    /// Each feature's cuts, ascending.
    pub fn cuts(&self) -> &[Vec<f64>] {
        &self.cuts
    }

    /// Weights of the negative and the positive class in [`Leaves::Frequencies`].
    pub fn class_weights(&self) -> [f64; 2] {
        self.class_weights
    }

    /// The trees, in the order of growth. Those of a large forest are made by the first call, which takes some milliseconds, and kept;
    /// prediction does not need them, and [`Trees::tree`] keeps nothing.
    pub fn trees(&self) -> &[Tree] {
        let make = || match self.ready_packed() {
            Some(packed) => Arc::new(packed.unpack()),
            None => unreachable!("trees are made with nodes, or packed"),
        };
        ready(&self.trees, make).as_slice()
    }

    /// One of the trees: of a large forest it is made by each call, unless [`Trees::trees`] has made all.
    ///
    /// # Panics
    /// There is no such tree.
    pub fn tree(&self, index: usize) -> Cow<'_, Tree> {
        match (self.trees.get(), self.ready_packed()) {
            (None, Some(packed)) => Cow::Owned(packed.unpack_in_order(index)),
            _ => Cow::Borrowed(&self.trees()[index]),
        }
    }

    /// Number of leaves of each tree.
    pub fn leaf_counts(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        self.node_counts().map(|nodes| nodes / 2 + 1)
    }

    /// Number of nodes of each tree.
    pub fn node_counts(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        (0..self.count()).map(|index| match self.ready_packed() {
            Some(packed) => packed.tree(index).len(),
            None => self.trees()[index].nodes.len(),
        })
    }

    /// Keeps the nodes of four bytes only, if the trees fit.
    pub(crate) fn keep_packed(&mut self) {
        if self.packed().is_some() {
            self.trees = OnceLock::new();
        }
    }

    /// Whether the nodes of eight bytes are there.
    #[cfg(test)]
    pub(crate) fn is_unpacked(&self) -> bool {
        self.trees.get().is_some()
    }

    /// Number of trees.
    pub fn count(&self) -> usize {
        match self.ready_packed() {
            Some(packed) => packed.len(),
            None => self.trees().len(),
        }
    }

    /// All leaves, in several parts: those of a tree each, or those of all trees that differ.
    pub fn all_leaves(&self) -> impl Iterator<Item = &Leaves> {
        let packed = self.ready_packed();
        let trees = if packed.is_some() { &[] } else { self.trees() };
        packed.map(PackedForest::leaves).into_iter().chain(trees.iter().map(|tree| &tree.leaves))
    }

    /// The trees as nodes of four bytes if they were decoded as such, or are used as such.
    pub(crate) fn ready_packed(&self) -> Option<&PackedForest> {
        self.packed.get().and_then(Option::as_deref)
    }

    /// The trees as nodes of four bytes, if they fit.
    pub(crate) fn packed(&self) -> Option<&PackedForest> {
        ready(&self.packed, || PackedForest::pack(self).map(Arc::new)).as_deref()
    }

    /// Each feature's share of the decrease of Gini impurity, weighted by training rows: the mean over the trees that have a
    /// split of scikit-learn's `feature_importances_`. The shares sum to 1; where no tree has a split they are all 0. It takes
    /// [`Leaves::Frequencies`]; of other leaves all shares are 0.
    pub fn gini_importances(&self) -> Vec<f64> {
        let mut shares = vec![0.0; self.n_features()];
        for tree in self.trees() {
            let Leaves::Frequencies(leaves) = &tree.leaves else { continue };
            for (share, of_tree) in shares.iter_mut().zip(self.gini_decreases(tree, leaves)) {
                *share += of_tree;
            }
        }
        normalise(&mut shares);
        shares
    }

    /// Decreases of one tree by feature, as shares of their sum.
    fn gini_decreases(&self, tree: &Tree, leaves: &[[u32; 2]]) -> Vec<f64> {
        let mut decreases = vec![0.0; self.n_features()];
        let mut counts = vec![[0.0; 2]; tree.nodes.len()];
        // Children come after their parents, so backwards every node's counts are the sum of two that are known.
        for (index, node) in tree.nodes.iter().enumerate().rev() {
            match *node {
                TreeNode::Leaf(leaf) => {
                    counts[index] =
                        [0, 1].map(|class| self.class_weights[class] * f64::from(leaves[leaf as usize][class]))
                }
                TreeNode::Split { column, left, .. } => {
                    let (left, right) = (counts[left as usize], counts[left as usize + 1]);
                    counts[index] = [left[0] + right[0], left[1] + right[1]];
                    let decrease = gini(counts[index]) - gini(left) - gini(right);
                    decreases[column.feature()] += decrease.max(0.0);
                }
            }
        }
        normalise(&mut decreases);
        decreases
    }

    /// Value of a leaf: a share of positives, or whatever the tree adds up.
    pub fn value(&self, leaves: &Leaves, leaf: usize) -> f64 {
        leaves.value(self.class_weights, leaf)
    }

    /// The leaf of a tree that `row` falls into: the plain walk that the fast predictor is tested against.
    ///
    /// # Panics
    /// `row` has fewer than [`Trees::n_features`] values, or there is no such tree.
    pub fn leaf(&self, tree: usize, row: ArrayView1<f64>) -> usize {
        let nodes = &self.trees()[tree].nodes;
        let mut index = 0;
        loop {
            match nodes[index] {
                TreeNode::Leaf(leaf) => return leaf as usize,
                TreeNode::Split { column, cut, left } => {
                    let value = row[column.feature()];
                    let goes_left = if value.is_nan() {
                        column.missing_left()
                    } else {
                        value <= self.cuts[column.feature()][usize::from(cut)]
                    };
                    index = left as usize + usize::from(!goes_left);
                }
            }
        }
    }
}

/// What a cell holds; `make` fills it. Nothing is locked meanwhile: `make` works in parallel, and a thread that waits for its parts
/// may take up other work that needs the same cell.
fn ready<T>(cell: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    if cell.get().is_none() {
        // Another thread may have been faster, with the same result.
        let _ = cell.set(make());
    }
    cell.get().expect("it was filled")
}

fn check_shared(cuts: &[Vec<f64>], class_weights: [f64; 2]) -> Result<(), InvalidTree> {
    check_cuts(cuts)?;
    match class_weights.iter().find(|weight| !CLASS_WEIGHTS.contains(weight)) {
        Some(weight) => Err(invalid("class_weights".to_owned(), "expected a number from 1e-12 to 1e12", weight)),
        None => Ok(()),
    }
}

/// Gini impurity times weight: 2 × negatives × positives / rows.
fn gini(counts: [f64; 2]) -> f64 {
    2.0 * counts[0] * counts[1] / (counts[0] + counts[1])
}

fn normalise(shares: &mut [f64]) {
    let total: f64 = shares.iter().sum();
    if total > 0.0 {
        shares.iter_mut().for_each(|share| *share /= total);
    }
}
