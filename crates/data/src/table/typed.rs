//! Columns of known types as CSV and Parquet: tables that this program makes, of one row a track.

use polars::prelude::{Column, DataFrame, ParquetWriter};

use crate::engine::EngineResult;
use hitflop_core::error::{Error, Result};

/// A column with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedColumn<'a> {
    /// Its name in the files.
    pub name: &'static str,
    /// A value a row.
    pub values: TypedValues<'a>,
}

/// Values of a column. A missing value is an empty field in CSV and null in Parquet.
#[derive(Clone, Debug, PartialEq)]
pub enum TypedValues<'a> {
    /// Texts; an empty one is missing.
    Text(Vec<&'a str>),
    /// Whole numbers.
    Whole(Vec<Option<i64>>),
    /// Real numbers; NaN is missing.
    Real(Vec<f64>),
}

impl TypedValues<'_> {
    fn rows(&self) -> usize {
        match self {
            TypedValues::Text(values) => values.len(),
            TypedValues::Whole(values) => values.len(),
            TypedValues::Real(values) => values.len(),
        }
    }

    /// Writes the field of a row into a buffer.
    fn field(&self, row: usize, field: &mut String) {
        field.clear();
        match self {
            TypedValues::Text(values) => field.push_str(values[row]),
            TypedValues::Whole(values) => values[row].iter().for_each(|value| field.push_str(&value.to_string())),
            TypedValues::Real(values) if values[row].is_nan() => {}
            TypedValues::Real(values) => field.push_str(&values[row].to_string()),
        }
    }

    fn column(&self, name: &str) -> Column {
        let name = name.into();
        match self {
            TypedValues::Text(values) => {
                let known = values.iter().map(|text| (!text.is_empty()).then_some(*text));
                Column::new(name, known.collect::<Vec<Option<&str>>>())
            }
            TypedValues::Whole(values) => Column::new(name, values),
            TypedValues::Real(values) => {
                let known = values.iter().map(|value| (!value.is_nan()).then_some(*value));
                Column::new(name, known.collect::<Vec<Option<f64>>>())
            }
        }
    }
}

/// The columns as CSV with a header, real numbers with all their digits.
///
/// # Errors
/// The columns differ in length, which would be a fault of this program.
pub fn csv(columns: &[TypedColumn]) -> Result<Vec<u8>> {
    let rows = rows(columns)?;
    let failed = |error: &dyn std::error::Error| Error::Failed(format!("writing CSV: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| column.name)).map_err(|error| failed(&error))?;
    let mut field = String::new();
    for row in 0..rows {
        for column in columns {
            column.values.field(row, &mut field);
            writer.write_field(&field).map_err(|error| failed(&error))?;
        }
        writer.write_record(None::<&[u8]>).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error))
}

/// The columns as Parquet.
///
/// # Errors
/// As [`csv()`].
pub fn parquet(columns: &[TypedColumn]) -> Result<Vec<u8>> {
    let rows = rows(columns)?;
    let columns = columns.iter().map(|column| column.values.column(column.name)).collect();
    let mut table = DataFrame::new(rows, columns).engine()?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut table).engine()?;
    Ok(bytes)
}

fn rows(columns: &[TypedColumn]) -> Result<usize> {
    let rows = columns.first().map_or(0, |column| column.values.rows());
    match columns.iter().all(|column| column.values.rows() == rows) {
        true => Ok(rows),
        false => Err(Error::Failed("the columns of a table differ in length".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::content::Content;
    use super::super::opened::{open, TableOptions};
    use super::*;
    use hitflop_core::reader::{Cell, Table};

    fn columns() -> [TypedColumn<'static>; 3] {
        [
            TypedColumn { name: "title", values: TypedValues::Text(vec!["a, \"b\"", "", "=1+1\n2"]) },
            TypedColumn { name: "decade", values: TypedValues::Whole(vec![Some(1960), None, Some(-1)]) },
            TypedColumn { name: "probability", values: TypedValues::Real(vec![1.0 / 3.0, f64::NAN, 1e-7]) },
        ]
    }

    #[test]
    fn both_formats_have_the_same_values() {
        let csv = csv(&columns()).expect("written");
        let text = "title,decade,probability\n\"a, \"\"b\"\"\",1960,0.3333333333333333\n,,\n\"=1+1\n2\",-1,0.0000001\n";
        assert_eq!(String::from_utf8(csv).expect("UTF-8"), text);
        let parquet = parquet(&columns()).expect("written");
        let content = Content::of_reader(&parquet[..], "x").expect("content");
        let table = open(&content, &TableOptions::default()).unwrap_or_else(|error| panic!("{error}")).data;
        let row = |row: usize| (0..3).map(|column| table.cell(row, column)).collect::<Vec<_>>();
        use Cell::*;
        assert_eq!(row(0), [Text("a, \"b\""), Number(1960.0), Number(1.0 / 3.0)]);
        assert_eq!(row(1), [Missing; 3]);
        assert_eq!(row(2), [Text("=1+1\n2"), Number(-1.0), Number(1e-7)]);
    }

    #[test]
    fn columns_of_different_lengths_are_no_table() {
        let mut columns = columns();
        columns[1].values = TypedValues::Whole(vec![None]);
        assert!(csv(&columns).is_err() && parquet(&columns).is_err());
    }
}
