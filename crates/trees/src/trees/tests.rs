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
    assert_eq!(Leaves::Frequencies(vec![[5, 1]]).value([1.0, 5.0], 0), 0.5);
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
    let message = |change: fn(&mut Tree)| {
        let mut tree = tree();
        change(&mut tree);
        trees(tree).expect_err("refused").to_string()
    };
    assert_eq!(message(|tree| tree.nodes.clear()), "trees[0].nodes: expected at least one node, found 0");
    let later = "expected a later node's index";
    assert_eq!(
        message(|tree| tree.nodes[0] = split(1, 1, 4)),
        format!("trees[0].nodes[0].left: {later}, from 1 to below 4, found 4")
    );
    assert_eq!(
        message(|tree| tree.nodes[2] = split(0, 0, 2)),
        format!("trees[0].nodes[2].left: {later}, from 3 to below 4, found 2")
    );
    assert_eq!(
        message(|tree| tree.nodes[2] = split(3, 0, 3)),
        "trees[0].nodes[2].feature: expected a feature's index, below 3, found 3"
    );
    assert_eq!(
        message(|tree| tree.nodes[2] = split(0, 1, 3)),
        "trees[0].nodes[2].cut: expected a cut's index, below 1, found 1"
    );
    assert_eq!(
        message(|tree| tree.nodes[4] = TreeNode::Leaf(3)),
        "trees[0].nodes[4].leaf: expected a leaf's index, below 3, found 3"
    );
    assert_eq!(
        message(|tree| tree.nodes[4] = TreeNode::Leaf(1)),
        "trees[0].nodes[4].leaf: expected a leaf of its own, found 1"
    );
    assert_eq!(
        message(|tree| tree.nodes[1] = split(0, 0, 3)),
        "trees[0].nodes[2].left: expected children of its own, found 3"
    );
    assert_eq!(
        message(|tree| tree.nodes.push(TreeNode::Leaf(0))),
        "trees[0].nodes[5].leaf: expected a leaf of its own, found 0"
    );
    let empty = |tree: &mut Tree| tree.leaves = Leaves::Frequencies(vec![[5, 1], [0, 0], [0, 5]]);
    assert_eq!(message(empty), "trees[0].leaves[1]: expected at least one training row, found 0");
    let infinite = |tree: &mut Tree| tree.leaves = Leaves::Values(vec![(0.0, 1), (f64::INFINITY, 1), (0.0, 1)]);
    assert_eq!(message(infinite), "trees[0].leaves[1].value: expected a finite number, found inf");
    let unreached = |tree: &mut Tree| tree.leaves = Leaves::Values(vec![(0.0, 1); 4]);
    assert_eq!(message(unreached), "trees[0].leaves[3]: expected a node that leads to it, found none");
    let falling = Trees::new(vec![vec![1.0, 1.0]], [1.0, 1.0], vec![]).expect_err("refused").to_string();
    assert_eq!(falling, "cuts[0][1]: expected more than 1, found 1");
    for weights in [[1.0, 1e308], [1e-320, 1.0], [1.0, 0.0], [f64::NAN, 1.0]] {
        let message = Trees::new(vec![vec![]], weights, vec![]).expect_err("refused").to_string();
        assert!(message.starts_with("class_weights: expected a number from 1e-12 to 1e12, found "), "{message}");
    }
}
