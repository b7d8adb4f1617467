//! The columns of a Parquet file as they are stored, neither decoded nor encoded, with other columns appended.

use std::io::{self, Write};
use std::sync::Arc;

use polars::prelude::*;
use polars_parquet_format::{FieldRepetitionType, FileMetaData, RowGroup, SchemaElement};

use super::parquet_bytes::ParquetBytes;
use super::parquet_footer::{self as footer, MAGIC};
use super::parquet_writer::appended;
use super::write::OutputRows;
use crate::engine::guarded;

/// Maximum number of rows of a row group, whose appended values are in memory.
const MAX_GROUP_ROWS: i64 = 1 << 22;
/// Maximum number of columns of all row groups together, whose descriptions are in memory.
const MAX_CHUNKS: usize = 1 << 17;

/// Columns of a file that can be copied as they are stored.
#[derive(Debug)]
pub(crate) struct StoredColumns {
    bytes: ParquetBytes,
    /// No rows of the columns, with their types.
    types: DataFrame,
    /// Whether values of each column can be missing.
    repetitions: Vec<Option<FieldRepetitionType>>,
    /// Row groups that have rows, with these columns alone.
    row_groups: Vec<RowGroup>,
    /// Whether the order of the values in statistics is that of their types.
    has_order: bool,
}

impl StoredColumns {
    /// The columns with the names and types of `types`, which has no rows. None if one of them is stored in another way than it would
    /// be written, if a row group is too large, if there are too many, or if one has rows for two files of `rows_per_file` rows.
    pub(super) fn of(bytes: &ParquetBytes, types: &DataFrame, rows_per_file: Option<u64>) -> Option<StoredColumns> {
        // What is wrong with the file is said where it is decoded.
        let size = bytes.len().ok()?;
        let stored = guarded(|| footer::of(bytes)).ok()?.ok()?;
        let written = footer::of(&ParquetBytes::Memory(written(types).ok()?.into())).ok()?;
        let written = written.schema.get(1..)?;
        if stored.row_groups.len() * written.len() > MAX_CHUNKS {
            return None;
        }
        let repetitions = repetitions(&stored.schema, written)?;
        let groups = stored.row_groups.into_iter().filter(|group| group.num_rows > 0);
        let row_groups = groups.map(|group| kept(group, written, size)).collect::<Option<Vec<RowGroup>>>()?;
        // A damaged footer may name the same bytes many times.
        let places = row_groups.iter().flat_map(|group| &group.columns).filter_map(footer::place);
        if places.map(|(_, length)| length).sum::<u64>() > size {
            return None;
        }
        let ends_with_file = |rows: u64| {
            let mut first = 0;
            row_groups.iter().all(|group| {
                let end = first + group.num_rows as u64;
                let is_in_one = first / rows == (end - 1) / rows;
                first = end;
                is_in_one
            })
        };
        if !rows_per_file.is_none_or(ends_with_file) {
            return None;
        }
        let has_order = stored.column_orders.is_some();
        Some(StoredColumns { bytes: bytes.clone(), types: types.clone(), repetitions, row_groups, has_order })
    }

    /// Index of the row group that begins after so many rows.
    fn group_after(&self, rows: u64) -> usize {
        let mut first = 0;
        let begins = |group: &&RowGroup| {
            let is_before = first < rows;
            first += group.num_rows as u64;
            is_before
        };
        self.row_groups.iter().take_while(begins).count()
    }
}

/// The repetition of each of the `written` columns as they are stored; none if one of them is stored otherwise.
fn repetitions(stored: &[SchemaElement], written: &[SchemaElement]) -> Option<Vec<Option<FieldRepetitionType>>> {
    let columns = footer::columns(stored);
    let repetition = |written: &SchemaElement| {
        let stored = columns.iter().find(|stored| stored.name == written.name)?;
        let as_written = SchemaElement {
            repetition_type: written.repetition_type,
            field_id: written.field_id,
            num_children: stored.num_children.filter(|children| *children > 0),
            ..(*stored).clone()
        };
        let is_flat = stored.repetition_type != Some(FieldRepetitionType::REPEATED);
        (is_flat && as_written == *written).then_some(stored.repetition_type)
    };
    written.iter().map(repetition).collect()
}

