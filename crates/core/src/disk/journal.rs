//! The journal of a set of files: with its rename the set is committed, and whoever finds it finishes the set.
//!
//! The journal is in one directory of the set, its home. The other directories have a file of the same name that leads there. Paths
//! are relative to the home, so that a directory tree that was moved or is mounted elsewhere can still be finished.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::lock::Lock;
use super::{directory_of, sync_directory};
use crate::error::{Error, Result};

/// Name of the journal, and of the files that lead to it.
const NAME: &str = ".hitflop.journal";
/// Name of the lock of a directory whose files are being renamed.
const LOCK: &str = ".hitflop.lock";
/// The first bytes of a journal, and of a file that leads to one.
const JOURNAL: &str = "hitflop journal 1";
const POINTER: &str = "hitflop journal 1 of";
/// Longest time that another commit is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest time that a reader waits for a commit.
const READER_PATIENCE: Duration = Duration::from_secs(5);

/// What a committed set still has to do. All paths are absolute and without links.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Journal {
    /// The directories that lead to the journal; the first is its home.
    pub directories: Vec<PathBuf>,
    /// Staged files and their targets.
    pub renames: Vec<(PathBuf, PathBuf)>,
    /// Files of a former set that this one lacks.
    pub removals: Vec<PathBuf>,
}

impl Journal {
    fn home(&self) -> &Path {
        &self.directories[0]
    }

    /// Commits the set: when this returns, the set will be finished, by this process or by the next.
    pub(super) fn write(&self) -> Result<()> {
        for directory in &self.directories[1..] {
            write_durably(directory, &fields(&[POINTER.into(), relative(directory, &self.home().join(NAME)).into()]))?;
        }
        write_durably(self.home(), &self.to_bytes())
    }

    /// Renames and removes what is left to do, and then removes the journal.
    pub(super) fn finish(&self) -> Result<()> {
        for (staged, target) in &self.renames {
            match fs::rename(staged, target) {
                // A process that was killed here had renamed it.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                result => result.map_err(|source| Error::io("write", target, source))?,
            }
        }
        for path in &self.removals {
            match fs::remove_file(path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                result => result.map_err(|source| Error::io("remove", path, source))?,
            }
        }
        let changed = self.renames.iter().map(|(_, target)| target).chain(&self.removals);
        let mut changed: Vec<&Path> = changed.map(|path| directory_of(path)).collect();
        changed.sort_unstable();
        changed.dedup();
        changed.into_iter().for_each(sync_directory);
        // The journal first: what leads to none is removed by whoever finds it.
        for directory in &self.directories {
            remove_journal(directory)?;
        }
        Ok(())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let path = |path: &Path| relative(self.home(), path).into_os_string();
        let mut all: Vec<OsString> = vec![JOURNAL.into()];
        for directory in &self.directories {
            all.extend(["directory".into(), path(directory)]);
        }
        for (staged, target) in &self.renames {
            all.extend(["rename".into(), path(staged), path(target)]);
        }
        for removal in &self.removals {
            all.extend(["remove".into(), path(removal)]);
        }
        fields(&all)
    }

    /// The journal in the bytes of a file in `home`; none if they are not those of a journal.
    fn from_bytes(home: &Path, bytes: &[u8]) -> Option<Journal> {
        let mut fields = parts(bytes)?.into_iter();
        if fields.next()? != JOURNAL {
            return None;
        }
        let mut journal = Journal::default();
        let at = |path: OsString| normal(&home.join(path));
        while let Some(kind) = fields.next() {
            match kind.to_str()? {
                "directory" => journal.directories.push(at(fields.next()?)),
                "rename" => journal.renames.push((at(fields.next()?), at(fields.next()?))),
                "remove" => journal.removals.push(at(fields.next()?)),
                _ => return None,
            }
        }
        (!journal.directories.is_empty()).then_some(journal)
    }
}

/// Finishes the set of files that a killed process had committed in a directory. Cheap where there is none.
///
/// # Errors
/// Another process is committing for seconds; the operating system refuses.
pub fn complete_pending(directory: &Path) -> Result<()> {
    if !directory.join(NAME).exists() {
        return Ok(());
    }
    let directory = directory.canonicalize().map_err(|source| Error::io("read", directory, source))?;
    let Some(journal) = find(&directory)? else { return Ok(()) };
    let _locks = lock(&journal.directories, READER_PATIENCE)?;
    // Another process may have finished the set meanwhile.
    match find(&directory)? {
        Some(journal) => journal.finish(),
        None => Ok(()),
    }
}

/// Locks directories for a commit, after every set of a killed process there is finished.
pub(super) fn lock_finished(directories: &[PathBuf]) -> Result<Vec<Lock>> {
    loop {
        directories.iter().try_for_each(|directory| complete_pending(directory))?;
        let locks = lock(directories, PATIENCE)?;
        if !directories.iter().any(|directory| directory.join(NAME).exists()) {
            return Ok(locks);
        }
    }
}

