//! Where the bytes of an output go: symbolic links are followed, and what is no regular file is written through.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::directory_of;
use crate::error::{Error, Fault, Place, Reason, Result};

/// Symbolic links that are followed, as many as Linux follows.
const MAX_LINKS: usize = 40;

/// Where the bytes of an output go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// A regular file, or a free name; no symbolic link.
    File(PathBuf),
    /// A device, a pipe, or an open file of a process, which is written to and never replaced.
    Stream(PathBuf),
}

impl Destination {
    /// # Errors
    /// The target is a directory, or its links lead in a circle.
    pub(super) fn of(target: &Path) -> Result<Destination> {
        refuse_directory(target)?;
        if fs::metadata(target).is_ok_and(|found| !found.is_file()) {
            return Ok(Destination::Stream(target.to_owned()));
        }
        let mut path = target.to_owned();
        for _ in 0..MAX_LINKS {
            // The links there name open files: a rename would not reach them.
            if path.starts_with("/proc") || path.starts_with("/dev/fd") {
                return Ok(Destination::Stream(target.to_owned()));
            }
            match fs::symlink_metadata(&path) {
                Ok(found) if found.is_symlink() => {
                    let link = fs::read_link(&path).map_err(|source| Error::io("read", &path, source))?;
                    path = directory_of(&path).join(link);
                }
                Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                    return Err(Error::io("write", target, error));
                }
                _ => return Ok(Destination::File(path)),
            }
        }
        Err(Error::io("write", target, io::Error::other("the symbolic links lead in a circle")))
    }
}

/// The path at which an output will be: links are followed, also where the file does not exist yet. Two outputs of one such path
/// are one file.
///
/// # Errors
/// The target is a directory, or its links lead in a circle.
pub fn resolved(target: &Path) -> Result<PathBuf> {
    let path = match Destination::of(target)? {
        Destination::File(path) | Destination::Stream(path) => path,
    };
    let directory = directory_of(&path).canonicalize();
    Ok(match (directory, path.file_name()) {
        (Ok(directory), Some(name)) => directory.join(name),
        // Its directory does not exist yet.
        _ => std::path::absolute(&path).unwrap_or(path),
    })
}

/// Checks that an output is not a directory.
///
/// # Errors
/// The output is one.
pub fn refuse_directory(target: &Path) -> Result<()> {
    if !target.is_dir() {
        return Ok(());
    }
    let place = Place::file(target.display().to_string());
    let rule = "expected a file or a free name, found a directory; remove it, or choose another output";
    Err(Error::input(Fault::new(place, Reason::Setting, rule)))
}

/// Gives a staged file mode and owner of the file that it will replace. An owner that the system does not permit is left out.
#[cfg(unix)]
pub(super) fn keep_attributes(staged: &Path, replaced: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{chown, MetadataExt};
    let own = fs::metadata(staged)?;
    if (own.uid(), own.gid()) != (replaced.uid(), replaced.gid()) {
        let _ = chown(staged, Some(replaced.uid()), Some(replaced.gid()))
            .or_else(|_| chown(staged, None, Some(replaced.gid())));
    }
    fs::set_permissions(staged, replaced.permissions())
}

/// Gives a staged file the permissions of the file that it will replace.
#[cfg(not(unix))]
pub(super) fn keep_attributes(staged: &Path, replaced: &fs::Metadata) -> io::Result<()> {
    fs::set_permissions(staged, replaced.permissions())
}
