//! Parquet files, read as often as needed and in batches of rows. Row groups are divided and joined, so that a file of any row groups
//! needs little memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use polars::io::mmap::MmapBytesReader;
use polars::io::parquet::read::{FileMetadata, ParallelStrategy};
use polars::prelude::*;
use polars_parquet::read::RowGroupMetadata;
use polars_parquet::write::schema_to_metadata_key;

use super::content::Content;
use super::parquet::ParquetTable;
use super::parquet_bytes::ParquetBytes;
use super::parquet_column;
use super::parquet_copy::StoredColumns;
use super::parquet_schema::{self, ReadableColumns, StoredValues};
use super::row_batches::{RowBatches, TableBatch};
use super::source::BATCH_ROWS;
use super::table_data::TableData;
use crate::engine::guarded;
use hitflop_core::error::{Error, Reason, Result};

/// A Parquet file whose schema is known.
#[derive(Debug)]
pub(super) struct ParquetSource {
    content: Content,
    bytes: ParquetBytes,
    /// Without row groups, and with the types to decode as.
    metadata: FileMetadata,
    row_groups: Vec<RowGroupMetadata>,
    stored: Vec<StoredColumn>,
    /// The columns that are read, each by the stored one and its place among the members of it.
    origins: Vec<(usize, usize)>,
    names: Vec<String>,
    rows: u64,
    notices: Vec<String>,
}

/// A column of the file, which may be one of objects.
#[derive(Clone, Debug)]
struct StoredColumn {
    name: String,
    values: StoredValues,
}

impl ParquetSource {
    /// Reads the schema. Read are the columns of numbers, truth values, texts, dates and times; the latter two as texts,
    /// `1988-05-14`. Members of objects become columns, named by their path. Columns of bytes are read once, to know whether they are
    /// texts.
    ///
    /// # Errors
    /// The file is damaged, has two columns of one name, or has no row or no such column.
    pub fn open(content: &Content) -> Result<ParquetSource> {
        let content = content.unpacked()?;
        let bytes = ParquetBytes::of(&content)?;
        // A damaged file may make the library panic.
        let schema = guarded(|| ParquetSchema::read(bytes.reader()?));
        let schema = schema.map_err(|words| damaged(&content, &words))?;
        let schema = schema.map_err(|error| damaged(&content, &error.to_string()))?;
        if let Some(name) = schema.repeated {
            let rule = format!("expected columns of different names, found {name:?} twice; rename one of them");
            return Err(content.fault(Reason::DuplicateColumn, rule));
        }
        let mut source = ParquetSource {
            bytes,
            rows: schema.row_groups.iter().fold(0, |rows, group| rows.saturating_add(group.num_rows() as u64)),
            metadata: schema.metadata,
            row_groups: schema.row_groups,
            stored: schema.read,
            origins: Vec::new(),
            names: Vec::new(),
            notices: Vec::new(),
            content,
        };
        source.find_columns(&schema.left_out)?;
        Ok(source)
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The rows in batches of at most so many, with the values of the columns at `positions`.
    pub fn batches(&self, rows_per_batch: usize, positions: &[usize]) -> ParquetBatches<'_> {
        ParquetBatches { source: self, positions: positions.to_vec(), group: 0, offset: 0, first: 0, rows_per_batch }
    }

