//! Whole numbers below known limits in a sequence of bits.

/// Bits of a number below `limit` that are always written, and how many of the lowest numbers have a twin that one more bit
/// tells them from.
///
/// With 2^bits the greatest power of two up to the limit, the numbers n and n + 2^bits share their bits (a truncated binary
/// code), so that no number takes more than one bit over log2(limit), and a limit of 1 takes none.
fn code(limit: u32) -> (u32, u32) {
    let bits = limit.ilog2();
    (bits, limit - (1 << bits))
}

/// Reads bits, the lowest first; past the end all bits are 0.
pub(super) struct BitReader {
    bytes: Vec<u8>,
    length: usize,
    position: usize,
}

impl BitReader {
    pub(super) fn new(mut bytes: Vec<u8>) -> BitReader {
        let length = bytes.len();
        // A read takes eight bytes at a time.
        bytes.extend([0; 8]);
        BitReader { bytes, length, position: 0 }
    }

    /// A number below `limit`, which is from 1 to 65536.
    pub(super) fn read(&mut self, limit: u32) -> u32 {
        let (bits, twins) = code(limit);
        let first = (self.position / 8).min(self.length);
        // A slice of eight bytes is an array of eight; there are that many, as the bytes were filled up by eight.
        let window: [u8; 8] = self.bytes[first..first + 8].try_into().expect("eight bytes");
        let window = (u64::from_le_bytes(window) >> (self.position % 8)) as u32;
        let low = window & ((1 << bits) - 1);
        let has_twin = u32::from(low < twins);
        self.position += (bits + has_twin) as usize;
        low + (((window >> bits) & has_twin) << bits)
    }

    /// Bytes that were read, the last one in part; more than there are if numbers are missing.
    pub(super) fn bytes_read(&self) -> usize {
        self.position.div_ceil(8)
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }
}
