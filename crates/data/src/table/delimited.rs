//! CSV and its relatives in memory: one text with the ends of the fields in it, so that a million rows need few allocations.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::content::Content;
use super::opened::{OpenedTable, TableOptions};
use super::rejected_row::RejectedRow;
use super::table_data::TableData;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::encoding::{self, UTF8, UTF_8_MARK, WESTERN};
use hitflop_core::reader::{name, Cell, Dialect, Table};

/// A table whose fields are texts.
#[derive(Clone, Debug, Default)]
pub struct DelimitedTable {
    names: Vec<String>,
    text: String,
    /// Where each row begins in the text.
    starts: Vec<u64>,
    /// Where each field ends in its row.
    ends: Vec<u32>,
    /// Rows that do not have the fields of the header, or are not UTF-8. They are in the table all the same.
    broken: Vec<(usize, RejectedRow)>,
    /// The first field that has a line break in it (row, column, lines), and the number of such fields.
    spanning: Option<((usize, usize, usize), usize)>,
}

impl Table for DelimitedTable {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.starts.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        Cell::Text(self.field(row, column))
    }
}

impl DelimitedTable {
    /// A field as it is in the file, without the quotation marks around it.
    ///
    /// # Panics
    /// There is no such row or column.
    pub fn field(&self, row: usize, column: usize) -> &str {
        let start = self.starts[row] as usize;
        let ends = &self.ends[row * self.names.len()..][..self.names.len()];
        let from = if column == 0 { 0 } else { ends[column - 1] };
        &self.text[start + from as usize..start + ends[column] as usize]
    }

    fn push(&mut self, record: &ByteRecord, fault: impl FnOnce(Reason, String) -> Fault) -> Result<()> {
        let width = self.names.len();
        if record.len() != width {
            let rule = format!("expected {width} fields, as in the header");
            let fault = fault(Reason::FieldCount, rule).found(record.len().to_string());
            self.broken.push((self.starts.len(), RejectedRow { fault, record: joined(record) }));
        }
        self.note_spanning(record);
        let start = self.text.len();
        self.starts.push(start as u64);
        for column in 0..width {
            self.text
                .push_str(record.get(column).and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default());
            let end = u32::try_from(self.text.len() - start);
            self.ends.push(end.map_err(|_| Error::Failed("a row of the table has more than 4 GiB".to_owned()))?);
        }
        Ok(())
    }

    /// As [`DelimitedTable::push`] for a record that has the fields of the header and is UTF-8.
    fn push_regular(&mut self, record: &ByteRecord, text: &str) {
        self.note_spanning(record);
        self.starts.push(self.text.len() as u64);
        self.text.push_str(text);
        // A record of the reader is less than 4 GiB long, since the whole text was.
        self.ends.extend((0..record.len()).map(|field| record.range(field).map_or(0, |range| range.end as u32)));
    }

    fn note_spanning(&mut self, record: &ByteRecord) {
        if !record.as_slice().contains(&b'\n') && !record.as_slice().contains(&b'\r') {
            return;
        }
        for (column, field) in record.iter().enumerate() {
            let lines = lines_of(field);
            if lines > 1 {
                let first = self.spanning.map_or((self.starts.len(), column, lines), |(first, _)| first);
                self.spanning = Some((first, self.spanning.map_or(1, |(_, count)| count + 1)));
            }
        }
    }
}

/// What may be wrong with a text.
enum TextFault {
    NotUtf8,
    Other(Error),
}

impl From<Error> for TextFault {
    fn from(error: Error) -> TextFault {
        TextFault::Other(error)
    }
}

/// Reads a delimited text.
///
/// # Errors
/// The text is empty or a header only, is not CSV, or cannot be decoded.
pub(super) fn read(content: &Content, options: &TableOptions) -> Result<OpenedTable> {
    let head = content.head()?;
    let encoding = match &options.encoding {
        Some(label) => Some(encoding::named(label)?),
        None => encoding::shown_by(&head).filter(|encoding| *encoding != UTF8),
    };
    if let Some(encoding) = encoding.filter(|encoding| *encoding != UTF8) {
        let text = encoding::decoded(&content.all()?, encoding, &content.name)?;
        let mut table = of_text(&text, content)?;
        if options.encoding.is_none() {
            table.notices.push(format!("{}: read as {}", content.name, encoding.name()));
        }
        return Ok(table);
    }
    let mark = if head.starts_with(UTF_8_MARK) { UTF_8_MARK.len() } else { 0 };
    let is_whole = (head.len() as u64) < super::content::HEAD_BYTES;
    let dialect = Dialect::of(&head[mark..], is_whole);
    match parse(skipped(content.reader()?, mark + dialect.preamble, content)?, dialect, content, false) {
        Ok(table) => Ok(opened(table, dialect, content)),
        Err(TextFault::Other(error)) => Err(error),
        Err(TextFault::NotUtf8) => not_utf8(content, mark, dialect, options.encoding.is_none()),
    }
}

/// A text that is not UTF-8: Windows-1252 if it can only be that, else one with broken rows.
fn not_utf8(content: &Content, mark: usize, dialect: Dialect, may_guess: bool) -> Result<OpenedTable> {
    let bytes = content.all()?;
    if may_guess && encoding::is_windows_1252(&bytes) {
        let mut table = of_text(&encoding::decoded(&bytes, WESTERN, &content.name)?, content)?;
        let words = "read as Windows-1252, because the text is not UTF-8";
        table.notices.push(format!("{}: {words}", content.name));
        return Ok(table);
    }
    match parse(&bytes[mark + dialect.preamble..], dialect, content, true) {
        Ok(table) => Ok(opened(table, dialect, content)),
        Err(TextFault::Other(error)) => Err(error),
        Err(TextFault::NotUtf8) => Err(content.fault(Reason::NotUtf8, "expected UTF-8")),
    }
}