    /// All columns as they are stored, if they can be copied so to files of `rows_per_file` rows, or to one file.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn stored_columns(&self, rows_per_file: Option<u64>) -> Result<Option<StoredColumns>> {
        let positions: Vec<usize> = (0..self.names.len()).collect();
        let empty = self.table(&[], (0, 0), &positions, 0)?;
        Ok(StoredColumns::of(&self.bytes, empty.frame(), rows_per_file))
    }

    /// The columns with their names, and what is said of those that are left out.
    fn find_columns(&mut self, nested: &[String]) -> Result<()> {
        let empty = self.decode(&[], (0, 0), &(0..self.stored.len()).collect())?;
        let mut origins = Vec::new();
        for (stored, column) in empty.iter().enumerate() {
            let members = members(column).map_err(|error| damaged(&self.content, &error.to_string()))?;
            origins.extend(members.into_iter().enumerate().map(|(at, member)| (stored, at, member)));
        }
        let may_be_bytes = |(stored, _, member): &(usize, usize, Column)| {
            member.dtype() == &DataType::Binary && self.stored[*stored].values != StoredValues::Half
        };
        let uncertain: Vec<(usize, usize)> =
            origins.iter().filter(|it| may_be_bytes(it)).map(|(stored, at, _)| (*stored, *at)).collect();
        let bytes = self.bytes_among(&uncertain)?;
        let binary: Vec<String> = origins
            .iter()
            .filter(|(stored, at, _)| bytes.contains(&(*stored, *at)))
            .map(|(.., member)| member.name().to_string())
            .collect();
        let own = origins.iter().filter(|(stored, at, _)| !bytes.contains(&(*stored, *at)));
        self.names = own.clone().map(|(.., member)| member.name().to_string()).collect();
        self.origins = own.map(|(stored, at, _)| (*stored, *at)).collect();
        if self.names.is_empty() {
            let rule = "expected columns of numbers, truth values, texts or dates, there is none";
            return Err(self.content.fault(Reason::MissingColumn, rule));
        }
        if self.rows == 0 {
            return Err(self.content.fault(Reason::HeaderOnly, "expected rows, there is none"));
        }
        let lists = "lists, or objects of them; write the values to columns of their own";
        let notices = [left_out(&self.content, nested, lists)];
        let bytes = left_out(&self.content, &binary, "bytes; write them as texts or numbers");
        self.notices = notices.into_iter().chain([bytes]).flatten().collect();
        Ok(())
    }

    /// Those of some columns of bytes that have values which are no text and no number.
    fn bytes_among(&self, uncertain: &[(usize, usize)]) -> Result<BTreeSet<(usize, usize)>> {
        let mut bytes = BTreeSet::new();
        if uncertain.is_empty() {
            return Ok(bytes);
        }
        let stored: BTreeSet<usize> = uncertain.iter().map(|(stored, _)| *stored).collect();
        let mut batches = self.batches(BATCH_ROWS, &[]);
        while let Some((groups, slice)) = batches.next_slice() {
            let frame = self.decode(groups, slice, &stored)?;
            for (stored, column) in stored.iter().zip(&frame) {
                let members = members(column).map_err(|error| damaged(&self.content, &error.to_string()))?;
                for (at, member) in members.iter().enumerate() {
                    let decoded = parquet_column::decoded(member, self.stored[*stored].values);
                    if decoded.map_err(|error| damaged(&self.content, &error.to_string()))?.is_none() {
                        bytes.insert((*stored, at));
                    }
                }
            }
        }
        Ok(bytes)
    }

    /// Some rows of stored columns, each in one piece.
    fn decode(
        &self,
        groups: &[RowGroupMetadata],
        slice: (usize, usize),
        stored: &BTreeSet<usize>,
    ) -> Result<Vec<Column>> {
        if stored.is_empty() {
            return Ok(Vec::new());
        }
        let mut metadata = self.metadata.clone();
        metadata.row_groups = groups.to_vec();
        metadata.num_rows = groups.iter().fold(0, |rows, group| rows.saturating_add(group.num_rows()));
        let names: Vec<String> = stored.iter().map(|stored| self.stored[*stored].name.clone()).collect();
        let frame = guarded(|| frame(self.bytes.reader()?, metadata, slice, names));
        let frame = frame.map_err(|words| damaged(&self.content, &words))?;
        Ok(frame.map_err(|error| damaged(&self.content, &error.to_string()))?.columns().to_vec())
    }

    /// Some rows of the columns at `positions` as a table, before which the file has `first` rows.
    fn table(
        &self,
        groups: &[RowGroupMetadata],
        slice: (usize, usize),
        positions: &[usize],
        first: u64,
    ) -> Result<ParquetTable> {
        let stored: BTreeSet<usize> = positions.iter().map(|position| self.origins[*position].0).collect();
        let frame = self.decode(groups, slice, &stored)?;
        let table = || {
            let mut columns = Vec::with_capacity(positions.len());
            for position in positions {
                let (origin, at) = self.origins[*position];
                let column = &frame[stored.range(..origin).count()];
                let member = members(column)?.swap_remove(at);
                // Every batch was found to have such values.
                let decoded = parquet_column::decoded(&member, self.stored[origin].values)?;
                columns.push(decoded.unwrap_or(member));
            }
            ParquetTable::new(self.names.clone(), positions, DataFrame::new(slice.1, columns)?, first)
        };
        table().map_err(|error: PolarsError| damaged(&self.content, &error.to_string()))
    }
}

/// What the end of a file says of it.
struct ParquetSchema {
    metadata: FileMetadata,
    row_groups: Vec<RowGroupMetadata>,
    read: Vec<StoredColumn>,
    left_out: Vec<String>,
    repeated: Option<String>,
}