/// A row group of a file of `size` bytes with the `written` columns alone; none if it cannot be copied.
fn kept(group: RowGroup, written: &[SchemaElement], size: u64) -> Option<RowGroup> {
    let mut columns = Vec::with_capacity(written.len());
    for column in written {
        let is_column = |path: &[String]| matches!(path, [name] if *name == column.name);
        let of = |chunk: &&footer::Chunk| chunk.meta_data.as_ref().is_some_and(|data| is_column(&data.path_in_schema));
        let chunk = group.columns.iter().find(of)?;
        let (start, length) = footer::place(chunk)?;
        let is_whole = chunk.meta_data.as_ref()?.num_values == group.num_rows && chunk.file_path.is_none();
        if !is_whole || start.checked_add(length)? > size {
            return None;
        }
        columns.push(chunk.clone());
    }
    // The order is by index of columns.
    let sorting_columns = if columns.len() == group.columns.len() { group.sorting_columns } else { None };
    (group.num_rows <= MAX_GROUP_ROWS).then_some(RowGroup { columns, sorting_columns, ..group })
}

/// A file of one row group.
fn written(rows: &DataFrame) -> PolarsResult<Vec<u8>> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).with_row_group_size(Some(rows.height().max(1))).finish(&mut rows.clone())?;
    Ok(bytes)
}

/// Writes stored columns with columns appended, a row group at a time.
pub(super) struct ParquetCopy<W: Write> {
    stored: Arc<StoredColumns>,
    target: W,
    /// Number of bytes that are written.
    position: u64,
    /// Index of the next row group of the stored columns.
    next: usize,
    /// Appended values from its first row on.
    pending: DataFrame,
    row_groups: Vec<RowGroup>,
}

impl<W: Write> ParquetCopy<W> {
    /// Begins a file with the row after the first `first` ones.
    ///
    /// # Errors
    /// The target refuses.
    pub fn begin(stored: Arc<StoredColumns>, mut target: W, first: u64) -> io::Result<ParquetCopy<W>> {
        target.write_all(MAGIC)?;
        let next = stored.group_after(first);
        let (position, pending) = (MAGIC.len() as u64, DataFrame::empty());
        Ok(ParquetCopy { stored, target, position, next, pending, row_groups: Vec::new() })
    }

    /// Writes the next rows, of which the appended values are taken.
    ///
    /// # Errors
    /// The file of the stored columns cannot be read, or the target refuses.
    pub fn write(&mut self, rows: &OutputRows) -> io::Result<()> {
        let frame = DataFrame::new(rows.rows.len(), appended(rows).collect()).map_err(io::Error::other)?;
        match self.pending.width() {
            0 => self.pending = frame,
            _ => drop(self.pending.vstack_mut(&frame).map_err(io::Error::other)?),
        }
        while let Some(group) = self.stored.clone().row_groups.get(self.next) {
            let rows = group.num_rows as usize;
            if self.pending.height() < rows {
                break;
            }
            self.write_group(group, self.pending.slice(0, rows))?;
            self.pending = self.pending.slice(rows as i64, usize::MAX);
            self.next += 1;
        }
        Ok(())
    }

