//! What leaves hold.

use super::bytes::{from_planes, planes, SectionReader, SectionWriter};
use super::DecodeError;
use crate::Leaves;

/// The token of frequencies that are written out.
const WRITTEN_OUT: u8 = u8::MAX;
/// Most rows of a leaf of one class that a token can say.
const MAX_TOKEN_ROWS: u32 = 127;

/// The leaves of the trees of a chunk, from left to right.
#[derive(Default)]
pub(super) struct LeavesWriter {
    tokens: Vec<u8>,
    counts: Vec<u64>,
    values: Vec<u64>,
    rows: Vec<u64>,
}

impl LeavesWriter {
    pub(super) fn push(&mut self, leaves: &Leaves) {
        match leaves {
            Leaves::Frequencies(leaves) => leaves.iter().for_each(|&counts| self.push_frequencies(counts)),
            Leaves::Values(leaves) => {
                self.values.extend(leaves.iter().map(|leaf| leaf.0.to_bits()));
                self.rows.extend(leaves.iter().map(|leaf| u64::from(leaf.1)));
            }
        }
    }

    fn push_frequencies(&mut self, [negatives, positives]: [u32; 2]) {
        let token = match (negatives, positives) {
            (1..=MAX_TOKEN_ROWS, 0) => 2 * (negatives - 1) as u8,
            (0, 1..=MAX_TOKEN_ROWS) => 2 * (positives - 1) as u8 + 1,
            _ => {
                self.counts.push(u64::from(negatives) | u64::from(positives) << 32);
                WRITTEN_OUT
            }
        };
        self.tokens.push(token);
    }

    pub(super) fn write(&self, writer: &mut SectionWriter) {
        writer.section(&self.tokens);
        writer.section(&planes(self.counts.iter().copied(), 8));
        writer.section(&planes(self.values.iter().copied(), 8));
        writer.section(&planes(self.rows.iter().copied(), 4));
    }
}

/// Gives the leaves of one tree after the other.
pub(super) struct LeavesReader {
    tokens: std::vec::IntoIter<u8>,
    counts: std::vec::IntoIter<u64>,
    values: std::vec::IntoIter<(u64, u64)>,
}

impl LeavesReader {
    /// `frequencies` and `values` are how many leaves of either kind there are.
    pub(super) fn read(
        reader: &mut SectionReader,
        frequencies: usize,
        values: usize,
    ) -> Result<LeavesReader, DecodeError> {
        let tokens = reader.section_of("tokens", frequencies, 1)?;
        let written_out = tokens.iter().filter(|&&token| token == WRITTEN_OUT).count();
        let counts = from_planes(&reader.section_of("counts", written_out, 8)?, 8);
        let numbers = from_planes(&reader.section_of("values", values, 8)?, 8);
        let rows = from_planes(&reader.section_of("rows", values, 4)?, 4);
        let values: Vec<(u64, u64)> = numbers.into_iter().zip(rows).collect();
        Ok(LeavesReader { tokens: tokens.into_iter(), counts: counts.into_iter(), values: values.into_iter() })
    }

    pub(super) fn frequencies(&mut self, count: usize) -> Leaves {
        let counts = &mut self.counts;
        let frequencies = |token: u8| match (token, u32::from(token / 2) + 1) {
            (WRITTEN_OUT, _) => counts.next().map_or([0; 2], |counts| [counts as u32, (counts >> 32) as u32]),
            (token, rows) if token % 2 == 0 => [rows, 0],
            (_, rows) => [0, rows],
        };
        Leaves::Frequencies(self.tokens.by_ref().take(count).map(frequencies).collect())
    }

    pub(super) fn values(&mut self, count: usize) -> Leaves {
        let value = |(value, rows)| (f64::from_bits(value), rows as u32);
        Leaves::Values(self.values.by_ref().take(count).map(value).collect())
    }
}
