//! Columns as Polars decoded them to columns of numbers, truth values and texts.

use half::f16;
use polars::prelude::*;

use super::parquet_schema::StoredValues;

/// A column with access to single values.
#[derive(Clone, Debug)]
pub(super) enum ParquetColumn {
    Real(Float64Chunked),
    /// 32-bit numbers, which are printed as such.
    Short(Float32Chunked),
    Whole(Int64Chunked),
    Unsigned(UInt64Chunked),
    Bool(BooleanChunked),
    Text(StringChunked),
    /// No value in any row.
    Nothing,
}

impl ParquetColumn {
    /// As [`Table::numbers`](hitflop_core::reader::Table::numbers).
    pub(super) fn numbers(&self, first: usize, numbers: &mut [f64]) -> bool {
        match self {
            ParquetColumn::Real(values) => copy_numbers(values, first, numbers, |value| value),
            ParquetColumn::Short(values) => copy_numbers(values, first, numbers, f64::from),
            ParquetColumn::Whole(values) => copy_numbers(values, first, numbers, |value| value as f64),
            ParquetColumn::Unsigned(values) => copy_numbers(values, first, numbers, |value| value as f64),
            ParquetColumn::Nothing => numbers.fill(f64::NAN),
            ParquetColumn::Bool(_) | ParquetColumn::Text(_) => return false,
        }
        true
    }
}

/// Copies values from the one at `first` on; a missing one becomes NaN.
fn copy_numbers<T: PolarsNumericType>(
    values: &ChunkedArray<T>,
    first: usize,
    numbers: &mut [f64],
    number: impl Fn(T::Native) -> f64,
) {
    let mut rest = numbers;
    for part in values.slice(first as i64, rest.len()).downcast_iter() {
        let (own, next) = rest.split_at_mut(part.len());
        own.iter_mut().zip(part.values().iter()).for_each(|(own, value)| *own = number(*value));
        if let Some(known) = part.validity() {
            own.iter_mut().zip(known).filter(|(_, is_known)| !is_known).for_each(|(own, _)| *own = f64::NAN);
        }
        rest = next;
    }
}

/// The column with values that are numbers, truth values, texts, dates or times; `None` if its values are bytes.
pub(super) fn decoded(column: &Column, values: StoredValues) -> PolarsResult<Option<Column>> {
    let name = column.name().clone();
    Ok(match (values, column.dtype()) {
        (StoredValues::Decimal(scale), DataType::Binary) => decimals_of_bytes(column.binary()?, scale)
            .map(|decimals| Float64Chunked::from_iter_options(name, decimals.into_iter()).into_column()),
        (StoredValues::Decimal(scale), _) => {
            let whole = column.cast(&DataType::Int64)?;
            let decimals = whole.i64()?.iter().map(|value| value.map(|value| decimal(value.into(), scale)));
            Some(Float64Chunked::from_iter_options(name, decimals).into_column())
        }
        (StoredValues::Half, _) => {
            let halves = column.binary()?.iter().map(|bytes| match bytes? {
                [low, high] => Some(f16::from_le_bytes([*low, *high]).to_f32()),
                _ => None,
            });
            Some(Float32Chunked::from_iter_options(name, halves).into_column())
        }
        (StoredValues::Typed, DataType::Binary) => texts(column.binary()?),
        (StoredValues::Typed, DataType::Duration(unit)) => {
            let per_millisecond = match unit {
                TimeUnit::Nanoseconds => 1e6,
                TimeUnit::Microseconds => 1e3,
                TimeUnit::Milliseconds => 1.0,
            };
            let whole = column.cast(&DataType::Int64)?;
            let milliseconds = whole.i64()?.iter().map(|value| value.map(|value| value as f64 / per_millisecond));
            Some(Float64Chunked::from_iter_options(name, milliseconds).into_column())
        }
        _ => Some(column.clone()),
    })
}

/// Bytes as texts, if all of them are UTF-8.
fn texts(bytes: &BinaryChunked) -> Option<Column> {
    let texts: Result<Vec<Option<&str>>, _> =
        bytes.iter().map(|bytes| bytes.map(std::str::from_utf8).transpose()).collect();
    Some(StringChunked::from_iter_options(bytes.name().clone(), texts.ok()?.into_iter()).into_column())
}

/// Whole numbers as bytes, divided by a power of ten; `None` if one of them has more than 128 bits.
fn decimals_of_bytes(values: &BinaryChunked, scale: usize) -> Option<Vec<Option<f64>>> {
    values.iter().map(|bytes| bytes.map_or(Some(None), |bytes| Some(Some(decimal(whole(bytes)?, scale))))).collect()
}

