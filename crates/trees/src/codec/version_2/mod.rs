//! The encoding that is written: see [its description](super).

mod chunk;

use std::ops::Range;

use rayon::prelude::*;

use super::bytes::{from_planes, planes, SectionReader, SectionWriter};
use super::{read_cuts, DecodeError, MAX_EXPANSION};
use crate::trees::frequencies::DistinctFrequencies;
use crate::trees::packed::{ends, parts, suits, PackedForest, PackedNode, MAX_PACKED_LEAVES};
use crate::{Leaves, Tree, Trees};
use chunk::{ChunkFormat, ChunkSections};

/// A chunk ends with the tree by which it has this many nodes.
const CHUNK_NODES: usize = 1 << 16;
/// Trees of which none has more leaves are not predicted by walks.
const SMALL_TREE_LEAVES: usize = 32;

/// What is known of a tree before its chunk is read.
#[derive(Clone, Copy)]
struct TreeHead {
    splits: usize,
    /// Whether its leaves hold values, not class frequencies.
    has_values: bool,
}

impl TreeHead {
    const BYTES: usize = 5;

    /// Those of all trees.
    fn all(trees: &Trees) -> Vec<TreeHead> {
        let holds_values = |leaves: &Leaves| matches!(leaves, Leaves::Values(_));
        // The leaves of packed trees are of one kind.
        let has_values = |index: usize| match trees.ready_packed() {
            Some(packed) => holds_values(packed.leaves()),
            None => holds_values(&trees.trees()[index].leaves),
        };
        let head = |(index, nodes): (usize, usize)| TreeHead { splits: nodes / 2, has_values: has_values(index) };
        trees.node_counts().enumerate().map(head).collect()
    }

    fn to_bits(self) -> u64 {
        self.splits as u64 | u64::from(self.has_values) << 32
    }

    fn from_bits(bits: u64) -> Result<TreeHead, DecodeError> {
        match bits >> 32 {
            flag @ (0 | 1) => Ok(TreeHead { splits: bits as u32 as usize, has_values: flag == 1 }),
            flag => Err(DecodeError::new("heads", "expected a tree's flag, 0 or 1", flag)),
        }
    }

    fn nodes(self) -> usize {
        2 * self.splits + 1
    }

    fn leaves(self) -> usize {
        self.splits + 1
    }
}

/// Appends what comes after the version.
pub(super) fn encode(trees: &Trees, writer: &mut SectionWriter) {
    let frequencies = DistinctFrequencies::of(trees);
    let cuts_by_feature: Vec<usize> = trees.cuts().iter().map(Vec::len).collect();
    let format = ChunkFormat { cuts_by_feature, frequencies: frequencies.as_slice().len() };
    let heads = TreeHead::all(trees);
    let encode = |range: Range<usize>| chunk::encode(range.map(|index| trees.tree(index)), &format, &frequencies);
    let chunks: Vec<Vec<u8>> = in_chunks(&heads).into_par_iter().map(encode).collect();
    writer.number(trees.n_features());
    trees.class_weights().iter().for_each(|&weight| writer.bits64(weight.to_bits()));
    writer.section(&planes(format.cuts_by_feature.iter().map(|&cuts| cuts as u64), 2));
    writer.section(&planes(trees.cuts().iter().flatten().map(|cut| cut.to_bits()), 8));
    writer.number(format.frequencies);
    let counts = |&[negatives, positives]: &[u32; 2]| u64::from(negatives) | u64::from(positives) << 32;
    writer.section(&planes(frequencies.as_slice().iter().map(counts), 8));
    writer.number(heads.len());
    writer.section(&planes(heads.iter().map(|head| head.to_bits()), TreeHead::BYTES as u32));
    chunks.iter().for_each(|bytes| writer.number(bytes.len()));
    chunks.iter().for_each(|bytes| writer.raw(bytes));
}

/// Reads what comes after the number of features.
pub(super) fn decode(mut reader: SectionReader, features: usize) -> Result<Trees, DecodeError> {
    let class_weights = [reader.bits64("class_weights")?, reader.bits64("class_weights")?].map(f64::from_bits);
    let cuts = read_cuts(&mut reader, features)?;
    let count = reader.number("frequencies")?;
    let counts = from_planes(&reader.section_of("frequencies", count, 8)?, 8);
    let frequencies: Vec<[u32; 2]> = counts.iter().map(|&counts| [counts as u32, (counts >> 32) as u32]).collect();
    let count = reader.number("trees")?;
    let heads = from_planes(&reader.section_of("heads", count, TreeHead::BYTES)?, TreeHead::BYTES);
    let heads: Vec<TreeHead> = heads.into_iter().map(TreeHead::from_bits).collect::<Result<_, _>>()?;
    let encoded = EncodedChunks {
        format: ChunkFormat { cuts_by_feature: cuts.iter().map(Vec::len).collect(), frequencies: frequencies.len() },
        chunks: read_chunks(&mut reader, &heads)?,
    };
    reader.end("trees")?;
    if !is_packed(&cuts, &heads, frequencies.len()) {
        return Ok(Trees::from_ordered(cuts, class_weights, encoded.trees(&frequencies)?)?);
    }
    let (nodes, values) = encoded.packed()?;
    let leaves = if heads[0].has_values { Leaves::Values(values) } else { Leaves::Frequencies(frequencies) };
    let ends = ends(heads.iter().map(|head| head.nodes()));
    Ok(Trees::from_packed(cuts, class_weights, PackedForest::new(nodes, ends, leaves, class_weights))?)
}

