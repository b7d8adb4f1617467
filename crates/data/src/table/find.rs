//! What the user names to a list of files: directories with all below them, globs, archives, standard input.

use std::collections::HashSet;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;

use super::content::{too_large, BoundedReader, Content, HEAD_BYTES, MAX_EXPANDED_BYTES, TOO_LARGE};
use super::opened::no_table;
use super::what_is::{self, FileKind, Unreadable};
use hitflop_core::disk::{self, TemporaryDirectory};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};

/// The name by which standard input is given.
const STANDARD_INPUT: &str = "-";

/// A file that was found, before it is read as a table.
#[derive(Clone, Debug)]
pub(crate) struct FoundFile {
    /// The bytes, under the shortest name that distinguishes the file from the others.
    pub content: Content,
    /// The path, with that of the archive for a member.
    pub full_name: String,
    /// Where it is on disk; a member of an archive has a copy. None for what comes from a pipe.
    pub path: Option<PathBuf>,
    /// Whether the user named this very file, or a glob that matches it, so that it must be a table.
    pub is_named: bool,
}

/// A file or a directory that is not read.
#[derive(Clone, Debug)]
pub(crate) struct PassedOver {
    /// The name below the directory that the user named.
    pub name: String,
    /// The path, with that of the archive for a member.
    pub full_name: String,
    reason: String,
}

impl PassedOver {
    /// The file by one of its names, with the reason.
    pub fn notice(&self, name: &str) -> String {
        format!("{name}: passed over, {}", self.reason)
    }
}

/// Files in the order in which they were named, those of a directory in alphabetical order.
#[derive(Debug, Default)]
pub(crate) struct FoundFiles {
    pub files: Vec<FoundFile>,
    /// Files that were not read.
    pub passed_over: Vec<PassedOver>,
    /// Copies of members of archives are here until this value is dropped.
    pub extracted: Option<TemporaryDirectory>,
}

/// Finds the files that `inputs` name: a directory (all files below it), a glob, a file, an archive (all its members), or `-` for
/// standard input.
///
/// # Errors
/// No such file; a glob without a match; a broken archive or one that is too large; a file given twice.
pub(crate) fn find(inputs: &[PathBuf]) -> Result<FoundFiles> {
    find_within(inputs, MAX_EXPANDED_BYTES)
}

/// As [`find`], where archives may expand to `left` bytes together.
fn find_within(inputs: &[PathBuf], left: u64) -> Result<FoundFiles> {
    let mut search = FileSearch { left, ..FileSearch::default() };
    for input in inputs {
        search.input(input)?;
    }
    refuse_same_path(&search.found.files)?;
    rename_namesakes(&mut search.found.files);
    Ok(search.found)
}

#[derive(Default)]
struct FileSearch {
    found: FoundFiles,
    /// Directories that were searched, so that links in a circle end.
    searched: HashSet<PathBuf>,
    archives: usize,
    /// Bytes that archives may still expand to.
    left: u64,
}

impl FileSearch {
    fn input(&mut self, input: &Path) -> Result<()> {
        if input.as_os_str() == STANDARD_INPUT {
            let content = Content::of_reader(io::stdin().lock(), "standard input")?;
            return self.file(content, "standard input".to_owned(), None, true);
        }
        match fs::metadata(input) {
            Ok(metadata) if metadata.is_dir() => self.directory(input, input),
            Ok(metadata) => self.path(input, &file_name(input), metadata.is_file(), true),
            Err(_) => self.matches(input),
        }
    }

    fn path(&mut self, path: &Path, name: &str, is_file: bool, is_named: bool) -> Result<()> {
        let content = Content::of_path(path, name)?;
        self.file(content, path.display().to_string(), is_file.then(|| path.to_owned()), is_named)
    }

    fn file(&mut self, content: Content, full_name: String, path: Option<PathBuf>, is_named: bool) -> Result<()> {
        // What is damaged is reported when it is read.
        let head = content.head().unwrap_or_default();
        if what_is::what_is(&head) == FileKind::Zip {
            return self.archive(&content, &full_name, is_named);
        }
        self.found.files.push(FoundFile { content, full_name, path, is_named });
        Ok(())
    }

