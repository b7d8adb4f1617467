//! Trees of few distinct conditions, as symmetric trees are: no walk, but a table a tree of the value
//! for every combination of answers.
//!
//! A tree's answers, put together as bits, are the index into its table. It is how CatBoost applies its symmetric trees
//! (Prokhorenkova et al. 2018, "CatBoost: unbiased boosting with categorical features"), but that a tree here may leave out a
//! split on some of its paths.
//!
//! Rows are taken in tiles, whose codes stay in a core's first-level cache: a byte a column, column by column, so that one
//! instruction compares many rows with a cut. All trees pass over a tile, and each tree's table is read once a tile.

use std::ops::Range;

use fearless_simd::{dispatch, Level};
use ndarray::ArrayView2;

use super::byte_codes::{column_codes, ByteCodes, CODED_CUTS, TILE_ROWS};
use super::encoding::Encoder;
use super::in_use::CutsInUse;
use crate::trees::packed::{PackedForest, PackedNode};
use crate::{SplitColumn, Tree, TreeNode, Trees};

/// Most splits of a tree.
const MAX_TREE_CONDITIONS: usize = 8;
/// Most columns, two a feature: more would not fit into the second-level cache.
const MAX_COLUMNS: usize = 1 << 10;
/// Rows whose indices are put together at the same time, so that one instruction takes many of them.
const LANES: usize = 64;
/// Trees whose values are added to a row's sum at the same time, so that the sum is read and written once for all of them.
const GROUP: usize = 8;
/// Fewer rows are taken one by one.
const FEW_ROWS: usize = LANES / 4;
/// Most values of the tables for each leaf, so that they take memory in proportion to the trees.
const MAX_VALUES_PER_LEAF: usize = 4;

/// Whether trees are of the shape that this is fast for.
pub(super) fn suit(trees: &Trees) -> bool {
    let values = |tree: &Tree| splits(conditions(tree)).map(|splits| 1 << splits.len());
    // Ends at the first tree with too many conditions.
    let Some(values) = trees.trees().iter().map(values).sum::<Option<usize>>() else { return false };
    let leaves: usize = trees.trees().iter().map(|tree| tree.leaves.len()).sum();
    2 * trees.n_features() <= MAX_COLUMNS
        && values <= MAX_VALUES_PER_LEAF * leaves
        && CutsInUse::of(trees).counts().all(|cuts| cuts <= CODED_CUTS)
}

/// Whether packed trees may suit once they are unpacked: by the first of them.
pub(super) fn may_suit(packed: &PackedForest) -> bool {
    let condition = |node: &PackedNode| (SplitColumn::of_index(node.column() as u16), u16::from(node.cut()));
    splits(packed.tree(0).iter().filter(|node| !node.is_leaf()).map(condition)).is_some()
}

/// A column and one of its feature's cuts.
type FeatureCut = (SplitColumn, u16);

fn conditions(tree: &Tree) -> impl Iterator<Item = FeatureCut> + '_ {
    tree.nodes.iter().filter_map(|node| match *node {
        TreeNode::Split { column, cut, .. } => Some((column, cut)),
        TreeNode::Leaf(_) => None,
    })
}

/// The splits of a tree, each once; `None` if there are too many.
fn splits(conditions: impl Iterator<Item = FeatureCut>) -> Option<Vec<FeatureCut>> {
    let mut splits = Vec::with_capacity(MAX_TREE_CONDITIONS);
    for condition in conditions {
        if !splits.contains(&condition) {
            if splits.len() == MAX_TREE_CONDITIONS {
                return None;
            }
            splits.push(condition);
        }
    }
    Some(splits)
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ObliviousTables {
    trees: Vec<ObliviousTable>,
    /// Table after table, and [`PADDING`] zeros, so that as many values follow the start of any table as the largest has.
    values: Vec<f64>,
}

/// As many as the largest table has values.
const PADDING: usize = 1 << MAX_TREE_CONDITIONS;

/// Whether the code of a column is above a cut.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct CodeAbove {
    column: u16,
    cut: u8,
}

/// Answered no by every code.
const NEVER: CodeAbove = CodeAbove { column: 0, cut: u8::MAX };

#[derive(Clone, Copy, Debug, PartialEq)]
struct ObliviousTable {
    /// Its conditions, from the lowest bit of the index on; those that it does not have are always answered no.
    conditions: [CodeAbove; MAX_TREE_CONDITIONS],
    /// How many it has.
    count: u8,
    /// Where its values start.
    first: u32,
}

impl ObliviousTables {
    /// Tables of trees that [`suit`], for codes by the cuts `in_use`.
    pub(super) fn new(trees: &Trees, in_use: &CutsInUse) -> ObliviousTables {
        let mut tables = ObliviousTables { trees: Vec::new(), values: Vec::new() };
        for tree in trees.trees() {
            tables.push(trees, tree, in_use);
        }
        tables.values.extend([0.0; PADDING]);
        tables
    }

