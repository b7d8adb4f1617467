//! Files that are either whole or not there: written under a temporary name beside their target, synced, renamed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// A file that is being written; dropped before [`Staged::publish`], it leaves nothing behind.
#[derive(Debug)]
pub struct Staged {
    file: NamedTempFile,
    target: PathBuf,
}

impl Staged {
    /// Begins a file that shall become `target`, creating the directories above it.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn beside(target: &Path) -> Result<Staged> {
        let directory = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(directory).map_err(|source| Error::io("create", directory, source))?;
        let mut builder = tempfile::Builder::new();
        // Readable by whom the user's mask lets, as any other file; the default is for secrets.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder
            .prefix(".hitflop-")
            .tempfile_in(directory)
            .map_err(|source| Error::io("write", directory, source))?;
        Ok(Staged { file, target: target.to_owned() })
    }

    /// Begins a file that shall become `target`, with all that it shall hold.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn holding(target: &Path, bytes: &[u8]) -> Result<Staged> {
        let mut staged = Staged::beside(target)?;
        staged.file.write_all(bytes).map_err(|source| Error::io("write", target, source))?;
        Ok(staged)
    }

    /// Where it lies until it is published.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Makes it `target`, replacing what stood there.
    ///
    /// # Errors
    /// The operating system refuses; what stood there is as it was.
    pub fn publish(self) -> Result<()> {
        let refuse = |source| Error::io("write", &self.target, source);
        self.file.as_file().sync_all().map_err(refuse)?;
        self.file.persist(&self.target).map_err(|error| Error::io("write", &self.target, error.error))?;
        Ok(())
    }
}

/// Writes `bytes` to `path`, whole or not at all.
///
/// # Errors
/// The operating system refuses.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    Staged::holding(path, bytes)?.publish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_published_leaves_nothing() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let target = directory.path().join("new/a.txt");
        drop(Staged::beside(&target).expect("staged"));
        assert_eq!(fs::read_dir(directory.path().join("new")).expect("readable").count(), 0);
        write_whole(&target, b"one").expect("written");
        write_whole(&target, b"two").expect("written again");
        assert_eq!(fs::read(&target).expect("readable"), b"two");
    }
}
