//! The common form of everything fitted: one tree, the trees of a forest, the trees of a boosting.
//!
//! Growers make a [`Tree`] each; [`Trees`] checks and holds them, for prediction ([`super::Predictor`]), for storage and for
//! explanation.

use std::fmt;
use std::num::NonZeroU16;
use std::ops::RangeInclusive;

use ndarray::ArrayView1;
use rayon::prelude::*;

/// Most trees that an estimator can be asked for.
pub const MAX_TREES: usize = 1_000_000;
/// Least and greatest weight of a class: between them no count overflows or vanishes beside another. Balanced classes stay
/// within them whatever the rows.
const CLASS_WEIGHTS: RangeInclusive<f64> = 1e-12..=1e12;
/// Most features that a tree can ask about: a [`SplitColumn`] holds a feature's index, a bit and a mark in 16 bits.
pub const MAX_FEATURES: usize = (1 << 15) - 1;
/// Most cuts of one feature.
pub const MAX_CUTS: usize = (1 << 16) - 2;

/// A question, or a leaf: eight bytes, since trees of millions of nodes are walked as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeNode {
    /// Left if the value is at most the feature's cut; a missing value (NaN) goes where the column says.
    Split {
        /// Which feature, and where a missing value of it goes.
        column: SplitColumn,
        /// Index among the feature's cuts.
        cut: u16,
        /// Index of the left child among the tree's nodes; the right child comes next.
        left: u32,
    },
    /// Where a row ends: index among the tree's leaves.
    Leaf(u32),
}

impl TreeNode {
    /// A question.
    ///
    /// # Panics
    /// `feature` is no index below [`MAX_FEATURES`].
    pub fn split(feature: usize, cut: u16, missing_left: bool, left: usize) -> TreeNode {
        TreeNode::Split { column: SplitColumn::new(feature, missing_left), cut, left: left as u32 }
    }
}

/// A feature of the records, as a split asks about it: a value that is missing stands left or right of all cuts.
///
/// Never 0 within, so that a node needs no further byte to tell a question from a leaf.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SplitColumn(NonZeroU16);

impl SplitColumn {
    /// The column of a feature whose missing values go left, or right.
    ///
    /// # Panics
    /// `feature` is no index below [`MAX_FEATURES`].
    pub fn new(feature: usize, missing_left: bool) -> SplitColumn {
        assert!(feature < MAX_FEATURES, "feature {feature} is none of {MAX_FEATURES}");
        SplitColumn(NonZeroU16::MIN.saturating_add(2 * feature as u16 + u16::from(missing_left)))
    }

    /// Index of the feature.
    pub fn feature(self) -> usize {
        usize::from(self.index() / 2)
    }

    /// Where a missing value goes.
    pub fn missing_left(self) -> bool {
        self.index() % 2 == 1
    }

    /// Number of the column: two a feature, that whose missing values go right first.
    pub fn index(self) -> u16 {
        self.0.get() - 1
    }
}

impl fmt::Debug for SplitColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.missing_left() { "left" } else { "right" };
        write!(f, "feature {}, missing {side}", self.feature())
    }
}

/// What the training rows left in the leaves of a tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Leaves {
    /// Counts of flops and hits (a row drawn twice counts twice). A leaf's value is the share of hits, each class weighted
    /// by [`Trees::class_weights`].
    Frequencies(Vec<[u32; 2]>),
    /// A value, and the number of training rows.
    Values(Vec<(f64, u32)>),
}

impl Leaves {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Leaves::Frequencies(leaves) => leaves.len(),
            Leaves::Values(leaves) => leaves.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Training rows in a leaf, those drawn twice counted twice.
    pub fn rows(&self, leaf: usize) -> u64 {
        match self {
            Leaves::Frequencies(leaves) => leaves[leaf].iter().map(|&count| u64::from(count)).sum(),
            Leaves::Values(leaves) => u64::from(leaves[leaf].1),
        }
    }
}

/// One tree by itself. Its root is the first node; children come after their parent, side by side. [`Trees`] puts nodes and
/// leaves in one order: the pairs of children in preorder of their parents, the leaves from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Questions and leaves, the root first.
    pub nodes: Vec<TreeNode>,
    /// In the order of the indices of [`TreeNode::Leaf`].
    pub leaves: Leaves,
}

