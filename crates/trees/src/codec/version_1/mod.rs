//! Trees as they were written before the encoding had a version: nodes in preorder, cuts in as many bits as the splits above leave
//! possible. They are read only.

mod bits;
mod chunk;
mod leaves;
mod nodes;

use rayon::prelude::*;

use super::bytes::SectionReader;
use super::{read_cuts, DecodeError};
use crate::{Tree, Trees};

/// What comes after the number of features.
pub(super) fn decode(mut reader: SectionReader, features: usize) -> Result<Trees, DecodeError> {
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