    fn write_group(&mut self, group: &RowGroup, mut appended: DataFrame) -> io::Result<()> {
        appended.rechunk_mut();
        let own = ParquetBytes::Memory(written(&appended).map_err(io::Error::other)?.into());
        let footer = footer::of(&own)?;
        let own_columns = footer.row_groups.iter().flat_map(|own| &own.columns).map(|chunk| (&own, chunk));
        let stored = self.stored.clone();
        let start = self.position;
        let mut columns = Vec::with_capacity(group.columns.len() + appended.width());
        for (bytes, chunk) in group.columns.iter().map(|chunk| (&stored.bytes, chunk)).chain(own_columns) {
            columns.push(footer::copy(bytes, chunk, &mut self.target, &mut self.position)?);
        }
        let sizes = columns.iter().filter_map(|chunk| chunk.meta_data.as_ref());
        self.row_groups.push(RowGroup {
            total_byte_size: sizes.map(|data| data.total_uncompressed_size).sum(),
            total_compressed_size: Some((self.position - start) as i64),
            file_offset: Some(start as i64),
            ordinal: self.row_groups.len().try_into().ok(),
            columns,
            ..group.clone()
        });
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The target refuses.
    pub fn finish(mut self) -> io::Result<()> {
        let StoredColumns { types, repetitions, has_order, .. } = self.stored.as_ref();
        let types = types.hstack(self.pending.clear().columns()).map_err(io::Error::other)?;
        let mut footer: FileMetaData =
            footer::of(&ParquetBytes::Memory(written(&types).map_err(io::Error::other)?.into()))?;
        for (column, repetition) in footer.schema[1..].iter_mut().zip(repetitions) {
            column.repetition_type = *repetition;
        }
        footer.num_rows = self.row_groups.iter().map(|group| group.num_rows).sum();
        footer.row_groups = self.row_groups;
        footer.column_orders = footer.column_orders.filter(|_| *has_order);
        footer::write(&footer, &mut self.target)?;
        self.target.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::content::Content;
    use super::super::opened::{open, TableOptions};
    use super::super::parquet_source::ParquetSource;
    use super::super::table_data::TableData;
    use super::super::write::{AppendedColumn, AppendedValues};
    use super::*;

    const ROWS: usize = 100;

    fn frame() -> DataFrame {
        let numbers: Vec<i64> = (0..ROWS as i64).collect();
        let frame = df!(
            "id" => &numbers,
            "energy" => numbers.iter().map(|it| (it % 7 > 0).then_some(*it as f64 / 3.0)).collect::<Vec<_>>(),
            "short" => numbers.iter().map(|it| *it as f32 / 7.0).collect::<Vec<_>>(),
            "live" => numbers.iter().map(|it| (it % 5 > 0).then_some(it % 2 == 0)).collect::<Vec<_>>(),
            "title" => numbers.iter().map(|it| (it % 3 > 0).then(|| format!("Titre é {}", it % 9))).collect::<Vec<_>>(),
            "day" => numbers.iter().map(|it| *it as i32).collect::<Vec<_>>()
        );
        let mut frame = frame.expect("a table");
        frame.try_apply("day", |days| days.cast(&DataType::Date)).expect("dates");
        frame
    }

    fn grouped(mut frame: DataFrame, rows: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).with_row_group_size(Some(rows)).finish(&mut frame).expect("written");
        bytes
    }

    fn source(bytes: &[u8]) -> ParquetSource {
        ParquetSource::open(&Content::of_reader(bytes, "x.parquet").expect("content")).expect("a table")
    }

    fn read(bytes: &[u8]) -> DataFrame {
        ParquetReader::new(io::Cursor::new(bytes)).finish().expect("a whole file")
    }

    /// As many rows without a value of the copied columns.
    fn another() -> TableData {
        let text = "other\n".repeat(ROWS + 1);
        let content = Content::of_reader(text.as_bytes(), "x.csv").expect("content");
        open(&content, &TableOptions::default()).expect("a table").data
    }

    /// Writes rows with appended columns, some at a time.
    fn copied(stored: &Arc<StoredColumns>, table: &TableData, rows: std::ops::Range<usize>, at_once: usize) -> Vec<u8> {
        let appended = [
            AppendedColumn { name: "label".to_owned(), values: AppendedValues::Whole((0..ROWS as i32).collect()) },
            AppendedColumn { name: "probability".to_owned(), values: AppendedValues::Real(vec![0.25; ROWS]) },
        ];
        let mut bytes = Vec::new();
        let mut writer = ParquetCopy::begin(stored.clone(), &mut bytes, rows.start as u64).expect("begun");
        for start in rows.clone().step_by(at_once) {
            let rows = start..rows.end.min(start + at_once);
            writer.write(&OutputRows { index: 0, table, rows, appended: &appended, first: 0 }).expect("written");
        }
        writer.finish().expect("written");
        bytes
    }

    fn with_appended(frame: &DataFrame) -> DataFrame {
        let label = Column::new("label".into(), (0..ROWS as i32).collect::<Vec<_>>());
        frame.hstack(&[label, Column::new("probability".into(), vec![0.25; ROWS])]).expect("one table")
    }

    #[test]
    fn columns_are_copied_and_others_appended() {
        let frame = frame();
        for size in [1, 33, 50, ROWS] {
            let bytes = grouped(frame.clone(), size);
            let source = source(&bytes);
            let stored = Arc::new(source.stored_columns(None).expect("readable").expect("columns"));
            let table = another();
            let whole = copied(&stored, &table, 0..ROWS, ROWS);
            assert!(read(&whole).equals_missing(&with_appended(&frame)), "{size}");
            for at_once in [1, 40] {
                assert!(copied(&stored, &table, 0..ROWS, at_once) == whole, "{at_once} at once");
            }
            let own = ParquetBytes::Memory(bytes.into());
            let whole = ParquetBytes::Memory(whole.into());
            let [before, after] = [&own, &whole].map(|bytes| footer::of(bytes).expect("a footer"));
            assert_eq!(before.num_rows, after.num_rows);
            for (before, after) in before.row_groups.iter().zip(&after.row_groups) {
                assert_eq!(before.num_rows, after.num_rows);
                for (one, other) in before.columns.iter().zip(&after.columns) {
                    let pages = |bytes: &ParquetBytes, chunk| {
                        let ((start, length), mut pages) = (footer::place(chunk).expect("a place"), Vec::new());
                        bytes.copy(start, length, &mut pages).expect("readable");
                        pages
                    };
                    assert!(pages(&own, one) == pages(&whole, other));
                    let statistics =
                        |chunk: &footer::Chunk| chunk.meta_data.as_ref().and_then(|it| it.statistics.clone());
                    assert_eq!(statistics(one), statistics(other));
                }
            }
        }
    }

    #[test]
    fn files_of_whole_row_groups_are_copied() {
        let frame = frame();
        let bytes = grouped(frame.clone(), 25);
        let source = source(&bytes);
        let of = |rows_per_file| source.stored_columns(Some(rows_per_file)).expect("readable");
        for rows in [1, 24, 26, 30, 60, 99] {
            assert!(of(rows).is_none(), "{rows}");
        }
        let table = another();
        for rows in [25, 50, 75, 100, 1000] {
            let stored = Arc::new(of(rows).expect("columns"));
            let rows = rows as usize;
            for first in (0..ROWS).step_by(rows) {
                let part = read(&copied(&stored, &table, first..ROWS.min(first + rows), 9));
                assert!(part.equals_missing(&with_appended(&frame).slice(first as i64, rows)), "{rows} from {first}");
            }
        }
    }

    #[test]
    fn columns_that_are_written_otherwise_are_not_copied() {
        let bytes = Column::new("text".into(), [b"a".as_slice(), b"b"]);
        let energy = Column::new("energy".into(), [0.5, 0.25]);
        let frame = DataFrame::new(2, vec![energy.clone(), bytes]).expect("a table");
        assert!(source(&grouped(frame, 2)).stored_columns(None).expect("readable").is_none());
        let object = StructChunked::from_series("audio".into(), 2, [energy.as_materialized_series()].into_iter());
        let object = object.expect("objects").into_column();
        let frame = DataFrame::new(2, vec![object, energy]).expect("a table");
        assert!(source(&grouped(frame, 2)).stored_columns(None).expect("readable").is_none());
    }
}
