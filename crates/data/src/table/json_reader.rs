//! The JSON documents of a text, one after the other, in a buffer that holds little more than the longest of them.

use std::io::Read;

use serde::de::{Deserialize, DeserializeSeed, IgnoredAny};

use super::content::Content;
use super::json::Gathered;
use super::json_document::{DocumentSeed, NanFilter};
use super::text_reader::DecodingReader;
use hitflop_core::error::{Error, Reason, Result};
use hitflop_core::reader::encoding::Encoding;

const BLANKS: [char; 4] = [' ', '\n', '\r', '\t'];

/// Reads the documents of a file from the first on.
pub(super) struct JsonReader<'a> {
    content: &'a Content,
    source: DecodingReader<Box<dyn Read + Send + 'a>>,
    is_at_end: bool,
    /// Text that was not read as documents yet, from `start` on.
    text: String,
    start: usize,
    /// Lines before the text, and bytes of its first line before it.
    lines: usize,
    column: usize,
    /// Python writes NaN, which JSON does not have: set as soon as a document is invalid without it.
    filter: Option<NanFilter>,
    documents: u64,
}

impl<'a> JsonReader<'a> {
    /// # Errors
    /// The file cannot be read.
    pub fn new(content: &'a Content, encoding: &'static Encoding) -> Result<JsonReader<'a>> {
        let source = DecodingReader::new(content.reader()?, encoding);
        let (text, start, lines, column) = (String::new(), 0, 0, 0);
        Ok(JsonReader { content, source, is_at_end: false, text, start, lines, column, filter: None, documents: 0 })
    }

    /// Gathers the next document; false after the last.
    ///
    /// # Errors
    /// The document is no JSON, the text is not in its encoding, or the file cannot be read.
    pub fn next(&mut self, gathered: &mut Gathered) -> Result<bool> {
        loop {
            let rest = self.rest().trim_start_matches(BLANKS);
            let blanks = self.rest().len() - rest.len();
            if rest.is_empty() && !self.is_at_end {
                self.start += blanks;
                self.fill()?;
                continue;
            }
            if rest.is_empty() && self.documents > 0 {
                self.source.require_valid(self.content)?;
                return Ok(false);
            }
            let mut deserializer = serde_json::Deserializer::from_str(rest);
            let found = IgnoredAny::deserialize(&mut deserializer);
            let length = deserializer.into_iter::<IgnoredAny>().byte_offset();
            match found {
                // A number may go on.
                Ok(_) if length < rest.len() || self.is_at_end || rest.starts_with(['{', '[']) => {
                    let document = blanks..blanks + length;
                    return self.gather(document, gathered).map(|()| true);
                }
                // At the end of the text a number may be no number yet.
                Err(error) if self.is_at_end || (!error.is_eof() && length < rest.len()) => self.replace_nan()?,
                _ => self.fill()?,
            }
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.start..]
    }

    /// Reads a document at a place behind `start`.
    fn gather(&mut self, document: std::ops::Range<usize>, gathered: &mut Gathered) -> Result<()> {
        // With the blanks before it: a fault counts the lines from here.
        let text = &self.rest()[..document.end];
        let mut deserializer = serde_json::Deserializer::from_str(text);
        match DocumentSeed(gathered).deserialize(&mut deserializer) {
            Ok(()) => {
                self.start += document.end;
                self.documents += 1;
                Ok(())
            }
            Err(error) => Err(self.invalid(&error)),
        }
    }

    /// Goes on with a text in which NaN is null, or refuses the document if it is one already.
    fn replace_nan(&mut self) -> Result<()> {
        if self.filter.is_none() {
            let (mut filter, mut replaced) = (NanFilter::default(), String::new());
            filter.add(self.rest(), self.is_at_end, &mut replaced);
            self.drop_read();
            self.text = replaced;
            self.filter = Some(filter);
            return Ok(());
        }
        let mut deserializer = serde_json::Deserializer::from_str(self.rest());
        let error = DocumentSeed(&mut Gathered::default()).deserialize(&mut deserializer).err();
        // What is no JSON is none for any reader.
        let error = error.or_else(|| serde_json::from_str::<IgnoredAny>(self.rest()).err());
        Err(error.map_or_else(|| self.content.fault(Reason::Unreadable, "expected JSON"), |error| self.invalid(&error)))
    }

    /// Reads more, so that a document that goes on is not looked at again before there is twice as much of it.
    fn fill(&mut self) -> Result<()> {
        self.drop_read();
        let enough = 2 * self.text.len() + 1;
        while self.text.len() < enough && !self.is_at_end {
            let part = self.source.next_part().map_err(|error| self.content.unreadable(error))?;
            self.is_at_end = part.is_none();
            let part = part.unwrap_or_default();
            let is_first = self.documents == 0 && self.text.is_empty();
            let part = if is_first { part.trim_start_matches('\u{feff}') } else { part };
            match &mut self.filter {
                Some(filter) => filter.add(part, self.is_at_end, &mut self.text),
                None => self.text.push_str(part),
            }
        }
        Ok(())
    }

    fn drop_read(&mut self) {
        let read = &self.text[..self.start];
        (self.lines, self.column) = end_of(read, self.lines, self.column);
        self.text.drain(..self.start);
        self.start = 0;
    }

    /// The fault of the document at the place in the text, of which the error knows only what is behind `start`. A text that cannot be
    /// read to its end is a fault before that.
    fn invalid(&mut self, error: &serde_json::Error) -> Error {
        loop {
            match self.source.next_part() {
                Err(unreadable) => return self.content.unreadable(unreadable),
                Ok(None) => break,
                Ok(Some(_)) => {}
            }
        }
        if let Err(error) = self.source.require_valid(self.content) {
            return error;
        }
        let (line, column) = (error.line(), error.column());
        let mut words = error.to_string();
        if let Some(alone) = words.strip_suffix(&format!(" at line {line} column {column}")) {
            let (lines, before) = end_of(&self.text[..self.start], self.lines, self.column);
            let column = if line == 1 { column + before } else { column };
            words = format!("{alone} at line {} column {column}", line + lines);
        }
        self.content.fault(Reason::Unreadable, format!("expected JSON: {words}"))
    }
}

