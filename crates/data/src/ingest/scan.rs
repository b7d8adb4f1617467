//! The lazy plan of one decade file: typed by an explicit schema, brought into the order and types of the union.

use std::path::Path;
use std::sync::Arc;

use polars::prelude::*;

use super::header::{is_known, ColumnNames};
use super::tracks::{self, SOURCE};
use crate::engine::EngineResult;
use hitflop_core::error::Result;
use hitflop_core::reader::value::NO_KEY;
use hitflop_core::track::{self, Decade, Feature, DECADE, TARGET};

/// A decade file whose header has been read.
#[derive(Clone, Debug)]
pub(crate) struct ScanFile<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// Name as the user knows it; it becomes the value of the `source` column.
    pub name: &'a str,
    /// Its columns.
    pub header: &'a ColumnNames,
    /// The decade in its name.
    pub decade: Option<Decade>,
}

/// The plan that reads `file` into the columns of [`tracks::columns`].
///
/// A decade that cannot be read, or differs from the one in the file's name, becomes null: the check after the
/// union finds it and the second reading says where it is.
///
/// # Errors
/// The path is not UTF-8.
pub(crate) fn scan(file: &ScanFile) -> Result<LazyFrame> {
    let frame = LazyCsvReader::new(PlRefPath::try_from_path(file.path).engine()?)
        .with_glob(false)
        .with_schema(Some(Arc::new(schema(file.header))))
        .finish()
        .engine()?;
    let columns: Vec<Expr> = tracks::columns()
        .into_iter()
        .map(|column| match column {
            DECADE => decade(file),
            SOURCE => lit(file.name).alias(SOURCE),
            key if key == Feature::Key.name() => detected_key(),
            other => col(other),
        })
        .collect();
    Ok(frame.select(columns))
}

/// Columns that ingest does not know have names of their own, because several may have one name or none.
fn schema(header: &ColumnNames) -> Schema {
    let field = |(position, name): (usize, &String)| match is_known(name) {
        true => Field::new(name.as_str().into(), dtype(name)),
        false => Field::new(format!("unknown column {position}").as_str().into(), DataType::String),
    };
    header.columns().iter().enumerate().map(field).collect()
}

/// The decade is read as text since it has several spellings; what ingest does not know is read as text and dropped.
fn dtype(column: &str) -> DataType {
    match Feature::from_name(column) {
        Some(Feature::Decade) => DataType::String,
        _ => stored_dtype(column),
    }
}

/// How a column of the union is stored.
pub(crate) fn stored_dtype(column: &str) -> DataType {
    match Feature::from_name(column) {
        Some(feature) => feature_dtype(feature),
        None if column == TARGET => DataType::Int32,
        None => DataType::String,
    }
}

/// How a feature is stored.
pub(crate) fn feature_dtype(feature: Feature) -> DataType {
    if feature.is_whole() {
        DataType::Int32
    } else {
        DataType::Float64
    }
}

/// The key; -1, which stands for no key detected, is null.
fn detected_key() -> Expr {
    let key = Feature::Key.name();
    when(col(key).eq(lit(NO_KEY as i32))).then(lit(NULL)).otherwise(col(key)).cast(DataType::Int32).alias(key)
}

fn decade(file: &ScanFile) -> Expr {
    let in_name = file.decade;
    let year = match (file.header.position(DECADE), in_name) {
        (Some(_), _) => col(DECADE).map(
            move |column| Ok(years(column.str()?, in_name).into_column()),
            |_, field| Ok(Field::new(field.name().clone(), DataType::Int32)),
        ),
        (None, Some(decade)) => lit(decade.year()),
        (None, None) => lit(NULL).cast(DataType::Int32),
    };
    year.alias(track::DECADE)
}

fn years(texts: &StringChunked, in_name: Option<Decade>) -> Int32Chunked {
    let year = |text: &str| {
        let decade = Decade::parse(text)?;
        in_name.is_none_or(|expected| expected == decade).then_some(decade.year())
    };
    texts.iter().map(|text| text.and_then(year)).collect_ca(texts.name().clone())
}
