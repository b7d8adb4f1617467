//! Parquet files.

use std::borrow::Cow;
use std::fs::File;
use std::io::Cursor;
use std::sync::Arc;

use polars::io::mmap::MmapBytesReader;
use polars::io::parquet::read::FileMetadata;
use polars::prelude::*;
use polars_parquet::write::schema_to_metadata_key;

use super::content::Content;
use super::opened::OpenedTable;
use super::parquet_column::{self, ParquetColumn};
use super::parquet_schema::{self, ReadableColumns};
use super::table_data::TableData;
use crate::engine::guarded;
use hitflop_core::error::{Error, Reason, Result};
use hitflop_core::reader::{Cell, Table};

/// A table whose columns have types.
#[derive(Clone, Debug)]
pub struct ParquetTable {
    names: Vec<String>,
    columns: Vec<ParquetColumn>,
    frame: DataFrame,
}

impl Table for ParquetTable {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn rows(&self) -> usize {
        self.frame.height()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match &self.columns[column] {
            ParquetColumn::Real(values) => values.get(row).map_or(Cell::Missing, Cell::Number),
            ParquetColumn::Short(values) => values.get(row).map_or(Cell::Missing, |value| Cell::Number(value.into())),
            ParquetColumn::Whole(values) => values.get(row).map_or(Cell::Missing, |value| Cell::Number(value as f64)),
            ParquetColumn::Unsigned(values) => {
                values.get(row).map_or(Cell::Missing, |value| Cell::Number(value as f64))
            }
            ParquetColumn::Bool(values) => values.get(row).map_or(Cell::Missing, Cell::Bool),
            ParquetColumn::Text(values) => values.get(row).map_or(Cell::Missing, Cell::Text),
            ParquetColumn::Nothing => Cell::Missing,
        }
    }
}

impl ParquetTable {
    /// The table as Polars has it.
    pub(super) fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// A value as text, empty if it is missing.
    pub(super) fn text(&self, row: usize, column: usize) -> Cow<'_, str> {
        fn owned<T: ToString>(value: Option<T>) -> Cow<'static, str> {
            Cow::Owned(value.map(|value| value.to_string()).unwrap_or_default())
        }
        match &self.columns[column] {
            ParquetColumn::Real(values) => owned(values.get(row)),
            ParquetColumn::Short(values) => owned(values.get(row)),
            ParquetColumn::Whole(values) => owned(values.get(row)),
            ParquetColumn::Unsigned(values) => owned(values.get(row)),
            ParquetColumn::Bool(values) => owned(values.get(row)),
            ParquetColumn::Text(values) => Cow::Borrowed(values.get(row).unwrap_or_default()),
            ParquetColumn::Nothing => Cow::Borrowed(""),
        }
    }
}

/// Reads the columns of numbers, truth values, texts, dates and times; the latter two as texts, `1988-05-14`. Members of objects
/// become columns, named by their path.
///
/// # Errors
/// The file is damaged, has two columns of one name, or has no row or no such column.
pub(super) fn read(content: &Content) -> Result<OpenedTable> {
    let damaged = |detail: String| {
        let detail = detail.lines().next().unwrap_or_default().to_owned();
        content.fault(Reason::Unreadable, format!("expected a whole Parquet file: {detail}"))
    };
    let read = || match content.plain_path() {
        Some(path) => frame(File::open(path).map_err(PolarsError::from)?, content),
        None => match content.all() {
            Ok(bytes) => frame(Cursor::new(bytes), content),
            Err(error) => Ok(Err(error)),
        },
    };
    // A damaged file may make the library panic.
    let read = guarded(read).map_err(&damaged)?.map_err(|error| damaged(error.to_string()))??;
    if read.frame.width() == 0 {
        let rule = "expected columns of numbers, truth values, texts or dates, there is none";
        return Err(content.fault(Reason::MissingColumn, rule));
    }
    if read.frame.height() == 0 {
        return Err(content.fault(Reason::HeaderOnly, "expected rows, there is none"));
    }
    let mut notices = Vec::new();
    notices.extend(left_out(
        content,
        &read.nested,
        "lists, or objects of them; write the values to columns of their own",
    ));
    notices.extend(left_out(content, &read.binary, "bytes; write them as texts or numbers"));
    let frame = read.frame;
    let columns = frame.columns().iter().map(parquet_column::typed).collect::<PolarsResult<_>>();
    let columns = columns.map_err(|error| Error::Engine(Box::new(error)))?;
    let names = frame.columns().iter().map(|column| column.name().to_string()).collect();
    let data = TableData::Parquet(ParquetTable { names, columns, frame });
    Ok(OpenedTable { name: content.name.clone(), data, broken: Vec::new(), decimal_comma: false, notices })
}

fn left_out(content: &Content, columns: &[String], values: &str) -> Option<String> {
    let (are, whose) = match columns.len() {
        0 => return None,
        1 => ("column", "is not read, because its values are"),
        _ => ("columns", "are not read, because their values are"),
    };
    Some(format!("{}: {are} {} {whose} {values} if they are needed", content.name, columns.join(", ")))
}

/// The columns of a file that can be read, each in one piece, and the names of the others.
struct ReadFrame {
    frame: DataFrame,
    nested: Vec<String>,
    binary: Vec<String>,
}

fn frame(source: impl MmapBytesReader, content: &Content) -> PolarsResult<Result<ReadFrame>> {
    let mut reader = ParquetReader::new(source);
    let mut metadata = FileMetadata::clone(reader.get_metadata()?);
    if let Some(name) = parquet_schema::repeated_name(&metadata) {
        let rule = format!("expected columns of different names, found {name:?} twice; rename one of them");
        return Ok(Err(content.fault(Reason::DuplicateColumn, rule)));
    }
    let ReadableColumns { schema, read, left_out } = parquet_schema::readable(&metadata)?;
    // The reader decodes the columns as the types of this schema.
    metadata.key_value_metadata = Some(vec![schema_to_metadata_key(&schema)]);
    reader.set_metadata(Arc::new(metadata));
    let mut found = ReadFrame { frame: DataFrame::empty(), nested: left_out, binary: Vec::new() };
    if read.is_empty() {
        return Ok(Ok(found));
    }
    let names = read.iter().map(|(name, _)| name.clone()).collect();
    let mut frame = reader.with_columns(Some(names)).finish()?;
    frame.rechunk_mut();
    let mut columns = Vec::with_capacity(frame.width());
    for (column, (_, values)) in frame.columns().iter().zip(&read) {
        for member in members(column)? {
            match parquet_column::decoded(&member, *values)? {
                Some(column) => columns.push(column),
                None => found.binary.push(member.name().to_string()),
            }
        }
    }
    found.frame = DataFrame::new(frame.height(), columns)?;
    Ok(Ok(found))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(mut frame: DataFrame) -> Vec<u8> {
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut frame).expect("written");
        bytes
    }

    fn opened(bytes: &[u8]) -> Result<OpenedTable> {
        read(&Content::of_reader(bytes, "x.parquet").expect("content"))
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
