//! The bytes of a Parquet file, which are read at any place.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use polars::io::mmap::MmapBytesReader;

use super::content::Content;
use hitflop_core::error::{Error, Result};

/// The bytes of a file, in memory or not.
#[derive(Clone, Debug)]
pub(super) enum ParquetBytes {
    File(Arc<File>),
    Memory(Arc<[u8]>),
}

impl ParquetBytes {
    /// The bytes of what is not compressed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(content: &Content) -> Result<ParquetBytes> {
        Ok(match content.plain_path() {
            Some(path) => {
                ParquetBytes::File(File::open(path).map_err(|source| Error::io("read", path, source))?.into())
            }
            None => ParquetBytes::Memory(content.all()?.into()),
        })
    }

    /// As Polars reads them.
    pub fn reader(&self) -> io::Result<Box<dyn MmapBytesReader>> {
        Ok(match self {
            ParquetBytes::File(file) => Box::new(file.try_clone()?),
            ParquetBytes::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
        })
    }

    /// Number of bytes.
    pub fn len(&self) -> io::Result<u64> {
        Ok(match self {
            ParquetBytes::File(file) => file.metadata()?.len(),
            ParquetBytes::Memory(bytes) => bytes.len() as u64,
        })
    }

    /// Writes so many bytes from `start` on to `target`. Only one thread may do so at a time.
    pub fn copy(&self, start: u64, length: u64, target: &mut impl Write) -> io::Result<()> {
        let copied = match self {
            ParquetBytes::File(file) => {
                let mut file = file.as_ref();
                file.seek(SeekFrom::Start(start))?;
                io::copy(&mut file.take(length), target)?
            }
            ParquetBytes::Memory(bytes) => {
                let mut bytes = Cursor::new(bytes);
                bytes.set_position(start);
                io::copy(&mut bytes.take(length), target)?
            }
        };
        if copied < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}
