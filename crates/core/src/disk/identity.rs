//! Whether two paths are one file.

use std::path::Path;

/// What identifies an existing file, whatever the path to it: symbolic and hard links of one file have one identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileIdentity(Identity);

/// Device and number of the file.
#[cfg(unix)]
type Identity = (u64, u64);
/// The path without links.
#[cfg(not(unix))]
type Identity = std::path::PathBuf;

impl FileIdentity {
    /// That of an existing regular file; none for directories, devices and pipes, and where there is no file.
    pub fn of(path: &Path) -> Option<FileIdentity> {
        let found = std::fs::metadata(path).ok().filter(|found| found.is_file())?;
        FileIdentity::from_metadata(path, &found)
    }

    #[cfg(unix)]
    pub(super) fn from_metadata(_: &Path, found: &std::fs::Metadata) -> Option<FileIdentity> {
        use std::os::unix::fs::MetadataExt;
        Some(FileIdentity((found.dev(), found.ino())))
    }

    #[cfg(not(unix))]
    pub(super) fn from_metadata(path: &Path, _: &std::fs::Metadata) -> Option<FileIdentity> {
        path.canonicalize().ok().map(FileIdentity)
    }
}