impl Tree {
    /// Most splits between the root and a leaf.
    pub fn depth(&self) -> usize {
        let mut depths = vec![0; self.nodes.len()];
        // Children come after their parents, so that a node's own depth is known when it is met.
        for (index, node) in self.nodes.iter().enumerate() {
            if let TreeNode::Split { left, .. } = node {
                depths[*left as usize] = depths[index] + 1;
                depths[*left as usize + 1] = depths[index] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }
}

/// Trees over the same features.
#[derive(Clone, Debug, PartialEq)]
pub struct Trees {
    cuts: Vec<Vec<f64>>,
    class_weights: [f64; 2],
    trees: Vec<Tree>,
}

impl Trees {
    /// Puts the nodes and the leaves of each tree in order (see [`Tree`]), so that the same trees are equal however they were
    /// grown. Their splits index `cuts` (ascending, one sequence a feature). `class_weights` (of flops, of
    /// hits) only matter to [`Leaves::Frequencies`]; `[1.0, 1.0]` where no class is weighted.
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

    fn from_checked(
        cuts: Vec<Vec<f64>>,
        class_weights: [f64; 2],
        trees: Vec<Tree>,
        check: impl Fn(Tree, &[Vec<f64>]) -> Result<Tree, InvalidTree> + Sync,
    ) -> Result<Trees, InvalidTree> {
        check_cuts(&cuts)?;
        if let Some(weight) = class_weights.iter().find(|weight| !CLASS_WEIGHTS.contains(weight)) {
            return Err(invalid("class_weights".to_owned(), "expected a number from 1e-12 to 1e12", weight));
        }
        let check = |(index, tree)| {
            check(tree, &cuts)
                .map_err(|error| InvalidTree { member: format!("trees[{index}].{}", error.member), ..error })
        };
        // Collected before the first error is looked for, so that it is the same one at any number of threads.
        let checked: Vec<Result<Tree, InvalidTree>> = trees.into_par_iter().enumerate().map(check).collect();
        let trees = checked.into_iter().collect::<Result<_, _>>()?;
        Ok(Trees { cuts, class_weights, trees })
    }

    /// Number of columns that a row must have.
    pub fn n_features(&self) -> usize {
        self.cuts.len()
    }

    /// Each feature's cuts, ascending.
    pub fn cuts(&self) -> &[Vec<f64>] {
        &self.cuts
    }

    /// Weights of flops and of hits in [`Leaves::Frequencies`].
    pub fn class_weights(&self) -> [f64; 2] {
        self.class_weights
    }

    /// The trees.
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// Each feature's share of the decrease of Gini impurity, weighted by training rows: the mean over the trees that have a
    /// split of scikit-learn's `feature_importances_`. The shares sum to 1; where no tree has a split they are all 0. It takes
    /// [`Leaves::Frequencies`]; of other leaves all shares are 0.
    pub fn gini_importances(&self) -> Vec<f64> {
        let mut shares = vec![0.0; self.n_features()];
        for tree in &self.trees {
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

    /// Value of a leaf: a share of hits, or whatever the tree adds up.
    pub fn value(&self, leaves: &Leaves, leaf: usize) -> f64 {
        match leaves {
            Leaves::Frequencies(leaves) => frequency(self.class_weights, leaves[leaf]),
            Leaves::Values(leaves) => leaves[leaf].0,
        }
    }

    /// The leaf of a tree that `row` falls into: the plain walk that the fast predictor is tested against.
    ///
    /// # Panics
    /// `row` has fewer than [`Trees::n_features`] values, or there is no such tree.
    pub fn leaf(&self, tree: usize, row: ArrayView1<f64>) -> usize {
        let nodes = &self.trees[tree].nodes;
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

/// Gini impurity times weight: 2 × flops × hits / rows.
fn gini(counts: [f64; 2]) -> f64 {
    2.0 * counts[0] * counts[1] / (counts[0] + counts[1])
}

fn normalise(shares: &mut [f64]) {
    let total: f64 = shares.iter().sum();
    if total > 0.0 {
        shares.iter_mut().for_each(|share| *share /= total);
    }
}

/// The share of hits, each class weighted.
pub fn frequency(class_weights: [f64; 2], counts: [u32; 2]) -> f64 {
    let [flops, hits] = [0, 1].map(|class| class_weights[class] * f64::from(counts[class]));
    hits / (flops + hits)
}

/// Why nodes and leaves are not trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTree {
    /// Which part: `trees[3].nodes[7].left`.
    pub member: String,
    /// What was expected.
    pub rule: String,
    /// What was found.
    pub value: String,
}

impl fmt::Display for InvalidTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, found {}", self.member, self.rule, self.value)
    }
}

fn check_cuts(cuts: &[Vec<f64>]) -> Result<(), InvalidTree> {
    if cuts.is_empty() || cuts.len() > MAX_FEATURES {
        return Err(invalid("cuts".to_owned(), format!("expected 1 to {MAX_FEATURES} features"), cuts.len()));
    }
    for (feature, cuts) in cuts.iter().enumerate() {
        if cuts.len() > MAX_CUTS {
            return Err(invalid(format!("cuts[{feature}]"), format!("expected at most {MAX_CUTS} cuts"), cuts.len()));
        }
        if let Some(index) = cuts.iter().position(|cut| !cut.is_finite()) {
            return Err(invalid(format!("cuts[{feature}][{index}]"), "expected a finite number", cuts[index]));
        }
        if let Some(index) = (1..cuts.len()).find(|&index| cuts[index - 1] >= cuts[index]) {
            let rule = format!("expected more than {}", cuts[index - 1]);
            return Err(invalid(format!("cuts[{feature}][{index}]"), rule, cuts[index]));
        }
    }
    Ok(())
}

/// Checks a tree and puts it in order.
fn prepare(tree: Tree, cuts: &[Vec<f64>]) -> Result<Tree, InvalidTree> {
    if is_in_order(&tree, cuts) {
        check_leaves(&tree.leaves)?;
        return Ok(tree);
    }
    check_tree(&tree, cuts)?;
    Ok(in_order(&tree))
}

/// Whether nodes and leaves stand in order. If they do, each is reached exactly once, and no index is out of range.
fn is_in_order(tree: &Tree, cuts: &[Vec<f64>]) -> bool {
    let (mut next_left, mut next_leaf) = (1, 0);
    let mut pending = vec![0];
    while let Some(index) = pending.pop() {
        match tree.nodes.get(index as usize) {
            Some(&TreeNode::Split { column, cut, left }) => {
                let has_cut = cuts.get(column.feature()).is_some_and(|cuts| usize::from(cut) < cuts.len());
                if left != next_left || !has_cut {
                    return false;
                }
                pending.extend([left + 1, left]);
                next_left += 2;
            }
            Some(&TreeNode::Leaf(leaf)) if leaf == next_leaf => next_leaf += 1,
            _ => return false,
        }
    }
    next_left as usize == tree.nodes.len() && next_leaf as usize == tree.leaves.len()
}

/// A checked tree, with its nodes and leaves in order.
fn in_order(tree: &Tree) -> Tree {
    let mut nodes = vec![TreeNode::Leaf(0)];
    let mut leaves = Vec::with_capacity(tree.leaves.len());
    // Where a node stands, and where it shall stand.
    let mut pending = vec![(0, 0)];
    while let Some((from, to)) = pending.pop() {
        nodes[to] = match tree.nodes[from] {
            TreeNode::Split { column, cut, left } => {
                let (from, to) = (left as usize, nodes.len());
                nodes.extend([TreeNode::Leaf(0); 2]);
                pending.extend([(from + 1, to + 1), (from, to)]);
                TreeNode::Split { column, cut, left: to as u32 }
            }
            TreeNode::Leaf(leaf) => {
                leaves.push(leaf as usize);
                TreeNode::Leaf(leaves.len() as u32 - 1)
            }
        };
    }
    let leaves = match &tree.leaves {
        Leaves::Frequencies(old) => Leaves::Frequencies(leaves.into_iter().map(|leaf| old[leaf]).collect()),
        Leaves::Values(old) => Leaves::Values(leaves.into_iter().map(|leaf| old[leaf]).collect()),
    };
    Tree { nodes, leaves }
}

fn check_tree(tree: &Tree, cuts: &[Vec<f64>]) -> Result<(), InvalidTree> {
    let (nodes, leaves) = (tree.nodes.len(), tree.leaves.len());
    if nodes == 0 {
        return Err(invalid("nodes".to_owned(), "expected at least one node", 0));
    }
    let mut is_child = vec![false; nodes];
    let mut is_reached = vec![false; leaves];
    for (index, node) in tree.nodes.iter().enumerate() {
        let member = |name: &str| format!("nodes[{index}].{name}");
        match *node {
            TreeNode::Leaf(leaf) => match is_reached.get_mut(leaf as usize) {
                Some(reached) if !*reached => *reached = true,
                Some(_) => return Err(invalid(member("leaf"), "expected a leaf of its own", leaf)),
                None => return Err(invalid(member("leaf"), format!("expected a leaf's index, below {leaves}"), leaf)),
            },
            TreeNode::Split { column, cut, left } => {
                let Some(cuts) = cuts.get(column.feature()) else {
                    let rule = format!("expected a feature's index, below {}", cuts.len());
                    return Err(invalid(member("feature"), rule, column.feature()));
                };
                if usize::from(cut) >= cuts.len() {
                    return Err(invalid(member("cut"), format!("expected a cut's index, below {}", cuts.len()), cut));
                }
                let left = left as usize;
                if left <= index || left + 1 >= nodes {
                    let rule = format!("expected a later node's index, from {} to below {}", index + 1, nodes - 1);
                    return Err(invalid(member("left"), rule, left));
                }
                for child in [left, left + 1] {
                    if std::mem::replace(&mut is_child[child], true) {
                        return Err(invalid(member("left"), "expected children of its own", left));
                    }
                }
            }
        }
    }
    if let Some(index) = (1..nodes).find(|&index| !is_child[index]) {
        return Err(invalid(format!("nodes[{index}]"), "expected the child of a node", "none"));
    }
    if let Some(leaf) = is_reached.iter().position(|reached| !reached) {
        return Err(invalid(format!("leaves[{leaf}]"), "expected a node that leads to it", "none"));
    }
    check_leaves(&tree.leaves)
}

fn check_leaves(leaves: &Leaves) -> Result<(), InvalidTree> {
    match leaves {
        Leaves::Frequencies(leaves) => match leaves.iter().position(|counts| *counts == [0, 0]) {
            Some(leaf) => Err(invalid(format!("leaves[{leaf}]"), "expected at least one training row", 0)),
            None => Ok(()),
        },
        Leaves::Values(leaves) => match leaves.iter().position(|(value, _)| !value.is_finite()) {
            Some(leaf) => Err(invalid(format!("leaves[{leaf}].value"), "expected a finite number", leaves[leaf].0)),
            None => Ok(()),
        },
    }
}

fn invalid(member: String, rule: impl Into<String>, value: impl fmt::Display) -> InvalidTree {
    InvalidTree { member, rule: rule.into(), value: value.to_string() }
}

#[cfg(test)]
impl Trees {
    /// Trees at random over `features` features of up to `most_cuts` cuts each (whole numbers from 0), of up to `most_splits`
    /// splits each; every other tree has values in its leaves.
    pub(crate) fn random(seed: u64, features: usize, most_cuts: usize, trees: usize, most_splits: usize) -> Trees {
        use rand::RngExt;
        let mut rng = hitflop_core::seed::Seed(seed).rng("trees", &[]);
        let cuts: Vec<Vec<f64>> =
            (0..features).map(|_| (0..rng.random_range(1..=most_cuts)).map(|cut| cut as f64).collect()).collect();
        let mut tree = |index: usize| {
            let mut nodes = vec![TreeNode::Leaf(0)];
            let mut leaves = vec![0];
            for _ in 0..rng.random_range(0..=most_splits) {
                let split = leaves.swap_remove(rng.random_range(0..leaves.len()));
                let feature = rng.random_range(0..features);
                let cut = rng.random_range(0..cuts[feature].len()) as u16;
                nodes[split] = TreeNode::split(feature, cut, rng.random(), nodes.len());
                leaves.extend([nodes.len(), nodes.len() + 1]);
                nodes.extend([TreeNode::Leaf(0); 2]);
            }
            for (leaf, &node) in leaves.iter().enumerate() {
                nodes[node] = TreeNode::Leaf(leaf as u32);
            }
            let leaves = if index.is_multiple_of(2) {
                let counts = leaves.iter().map(|_| [rng.random_range(0..300), rng.random_range(1..3)]);
                Leaves::Frequencies(counts.collect())
            } else {
                Leaves::Values(leaves.iter().map(|_| (rng.random::<f64>() - 0.5, rng.random())).collect())
            };
            Tree { nodes, leaves }
        };
        let trees = (0..trees).map(&mut tree).collect();
        Trees::new(cuts, [1.0, 1.5], trees).expect("grown by the rules")
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn split(feature: usize, cut: u16, left: usize) -> TreeNode {
        TreeNode::split(feature, cut, feature == 0, left)
    }

    /// Feature 1 at 0.5; on the right feature 0 at -1. A missing feature 0 goes left, a missing feature 1 right.
    fn tree() -> Tree {
        Tree {
            nodes: vec![split(1, 1, 1), TreeNode::Leaf(0), split(0, 0, 3), TreeNode::Leaf(1), TreeNode::Leaf(2)],
            leaves: Leaves::Frequencies(vec![[5, 1], [1, 0], [0, 5]]),
        }
    }

    fn trees(tree: Tree) -> Result<Trees, InvalidTree> {
        Trees::new(vec![vec![-1.0], vec![0.0, 0.5], vec![]], [1.0, 1.0], vec![tree])
    }

    #[test]
    fn a_node_is_small_and_a_column_gives_what_it_holds() {
        assert_eq!(size_of::<TreeNode>(), 8);
        for feature in [0, 1, MAX_FEATURES - 1] {
            for missing_left in [false, true] {
                let column = SplitColumn::new(feature, missing_left);
                assert_eq!((column.feature(), column.missing_left()), (feature, missing_left));
            }
        }
    }

    #[test]
    fn a_row_at_the_cut_goes_left_and_a_missing_value_where_the_node_says() {
        let trees = trees(tree()).expect("valid");
        let missing = f64::NAN;
        let ends = [[9.0, 0.5, 0.0], [-1.0, 0.6, 0.0], [-0.9, 0.6, 0.0], [missing, 0.6, 0.0], [0.0, missing, 0.0]];
        assert_eq!(ends.map(|row| trees.leaf(0, array![row[0], row[1], row[2]].view())), [0, 1, 2, 1, 2]);
        assert_eq!((trees.n_features(), trees.trees()[0].depth()), (3, 2));
        assert_eq!(trees.value(&trees.trees()[0].leaves, 0), 1.0 / 6.0);
        assert_eq!(frequency([1.0, 5.0], [5, 1]), 0.5);
    }

    /// The same tree with its pairs of children and its leaves in another order.
    #[test]
    fn nodes_and_leaves_have_one_order() {
        let deep = |order: [usize; 2], leaves: [u32; 4]| {
            let pair = |left: usize, nodes: [TreeNode; 2]| (left, nodes);
            let mut pairs = [
                pair(order[0], [TreeNode::Leaf(leaves[0]), TreeNode::Leaf(leaves[1])]),
                pair(order[1], [TreeNode::Leaf(leaves[2]), TreeNode::Leaf(leaves[3])]),
            ];
            pairs.sort_by_key(|pair| pair.0);
            let nodes = vec![split(1, 1, 1), split(0, 0, order[0]), split(1, 0, order[1])];
            let mut values = vec![(0.0, 1); 4];
            (0..4).for_each(|leaf| values[leaves[leaf] as usize].0 = leaf as f64);
            Tree {
                nodes: nodes.into_iter().chain(pairs.into_iter().flat_map(|pair| pair.1)).collect(),
                leaves: Leaves::Values(values),
            }
        };
        let ordered = deep([3, 5], [0, 1, 2, 3]);
        assert_eq!(trees(ordered.clone()).expect("valid").trees(), std::slice::from_ref(&ordered));
        assert_eq!(trees(deep([5, 3], [2, 0, 3, 1])).expect("valid").trees(), [ordered]);
    }

    /// By hand: the root's impurity 2·6·6/12 = 6; left 2·5·1/6 = 5/3, right the same, whose leaves are pure.
    #[test]
    fn importances_are_shares_of_the_decrease() {
        let found = trees(tree()).expect("valid").gini_importances();
        for (found, expected) in found.iter().zip([5.0 / 13.0, 8.0 / 13.0, 0.0]) {
            assert!((found - expected).abs() < 1e-15, "found {found}, expected {expected}");
        }
    }

    #[test]
    fn what_is_no_tree_is_refused_by_name() {
        let told = |change: fn(&mut Tree)| {
            let mut tree = tree();
            change(&mut tree);
            trees(tree).expect_err("refused").to_string()
        };
        assert_eq!(told(|tree| tree.nodes.clear()), "trees[0].nodes: expected at least one node, found 0");
        let later = "expected a later node's index";
        assert_eq!(
            told(|tree| tree.nodes[0] = split(1, 1, 4)),
            format!("trees[0].nodes[0].left: {later}, from 1 to below 4, found 4")
        );
        assert_eq!(
            told(|tree| tree.nodes[2] = split(0, 0, 2)),
            format!("trees[0].nodes[2].left: {later}, from 3 to below 4, found 2")
        );
        assert_eq!(
            told(|tree| tree.nodes[2] = split(3, 0, 3)),
            "trees[0].nodes[2].feature: expected a feature's index, below 3, found 3"
        );
        assert_eq!(
            told(|tree| tree.nodes[2] = split(0, 1, 3)),
            "trees[0].nodes[2].cut: expected a cut's index, below 1, found 1"
        );
        assert_eq!(
            told(|tree| tree.nodes[4] = TreeNode::Leaf(3)),
            "trees[0].nodes[4].leaf: expected a leaf's index, below 3, found 3"
        );
        assert_eq!(
            told(|tree| tree.nodes[4] = TreeNode::Leaf(1)),
            "trees[0].nodes[4].leaf: expected a leaf of its own, found 1"
        );
        assert_eq!(
            told(|tree| tree.nodes[1] = split(0, 0, 3)),
            "trees[0].nodes[2].left: expected children of its own, found 3"
        );
        assert_eq!(
            told(|tree| tree.nodes.push(TreeNode::Leaf(0))),
            "trees[0].nodes[5].leaf: expected a leaf of its own, found 0"
        );
        let empty = |tree: &mut Tree| tree.leaves = Leaves::Frequencies(vec![[5, 1], [0, 0], [0, 5]]);
        assert_eq!(told(empty), "trees[0].leaves[1]: expected at least one training row, found 0");
        let infinite = |tree: &mut Tree| tree.leaves = Leaves::Values(vec![(0.0, 1), (f64::INFINITY, 1), (0.0, 1)]);
        assert_eq!(told(infinite), "trees[0].leaves[1].value: expected a finite number, found inf");
        let unreached = |tree: &mut Tree| tree.leaves = Leaves::Values(vec![(0.0, 1); 4]);
        assert_eq!(told(unreached), "trees[0].leaves[3]: expected a node that leads to it, found none");
        let falling = Trees::new(vec![vec![1.0, 1.0]], [1.0, 1.0], vec![]).expect_err("refused").to_string();
        assert_eq!(falling, "cuts[0][1]: expected more than 1, found 1");
        for weights in [[1.0, 1e308], [1e-320, 1.0], [1.0, 0.0], [f64::NAN, 1.0]] {
            let told = Trees::new(vec![vec![]], weights, vec![]).expect_err("refused").to_string();
            assert!(told.starts_with("class_weights: expected a number from 1e-12 to 1e12, found "), "{told}");
        }
    }
}
