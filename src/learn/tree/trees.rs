//! The common form of everything fitted: one tree, the trees of a forest, the trees of a boosting.
//!
//! Growers make a [`Tree`] each; [`Trees`] checks and holds them, for prediction ([`super::Predictor`]), for storage and for
//! explanation.

use std::fmt;

use ndarray::ArrayView1;

/// Most features that a tree can ask about.
pub const MOST_FEATURES: usize = 1 << 15;
/// Most cuts of one feature.
pub const MOST_CUTS: usize = (1 << 16) - 2;

/// A question, or a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// Left if the value is at most the feature's cut; a missing value (NaN) goes left if `missing_left`.
    Split {
        /// Column of the records.
        feature: u16,
        /// Index among the feature's cuts.
        cut: u16,
        /// Where a missing value goes.
        missing_left: bool,
        /// Index of the left child among the tree's nodes; the right child comes next.
        left: u32,
    },
    /// Where a row ends: index among the tree's leaves.
    Leaf(u32),
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

/// One tree by itself. Its root is the first node; children come after their parent, side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Questions and leaves, the root first.
    pub nodes: Vec<Node>,
    /// In the order of the indices of [`Node::Leaf`].
    pub leaves: Leaves,
}

impl Tree {
    /// Most splits between the root and a leaf.
    pub fn depth(&self) -> usize {
        let mut depths = vec![0; self.nodes.len()];
        // Children come after their parents, so that a node's own depth is known when it is met.
        for (index, node) in self.nodes.iter().enumerate() {
            if let Node::Split { left, .. } = node {
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
    /// Trees whose splits index `cuts` (ascending, one sequence a feature). `class_weights` (of flops, of hits) only matter to
    /// [`Leaves::Frequencies`]; `[1.0, 1.0]` where no class is weighted.
    ///
    /// # Errors
    /// An index is out of range, a child does not come after its parent, a node or a leaf is not reached exactly once, a leaf is
    /// empty, cuts do not ascend, or a number is not finite. The message names the member.
    pub fn new(cuts: Vec<Vec<f64>>, class_weights: [f64; 2], trees: Vec<Tree>) -> Result<Trees, InvalidTree> {
        check_cuts(&cuts)?;
        if let Some(weight) = class_weights.iter().find(|weight| !(weight.is_finite() && **weight > 0.0)) {
            return Err(invalid("class_weights".to_owned(), "expected a number above 0", weight));
        }
        for (index, tree) in trees.iter().enumerate() {
            check_tree(tree, &cuts).map_err(|error| InvalidTree { member: format!("trees[{index}].{}", error.member), ..error })?;
        }
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
                Node::Leaf(leaf) => counts[index] = [0, 1].map(|class| self.class_weights[class] * f64::from(leaves[leaf as usize][class])),
                Node::Split { feature, left, .. } => {
                    let (left, right) = (counts[left as usize], counts[left as usize + 1]);
                    counts[index] = [left[0] + right[0], left[1] + right[1]];
                    let decrease = gini(counts[index]) - gini(left) - gini(right);
                    decreases[usize::from(feature)] += decrease.max(0.0);
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
                Node::Leaf(leaf) => return leaf as usize,
                Node::Split { feature, cut, missing_left, left } => {
                    let value = row[usize::from(feature)];
                    let goes_left =
                        if value.is_nan() { missing_left } else { value <= self.cuts[usize::from(feature)][usize::from(cut)] };
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
    if cuts.is_empty() || cuts.len() > MOST_FEATURES {
        return Err(invalid("cuts".to_owned(), format!("expected 1 to {MOST_FEATURES} features"), cuts.len()));
    }
    for (feature, cuts) in cuts.iter().enumerate() {
        if cuts.len() > MOST_CUTS {
            return Err(invalid(format!("cuts[{feature}]"), format!("expected at most {MOST_CUTS} cuts"), cuts.len()));
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
            Node::Leaf(leaf) => match is_reached.get_mut(leaf as usize) {
                Some(reached) if !*reached => *reached = true,
                Some(_) => return Err(invalid(member("leaf"), "expected a leaf of its own", leaf)),
                None => return Err(invalid(member("leaf"), format!("expected a leaf's index, below {leaves}"), leaf)),
            },
            Node::Split { feature, cut, left, .. } => {
                let Some(cuts) = cuts.get(usize::from(feature)) else {
                    let rule = format!("expected a feature's index, below {}", cuts.len());
                    return Err(invalid(member("feature"), rule, feature));
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
mod tests {
    use ndarray::array;

    use super::*;

    fn split(feature: u16, cut: u16, left: u32) -> Node {
        Node::Split { feature, cut, missing_left: feature == 0, left }
    }

    /// Feature 1 at 0.5; on the right feature 0 at -1. A missing feature 0 goes left, a missing feature 1 right.
    fn tree() -> Tree {
        Tree {
            nodes: vec![split(1, 1, 1), Node::Leaf(0), split(0, 0, 3), Node::Leaf(1), Node::Leaf(2)],
            leaves: Leaves::Frequencies(vec![[5, 1], [1, 0], [0, 5]]),
        }
    }

    fn trees(tree: Tree) -> Result<Trees, InvalidTree> {
        Trees::new(vec![vec![-1.0], vec![0.0, 0.5], vec![]], [1.0, 1.0], vec![tree])
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
        assert_eq!(told(|tree| tree.nodes[0] = split(1, 1, 4)), format!("trees[0].nodes[0].left: {later}, from 1 to below 4, found 4"));
        assert_eq!(told(|tree| tree.nodes[2] = split(0, 0, 2)), format!("trees[0].nodes[2].left: {later}, from 3 to below 4, found 2"));
        assert_eq!(told(|tree| tree.nodes[2] = split(3, 0, 3)), "trees[0].nodes[2].feature: expected a feature's index, below 3, found 3");
        assert_eq!(told(|tree| tree.nodes[2] = split(0, 1, 3)), "trees[0].nodes[2].cut: expected a cut's index, below 1, found 1");
        assert_eq!(told(|tree| tree.nodes[4] = Node::Leaf(3)), "trees[0].nodes[4].leaf: expected a leaf's index, below 3, found 3");
        assert_eq!(told(|tree| tree.nodes[4] = Node::Leaf(1)), "trees[0].nodes[4].leaf: expected a leaf of its own, found 1");
        assert_eq!(told(|tree| tree.nodes[1] = split(0, 0, 3)), "trees[0].nodes[2].left: expected children of its own, found 3");
        assert_eq!(told(|tree| tree.nodes.push(Node::Leaf(0))), "trees[0].nodes[5].leaf: expected a leaf of its own, found 0");
        let empty = |tree: &mut Tree| tree.leaves = Leaves::Frequencies(vec![[5, 1], [0, 0], [0, 5]]);
        assert_eq!(told(empty), "trees[0].leaves[1]: expected at least one training row, found 0");
        let infinite = |tree: &mut Tree| tree.leaves = Leaves::Values(vec![(0.0, 1), (f64::INFINITY, 1), (0.0, 1)]);
        assert_eq!(told(infinite), "trees[0].leaves[1].value: expected a finite number, found inf");
        let unreached = |tree: &mut Tree| tree.leaves = Leaves::Values(vec![(0.0, 1); 4]);
        assert_eq!(told(unreached), "trees[0].leaves[3]: expected a node that leads to it, found none");
        let falling = Trees::new(vec![vec![1.0, 1.0]], [1.0, 1.0], vec![]).expect_err("refused").to_string();
        assert_eq!(falling, "cuts[0][1]: expected more than 1, found 1");
    }
}
