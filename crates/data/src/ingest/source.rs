//! Where tracks come from: directory, glob, files or archive, resolved to a list of decade files.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::decade_in_name::{decade_in_name, decade_tag};
use super::header::{self, ColumnNames};
use hitflop_core::digest::hex;
use hitflop_core::disk::{self, TemporaryDirectory};
use hitflop_core::error::{Error, Fault, Place, Reason, Result};
use hitflop_core::track::{Decade, DECADE, TARGET};

/// A decade file that can be read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Name as the user knows it.
    pub name: String,
    /// The decade in its name.
    pub decade: Option<Decade>,
    /// Its columns; all that are required are there.
    pub header: ColumnNames,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// Decade files, oldest decade first, and what keeps extracted ones alive.
#[derive(Debug)]
pub struct Sources {
    /// At least one file.
    pub files: Vec<SourceFile>,
    /// What was noticed and needs no action: files passed over, columns not used.
    pub notices: Vec<String>,
    /// Members of archives lie here until the sources are dropped.
    _extracted: Option<TemporaryDirectory>,
}

/// A file that was found, before it is opened.
struct FoundFile {
    path: PathBuf,
    name: String,
    /// Whether the user named this very file (or a glob that matches it), so that it must be a decade file.
    named: bool,
}

/// Resolves what the user named to decade files.
///
/// Each of `inputs` is a directory (its CSV files that have a decade in their name or both a `decade` and a `target`
/// column, and those in its zip archives), a glob, a CSV file, or a zip archive of such files.
///
/// # Errors
/// No such file; nothing that is a decade file; a broken archive; a file given twice; an empty file; a header only;
/// a missing column; a file that gives no decade.
pub fn resolve(inputs: &[PathBuf]) -> Result<Sources> {
    let mut extracted = None;
    let mut candidates = Vec::new();
    for input in inputs {
        candidates.extend(expand(input, &mut extracted)?);
    }
    refuse_odd_names(&candidates)?;
    refuse_same_path(&candidates)?;
    rename_namesakes(&mut candidates);
    let opened: Vec<Option<SourceFile>> = candidates.par_iter().map(open).collect::<Result<_>>()?;

    let mut files = Vec::new();
    let mut notices = Vec::new();
    for (candidate, file) in candidates.into_iter().zip(opened) {
        match file {
            None => notices.push(format!("{}: passed over, it is no decade file", candidate.name)),
            Some(file) => {
                notices.extend(unused_columns(&file));
                files.push(file);
            }
        }
    }
    if files.is_empty() {
        return Err(none_found(inputs));
    }
    files.sort_by(|a, b| (a.decade.is_none(), a.decade, &a.name).cmp(&(b.decade.is_none(), b.decade, &b.name)));
    refuse_same_contents(&files)?;
    Ok(Sources { files, notices, _extracted: extracted })
}

/// Whether an error of [`resolve`] says only that there is nothing to read.
pub fn is_nothing_found(error: &Error) -> bool {
    let nothing = |fault: &Fault| matches!(fault.reason, Reason::NoSuchFile | Reason::NoDecadeFiles);
    matches!(error, Error::Input(faults, _) if faults.iter().all(nothing))
}

fn expand(input: &Path, extracted: &mut Option<TemporaryDirectory>) -> Result<Vec<FoundFile>> {
    if input.is_dir() {
        directory(input, extracted)
    } else if input.is_file() && has_extension(input, "zip") {
        archive(input, extracted)
    } else if input.is_file() {
        Ok(vec![candidate(input.to_owned(), true)])
    } else {
        matches_of(input)
    }
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

fn candidate(path: PathBuf, named: bool) -> FoundFile {
    let name = file_name(&path);
    FoundFile { path, name, named }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn directory(input: &Path, extracted: &mut Option<TemporaryDirectory>) -> Result<Vec<FoundFile>> {
    let entries = fs::read_dir(input).map_err(|source| Error::io("read", input, source))?;
    let mut candidates = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| Error::io("read", input, source))?.path();
        if path.is_file() && has_extension(&path, "csv") {
            candidates.push(candidate(path, false));
        } else if path.is_file() && has_extension(&path, "zip") {
            candidates.extend(archive(&path, extracted)?);
        }
    }
    Ok(candidates)
}

fn matches_of(input: &Path) -> Result<Vec<FoundFile>> {
    let pattern = input.to_string_lossy();
    let place = || Place::file(pattern.clone());
    if !pattern.contains(['*', '?', '[']) {
        return Err(Error::input(Fault::new(place(), Reason::NoSuchFile, "no such file or directory")));
    }
    let paths = glob::glob(&pattern).map_err(|error| {
        Error::input(Fault::new(place(), Reason::NoSuchFile, format!("not a pattern of file names: {error}")))
    })?;
    let found: Vec<FoundFile> =
        paths.filter_map(|path| path.ok()).filter(|path| path.is_file()).map(|path| candidate(path, true)).collect();
    if found.is_empty() {
        return Err(Error::input(Fault::new(place(), Reason::NoDecadeFiles, "no file matches the pattern")));
    }
    Ok(found)
}

