//! Finished parts of a long job in a file, so that an interrupted job can be resumed.
//!
//! The first line identifies the job by a fingerprint. Each other line is a finished part: the beginning of its SHA-256, a
//! space, and the part as JSON. A line is valid once its end is on disk: if the job is killed while it writes, the last line
//! is incomplete, and is cut off when the file is opened again.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use hitflop_core::digest::hex;
use hitflop_core::disk::{write_whole, Lock};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Header {
    checkpoint: String,
    fingerprint: String,
}

/// Format and version.
const KIND: &str = "hitflop 1";
/// Length of a part's checksum.
const DIGITS: usize = 16;

/// A file to which finished parts are appended.
#[derive(Debug)]
pub struct Checkpoint {
    file: File,
    path: PathBuf,
    /// Held as long as the job works.
    lock: Lock,
}

impl Checkpoint {
    /// Opens the checkpoint of the job with this fingerprint and reads its finished parts; creates the file if it does not exist.
    ///
    /// # Errors
    /// Another process works on the job; the file is no checkpoint or that of another job, a line other than an incomplete last one is invalid, or the operating
    /// system refuses. The file is not changed then.
    pub(super) fn open<T: DeserializeOwned>(path: &Path, fingerprint: &str) -> Result<(Checkpoint, Vec<T>)> {
        create_directory_of(path)?;
        let lock =
            Lock::acquire(&lock_of(path), Duration::ZERO, &format!("is working on the search of {}", path.display()))?;
        let header = Header { checkpoint: KIND.to_owned(), fingerprint: fingerprint.to_owned() };
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Error::io("read", path, error)),
        };
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let parts = if whole == 0 {
            begin(path, &header, &bytes)?;
            Vec::new()
        } else {
            read(path, &header, &bytes[..whole])?
        };
        let refuse = |error| Error::io("write", path, error);
        let file = OpenOptions::new().append(true).open(path).map_err(refuse)?;
        if whole > 0 {
            file.set_len(whole as u64).map_err(refuse)?;
        }
        Ok((Checkpoint { file, path: path.to_owned(), lock }, parts))
    }

    /// Appends a finished part, which is on disk when this returns.
    ///
    /// # Errors
    /// The operating system refuses.
    pub(super) fn append(&mut self, part: &impl Serialize) -> Result<()> {
        let part = line(part)?;
        let mut line = digest(&part).into_bytes();
        line.push(b' ');
        line.extend(part);
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        written.map_err(|error| Error::io("write", &self.path, error))
    }

    /// Removes the file, once the result of the job is saved.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn remove(self) -> Result<()> {
        drop(self.file);
        let removed = fs::remove_file(&self.path).map_err(|error| Error::io("remove", &self.path, error));
        drop(self.lock);
        removed
    }
}

/// The lock of a checkpoint: the file itself is replaced when it begins.
fn lock_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn create_directory_of(path: &Path) -> Result<()> {
    let directory = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(directory).map_err(|error| Error::io("create", directory, error))
}

/// Writes a file with the header only. A file without a whole line may hold the beginning of such a header only.
fn begin(path: &Path, header: &Header, torn: &[u8]) -> Result<()> {
    let line = line(header)?;
    if !line.starts_with(torn) {
        return Err(refused(path, 1, "expected the header of a checkpoint", torn));
    }
    write_whole(path, &line)
}

fn line(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)
        .map_err(|error| Error::Failed(format!("a part of the checkpoint cannot be written as JSON: {error}")))?;
    line.push(b'\n');
    Ok(line)
}

/// The beginning of the SHA-256 of a part, in hexadecimal: enough to notice damage.
fn digest(part: &[u8]) -> String {
    hex(&Sha256::digest(part)[..8])
}

