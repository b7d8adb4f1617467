//! What leaves hold.

use crate::codec::bytes::{from_planes, SectionReader};
use crate::codec::DecodeError;
use crate::Leaves;

/// The token of frequencies that are written out.
const WRITTEN_OUT: u8 = u8::MAX;
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