    fn push(&mut self, all: &Trees, tree: &Tree, in_use: &CutsInUse) {
        let splits = splits(conditions(tree)).expect("trees that suit have few");
        let mut conditions = [NEVER; MAX_TREE_CONDITIONS];
        for (condition, &(column, cut)) in conditions.iter_mut().zip(&splits) {
            // At most as many cuts as a byte codes.
            let cut = in_use.position(column.feature(), cut) as u8;
            *condition = CodeAbove { column: column.index(), cut };
        }
        self.trees.push(ObliviousTable { conditions, count: splits.len() as u8, first: self.values.len() as u32 });
        self.values.extend((0..1 << splits.len()).map(|index: usize| value(all, tree, &splits, index)));
    }

    /// Adds to each row's sum its values in some of the trees.
    pub(super) fn add(&self, trees: &Range<usize>, encoder: &Encoder, records: ArrayView2<f64>, sums: &mut [f64]) {
        if sums.len() < FEW_ROWS {
            let rows = records.rows().into_iter().zip(sums);
            return rows.for_each(|(record, sum)| self.add_row(trees, &column_codes(encoder, record), sum));
        }
        let mut codes = ByteCodes::new(encoder.n_features());
        let level = Level::new();
        let tiles = records.axis_chunks_iter(ndarray::Axis(0), TILE_ROWS);
        for (records, sums) in tiles.zip(sums.chunks_mut(TILE_ROWS)) {
            codes.encode(encoder, records);
            let (groups, others) = self.trees[trees.clone()].as_chunks::<GROUP>();
            for group in groups {
                dispatch!(level, _ => self.add_tile(group, &codes, sums));
            }
            for table in others {
                dispatch!(level, _ => self.add_tile(std::array::from_ref(table), &codes, sums));
            }
        }
    }

    fn add_row(&self, trees: &Range<usize>, codes: &[u8], sum: &mut f64) {
        for table in &self.trees[trees.clone()] {
            let bit = |(bit, condition): (usize, &CodeAbove)| {
                usize::from(codes[usize::from(condition.column)] > condition.cut) << bit
            };
            let index = table.conditions.iter().enumerate().map(bit).fold(0, |index, bit| index | bit);
            *sum += self.values[table.first as usize + index];
        }
    }

    /// By the size of the largest table, so that no index need be checked.
    #[inline(always)]
    fn add_tile<const G: usize>(&self, group: &[ObliviousTable; G], codes: &ByteCodes, sums: &mut [f64]) {
        match group.iter().map(|table| table.count).max() {
            None | Some(0..=4) => self.add_values::<G, 16>(group, codes, sums),
            Some(5) => self.add_values::<G, 32>(group, codes, sums),
            Some(6) => self.add_values::<G, 64>(group, codes, sums),
            Some(7) => self.add_values::<G, 128>(group, codes, sums),
            Some(_) => self.add_values::<G, 256>(group, codes, sums),
        }
    }

    /// Adds the values of tables of at most `N` to the rows of a tile, table by table.
    #[inline(always)]
    fn add_values<const G: usize, const N: usize>(
        &self,
        group: &[ObliviousTable; G],
        codes: &ByteCodes,
        sums: &mut [f64],
    ) {
        // Those after a smaller table's are the next one's, which no index reaches.
        let values: [&[f64; N]; G] = std::array::from_fn(|table| {
            let first = group[table].first as usize;
            self.values[first..first + N].try_into().expect("padded to as many")
        });
        for (block, sums) in sums.chunks_mut(LANES).enumerate() {
            let mut of_tables = [[0; LANES]; G];
            for (indices_of, table) in of_tables.iter_mut().zip(group) {
                *indices_of = indices(table, codes, block);
            }
            for (lane, sum) in sums.iter_mut().enumerate() {
                let mut total = *sum;
                for (values, indices) in values.iter().zip(&of_tables) {
                    total += values[usize::from(indices[lane % LANES]) % N];
                }
                *sum = total;
            }
        }
    }
}

/// Of [`LANES`] rows, the indices into the table of a tree: their answers as bits. Rows beyond the tile's have some index.
#[inline(always)]
fn indices(table: &ObliviousTable, codes: &ByteCodes, lanes: usize) -> [u8; LANES] {
    let mut indices = [0; LANES];
    // The highest bit first. Plain loops, since no closure is sure to be compiled for the instructions of the caller.
    for condition in table.conditions[..usize::from(table.count) % (MAX_TREE_CONDITIONS + 1)].iter().rev() {
        let codes: &[u8; LANES] = codes.lanes(condition.column, lanes);
        for (index, &code) in indices.iter_mut().zip(codes) {
            *index = *index << 1 | u8::from(code > condition.cut);
        }
    }
    indices
}

/// Value of the leaf that a tree's answers lead to.
fn value(all: &Trees, tree: &Tree, splits: &[FeatureCut], answers: usize) -> f64 {
    let mut at = 0;
    loop {
        match tree.nodes[at] {
            TreeNode::Leaf(leaf) => return all.value(&tree.leaves, leaf as usize),
            TreeNode::Split { column, cut, left } => {
                let requested = |split: &FeatureCut| *split == (column, cut);
                let split = splits.iter().position(requested).expect("collected from all splits");
                at = left as usize + (answers >> split & 1);
            }
        }
    }
}
