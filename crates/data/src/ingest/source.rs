//! Where tracks come from: directories, globs, files or archives, resolved to a list of decade files.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use super::decade_in_name::decade_tag;
use super::header::{required_columns, ColumnNames};
use super::plain_copy::{write_plain, Completeness, PlainCopy};
use super::tracks;
use crate::table::content::Content;
use crate::table::find::{self, FoundFile};
use crate::table::{open, OpenedTable, RejectedRow, TableOptions};
use hitflop_core::disk::TemporaryDirectory;
use hitflop_core::error::{Error, Fault, Place, Reason, Result, MAX_LISTED_FAULTS};
use hitflop_core::reader::mapping::{ColumnMapping, ColumnUse, MappingOptions};
use hitflop_core::reader::value::DecimalMark;
use hitflop_core::reader::Table;
use hitflop_core::track::{Decade, Feature, DECADE, TARGET};

/// How input files are read.
#[derive(Clone, Debug, Default)]
pub struct SourceOptions {
    /// Name of the encoding of texts. Default: UTF-8, or what the bytes show to be certain.
    pub encoding: Option<String>,
    /// How the columns are found.
    pub mapping: MappingOptions,
}

impl SourceOptions {
    /// What rows must have: less where the user says how the label is made.
    pub(super) fn completeness(&self) -> Completeness {
        match self.mapping.label {
            Some(_) => Completeness::Partial,
            None => Completeness::Complete,
        }
    }
}

/// A decade file that can be read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The file itself, a copy of a member of an archive, or a copy of a table in the plain form.
    pub path: PathBuf,
    /// Name as the user knows it.
    pub name: String,
    /// The decade in its name.
    pub decade: Option<Decade>,
    /// Columns of the file at [`SourceFile::path`]; all that are required are there.
    pub header: ColumnNames,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Number of lines.
    pub(super) lines: u64,
    /// The bytes as they were found.
    pub(super) content: Content,
    /// What came of writing the plain form, if the file has another one.
    pub(super) copy: Option<PlainCopy>,
}

impl SourceFile {
    /// The file that was found, or the copy of a member of an archive; none for what came from a pipe.
    pub fn input(&self) -> Option<&Path> {
        self.content.file()
    }
}

/// What the columns of a file were used as.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MappedFile {
    /// Name of the file.
    pub file: String,
    /// What its columns are.
    pub mapping: ColumnMapping,
}

/// Decade files, oldest decade first, and what keeps copies alive.
#[derive(Debug)]
pub struct Sources {
    /// At least one file.
    pub files: Vec<SourceFile>,
    /// What was noticed and needs no action: columns not used, how a file was read.
    pub notices: Vec<String>,
    /// Files that were found and not read, each with the reason.
    pub passed_over: Vec<String>,
    /// What the columns of files were used as that are not in the plain form.
    pub mappings: Vec<MappedFile>,
    pub(super) options: SourceOptions,
    /// Members of archives are here until the sources are dropped.
    _extracted: Option<TemporaryDirectory>,
    /// So are copies in the plain form.
    _copies: TemporaryDirectory,
}

/// Resolves what the user named to decade files.
///
/// Each of `inputs` is a directory (all files below it), a glob, a file, an archive of files, or `-` for standard input. A file may
/// be a table of any format whose columns are those of a decade file by any name that is known.
///
/// # Errors
/// No such file; nothing that is a decade file; a broken archive; a file given twice; a named file that is no table, has no row,
/// lacks a column, or gives no decade.
pub fn resolve(inputs: &[PathBuf], options: &SourceOptions) -> Result<Sources> {
    let find::FoundFiles { files: found, passed_over, extracted } = find::find(inputs)?;
    let copies = TemporaryDirectory::new()?;
    let target = |index: usize| copies.path().join(format!("{index}.csv"));
    let opened: Vec<OpenedSource> = found
        .par_iter()
        .enumerate()
        .map(|(index, file)| open_source(file, options, &target(index)))
        .collect::<Result<_>>()?;

    let mut sources = Sources {
        files: Vec::new(),
        notices: Vec::new(),
        passed_over: passed_over.iter().map(|file| file.notice(&file.name)).collect(),
        mappings: Vec::new(),
        options: options.clone(),
        _extracted: extracted,
        _copies: copies,
    };
    for source in opened {
        match source {
            OpenedSource::Own => {}
            OpenedSource::PassedOver(words) => sources.passed_over.push(words),
            OpenedSource::Plain(file) => {
                sources.notices.extend(unused_columns(&file));
                sources.files.push(*file);
            }
            OpenedSource::Copied(file, notices, mapping) => {
                sources.notices.extend(notices);
                sources.mappings.push(*mapping);
                sources.files.push(*file);
            }
        }
    }
    if sources.files.is_empty() {
        return Err(none_found(inputs, &sources.passed_over));
    }
    let order = |file: &SourceFile| (file.decade.is_none(), file.decade, file.name.clone());
    sources.files.sort_by_key(order);
    refuse_same_contents(&sources.files)?;
    Ok(sources)
}

