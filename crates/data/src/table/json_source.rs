//! JSON, read as often as needed and in batches that are cut between documents. The first reading finds all columns, so that a
//! member that only late rows have is a column of every batch.

use super::column_type::{add_types, ColumnType};
use super::content::Content;
use super::json::Gathered;
use super::json_reader::JsonReader;
use super::json_table::{JsonRows, JsonTable};
use super::opened::TableOptions;
use super::row_batches::{RowBatches, TableBatch};
use super::table_data::TableData;
use hitflop_core::error::{Reason, Result};
use hitflop_core::reader::encoding::{self, Encoding, UTF8};

/// A JSON file whose columns are known.
#[derive(Debug)]
pub(super) struct JsonSource {
    content: Content,
    options: TableOptions,
    encoding: &'static Encoding,
    names: Vec<String>,
    types: Vec<Option<ColumnType>>,
    /// All columns, without rows.
    columns: JsonRows,
    rows: u64,
    nulls: usize,
    /// Whether the rows have no names of their own, so that all documents must be read before the first row is known.
    is_whole: bool,
}

impl JsonSource {
    /// Reads the file once. Returns also the first batch of about so many rows.
    ///
    /// # Errors
    /// The text is not JSON, or JSON in another shape.
    pub fn open(content: &Content, options: &TableOptions, rows_per_batch: usize) -> Result<(JsonSource, TableBatch)> {
        let encoding = match &options.encoding {
            Some(label) => encoding::named(label)?,
            None => encoding::shown_by(&content.head()?).unwrap_or(UTF8),
        };
        let (mut types, mut first, mut is_whole) = (Vec::new(), None, false);
        let mut gathered = Gathered::default();
        let mut reader = JsonReader::new(content, encoding)?;
        while reader.next(&mut gathered)? {
            if !is_whole && gathered.has_unnamed() {
                is_whole = true;
                (types, first, gathered) = (Vec::new(), None, Gathered::default());
                reader = JsonReader::new(content, encoding)?;
            } else if !is_whole && gathered.rows().rows() >= rows_per_batch {
                let batch = take_batch(gathered.rows(), &mut types);
                first.get_or_insert(batch);
            }
        }
        let mut rows = gathered.finish(content, options)?;
        let last = take_batch(&mut rows, &mut types);
        let names = rows.names();
        if names.is_empty() {
            return Err(content.fault(Reason::MissingColumn, "expected objects with audio features"));
        }
        let first = first.unwrap_or(last).named(&names);
        let source = JsonSource {
            content: content.clone(),
            options: options.clone(),
            encoding,
            names,
            types,
            columns: rows.emptied(),
            rows: rows.total() as u64,
            nulls: rows.nulls(),
            is_whole,
        };
        Ok((source, TableBatch { data: TableData::Json(first), broken: Vec::new() }))
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The type of each column; none of a column without values.
    pub fn types(&self) -> &[Option<ColumnType>] {
        &self.types
    }

    /// The rows in batches of about so many, or all at once if the rows have no names of their own.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn batches(&self, rows_per_batch: usize) -> Result<JsonBatches<'_>> {
        let reader = JsonReader::new(&self.content, self.encoding)?;
        let gathered = if self.is_whole { Gathered::default() } else { Gathered::of_columns(self.columns.clone()) };
        Ok(JsonBatches { source: self, reader, gathered, rows_per_batch, is_at_end: false })
    }

    /// What is said of rows that are null.
    pub fn notices(&self) -> Vec<String> {
        if self.nulls == 0 {
            return Vec::new();
        }
        let (noun, verb) = if self.nulls == 1 { ("track", "is") } else { ("tracks", "are") };
        vec![format!("{}: {} {noun} without a value (null) {verb} left out", self.content.name, self.nulls)]
    }
}

fn take_batch(rows: &mut JsonRows, types: &mut Vec<Option<ColumnType>>) -> JsonTable {
    let table = rows.take_batch();
    add_types(types, &table, false, table.width());
    table
}

/// The rows of a [`JsonSource`], from the first on.
pub(super) struct JsonBatches<'a> {
    source: &'a JsonSource,
    reader: JsonReader<'a>,
    gathered: Gathered,
    rows_per_batch: usize,
    is_at_end: bool,
}

impl JsonBatches<'_> {
    fn batch(&self, table: JsonTable) -> TableBatch {
        TableBatch { data: TableData::Json(table.named(&self.source.names)), broken: Vec::new() }
    }
}

impl RowBatches for JsonBatches<'_> {
    fn next_batch(&mut self) -> Result<Option<TableBatch>> {
        while !self.is_at_end {
            self.is_at_end = !self.reader.next(&mut self.gathered)?;
            if self.source.is_whole {
                continue;
            }
            let rows = self.gathered.rows();
            if rows.rows() >= self.rows_per_batch || (self.is_at_end && rows.rows() > 0) {
                let table = rows.take_batch();
                return Ok(Some(self.batch(table)));
            }
        }
        if !self.source.is_whole {
            return Ok(None);
        }
        // Once: the gathered rows are taken.
        let gathered = std::mem::take(&mut self.gathered);
        if !gathered.has_unnamed() {
            return Ok(None);
        }
        let mut rows = gathered.finish(&self.source.content, &self.source.options)?;
        let table = rows.take_batch();
        Ok(Some(self.batch(table)))
    }

    fn skip(&mut self, _: u64) -> Result<u64> {
        Ok(0)
    }

    fn notices(&self) -> Vec<String> {
        self.source.notices()
    }
}
