//! Some trees, in sections of like beside like.

use super::bits::BitReader;
use super::leaves::LeavesReader;
use super::nodes::{self, DecodedPath};
use crate::codec::bytes::{from_planes, SectionReader};
use crate::codec::{symbol_width, DecodeError};
use crate::Tree;

/// What is said of a tree beforehand.
#[derive(Clone, Copy)]
struct OldHead {
    splits: usize,
    /// Whether its leaves hold values, not class frequencies.
    has_values: bool,
    /// Whether its splits narrow the cuts that are possible below them.
    narrows: bool,
}

impl OldHead {
    const BYTES: usize = 5;

    fn from_bits(bits: u64) -> Result<OldHead, DecodeError> {
        if bits >> 34 != 0 {
            return Err(DecodeError::new("heads", "expected a tree's flags, from 0 to 3", bits >> 32));
        }
        Ok(OldHead { splits: bits as u32 as usize, has_values: bits >> 32 & 1 == 1, narrows: bits >> 33 & 1 == 1 })
    }

    fn nodes(self) -> usize {
        2 * self.splits + 1
    }

    fn leaves(self) -> usize {
        self.splits + 1
    }
}

pub(super) fn decode(bytes: &[u8], trees: usize, cuts_by_feature: &[usize]) -> Result<Vec<Tree>, DecodeError> {
    let mut reader = SectionReader::new(bytes);
    let heads = from_planes(&reader.section_of("heads", trees, OldHead::BYTES)?, OldHead::BYTES);
    let heads = heads.into_iter().map(OldHead::from_bits).collect::<Result<Vec<OldHead>, _>>()?;
    let sum = |part: fn(&OldHead) -> usize| heads.iter().map(part).sum::<usize>();
    let width = symbol_width(cuts_by_feature.len());
    let count = sum(|head| head.nodes());
    // Put together from their planes as they are needed: of millions, a list would be most of the memory of a decoding.
    let symbols = reader.section_of("symbols", count, width)?;
    let symbol =
        |index| (0..width).fold(0, |symbol, byte| symbol | u32::from(symbols[byte * count + index]) << (8 * byte));
    let mut cuts = BitReader::new(reader.section("cuts")?);
    let with_values = sum(|head| if head.has_values { head.leaves() } else { 0 });
    let mut leaves = LeavesReader::read(&mut reader, sum(|head| head.leaves()) - with_values, with_values)?;
    reader.end("trees")?;

    let mut first = 0;
    let mut path = DecodedPath::new(cuts_by_feature);
    let mut decode = |(index, head): (usize, &OldHead)| -> Result<Tree, DecodeError> {
        let of_tree = (first..first + head.nodes()).map(symbol);
        first += head.nodes();
        let nodes = nodes::decode(of_tree, path.restart(head.narrows), &mut cuts)
            .map_err(|error| error.within(&format!("trees[{index}]")))?;
        let count = head.leaves();
        let leaves = if head.has_values { leaves.values(count) } else { leaves.frequencies(count) };
        Ok(Tree { nodes, leaves })
    };
    let trees = heads.iter().enumerate().map(&mut decode).collect::<Result<_, _>>()?;
    if cuts.bytes_read() != cuts.length() {
        return Err(DecodeError::new("cuts", format!("expected {} bytes", cuts.bytes_read()), cuts.length()));
    }
    Ok(trees)
}
