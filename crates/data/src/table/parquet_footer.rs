//! The footer of a Parquet file, and the bytes that it describes.

use std::io::{self, Write};

use polars_parquet_format::thrift::protocol::{TCompactInputProtocol, TCompactOutputProtocol};
use polars_parquet_format::{FileMetaData, SchemaElement};

use super::parquet_bytes::ParquetBytes;

pub(super) use polars_parquet_format::ColumnChunk as Chunk;

/// First and last bytes of a file.
pub(super) const MAGIC: &[u8] = b"PAR1";
/// The length of the footer, and the last bytes.
const TAIL_BYTES: u64 = 8;
/// Bytes of memory for a byte of a footer, beyond which it is damaged.
const MEMORY_PER_BYTE: usize = 64;

/// The footer of a file.
///
/// # Errors
/// The file cannot be read, or is damaged.
pub(super) fn of(bytes: &ParquetBytes) -> io::Result<FileMetaData> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let end = bytes.len()?.checked_sub(TAIL_BYTES).ok_or_else(damaged)?;
    let mut tail = Vec::new();
    bytes.copy(end, TAIL_BYTES, &mut tail)?;
    let Some((length, MAGIC)) = tail.split_first_chunk::<4>() else { return Err(damaged()) };
    let length = u64::from(u32::from_le_bytes(*length));
    let mut footer = Vec::new();
    bytes.copy(end.checked_sub(length).ok_or_else(damaged)?, length, &mut footer)?;
    let mut protocol = TCompactInputProtocol::new(footer.as_slice(), footer.len() * MEMORY_PER_BYTE);
    FileMetaData::read_from_in_protocol(&mut protocol).map_err(io::Error::other)
}

/// Writes the footer and the end of a file.
///
/// # Errors
/// The target refuses, or the footer is longer than a file can say.
pub(super) fn write(footer: &FileMetaData, target: &mut impl Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    footer.write_to_out_protocol(&mut TCompactOutputProtocol::new(&mut bytes)).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    target.write_all(&bytes)?;
    target.write_all(&length.to_le_bytes())?;
    target.write_all(MAGIC)
}

/// The columns of a schema, without the members of objects.
pub(super) fn columns(schema: &[SchemaElement]) -> Vec<&SchemaElement> {
    let mut columns = Vec::new();
    let mut rest = schema.iter().skip(1);
    while let Some(column) = rest.next() {
        columns.push(column);
        let mut left = i64::from(column.num_children.unwrap_or(0));
        while left > 0 {
            let Some(member) = rest.next() else { break };
            left += i64::from(member.num_children.unwrap_or(0)) - 1;
        }
    }
    columns
}

/// Where a chunk begins, and its length.
pub(super) fn place(chunk: &Chunk) -> Option<(u64, u64)> {
    let data = chunk.meta_data.as_ref()?;
    // Some writers state 0 for no dictionary.
    let dictionary = data.dictionary_page_offset.filter(|offset| *offset > 0);
    let start = dictionary.map_or(data.data_page_offset, |offset| offset.min(data.data_page_offset));
    Some((start.try_into().ok()?, data.total_compressed_size.try_into().ok()?))
}

/// Copies the pages of a chunk to `target`, of which `position` bytes are written, and returns the chunk as it is there. What is stored
/// beside the pages, indexes and filters that readers can do without, is not copied.
///
/// # Errors
/// The chunk cannot be read, or the target refuses.
pub(super) fn copy(
    bytes: &ParquetBytes,
    chunk: &Chunk,
    target: &mut impl Write,
    position: &mut u64,
) -> io::Result<Chunk> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let (start, length) = place(chunk).ok_or_else(damaged)?;
    let mut data = chunk.meta_data.clone().ok_or_else(damaged)?;
    bytes.copy(start, length, target)?;
    let shift = *position as i64 - start as i64;
    data.data_page_offset += shift;
    data.dictionary_page_offset = data.dictionary_page_offset.filter(|offset| *offset > 0).map(|offset| offset + shift);
    (data.index_page_offset, data.bloom_filter_offset, data.bloom_filter_length) = (None, None, None);
    *position += length;
    Ok(Chunk { meta_data: Some(data), ..Chunk::new(None, 0, None, None, None, None, None, None, None) })
}
