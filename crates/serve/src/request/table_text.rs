//! The text of a table: decoded, and with the way in which its fields are separated, as files are read.

use std::borrow::Cow;

use csv::{Reader, ReaderBuilder};

use hitflop_core::reader::encoding::{self, UTF8, UTF_8_MARK, WESTERN};
use hitflop_core::reader::Dialect;

/// Number of bytes of a table by which its separator is chosen.
const HEAD_BYTES: usize = 1 << 16;

/// A table as its bytes are to be read.
pub(crate) struct TableText<'b> {
    text: Cow<'b, [u8]>,
    /// Bytes before the header: a byte-order mark, a line `sep=;`.
    start: usize,
    pub dialect: Dialect,
}

impl<'b> TableText<'b> {
    /// The text of a body. It is UTF-16 or Windows-1252 if it can be nothing else, and otherwise should be UTF-8.
    pub(crate) fn of(body: &'b [u8]) -> TableText<'b> {
        let text = decoded(body);
        let mark = if text.starts_with(UTF_8_MARK) { UTF_8_MARK.len() } else { 0 };
        let head = &text[mark..text.len().min(mark + HEAD_BYTES)];
        let dialect = Dialect::of(head, mark + head.len() == text.len());
        TableText { start: mark + dialect.preamble, text, dialect }
    }

    /// Header and rows.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.text[self.start..]
    }

    /// A reader of header and rows.
    pub(crate) fn reader(&self) -> Reader<&[u8]> {
        ReaderBuilder::new().flexible(true).delimiter(self.dialect.separator).from_reader(self.bytes())
    }
}

/// `text` in UTF-8, if it is surely in another encoding.
pub(crate) fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    let shown = encoding::shown_by(&text[..text.len().min(HEAD_BYTES)]).filter(|encoding| *encoding != UTF8);
    let western = || (std::str::from_utf8(text).is_err() && encoding::is_windows_1252(text)).then_some(WESTERN);
    match shown.or_else(western).map(|encoding| encoding::decoded(text, encoding, "body")) {
        Some(Ok(text)) => Cow::Owned(text.into_bytes()),
        Some(Err(_)) | None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_decoded_and_its_separator_is_found() {
        let plain = "title;energy\nBeyoncé;0,5\n";
        let utf_16: Vec<u8> = format!("\u{feff}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let western: Vec<u8> = plain.chars().map(|letter| letter as u8).collect();
        for body in [plain.as_bytes(), &utf_16, &western, format!("\u{feff}sep=;\r\n{plain}").as_bytes()] {
            let table = TableText::of(body);
            assert_eq!(table.bytes(), plain.as_bytes());
            assert_eq!((table.dialect.separator, table.dialect.decimal_comma), (b';', true));
        }
        assert_eq!(TableText::of(b"energy\n\xff\n").bytes(), b"energy\n\xff\n");
        assert_eq!(TableText::of(b"").bytes(), b"");
    }
}
