//! What a file is, by its first bytes.

/// What the bytes of a file look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    /// No bytes.
    Empty,
    /// A Parquet file.
    Parquet,
    /// JSON, as a document or by line.
    Json,
    /// A zip archive, which may be a workbook.
    Zip,
    /// Text that may be a table.
    Text,
    /// Something else.
    Other(Unreadable),
}

/// A kind of file that is no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// With its article.
    pub noun: &'static str,
    /// What to do.
    pub advice: &'static str,
}

const CONVERT: &str = "convert it to CSV or Parquet";
const UNPACK: &str = "unpack it and give the files in it";
const OTHER_FILE: &str = "choose a CSV, Parquet or JSON file";
const NEWER_EXPORT: &str = "export the sheet as CSV (UTF-8)";

/// An Excel workbook in either format.
pub(super) const WORKBOOK: Unreadable = Unreadable { noun: "an Excel workbook", advice: NEWER_EXPORT };
/// A spreadsheet of LibreOffice.
pub(super) const SPREADSHEET: Unreadable = Unreadable { noun: "an OpenDocument spreadsheet", advice: NEWER_EXPORT };
/// Arrays of NumPy in a zip archive.
pub(super) const ARRAYS: Unreadable = Unreadable { noun: "NumPy arrays", advice: CONVERT };
/// An archive where none is expected.
pub(super) const ARCHIVE: Unreadable = Unreadable { noun: "a zip archive", advice: UNPACK };

/// First bytes, what the file is, and what to do.
const SIGNATURES: [(&[u8], &str, &str); 30] = [
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook or another Office file", NEWER_EXPORT),
    (b"ARROW1", "a Feather (Arrow) file", CONVERT),
    (b"FEA1", "a Feather file", CONVERT),
    (b"\xff\xff\xff\xff", "an Arrow stream", CONVERT),
    (b"ORC", "an ORC file", CONVERT),
    (b"Obj\x01", "an Avro file", CONVERT),
    (b"SQLite format 3\0", "an SQLite database", "export the table as CSV"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", CONVERT),
    (b"\x93NUMPY", "a NumPy array", CONVERT),
    (b"RDX2\n", "an R workspace", "write the table as CSV"),
    (b"RDX3\n", "an R workspace", "write the table as CSV"),
    (b"X\n\0\0\0", "an R object", "write the table as CSV"),
    (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer", "fetch the file itself with `git lfs pull`"),
    (b"%PDF-", "a PDF document", OTHER_FILE),
    (b"\x89PNG", "a PNG image", OTHER_FILE),
    (b"\xff\xd8\xff", "a JPEG image", OTHER_FILE),
    (b"GIF8", "a GIF image", OTHER_FILE),
    (b"ID3", "an MP3 file", OTHER_FILE),
    (b"OggS", "an Ogg file", OTHER_FILE),
    (b"fLaC", "a FLAC file", OTHER_FILE),
    (b"RIFF", "a RIFF file (WAV or WebP)", OTHER_FILE),
    (b"\x1f\x8b", "a gzip file in a compressed file", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file in a compressed file", UNPACK),
    (b"BZh", "a bzip2 file", "unpack it"),
    (b"\xfd7zXZ\0", "an xz file", "unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"<stata_dta>", "a Stata file", CONVERT),
    (b"$FL2", "an SPSS file", CONVERT),
    (b"\x7fELF", "a program", OTHER_FILE),
];

/// What a file is that begins with `head`.
pub(super) fn what_is(head: &[u8]) -> FileKind {
    let other = |noun, advice| FileKind::Other(Unreadable { noun, advice });
    if head.is_empty() {
        return FileKind::Empty;
    }
    if head.starts_with(b"PAR1") {
        return FileKind::Parquet;
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return FileKind::Zip;
    }
    if let Some((_, noun, advice)) = SIGNATURES.iter().find(|(signature, ..)| head.starts_with(signature)) {
        return other(noun, advice);
    }
    if is_pickle(head) {
        return other("a Python pickle", "write the table with to_csv or to_parquet; a pickle can run code");
    }
    if head.get(257..262) == Some(b"ustar") {
        return other("a tar archive", UNPACK);
    }
    if head.starts_with(&[0xff, 0xfe, 0, 0]) || head.starts_with(&[0, 0, 0xfe, 0xff]) {
        return other("text in UTF-32", "save it as UTF-8");
    }
    match hitflop_core::reader::encoding::shown_by(head) {
        Some(encoding) => text_kind(&encoding.decode(&head[..head.len() / 2 * 2]).0),
        None if head.contains(&0) => other("a binary file", OTHER_FILE),
        None => text_kind(&String::from_utf8_lossy(&head[..head.len().min(1024)])),
    }
}

fn text_kind(text: &str) -> FileKind {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let start: String = text.chars().take(16).collect::<String>().to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        let advice = "a download page may have been saved instead of the file; download the file itself";
        return FileKind::Other(Unreadable { noun: "an HTML page", advice });
    }
    if start.starts_with("<?xml") {
        return FileKind::Other(Unreadable { noun: "an XML document", advice: CONVERT });
    }
    match text.chars().next() {
        None => FileKind::Empty,
        Some('{' | '[') => FileKind::Json,
        Some(_) => FileKind::Text,
    }
}

/// Protocols 2 to 5 begin with a frame, a list or a global.
fn is_pickle(head: &[u8]) -> bool {
    matches!(head, [0x80, 2..=5, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_first_bytes() {
        let noun = |head: &[u8]| match what_is(head) {
            FileKind::Other(kind) => kind.noun,
            kind => panic!("{kind:?}"),
        };
        assert_eq!(noun(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "a Git LFS pointer");
        assert_eq!(noun(b"  \n<!DOCTYPE HTML><title>x</title>"), "an HTML page");
        assert_eq!(noun(b"\x80\x04\x95\x10\0\0\0"), "a Python pickle");
        assert_eq!(noun(&[&[b'a'; 257][..], b"ustar\0"].concat()), "a tar archive");
        assert_eq!(noun(b"\x01\x02\0\0\x03"), "a binary file");
        for (head, kind) in [
            (b"".as_slice(), FileKind::Empty),
            (b" \n ", FileKind::Empty),
            (b"PAR1\x15\0", FileKind::Parquet),
            (b"PK\x03\x04\x14", FileKind::Zip),
            (b"\xef\xbb\xbf [{\"energy\": 1}]", FileKind::Json),
            (b"\xff\xfe{\0\"\0", FileKind::Json),
            (b"energy,tempo\n0.5,120\n", FileKind::Text),
            (b"e\0n\0e\0r\0g\0y\0\n\0", FileKind::Text),
            (b"Beyonc\xe9,0.5\n", FileKind::Text),
        ] {
            assert_eq!(what_is(head), kind, "{head:?}");
        }
    }
}
