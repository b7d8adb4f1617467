//! The bytes of a file, of standard input or of a pipe, unpacked as they are read.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use hitflop_core::digest::hex;
use hitflop_core::disk::{self, TemporaryDirectory};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};

/// Maximum size that a compressed file, or an archive with all its members, may expand to: 2 GiB.
pub(super) const MAX_EXPANDED_BYTES: u64 = 2 << 30;

/// Number of bytes from which the kind of a file is recognised.
pub(super) const HEAD_BYTES: u64 = 1 << 16;

/// How the bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    None,
    Gzip,
    Zstandard,
}

/// The kind of error of a [`BoundedReader`] at its bound. Writing to a full disk gives other kinds.
pub(super) const TOO_LARGE: io::ErrorKind = io::ErrorKind::OutOfMemory;

/// What can be read once only is kept in memory up to this size, and in a temporary file above.
const MAX_BYTES_IN_MEMORY: u64 = 16 << 20;

#[derive(Clone, Debug)]
enum ByteOrigin {
    File(PathBuf),
    /// What can be read once only.
    Memory(Arc<[u8]>),
    /// As `Memory`, in a file of this process.
    Spooled(Arc<SpooledBytes>),
}

#[derive(Debug)]
struct SpooledBytes {
    path: PathBuf,
    /// Kept as long as the file is in it.
    _directory: TemporaryDirectory,
}

/// Bytes that can be read from the beginning several times.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// Name as the user knows it.
    pub name: String,
    origin: ByteOrigin,
    compression: Compression,
}

impl Content {
    /// The file at `path`, or all that comes from a pipe there.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn of_path(path: &Path, name: &str) -> Result<Content> {
        let refuse = |source| Error::io("read", path, source);
        let file = File::open(path).map_err(refuse)?;
        match file.metadata().map_err(refuse)?.is_file() {
            true => Content::new(name, ByteOrigin::File(path.to_owned())),
            false => Content::of_reader(file, name),
        }
    }

    /// All that comes from `reader`.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn of_reader(reader: impl Read, name: &str) -> Result<Content> {
        Content::of_reader_within(reader, name, MAX_BYTES_IN_MEMORY)
    }

    fn of_reader_within(mut reader: impl Read, name: &str, in_memory: u64) -> Result<Content> {
        let refuse = |source| Error::io("read", name, source);
        let mut bytes = Vec::new();
        reader.by_ref().take(in_memory + 1).read_to_end(&mut bytes).map_err(refuse)?;
        if bytes.len() as u64 <= in_memory {
            return Content::new(name, ByteOrigin::Memory(bytes.into()));
        }
        let directory = TemporaryDirectory::new()?;
        let path = directory.path().join("bytes");
        let mut file = File::create(&path).map_err(|source| Error::io("write", &path, source))?;
        io::copy(&mut bytes.as_slice().chain(reader), &mut file).map_err(|source| match disk::is_full(&source) {
            true => Error::io("write", directory.path(), source),
            false => refuse(source),
        })?;
        Content::new(name, ByteOrigin::Spooled(Arc::new(SpooledBytes { path, _directory: directory })))
    }

    /// The same bytes unpacked, where they can be read at any place.
    ///
    /// # Errors
    /// As [`Content::all`].
    pub fn unpacked(&self) -> Result<Content> {
        match self.compression {
            Compression::None => Ok(self.clone()),
            // The reader's own error says what is damaged.
            _ => Content::of_reader(self.reader()?, &self.name).map_err(|error| match error {
                Error::Io { action: "read", source, .. } => self.unreadable(source),
                other => other,
            }),
        }
    }

    fn new(name: &str, origin: ByteOrigin) -> Result<Content> {
        let mut content = Content { name: name.to_owned(), origin, compression: Compression::None };
        content.compression = match *content.head()? {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstandard,
            _ => Compression::None,
        };
        Ok(content)
    }

    /// The same bytes under another name.
    pub fn named(&self, name: &str) -> Content {
        Content { name: name.to_owned(), ..self.clone() }
    }

    /// Whether the bytes are those of the file at its path, unpacked from nothing.
    pub fn plain_path(&self) -> Option<&Path> {
        match (&self.origin, self.compression) {
            (ByteOrigin::File(path), Compression::None) => Some(path),
            (ByteOrigin::Spooled(spooled), Compression::None) => Some(&spooled.path),
            _ => None,
        }
    }

    /// The file that the bytes are in, unless they came from a pipe.
    pub fn file(&self) -> Option<&Path> {
        match &self.origin {
            ByteOrigin::File(path) => Some(path),
            ByteOrigin::Memory(_) | ByteOrigin::Spooled(_) => None,
        }
    }

    /// A reader from the beginning.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn reader(&self) -> Result<Box<dyn Read + Send + '_>> {
        let raw = self.raw()?;
        Ok(match self.compression {
            Compression::None => raw,
            Compression::Gzip => bounded(MultiGzDecoder::new(raw)),
            Compression::Zstandard => {
                let decoder = zstd::stream::read::Decoder::new(raw).map_err(|error| self.unreadable(error))?;
                bounded(decoder)
            }
        })
    }

    fn raw(&self) -> Result<Box<dyn Read + Send + '_>> {
        let path = match &self.origin {
            ByteOrigin::File(path) => path,
            ByteOrigin::Spooled(spooled) => &spooled.path,
            ByteOrigin::Memory(bytes) => return Ok(Box::new(Cursor::new(bytes))),
        };
        let file = File::open(path).map_err(|source| Error::io("read", path, source))?;
        Ok(Box::new(BufReader::with_capacity(1 << 17, file)))
    }

    /// The first bytes.
    ///
    /// # Errors
    /// As [`Content::all`].
    pub fn head(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader()?.take(HEAD_BYTES).read_to_end(&mut bytes).map_err(|error| self.unreadable(error))?;
        Ok(bytes)
    }

    /// All bytes.
    ///
    /// # Errors
    /// The operating system refuses; what is compressed is damaged or expands to more than [`MAX_EXPANDED_BYTES`].
    pub fn all(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader()?.read_to_end(&mut bytes).map_err(|error| self.unreadable(error))?;
        Ok(bytes)
    }

    /// Number of bytes as they are stored, their SHA-256 in hexadecimal, and the number of lines.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn fingerprint(&self) -> Result<(u64, String, u64)> {
        let mut reader = self.raw()?;
        let (mut hasher, mut buffer, mut bytes) = (Sha256::new(), vec![0; 1 << 16], 0);
        let (mut ends, mut last) = (0, b'\n');
        loop {
            match reader.read(&mut buffer).map_err(|error| self.unreadable(error))? {
                0 => return Ok((bytes, hex(&hasher.finalize()), ends + u64::from(last != b'\n'))),
                read => {
                    hasher.update(&buffer[..read]);
                    ends += buffer[..read].iter().filter(|byte| **byte == b'\n').count() as u64;
                    last = buffer[read - 1];
                    bytes += read as u64;
                }
            }
        }
    }

    /// A failure while reading: of the input if it is compressed, else of the operating system.
    pub fn unreadable(&self, error: io::Error) -> Error {
        let format = match self.compression {
            _ if error.kind() == TOO_LARGE => return too_large(&self.name),
            Compression::None => return Error::io("read", &self.name, error),
            Compression::Gzip => "gzip",
            Compression::Zstandard => "Zstandard",
        };
        self.fault(Reason::Unreadable, format!("expected a whole {format} file: {error}"))
    }

    /// A fault of the whole file.
    pub fn fault(&self, reason: Reason, rule: impl Into<String>) -> Error {
        Error::input(Fault::new(Place::file(&self.name), reason, rule))
    }
}

