//! Which columns of a Parquet file can be read, and as which types.

use polars::io::parquet::read::{infer_schema, FileMetadata};
use polars::prelude::{ArrowDataType, ArrowField, ArrowSchema, PolarsResult};
use polars_parquet::read::{ParquetType, PhysicalType};

/// What the stored values of a column mean, if their type alone does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoredValues {
    /// Their type says it.
    Typed,
    /// Whole numbers to be divided by this power of ten; as bytes, the most significant first.
    Decimal(usize),
    /// Floating-point numbers of 16 bits, as two bytes.
    Half,
}

/// The columns of a file.
pub(super) struct ReadableColumns {
    /// All columns with the types to decode them as; those that are not read keep their own.
    pub schema: ArrowSchema,
    /// Name and meaning of each column that is read.
    pub read: Vec<(String, StoredValues)>,
    /// Names of the columns that are not.
    pub left_out: Vec<String>,
}

/// The columns of a file: numbers of any width, decimals, truth values, texts (also as categories), dates, times and lengths of
/// time, bytes (which may be texts), and objects of such.
///
/// # Errors
/// The schema is damaged.
pub(super) fn readable(metadata: &FileMetadata) -> PolarsResult<ReadableColumns> {
    let own = infer_schema(metadata)?;
    let mut columns = ReadableColumns { schema: ArrowSchema::default(), read: Vec::new(), left_out: Vec::new() };
    for field in own.iter_values() {
        let stored = metadata.schema().fields().iter().find(|stored| stored.name() == field.name.as_str());
        let decoded = decoded_as(stored, field.dtype());
        match &decoded {
            Some((_, values)) => columns.read.push((field.name.to_string(), *values)),
            None => columns.left_out.push(field.name.to_string()),
        }
        // What the field says beside its type may be of the former type.
        let dtype = decoded.map_or_else(|| field.dtype().clone(), |(dtype, _)| dtype);
        columns.schema.insert(field.name.clone(), ArrowField::new(field.name.clone(), dtype, field.is_nullable));
    }
    Ok(columns)
}

/// The name that several columns have, if there is one.
pub(super) fn repeated_name(metadata: &FileMetadata) -> Option<&str> {
    let fields = metadata.schema().fields();
    let is_repeated = |at: &usize| fields[..*at].iter().any(|earlier| earlier.name() == fields[*at].name());
    (0..fields.len()).find(is_repeated).map(|at| fields[at].name())
}

/// The type to decode values as, and what the decoded values mean; `None` for values that are not read.
fn decoded_as(stored: Option<&ParquetType>, dtype: &ArrowDataType) -> Option<(ArrowDataType, StoredValues)> {
    use ArrowDataType::*;
    let typed = |dtype: ArrowDataType| Some((dtype, StoredValues::Typed));
    match dtype {
        // The engine is built without columns of narrow integers.
        Int8 | Int16 | UInt8 | UInt16 => typed(Int32),
        Dictionary(_, values, _) => decoded_as(stored, values),
        Decimal(_, scale) | Decimal32(_, scale) | Decimal64(_, scale) | Decimal256(_, scale) => {
            let dtype = match physical(stored?)? {
                PhysicalType::Int32 => Int32,
                PhysicalType::Int64 => Int64,
                PhysicalType::FixedLenByteArray(length) => FixedSizeBinary(length),
                PhysicalType::ByteArray => BinaryView,
                _ => return None,
            };
            Some((dtype, StoredValues::Decimal(*scale)))
        }
        Float16 => Some((FixedSizeBinary(2), StoredValues::Half)),
        Duration(_) => typed(dtype.clone()),
        Struct(members) => {
            let Some(ParquetType::GroupType { fields, .. }) = stored else {
                return None;
            };
            let member = |(stored, member): (&ParquetType, &ArrowField)| match decoded_as(Some(stored), member.dtype())
            {
                Some((dtype, StoredValues::Typed)) => {
                    Some(ArrowField::new(member.name.clone(), dtype, member.is_nullable))
                }
                _ => None,
            };
            let decoded: Option<Vec<ArrowField>> = fields.iter().zip(members).map(member).collect();
            typed(Struct(decoded.filter(|decoded| decoded.len() == members.len() && !decoded.is_empty())?))
        }
        _ => is_flat(dtype).then(|| (dtype.clone(), StoredValues::Typed)),
    }
}

fn physical(stored: &ParquetType) -> Option<PhysicalType> {
    match stored {
        ParquetType::PrimitiveType(stored) => Some(stored.physical_type),
        ParquetType::GroupType { .. } => None,
    }
}

fn is_flat(dtype: &ArrowDataType) -> bool {
    use ArrowDataType::*;
    matches!(
        dtype,
        Null | Boolean
            | Int32
            | Int64
            | UInt32
            | UInt64
            | Float32
            | Float64
            | Utf8
            | LargeUtf8
            | Utf8View
            | Binary
            | LargeBinary
            | BinaryView
            | Date32
            | Date64
            | Time32(_)
            | Time64(_)
            | Timestamp(..)
    )
}
