//! Trees as bytes, small and quick to read.
//!
//! Nodes are written level by level at the top and in preorder below, so that no index of a child is stored. Numbers of one kind are stored together, in sections that are compressed by Zstandard:
//!
//! | section | what it holds |
//! |---|---|
//! | symbols | a node each: 0 for a leaf, 1 + 2 × feature + missing_left for a split |
//! | cuts | the cuts of the splits |
//! | indices | of each leaf with class frequencies, their index among the frequencies that differ |
//! | values, rows | the values and training rows of the other leaves |
//!
//! Trees are grouped into chunks of about 65,536 nodes, which are written and read in parallel. The bytes depend on
//! the trees only. Numbers are little-endian; those of a section that has several bytes a number are split by byte, all lowest
//! bytes first, so that similar bytes are neighbours.
//!
//! Trees that were written in preorder, before the bytes had a version, are read as well.
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

mod blend;
pub mod bytes;
#[cfg(test)]
mod tests;
mod version_1;
mod version_2;

use std::fmt;

use crate::trees::MAX_FEATURES;
use crate::{InvalidTree, Trees};
pub use blend::{decode_blend, encode_blend};
use bytes::{from_planes, SectionReader, SectionWriter};

/// The version that is written.
const VERSION: usize = 2;
/// In the place of the number of features, with which bytes of the first version begin: a version comes next.
const VERSIONED: usize = 0;

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
    let mut writer = SectionWriter::default();
    writer.number(VERSIONED);
    writer.number(VERSION);
    version_2::encode(trees, &mut writer);
    writer.into_bytes()
}

/// Bytes to the trees that were encoded, bit for bit.
///
/// # Errors
/// The bytes are not what [`encode`] writes, or wrote in an earlier version: something is missing, left over, out of its range, or no
/// tree by the rules of [`Trees::new`]. The message names the part. Memory taken is at most a fixed multiple of the number of bytes.
pub fn decode(bytes: &[u8]) -> Result<Trees, DecodeError> {
    let mut reader = SectionReader::new(bytes);
    let features = reader.number("features")?;
    if features != VERSIONED {
        return version_1::decode(reader, check_features(features)?);
    }
    match reader.number("version")? {
        VERSION => {
            let features = reader.number("features")?;
            version_2::decode(reader, check_features(features)?)
        }
        other => Err(DecodeError::new("version", format!("expected {VERSION}"), other)),
    }
}

/// Bytes that hold the symbols of trees over so many features.
fn symbol_width(features: usize) -> usize {
    // A split's greatest symbol is twice the number of features.
    match 2 * features {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        _ => 3,
    }
}

fn check_features(features: usize) -> Result<usize, DecodeError> {
    match features {
        1..=MAX_FEATURES => Ok(features),
        _ => Err(DecodeError::new("features", format!("expected 1 to {MAX_FEATURES}"), features)),
    }
}

fn read_cuts(reader: &mut SectionReader, features: usize) -> Result<Vec<Vec<f64>>, DecodeError> {
    let counts = from_planes(&reader.section_of("cuts by feature", features, 2)?, 2);
    let cuts = from_planes(&reader.section_of("cuts", counts.iter().sum::<u64>() as usize, 8)?, 8);
    let mut cuts = cuts.into_iter().map(f64::from_bits);
    Ok(counts.iter().map(|&count| cuts.by_ref().take(count as usize).collect()).collect())
}
