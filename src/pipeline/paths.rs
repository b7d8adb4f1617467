//! Which files a job reads and writes, and that none is both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hitflop_core::disk::{resolved, FileIdentity};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};

/// Endings of files that are read from a directory that is an input.
const READ_FROM_DIRECTORIES: [&str; 8] = ["csv", "tsv", "zip", "gz", "zst", "json", "ndjson", "jsonl"];

/// The existing files among inputs: files, matches of globs, and decade files and archives in directories.
#[derive(Clone, Debug, Default)]
pub(super) struct InputFileSet(BTreeMap<FileIdentity, PathBuf>);

impl InputFileSet {
    pub fn of(inputs: &[PathBuf]) -> InputFileSet {
        let mut set = InputFileSet::default();
        for input in inputs {
            if input.is_dir() {
                let is_read = |path: &Path| {
                    path.extension()
                        .is_some_and(|own| READ_FROM_DIRECTORIES.iter().any(|kind| own.eq_ignore_ascii_case(kind)))
                };
                let entries = std::fs::read_dir(input).into_iter().flatten().flatten().map(|entry| entry.path());
                entries.filter(|path| is_read(path)).for_each(|path| set.add(&path));
            } else if input.exists() {
                set.add(input);
            } else if let Ok(paths) = glob::glob(&input.to_string_lossy()) {
                paths.flatten().for_each(|path| set.add(&path));
            }
        }
        set
    }

    /// Adds a file, if it exists and is a regular one.
    pub fn add(&mut self, path: &Path) {
        if let Some(identity) = FileIdentity::of(path) {
            self.0.entry(identity).or_insert_with(|| path.to_owned());
        }
    }

    /// Checks that no output is one of the inputs, by whatever name or link.
    ///
    /// # Errors
    /// An output is an input; each such one is a fault.
    pub fn refuse<'a>(&self, outputs: impl IntoIterator<Item = &'a Path>) -> Result<()> {
        let is_input = |output: &&Path| FileIdentity::of(output).is_some_and(|identity| self.0.contains_key(&identity));
        let fault = |output: &Path| {
            let rule = "expected an output file that is not an input file; choose another output file";
            Fault::new(Place::file(output.display().to_string()), Reason::Setting, rule)
        };
        let faults: Vec<Fault> = outputs.into_iter().filter(is_input).map(fault).collect();
        match faults.len() as u64 {
            0 => Ok(()),
            total => Err(Error::inputs(faults, total)),
        }
    }
}

/// Checks the files of a job: no output is an input (a file, a match of a glob, a decade file or an archive in a directory), and no
/// two outputs are one file, by whatever names or links.
///
/// # Errors
/// One is, or an output is a directory.
pub fn check_files(inputs: &[PathBuf], outputs: &[PathBuf]) -> Result<()> {
    InputFileSet::of(inputs).refuse(outputs.iter().map(PathBuf::as_path))?;
    let mut seen: BTreeMap<PathBuf, &Path> = BTreeMap::new();
    for output in outputs.iter().filter(|output| !is_stream(output)) {
        if let Some(other) = seen.insert(resolved(output)?, output) {
            let place = Place::file(output.display().to_string());
            let rule = format!("expected outputs of different names, but {} is the same file", other.display());
            return Err(Error::input(Fault::new(place, Reason::Setting, rule)));
        }
    }
    Ok(())
}

/// Whether an output is a device or a pipe, which takes several outputs.
pub(super) fn is_stream(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn message(inputs: &[&Path], outputs: &[&Path]) -> Option<String> {
        let owned = |paths: &[&Path]| paths.iter().map(|path| path.to_path_buf()).collect::<Vec<PathBuf>>();
        check_files(&owned(inputs), &owned(outputs)).err().map(|error| error.to_string())
    }

    #[test]
    fn an_input_is_recognised_by_any_name() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| place.path().join(name);
        fs::create_dir(path("in")).expect("a directory");
        for name in ["in/a.csv", "in/b.ZIP", "in/notes.txt", "other.csv"] {
            fs::write(path(name), "x").expect("written");
        }
        fs::hard_link(path("in/a.csv"), path("hard.csv")).expect("a link");
        #[cfg(unix)]
        std::os::unix::fs::symlink("in/a.csv", path("soft.csv")).expect("a link");
        #[cfg(not(unix))]
        fs::hard_link(path("in/a.csv"), path("soft.csv")).expect("a link");
        let (directory, glob) = (path("in"), path("in/*.csv"));
        let file = path("in/../in/a.csv");
        for input in [&directory, &glob, &file, &path("hard.csv"), &path("soft.csv")] {
            for output in ["in/a.csv", "in/./a.csv", "hard.csv", "soft.csv"] {
                let message = message(&[input], &[&path(output)]).unwrap_or_else(|| panic!("{input:?} and {output}"));
                assert!(message.contains("not an input file"), "{message}");
            }
            assert_eq!(message(&[input], &[&path("other.csv"), &path("new.csv")]), None);
        }
        assert!(message(&[&directory], &[&path("in/b.ZIP")]).is_some());
        assert_eq!(message(&[&directory], &[&path("in/notes.txt"), &path("in/new.csv")]), None);
    }

    #[test]
    fn two_outputs_are_two_files() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| place.path().join(name);
        assert_eq!(message(&[], &[&path("a"), &path("b")]), None);
        let message_of_two = message(&[], &[&path("a"), &path("./a")]).expect("one file");
        assert!(message_of_two.contains("is the same file"), "{message_of_two}");
        assert_eq!(message(&[], &[Path::new("/dev/null"), Path::new("/dev/null")]), None);
    }
}
