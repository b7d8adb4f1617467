//! Tables through the Arrow PyCapsule interface.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::cast;
use arrow_schema::DataType;
use arrow_select::concat::concat;
use pyo3::prelude::*;
use pyo3_arrow::input::AnyRecordBatch;

use crate::errors::failed;
use crate::track_columns::{is_read, ColumnValues, TrackColumns};

/// Reads the columns that can be features, and those named in `mapped`.
pub(crate) fn read(data: &Bound<'_, PyAny>, mapped: &[String]) -> PyResult<TrackColumns> {
    let (batches, schema) = data.extract::<AnyRecordBatch>()?.into_table()?.into_inner();
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let column = |(index, name): (usize, &String)| match is_read(name) || mapped.contains(name) {
        true => values(&batches, index).map_err(|why| failed(&format!("tracks, column {name}"), why)),
        false => Ok(ColumnValues::Nothing),
    };
    let values = names.iter().enumerate().map(column).collect::<PyResult<_>>()?;
    Ok(TrackColumns::new(names, values, rows))
}

fn values(batches: &[RecordBatch], column: usize) -> Result<ColumnValues, arrow_schema::ArrowError> {
    let chunks: Vec<&ArrayRef> = batches.iter().map(|batch| batch.column(column)).collect();
    let whole = match chunks[..] {
        [] => return Ok(ColumnValues::Nothing),
        [only] => only.clone(),
        _ => concat(&chunks.iter().map(|chunk| chunk.as_ref()).collect::<Vec<_>>())?,
    };
    Ok(match whole.data_type() {
        DataType::Null => ColumnValues::Nothing,
        DataType::Boolean => ColumnValues::Truths(whole.as_boolean().clone()),
        kind if kind.is_nested() => ColumnValues::Nested,
        kind if kind.is_numeric() => {
            ColumnValues::Numbers(cast(&whole, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
        }
        // Texts of all kinds, categories, dates and times.
        _ => {
            let texts = cast(&cast(&whole, &DataType::Utf8)?, &DataType::Utf8View)?;
            ColumnValues::Texts(texts.as_string_view().clone())
        }
    })
}
