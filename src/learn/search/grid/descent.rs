//! Rows down trees to their leaves, several at a time.

use crate::learn::forest::Grown;
use crate::learn::tree::binning::BinnedRecords;
use crate::learn::tree::Node;

/// Rows that go down a tree together, so that the processor need not wait for one row's next node.
const TOGETHER: usize = 8;

/// Steps between looks at whether all have arrived.
const STEPS: usize = 4;

/// Binned rows, the bins of a row side by side.
pub struct Rows {
    bins: Vec<u8>,
    features: usize,
    rows: usize,
}

impl Rows {
    /// Turns columns into rows.
    pub fn new(binned: &BinnedRecords) -> Rows {
        let (rows, features) = (binned.rows(), binned.features());
        let mut bins = vec![0; rows * features];
        for feature in 0..features {
            for (row, &bin) in binned.column(feature).iter().enumerate() {
                bins[row * features + feature] = bin;
            }
        }
        Rows { bins, features, rows }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows
    }
}

/// A node in eight bytes: right if the bin plus `shift`, of eight bits, exceeds `last`.
#[derive(Clone, Copy)]
struct Step {
    feature: u16,
    last: u8,
    /// 1 where missing values go left: it turns their bin from the last into the first.
    shift: u8,
    /// The left child, before the right one. A leaf is its own, and no bin exceeds its `last`.
    left: u32,
}

/// A tree that rows go down.
pub struct Descent {
    steps: Vec<Step>,
    /// Index of the leaf, for nodes that are one.
    leaves: Vec<u32>,
}

impl Descent {
    /// Prepares a tree.
    pub fn new(grown: &Grown) -> Descent {
        let nodes = grown.tree.nodes.iter().zip(0u32..);
        let (steps, leaves) = nodes
            .map(|(node, index)| match *node {
                Node::Leaf(leaf) => (Step { feature: 0, last: u8::MAX, shift: 0, left: index }, leaf),
                Node::Split { feature, cut, missing_left, left } => {
                    let shift = u8::from(missing_left);
                    // There are at most 254 cuts of 255 bins, and a number past them where only missing values go right.
                    (Step { feature, last: cut as u8 + shift, shift, left }, 0)
                }
            })
            .unzip();
        Descent { steps, leaves }
    }

    /// Calls `arrived` with the place and the leaf of each of `rows` (indices), in their order.
    pub fn each_leaf(&self, rows: &Rows, range: std::ops::Range<usize>, mut arrived: impl FnMut(usize, usize)) {
        let bins = &rows.bins[range.start * rows.features..range.end * rows.features];
        for (group, bins) in bins.chunks(TOGETHER * rows.features).enumerate() {
            let mut nodes = [0; TOGETHER];
            let nodes = &mut nodes[..bins.len() / rows.features];
            while !self.descend(nodes, bins, rows.features) {}
            for (place, &node) in nodes.iter().enumerate() {
                arrived(group * TOGETHER + place, self.leaves[node as usize] as usize);
            }
        }
    }

    /// Takes a few steps; whether all have arrived.
    #[inline]
    fn descend(&self, nodes: &mut [u32], bins: &[u8], features: usize) -> bool {
        for _ in 0..STEPS - 1 {
            self.step(nodes, bins, features);
        }
        !self.step(nodes, bins, features)
    }

    /// Takes a step with each row; whether any has moved.
    #[inline(always)]
    fn step(&self, nodes: &mut [u32], bins: &[u8], features: usize) -> bool {
        let mut moved = 0;
        for (node, bins) in nodes.iter_mut().zip(bins.chunks_exact(features)) {
            let step = self.steps[*node as usize];
            let goes_right = bins[usize::from(step.feature)].wrapping_add(step.shift) > step.last;
            let next = step.left + u32::from(goes_right);
            moved |= next ^ *node;
            *node = next;
        }
        moved != 0
    }
}
