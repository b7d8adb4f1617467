//! Trees of any size: several rows walk down a tree at the same time, so that one need not wait for the memory of another.

use std::hint::black_box;

use super::codes::{Codes, Encoder};
use crate::learn::tree::{Node, Tree, Trees};

/// Walks side by side. Enough to cover the time that a node takes to arrive from the second-level cache.
const LANES: usize = 8;
/// Trees that one row walks down at the same time. More, since their nodes come from memory further away.
const TREES: usize = 16;
/// Steps that all lanes take before those that have reached a leaf are set aside. A leaf leads to itself, so that a step too
/// many does no harm and no step needs a branch.
const STEPS: usize = 4;
/// Nodes that a row meets, about. Where all rows meet fewer than a tree has, most of it need not be fetched.
const NODES_MET: usize = 16;
/// Steps, and values, in a line of the cache.
const STEPS_PER_LINE: usize = 8;
/// A cut above every code: the mark of a leaf.
const NO_CUT: u16 = u16::MAX;

/// A node in eight bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    /// Column of codes; of a leaf, the low bits of its number.
    column: u16,
    cut: u16,
    /// The left child; of a leaf, itself.
    left: u32,
}

/// One tree.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Walk {
    steps: Vec<Step>,
    /// By number of the leaf; leaves are numbered in the order of their nodes.
    values: Vec<f64>,
    /// Of every leaf whose number's low bits are 0, but the first: index of the node.
    carries: Vec<u32>,
}

/// Memory for [`Walk::add`], to be used again for the next tree.
#[derive(Default)]
pub(super) struct Scratch {
    /// Rows that have not reached a leaf, and the node at which they are.
    active: Vec<(u32, u32)>,
    /// The leaf of every row: index of the node.
    ends: Vec<u32>,
}

impl Walk {
    pub(super) fn new(trees: &Trees, tree: &Tree) -> Walk {
        let mut values = Vec::with_capacity(tree.leaves.len());
        let mut carries = Vec::new();
        let step = |(index, node): (usize, &Node)| match *node {
            Node::Split { feature, cut, missing_left, left } => {
                Step { column: Encoder::column(feature, missing_left), cut, left }
            }
            Node::Leaf(leaf) => {
                let number = values.len();
                if number > 0 && number as u16 == 0 {
                    carries.push(index as u32);
                }
                values.push(trees.value(&tree.leaves, leaf as usize));
                Step { column: number as u16, cut: NO_CUT, left: index as u32 }
            }
        };
        let steps = tree.nodes.iter().enumerate().map(step).collect();
        Walk { steps, values, carries }
    }

    /// Bytes that prediction reads.
    pub(super) fn bytes(&self) -> usize {
        std::mem::size_of_val(&self.steps[..]) + std::mem::size_of_val(&self.values[..])
    }

    /// Adds to each row's sum the value of its leaf.
    pub(super) fn add(&self, codes: &Codes, sums: &mut [f64], scratch: &mut Scratch) {
        if sums.len() * NODES_MET >= self.steps.len() {
            self.fetch();
        }
        let Scratch { active, ends } = scratch;
        ends.resize(sums.len(), 0);
        active.clear();
        active.extend((0..sums.len() as u32).map(|row| (row, 0)));
        while let Some(&last) = active.last() {
            // A row that walks twice arrives twice at the same leaf.
            active.resize(active.len().next_multiple_of(LANES), last);
            let kept = self.advance(codes, active, ends);
            active.truncate(kept);
        }
        for (sum, &end) in sums.iter_mut().zip(ends.iter()) {
            *sum += self.value(end);
        }
    }

    /// Reads the tree from end to end. The processor fetches a sequence ahead of its use, which it cannot do for walks that
    /// jump about; a forest comes from memory in half the time.
    fn fetch(&self) {
        let steps = self.steps.iter().step_by(STEPS_PER_LINE).fold(0, |all, step| all ^ step.left);
        let values = self.values.iter().step_by(STEPS_PER_LINE).fold(0, |all, value| all ^ value.to_bits());
        black_box((steps, values));
    }

    /// Takes a few steps with every active row and keeps those that are not at a leaf in front; returns their number.
    fn advance(&self, codes: &Codes, active: &mut [(u32, u32)], ends: &mut [u32]) -> usize {
        let mut kept = 0;
        for first in (0..active.len()).step_by(LANES) {
            let rows: [u32; LANES] = std::array::from_fn(|lane| active[first + lane].0);
            let mut at: [u32; LANES] = std::array::from_fn(|lane| active[first + lane].1);
            let starts = rows.map(|row| codes.start(row));
            for _ in 0..STEPS {
                for (at, &start) in at.iter_mut().zip(&starts) {
                    *at = self.next(codes, start, *at);
                }
            }
            for (&row, &at) in rows.iter().zip(&at) {
                ends[row as usize] = at;
                active[kept] = (row, at);
                kept += usize::from(!self.is_leaf(at));
            }
        }
        kept
    }

    fn next(&self, codes: &Codes, start: usize, at: u32) -> u32 {
        let step = self.steps[at as usize];
        step.left + u32::from(codes.get(start, step.column) > step.cut)
    }

    fn is_leaf(&self, at: u32) -> bool {
        self.steps[at as usize].cut == NO_CUT
    }

    /// Value of the leaf at a node.
    fn value(&self, at: u32) -> f64 {
        let mut number = usize::from(self.steps[at as usize].column);
        if !self.carries.is_empty() {
            number += self.carries.partition_point(|&node| node <= at) << u16::BITS;
        }
        self.values[number]
    }
}

/// Sum of the values of the leaves that one row falls into: several trees are walked down at the same time.
pub(super) fn sum_row(walks: &[Walk], codes: &Codes, row: u32) -> f64 {
    let start = codes.start(row);
    let mut sum = 0.0;
    for walks in walks.chunks(TREES) {
        // The last trees are walked down together with one of them again.
        let lanes: [&Walk; TREES] = std::array::from_fn(|lane| &walks[lane.min(walks.len() - 1)]);
        let mut at = [0; TREES];
        while lanes.iter().zip(&at).fold(false, |going, (walk, &at)| going | !walk.is_leaf(at)) {
            for _ in 0..STEPS {
                for (at, walk) in at.iter_mut().zip(&lanes) {
                    *at = walk.next(codes, start, *at);
                }
            }
        }
        for (walk, &at) in walks.iter().zip(&at) {
            sum += walk.value(at);
        }
    }
    sum
}