/// The error of a file that expands to too many bytes.
pub(super) fn too_large(name: &str) -> Error {
    let limit = MAX_EXPANDED_BYTES >> 30;
    let rule = format!("expected at most {limit} GiB after unpacking; unpack the file and give its parts");
    Error::input(Fault::new(Place::file(name), Reason::Unreadable, rule))
}

fn bounded<'a>(reader: impl Read + Send + 'a) -> Box<dyn Read + Send + 'a> {
    Box::new(BoundedReader { reader, left: MAX_EXPANDED_BYTES })
}

/// A reader that fails after a number of bytes, instead of ending as [`Read::take`] does.
pub(super) struct BoundedReader<R> {
    pub reader: R,
    pub left: u64,
}

impl<R: Read> Read for BoundedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or(TOO_LARGE)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn compressed_bytes_are_unpacked_by_their_first_bytes() {
        let text = b"energy\n0.5\n".as_slice();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text).expect("packed");
        let gzip = gzip.finish().expect("packed");
        let zstandard = zstd::encode_all(text, 1).expect("packed");
        for bytes in [text, &gzip, &zstandard] {
            let content = Content::of_reader(bytes, "x").expect("content");
            assert_eq!(content.all().expect("bytes"), text);
            assert_eq!(content.all().expect("bytes once more"), text);
        }
        let content = Content::of_reader(&gzip[..gzip.len() - 12], "half.gz");
        let error = content.and_then(|content| content.all()).expect_err("half a file");
        assert!(error.is_input() && error.to_string().starts_with("half.gz: expected a whole gzip file"), "{error}");
    }

    #[test]
    fn what_is_too_large_for_memory_is_in_a_file() {
        let text = b"energy\n0.5\n".as_slice();
        let of = |limit| Content::of_reader_within(text, "x", limit).expect("content");
        assert_eq!(of(text.len() as u64).plain_path(), None);
        let spooled = of(text.len() as u64 - 1);
        let path = spooled.plain_path().expect("a file").to_owned();
        assert_eq!((spooled.all().expect("bytes").as_slice(), spooled.file()), (text, None));
        assert!(path.exists());
        drop(spooled);
        assert!(!path.exists());
    }

    #[test]
    fn a_bounded_reader_fails_at_its_bound() {
        let read = |left| BoundedReader { reader: &[7u8; 10][..], left }.read_to_end(&mut Vec::new());
        assert_eq!(read(10).expect("as many as allowed"), 10);
        assert_eq!(read(9).expect_err("one too many").kind(), TOO_LARGE);
    }
}