/// The parts in a file of whole lines.
fn read<T: DeserializeOwned>(path: &Path, header: &Header, bytes: &[u8]) -> Result<Vec<T>> {
    let mut lines = bytes[..bytes.len() - 1].split(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let found: Header =
        serde_json::from_slice(first).map_err(|_| refused(path, 1, "expected the header of a checkpoint", first))?;
    if found.checkpoint != header.checkpoint {
        return Err(refused(path, 1, &format!("expected the kind {KIND}"), found.checkpoint.as_bytes()));
    }
    if found.fingerprint != header.fingerprint {
        let rule = format!(
            "expected a checkpoint of these tracks and settings, {}; remove the file, or name another",
            header.fingerprint
        );
        return Err(refused(path, 1, &rule, found.fingerprint.as_bytes()));
    }
    let part = |(index, line): (usize, &[u8])| {
        let whole = [line, b"\n"].concat();
        let is_sound = |(sum, part): (&[u8], &[u8])| digest(part).as_bytes() == sum;
        let (_, part) = whole
            .split_at_checked(DIGITS)
            .and_then(|(sum, rest)| Some((sum, rest.strip_prefix(b" ")?)))
            .filter(|&halves| is_sound(halves))
            .ok_or_else(|| {
                refused(path, index + 2, "expected a finished part and its checksum; remove the file", line)
            })?;
        serde_json::from_slice(part)
            .map_err(|error| refused(path, index + 2, &format!("expected a finished part: {error}"), line))
    };
    lines.enumerate().map(part).collect()
}

fn refused(path: &Path, line: usize, rule: &str, found: &[u8]) -> Error {
    let place = Place::Member { file: Some(path.display().to_string()), path: format!("line {line}") };
    Error::input(Fault::new(place, Reason::Unreadable, rule).found(String::from_utf8_lossy(found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(result: Result<(Checkpoint, Vec<f64>)>) -> String {
        let error = result.expect_err("refused");
        assert!(error.is_input());
        error.to_string()
    }

    fn sealed(part: &str) -> String {
        format!("{} {part}", digest(format!("{part}\n").as_bytes()))
    }

    #[test]
    fn parts_come_back_in_their_order_however_the_last_line_was_torn() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("new/search.jsonl");
        let parts = [0.1, 1.0 / 3.0, f64::MIN_POSITIVE];
        let (mut checkpoint, none) = Checkpoint::open::<f64>(&path, "a").expect("a new one");
        assert!(none.is_empty());
        let mut lengths = vec![fs::metadata(&path).expect("there").len()];
        for part in parts {
            checkpoint.append(&part).expect("written");
            lengths.push(fs::metadata(&path).expect("there").len());
        }
        drop(checkpoint);
        let bytes = fs::read(&path).expect("readable");
        for length in 0..=bytes.len() {
            fs::write(&path, &bytes[..length]).expect("written");
            let (mut checkpoint, read) = Checkpoint::open::<f64>(&path, "a").expect("taken up");
            let whole = lengths.iter().filter(|&&end| end <= length as u64).count().max(1) - 1;
            assert_eq!(read, parts[..whole], "{length} bytes");
            checkpoint.append(&7.0).expect("written");
            drop(checkpoint);
            let (checkpoint, read) = Checkpoint::open::<f64>(&path, "a").expect("taken up");
            assert_eq!((read.len(), read.last()), (whole + 1, Some(&7.0)));
            checkpoint.remove().expect("removed");
            assert!(!path.exists());
        }
    }

    #[test]
    fn another_jobs_file_is_refused_and_left_alone() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("search.jsonl");
        let (mut checkpoint, _) = Checkpoint::open::<f64>(&path, "a").expect("a new one");
        checkpoint.append(&1.5).expect("written");
        drop(checkpoint);
        let before = fs::read(&path).expect("readable");
        let found = refusal(Checkpoint::open(&path, "b"));
        let rule = "expected a checkpoint of these tracks and settings, b; remove the file, or name another";
        assert_eq!(found, format!("{}, line 1: {rule}, found \"a\"", path.display()));
        assert_eq!(fs::read(&path).expect("readable"), before);
    }

    #[test]
    fn what_is_no_checkpoint_is_refused_and_left_alone() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("notes.txt");
        let header = r#"{"checkpoint":"hitflop 1","fingerprint":"a"}"#;
        for (text, message) in [
            ("notes".to_owned(), "line 1: expected the header of a checkpoint, found \"notes\""),
            ("notes\nmore\n".to_owned(), "line 1: expected the header of a checkpoint, found \"notes\""),
            (header.replace('1', "9") + "\n", "line 1: expected the kind hitflop 1, found \"hitflop 9\""),
            (
                format!("{header}\n{}\nx\n", sealed("1.5")),
                "line 3: expected a finished part and its checksum; remove the file, found \"x\"",
            ),
            // Changed after it was written.
            (
                format!("{header}\n{}\n", sealed("1.5").replace("1.5", "2.5")),
                &format!("line 2: expected a finished part and its checksum; remove the file, found {:?}", sealed("1.5").replace("1.5", "2.5")),
            ),
            (
                format!("{header}\n{}\n", sealed("true")),
                &format!("line 2: expected a finished part: invalid type: boolean `true`, expected f64 at line 1 column 4, found {:?}", sealed("true")),
            ),
        ] {
            fs::write(&path, &text).expect("written");
            assert_eq!(refusal(Checkpoint::open(&path, "a")), format!("{}, {message}", path.display()));
            assert_eq!(fs::read_to_string(&path).expect("readable"), text);
        }
        assert!(!Checkpoint::open::<f64>(directory.path(), "a").expect_err("a directory").is_input());
    }
}
