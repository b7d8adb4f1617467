//! One file that is written beside its target and renamed when it is whole.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::destination::{keep_attributes, Destination};
use super::temporary::TemporaryDirectory;
use super::{create_directories, directory_of, is_full, sync_directory};
use crate::error::{Error, Result};

/// Name of a staged file in a directory of its own.
const ALONE: &str = "0";

/// An output that is being written. Dropped before [`Staged::publish`], it leaves nothing behind.
///
/// The file is in a temporary directory beside its target. A symbolic link is followed: the file that it leads to is replaced. The
/// new file has mode and, where permitted, owner of the replaced one. A device or a pipe is written through, and never replaced.
#[derive(Debug)]
pub struct Staged {
    /// Kept as long as the file is in it.
    _directory: Arc<TemporaryDirectory>,
    path: PathBuf,
    target: PathBuf,
    destination: Destination,
}

impl Staged {
    /// Begins a file that will become `target`, creating the directories above it. Nothing is at [`Staged::path`] yet.
    ///
    /// # Errors
    /// The target is a directory, or the operating system refuses.
    pub fn beside(target: &Path) -> Result<Staged> {
        let destination = Destination::of(target)?;
        let directory = match &destination {
            Destination::File(path) => {
                create_directories(directory_of(path))?;
                TemporaryDirectory::beside_outputs(directory_of(path))?
            }
            Destination::Stream(_) => TemporaryDirectory::new()?,
        };
        Ok(Staged::within(Arc::new(directory), ALONE, target, destination))
    }

    /// As [`Staged::beside`], in a temporary directory that several files share.
    pub(super) fn within(
        directory: Arc<TemporaryDirectory>,
        name: &str,
        target: &Path,
        destination: Destination,
    ) -> Staged {
        Staged { path: directory.path().join(name), _directory: directory, target: target.to_owned(), destination }
    }

    /// Begins a file that will become `target`, with all its bytes.
    ///
    /// # Errors
    /// As [`Staged::beside`].
    pub fn holding(target: &Path, bytes: &[u8]) -> Result<Staged> {
        let staged = Staged::beside(target)?;
        staged.fill(bytes)?;
        Ok(staged)
    }

    pub(super) fn fill(&self, bytes: &[u8]) -> Result<()> {
        fs::write(&self.path, bytes).map_err(|source| self.refused(source))
    }

    /// Where the file is until it is published.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it will be, as it was named.
    pub fn target(&self) -> &Path {
        &self.target
    }

    pub(super) fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Gives the whole file another target.
    ///
    /// # Errors
    /// As [`Staged::beside`], or the file is not there.
    pub fn redirect(self, target: &Path) -> Result<Staged> {
        let other = Staged::beside(target)?;
        match fs::rename(&self.path, &other.path) {
            Ok(()) => Ok(other),
            // Another file system.
            Err(_) => fs::copy(&self.path, &other.path).map_err(|source| other.refused(source)).map(|_| other),
        }
    }

    /// Makes the file durable, with mode and owner of the file that it will replace.
    pub(super) fn seal(&self) -> Result<()> {
        let Destination::File(replaced) = &self.destination else { return Ok(()) };
        let seal = || {
            if let Ok(replaced) = fs::metadata(replaced) {
                keep_attributes(&self.path, &replaced)?;
            }
            File::open(&self.path)?.sync_all()
        };
        seal().map_err(|source| self.refused(source))
    }

    /// Writes the file through to a device or a pipe.
    pub(super) fn write_through(&self, stream: &Path) -> Result<()> {
        let copy = || {
            let mut stream = OpenOptions::new().append(true).open(stream)?;
            io::copy(&mut File::open(&self.path)?, &mut stream)
        };
        copy().map(drop).map_err(|source| self.refused(source))
    }

    /// Makes the file its target, replacing what was there.
    ///
    /// # Errors
    /// The operating system refuses; the former file is unchanged.
    pub fn publish(self) -> Result<()> {
        self.seal()?;
        match &self.destination {
            Destination::Stream(stream) => self.write_through(stream),
            Destination::File(path) => {
                fs::rename(&self.path, path).map_err(|source| self.refused(source))?;
                sync_directory(directory_of(path));
                Ok(())
            }
        }
    }

