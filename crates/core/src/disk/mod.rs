//! Files that are whole or absent, and sets of files that change as a whole.
//!
//! An output is written into a temporary directory beside its target, synced, and renamed ([`Staged`]). Several outputs that belong
//! together are an [`OutputSet`]: when all of them are staged and synced, one rename of a journal commits the set. A process that is
//! killed before leaves all old files. After a kill behind that point, the next process that opens one of the directories
//! ([`complete_pending`]) finishes the set, so that all new files are there.

mod destination;
mod identity;
mod journal;
mod lock;
mod output_set;
mod staged;
mod temporary;

pub use destination::{refuse_directory, resolved};
pub use identity::FileIdentity;
pub use journal::complete_pending;
pub use lock::{utc, Lock};
pub use output_set::OutputSet;
pub use staged::{write_whole, Staged};
pub use temporary::{remove_temporaries, TemporaryDirectory};

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Whether an error says that a disk, a quota or a limit of file sizes is exhausted.
pub fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// The directory of a file; `.` for a bare name.
fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Creates a directory and those above it. Returns the created ones, the outermost first.
fn create_directories(directory: &Path) -> Result<Vec<PathBuf>> {
    let is_absent = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let mut created: Vec<PathBuf> = directory.ancestors().take_while(is_absent).map(Path::to_owned).collect();
    fs::create_dir_all(directory).map_err(|source| Error::io("create", directory, source))?;
    created.reverse();
    Ok(created)
}

/// Makes renames and removals in a directory durable, as far as the file system can.
fn sync_directory(directory: &Path) {
    // Some file systems cannot sync a directory; the files themselves are synced.
    let _ = fs::File::open(directory).and_then(|directory| directory.sync_all());
}