impl ParquetSchema {
    fn read(source: impl MmapBytesReader) -> PolarsResult<ParquetSchema> {
        let mut metadata = FileMetadata::clone(ParquetReader::new(source).get_metadata()?);
        let repeated = parquet_schema::repeated_name(&metadata).map(str::to_owned);
        if repeated.is_some() {
            let (row_groups, read, left_out) = Default::default();
            return Ok(ParquetSchema { metadata, row_groups, read, left_out, repeated });
        }
        let ReadableColumns { schema, read, left_out } = parquet_schema::readable(&metadata)?;
        // The reader decodes the columns as the types of this schema.
        metadata.key_value_metadata = Some(vec![schema_to_metadata_key(&schema)]);
        let row_groups = std::mem::take(&mut metadata.row_groups);
        let read = read.into_iter().map(|(name, values)| StoredColumn { name, values }).collect();
        Ok(ParquetSchema { metadata, row_groups, read, left_out, repeated })
    }
}

fn frame(
    source: impl MmapBytesReader,
    metadata: FileMetadata,
    slice: (usize, usize),
    names: Vec<String>,
) -> PolarsResult<DataFrame> {
    // Several row groups are read at once, or the columns of one.
    let strategy = if metadata.row_groups.len() > 1 { ParallelStrategy::RowGroups } else { ParallelStrategy::Columns };
    let mut reader = ParquetReader::new(source).read_parallel(strategy);
    reader.set_metadata(Arc::new(metadata));
    let mut frame = reader.with_columns(Some(names)).with_slice(Some(slice)).finish()?;
    frame.rechunk_mut();
    Ok(frame)
}

/// A column, or those of the members of its objects.
fn members(column: &Column) -> PolarsResult<Vec<Column>> {
    let DataType::Struct(_) = column.dtype() else {
        return Ok(vec![column.clone()]);
    };
    let mut all = Vec::new();
    for mut member in column.struct_()?.fields_as_columns() {
        member.rename(format!("{}.{}", column.name(), member.name()).into());
        all.extend(members(&member)?);
    }
    Ok(all)
}

fn damaged(content: &Content, detail: &str) -> Error {
    let detail = detail.lines().next().unwrap_or_default();
    content.fault(Reason::Unreadable, format!("expected a whole Parquet file: {detail}"))
}

fn left_out(content: &Content, columns: &[String], values: &str) -> Option<String> {
    let (are, whose) = match columns.len() {
        0 => return None,
        1 => ("column", "is not read, because its values are"),
        _ => ("columns", "are not read, because their values are"),
    };
    Some(format!("{}: {are} {} {whose} {values} if they are needed", content.name, columns.join(", ")))
}

/// The rows of a [`ParquetSource`], from the first on.
pub(super) struct ParquetBatches<'a> {
    source: &'a ParquetSource,
    positions: Vec<usize>,
    /// The next row: its row group, and its place there.
    group: usize,
    offset: usize,
    /// Number of rows before it.
    first: u64,
    rows_per_batch: usize,
}

impl<'a> ParquetBatches<'a> {
    /// Row groups, and the rows in them, of the next batch: a part of one group, or several whole ones.
    fn next_slice(&mut self) -> Option<(&'a [RowGroupMetadata], (usize, usize))> {
        let groups = &self.source.row_groups;
        while groups.get(self.group)?.num_rows() == self.offset {
            (self.group, self.offset) = (self.group + 1, 0);
        }
        let (start, offset) = (self.group, self.offset);
        let mut rows = (groups[start].num_rows() - offset).min(self.rows_per_batch);
        self.offset += rows;
        while self.offset == groups[self.group].num_rows() {
            (self.group, self.offset) = (self.group + 1, 0);
            match groups.get(self.group).map(|next| next.num_rows()) {
                Some(next) if rows.saturating_add(next) <= self.rows_per_batch => {
                    rows += next;
                    self.offset = next;
                }
                _ => break,
            }
        }
        let end = if self.offset == 0 { self.group } else { self.group + 1 };
        self.first = self.first.saturating_add(rows as u64);
        Some((&groups[start..end], (offset, rows)))
    }
}

