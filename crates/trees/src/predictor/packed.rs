//! Deep trees over few features, whose nodes are stored in four bytes each ([`PackedForest`]).
//!
//! Rows are taken in tiles, whose codes stay in a core's first-level cache beside a tree of a few thousand nodes. The top levels of a tree are no walk:
//! every condition is tested for many rows by one instruction, and the answers select the node below. Then the rows that
//! have not reached a leaf take a step each, again and again: the steps of one pass do not wait for each other, and no branch
//! depends on a row. One row walks down all trees in the same way.

use std::hint::select_unpredictable;
use std::ops::Range;

use fearless_simd::{dispatch, u8x64, Level, Simd, SimdBase};
use ndarray::{ArrayView2, Axis};

use super::byte_codes::{column_codes, ByteCodes, TILE_ROWS};
use super::encoding::Encoder;
use crate::trees::packed::{PackedForest, PackedNode, MAX_COLUMNS, TOP_LEVELS};

/// Fewer rows are taken one by one.
const FEW_ROWS: usize = 8;
/// Rows for which one instruction tests a condition.
const LANES: usize = 64;
/// Walks side by side.
const WALKS: usize = 8;
/// Steps of a walk before those that have reached a leaf are set aside. A leaf leads to itself, so that a step too many does no
/// harm and no step needs a branch.
const STEPS: usize = 4;
/// Nodes below the top levels.
const BELOW_TOP: usize = 1 << TOP_LEVELS;

/// The conditions of the top levels of a tree, as if no leaf were there, and the nodes below.
struct TopLevels {
    /// The children of condition `i` are `2 i + 1` and `2 i + 2`.
    conditions: [PackedNode; BELOW_TOP - 1],
    /// A leaf above is the first of the nodes that would be below it.
    below: [PackedNode; BELOW_TOP],
}

impl TopLevels {
    fn new(nodes: &[PackedNode]) -> TopLevels {
        let mut conditions = [PackedNode::default(); BELOW_TOP - 1];
        let mut below = [nodes[0]; BELOW_TOP];
        for level in 0..TOP_LEVELS {
            let first = (1 << level) - 1;
            // The last one first, so that the place of its children is free.
            for at in (0..1 << level).rev() {
                let node = below[at];
                conditions[first + at] = node;
                // No code exceeds the cut of a leaf, so that all rows go left.
                below[2 * at..2 * at + 2].copy_from_slice(&match node.is_leaf() {
                    true => [node; 2],
                    false => [nodes[node.left()], nodes[node.left() + 1]],
                });
            }
        }
        TopLevels { conditions, below }
    }

    /// For each row of a tile, the index of the node below the top levels.
    #[inline(always)]
    fn descend<S: Simd>(&self, simd: S, codes: &TileCodes, places: &mut [u8; TILE_ROWS], rows: usize) {
        for first in (0..rows).step_by(LANES) {
            let is_right = |condition: usize| {
                let condition = self.conditions[condition];
                let codes = &codes[condition.column()][first..first + LANES];
                simd.simd_gt_u8x64(u8x64::from_slice(simd, codes), simd.splat_u8x64(condition.cut()))
            };
            // The answers of each level to which the one on the right is still missing.
            let mut waiting = [simd.splat_u8x64(0); TOP_LEVELS];
            for pair in 0..BELOW_TOP / 2 {
                let (mut level, mut at) = (TOP_LEVELS - 1, pair);
                let left = simd.splat_u8x64(2 * pair as u8);
                let right = simd.splat_u8x64(2 * pair as u8 + 1);
                let mut place = simd.select_u8x64(is_right((1 << level) - 1 + at), right, left);
                while at % 2 == 1 {
                    let left = waiting[level];
                    (level, at) = (level - 1, at / 2);
                    place = simd.select_u8x64(is_right((1 << level) - 1 + at), place, left);
                }
                waiting[level] = place;
            }
            waiting[0].store_slice(&mut places[first..first + LANES]);
        }
    }
}

/// Codes of the rows of a tile, column by column.
type TileCodes = [[u8; TILE_ROWS]; MAX_COLUMNS];

/// The number of a row, or of a tree, and the node at which its walk is.
type ActiveWalk = (u32, PackedNode);