fn archive(input: &Path, extracted: &mut Option<TemporaryDirectory>) -> Result<Vec<FoundFile>> {
    let file = File::open(input).map_err(|source| Error::io("read", input, source))?;
    let broken = |detail: String| {
        let rule = format!("expected a whole zip archive: {detail}");
        Error::input(Fault::new(Place::file(file_name(input)), Reason::Unreadable, rule))
    };
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| broken(error.to_string()))?;
    let directory = match extracted {
        Some(directory) => directory,
        None => extracted.insert(TemporaryDirectory::new()?),
    };
    let mut candidates = Vec::new();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(|error| broken(error.to_string()))?;
        let inner = member.name().map_err(|error| broken(error.to_string()))?.into_owned();
        if member.is_dir() || !is_data_member(&inner) {
            continue;
        }
        // The member's own path is never used to write: a number can't point outside the directory.
        let path = directory.path().join(format!("{}-{index}.csv", file_name(input)));
        let mut target = File::create(&path).map_err(|source| Error::io("create", &path, source))?;
        io::copy(&mut member, &mut target).map_err(|error| match disk::is_full(&error) {
            true => Error::io("write", directory.path(), error),
            false => broken(format!("{inner}: {error}")),
        })?;
        let name = format!("{}/{inner}", file_name(input));
        candidates.push(FoundFile { path, name, named: false });
    }
    Ok(candidates)
}

fn is_data_member(name: &str) -> bool {
    let path = Path::new(name);
    let hidden = path.components().any(|part| match part {
        Component::Normal(part) => part.to_string_lossy().starts_with('.') || part == "__MACOSX",
        _ => false,
    });
    has_extension(path, "csv") && !hidden
}

/// Opens a candidate; `None` if it was merely found and is no decade file.
fn open(candidate: &FoundFile) -> Result<Option<SourceFile>> {
    let name = &candidate.name;
    let tag = decade_tag(name);
    if tag.is_none() && !candidate.named && !looks_like_decade_file(candidate) {
        return Ok(None);
    }
    let header = ColumnNames::read(&candidate.path, name)?;
    header.require_all(header::required_columns(), name)?;
    let decade = decade_in_name(name, tag, &header)?;
    let (bytes, sha256) = fingerprint(&candidate.path)?;
    Ok(Some(SourceFile { path: candidate.path.clone(), name: name.clone(), decade, header, bytes, sha256 }))
}

fn looks_like_decade_file(candidate: &FoundFile) -> bool {
    ColumnNames::read(&candidate.path, &candidate.name)
        .is_ok_and(|header| header.position(DECADE).is_some() && header.position(TARGET).is_some())
}

fn fingerprint(path: &Path) -> Result<(u64, String)> {
    let refuse = |source| Error::io("read", path, source);
    let mut file = File::open(path).map_err(refuse)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer).map_err(refuse)? {
            0 => break,
            read => {
                hasher.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
    Ok((bytes, hex(&hasher.finalize())))
}

fn unused_columns(file: &SourceFile) -> Option<String> {
    let unused: Vec<&str> =
        file.header.columns().iter().map(String::as_str).filter(|column| !header::is_known(column)).collect();
    (!unused.is_empty()).then(|| format!("{}: not used: {}", file.name, unused.join(", ")))
}

fn none_found(inputs: &[PathBuf]) -> Error {
    let place = inputs.iter().map(|input| input.display().to_string()).collect::<Vec<_>>().join(", ");
    let rule = "no decade file, such as dataset-of-60s.csv, is there";
    Error::input(Fault::new(Place::file(place), Reason::NoDecadeFiles, rule))
}

fn refuse_same_path(candidates: &[FoundFile]) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for candidate in candidates {
        let path = fs::canonicalize(&candidate.path).map_err(|source| Error::io("read", &candidate.path, source))?;
        if !seen.insert(path) {
            return Err(twice(&candidate.name, "the file is given twice".to_owned()));
        }
    }
    Ok(())
}

fn refuse_same_contents(files: &[SourceFile]) -> Result<()> {
    let mut seen = std::collections::HashMap::new();
    for file in files {
        if let Some(first) = seen.insert(&file.sha256, &file.name) {
            return Err(twice(&file.name, format!("the file has the same contents as {first}")));
        }
    }
    Ok(())
}

/// The data engine takes paths in UTF-8 only.
fn refuse_odd_names(candidates: &[FoundFile]) -> Result<()> {
    match candidates.iter().find(|candidate| candidate.path.to_str().is_none()) {
        None => Ok(()),
        Some(odd) => {
            let place = Place::file(odd.path.to_string_lossy());
            Err(Error::input(Fault::new(
                place,
                Reason::NotUtf8,
                "expected a path in UTF-8; rename the file or its directory",
            )))
        }
    }
}

/// Files of one name, from several directories, are known by their paths.
fn rename_namesakes(candidates: &mut [FoundFile]) {
    let names: Vec<String> = candidates.iter().map(|candidate| candidate.name.clone()).collect();
    for candidate in candidates {
        if names.iter().filter(|name| **name == candidate.name).count() > 1 {
            candidate.name = candidate.path.display().to_string();
        }
    }
}

fn twice(name: &str, rule: String) -> Error {
    Error::input(Fault::new(Place::file(name), Reason::SameFileTwice, rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_are_not_data_are_passed_over() {
        assert!(is_data_member("data/dataset-of-60s.csv"));
        assert!(!is_data_member("__MACOSX/._dataset-of-60s.csv"));
        assert!(!is_data_member("data/.dataset-of-60s.csv"));
        assert!(!is_data_member("data/readme.txt"));
    }
}