impl RowBatches for ParquetBatches<'_> {
    fn next_batch(&mut self) -> Result<Option<TableBatch>> {
        let first = self.first;
        let Some((groups, slice)) = self.next_slice() else { return Ok(None) };
        let table = self.source.table(groups, slice, &self.positions, first)?;
        Ok(Some(TableBatch { data: TableData::Parquet(table), broken: Vec::new() }))
    }

    fn skip(&mut self, rows: u64) -> Result<u64> {
        let mut left = rows;
        while let Some(group) = self.source.row_groups.get(self.group) {
            let step = left.min((group.num_rows() - self.offset) as u64);
            self.offset += step as usize;
            left -= step;
            if left == 0 {
                break;
            }
            (self.group, self.offset) = (self.group + 1, 0);
        }
        self.first += rows - left;
        Ok(rows - left)
    }

    fn notices(&self) -> Vec<String> {
        self.source.notices.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::opened::{open, OpenedTable, TableOptions};
    use super::*;
    use hitflop_core::reader::{Cell, Table};

    fn written(mut frame: DataFrame) -> Vec<u8> {
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut frame).expect("written");
        bytes
    }

    fn opened(bytes: &[u8]) -> Result<OpenedTable> {
        open(&Content::of_reader(bytes, "x.parquet").expect("content"), &TableOptions::default())
    }

    fn table() -> DataFrame {
        df!(
            "energy" => [Some(0.5), None, Some(f64::NAN)],
            "short" => [0.1f32, 0.25, 1.0],
            "id" => [9_007_199_254_740_993i64, 2, 3],
            "explicit" => [Some(true), None, Some(false)],
            "title" => [Some("a"), Some(""), None]
        )
        .expect("a table")
    }

    #[test]
    fn numbers_truth_values_and_texts_are_read() {
        let data = opened(&written(table())).expect("a table").data;
        assert_eq!(data.columns(), ["energy", "short", "id", "explicit", "title"]);
        let row = |row: usize| (0..5).map(|column| data.cell(row, column)).collect::<Vec<_>>();
        use Cell::*;
        assert_eq!(
            row(0),
            [Number(0.5), Number(f64::from(0.1f32)), Number(9_007_199_254_740_992.0), Bool(true), Text("a")]
        );
        assert_eq!(row(1), [Missing, Number(0.25), Number(2.0), Missing, Text("")]);
        assert!(matches!(row(2)[0], Number(number) if number.is_nan()) && row(2)[4] == Missing);
        let texts: Vec<_> = (0..5).map(|column| data.text(0, column)).collect();
        assert_eq!(texts, ["0.5", "0.1", "9007199254740993", "true", "a"]);
    }

    #[test]
    fn whole_columns_are_the_cells_one_by_one() {
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/column_types.parquet");
        for bytes in [written(table()), std::fs::read(fixture).expect("a file")] {
            let data = opened(&bytes).expect("a table").data;
            for column in 0..data.columns().len() {
                for first in 0..data.rows() {
                    let mut numbers = vec![7.0; data.rows() - first];
                    let cells = (first..data.rows()).map(|row| data.cell(row, column));
                    if data.numbers(column, first, &mut numbers) {
                        let cells = cells.map(|cell| match cell {
                            Cell::Number(number) => number.to_bits(),
                            Cell::Missing => f64::NAN.to_bits(),
                            other => panic!("{other:?}"),
                        });
                        assert!(cells.eq(numbers.iter().map(|number| number.to_bits())), "{}", data.columns()[column]);
                    } else {
                        assert!(
                            !cells.clone().any(|cell| matches!(cell, Cell::Number(_))),
                            "{}",
                            data.columns()[column]
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn dates_are_texts_and_lists_are_named() {
        let days = Column::new("release_date".into(), [Some(6_708), None]);
        let seconds = Column::new("added_at".into(), [Some(579_571_200_000i64), Some(-86_400_000)]);
        let date = days.cast(&DataType::Date).expect("dates");
        let time = seconds.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).expect("times");
        let list = Series::new("genres".into(), [Series::new("".into(), ["a", "b"]), Series::new("".into(), ["c"])]);
        let energy = Column::new("energy".into(), [0.5, 0.25]);
        let frame = DataFrame::new(2, vec![energy, date, time, list.into_column()]).expect("a table");
        let opened = opened(&written(frame)).expect("a table");
        assert_eq!(opened.data.columns(), ["energy", "release_date", "added_at"]);
        let row = |row: usize| (1..3).map(|column| opened.data.cell(row, column)).collect::<Vec<_>>();
        assert_eq!(row(0), [Cell::Text("1988-05-14"), Cell::Text("1988-05-14")]);
        assert_eq!(row(1), [Cell::Missing, Cell::Text("1969-12-31")]);
        assert_eq!(opened.data.text(0, 1), "1988-05-14");
        let words = "x.parquet: column genres is not read, because its values are lists";
        assert!(opened.notices.len() == 1 && opened.notices[0].starts_with(words), "{:?}", opened.notices);
    }

    #[test]
    fn damaged_files_are_faults_of_the_input() {
        let bytes = written(table());
        for position in (0..bytes.len()).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[position] ^= 0xff;
            // Whatever is wrong with it, nothing panics; what is not noticed is in a value.
            if let Err(error) = opened(&damaged) {
                assert!(error.is_input(), "byte {position}: {error:?}");
            }
        }
        for length in [4, 8, 12, bytes.len() / 2, bytes.len() - 1] {
            let error = opened(&bytes[..length]).expect_err("half a file");
            assert!(error.to_string().starts_with("x.parquet: expected a whole Parquet file: "), "{error}");
        }
    }
}