    /// Checks that the disk of the file has space left: not every library says why it could not write.
    ///
    /// # Errors
    /// The disk is full.
    pub fn require_space(&self) -> Result<()> {
        const BYTES: usize = 1 << 16;
        let probe = self.path.with_extension("probe");
        let written = fs::write(&probe, [0; BYTES]);
        let _ = fs::remove_file(&probe);
        match written {
            Err(source) if is_full(&source) => Err(self.refused(source)),
            _ => Ok(()),
        }
    }

    fn refused(&self, source: io::Error) -> Error {
        Error::io("write", &self.target, source)
    }
}

/// Writes `bytes` to `path`, whole or not at all. A device or a pipe is written through.
///
/// # Errors
/// The path is a directory, or the operating system refuses; the former file is unchanged.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Destination::Stream(stream) = Destination::of(path)? {
        let refuse = |source| Error::io("write", path, source);
        let mut stream = OpenOptions::new().append(true).open(stream).map_err(refuse)?;
        return io::Write::write_all(&mut stream, bytes).map_err(refuse);
    }
    Staged::holding(path, bytes)?.publish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_published_leaves_nothing() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let target = directory.path().join("new/a.txt");
        drop(Staged::holding(&target, b"half").expect("staged"));
        assert_eq!(fs::read_dir(directory.path().join("new")).expect("readable").count(), 0);
        write_whole(&target, b"one").expect("written");
        write_whole(&target, b"two").expect("written again");
        assert_eq!(fs::read(&target).expect("readable"), b"two");
        assert_eq!(fs::read_dir(directory.path().join("new")).expect("readable").count(), 1);
    }

    #[test]
    fn a_directory_is_no_target() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let error = write_whole(directory.path(), b"one").expect_err("a directory");
        assert!(error.is_input() && error.to_string().contains("found a directory"), "{error}");
    }

    #[test]
    fn a_redirected_file_has_its_other_target() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let (one, two) = (directory.path().join("one"), directory.path().join("two/2"));
        Staged::holding(&one, b"1").expect("staged").redirect(&two).expect("redirected").publish().expect("published");
        assert!(!one.exists());
        assert_eq!(fs::read(&two).expect("readable"), b"1");
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use std::os::unix::fs::{symlink, FileTypeExt, MetadataExt, PermissionsExt};

        #[test]
        fn a_link_is_followed_and_the_mode_is_kept() {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let path = |name: &str| directory.path().join(name);
            write_whole(&path("real/file"), b"old").expect("written");
            fs::set_permissions(path("real/file"), fs::Permissions::from_mode(0o640)).expect("a mode");
            symlink("real/file", path("link")).expect("a link");
            symlink(path("link"), path("chain")).expect("a link");
            write_whole(&path("chain"), b"new").expect("written");
            assert!(path("chain").is_symlink() && path("link").is_symlink());
            assert_eq!(fs::read(path("real/file")).expect("readable"), b"new");
            assert_eq!(fs::metadata(path("real/file")).expect("there").mode() & 0o777, 0o640);
            symlink("real/free", path("dangling")).expect("a link");
            write_whole(&path("dangling"), b"new").expect("written");
            assert_eq!(fs::read(path("real/free")).expect("readable"), b"new");
            symlink("circle", path("circle")).expect("a link");
            let error = write_whole(&path("circle"), b"new").expect_err("a circle");
            assert!(error.to_string().contains("circle"), "{error}");
        }

        #[test]
        fn devices_and_pipes_are_written_through() {
            write_whole(Path::new("/dev/null"), b"bytes").expect("written");
            Staged::holding(Path::new("/dev/null"), b"bytes").expect("staged").publish().expect("written");
            assert!(fs::metadata("/dev/null").expect("there").file_type().is_char_device());

            let directory = tempfile::tempdir().expect("a temporary directory");
            let pipe = directory.path().join("pipe");
            let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs");
            assert!(made.success());
            for publish in
                [|pipe: &Path| write_whole(pipe, b"whole"), |pipe: &Path| Staged::holding(pipe, b"whole")?.publish()]
            {
                let reader = std::thread::spawn({
                    let pipe = pipe.clone();
                    move || fs::read(pipe).expect("readable")
                });
                publish(&pipe).expect("written");
                assert_eq!(reader.join().expect("no panic"), b"whole");
            }
            assert!(fs::metadata(&pipe).expect("there").file_type().is_fifo());
        }
    }
}