/// Takes walks to their ends, which are at the walks' numbers in `ends`. The first `count` of `active` have not reached a leaf.
/// `next` is where a node leads; a leaf leads to itself.
#[inline(always)]
fn walk(
    active: &mut [ActiveWalk],
    mut count: usize,
    ends: &mut [PackedNode],
    next: impl Fn(u32, PackedNode) -> PackedNode,
) {
    while count > 0 {
        // A row that walks twice arrives twice at the same leaf.
        let (whole, last) = (count.next_multiple_of(WALKS), active[count - 1]);
        active[count..whole].fill(last);
        count = 0;
        for first in (0..whole).step_by(WALKS) {
            let walks: [ActiveWalk; WALKS] = active[first..first + WALKS].try_into().expect("as many");
            let mut at = walks.map(|(_, node)| node);
            for _ in 0..STEPS {
                for (node, &(number, _)) in at.iter_mut().zip(&walks) {
                    *node = next(number, *node);
                }
            }
            for (&(number, _), &node) in walks.iter().zip(&at) {
                ends[number as usize] = node;
                active[count] = (number, node);
                count += usize::from(!node.is_leaf());
            }
        }
    }
}

/// Memory for the walks of a tile.
struct TileWalks {
    places: [u8; TILE_ROWS],
    active: [ActiveWalk; TILE_ROWS],
    /// The leaf of each row.
    ends: [PackedNode; TILE_ROWS],
}

impl TileWalks {
    /// Finds the leaf of every row of a tile. A leaf among the `nodes` leads to itself.
    fn walk(&mut self, nodes: &[PackedNode], top: &TopLevels, codes: &TileCodes, rows: usize) {
        let mut count = 0;
        for row in 0..rows {
            let node = top.below[usize::from(self.places[row]) % BELOW_TOP];
            self.ends[row] = node;
            self.active[count] = (row as u32, node);
            count += usize::from(!node.is_leaf());
        }
        walk(&mut self.active, count, &mut self.ends, |row, node| {
            nodes[node.left() + usize::from(codes[node.column()][row as usize % TILE_ROWS] > node.cut())]
        });
    }
}

/// Adds to each row's sum its values in some of the trees.
pub(super) fn add(
    forest: &PackedForest,
    trees: &Range<usize>,
    encoder: &Encoder,
    records: ArrayView2<f64>,
    sums: &mut [f64],
) {
    if sums.len() < FEW_ROWS {
        let rows = records.rows().into_iter().zip(sums);
        return rows.for_each(|(record, sum)| add_row(forest, trees, &column_codes(encoder, record), sum));
    }
    let encoded = |records| {
        let mut codes = ByteCodes::new(encoder.n_features());
        codes.encode(encoder, records);
        codes
    };
    let tiles: Vec<ByteCodes> = records.axis_chunks_iter(Axis(0), TILE_ROWS).map(encoded).collect();
    let mut walks = TileWalks {
        places: [0; TILE_ROWS],
        active: [(0, PackedNode::default()); TILE_ROWS],
        ends: [PackedNode::default(); TILE_ROWS],
    };
    let level = Level::new();
    // A copy of a tree whose leaves lead to themselves, so that a step need not tell a leaf from a split.
    let mut loops = Vec::new();
    for tree in trees.clone() {
        let nodes = forest.tree(tree);
        let to_itself = |(place, &node): (usize, &PackedNode)| {
            select_unpredictable(node.is_leaf(), PackedNode::split(0, u8::MAX, place), node)
        };
        loops.clear();
        loops.extend(nodes.iter().enumerate().map(to_itself));
        let top = TopLevels::new(&loops);
        for (codes, sums) in tiles.iter().zip(sums.chunks_mut(TILE_ROWS)) {
            let codes = codes.first_columns();
            dispatch!(level, simd => top.descend(simd, codes, &mut walks.places, sums.len()));
            walks.walk(&loops, &top, codes, sums.len());
            for (sum, end) in sums.iter_mut().zip(&walks.ends) {
                *sum += forest.values()[nodes[end.left()].leaf_index()];
            }
        }
    }
}

/// As [`add`], of one row.
fn add_row(forest: &PackedForest, trees: &Range<usize>, codes: &[u8], sum: &mut f64) {
    let mut padded = [0; MAX_COLUMNS];
    padded[..codes.len()].copy_from_slice(codes);
    let of_trees: Vec<&[PackedNode]> = trees.clone().map(|tree| forest.tree(tree)).collect();
    let mut ends: Vec<PackedNode> = of_trees.iter().map(|nodes| nodes[0]).collect();
    let mut active: Vec<ActiveWalk> = (0..).zip(ends.iter().copied()).filter(|(_, node)| !node.is_leaf()).collect();
    let count = active.len();
    active.resize(count.next_multiple_of(WALKS), (0, PackedNode::default()));
    walk(&mut active, count, &mut ends, |tree, node| {
        let is_right = usize::from(padded[node.column()] > node.cut());
        let next = select_unpredictable(node.is_leaf(), 0, node.left() + is_right);
        select_unpredictable(node.is_leaf(), node, of_trees[tree as usize][next])
    });
    for end in ends {
        *sum += forest.values()[end.leaf_index()];
    }
}
