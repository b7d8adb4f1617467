//! Tables with columns appended, as CSV, NDJSON or Parquet.

use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Number, Value};

use super::column_type::{add_types, ColumnType};
use super::parquet_copy::{ParquetCopy, StoredColumns};
use super::parquet_writer::ParquetRows;
use super::table_data::TableData;
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::reader::{Cell, Table};

/// Formats of output files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableFormat {
    /// Fields separated by commas.
    #[default]
    Csv,
    /// Fields separated by tabs.
    Tsv,
    /// One JSON object a line.
    Ndjson,
    /// Parquet.
    Parquet,
}

impl TableFormat {
    /// The format that the ending of a file's name means; CSV if it means none.
    ///
    /// # Errors
    /// The ending is of another format.
    pub fn of_path(path: &Path) -> Result<TableFormat> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "tsv" | "tab" => Ok(TableFormat::Tsv),
            "ndjson" | "jsonl" => Ok(TableFormat::Ndjson),
            "parquet" | "pq" => Ok(TableFormat::Parquet),
            "json" | "gz" | "zst" | "zip" | "xlsx" | "xls" | "feather" | "arrow" => {
                let rule = "expected a name that ends in .csv, .tsv, .ndjson, .jsonl or .parquet";
                let fault = Fault::new(Place::file(path.display().to_string()), Reason::Setting, rule);
                Err(Error::input(fault.found(format!(".{ending}"))))
            }
            _ => Ok(TableFormat::Csv),
        }
    }

    /// The usual ending of names of files.
    pub fn ending(self) -> &'static str {
        match self {
            TableFormat::Csv => "csv",
            TableFormat::Tsv => "tsv",
            TableFormat::Ndjson => "ndjson",
            TableFormat::Parquet => "parquet",
        }
    }
}

/// A column that is appended.
#[derive(Clone, Debug, PartialEq)]
pub struct AppendedColumn {
    /// Its name.
    pub name: String,
    /// A value a row.
    pub values: AppendedValues,
}

/// Values of an appended column.
#[derive(Clone, Debug, PartialEq)]
pub enum AppendedValues {
    /// Whole numbers.
    Whole(Vec<i32>),
    /// Real numbers.
    Real(Vec<f64>),
}

/// The columns of an output: those of tables one below the other. A column of one name is one column, and is empty where a table lacks
/// it.
#[derive(Clone, Debug)]
pub struct OutputLayout {
    pub(super) names: Vec<String>,
    /// The position in each table of each column, if the table has it.
    positions: Vec<Vec<Option<usize>>>,
    /// The type of each column, in formats that have types.
    pub(super) types: Vec<ColumnType>,
    /// Whether the columns keep the types that they have in the only table.
    pub(super) keeps_types: bool,
    /// The columns of the only table as they are stored, if they are written so.
    stored: Option<Arc<StoredColumns>>,
}

impl OutputLayout {
    /// The layout of tables with these columns. Types are all texts before [`OutputLayout::add_types`].
    pub(crate) fn of<'a>(tables: impl Iterator<Item = &'a [String]>) -> OutputLayout {
        let mut names: Vec<String> = Vec::new();
        let mut columns: Vec<Vec<usize>> = Vec::new();
        for table in tables {
            let mut own = Vec::new();
            for name in table {
                let known = names.iter().enumerate().find(|(at, known)| *known == name && !own.contains(at));
                own.push(known.map_or(names.len(), |(at, _)| at));
                if own.last() == Some(&names.len()) {
                    names.push(name.clone());
                }
            }
            columns.push(own);
        }
        let place = |own: Vec<usize>| (0..names.len()).map(|at| own.iter().position(|it| *it == at)).collect();
        let positions = columns.into_iter().map(place).collect();
        OutputLayout { types: vec![ColumnType::Text; names.len()], names, positions, keeps_types: false, stored: None }
    }

    /// The same layout, in which the columns keep the types of the only table, which is Parquet.
    pub(crate) fn keeping_types(self) -> OutputLayout {
        OutputLayout { keeps_types: true, ..self }
    }

    /// The same layout, in which the columns of the only table are written as they are stored, if they can be.
    pub(crate) fn copying(self, stored: Option<StoredColumns>) -> OutputLayout {
        OutputLayout { stored: stored.map(Arc::new), ..self }
    }

    /// Whether the columns of the only table are written as they are stored, so that [`OutputRows`] need not have their values.
    pub fn copies_columns(&self) -> bool {
        self.stored.is_some()
    }

    /// The same layout with the types of the columns of each table.
    pub(crate) fn with_types(mut self, tables: &[Vec<Option<ColumnType>>]) -> OutputLayout {
        for (column, of) in self.types.iter_mut().enumerate() {
            let own = self.positions.iter().zip(tables).map(|(positions, types)| types[positions[column]?]);
            *of = own.fold(None, ColumnType::joined).unwrap_or(ColumnType::Text);
        }
        self
    }
}