    /// All files below `directory`, named by their path below `root`.
    fn directory(&mut self, directory: &Path, root: &Path) -> Result<()> {
        let refuse = |source| Error::io("read", directory, source);
        if !self.searched.insert(directory.canonicalize().map_err(refuse)?) {
            return Ok(());
        }
        let entries = fs::read_dir(directory).map_err(refuse)?;
        let mut paths =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>().map_err(refuse)?;
        paths.sort();
        for path in paths {
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            let Ok(metadata) = fs::metadata(&path) else {
                self.pass_over(&name, &path.display(), "it is a link to nothing");
                continue;
            };
            let is_hidden = file_name(&path).starts_with('.');
            match (is_hidden, metadata.is_dir()) {
                (true, _) if is_litter(&path) => {}
                (true, true) => self.pass_over(&name, &path.display(), "it is a hidden directory"),
                (true, false) => self.pass_over(&name, &path.display(), "it is a hidden file"),
                (false, true) => self.directory(&path, root)?,
                (false, false) if metadata.is_file() => self.path(&path, &name, true, false)?,
                (false, false) => self.pass_over(&name, &path.display(), "it is neither a file nor a directory"),
            }
        }
        Ok(())
    }

    fn matches(&mut self, input: &Path) -> Result<()> {
        let pattern = input.to_string_lossy();
        let fault = |reason, rule: String| Error::input(Fault::new(Place::file(pattern.clone()), reason, rule));
        if !pattern.contains(['*', '?', '[']) {
            return Err(fault(Reason::NoSuchFile, "no such file or directory".to_owned()));
        }
        let paths = glob::glob(&pattern)
            .map_err(|error| fault(Reason::NoSuchFile, format!("not a pattern of file names: {error}")))?;
        let mut is_matched = false;
        for path in paths.filter_map(std::result::Result::ok) {
            is_matched = true;
            match path.is_dir() {
                true => self.directory(&path, &path)?,
                false => self.path(&path, &file_name(&path), path.is_file(), true)?,
            }
        }
        match is_matched {
            true => Ok(()),
            false => Err(fault(Reason::NoDecadeFiles, "no file matches the pattern".to_owned())),
        }
    }

    fn archive(&mut self, content: &Content, full_name: &str, is_named: bool) -> Result<()> {
        let broken =
            |detail: String| content.fault(Reason::Unreadable, format!("expected a whole zip archive: {detail}"));
        let mut archive = match content.plain_path() {
            Some(path) => zip_of(File::open(path).map_err(|source| Error::io("read", path, source))?),
            None => zip_of(Cursor::new(content.all()?)),
        }
        .map_err(broken)?;
        if let Some(kind) = kind_of_archive(&archive) {
            if is_named {
                return Err(no_table(content, kind));
            }
            self.pass_over(&content.name, &full_name, &format!("it is {}", kind.noun));
            return Ok(());
        }
        self.archives += 1;
        let number = self.archives;
        for index in 0..archive.len() {
            let mut member = archive.by_index(index).map_err(|error| broken(error.to_string()))?;
            let inner = member.name().map_err(|error| broken(error.to_string()))?.into_owned();
            if member.is_dir() || is_litter(Path::new(&inner)) {
                continue;
            }
            let name = format!("{}/{}", content.name, inner.trim_start_matches("./"));
            let full_name = format!("{full_name}/{}", inner.trim_start_matches("./"));
            if member.size() > self.left {
                return Err(too_large(&content.name));
            }
            let mut head = Vec::new();
            member
                .by_ref()
                .take(HEAD_BYTES)
                .read_to_end(&mut head)
                .map_err(|error| broken(format!("{inner}: {error}")))?;
            match what_is::what_is(&head) {
                FileKind::Other(kind) => {
                    self.pass_over(&name, &full_name, &format!("it is {}; {}", kind.noun, kind.advice));
                    continue;
                }
                FileKind::Zip => {
                    let reason = "it is a zip archive in a zip archive; unpack it and give the files in it";
                    self.pass_over(&name, &full_name, reason);
                    continue;
                }
                _ => {}
            }
            let path = self.extracted()?.join(format!("{number}-{index}"));
            self.extract(&head, &mut member, &path).map_err(|error| match error.kind() {
                TOO_LARGE => too_large(&content.name),
                _ if disk::is_full(&error) => Error::io("write", path.parent().unwrap_or(&path), error),
                _ => broken(format!("{inner}: {error}")),
            })?;
            let content = Content::of_path(&path, &name)?;
            self.found.files.push(FoundFile { content, full_name, path: Some(path), is_named: false });
        }
        Ok(())
    }

