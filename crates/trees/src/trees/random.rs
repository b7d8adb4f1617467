//! Trees at random, for tests.

use rand::RngExt;

use super::{Leaves, Tree, TreeNode, Trees};
use crate::seed::task_rng;

impl Trees {
    /// Trees at random over `features` features of up to `most_cuts` cuts each (whole numbers from 0), of up to `most_splits`
    /// splits each. By the seed, all trees have class frequencies in their leaves, or all have values, or every other tree has.
    pub(crate) fn random(seed: u64, features: usize, most_cuts: usize, trees: usize, most_splits: usize) -> Trees {
        let mut rng = task_rng(seed, "trees", &[]);
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
            let leaves = if [false, true, !index.is_multiple_of(2)][seed as usize % 3] {
                Leaves::Values(leaves.iter().map(|_| (rng.random::<f64>() - 0.5, rng.random())).collect())
            } else {
                let counts = leaves.iter().map(|_| [rng.random_range(0..300), rng.random_range(1..3)]);
                Leaves::Frequencies(counts.collect())
            };
            Tree { nodes, leaves }
        };
        let trees = (0..trees).map(&mut tree).collect();
        Trees::new(cuts, [1.0, 1.5], trees).expect("grown by the rules")
    }
}