/// Whether an error of [`resolve`] says only that there is nothing to read.
pub fn is_nothing_found(error: &Error) -> bool {
    let nothing = |fault: &Fault| matches!(fault.reason, Reason::NoSuchFile | Reason::NoDecadeFiles);
    matches!(error, Error::Input(faults, _) if faults.iter().all(nothing))
}

enum OpenedSource {
    Plain(Box<SourceFile>),
    Copied(Box<SourceFile>, Vec<String>, Box<MappedFile>),
    /// A union that this program wrote.
    Own,
    PassedOver(String),
}

fn open_source(found: &FoundFile, options: &SourceOptions, copy: &Path) -> Result<OpenedSource> {
    let content = &found.content;
    let tag = decade_tag(&content.name);
    if let Some(file) = plain_source(found, tag, options)? {
        return Ok(OpenedSource::Plain(Box::new(file)));
    }
    let pass_over =
        |why: &str| Ok(OpenedSource::PassedOver(format!("{}: passed over, it is no decade file{why}", content.name)));
    let opened = match open(content, &TableOptions { encoding: options.encoding.clone(), ..TableOptions::default() }) {
        Ok(opened) => opened,
        // A decade file that is damaged is not left out, even if nobody named it.
        Err(Error::Input(faults, _)) if !found.is_named && (tag.is_none() || is_no_table(&faults)) => {
            return pass_over(&faults.first().map_or(String::new(), |fault| format!(": {}", fault.rule)));
        }
        Err(error) => return Err(error),
    };
    if !found.is_named && opened.data.columns().iter().map(String::as_str).eq(tracks::columns()) {
        return Ok(OpenedSource::Own);
    }
    match MappedSource::of(&opened, tag, options) {
        Ok(source) => source.copied(content, opened, copy, options.completeness()),
        Err(Error::Input(faults, total)) if !found.is_named => match is_near(&opened, options) {
            Some(_) if tag.is_some() => Err(Error::Input(faults, total)),
            Some(()) => pass_over(&faults.first().map_or(String::new(), |fault| format!(": {}", words(fault)))),
            None => pass_over(""),
        },
        Err(error) => Err(error),
    }
}

fn is_no_table(faults: &[Fault]) -> bool {
    faults.iter().all(|fault| fault.reason == Reason::Unreadable && fault.rule.contains(", found "))
}

fn words(fault: &Fault) -> String {
    match fault.place.cell() {
        (_, Some(column)) => format!("column {column}: {}", fault.rule),
        _ => fault.rule.clone(),
    }
}

/// Whether a table has audio features, so that it could be a decade file.
fn is_near(opened: &OpenedTable, options: &SourceOptions) -> Option<()> {
    let mapping = ColumnMapping::decide(&opened.data, &options.mapping, &Place::file(&opened.name), None).ok()?;
    let count = Feature::AUDIO.iter().filter(|feature| mapping.gives(**feature)).count();
    (count >= 3).then_some(())
}

/// A file in the plain form, which the data engine reads by itself.
fn plain_source(found: &FoundFile, tag: Option<&str>, options: &SourceOptions) -> Result<Option<SourceFile>> {
    let content = &found.content;
    let is_default = options.encoding.is_none() && options.mapping.map.is_empty() && options.mapping.units.is_empty();
    let path =
        content.plain_path().filter(|path| path.to_str().is_some() && is_default && options.mapping.label.is_none());
    let Some(path) = path else { return Ok(None) };
    let Some(header) = ColumnNames::of_plain(&content.head()?) else { return Ok(None) };
    let decade = tag.and_then(Decade::parse);
    if decade.is_none() && (tag.is_some() || header.position(DECADE).is_none()) {
        return Ok(None);
    }
    let (bytes, sha256, lines) = content.fingerprint()?;
    let (path, name, content) = (path.to_owned(), content.name.clone(), content.clone());
    Ok(Some(SourceFile { path, name, decade, header, bytes, sha256, lines, content, copy: None }))
}

/// A table that has all that a decade file has.
pub(super) struct MappedSource {
    pub mapping: ColumnMapping,
    pub decade: Option<Decade>,
}

impl MappedSource {
    /// Maps the columns of a table.
    ///
    /// # Errors
    /// A column is missing, or its unit is not known; neither a column nor the name gives the decade.
    pub fn of(opened: &OpenedTable, tag: Option<&str>, options: &SourceOptions) -> Result<MappedSource> {
        let place = Place::file(&opened.name);
        let decimal_mark = if opened.decimal_comma { DecimalMark::Comma } else { DecimalMark::Point };
        let mapping = MappingOptions { decimal_mark, ..options.mapping.clone() };
        let decade = tag.and_then(Decade::parse);
        let mapping = ColumnMapping::decide(&opened.data, &mapping, &place, decade)?;
        if options.completeness() == Completeness::Partial {
            require_audio(&mapping, &place)?;
            return Ok(MappedSource { mapping, decade });
        }
        require_columns(&mapping, &place)?;
        if !mapping.gives(Feature::Decade) {
            let rule = match tag {
                Some(tag) => {
                    format!("expected a decade from 30s to 90s or 00s to 20s in the file's name, found {tag:?}")
                }
                None => "expected a decade in the file's name, as in dataset-of-60s.csv, or a decade column".to_owned(),
            };
            return Err(Error::input(Fault::new(place, Reason::UnknownDecade, rule)));
        }
        Ok(MappedSource { mapping, decade })
    }

