//! Numbers and compressed sections in a sequence of bytes: what [`encode`](super::encode) writes trees with, for other parts of a
//! model file too.
//!
//! ```
//! use hitflop_trees::codec::bytes::{SectionReader, SectionWriter};
//!
//! let mut writer = SectionWriter::default();
//! writer.number(3);
//! writer.section(b"many bytes of one kind");
//! let bytes = writer.into_bytes();
//! let mut reader = SectionReader::new(&bytes);
//! assert_eq!(reader.number("version")?, 3);
//! assert_eq!(reader.section("text")?, b"many bytes of one kind");
//! reader.end("file")?;
//! # Ok::<(), hitflop_trees::codec::DecodeError>(())
//! ```

use zstd::bulk::Decompressor;

use super::{DecodeError, MAX_EXPANSION};

/// Level of Zstandard. The highest takes two seconds of one core for a forest of 4.5 million nodes, for 3 % fewer bytes.
const LEVEL: i32 = 3;

/// How a section is held.
const STORED: u8 = 0;
const ZSTANDARD: u8 = 1;

/// Puts bytes one after the other.
#[derive(Default)]
pub struct SectionWriter {
    bytes: Vec<u8>,
}

impl SectionWriter {
    /// Appends a number as eight bytes.
    pub fn number(&mut self, number: usize) {
        self.bits64(number as u64);
    }

    /// Appends eight bytes.
    pub fn bits64(&mut self, bits: u64) {
        self.raw(&bits.to_le_bytes());
    }

    /// Appends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Bytes that are compressed where that helps: how, both lengths, and what they became.
    pub fn section(&mut self, content: &[u8]) {
        let compressed = zstd::bulk::compress(content, LEVEL).expect("memory is its only limit");
        let helps = compressed.len() < content.len() && content.len() <= MAX_EXPANSION * compressed.len();
        let (method, held) = if helps { (ZSTANDARD, &compressed[..]) } else { (STORED, content) };
        self.raw(&[method]);
        self.number(content.len());
        self.number(held.len());
        self.raw(held);
    }

    /// All bytes that were appended.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Takes bytes one after the other, and says what is missing where they end too early.
pub struct SectionReader<'a> {
    bytes: &'a [u8],
}

impl<'a> SectionReader<'a> {
    /// Reads from the first byte on.
    pub fn new(bytes: &'a [u8]) -> SectionReader<'a> {
        SectionReader { bytes }
    }

    /// Takes a number.
    ///
    /// # Errors
    /// Fewer than eight bytes are left, or the number does not fit into memory. `member` names the part in the message.
    pub fn number(&mut self, member: &str) -> Result<usize, DecodeError> {
        let number = self.bits64(member)?;
        number.try_into().map_err(|_| DecodeError::new(member, "expected a number that fits into memory", number))
    }

    /// Takes eight bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn bits64(&mut self, member: &str) -> Result<u64, DecodeError> {
        let bytes = self.raw(member, size_of::<u64>())?;
        Ok(u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    }

    /// Takes `count` bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn raw(&mut self, member: &str, count: usize) -> Result<&'a [u8], DecodeError> {
        let Some((taken, rest)) = self.bytes.split_at_checked(count) else {
            return Err(DecodeError::new(member, format!("expected {count} bytes"), self.bytes.len()));
        };
        self.bytes = rest;
        Ok(taken)
    }

    /// Takes a section and returns its content.
    ///
    /// # Errors
    /// The bytes are not what [`SectionWriter::section`] writes.
    pub fn section(&mut self, member: &str) -> Result<Vec<u8>, DecodeError> {
        let mut content = Vec::new();
        self.section_into(member, &mut Decompressor::default(), &mut content)?;
        Ok(content)
    }

    /// As [`SectionReader::section`], with memory that is used again.
    pub(super) fn section_into(
        &mut self,
        member: &str,
        decompressor: &mut Decompressor,
        content: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let method = self.raw(member, 1)?[0];
        let length = self.number(member)?;
        let held_length = self.number(member)?;
        let held = self.raw(member, held_length)?;
        content.clear();
        match method {
            STORED => content.extend_from_slice(held),
            ZSTANDARD if length > MAX_EXPANSION.saturating_mul(held.len()) => {
                let rule = format!("expected at most {MAX_EXPANSION} times the {} bytes it is held in", held.len());
                return Err(DecodeError::new(member, rule, length));
            }
            ZSTANDARD => {
                content.reserve(length);
                decompressor
                    .decompress_to_buffer(held, content)
                    .map_err(|error| DecodeError::new(member, "expected bytes that Zstandard wrote", error))?;
            }
            other => return Err(DecodeError::new(member, "expected a section's method, 0 or 1", other)),
        }
        expect_length(member, content, length)
    }

    /// As [`SectionReader::section`], of a section that holds `count` numbers of `width` bytes.
    ///
    /// # Errors
    /// The content has another length.
    pub fn section_of(&mut self, member: &str, count: usize, width: usize) -> Result<Vec<u8>, DecodeError> {
        let content = self.section(member)?;
        expect_length(member, &content, count.saturating_mul(width))?;
        Ok(content)
    }

    /// Checks that no byte is left.
    ///
    /// # Errors
    /// Some are.
    pub fn end(&self, member: &str) -> Result<(), DecodeError> {
        match self.bytes.len() {
            0 => Ok(()),
            more => Err(DecodeError::new(member, "expected nothing after the end", format!("{more} bytes"))),
        }
    }
}

pub(super) fn expect_length(member: &str, content: &[u8], length: usize) -> Result<(), DecodeError> {
    if content.len() == length {
        return Ok(());
    }
    Err(DecodeError::new(member, format!("expected {length} bytes of content"), content.len()))
}

/// The lowest `width` bytes of numbers, all lowest bytes first.
pub fn planes(numbers: impl Iterator<Item = u64> + Clone, width: u32) -> Vec<u8> {
    (0..width).flat_map(|byte| numbers.clone().map(move |number| (number >> (8 * byte)) as u8)).collect()
}

/// The numbers of [`planes`].
pub fn from_planes(planes: &[u8], width: usize) -> Vec<u64> {
    let count = planes.len() / width;
    let mut numbers = vec![0; count];
    for (byte, plane) in planes.chunks_exact(count.max(1)).enumerate() {
        for (number, &part) in numbers.iter_mut().zip(plane) {
            *number |= u64::from(part) << (8 * byte);
        }
    }
    numbers
}
