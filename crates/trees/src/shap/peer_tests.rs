//! Held against the Python package shap, on models that both programs can hold (`tests/fixtures/make_shap.py`).

use ndarray::Array2;
use serde::Deserialize;

use super::Explainer;
use crate::{Leaves, Tree, TreeNode, Trees};

#[derive(Deserialize)]
struct ShapFixture {
    models: Vec<ShapCase>,
}

#[derive(Deserialize)]
struct ShapCase {
    name: String,
    class_weights: Option<[f64; 2]>,
    trees: Vec<TreeArrays>,
    /// `None` is missing.
    records: Vec<Vec<Option<f64>>>,
    base: f64,
    shap: Vec<Vec<f64>>,
}

/// A tree in the form of scikit-learn.
#[derive(Deserialize)]
struct TreeArrays {
    feature: Vec<i32>,
    threshold: Vec<f64>,
    missing_left: Vec<bool>,
    left: Vec<i32>,
    right: Vec<i32>,
    value: Option<Vec<f64>>,
    cover: Option<Vec<u32>>,
    counts: Option<Vec<[u32; 2]>>,
}

impl ShapCase {
    fn trees(&self) -> Trees {
        let mut cuts = vec![Vec::new(); self.records[0].len()];
        for tree in &self.trees {
            let splits = tree.feature.iter().zip(&tree.threshold).filter(|(&feature, _)| feature >= 0);
            splits.for_each(|(&feature, &threshold)| cuts[feature as usize].push(threshold));
        }
        for cuts in &mut cuts {
            cuts.sort_by(f64::total_cmp);
            cuts.dedup();
        }
        let trees = self.trees.iter().map(|tree| tree.in_our_form(&cuts)).collect();
        Trees::new(cuts.clone(), self.class_weights.unwrap_or([1.0, 1.0]), trees).expect("trees")
    }
}

impl TreeArrays {
    fn in_our_form(&self, cuts: &[Vec<f64>]) -> Tree {
        let mut nodes = vec![TreeNode::Leaf(0)];
        let mut leaves = Vec::new();
        let mut pending = vec![(0, 0)];
        while let Some((from, to)) = pending.pop() {
            if self.left[from] < 0 {
                nodes[to] = TreeNode::Leaf(leaves.len() as u32);
                leaves.push(from);
                continue;
            }
            let (feature, left) = (self.feature[from] as usize, nodes.len());
            let cut = cuts[feature].iter().position(|cut| *cut == self.threshold[from]).expect("a cut") as u16;
            let missing_left = self.missing_left[from];
            nodes[to] = TreeNode::split(feature, cut, missing_left, left);
            nodes.extend([TreeNode::Leaf(0); 2]);
            pending.extend([(self.left[from] as usize, left), (self.right[from] as usize, left + 1)]);
        }
        let leaves = match (&self.counts, &self.value, &self.cover) {
            (Some(counts), _, _) => Leaves::Frequencies(leaves.iter().map(|&leaf| counts[leaf]).collect()),
            (None, Some(value), Some(cover)) => {
                Leaves::Values(leaves.iter().map(|&leaf| (value[leaf], cover[leaf])).collect())
            }
            _ => panic!("neither counts nor values with cover"),
        };
        Tree { nodes, leaves }
    }
}

/// To 1e-6. shap holds a forest's leaves in 64 bits and LightGBM's in 64, so that no more than rounding sets them apart.
#[test]
fn contributions_are_those_of_the_python_package() {
    let fixture: ShapFixture =
        serde_json::from_str(include_str!("../../tests/fixtures/shap.json")).expect("the fixture is JSON");
    assert_eq!(fixture.models.len(), 3);
    for peer in &fixture.models {
        let trees = peer.trees();
        let scale = if peer.class_weights.is_some() { 1.0 / trees.trees().len() as f64 } else { 1.0 };
        let explainer = Explainer::new(&trees, scale, 0.0);
        let values = peer.records.iter().flatten().map(|value| value.unwrap_or(f64::NAN)).collect();
        let records = Array2::from_shape_vec((peer.records.len(), peer.records[0].len()), values).expect("a matrix");
        assert!(
            (explainer.base() - peer.base).abs() < 1e-6,
            "{}: base {}, not {}",
            peer.name,
            explainer.base(),
            peer.base
        );
        for (found, expected) in explainer.shap(records.view()).iter().zip(peer.shap.iter().flatten()) {
            assert!((found - expected).abs() < 1e-6, "{}: {found}, not {expected}", peer.name);
        }
    }
}
