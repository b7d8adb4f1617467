//! Tables with columns appended, as CSV, NDJSON or Parquet.

use std::io::Write;
use std::path::Path;

use polars::prelude::{Column, DataFrame, ParquetWriter};
use serde_json::{Map, Number, Value};

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
}

/// A column that is appended.
#[derive(Clone, Debug, PartialEq)]
pub struct AppendedColumn {
    /// Its name.
    pub name: String,
    /// A value a row of all tables.
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

/// Tables one below the other: a column of one name is one column, and is empty where a table lacks it.
struct StackedTables<'a> {
    parts: Vec<(&'a TableData, Vec<Option<usize>>)>,
    names: Vec<String>,
}

impl<'a> StackedTables<'a> {
    fn of(tables: &[&'a TableData]) -> StackedTables<'a> {
        let mut names: Vec<String> = Vec::new();
        let mut positions: Vec<Vec<usize>> = Vec::new();
        for table in tables {
            let mut own = Vec::new();
            for name in table.columns() {
                let known = names.iter().enumerate().find(|(at, known)| *known == name && !own.contains(at));
                own.push(known.map_or(names.len(), |(at, _)| at));
                if own.last() == Some(&names.len()) {
                    names.push(name.clone());
                }
            }
            positions.push(own);
        }
        let part = |(table, own): (&&'a TableData, Vec<usize>)| {
            (*table, (0..names.len()).map(|at| own.iter().position(|column| *column == at)).collect())
        };
        StackedTables { parts: tables.iter().zip(positions).map(part).collect(), names }
    }

    /// The table, the row in it, and the position of each column in it, for each row.
    fn rows(&self) -> impl Iterator<Item = (&'a TableData, usize, &[Option<usize>])> {
        self.parts.iter().flat_map(|(table, columns)| (0..table.rows()).map(move |row| (*table, row, &columns[..])))
    }
}

/// Writes `tables` one below the other, with all their columns, and `appended`.
///
/// # Errors
/// The target refuses, or Polars cannot make the file.
pub fn write(
    tables: &[&TableData],
    appended: &[AppendedColumn],
    format: TableFormat,
    target: &mut dyn Write,
) -> std::io::Result<()> {
    let stacked = StackedTables::of(tables);
    match format {
        TableFormat::Csv => csv(&stacked, appended, b',', target),
        TableFormat::Tsv => csv(&stacked, appended, b'\t', target),
        TableFormat::Ndjson => ndjson(&stacked, appended, target),
        TableFormat::Parquet => parquet(&stacked, appended, target),
    }
}

fn csv(
    stacked: &StackedTables,
    appended: &[AppendedColumn],
    separator: u8,
    target: &mut dyn Write,
) -> std::io::Result<()> {
    let mut writer = csv::WriterBuilder::new().delimiter(separator).buffer_capacity(1 << 17).from_writer(target);
    for name in stacked.names.iter().chain(appended.iter().map(|column| &column.name)) {
        writer.write_field(name)?;
    }
    writer.write_record(None::<&[u8]>)?;
    let mut number = Vec::with_capacity(32);
    for (index, (table, row, columns)) in stacked.rows().enumerate() {
        for column in columns {
            match (column, table) {
                (Some(column), TableData::Delimited(table)) => writer.write_field(table.field(row, *column))?,
                (Some(column), table) => writer.write_field(table.text(row, *column).as_bytes())?,
                (None, _) => writer.write_field("")?,
            }
        }
        for column in appended {
            number.clear();
            match &column.values {
                AppendedValues::Whole(values) => write!(number, "{}", values[index])?,
                // As in JSON, so that a probability has the same digits in every format.
                AppendedValues::Real(values) => serde_json::to_writer(&mut number, &values[index])?,
            }
            writer.write_field(&number)?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
}

/// What the values of a column are, taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ColumnType {
    Whole,
    Real,
    Bool,
    Text,
}

/// The type of a column: of the texts of a delimited file, numbers if all that are not empty are.
fn column_type(stacked: &StackedTables, column: usize) -> ColumnType {
    let mut found = None;
    for (table, row, columns) in stacked.rows() {
        let own = match columns[column].map(|column| table.cell(row, column)) {
            None | Some(Cell::Missing) | Some(Cell::Text("")) => continue,
            Some(Cell::Text(text)) if matches!(table, TableData::Delimited(_)) => type_of_text(text),
            Some(Cell::Text(_) | Cell::Nested) => ColumnType::Text,
            Some(Cell::Bool(_)) => ColumnType::Bool,
            Some(Cell::Number(number)) if number.fract() == 0.0 && number.abs() < 1e15 => ColumnType::Whole,
            Some(Cell::Number(_)) => ColumnType::Real,
        };
        found = match (found, own) {
            (None, own) => Some(own),
            (Some(known), own) if known == own => Some(own),
            (Some(ColumnType::Whole | ColumnType::Real), ColumnType::Whole | ColumnType::Real) => {
                Some(ColumnType::Real)
            }
            _ => return ColumnType::Text,
        };
        if found == Some(ColumnType::Text) {
            break;
        }
    }
    found.unwrap_or(ColumnType::Text)
}

/// A whole number counts as one only if it is printed as it was, unlike `007`.
fn type_of_text(text: &str) -> ColumnType {
    if text.parse::<i64>().is_ok_and(|number| number.to_string() == text) {
        return ColumnType::Whole;
    }
    let is_number = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
    let is_padded = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.") && !text.starts_with("0e");
    match is_number && !is_padded && text.parse::<f64>().is_ok_and(f64::is_finite) {
        true => ColumnType::Real,
        false => ColumnType::Text,
    }
}

fn ndjson(stacked: &StackedTables, appended: &[AppendedColumn], target: &mut dyn Write) -> std::io::Result<()> {
    let types: Vec<ColumnType> = (0..stacked.names.len()).map(|column| column_type(stacked, column)).collect();
    for (index, (table, row, columns)) in stacked.rows().enumerate() {
        let mut members = Map::new();
        for ((name, column), of) in stacked.names.iter().zip(columns).zip(&types) {
            if let Some(column) = column {
                members.insert(name.clone(), json_value(table, row, *column, *of));
            }
        }
        for column in appended {
            let value = match &column.values {
                AppendedValues::Whole(values) => values[index].into(),
                AppendedValues::Real(values) => values[index].into(),
            };
            members.insert(column.name.clone(), value);
        }
        serde_json::to_writer(&mut *target, &members)?;
        target.write_all(b"\n")?;
    }
    target.flush()
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

fn parquet(stacked: &StackedTables, appended: &[AppendedColumn], target: &mut dyn Write) -> std::io::Result<()> {
    let appended_columns = appended.iter().map(|column| match &column.values {
        AppendedValues::Whole(values) => Column::new(column.name.as_str().into(), values.clone()),
        AppendedValues::Real(values) => Column::new(column.name.as_str().into(), values.clone()),
    });
    let own: Vec<Column> = match &stacked.parts[..] {
        // Types are kept.
        [(TableData::Parquet(table), _)] => table.frame().columns().to_vec(),
        _ => (0..stacked.names.len()).map(|column| parquet_column(stacked, column)).collect(),
    };
    let rows = stacked.parts.iter().map(|(table, _)| table.rows()).sum();
    let frame = DataFrame::new(rows, own.into_iter().chain(appended_columns).collect());
    let written = frame.and_then(|mut frame| ParquetWriter::new(target).finish(&mut frame));
    written.map(drop).map_err(std::io::Error::other)
}

fn parquet_column(stacked: &StackedTables, column: usize) -> Column {
    let name = match stacked.names[column].as_str() {
        // Parquet has no columns without a name.
        "" => format!("column_{}", column + 1),
        name => name.to_owned(),
    };
    let texts = stacked.rows().map(|(table, row, columns)| {
        let text = columns[column].map(|column| table.text(row, column))?;
        (!text.is_empty()).then_some(text)
    });
    let name = name.as_str().into();
    match column_type(stacked, column) {
        ColumnType::Whole => {
            Column::new(name, texts.map(|text| text?.parse::<i64>().ok()).collect::<Vec<Option<i64>>>())
        }
        ColumnType::Real => {
            Column::new(name, texts.map(|text| text?.parse::<f64>().ok()).collect::<Vec<Option<f64>>>())
        }
        ColumnType::Bool => Column::new(name, texts.map(|text| Some(text? == "true")).collect::<Vec<Option<bool>>>()),
        ColumnType::Text => Column::new(name, texts.map(|text| text.map(|text| text.into_owned())).collect::<Vec<_>>()),
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
