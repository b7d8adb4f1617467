//! CSV and its relatives, read as often as needed and in batches that are cut between records.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::content::{Content, HEAD_BYTES};
use super::delimited::DelimitedTable;
use super::opened::TableOptions;
use super::row_batches::{RowBatches, TableBatch};
use super::table_data::TableData;
use super::text_reader::{self, DecodingReader, TextBytes};
use hitflop_core::error::{Error, Place, Reason, Result};
use hitflop_core::reader::encoding::{self, Encoding, UTF8, UTF_8_MARK, WESTERN};
use hitflop_core::reader::{name, Dialect};

/// A delimited text whose encoding, separator and header are known.
#[derive(Clone, Debug)]
pub(super) struct DelimitedSource {
    content: Content,
    encoding: TextEncoding,
    dialect: Dialect,
    names: Vec<String>,
    /// How the encoding was found, if it needs to be said.
    notice: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum TextEncoding {
    /// UTF-8 after a mark of so many bytes.
    Utf8(usize),
    Other(&'static Encoding),
}

impl DelimitedSource {
    /// Reads the whole text once, to know its encoding, and its header.
    ///
    /// # Errors
    /// The text is empty, is not CSV, or cannot be decoded.
    pub fn open(content: &Content, options: &TableOptions) -> Result<DelimitedSource> {
        let (encoding, words) = encoding_of(content, options)?;
        let notice = words.map(|words| format!("{}: read as {words}", content.name));
        let names = Vec::new();
        let dialect = Dialect { separator: b',', preamble: 0, decimal_comma: false };
        let mut source = DelimitedSource { content: content.clone(), encoding, dialect, names, notice };
        source.dialect = source.find_dialect()?;
        let names = source.header(&mut source.records()?)?;
        source.names = names;
        Ok(source)
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether numbers have a decimal comma.
    pub fn decimal_comma(&self) -> bool {
        self.dialect.decimal_comma
    }

    /// The rows in batches of so many.
    ///
    /// # Errors
    /// The text cannot be read.
    pub fn batches(&self, rows_per_batch: usize) -> Result<DelimitedBatches<'_>> {
        let mut records = self.records()?;
        self.header(&mut records)?;
        let (record, spanning) = (ByteRecord::new(), SpanningFields::default());
        Ok(DelimitedBatches { source: self, records, record, rows: 0, rows_per_batch, spanning })
    }

    /// The text as UTF-8, without a byte-order mark.
    fn text(&self) -> Result<Box<dyn Read + Send + '_>> {
        let mut bytes = self.content.reader()?;
        match self.encoding {
            TextEncoding::Other(encoding) => Ok(Box::new(DecodingReader::new(bytes, encoding))),
            TextEncoding::Utf8(mark) => {
                skip(&mut bytes, mark).map_err(|error| self.content.unreadable(error))?;
                Ok(bytes)
            }
        }
    }

    fn find_dialect(&self) -> Result<Dialect> {
        let most = match self.encoding {
            TextEncoding::Utf8(mark) => HEAD_BYTES as usize - mark,
            TextEncoding::Other(_) => HEAD_BYTES as usize,
        };
        let mut head = Vec::new();
        let text = self.text()?;
        text.take(most as u64 + 1).read_to_end(&mut head).map_err(|error| self.content.unreadable(error))?;
        Ok(Dialect::of(&head[..head.len().min(most)], head.len() <= most))
    }

    fn records(&self) -> Result<Reader<Box<dyn Read + Send + '_>>> {
        let mut text = self.text()?;
        skip(&mut text, self.dialect.preamble).map_err(|error| self.content.unreadable(error))?;
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(self.dialect.separator).buffer_capacity(1 << 17);
        Ok(builder.from_reader(text))
    }

    fn header(&self, records: &mut Reader<impl Read>) -> Result<Vec<String>> {
        let mut record = ByteRecord::new();
        if !records.read_byte_record(&mut record).map_err(|error| self.unreadable(error))? {
            return Err(self.content.fault(Reason::EmptyFile, "expected a header and rows, the file is empty"));
        }
        Ok(record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect())
    }

    fn unreadable(&self, error: csv::Error) -> Error {
        let words = error.to_string();
        match error.into_kind() {
            csv::ErrorKind::Io(error) => self.content.unreadable(error),
            _ => self.content.fault(Reason::Unreadable, format!("cannot be read as CSV: {words}")),
        }
    }
}

