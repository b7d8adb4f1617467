//! Some trees, in sections of like beside like.

use std::borrow::Cow;
use std::hint::select_unpredictable;

use zstd::bulk::Decompressor;

use super::TreeHead;
use crate::codec::bytes::{expect_length, from_planes, planes, SectionReader, SectionWriter};
use crate::codec::{symbol_width, DecodeError};
use crate::trees::frequencies::DistinctFrequencies;
use crate::trees::in_order;
use crate::trees::packed::{see_in_order, visit_in_order, PackedNode};
use crate::{Leaves, SplitColumn, Tree, TreeNode};

/// The symbol of a leaf.
const LEAF: u32 = 0;

/// What all chunks share.
pub(super) struct ChunkFormat {
    pub cuts_by_feature: Vec<usize>,
    /// The class frequencies of leaves that differ.
    pub frequencies: usize,
}

impl ChunkFormat {
    fn symbol_width(&self) -> usize {
        symbol_width(self.cuts_by_feature.len())
    }

    fn cut_width(&self) -> usize {
        1 + usize::from(self.cuts_by_feature.iter().any(|&cuts| cuts > 1 << u8::BITS))
    }

    /// Bytes of an index among the frequencies.
    fn index_width(&self) -> usize {
        let greatest = self.frequencies.saturating_sub(1);
        (usize::BITS - greatest.leading_zeros()).div_ceil(u8::BITS).max(1) as usize
    }

    /// Number of cuts by symbol; a leaf has no cut that could be too great.
    fn limits(&self) -> Vec<u32> {
        let of_splits = self.cuts_by_feature.iter().flat_map(|&cuts| [cuts as u32; 2]);
        std::iter::once(u32::MAX).chain(of_splits).collect()
    }
}

pub(super) fn encode<'a>(
    trees: impl Iterator<Item = Cow<'a, Tree>>,
    format: &ChunkFormat,
    frequencies: &DistinctFrequencies,
) -> Vec<u8> {
    let (mut symbols, mut cuts, mut indices) = (Vec::new(), Vec::new(), Vec::new());
    let (mut values, mut rows) = (Vec::new(), Vec::new());
    for tree in trees {
        see_in_order(&tree, |_, node, _| match node {
            TreeNode::Split { column, cut, .. } => {
                symbols.push(1 + u32::from(column.index()));
                cuts.push(cut);
            }
            TreeNode::Leaf(leaf) => {
                symbols.push(LEAF);
                match &tree.leaves {
                    Leaves::Frequencies(leaves) => indices.push(frequencies.index(leaves[leaf as usize])),
                    Leaves::Values(leaves) => {
                        values.push(leaves[leaf as usize].0.to_bits());
                        rows.push(leaves[leaf as usize].1);
                    }
                }
            }
        });
    }
    let mut writer = SectionWriter::default();
    writer.section(&planes(symbols.iter().map(|&symbol| symbol.into()), format.symbol_width() as u32));
    writer.section(&planes(cuts.iter().map(|&cut| cut.into()), format.cut_width() as u32));
    writer.section(&planes(indices.iter().map(|&index| index.into()), format.index_width() as u32));
    writer.section(&planes(values.iter().copied(), 8));
    writer.section(&planes(rows.iter().map(|&rows| rows.into()), 4));
    writer.into_bytes()
}

/// The content of a chunk, in memory that is used for one after the other.
#[derive(Default)]
pub(super) struct ChunkSections {
    decompressor: Decompressor<'static>,
    symbols: Vec<u8>,
    cuts: Vec<u8>,
    indices: Vec<u32>,
    values: Vec<u8>,
    rows: Vec<u8>,
    planes: Vec<u8>,
}

impl ChunkSections {
    pub(super) fn read(&mut self, bytes: &[u8], heads: &[TreeHead], format: &ChunkFormat) -> Result<(), DecodeError> {
        let sum = |part: fn(&TreeHead) -> usize| heads.iter().map(part).sum::<usize>();
        let values = sum(|head| if head.has_values { head.leaves() } else { 0 });
        let frequencies = sum(|head| head.leaves()) - values;
        let mut reader = SectionReader::new(bytes);
        let mut planes = std::mem::take(&mut self.planes);
        let mut read = |member, content: &mut Vec<u8>, count: usize, width: usize| {
            reader.section_into(member, &mut self.decompressor, content)?;
            expect_length(member, content, count * width)
        };
        read("symbols", &mut self.symbols, sum(|head| head.nodes()), format.symbol_width())?;
        read("cuts", &mut self.cuts, sum(|head| head.splits), format.cut_width())?;
        read("indices", &mut planes, frequencies, format.index_width())?;
        read("values", &mut self.values, values, 8)?;
        read("rows", &mut self.rows, values, 4)?;
        reader.end("trees")?;
        put_numbers(&planes, format.index_width(), &mut self.indices);
        self.planes = planes;
        match self.indices.iter().max() {
            Some(&greatest) if greatest as usize >= format.frequencies => {
                let rule = format!("expected an index among the frequencies, below {}", format.frequencies);
                Err(DecodeError::new("indices", rule, greatest))
            }
            _ => Ok(()),
        }
    }

    /// The leaves that hold values.
    pub(super) fn values(&self) -> impl Iterator<Item = (f64, u32)> {
        let rows = from_planes(&self.rows, 4).into_iter();
        from_planes(&self.values, 8).into_iter().map(f64::from_bits).zip(rows.map(|rows| rows as u32))
    }

