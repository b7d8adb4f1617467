//! Temporary directories that are removed with their value, at a signal, or by the next process.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::error::{Error, Result};

/// Beginning of the names of directories in the system's temporary directory.
const PREFIX: &str = "hitflop-";
/// Beginning of the names of directories beside outputs.
const HIDDEN_PREFIX: &str = ".hitflop-";
/// A file that is locked as long as its directory is in use.
const LOCK: &str = ".lock";
/// The name of that file until it is locked. Another process that saw an unlocked file would remove the directory.
const UNLOCKED: &str = ".lock-new";
/// Age of a directory without a lock that was left by a process killed while it made the directory.
const MAX_AGE_WITHOUT_LOCK: Duration = Duration::from_secs(3600);

/// How often the removal of a directory is tried at a signal.
const REMOVALS: usize = 50;
/// Time between two tries.
const PAUSE: Duration = Duration::from_millis(5);

/// The temporary directories and the locked files of this process.
static IN_USE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
/// Held while a set of files is committed.
static COMMITTING: Mutex<()> = Mutex::new(());

/// A temporary directory, which is removed with this value.
#[derive(Debug)]
pub struct TemporaryDirectory {
    // Locked; before the directory, so that it is closed when the directory is removed.
    _lock: File,
    directory: TempDir,
}

impl TemporaryDirectory {
    /// A directory in the system's temporary directory. Directories there that a killed process left are removed.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn new() -> Result<TemporaryDirectory> {
        static CLEANED: Once = Once::new();
        let parent = std::env::temp_dir();
        CLEANED.call_once(|| remove_stale_below(&parent, PREFIX));
        TemporaryDirectory::within(&parent, PREFIX)
    }

    /// A hidden directory in that of an output, hence on the same file system.
    pub(super) fn beside_outputs(directory: &Path) -> Result<TemporaryDirectory> {
        TemporaryDirectory::within(directory, HIDDEN_PREFIX)
    }

    fn within(parent: &Path, prefix: &str) -> Result<TemporaryDirectory> {
        let refuse = |source| Error::io("write", parent, source);
        // The list is locked first, so that the handler of a signal sees every directory.
        let mut directories = in_use();
        let directory = tempfile::Builder::new().prefix(prefix).tempdir_in(parent).map_err(refuse)?;
        let unlocked = directory.path().join(UNLOCKED);
        let lock = File::create(&unlocked).map_err(refuse)?;
        // Without locks on this file system, no other process can lock the file either, so none removes the directory.
        let _ = lock.try_lock();
        fs::rename(unlocked, directory.path().join(LOCK)).map_err(refuse)?;
        directories.insert(directory.path().to_owned());
        Ok(TemporaryDirectory { _lock: lock, directory })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        in_use().remove(self.directory.path());
    }
}

/// What is removed at a signal; nothing is removed, and the process does not end, as long as the value lives.
pub(super) fn in_use() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // A set of paths is valid whatever panicked.
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Delays [`remove_temporaries`] as long as the value lives.
pub(super) fn committing() -> MutexGuard<'static, ()> {
    COMMITTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all temporary directories and locks of this process, which must end then: for a handler of signals. A commit that has
/// begun is finished before.
pub fn remove_temporaries() {
    // Neither is released: nothing is committed or created any more.
    std::mem::forget(committing());
    let paths = in_use();
    paths.iter().for_each(|path| {
        // Other threads may still write into it, so that it is not empty when it should go. What cannot be removed is left to the
        // next process.
        for _ in 0..REMOVALS {
            let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            if removed.is_ok() || !path.exists() {
                break;
            }
            thread::sleep(PAUSE);
        }
    });
    std::mem::forget(paths);
}

/// Removes staging directories that killed processes left in a directory of outputs. Must not be called while a journal is there.
pub(super) fn remove_stale(directory: &Path) {
    remove_stale_below(directory, HIDDEN_PREFIX);
}

fn remove_stale_below(parent: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(prefix);
        if is_ours && entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_stale(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether no process uses a directory: the lock of one that is in use cannot be had.
fn is_stale(directory: &Path) -> bool {
    match OpenOptions::new().write(true).open(directory.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(_) => {
            let age = fs::metadata(directory).and_then(|found| found.modified()).map(|time| time.elapsed());
            let is_unused = fs::read_dir(directory)
                .is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == UNLOCKED)));
            is_unused && matches!(age, Ok(Ok(age)) if age > MAX_AGE_WITHOUT_LOCK)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_goes_with_its_value_and_one_in_use_is_not_stale() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let directory = TemporaryDirectory::beside_outputs(place.path()).expect("a directory");
        fs::write(directory.path().join("a"), "a").expect("written");
        remove_stale(place.path());
        assert!(directory.path().join("a").exists());
        drop(directory);
        assert_eq!(fs::read_dir(place.path()).expect("readable").count(), 0);
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_nothing_else() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| place.path().join(name);
        for name in [".hitflop-left", ".hitflop-new", ".hitflop-unlocked", "mine"] {
            fs::create_dir(path(name)).expect("a directory");
        }
        fs::write(path(".hitflop-left").join(LOCK), "").expect("written");
        fs::write(path(".hitflop-left/0"), "half").expect("written");
        fs::write(path(".hitflop-unlocked").join(UNLOCKED), "").expect("written");
        fs::write(path("mine").join(LOCK), "").expect("written");
        fs::write(path(".hitflop-file"), "").expect("written");
        remove_stale(place.path());
        assert!(!path(".hitflop-left").exists(), "its lock is free");
        for name in [".hitflop-new", ".hitflop-unlocked"] {
            assert!(path(name).exists(), "another process is about to lock {name}");
        }
        assert!(path("mine").exists() && path(".hitflop-file").exists());
    }
}
