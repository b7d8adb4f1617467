//! Contributions of a tree of few splits, one set of them for every way in which they can be answered.
//!
//! A row's contributions depend on its answers to all of a tree's splits, and on nothing else of it. A symmetric tree has
//! one split a level, so that there are few ways; they are walked once, and then looked up.

use super::paths::{PathTree, MISSING};
use super::walk::{ShapScratch, Walker};

/// A tree with more ways has no table. Eight splits on as many features have 256.
const MAX_TABLE_CELLS: usize = 256;

/// The table of a tree.
#[derive(Clone, Debug)]
pub(super) struct ShapTable {
    split_features: Vec<TableFeature>,
    /// By cell, one for each feature of the tree.
    contributions: Vec<f64>,
}

/// A feature that a tree splits on.
#[derive(Clone, Debug)]
struct TableFeature {
    feature: usize,
    /// Its cuts in this tree, ascending.
    cuts: Vec<u16>,
    /// Cells between those that differ by one cut.
    stride: usize,
}

impl ShapTable {
    /// Bytes that the table of a tree takes; `None` if its splits can be answered in too many ways for a table.
    pub(super) fn bytes(tree: &PathTree) -> Option<usize> {
        let split_features = split_features(tree)?;
        Some(split_features.last().map_or(1, TableFeature::end) * split_features.len() * size_of::<f64>())
    }

    /// Fills the table of a tree; `None` if it would be too large.
    pub(super) fn new(
        tree: &PathTree,
        walker: &Walker,
        n_features: usize,
        scratch: &mut ShapScratch,
    ) -> Option<ShapTable> {
        let split_features = split_features(tree)?;
        let cells = split_features.last().map_or(1, TableFeature::end);
        let mut contributions = Vec::with_capacity(cells * split_features.len());
        let (mut codes, mut row) = (vec![0; n_features], vec![0.0; n_features]);
        for cell in 0..cells {
            split_features.iter().for_each(|feature| codes[feature.feature] = feature.code(cell));
            row.fill(0.0);
            walker.add(tree, &codes, &mut row, scratch);
            contributions.extend(split_features.iter().map(|split_features| row[split_features.feature]));
        }
        Some(ShapTable { split_features, contributions })
    }

    /// Adds the contributions for a row, given by its codes, to `contributions`, both one a feature. Does nothing and tells
    /// `false` if a value is missing: where it goes may differ from node to node.
    pub(super) fn add(&self, codes: &[u16], contributions: &mut [f64]) -> bool {
        let mut cell = 0;
        for feature in &self.split_features {
            let code = codes[feature.feature];
            if code == MISSING {
                return false;
            }
            let passed: usize = feature.cuts.iter().map(|&cut| usize::from(code > cut)).sum();
            cell += passed * feature.stride;
        }
        let own = &self.contributions[cell * self.split_features.len()..][..self.split_features.len()];
        for (feature, contribution) in self.split_features.iter().zip(own) {
            contributions[feature.feature] += contribution;
        }
        true
    }
}

impl TableFeature {
    /// Cells up to the end of this feature's.
    fn end(&self) -> usize {
        self.stride * (self.cuts.len() + 1)
    }

    /// A code that answers this feature's splits as a cell does.
    fn code(&self, cell: usize) -> u16 {
        match cell / self.stride % (self.cuts.len() + 1) {
            0 => 0,
            // There are fewer cuts than codes.
            passed => self.cuts[passed - 1] + 1,
        }
    }
}

/// The conditions of a tree by feature; `None` if it can be answered in too many ways.
fn split_features(tree: &PathTree) -> Option<Vec<TableFeature>> {
    let mut splits = Vec::new();
    for node in tree.nodes.iter().filter(|node| node.features != 0) {
        let split = (node.feature(), node.cut());
        if !splits.contains(&split) {
            splits.push(split);
            // Each split adds at least one way.
            if splits.len() >= MAX_TABLE_CELLS {
                return None;
            }
        }
    }
    splits.sort_unstable();
    let mut split_features: Vec<TableFeature> = Vec::new();
    for (feature, cut) in splits {
        match split_features.last_mut().filter(|last| last.feature == feature) {
            Some(last) => last.cuts.push(cut),
            None => split_features.push(TableFeature {
                feature,
                cuts: vec![cut],
                stride: split_features.last().map_or(1, TableFeature::end),
            }),
        }
        if split_features.last().is_some_and(|last| last.end() > MAX_TABLE_CELLS) {
            return None;
        }
    }
    Some(split_features)
}