    /// Copies a member of which `head` was read already. Its own path is never used to write: a number can't point outside.
    fn extract(&mut self, head: &[u8], member: &mut dyn Read, path: &Path) -> io::Result<()> {
        let mut source = BoundedReader { reader: head.chain(member), left: self.left };
        io::copy(&mut source, &mut File::create(path)?)?;
        self.left = source.left;
        Ok(())
    }

    fn extracted(&mut self) -> Result<PathBuf> {
        let directory = match self.found.extracted.take() {
            Some(directory) => directory,
            None => TemporaryDirectory::new()?,
        };
        Ok(self.found.extracted.insert(directory).path().to_owned())
    }

    fn pass_over(&mut self, name: &str, full_name: &dyn Display, reason: &str) {
        let passed = PassedOver { name: name.to_owned(), full_name: full_name.to_string(), reason: reason.to_owned() };
        self.found.passed_over.push(passed);
    }
}

trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

fn zip_of(reader: impl Read + Seek + 'static) -> std::result::Result<ZipArchive<Box<dyn ReadSeek>>, String> {
    ZipArchive::new(Box::new(reader) as Box<dyn ReadSeek>).map_err(|error| error.to_string())
}

/// What an archive is if it is no archive of tables.
fn kind_of_archive(archive: &ZipArchive<Box<dyn ReadSeek>>) -> Option<Unreadable> {
    let names: Vec<String> = archive.file_names().filter_map(|name| name.ok()).map(|name| name.into_owned()).collect();
    if names.iter().any(|name| name.starts_with("xl/")) {
        Some(what_is::WORKBOOK)
    } else if names.iter().any(|name| name == "content.xml") && names.iter().any(|name| name == "mimetype") {
        Some(what_is::SPREADSHEET)
    } else if !names.is_empty() && names.iter().all(|name| name.ends_with(".npy")) {
        Some(what_is::ARRAYS)
    } else {
        None
    }
}

