//! Trees as bytes, small and quick to read.
//!
//! Nodes are written in preorder, so that no index of a child is stored. Values of one kind are stored together, in sections that are
//! compressed by Zstandard:
//!
//! | section | what it holds |
//! |---|---|
//! | symbols | a node each: 0 for a leaf, 1 + 2 × feature + missing_left for a split |
//! | cuts | of each split, one of the cuts that the splits above it leave possible, in about log2 of their number bits |
//! | tokens, counts | the class frequencies of the leaves: a byte where one class is absent and the other rare, else eight |
//! | values, rows | the values and training rows of the leaves |
//!
//! Trees are grouped into chunks of about 65,536 nodes, which are written and read in parallel. The bytes depend on
//! the trees only. Numbers are little-endian; those of a section that has several bytes a number are split by byte, all lowest
//! bytes first, so that similar bytes are neighbours.
//!
//! Nothing in the bytes is trusted: sizes are checked against the bytes that are there before memory is taken, and a section
//! never grows by more than 16 times.
//!
//! ```
//! use hitflop_trees::codec::{decode, encode};
//! use hitflop_trees::DecisionTree;
//! use linfa::traits::Fit;
//! use linfa::Dataset;
//! use ndarray::array;
//!
//! let dataset = Dataset::new(array![[1.0], [2.0], [3.0], [4.0]], array![false, false, true, true]);
//! let tree = DecisionTree::params().fit(&dataset)?;
//! let bytes = encode(tree.trees());
//! assert_eq!(DecisionTree::from_trees(decode(&bytes).expect("as encoded")), tree);
//! # Ok::<(), hitflop_trees::TreesError>(())
//! ```

mod bits;
mod blend;
pub mod bytes;
mod chunk;
mod leaves;
mod nodes;
#[cfg(test)]
mod tests;

use std::fmt;

use rayon::prelude::*;

use crate::trees::MAX_FEATURES;
use crate::{InvalidTree, Tree, Trees};
pub use blend::{decode_blend, encode_blend};
use bytes::{from_planes, planes, SectionReader, SectionWriter};

/// A chunk ends with the tree by which it has this many nodes.
const CHUNK_NODES: usize = 1 << 16;

/// A section is compressed at most to this fraction, and stored as it is where more were possible.
const MAX_EXPANSION: usize = 16;

/// Why bytes are not trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// Which part: `chunks[3].cuts`.
    pub member: String,
    /// What was expected.
    pub rule: String,
    /// What was found.
    pub value: String,
}

impl DecodeError {
    /// An error at `member`, which breaks `rule` by `value`.
    pub fn new(member: impl Into<String>, rule: impl Into<String>, value: impl fmt::Display) -> DecodeError {
        DecodeError { member: member.into(), rule: rule.into(), value: value.to_string() }
    }

    /// The same, within a larger part.
    fn within(self, part: &str) -> DecodeError {
        DecodeError { member: format!("{part}.{}", self.member), ..self }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, found {}", self.member, self.rule, self.value)
    }
}

impl std::error::Error for DecodeError {}

impl From<InvalidTree> for DecodeError {
    fn from(error: InvalidTree) -> DecodeError {
        DecodeError { member: error.member, rule: error.rule, value: error.value }
    }
}

/// Trees to bytes. The same trees give the same bytes, at any number of threads.
pub fn encode(trees: &Trees) -> Vec<u8> {
    let cuts_by_feature: Vec<usize> = trees.cuts().iter().map(Vec::len).collect();
    let chunks: Vec<(usize, Vec<u8>)> = in_chunks(trees.trees())
        .into_par_iter()
        .map(|trees| (trees.len(), chunk::encode(trees, &cuts_by_feature)))
        .collect();
    let mut writer = SectionWriter::default();
    writer.number(trees.n_features());
    trees.class_weights().iter().for_each(|&weight| writer.bits64(weight.to_bits()));
    writer.section(&planes(cuts_by_feature.iter().map(|&cuts| cuts as u64), 2));
    writer.section(&planes(trees.cuts().iter().flatten().map(|cut| cut.to_bits()), 8));
    writer.number(chunks.len());
    for (trees, bytes) in &chunks {
        writer.number(*trees);
        writer.number(bytes.len());
    }
    chunks.iter().for_each(|(_, bytes)| writer.raw(bytes));
    writer.into_bytes()
}

/// Bytes to the trees that were encoded, bit for bit.
///
/// # Errors
/// The bytes are not what [`encode`] writes: something is missing, left over, out of its range, or no tree by the rules of
/// [`Trees::new`]. The message names the part. Memory taken is at most a fixed multiple of the number of bytes.
pub fn decode(bytes: &[u8]) -> Result<Trees, DecodeError> {
    let mut reader = SectionReader::new(bytes);
    let features = reader.number("features")?;
    if !(1..=MAX_FEATURES).contains(&features) {
        return Err(DecodeError::new("features", format!("expected 1 to {MAX_FEATURES}"), features));
    }
    let class_weights = [reader.bits64("class_weights")?, reader.bits64("class_weights")?].map(f64::from_bits);
    let cuts = read_cuts(&mut reader, features)?;
    let chunks = read_chunks(&mut reader)?;
    let cuts_by_feature: Vec<usize> = cuts.iter().map(Vec::len).collect();
    let decode = |(index, (trees, bytes))| {
        chunk::decode(bytes, trees, &cuts_by_feature).map_err(|error| error.within(&format!("chunks[{index}]")))
    };
    // Collected before the first error is looked for, so that it is the same one at any number of threads.
    let chunks: Vec<Result<Vec<Tree>, DecodeError>> = chunks.into_par_iter().enumerate().map(decode).collect();
    let trees = chunks.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(Trees::from_ordered(cuts, class_weights, trees.into_iter().flatten().collect())?)
}

/// Neighbouring trees that make a chunk.
fn in_chunks(trees: &[Tree]) -> Vec<&[Tree]> {
    let mut chunks = Vec::new();
    let (mut first, mut nodes) = (0, 0);
    for (index, tree) in trees.iter().enumerate() {
        nodes += tree.nodes.len();
        if nodes >= CHUNK_NODES || index + 1 == trees.len() {
            chunks.push(&trees[first..=index]);
            (first, nodes) = (index + 1, 0);
        }
    }
    chunks
}

fn read_cuts(reader: &mut SectionReader, features: usize) -> Result<Vec<Vec<f64>>, DecodeError> {
    let counts = from_planes(&reader.section_of("cuts by feature", features, 2)?, 2);
    let cuts = from_planes(&reader.section_of("cuts", counts.iter().sum::<u64>() as usize, 8)?, 8);
    let mut cuts = cuts.into_iter().map(f64::from_bits);
    Ok(counts.iter().map(|&count| cuts.by_ref().take(count as usize).collect()).collect())
}

/// Number of trees and bytes of each chunk, which reach to the end.
fn read_chunks<'a>(reader: &mut SectionReader<'a>) -> Result<Vec<(usize, &'a [u8])>, DecodeError> {
    let count = reader.number("chunks")?;
    let mut sizes = Vec::new();
    for index in 0..count {
        let member = format!("chunks[{index}]");
        sizes.push((reader.number(&member)?, reader.number(&member)?));
    }
    let chunk = |(index, (trees, bytes)): (usize, (usize, usize))| {
        let taken = reader.raw(&format!("chunks[{index}]"), bytes);
        taken.map(|taken| (trees, taken))
    };
    let chunks = sizes.into_iter().enumerate().map(chunk).collect::<Result<_, _>>()?;
    reader.end("trees")?;
    Ok(chunks)
}