/// The place after `text`: lines before it, and bytes of its line.
fn end_of(text: &str, lines: usize, column: usize) -> (usize, usize) {
    match text.rfind('\n') {
        None => (lines, column + text.len()),
        Some(last) => (lines + text.matches('\n').count(), text.len() - last - 1),
    }
}

#[cfg(test)]
mod tests {
    use hitflop_core::reader::encoding::UTF8;

    use super::super::text_reader::CHUNK;
    use super::*;

    #[test]
    fn a_document_may_be_cut_anywhere() {
        let plain = r#"{"a": -1.5E-2, "é": [true, null, "x\\\"NaN", 0.25]}"#;
        let with_nan = r#"{"a": -1e5, "b": NaN, "c": [-Infinity, 1.5]}"#;
        let broken = r#"{"a": 1.5, "b": 2 3}"#;
        for document in [plain, with_nan, broken] {
            let read = |blanks: usize| {
                let text = format!("{}{document}\n{document} {document}", " ".repeat(blanks));
                let content = Content::of_reader(text.as_bytes(), "x").expect("content");
                let mut reader = JsonReader::new(&content, UTF8).expect("a reader");
                let mut gathered = Gathered::default();
                while reader.next(&mut gathered).map_err(|error| error.to_string())? {}
                let rows = gathered.rows();
                Ok::<_, String>((rows.rows(), format!("{:?}", rows.take_batch())))
            };
            let expected = read(0);
            assert_eq!(expected.is_ok(), document != broken);
            for blanks in CHUNK - 3 * document.len() - 2..=CHUNK {
                match (&expected, read(blanks)) {
                    (Ok(expected), found) => assert_eq!(found.as_ref(), Ok(expected), "{document} after {blanks}"),
                    (Err(_), found) => assert!(found.expect_err("no JSON").contains(" at line 1 column "), "{blanks}"),
                }
            }
        }
    }
}
