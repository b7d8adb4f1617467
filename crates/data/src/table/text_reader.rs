//! Texts that are checked and decoded as they are read.

use std::io::{self, Read};

use super::content::Content;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::encoding::{Encoding, WesternSurvey};

/// Bytes that are read at once.
pub(super) const CHUNK: usize = 1 << 18;

/// What the bytes of a whole text are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextBytes {
    /// Valid UTF-8.
    Utf8,
    /// Not UTF-8, and certainly Windows-1252.
    Windows1252,
    /// Not UTF-8, and of no certain encoding.
    Other,
}

/// Reads a text once, or twice if it is not UTF-8, in a bounded buffer.
///
/// # Errors
/// The bytes cannot be read.
pub(super) fn survey(content: &Content) -> Result<TextBytes> {
    if is_utf8(content.reader()?).map_err(|error| content.unreadable(error))? {
        return Ok(TextBytes::Utf8);
    }
    let mut western = WesternSurvey::default();
    // A part without an end is no text.
    let cut = |bytes: &[u8]| match bytes.iter().rposition(u8::is_ascii) {
        None if bytes.len() < 4 * CHUNK => 0,
        last => last.map_or(bytes.len(), |last| last + 1),
    };
    let add = |bytes: &[u8]| {
        western.add(bytes);
        true
    };
    in_parts(content.reader()?, cut, add).map_err(|error| content.unreadable(error))?;
    Ok(if western.is_windows_1252() { TextBytes::Windows1252 } else { TextBytes::Other })
}

fn is_utf8(reader: impl Read) -> io::Result<bool> {
    let mut is_valid = true;
    // A character has at most four bytes, so that one of the last four begins one.
    let cut = |bytes: &[u8]| {
        let is_start = |byte: &u8| *byte & 0xc0 != 0x80;
        let tail = bytes.len().saturating_sub(4);
        match bytes[tail..].iter().rposition(is_start) {
            Some(at) if bytes[tail + at] >= 0x80 => tail + at,
            _ => bytes.len(),
        }
    };
    in_parts(reader, cut, |bytes| {
        is_valid = std::str::from_utf8(bytes).is_ok();
        is_valid
    })?;
    Ok(is_valid)
}

/// Calls `add` with all bytes in parts, each of them cut where `cut` says, until it returns false.
fn in_parts(mut reader: impl Read, cut: impl Fn(&[u8]) -> usize, mut add: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(2 * CHUNK);
    loop {
        let read = reader.by_ref().take(CHUNK as u64).read_to_end(&mut buffer)?;
        let end = if read == 0 { buffer.len() } else { cut(&buffer) };
        if !add(&buffer[..end]) || read == 0 {
            return Ok(());
        }
        buffer.drain(..end);
    }
}

/// A reader of UTF-8 from bytes in another encoding.
pub(super) struct DecodingReader<R> {
    source: R,
    decoder: encoding_rs::Decoder,
    bytes: Vec<u8>,
    text: String,
    read: usize,
    has_faults: bool,
    is_at_end: bool,
}

impl<R: Read> DecodingReader<R> {
    pub fn new(source: R, encoding: &'static Encoding) -> DecodingReader<R> {
        let (bytes, text) = (vec![0; CHUNK], String::new());
        let decoder = encoding.new_decoder();
        DecodingReader { source, decoder, bytes, text, read: 0, has_faults: false, is_at_end: false }
    }

    /// The next part of the text; none after the last.
    ///
    /// # Errors
    /// The bytes cannot be read.
    pub fn next_part(&mut self) -> io::Result<Option<&str>> {
        while self.read == self.text.len() {
            if self.is_at_end {
                return Ok(None);
            }
            self.refill()?;
        }
        let part = &self.text[self.read..];
        self.read = self.text.len();
        Ok(Some(part))
    }

    /// Checks what was read so far.
    ///
    /// # Errors
    /// The bytes are no text in the encoding.
    pub fn require_valid(&self, content: &Content) -> Result<()> {
        if !self.has_faults {
            return Ok(());
        }
        let rule = format!("expected text in {}; name another encoding", self.decoder.encoding().name());
        Err(Error::input(Fault::new(Place::file(&content.name), Reason::NotUtf8, rule)))
    }

    fn refill(&mut self) -> io::Result<()> {
        let read = self.source.read(&mut self.bytes)?;
        self.is_at_end = read == 0;
        self.text.clear();
        self.read = 0;
        // The length is known for every chunk, which is far from the greatest number.
        self.text.reserve(self.decoder.max_utf8_buffer_length(read).unwrap_or(4 * CHUNK));
        let (_, _, has_faults) = self.decoder.decode_to_string(&self.bytes[..read], &mut self.text, self.is_at_end);
        self.has_faults |= has_faults;
        Ok(())
    }
}

impl<R: Read> Read for DecodingReader<R> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        while self.read == self.text.len() && !self.is_at_end {
            self.refill()?;
        }
        let read = (&self.text.as_bytes()[self.read..]).read(target)?;
        self.read += read;
        Ok(read)
    }
}

/// Checks that all bytes are a text in `encoding`.
///
/// # Errors
/// They are not, or cannot be read.
pub(super) fn require(content: &Content, encoding: &'static Encoding) -> Result<()> {
    let mut reader = DecodingReader::new(content.reader()?, encoding);
    io::copy(&mut reader, &mut io::sink()).map_err(|error| content.unreadable(error))?;
    reader.require_valid(content)
}

#[cfg(test)]
mod tests {
    use hitflop_core::reader::encoding;

    use super::*;

    fn content(bytes: &[u8]) -> Content {
        Content::of_reader(bytes, "x").expect("content")
    }

    #[test]
    fn a_text_is_surveyed_across_the_borders_of_chunks() {
        for offset in 0..4 {
            let ascii = "a".repeat(CHUNK - offset);
            let bytes = |tail: &[u8]| [ascii.as_bytes(), tail].concat();
            let of = |tail: &[u8]| survey(&content(&bytes(tail))).expect("readable");
            assert_eq!(of("ü€𝄞, é".as_bytes()), TextBytes::Utf8, "{offset}");
            assert_eq!(of("𝄞".as_bytes()), TextBytes::Utf8, "{offset}");
            assert_eq!(of(b"\xe9, \xfc"), TextBytes::Windows1252, "{offset}");
            assert_eq!(of(b"\xe9\xfc\xe4 x"), TextBytes::Other, "{offset}");
            assert_eq!(of("é \u{fc}".as_bytes().split_last().expect("bytes").1), TextBytes::Other, "{offset}");
            for tail in [b"\xe9, \xfc".as_slice(), b"\xff\xe9", b"\xe9\xfc\xe4\xe9"] {
                let is_western = of(tail) == TextBytes::Windows1252;
                assert_eq!(is_western, encoding::is_windows_1252(&bytes(tail)), "{offset} {tail:?}");
            }
        }
    }

    #[test]
    fn other_encodings_are_decoded_as_they_are_read() {
        let text = format!("{}€{}", "ü".repeat(CHUNK / 2 + 1), "é".repeat(CHUNK / 3));
        let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let encoding = encoding::named("utf-16le").expect("known");
        let mut read = String::new();
        DecodingReader::new(&utf_16[..], encoding).read_to_string(&mut read).expect("text");
        assert!(read == text);
        require(&content(&utf_16), encoding).expect("a text");
        let found = require(&content(&utf_16[..utf_16.len() - 1]), encoding).expect_err("half a character");
        let whole = encoding::decoded(&utf_16[..utf_16.len() - 1], encoding, "x").expect_err("half a character");
        assert_eq!(found.to_string(), whole.to_string());
    }
}
