//! Some trees, in sections of like beside like.

use super::bits::{BitReader, BitWriter};
use super::bytes::{from_planes, planes, SectionReader, SectionWriter};
use super::leaves::{LeavesReader, LeavesWriter};
use super::nodes::{self, symbol_width, DecodedPath};
use super::DecodeError;
use crate::{Leaves, Tree};

/// What is said of a tree beforehand.
#[derive(Clone, Copy)]
struct Head {
    splits: usize,
    /// Whether its leaves hold values, not class frequencies.
    has_values: bool,
    /// Whether its splits narrow the cuts that are possible below them.
    narrows: bool,
}

impl Head {
    const BYTES: usize = 5;

    fn to_bits(self) -> u64 {
        self.splits as u64 | u64::from(self.has_values) << 32 | u64::from(self.narrows) << 33
    }

    fn from_bits(bits: u64) -> Result<Head, DecodeError> {
        if bits >> 34 != 0 {
            return Err(DecodeError::new("heads", "expected a tree's flags, from 0 to 3", bits >> 32));
        }
        Ok(Head { splits: bits as u32 as usize, has_values: bits >> 32 & 1 == 1, narrows: bits >> 33 & 1 == 1 })
    }

    fn nodes(self) -> usize {
        2 * self.splits + 1
    }

    fn leaves(self) -> usize {
        self.splits + 1
    }
}

pub(super) fn encode(trees: &[Tree], cuts_by_feature: &[usize]) -> Vec<u8> {
    let mut path = DecodedPath::new(cuts_by_feature);
    let mut heads = Vec::new();
    let mut symbols = Vec::new();
    let mut cuts = BitWriter::default();
    let mut leaves = LeavesWriter::default();
    for tree in trees {
        let narrows = nodes::narrows(tree, &mut path);
        let has_values = matches!(tree.leaves, Leaves::Values(_));
        heads.push(Head { splits: tree.nodes.len() / 2, has_values, narrows });
        nodes::encode(tree, path.restart(narrows), &mut symbols, &mut cuts);
        leaves.push(&tree.leaves);
    }
    let mut writer = SectionWriter::default();
    writer.section(&planes(heads.iter().map(|head| head.to_bits()), Head::BYTES as u32));
    let width = symbol_width(cuts_by_feature.len());
    writer.section(&planes(symbols.iter().map(|&symbol| u64::from(symbol)), width as u32));
    writer.section(&cuts.into_bytes());
    leaves.write(&mut writer);
    writer.into_bytes()
}

pub(super) fn decode(bytes: &[u8], trees: usize, cuts_by_feature: &[usize]) -> Result<Vec<Tree>, DecodeError> {
    let mut reader = SectionReader::new(bytes);
    let heads = from_planes(&reader.section_of("heads", trees, Head::BYTES)?, Head::BYTES);
    let heads = heads.into_iter().map(Head::from_bits).collect::<Result<Vec<Head>, _>>()?;
    let sum = |part: fn(&Head) -> usize| heads.iter().map(part).sum::<usize>();
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
    let mut decode = |(index, head): (usize, &Head)| -> Result<Tree, DecodeError> {
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