    fn copied(
        self,
        content: &Content,
        opened: OpenedTable,
        target: &Path,
        completeness: Completeness,
    ) -> Result<OpenedSource> {
        let copy = write_plain(&opened, &self.mapping, self.decade, completeness, target)?;
        refuse_empty(&copy)?;
        let (bytes, sha256, lines) = content.fingerprint()?;
        let notices = opened.notices;
        let (name, header) = (opened.name, copy.header.clone());
        let mapping = Box::new(MappedFile { file: name.clone(), mapping: self.mapping });
        let decade = self.decade.or_else(|| mapping.mapping.decade_in_name());
        let (path, content) = (target.to_owned(), content.clone());
        let file = SourceFile { path, name, decade, header, bytes, sha256, lines, content, copy: Some(copy) };
        Ok(OpenedSource::Copied(Box::new(file), notices, mapping))
    }
}

/// A file of which nothing is left is at fault as a whole, and no row of it is set aside.
pub(super) fn refuse_empty(copy: &PlainCopy) -> Result<()> {
    match copy.good_rows {
        0 => refuse(&copy.rejected),
        _ => Ok(()),
    }
}

/// The faults of rows as an error.
pub(super) fn refuse(rejected: &[RejectedRow]) -> Result<()> {
    if rejected.is_empty() {
        return Ok(());
    }
    let shown: Vec<Fault> = rejected.iter().take(MAX_LISTED_FAULTS).map(|row| row.fault.clone()).collect();
    Err(Error::inputs(shown, rejected.len() as u64))
}

/// Checks that there is a column for an audio feature.
fn require_audio(mapping: &ColumnMapping, place: &Place) -> Result<()> {
    if Feature::AUDIO.iter().any(|feature| mapping.gives(*feature)) {
        return Ok(());
    }
    let rule = "expected a column of at least one audio feature, such as energy or tempo";
    Err(Error::input(Fault::new(place.clone(), Reason::MissingColumn, rule)))
}

/// Checks that there is a column for every text, audio feature and the label, and names all that are missing.
fn require_columns(mapping: &ColumnMapping, place: &Place) -> Result<()> {
    let texts = [ColumnUse::Title, ColumnUse::Artist, ColumnUse::Uri];
    let missing = texts.into_iter().filter(|used| mapping.position_of(*used).is_none()).map(ColumnUse::name);
    let label = (!mapping.has_label()).then_some(TARGET);
    let fault = |name: &str| {
        let rule = match mapping.nearest_unused(name) {
            Some(nearest) => format!("the column is missing; the nearest name in the file is {nearest:?}"),
            None if name == TARGET => {
                "the column is missing; of a table that is no decade file, `label` names the column of the label"
                    .to_owned()
            }
            None => "the column is missing".to_owned(),
        };
        Fault::new(place.clone().column(name), Reason::MissingColumn, rule)
    };
    let features = mapping.missing_columns(Feature::AUDIO);
    let mut faults: Vec<Fault> = missing.chain(label).map(fault).collect();
    faults.extend(features.iter().map(|missing| missing.fault(place)));
    let position = |fault: &Fault| required_columns().position(|name| fault.place.cell().1 == Some(name));
    faults.sort_by_key(position);
    match faults.len() as u64 {
        0 => Ok(()),
        total => Err(Error::inputs(faults, total)),
    }
}

fn unused_columns(file: &SourceFile) -> Option<String> {
    let unused = file.header.unknown();
    (!unused.is_empty()).then(|| format!("{}: not used: {}", file.name, unused.join(", ")))
}

fn none_found(inputs: &[PathBuf], passed_over: &[String]) -> Error {
    let place = inputs.iter().map(|input| input.display().to_string()).collect::<Vec<_>>().join(", ");
    let mut rule = "no decade file, such as dataset-of-60s.csv, is there".to_owned();
    if !passed_over.is_empty() {
        let shown = passed_over.iter().take(MAX_LISTED_FAULTS).map(|words| format!("\n  {words}")).collect::<String>();
        let more = passed_over.len().saturating_sub(MAX_LISTED_FAULTS);
        let more = if more > 0 { format!("\n  … and {more} more") } else { String::new() };
        rule.push_str(&format!("{shown}{more}"));
    }
    Error::input(Fault::new(Place::file(place), Reason::NoDecadeFiles, rule))
}

fn refuse_same_contents(files: &[SourceFile]) -> Result<()> {
    let mut seen = std::collections::HashMap::new();
    for file in files {
        if let Some(first) = seen.insert(&file.sha256, &file.name) {
            let rule = format!("the file has the same contents as {first}");
            return Err(Error::input(Fault::new(Place::file(&file.name), Reason::SameFileTwice, rule)));
        }
    }
    Ok(())
}