/// The encoding, and its name if it was not given and is not UTF-8.
fn encoding_of(content: &Content, options: &TableOptions) -> Result<(TextEncoding, Option<String>)> {
    let head = content.head()?;
    let given = options.encoding.as_deref().map(encoding::named).transpose()?;
    let known = given.or_else(|| encoding::shown_by(&head)).filter(|encoding| *encoding != UTF8);
    if let Some(encoding) = known {
        text_reader::require(content, encoding)?;
        return Ok((TextEncoding::Other(encoding), given.is_none().then(|| encoding.name().to_owned())));
    }
    let mark = if head.starts_with(UTF_8_MARK) { UTF_8_MARK.len() } else { 0 };
    Ok(match text_reader::survey(content)? {
        TextBytes::Windows1252 if given.is_none() => {
            (TextEncoding::Other(WESTERN), Some("Windows-1252, because the text is not UTF-8".to_owned()))
        }
        // Rows that are not UTF-8 are broken.
        _ => (TextEncoding::Utf8(mark), None),
    })
}

fn skip(reader: &mut impl Read, bytes: usize) -> std::io::Result<()> {
    std::io::copy(&mut reader.take(bytes as u64), &mut std::io::sink()).map(drop)
}

/// The rows of a [`DelimitedSource`], from the first on.
pub(super) struct DelimitedBatches<'a> {
    source: &'a DelimitedSource,
    records: Reader<Box<dyn Read + Send + 'a>>,
    record: ByteRecord,
    /// Rows that were read.
    rows: u64,
    rows_per_batch: usize,
    spanning: SpanningFields,
}

impl DelimitedBatches<'_> {
    fn read_record(&mut self) -> Result<bool> {
        let is_read = self.records.read_byte_record(&mut self.record);
        let is_read = is_read.map_err(|error| self.source.unreadable(error))?;
        if is_read {
            self.spanning.note(self.rows, &self.record);
            self.rows += 1;
        }
        Ok(is_read)
    }
}

impl RowBatches for DelimitedBatches<'_> {
    fn next_batch(&mut self) -> Result<Option<TableBatch>> {
        let mut table = DelimitedTable::new(self.source.names.clone(), self.rows);
        let end = self.rows.saturating_add(self.rows_per_batch as u64);
        while self.rows < end && self.read_record()? {
            table.push(&self.record, &self.source.content.name)?;
        }
        let broken = table.take_broken();
        let is_empty = self.rows == table.first();
        Ok((!is_empty).then_some(TableBatch { data: TableData::Delimited(table), broken }))
    }

    fn skip(&mut self, rows: u64) -> Result<u64> {
        let first = self.rows;
        while self.rows - first < rows && self.read_record()? {}
        Ok(self.rows - first)
    }

    fn notices(&self) -> Vec<String> {
        let DelimitedSource { content, dialect, names, notice, .. } = self.source;
        let mut notices = Vec::new();
        if !matches!(dialect.separator, b',' | b'\t') {
            let commas = if dialect.decimal_comma { ", numbers have decimal commas" } else { "" };
            let separator = dialect.separator_in_words();
            notices.push(format!("{}: fields are separated by {separator}{commas}", content.name));
        } else if dialect.decimal_comma {
            notices.push(format!("{}: numbers have decimal commas", content.name));
        }
        notices.extend(self.spanning.notice(&content.name, names));
        notices.extend(notice.clone());
        notices
    }
}

/// Fields that have line breaks in them.
#[derive(Clone, Copy, Debug, Default)]
struct SpanningFields {
    /// Row, column and lines of the first one.
    first: Option<(u64, usize, usize)>,
    count: u64,
}

impl SpanningFields {
    fn note(&mut self, row: u64, record: &ByteRecord) {
        if !record.as_slice().contains(&b'\n') && !record.as_slice().contains(&b'\r') {
            return;
        }
        for (column, field) in record.iter().enumerate() {
            let lines = lines_of(field);
            if lines > 1 {
                self.first.get_or_insert((row, column, lines));
                self.count += 1;
            }
        }
    }

    fn notice(&self, file: &str, names: &[String]) -> Option<String> {
        let (row, column, lines) = self.first?;
        let row = Place::file(file).row(row + 1);
        // A row may have more fields than the header has names.
        let place = match names.get(column) {
            Some(name) => row.column(name::shown_name(name, column)),
            None => row,
        };
        let more = if self.count > 1 { format!(" ({} more fields do)", self.count - 1) } else { String::new() };
        let words = "if a quotation mark is not closed, the rows in between are read as text";
        Some(format!("{place}: the field spans {lines} lines{more}; {words}"))
    }
}

/// Number of lines of a field; blank ones at its end do not count.
fn lines_of(field: &[u8]) -> usize {
    let field = field.trim_ascii_end();
    let ends = |end: u8| field.iter().filter(|byte| **byte == end).count();
    1 + ends(b'\n').max(ends(b'\r'))
}