/// Whether trees are kept as packed nodes: all leaves are of one kind, not more of them differ than have an index, and prediction may
/// take walks.
fn is_packed(cuts: &[Vec<f64>], heads: &[TreeHead], frequencies: usize) -> bool {
    let has_values = heads.first().is_some_and(|head| head.has_values);
    let leaves = if has_values { heads.iter().map(|head| head.leaves()).sum() } else { frequencies };
    let same_kind = heads.iter().all(|head| head.has_values == has_values);
    suits(cuts, heads.iter().map(|head| head.nodes()))
        && same_kind
        && leaves <= MAX_PACKED_LEAVES
        && heads.iter().any(|head| head.leaves() > SMALL_TREE_LEAVES)
}

/// A value and the number of training rows.
type ValueLeaf = (f64, u32);

/// Heads and bytes of some trees.
struct EncodedChunk<'a> {
    heads: &'a [TreeHead],
    bytes: &'a [u8],
}

struct EncodedChunks<'a> {
    format: ChunkFormat,
    chunks: Vec<EncodedChunk<'a>>,
}

impl EncodedChunks<'_> {
    /// Reads the content of each chunk, several at the same time, and does something with it and what is its part of `others`.
    fn read<T: Send, O: Send>(
        &self,
        others: Vec<O>,
        with: impl Fn(&ChunkSections, &[TreeHead], O) -> Result<T, DecodeError> + Sync,
    ) -> Result<Vec<T>, DecodeError> {
        let read = |sections: &mut ChunkSections, (index, (chunk, other)): (usize, (&EncodedChunk, O))| {
            let content = sections.read(chunk.bytes, chunk.heads, &self.format);
            content
                .and_then(|()| with(sections, chunk.heads, other))
                .map_err(|error| error.within(&format!("chunks[{index}]")))
        };
        let chunks = self.chunks.par_iter().zip(others).enumerate();
        // Collected before the first error is looked for, so that it is the same one at any number of threads.
        let all: Vec<Result<T, DecodeError>> = chunks.map_init(ChunkSections::default, read).collect();
        all.into_iter().collect()
    }

    fn trees(&self, frequencies: &[[u32; 2]]) -> Result<Vec<Tree>, DecodeError> {
        let none = vec![(); self.chunks.len()];
        let trees = self.read(none, |sections, heads, ()| sections.trees(heads, &self.format, frequencies))?;
        Ok(trees.into_iter().flatten().collect())
    }

    /// The nodes of all trees, and the leaves that hold values.
    fn packed(&self) -> Result<(Vec<PackedNode>, Vec<ValueLeaf>), DecodeError> {
        let sum = |part: fn(&TreeHead) -> usize| {
            ends(self.chunks.iter().map(move |chunk| chunk.heads.iter().map(part).sum()))
        };
        let (node_ends, leaf_ends) = (sum(|head| head.nodes()), sum(|head| head.leaves()));
        let mut nodes = vec![PackedNode::default(); node_ends.last().copied().unwrap_or(0)];
        let first_leaves = std::iter::once(0).chain(leaf_ends.iter().copied());
        let others = parts(&mut nodes, &node_ends).into_iter().zip(first_leaves).collect();
        let values = self.read(others, |sections, heads, (nodes, first_leaf)| {
            sections.packed(heads, &self.format, first_leaf as u32, nodes)?;
            Ok(sections.values().collect::<Vec<ValueLeaf>>())
        })?;
        Ok((nodes, values.concat()))
    }
}

/// Neighbouring trees that make a chunk.
fn in_chunks(heads: &[TreeHead]) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let (mut first, mut nodes) = (0, 0);
    for (index, head) in heads.iter().enumerate() {
        nodes += head.nodes();
        if nodes >= CHUNK_NODES || index + 1 == heads.len() {
            chunks.push(first..index + 1);
            (first, nodes) = (index + 1, 0);
        }
    }
    chunks
}

fn read_chunks<'a, 'b: 'a>(
    reader: &mut SectionReader<'b>,
    heads: &'a [TreeHead],
) -> Result<Vec<EncodedChunk<'a>>, DecodeError> {
    let chunks = in_chunks(heads);
    let mut sizes = Vec::new();
    for index in 0..chunks.len() {
        sizes.push(reader.number(&format!("chunks[{index}]"))?);
    }
    let chunk = |(index, (range, size)): (usize, (Range<usize>, usize))| {
        let (member, heads) = (format!("chunks[{index}]"), &heads[range]);
        let bytes = reader.raw(&member, size)?;
        let nodes: usize = heads.iter().map(|head| head.nodes()).sum();
        if nodes > MAX_EXPANSION * bytes.len() {
            let rule = format!("expected at most {MAX_EXPANSION} nodes for each of {} bytes", bytes.len());
            return Err(DecodeError::new(member, rule, nodes));
        }
        Ok(EncodedChunk { heads, bytes })
    };
    chunks.into_iter().zip(sizes).enumerate().map(chunk).collect()
}