/// The whole number of bytes in two's complement, the most significant first.
fn whole(bytes: &[u8]) -> Option<i128> {
    const BYTES: usize = size_of::<i128>();
    let sign = if bytes.first().is_some_and(|first| first & 0x80 != 0) { 0xff } else { 0 };
    let (more, low) = bytes.split_at(bytes.len().saturating_sub(BYTES));
    let mut all = [sign; BYTES];
    all[BYTES - low.len()..].copy_from_slice(low);
    let fits = more.iter().all(|byte| *byte == sign) && (all[0] ^ sign) & 0x80 == 0;
    fits.then(|| i128::from_be_bytes(all))
}

/// The number that the same digits in a text mean.
fn decimal(whole: i128, scale: usize) -> f64 {
    // Every such text is a number.
    format!("{whole}e-{scale}").parse().unwrap_or(f64::NAN)
}

/// The values of a column; dates and times as texts.
pub(super) fn typed(column: &Column) -> PolarsResult<ParquetColumn> {
    Ok(match column.dtype() {
        DataType::Float64 => ParquetColumn::Real(column.f64()?.clone()),
        DataType::Float32 => ParquetColumn::Short(column.f32()?.clone()),
        DataType::UInt64 => ParquetColumn::Unsigned(column.u64()?.clone()),
        DataType::Boolean => ParquetColumn::Bool(column.bool()?.clone()),
        DataType::String => ParquetColumn::Text(column.str()?.clone()),
        DataType::Null => ParquetColumn::Nothing,
        DataType::Date | DataType::Time => ParquetColumn::Text(printed(column)?),
        DataType::Datetime(..) => ParquetColumn::Text(printed(&column.cast(&DataType::Date)?)?),
        _ => ParquetColumn::Whole(column.cast(&DataType::Int64)?.i64()?.clone()),
    })
}

/// Dates and times as texts: `1988-05-14`, `03:37:00`.
fn printed(column: &Column) -> PolarsResult<StringChunked> {
    Ok(column.cast(&DataType::String)?.str()?.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_the_numbers_that_their_digits_mean() {
        assert_eq!(decimal(535, 3), 0.535);
        assert_eq!(decimal(-6_500, 3), -6.5);
        assert_eq!(decimal(12_345_678_901_234_567_890, 20), 0.123_456_789_012_345_68);
        let bytes = |value: i128| whole(&value.to_be_bytes());
        for value in [0, 1, -1, 255, -256, i128::MAX, i128::MIN] {
            assert_eq!(bytes(value), Some(value), "{value}");
        }
        assert_eq!(whole(&[0xff, 0x7f]), Some(-129));
        assert_eq!(whole(&[0x02, 0x17]), Some(535));
        let mut wide = [0u8; 32];
        wide[30..].copy_from_slice(&[0x02, 0x17]);
        assert_eq!(whole(&wide), Some(535));
        wide[0] = 1;
        assert_eq!(whole(&wide), None);
        // The sign is in the first byte only.
        let mut positive = [0u8; 17];
        positive[1] = 0x80;
        assert_eq!(whole(&positive), None);
    }

    #[test]
    fn halves_bytes_and_lengths_of_time_are_read() {
        let halves = BinaryChunked::from_iter_options(
            "tempo".into(),
            [Some(f16::from_f32(120.5).to_le_bytes()), None].into_iter(),
        );
        let read = decoded(&halves.into_column(), StoredValues::Half).expect("read").expect("numbers");
        assert_eq!(read.f32().expect("numbers").iter().collect::<Vec<_>>(), [Some(120.5), None]);
        let text = BinaryChunked::from_iter_options("title".into(), [Some("é".as_bytes()), None].into_iter());
        let read = decoded(&text.into_column(), StoredValues::Typed).expect("read").expect("texts");
        assert_eq!(read.str().expect("texts").iter().collect::<Vec<_>>(), [Some("é"), None]);
        let bytes = BinaryChunked::from_iter_options("cover".into(), [Some([0xff, 0xd8])].into_iter());
        assert_eq!(decoded(&bytes.into_column(), StoredValues::Typed).expect("read"), None);
        let length = Column::new("duration".into(), [217_000_500_000i64]);
        let length = length.cast(&DataType::Duration(TimeUnit::Nanoseconds)).expect("lengths");
        let read = decoded(&length, StoredValues::Typed).expect("read").expect("numbers");
        assert_eq!(read.f64().expect("numbers").get(0), Some(217_000.5));
    }
}