/// Files that systems leave in directories and archives.
fn is_litter(path: &Path) -> bool {
    path.components().any(|part| match part {
        Component::Normal(part) => {
            let part = part.to_string_lossy();
            part == "__MACOSX"
                || part == ".DS_Store"
                || part.starts_with("._")
                || part == ".gitkeep"
                || part == ".gitignore"
        }
        _ => false,
    })
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn refuse_same_path(files: &[FoundFile]) -> Result<()> {
    let mut seen = HashSet::new();
    for file in files {
        let Some(path) = &file.path else { continue };
        let path = fs::canonicalize(path).map_err(|source| Error::io("read", path, source))?;
        if !seen.insert(path) {
            return Err(file.content.fault(Reason::SameFileTwice, "the file is given twice"));
        }
    }
    Ok(())
}

/// Files of one name, from several directories or archives, are known by their paths.
fn rename_namesakes(files: &mut [FoundFile]) {
    let names: Vec<String> = files.iter().map(|file| file.content.name.clone()).collect();
    for file in files {
        if names.iter().filter(|name| **name == file.content.name).count() > 1 {
            file.content.name.clone_from(&file.full_name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, contents) in members {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a member");
            writer.write_all(contents).expect("written");
        }
        writer.finish().expect("a whole archive").into_inner()
    }

    fn directory(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        for (name, contents) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(path, contents).expect("written");
        }
        directory
    }

    fn names(found: &FoundFiles) -> Vec<&str> {
        found.files.iter().map(|file| file.content.name.as_str()).collect()
    }

    #[test]
    fn everything_below_a_directory_is_found_or_named() {
        let inner = zip(&[
            ("x/c.csv", b"energy\n1\n"),
            ("in.zip", &zip(&[])),
            ("__MACOSX/._c.csv", b"x"),
            ("p.pdf", b"%PDF-1"),
        ]);
        let directory = directory(&[
            ("b.csv", b"energy\n1\n"),
            ("a/b.csv", b"energy\n2\n"),
            (".hidden.csv", b"x"),
            (".git/config", b"x"),
            (".DS_Store", b"x"),
            ("z.zip", &inner),
            ("book.xlsx", &zip(&[("xl/workbook.xml", b"<x/>")])),
        ]);
        let found = find(&[directory.path().to_owned()]).expect("files");
        assert_eq!(names(&found), ["a/b.csv", "b.csv", "z.zip/x/c.csv"]);
        let passed_over: Vec<String> = found.passed_over.iter().map(|file| file.notice(&file.name)).collect();
        assert_eq!(
            passed_over,
            [
                ".git: passed over, it is a hidden directory",
                ".hidden.csv: passed over, it is a hidden file",
                "book.xlsx: passed over, it is an Excel workbook",
                "z.zip/in.zip: passed over, it is a zip archive in a zip archive; unpack it and give the files in it",
                "z.zip/p.pdf: passed over, it is a PDF document; choose a CSV, Parquet or JSON file",
            ]
        );
        let below = |file: &PassedOver| Path::new(&file.full_name).starts_with(directory.path());
        assert!(found.passed_over.iter().all(below), "{:?}", found.passed_over);
    }

    #[test]
    fn archives_of_one_name_are_not_the_same() {
        let (first, second) = (zip(&[("c.csv", b"energy\n1\n")]), zip(&[("c.csv", b"energy\n2\n")]));
        let directory = directory(&[("a/x.zip", &first), ("b/x.zip", &second)]);
        let paths = ["a/x.zip", "b/x.zip"].map(|name| directory.path().join(name));
        let found = find(&paths).expect("files");
        assert!(found.files[0].content.name.ends_with("a/x.zip/c.csv"), "{:?}", names(&found));
        assert_eq!(found.files[1].content.all().expect("bytes"), b"energy\n2\n");
        let extracted = found.extracted.as_ref().expect("copies").path().to_owned();
        drop(found);
        assert!(!extracted.exists(), "copies are removed");
        let error = find(&[paths[0].clone(), paths[0].clone()]);
        assert_eq!(error.expect("an archive may be given twice, its members are compared later").files.len(), 2);
    }

    #[test]
    fn a_zip_bomb_is_refused_before_it_is_unpacked() {
        let bomb = zip(&[("small.csv", b"energy\n1\n"), ("big.csv", &vec![b'0'; 1 << 20])]);
        let directory = directory(&[("bomb.zip", &bomb)]);
        let inputs = [directory.path().join("bomb.zip")];
        let error = find_within(&inputs, 1 << 20).expect_err("refused");
        assert!(error.is_input() && error.to_string().starts_with("bomb.zip: expected at most 2 GiB"), "{error}");
        assert_eq!(find_within(&inputs, (1 << 20) + 9).expect("as large as is allowed").files.len(), 2);
        // The size that the archive states may be a lie.
        let mut liar = bomb;
        let size = (1u32 << 20).to_le_bytes();
        let places: Vec<usize> = (0..liar.len() - 4).filter(|&at| liar[at..at + 4] == size).collect();
        places.iter().for_each(|&at| liar[at..at + 4].copy_from_slice(&1000u32.to_le_bytes()));
        fs::write(&inputs[0], liar).expect("written");
        assert!(!places.is_empty() && find_within(&inputs, 1 << 19).expect_err("refused").is_input());
    }
}