    /// Reads the nodes of all trees. `leaf` is the index of the first of the leaves that hold values.
    pub(super) fn packed(
        &self,
        heads: &[TreeHead],
        format: &ChunkFormat,
        leaf: u32,
        mut nodes: &mut [PackedNode],
    ) -> Result<(), DecodeError> {
        let (limits, mut pending) = (format.limits(), Vec::new());
        let of_values: Vec<u32> = (leaf..).take(self.rows.len() / 4).collect();
        let mut leaves = if of_values.is_empty() { &self.indices[..] } else { &of_values };
        let (mut symbols, mut cuts) = (&self.symbols[..], &self.cuts[..]);
        for (index, head) in heads.iter().enumerate() {
            let (of_tree, rest) = std::mem::take(&mut nodes).split_at_mut(head.nodes());
            let symbol = |at: usize| u32::from(symbols[at]);
            let cut = |split: usize| u32::from(cuts.get(split).copied().unwrap_or(0));
            visit_tree(*head, &mut pending, symbol, cut, &limits, |place, symbol, cut, left, leaf| {
                let leaf = PackedNode::leaf(leaves.get(leaf).copied().unwrap_or(0));
                let split = PackedNode::split(symbol.wrapping_sub(1) as u16, cut as u8, left);
                of_tree[place] = select_unpredictable(symbol == LEAF, leaf, split);
            })
            .map_err(|error| error.within(&format!("trees[{index}]")))?;
            (nodes, symbols) = (rest, &symbols[head.nodes()..]);
            (cuts, leaves) = (&cuts[head.splits..], &leaves[head.leaves()..]);
        }
        Ok(())
    }

    /// Reads all trees and puts them in order.
    pub(super) fn trees(
        &self,
        heads: &[TreeHead],
        format: &ChunkFormat,
        frequencies: &[[u32; 2]],
    ) -> Result<Vec<Tree>, DecodeError> {
        let (limits, mut pending) = (format.limits(), Vec::new());
        let (mut symbols, mut cuts) = (Vec::new(), Vec::new());
        put_numbers(&self.symbols, format.symbol_width(), &mut symbols);
        put_numbers(&self.cuts, format.cut_width(), &mut cuts);
        let mut indices = self.indices.iter();
        let mut values = self.values();
        let (mut first_node, mut first_split) = (0, 0);
        let mut read = |(index, head): (usize, &TreeHead)| {
            let mut nodes = vec![TreeNode::Leaf(0); head.nodes()];
            let symbol = |at: usize| symbols[first_node + at];
            let cut = |split: usize| cuts.get(first_split + split).copied().unwrap_or(0);
            visit_tree(*head, &mut pending, symbol, cut, &limits, |place, symbol, cut, left, leaf| {
                nodes[place] = match symbol.checked_sub(1) {
                    None => TreeNode::Leaf(leaf as u32),
                    Some(column) => {
                        let column = SplitColumn::of_index(column as u16);
                        TreeNode::Split { column, cut: cut as u16, left: left as u32 }
                    }
                };
            })
            .map_err(|error| error.within(&format!("trees[{index}]")))?;
            (first_node, first_split) = (first_node + head.nodes(), first_split + head.splits);
            let leaves = match head.has_values {
                true => Leaves::Values(values.by_ref().take(head.leaves()).collect()),
                false => {
                    let indices = indices.by_ref().take(head.leaves());
                    Leaves::Frequencies(indices.map(|&index| frequencies[index as usize]).collect())
                }
            };
            Ok(in_order(&Tree { nodes, leaves }))
        };
        heads.iter().enumerate().map(&mut read).collect()
    }
}

/// Reads the nodes of a tree in their order. Calls `put` with the place of each, its symbol, its cut if it is a split, the place of
/// its left child, and its number among the leaves if it is a leaf. `limits` are the numbers of cuts by symbol.
#[inline(always)]
fn visit_tree(
    head: TreeHead,
    pending: &mut Vec<u32>,
    symbol: impl Fn(usize) -> u32,
    cut: impl Fn(usize) -> u32,
    limits: &[u32],
    mut put: impl FnMut(usize, u32, u32, usize, usize),
) -> Result<(), DecodeError> {
    let (mut splits, mut leaves, mut wrong) = (0, 0, None);
    let nodes = visit_in_order(pending, |place, left| {
        if splits + leaves >= head.nodes() || place >= head.nodes() {
            return false;
        }
        let (symbol, cut) = (symbol(splits + leaves), cut(splits));
        let is_split = symbol != LEAF;
        // No branch depends on whether a node is a leaf, which nothing predicts.
        if limits.get(symbol as usize).is_none_or(|&limit| cut >= limit) {
            wrong = wrong.or(Some((symbol, cut)));
            return false;
        }
        put(place, symbol, cut, left, leaves);
        splits += usize::from(is_split);
        leaves += usize::from(!is_split);
        is_split
    });
    match wrong {
        Some((symbol, cut)) => match limits.get(symbol as usize) {
            Some(limit) => Err(DecodeError::new("cuts", format!("expected a cut's index, below {limit}"), cut)),
            None => Err(DecodeError::new("symbols", format!("expected a symbol below {}", limits.len()), symbol)),
        },
        None if nodes != head.nodes() => {
            Err(DecodeError::new("symbols", format!("expected {} nodes", head.nodes()), nodes))
        }
        None => Ok(()),
    }
}

/// Puts the numbers of planes of `width` bytes, at most four, in the place of those before.
fn put_numbers(planes: &[u8], width: usize, numbers: &mut Vec<u32>) {
    let count = planes.len() / width;
    numbers.clear();
    numbers.extend(planes[..count].iter().map(|&byte| u32::from(byte)));
    for (plane, byte) in planes.chunks_exact(count.max(1)).zip(0..).skip(1) {
        numbers.iter_mut().zip(plane).for_each(|(number, &part)| *number |= u32::from(part) << (8 * byte));
    }
}