fn lock(directories: &[PathBuf], patience: Duration) -> Result<Vec<Lock>> {
    let mut sorted: Vec<&PathBuf> = directories.iter().filter(|directory| directory.is_dir()).collect();
    // In one order, so that no two processes wait for each other.
    sorted.sort_unstable();
    sorted.dedup();
    let lock = |directory: &PathBuf| {
        Lock::acquire(&directory.join(LOCK), patience, &format!("is writing to {}", directory.display()))
    };
    sorted.into_iter().map(lock).collect()
}

/// The journal in a directory or, from there, in its home. What leads to no journal is removed.
fn find(directory: &Path) -> Result<Option<Journal>> {
    let Some(bytes) = read(&directory.join(NAME))? else { return Ok(None) };
    let pointed = parts(&bytes).and_then(|fields| match fields.as_slice() {
        [kind, path] if kind == POINTER => Some(normal(&directory.join(path))),
        _ => None,
    });
    let (home, bytes) = match pointed {
        Some(journal) => (directory_of(&journal).to_owned(), read(&journal)?),
        None => (directory.to_owned(), Some(bytes)),
    };
    let journal = bytes.and_then(|bytes| Journal::from_bytes(&home, &bytes));
    match journal.filter(|journal| journal.directories.iter().any(|of_set| of_set == directory)) {
        Some(journal) => Ok(Some(journal)),
        None => remove_journal(directory).map(|()| None),
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

fn remove_journal(directory: &Path) -> Result<()> {
    let path = directory.join(NAME);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io("remove", &path, error)),
        _ => {
            sync_directory(directory);
            Ok(())
        }
    }
}

fn write_durably(directory: &Path, bytes: &[u8]) -> Result<()> {
    let path = directory.join(NAME);
    let new = directory.join(format!("{NAME}.new"));
    let write = || {
        fs::write(&new, bytes)?;
        fs::File::open(&new)?.sync_all()?;
        fs::rename(&new, &path)
    };
    write().map_err(|source| {
        let _ = fs::remove_file(&new);
        Error::io("write", &path, source)
    })?;
    sync_directory(directory);
    Ok(())
}

/// Texts, each ended by a zero byte, which no path contains.
fn fields(all: &[OsString]) -> Vec<u8> {
    all.iter().flat_map(|field| field.as_encoded_bytes().iter().copied().chain([0])).collect()
}

fn parts(bytes: &[u8]) -> Option<Vec<OsString>> {
    let whole = bytes.strip_suffix(&[0])?;
    whole.split(|&byte| byte == 0).map(from_bytes).collect()
}

#[cfg(unix)]
fn from_bytes(bytes: &[u8]) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes.to_owned()))
}

#[cfg(not(unix))]
fn from_bytes(bytes: &[u8]) -> Option<OsString> {
    String::from_utf8(bytes.to_owned()).ok().map(OsString::from)
}

/// `path` as seen from `directory`; both are absolute and without links.
fn relative(directory: &Path, path: &Path) -> PathBuf {
    let (from, to): (Vec<Component>, Vec<Component>) = (directory.components().collect(), path.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return path.to_owned();
    }
    let up = from[common..].iter().map(|_| Component::ParentDir);
    let relative: PathBuf = up.chain(to[common..].iter().copied()).collect();
    if relative.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        relative
    }
}

/// A path without `.` and `..`; it has no links.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_again_from_a_moved_home() {
        for (from, to, expected) in [
            ("/a/reports", "/a/models/.hitflop-x/0", "../models/.hitflop-x/0"),
            ("/a/reports", "/a/reports/charts/roc.svg", "charts/roc.svg"),
            ("/a/b", "/a/b", "."),
            ("/a", "/c/d", "../c/d"),
        ] {
            let path = relative(Path::new(from), Path::new(to));
            assert_eq!(path, Path::new(expected));
            assert_eq!(normal(&Path::new(from).join(path)), Path::new(to));
        }
    }

    #[test]
    fn a_journal_is_read_as_it_was_written() {
        let journal = Journal {
            directories: vec!["/a/reports".into(), "/a/models".into()],
            renames: vec![("/a/models/.hitflop-x/0".into(), "/a/models/line\nbreak".into())],
            removals: vec!["/a/reports/charts/old.svg".into()],
        };
        let bytes = journal.to_bytes();
        assert_eq!(Journal::from_bytes(Path::new("/a/reports"), &bytes).as_ref(), Some(&journal));
        let moved = Journal::from_bytes(Path::new("/moved/reports"), &bytes).expect("a journal");
        assert_eq!(moved.renames[0].1, Path::new("/moved/models/line\nbreak"));
        for length in 0..bytes.len() {
            let cut = Journal::from_bytes(Path::new("/a/reports"), &bytes[..length]);
            assert_ne!(cut.as_ref(), Some(&journal), "{length} bytes");
        }
        assert_eq!(Journal::from_bytes(Path::new("/"), b"no journal\0"), None);
    }
}