/// Rows of one of the tables of an output.
#[derive(Clone, Debug)]
pub struct OutputRows<'a> {
    /// Index of the table in the layout.
    pub index: usize,
    /// The table, or a batch of it.
    pub table: &'a TableData,
    /// The rows to write.
    pub rows: Range<usize>,
    /// Columns to append.
    pub appended: &'a [AppendedColumn],
    /// The index among their values of the table's first row.
    pub first: usize,
}

/// Writes rows, some at a time.
pub struct TableWriter<'a, W: Write> {
    layout: &'a OutputLayout,
    rows: RowWriter<W>,
}

enum RowWriter<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Ndjson(W),
    Parquet(Box<ParquetRows<W>>),
    Copy(Box<ParquetCopy<W>>),
}

impl<'a, W: Write> TableWriter<'a, W> {
    /// Begins a file of these rows of the output with `appended` columns. Where they end need only be known of Parquet.
    ///
    /// # Errors
    /// The target refuses.
    pub fn new(
        layout: &'a OutputLayout,
        appended: &[&str],
        format: TableFormat,
        target: W,
        rows: Range<u64>,
    ) -> std::io::Result<TableWriter<'a, W>> {
        let rows = match format {
            TableFormat::Csv | TableFormat::Tsv => {
                let separator = if format == TableFormat::Tsv { b'\t' } else { b',' };
                let mut writer =
                    csv::WriterBuilder::new().delimiter(separator).buffer_capacity(1 << 17).from_writer(target);
                for name in layout.names.iter().map(String::as_str).chain(appended.iter().copied()) {
                    writer.write_field(name)?;
                }
                writer.write_record(None::<&[u8]>)?;
                RowWriter::Csv(Box::new(writer))
            }
            TableFormat::Ndjson => RowWriter::Ndjson(target),
            TableFormat::Parquet => match &layout.stored {
                Some(stored) => RowWriter::Copy(Box::new(ParquetCopy::begin(stored.clone(), target, rows.start)?)),
                None => RowWriter::Parquet(Box::new(ParquetRows::new(target, rows.end - rows.start))),
            },
        };
        Ok(TableWriter { layout, rows })
    }

    /// Writes rows with all columns of the layout, and the appended ones.
    ///
    /// # Errors
    /// The target refuses, or Polars cannot make the file.
    pub fn write(&mut self, rows: &OutputRows) -> std::io::Result<()> {
        let columns = &self.layout.positions[rows.index];
        match &mut self.rows {
            RowWriter::Csv(writer) => csv(rows, columns, writer),
            RowWriter::Ndjson(target) => ndjson(rows, columns, self.layout, target),
            RowWriter::Parquet(writer) => writer.write(rows, columns, self.layout),
            RowWriter::Copy(writer) => writer.write(rows),
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// As [`TableWriter::write`].
    pub fn finish(self) -> std::io::Result<()> {
        match self.rows {
            RowWriter::Csv(mut writer) => writer.flush(),
            RowWriter::Ndjson(mut target) => target.flush(),
            RowWriter::Parquet(writer) => writer.finish(),
            RowWriter::Copy(writer) => writer.finish(),
        }
    }
}

/// Writes `tables` one below the other, with all their columns, and `appended`, which have a value a row of all tables.
///
/// # Errors
/// As [`TableWriter::write`].
pub fn write(
    tables: &[&TableData],
    appended: &[AppendedColumn],
    format: TableFormat,
    target: &mut dyn Write,
) -> std::io::Result<()> {
    let layout = OutputLayout::of(tables.iter().map(|table| table.columns()));
    let layout = match (format, tables) {
        (TableFormat::Csv | TableFormat::Tsv, _) => layout,
        (TableFormat::Parquet, [TableData::Parquet(_)]) => layout.keeping_types(),
        _ => {
            let types = |table: &&TableData| {
                let mut types = Vec::new();
                add_types(&mut types, *table, matches!(table, TableData::Delimited(_)), table.columns().len());
                types
            };
            layout.with_types(&tables.iter().map(types).collect::<Vec<_>>())
        }
    };
    let names: Vec<&str> = appended.iter().map(|column| column.name.as_str()).collect();
    let rows = tables.iter().map(|table| table.rows() as u64).sum();
    let mut writer = TableWriter::new(&layout, &names, format, target, 0..rows)?;
    let mut first = 0;
    for (index, table) in tables.iter().enumerate() {
        writer.write(&OutputRows { index, table, rows: 0..table.rows(), appended, first })?;
        first += table.rows();
    }
    writer.finish()
}

fn csv(rows: &OutputRows, columns: &[Option<usize>], writer: &mut csv::Writer<impl Write>) -> std::io::Result<()> {
    let mut number = Vec::with_capacity(32);
    for row in rows.rows.clone() {
        for column in columns {
            match (column, rows.table) {
                (Some(column), TableData::Delimited(table)) => writer.write_field(table.field(row, *column))?,
                (Some(column), table) => writer.write_field(table.text(row, *column).as_bytes())?,
                (None, _) => writer.write_field("")?,
            }
        }
        for column in rows.appended {
            number.clear();
            match &column.values {
                AppendedValues::Whole(values) => write!(number, "{}", values[rows.first + row])?,
                // As in JSON, so that a probability has the same digits in every format.
                AppendedValues::Real(values) => serde_json::to_writer(&mut number, &values[rows.first + row])?,
            }
            writer.write_field(&number)?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(())
}

fn ndjson(
    rows: &OutputRows,
    columns: &[Option<usize>],
    layout: &OutputLayout,
    target: &mut impl Write,
) -> std::io::Result<()> {
    for row in rows.rows.clone() {
        let mut members = Map::new();
        for ((name, column), of) in layout.names.iter().zip(columns).zip(&layout.types) {
            if let Some(column) = column {
                members.insert(name.clone(), json_value(rows.table, row, *column, *of));
            }
        }
        for column in rows.appended {
            let value = match &column.values {
                AppendedValues::Whole(values) => values[rows.first + row].into(),
                AppendedValues::Real(values) => values[rows.first + row].into(),
            };
            members.insert(column.name.clone(), value);
        }
        serde_json::to_writer(&mut *target, &members)?;
        target.write_all(b"\n")?;
    }
    Ok(())
}

fn json_value(table: &TableData, row: usize, column: usize, of: ColumnType) -> Value {
    let number = |number: f64| Number::from_f64(number).map_or(Value::Null, Value::Number);
    match table.cell(row, column) {
        Cell::Missing => Value::Null,
        Cell::Bool(value) => value.into(),
        Cell::Number(_) if of == ColumnType::Whole => {
            table.text(row, column).parse::<i64>().map_or(Value::Null, Value::from)
        }
        Cell::Number(value) => number(value),
        Cell::Nested => serde_json::from_str(&table.text(row, column)).unwrap_or(Value::Null),
        Cell::Text("") if matches!(table, TableData::Delimited(_)) && of != ColumnType::Text => Value::Null,
        Cell::Text(text) if matches!(table, TableData::Delimited(_)) && of != ColumnType::Text => {
            let whole = text.parse::<i64>().map(Value::from);
            whole.unwrap_or_else(|_| text.parse().map_or(Value::Null, number))
        }
        Cell::Text(text) => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::content::Content;
    use super::super::opened::{open, TableOptions};
    use super::*;

    fn table(text: &[u8]) -> TableData {
        let content = Content::of_reader(text, "x").expect("content");
        open(&content, &TableOptions::default()).unwrap_or_else(|error| panic!("{error}")).data
    }

    fn written(tables: &[&TableData], format: TableFormat) -> Vec<u8> {
        let rows: usize = tables.iter().map(|table| table.rows()).sum();
        let appended = [
            AppendedColumn { name: "label".to_owned(), values: AppendedValues::Whole(vec![1; rows]) },
            AppendedColumn { name: "probability".to_owned(), values: AppendedValues::Real(vec![0.75; rows]) },
        ];
        let mut bytes = Vec::new();
        write(tables, &appended, format, &mut bytes).expect("written");
        bytes
    }

    fn text(tables: &[&TableData], format: TableFormat) -> String {
        String::from_utf8(written(tables, format)).expect("UTF-8")
    }

    #[test]
    fn fields_are_kept_as_they_are() {
        let csv = table(b"title,id, energy\n\"a, \"\"b\"\"\",007,0.50\n,2,1e-3\n");
        let expected = "title,id, energy,label,probability\n\"a, \"\"b\"\"\",007,0.50,1,0.75\n,2,1e-3,1,0.75\n";
        assert_eq!(text(&[&csv], TableFormat::Csv), expected);
        assert_eq!(text(&[&csv], TableFormat::Tsv).lines().nth(2), Some("\t2\t1e-3\t1\t0.75"));
        let lines = text(&[&csv], TableFormat::Ndjson);
        assert_eq!(
            lines.lines().next(),
            Some(r#"{"title":"a, \"b\"","id":"007"," energy":0.5,"label":1,"probability":0.75}"#)
        );
        let json = table(br#"[{"id": 5, "artists": ["x"], "energy": 0.5, "live": true}, {"id": null}]"#);
        assert_eq!(
            text(&[&json], TableFormat::Ndjson).lines().next(),
            Some(r#"{"id":5,"artists":["x"],"energy":0.5,"live":true,"label":1,"probability":0.75}"#)
        );
        assert_eq!(text(&[&json], TableFormat::Csv).lines().nth(1), Some(r#"5,"[""x""]",0.5,true,1,0.75"#));
    }

    #[test]
    fn tables_of_other_columns_are_stacked_by_name() {
        let (first, second) = (table(b"a,b\n1,2\n"), table(br#"[{"b": 3, "c": "x"}]"#));
        assert_eq!(text(&[&first, &second], TableFormat::Csv), "a,b,c,label,probability\n1,2,,1,0.75\n,3,x,1,0.75\n");
        let twice = table(b"a,,a,\n1,2,3,4\n");
        assert_eq!(text(&[&twice], TableFormat::Csv), "a,,a,,label,probability\n1,2,3,4,1,0.75\n");
    }

    #[test]
    fn parquet_has_a_type_a_column() {
        let csv = table(b"title,id,energy\na,1,0.5\nb,,2\n");
        let parquet = table(&written(&[&csv], TableFormat::Parquet));
        let row = |row: usize| (0..5).map(|column| parquet.cell(row, column)).collect::<Vec<_>>();
        use Cell::*;
        assert_eq!(row(0), [Text("a"), Number(1.0), Number(0.5), Number(1.0), Number(0.75)]);
        assert_eq!(row(1), [Text("b"), Missing, Number(2.0), Number(1.0), Number(0.75)]);
    }

    #[test]
    fn the_ending_means_the_format() {
        let of = |name: &str| TableFormat::of_path(Path::new(name)).map_err(|error| error.to_string());
        assert_eq!(of("a.CSV"), Ok(TableFormat::Csv));
        assert_eq!(of("a"), Ok(TableFormat::Csv));
        assert_eq!(of("a.jsonl"), Ok(TableFormat::Ndjson));
        assert_eq!(of("a.parquet"), Ok(TableFormat::Parquet));
        assert!(of("a.csv.gz").expect_err("refused").contains("found \".gz\""));
    }
}