fn of_text(text: &str, content: &Content) -> Result<OpenedTable> {
    let dialect = Dialect::of(&text.as_bytes()[..text.len().min(1 << 16)], text.len() <= 1 << 16);
    match parse(&text.as_bytes()[dialect.preamble..], dialect, content, false) {
        Ok(table) => Ok(opened(table, dialect, content)),
        Err(TextFault::Other(error)) => Err(error),
        Err(TextFault::NotUtf8) => Err(content.fault(Reason::NotUtf8, "expected UTF-8")),
    }
}

fn skipped<'a>(mut reader: Box<dyn Read + 'a>, bytes: usize, content: &Content) -> Result<Box<dyn Read + 'a>> {
    std::io::copy(&mut reader.by_ref().take(bytes as u64), &mut std::io::sink())
        .map_err(|error| content.unreadable(error))?;
    Ok(reader)
}

/// Reads all records. Bytes that are not UTF-8 stop it unless it is `lossy`.
fn parse(
    source: impl Read,
    dialect: Dialect,
    content: &Content,
    lossy: bool,
) -> std::result::Result<DelimitedTable, TextFault> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(dialect.separator).buffer_capacity(1 << 17);
    let mut reader = builder.from_reader(source);
    let mut table = header(&mut reader, content, lossy)?;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| unreadable(content, error))? {
        if record.len() == table.names.len() {
            if let Some(text) = regular_text(&record) {
                table.push_regular(&record, text);
                continue;
            }
        }
        if !lossy && record.iter().any(|field| std::str::from_utf8(field).is_err()) {
            return Err(TextFault::NotUtf8);
        }
        let place = Place::file(&content.name).row(table.starts.len() as u64 + 1);
        push_irregular(&mut table, &record, &place)?;
    }
    match table.rows() {
        0 => Err(content.fault(Reason::HeaderOnly, "expected rows after the header, there is none").into()),
        _ => Ok(table),
    }
}

fn push_irregular(table: &mut DelimitedTable, record: &ByteRecord, place: &Place) -> Result<()> {
    let broken = record.iter().position(|field| std::str::from_utf8(field).is_err());
    if let Some(column) = broken.filter(|_| record.len() == table.names.len()) {
        let place = place.clone().column(name::shown_name(&table.names[column], column));
        let fault =
            Fault::new(place, Reason::NotUtf8, "expected UTF-8; name the encoding of the file if it has another");
        let fault = fault.found(String::from_utf8_lossy(&record[column]));
        table.broken.push((table.starts.len(), RejectedRow { fault, record: joined(record) }));
    }
    table.push(record, |reason, rule| Fault::new(place.clone(), reason, rule))
}

fn header(
    reader: &mut Reader<impl Read>,
    content: &Content,
    lossy: bool,
) -> std::result::Result<DelimitedTable, TextFault> {
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(|error| unreadable(content, error))? {
        return Err(content.fault(Reason::EmptyFile, "expected a header and rows, the file is empty").into());
    }
    let names: Vec<String> = match record.iter().map(|name| std::str::from_utf8(name).map(str::to_owned)).collect() {
        Ok(names) => names,
        Err(_) if !lossy => return Err(TextFault::NotUtf8),
        Err(_) => record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect(),
    };
    Ok(DelimitedTable { names, ..DelimitedTable::default() })
}

/// The fields of a record without separators between them, if each is UTF-8.
fn regular_text(record: &ByteRecord) -> Option<&str> {
    let bytes = record.as_slice();
    let text = std::str::from_utf8(bytes).ok()?;
    let is_cut_well = bytes.is_ascii() || record.iter().all(|field| std::str::from_utf8(field).is_ok());
    is_cut_well.then_some(text)
}

fn joined(record: &ByteRecord) -> String {
    record.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(",")
}

fn unreadable(content: &Content, error: csv::Error) -> Error {
    let words = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => content.unreadable(error),
        _ => content.fault(Reason::Unreadable, format!("cannot be read as CSV: {words}")),
    }
}

/// Number of lines of a field; blank ones at its end do not count.
fn lines_of(field: &[u8]) -> usize {
    let field = field.trim_ascii_end();
    let ends = |end: u8| field.iter().filter(|byte| **byte == end).count();
    1 + ends(b'\n').max(ends(b'\r'))
}

fn opened(mut table: DelimitedTable, dialect: Dialect, content: &Content) -> OpenedTable {
    let mut notices = Vec::new();
    if !matches!(dialect.separator, b',' | b'\t') {
        let commas = if dialect.decimal_comma { ", numbers have decimal commas" } else { "" };
        notices.push(format!("{}: fields are separated by {}{commas}", content.name, dialect.separator_in_words()));
    } else if dialect.decimal_comma {
        notices.push(format!("{}: numbers have decimal commas", content.name));
    }
    if let Some(((row, column, lines), count)) = table.spanning {
        let row = Place::file(&content.name).row(row as u64 + 1);
        // A row may have more fields than the header has names.
        let place = match table.names.get(column) {
            Some(name) => row.column(name::shown_name(name, column)),
            None => row,
        };
        let more = if count > 1 { format!(" ({} more fields do)", count - 1) } else { String::new() };
        let words = "if a quotation mark is not closed, the rows in between are read as text";
        notices.push(format!("{place}: the field spans {lines} lines{more}; {words}"));
    }
    let broken = std::mem::take(&mut table.broken);
    OpenedTable {
        name: content.name.clone(),
        broken,
        decimal_comma: dialect.decimal_comma,
        notices,
        data: TableData::Delimited(table),
    }
}
